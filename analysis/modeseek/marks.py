# SPDX-License-Identifier: GPL-3.0-or-later
"""Estimates as marks of a figure: their intervals, their doubts, and bounds where there is no estimate."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, LogLocator

from .drawing import Source
from .lines import Key, Line, in_order, sweep_keys
from .points import Interval, Point, listed, number_range
from .style import Look
from .style import marks as styles

LARGE, LARGEST = 1e200, 307
BUDGETS_MAX = 4  # with more none is drawn
DOUBT_MARKERS = {"no": "x", "objection": "x", "untested": "$?$"}
MARK_COLUMNS = ("dimension patch_size noise_level estimator chains discovered censored statistic kind basis "
                "exponential value low high objection").split()  # of tables
ESTIMATOR_MARKERS = {"quadrature": "_", "restart": "*", "splitting": "p", "reversible_flux": "d"}
BY_REPLICATES = "<"  # of another estimator
LARGER = {"*": 1.4}  # markers that look smaller than others of their size
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
UP, DOWN = "$\\uparrow$", "$\\downarrow$"


def doubt_sign(doubt: str, color: str, size: float = 8) -> dict[str, Any]:
    """How a doubt is drawn. A question mark has a thin edge: a thick one takes its dot."""
    return {"marker": DOUBT_MARKERS[doubt], "color": color, "markersize": size, "linestyle": "none",
            "markeredgewidth": 0.3 if doubt == "untested" else 1.3}


@dataclass(frozen=True)
class Mark:
    """What is drawn of a point: its mean or its median, or what is made of it, an estimate or a bound."""

    point: Point
    statistic: str
    interval: Interval
    is_upper: bool = False  # an upper bound: interval.high

    @property
    def kind(self) -> str:
        """An estimate, lower_bound or upper_bound."""
        if self.is_upper:
            return "upper_bound"
        return "estimate" if math.isfinite(self.interval.value) else "lower_bound"

    @property
    def at(self) -> float:
        """Where it is drawn: the estimate, or the bound."""
        i = self.interval
        return {"estimate": i.value, "lower_bound": i.low, "upper_bound": i.high}[self.kind]

    @property
    def is_visible(self) -> bool:
        """Whether it is on a logarithmic axis."""
        return self.at > 0

    @property
    def doubt(self) -> str:
        """Why it is not to be trusted, "no" or "untested" as the test's verdict, "objection"; "" where it may be."""
        return self.point.doubt if self.statistic == "mean" else ""

    @property
    def basis(self) -> str:
        """What it relies on."""
        return self.point.basis if self.statistic == "mean" else "kaplan_meier"


def marks_of(points: Iterable[Point], estimate: str) -> list[Mark]:
    """What is drawn of points, means first. `estimate` is mean, median or both; other estimators than direct simulation
    have no medians."""
    points = list(points)
    return [Mark(point, statistic, getattr(point, statistic))
            for statistic in (("mean", "median") if estimate == "both" else (estimate,)) for point in points
            if statistic == "mean" or point.is_direct]


def statistic_of(points: Iterable[Point], estimate: str, usual: str) -> str:
    """The one statistic that a figure draws where either is asked for: the usual one, if all points have it."""
    if estimate != "both":
        return estimate
    return usual if all(point.is_direct for point in points) else "mean"


def objections(marks: Iterable[Mark]) -> list[str]:
    """What a figure says of marks to which there is an objection."""
    dimensions: dict[str, list[int]] = {}
    for mark in marks:
        if mark.point.objection and mark.statistic == "mean":
            dimensions.setdefault(mark.point.objection, []).append(mark.point.dimension)
    return [f"objection to the mean at d = {listed(sorted(of))}: {reason}" for reason, of in dimensions.items()]


def mark_row(mark: Mark) -> list[object]:
    """MARK_COLUMNS of a mark."""
    p, i = mark.point, mark.interval
    chains: list[object] = [p.chains, p.discovered, p.chains - p.discovered] if p.is_direct else [p.chains, "", ""]
    return [p.dimension, p.patch_size, p.noise_level, p.estimator, *chains, mark.statistic, mark.kind, mark.basis,
            p.verdict, i.value, i.low, i.high, p.objection]


def bar_lengths(intervals: Sequence[Interval]) -> np.ndarray:
    """How far intervals reach down and up, [2, interval]; an end that is not known is no bar."""
    value, low, high = np.array([(i.value, i.low, i.high) for i in intervals]).T
    return np.array([value - low, np.where(np.isfinite(high), high - value, 0)])


def draw_bound(axes: plt.Axes, x: float, value: float, color: str, doubt: str = "", is_upper: bool = False) -> None:
    """A bound: a dash, an arrow to where the true value lies, and beyond it the doubt about it."""
    reach = -1 if is_upper else 1
    axes.annotate("", xy=(x, value * 3.5**reach), xytext=(x, value),
                  arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0})
    axes.plot([x], [value * 4.0**reach], alpha=0)  # keeps the arrow inside the axes
    if doubt:
        axes.plot([x], [value * 5.0**reach], **doubt_sign(doubt, color, 10))
    axes.plot([x], [value], "_", color=color, zorder=4, markersize=12, markeredgewidth=2)


