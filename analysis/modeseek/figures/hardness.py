# SPDX-License-Identifier: GPL-3.0-or-later
"""Discovery time against dimension.

There is one line for each patch size, noise level and combination of the sweep's further axes (samplers, say); the
legend says which. "Vanilla" is the line on which the patch is the whole vector; a point whose patch size is its
dimension also belongs to the line of that patch size if larger dimensions have one.

  filled marks  mean discovery time, 95 % interval: by maximum likelihood of an exponential law with censoring where a
                test does not reject that law; the plain mean where no chain is censored
  crossed       mean of an exponential law although the test says that times are not exponential (p < 0.01) and chains
                are censored: it can be wrong by any factor
  ?             the same where fewer than five discoveries, or three passes, leave the law untested
  open marks    Kaplan-Meier median
  upward marks  no estimate: a lower bound, the lower end of the 95 % interval. For the mean that is where nothing
                was discovered (the bound relies on the exponential law), for the median where the survival curve
                does not come down to 1/2

The time to discover all modes (--mode all) is the largest of several times, not exponential. Where fewer than half of
the chains discovered all, censoring makes the formula for the mean far too large: the lower limit of the median takes
its place as a bound, and the fits leave the point out. Up to half it is at most about 30 % too large.

The legend gives the slope b of mean = exp(a + b d) with its 95 % interval, by maximum likelihood from the numbers of
discoveries and the iterations at risk. Points take part whose times pass the test, those without a censored chain
(weighted by their interval), and, of vanilla lines, those with too few discoveries to tell. For a chained line to which
mean = exp(a) d^p fits better (a smaller dispersion) it gives the power p. The table of fits has both. Where the counts
scatter more than the law allows, intervals are widened by the square root of the dispersion and by Student's t. A
dispersion much larger than that of the other law says that the law does not fit.

Times are in iterations, which cost differently with different samplers: an iteration of HMC evaluates the score as
often as it has leapfrog steps. --cost score_evaluations draws what times cost: iterations times evaluations of the
score in each (where patches are chained, of the score of a patch); --cost coordinate_updates the same with the
coordinates that an iteration moves, mean over a pass. All of the above then holds for costs instead of iterations.

Tables: the marks (kind: estimate or lower_bound; basis: exponential, plain or kaplan_meier; exponential: what the test
says, yes, no or untested; cost: what times are counted in; warning: why rows are not to be compared, empty where they
are), and `-fits`, one row for each fit (law: exponential or power). Further axes are columns of both.
"""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from .. import style
from ..drawing import Drawing, Options, Source, points_of
from ..errors import Refusal
from ..fits import Fit, fit_line
from ..lines import Line, describe, further_axes, further_values, group_lines, name_of, varying_axes, warning_of
from ..marks import (MARK_COLUMNS, budgets_of, chains_per_point, draw_budgets, draw_marks, log_scale, mark_handles,
                     mark_row, marks_of, styles_of, until)
from ..panels import beside
from ..style import Look

NAME = "hardness"
PURPOSE = "discovery time against dimension"
OPTIONS = ("rule", "mode", "estimate", "cost")

DRAWN_COLUMNS = ["line", *MARK_COLUMNS, "cost", "warning"]
FIT_COLUMNS = "line noise_level law intercept slope slope_low slope_high dispersion points cost warning".split()


def with_interval(fit: Fit) -> str:
    """The slope to the digits its interval deserves."""
    digits = max(0, 1 - math.floor(math.log10(fit.half_width))) if fit.half_width > 0 else 4
    return f"{fit.slope:.{digits}f} ± {fit.half_width:.{digits}f}"


def legend_label(line: Line, varying: dict[str, str], estimate: str) -> str:
    """Name and fitted law of a line: of a chained one the law that fits better. The laws are those of means."""
    label = describe(line, varying)
    if estimate == "median":
        return label
    if line.patch_size is not None and line.power and (
            not line.exponential or line.power.dispersion < line.exponential.dispersion):
        return f"{label}\npower {with_interval(line.power)} of d"
    return f"{label}\nslope {with_interval(line.exponential)} per dimension" if line.exponential else label


def draw_line(axes: plt.Axes, line: Line, estimate: str, style: tuple[str, str], look: Look) -> None:
    """One line, and the exponential law of a vanilla one."""
    draw_marks(axes, marks_of(line.points, estimate), lambda p: p.dimension, style, look,
               is_joined=line.patch_size is not None)
    if line.patch_size is None and line.exponential and estimate != "median":
        fitted = [p.dimension for p in line.points if p.is_fitted]
        ends = np.array([fitted[0], fitted[-1]], dtype=float)
        axes.plot(ends, np.exp(line.exponential.intercept + line.exponential.slope * ends), "--", color=style[0],
                  linewidth=1.5, zorder=2)


