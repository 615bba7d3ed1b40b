# SPDX-License-Identifier: GPL-3.0-or-later
"""Speed-up of discovery by chained over vanilla dynamics, against the dimension.

One line for each patch size: the discovery time of vanilla dynamics over that of chained dynamics with the same noise
level and further axes; means, or medians with --estimate median; with --cost, of costs. The 95 % interval of a ratio is
made of those of both times on the logarithmic scale: how far their ends lie from the estimates, added in squares (the
delta method, and for uneven intervals that of Zou and Donner). It takes the two times as independent.

  upward arrows    of vanilla dynamics there is only a lower bound: it, over the upper end of chained dynamics' interval
  downward arrows  the other way round
  crossed, ?       one of the two is in doubt, as in `hardness`

Table: the marks; value, low and high are ratios.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import matplotlib.pyplot as plt
import pandas
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator

from .. import style
from ..drawing import Drawing, Options, Source, points_of
from ..errors import Refusal
from ..lines import (Line, describe, further_axes, further_values, group_lines, name_of, vanilla_of, varying_axes,
                     warning_of)
from ..marks import (DOUBT_MARKERS, DOWN, MARK_COLUMNS, UP, Mark, chains_per_point, doubt_sign, draw_marks, log_scale,
                     mark_row, marks_of, objections, styles_of, until)
from ..panels import beside
from ..points import Interval, Point
from ..style import Look

NAME = "speed-up"
PURPOSE = "speed-up of discovery by chained over vanilla dynamics, against dimension"
OPTIONS = ("rule", "mode", "estimate", "cost")


def ratio_of(above: Interval, below: Interval) -> Interval:
    """A ratio of two independent estimates and its interval."""
    value = above.value / below.value
    down = math.hypot(math.log(above.value / above.low), math.log(below.high / below.value))
    up = math.hypot(math.log(above.high / above.value), math.log(below.value / below.low))
    return Interval(value, value * math.exp(-down), value * math.exp(up))


def speed_up(vanilla: Mark, chained: Mark) -> Mark | None:
    """The ratio of two marks, an estimate or a bound; None where nothing is known of it."""
    doubts = {vanilla.doubt, chained.doubt}
    verdict = "no" if "no" in doubts else "untested" if "untested" in doubts else "yes"
    p = chained.point
    point = replace(p, basis="exponential", verdict=verdict, objection=p.objection or vanilla.point.objection,
                    chains=min(p.chains, vanilla.point.chains) if vanilla.point.is_direct else p.chains)
    above, below = vanilla.interval, chained.interval
    if min(above.low, below.low) <= 0 or (vanilla.kind, chained.kind) == ("lower_bound", "lower_bound"):
        return None
    if vanilla.kind == "lower_bound":
        bound = Interval(math.inf, above.low / below.high, math.inf)
        return Mark(point, vanilla.statistic, bound) if bound.low > 0 else None
    if chained.kind == "lower_bound":
        bound = Interval(0, 0, above.high / below.low)
        return Mark(point, vanilla.statistic, bound, is_upper=True) if bound.high < math.inf else None
    return Mark(point, vanilla.statistic, ratio_of(above, below))


def speed_ups(lines: list[Line], statistic: str) -> tuple[list[tuple[Line, list[Mark]]], list[Point], int]:
    """The marks of each chained line, the points that they compare, and the number of pairs without any estimate."""
    vanilla = {(mark.point.dimension, line.key): mark for line in lines if line.patch_size is None
               for mark in marks_of(line.points, statistic)}
    found, compared, unknown = [], list[Point](), 0
    for line in lines:
        pairs = [(above, mark) for mark in marks_of(line.points, statistic)
                 if line.patch_size is not None and mark.point.patch_size < mark.point.dimension
                 and (above := vanilla.get((mark.point.dimension, vanilla_of(line.key))))]
        marks = [speed_up(*pair) for pair in pairs]
        unknown += marks.count(None)
        compared += [of.point for mark, pair in zip(marks, pairs) if mark for of in pair]
        if any(marks):
            found.append((line, [mark for mark in marks if mark]))
    return found, compared, unknown


def legend_handles(found: list[tuple[Line, list[Mark]]], styles: list[tuple[str, str]], statistic: str,
                   look: Look) -> list[Line2D]:
    """An entry for each line, then one for each kind of mark that occurs."""
    varying = varying_axes([line for line, _ in found])
    face = {"markerfacecolor": look.background} if statistic == "median" else {}
    handles = [Line2D([], [], color=color, marker=marker, markersize=8, label=describe(line, varying), **face)
               for (line, _), (color, marker) in zip(found, styles)]
    marks = [mark for _, of_line in found for mark in of_line]
    kinds = {mark.kind if mark.kind != "estimate" or not mark.doubt else "" for mark in marks}
    kinds |= {mark.doubt for mark in marks}
    reasons = {"estimate": ("o", f"ratio of {statistic}s, 95 % interval"),
               "lower_bound": (UP, "lower bound only: no estimate\nfor vanilla dynamics"),
               "upper_bound": (DOWN, "upper bound only: no estimate\nfor chained dynamics"),
               "no": (DOUBT_MARKERS["no"], "times not exponential (p < 0.01)"),
               "objection": (DOUBT_MARKERS["objection"], "objection to a mean: see below"),
               "untested": (DOUBT_MARKERS["untested"], "exponential law untested")}
    return handles + [Line2D([], [], label=text, **doubt_sign(kind, look.faint)) if kind in DOUBT_MARKERS else
                      Line2D([], [], color=look.faint, marker=marker, linestyle="none", label=text,
                             markersize=12 if marker in (UP, DOWN) else 8)
                      for kind, (marker, text) in reasons.items() if kind in kinds]


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there is no vanilla or no chained dynamics to compare."""
    points, rule = points_of(sources, options)
    lines = group_lines(points)
    statistic = "mean" if options.estimate == "both" else options.estimate
    found, compared, unknown = speed_ups(lines, statistic)
    if not found:
        raise Refusal("no dimension has usable times of both vanilla (Q = d) and chained dynamics; use the kind "
                      "hardness")
    warnings = [warning] if (warning := warning_of([line for line, _ in found], options.cost)) else []
    chained = [line for line, _ in found]
    rows = [[*further_values(chained, line), name_of(line), *mark_row(mark), options.cost, warning]
            for line, marks in found for mark in marks]
    table = pandas.DataFrame(rows, columns=[*further_axes(chained), "line", *MARK_COLUMNS, "cost", "warning"])
    with options.look.applied():
        figure = draw_figure(found, compared, (statistic, rule), options, sources, warnings)
    remarks = [f"{unknown} pairs of vanilla and chained dynamics are left out: there is no estimate for either"]
    return Drawing(figure, {"": table.drop(columns="basis")}, warnings, remarks if unknown else [])


