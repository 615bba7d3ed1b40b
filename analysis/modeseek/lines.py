# SPDX-License-Identifier: GPL-3.0-or-later
"""Points as the lines of a figure, their names, and what tells them apart."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import xarray

from .errors import Refusal
from .fits import Fit
from .points import Interval, Point, listed, unequal, value_text

OWN_AXES = ("dimension", "patch_size", "noise_level", "seed")
PASS_AXES = ("sampler.iterations_per_pass", "sampler.iterations_per_patch", "sampler.conditioning")
LINES_MAX = 40  # more cannot be told apart

WORDS = {"sampler.step_size": "δ =", "start.component": "start in component", "budget.iterations": "budget",
         "sampler.iterations_per_pass": "iterations per pass", "sampler.iterations_per_patch": "iterations per patch"}
NOISE = {"geometric": "annealed", "constant": "constant noise"}  # by the type of the schedule

Key = tuple[int | None, float, tuple[tuple[str, str], ...]]  # patch size, noise level, further axes


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
    schedule: str = ""  # of the noise level, where it is known
    estimator: str = "direct"  # of all of its points, where lines are kept apart by that

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.patch_size, self.noise_level, self.further


def keys_of(points: Iterable[Point]) -> list[tuple[Point, Key]]:
    """The lines that each point belongs to: that of its patch size, where larger dimensions have it too, and that of
    vanilla dynamics if its patch is the whole vector. Of vanilla points that are the same chains, that with
    the most of them."""
    points = list(points)
    chained = {(p.patch_size, p.noise_level, p.further) for p in points if p.patch_size < p.dimension}
    pairs: list[tuple[Point, Key]] = []
    vanilla = [p for p in points if p.patch_size == p.dimension]
    most = {(p.dimension, vanilla_of((None, p.noise_level, p.further))): p.further
            for p in sorted(reversed(vanilla), key=lambda p: p.chains)}
    for p in points:
        if p.patch_size == p.dimension:
            key = vanilla_of((None, p.noise_level, p.further))
            if most[p.dimension, key] == p.further:
                pairs.append((p, key))
        if (p.patch_size, p.noise_level, p.further) in chained:
            pairs.append((p, (p.patch_size, p.noise_level, p.further)))
    return pairs


def without_passes(key: Key) -> Key:
    """The line of vanilla dynamics without the axes of the passes, which it has none of: on them its points are the
    very same chains. Any other line as it is."""
    patch_size, noise_level, further = key
    if patch_size is not None or noise_level > 0:
        return key
    return None, noise_level, tuple((name, value) for name, value in further if name not in PASS_AXES)


def vanilla_of(key: Key) -> Key:
    """The line of vanilla dynamics that a line is compared with."""
    return without_passes((None, key[1], key[2]))


def choices(keys: Iterable[Key], dimensions: Iterable[int] = ()) -> str:
    """The end of a message: what --select can choose from, the axes on which lines differ with their values."""
    keys, values = list(keys), dict[str, list[object]]()
    values["dimension"] = list(dimensions)
    values["patch_size"] = ["full" if key[0] is None else key[0] for key in in_order(keys)]
    values["noise_level"] = [key[1] for key in keys]
    for name, value in (pair for key in keys for pair in key[2]):
        values.setdefault(name, []).append(value)
    for of in values.values():
        if all(is_number(str(value)) for value in of):
            of.sort(key=lambda value: float(str(value)))
    axes = [f"{name} ({listed(of)})" for name, of in values.items() if len(set(of)) > 1]
    return f"choose by --select AXIS=VALUE,... among {', '.join(axes)}"


def in_order(keys: Iterable[Key]) -> list[Key]:
    """Lines as a legend lists them: vanilla first, then by patch size and noise level; further axes stay in the order
    of the file."""
    return sorted(dict.fromkeys(keys), key=lambda key: (key[0] is not None, key[0] or 0, key[1]))


def further_names(data: xarray.Dataset) -> list[str]:
    """The axes of a sweep beside those that every sweep has."""
    return [name for name in data.attrs["axes"] if name not in OWN_AXES]


def sweep_points(data: xarray.Dataset) -> list[Point]:
    """The points of a whole sweep without their results, including points that have not been computed yet."""
    nothing = Interval(math.inf, 0, math.inf)
    further = further_names(data)
    columns = [data[name].values.tolist() for name in ("dimension", "patch_size", "noise_level", *further)]
    return [Point(d, q, noise, 0, 0, 0, nothing, nothing,
                  further=tuple((name, value_text(value)) for name, value in zip(further, values)))
            for d, q, noise, *values in zip(*columns)]


def sweep_keys(data: xarray.Dataset) -> list[Key]:
    """The lines of a whole sweep: a line's colour is its place among them, so that it is the same whatever is done."""
    return in_order(key for _, key in keys_of(sweep_points(data)))