def marker_of(estimator: str, marker: str) -> str:
    """The marker of an estimator; that of the line for direct simulation."""
    return marker if estimator == "direct" else ESTIMATOR_MARKERS.get(estimator, BY_REPLICATES)


def draw_marks(axes: plt.Axes, marks: Sequence[Mark], x_of: Callable[[Point], float], style: tuple[str, str],
               look: Look, is_joined: bool, has_edge: bool = False) -> None:
    """The marks of one line in its colour and marker, or that of their estimator: estimates with bars, doubts, and
    bounds; `has_edge` sets them off against a line of that colour. The first statistic has the bars, and where
    `is_joined` a line between neighbours that are both estimates without a doubt; lines without one are drawn in front.
    """
    (color, marker), main = style, marks[0].statistic if marks else ""
    for statistic in dict.fromkeys(mark.statistic for mark in marks):
        of_it = [mark for mark in marks if mark.statistic == statistic and mark.is_visible]
        is_main, face = statistic == main, color if statistic == "mean" else look.background
        known = [mark for mark in of_it if mark.kind == "estimate" and not mark.doubt]
        for mark in of_it:
            x, i = x_of(mark.point), mark.interval
            if mark.kind != "estimate":
                if is_main:
                    draw_bound(axes, x, mark.at, color, mark.doubt, mark.is_upper)
                else:
                    axes.plot([x], [i.low], "^", color=color, markerfacecolor=face, zorder=4, markersize=6)
            elif mark.doubt:
                axes.plot([x] * 2, [i.low, i.high if math.isfinite(i.high) else i.value], ":", color=color,
                          linewidth=1.5, zorder=3)
                axes.plot([x], [i.value], marker_of(mark.point.estimator, marker), color=color,
                          markerfacecolor=look.background, markersize=11, zorder=4)
                axes.plot([x], [i.value], zorder=5, **doubt_sign(mark.doubt, color, 7))
        if not known:
            continue
        if is_main:
            axes.errorbar([x_of(mark.point) for mark in known], [mark.interval.value for mark in known],
                          yerr=bar_lengths([mark.interval for mark in known]), color=color, fmt="none", capsize=3,
                          linewidth=1.5, zorder=3)
        zorder = (4 if is_main else 3) + (0 if is_joined else 0.5)
        at = [x_of(mark.point) for mark in of_it]
        value = [mark.interval.value if mark in known else math.nan for mark in of_it]  # nan: a gap
        estimators = [mark.point.estimator for mark in of_it]
        if is_main and is_joined and len(set(estimators)) > 1:
            axes.plot(at, value, "-", color=color, linewidth=1.3, zorder=zorder)
        for one in dict.fromkeys(estimators):
            its = value if len(set(estimators)) == 1 else np.where([of == one for of in estimators], value, math.nan)
            size, width = (14, 2.5) if one == "quadrature" else (8 + 2 * has_edge if is_main else 6, 1)
            size *= LARGER.get(marker_of(one, marker), 1)
            edge = look.background if has_edge and statistic == "mean" else color
            axes.plot(at, its, marker_of(one, marker), color=color, markerfacecolor=face, markersize=size,
                      markeredgewidth=width, markeredgecolor=color if one == "quadrature" else edge,
                      linestyle="-" if is_main and is_joined and its is value else "none", linewidth=1.3, zorder=zorder)


def words_of(estimator: str) -> str:
    """An estimator in a legend."""
    return "direct simulation" if estimator == "direct" else estimator.replace("_", " ")


def interval_of(mark: Mark) -> str:
    """The kind of interval of a mark that is not made of chains."""
    if mark.basis == "stated_error":
        return "stated error"
    return f"95 % interval (Student t{' and bias' if mark.basis == 'student_t_and_bias' else ''})"


def mark_handles(marks: Iterable[Mark], look: Look, is_named: bool = False) -> list[Line2D]:
    """Entries of a legend, one for each kind of mark that occurs; direct simulation is named where other estimators are,
    or `is_named`."""
    marks = [mark for mark in marks if mark.is_visible]
    is_median_main = all(mark.statistic == "median" for mark in marks)
    others = {mark.point.estimator: mark for mark in marks if not mark.point.is_direct}
    direct = "direct simulation: " if others or is_named else ""
    reasons = {("mean", "estimate"): ("o", f"{direct}mean, 95 % interval"),
               ("mean", "lower_bound"): (UP, "mean: 95 % lower bound only"),
               ("median", "estimate"): ("o", "median (Kaplan–Meier)"),
               ("median", "lower_bound"): (UP if is_median_main else "^", "median: 95 % lower bound only"),
               ("mean", "no"): ("x", "exponential mean, but times are\nnot exponential (p < 0.01)"),
               ("mean", "untested"): ("$?$", "exponential mean, untested: fewer\nthan 5 discoveries or 3 passes"),
               ("mean", "objection"): ("x", "mean with an objection: see below"),
               **{(name, "estimate"): (marker_of(name, ""), f"{words_of(name)}: mean, {interval_of(mark)}")
                  for name, mark in others.items()}}
    occurring = {(mark.statistic if mark.point.is_direct else mark.point.estimator, mark.kind) for mark in marks
                 if mark.kind == "lower_bound" or not mark.doubt}
    occurring |= {(mark.statistic, mark.doubt) for mark in marks}
    return [Line2D([], [], label=text, **doubt_sign(reason[1], look.faint)) if reason[1] in DOUBT_MARKERS else
            Line2D([], [], color=look.faint, marker=marker, linestyle="none", label=text,
                   markersize=12 if marker == UP else 8 * LARGER.get(marker, 1),
                   markerfacecolor=look.background if reason[0] == "median" and marker != UP else look.faint)
            for reason, (marker, text) in reasons.items() if reason in occurring]


