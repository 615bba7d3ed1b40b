# SPDX-License-Identifier: GPL-3.0-or-later
"""Long runs compared with exact draws of the target.

Upper panels: share of chains in each mode (largest responsibility) with Wilson's 95 % intervals; dotted lines are the
same shares of exact draws, which are the weights where modes do not overlap. Lower panels: mean squared distance from
the spread mode's mean, per coordinate. On the left against the step size δ, at the last snapshot (or --iteration); on
the right against the number of passes, or their length, at the smallest δ.

Stars separate the bias of the step size from that of finite passes: value = b0 + b1 δ + b2/(time of a pass) +
b3/passes by weighted least squares, of terms that vary and can be told apart, from snapshots of at least one pass and a
quarter of the last one's iterations (the law is one of long runs). The star is b0, without any of these terms, with its
95 % interval, the dashed line from it b0 + b1 δ; on the right the dashed line is the law at the marks, and the open
star b0 + b1 δ, endless passes of that δ. Time is
iterations times δ: without it, δ → 0 would be no dynamics at all. Vanilla dynamics has no passes: there the last two
terms are 0.

p-values: a chi-square test of the numbers of chains, and of exact draws, in the modes; and, where there are positions
(observables: [positions]), the energy distance to as many exact draws by a permutation test, the maximum mean
discrepancy likewise (table), and the smallest of the Kolmogorov-Smirnov tests of all coordinates after Holm's
correction. A test that finds nothing has not shown that there is nothing.

Exact draws are made of the mixtures that a sweep file can describe; for other targets give a second file as
reference, with positions of chains that are known to be right. One line of a sweep at one dimension is shown; --select
chooses it. Tables: shares and mean squares; `-fits`, the extrapolations; `-tests`.
"""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from .. import groups, style
from ..drawing import Drawing, Options, Source
from ..errors import Refusal
from ..long_runs import MEAN_SQUARE, Cell, Reference, fits_of, fitted, last_cells, read_cells, tests_of
from ..panels import beside, name_decades
from ..points import number_range
from ..stationarity import Extrapolation
from .shares import COMPONENTS_MAX, component_name

NAME = "stationarity"
PURPOSE = "long runs compared with exact draws of the target, and the bias of step size and passes"
OPTIONS = ("iteration",)

MISFIT_MAX = 4.0  # standard errors
P_LINES_MAX = 21  # in the figure
DELTA = "step size δ"


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there are several lines, or no snapshots."""
    cells, group, reference = read_cells(sources, options)
    if len(reference.share) > COMPONENTS_MAX:
        raise Refusal(f"{len(reference.share)} components cannot be told apart, at most {COMPONENTS_MAX} can")
    quantities: list[int | str] = list(range(len(reference.share)))
    if all(cell.square.size for cell in cells):
        quantities.append(MEAN_SQUARE)
    fits = fits_of(cells, quantities)
    tests = tests_of(last_cells(cells), reference)
    warnings = []
    bad = [fit.misfit for fit in fits.values() if fit.misfit > MISFIT_MAX]
    if bad:
        warnings.append(f"the extrapolation does not fit: means deviate by up to {max(bad):.1f} standard errors")
    warnings += groups.pass_warnings(
        cell.iteration for cell in cells if groups.is_within_pass(cell.iteration, cell.pass_iterations))
    times = {1 / t for cell in cells if (t := cell.terms["1/pass_time"]) > 0}
    if fits and len(times) > 1 and not any("1/pass_time" in fit.coefficients for fit in fits.values()):
        warnings.append("passes last longer at larger δ, so their bias cannot be separated from that of δ; vary "
                        "sampler.iterations_per_pass, too")
    with options.look.applied():
        figure = draw_figure(cells, group, reference, fits, tests, quantities, sources, warnings, options.look)
    remarks = [] if "energy_p" in tests else ["without positions only shares are tested: give the sweep observables: "
                                              "[positions, mode]"]
    return Drawing(figure, {"": table_of(cells, reference, quantities), "-fits": fit_table(fits, reference, warnings),
                            "-tests": tests}, warnings, remarks)


def expected(reference: Reference, quantity: int | str) -> float:
    """Of exact draws."""
    return reference.mean_square if quantity == MEAN_SQUARE else float(reference.share[quantity])


def columns_of(cells: list[Cell]) -> list[tuple[str, list[Cell], list[float]]]:
    """The panels of a row: what is on the axis, its cells, and where they stand."""
    by_delta = last_cells(cells)
    columns = []
    if len(by_delta) > 1:
        columns.append((DELTA, by_delta, [cell.delta for cell in by_delta]))
    same = [cell for cell in cells if cell.delta == by_delta[0].delta]
    longest = [cell for cell in same if cell.pass_iterations == by_delta[0].pass_iterations]
    suffix = f" (δ = {by_delta[0].delta:g})" if len(by_delta) > 1 else ""
    if len(longest) > 1:
        has_passes = longest[0].pass_iterations > 0
        columns.append((("passes" if has_passes else "iterations") + suffix, longest,
                        [cell.passes if has_passes else float(cell.iteration) for cell in longest]))
    lengths = {cell.pass_iterations: cell for cell in same}  # the last snapshot of each
    if len(lengths) > 1:
        columns.append(("iterations per pass" + suffix, list(lengths.values()), list(lengths)))
    if not columns:
        columns.append((DELTA, by_delta, [cell.delta for cell in by_delta]))
    return columns


def draw_quantity(axes: plt.Axes, x: list[float], cells: list[Cell], quantity: int | str, exactly: float,
                  color: str, marker: str) -> None:
    """Estimates with intervals, and what exact draws have."""
    value, low, high = np.array([cell.estimate(quantity) for cell in cells]).T
    axes.errorbar(x, value, yerr=np.maximum([value - low, high - value], 0), color=color, marker=marker, markersize=7,
                  linestyle="none", capsize=3, linewidth=1.5, zorder=3)
    axes.axhline(exactly, color=color, linestyle=":", linewidth=1.8, zorder=1)


def draw_fit(axes: plt.Axes, fit: Extrapolation, right: float, color: str, is_share: bool) -> None:
    """The law against δ with the passes' terms at 0, and its value at δ = 0; of a share, what is in [0, 1]."""
    ends = np.array([0.0, right])
    low, value, high = (min(max(end, 0.0), 1.0) if is_share else end for end in (fit.low, fit.value, fit.high))
    axes.plot(ends, [fit.at(step_size=x) for x in ends], "--", color=color, linewidth=1.4, zorder=2)
    axes.errorbar([0], [value], yerr=[[value - low], [high - value]], color=color, marker="*", markersize=14, capsize=3,
                  linewidth=1.5, zorder=4)


