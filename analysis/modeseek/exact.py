# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets in Python: exact draws of mixtures, and their responsibilities, from what a results file says of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import xarray
from scipy.special import log_ndtr, logsumexp

from .errors import Refusal
from .settings import setting, vector

COMPONENTS_MAX = 4096
NUMBERS_MAX = 2**27  # of all means
FAMILIES = ("gaussian_mixture", "product_mixture")


@dataclass(frozen=True)
class Component:
    """A component with independent coordinates: `law` about `mean` [d].

    law "gaussian": `scale` [d] are standard deviations. "uniform" on [-width, width] and "two_point" (-width or width)
    are smoothed by N(0, scale²), `scale` [d] all the same.
    """

    weight: float
    mean: np.ndarray
    law: str
    scale: np.ndarray
    width: float = 0.0

    @property
    def variance(self) -> np.ndarray:
        """Of each coordinate, [d]."""
        return self.scale**2 + {"gaussian": 0.0, "uniform": self.width**2 / 3, "two_point": self.width**2}[self.law]

    def draw(self, number: int, random: np.random.Generator) -> np.ndarray:
        """Exact draws, [number, d]."""
        x = self.mean + self.scale * random.standard_normal((number, len(self.mean)))
        if self.law == "uniform":
            x += random.uniform(-self.width, self.width, x.shape)
        elif self.law == "two_point":
            x += self.width * random.choice((-1.0, 1.0), x.shape)
        return x

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Logarithm of the component's density at x [n, d], without a constant that all components have: [n]."""
        z = (x - self.mean) / self.scale
        if self.law == "gaussian":
            return -(z**2 / 2 + np.log(self.scale)).sum(axis=1)
        width = self.width / self.scale
        if self.law == "two_point":
            each = np.logaddexp(-(z - width) ** 2 / 2, -(z + width) ** 2 / 2) - math.log(2) - np.log(self.scale)
        else:
            low, high = log_ndtr(-np.abs(z) - width), log_ndtr(-np.abs(z) + width)  # left tails keep their digits
            each = high + np.log1p(-np.exp(low - high)) - math.log(2 * self.width) + math.log(2 * math.pi) / 2
        return each.sum(axis=1)


@dataclass(frozen=True)
class Target:
    """A mixture."""

    components: tuple[Component, ...]

    @property
    def weights(self) -> np.ndarray:
        """[components]."""
        return np.array([c.weight for c in self.components])

    def draw(self, number: int, random: np.random.Generator) -> np.ndarray:
        """Independent exact draws, [number, d], in random order."""
        counts = random.multinomial(number, self.weights / self.weights.sum())
        x = np.concatenate([c.draw(count, random) for c, count in zip(self.components, counts)])
        return x[random.permutation(number)]

    def responsibilities(self, x: np.ndarray) -> np.ndarray:
        """Of each component for x [n, d]: [n, components]."""
        logs = np.stack([math.log(c.weight) + c.log_density(x) for c in self.components], axis=1)
        return np.exp(logs - logsumexp(logs, axis=1, keepdims=True))

    @property
    def mean_square(self) -> float:
        """Mean squared distance from component 0's mean, per coordinate."""
        centre = self.components[0].mean
        return float(sum(c.weight * (c.variance + (c.mean - centre) ** 2).mean() for c in self.components))


def target_of(data: xarray.Dataset, point: int) -> Target:
    """The target of a point of a results file.

    Gaussian mixtures and product mixtures whose components stand in the sweep file; for others a Refusal is raised.
    """
    dimension, family = int(data.dimension.values[point]), setting(data, point, "target.family")
    if family not in FAMILIES or setting(data, point, "target.components.digest"):
        what = f"family {family}" if family not in FAMILIES else "components from a file"
        raise Refusal(f"{data.path}: no exact draws of a target with {what} can be made here; give a second results "
                      "file, with positions of exact draws, as reference")

    def number(key: str) -> float:
        return float(setting(data, point, key))

    def vector_of(key: str) -> np.ndarray:
        values = vector(data, point, key)
        if values is None:
            raise ValueError(f"{key} is '{setting(data, point, key)}'")
        return values

    def component(at: str) -> Component:
        weight, mean = number(f"{at}.weight"), vector_of(f"{at}.mean")
        if family == "gaussian_mixture":
            return Component(weight, mean, "gaussian", np.sqrt(vector_of(f"{at}.variance")))
        law = setting(data, point, f"{at}.marginal.type")
        if law == "gaussian":
            return Component(weight, mean, law, np.full(dimension, math.sqrt(number(f"{at}.marginal.variance"))))
        width = {"uniform": "half_width", "two_point": "half_distance"}[law]
        return Component(weight, mean, law, np.full(dimension, number(f"{at}.marginal.smoothing")),
                         number(f"{at}.marginal.{width}"))

    try:
        count = int(setting(data, point, "target.components"))
        if not 1 <= count <= COMPONENTS_MAX or count * dimension > NUMBERS_MAX:
            raise ValueError(f"{count} components in dimension {dimension}")
        target = Target(tuple(component(f"target.components[{i}]") for i in range(count)))
        if not all((c.scale > 0).all() and np.isfinite(c.mean).all() and c.weight > 0 for c in target.components):
            raise ValueError("a weight or a variance that is not above 0")
        return target
    except (LookupError, ValueError) as error:
        raise Refusal(f"{data.path}: its target is not understood here ({error}); give a second results file, with "
                      "positions of exact draws, as reference") from None
