# SPDX-License-Identifier: GPL-3.0-or-later
"""Share of chains in each mode against iterations.

A chain is in the mode that has the largest responsibility at it, as `modeseek summary --shares` counts. Bars are
Wilson's 95 % intervals, dotted lines the weights of the target: the shares of exact draws, where modes do not overlap
(the kind stationarity has them where they do). Marks in the middle of a pass are open: new patches stand beside old
ones there, so that shares of one sweep differ more along a pass than from pass to pass. One panel for each line of the
sweep, seeds pooled; where there is one snapshot alone, one panel with the lines side by side.

Give several files for one pass of T iterations each: snapshots of the same line in several files make one curve. Where
`budget.iterations` is an axis, points with different budgets have the same chains, and each snapshot is drawn once.
Where `sampler.iterations_per_pass` is an axis and each pass ends at a snapshot, the snapshots at the end of the first
pass make one curve, and the others are left out; --select sampler.iterations_per_pass=T shows all of one length.

--select matters. Table: a row for each mode of each snapshot, with its weight and interval, and the total variation
distance between shares and weights.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas
from matplotlib.lines import Line2D

from .. import groups, program, results, style
from ..drawing import Drawing, Options, Source, read_each
from ..errors import Failure, Refusal
from ..inference import wilson
from ..lines import Key, choices, in_order
from ..panels import Panels, beside, categories, name_categories, name_panel
from ..points import is_selected, number_range, pooling

NAME = "shares"
PURPOSE = "share of chains in each mode, against iterations"
OPTIONS = ()

PANELS_MAX = 12
COMPONENTS_MAX = 7  # more cannot be told apart
LOGARITHMIC = 10  # from this ratio of iterations on
BUDGET = "budget.iterations"
PASS = "sampler.iterations_per_pass"


@dataclass
class Shares:
    """The chains of a line at one snapshot, by component."""

    dimension: int
    key: Key
    iteration: int
    budget: float
    chains: int
    share: np.ndarray
    weight: np.ndarray
    total_variation: float
    is_within_pass: bool  # and not at the end of one

    @property
    def interval(self) -> tuple[np.ndarray, np.ndarray]:
        """Wilson's."""
        return wilson(self.share * self.chains, self.chains)


def merged_axes(source: Source) -> tuple[str, ...]:
    """The axes along which points make one curve; that of the passes' lengths where each pass ends at a snapshot."""
    data = source.data
    lengths = set(data[PASS].values.tolist()) if PASS in data.coords else set()
    is_merged = len(lengths) > 1 and "snapshot" in data.coords and lengths <= set(data.snapshot.values.tolist())
    return (BUDGET, PASS) if is_merged else (BUDGET,)


def shares_of_file(source: Source) -> list[Shares]:
    """What `modeseek summary --shares` says of a file. Raises Failure."""
    results.require_chains(source.data)
    if "snapshot" not in source.data.dims:
        raise Refusal(f"{source.path} has no snapshots; list iterations under `snapshots` in the sweep")
    table = program.summary(source.path, "--shares", *pooling(source.options.select), program=source.options.program)
    columns = [name for name in table.columns if name.startswith("share_")]
    if not columns:
        raise Failure(f"{source.path}: 'modeseek summary --shares' has no shares of it")
    further = list(table.columns[:list(table.columns).index("dimension")])
    weights, merged = {}, merged_axes(source)
    for group in groups.groups_of(source, merged):
        variant = int(source.data.point_variant.values[group.points[0]])
        weights[group.dimension, group.key] = source.data.weight.values[variant]
    found: dict[tuple[int, Key, int], Shares] = {}
    for row in table.to_dict("records"):
        if row["chains"] == 0 or not is_selected(row, source.options.select) or (
                PASS in merged and row["iteration"] != row[PASS]):
            continue
        dimension, key, iteration = int(row["dimension"]), groups.key_of(row, further, merged), int(row["iteration"])
        if (dimension, key) not in weights:  # its point has no chains
            continue
        shares = Shares(dimension, key, iteration, float(row.get(BUDGET, 0)), int(row["chains"]),
                        np.array([row[name] for name in columns], dtype=float), weights[dimension, key],
                        float(row["total_variation"]), row.get("warning", "") != "")
        before = found.get((dimension, key, iteration))
        if before is None or shares.chains > before.chains:  # the same chains, only more of them
            found[dimension, key, iteration] = shares
    return list(found.values())


