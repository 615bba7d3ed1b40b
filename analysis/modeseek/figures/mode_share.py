# SPDX-License-Identifier: GPL-3.0-or-later
"""Share of chains that are in a mode to be discovered, against an axis of the sweep, on the data of a target.

A chain is in the mode of the vector of the data that is nearest to it, if that is near: no farther, squared and per
coordinate, than the radius of the rule ball, or 0.01 where the sweep has none. Chains that are near no vector (they
diverged, or are still noise) count for no mode; where there are some, open marks show what the share would be with
them, and a warning says how many they are. Bars are Wilson's 95 % intervals, seeds pooled; the dotted line is the mode's
weight in the target, where that is known.

The axis is that of --against: noise_level, patch_size, target.count, sampler.iterations_per_pass, or any other of
numbers; by default the one with the most values. Files may differ in settings of target, start and sampler, which are
then axes, too. The other axes make lines. The snapshot is that of --iteration, by default the last one; --mode (a
number, or any) and --select matter.

Table: a row for each mark, with the share that is near the data.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import matplotlib.pyplot as plt
import numpy as np
import pandas
from matplotlib.lines import Line2D

from .. import images, style
from ..drawing import Drawing, Options, Source
from ..errors import Failure, Refusal
from ..groups import is_within_pass, pass_warnings
from ..inference import wilson
from ..lines import LINES_MAX, is_number
from ..panels import beside
from ..points import number_range, value_text
from ..settings import setting
from .noise_level import levels_of, set_axis
from .patch_size import differences

NAME = "mode-share"
PURPOSE = "share of chains in a mode to be discovered, against an axis of the sweep (data as targets)"
OPTIONS = ("mode", "iteration", "against")

WORDS = {"noise_level": "first noise level σ", "patch_size": "patch size Q", "dimension": "dimension d",
         "sampler.iterations_per_pass": "iterations T of a pass", "budget.iterations": "iterations",
         "target.count": "vectors of the data N"}

NETWORK = "target.network"
FEW = 3  # values of the axis, at which lines are drawn side by side
BESIDE = 0.02  # of the axis, between lines

Values = tuple[tuple[str, str], ...]


@dataclass
class Mark:
    """The chains of a line at one value of the axis: all, those near the data, those of them in the mode, and those in
    it near or not."""

    line: Values
    value: float
    chains: int = 0
    near: int = 0
    count: int = 0
    nearest: int = 0
    iterations: set[int] = field(default_factory=set)
    within: set[int] = field(default_factory=set)  # iterations in the middle of a pass
    weight: float = float("nan")


def values_of(source: Source, differing: Values) -> list[dict[str, str]]:
    """What each point of a file has on all axes but the seed."""
    data = source.data
    names = [name for name in data.attrs["axes"] if name != "seed"]
    columns = [list(map(value_text, data[name].values.tolist())) for name in names]
    return [dict(differing) | dict(zip(names, row)) for row in zip(*columns)]


def axis_of(rows: list[dict[str, str]], wanted: str | None) -> str:
    """The axis that is drawn against. Raises Failure and Refusal."""
    values = {name: {row.get(name, "") for row in rows} for row in rows for name in row}
    numbers = {name: of for name, of in values.items() if all(map(is_number, of))}
    if wanted is not None:
        if wanted not in numbers:
            raise Failure(f"--against {wanted}: no axis of numbers; there are {', '.join(numbers)}")
        return wanted
    varying = {name: len(of) for name, of in numbers.items() if len(of) > 1}
    if not varying:
        raise Refusal("all points have the same values on all axes, so there is no curve; 'modeseek summary --shares' has "
                      "the shares")
    return max(varying, key=lambda name: varying[name])


def in_mode(modes: np.ndarray, mode: str) -> np.ndarray:
    """Which chains are in the mode."""
    return modes > 0 if mode == "any" else modes == int(mode)


def read_marks(sources: list[Source], options: Options) -> tuple[list[Mark], str]:
    """The marks, and the axis. Raises Failure and Refusal."""
    if options.mode != "any" and not options.mode.isdecimal():
        raise Failure(f"--mode {options.mode}: give the number of a mode, or any")
    for source in sources:
        images.require_nearest(source)
    rows = [values_of(source, differing) for source, differing in zip(sources, differences(sources))]
    every = [row for of_file in rows for row in of_file]
    axis = axis_of(every, options.against)
    varying = [name for name in dict.fromkeys(name for row in every for name in row)
               if name != axis and len({row.get(name) for row in every}) > 1]
    marks: dict[tuple[Values, float], Mark] = {}
    for source, of_file in zip(sources, rows):
        for point, row in enumerate(of_file):
            place = images.place_of(source, point, options.iteration)
            if place is None:
                continue
            line = tuple((name, row.get(name, "")) for name in varying)
            mark = marks.setdefault((line, float(row[axis])), Mark(line, float(row[axis])))
            is_in = in_mode(place.mode, options.mode)
            mark.chains += len(is_in)
            mark.near += int(place.is_near.sum())
            mark.count += int((is_in & place.is_near).sum())
            mark.nearest += int(is_in.sum())
            mark.iterations.add(place.iteration)
            if is_within_pass(place.iteration, float(source.data.pass_iterations.values[point])):
                mark.within.add(place.iteration)
            mark.weight = 0.5 if images.has_flips(source.data, point) else float("nan")
    if not marks:
        raise Refusal("no chain has come to a snapshot yet; see 'modeseek status'")
    lines = {mark.line for mark in marks.values()}
    if len(lines) > LINES_MAX:
        raise Refusal(f"{len(lines)} lines cannot be told apart in one figure, at most {LINES_MAX} can; choose by --select")
    return sorted(marks.values(), key=lambda mark: mark.value), axis


def part_of(name: str, value: str) -> str:
    """A value of an axis or a setting in the name of a line."""
    short = {"patch_size": "Q = ", "noise_level": "σ = ", "dimension": "d = ", "target.count": "N = ",
             "sampler.iterations_per_pass": "T = "}
    if name in short:
        return f"{short[name]}{value}"
    if name == "target.family":
        return {"empirical": "exact score", "learned": "learned score"}.get(value, value)
    if name == NETWORK:
        return f"weights {value.rpartition(' ')[2][:6]}" if value else ""
    return f"{name.rpartition('.')[2]} {value}" if is_number(value) else value


def name_of(line: Values) -> str:
    """What a line is called."""
    return ", ".join(filter(None, (part_of(name, value) for name, value in line))).replace("$", r"\$")


def names_of(lines: list[Values]) -> list[str]:
    """What lines are called; networks are named only where nothing else tells them apart."""
    names = [name_of(tuple(part for part in line if part[0] != NETWORK)) for line in lines]
    return names if len(set(names)) == len(names) else [name_of(line) for line in lines]


def draw_line(axes: plt.Axes, x: np.ndarray, marks: list[Mark], color: str, marker: str, look: style.Look) -> None:
    """Marks, intervals, and the open marks of chains that are near no data."""
    count, nearest, chains = (np.array([getattr(m, name) for m in marks], dtype=float)
                              for name in ("count", "nearest", "chains"))
    share, (low, high) = count / chains, wilson(count, chains)
    axes.errorbar(x, share, yerr=np.maximum([share - low, high - share], 0), color=color, marker=marker, markersize=8,
                  capsize=3, linewidth=1.5, zorder=3, clip_on=False)
    is_far = nearest > count
    if is_far.any():
        axes.plot(x[is_far], (nearest / chains)[is_far], marker, color=color, markerfacecolor=look.background, markersize=8,
                  zorder=4, clip_on=False)


def warnings_of(marks: list[Mark]) -> list[str]:
    """What the figure warns of."""
    warnings = pass_warnings(at for mark in marks for at in mark.within)
    far, chains = sum(mark.chains - mark.near for mark in marks), sum(mark.chains for mark in marks)
    if far:
        worst = max(marks, key=lambda mark: 1 - mark.near / mark.chains)
        warnings.append(f"{far} of {chains} chains are near no vector of the data, at worst "
                        f"{1 - worst.near / worst.chains:.0%} of a mark: they count for no mode (open marks: with them)")
    return warnings


def table_of(marks: list[Mark], axis: str, warnings: list[str]) -> pandas.DataFrame:
    """A row for each mark."""
    rows = []
    for mark in marks:
        low, high = wilson(mark.count, mark.chains)
        rows.append({**dict(mark.line), axis: mark.value, "iteration": max(mark.iterations), "chains": mark.chains,
                     "near": mark.near, "count": mark.count, "share": mark.count / mark.chains, "low": float(low),
                     "high": float(high), "weight": mark.weight, "warning": "; ".join(warnings)})
    return pandas.DataFrame(rows)


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there is nothing to compare."""
    marks, axis = read_marks(sources, options)
    warnings, look = warnings_of(marks), options.look
    lines = list(dict.fromkeys(mark.line for mark in marks))
    lines.sort(key=lambda line: [float(value) if is_number(value) else 0 for _, value in line])
    with look.applied():
        figure, axes = plt.subplots(figsize=(11.5, 6.5), layout="constrained")
        axes.set_xscale("log")
        levels = levels_of([mark.value for mark in marks])
        names, wide = names_of(lines), max(1.5, levels.positive[-1] / levels.positive[0])
        for i, (line, (color, marker)) in enumerate(zip(lines, style.marks(lines, look=look))):
            mine = [mark for mark in marks if mark.line == line]
            aside = wide ** (BESIDE * (i - (len(lines) - 1) / 2)) if len(levels.positive) <= FEW else 1
            draw_line(axes, np.array([levels.place(mark.value) * aside for mark in mine]), mine, color, marker, look)
        weights = {mark.weight for mark in marks if mark.weight > 0}
        for weight in weights:
            axes.axhline(weight, color=look.faint, linestyle=":", linewidth=1.8, zorder=1)
        handles = [Line2D([], [], color=color, marker=marker, markersize=8, label=name)
                   for name, (color, marker) in zip(names, style.marks(lines, look=look)) if name]
        if weights:
            handles.append(Line2D([], [], color=look.faint, linestyle=":", linewidth=1.8, label="weight in the target"))
        if handles:
            beside(axes, handles)
        highest = max(max(float(wilson(mark.count, mark.chains)[1]), mark.nearest / mark.chains) for mark in marks)
        axes.set_ylim(0, min(max(0.6, 1.04 * highest), 1.02))
        axes.set_ylabel("share of chains")
        iterations = number_range(at for mark in marks for at in mark.iterations)
        what = "that are flipped" if all(images.has_flips(source.data, 0) for source in sources) else \
            "in a mode to be discovered" if options.mode == "any" else f"in mode {options.mode}"
        style.headline(figure, f"Share of chains {what} after {iterations} iterations",
                       f"{number_range(mark.chains for mark in marks)} chains per point, 95 % intervals", look)
        style.notes(figure, warnings, images.facts_of(sources), look)
        set_axis(axes, levels, look)
        axes.set_xlabel(WORDS.get(axis, axis))
    return Drawing(figure, {"": table_of(marks, axis, warnings)}, warnings)
