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
import textwrap
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from .. import groups, style
from ..drawing import Drawing, Options, Source
from ..errors import Failure, Refusal
from ..lines import Key, in_order
from .shares import BUDGET, COMPONENTS_MAX, LOGARITHMIC, PANELS_MAX, component_name, has_own_passes

NAME = "distances"
PURPOSE = "distances of chains to the means of the target, against iterations"

DRAWN_MAX = 150  # chains in each place
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass
class Snapshot:
    """Chains of a line at one snapshot: |x - mean| / sqrt(d) of each mean, [chain, component]."""

    dimension: int
    key: Key
    iteration: int
    distance: np.ndarray
    typical: np.ndarray  # of a component's exact draws from its mean; NaN where coordinates differ


Lines = dict[tuple[int, Key], list[Snapshot]]


def snapshots_of(source: Source, only: int | None) -> list[Snapshot]:
    """The snapshots of a file that chains have come to. Raises Failure, and Refusal where there are none."""
    data = source.data
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
                                      np.sqrt(data.variance.values[variant])))
    return found


def read_lines(sources: list[Source], only: int | None) -> Lines:
    """All snapshots, by dimension and line. Raises Failure, and Refusal where there are too many."""
    every = [snapshot for source in sources for snapshot in snapshots_of(source, only)]
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
        raise Refusal(f"{len(lines)} lines are too many to be read, at most {PANELS_MAX} can: choose some by --select "
                      "dimension=..., say")
    return lines


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
    lines = read_lines(sources, options.iteration)
    with options.look.applied():
        figure, remarks = draw_figure(lines, sources, options.look)
    return Drawing(figure, {"": points_table(lines), "-quantiles": quantiles_table(lines)}, [], remarks)


def names_of(lines: Lines) -> dict[tuple[int, Key], str]:
    """What tells lines apart, with the dimension where there are several."""
    names = groups.names_of(key for _, key in lines)
    has_dimensions = len({dimension for dimension, _ in lines}) > 1
    return {(d, key): f"d = {d}, {names[key]}" if has_dimensions else names[key] for d, key in lines}


def draw_figure(lines: Lines, sources: list[Source], look: style.Look) -> tuple[plt.Figure, list[str]]:
    """The picture, and what is to be said of it."""
    every = [snapshot for line in lines.values() for snapshot in line]
    iterations = sorted({snapshot.iteration for snapshot in every})
    is_single = len(iterations) == 1
    positive = [t for t in iterations if t > 0]
    is_log = not is_single and bool(positive) and positive[-1] >= LOGARITHMIC * positive[0]
    remarks = ["snapshots at iteration 0 do not show on the logarithmic axis; they are in the table"] \
        if is_log and iterations[0] == 0 else []
    number = 1 if is_single else len(lines)
    columns = number if number < 4 else math.ceil(math.sqrt(number))
    rows = math.ceil(number / columns)
    size = (max(9, 1.6 * len(lines) + 5), 6.5) if is_single else (11, 6) if number == 1 else \
        (4.3 * columns + 3.2, 3.7 * rows + 1.6)
    figure, panels = plt.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False, sharex=True,
                                  sharey=True)
    names = names_of(lines)
    if is_single:
        axes = panels[0, 0]
        for i, line in enumerate(lines.values()):
            draw_strip(axes, i, 0.8, line[0], False, look)
        axes.set_xticks(range(len(lines)), [name.replace(", ", ",\n") for name in names.values()], fontsize=13,
                        rotation=0 if len(lines) <= 8 else 60)
        axes.set_xlim(-0.5, len(lines) - 0.5)
    else:
        shown = positive if is_log else iterations
        room = min(b / a for a, b in zip(shown, shown[1:])) ** 0.7 if is_log and len(shown) > 1 else 2.0 if is_log else \
            0.7 * min(b - a for a, b in zip(shown, shown[1:]))
        for axes, (place, line) in zip(panels.flat, lines.items()):
            axes.set_xscale("log" if is_log else "linear")
            if not is_log:
                axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
            for snapshot in line:
                if snapshot.iteration in shown:
                    draw_strip(axes, snapshot.iteration, min(room, 6.0) if is_log else room, snapshot, is_log, look)
            axes.set_title(textwrap.fill(names[place], 36), loc="left", fontsize=14, pad=9)
            axes.tick_params(labelbottom=True)
        for axes in panels.flat[number:]:
            axes.set_visible(False)
        for axes in panels.flat[max(0, number - columns):number]:
            axes.set_xlabel("T, iterations of the one pass" if has_own_passes(sources) else "iterations")
    for axes, line in zip(panels.flat, lines.values()):
        for component, typical in enumerate(line[0].typical):
            if math.isfinite(typical):
                axes.axhline(typical, color=look.colors[component], linewidth=1, linestyle=(component * 4, (4, 8)),
                             zorder=2)
    for row in panels:
        row[0].set_ylabel("|x − mean| / √d")
        row[0].set_ylim(bottom=0)
    panels[0, -1].legend(handles=legend_handles(every[0], look), loc="upper left", bbox_to_anchor=(1.02, 1),
                         frameon=False, fontsize=13, labelspacing=0.8)
    style.headline(figure, "Distances of chains to the means" +
                   (f" after {iterations[0]} iterations" if is_single else ""), about(lines), look)
    style.notes(figure, [], [fact for source in sources for fact in source.facts], look)
    return figure, remarks


def about(lines: Lines) -> str:
    """Dimension, numbers of chains, and how many of them are drawn."""
    dimensions = {dimension for dimension, _ in lines}
    chains = [len(snapshot.distance) for line in lines.values() for snapshot in line]
    drawn = f"{groups.number_text(chains)} chains a point" + (f", {DRAWN_MAX} of them drawn" if max(chains) > DRAWN_MAX
                                                             else "")
    return (f"d = {min(dimensions)}, " if len(dimensions) == 1 else "") + drawn


def legend_handles(snapshot: Snapshot, look: style.Look) -> list[Line2D]:
    """An entry for each mean, and the lines."""
    handles = [Line2D([], [], color=look.colors[i], marker=style.MARKERS[i], markersize=7, linestyle="none",
                      label=f"to {component_name(i).replace('spread mode (component 0)', 'mean 0 (spread mode)')}"
                      .replace("to mode", "to mean")) for i in range(snapshot.distance.shape[1])]
    if np.isfinite(snapshot.typical).any():
        handles.append(Line2D([], [], color=look.faint, linestyle="--", linewidth=1,
                              label="exact draws of a mode,\nto their own mean"))
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
