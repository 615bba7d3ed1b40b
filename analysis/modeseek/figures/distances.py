# SPDX-License-Identifier: GPL-3.0-or-later
"""Distances of chains to the means of the target against iterations.

A point for each chain and mean: |x - mean| / sqrt(d) at a snapshot, the means side by side. Thin lines are where exact
draws of a component lie from its own mean, sqrt(variance), in the colour of the mean: chains are in the mode whose line
their points of that colour lie on. A panel for each line of the sweep, seeds pooled; with one snapshot alone, or
--iteration, one panel with the lines side by side. Of more than 150 chains the first ones are drawn, which are a fair
sample, since chains are independent.

Several files, for one pass of T iterations each, make one figure, as with the kind shares. --iteration and --select
matter. Tables: the points that are drawn; `-quantiles` of all chains.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas
from matplotlib.lines import Line2D

from .. import groups, results, style
from ..drawing import Drawing, Options, Source, read_each
from ..errors import Failure, Refusal
from ..lines import Key, choices, in_order
from ..panels import Panels, beside, categories, name_categories, name_panel
from ..points import number_range
from .shares import BUDGET, COMPONENTS_MAX, LOGARITHMIC, PANELS_MAX, PASS, panel_names

NAME = "distances"
PURPOSE = "distances of chains to the means of the target, against iterations"
OPTIONS = ("iteration",)

DISTANCE = "|x − mean| / √d"
DRAWN_MAX = 150  # chains in each place
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass
class Snapshot:
    """Chains of a line at one snapshot: |x - mean| / sqrt(d) of each mean, [chain, component]."""

    dimension: int
    key: Key
    iteration: int
    distance: np.ndarray
    is_within_pass: bool  # and not at the end of one
    typical: np.ndarray  # of a component's exact draws from its mean; NaN where coordinates differ


Lines = dict[tuple[int, Key], list[Snapshot]]


def snapshots_of(source: Source, only: int | None) -> list[Snapshot]:
    """The snapshots of a file that chains have come to. Raises Failure, and Refusal where there are none."""
    data = source.data
    results.require_chains(data)
    if "snapshot" not in data.dims or "squared_distance" not in data:
        raise Refusal(f"{source.path} has no distances; give the sweep snapshots, and squared_distance among the "
                      "observables")
    if only is not None and only not in data.snapshot.values:
        raise Failure(f"{source.path} has no snapshot at iteration {only}; it has "
                      f"{', '.join(map(str, data.snapshot.values))}")
    found = []
    for group in groups.groups_of(source, (BUDGET,)):
        points = group.points
        if BUDGET in data.coords:  # the same chains for each budget: those of the largest
            budget = data[BUDGET].values
            points = tuple(p for p in points if budget[p] == max(budget[list(points)]))
        variant = int(data.point_variant.values[points[0]])
        for s, iteration in enumerate(data.snapshot.values.tolist()):
            if only is not None and iteration != only:
                continue
            squared = data.squared_distance.isel(point=list(points), snapshot=s)
            squared = squared.transpose("point", "chain", "component").values.reshape(-1, data.sizes["component"])
            squared = squared[np.isfinite(squared).all(axis=1)]
            if len(squared):
                found.append(Snapshot(group.dimension, group.key, iteration, np.sqrt(squared / group.dimension),
                                      groups.is_within_pass(iteration, float(data.pass_iterations.values[points[0]])),
                                      np.sqrt(data.variance.values[variant])))
    return found


def read_lines(sources: list[Source], only: int | None) -> tuple[Lines, list[str]]:
    """All snapshots, by dimension and line, and warnings. Raises Failure, and Refusal where there are too many."""
    every, without = read_each(sources, lambda source: snapshots_of(source, only))
    if not every:
        raise Refusal("no chain has come to a snapshot yet; see 'modeseek status'")
    if len({(s.dimension, s.key, s.iteration) for s in every}) < len(every):
        raise Refusal("the files have snapshots of the same chains: name each file once, or merge them first")
    if (components := max(s.distance.shape[1] for s in every)) > COMPONENTS_MAX:
        raise Refusal(f"{components} means cannot be told apart, at most {COMPONENTS_MAX} can")
    order = {key: i for i, key in enumerate(in_order(s.key for s in every))}
    lines: Lines = {}
    for snapshot in sorted(every, key=lambda s: (s.dimension, order[s.key], s.iteration)):
        lines.setdefault((snapshot.dimension, snapshot.key), []).append(snapshot)
    if len(lines) > PANELS_MAX:
        raise Refusal(f"{len(lines)} lines are too many to be read, at most {PANELS_MAX} can: "
                      + choices((key for _, key in lines), (dimension for dimension, _ in lines)))
    return lines, without


def draw_strip(axes: plt.Axes, place: float, room: float, snapshot: Snapshot, is_log: bool, look: style.Look) -> None:
    """The points of a snapshot, the means side by side in a room about the place (a factor on a logarithmic axis)."""
    count = snapshot.distance.shape[1]
    shown = snapshot.distance[:DRAWN_MAX]
    for component in range(count):
        spread = np.linspace(-0.4, 0.4, len(shown)) if len(shown) > 1 else np.zeros(1)
        offset = (component - (count - 1) / 2 + spread) / count
        x = place * room**offset if is_log else place + room * offset
        axes.plot(x, shown[:, component], style.MARKERS[component], color=look.colors[component], markersize=3.5,
                  markeredgewidth=0, alpha=0.55, zorder=3)


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there is nothing, or too much."""
    (lines, without), look = read_lines(sources, options.iteration), options.look
    iterations = sorted({snapshot.iteration for line in lines.values() for snapshot in line})
    is_single = len(iterations) == 1
    is_log = not is_single and iterations[-1] >= LOGARITHMIC * max(iterations[0], 1)
    warnings = without + groups.cost_warnings(sources) + groups.pass_warnings(
        snapshot.iteration for line in lines.values() for snapshot in line if snapshot.is_within_pass)
    with look.applied():
        figure = draw_single(lines, sources, look) if is_single else draw_panels(
            lines, [t for t in iterations if t > 0] if is_log else iterations, is_log, sources, look)
        after = f" after {iterations[0]} iterations" if is_single else ""
        style.headline(figure, f"Distances of chains to the means{after}", about(lines), look)
        style.notes(figure, warnings, [fact for source in sources for fact in source.facts], look)
    remarks = ["snapshots at iteration 0 cannot be shown on the logarithmic axis; they are in the table of --csv"] \
        if is_log and iterations[0] == 0 else []
    warning = "; ".join(warnings)
    return Drawing(figure, {"": points_table(lines).assign(warning=warning),
                            "-quantiles": quantiles_table(lines).assign(warning=warning)}, warnings, remarks)


