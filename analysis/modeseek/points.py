# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of `modeseek summary` as points of a curve: estimates, bounds, and doubts about them."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .errors import Failure
from .program import summary_text

COLUMNS = ("dimension patch_size noise_level seed rule mode chains discovered censored iterations_at_risk "
           "median median_low median_high mean mean_low mean_high exponential "
           "restricted_mean restricted_mean_low restricted_mean_high score_evaluations density_evaluations "
           "coordinate_updates").split()
COSTS = ("iterations", "score_evaluations", "coordinate_updates")


@dataclass
class Interval:
    """An estimate and its 95 % interval; value is inf where there is no estimate, and low then bounds it."""

    value: float
    low: float
    high: float


@dataclass
class Point:
    """A row of `modeseek summary`, seeds pooled, times counted in what --cost says; where `mean` is given by a bound
    alone, mean.value is inf.

    basis: what the mean relies on: "exponential", "plain" (nothing is censored) or "kaplan_meier" (a bound by the
    median), of other estimators than direct simulation "student_t" or "student_t_and_bias" (over replicates, which
    `chains` then counts) or "stated_error"; verdict: what the test says of the exponential law, "yes", "no" or "untested", ""
    where there is none; objection: what else speaks against the mean.
    """

    dimension: int
    patch_size: int
    noise_level: float
    chains: int
    discovered: int
    at_risk: float
    median: Interval
    mean: Interval
    basis: str = "exponential"
    verdict: str = "yes"
    further: tuple[tuple[str, str], ...] = ()  # name and value on each further axis
    score_evaluations: float = 1.0  # in an iteration, as the two below
    density_evaluations: float = 0.0
    coordinate_updates: float = 1.0
    schedule: str = ""  # of the noise level, where it is known
    estimator: str = "direct"
    objection: str = ""
    moves: float = math.nan  # of chains, that replicates did altogether

    @property
    def is_direct(self) -> bool:
        """Whether it is made of chains."""
        return self.estimator == "direct"

    @property
    def evaluations(self) -> tuple[float, float]:
        """Of score and log-density, in an iteration."""
        return self.score_evaluations, self.density_evaluations

    @property
    def doubt(self) -> str:
        """Why the mean is not to be trusted: "no" or "untested" as the verdict, "objection", "" where it may be."""
        if self.objection:
            return "objection"
        return self.verdict if self.basis == "exponential" and self.verdict != "yes" else ""

    @property
    def is_fitted(self) -> bool:
        """Whether the mean may enter a fit. Discoveries of vanilla dynamics have a constant rate, once the first
        iterations are over; those of chained dynamics come at certain times of a pass."""
        return self.basis == "plain" or (self.basis == "exponential" and (
            not self.doubt or (self.verdict == "untested" and self.patch_size == self.dimension)))


def value_text(value: object) -> str:
    """A value of an axis as lines are named by it: numbers in their shortest form, words as they are."""
    try:
        return f"{float(str(value)):.12g}"
    except ValueError:
        return str(value)


def listed(values: Iterable[object], most: int = 8) -> str:
    """Values of an axis in a message, not too many of them."""
    texts = list(dict.fromkeys(map(value_text, values)))
    return ", ".join(texts[:most]) + (", ..." if len(texts) > most else "")


def number_range(numbers: Iterable[int]) -> str:
    """One number, or the range of several."""
    numbers = list(numbers)
    least, most = min(numbers), max(numbers)
    return f"{least}" if least == most else f"{least} to {most}"


def unequal(costs: Iterable[tuple[float, float]]) -> str:
    """Why times in iterations are not to be compared, from the evaluations of score and log-density in an iteration of
    each point; "" where they are."""
    costs = set(costs)
    if len({score for score, _ in costs}) > 1:
        return "iterations of different samplers cost differently; --cost score_evaluations compares them"
    return "iterations of different samplers cost differently: some also evaluate the density" if len(costs) > 1 else ""


