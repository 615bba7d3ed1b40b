# SPDX-License-Identifier: GPL-3.0-or-later
"""Share of chains that have not discovered the mode yet, against iterations.

Kaplan-Meier curves with pointwise 95 % bands: Greenwood's variance on the log-log scale, as in docs/statistics.md. One
curve for each line of the sweep, seeds pooled, and a panel for each dimension. Vertical strokes are censored chains:
the budget ended before they discovered anything. Where a curve falls to 1/2 is the median of `modeseek summary`.

A thin line with dots is exact, from points that a quadrature has computed, of the same file or another one: the share
at its snapshots, joined by straight lines. It is black where it lies over a curve of chains.

Markers tell curves apart, and stand at no particular times. A dashed curve is the exponential law with the mean of
`modeseek summary`, where its test does not reject that law. Discoveries at iteration 0 cannot be shown on a logarithmic
axis: there a curve begins below 1. Of chains that start in the mode, all of them, there is no curve.

--rule, --mode, --cost and --select matter.

Tables: the curves, a row for each time of a discovery (at_risk: chains that were observed until then and had discovered
nothing before); `-medians`, a row for each curve; `-at-risk`, chains at risk at the ticks of the axis; `-exact`, if
there is any, what quadratures say at snapshots, with the error they state.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas
from matplotlib.lines import Line2D

from .. import groups, program, results, style
from ..drawing import Drawing, Options, Source
from ..errors import Refusal
from ..groups import Group
from ..inference import ROUNDING, kaplan_meier
from ..lines import Key, choices, further_names
from ..panels import Panels
from ..points import COSTS, is_selected, number_range, pooling, unequal

NAME = "survival"
PURPOSE = "share of chains that have not discovered the mode yet, against iterations"
OPTIONS = ("rule", "mode", "cost")

PANELS_MAX, CURVES_MAX = 6, 14
MARKERS = 6  # on a curve
LOGARITHMIC = 30  # from this ratio of the last to early discoveries on


@dataclass(frozen=True)
class Summary:
    """From `modeseek summary`, in the cost that times are counted in: the ends of the median's interval, and the mean
    of the exponential law, NaN unless the test accepts it."""

    median_low: float
    median_high: float
    mean: float


@dataclass
class Curve:
    """A Kaplan-Meier curve: at each time of a discovery the share that is left, its band, and the chains at risk."""

    group: Group
    time: np.ndarray
    survival: np.ndarray
    low: np.ndarray
    high: np.ndarray
    at_risk: np.ndarray
    discovered: np.ndarray
    censored_at: np.ndarray  # different times
    ends: np.ndarray  # of all chains, sorted
    evaluations: tuple[float, float]  # of score and log-density, in an iteration
    summary: Summary

    def at(self, time: np.ndarray) -> np.ndarray:
        """The curve at some times."""
        return np.append(1.0, self.survival)[np.searchsorted(self.time, time, side="right")]

    def first_below(self, values: np.ndarray) -> float:
        """The first time at which values of the curve, or of its band, are down to 1/2; inf where they never are."""
        below = np.flatnonzero(values <= 0.5 * (1 + ROUNDING))
        return float(self.time[below[0]]) if below.size else math.inf

    @property
    def median(self) -> float:
        """The Kaplan-Meier median."""
        return self.first_below(self.survival)


@dataclass(frozen=True)
class Exact:
    """The share of a line that is left at snapshots, by quadrature, with the error that it states."""

    dimension: int
    key: Key
    time: np.ndarray
    survival: np.ndarray
    error: np.ndarray


def curve_of(group: Group, mine: pandas.DataFrame, summary: Summary, cost: str) -> Curve:
    """The curve of a group's chains."""
    data = group.source.data
    each = 1.0 if cost == "iterations" else float(data[cost].values[group.points[0]])
    time, discovered = each * mine.time.to_numpy(dtype=float), mine.discovered.to_numpy()
    times, share, low, high, at_risk, count = kaplan_meier(time, discovered)
    return Curve(group, times, share, low, high, at_risk, count, np.unique(time[~discovered]), np.sort(time),
                 results.evaluations(data)[group.points[0]], summary)


