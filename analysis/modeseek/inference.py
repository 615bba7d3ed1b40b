# SPDX-License-Identifier: GPL-3.0-or-later
"""Intervals of shares, p-values of many tests, and Kaplan and Meier's estimate."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

NORMAL_QUANTILE = 1.959964  # 95 %, both sides
ROUNDING = 1e-9  # of a curve at 1/2


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


def kaplan_meier(time: np.ndarray, discovered: np.ndarray) -> tuple[np.ndarray, ...]:
    """Times of discoveries, the share left, both ends of its pointwise 95 % band, chains at risk, and discoveries.

    The band is S^exp(±1.96 e), with Greenwood's standard error e of log(-log S); NaN where nothing is left. Without
    a discovery everything is empty.
    """
    from statsmodels.duration.survfunc import SurvfuncRight  # slow to import

    if not discovered.any():
        return (np.empty(0),) * 6
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = SurvfuncRight(time, discovered.astype(int))
        share = estimate.surv_prob
        error = NORMAL_QUANTILE * estimate.surv_prob_se / np.abs(share * np.log(share))
        low, high = share ** np.exp(error), share ** np.exp(-error)
    low[share == 0] = high[share == 0] = np.nan
    return estimate.surv_times.astype(float), share, low, high, estimate.n_risk, estimate.n_events


def median_of(time: np.ndarray, discovered: np.ndarray) -> tuple[float, float, float]:
    """Kaplan and Meier's median and its 95 % interval, where the band covers 1/2, as `modeseek summary` has them."""
    times, share, *band = kaplan_meier(time, discovered)[:4]

    def first_below(curve: np.ndarray) -> float:
        below = np.flatnonzero(np.where(share == 0, 0, curve) <= 0.5 * (1 + ROUNDING))
        return float(times[below[0]]) if below.size else math.inf

    value, low, high = map(first_below, (share, *band))
    low = min(low, float(time.max()))  # where the band never comes down to 1/2
    return (value, low, high) if 0.5 ** len(time) <= 0.025 else (value, 0.0, math.inf)
