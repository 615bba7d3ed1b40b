# SPDX-License-Identifier: GPL-3.0-or-later
"""Share of chains that have left the mode they started in, or discovery time, against the first noise level.

A chain is in the mode with the largest responsibility, at the last snapshot, or that of --iteration; bars are Wilson's
95 % intervals, and the dotted line is one minus the weight of the start's component, which exact draws have where modes
do not overlap. For sweeps without snapshots of responsibilities, and where chains start in no component (uniformly,
say), it is the discovery time, with marks, intervals and bounds as in the kind hardness.

Noise level 0, which is vanilla dynamics where nothing is chained, stands at the left, beyond the break of the
logarithmic axis. --iteration, or --rule, --mode, --estimate and --cost, and --select matter.

Table: a row for each mark.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from .. import groups, style
from ..drawing import Drawing, Options, Source, points_of
from ..errors import Failure, Refusal
from ..inference import wilson
from ..lines import LINES_MAX, Key, choices, in_order
from ..marks import (MARK_COLUMNS, chains_per_point, draw_marks, log_scale, mark_handles, mark_row, marks_of,
                     objections, until)
from ..panels import beside
from ..points import Point, number_range, unequal
from .shares import shares_of_file

NAME = "noise-level"
PURPOSE = "share of chains that have left their starting mode, or discovery time, against the first noise level"
OPTIONS = ("rule", "mode", "estimate", "cost", "iteration")

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
    is_within_pass: bool  # and not at the end of one


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
                              last, 1 - float(shares.weight[start]), shares.is_within_pass))
    return marks


def has_starts(source: Source) -> bool:
    """Whether it is known at snapshots which chains are out of the component that they started in."""
    data = source.data
    return "snapshot" in data.dims and ("responsibility" in data or "chain_mode" in data) and all(
        start_of(source, group.key) is not None for group in groups.groups_of(source))


def check(places: list[tuple[int, Key, float]]) -> None:
    """Raises Refusal where marks (dimension, line, noise level) make no figure."""
    if not places:
        raise Refusal("no finished chains yet; see 'modeseek status'")
    levels = {level for _, _, level in places}
    if len(levels) == 1:
        raise Refusal(f"all finished chains have noise level {min(levels):g}: there is nothing to compare; list values "
                      "of noise_level in the grid, and give the sampler a schedule")
    if len(set(places)) < len(places):
        raise Refusal("the files have points in common: give files without any, or merge them first")
    if len({place[:2] for place in places}) > LINES_MAX:
        raise Refusal(f"more than {LINES_MAX} lines cannot be told apart: "
                      + choices((key for _, key, _ in places), (dimension for dimension, _, _ in places)))


def check_none(source: Source, names: Iterable[str], options: Options, what: str) -> None:
    """Raises Failure where an option is given that would be ignored."""
    for name in names:
        if getattr(options, name) != getattr(Options, name):
            raise Failure(f"{source.path}: the kind noise-level draws {what}, and takes no --{name} then")


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there is one noise level alone."""
    if all(has_starts(source) for source in sources):
        check_none(sources[0], ("rule", "mode", "estimate", "cost"), options,
                   "shares of chains, because they start in a mode and there are snapshots")
        shares = [mark for source in sources for mark in marks_of_shares(source, options.iteration)]
        check([(mark.dimension, mark.key, mark.noise_level) for mark in shares])
        warnings = groups.cost_warnings(sources) + groups.pass_warnings(
            mark.iteration for mark in shares if mark.is_within_pass)
        with options.look.applied():
            figure = draw_shares(shares, sources, warnings, options.look)
        return Drawing(figure, {"": shares_table(shares).assign(warning="; ".join(warnings))}, warnings)
    check_none(sources[0], ("iteration",), options, "discovery times")
    points, rule = points_of(sources, options)
    check([(point.dimension, line_of(point), point.noise_level) for point in points])
    why = unequal(point.evaluations for point in points) if options.cost == "iterations" else ""
    warnings = [why] if why else []
    with options.look.applied():
        figure = draw_times(points, rule, sources, warnings, options)
    return Drawing(figure, {"": times_table(points, options).assign(warning="".join(warnings))}, warnings)


def line_of(point: Point) -> Key:
    """The line of a point, without its noise level."""
    return None if point.patch_size == point.dimension else point.patch_size, 0.0, point.further


