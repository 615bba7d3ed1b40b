# SPDX-License-Identifier: GPL-3.0-or-later
"""What a discovery costs: iterations, coordinate updates, score evaluations and CPU time, side by side.

Bars of the mean cost until the discovery, on logarithmic axes, with its 95 % interval: the mean discovery time of
`hardness` times what an iteration costs (where patches are chained, evaluations are of the score of a patch). Hatched
bars with an arrow are lower bounds; a cross or "?" above a bar is a doubt, as there. Of more than four dimensions, four
are drawn; the table has all.

CPU time is what the blocks took on the machine that computed them, for each iteration at risk, times the mean:
that is, over the number of discoveries where the mean is that of an exponential law. It holds everything that is done
in a block (starting, observing, going on to further modes), and is no property of the algorithm.

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
from ..lines import (Key, Line, describe, further_axes, further_names, further_values, group_lines, in_order, name_of,
                     sweep_keys, varying_axes, warning_of)
from ..marks import DOUBT_MARKERS, MARK_COLUMNS, Mark, bar_lengths, chains_per_point, mark_row, number_text, until
from ..points import Interval, value_text
from ..style import Look

NAME = "cost"
PURPOSE = "what a discovery costs: iterations, updates, evaluations, CPU time"

DIMENSIONS_MAX = 4
BARS_MAX = 16  # of one dimension alone, each with its name; of several there is a colour for each line
COSTS = {"iterations": "iterations", "coordinate_updates": "coordinate updates",
         "score_evaluations": "score evaluations", "cpu_seconds": "CPU seconds"}


@dataclass(frozen=True)
class Bar:
    """The cost of a discovery at a point of a line."""

    line: Line
    cost: str
    mark: Mark


def seconds_of(sources: list[Source]) -> dict[tuple, float]:
    """CPU time of each point, seeds pooled: by dimension, patch size, noise level and further axes."""
    seconds: dict[tuple, float] = {}
    for source in sources:
        if source.is_table:
            continue
        data = source.data
        further = further_names(data)
        names = ("dimension", "patch_size", "noise_level", "seconds", *further)
        for d, q, noise, spent, *values in zip(*(data[name].values.tolist() for name in names)):
            key = (d, q, noise, tuple((name, value_text(value)) for name, value in zip(further, values)))
            seconds[key] = seconds.get(key, 0.0) + spent
    return seconds


def bars_of(lines: list[Line], seconds: dict[tuple, float]) -> list[Bar]:
    """All bars. A point's costs are its mean time, which is in iterations, times what an iteration of it costs."""
    bars = []
    for line in lines:
        for p in line.points:
            spent = seconds.get((p.dimension, p.patch_size, p.noise_level, p.further), math.nan)
            each = {"iterations": 1.0, "coordinate_updates": p.coordinate_updates,
                    "score_evaluations": p.score_evaluations,
                    "cpu_seconds": spent / p.at_risk if p.at_risk else math.nan}
            bars += [Bar(line, cost, Mark(p, "mean", Interval(*(factor * number for number in (
                p.mean.value, p.mean.low, p.mean.high))))) for cost, factor in each.items() if factor > 0]
    return bars


