# SPDX-License-Identifier: GPL-3.0-or-later
"""Discovery time against dimension.

There is one line for each patch size, noise level and combination of the sweep's further axes (samplers, say); the
legend says which. "Vanilla" is the line on which the patch is the whole vector; a point whose patch size is its
dimension also belongs to the line of that patch size if larger dimensions have one.

  filled marks  mean discovery time, 95 % interval: by maximum likelihood of an exponential law with censoring where a
                test finds nothing against that law; the plain mean where no chain is censored
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
from matplotlib.ticker import LogLocator, MaxNLocator, StrMethodFormatter

from .. import style
from ..drawing import Drawing, Options, Source
from ..errors import Refusal
from ..fits import Fit, fit_line
from ..lines import (Line, describe, further_axes, further_values, group_lines, in_order, name_of, sweep_keys,
                     varying_axes, warning_of)
from ..points import Interval, Point, read_points

NAME = "hardness"
PURPOSE = "discovery time against dimension"

BUDGETS_MAX = 4  # with more none is drawn
DRAWN_COLUMNS = ("line dimension patch_size noise_level chains discovered censored statistic kind basis exponential "
                 "value low high cost warning").split()
FIT_COLUMNS = "line noise_level law intercept slope slope_low slope_high dispersion points cost warning".split()
DOUBT_MARKERS = {"no": "x", "untested": "$?$"}


def marks_of(line: Line, estimate: str) -> list[tuple[Point, str, str, Interval]]:
    """What is drawn of a line: point, statistic (mean or median), kind (estimate or lower_bound) and numbers."""
    marks = []
    for statistic in ("mean", "median") if estimate == "both" else (estimate,):
        for p in line.points:
            interval: Interval = getattr(p, statistic)
            kind = "estimate" if math.isfinite(interval.value) else "lower_bound"
            marks.append((p, statistic, kind, interval))
    return marks


def is_visible(kind: str, interval: Interval) -> bool:
    """Whether a mark is on a logarithmic axis."""
    return (interval.low if kind == "lower_bound" else interval.value) > 0


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


def draw_line(axes: plt.Axes, line: Line, estimate: str, color: str, marker: str, background: str) -> None:
    """One line: estimates with bars, medians, bounds, and the exponential law of a vanilla line."""
    for statistic in {statistic for _, statistic, _, _ in marks_of(line, estimate)}:
        is_mean = statistic == "mean"
        marks = [m for m in marks_of(line, estimate) if m[1] == statistic]
        main = statistic == "mean" or estimate == "median"  # carries line and bars
        face = color if statistic == "mean" else background
        shown = [(p, i) for p, _, kind, i in marks if kind == "estimate" and is_visible(kind, i)]
        doubted = [(p, i) for p, i in shown if is_mean and p.doubt]
        known = [(p.dimension, i) for p, i in shown if not (is_mean and p.doubt)]
        for p, i in doubted:
            axes.plot([p.dimension] * 2, [i.low, i.high if math.isfinite(i.high) else i.value], ":", color=color,
                      linewidth=1.5, zorder=3)
            axes.plot([p.dimension], [i.value], marker, color=color, markerfacecolor=background, markersize=11, zorder=4)
            axes.plot([p.dimension], [i.value], marker=DOUBT_MARKERS[p.doubt], color=color, markersize=7, zorder=5)
        if known:
            d, value = [x for x, _ in known], np.array([i.value for _, i in known])
            if main:
                low, high = (np.array([getattr(i, end) for _, i in known]) for end in ("low", "high"))
                high[~np.isfinite(high)] = value[~np.isfinite(high)]  # no upper end: no bar upwards
                axes.errorbar(d, value, yerr=[value - low, high - value], color=color, fmt="none", capsize=3,
                              linewidth=1.5, zorder=3)
            axes.plot(d, value, marker, color=color, markerfacecolor=face, markersize=8 if main else 6,
                      linestyle="-" if main and line.patch_size is not None else "none", linewidth=1.3,
                      zorder=(4 if main else 3) + (0.5 if line.patch_size is None else 0))
        for p, _, kind, interval in marks:
            if kind == "lower_bound" and is_visible(kind, interval):
                if main:
                    axes.annotate("", xy=(p.dimension, interval.low * 3.5), xytext=(p.dimension, interval.low),
                                  arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": 1.8,
                                              "shrinkA": 0, "shrinkB": 0})
                    axes.plot([p.dimension], [interval.low * 4], alpha=0)  # keeps the arrow inside the axes
                if main and is_mean and p.doubt:
                    axes.plot([p.dimension], [interval.low * 5], marker=DOUBT_MARKERS[p.doubt], color=color,
                              markersize=9)
                axes.plot([p.dimension], [interval.low], "_" if main else "^", color=color, markerfacecolor=face,
                          zorder=4, markersize=12 if main else 6, markeredgewidth=2 if main else 1)
    if line.patch_size is None and line.exponential and estimate != "median":
        fitted = [p.dimension for p in line.points if p.is_fitted]
        ends = np.array([fitted[0], fitted[-1]], dtype=float)
        axes.plot(ends, np.exp(line.exponential.intercept + line.exponential.slope * ends), "--", color=color,
                  linewidth=1.5, zorder=2)


def legend_handles(lines: list[Line], styles: list[tuple[str, str]], estimate: str, look: style.Look) -> list[Line2D]:
    """An entry for each line, then one for each kind of mark that occurs."""
    handles, varying = [], varying_axes(lines)
    for line, (color, marker) in zip(lines, styles):
        is_fitted = line.exponential and estimate != "median"
        style = "-" if line.patch_size is not None else "--" if is_fitted else "none"
        handles.append(Line2D([], [], color=color, marker=marker, markersize=8, linestyle=style,
                              label=legend_label(line, varying, estimate),
                              markerfacecolor=look.background if estimate == "median" else color))
    marks = [mark for line in lines for mark in marks_of(line, estimate) if is_visible(mark[2], mark[3])]
    bound = "$\\uparrow$"
    reasons = {("mean", "estimate"): ("o", "mean, 95 % interval"),
               ("mean", "lower_bound"): (bound, "mean: only a 95 % lower bound"),
               ("median", "estimate"): ("o", "median (Kaplan–Meier)"),
               ("median", "lower_bound"): (bound if estimate == "median" else "^", "median: only a 95 % lower bound"),
               ("mean", "no"): ("x", "exponential mean, but times are\nnot exponential (p < 0.01)"),
               ("mean", "untested"): ("$?$", "exponential mean, untested: fewer\nthan 5 discoveries or 3 passes")}
    occurring = {(statistic, point.doubt if statistic == "mean" and point.doubt and kind == "estimate" else kind)
                 for point, statistic, kind, _ in marks}
    occurring |= {(statistic, point.doubt) for point, statistic, _, _ in marks if statistic == "mean"}
    for reason, (marker, text) in reasons.items():
        if reason in occurring:
            handles.append(Line2D([], [], color=look.faint, marker=marker, linestyle="none", label=text,
                                  markersize=12 if marker == bound else 8,
                                  markerfacecolor=look.background if reason[0] == "median" and marker != bound else look.faint))
    return handles


def budgets_of(sources: list[Source], cost: str) -> list[tuple[float, float]]:
    """The budgets of chains, and what an iteration costs, for lines in the figure."""
    budgets: set[tuple[float, float]] = set()
    for source in sources:
        if not source.is_table:
            each = np.ones(source.data.sizes["point"]) if cost == "iterations" else source.data[cost].values
            budgets |= set(zip((source.data.iterations.values * each).tolist(), each.tolist()))
    return sorted(budget for budget in budgets if 0 < budget[0] < math.inf)


def styles_of(lines: list[Line], sources: list[Source], look: style.Look) -> list[tuple[str, str]]:
    """Colour and marker of each line, by its place among all of the sweep."""
    keys = in_order([key for source in sources if not source.is_table for key in sweep_keys(source.data)]
                    + [line.key for line in lines])
    marks = style.marks(keys, [key[2] for key in keys], [key[:2] for key in keys], look)
    return [marks[keys.index(line.key)] for line in lines]


def tables_of(lines: list[Line], estimate: str, cost: str) -> dict[str, pandas.DataFrame]:
    """The marks, and the fits."""
    further, warning = further_axes(lines), warning_of(lines, cost)
    marks = [[*further_values(lines, line), name_of(line), p.dimension, p.patch_size, p.noise_level, p.chains,
              p.discovered, p.chains - p.discovered, statistic, kind,
              p.basis if statistic == "mean" else "kaplan_meier", p.verdict, i.value, i.low, i.high, cost, warning]
             for line in lines for p, statistic, kind, i in marks_of(line, estimate)]
    fits = [[*further_values(lines, line), name_of(line), line.noise_level, law, fit.intercept, fit.slope,
             fit.slope - fit.half_width, fit.slope + fit.half_width, fit.dispersion, fit.points, cost, warning]
            for line in lines for law, fit in (("exponential", line.exponential), ("power", line.power)) if fit]
    return {"": pandas.DataFrame(marks, columns=further + DRAWN_COLUMNS),
            "-fits": pandas.DataFrame(fits, columns=further + FIT_COLUMNS)}


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there is one dimension alone."""
    points: list[Point] = []
    rule = options.rule
    for source in sources:  # all with the rule of the first one
        of_file, rule = read_points(source.path, rule, options.mode, options.program, options.cost, options.select)
        points += of_file
    if len({p.dimension for p in points}) == 1:
        raise Refusal(f"all points have dimension {points[0].dimension}: there is no curve against the dimension; "
                      "take the kind patch-size, survival or cost")
    lines = group_lines(points)
    for line in lines:
        line.exponential, line.power = fit_line(line.points, float), fit_line(line.points, math.log)
    is_censored = any(p.discovered < p.chains for p in points)
    budgets = budgets_of(sources, options.cost) if is_censored else []
    warnings = [warning] if (warning := warning_of(lines, options.cost)) else []
    with options.look.applied():
        figure = draw_figure(lines, budgets, rule, options, sources, warnings)
    drawing = Drawing(figure, tables_of(lines, options.estimate, options.cost), warnings)
    hidden = sum(not is_visible(kind, i) for line in lines for _, _, kind, i in marks_of(line, options.estimate))
    if hidden:
        drawing.remarks.append(f"{hidden} marks at 0 {options.cost.replace('_', ' ')} do not show on the logarithmic "
                               "axis; they are in the table")
    return drawing


