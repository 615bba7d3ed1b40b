# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures, verdicts and the page that shows them."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from modeseek import Failure, Options, plot
from modeseek.figures import KINDS
from modeseek.program import digest
from modeseek.results import describe_step_size

from .evidence import Evidence
from .rows import ROWS, Picture, Row
from .verdict import FAILED

INTRODUCTION = """\
The synthetic experiments of X. Cheng, K. Fu and F. Farnia, *On the Mode-Seeking Properties of Langevin Dynamics* (arXiv
2406.02017v1; later *On the Hardness of Sampling from Mixture Distributions via Langevin Dynamics*), and questions that
readers may ask. Verdicts are computed from the numbers; ± are standard errors of shares, and 95 % intervals of slopes,
powers and extrapolations. Times of discovery are by the rule `ball`. But for `meets` of row A none of these targets
meets Assumption 1 of the paper, its own included (experiments/README.md)."""


@dataclass
class Entry:
    """What the page says of a row; kept beside its results, so that rows may be run one by one."""

    id: str
    outcome: str
    numbers: list[str]
    qualifications: list[str]
    failures: list[str]
    seconds: float
    facts: list[str]
    pictures: list[list[str]]  # file name, sentence


def judge(row: Row, results: Path, gallery: Path) -> Entry:
    """Verdict and pictures of a row whose results are there. Raises Failure where they cannot be read."""
    evidence = [Evidence(sweep.results(results), sweep.path) for sweep in row.sweeps]
    verdict = row.verdict(*evidence)
    entry = Entry(row.id, verdict.outcome, verdict.numbers, verdict.qualifications, verdict.failures,
                  sum(float(one.processor_seconds.sum()) for one in evidence),
                  [f"{sweep.path.name}: {describe_step_size(one.data)}, {one.data.sizes['chain']} chains a point, "
                   f"digest {digest(one.path)}" for sweep, one in zip(row.sweeps, evidence)],
                  draw(row, results, gallery))
    (results / f"{row.id}.json").write_text(json.dumps(asdict(entry), indent=1, ensure_ascii=False), encoding="utf-8")
    return entry


def draw(row: Row, results: Path, gallery: Path) -> list[list[str]]:
    """The row's pictures, and their sentences; a picture that cannot be drawn has its reason in place of a file."""
    drawn = []
    for picture in row.pictures:
        name = f"{row.id}-{picture.kind}{picture.suffix}"
        try:
            path = row.sweeps[picture.sweep].results(results)
            drawing = plot(picture.kind, [str(path)], Options(**dict(picture.options)))
            drawing.save(gallery / f"{name}.png", results / f"{name}.csv")
            drawn.append([f"{name}.png", picture.sentence])
        except Failure as failure:
            drawn.append(["", f"{picture.sentence} Not drawn: {failure}"])
    return drawn


def missing_kinds(rows: tuple[Row, ...] = ROWS) -> set[str]:
    """Kinds of figures that rows name and the package has not."""
    return {picture.kind for row in rows for picture in row.pictures} - set(KINDS)


def read_entries(results: Path) -> dict[str, Entry]:
    """The entries of all rows that have been judged."""
    entries = {}
    for row in ROWS:
        path = results / f"{row.id}.json"
        if path.exists():
            with contextlib.suppress(TypeError, ValueError):  # of another version, or cut off: as if not run
                entries[row.id] = Entry(**json.loads(path.read_text(encoding="utf-8")))
    return entries


def duration(seconds: float) -> str:
    """Processor time, roughly."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


def table(entries: dict[str, Entry]) -> list[str]:
    """One line a row."""
    lines = ["| | claim | what came of it | CPU time |", "| --- | --- | --- | --- |"]
    for row in ROWS:
        entry = entries.get(row.id)
        outcome = f"**{entry.outcome}**" if entry else "not run"
        reasons = "; ".join(dict.fromkeys([*entry.failures, *entry.qualifications])) if entry else ""
        lines.append(f"| [{row.id}](#{anchor(row)}) | {row.claim} | {outcome}{': ' + reasons if reasons else ''} | "
                     f"{duration(entry.seconds) if entry else ''} |")
    return lines


def anchor(row: Row) -> str:
    """As GitHub makes it of the heading."""
    return heading(row).lower().replace(" ", "-").replace(":", "").replace(",", "")


def heading(row: Row) -> str:
    """Short enough for a link."""
    return f"{row.id}: {row.paper}"


def section(row: Row, entry: Entry) -> list[str]:
    """Pictures and numbers of a row."""
    lines = ["", f"## {heading(row)}", "", f"{row.claim}: **{entry.outcome}**.", ""]
    for name, sentence in entry.pictures:
        lines += [f"![{sentence}]({name})", ""] if name else []
        lines += [sentence, ""]
    lines += [f"- {number}" for number in entry.numbers]
    lines += ["", f"`scripts/reproduce {row.id}` · " + " · ".join(entry.facts)]
    return lines


def write_page(results: Path, gallery: Path, is_quick: bool) -> Path:
    """README.md of the gallery, of all rows that have been judged."""
    entries = read_entries(results)
    came_out = sum(entry.outcome != FAILED for entry in entries.values())
    how = "Few chains, small budgets" if is_quick else "This page, results included"
    lines = ["# Gallery", "", f"{INTRODUCTION} {how}: `scripts/reproduce{' --quick' if is_quick else ''}`.", "",
             f"{came_out} of {len(entries)} claims came out, in all or with a qualification.", "", *table(entries)]
    for row in ROWS:
        if row.id in entries:
            lines += section(row, entries[row.id])
    path = gallery / "README.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
