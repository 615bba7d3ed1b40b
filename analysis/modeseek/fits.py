# SPDX-License-Identifier: GPL-3.0-or-later
"""Laws of growth, fitted to counts of discoveries."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .errors import Failure
from .inference import NORMAL_QUANTILE
from .points import Point


@dataclass
class Fit:
    """log(mean) = intercept + slope * x, x the dimension or its logarithm; half the slope's 95 % interval."""

    intercept: float
    slope: float
    half_width: float
    dispersion: float
    points: int


def fit_weight(point: Point) -> tuple[float, float]:
    """Discoveries and time at risk of a point, for a fit; of a plain mean, as many discoveries of an exponential
    law as would give it its interval."""
    if point.basis != "plain" or not 0 < point.mean.low < point.mean.high:
        return point.discovered, point.at_risk
    count = (2 * NORMAL_QUANTILE / math.log(point.mean.high / point.mean.low)) ** 2
    return count, count * point.mean.value


def fit_line(points: list[Point], x_of: Callable[[float], float]) -> Fit | None:
    """Maximum likelihood of exponential times with log(mean) linear in x_of(dimension); None without two dimensions
    that have discoveries, or where the regression does not converge.

    It is the Poisson regression of the numbers of discoveries with the time at risk as exposure, so that points
    without a discovery take part. Where the dispersion of the counts (Pearson's) is above 1 (the times are not
    exactly exponential, nor is log(mean) exactly linear) the interval is widened by its square root, and by Student's
    t, because the dispersion is an estimate. Raises Failure where statsmodels is not installed.
    """
    try:
        import statsmodels.api as statsmodels  # slow to import, and needed here alone
        from scipy.stats import t as student
    except ImportError as missing:
        name = str(missing.name).partition(".")[0]
        raise Failure(f"the fits need Python's {name} (Debian: python3-{name})") from None

    used = [p for p in points if p.is_fitted and p.at_risk > 0]
    if len({p.dimension for p in used if p.discovered > 0}) < 2:
        return None
    x = np.array([x_of(p.dimension) for p in used], dtype=float)
    count, risk = np.array([fit_weight(p) for p in used], dtype=float).T
    center, found = x.mean(), count > 0
    # the coefficients describe the log of the rate, -log(mean); begun at a straight line through the estimates
    start = np.polyfit(x[found] - center, np.log(count[found] / risk[found]), 1)[::-1]
    model = statsmodels.GLM(count, statsmodels.add_constant(x - center), statsmodels.families.Poisson(), exposure=risk)
    try:
        fit = model.fit(start_params=start, method="newton", maxiter=200, disp=0)
    except (np.linalg.LinAlgError, ValueError):
        return None
    if not (fit.mle_retvals["converged"] and np.isfinite(fit.bse).all()):
        return None
    freedom = len(used) - 2
    dispersion = float(fit.pearson_chi2) / freedom if freedom > 0 else 1.0
    widening = math.sqrt(dispersion) * student.ppf(0.975, freedom) if dispersion > 1 else NORMAL_QUANTILE
    return Fit(intercept=float(fit.params[1] * center - fit.params[0]), slope=float(-fit.params[1]),
               half_width=float(widening * fit.bse[1]), dispersion=dispersion, points=len(used))
