# SPDX-License-Identifier: GPL-3.0-or-later
"""What replicates of an estimator save against direct simulation, for the same relative error, against the dimension.

Vanilla dynamics discovers at a constant rate: with D discoveries the relative standard error e of its mean is
1 / sqrt(D), so that direct simulation needs mean / e^2 iterations for it. The gain is that, over the moves of a chain
that the replicates did altogether, e being theirs. It counts moves, not seconds: a move that is split, saved or followed
backwards costs somewhat more than one that is simulated.

The 95 % interval is that of the replicates' variance (chi-square), because e is an estimate, too. Means with an
objection are crossed: where their e is too small the gain is too large. Quadratures make no moves, and are not random.

Table: the marks; value, low and high are ratios; relative_error is e, moves what the replicates did, direct what direct
simulation would need.
"""

from __future__ import annotations

import math
from dataclasses import replace

import matplotlib.pyplot as plt
import pandas
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator

from .. import style
from ..drawing import Drawing, Options, Source, points_of
from ..errors import Refusal
from ..fits import relative_error
from ..lines import Line, describe, further_axes, further_values, group_lines, name_of, varying_axes
from ..marks import (MARK_COLUMNS, Mark, chains_per_point, doubt_sign, draw_marks, log_scale, mark_row, marker_of,
                     objections, words_of)
from ..panels import beside
from ..points import Interval, Point
from ..style import Look

NAME = "gain"
PURPOSE = "what estimators save against direct simulation at equal relative error, against dimension"
OPTIONS = ("rule",)


def gain_of(point: Point) -> Mark | None:
    """The gain of a point of replicates; None where it has no error, or no moves."""
    from scipy.stats import chi2

    error = relative_error(point)
    if not (0 < error < math.inf and point.moves > 0 and math.isfinite(point.mean.value)):
        return None
    value, freedom = point.mean.value / error**2 / point.moves, point.chains - 1
    low, high = (value * float(chi2.ppf(p, freedom)) / freedom for p in (0.025, 0.975))
    return Mark(replace(point, mean=Interval(value, low, high)), "mean", Interval(value, low, high))


def gains_of(lines: list[Line]) -> list[tuple[Line, list[tuple[Point, Mark]]]]:
    """The marks of each line with the points that they are of."""
    found = [(line, [(p, mark) for p in line.points if (mark := gain_of(p))]) for line in lines]
    return [(line, pairs) for line, pairs in found if pairs]


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there are no replicates."""
    points, rule = points_of(sources, options)
    found = gains_of(group_lines([p for p in points if p.basis.startswith("student_t")], by_estimator=True))
    if not found:
        raise Refusal("no mean is of replicates that made moves, so there is nothing to compare with direct simulation; "
                      "`estimator: restart`, say, makes them")
    lines = [line for line, _ in found]
    rows = [[*further_values(lines, line), name_of(line), *mark_row(mark), relative_error(p), p.moves,
             p.mean.value / relative_error(p)**2] for line, pairs in found for p, mark in pairs]
    table = pandas.DataFrame(rows, columns=[*further_axes(lines), "line", *MARK_COLUMNS, "relative_error", "moves",
                                            "direct"])
    with options.look.applied():
        figure = draw_figure(found, rule, options, sources)
    return Drawing(figure, {"": table.drop(columns=["basis", "exponential", "statistic"])})


def legend_handles(found: list[tuple[Line, list[tuple[Point, Mark]]]], styles: list[tuple[str, str]],
                   look: Look) -> list[Line2D]:
    """An entry for each line, and for marks with an objection."""
    varying = varying_axes([line for line, _ in found])
    handles = [Line2D([], [], color=color, marker=marker_of(line.estimator, marker), markersize=8,
                      label=f"{describe(line, varying)}, {words_of(line.estimator)}")
               for (line, _), (color, marker) in zip(found, styles)]
    has_objection = any(p.objection for _, pairs in found for p, _ in pairs)
    return handles + ([Line2D([], [], label="objection to the mean: see below", **doubt_sign("objection", look.faint))]
                      if has_objection else [])


def draw_figure(found: list[tuple[Line, list[tuple[Point, Mark]]]], rule: str, options: Options,
                sources: list[Source]) -> plt.Figure:
    """The picture."""
    look = options.look
    styles = style.marks([(line.key, line.estimator) for line, _ in found], look=look)  # estimators are compared
    figure, axes = plt.subplots(figsize=(12, 6.5), layout="constrained")
    axes.set_yscale("log")
    for (_, pairs), line_style in zip(found, styles):
        draw_marks(axes, [mark for _, mark in pairs], lambda p: p.dimension, line_style, look, is_joined=True)
    axes.axhline(1, color=look.faint, linewidth=1, zorder=1)
    axes.annotate("as much as direct simulation", xy=(1, 1), xycoords=("axes fraction", "data"), xytext=(-4, 3),
                  ha="right", textcoords="offset points", color=look.faint, fontsize=12)
    every = [p for _, pairs in found for p, _ in pairs]
    style.title(axes, "Moves saved against direct simulation, at equal relative error",
                f"until any mode is discovered; rule {rule}, {chains_per_point(every)}, 95 % intervals", look)
    axes.set_xlabel("dimension d")
    axes.set_ylabel("iterations of direct simulation / moves")
    axes.grid(axis="y", which="major")
    dimensions = {p.dimension for p in every}
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 2.5, 5, 10]) if len(dimensions) > 1 else
                                 FixedLocator(list(dimensions)))
    log_scale(axes)
    beside(axes, legend_handles(found, styles, look))
    facts = [fact for source in sources for fact in source.facts]
    style.notes(figure, [], [*objections(mark for _, pairs in found for _, mark in pairs), *facts], look)
    return figure
