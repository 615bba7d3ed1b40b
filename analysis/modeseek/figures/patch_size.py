# SPDX-License-Identifier: GPL-3.0-or-later
"""Which patch sizes work: shares of chains that have left their starting mode, and discovery times, by patch size.

There is one line for each dimension, noise level and combination of the sweep's further axes; several files (of other
starts, or lengths of a pass) make lines of their own, named by what the files differ in. The last mark of a line,
Q = d, is vanilla dynamics.

The upper panel, where the sweep has snapshots that tell where chains are: the share of chains that are not in the
component where they started (the spread mode, where they started elsewhere than in a component), with Wilson's 95 %
interval. The snapshot is that of --iteration; by default the one at the end of a pass over all patches, where all
points of a line have a pass of the same length and a snapshot there, else the last one. Dotted: the share by the
weights of the target.

The lower panel, where anything was discovered later than at the start: discovery times, with the marks of `hardness`.
Of lines that differ in their passes alone, vanilla dynamics, which has none, is drawn once.

Tables: the discovery times, and `-shares`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import matplotlib.pyplot as plt
import pandas
import xarray
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

from .. import program, style
from ..drawing import Drawing, Options, Source
from ..errors import Failure, Refusal
from ..groups import pass_warnings
from ..inference import wilson
from ..lines import LINES_MAX, PASS_AXES, choices, further_names, is_number
from ..marks import (MARK_COLUMNS, bar_lengths, budgets_of, chains_per_point, draw_budgets, draw_marks, log_scale,
                     mark_handles, mark_row, marks_of, objections, until)
from ..panels import beside
from ..points import Interval, Point, is_selected, number_range, pooling, unequal, value_text
from ..style import Look

NAME = "patch-size"
PURPOSE = "share of chains that have left their starting mode, and discovery time, against patch size"
OPTIONS = ("rule", "mode", "estimate", "cost", "iteration")

SHARE_COLUMNS = "dimension patch_size noise_level chains iteration start left share low high by_weights warning".split()

Key = tuple[int, float, tuple[tuple[str, str], ...]]  # dimension, noise level, further axes and what files differ in


@dataclass(frozen=True)
class Share:
    """Chains of a point that are not in the component where they started; expected: the share by the weights."""

    patch_size: int
    chains: int
    iteration: int
    start: int
    left: int
    interval: Interval
    expected: float
    is_within_pass: bool  # and not at the end of one


@dataclass
class Line:
    """What is drawn of a line, by patch size."""

    key: Key
    points: list[Point] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)


def differences(sources: Sequence[Source]) -> list[tuple[tuple[str, str], ...]]:
    """The settings of target, start and sampler in which files differ, for each file."""
    every = [{} if source.is_table else source.data.attrs["identity"] for source in sources]
    names = [name for name in dict.fromkeys(name for one in every for name in one)
             if name.startswith(("target.", "start.", "sampler.")) and len({one.get(name) for one in every}) > 1]
    return [tuple((name, value_text(one[name])) for name in names if name in one) for one in every]


def sweep_keys(data: xarray.Dataset, differing: tuple[tuple[str, str], ...]) -> list[Key]:
    """The lines of a whole sweep, including lines that have not been computed yet."""
    further = further_names(data)
    columns = [data[name].values.tolist() for name in ("dimension", "noise_level", *further)]
    return list(dict.fromkeys((d, noise, tuple((name, value_text(v)) for name, v in zip(further, values)) + differing)
                              for d, noise, *values in zip(*columns)))


def of_line(data: xarray.Dataset, key: Key) -> xarray.Dataset:
    """The points of a line."""
    dimension, noise, further = key
    is_of = (data.dimension.values == dimension) & (data.noise_level.values == noise)
    for name, value in further:
        if name in data.attrs["axes"]:
            is_of &= [value_text(v) == value for v in data[name].values.tolist()]
    return data.isel(point=is_of)


def snapshot_of(rows: list[dict], data: xarray.Dataset, iteration: int | None) -> int:
    """The iteration of the snapshot that is drawn of a line, whose points `data` has."""
    there = sorted({int(row["iteration"]) for row in rows})
    if iteration is not None:
        if iteration not in there:
            raise Failure(f"{data.path} has no snapshot at iteration {iteration}; it has {', '.join(map(str, there))}")
        return iteration
    passes = {length for length in data.pass_iterations.values.tolist() if math.isfinite(length)}
    return int(min(passes)) if len(passes) == 1 and min(passes) in there else there[-1]


def share_of(row: dict, data: xarray.Dataset) -> Share:
    """A row of `modeseek summary --shares`, of a line whose points `data` has, as the share of chains that left where
    they started."""
    start = str(row.get("start.component", data.attrs["identity"].get("start.component", "0")))
    component = int(float(start)) if is_number(start) else 0
    variant = int(data.point_variant.values[0])
    chains = int(row["chains"])
    left = chains - round(chains * row[f"share_{component}"])
    low, high = wilson(left, chains)
    return Share(int(row["patch_size"]), chains, int(row["iteration"]), component, left,
                 Interval(left / chains, float(low), float(high)), 1 - float(data.weight.values[variant, component]),
                 row.get("warning", "") != "")


def read_shares(source: Source, options: Options, differing: tuple[tuple[str, str], ...]) -> dict[Key, list[Share]]:
    """The shares of each line of a file; none where the sweep does not tell where chains are."""
    if source.is_table or "snapshot" not in source.data.dims or not {"responsibility", "chain_mode"} & set(source.data):
        return {}
    table = program.summary(source.path, "--shares", *pooling(options.select), program=options.program)
    further = list(table.columns[:table.columns.get_loc("dimension")])
    rows: dict[Key, list[dict]] = {}
    its = source.data.isel(point=source.data.point_estimator.values == "direct")
    names = ["dimension", "patch_size", "noise_level", *further]
    with_chains = set(zip(*(map(value_text, its[name].values.tolist()) for name in names)))
    for row in table.to_dict("records"):
        if row["chains"] > 0 and is_selected(row, options.select) and \
                tuple(value_text(row[name]) for name in names) in with_chains:
            values = tuple((name, value_text(row[name])) for name in further)
            rows.setdefault((row["dimension"], row["noise_level"], values + differing), []).append(row)
    shares = {}
    for key, there in rows.items():
        data = of_line(source.data, key)
        iteration = snapshot_of(there, data, options.iteration)
        shares[key] = [share_of(row, data) for row in there if row["iteration"] == iteration]
    return shares


def read_lines(sources: Sequence[Source], options: Options) -> tuple[list[Line], list[Key], str]:
    """The lines that are drawn, all lines of the sweeps, and the rule. Raises Failure and Refusal."""
    rule, keys = options.rule, list[Key]()
    lines: dict[Key, Line] = {}
    for source, differing in zip(sources, differences(sources)):  # all with the rule of the first one
        points, rule = source.points(rule, options.cost)
        if not source.is_table:
            keys += sweep_keys(source.data, differing)
        for p in points:
            key = (p.dimension, p.noise_level, p.further + differing)
            lines.setdefault(key, Line(key)).points.append(replace(p, further=key[2]))
        for key, shares in read_shares(source, options, differing).items():
            lines[key].shares += shares
    for line in lines.values():
        line.points.sort(key=lambda p: p.patch_size)
        line.shares.sort(key=lambda share: share.patch_size)
        for one, next_one in zip(line.points, line.points[1:]):
            if one.patch_size == next_one.patch_size:
                raise Refusal(f"dimension {one.dimension}, patch size {one.patch_size} occurs twice: give files "
                              "without points in common, or merge them, and make tables with --pool seed")
    if all(len(line.points) == 1 for line in lines.values()):
        raise Refusal("every line has only one patch size, so there is no curve; use the kind hardness or survival")
    if len(lines) > LINES_MAX:
        raise Refusal(f"{len(lines)} lines cannot be told apart in one figure, at most {LINES_MAX} can: "
                      + choices(((None, *key[1:]) for key in lines), (key[0] for key in lines)))
    keys = sorted(dict.fromkeys([*keys, *lines]), key=lambda key: key[:2])
    return [lines[key] for key in keys if key in lines], keys, rule or ""


def describe(keys: Iterable[Key]) -> dict[Key, str]:
    """What lines are called, by what they differ in."""
    keys = list(keys)
    values = [dict(key[2]) for key in keys]
    varying = [name for name in dict.fromkeys(name for one in values for name in one)
               if len({one.get(name) for one in values}) > 1]
    names = {}
    for key, one in zip(keys, values):
        parts = [axis_text(name, one[name]) for name in varying if name in one]
        parts += [f"d = {key[0]}"] if len({key[0] for key in keys}) > 1 or not parts else []
        parts += [f"σ = {key[1]:g}"] if len({key[1] for key in keys}) > 1 else []
        names[key] = ", ".join(parts).replace("$", r"\$")  # no formulas
    return names


def axis_text(name: str, value: str) -> str:
    """A value on an axis in the legend."""
    if name == "start.component":
        return "from the spread mode" if value == "0" else f"from mode {value}"
    if name == "sampler.iterations_per_pass":
        return f"pass of {value} iterations"
    return f"{name.rpartition('.')[2]} {value}" if is_number(value) else value


def beside_each_other(lines: Sequence[Line]) -> dict[Key, float]:
    """Factors of the patch size by which lines stand beside it, so that equal marks do not hide each other."""
    sizes = [p.patch_size for line in lines for p in line.points]
    step = (max(sizes) / min(sizes)) ** min(0.012, 0.03 / len(lines))
    return {line.key: step ** (i - (len(lines) - 1) / 2) for i, line in enumerate(lines)}


def draw_shares(axes: plt.Axes, lines: list[Line], styles: dict[Key, tuple[str, str]], look: Look) -> None:
    """The upper panel."""
    factor = beside_each_other(lines)
    for line in lines:
        if line.shares:
            color, marker = styles[line.key]
            x = [factor[line.key] * share.patch_size for share in line.shares]
            intervals = [share.interval for share in line.shares]
            axes.errorbar(x, [i.value for i in intervals], yerr=bar_lengths(intervals).clip(0), color=color,
                          marker=marker, markersize=8, capsize=3, linewidth=1.3)
    for expected in {share.expected for line in lines for share in line.shares}:
        axes.axhline(expected, color=look.faint, linestyle=":", linewidth=1.5, zorder=1)
    axes.set_ylim(-0.03, 1.03)
    axes.set_ylabel("share of chains")
    axes.grid(axis="y", which="major")


def without_repetitions(lines: Sequence[Line]) -> dict[Key, list[Point]]:
    """The points of each line, of those that are the same chains, because vanilla dynamics has no passes, the one with
    the most of them."""
    most: dict[Key, tuple[int, Key]] = {}
    for line in lines:
        for p in line.points:
            if p.patch_size == p.dimension and p.noise_level == 0:
                same = line.key[0], line.key[1], tuple(pair for pair in line.key[2] if pair[0] not in PASS_AXES)
                most[same] = max(most.get(same, (0, line.key)), (p.chains, line.key), key=lambda one: one[0])
    kept = {key for _, key in most.values()}
    return {line.key: [p for p in line.points if p.patch_size < p.dimension or p.noise_level > 0 or line.key in kept]
            for line in lines}


def placing(lines: Sequence[Line], has_times: bool) -> list[str]:
    """What is said of where marks are."""
    without = without_repetitions(lines)
    is_once = has_times and any(len(without[line.key]) < len(line.points) for line in lines)
    return (["marks of the same Q stand side by side"] if len(lines) > 1 else []) + \
        (["times of vanilla dynamics, which has no passes, are drawn once"] if is_once else [])


def draw_times(axes: plt.Axes, lines: list[Line], styles: dict[Key, tuple[str, str]], estimate: str,
               look: Look) -> None:
    """The lower panel. Thin lines join the medians where means are in doubt, which are not joined. Vanilla dynamics is
    drawn once where lines differ in their passes alone."""
    factor, without = beside_each_other(lines), without_repetitions(lines)
    has_doubts = any(mark.doubt for line in lines for mark in marks_of(line.points, estimate))
    for line in lines:
        def place(point: Point, by: float = factor[line.key]) -> float:
            return by * point.patch_size

        marks = marks_of(without[line.key], estimate)
        if not marks:
            continue
        draw_marks(axes, marks, place, styles[line.key], look, is_joined=True)
        medians = [mark for mark in marks if mark.statistic == "median" and mark.is_visible]
        if estimate == "both" and has_doubts:
            axes.plot([place(mark.point) for mark in medians], [mark.at for mark in medians], "--", linewidth=0.9,
                      color=styles[line.key][0], zorder=2)


def share_titles(lines: list[Line]) -> tuple[str, str]:
    """Title and what stands below it, of the upper panel."""
    shares = [share for line in lines for share in line.shares]
    starts, times = ({getattr(share, name) for share in shares} for name in ("start", "iteration"))
    where = "the mode where they started" if len(starts) > 1 else "the spread mode" if starts == {0} else \
        f"mode {min(starts)}, where they started"
    when = f"after {min(times)} iterations" if len(times) == 1 else "after one pass" if all(
        dict(line.key[2]).get("sampler.iterations_per_pass") == str(share.iteration)
        for line in lines for share in line.shares) else "at the last snapshot"
    return (f"Share of chains that have left {where}",
            f"{when}, {number_range(share.chains for share in shares)} chains per point, 95 % Wilson intervals")


def patch_axis(axes: plt.Axes, lines: list[Line]) -> None:
    """The logarithmic axis, with the patch sizes that occur, except those too close to be read."""
    axes.set_xscale("log")
    axes.margins(x=0.15)
    sizes: list[int] = []
    every = sorted({p.patch_size for line in lines for p in line.points})
    apart = (every[-1] / every[0]) ** 0.065
    for size in every:
        if not sizes or size >= apart * sizes[-1]:
            sizes.append(size)
    axes.xaxis.set_major_locator(FixedLocator(sizes))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.xaxis.set_minor_locator(NullLocator())


def tables_of(lines: list[Line], estimate: str, cost: str, warning: str) -> dict[str, pandas.DataFrame]:
    """The discovery times, and the shares."""
    further = list(dict.fromkeys(name for line in lines for name, _ in line.key[2]))
    of = [(line, [dict(line.key[2]).get(name, "") for name in further]) for line in lines]
    times = [[*values, *mark_row(mark), cost, warning] for line, values in of
             for mark in marks_of(line.points, estimate)]
    shares = [[*values, line.key[0], s.patch_size, line.key[1], s.chains, s.iteration, s.start, s.left,
               s.interval.value, s.interval.low, s.interval.high, s.expected,
               "".join(pass_warnings([s.iteration] if s.is_within_pass else []))]
              for line, values in of for s in line.shares]
    tables = {"": pandas.DataFrame(times, columns=[*further, *MARK_COLUMNS, "cost", "warning"])}
    return tables | ({"-shares": pandas.DataFrame(shares, columns=[*further, *SHARE_COLUMNS])} if shares else {})


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there is one patch size alone, or nothing to show."""
    lines, keys, rule = read_lines(sources, options)
    marks = [mark for line in lines for mark in marks_of(line.points, options.estimate)]
    has_shares, has_times = any(line.shares for line in lines), any(mark.is_visible for mark in marks)
    if not (has_shares or has_times):
        raise Refusal("everything was discovered at the start, and there are no snapshots: nothing depends on the "
                      "patch size; choose another --mode")
    costs = (p.evaluations for line in lines for p in line.points)
    why = unequal(costs) if options.cost == "iterations" and has_times else ""
    warnings = [why] if why else []
    tables = tables_of(lines, options.estimate, options.cost, " ".join(warnings))
    warnings += pass_warnings(share.iteration for line in lines for share in line.shares if share.is_within_pass)
    drawing_of = dict(zip(keys, style.marks(keys, [key[2] for key in keys], [key[:2] for key in keys], options.look)))
    with options.look.applied():
        hidden = sum(not mark.is_visible for mark in marks)
        remarks = [f"not drawn, but in the table of --csv: {hidden} marks at 0 {options.cost.replace('_', ' ')}, of "
                   "chains that start in the mode"] if hidden and has_times else []
        figure = draw_figure(lines, drawing_of, rule, options, sources, warnings, (has_shares, has_times), remarks)
    return Drawing(figure, tables, warnings, remarks)