def summaries_of(source: Source, rule: str, options: Options) -> dict[tuple[int, Key], Summary]:
    """The table of `modeseek summary`, by dimension and line."""
    if source.has_estimators and (options.mode == "any" or source.has_one_mode):
        return {(p.dimension, groups.key_of_point(p)): Summary(
            p.median.low, p.median.high, p.mean.value if (p.basis, p.verdict) == ("exponential", "yes") else math.nan)
            for p in source.points(rule, options.cost)[0] if p.is_direct}
    table = program.summary(source.path, *pooling(options.select), "--rule", rule, "--mode", options.mode,
                            program=options.program)
    further = list(table.columns[:list(table.columns).index("dimension")])
    summary = {}
    for row in table.sort_values("chains", kind="stable").to_dict("records"):  # of the same chains, the most
        if not is_selected(row, options.select):
            continue
        each = 1.0 if options.cost == "iterations" else float(row[options.cost])
        is_accepted = row["exponential"] == "yes" and math.isfinite(float(row["mean"]))
        summary[int(row["dimension"]), groups.key_of(row, further)] = Summary(
            each * float(row["median_low"]), each * float(row["median_high"]),
            each * float(row["mean"]) if is_accepted else math.nan)
    return summary


def curves_of(sources: list[Source], rule: str, options: Options) -> list[Curve]:
    """All curves. Raises Failure."""
    sources = [source for source in sources if source.has_chains]
    chains = {id(source): results.chains(source.data, rule, options.mode) for source in sources}
    summary = {id(source): summaries_of(source, rule, options) for source in sources if len(chains[id(source)])}
    curves = []
    for group in groups.all_groups(sources):
        every = chains[id(group.source)]
        mine = every[every.point.isin(group.points)]
        told = summary[id(group.source)].get((group.dimension, group.key)) if len(mine) else None
        if told:  # not where the first block was finished since
            curves.append(curve_of(group, mine, told, options.cost))
    return curves


def exacts_of(sources: list[Source], rule: str, options: Options) -> list[Exact]:
    """The curves of quadratures, which have times until any mode alone."""
    found: dict[tuple[int, Key], Exact] = {}
    for source in sources:
        data = source.data
        if "survival" not in data or rule not in data.rule.values or not (options.mode == "any" or source.has_one_mode):
            continue
        of_rule = list(data.rule.values).index(rule)
        further = further_names(data)
        for i in np.flatnonzero(data.point_estimator.values == "quadrature").tolist():
            one = data.isel(point=i, chain=0, rule=of_rule)
            names = ("dimension", "patch_size", "noise_level", *further)
            key = groups.key_of({name: one[name].item() for name in names}, further)
            each = 1.0 if options.cost == "iterations" else float(one[options.cost])
            if np.isfinite(one.survival.values).all():
                found.setdefault((int(one.dimension), key), Exact(
                    int(one.dimension), key, each * one.snapshot.values.astype(float), one.survival.values,
                    one.survival_error.values if "survival_error" in one else np.full(one.snapshot.size, math.nan)))
    return list(found.values())


def check_discoveries(curves: list[Curve], sources: list[Source], what: str, rule: str) -> None:
    """Raises Refusal where there is nothing to be seen, of chains that have to show it."""
    if not any(source.has_chains for source in sources):
        results.require_chains(sources[0].data)
    if not any(curve.time.size for curve in curves):
        raise Refusal(f"no chain has discovered {what} by the rule {rule}: there is no curve to draw; raise "
                      "budget.iterations")


