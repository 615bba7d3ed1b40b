# SPDX-License-Identifier: GPL-3.0-or-later
"""Points as the lines of a figure, their names, and what tells them apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .errors import Refusal
from .fits import Fit
from .points import Point

LINES_MAX = 40  # more cannot be told apart
UNEQUAL = "iterations of different samplers cost differently; --cost score_evaluations compares them"


@dataclass
class Line:
    """The points of one patch size, noise level and combination of further axes, by dimension; patch_size None: the
    whole vector."""

    patch_size: int | None
    noise_level: float
    further: tuple[tuple[str, str], ...]
    points: list[Point]
    exponential: Fit | None = None
    power: Fit | None = None


def group_lines(points: Iterable[Point]) -> list[Line]:
    """Points by line, vanilla first, each sorted by dimension."""
    points = list(points)
    lines: dict[tuple[int | None, float, tuple[tuple[str, str], ...]], Line] = {}
    chained = {(p.patch_size, p.noise_level, p.further) for p in points if p.patch_size < p.dimension}
    for p in points:
        keys: list[tuple[int | None, float, tuple[tuple[str, str], ...]]] = []
        if p.patch_size == p.dimension:
            keys.append((None, p.noise_level, p.further))
        if (p.patch_size, p.noise_level, p.further) in chained:
            keys.append((p.patch_size, p.noise_level, p.further))
        for key in keys:
            lines.setdefault(key, Line(*key, [])).points.append(p)
    for line in lines.values():
        line.points.sort(key=lambda p: p.dimension)
        for one, next_one in zip(line.points, line.points[1:]):
            if one.dimension == next_one.dimension:
                raise Refusal(f"dimension {one.dimension}, patch size {one.patch_size}, noise level "
                              f"{one.noise_level:g} occurs twice: name each file once, make tables with --pool seed")
    if len(lines) > LINES_MAX:
        raise Refusal(f"{len(lines)} lines cannot be told apart in one figure, at most {LINES_MAX} can: choose rows of "
                      "'modeseek summary --csv --pool seed' and give them as a table")
    return sorted(lines.values(), key=lambda line: (line.patch_size is not None, line.patch_size or 0,
                                                    line.noise_level))  # further axes stay in the order of the file


def warning_of(lines: list[Line], cost: str) -> str:
    """Why lines are not to be compared; "" where they are."""
    costs = {p.score_evaluations for line in lines for p in line.points}
    return UNEQUAL if cost == "iterations" and len(costs) > 1 else ""


def name_of(line: Line) -> str:
    """The name of a line in the tables."""
    return "vanilla" if line.patch_size is None else f"Q={line.patch_size}"


def further_axes(lines: list[Line]) -> list[str]:
    """The further axes of all lines, which may be of several files."""
    return list(dict.fromkeys(name for line in lines for name, _ in line.further))


def varying_axes(lines: list[Line]) -> dict[str, str]:
    """The further axes on which lines differ, and what they are called: by the last part of their path where that is
    clear."""
    varying = [name for name in further_axes(lines) if len({dict(line.further).get(name) for line in lines}) > 1]
    last = [name.rpartition(".")[2] for name in varying]
    return {name: short if last.count(short) == 1 else name for name, short in zip(varying, last)}


def describe(line: Line, varying: dict[str, str]) -> str:
    """The name of a line in the legend: on further axes words speak for themselves, numbers do not."""
    further = [f"{varying[name]} {value}" if is_number(value) else value
               for name, value in line.further if name in varying]
    name = f"chained, Q = {line.patch_size}"
    if line.patch_size is None:
        name = "vanilla (Q = d)" if line.noise_level == 0 else "not chained (Q = d)"
    if line.noise_level > 0:
        name += f", σ = {line.noise_level:g}"
    return ", ".join([*further, name]).replace("$", r"\$")  # no formulas


def is_number(text: str) -> bool:
    """Whether a value of an axis is a number, not a word."""
    try:
        float(text)
    except ValueError:
        return False
    return True