def draw_figure(lines: list[Line], styles: dict[Key, tuple[str, str]], rule: str, options: Options,
                sources: list[Source], warnings: list[str], has: tuple[bool, bool], left_out: list[str]) -> plt.Figure:
    """The picture."""
    look, (has_shares, has_times) = options.look, has
    figure, panels = plt.subplots(sum(has), figsize=(13, 6.5 if sum(has) == 1 else 10.5), layout="constrained",
                                  squeeze=False)
    upper, lower = panels[0, 0], panels[-1, 0]
    names = describe(styles)
    handles = [Line2D([], [], color=styles[line.key][0], marker=styles[line.key][1], markersize=8,
                      label=names[line.key]) for line in lines]
    if has_shares:
        draw_shares(upper, lines, styles, look)
        style.title(upper, *share_titles(lines), look)
        handles.append(Line2D([], [], color=look.faint, linestyle=":", label="expected from target weights"))
    if has_times:
        lower.set_yscale("log", nonpositive="clip")
        draw_times(lower, lines, styles, options.estimate, look)
        points = [p for line in lines for p in line.points]
        if any(p.discovered < p.chains for p in points):
            draw_budgets(lower, budgets_of(sources, options.cost), points[0].patch_size, look)
        counted = options.cost.replace("_", " ")
        lower.set_ylabel(counted)
        lower.grid(axis="y", which="major")
        log_scale(lower)
        style.title(lower, f"{counted.capitalize()} {until(options.mode)}", f"rule {rule}, {chains_per_point(points)}",
                    look)
        marks = [mark for line in lines for mark in marks_of(line.points, options.estimate)]
        handles += mark_handles(marks, look)
        if options.estimate == "both" and any(mark.doubt for mark in marks):
            handles.append(Line2D([], [], color=look.faint, linestyle="--", linewidth=0.9, label="joins medians"))
    left_out = [*left_out, *placing(lines, has_times), *objections(
        mark for line in lines for mark in marks_of(line.points, options.estimate))]
    for panel in panels.flat:
        patch_axis(panel, lines)
    if has_shares and has_times:  # not all points with times have chains
        upper.set_xlim(lower.get_xlim())
    dimensions = {line.key[0] for line in lines}
    d = f" = {min(dimensions)}" if len(dimensions) == 1 else ""
    has_vanilla = any(p.patch_size == p.dimension for line in lines for p in line.points)
    lower.set_xlabel(f"patch size Q (Q = d{d}: vanilla)" if has_vanilla else "patch size Q")
    beside(upper, handles)
    style.notes(figure, warnings, [*left_out, *(fact for source in sources for fact in source.facts)], look)
    return figure
