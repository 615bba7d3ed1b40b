# SPDX-License-Identifier: GPL-3.0-or-later
"""Discovery time over dimension and patch size, as colours on a logarithmic scale, with the numbers.

--estimate mean or median says of what (default: the median, which assumes no law, or the mean where not all points are
simulated directly: other estimators have no medians). Hatched cells with ">" are lower
bounds of 95 %; grey ones are points that have not been computed; empty ones are no points of the sweep. Of
means, "?" and "×" are the doubts of `hardness`: untested, and not exponential. The top row, Q = d, is vanilla dynamics;
cells with that frame in other rows are the same points. One map for each noise level and combination of further axes.

Table: the cells that have a number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import matplotlib.pyplot as plt
import numpy as np
import pandas
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LogNorm
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from .. import style
from ..drawing import Drawing, Options, Source, points_of
from ..errors import Refusal
from ..lines import (Key, Line, choices, describe, further_axes, further_values, group_lines, keys_of, name_of,
                     sweep_points, vanilla_of, varying_axes, warning_of)
from ..marks import (MARK_COLUMNS, Mark, chains_per_point, doubt_sign, mark_row, marks_of, number_text, objections,
                     statistic_of, until)
from ..style import Look

NAME = "heat-map"
PURPOSE = "discovery time over dimension and patch size"
OPTIONS = ("rule", "mode", "estimate", "cost")

MAPS_MAX, SIDE_MAX = 6, 30  # more cannot be read
DOUBTS = {"no": " ×", "objection": " ×", "untested": " ?"}
MAP = "viridis"  # perceptually uniform, and for colour-blind readers, too
MISSING = "0.75"

Rest = tuple[float, tuple[tuple[str, str], ...]]  # of a line: noise level and further axes
Place = tuple[int, "int | None"]  # dimension and patch size, None: vanilla


@dataclass
class Map:
    """One map: its marks, and the places of points that have not been computed."""

    name: str
    marks: dict[Place, Mark] = field(default_factory=dict)
    missing: set[Place] = field(default_factory=set)


def maps_of(lines: list[Line], sources: list[Source], statistic: str) -> list[Map]:
    """The lines of each noise level and combination of further axes as the rows of a map."""
    maps: dict[Rest, Map] = {}
    varying = varying_axes(lines)
    for line in lines:
        if line.patch_size is None and any(other.key[1:] != line.key[1:] and vanilla_of(other.key) == line.key
                                           for other in lines):
            continue  # a row of the maps of these
        name = describe(Line(None, line.noise_level, line.further, [], schedule=line.schedule), varying)
        name = name.replace(", vanilla (Q = d)", "")
        name = "" if name.startswith("vanilla") else name.replace("not chained (Q = d), ", "").replace(" (Q = d)", "")
        maps.setdefault((line.noise_level, line.further), Map(name))
    for line in lines:
        for one in maps_with(line.key, maps):
            one.marks |= {(mark.point.dimension, line.patch_size): mark for mark in marks_of(line.points, statistic)}
    for source in sources:
        for point, key in keys_of(sweep_points(source.data)) if not source.is_table else []:
            for one in maps_with(key, maps):
                if (place := (point.dimension, key[0])) not in one.marks:
                    one.missing.add(place)
    return list(maps.values())


def maps_with(key: Key, maps: dict[Rest, Map]) -> list[Map]:
    """The maps that a line is a row of; a vanilla one is in the maps of all passes."""
    return [one for of, one in maps.items() if (vanilla_of((None, *of))[1:] if key[0] is None else of) == key[1:]]


def draw_contour(axes: plt.Axes, cells: set[tuple[int, int]], look: Look) -> None:
    """A line around cells."""
    for x, y in cells:
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            if (x + dx, y + dy) not in cells:
                across = 0.5 * abs(dy), 0.5 * abs(dx)  # half the side, at right angles to the way out
                axes.plot([x + dx / 2 - across[0], x + dx / 2 + across[0]],
                          [y + dy / 2 - across[1], y + dy / 2 + across[1]], color=look.text, linewidth=2.5, zorder=4,
                          solid_capstyle="projecting", clip_on=False)


def draw_map(axes: plt.Axes, one: Map, dimensions: list[int], sizes: list[int | None], norm: LogNorm,
             look: Look) -> None:
    """The cells of a map."""
    colors: Colormap = plt.get_cmap(MAP)
    for (dimension, size), mark in one.marks.items():
        x, y = dimensions.index(dimension), sizes.index(size)
        color = colors(norm(max(mark.at, norm.vmin)))
        ink = "black" if np.dot(color[:3], (0.299, 0.587, 0.114)) > 0.5 else "white"
        is_bound = mark.kind == "lower_bound"
        axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=color, edgecolor=ink if is_bound else color,
                                 hatch="//" if is_bound else None, linewidth=0))
        text = ("> " if is_bound else "") + number_text(mark.at) + DOUBTS.get(mark.doubt, "")
        axes.text(x, y, text, ha="center", va="center", color=ink, fontsize=12 if len(text) < 9 else 10,
                  bbox={"facecolor": color, "edgecolor": "none", "pad": 1.5} if is_bound else None)
    vanilla = [place for place in [*one.marks, *one.missing] if place[1] in (None, place[0])]
    draw_contour(axes, {(dimensions.index(dimension), sizes.index(size)) for dimension, size in vanilla}, look)
    for dimension, size in one.missing:
        x, y = dimensions.index(dimension), sizes.index(size)
        axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=MISSING, edgecolor=look.background))
        axes.text(x, y, "missing", ha="center", va="center", color="0.25", fontsize=10)
    axes.set_xlim(-0.5, len(dimensions) - 0.5)
    axes.set_ylim(-0.5, len(sizes) - 0.5)
    axes.set_xticks(range(len(dimensions)), map(str, dimensions))
    axes.set_yticks(range(len(sizes)), ["vanilla\n(Q = d)" if size is None else f"{size}" for size in sizes])
    axes.tick_params(length=0)
    if one.name:  # there are several
        axes.set_title(one.name, loc="left", fontsize=15)


def legend_handles(maps: list[Map], look: Look) -> list[Patch | Line2D]:
    """What occurs and needs a word."""
    marks = [mark for one in maps for mark in one.marks.values()]
    handles: list[Patch | Line2D] = []
    if any(mark.point.patch_size == mark.point.dimension for mark in marks):
        handles.append(Patch(fill=False, edgecolor=look.text, linewidth=2, label="vanilla (Q = d)"))
    if any(mark.kind == "lower_bound" for mark in marks):
        handles.append(Patch(facecolor="none", edgecolor=look.faint, hatch="///", label="> 95 % lower bound only"))
    if any(one.missing for one in maps):
        handles.append(Patch(facecolor=MISSING, label="not computed yet"))
    doubts = {mark.doubt for mark in marks}
    for doubt, text in (("no", "exponential mean, but times are not exponential"),
                        ("objection", "mean with an objection: see below"),
                        ("untested", "exponential mean, untested")):
        if doubt in doubts:
            handles.append(Line2D([], [], label=text, **doubt_sign(doubt, look.faint)))
    return handles


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there is no map to draw, or too much of it."""
    points, rule = points_of(sources, options)
    lines = group_lines(points)
    statistic = statistic_of(points, options.estimate, "median")
    maps = maps_of(lines, sources, statistic)
    places = [place for one in maps for place in [*one.marks, *one.missing]]
    dimensions = sorted({dimension for dimension, _ in places})
    sizes: list[int | None] = [*sorted({size for _, size in places if size is not None})]
    sizes += [None] if any(size is None for _, size in places) else []
    if len(dimensions) == 1 or len(sizes) == 1:
        raise Refusal("there is only one dimension; use the kind patch-size" if len(dimensions) == 1 else
                      "there is only one patch size; use the kind hardness")
    if len(maps) > MAPS_MAX or max(len(dimensions), len(sizes)) > SIDE_MAX:
        raise Refusal(f"{len(maps)} maps of {len(dimensions)} dimensions and {len(sizes)} patch sizes cannot be read, "
                      f"at most {MAPS_MAX} of {SIDE_MAX} and {SIDE_MAX} can: "
                      + choices((line.key for line in lines), dimensions))
    if not any(mark.at > 0 for one in maps for mark in one.marks.values()):
        raise Refusal("everything was discovered at the start; choose another --mode, such as all")
    warnings = [warning] if (warning := warning_of(lines, options.cost)) else []
    rows = [[*further_values(lines, line), name_of(line), *mark_row(mark), options.cost, warning]
            for line in lines for mark in marks_of(line.points, statistic)]
    table = pandas.DataFrame(rows, columns=[*further_axes(lines), "line", *MARK_COLUMNS, "cost", "warning"])
    with options.look.applied():
        figure = draw_figure(maps, (dimensions, sizes), (statistic, rule), options, sources, warnings)
    return Drawing(figure, {"": table}, warnings)