def draw_break(axes: plt.Axes, place: float, look: style.Look) -> None:
    """Two strokes through the axis, and nothing between them."""
    at = axes.transData.transform((place, 0))[0]
    x = axes.transAxes.inverted().transform((at, 0))[0]
    axes.plot([x - 0.004, x + 0.004], [0, 0], transform=axes.transAxes, color=look.background, linewidth=4,
              clip_on=False, zorder=9)
    for shift in (-0.006, 0.006):
        axes.plot([x + shift - 0.004, x + shift + 0.004], [-0.018, 0.018], transform=axes.transAxes, color=look.text,
                  linewidth=1.2, clip_on=False, zorder=10)


@dataclass(frozen=True)
class Levels:
    """The noise levels on the axis, and where 0 stands on it; None without it."""

    positive: list[float]
    zero: float | None

    def place(self, level: float) -> float:
        """Where a level is."""
        return level or float(self.zero or 0)


def levels_of(levels: Iterable[float]) -> Levels:
    """The axis for some noise levels."""
    positive = sorted({level for level in levels if level > 0})
    zero = positive[0] / max(2.0, (positive[-1] / positive[0]) ** 0.2)
    return Levels(positive, zero if 0 in set(levels) else None)


def set_axis(axes: plt.Axes, levels: Levels, look: style.Look) -> None:
    """The logarithmic axis: the noise levels themselves where they are few, else powers of ten; and 0 beyond the break.
    The figure has been laid out: the place of the break is known then."""
    positive = levels.positive
    if len(positive) <= 8:
        ticks = positive
    else:
        ticks = [t for t in LogLocator(subs=(1,) if positive[-1] > 100 * positive[0] else (1, 2, 5))
                 .tick_values(positive[0], positive[-1]) if positive[0] <= t <= positive[-1]]
    labels = [f"{t:g}" for t in ticks]
    if levels.zero is not None:
        ticks, labels = [levels.zero, *ticks], ["0\nno noise", *labels]
    axes.set_xlim((levels.zero or positive[0]) / 1.25, positive[-1] * 1.25)
    axes.set_xticks(ticks, labels)
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="x", which="minor", length=0)
    axes.set_xlabel("first noise level σ")
    axes.grid(axis="y")
    axes.figure.canvas.draw()
    if levels.zero is not None:
        draw_break(axes, (levels.zero * positive[0]) ** 0.5, look)


def lines_of(sources: list[Source], places: Iterable[tuple[int, Key]],
             look: style.Look) -> dict[tuple[int, Key], tuple[str, tuple[str, str]]]:
    """Name, and colour and marker by the place among all of the sweep, of each line (dimension and key) in a figure."""
    places = set(places)
    every = [*((group.dimension, group.key) for source in sources if not source.is_table and source.has_chains
               for group in groups.groups_of(source, NOISE)), *places]
    order = {key: i for i, key in enumerate(in_order(key for _, key in every))}
    lines = sorted(dict.fromkeys(every), key=lambda line: (order[line[1]], line[0]))
    styles = style.marks(lines, [key for _, key in lines], [d for d, _ in lines], look)
    names, has_dimensions = groups.names_of((key for _, key in places), sources), len({d for d, _ in places}) > 1
    return {(d, key): ((f"d = {d}, " if has_dimensions else "")
                       + names[key].replace("vanilla (Q = d)", "not chained (Q = d)"), of_line)
            for (d, key), of_line in zip(lines, styles) if (d, key) in places}


def about(places: Iterable[tuple[int, Key]], *words: str) -> str:
    """The subtitle, with the dimension where there is one."""
    dimensions = {dimension for dimension, _ in places}
    return ", ".join([*([f"d = {min(dimensions)}"] if len(dimensions) == 1 else []), *words])