def parse_row(row: dict[str, str], further: list[str], cost: str, path: str) -> Point:
    """A row of `modeseek summary --csv` as numbers, times counted in `cost`; checked, because files get edited."""
    try:
        each = 1.0 if cost == "iterations" else float(row[cost])
        median, mean, restricted = (Interval(*(each * float(row[name + end]) for end in ("", "_low", "_high")))
                                    for name in ("median", "mean", "restricted_mean"))
        point = Point(int(row["dimension"]), int(row["patch_size"]), float(row["noise_level"]), int(row["chains"]),
                      int(row["discovered"]), each * float(row["iterations_at_risk"]), median, mean,
                      verdict=row["exponential"], further=tuple((name, value_text(row[name])) for name in further),
                      score_evaluations=float(row["score_evaluations"]),
                      density_evaluations=float(row["density_evaluations"]),
                      coordinate_updates=float(row["coordinate_updates"]))
        if not (point.verdict in ("yes", "no", "untested") and 1 <= point.patch_size <= point.dimension
                and 0 <= point.discovered <= point.chains and 0 <= point.at_risk < math.inf
                and point.noise_level >= 0 and 0 < each < math.inf and 0 <= point.score_evaluations < math.inf
                and 0 <= point.density_evaluations < math.inf and 0 <= point.coordinate_updates < math.inf):
            raise ValueError
    except (TypeError, ValueError):
        raise Failure(f"{path}: not a row of 'modeseek summary --csv': {','.join(map(str, row.values()))}") from None
    if row["mode"] == "all" and 2 * point.discovered < point.chains:
        point.basis, point.mean = "kaplan_meier", Interval(math.inf, median.low, math.inf)
    elif point.discovered == point.chains and point.verdict != "yes":
        point.basis, point.mean = "plain", restricted
    return point


def is_selected(row: Mapping[str, object], select: Iterable[tuple[str, str]]) -> bool:
    """Whether a point has the values that are asked for, one of those of each axis; `full` is a patch size that is the
    dimension."""
    texts: dict[str, set[str]] = {}
    for name, value in select:
        wanted = row["dimension"] if (name, value) == ("patch_size", "full") else value
        texts.setdefault(name, set()).add(value_text(wanted))
    return all(value_text(row.get(name)) in wanted for name, wanted in texts.items())


def pooling(select: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Words of `modeseek summary` that pool seeds, unless one of them is chosen. Raises Failure where several are."""
    seeds = {value for name, value in select if name == "seed"}
    if len(seeds) > 1:
        raise Failure(f"--select seed={','.join(sorted(seeds))}: give one seed, or none for all of them together")
    return () if seeds else ("--pool", "seed")


def read_points(path: str, rule: str | None = None, mode: str = "any", program: str | None = None,
                cost: str = "iterations", select: Iterable[tuple[str, str]] = (),
                words: tuple[str, ...] = ()) -> tuple[list[Point], str]:
    """The points of a file with the given mode, seeds pooled unless one is selected, and rule, which is returned, too:
    by default ball, if the file has it, else its first one. `path` is a results file, or a table named .csv; `select`
    as in Options; `words` are further ones of `modeseek summary`. Raises Failure."""
    reader = csv.DictReader(summary_text(path, *pooling(select), *words, program=program).splitlines())
    rows, header = list(reader), reader.fieldnames or []
    absent = [name for name in COLUMNS if name not in header or (rows and rows[0][name] is None)]
    if absent:
        raise Failure(f"{path} is not a table of 'modeseek summary --csv': it lacks {', '.join(absent)}")
    if not rows:
        raise Failure(f"{path}: no finished chains yet; see 'modeseek status'")
    rows = [row for row in rows if is_selected(row, select)]
    if not rows:
        raise Failure(f"{path} has no finished chains with {', '.join(map('='.join, select))}")
    modes = sorted({str(row["mode"]) for row in rows})
    if mode not in modes:
        raise Failure(f"{path} has no mode '{mode}'; it has {', '.join(modes)}")
    rules = list(dict.fromkeys(str(row["rule"]) for row in rows))
    rule = rule or ("ball" if "ball" in rules else rules[0])
    if rule not in rules:
        raise Failure(f"{path} has no rows of rule '{rule}'; it has {', '.join(rules)}")
    further = list(header[:header.index("dimension")])  # the axes that not every file has come first
    points = [parse_row(row, further, cost, path) for row in rows if row["rule"] == rule and row["mode"] == mode]
    return [p for p in points if p.chains > 0], rule