def draw_figure(lines: list[Line], budgets: list[tuple[float, float]], rule: str, options: Options,
                sources: list[Source], warnings: list[str]) -> plt.Figure:
    """The picture."""
    look = options.look
    styles = styles_of(lines, sources, look)
    legend = legend_handles(lines, styles, options.estimate, look)
    legend_rows = sum(1.6 + handle.get_label().count("\n") for handle in legend)
    figure, axes = plt.subplots(figsize=(12, max(6.5, 1 + 0.2 * legend_rows)), layout="constrained")
    axes.set_yscale("log", nonpositive="clip")
    for line, (color, marker) in zip(lines, styles):
        draw_line(axes, line, options.estimate, color, marker, look.background)
    for budget, each in budgets if len(budgets) <= BUDGETS_MAX else []:
        axes.axhline(budget, color=look.faint, linewidth=1, zorder=1)
        name = "budget" if len({of for _, of in budgets}) == 1 else f"budget, at {each:g} an iteration"
        axes.annotate(name, xy=(0, budget), xycoords=("axes fraction", "data"), xytext=(6, 3),
                      textcoords="offset points", color=look.faint, fontsize=12)
        axes.plot([lines[0].points[0].dimension], [budget * 1.5], alpha=0)  # room for the word
    chains = sorted({p.chains for line in lines for p in line.points})
    number = f"{chains[0]}" if len(chains) == 1 else f"{chains[0]} to {chains[-1]}"
    what = {"any": "the first mode is", "all": "all modes are"}.get(options.mode, f"mode {options.mode} is")
    counted = options.cost.replace("_", " ")
    style.title(axes, f"{counted.capitalize()} until {what} discovered", f"rule {rule}, {number} chains a point", look)
    axes.set_xlabel("dimension d")
    style.notes(figure, warnings, [fact for source in sources for fact in source.facts], look)
    axes.set_ylabel(counted)
    axes.grid(axis="y", which="major")
    axes.minorticks_off()
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 2.5, 5, 10]))
    low, high = axes.get_ylim()
    if high < 100 * low:  # powers of ten alone would be too few
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.legend(handles=legend, loc="center left",
                bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=13, labelspacing=0.8)
    return figure
