# SPDX-License-Identifier: GPL-3.0-or-later
"""The words that the program's commands `plot`, `report`, `diagnose` and `train` hand on: it has checked them, and the help."""

from __future__ import annotations

import argparse
import os
import sys

from .drawing import Options, check_folder, check_format
from .errors import Failure, Misuse, printable, printable_name
from .figures import check_options, plot


def parse_selection(text: str | None) -> tuple[tuple[str, str], ...]:
    """`dimension=20,40,patch_size=10` as pairs: a word without a sign is a further value of the axis before it. Raises
    Failure."""
    pairs: list[tuple[str, str]] = []
    for part in filter(None, map(str.strip, (text or "").split(","))):
        name, sign, value = part.partition("=")
        if not sign:
            name, value = pairs[-1][0] if pairs else "", part
        if not (name and value):
            raise Misuse(f"--select {text}: write it like dimension=20,40,patch_size=10")
        pairs.append((name, value))
    return tuple(pairs)


def whole_number(text: str) -> int:
    """An iteration, such as 1000 or 1e3. Raises Failure."""
    try:
        value = float(text)
        if value >= 0 and value == int(value):
            return int(text) if text.isdecimal() else int(value)
    except (ValueError, OverflowError):
        pass
    raise Misuse(f"--iteration {text}: give a whole number, such as 1000 or 1e3")


def seconds(text: str) -> int:
    """The value of --watch. Raises Failure."""
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 1 <= value <= 86400:
        raise Misuse(f"--watch {text}: give seconds, 1 to 86400")
    return int(value)


def run_plot(words: argparse.Namespace) -> None:
    """`plot KIND FILE ... --output=FIG`."""
    given = {name: getattr(words, name) for name in ("rule", "mode", "estimate", "cost", "iteration", "exponent", "against")
             if getattr(words, name) not in (None, False)}
    check_options(words.kind, given)
    if words.kind in ("heat-map", "speed-up") and given.get("estimate") == "both":
        raise Misuse(f"the kind {words.kind} draws one estimate: --estimate mean or --estimate median")
    if words.iteration is not None:
        given["iteration"] = whole_number(words.iteration)
    options = Options(select=parse_selection(",".join(words.select or [])), dark=words.dark, **given)
    check_format(words.output)
    check_folder(words.output)
    check_folder(words.csv or "")
    drawing = plot(words.kind, words.files, options)
    names = drawing.save(words.output, words.csv, words.files)
    for remark in [*drawing.remarks, *(f"warning: {warning}" for warning in drawing.warnings)]:
        print(f"modeseek: {remark}", file=sys.stderr)
    print(*map(printable_name, names))


def run_report(words: argparse.Namespace) -> None:
    """`report FILE ... --output=PAGE --watch=SECONDS`."""
    from .report import report

    report(words.files, words.output, seconds=None if words.watch is None else seconds(words.watch))
    print(printable_name(words.output))


def run_diagnose(words: argparse.Namespace) -> None:
    """`diagnose FILE ... [--json]`."""
    from .diagnose import as_json, as_text, diagnose

    findings = {file: diagnose(file) for file in words.files}
    print(as_json(findings) if words.json else
          printable("\n\n".join(as_text(file, found) for file, found in findings.items())))


def run_train(words: argparse.Namespace) -> None:
    """`train KIND FILE ... --output=FILE`."""
    from .training.commands import run_train as run

    run(words)


def parser() -> argparse.ArgumentParser:
    """The commands and their words."""
    every = argparse.ArgumentParser(prog="modeseek", allow_abbrev=False)
    commands = every.add_subparsers(dest="command", required=True)
    figure = commands.add_parser("plot", allow_abbrev=False)
    figure.add_argument("kind")
    figure.add_argument("files", nargs="+")
    figure.add_argument("-o", "--output", required=True)
    figure.add_argument("--rule")
    figure.add_argument("--mode")
    figure.add_argument("--estimate", choices=("mean", "median", "both"))
    figure.add_argument("--cost", choices=("iterations", "score_evaluations", "coordinate_updates"))
    figure.add_argument("--select", action="append")
    figure.add_argument("--iteration")
    figure.add_argument("--exponent", action="store_true")
    figure.add_argument("--against")
    figure.add_argument("--dark", action="store_true")
    figure.add_argument("--csv")
    figure.set_defaults(run=run_plot)
    report = commands.add_parser("report", allow_abbrev=False)
    report.add_argument("files", nargs="+")
    report.add_argument("-o", "--output", default="report.html")
    report.add_argument("--watch", nargs="?", const="60")
    report.set_defaults(run=run_report)
    diagnosis = commands.add_parser("diagnose", allow_abbrev=False)
    diagnosis.add_argument("files", nargs="+")
    diagnosis.add_argument("--json", action="store_true")
    diagnosis.set_defaults(run=run_diagnose)
    training = commands.add_parser("train", allow_abbrev=False)
    training.add_argument("kind", choices=("data", "denoiser", "check", "chains"))
    training.add_argument("files", nargs="*")
    training.add_argument("-o", "--output")
    for name in ("count", "patch-size", "steps", "seed", "noise-level", "iterations"):
        training.add_argument(f"--{name}")
    training.set_defaults(run=run_train)
    return every


def main(arguments: list[str]) -> int:
    """Exit code 0, or 1 after a message (2: wrong command line)."""
    try:
        words = parser().parse_args(arguments)
        words.run(words)
        sys.stdout.flush()
    except Failure as failure:
        print(f"modeseek: {printable(failure)}", file=sys.stderr)  # files are quoted in it
        return 2 if isinstance(failure, Misuse) else 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
