# SPDX-License-Identifier: GPL-3.0-or-later
"""Laws of growth, fitted to counts of discoveries, and to means of other estimators."""

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
    """log(mean) = intercept + slope * x, x the dimension or its logarithm; half the slope's 95 % interval, NaN where
    there is no chance in the means; the dimensions from which to which it holds."""

    intercept: float
    slope: float
    half_width: float
    dispersion: float
    points: int
    method: str = "likelihood"
    dimensions: tuple[int, int] = (0, 0)

    @property
    def shown_half_width(self) -> float:
        """half_width for figures and their tables; NaN of two points: no scatter about the line can be seen with these,
        so that it would be the error of the means alone."""
        return self.half_width if self.points > 2 else math.nan


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
               half_width=float(widening * fit.bse[1]), dispersion=dispersion, points=len(used),
               dimensions=ends_of(used))


def ends_of(points: list[Point]) -> tuple[int, int]:
    """The least and the largest dimension."""
    dimensions = [p.dimension for p in points]
    return min(dimensions), max(dimensions)


def relative_error(point: Point) -> float:
    """The relative standard error e of a mean over replicates, whose interval is value / (1 + t e) to value / (1 - t e);
    NaN where there is none."""
    from scipy.stats import t as student

    if point.chains < 2 or not (point.mean.low > 0 and math.isfinite(point.mean.value)):
        return math.nan
    return (point.mean.value / point.mean.low - 1) / float(student.ppf(0.975, point.chains - 1))


def fit_means(points: list[Point], x_of: Callable[[float], float]) -> Fit | None:
    """The same by least squares from the logarithms of means: those with a stated error all alike, without an interval,
    because what they depart from a straight line is no chance; those of replicates by their standard errors, with an
    interval as in fit_line(). Means to which there is an objection take no part. None without two dimensions."""
    from scipy.stats import t as student

    used = [p for p in points if not p.objection and 0 < p.mean.low <= p.mean.value < math.inf
            and (p.basis == "stated_error" or p.chains > 1)]
    if len({p.dimension for p in used}) < 2:
        return None
    x, y = (np.array(of, dtype=float) for of in zip(*((x_of(p.dimension), math.log(p.mean.value)) for p in used)))
    if any(p.basis == "stated_error" for p in used):
        slope, intercept = np.polyfit(x, y, 1)
        return Fit(float(intercept), float(slope), math.nan, math.nan, len(used), "least squares", ends_of(used))
    error = np.array([relative_error(p) for p in used]).clip(1e-12)
    (slope, intercept), covariance = np.polyfit(x, y, 1, w=1 / error, cov="unscaled")
    freedom = len(used) - 2
    dispersion = float((((y - intercept - slope * x) / error) ** 2).sum() / freedom) if freedom else 1.0
    widening = math.sqrt(dispersion) * student.ppf(0.975, freedom) if dispersion > 1 else NORMAL_QUANTILE
    return Fit(float(intercept), float(slope), float(widening * math.sqrt(covariance[0, 0])), dispersion, len(used),
               "weighted least squares", ends_of(used))