def legend_handles(lines: list[Line], styles: list[tuple[str, str]], estimate: str, look: Look) -> list[Line2D]:
    """An entry for each line, then one for each kind of mark that occurs."""
    handles, varying = [], varying_axes(lines)
    for line, (color, marker) in zip(lines, styles):
        is_fitted = line.exponential and estimate != "median"
        handles.append(Line2D([], [], color=color, marker=marker, markersize=8,
                              linestyle="-" if line.patch_size is not None else "--" if is_fitted else "none",
                              label=legend_label(line, varying, estimate),
                              markerfacecolor=look.background if estimate == "median" else color))
    if estimate != "median" and any(line.exponential and line.patch_size is None for line in lines):
        handles.append(Line2D([], [], color=look.faint, linestyle="--", label="fit: exponential in d"))
    if any(line.patch_size is not None for line in lines):
        handles.append(Line2D([], [], color=look.faint, label="joins marks (no fit)"))
    return handles + mark_handles([mark for line in lines for mark in marks_of(line.points, estimate)], look)


def tables_of(lines: list[Line], estimate: str, cost: str) -> dict[str, pandas.DataFrame]:
    """The marks, and the fits."""
    further, warning = further_axes(lines), warning_of(lines, cost)
    marks = [[*further_values(lines, line), name_of(line), *mark_row(mark), cost, warning]
             for line in lines for mark in marks_of(line.points, estimate)]
    fits = [[*further_values(lines, line), name_of(line), line.noise_level, law, fit.intercept, fit.slope,
             fit.slope - fit.half_width, fit.slope + fit.half_width, fit.dispersion, fit.points, cost, warning]
            for line in lines for law, fit in (("exponential", line.exponential), ("power", line.power)) if fit]
    return {"": pandas.DataFrame(marks, columns=further + DRAWN_COLUMNS),
            "-fits": pandas.DataFrame(fits, columns=further + FIT_COLUMNS)}


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there is one dimension alone."""
    points, rule = points_of(sources, options)
    if len({p.dimension for p in points}) == 1:
        raise Refusal(f"all points have dimension {points[0].dimension}, so there is no curve against the dimension; "
                      "use the kind patch-size, survival or cost")
    lines = group_lines(points)
    for line in lines:
        line.exponential, line.power = fit_line(line.points, float), fit_line(line.points, math.log)
    is_censored = any(p.discovered < p.chains for p in points)
    budgets = budgets_of(sources, options.cost) if is_censored else []
    warnings = [warning] if (warning := warning_of(lines, options.cost)) else []
    with options.look.applied():
        figure = draw_figure(lines, budgets, rule, options, sources, warnings)
    drawing = Drawing(figure, tables_of(lines, options.estimate, options.cost), warnings)
    hidden = sum(not mark.is_visible for line in lines for mark in marks_of(line.points, options.estimate))
    if hidden:
        drawing.remarks.append(f"{hidden} marks at 0 {options.cost.replace('_', ' ')} cannot be shown on the "
                               "logarithmic axis; they are in the table of --csv")
    return drawing


def draw_figure(lines: list[Line], budgets: list[tuple[float, float]], rule: str, options: Options,
                sources: list[Source], warnings: list[str]) -> plt.Figure:
    """The picture."""
    look = options.look
    styles = styles_of(lines, sources, look)
    legend = legend_handles(lines, styles, options.estimate, look)
    figure, axes = plt.subplots(figsize=(12, 6.5), layout="constrained")
    axes.set_yscale("log", nonpositive="clip")
    for line, line_style in zip(lines, styles):
        draw_line(axes, line, options.estimate, line_style, look)
    draw_budgets(axes, budgets, lines[0].points[0].dimension, look)
    counted = options.cost.replace("_", " ")
    style.title(axes, f"{counted.capitalize()} {until(options.mode)}",
                f"rule {rule}, {chains_per_point(p for line in lines for p in line.points)}", look)
    axes.set_xlabel("dimension d")
    style.notes(figure, warnings, [fact for source in sources for fact in source.facts], look)
    axes.set_ylabel(counted)
    axes.grid(axis="y", which="major")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 2.5, 5, 10]))
    log_scale(axes)
    beside(axes, legend)
    return figure
