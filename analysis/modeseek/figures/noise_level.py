# SPDX-License-Identifier: GPL-3.0-or-later
"""Share of chains that are out of the mode they started in, against the first noise level.

A chain is in the mode with the largest responsibility, at the last snapshot, or that of --iteration; bars are Wilson's
95 % intervals. Where chains start in no component (uniformly, say), and for sweeps without snapshots, it is the share of
chains that discovered the mode (--mode, --rule) within the budget. Noise level 0, which is vanilla dynamics where
nothing is chained, stands at the left, beyond the break of the logarithmic axis.

A dotted line is what exact draws would have: one minus the weight of the start's component. --iteration, --rule, --mode
and --select matter. Table: a row for each mark.
"""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from .. import groups, program, style
from ..drawing import Drawing, Options, Source
from ..errors import Failure, Refusal
from ..lines import LINES_MAX, Key, in_order
from ..panels import beside
from ..points import is_selected
from .shares import shares_of_file

NAME = "noise-level"
PURPOSE = "share of chains out of the start's mode, against the first noise level"

NOISE = ("noise_level",)


@dataclass(frozen=True)
class Mark:
    """Chains of a line at one noise level: how many of them did it."""

    dimension: int
    key: Key  # without the noise level
    noise_level: float
    count: int
    chains: int
    iteration: int
    expected: float  # NaN: not known


def start_of(source: Source, key: Key) -> int | None:
    """The component that chains of a line start in; None where they start in none."""
    value = dict(key[2]).get("start.component", source.data.attrs["identity"].get("start.component"))
    try:
        return int(str(value))
    except ValueError:
        return None


def marks_of_shares(source: Source, only: int | None) -> list[Mark]:
    """Chains out of the start's mode at a snapshot. Raises Failure."""
    every = shares_of_file(source)
    if only is not None and only not in {shares.iteration for shares in every}:
        raise Failure(f"{source.path} has no snapshot at iteration {only}; it has "
                      f"{', '.join(map(str, sorted({shares.iteration for shares in every})))}")
    last = only if only is not None else max((shares.iteration for shares in every), default=0)
    marks = []
    for shares in every:
        start = start_of(source, shares.key)
        if shares.iteration == last and start is not None and start < shares.share.size:
            out = shares.chains - round(float(shares.share[start]) * shares.chains)
            marks.append(Mark(shares.dimension, (shares.key[0], 0.0, shares.key[2]), shares.key[1], out, shares.chains,
                              last, 1 - float(shares.weight[start])))
    return marks


def marks_of_discoveries(source: Source, rule: str, options: Options) -> list[Mark]:
    """Chains that discovered the mode within the budget."""
    table = program.summary(source.path, "--pool", "seed", "--rule", rule, "--mode", options.mode,
                            program=options.program)
    further = list(table.columns[:list(table.columns).index("dimension")])
    budgets = {(group.dimension, group.key): int(max(source.data.iterations.values[list(group.points)]))
               for group in groups.groups_of(source)}
    return [Mark(int(row["dimension"]), groups.key_of(row, further, NOISE), float(row["noise_level"]),
                 int(row["discovered"]), int(row["chains"]),
                 budgets[int(row["dimension"]), groups.key_of(row, further)], float("nan"))
            for row in table.to_dict("records") if row["chains"] and is_selected(row, options.select)]


