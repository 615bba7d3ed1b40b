# SPDX-License-Identifier: GPL-3.0-or-later
"""What came of a claim: checks of numbers against what they should be, and what these come to."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

CAME_OUT, QUALIFIED, FAILED = "came out", "came out with a qualification", "did not come out"


@dataclass
class Verdict:
    """The numbers of a claim, and why it did not come out, or not quite."""

    numbers: list[str] = field(default_factory=list)
    qualifications: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        """In words; a claim without numbers has not come out."""
        if self.failures or not self.numbers:
            return FAILED
        return QUALIFIED if self.qualifications else CAME_OUT

    def check(self, is_so: bool, number: str, wanted: str) -> None:
        """What the claim stands and falls with."""
        self.numbers.append(number)
        if not is_so:
            self.failures.append(f"{number}, but {wanted}")

    def qualify(self, is_so: bool, number: str, otherwise: str) -> None:
        """What the claim holds without, but which should be said."""
        self.numbers.append(number)
        if not is_so:
            self.qualifications.append(otherwise)


def share_error(share: float, chains: int) -> float:
    """Standard error of a share of so many chains; never 0, for none of them does not prove that there is none."""
    inside = min(max(share, 1 / chains), 1 - 1 / chains) if chains > 1 else 0.5
    return math.sqrt(inside * (1 - inside) / chains)


def is_near(value: float, expected: float, tolerance: float, error: float) -> bool:
    """Within the tolerance, or within three standard errors where these are larger: few chains cannot say more."""
    return abs(value - expected) <= max(tolerance, 3 * error)


def share_text(share: float, chains: int) -> str:
    """A share with its standard error."""
    error = share_error(share, chains)
    digits = 3 if error >= 0.001 else 4
    return f"{share:.{digits}f} ± {error:.{digits}f}"