def drawn_of(curves: list[Curve], exacts: list[Exact], what: str, rule: str) -> list[Curve]:
    """Those of which there is something to be seen. Raises Refusal where there is none, or too many."""
    drawn = [curve for curve in curves if curve.ends[-1] > 0]
    if not drawn and not exacts:
        raise Refusal(f"all chains have discovered {what} by the rule {rule} at iteration 0, because they start there: "
                      "there is no time to draw; choose another --mode, such as all, or another --rule")
    dimensions, keys = dimensions_of(drawn, exacts), keys_of(drawn, exacts)
    if len(dimensions) > PANELS_MAX:
        raise Refusal(f"{len(dimensions)} dimensions are too many panels, at most {PANELS_MAX} can be read: "
                      f"{choices(keys, dimensions)}, or use the kind hardness")
    if len(keys) > CURVES_MAX:
        raise Refusal(f"{len(keys)} curves cannot be told apart, at most {CURVES_MAX} can: {choices(keys, dimensions)}")
    return drawn


def dimensions_of(curves: list[Curve], exacts: list[Exact]) -> list[int]:
    """Those of the panels."""
    return sorted({curve.group.dimension for curve in curves} | {exact.dimension for exact in exacts})


def keys_of(curves: list[Curve], exacts: list[Exact]) -> list[Key]:
    """The lines that are drawn."""
    return list(dict.fromkeys([*(curve.group.key for curve in curves), *(exact.key for exact in exacts)]))


def limits_of(curves: list[Curve], exacts: list[Exact]) -> tuple[float, float]:
    """Ends of the axis of times; from 0 where it is linear, because times do not differ too much for that."""
    if not curves:
        times = np.concatenate([exact.time for exact in exacts])
        right, left = times.max(), times[times > 0].min(initial=math.inf)
        return (left / 1.5, right * 1.15) if right > LOGARITHMIC * left else (0.0, max(right, 1) * 1.02)
    right = max(curve.ends[-1] for curve in curves)
    early = [np.quantile(curve.ends, 0.1) for curve in curves if curve.time.size]
    positive = [curve.time[curve.time > 0] for curve in curves]
    if right > LOGARITHMIC * min(early) and any(time.size for time in positive):
        return min(time[0] for time in positive if time.size) / 1.5, right * 1.15
    return 0.0, max(right, 1) * 1.02


def draw_curve(axes: plt.Axes, curve: Curve, style: tuple[str, str], limits: tuple[float, float],
               shift: float) -> None:
    """One curve with its band, censoring marks and exponential law. Its markers are at places that have nothing to do
    with data, shifted by a part of their distance so that those of other curves are beside them."""
    (color, marker), (left, right), end = style, limits, curve.ends[-1]
    time = np.concatenate([[left], curve.time[curve.time > left], [end]])
    axes.step(time, curve.at(time), where="post", color=color, linewidth=2, zorder=3)
    share = (np.arange(MARKERS) + shift) / MARKERS
    place = left * (right / left) ** share if left > 0 else left + (right - left) * share
    place = place[place < end]
    axes.plot(place, curve.at(place), marker, color=color, markersize=7, zorder=3.5)
    if curve.time.size:
        low, high = (np.append(v, v[-1]) for v in (curve.low, curve.high))
        axes.fill_between(np.append(curve.time, end), low, high, step="post", color=color, alpha=0.18, linewidth=0,
                          zorder=2)
    if curve.censored_at.size:
        axes.plot(curve.censored_at, curve.at(curve.censored_at), "|", color=color, markersize=13, markeredgewidth=2,
                  zorder=4, clip_on=False)
    if math.isfinite(curve.summary.mean):
        x = np.geomspace(left, end, 300) if left > 0 else np.linspace(0, end, 300)
        axes.plot(x, np.exp(-x / curve.summary.mean), "--", color=color, linewidth=1.4, zorder=3)


def draw_exact(axes: plt.Axes, exact: Exact, color: str) -> None:
    """One of the curves without chance, over that of chains."""
    axes.plot(exact.time, exact.survival, "-", marker="o", markersize=3.5, color=color, linewidth=1.3, zorder=3.8)