def read_marks(sources: list[Source], rule: str, options: Options) -> tuple[list[Mark], bool]:
    """All marks, and whether they are of discoveries. Raises Failure, and Refusal where there is one level alone."""
    has_starts = all("snapshot" in source.data.dims and ("responsibility" in source.data or "chain_mode" in source.data)
                     and all(start_of(source, group.key) is not None for group in groups.groups_of(source))
                     for source in sources)
    marks = [mark for source in sources for mark in (marks_of_shares(source, options.iteration) if has_starts else
                                                     marks_of_discoveries(source, rule, options))]
    if not marks:
        raise Refusal("no finished chains yet; see 'modeseek status'")
    levels = {mark.noise_level for mark in marks}
    if len(levels) == 1:
        raise Refusal(f"all chains have noise level {min(levels):g}: there is nothing to compare; list values of "
                      "noise_level in the grid, and give the sampler a schedule")
    places = [(mark.dimension, mark.key, mark.noise_level) for mark in marks]
    if len(set(places)) < len(places):
        raise Refusal("the files have points in common: name each file once, or merge them first")
    if len({place[:2] for place in places}) > LINES_MAX:
        raise Refusal(f"more than {LINES_MAX} lines cannot be told apart: choose some by --select")
    return marks, not has_starts


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there is one noise level alone."""
    rule = groups.rule_of(sources, options.rule)
    marks, is_discovery = read_marks(sources, rule, options)
    with options.look.applied():
        figure = draw_figure(marks, is_discovery, rule, options, sources)
    return Drawing(figure, {"": table_of(marks, is_discovery)})


def draw_break(axes: plt.Axes, place: float, look: style.Look) -> None:
    """Two strokes through the axis, and nothing between them."""
    at = axes.transData.transform((place, 0))[0]
    x = axes.transAxes.inverted().transform((at, 0))[0]
    axes.plot([x - 0.004, x + 0.004], [0, 0], transform=axes.transAxes, color=look.background, linewidth=4,
              clip_on=False, zorder=9)
    for shift in (-0.006, 0.006):
        axes.plot([x + shift - 0.004, x + shift + 0.004], [-0.018, 0.018], transform=axes.transAxes, color=look.text,
                  linewidth=1.2, clip_on=False, zorder=10)


def draw_line(axes: plt.Axes, mine: list[Mark], vanilla: float, color: str, marker: str) -> None:
    """The marks of a line, joined where there is noise."""
    x = np.array([m.noise_level or vanilla for m in mine])
    count, chains = (np.array([getattr(m, name) for m in mine], dtype=float) for name in ("count", "chains"))
    low, high = groups.wilson(count, chains)
    share = count / chains
    axes.errorbar(x, share, yerr=np.maximum([share - low, high - share], 0), color=color, fmt=marker, markersize=8,
                  capsize=3, linewidth=1.5, zorder=3, clip_on=False)
    is_noisy = np.array([m.noise_level > 0 for m in mine])
    axes.plot(x[is_noisy], share[is_noisy], "-", color=color, linewidth=1.3, zorder=2)


def draw_figure(marks: list[Mark], is_discovery: bool, rule: str, options: Options, sources: list[Source]) -> plt.Figure:
    """The picture."""
    look = options.look
    every = [(group.dimension, group.key) for source in sources for group in groups.groups_of(source, NOISE)]
    order = {key: i for i, key in enumerate(in_order(key for _, key in every))}
    lines = sorted(dict.fromkeys(every), key=lambda line: (order[line[1]], line[0]))
    styles = style.marks(lines, [key for _, key in lines], [d for d, _ in lines], look)
    names, dimensions = groups.names_of(mark.key for mark in marks), {mark.dimension for mark in marks}
    positive = sorted({mark.noise_level for mark in marks if mark.noise_level > 0})
    vanilla = positive[0] / max(2.0, (positive[-1] / positive[0]) ** 0.2)
    has_vanilla = any(mark.noise_level == 0 for mark in marks)
    figure, axes = plt.subplots(figsize=(11.5, 6.5), layout="constrained")
    axes.set_xscale("log")
    handles = []
    for line, (color, marker) in zip(lines, styles):
        mine = sorted((m for m in marks if (m.dimension, m.key) == line), key=lambda m: m.noise_level)
        if mine:
            draw_line(axes, mine, vanilla, color, marker)
            name = names[line[1]].replace("vanilla (Q = d)", "not chained (Q = d)")
            handles.append(Line2D([], [], color=color, marker=marker, markersize=8,
                                  label=f"d = {line[0]}, {name}" if len(dimensions) > 1 else name))
    expected = {mark.expected for mark in marks if np.isfinite(mark.expected)}
    for value in expected:
        axes.axhline(value, color=look.faint, linestyle=":", linewidth=1.8, zorder=1)
    if expected:
        handles.append(Line2D([], [], color=look.faint, linestyle=":", linewidth=1.8, label="exact draws of the target"))
    beside(axes, handles)
    axes.set_ylim(0, 1)
    axes.set_xlim((vanilla if has_vanilla else positive[0]) / 1.25, positive[-1] * 1.25)
    set_ticks(axes, positive, vanilla if has_vanilla else None)
    axes.grid(axis="y")
    axes.set_xlabel("first noise level σ")
    axes.set_ylabel("share of chains")
    style.headline(figure, *words_of(marks, is_discovery, rule, options.mode), look)
    style.notes(figure, [], [fact for source in sources for fact in source.facts], look)
    figure.canvas.draw()  # the place of the break is known then
    if has_vanilla:
        draw_break(axes, (vanilla * positive[0]) ** 0.5, look)
    return figure


def words_of(marks: list[Mark], is_discovery: bool, rule: str, mode: str) -> tuple[str, str]:
    """Title and subtitle."""
    dimensions = {mark.dimension for mark in marks}
    what = f"that discovered {groups.what_is_discovered(mode)} within" if is_discovery else \
        "out of the mode they started in, after"
    about = [f"d = {min(dimensions)}"] if len(dimensions) == 1 else []
    about += [f"rule {rule}"] if is_discovery else []
    about += [f"{groups.number_text(mark.chains for mark in marks)} chains a point", "95 % intervals"]
    return f"Chains {what} {groups.number_text(mark.iteration for mark in marks)} iterations", ", ".join(about)


def set_ticks(axes: plt.Axes, positive: list[float], vanilla: float | None) -> None:
    """The noise levels themselves where they are few, else powers of ten; and 0."""
    if len(positive) <= 8:
        ticks = positive
    else:
        ticks = [t for t in LogLocator(subs=(1,) if positive[-1] > 100 * positive[0] else (1, 2, 5))
                 .tick_values(positive[0], positive[-1]) if positive[0] <= t <= positive[-1]]
    labels = [f"{t:g}" for t in ticks]
    if vanilla is not None:
        ticks, labels = [vanilla, *ticks], ["0\nno noise", *labels]
    axes.set_xticks(ticks, labels)
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="x", which="minor", length=0)


def table_of(marks: list[Mark], is_discovery: bool) -> pandas.DataFrame:
    """A row for each mark."""
    rows = []
    for mark in marks:
        low, high = groups.wilson(mark.count, mark.chains)
        rows.append({**groups.table_columns(mark.key), "dimension": mark.dimension, "noise_level": mark.noise_level,
                     "what": "discovered" if is_discovery else "out of the start's mode", "iteration": mark.iteration,
                     "chains": mark.chains, "count": mark.count, "share": mark.count / mark.chains, "low": float(low),
                     "high": float(high), "exact": mark.expected})
    return pandas.DataFrame(rows)
