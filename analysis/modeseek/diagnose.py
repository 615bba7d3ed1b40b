# SPDX-License-Identifier: GPL-3.0-or-later
"""What a careful colleague would say about a results file before it goes into a paper."""

from __future__ import annotations

import json
import math
import os
import textwrap
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import pandas
import xarray

from . import estimators, program, results
from .provenance import Provenance, provenance

SEVERITIES = ("serious", "caution", "note")
PointName = dict[str, Any]  # axis -> value
AMONG = "points among"
LISTED = 4  # points that are named one by one


@dataclass(frozen=True)
class Finding:
    """Something to know, or to do something about.

    code: a short name that stays the same. severity: `serious` (numbers are missing or wrong), `caution` (they may be
    misread) or `note`. what: one sentence. points: those concerned, by their axes (without `seed`: seeds pooled); empty
    where it is the whole file. why: what follows from it. advice: what to do, command: how, where there is a command.
    """

    code: str
    severity: str
    what: str
    why: str
    advice: str
    points: list[PointName] = field(default_factory=list)
    command: str = ""

    @property
    def where(self) -> str:
        """The points in a few words."""
        return describe_points(self.points)


class Subject:
    """A results file that is looked at; each of its sides is read once, when it is needed."""

    def __init__(self, path: str | os.PathLike[str], program_path: str | None = None) -> None:
        self.path = os.fspath(path)
        self.program = program_path
        self.shown_path = program.shell_word(self.path)

    @cached_property
    def data(self) -> xarray.Dataset:
        """The chains. The program looks at the file first: it knows better what is damaged."""
        return results.open(self.path, ["discovery_time", "observed"], self.status["damaged"])

    @cached_property
    def positions(self) -> xarray.Dataset:
        """Where they were at snapshots."""
        return results.open(self.path, ["responsibility"], self.status["damaged"])

    @cached_property
    def status(self) -> dict[str, Any]:
        """What `modeseek status --json` says."""
        return program.status(self.path, self.program)

    @cached_property
    def has_estimators(self) -> bool:
        """Whether not all points are simulated directly."""
        return estimators.has_estimators(self.path, self.data)

    @property
    def has_chains(self) -> bool:
        """Whether any point is."""
        return results.DIRECT in self.data.point_estimator.values

    @cached_property
    def means(self) -> pandas.DataFrame:
        """Mean times until any mode, seeds pooled, of all estimators."""
        return estimators.means(self.path, "--pool", "seed", program=self.program)

    @cached_property
    def summary(self) -> pandas.DataFrame:
        """The statistics, seeds pooled: a row for each point, rule and mode; of files with other estimators than direct
        simulation, until any mode alone."""
        if self.has_estimators:
            return estimators.as_times(self.means)
        if not self.data.sizes["rule"]:  # nothing is discovered
            return pandas.DataFrame()
        return program.summary(self.path, "--pool", "seed", program=self.program)

    @cached_property
    def digest(self) -> str:
        """The digits that tell results apart."""
        return program.digest(self.path, self.program)

    @cached_property
    def provenance(self) -> Provenance:
        """By whom and with what it was computed."""
        return provenance(self.path)

    @cached_property
    def varying(self) -> list[str]:
        """The axes with several values, by which points are named."""
        is_vanilla = (self.data.patch_size.values == self.data.dimension.values).all()
        return [name for name in self.data.attrs["axes"] if len(set(self.data[name].values.tolist())) > 1
                and not (name == "patch_size" and is_vanilla)]

    def name_of(self, row: pandas.Series | xarray.Dataset, *further: str) -> PointName:
        """The point of a row of a table, by its axes, and by further columns."""
        names = [name for name in self.varying if name in row and row[name] != "pooled"]
        return named({name: row[name] for name in [*names, *further]}, row["dimension"])

    def name_of_point(self, point: int, with_seed: bool = True) -> PointName:
        """The point of that index in the file."""
        return named({name: self.data[name].values[point] for name in self.varying if with_seed or name != "seed"},
                     self.data.dimension.values[point])


