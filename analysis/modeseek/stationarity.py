# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether two samples are of the same law, and what is left of a bias without a step size and with endless passes.

    p = energy_test(chains, draws).p_value             # [n, d] and [m, d]
    worst = kolmogorov_smirnov(chains, draws).min()
    there = extrapolate({"step_size": delta, "1/passes": 1 / passes}, value, chain)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .inference import NORMAL_QUANTILE, holm

PERMUTATIONS = 499
SEED = 20240602
ROWS_MAX = 8192  # of both samples together: the matrix of their distances is kept


@dataclass(frozen=True)
class Test:
    """A statistic and the share of permutations, the observed one included, with one at least as large."""

    statistic: float
    p_value: float
    permutations: int


def energy_distance(x: np.ndarray, y: np.ndarray) -> float:
    """2 E|X - Y| - E|X - X'| - E|Y - Y'| of two samples [n, d] and [m, d], pairs of a row with itself included."""
    from scipy.spatial.distance import cdist

    return float(2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean())


def _permutation_test(pairs: np.ndarray, n: int, permutations: int, seed: int) -> Test:
    """The statistic 2 mean(xy) - mean(xx) - mean(yy) of a symmetric matrix of all rows, the first n of which are x, and
    of as many random divisions as asked for, all at once."""
    rows = len(pairs)
    m = rows - n
    random = np.random.default_rng(seed)
    is_x = np.zeros((rows, permutations + 1))
    is_x[:n, 0] = 1
    for column in range(1, permutations + 1):
        is_x[random.permutation(rows)[:n], column] = 1
    xx = (is_x * (pairs @ is_x)).sum(axis=0)
    xy = pairs.sum(axis=1) @ is_x - xx
    yy = pairs.sum() - 2 * xy - xx
    statistic = 2 * xy / (n * m) - xx / n**2 - yy / m**2
    equal = 1e-12 * np.abs(pairs).max()  # sums in another order
    p_value = float((statistic >= statistic[0] - equal).sum()) / (permutations + 1)
    return Test(float(statistic[0]), p_value, permutations)


def _distances(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    from scipy.spatial.distance import cdist

    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or min(len(x), len(y)) < 2:
        raise ValueError("two samples [n, d] and [m, d] of at least two rows are compared")
    if len(x) + len(y) > ROWS_MAX:
        raise ValueError(f"{len(x) + len(y)} rows are more than {ROWS_MAX}; take a part of them")
    every = np.concatenate([x, y])
    return cdist(every, every)


def energy_test(x: np.ndarray, y: np.ndarray, permutations: int = PERMUTATIONS, seed: int = SEED) -> Test:
    """Permutation test of the energy distance (Székely and Rizzo 2004) between samples [n, d] and [m, d].

    It sees any difference of two laws, given enough rows; in many dimensions those of location best. Raises ValueError
    for more than ROWS_MAX rows.
    """
    return _permutation_test(_distances(x, y), len(x), permutations, seed)


def mmd_test(x: np.ndarray, y: np.ndarray, permutations: int = PERMUTATIONS, seed: int = SEED) -> Test:
    """The same of the squared maximum mean discrepancy (Gretton et al. 2012), with the Gaussian kernel whose width is
    the median distance of two rows."""
    pairs = _distances(x, y)
    width = np.median(pairs[np.triu_indices(len(pairs), 1)])
    return _permutation_test(-np.exp(-pairs**2 / (2 * max(width, 1e-300) ** 2)), len(x), permutations, seed)


def kolmogorov_smirnov(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """p-values of two-sample tests of each coordinate of [n, d] and [m, d], by Holm's correction: [d]. Rejecting where
    one of them is below 0.05 is wrong for at most 5 % of pairs of samples of one law."""
    from scipy.stats import ks_2samp

    return holm([ks_2samp(x[:, j], y[:, j], method="asymp").pvalue for j in range(x.shape[1])])


@dataclass(frozen=True)
class Extrapolation:
    """A value at δ = 0 after endless passes of endless length, with its 95 % interval, and the law fitted: `value` plus
    coefficients times terms. `misfit`: the largest distance of the mean of a cell from the law, in standard errors."""

    value: float
    low: float
    high: float
    coefficients: dict[str, float]
    misfit: float
    covariance: np.ndarray  # of b0 and the coefficients

    def at(self, **terms: float) -> float:
        """The law at some terms; those that are not given are 0."""
        return self.value + sum(c * terms.get(name, 0.0) for name, c in self.coefficients.items())

    def half_width(self, **terms: float) -> float:
        """Half the 95 % interval of the same."""
        row = np.array([1.0, *(terms.get(name, 0.0) for name in self.coefficients)])
        return NORMAL_QUANTILE * math.sqrt(max(float(row @ self.covariance @ row), 0))


def extrapolate(terms: dict[str, np.ndarray], value: np.ndarray, group: np.ndarray) -> Extrapolation | None:
    """value = b0 + b1 term1 + ... by weighted least squares, a row for each chain and snapshot; b0 is where all terms
    are 0, its interval robust against unequal variances and dependent rows of a `group` (snapshots of one chain).

    A term takes part where it varies and can be told from those before it. Cells (rows with the same terms) are
    weighted by one over their variance, so that a law fitted to few precise cells is the law of these. None where the
    terms leave nothing to fit.
    """
    import statsmodels.api as statsmodels

    used: dict[str, np.ndarray] = {}
    for name, term in terms.items():
        columns = np.column_stack([np.ones(len(value)), *used.values(), term])
        if np.linalg.matrix_rank(columns / np.abs(columns).max(axis=0).clip(1e-300), tol=1e-6 * math.sqrt(len(value))) \
                == columns.shape[1]:
            used[name] = term
    if not used:
        return None
    design = np.column_stack([np.ones(len(value)), *used.values()])
    cells, cell = np.unique(np.column_stack(list(terms.values())), axis=0, return_inverse=True)
    if len(cells) < design.shape[1] or len(np.unique(group)) < 2:
        return None
    count = np.bincount(cell)
    mean = np.bincount(cell, value) / count
    # a cell without any variance has that of a chain that differs
    variance = np.maximum(np.bincount(cell, (value - mean[cell]) ** 2) / count, np.var(value) / (count + 1) + 1e-300)
    fit = statsmodels.WLS(value, design, weights=1 / variance[cell]).fit(
        cov_type="cluster", cov_kwds={"groups": np.unique(group, return_inverse=True)[1]})
    first = np.unique(cell, return_index=True)[1]
    misfit = np.abs(mean - design[first] @ fit.params) / np.sqrt(variance / count)
    half = NORMAL_QUANTILE * float(fit.bse[0])
    return Extrapolation(float(fit.params[0]), float(fit.params[0]) - half, float(fit.params[0]) + half,
                         dict(zip(used, map(float, fit.params[1:]))), float(misfit.max()), np.asarray(fit.cov_params()))