def read_shares(sources: list[Source]) -> tuple[list[Shares], list[str]]:
    """The shares of all files that have some, and warnings. Raises Failure, and Refusal where there are too many."""
    every, without = read_each(sources, shares_of_file)
    if not every:
        raise Refusal("no chain has come to a snapshot yet; see 'modeseek status'")
    places = [(shares.dimension, shares.key, shares.iteration) for shares in every]
    if len(set(places)) < len(places):
        raise Refusal("the files have snapshots of the same chains: give files without any, or merge them first")
    if (components := max(shares.share.size for shares in every)) > COMPONENTS_MAX:
        raise Refusal(f"{components} components cannot be told apart, at most {COMPONENTS_MAX} can; "
                      "'modeseek summary --shares' lists them")
    return every, without


def component_name(component: int) -> str:
    """A component in the legend."""
    return "spread mode (component 0)" if component == 0 else f"mode {component}"


def draw_shares(axes: plt.Axes, x: np.ndarray, line: list[Shares], is_joined: bool, look: style.Look) -> None:
    """The shares of a line at the places x, side by side where they are not joined."""
    count = line[0].share.size
    for component in range(count):
        color, marker = look.colors[component], style.MARKERS[component]
        value = np.array([shares.share[component] for shares in line])
        low, high = np.array([[end[component] for end in shares.interval] for shares in line]).T
        place = x if is_joined else x + 0.12 * (component - (count - 1) / 2)
        axes.errorbar(place, value, yerr=[np.maximum(value - low, 0), np.maximum(high - value, 0)], color=color,
                      marker=marker, markersize=7, linewidth=1.5, linestyle="-" if is_joined else "none", capsize=3,
                      zorder=3, clip_on=False)
        is_open = np.array([shares.is_within_pass for shares in line])
        if is_open.any():
            axes.plot(place[is_open], value[is_open], marker, color=color, markerfacecolor=look.background,
                      markersize=7, zorder=4, clip_on=False)
        axes.axhline(line[0].weight[component], color=color, linestyle=(component * 2, (1, 3)), linewidth=1.8, zorder=1)


def legend_handles(components: int, look: style.Look, linestyle: str) -> list[Line2D]:
    """An entry for each component, and the weights."""
    handles = [Line2D([], [], color=look.colors[i], marker=style.MARKERS[i], markersize=7, linestyle=linestyle,
                      label=component_name(i)) for i in range(components)]
    return [*handles, Line2D([], [], color=look.faint, linestyle=":", linewidth=1.8, label="target weights")]


