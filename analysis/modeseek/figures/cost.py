# SPDX-License-Identifier: GPL-3.0-or-later
"""What a discovery costs: iterations, coordinate updates, score evaluations and CPU time, side by side.

Bars of the mean cost until the discovery, on logarithmic axes, with its 95 % interval: the mean discovery time of
`hardness` times what an iteration costs (where patches are chained, evaluations are of the score of a patch). Hatched
bars with an arrow are lower bounds; a cross or "?" above a bar is a doubt, as there. Of more than four dimensions, four
are drawn; the table has all.

CPU seconds are the mean time, in iterations, times what an iteration of a chain took: the CPU time of the point's
blocks on the machine that computed them, over all iterations that their chains did, also those after the discovery. It
holds everything that is done in a block (starting, observing), and is no property of the algorithm: where chains end
one by one (stop_when_discovered) the last ones of a block take longer for an iteration than many at once. Points whose
blocks took less than a millisecond, or do not say how long they took, have no such bar; nor have points of other
estimators than direct simulation, whose bars are what a discovery would cost a chain.

Table: a row for each bar; cost says what is counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullLocator

from .. import style
from ..drawing import Drawing, Options, Source, points_of
from ..errors import Refusal
from ..lines import (Key, Line, choices, describe, further_axes, further_names, further_values, group_lines, in_order,
                     name_of, sweep_keys, varying_axes, warning_of)
from ..marks import (MARK_COLUMNS, Mark, bar_lengths, chains_per_point, doubt_sign, mark_row, number_text, objections,
                     until)
from ..panels import beside
from ..points import Interval, listed, value_text
from ..style import Look

NAME = "cost"
PURPOSE = "what a discovery costs: iterations, updates, evaluations, CPU time"
OPTIONS = ("rule", "mode")

DIMENSIONS_MAX = 4
ON_LOG_AXES = "bars begin at the edge of a logarithmic axis: compare where they end, not their lengths"
BARS_MAX = 16  # of one dimension alone, each with its name; of several there is a colour for each line
SECONDS_LEAST = 0.001  # of CPU time that says something
COSTS = {"iterations": "iterations", "coordinate_updates": "coordinate updates",
         "score_evaluations": "score evaluations", "cpu_seconds": "CPU seconds"}


@dataclass(frozen=True)
class Bar:
    """The cost of a discovery at a point of a line."""

    line: Line
    cost: str
    mark: Mark


def seconds_per_iteration(sources: list[Source]) -> dict[tuple, float]:
    """CPU time of an iteration of a chain at each point, seeds pooled: by dimension, patch size, noise level and
    further axes. A point that is not timed is not in it."""
    seconds: dict[tuple, float] = {}
    iterations: dict[tuple, float] = {}
    for data in (source.data for source in sources if not source.is_table and source.has_chains):
        further = further_names(data)
        done = np.maximum(data.observed.values, 0).sum(axis=1, dtype=float)
        names = ("dimension", "patch_size", "noise_level", "seconds", *further)
        for n, d, q, noise, spent, *values in zip(done, *(data[name].values.tolist() for name in names)):
            key = (d, q, noise, tuple((name, value_text(value)) for name, value in zip(further, values)))
            seconds[key], iterations[key] = seconds.get(key, 0.0) + spent, iterations.get(key, 0.0) + n
    return {key: spent / iterations[key] for key, spent in seconds.items()
            if spent >= SECONDS_LEAST and iterations[key] > 0}


def bars_of(lines: list[Line], seconds: dict[tuple, float]) -> list[Bar]:
    """All bars. A point's costs are its mean time, which is in iterations, times what an iteration of it costs."""
    bars = []
    for line in lines:
        for p in line.points:
            each = {"iterations": 1.0, "coordinate_updates": p.coordinate_updates,
                    "score_evaluations": p.score_evaluations,
                    "cpu_seconds": seconds.get((p.dimension, p.patch_size, p.noise_level, p.further), math.nan)}
            bars += [Bar(line, cost, Mark(p, "mean", Interval(*(factor * number for number in (
                p.mean.value, p.mean.low, p.mean.high))))) for cost, factor in each.items() if factor > 0]
    return bars


@dataclass(frozen=True)
class Frame:
    """Where bars are: the place of each dimension and line, and their width. They lie where there is one dimension, one
    below the other."""

    places: dict[tuple[int, Key], float]
    width: float
    is_lying: bool

    def at(self, place: float, value: float) -> tuple[float, float]:
        """x and y."""
        return (value, place) if self.is_lying else (place, value)