def draw_figure(maps: list[Map], sides: tuple[list[int], list[int | None]], what: tuple[str, str], options: Options,
                sources: list[Source], warnings: list[str]) -> plt.Figure:
    """The picture."""
    look, (dimensions, sizes), (statistic, rule) = options.look, sides, what
    columns = min(len(maps), 2)
    height = math.ceil(len(maps) / columns)
    figure, panels = plt.subplots(height, columns, layout="constrained", squeeze=False, figsize=(
        max(9.0, columns * (1.2 + 0.95 * len(dimensions)) + 1.5), max(5.0, height * (1.2 + 0.62 * len(sizes)) + 1.5)))
    at = [mark.at for one in maps for mark in one.marks.values() if mark.at > 0]
    norm = LogNorm(min(at), max(at) if max(at) > min(at) else 2 * min(at))
    for axes, one in zip(panels.flat, maps):
        draw_map(axes, one, dimensions, sizes, norm, look)
        axes.set_xlabel("dimension d")
        axes.set_ylabel("patch size Q")
    for axes in panels.flat[len(maps):]:
        axes.set_axis_off()
    counted = options.cost.replace("_", " ")
    bar = figure.colorbar(ScalarMappable(norm, plt.get_cmap(MAP)), ax=panels.ravel().tolist(), label=counted, aspect=30)
    bar.outline.set_visible(False)
    words = f"{statistic.capitalize()} {counted} {until(options.mode)}"
    about = f"rule {rule}, {chains_per_point(mark.point for one in maps for mark in one.marks.values())}"
    if len(maps) == 1:
        style.title(panels[0, 0], words, about, look)
    else:
        figure.suptitle(f"{words}; {about}", x=0.01, ha="left", fontsize=17)
    objected = objections(mark for one in maps for mark in one.marks.values())
    facts = style.notes(figure, warnings, [*objected, *(fact for source in sources for fact in source.facts)], look)
    handles = legend_handles(maps, look)
    if handles:
        figure.legend(handles=handles, loc="upper left", ncol=len(handles), frameon=False, fontsize=12,
                      bbox_to_anchor=(0, -0.01 - max(facts, 1) * 0.25 / figure.get_figheight()))  # below the facts
    return figure
