# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures, verdicts and the page that shows them."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from modeseek import Failure, plot
from modeseek.figures import KINDS
from modeseek.program import digest
from modeseek.results import describe_step_size

from .evidence import Evidence
from .rows import ROWS, Row
from .verdict import FAILED, QUALIFIED

INTRODUCTION = """\
The synthetic experiments of X. Cheng, K. Fu and F. Farnia, *On the Mode-Seeking Properties of Langevin Dynamics* (arXiv
2406.02017v1; later *On the Hardness of Sampling from Mixture Distributions via Langevin Dynamics*), and questions that
readers may ask. Verdicts are computed from the numbers. A ± is the standard error of a share, and the half-width of the
95 % interval of a slope, a power, an extrapolation or a bias; brackets are 95 % intervals. Discovery times are
first-passage times by the rule `ball`. Except for `meets` in row A, no target here meets Assumption 1 of the paper, and
that includes the paper's own ([experiments](../../experiments/README.md))."""


@dataclass
class Entry:
    """What the page says about a row; kept beside its results, so that rows can be run one by one."""

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
                  [f"{sweep.path.name}: {describe_step_size(one.data)}, {chains_text(one)}, digest {digest(one.path)}"
                   for sweep, one in zip(row.sweeps, evidence)],
                  draw(row, results, gallery))
    (results / f"{row.id}.json").write_text(json.dumps(asdict(entry), indent=1, ensure_ascii=False), encoding="utf-8")
    return entry


def chains_text(evidence: Evidence) -> str:
    """Chains per point, seeds pooled, as the figures and the statistics have them."""
    seeds = len(set(evidence.data.seed.values.tolist()))
    return f"{evidence.data.sizes['chain'] * seeds} chains per point" + (f" ({seeds} seeds)" if seeds > 1 else "")


def draw(row: Row, results: Path, gallery: Path) -> list[list[str]]:
    """The row's figures and captions; a figure that cannot be drawn has its reason in place of a file."""
    drawn = []
    for picture in row.pictures:
        name = f"{row.id}-{picture.kind}{picture.suffix}"
        try:
            path = row.sweeps[picture.sweep].results(results)
            drawing = plot(picture.kind, [str(path)], picture.options)
            drawing.save(gallery / f"{name}.png", results / f"{name}.csv")
            drawn.append([f"{name}.png", picture.sentence])
        except Failure as failure:
            drawn.append(["", f"{picture.sentence} Not drawn: {failure}"])
    return drawn


def missing_kinds(rows: tuple[Row, ...] = ROWS) -> set[str]:
    """Kinds of figures that rows name and the package lacks."""
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
    """CPU time, roughly."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


def table(entries: dict[str, Entry]) -> list[str]:
    """One line per row."""
    lines = ["| | claim | outcome | CPU time |", "| --- | --- | --- | --- |"]
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
    lines = ["", f"## {heading(row)}", "", f"{row.claim}. **{entry.outcome.capitalize()}.**", ""]
    for name, sentence in entry.pictures:
        lines += [f"![{sentence}]({name})", ""] if name else []
        lines += [sentence, ""]
    lines += [f"- {number}" for number in entry.numbers]
    lines += ["", f"`scripts/reproduce {row.id}` · " + " · ".join(entry.facts)]
    return lines


def write_page(results: Path, gallery: Path, is_quick: bool) -> Path:
    """README.md of the gallery, with all rows that have been judged."""
    entries = read_entries(results)
    outcomes = [entry.outcome for entry in entries.values()]
    qualified = outcomes.count(QUALIFIED)
    made = "`scripts/reproduce` runs everything and makes this page." if not is_quick else \
        "`scripts/reproduce --quick` made this page, with fewer chains and smaller budgets."
    lines = ["# Gallery", "", f"{INTRODUCTION} {made}", "",
             f"{len(outcomes) - outcomes.count(FAILED)} of {len(outcomes)} claims are confirmed"
             + (f", {qualified} of them with a qualification." if qualified else "."), "", *table(entries)]
    for row in ROWS:
        if row.id in entries:
            lines += section(row, entries[row.id])
    path = gallery / "README.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
