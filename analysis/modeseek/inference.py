# SPDX-License-Identifier: GPL-3.0-or-later
"""Intervals of shares, and p-values of many tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

NORMAL_QUANTILE = 1.959964  # 95 %, both sides


def wilson(count: np.ndarray | float, number: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's 95 % interval of count out of number."""
    z2 = NORMAL_QUANTILE**2
    count, number = np.asarray(count, dtype=float), np.asarray(number, dtype=float)
    center = (count + z2 / 2) / (number + z2)
    half = NORMAL_QUANTILE / (number + z2) * np.sqrt(count * (number - count) / number + z2 / 4)
    return np.clip(center - half, 0, 1), np.clip(center + half, 0, 1)


def holm(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """p-values corrected for their number by Holm's method: rejecting those below α is wrong for any of them with
    probability α at most, however they depend on each other."""
    each = np.asarray(p_values, dtype=float)
    order = np.argsort(each)
    corrected = np.empty_like(each)
    corrected[order] = np.minimum(np.maximum.accumulate(each[order] * np.arange(len(each), 0, -1)), 1)
    return corrected