def label_of(curve: Curve, name: str) -> str:
    """A line of the legend: name and median, or that there is none."""
    if not math.isfinite(curve.median):
        return f"{name}\nno median: {int(curve.discovered.sum())} of {curve.ends.size} discovered"
    texts = [f"{value:.0f}" if value < 1e7 else f"{value:.3g}"
             for value in (curve.median, curve.summary.median_low, curve.summary.median_high)]
    return f"{name}\nmedian {texts[0]} [{texts[1]}, {texts[2]}]"


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there is nothing to be seen or too much."""
    if options.cost not in COSTS:
        raise Refusal(f"no curve is counted in {options.cost}: choose --cost {', '.join(COSTS)}")
    rule = groups.rule_of(sources, options.rule)
    what = groups.what_is_discovered(options.mode)
    curves, exacts = curves_of(sources, rule, options), exacts_of(sources, rule, options)
    if not exacts:
        check_discoveries(curves, sources, what, rule)
    drawn = drawn_of(curves, exacts, what, rule)
    why = unequal(curve.evaluations for curve in curves) if options.cost == "iterations" else ""
    warnings = [why] if why else []
    with options.look.applied():
        figure, ticks = draw_figure(drawn, exacts, rule, options, sources, warnings, len(curves) - len(drawn))
    at_once = sum(curve.discovered[0] for curve in drawn if curve.time.size and curve.time[0] == 0)
    remarks = [f"{at_once:.0f} chains discovered at iteration 0, which a logarithmic axis cannot show: their curves "
               "begin below 1"] if at_once and limits_of(drawn, exacts)[0] > 0 else []
    remarks += [started(len(curves) - len(drawn))] if len(drawn) < len(curves) else []
    return Drawing(figure, tables_of(curves, exacts, ticks, options.cost, "".join(warnings)), warnings, remarks)


def started(count: int) -> str:
    """What is said of curves that are not drawn."""
    return f"not drawn: {count} lines whose chains all start in the mode, and discover it at iteration 0"


def draw_figure(curves: list[Curve], exacts: list[Exact], rule: str, options: Options, sources: list[Source],
                warnings: list[str], without: int) -> tuple[plt.Figure, dict[int, np.ndarray]]:
    """The picture, and the ticks of each dimension's panel."""
    look = options.look
    dimensions, keys = dimensions_of(curves, exacts), keys_of(curves, exacts)
    names, styles = groups.names_of(keys, sources), groups.styles_of(sources, keys, look)
    panels = Panels(len(dimensions), (12, 6.5), (4.6, 4))
    limits = left, right = limits_of(curves, exacts)
    panels.scale_iterations(left > 0)
    for axes, dimension in zip(panels.used, dimensions):
        axes.set_xlim(left, right)
        for curve in curves:
            if curve.group.dimension == dimension:
                key = curve.group.key
                draw_curve(axes, curve, styles[key], limits, (keys.index(key) + 0.5) / len(keys))
        for exact in exacts:
            if exact.dimension == dimension:
                draw_exact(axes, exact, color_of(exact, curves, styles, look))
        axes.set_ylim(0, 1.02)
        axes.grid(axis="y")
        if len(dimensions) > 1:
            axes.set_title(f"d = {dimension}", loc="left")
    panels.label(options.cost.replace("_", " "), "share of chains")
    ticks = {dimension: np.array([t for t in axes.get_xticks() if left <= t <= right])
             for axes, dimension in zip(panels.used, dimensions)}
    chains = f", {number_range(curve.ends.size for curve in curves)} chains per curve, 95 % bands" if curves else ""
    subtitle = f"{'d = ' + str(dimensions[0]) + ', ' if len(dimensions) == 1 else ''}rule {rule}{chains}"
    style.headline(panels.figure, f"Chains that have not discovered {groups.what_is_discovered(options.mode)} yet",
                   subtitle, look)
    panels.legend([*legend_handles(curves, names, styles, look), *exact_handles(exacts, curves, names, styles, look)])
    facts = [fact for source in sources for fact in source.facts]
    style.notes(panels.figure, warnings, [started(without), *facts] if without else facts, look)
    return panels.figure, ticks


