# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a claim is confirmed: checks of numbers against expected ones, and their outcome."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

OUTCOMES = CONFIRMED, QUALIFIED, UNDECIDED, FAILED = ("confirmed", "confirmed with a qualification", "undecided",
                                                      "not confirmed")


@dataclass
class Verdict:
    """The numbers of a claim, and why it is not confirmed, or not quite. `words`: what the claim's braces are filled
    with."""

    numbers: list[str] = field(default_factory=list)
    qualifications: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)

    @property
    def outcome(self) -> str:
        """In words; a claim without numbers is not confirmed."""
        if self.failures or not self.numbers:
            return FAILED
        if self.undecided:
            return UNDECIDED
        return QUALIFIED if self.qualifications else CONFIRMED

    def check(self, is_so: bool, number: str, wanted: str) -> None:
        """A number that the claim stands or falls with."""
        self.numbers.append(number)
        if not is_so:
            self.failures.append(f"{number}, but {wanted}")

    def qualify(self, is_so: bool, number: str, otherwise: str) -> None:
        """A number that the claim does not depend on, but that readers should know."""
        self.numbers.append(number)
        if not is_so:
            self.qualifications.append(otherwise)

    def resolve(self, what: str, half_width: float, most: float) -> None:
        """A 95 % interval that must be narrow for the check of its number to mean something."""
        if not half_width <= most:
            self.undecided.append(f"too few chains: {what} is known to ± {half_width:.2g}, ± {most:.3g} would tell")


def share_error(share: float, chains: int) -> float:
    """Standard error of a share of so many chains; never 0, because a share of 0 is only an estimate."""
    inside = min(max(share, 1 / chains), 1 - 1 / chains) if chains > 1 else 0.5
    return math.sqrt(inside * (1 - inside) / chains)


def is_near(value: float, expected: float, tolerance: float, error: float) -> bool:
    """Within the tolerance, or within three standard errors where these are larger."""
    return abs(value - expected) <= max(tolerance, 3 * error)


def share_text(share: float, chains: int) -> str:
    """A share with its standard error."""
    error = share_error(share, chains)
    digits = 3 if error >= 0.001 else 4
    return f"{share:.{digits}f} ± {error:.{digits}f}"


def number_text(value: float, digits: int = 3) -> str:
    """So many significant digits, all of them written: whole numbers below 10⁵ in full, larger ones as 3.40e5."""
    if 100 <= value < 1e5:
        return f"{float(f'{value:.{digits - 1}e}'):.0f}"
    return f"{value:.{digits - 1}e}".replace("e+0", "e") if value >= 1e5 else f"{value:.{digits}g}"
