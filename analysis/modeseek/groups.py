# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains that belong together, those of points that differ in their seed alone, and what they are called."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray

from . import lines, results, style
from .drawing import Source
from .errors import Failure, Refusal
from .lines import Key, Line
from .points import Point, unequal, value_text


@dataclass(frozen=True)
class Group:
    """Points of one file, by their numbers in source.data, that differ in their seed alone."""

    source: Source
    dimension: int
    key: Key
    points: tuple[int, ...]


def key_of(row: Mapping[str, object], further: Iterable[str], without: Sequence[str] = ()) -> Key:
    """The line of a row, which has the axes of a sweep as text or numbers; vanilla where the patch is the whole
    vector. Axes in `without` do not tell lines apart."""
    dimension, patch = int(str(row["dimension"])), int(str(row["patch_size"]))
    noise = 0.0 if "noise_level" in without else float(str(row["noise_level"]))
    key = (None if patch == dimension else patch, noise,
           tuple((name, value_text(row[name])) for name in further if name not in without))
    return lines.without_passes(key) if float(str(row["noise_level"])) == 0 else key


def key_of_point(p: Point) -> Key:
    """The same of a point."""
    key = None if p.patch_size == p.dimension else p.patch_size, p.noise_level, p.further
    return lines.without_passes(key) if p.noise_level == 0 else key


def groups_of(source: Source, without: Sequence[str] = ()) -> list[Group]:
    """The groups of a file that have chains, in the order of a legend, by dimension. Raises Refusal where none has."""
    data = source.data
    results.require_chains(data)
    further = lines.further_names(data)
    columns = {name: data[name].values.tolist() for name in data.attrs["axes"]}
    found: dict[tuple[int, Key], dict[tuple, list[int]]] = {}
    for i in np.flatnonzero(data.point_estimator.values == results.DIRECT).tolist():
        row = {name: values[i] for name, values in columns.items()}
        key = key_of(row, further, without)
        is_vanilla = key[0] is None and row["noise_level"] == 0
        passes = tuple(row[name] for name in lines.PASS_AXES if is_vanilla and name in row)
        found.setdefault((row["dimension"], key), {}).setdefault(passes, []).append(i)
    place = {key: i for i, key in enumerate(lines.in_order(key for _, key in found))}
    ordered = sorted(found, key=lambda one: (one[0], place[one[1]]))
    return [Group(source, dimension, key, tuple(most_complete(data, found[dimension, key].values())))
            for dimension, key in ordered]


def most_complete(data: xarray.Dataset, alternatives: Iterable[list[int]]) -> list[int]:
    """Of points that are the same chains, those of which most have been computed."""
    return max(alternatives, key=lambda points: int((data.observed.values[points] >= 0).sum()))


def all_groups(sources: Iterable[Source]) -> list[Group]:
    """The groups of all files. Raises Refusal where two files have the same one."""
    groups = [group for source in sources for group in groups_of(source)]
    names = [(group.dimension, group.key) for group in groups]
    if len(set(names)) < len(names):
        raise Refusal("the files have points in common: give files without any, or merge them first")
    return groups


def names_of(keys: Iterable[Key], sources: Iterable[Source]) -> dict[Key, str]:
    """What lines are called, by what they differ in."""
    schedules = {source.schedule for source in sources}
    schedule = schedules.pop() if len(schedules) == 1 else ""
    them = [Line(*key, [], schedule=schedule) for key in dict.fromkeys(keys)]
    varying = lines.varying_axes(them)
    return {line.key: lines.describe(line, varying) for line in them}


def styles_of(sources: Iterable[Source], keys: Iterable[Key], look: style.Look) -> dict[Key, tuple[str, str]]:
    """Colour and marker of each line, by its place among all of the sweep."""
    of_sweeps = [key for source in sources if not source.is_table for key in lines.sweep_keys(source.data)]
    every = lines.in_order([*of_sweeps, *keys])
    return dict(zip(every, style.marks(every, [key[2] for key in every], [key[:2] for key in every], look)))


def table_columns(key: Key) -> dict[str, object]:
    """The columns that name a line in tables."""
    return {**dict(key[2]), "line": lines.name_of(Line(*key, [])), "noise_level": key[1]}


def rule_of(sources: Sequence[Source], rule: str | None) -> str:
    """The rule that is asked for; by default ball, if the first file has it, else its first one. Raises Failure, and Refusal
    where there is none."""
    rules = list(sources[0].data.rule.values)
    if not rules:
        raise Refusal(f"{sources[0].path} has no rule by which modes are discovered")
    rule = rule or ("ball" if "ball" in rules else str(rules[0]))
    if rule not in rules:
        raise Failure(f"{sources[0].path} has no rule '{rule}'; it has {', '.join(rules)}")
    return rule


def cost_warnings(sources: Iterable[Source]) -> list[str]:
    """Why lines that stand side by side in iterations are not to be compared; empty where they are."""
    why = unequal(costs for source in sources for costs in results.evaluations(source.data))
    return [why.split(";")[0]] if why else []


def is_within_pass(iteration: int, pass_iterations: float) -> bool:
    """Whether it lies in the middle of a pass (NaN: there are none), so that patches differ in how new they are."""
    return math.isfinite(pass_iterations) and pass_iterations >= 1 and iteration % pass_iterations > 0


def pass_warnings(within: Iterable[int]) -> list[str]:
    """What is to be said of snapshots that are drawn, given those in the middle of passes; empty where there are none.
    """
    iterations = sorted(set(within))
    shown = ", ".join(map(str, iterations[:4])) + (", ..." if len(iterations) > 4 else "")
    return [f"in the middle of a pass (iteration {shown}): new patches, or noise levels, mix with old ones"] \
        if iterations else []


def what_is_discovered(mode: str) -> str:
    """A mode in words."""
    return {"any": "a mode", "all": "all modes"}.get(mode, f"mode {mode}")