def draw_bar(axes: plt.Axes, bar: Bar, frame: Frame, bottom: float, color: str, look: Look) -> None:
    """One bar from the lower edge, with its interval, doubt and number."""
    mark, place = bar.mark, frame.places[bar.mark.point.dimension, bar.line.key]
    is_bound, top = mark.kind == "lower_bound", mark.at
    (axes.barh if frame.is_lying else axes.bar)(
        place, top - bottom, 0.94 * frame.width, bottom, color="none" if is_bound else color, edgecolor=color,
        hatch="///" if is_bound else None, linewidth=1.2)
    if is_bound:
        axes.annotate("", xy=frame.at(place, top * 2.5), xytext=frame.at(place, top), arrowprops={
            "arrowstyle": "-|>", "color": color, "linewidth": 1.5, "shrinkA": 0, "shrinkB": 0})
        top *= 2.5
    else:
        lengths = bar_lengths([mark.interval])
        axes.errorbar(*frame.at(place, top), **{"xerr" if frame.is_lying else "yerr": lengths}, color=look.text,
                      capsize=3, linewidth=1.2)
        top = mark.interval.high if math.isfinite(mark.interval.high) else top
    if mark.doubt:
        top *= 1.6
        axes.plot(*([v] for v in frame.at(place, top)), **doubt_sign(mark.doubt, look.text))
    if frame.is_lying:
        axes.annotate(("> " if is_bound else "") + number_text(mark.at), frame.at(place, top), (8, 0), va="center",
                      fontsize=12, textcoords="offset points", color=look.text)


def draw_panel(axes: plt.Axes, bars: list[Bar], frame: Frame, colors: dict[Key, str], look: Look) -> None:
    """The bars of one cost."""
    shown = [bar for bar in bars if bar.mark.is_visible]
    if not shown:
        axes.set_axis_off()
        return
    (axes.set_xscale if frame.is_lying else axes.set_yscale)("log")
    at = [bar.mark.at for bar in shown]
    bottom = min([*at, *(bar.mark.interval.low for bar in shown if bar.mark.interval.low > 0)]) / 3
    for bar in shown:
        draw_bar(axes, bar, frame, bottom, colors[bar.line.key], look)
    top = max([*at, *(bar.mark.interval.high for bar in shown if math.isfinite(bar.mark.interval.high))])
    limits = bottom, top * (top / bottom) ** 0.25 * 2.5  # room for numbers and doubts
    (axes.set_xlim if frame.is_lying else axes.set_ylim)(limits)
    axis = axes.xaxis if frame.is_lying else axes.yaxis
    axis.set_major_locator(LogLocator(numticks=8))
    axis.set_minor_locator(NullLocator())
    axes.grid(axis="x" if frame.is_lying else "y")


