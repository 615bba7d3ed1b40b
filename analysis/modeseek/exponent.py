# SPDX-License-Identifier: GPL-3.0-or-later
"""The large-deviation exponent I: vanilla dynamics comes to a mode after about e^(I d) iterations.

In many dimensions the chain is an AR(1) process until then, with the stationary law N(mean_0, S), S = v / (1 - δ / 4v),
v the variance of component 0. With alpha sqrt(d) along the way to a mode's mean and beta d the square of what is
orthogonal to it, I is the least of

    V(alpha, beta) = (beta / S - 1 - log(beta / S)) / 2 + alpha^2 / (2 S)

where the mode is discovered. That is no more true where the chain gets to a place that another component outweighs
before it discovers anything: such targets are refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import xarray

from .errors import Refusal
from .settings import number, setting, vector

GRID = 4001  # of alpha, in which the least value is looked for first


def least(beta_of: Callable[[np.ndarray], np.ndarray], low: float, high: float, scale: float) -> float:
    """The least V on a boundary beta = beta_of(alpha), low < alpha < high; inf where beta is nowhere positive."""
    from scipy.optimize import minimize_scalar

    def rate(alpha: np.ndarray) -> np.ndarray:
        ratio = beta_of(alpha) / scale
        with np.errstate(invalid="ignore", divide="ignore"):
            value = (ratio - 1 - np.log(ratio)) / 2 + alpha**2 / (2 * scale)
        return np.where(ratio > 0, value, math.inf)

    alpha = np.linspace(low, high, GRID)
    value = rate(alpha)
    i = int(value.argmin())
    if not math.isfinite(value[i]):
        return math.inf
    ends = alpha[max(i - 1, 0)], alpha[min(i + 1, GRID - 1)]
    best = minimize_scalar(lambda a: float(rate(np.array(a))), bounds=ends, method="bounded", options={"xatol": 1e-12})
    return min(float(best.fun), float(value[i]))


def of_ball(distance: float, radius_squared: float, scale: float) -> float:
    """I of the rule `ball`, of a mean at distance * sqrt(d), radius^2 = radius_squared * d; 0 if chains are in it."""
    if distance**2 + scale <= radius_squared:
        return 0.0
    radius = math.sqrt(radius_squared)
    return least(lambda alpha: radius_squared - (alpha - distance)**2, distance - radius, distance + radius, scale)


def of_switch(distance: float, variance: float, variance_0: float, scale: float) -> float:
    """I of the rule `switch`, of a component that is narrower than component 0."""
    slope = (1 / variance - 1 / variance_0) / 2

    def boundary(alpha: np.ndarray) -> np.ndarray:
        return np.asarray((math.log(variance_0 / variance) / 2 + alpha**2 / (2 * variance_0)
                           - (alpha - distance)**2 / (2 * variance)) / slope)

    if float(boundary(np.array(0.0))) >= scale:
        return 0.0
    centre = distance * variance_0 / (variance_0 - variance)
    reach = math.sqrt(max(0.0, float(boundary(np.array(centre)))))
    return least(boundary, centre - reach, centre + reach, scale)


def exponent_of(data: xarray.Dataset, point: int, rule: str) -> float:
    """I of a point (an index) by a rule, until any mode. Raises Refusal where the formula does not hold, or where the
    file does not say what it needs."""
    def refuse(why: str) -> Refusal:
        return Refusal(f"{data.path}: no large-deviation exponent: {why}")

    dimension, identity = int(data.dimension.values[point]), data.attrs["identity"]
    if rule not in ("ball", "switch"):
        raise refuse(f"it is known of the rules ball and switch, not of {rule}")
    if setting(data, point, "sampler.name") not in ("", "langevin") or data.noise_level.values[point] > 0 \
            or data.patch_size.values[point] < dimension:
        raise refuse("it is known of vanilla Langevin dynamics")
    if setting(data, point, "target.family") != "gaussian_mixture" or setting(data, point, "start.component") != "0" \
            or identity.get("discovery.modes") != "auto":
        raise refuse("it is known of Gaussian mixtures, from component 0 to each of the others")
    variances = data.variance.values[int(data.point_variant.values[point])]
    variances = variances[~np.isnan(data.weight.values[int(data.point_variant.values[point])])]
    means = [vector(data, point, f"target.components[{i}].mean") for i in range(len(variances))]
    centre, delta = means[0], number(data, point, "sampler.step_size")
    if centre is None or any(mean is None for mean in means) or not (variances > 0).all() or not delta > 0:
        raise refuse("it is known of components of one variance each, whose means stand in the sweep file")
    if not (variances[1:] < variances[0]).all() or delta >= 4 * variances[0]:
        raise refuse("it is known of modes that are narrower than component 0, and steps that are stable there")
    scale = variances[0] / (1 - delta / (4 * variances[0]))
    distances = [float(np.linalg.norm(mean - centre)) / math.sqrt(dimension) for mean in means[1:] if mean is not None]
    switch = min(of_switch(b, v, variances[0], scale) for b, v in zip(distances, variances[1:]))
    if rule == "switch":
        return switch
    ball = min(of_ball(b, float(data.radius_squared.values[point]), scale) for b in distances)
    if ball > switch:
        raise refuse("a mode outweighs component 0 before the chain is in the ball of one")
    return ball
