# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures and verdicts, and the page that shows them. The folder of the page keeps an entry for each row, ID.json, of
which the page is made: a row that is run again replaces its own entry only, so the page is complete at any time."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from modeseek import Failure, plot
from modeseek.figures import KINDS
from modeseek.program import digest
from modeseek.results import describe_step_size

from .claims import BEFORE_A_RUN, NOTES, TARGETS
from .evidence import Evidence
from .rows import ROWS, Row
from .verdict import OUTCOMES

INTRODUCTION = """\
The synthetic experiments of X. Cheng, K. Fu and F. Farnia, *On the Mode-Seeking Properties of Langevin Dynamics* (arXiv
2406.02017v1; later *On the Hardness of Sampling from Mixture Distributions via Langevin Dynamics*), and questions that
readers may ask. Verdicts are computed from the numbers. A ± is the standard error of a share, and the half-width of the
95 % interval of a slope, a power, an extrapolation or a bias; brackets are 95 % intervals. A claim whose intervals are
too wide for its checks to mean something is *undecided*.

Two rules say when a chain discovers a mode ([glossary](../glossary.md)). By `ball` it does when it comes within
√(d (v₀ + v) / 2) of the mode's mean, v₀ and v the largest variances of a spread mode and of a concentrated one: √(2 d)
for variances 3 and 1. By `switch` it does when the mode outweighs the spread mode, that is, has the larger
responsibility. **For vanilla dynamics in high dimension the two differ by orders of magnitude**: at d = 100 the exact
mean times are 4.04e5 and 1.15e7 iterations, and their ratio grows exponentially with d (row H), because where chains
enter the ball the spread mode still outweighs the mode, and nearly all turn back. So a chain may have discovered a mode
and yet be in the spread mode in every snapshot. Discovery times in rows H, D, B, M, E, C, A, Q and T are those by `ball`,
in rows H and D also by `switch`; row F2 has numbers by both. *In* a mode, as in the shares of rows F2 to F10, S and T, are
chains for which its component has the largest responsibility.

Except for `meets` in row A and the second target of row H, no target here meets Assumption 1 of the paper, and that
includes the paper's own ([experiments](../../experiments/README.md)). Chains start in component 0, the spread mode,
where nothing else is said. CPU times are those of sweeps and figures. The *table* of a figure is `ID-KIND.csv` beside
the results, in `results/reproduce` after a full run."""


@dataclass
class Entry:
    """What the page says about a row."""

    id: str
    claim: str
    outcome: str
    numbers: list[str]
    reasons: list[str]  # why it is not confirmed, or not quite
    sweeps: dict[str, list[float]]  # results file: CPU seconds, bytes; rows may share one
    judging_seconds: int  # CPU time of verdict and figures
    facts: list[str]
    pictures: list[list[str]]  # file name, sentence


def judge(row: Row, results: Path, gallery: Path) -> Entry:
    """Verdict and pictures of a row whose results are there, and its entry. Raises Failure where they cannot be
    read. Where the results are those of the entry that is there, its timings stay: a run on another machine changes no
    file of the gallery."""
    started = processor_time()
    files = [sweep.results(results) for sweep in row.sweeps]
    evidence = [Evidence(path, sweep.path) for path, sweep in zip(files, row.sweeps)]
    verdict = row.verdict(*evidence)
    sweeps = {path.name: [round(float(one.processor_seconds.sum()), 1), path.stat().st_blocks * 512]
              for path, one in zip(files, evidence)}
    facts = [f"{sweep.path.stem}{sweep.suffix}.yaml: {describe_step_size(one.data)}, {chains_text(one)}, digest {digest(one.path)}"
             for sweep, one in zip(row.sweeps, evidence)]
    before = read_entries(gallery).get(row.id)
    is_repeated = before is not None and before.facts == facts
    pictures = draw(row, results, gallery, is_repeated and seconds_of(before.sweeps) != seconds_of(sweeps))
    entry = Entry(row.id, row.claim(verdict.words), verdict.outcome, verdict.numbers,
                  list(dict.fromkeys(verdict.failures + verdict.undecided + verdict.qualifications)),
                  sweeps, round(processor_time() - started), facts, pictures)
    if is_repeated:
        keep_timings(entry, before)
    replace(gallery / f"{row.id}.json", json.dumps(asdict(entry), indent=1, ensure_ascii=False) + "\n")
    return entry


def seconds_of(sweeps: dict[str, list[float]]) -> dict[str, float]:
    """The CPU time that each results file took."""
    return {name: numbers[0] for name, numbers in sweeps.items()}


TIMES = re.compile(r"[\d.e+-]+ (?=ms of CPU time|times the CPU time)")


def keep_timings(entry: Entry, before: Entry) -> None:
    """Of an earlier entry of the same results."""
    entry.sweeps, entry.judging_seconds = before.sweeps, before.judging_seconds
    if [TIMES.sub("", number) for number in entry.numbers] == [TIMES.sub("", number) for number in before.numbers]:
        entry.numbers = before.numbers


def processor_time() -> float:
    """CPU seconds of this program and of those that it has waited for."""
    return sum(os.times()[:4])


