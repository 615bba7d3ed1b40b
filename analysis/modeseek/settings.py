# SPDX-License-Identifier: GPL-3.0-or-later
"""What a sweep sets at a point: by an axis where there is one, otherwise as its identity says."""

from __future__ import annotations

import numpy as np
import xarray

from .points import value_text


def setting(data: xarray.Dataset, point: int, key: str) -> str:
    """The text of a key such as "sampler.step_size" at a point (an index); "" where nothing is set."""
    axes = data.attrs["axes"]
    if key in axes:
        return value_text(data[key].values[point])
    section, _, rest = key.partition(".")
    if section in axes:
        key = f"{section}{{{data[section].values[point]}}}.{rest}"
    return str(data.attrs["identity"].get(key, ""))


def number(data: xarray.Dataset, point: int, key: str) -> float:
    """The same as a number; NaN where it is none."""
    try:
        return float(setting(data, point, key))
    except ValueError:
        return float("nan")


def is_gaussian(data: xarray.Dataset, point: int) -> bool:
    """Whether the components are Gaussians of one variance each, so that `variance` says what a step must suit."""
    variances = data.variance.values[int(data.point_variant.values[point])]
    return setting(data, point, "target.family") == "gaussian_mixture" and bool(np.isfinite(variances).any())


def vector(data: xarray.Dataset, point: int, key: str) -> np.ndarray | None:
    """A vector of the sweep file (a number, a list or a pattern) in the dimension of the point; None where the identity
    does not say it, as of components that stand in a file."""
    dimension = int(data.dimension.values[point])
    word, _, rest = setting(data, point, key).removesuffix("of the grid").rstrip().partition(" ")
    try:
        values = [float(data[f"{key}.value"].values[point])] if f"{key}.value" in data.attrs["axes"] else \
            [float(text) for text in (rest or word).split()]
    except ValueError:
        return None
    one, place = np.ones(dimension), np.arange(dimension)
    if word == "list" and len(values) == dimension:
        return np.array(values)
    if word == "repeat" and values:
        return np.resize(np.array(values), dimension)
    if len(values) != 1:
        return None
    patterns = {"constant": one, "alternating": 1.0 - 2 * (place % 2),
                "halves": np.where(place < (dimension + 1) // 2, 1.0, -1.0),
                "ramp": np.linspace(-1, 1, dimension) if dimension > 1 else one}
    pattern = patterns.get(word, None if rest else one)
    return None if pattern is None else values[0] * pattern
