# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of scripts/reproduce. Needs nothing but Python, so that it answers before anything is built."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Iterable

from .claims import BEFORE_A_RUN, CLAIMS

OPTIONS = ("--quick", "--list", "--help")


def parse(arguments: list[str]) -> argparse.Namespace:
    """The words, `ids` as they are listed, each once, and all where none is named. Ends the program where it is wrong,
    and after --help and --list."""
    parser = argparse.ArgumentParser(
        prog="scripts/reproduce", allow_abbrev=False,
        description="Runs, draws and judges the claims: all, or those named. Builds the program if necessary. Started "
                    "again, it resumes where it was stopped; results that are there already are kept.",
        epilog=f"The claims: {', '.join(CLAIMS)}. Results are written to results/reproduce, the page with the figures "
               "to docs/gallery, which keeps its other rows.")
    parser.add_argument("ids", metavar="ID", nargs="*", help="a claim listed by --list")
    parser.add_argument("--quick", action="store_true",
                        help="fewer chains and smaller budgets; results and page into results/reproduce-quick")
    parser.add_argument("--list", action="store_true", help="list the claims and exit")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)  # these words only: nothing is run
    words, others = parser.parse_known_intermixed_args(arguments)
    if others:
        parser.error(f"unknown option {others[0]}{meant(others[0], OPTIONS)}")
    by_name = names()
    for name in words.ids:
        if name.lower() not in by_name:
            parser.error(f"no claim {name}{meant(name.upper(), CLAIMS)}; the claims are {', '.join(CLAIMS)}")
    words.ids = list(dict.fromkeys(by_name[name.lower()] for name in words.ids)) or list(CLAIMS)
    if words.list:
        for name in words.ids:
            print(f"{name:5} {CLAIMS[name].format(**BEFORE_A_RUN)}")
        parser.exit()
    return words


def names() -> dict[str, str]:
    """Claims by what they may be called: in small letters, and by each of several figures (F8 is of F7-9)."""
    called = {name.lower(): name for name in CLAIMS}
    for name in CLAIMS:
        first, dash, last = name.removeprefix("F").partition("-")
        called |= {f"f{number}": name for number in range(int(first), int(last) + 1)} if dash else {}
    return called


def meant(word: str, known: Iterable[str]) -> str:
    """The known word that is most like it, as a question, or nothing."""
    like = difflib.get_close_matches(word, list(known), 1, 0.5)
    return f"; did you mean {like[0]}?" if like else ""