def named(values: dict[str, Any], dimension: Any) -> PointName:
    """A point by these values of axes; the patch of the whole vector is "full", as in sweep files."""
    return {name: "full" if name == "patch_size" and value == dimension else plain(value)
            for name, value in values.items()}


def plain(value: Any) -> Any:
    """A number of NumPy as one of Python; as a text where JSON has none like it."""
    value = value.item() if hasattr(value, "item") else value
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def span(values: Iterable[Any]) -> str:
    """Values in a few words: 10, 20, 40; 10 to 180; 2 to 20, full; ball, switch."""
    distinct = list(dict.fromkeys(values))
    numbers = sorted(value for value in distinct if isinstance(value, (int, float)))
    words = [str(value) for value in distinct if not isinstance(value, (int, float))]
    if len(numbers) > 3:
        texts = [f"{numbers[0]:.12g} to {numbers[-1]:.12g}"]
    else:
        texts = [f"{value:.12g}" for value in numbers]
    return ", ".join(texts + words[:6]) + (", ..." if len(words) > 6 else "")


def describe_points(points: list[PointName]) -> str:
    """Which points, in a few words: their number, and the values that they have on each axis. Where those do not tell
    them, each of a few, or which they are among."""
    by_rule: dict[Any, list[PointName]] = {}
    for point in points:
        by_rule.setdefault(point.get("rule"), []).append({k: v for k, v in point.items() if k != "rule"})
    rules_of: dict[str, list[Any]] = {}
    for rule, those in by_rule.items():
        rules_of.setdefault(describe_some(those), []).append(rule)
    if len(rules_of) > 1 and any(AMONG in text for text in rules_of):  # of many points that would be long
        rules_of = {describe_some([point for those in by_rule.values() for point in those]): list(by_rule)}
    return "; ".join(", ".join(filter(None, (text, "" if rules == [None] else f"rule {span(rules)}")))
                     for text, rules in rules_of.items())


def describe_some(points: list[PointName]) -> str:
    """The same of points without a rule."""
    distinct = list({tuple(point.items()): point for point in points if point}.values())
    axes = {name: list(dict.fromkeys(point[name] for point in distinct if name in point))
            for point in distinct for name in point}
    text = ", ".join(f"{name} {span(values)}" for name, values in axes.items())
    if len(distinct) <= 1:
        return text
    if len(distinct) == math.prod(map(len, axes.values())):
        return f"{len(distinct)} points: {text}"
    if len(distinct) <= LISTED:
        return f"{len(distinct)} points: " + " / ".join(describe_some([point]) for point in distinct)
    return f"{len(distinct)} {AMONG}: {text}"


def diagnose(path: str | os.PathLike[str], program_path: str | None = None) -> list[Finding]:
    """All findings about a results file, the serious ones first. Raises Failure where it cannot be read."""
    from . import checks

    subject = Subject(path, program_path)
    findings = [finding for check in checks.ALL for finding in check(subject)]
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))


def as_text(path: str, findings: list[Finding]) -> str:
    """The findings for a terminal."""
    if not findings:
        return f"{path}: no findings"
    counts = {severity: sum(f.severity == severity for f in findings) for severity in SEVERITIES}
    head = ", ".join(f"{count} {severity}" for severity, count in counts.items() if count)
    blocks = [f"{path}: {len(findings)} {'finding' if len(findings) == 1 else 'findings'} ({head})"]
    for finding in findings:
        lines = [f"{finding.severity}: {finding.what}"]
        lines += [f"  {line}" for label, text in (("where", finding.where), ("why", finding.why),
                                                  ("what to do", finding.advice)) if text
                  for line in textwrap.wrap(f"{label}: {text}", 116, subsequent_indent="  ")]
        lines += [f"    {line}" for line in finding.command.splitlines()]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def as_json(findings_of: dict[str, list[Finding]]) -> str:
    """The same for programs: one object, whose `files` are objects with `file` and `findings`."""
    return json.dumps({"files": [{"file": path, "findings": [{**asdict(f), "where": f.where} for f in findings]}
                                 for path, findings in findings_of.items()]}, indent=1)
