# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains on the data that a target is made of: near which of its vectors they are, and how they look."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import xarray

from .drawing import Source
from .errors import Failure, Refusal
from .results import NOT_COMPUTED
from .settings import number, setting

NEAR = 0.01  # squared distance to a vector of the data, per coordinate, up to which a chain is near the data

LIMITS = {"empirical": "exact samples of this target are its data plus noise: it remembers",
          "learned": "a learned score: where it is wrong, so are chains"}


@dataclass(frozen=True)
class Place:
    """Where the chains of a point are at a snapshot: the mode of the nearest vector (0: none that is to be discovered),
    and whether they are near it; of each chain that has been computed."""

    mode: np.ndarray
    is_near: np.ndarray
    iteration: int


def require_nearest(source: Source) -> None:
    """Raises Refusal where the file does not say near which vectors chains are."""
    if "snapshot" not in source.data.dims or not {"nearest_mode", "nearest_distance"} <= set(source.data.data_vars):
        raise Refusal(f"{source.path} does not record near which vectors its chains are; list snapshots, and nearest_mode "
                      "and nearest_distance under `observables`, in the sweep")


def place_of(source: Source, point: int, iteration: int | None) -> Place | None:
    """Where the chains of a point (an index) are at that snapshot, by default the last one up to its budget; None where
    none has been computed. Raises Failure where there is no such snapshot."""
    one = source.data.isel(point=point)
    there = [int(at) for at in one.snapshot.values if at <= float(one.iterations)]
    at = iteration if iteration is not None else max(there, default=-1)
    if at not in there:
        raise Failure(f"{source.path} has no snapshot at iteration {at}; it has {', '.join(map(str, there))}")
    row = one.sel(snapshot=at)
    is_there = row.nearest_mode.values != NOT_COMPUTED
    if not is_there.any():
        return None
    limit = threshold(source.data, point) * float(one.dimension)
    return Place(row.nearest_mode.values[is_there], row.nearest_distance.values[is_there] <= limit, at)


def threshold(data: xarray.Dataset, point: int) -> float:
    """The squared distance per coordinate up to which a chain is near: the radius of the rule ball, if there is one."""
    radius = number(data, point, "discovery.radius_squared")
    return radius if radius > 0 else NEAR


def has_flips(data: xarray.Dataset, point: int) -> bool:
    """Whether the one mode to be discovered are the flips of the data, which have half of the weight."""
    return setting(data, point, "target.flips") == "true" and setting(data, point, "discovery.modes") == "auto"


def label_weights(data: xarray.Dataset) -> np.ndarray | None:
    """The share of each label among the vectors that the target is made of; None where it is not known, or differs between
    points."""
    known = {tuple(map(int, one.split())) for one in re.findall(r'label_counts: "([\d ]+)"', data.attrs["sweep"])}
    counts = np.array(known.pop(), dtype=float) if len(known) == 1 else np.zeros(0)
    return counts / counts.sum() if counts.sum() > 0 else None


def shape_of(data: xarray.Dataset, point: int) -> tuple[int, int]:
    """Rows and columns of the images at a point: those of the data, else a square. Raises Refusal where there are none."""
    dimension = int(data.dimension.values[point])
    known = re.match(r"\d+ x (\d+) x (\d+),", setting(data, point, "target.contents"))
    if known and int(known[1]) * int(known[2]) == dimension:
        return int(known[1]), int(known[2])
    side = round(dimension**0.5)
    if side * side != dimension:
        raise Refusal(f"{data.path}: vectors of {dimension} coordinates are no square images")
    return side, side


def images_of(data: xarray.Dataset, point: int, positions: np.ndarray) -> np.ndarray:
    """Positions [..., coordinates] as images [..., rows, columns]."""
    rows, columns = shape_of(data, point)
    if setting(data, point, "target.pixel_order") == "column":
        return np.swapaxes(positions.reshape(*positions.shape[:-1], columns, rows), -1, -2)
    return positions.reshape(*positions.shape[:-1], rows, columns)


def facts_of(sources: Iterable[Source]) -> list[str]:
    """What the targets are made of, what is known of each file, and what chains on such targets cannot say."""
    texts, further = [], []
    for source in sources:
        count = setting(source.data, 0, "target.count")
        flips = " and their flips" if setting(source.data, 0, "target.flips") == "true" else ""
        texts.append(f"{count} vectors{flips}" if count else "")
        further += [*source.facts, LIMITS.get(setting(source.data, 0, "target.family"), "")]
    return texts + further