def legend_handles(curves: list[Curve], names: dict[Key, str], styles: dict[Key, tuple[str, str]],
                   look: style.Look) -> list[Line2D]:
    """The lines, with their medians where there is one dimension, and what marks mean."""
    is_one = len({curve.group.dimension for curve in curves}) == 1
    of_key = {curve.group.key: curve for curve in curves}
    handles = [Line2D([], [], color=styles[key][0], marker=styles[key][1], markersize=7, linewidth=2,
                      label=label_of(curve, names[key]) if is_one else names[key]) for key, curve in of_key.items()]
    if any(curve.censored_at.size for curve in curves):
        handles.append(Line2D([], [], color=look.faint, marker="|", linestyle="none", markersize=13, markeredgewidth=2,
                              label="censored at the budget"))
    if any(math.isfinite(curve.summary.mean) for curve in curves):
        handles.append(Line2D([], [], color=look.faint, linestyle="--", label="exponential law, where\nthe test does "
                              "not reject it"))
    return handles


def color_of(exact: Exact, curves: list[Curve], styles: dict[Key, tuple[str, str]], look: style.Look) -> str:
    """Its line's colour, or where chains have that one to be seen against them."""
    return look.text if any(curve.group.key == exact.key for curve in curves) else styles[exact.key][0]


def exact_handles(exacts: list[Exact], curves: list[Curve], names: dict[Key, str],
                  styles: dict[Key, tuple[str, str]], look: style.Look) -> list[Line2D]:
    """Entries of the curves without chance."""
    how = "exact (quadrature) at the dots,\nstraight in between"
    labels = {exact.key: f"{names[exact.key]}\n{how}" if len(names) > 1 or not curves else how for exact in exacts}
    return [Line2D([], [], color=color_of(exact, curves, styles, look), marker="o", markersize=3.5, linewidth=1.3,
                   label=labels[exact.key]) for exact in {exact.key: exact for exact in exacts}.values()]


def tables_of(curves: list[Curve], exacts: list[Exact], ticks: dict[int, np.ndarray], cost: str,
              warning: str) -> dict[str, pandas.DataFrame]:
    """The curves, their medians, chains at risk, and curves without chance, if there are any."""
    def about(curve: Curve) -> dict[str, object]:
        return {**groups.table_columns(curve.group.key), "dimension": curve.group.dimension}

    steps = [{**about(curve), "time": time, "survival": share, "low": low, "high": high, "at_risk": at_risk,
              "discovered": discovered, "cost": cost, "warning": warning}
             for curve in curves for time, share, low, high, at_risk, discovered in
             zip(curve.time, curve.survival, curve.low, curve.high, curve.at_risk, curve.discovered)]
    medians = [{**about(curve), "chains": curve.ends.size, "discovered": int(curve.discovered.sum()),
                "censored": curve.ends.size - int(curve.discovered.sum()), "median": curve.median,
                "median_low": curve.summary.median_low, "median_high": curve.summary.median_high,
                "exponential_mean": curve.summary.mean, "cost": cost, "warning": warning} for curve in curves]
    risks = [{**about(curve), "time": tick, "at_risk": int((curve.ends >= tick).sum())}
             for curve in curves for tick in ticks.get(curve.group.dimension, [])]
    tables = {"": pandas.DataFrame(steps), "-medians": pandas.DataFrame(medians), "-at-risk": pandas.DataFrame(risks)}
    rows = [{**groups.table_columns(exact.key), "dimension": exact.dimension, "time": time, "survival": share,
             "error": error, "cost": cost} for exact in exacts
            for time, share, error in zip(exact.time, exact.survival, exact.error)]
    return tables | {"-exact": pandas.DataFrame(rows)} if rows else tables
