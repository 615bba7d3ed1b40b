# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs, draws and judges the rows that the command line names."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from modeseek import Failure

from . import gallery
from .claims import BEFORE_A_RUN
from .rows import EXPERIMENTS, ROWS, Row
from .running import STOPPED, Stopped, run_row

QUICK_SECONDS, QUICK_BYTES = 160, 180e6  # all rows, --quick: CPU time with figures, and disk


@dataclass(frozen=True)
class Places:
    """Where results go, the page with its pictures, and where the entries are that tell how long the rows take."""

    results: Path
    pictures: Path
    known: Path


def places(is_quick: bool, root: Path = EXPERIMENTS.parent) -> Places:
    """In a source tree, in its results and docs; where modeseek is installed, in the current folder."""
    is_source = (root / "CMakeLists.txt").exists()
    results = (root if is_source else Path.cwd()) / "results" / ("reproduce-quick" if is_quick else "reproduce")
    known = root / "docs" / "gallery"
    return Places(results, known if is_source and not is_quick else results / "gallery", known)


def announce(rows: list[Row], where: Places, is_quick: bool) -> None:
    """What it will take, going by the last full run; raises Failure where the disk has no room for it."""
    entries = gallery.read_entries(where.known)
    seconds, size = gallery.needs((entries[row.id] for row in rows if row.id in entries), where.results)
    if is_quick:
        seconds, size = min(seconds, QUICK_SECONDS), min(size, QUICK_BYTES)
    cores = os.cpu_count() or 1
    print(f"{len(rows)} of {len(ROWS)} claims. Results: {where.results}; page: {where.pictures / 'README.md'}\n"
          f"{'At most' if is_quick else 'About'} {max(size / 1e6, 1):.0f} MB of disk and {gallery.duration(seconds)} "
          f"of CPU time, {gallery.duration(seconds / cores)} on {cores} free cores. What is there already is kept. "
          "Ctrl-C stops; the same command then resumes.", flush=True)
    free = shutil.disk_usage(where.results).free
    if free < 1.1 * size:
        raise Failure(f"{where.results}: only {free / 1e6:.0f} MB of disk are free, of about {size / 1e6:.0f} MB that "
                      "are needed")


def reproduce(row: Row, where: Places, is_quick: bool, place: str) -> bool:
    """One row, and the page; whether it could be run."""
    print(f"\n== {row.id} ({place}): {row.claim(BEFORE_A_RUN)}", flush=True)
    started = time.monotonic()
    try:
        run_row(row, where.results, is_quick)
        print(f"{row.id}: drawing and judging", flush=True)
        entry = gallery.judge(row, where.results, where.pictures)
        gallery.write_page(where.pictures, is_quick)
    except Failure as failure:
        print(f"{row.id}: {failure}", file=sys.stderr)
        return False
    for number in entry.numbers:
        print(f"   {number}")
    print(f"{row.id}: {entry.outcome}, after {gallery.duration(time.monotonic() - started)}",
          *(f"   {reason}" for reason in entry.reasons), sep="\n", flush=True)
    return True


def main(words: argparse.Namespace) -> int:
    """Exit code 0, 1 where a row could not be run, 75 where it was stopped and can go on; whatever the verdicts."""
    rows = [row for name in words.ids for row in ROWS if row.id == name]
    where = places(words.quick)
    try:
        for folder in (where.results, where.pictures):
            folder.mkdir(parents=True, exist_ok=True)
        announce(rows, where, words.quick)
        done = [reproduce(row, where, words.quick, f"{number} of {len(rows)}") for number, row in enumerate(rows, 1)]
    except (Stopped, KeyboardInterrupt):
        print("stopped; the same command resumes", file=sys.stderr)
        return STOPPED
    except OSError as error:
        print(f"cannot write {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    print(f"\n{where.pictures / 'README.md'}")
    return 0 if all(done) else 1