def draw_shares(marks: list[Mark], sources: list[Source], warnings: list[str], look: style.Look) -> plt.Figure:
    """Shares of chains."""
    figure, axes = plt.subplots(figsize=(11.5, 6.5), layout="constrained")
    axes.set_xscale("log")
    levels = levels_of([mark.noise_level for mark in marks])
    lines = lines_of(sources, ((mark.dimension, mark.key) for mark in marks), look)
    for line, (_, (color, marker)) in lines.items():
        mine = sorted((m for m in marks if (m.dimension, m.key) == line), key=lambda m: m.noise_level)
        x = np.array([levels.place(m.noise_level) for m in mine])
        count, chains = (np.array([getattr(m, name) for m in mine], dtype=float) for name in ("count", "chains"))
        low, high = wilson(count, chains)
        share, is_noisy = count / chains, np.array([m.noise_level > 0 for m in mine])
        axes.errorbar(x, share, yerr=np.maximum([share - low, high - share], 0), color=color, fmt=marker, markersize=8,
                      capsize=3, linewidth=1.5, zorder=3, clip_on=False)
        axes.plot(x[is_noisy], share[is_noisy], "-", color=color, linewidth=1.3, zorder=2)
    for value in {mark.expected for mark in marks}:
        axes.axhline(value, color=look.faint, linestyle=":", linewidth=1.8, zorder=1)
    beside(axes, [*line_handles(lines), Line2D([], [], color=look.faint, linestyle=":", linewidth=1.8,
                                               label="expected from target weights")])
    axes.set_ylim(0, 1)
    axes.set_ylabel("share of chains")
    iterations = number_range(mark.iteration for mark in marks)
    style.headline(figure, f"Share of chains that have left their starting mode after {iterations} iterations",
                   about(lines, f"{number_range(mark.chains for mark in marks)} chains per point",
                         "95 % intervals"), look)
    style.notes(figure, warnings, [fact for source in sources for fact in source.facts], look)
    set_axis(axes, levels, look)
    return figure


def line_handles(lines: dict[tuple[int, Key], tuple[str, tuple[str, str]]]) -> list[Line2D]:
    """Entries of the legend."""
    return [Line2D([], [], color=color, marker=marker, markersize=8, label=name)
            for name, (color, marker) in lines.values()]


def draw_times(points: list[Point], rule: str, sources: list[Source], warnings: list[str],
               options: Options) -> plt.Figure:
    """Discovery times, as the kind hardness draws them."""
    look = options.look
    figure, axes = plt.subplots(figsize=(12, 6.5), layout="constrained")
    axes.set_xscale("log")
    axes.set_yscale("log", nonpositive="clip")
    levels = levels_of([point.noise_level for point in points])
    lines = lines_of(sources, ((point.dimension, line_of(point)) for point in points), look)
    for line, (_, of_line) in lines.items():
        mine = sorted((p for p in points if (p.dimension, line_of(p)) == line), key=lambda p: p.noise_level)
        for part in ([p for p in mine if p.noise_level == 0], [p for p in mine if p.noise_level > 0]):
            if part:
                draw_marks(axes, marks_of(part, options.estimate), lambda p: levels.place(p.noise_level), of_line, look,
                           True)
    beside(axes, [*line_handles(lines), *mark_handles(marks_of(points, options.estimate), look)])
    counted = options.cost.replace("_", " ")
    axes.set_ylabel(counted)
    log_scale(axes)
    style.headline(figure, f"{counted.capitalize()} {until(options.mode)}",
                   about(lines, f"rule {rule}", chains_per_point(points)), look)
    objected = objections(marks_of(points, options.estimate))
    style.notes(figure, warnings, [*objected, *(fact for source in sources for fact in source.facts)], look)
    set_axis(axes, levels, look)
    return figure


def shares_table(marks: list[Mark]) -> pandas.DataFrame:
    """A row for each mark."""
    rows: list[dict[str, object]] = []
    for mark in marks:
        low, high = wilson(mark.count, mark.chains)
        rows.append({**groups.table_columns(mark.key), "dimension": mark.dimension, "noise_level": mark.noise_level,
                     "iteration": mark.iteration, "chains": mark.chains, "count": mark.count,
                     "share": mark.count / mark.chains, "low": float(low), "high": float(high),
                     "by_weights": mark.expected})
    return pandas.DataFrame(rows)


def times_table(points: list[Point], options: Options) -> pandas.DataFrame:
    """A row for each mark, as that of the kind hardness."""
    rows: list[dict[str, object]] = [
        {**groups.table_columns(line_of(mark.point)), **dict[str, object](zip(MARK_COLUMNS, mark_row(mark))),
         "cost": options.cost} for mark in marks_of(points, options.estimate)]
    return pandas.DataFrame(rows)
