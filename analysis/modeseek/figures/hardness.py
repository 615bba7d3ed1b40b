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

Points of other estimators than direct simulation, of which there are times until any mode alone, stand beside chains,
of the same file or another one, in the colour of their line:

  thick lines   quadrature: not random; what it states of its error is a band, as a rule narrower than the line. A short
                dash is a single point
  stars and other marks   replicates, with Student's 95 % interval; crossed where there is an objection to the mean,
                which is told below the figure. Marks of several estimators at one dimension stand side by side

Where means reach so far beyond those of chained lines that these would all lie on the axis, a second panel shows the
low end, with a logarithmic axis of dimensions, on which powers of d are straight.

--exponent draws the law of large deviations, exp(I d), through the last point of each vanilla line, where the exponent
I has a closed form: modeseek.exponent says of which targets.

The time to discover all modes (--mode all) is the largest of several times, not exponential. Where fewer than half of
the chains discovered all, censoring makes the formula for the mean far too large: the lower limit of the median takes
its place as a bound, and the fits leave the point out. Up to half it is at most about 30 % too large.

The legend has an entry for each colour, which is what is measured, with what is fitted to it, and one for each kind of
line and mark, which is how. It gives the slope b of ln(mean) = a + b d with its 95 % interval, by maximum likelihood
from the numbers of discoveries and the iterations at risk, and how many points that is from. Two points have no
interval: it would be the error of their means alone, because they show no scatter about the line. Points take part
whose times pass the test, those without a censored chain (weighted by their interval), and, of vanilla lines, those
with too few discoveries to tell. For a chained line to which mean = exp(a) d^p fits better (a smaller dispersion) it
gives the power p. The table of fits has both. Where the counts scatter more than the law allows, intervals are widened
by the square root of the dispersion and by Student's t. A dispersion much larger than that of the other law says that
the law does not fit. The slope of a quadrature is that of least squares on log(mean) over all its points, and has no
interval: nothing in it is random. That of replicates is weighted by their standard errors, without those to which there
is an objection. A line that a quadrature computes, too, has neither slope nor fitted line of its chains: its slope is
known.

Times are in iterations, which cost differently with different samplers: an iteration of HMC evaluates the score as
often as it has leapfrog steps. --cost score_evaluations draws what times cost: iterations times evaluations of the
score in each (where patches are chained, of the score of a patch); --cost coordinate_updates the same with the
coordinates that an iteration moves, mean over a pass. All of the above then holds for costs instead of iterations.

Tables: the marks (chains: or replicates; kind: estimate or lower_bound; basis: exponential, plain or kaplan_meier,
stated_error, student_t or student_t_and_bias; exponential: what the test says, yes, no or untested; cost: what times
are counted in; warning: why rows are not to be compared, empty where they are), and `-fits`, one row for each fit (law:
exponential, power or large deviations; method: likelihood, least squares, weighted least squares or closed form).
Further axes are columns of both.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, NullLocator

from .. import style
from ..drawing import Drawing, Options, Source, points_of
from ..errors import Refusal
from ..exponent import exponent_of
from ..fits import Fit, fit_line, fit_means
from ..lines import Key, Line, describe, further_axes, further_values, group_lines, name_of, varying_axes, warning_of
from ..marks import (MARK_COLUMNS, budgets_of, chains_per_point, draw_budgets, draw_marks, log_scale, mark_handles,
                     mark_row, marker_of, marks_of, objections, styles_of, until, words_of)
from ..panels import BESIDE_LEGEND, beside
from ..points import Point, value_text
from ..style import Look

NAME = "hardness"
PURPOSE = "discovery time against dimension"
OPTIONS = ("rule", "mode", "estimate", "cost", "exponent")

DRAWN_COLUMNS = ["line", *MARK_COLUMNS, "cost", "warning"]
FIT_COLUMNS = ("line noise_level estimator law method intercept slope slope_low slope_high dispersion points "
               "dimension_low dimension_high cost warning").split()
EXACT = "quadrature"
APART = 0.02  # of the axis of dimensions: marks of several estimators of the same point
TOWERING = 1e10  # times the largest chained mean: from here on there is a second panel


def with_interval(fit: Fit) -> str:
    """The slope to the digits its interval deserves."""
    half_width = fit.shown_half_width
    if math.isnan(half_width):
        return f"{fit.slope:.{3 if fit.points == 2 else 5}g}"
    digits = max(0, 1 - math.floor(math.log10(half_width))) if half_width > 0 else 4
    return f"{fit.slope:.{digits}f} ± {half_width:.{digits}f}"