def legend_handles(bars: list[Bar], colors: dict[Key, str], look: Look) -> list[Patch | Line2D]:
    """An entry for each line that has a colour, then what else occurs."""
    lines = list({bar.line.key: bar.line for bar in bars}.values())
    varying = varying_axes(lines)
    handles: list[Patch | Line2D] = [Patch(color=colors[line.key], label=describe(line, varying))
                                     for line in lines if line.key in colors]
    if any(bar.mark.kind == "lower_bound" for bar in bars):
        handles.append(Patch(facecolor="none", edgecolor=look.faint, hatch="///", label="95 % lower bound only"))
    doubts = {bar.mark.doubt for bar in bars}
    for doubt, text in (("no", "exponential mean, but times are\nnot exponential (p < 0.01)"),
                        ("objection", "mean with an objection: see below"),
                        ("untested", "exponential mean, untested: fewer\nthan 5 discoveries or 3 passes")):
        if doubt in doubts:
            handles.append(Line2D([], [], label=text, **doubt_sign(doubt, look.text)))
    return handles


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there are too many lines for bars."""
    points, rule = points_of(sources, options, "iterations")
    lines = group_lines(points)
    dimensions = sorted({p.dimension for p in points})
    most = BARS_MAX if len(dimensions) == 1 else len(options.look.colors)
    if len(lines) > most:
        can = f"{most} can" + (f" ({BARS_MAX} of one dimension)" if len(dimensions) > 1 else "")
        raise Refusal(f"bars of {len(lines)} lines cannot be told apart, at most {can}: "
                      + choices((line.key for line in lines), dimensions))
    bars = bars_of(lines, seconds_per_iteration(sources))
    if not any(bar.mark.is_visible for bar in bars):
        raise Refusal("everything was discovered at the start, at no cost; choose another --mode, such as all")
    warnings = [warning] if (warning := warning_of(lines, "iterations")) else []
    rows = [[*further_values(lines, bar.line), name_of(bar.line), *mark_row(bar.mark), bar.cost, warning]
            for bar in bars]
    table = pandas.DataFrame(rows, columns=[*further_axes(lines), "line", *MARK_COLUMNS, "cost", "warning"])
    drawn = [dimensions[i] for i in np.linspace(0, len(dimensions) - 1, min(DIMENSIONS_MAX, len(dimensions))).round()
             .astype(int)]
    left_out = (f"not drawn, because at most {DIMENSIONS_MAX} dimensions are, but in the table of --csv: "
                f"d = {listed(d for d in dimensions if d not in drawn)}")
    remarks = [left_out] if len(drawn) < len(dimensions) else []
    untimed = sum(bar.cost == "iterations" for bar in bars) - sum(bar.cost == "cpu_seconds" for bar in bars)
    if untimed and not any(source.is_table for source in sources):
        remarks.append(f"{untimed} bars of CPU seconds are missing: these points took less than a millisecond, "
                       "or their time is not known, as where another estimator spent it")
    with options.look.applied():
        figure = draw_figure([bar for bar in bars if bar.mark.point.dimension in drawn], lines, rule, options,
                             sources, warnings, remarks)
    return Drawing(figure, {"": table}, warnings, remarks)


def frame_of(dimensions: list[int], keys: list[Key]) -> Frame:
    """The places of the bars: of several dimensions side by side in groups."""
    if len(dimensions) == 1:
        return Frame({(dimensions[0], key): float(-i) for i, key in enumerate(keys)}, 0.8, True)
    width = 0.85 / len(keys)
    return Frame({(d, key): i + width * (k - (len(keys) - 1) / 2) for i, d in enumerate(dimensions)
                  for k, key in enumerate(keys)}, width, False)


def panel_title(cost: str, is_chained: bool) -> str:
    """What is counted in a panel."""
    further = {"cpu_seconds": "\niterations × what one took, on the machine that ran them",
               "score_evaluations": "\nof one patch in chained dynamics" if is_chained else ""}
    return COSTS[cost] + further.get(cost, "")


def draw_figure(bars: list[Bar], lines: list[Line], rule: str, options: Options, sources: list[Source],
                warnings: list[str], left_out: list[str]) -> plt.Figure:
    """The picture."""
    look = options.look
    keys = in_order([key for source in sources if not source.is_table for key in sweep_keys(source.data)]
                    + [line.key for line in lines])
    colors = dict(zip(keys, (color for color, _ in style.marks(keys, look=look))))
    costs = [cost for cost in COSTS if any(bar.cost == cost for bar in bars)]
    dimensions = sorted({bar.mark.point.dimension for bar in bars})
    here = [line.key for line in lines if any(bar.line.key == line.key for bar in bars)]
    names = {line.key: describe(line, varying_axes(lines)) for line in lines}
    frame = frame_of(dimensions, here)
    figure, panels = plt.subplots(2, 2, layout="constrained", figsize=(
        (17, max(6, 4 + 0.9 * len(here))) if frame.is_lying else (15, 10)))
    for axes, cost in zip(panels.flat, costs):
        draw_panel(axes, [bar for bar in bars if bar.cost == cost], frame, colors, look)
        if frame.is_lying:
            axes.set_yticks([frame.places[dimensions[0], key] for key in here], [names[key] for key in here],
                            fontsize=13)
            axes.tick_params(axis="y", length=0, labelleft=axes in panels[:, 0])
            axes.set_ylim(0.6 - len(here), 0.6)
        else:
            axes.set_xticks(range(len(dimensions)), [f"d = {d}" for d in dimensions])
            axes.tick_params(axis="x", length=0)
        axes.set_title(panel_title(cost, any(key[0] is not None for key in here)), loc="left", fontsize=15)
    for axes in panels.flat[len(costs):]:
        axes.set_axis_off()
    figure.suptitle(f"Mean cost {until(options.mode)}" + (f", d = {dimensions[0]}" if len(dimensions) == 1 else "") +
                    f"; rule {rule}, {chains_per_point(bar.mark.point for bar in bars)}", x=0.01, ha="left",
                    fontsize=18)
    handles = legend_handles(bars, {} if frame.is_lying else colors, look)
    if handles:
        beside(panels[0, 1], handles)
    facts = [*objections(bar.mark for bar in bars if bar.cost == "iterations"),
             *(fact for source in sources for fact in source.facts)]
    style.notes(figure, warnings, [*left_out, ON_LOG_AXES, *facts], look)
    return figure