def styles_of(lines: Sequence[Line], sources: Iterable[Source], look: Look) -> list[tuple[str, str]]:
    """Colour and marker of each line, by its place among all of the sweep."""
    keys: list[Key] = in_order([key for source in sources if not source.is_table for key in sweep_keys(source.data)]
                               + [line.key for line in lines])
    of_keys = styles(keys, [key[2] for key in keys], [key[:2] for key in keys], look)
    return [of_keys[keys.index(line.key)] for line in lines]


def budgets_of(sources: Iterable[Source], cost: str) -> list[tuple[float, float]]:
    """The budgets of chains, and what an iteration costs, for lines in the figure."""
    budgets: set[tuple[float, float]] = set()
    for source in sources:
        if not source.is_table:
            data = source.data.isel(point=source.data.point_estimator.values == "direct")
            each = np.ones(data.sizes["point"]) if cost == "iterations" else data[cost].values
            budgets |= set(zip((data.iterations.values * each).tolist(), each.tolist()))
    return sorted(budget for budget in budgets if 0 < budget[0] < math.inf)


def draw_budgets(axes: plt.Axes, budgets: list[tuple[float, float]], x: float, look: Look) -> None:
    """A line for each budget; x is a place within the axes."""
    for budget, each in budgets if len(budgets) <= BUDGETS_MAX else []:
        axes.axhline(budget, color=look.faint, linewidth=1, zorder=1)
        name = "budget" if len({of for _, of in budgets}) == 1 else f"budget, at {each:g} per iteration"
        axes.annotate(name, xy=(0, budget), xycoords=("axes fraction", "data"), xytext=(6, 3),
                      textcoords="offset points", color=look.faint, fontsize=12)
        axes.plot([x], [budget * 1.5], alpha=0)  # room for the word


def log_scale(axes: plt.Axes) -> None:
    """Marks of a logarithmic y axis: powers of ten, and 2 and 5 times them where these alone would be too few."""
    axes.minorticks_off()
    if axes.dataLim.y1 > LARGE:
        scale_to_the_end(axes)
        return
    low, high = axes.get_ylim()
    if high < 100 * low:
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(lambda value, _: number_text(value))


def scale_to_the_end(axes: plt.Axes) -> None:
    """The same where Matplotlib's margins, or marks, may be beyond the largest number."""
    low, high = math.log10(axes.dataLim.minposy), min(math.log10(axes.dataLim.y1), LARGEST)
    margin = 0.04 * (high - low)
    low, high = max(low - margin, -LARGEST), min(high + margin, LARGEST)
    step = next((step for step in (1, 2, 5, 10, 20, 50) if (high - low) / step <= 8), 100)
    axes.set_autoscaley_on(False)
    axes.set_ylim(10.0**low, 10.0**high)
    axes.yaxis.set_major_locator(FixedLocator([10.0**e for e in range(math.ceil(low), math.floor(high) + 1)
                                               if e % step == 0]))


def number_text(value: float) -> str:
    """A number in a figure, in three digits or whole; with fewer digits it is that very number."""
    if 0.01 <= value < 99999.5 or value == 0:
        return f"{value:.3g}" if value < 999.5 else f"{value:.0f}"
    mantissa, exponent = f"{value:.2e}".split("e")
    power = str(int(exponent)).translate(SUPERSCRIPTS)
    if math.isclose(value, float(f"{mantissa}e{exponent}")):
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"10{power}" if mantissa == "1" else f"{mantissa}·10{power}"


def until(mode: str) -> str:
    """The end of a title: which discovery is meant."""
    what = {"any": "the first mode is", "all": "all modes are"}.get(mode, f"mode {mode} is")
    return f"until {what} discovered"


def chains_per_point(points: Iterable[Point]) -> str:
    """The number of chains per point, and of replicates, seeds pooled, as figures say it."""
    points = list(points)
    numbers = {"chains": [p.chains for p in points if p.is_direct],
               "replicates": [p.chains for p in points if p.basis.startswith("student_t")]}
    told = [f"{number_range(of)} {what}" for what, of in numbers.items() if of]
    return f"{' or '.join(told)} per point" if told else "without randomness"