def fits_shown(mine: list[Line], estimate: str) -> list[tuple[Line, Fit]]:
    """The lines of one key with the law that the legend has of each: of a chained one that which fits better. The laws
    are those of means. Where a quadrature computes the line, too, chains have none."""
    is_exact, found = any(line.estimator == EXACT for line in mine), []
    for line in mine if estimate != "median" else []:
        fit = line.power if is_power(line) else line.exponential
        if fit and not (is_exact and line.estimator == "direct"):
            found.append((line, fit))
    return found


def is_power(line: Line) -> bool:
    """Whether a power of the dimension fits better."""
    return line.patch_size is not None and line.power is not None and (
        line.exponential is None or line.power.dispersion < line.exponential.dispersion)


def legend_label(mine: list[Line], varying: dict[str, str], estimate: str) -> str:
    """Name and fitted laws of the lines of one key, with what each is fitted to."""
    label = [describe(mine[0], varying)]
    for line, fit in fits_shown(mine, estimate):
        law = f"power {with_interval(fit)} of d" if is_power(line) else f"slope of ln(mean) {with_interval(fit)}"
        label += [f"{words_of(line.estimator)}: {law}" if len(mine) > 1 else law,
                  f"({fit.points} points, d = {fit.dimensions[0]} to {fit.dimensions[1]})"]
    return "\n".join(label)


def draw_exact(axes: plt.Axes, points: list[Point], color: str) -> None:
    """A line through points without chance, in a band of their stated errors."""
    d, value, low, high = np.array([(p.dimension, p.mean.value, p.mean.low, p.mean.high) for p in points]).T
    axes.fill_between(d, low, high, color=color, alpha=0.25, linewidth=0, zorder=1.5)
    axes.plot(d, value, linestyle="-", marker="_" if len(points) == 1 else None, color=color, linewidth=2.5,
              markersize=22, markeredgewidth=2.5, zorder=2.5, solid_capstyle="butt")


def marked_by(line: Line, dimension: int, lines: list[Line]) -> list[str]:
    """The estimators that have a mark at this dimension of a line."""
    return [one.estimator for one in lines if one.key == line.key and one.estimator != EXACT
            and any(p.dimension == dimension for p in one.points)]


def place_of(line: Line, lines: list[Line], is_log: bool) -> Callable[[Point], float]:
    """Where marks of a line are: at the dimension; those of several estimators of the same point side by side."""
    dimensions = [p.dimension for one in lines for p in one.points]
    low, high = min(dimensions), max(dimensions)

    def place(p: Point) -> float:
        estimators = marked_by(line, p.dimension, lines)
        shift = APART * (estimators.index(line.estimator) - (len(estimators) - 1) / 2)
        return p.dimension * (high / low)**shift if is_log else p.dimension + shift * (high - low)
    return place


def draw_line(axes: plt.Axes, line: Line, estimate: str, style: tuple[str, str], look: Look, is_on_exact: bool,
              place: Callable[[Point], float]) -> None:
    """One line, its marks at their places, and the exponential law of a vanilla one."""
    if line.estimator == EXACT:
        draw_exact(axes, line.points, style[0])
        return
    draw_marks(axes, marks_of(line.points, estimate), place, style, look, line.patch_size is not None, is_on_exact)
    if line.patch_size is None and line.exponential and estimate != "median" and not is_on_exact:
        ends = np.array(line.exponential.dimensions, dtype=float)
        axes.plot(ends, np.exp(line.exponential.intercept + line.exponential.slope * ends), "--", color=style[0],
                  linewidth=1.5, zorder=2)


@dataclass(frozen=True)
class Exponent:
    """The law of large deviations of a vanilla line, through its last point: log(mean) = intercept + slope * d."""

    line: Line
    slope: float
    intercept: float
    dimensions: tuple[int, int]


def exponent_at(point: Point, sources: list[Source], rule: str) -> float:
    """I of a point, by the file that has it. Raises Refusal."""
    for data in (source.data for source in sources if not source.is_table):
        is_it = (data.dimension.values == point.dimension) & (data.patch_size.values == point.patch_size) \
            & (data.noise_level.values == point.noise_level)
        for name, value in point.further:
            is_it &= [value_text(v) == value for v in data[name].values.tolist()] if name in data.coords else False
        if is_it.any():
            return exponent_of(data, int(is_it.argmax()), rule)
    raise Refusal("no large-deviation exponent: a table does not say what the target is")


