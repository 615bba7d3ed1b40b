# SPDX-License-Identifier: GPL-3.0-or-later
"""The modeseek program, whose statistics the package shows: there is one place where they are computed."""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas

from .errors import Failure

ROOT = Path(__file__).resolve().parent.parent.parent  # a checkout, or PREFIX/share/modeseek


def find_program(given: str | None = None) -> str:
    """The path of the program: `given`, $MODESEEK, or what is found in a build folder of this checkout, in the prefix
    that the package is installed in, or in PATH.

    Raises Failure where there is none.
    """
    named = given or os.environ.get("MODESEEK")
    if named:
        found = shutil.which(named)
        if not found:
            raise Failure(f"{named} is not a program that can be run")
        return found
    built = sorted(ROOT.glob("build/*/bin/modeseek"), key=lambda p: (p.parts[-3] != "release", p))
    installed = [ROOT.parent.parent / "bin" / "modeseek"] if ROOT.parts[-2:] == ("share", "modeseek") else []
    for path in built + installed:
        if os.access(path, os.X_OK):
            return str(path)
    found = shutil.which("modeseek")
    if not found:
        raise Failure("cannot find the modeseek program: build it, put it in PATH or set MODESEEK to its path")
    return found


def shell_word(path: str) -> str:
    """A path as a word of a command for the shell."""
    return shlex.quote(path if not path.startswith("-") else f"./{path}")


def run(*words: str, program: str | None = None) -> str:
    """What the program prints when it is given these words; raises Failure with its message when it fails."""
    command = [find_program(program), *words]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"cannot run {command[0]}: {getattr(error, 'strerror', None) or error}") from None
    if result.returncode != 0:
        message = result.stderr.strip().removeprefix("modeseek: ")
        raise Failure(message or f"'{' '.join(command)}' ended with exit code {result.returncode}")
    return result.stdout


def summary_text(path: str | os.PathLike[str], *options: str, program: str | None = None) -> str:
    """The CSV that `modeseek summary` prints for a results file; a file named .csv is taken as such output. `options`
    are the program's. Raises Failure."""
    path = os.fspath(path)
    try:
        if path.endswith(".csv"):
            return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    if not os.path.exists(path):
        raise Failure(f"cannot read {path}: no such file")
    return run("summary", "--csv", *options, "--", path, program=program)


def summary(path: str | os.PathLike[str], *options: str, program: str | None = None) -> pandas.DataFrame:
    """The table of `modeseek summary`: a row for each point, rule and mode; or, with "--shares", for each point and
    snapshot. `options` are the program's, such as "--pool", "seed". A file named .csv is read as such a table.

    docs/command-line.md has the columns, docs/statistics.md what they mean. Raises Failure.
    """
    try:
        return pandas.read_csv(io.StringIO(summary_text(path, *options, program=program)), keep_default_na=False,
                               dtype={"mode": str, "rule": str, "seed": str}, na_values=["nan"],
                               float_precision="round_trip")
    except (pandas.errors.EmptyDataError, pandas.errors.ParserError):
        raise Failure(f"{os.fspath(path)} is not a table of 'modeseek summary --csv'") from None


def status(path: str | os.PathLike[str], program: str | None = None) -> dict[str, Any]:
    """What `modeseek status --json` says of a results file. Raises Failure."""
    content: dict[str, Any] = json.loads(run("status", "--json", "--", os.fspath(path), program=program))
    return content


def digest(path: str | os.PathLike[str], program: str | None = None) -> str:
    """The 16 digits of `modeseek digest`, which tell results apart. Raises Failure."""
    return run("digest", "--", os.fspath(path), program=program).split()[0]
