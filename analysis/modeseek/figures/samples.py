# SPDX-License-Identifier: GPL-3.0-or-later
"""The chains themselves as images: grids of up to 10 x 10, before, on the way and after.

A column for each snapshot, or that of --iteration; a row for each line of the sweep and each file (other starts, say).
The images are those of the first chains, in the same places of all grids, so that each can be followed; frames tell in
which mode the nearest vector of the data is, if it is near, and are left out where the sweep does not record it. The
sweep needs `positions` under `observables`. Values from 0 to 1 go from black to white, and others are cut off; a grid
that they are rarely in is drawn from its least to its largest value, as its title says.

--select matters. Table: how many chains are in which mode in each grid, and the range of their values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D

from .. import images, style
from ..drawing import Drawing, Options, Source
from ..errors import Refusal
from ..groups import is_within_pass, pass_warnings
from ..panels import beside
from ..points import value_text
from ..results import require_chains
from .mode_share import Values, name_of
from .patch_size import axis_text, differences

NAME = "samples"
PURPOSE = "the chains as images, in grids, at each snapshot (images as targets)"
OPTIONS = ("iteration",)

SIDE = 10  # images of a grid, across and down
GRIDS_MAX = 24
FRAME = 2  # pixels around an image
WIDE = 0.25  # share of values outside of 0 to 1 from which on a grid has a range of its own


@dataclass
class Grid:
    """The first chains of a line at a snapshot; mode -1: not known, or near no data."""

    line: Values
    iteration: int
    image: np.ndarray  # [chains, rows, columns]
    mode: np.ndarray  # [chains]
    is_within_pass: bool
    has_flips: bool  # which are the one mode to be discovered

    @property
    def range(self) -> tuple[float, float]:
        """What is black and what is white."""
        outside = float(((self.image < -0.1) | (self.image > 1.1)).mean())
        return (float(self.image.min()), float(self.image.max())) if outside > WIDE else (0.0, 1.0)


def grids_of(source: Source, differing: Values, iteration: int | None) -> list[Grid]:
    """The grids of a file. Raises Failure and Refusal."""
    data = source.data
    require_chains(data)
    if "positions" not in data or "snapshot" not in data.dims:
        raise Refusal(f"{source.path} does not record positions; list snapshots, and positions under `observables`, in the "
                      "sweep")
    grids, has_modes = [], {"nearest_mode", "nearest_distance"} <= set(data.data_vars)
    for point in range(data.sizes["point"]):
        line = tuple((name, value_text(data[name].values[point])) for name in data.attrs["axes"]
                     if len(set(data[name].values.tolist())) > 1) + differing
        shots = [int(at) for at in data.snapshot.values if at <= float(data.iterations.values[point])]
        for at in shots if iteration is None else [at for at in shots if at == iteration]:
            row = data.isel(point=point).sel(snapshot=at)
            is_there = np.isfinite(row.positions.values[:, 0])
            if not is_there.any():
                continue
            positions = row.positions.values[is_there][:SIDE * SIDE, :int(row.dimension)]
            mode = np.full(len(positions), -1)
            place = images.place_of(source, point, at) if has_modes else None
            if place is not None and len(place.mode) >= len(mode):
                mode = np.where(place.is_near, place.mode, -1)[:len(mode)]
            grids.append(Grid(line, at, images.images_of(data, point, positions), mode,
                              is_within_pass(at, float(data.pass_iterations.values[point])),
                              images.has_flips(data, point)))
    if not grids:
        raise Refusal(f"{source.path}: no chain has come to " +
                      (f"a snapshot at iteration {iteration}" if iteration is not None else "a snapshot yet") +
                      "; see 'modeseek status'")
    return grids


def picture_of(grid: Grid, look: style.Look) -> np.ndarray:
    """The grid as one image of colours."""
    count, rows, columns = grid.image.shape
    across = min(SIDE, count)
    down = math.ceil(count / across)
    low, high = grid.range
    shade = np.clip((grid.image - low) / max(high - low, 1e-30), 0, 1)
    picture = np.ones((down * (rows + 2 * FRAME), across * (columns + 2 * FRAME), 3)) * to_rgb(look.background)
    for i in range(count):
        top, left = (i // across) * (rows + 2 * FRAME), (i % across) * (columns + 2 * FRAME)
        if grid.mode[i] >= 0:
            color = look.colors[grid.mode[i] % len(look.colors)]
            picture[top + 1:top + rows + 2 * FRAME - 1, left + 1:left + columns + 2 * FRAME - 1] = to_rgb(color)
        picture[top + FRAME:top + FRAME + rows, left + FRAME:left + FRAME + columns] = shade[i][..., None]
    return picture


def title_of(grid: Grid) -> str:
    """What a grid shows."""
    found, far = int((grid.mode > 0).sum()), int((grid.mode < 0).sum())
    parts = [f"{grid.iteration} iterations"]
    if far < len(grid.mode):
        parts.append(f"{found} of {len(grid.mode)} " + ("flipped" if grid.has_flips else "in a mode to be discovered"))
        parts += [f"{far} near no vector of the data"] if far else []
    if grid.range != (0.0, 1.0):
        parts.append(f"values {grid.range[0]:.2g} to {grid.range[1]:.2g}")
    return "\n".join(parts)


def row_name(line: Values) -> str:
    """What a row of grids is called."""
    start = {name.removeprefix("start."): value for name, value in line if name.startswith("start.")}
    own = tuple((name, value) for name, value in line if not name.startswith("start."))
    if "data" in start or "flipped" in start:
        names = [f"from {'flipped ' if start.get('flipped') == 'true' else ''}{start.get('data', 'test')} vectors"]
    elif "component" in start:
        names = [axis_text("start.component", start["component"])]
    else:
        names = [f"from {name} {value}" for name, value in start.items()]
    return ", ".join([*names, *([name_of(own)] if own else [])])


def mode_name(mode: int, has_flips: bool) -> str:
    """What a frame means."""
    if has_flips:
        return "flipped" if mode else "not flipped"
    return f"mode {mode}" if mode else "no mode to be discovered"


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there are too many grids or no images."""
    grids = [grid for source, differing in zip(sources, differences(sources))
             for grid in grids_of(source, differing, options.iteration)]
    lines = list(dict.fromkeys(grid.line for grid in grids))
    times = sorted({grid.iteration for grid in grids})
    if len(lines) * len(times) > GRIDS_MAX:
        raise Refusal(f"{len(lines)} lines at {len(times)} snapshots are too many grids, at most {GRIDS_MAX} can be seen; "
                      "choose by --select and --iteration")
    if len({(grid.line, grid.iteration) for grid in grids}) < len(grids):
        raise Refusal("the files have points in common: give files without any, or merge them first")
    look, warnings = options.look, pass_warnings(grid.iteration for grid in grids if grid.is_within_pass)
    far = sum(int((grid.mode < 0).sum()) for grid in grids if grid.iteration == times[-1] and (grid.mode >= 0).any())
    warnings += [f"{far} of the last images are near no vector of the data"] if far else []
    with look.applied():
        figure, every = plt.subplots(len(lines), len(times), figsize=(4.4 * len(times) + 1, 4.9 * len(lines) + 1),
                                     layout="constrained", squeeze=False)
        for axes in every.flat:
            axes.set_axis_off()
        for grid in grids:
            axes = every[lines.index(grid.line), times.index(grid.iteration)]
            axes.imshow(picture_of(grid, look), interpolation="nearest")
            axes.set_title(title_of(grid), loc="left", fontsize=13)
        for axes, line in zip(every[:, 0], lines):
            axes.text(-0.03, 0.5, row_name(line), transform=axes.transAxes, rotation=90, va="center", ha="right",
                      fontsize=13)
        modes = sorted({int(mode) for grid in grids for mode in grid.mode if mode >= 0})
        if modes:
            beside(every[0, -1], [Line2D([], [], color=look.colors[mode % len(look.colors)], linewidth=6,
                                         label=mode_name(mode, all(grid.has_flips for grid in grids)))
                                  for mode in modes], 4.4 * len(times) + 1)
        style.headline(figure, "Chains as images", f"the first {max(len(grid.image) for grid in grids)} chains", look)
        style.notes(figure, warnings, images.facts_of(sources), look)
        figure.draw_without_rendering()  # the layout needs two rounds where images keep their shape; saving is the second
    return Drawing(figure, {"": table_of(grids, warnings)}, warnings)


def table_of(grids: list[Grid], warnings: list[str]) -> pandas.DataFrame:
    """A row for each grid."""
    return pandas.DataFrame([{**dict(grid.line), "iteration": grid.iteration, "images": len(grid.mode),
                              "in_mode": int((grid.mode > 0).sum()), "near_none": int((grid.mode < 0).sum()),
                              "least": float(grid.image.min()), "largest": float(grid.image.max()),
                              "warning": "; ".join(warnings)} for grid in grids])