def exponents_of(lines: list[Line], sources: list[Source], rule: str) -> tuple[list[Exponent], list[str]]:
    """Of each vanilla line, by whatever estimators, and why there is none of others."""
    found, reasons = [], dict[str, None]()
    for key in dict.fromkeys(line.key for line in lines if line.patch_size is None):
        mine = [line for line in lines if line.key == key]
        means = [p for line in mine for p in line.points if math.isfinite(p.mean.value) and p.mean.value > 0]
        if not means:
            continue
        last = max(means, key=lambda p: (p.dimension, p.basis == "stated_error"))
        try:
            slope = exponent_at(last, sources, rule)
            if not math.isclose(slope, exponent_at(min(means, key=lambda p: p.dimension), sources, rule), rel_tol=1e-6):
                raise Refusal("no large-deviation exponent: the target changes with the dimension")
        except Refusal as refusal:
            reasons[str(refusal)] = None
            continue
        found.append(Exponent(mine[0], slope, math.log(last.mean.value) - slope * last.dimension,
                              (min(p.dimension for p in means), last.dimension)))
    return found, list(reasons)


def draw_exponent(axes: plt.Axes, exponent: Exponent, look: Look) -> Line2D:
    """The law of large deviations; its entry of the legend."""
    ends = np.array(exponent.dimensions, dtype=float)
    label = (f"large deviations: slope of ln(mean) {exponent.slope:.6g}\n"
             f"(through the point at d = {exponent.dimensions[1]})")
    return axes.plot(ends, np.exp(exponent.intercept + exponent.slope * ends), ":", color=look.text, linewidth=1.6,
                     zorder=2.8, label=label)[0]


def handle_of(mine: list[Line], style: tuple[str, str], varying: dict[str, str], estimate: str, look: Look) -> Line2D:
    """The entry of the lines of one key: their colour, and their mark where it is the only one."""
    (color, marker), first = style, mine[0]
    is_exact = any(line.estimator == EXACT for line in mine)
    is_fitted = first.patch_size is None and fits_shown(mine, estimate)
    linestyle = "-" if is_exact or first.patch_size is not None else "--" if is_fitted else "none"
    has_marker = not is_exact and (len(mine) == 1 or linestyle == "none")
    return Line2D([], [], color=color, marker=marker_of(first.estimator, marker) if has_marker else None, markersize=8,
                  linewidth=2.5 if is_exact else 1.5, linestyle=linestyle, label=legend_label(mine, varying, estimate),
                  markerfacecolor=look.background if estimate == "median" else color)


def legend_handles(lines: list[Line], styles: list[tuple[str, str]], estimate: str, look: Look) -> list[Line2D]:
    """An entry for each colour, which is what is measured, then one for each kind of line and mark that occurs, which
    is how."""
    varying, of_key = varying_axes(lines), dict[Key, list[Line]]()
    for line in lines:
        of_key.setdefault(line.key, []).append(line)
    handles = [handle_of(of_key[key], styles[[line.key for line in lines].index(key)], varying, estimate, look)
               for key in of_key]
    marked = [line for line in lines if line.estimator != EXACT]
    has_exact = len(marked) < len(lines)
    if any(line.patch_size is None and EXACT not in {one.estimator for one in of_key[line.key]} and line.exponential
           for line in marked) and estimate != "median":
        handles.append(Line2D([], [], color=look.faint, linestyle="--", label="fit: exponential in d"))
    if not marked and len(handles) == 1:
        handles[0].set_label(str(handles[0].get_label()).replace("\n", ", quadrature\n", 1))
    elif has_exact:
        handles.append(Line2D([], [], color=look.faint, linewidth=2.5, label="quadrature: joins exact means"))
    if any(line.patch_size is not None for line in marked):
        handles.append(Line2D([], [], color=look.faint, label="joins marks (no fit)"))
    return handles + mark_handles([mark for line in marked for mark in marks_of(line.points, estimate)], look,
                                  is_named=has_exact)


def low_end_of(lines: list[Line], estimate: str) -> tuple[float, float] | None:
    """From where to where the second panel reaches; None where one panel shows chained lines well."""
    every = [mark.at for line in lines for mark in marks_of(line.points, estimate) if mark.is_visible]
    chained = [mark.at for line in lines if line.patch_size is not None
               for mark in marks_of(line.points, estimate) if mark.is_visible]
    if not chained or max(every) < TOWERING * max(chained):
        return None
    return min(every) / 2, max(chained) * 10


def show_low_end(axes: plt.Axes, low_end: tuple[float, float], look: Look) -> None:
    """Makes a panel the second one."""
    axes.set_xscale("log")
    axes.set_ylim(low_end)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_locator(NullLocator())
    axes.annotate("the low end, dimensions on a logarithmic axis", xy=(0, 1), xycoords="axes fraction", xytext=(0, 8),
                  textcoords="offset points", color=look.faint, fontsize=13)


