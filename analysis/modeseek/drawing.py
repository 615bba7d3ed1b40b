# SPDX-License-Identifier: GPL-3.0-or-later
"""What a figure is drawn from, its options, and the result: a picture and the numbers in it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

import matplotlib.figure
import matplotlib.pyplot as plt
import numpy as np
import pandas
import xarray

from . import estimators, program, results
from .errors import Failure, Misuse, Refusal
from .points import Point, read_points
from .settings import setting
from .style import Look

T = TypeVar("T")
SUFFIXES = (".png", ".pdf", ".svg")
OTHER_SUFFIXES = (".h5", ".jp2")  # with digits in them


@dataclass(frozen=True)
class Options:
    """Options of a figure; each kind says which of them it uses.

    rule, mode: of the discovery (rule None: ball, or the file's first one). estimate: mean, median or both. cost: what
    times are counted in. select: axis -> value, as text: only these points. iteration: the snapshot to draw (None: the
    last). exponent: also the law of large deviations. against: the axis that is drawn
    against (None: the kind's own). dark: for a dark page. program: the modeseek program (None: it is
    looked for).
    """

    rule: str | None = None
    mode: str = "any"
    estimate: str = "both"
    cost: str = "iterations"
    select: tuple[tuple[str, str], ...] = ()
    iteration: int | None = None
    exponent: bool = False
    against: str | None = None
    dark: bool = False
    program: str | None = None

    @property
    def look(self) -> Look:
        """Colours."""
        return Look(self.dark)


class Source:
    """A file that is drawn: results, or a table of `modeseek summary --csv`. Nothing is read before it is needed."""

    def __init__(self, path: str | os.PathLike[str], options: Options) -> None:
        self.path = os.fspath(path)
        self.options = options
        self.is_table = self.path.endswith(".csv")

    @cached_property
    def whole(self) -> xarray.Dataset:
        """The file's results, those that --select leaves out, too. Raises Failure for a table, which has no chains."""
        if self.is_table:
            raise Failure(f"{self.path}: a table has no chains; give the results file")
        if not os.path.exists(self.path):
            raise Failure(f"cannot read {self.path}: no such file")
        return results.open(self.path, damaged=program.status(self.path, self.options.program)["damaged"])

    @cached_property
    def data(self) -> xarray.Dataset:
        """The results that are drawn. Raises Failure."""
        return results.select(self.whole, self.options.select)

    @cached_property
    def has_estimators(self) -> bool:
        """Whether not all points are simulated directly."""
        return estimators.has_estimators(self.path, None if self.is_table else self.whole)

    @property
    def has_chains(self) -> bool:
        """Whether any point is simulated directly."""
        return bool((self.data.point_estimator.values == results.DIRECT).any())

    @property
    def has_one_mode(self) -> bool:
        """Whether any of the modes is that one."""
        return not self.is_table and self.whole.sizes["mode"] == 1

    def points(self, rule: str | None, cost: str) -> tuple[list[Point], str]:
        """The points that are drawn, times counted in `cost`, and the rule. Raises Failure."""
        options, data = self.options, None if self.is_table else self.data
        if not self.has_estimators:
            return read_points(self.path, rule, options.mode, options.program, cost, options.select)
        if options.mode != "any" and not self.has_one_mode:
            if data is None:
                raise Refusal(f"{self.path}: a table of means is of times until any mode alone")
            estimators.refuse_mode(self.path, data, options.mode)
            return read_points(self.path, rule, options.mode, options.program, cost, options.select,
                               ("--mode", options.mode))
        points, rule = estimators.read_points(self.path, data, rule, cost, options.select, options.program)
        if options.estimate == "median":
            points = [p for p in points if p.is_direct]
            if not points:
                raise Refusal(f"{self.path}: there are only means, no medians, because no point is simulated directly")
        return points, rule

    @property
    def left_out(self) -> list[str]:
        """What is said of points that no estimator can compute, and of those that cannot be drawn as asked."""
        if not self.has_estimators:
            return []
        if self.is_table:
            table = estimators.means(self.path)
            return not_computed(table["validity"][table["estimator"] == results.NONE])
        of = self.data.point_estimator.values
        # where no estimator can, what speaks against the last one that was asked is told
        texts = not_computed(self.data.validity.values[of == results.NONE, -1])
        others = sum(~np.isin(of, (results.DIRECT, results.NONE)))
        if others and self.options.mode != "any" and not self.has_one_mode:
            texts.append(f"left out: {counted(others, 'point')} with times until any mode alone")
        elif others and self.options.estimate == "median":
            texts.append(f"left out: {counted(others, 'point')} without medians")
        return texts

    @cached_property
    def schedule(self) -> str:
        """The type of the schedule of noise levels; "" where it is not known, or where there are several."""
        if self.is_table:
            return ""
        types = {setting(self.data, i, "sampler.schedule.type") for i in np.flatnonzero(self.data.noise_level > 0)}
        return types.pop() if len(types) == 1 else ""

    @cached_property
    def facts(self) -> list[str]:
        """What stands below every figure: what was chosen, step size, what is missing, and which results these are."""
        if self.is_table:
            return self.left_out
        missing = str(self.data.extent)
        return [*results.describe_selection(self.whole, self.data, (name for name, _ in self.options.select)),
                *self.left_out, results.describe_step_size(self.data), *([missing] if missing else []),
                f"digest {program.digest(self.path, self.options.program)}"]


def counted(number: int, what: str) -> str:
    """A number of things."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def not_computed(reasons: Iterable[str]) -> list[str]:
    """What is said of points that no estimator can compute, given the reason for each."""
    return [f"not computed: {counted(n, 'point')} ({reason})" for reason, n in Counter(reasons).items()]


def read_each(sources: Iterable[Source], read: Callable[[Source], list[T]]) -> tuple[list[T], list[str]]:
    """What is read of all files, and a warning for each that has none of it. Raises the Refusal of the first where none
    of them has."""
    every: list[T] = []
    refusals: list[Refusal] = []
    for source in sources:
        try:
            every += read(source)
        except Refusal as refusal:
            refusals.append(refusal)
    if refusals and not every:
        raise refusals[0]
    return every, [f"left out: {refusal}" for refusal in refusals]


def points_of(sources: Iterable[Source], options: Options, cost: str | None = None) -> tuple[list[Point], str]:
    """The points of all files, times counted in `cost` (by default that of the options), and the rule: that of the
    first file, for all. Raises Failure."""
    points: list[Point] = []
    rule = options.rule
    for source in sources:
        of_file, rule = source.points(rule, cost or options.cost)
        points += [replace(point, schedule=source.schedule) for point in of_file]
    return points, rule or ""


@dataclass
class Drawing:
    """A figure, and tables of what is in it: "" the marks, "-fits" the fits, say. `warnings` stand in the figure, too;
    `remarks` are for the terminal."""

    figure: matplotlib.figure.Figure
    tables: dict[str, pandas.DataFrame] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def save(self, output: str | os.PathLike[str], table: str | os.PathLike[str] | None = None,
             inputs: Sequence[str] = ()) -> list[str]:
        """Writes the figure and, where `table` names a file, its tables; returns the files' names.

        `output` ends in .png, .pdf or .svg; without any of these both .png and .svg are written. Further tables are
        named after the first. Nothing is written where a name is that of an input, or of two things, or in a folder
        that is not there. Raises Failure.
        """
        pictures, tables = output_names(output, table, list(self.tables), inputs)
        names = pictures + tables
        writers: list[Callable[[], object]] = [
            partial(self.figure.savefig, name, dpi=150, bbox_inches="tight", pad_inches=0.2) for name in pictures]
        writers += [partial(content.to_csv, name, index=False, lineterminator="\n")
                    for name, content in zip(tables, self.tables.values())]
        for name, write in zip(names, writers):
            try:
                write()
            except OSError as error:  # a full disk is noticed without a file name
                raise Failure(f"cannot write {error.filename or name}: {error.strerror or error}") from None
        plt.close(self.figure)
        return names


def check_format(output: str | os.PathLike[str]) -> None:
    """Raises Failure where the name asks for a format that figures are not written in. What follows the last dot of
    another name may be a number."""
    suffix = Path(output).suffix
    if suffix and suffix not in SUFFIXES and (suffix[1:].isalpha() or suffix in OTHER_SUFFIXES):
        raise Misuse(f"{output}: figures are not written as {suffix}; end the name in {', '.join(SUFFIXES[:-1])} or "
                      f"{SUFFIXES[-1]}, or in none of them for both .png and .svg")


def check_folder(output: str | os.PathLike[str]) -> None:
    """Raises Failure where there is no folder for a file that is to be written."""
    folder = os.path.dirname(os.fspath(output))
    if folder and not os.path.isdir(folder):
        raise Failure(f"cannot write {os.fspath(output)}: there is no folder {folder}")


def output_names(output: str | os.PathLike[str], table: str | os.PathLike[str] | None, endings: Iterable[str],
                 inputs: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names of the pictures and of the tables; refused where one would replace an input or another one, or where there
    is no folder for them."""
    check_format(output)
    path = Path(output)
    pictures = [str(path)] if path.suffix in SUFFIXES else [f"{path}.png", f"{path}.svg"]
    marks = Path(table) if table else None
    tables = [str(marks.with_name(f"{marks.stem}{ending}{marks.suffix}")) for ending in endings] if marks else []
    names = pictures + tables
    for name in (output, *([table] if table else [])):
        check_folder(name)
    if len({os.path.realpath(name) for name in names}) < len(names):
        raise Failure(f"{marks}: the figure has this name already; choose another for --csv")
    for name in names:
        if any(os.path.exists(name) and os.path.exists(file) and os.path.samefile(name, file) for file in inputs):
            raise Failure(f"{name} is an input and would be overwritten; choose another name")
    return pictures, tables