def draw_panel(axes: plt.Axes, bars: list[Bar], places: dict[tuple[int, Key], float], width: float,
               colors: dict[Key, str], look: Look) -> None:
    """The bars of one cost, from the lower edge up."""
    shown = [bar for bar in bars if bar.mark.is_visible]
    if not shown:
        axes.set_axis_off()
        return
    axes.set_yscale("log")
    at = [bar.mark.at for bar in shown]
    bottom = min([*at, *(bar.mark.interval.low for bar in shown if bar.mark.interval.low > 0)]) / 3
    for bar in shown:
        mark, color = bar.mark, colors[bar.line.key]
        x, is_bound = places[mark.point.dimension, bar.line.key], mark.kind == "lower_bound"
        axes.bar(x, mark.at - bottom, 0.94 * width, bottom, color="none" if is_bound else color, edgecolor=color,
                 hatch="///" if is_bound else None, linewidth=1.2)
        top = mark.at
        if is_bound:
            axes.annotate("", xy=(x, top * 2.5), xytext=(x, top), arrowprops={
                "arrowstyle": "-|>", "color": color, "linewidth": 1.5, "shrinkA": 0, "shrinkB": 0})
            top *= 2.5
        else:
            axes.errorbar(x, top, yerr=bar_lengths([mark.interval]), color=look.text, capsize=3, linewidth=1.2)
            top = mark.interval.high if math.isfinite(mark.interval.high) else top
        if mark.doubt:
            axes.plot([x], [top * 1.6], marker=DOUBT_MARKERS[mark.doubt], color=look.text, markersize=7)
        if len(places) <= 8:
            axes.annotate(number_text(mark.at), (x, top * (2.2 if mark.doubt else 1)), (0, 4), ha="center", fontsize=11,
                          textcoords="offset points", color=look.text)
    axes.set_ylim(bottom, max([*at, *(bar.mark.interval.high for bar in shown
                                      if math.isfinite(bar.mark.interval.high))]) * 12)
    axes.yaxis.set_major_locator(LogLocator(numticks=8))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.grid(axis="y")


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
                        ("untested", "exponential mean, untested: fewer\nthan 5 discoveries or 3 passes")):
        if doubt in doubts:
            handles.append(Line2D([], [], color=look.text, marker=DOUBT_MARKERS[doubt], linestyle="none", label=text))
    return handles


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there are too many lines for bars."""
    points, rule = points_of(sources, options, "iterations")
    lines = group_lines(points)
    dimensions = sorted({p.dimension for p in points})
    most = BARS_MAX if len(dimensions) == 1 else len(options.look.colors)
    if len(lines) > most:
        raise Refusal(f"bars of {len(lines)} lines cannot be told apart, at most {most} can: choose by --select one "
                      "dimension, or some of the lines")
    bars = bars_of(lines, seconds_of(sources))
    if not any(bar.mark.is_visible for bar in bars):
        raise Refusal("everything was discovered at the start, at no cost; choose another --mode")
    warnings = [warning] if (warning := warning_of(lines, "iterations")) else []
    rows = [[*further_values(lines, bar.line), name_of(bar.line), *mark_row(bar.mark), bar.cost, warning]
            for bar in bars]
    table = pandas.DataFrame(rows, columns=[*further_axes(lines), "line", *MARK_COLUMNS, "cost", "warning"])
    drawn = [dimensions[i] for i in np.linspace(0, len(dimensions) - 1, min(DIMENSIONS_MAX, len(dimensions))).round()
             .astype(int)]
    with options.look.applied():
        figure = draw_figure([bar for bar in bars if bar.mark.point.dimension in drawn], lines, rule, options,
                             sources, warnings)
    remarks = [f"of {len(dimensions)} dimensions {', '.join(map(str, drawn))} are drawn; all are in the table"]
    return Drawing(figure, {"": table}, warnings, remarks if len(drawn) < len(dimensions) else [])


def draw_figure(bars: list[Bar], lines: list[Line], rule: str, options: Options, sources: list[Source],
                warnings: list[str]) -> plt.Figure:
    """The picture."""
    look = options.look
    keys = in_order([key for source in sources if not source.is_table for key in sweep_keys(source.data)]
                    + [line.key for line in lines])
    colors = dict(zip(keys, (color for color, _ in style.marks(keys, look=look))))
    costs = [cost for cost in COSTS if any(bar.cost == cost for bar in bars)]
    dimensions = sorted({bar.mark.point.dimension for bar in bars})
    here = [line.key for line in lines if any(bar.line.key == line.key for bar in bars)]
    names = {line.key: describe(line, varying_axes(lines)) for line in lines}
    width = 0.85 / len(here)
    places = {(d, key): i + width * (k - (len(here) - 1) / 2)
              for i, d in enumerate(dimensions) for k, key in enumerate(here)}
    figure, panels = plt.subplots(2, 2, figsize=(15, 10), layout="constrained")
    for axes, cost in zip(panels.flat, costs):
        draw_panel(axes, [bar for bar in bars if bar.cost == cost], places, width, colors, look)
        if len(dimensions) == 1:
            turned = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if len(here) > 4 else {}
            axes.set_xticks([places[dimensions[0], key] for key in here], [names[key].replace(", Q", ",\nQ")
                            if not turned else names[key] for key in here], fontsize=12, **turned)
            axes.tick_params(labelbottom=axes in panels[-1] or len(costs) < 4)
        else:
            axes.set_xticks(range(len(dimensions)), [f"d = {d}" for d in dimensions])
        axes.tick_params(axis="x", length=0)
        axes.set_title(COSTS[cost] + ("\nof whole blocks, on the machine that ran them" if cost == "cpu_seconds" else
                                      "\nof one patch in chained dynamics" if cost == "score_evaluations" else ""),
                       loc="left", fontsize=15)
    for axes in panels.flat[len(costs):]:
        axes.set_axis_off()
    figure.suptitle(f"Mean cost {until(options.mode)}" + (f", d = {dimensions[0]}" if len(dimensions) == 1 else "") +
                    f"; rule {rule}, {chains_per_point(bar.mark.point for bar in bars)}", x=0.01, ha="left",
                    fontsize=18)
    of_legend: dict[Key, str] = {} if len(dimensions) == 1 else colors
    handles = legend_handles(bars, of_legend, look)
    if handles:
        panels[0, 1].legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, fontsize=13,
                            labelspacing=0.8)
    style.notes(figure, warnings, [fact for source in sources for fact in source.facts], look)
    return figure