def shifted(shift: float) -> Callable[[Point], float]:
    """The dimension of a point, a little beside it."""
    return lambda p: p.dimension + shift


def draw_figure(found: list[tuple[Line, list[Mark]]], compared: list[Point], what: tuple[str, str], options: Options,
                sources: list[Source], warnings: list[str]) -> plt.Figure:
    """The picture."""
    look, (statistic, rule) = options.look, what
    styles = styles_of([line for line, _ in found], sources, look)
    figure, axes = plt.subplots(figsize=(12, 6.5), layout="constrained")
    axes.set_yscale("log")
    dimensions = [mark.point.dimension for _, marks in found for mark in marks]
    step = 0.012 * (max(dimensions) - min(dimensions) or 1)  # side by side: bounds would cover each other
    for i, ((_, marks), line_style) in enumerate(zip(found, styles)):
        draw_marks(axes, marks, shifted(step * (i - (len(found) - 1) / 2)), line_style, look, is_joined=True)
    axes.axhline(1, color=look.faint, linewidth=1, zorder=1)
    axes.annotate("as fast as vanilla", xy=(1, 1), xycoords=("axes fraction", "data"), xytext=(-4, 3), ha="right",
                  textcoords="offset points", color=look.faint, fontsize=12)
    counted = options.cost.replace("_", " ")
    style.title(axes, "Speed-up over vanilla dynamics", f"ratio of {statistic} {counted} {until(options.mode)}; rule "
                f"{rule}, {chains_per_point(compared)}", look)
    axes.set_xlabel("dimension d")
    axes.set_ylabel("vanilla / chained")
    axes.grid(axis="y", which="major")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 2.5, 5, 10]) if len(set(dimensions)) > 1 else
                                 FixedLocator(dimensions[:1]))
    log_scale(axes)
    beside(axes, legend_handles(found, styles, statistic, look))
    objected = objections(mark for _, marks in found for mark in marks)
    style.notes(figure, warnings, [*objected, *(fact for source in sources for fact in source.facts)], look)
    return figure
