# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of scripts/reproduce."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from modeseek import Failure

from . import gallery
from .rows import ROWS, Row
from .running import STOPPED, Stopped, run_row

ROOT = Path(__file__).resolve().parent.parent.parent


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line; ends the program where it is wrong."""
    parser = argparse.ArgumentParser(prog="scripts/reproduce", allow_abbrev=False,
                                     description="Runs, draws and judges the claims: all, or those named. "
                                                 "Started again, it resumes where it was stopped.")
    parser.add_argument("ids", metavar="ID", nargs="*", help="a claim listed by --list")
    parser.add_argument("--quick", action="store_true",
                        help="fewer chains and smaller budgets, into results/reproduce-quick")
    parser.add_argument("--list", action="store_true", help="list the claims and exit")
    words = parser.parse_args(arguments)
    unknown = [name for name in words.ids if name not in [row.id for row in ROWS]]
    if unknown:
        parser.error(f"no claim {', '.join(unknown)}; the claims are {', '.join(row.id for row in ROWS)}")
    return words


def reproduce(row: Row, results: Path, pictures: Path, is_quick: bool, place: str) -> bool:
    """One row, and the page; whether it could be run."""
    print(f"\n== {row.id} ({place}): {row.claim}", flush=True)
    try:
        run_row(row, results, is_quick)
        entry = gallery.judge(row, results, pictures)
    except Failure as failure:
        print(f"{row.id}: {failure}", file=sys.stderr)
        return False
    for number in entry.numbers:
        print(f"   {number}")
    reasons = [f"   {reason}" for reason in entry.failures + entry.qualifications]
    print(f"{row.id}: {entry.outcome}", *reasons, sep="\n", flush=True)
    gallery.write_page(results, pictures, is_quick)
    return True


def main(arguments: list[str]) -> int:
    """Exit code 0, 1 where a row could not be run, 75 where it was stopped and can go on; whatever the verdicts."""
    words = parse(arguments)
    by_id = {row.id: row for row in ROWS}
    rows = [by_id[name] for name in dict.fromkeys(words.ids or by_id)]
    if words.list:
        for row in rows:
            print(f"{row.id:5} {row.claim}")
        return 0
    results = ROOT / "results" / ("reproduce-quick" if words.quick else "reproduce")
    pictures = results / "gallery" if words.quick else ROOT / "docs" / "gallery"
    for folder in (results, pictures):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        done = [reproduce(row, results, pictures, words.quick, f"{number} of {len(rows)}")
                for number, row in enumerate(rows, 1)]
    except (Stopped, KeyboardInterrupt):
        print("stopped; the same command resumes", file=sys.stderr)
        return STOPPED
    print(f"\n{pictures / 'README.md'}")
    return 0 if all(done) else 1