def has_own_passes(sources: list[Source]) -> bool:
    """Whether each mark is of a pass of its own length."""
    return any(PASS in merged_axes(source) for source in sources) or \
        len({source.data.attrs["identity"].get(PASS) for source in sources}) > 1


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there is too much."""
    every, without = read_shares(sources)
    lines: dict[tuple[int, Key], list[Shares]] = {}
    for shares in sorted(every, key=lambda s: s.iteration):
        lines.setdefault((shares.dimension, shares.key), []).append(shares)
    keys = dict.fromkeys(group.key for source in sources for group in groups.groups_of(source, merged_axes(source)))
    order = {key: i for i, key in enumerate(in_order(keys))}
    lines = dict(sorted(lines.items(), key=lambda item: (item[0][0], order[item[0][1]])))
    is_single = len({shares.iteration for shares in every}) == 1
    if not is_single and len(lines) > PANELS_MAX:
        raise Refusal(f"{len(lines)} panels are too many to be read, at most {PANELS_MAX} can: "
                      + choices((key for _, key in lines), (dimension for dimension, _ in lines)))
    with options.look.applied():
        warnings = without + warnings_of(lines, sources)
        figure = (draw_single if is_single else draw_panels)(lines, sources, options.look, warnings)
    at_start = sum(shares.iteration == 0 for shares in every) if not is_single and is_logarithmic(every) else 0
    remarks = [f"{at_start} snapshots at iteration 0 cannot be shown on the logarithmic axis; they are in the table of "
               "--csv"]
    return Drawing(figure, {"": table_of(lines, without + groups.cost_warnings(sources))}, warnings,
                   remarks if at_start else [])


def warnings_of(lines: dict[tuple[int, Key], list[Shares]], sources: list[Source]) -> list[str]:
    """What the figure warns of."""
    within = [shares.iteration for line in lines.values() for shares in line if shares.is_within_pass]
    return groups.cost_warnings(sources) + [f"open marks: {text}" for text in groups.pass_warnings(within)]


def is_logarithmic(every: list[Shares]) -> bool:
    """Whether iterations differ too much for a linear axis."""
    positive = [shares.iteration for shares in every if shares.iteration > 0]
    return len(positive) > 0 and max(positive) >= LOGARITHMIC * min(positive)


def panel_names(lines: Iterable[tuple[int, Key]], sources: list[Source]) -> dict[tuple[int, Key], str]:
    """What tells lines apart, with the dimension where there are several."""
    lines = list(lines)
    names = groups.names_of((key for _, key in lines), sources)
    has_dimensions = len({dimension for dimension, _ in lines}) > 1
    return {(dimension, key): f"d = {dimension}, {names[key]}" if has_dimensions else names[key]
            for dimension, key in lines}


def about(lines: dict[tuple[int, Key], list[Shares]]) -> str:
    """Dimension and numbers of chains."""
    dimensions = {dimension for dimension, _ in lines}
    chains = number_range(shares.chains for line in lines.values() for shares in line)
    return (f"d = {min(dimensions)}, " if len(dimensions) == 1 else "") + f"{chains} chains per point, 95 % intervals"


def draw_panels(lines: dict[tuple[int, Key], list[Shares]], sources: list[Source], look: style.Look,
                warnings: list[str]) -> plt.Figure:
    """A panel for each line."""
    every = [shares for line in lines.values() for shares in line]
    panels = Panels(len(lines))
    is_log, names = is_logarithmic(every), panel_names(lines, sources)
    panels.scale_iterations(is_log)
    for axes, (place, line) in zip(panels.used, lines.items()):
        shown = [shares for shares in line if shares.iteration > 0 or not is_log]
        draw_shares(axes, np.array([shares.iteration for shares in shown], dtype=float), shown, True, look)
        name_panel(axes, names[place])
        axes.set_ylim(0, 1)
        axes.grid(axis="y")
    panels.label("iterations T of the single pass" if has_own_passes(sources) else "iterations", "share of chains")
    panels.legend(legend_handles(every[0].share.size, look, "-"))
    style.headline(panels.figure, "Share of chains in each mode", about(lines), look)
    style.notes(panels.figure, warnings, [fact for source in sources for fact in source.facts], look)
    return panels.figure


def draw_single(lines: dict[tuple[int, Key], list[Shares]], sources: list[Source], look: style.Look,
                warnings: list[str]) -> plt.Figure:
    """One snapshot: the lines side by side."""
    figure, axes = categories(len(lines))
    for i, line in enumerate(lines.values()):
        draw_shares(axes, np.array([float(i)]), line, False, look)
    name_categories(axes, list(panel_names(lines, sources).values()))
    axes.set_ylim(0, 1)
    axes.set_ylabel("share of chains")
    axes.grid(axis="y")
    first = next(iter(lines.values()))[0]
    beside(axes, legend_handles(first.share.size, look, "none"))
    style.headline(figure, f"Share of chains in each mode after {first.iteration} iterations", about(lines), look)
    style.notes(figure, warnings, [fact for source in sources for fact in source.facts], look)
    return figure


def table_of(lines: dict[tuple[int, Key], list[Shares]], warnings: list[str]) -> pandas.DataFrame:
    """A row for each component of each snapshot; the warnings of all of them, and its own."""
    rows = []
    for (dimension, key), line in lines.items():
        for shares in line:
            low, high = shares.interval
            own = groups.pass_warnings([shares.iteration] if shares.is_within_pass else [])
            rows += [{**groups.table_columns(key), "dimension": dimension, "iteration": shares.iteration,
                      "chains": shares.chains, "component": i, "weight": shares.weight[i], "share": shares.share[i],
                      "low": low[i], "high": high[i], "total_variation": shares.total_variation,
                      "warning": "; ".join(warnings + own)}
                     for i in range(shares.share.size)]
    return pandas.DataFrame(rows)