def is_of_passes(sources: list[Source]) -> bool:
    """Whether the files are of single passes of different lengths. Where that is an axis, each length has a panel."""
    return len({source.data.attrs["identity"].get(PASS) for source in sources}) > 1


def draw_typical(axes: plt.Axes, snapshot: Snapshot, look: style.Look) -> None:
    """Where exact draws of each component lie from its own mean."""
    for component, typical in enumerate(snapshot.typical):
        if math.isfinite(typical):
            axes.axhline(typical, color=look.colors[component], linewidth=1, linestyle=(component * 4, (4, 8)),
                         zorder=2)
    axes.set_ylim(bottom=0)


def draw_single(lines: Lines, sources: list[Source], look: style.Look) -> plt.Figure:
    """One snapshot: the lines side by side."""
    figure, axes = categories(len(lines))
    for i, line in enumerate(lines.values()):
        draw_strip(axes, i, 0.8, line[0], False, look)
        draw_typical(axes, line[0], look)
    name_categories(axes, list(panel_names(lines, sources).values()))
    axes.set_ylabel(DISTANCE)
    beside(axes, legend_handles(line[0], look))
    return figure


def draw_panels(lines: Lines, shown: list[int], is_log: bool, sources: list[Source], look: style.Look) -> plt.Figure:
    """A panel for each line."""
    panels, names = Panels(len(lines)), panel_names(lines, sources)
    panels.scale_iterations(is_log)
    if is_log:
        room = min([6.0, *(b / a for a, b in zip(shown, shown[1:]))]) ** 0.7
    else:
        room = 0.7 * min(b - a for a, b in zip(shown, shown[1:]))
    for axes, (place, line) in zip(panels.used, lines.items()):
        for snapshot in line:
            if snapshot.iteration in shown:
                draw_strip(axes, snapshot.iteration, room, snapshot, is_log, look)
        draw_typical(axes, line[0], look)
        name_panel(axes, names[place])
    panels.label("iterations T of the single pass" if is_of_passes(sources) else "iterations", DISTANCE)
    panels.legend(legend_handles(line[0], look))
    return panels.figure


def about(lines: Lines) -> str:
    """Dimension, numbers of chains, and how many of them are drawn."""
    dimensions = {dimension for dimension, _ in lines}
    chains = [len(snapshot.distance) for line in lines.values() for snapshot in line]
    drawn = f"{number_range(chains)} chains per point" + (f", {DRAWN_MAX} of them drawn" if max(chains) > DRAWN_MAX
                                                             else "")
    return (f"d = {min(dimensions)}, " if len(dimensions) == 1 else "") + drawn


def legend_handles(snapshot: Snapshot, look: style.Look) -> list[Line2D]:
    """An entry for each mean, and the lines."""
    means = range(snapshot.distance.shape[1])
    handles = [Line2D([], [], color=look.colors[i], marker=style.MARKERS[i], markersize=7, linestyle="none",
                      label=f"to mean {i}" + (" (spread mode)" if i == 0 else "")) for i in means]
    if np.isfinite(snapshot.typical).any():
        handles.append(Line2D([], [], color=look.faint, linestyle="--", linewidth=1,
                              label="exact draws of a component\nto its own mean"))
    return handles


def points_table(lines: Lines) -> pandas.DataFrame:
    """The points that are drawn."""
    parts = []
    for (dimension, key), line in lines.items():
        for snapshot in line:
            shown = snapshot.distance[:DRAWN_MAX]
            chain, component = np.indices(shown.shape)
            parts.append(pandas.DataFrame({**groups.table_columns(key), "dimension": dimension,
                                           "iteration": snapshot.iteration, "chain": chain.ravel(),
                                           "component": component.ravel(), "distance": shown.ravel()}))
    return pandas.concat(parts, ignore_index=True)


def quantiles_table(lines: Lines) -> pandas.DataFrame:
    """Quantiles of all chains."""
    rows = []
    for (dimension, key), line in lines.items():
        for snapshot in line:
            values = np.quantile(snapshot.distance, QUANTILES, axis=0)
            rows += [{**groups.table_columns(key), "dimension": dimension, "iteration": snapshot.iteration,
                      "chains": len(snapshot.distance), "component": i, "typical": snapshot.typical[i],
                      **{f"quantile_{q:g}": values[j, i] for j, q in enumerate(QUANTILES)}}
                     for i in range(values.shape[1])]
    return pandas.DataFrame(rows)