def draw_law(axes: plt.Axes, fit: Extrapolation, x: list[float], its_cells: list[Cell], used: list[Cell], color: str,
             look: style.Look) -> None:
    """The law at the marks that it was fitted to, and beyond them, where passes are endless."""
    law = [(place, fit.at(**cell.terms)) for place, cell in zip(x, its_cells) if cell in used]
    axes.plot(*zip(*law), "--", color=color, linewidth=1.4, zorder=2)
    if its_cells[0].pass_iterations and {"1/passes", "1/pass_time"} & set(fit.coefficients):
        place = endless(axes, x)
        delta = its_cells[0].delta
        axes.errorbar([place], [fit.at(step_size=delta)], yerr=[fit.half_width(step_size=delta)], color=color,
                      marker="*", markersize=14, markerfacecolor=look.background, capsize=3, linewidth=1.5, zorder=4)


def endless(axes: plt.Axes, x: list[float]) -> float:
    """Where infinitely many or long passes are on an axis."""
    return max(x) * (max(x) / min(x)) ** 0.3 if axes.get_xscale() == "log" else max(x) + 0.3 * (max(x) - min(x))


def draw_figure(cells: list[Cell], group: groups.Group, reference: Reference,
                fits: dict[int | str, Extrapolation], tests: pandas.DataFrame, quantities: list[int | str],
                sources: list[Source], warnings: list[str], look: style.Look) -> plt.Figure:
    """The picture."""
    columns = columns_of(cells)
    rows: list[list[int | str]] = [[q for q in quantities if q != MEAN_SQUARE]]
    rows += [[MEAN_SQUARE]] if MEAN_SQUARE in quantities else []
    figure, panels = plt.subplots(len(rows), len(columns), figsize=(3.9 * len(columns) + 4, 3.8 * len(rows) + 1.5),
                                  layout="constrained", squeeze=False, sharex="col", sharey="row")
    for row, of_row in zip(panels, rows):
        for axes, (label, its_cells, x) in zip(row, columns):
            is_delta = label == DELTA
            axes.set_xscale("log" if not is_delta and max(x) >= 10 * min(x) else "linear")
            for quantity in of_row:
                color = look.text if isinstance(quantity, str) else look.colors[quantity]
                marker = "o" if isinstance(quantity, str) else style.MARKERS[quantity]
                draw_quantity(axes, x, its_cells, quantity, expected(reference, quantity), color, marker)
                if is_delta and quantity in fits:
                    draw_fit(axes, fits[quantity], max(x), color, quantity != MEAN_SQUARE)
                elif quantity in fits:
                    draw_law(axes, fits[quantity], x, its_cells, fitted(cells), color, look)
            if axes.get_xscale() == "linear":
                axes.xaxis.set_major_locator(MaxNLocator(nbins=3))
            if is_delta:
                axes.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
                axes.set_xlim(-0.04 * max(x), 1.06 * max(x))
            axes.grid(axis="y")
        row[0].set_ylabel("share of chains" if of_row != [MEAN_SQUARE] else
                          "mean squared distance from the\nspread mode's mean, per coordinate")
    panels[0, 0].set_ylim(-0.02, min(panels[0, 0].get_ylim()[1], 1.02))
    for axes, (label, its_cells, x) in zip(panels[-1], columns):
        axes.set_xlabel(label)
        name_decades(axes)
        if its_cells[0].pass_iterations and fits and label != DELTA:
            if axes.get_xscale() == "linear":  # no number below the ∞
                axes.set_xticks([tick for tick in MaxNLocator(2, steps=[1, 2, 5, 10]).tick_values(min(x), max(x))
                                 if min(x) <= tick <= max(x)])
            axes.annotate("∞", xy=(endless(axes, x), 0), xycoords=("data", "axes fraction"), xytext=(0, -19),
                          textcoords="offset points", ha="center", fontsize=17)
    handles = legend_handles(reference, fits, look)
    p_values = p_entry(reference, tests)
    for axes, entries in ((panels[0, -1], handles), (panels[1, -1], [p_values])) if len(rows) > 1 else \
            ((panels[0, -1], [*handles, p_values]),):
        beside(axes, entries)
    name = groups.names_of([group.key], sources)[group.key]
    chains = number_range(len(cell.chain) for cell in cells)
    style.headline(figure, f"Long runs compared with {reference.name}",
                   f"d = {group.dimension}, {name}, {chains} chains per point, 95 % intervals", look)
    style.notes(figure, warnings, [fact for source in sources for fact in source.facts], look)
    return figure