def tables_of(lines: list[Line], exponents: list[Exponent], estimate: str, cost: str) -> dict[str, pandas.DataFrame]:
    """The marks, and the fits."""
    further, warning = further_axes(lines), warning_of(lines, cost)
    marks = [[*further_values(lines, line), name_of(line), *mark_row(mark), cost, warning]
             for line in lines for mark in marks_of(line.points, estimate)]
    fits = [(line, law, fit) for line in lines
            for law, fit in (("exponential", line.exponential), ("power", line.power))]
    fits += [(one.line, "large deviations", Fit(one.intercept, one.slope, math.nan, math.nan, 1, "closed form",
                                                one.dimensions)) for one in exponents]
    rows = [[*further_values(lines, line), name_of(line), line.noise_level, line.estimator, law, fit.method,
             fit.intercept, fit.slope, fit.slope - fit.shown_half_width, fit.slope + fit.shown_half_width,
             fit.dispersion, fit.points, *fit.dimensions, cost, warning] for line, law, fit in fits if fit]
    return {"": pandas.DataFrame(marks, columns=further + DRAWN_COLUMNS),
            "-fits": pandas.DataFrame(rows, columns=further + FIT_COLUMNS)}


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there is one dimension alone."""
    points, rule = points_of(sources, options)
    if len({p.dimension for p in points}) == 1:
        raise Refusal(f"all points have dimension {points[0].dimension}, so there is no curve against the dimension; "
                      "use the kind patch-size, survival or cost")
    lines = group_lines(points, by_estimator=True)
    for line in lines:
        fit = fit_line if line.estimator == "direct" else fit_means
        line.exponential, line.power = fit(line.points, float), fit(line.points, math.log)
    exponents, without = exponents_of(lines, sources, rule) if options.exponent else ([], [])
    if without and not exponents:
        raise Refusal(without[0])
    if options.exponent and options.cost != "iterations":
        raise Refusal("--exponent is of times in iterations; leave out --cost")
    is_censored = any(p.discovered < p.chains for p in points)
    budgets = budgets_of(sources, options.cost) if is_censored else []
    warnings = [warning] if (warning := warning_of(lines, options.cost)) else []
    with options.look.applied():
        figure = draw_figure(lines, exponents, budgets, rule, options, sources, warnings)
    drawing = Drawing(figure, tables_of(lines, exponents, options.estimate, options.cost), warnings, without)
    hidden = sum(not (mark.is_visible or mark.point.objection) for line in lines
                 for mark in marks_of(line.points, options.estimate))
    if hidden:
        drawing.remarks.append(f"{hidden} marks at 0 {options.cost.replace('_', ' ')} cannot be shown on the "
                               "logarithmic axis; they are in the table of --csv")
    return drawing


def facts_of(lines: list[Line], estimate: str, sources: list[Source]) -> list[str]:
    """What stands below the figure."""
    objected = objections(mark for line in lines for mark in marks_of(line.points, estimate))
    is_beside = any(len(marked_by(line, p.dimension, lines)) > 1 for line in lines for p in line.points)
    return [*objected, *(["marks of several estimators at one dimension stand side by side"] if is_beside else []),
            *(fact for source in sources for fact in source.facts)]


def draw_figure(lines: list[Line], exponents: list[Exponent], budgets: list[tuple[float, float]], rule: str,
                options: Options, sources: list[Source], warnings: list[str]) -> plt.Figure:
    """The picture."""
    look = options.look
    styles = styles_of(lines, sources, look)
    legend = legend_handles(lines, styles, options.estimate, look)
    low_end = low_end_of(lines, options.estimate)
    figure, panels = plt.subplots(1, 2 if low_end else 1, figsize=(18 if low_end else 12, 6.5), layout="constrained",
                                  squeeze=False)
    exact = {line.key for line in lines if line.estimator == EXACT}
    laws = []
    for axes in panels.flat:
        axes.set_yscale("log", nonpositive="clip")
        for line, line_style in zip(lines, styles):
            draw_line(axes, line, options.estimate, line_style, look, line.key in exact,
                      place_of(line, lines, is_log=bool(low_end) and axes is panels.flat[-1]))
        laws = [draw_exponent(axes, exponent, look) for exponent in exponents]
        draw_budgets(axes, budgets, lines[0].points[0].dimension, look)
        axes.set_xlabel("dimension d")
        axes.grid(axis="y", which="major")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 2.5, 5, 10]))
    axes, last = panels.flat[0], panels.flat[-1]
    counted = options.cost.replace("_", " ")
    style.title(axes, f"{counted.capitalize()} {until(options.mode)}",
                f"rule {rule}, {chains_per_point(p for line in lines for p in line.points)}", look)
    style.notes(figure, warnings, facts_of(lines, options.estimate, sources), look)
    axes.set_ylabel(counted)
    log_scale(axes)
    if low_end:
        show_low_end(last, low_end, look)
    beside(last, legend + laws, 13.5 if low_end else BESIDE_LEGEND)
    return figure