def group_lines(points: Iterable[Point], by_estimator: bool = False) -> list[Line]:
    """Points by line, each sorted by dimension, where `by_estimator` those of each estimator apart, other estimators
    than direct simulation first. Raises Refusal where one occurs twice, or where there are too many lines."""
    points = list(points)
    estimators = sorted(dict.fromkeys(p.estimator for p in points), key=lambda one: (one == "direct", one))
    lines: dict[tuple[Key, str], Line] = {}
    for estimator in estimators if by_estimator else [""]:
        for p, key in keys_of(p for p in points if estimator in ("", p.estimator)):
            line = lines.setdefault((key, estimator), Line(*key, [], schedule=p.schedule, estimator=estimator))
            line.points.append(p)
    for line in lines.values():
        line.points.sort(key=lambda p: p.dimension)
        for one, next_one in zip(line.points, line.points[1:]):
            if one.dimension == next_one.dimension:
                raise Refusal(f"dimension {one.dimension}, patch size {one.patch_size}, noise level "
                              f"{one.noise_level:g} occurs twice: give files without points in common, "
                              "or merge them, and make tables with --pool seed")
    if len(lines) > LINES_MAX:
        raise Refusal(f"{len(lines)} lines cannot be told apart in one figure, at most {LINES_MAX} can: "
                      + choices((key for key, _ in lines),
                                (p.dimension for line in lines.values() for p in line.points)))
    return [line for key in in_order(key for key, _ in lines) for (of, _), line in lines.items() if of == key]


def warning_of(lines: list[Line], cost: str) -> str:
    """Why lines are not to be compared; "" where they are."""
    costs = (p.evaluations for line in lines for p in line.points)
    return unequal(costs) if cost == "iterations" else ""


def name_of(line: Line) -> str:
    """The name of a line in the tables."""
    return "vanilla" if line.patch_size is None else f"Q={line.patch_size}"


def further_axes(lines: list[Line]) -> list[str]:
    """The further axes of all lines, which may be of several files."""
    return list(dict.fromkeys(name for line in lines for name, _ in line.further))


def further_values(lines: list[Line], line: Line) -> list[str]:
    """Where a line lies on them; empty where its file has no such axis."""
    return [dict(line.further).get(name, "") for name in further_axes(lines)]


def varying_axes(lines: list[Line]) -> dict[str, str]:
    """The further axes on which lines differ, and what they are called: by the last part of their path where that is
    clear."""
    values = {name: {dict(line.further).get(name, "") for line in lines} for name in further_axes(lines)}
    varying = [name for name, of in values.items() if len(of - {""} if name in PASS_AXES else of) > 1]
    last = [name.rpartition(".")[2] for name in varying]
    return {name: WORDS.get(name) or (short if last.count(short) == 1 else name) for name, short in zip(varying, last)}


def describe(line: Line, varying: dict[str, str]) -> str:
    """The name of a line in the legend: on further axes words speak for themselves, numbers do not."""
    further = [f"{varying[name]} {value}" if is_number(value) else value
               for name, value in line.further if name in varying]
    noise = NOISE.get(line.schedule, "") if line.noise_level > 0 else ""
    if line.patch_size is None:
        name = "vanilla (Q = d)" if line.noise_level == 0 else f"{noise or 'not chained'} (Q = d)"
    else:
        name = f"chained{' and annealed' if noise == 'annealed' else noise and ', ' + noise}, Q = {line.patch_size}"
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
