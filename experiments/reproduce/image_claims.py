# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts on images: which share of the chains is flipped, near the data."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas

from .evidence import Evidence
from .verdict import Verdict, is_near, share_error, share_text

TOLERANCE = 0.05
NEAR = 0.999  # share of the chains that must be near the data


@dataclass(frozen=True)
class Expected:
    """Shares of flipped chains: after annealed dynamics the first noise levels from which on a fifth and a half is; of
    chained dynamics by the length of the pass (patches of 14), and by patch size (T = 30000)."""

    thresholds: tuple[float, float]
    by_length: dict[int, float]
    by_patch_size: dict[int, float]


MNIST = Expected((3.5, 6), {5600: 0.13, 30000: 0.41, 100000: 0.5}, {28: 0.24, 56: 0.03, 196: 0})
FASHION = Expected((2.5, 3), {5600: 0.13, 30000: 0.41, 100000: 0.5}, {28: 0.26, 56: 0.04, 196: 0})
WHOLE = 0.24
THRESHOLD_FACTOR = 1.3  # a threshold is between this and its inverse times the expected one


def check_share(verdict: Verdict, count: int, chains: int, expected: float, what: str) -> None:
    """A share of flipped chains against what was expected."""
    share = count / chains
    verdict.check(is_near(share, expected, TOLERANCE, share_error(share, chains)),
                  f"{what}: {share_text(share, chains)} of chains flipped", f"{expected:g} ± {TOLERANCE} was expected")


def flipped(evidence: Evidence) -> pandas.DataFrame:
    """Chains, those near the data, and those flipped, of each point."""
    data = evidence.data
    last = data.isel(snapshot=-1)
    near = last.nearest_distance.values <= 0.01 * data.dimension.values[:, None]
    is_there = last.nearest_mode.values >= 0
    frame = pandas.DataFrame({name: data[name].values for name in ("patch_size", "noise_level")})
    frame = frame.assign(chains=is_there.sum(axis=1), near=(near & is_there).sum(axis=1),
                         count=(near & is_there & (last.nearest_mode.values == 1)).sum(axis=1))
    return frame.groupby(["patch_size", "noise_level"], as_index=False).sum()


def check_near(verdict: Verdict, frames: list[pandas.DataFrame]) -> None:
    """Chains must end at the data, or a flip would mean nothing."""
    chains, near = (sum(int(frame[name].sum()) for frame in frames) for name in ("chains", "near"))
    verdict.check(near >= NEAR * chains, f"{near} of {chains} chains end near an image or a flip (0.1 per pixel at most)",
                  f"{NEAR:.1%} were expected")


def crossing(frame: pandas.DataFrame, share: float) -> float:
    """The noise level at which that share is flipped, between those that were run; NaN: none of them."""
    levels, shares = frame.noise_level.to_numpy(), (frame["count"] / frame.chains).to_numpy()
    for i in range(len(levels) - 1):
        if shares[i] < share <= shares[i + 1]:
            part = (share - shares[i]) / (shares[i + 1] - shares[i])
            return float(math.exp(math.log(levels[i]) + part * math.log(levels[i + 1] / levels[i])))
    return math.nan


def check_annealed(verdict: Verdict, frame: pandas.DataFrame, expected: Expected) -> None:
    """Nothing at σ = 1, half at σ = 50, and where between."""
    for level, share in ((1, 0.0), (50, 0.5)):
        for _, row in frame[frame.noise_level == level].iterrows():
            check_share(verdict, int(row["count"]), int(row.chains), share, f"annealed from σ = {level}, T = 3000")
    if len(frame) < 3:  # a quick run
        return
    for share, level in zip((0.2, 0.5), expected.thresholds):
        found = crossing(frame, share)
        if math.isnan(found) and share == 0.5:  # the share wavers about its limit
            found = crossing(frame, 0.45)
        verdict.check(level / THRESHOLD_FACTOR <= found <= level * THRESHOLD_FACTOR,
                      f"annealed: a share of {share} is flipped from σ = {found:.2g}", f"about {level:g} was expected")


def check_chained(verdict: Verdict, frames: dict[int, pandas.DataFrame], expected: Expected) -> None:
    """By the length of the pass, and by patch size."""
    for length, frame in frames.items():
        for _, row in frame[frame.patch_size == 14].iterrows():
            check_share(verdict, int(row["count"]), int(row.chains), expected.by_length[length],
                        f"chained, Q = 14, T = {length}")
    for _, row in frames[30000].iterrows():
        if row.patch_size in expected.by_patch_size:
            check_share(verdict, int(row["count"]), int(row.chains), expected.by_patch_size[row.patch_size],
                        f"chained, Q = {row.patch_size:.0f}, T = 30000")


def both(evidence: tuple[Evidence, ...], expected: Expected) -> tuple[Verdict, list[pandas.DataFrame]]:
    """What the rows have in common."""
    verdict = Verdict()
    annealed, chained, short, long = (flipped(one) for one in evidence[:4])
    check_annealed(verdict, annealed, expected)
    check_chained(verdict, {5600: short, 30000: chained, 100000: long}, expected)
    return verdict, [annealed, chained, short, long]


def mnist(*evidence: Evidence) -> Verdict:
    """MNIST: the first 500 images, and all of them."""
    verdict, frames = both(evidence, MNIST)
    whole = flipped(evidence[6])
    for _, row in whole.iterrows():
        check_share(verdict, int(row["count"]), int(row.chains), WHOLE,
                    "chained, all images and their flips, Q = 14, T = 11200")
    check_near(verdict, [*frames, whole])
    return verdict


def fashion(*evidence: Evidence) -> Verdict:
    """FASHION."""
    verdict, frames = both(evidence, FASHION)
    check_near(verdict, frames)
    return verdict