def replace(path: Path, text: str) -> None:
    """The file as it was, or with the whole text."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}") from None


def chains_text(evidence: Evidence) -> str:
    """Chains per point, seeds pooled, as the figures and the statistics have them."""
    seeds = len(set(evidence.data.seed.values.tolist()))
    text = f"{evidence.data.sizes['chain'] * seeds} chains per point" + (f" ({seeds} seeds)" if seeds > 1 else "")
    of = evidence.data.point_estimator.values.tolist()
    others = {name: of.count(name) for name in of if name != "direct"}
    if "direct" in of:
        return ", ".join([text, *([f"of {len(of)} points"] if others else []),
                          *(f"{number} by {name}" for name, number in others.items())])
    return ", ".join(f"{number} point{'' if number == 1 else 's'} by {name}" for name, number in others.items())


def draw(row: Row, results: Path, gallery: Path, keeps_timed: bool = False) -> list[list[str]]:
    """The row's figures and captions; a figure that cannot be drawn has its reason in place of a file. The old ones are
    replaced when all new ones are there, except, where `keeps_timed`, those that show CPU times."""
    drawn, files = [], []
    for picture in row.pictures:
        name = f"{row.id}-{picture.kind}{picture.suffix}"
        part = gallery / f".{name}.part.png"
        try:
            paths = [str(row.sweeps[number].results(results)) for number in (picture.sweep, *picture.beside)]
            drawing = plot(picture.kind, paths, picture.options)
            drawing.save(part, results / f"{name}.csv")
            if keeps_timed and picture.is_timed and (gallery / f"{name}.png").exists():
                part.unlink()
            else:
                files.append((part, gallery / f"{name}.png"))
            drawn.append([f"{name}.png", " ".join([picture.sentence, *(sentence(text) for text in drawing.remarks)])])
        except Failure as failure:
            drawn.append(["", f"{picture.sentence} Not drawn: {failure}"])
    for part, path in files:
        part.replace(path)
    return drawn


def sentence(text: str) -> str:
    """A remark as a sentence."""
    return f"{text[:1].upper()}{text[1:]}."


def missing_kinds(rows: tuple[Row, ...] = ROWS) -> set[str]:
    """Kinds of figures that rows name and the package lacks."""
    return {picture.kind for row in rows for picture in row.pictures} - set(KINDS)


def read_entries(gallery: Path) -> dict[str, Entry]:
    """The entries of all rows that have been judged."""
    entries = {}
    for row in ROWS:
        with contextlib.suppress(OSError, TypeError, ValueError):  # none, of another version, or cut off: as if not run
            entries[row.id] = Entry(**json.loads((gallery / f"{row.id}.json").read_text(encoding="utf-8")))
    return entries


def duration(seconds: float) -> str:
    """A time, roughly."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


def needs(entries: Iterable[Entry], results: Path | None = None) -> tuple[float, float]:
    """CPU seconds and bytes that rows take, going by their entries, without the results that a folder has already."""
    entries = list(entries)
    files = {name: numbers for entry in entries for name, numbers in entry.sweeps.items()
             if not (results and (results / name).exists())}
    seconds, size = (sum(numbers[i] for numbers in files.values()) for i in (0, 1))
    return seconds + sum(entry.judging_seconds for entry in entries), size


def table(entries: dict[str, Entry]) -> list[str]:
    """One line per row."""
    lines = ["| | claim | outcome | CPU time |", "| --- | --- | --- | --- |"]
    for row in ROWS:
        entry = entries.get(row.id)
        if entry:
            reasons = f": {'; '.join(entry.reasons)}" if entry.reasons else ""
            lines.append(f"| [{row.id}](#{anchor(row)}) | {entry.claim} | **{entry.outcome}**{reasons} | "
                         f"{duration(needs([entry])[0])} |")
        else:
            lines.append(f"| {row.id} | {row.claim(BEFORE_A_RUN)} | not run | |")
    return lines


def anchor(row: Row) -> str:
    """As GitHub makes it of the heading."""
    return heading(row).lower().replace(" ", "-").replace(":", "").replace(",", "")


def heading(row: Row) -> str:
    """Short enough for a link."""
    return f"{row.id}: {row.paper}"


def section(row: Row, entry: Entry) -> list[str]:
    """Pictures and numbers of a row."""
    lines = ["", f"## {heading(row)}", "", f"{entry.claim}. **{entry.outcome.capitalize()}.**", "",
             f"Target: {TARGETS[row.id]}.", "", *([NOTES[row.id], ""] if row.id in NOTES else [])]
    for name, caption in entry.pictures:
        lines += [f"![{caption}]({name})", ""] if name else []
        lines += [caption, ""]
    lines += [f"- {number}" for number in entry.numbers]
    lines += ["", f"`scripts/reproduce {row.id}` · " + " · ".join(entry.facts)]
    return lines


def page_text(gallery: Path, is_quick: bool) -> str:
    """The page of all rows that have been judged."""
    entries = read_entries(gallery)
    outcomes = [entry.outcome for entry in entries.values()]
    counts = [f"{outcomes.count(outcome)} {outcome}" for outcome in OUTCOMES if outcome in outcomes]
    made = "`scripts/reproduce` runs everything and makes this page." if not is_quick else \
        "`scripts/reproduce --quick` made this page, with fewer chains and smaller budgets."
    lines = ["# Gallery", "", f"{INTRODUCTION} {made}", "", f"Of {len(outcomes)} claims: {', '.join(counts)}.", "",
             *table(entries)]
    for row in ROWS:
        if row.id in entries:
            lines += section(row, entries[row.id])
    return "\n".join(lines) + "\n"


def write_page(gallery: Path, is_quick: bool) -> Path:
    """README.md of the gallery."""
    path = gallery / "README.md"
    replace(path, page_text(gallery, is_quick))
    return path