def p_text(p: float) -> str:
    """A p-value with the digits it deserves."""
    return f"{p:.2f}" if p >= 0.095 else f"{p:.3f}" if p >= 0.001 else "< 0.001"


def legend_handles(reference: Reference, fits: dict[int | str, Extrapolation], look: style.Look) -> list[Line2D]:
    """Components, lines and stars."""
    handles = [Line2D([], [], color=look.colors[i], marker=style.MARKERS[i], linestyle="none", markersize=7,
                      label=component_name(i)) for i in range(len(reference.share))]
    handles.append(Line2D([], [], color=look.faint, linestyle=":", linewidth=1.8, label=reference.name))
    terms = set(next(iter(fits.values())).coefficients) if fits else set()
    how = [word for term, word in (("1/passes", "many"), ("1/pass_time", "long")) if term in terms]
    passes = f"infinitely {' and '.join(how)} passes" if how else ""
    if "step_size" in terms:
        handles.append(Line2D([], [], color=look.faint, marker="*", markersize=13, linestyle="--",
                              label="extrapolated to δ → 0" + (f",\n{passes}" if passes else "")))
    if passes:
        handles.append(Line2D([], [], color=look.faint, marker="*", markersize=13, linestyle="--",
                              markerfacecolor=look.background, label=f"extrapolated to\n{passes}"
                              + (" at this δ" if "step_size" in terms else "")))
    return handles


def p_entry(reference: Reference, tests: pandas.DataFrame) -> Line2D:
    """The p-values as an entry of the legend without a mark: of the numbers of chains in modes, of whole positions, and
    of the coordinate that differs most, which sees nothing where coordinates differ little one by one."""
    columns = {"modes_p": "modes", "energy_p": "energy distance", "ks_p_holm": "single coordinates"}
    lines = ["p-values, compared with " + reference.name]
    for row in tests.to_dict("records"):
        lines += [f"δ = {row['step_size']:g}", *(f"   {name} {p_text(row[column])}" for column, name in columns.items()
                                                 if column in row)]
    lines = lines[:P_LINES_MAX]
    if "ks_p_holm" in tests:
        lines += ["single coordinates: Kolmogorov–Smirnov,", "smallest p of all d, by Holm's method;",
                  "blind to what they do together"]
    return Line2D([], [], alpha=0, label="\n".join(lines))


def table_of(cells: list[Cell], reference: Reference, quantities: list[int | str]) -> pandas.DataFrame:
    """A row for each quantity of each cell."""
    rows = []
    for cell in cells:
        for quantity in quantities:
            value, low, high = cell.estimate(quantity)
            rows.append({"step_size": cell.delta, "pass_iterations": cell.pass_iterations, "iteration": cell.iteration,
                         "passes": cell.passes, "chains": len(cell.chain), "quantity": quantity_name(quantity),
                         "value": value, "low": low, "high": high, "exact": expected(reference, quantity)})
    return pandas.DataFrame(rows)


def quantity_name(quantity: int | str) -> str:
    """Its name in tables."""
    return "mean_square" if quantity == MEAN_SQUARE else f"share_{quantity}"


def fit_table(fits: dict[int | str, Extrapolation], reference: Reference, warnings: list[str]) -> pandas.DataFrame:
    """A row for each extrapolation; a coefficient is NaN where its term could not be told apart."""
    names = ("step_size", "1/pass_time", "1/passes")
    columns = ["quantity", "value", "low", "high", *names, "misfit", "exact", "warning"]
    rows = [[quantity_name(q), fit.value, fit.low, fit.high, *(fit.coefficients.get(name, math.nan) for name in names),
             fit.misfit, expected(reference, q), "; ".join(warnings)] for q, fit in fits.items()]
    return pandas.DataFrame(rows, columns=columns)
