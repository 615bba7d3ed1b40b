# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of analysis/ share. $MODESEEK is the program under test."""

import contextlib
import csv
import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent.parent / "analysis"
sys.path.insert(0, str(PACKAGE))
sys.dont_write_bytecode = True

os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", HWLOC_HIDE_ERRORS="2", LC_ALL="C.UTF-8")
# for a build with sanitizers: Open MPI's leaks are known by the names in their stacks, so these must be whole
os.environ.setdefault("ASAN_OPTIONS", "fast_unwind_on_malloc=0:intercept_tls_get_addr=0")


def modeseek(*arguments: str) -> str:
    """Standard output of the program, which must succeed."""
    return subprocess.run([os.environ["MODESEEK"], *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def summary(path: Path, *options: str) -> list[dict[str, str]]:
    """The rows of `modeseek summary --csv`."""
    return list(csv.DictReader(modeseek("summary", str(path), "--csv", *options).splitlines()))


def run_tiny() -> tuple[tempfile.TemporaryDirectory, Path]:
    """A folder, removed when it is cleaned up, and in it the results of tiny.yaml."""
    folder = tempfile.TemporaryDirectory()
    results = Path(folder.name) / "tiny.h5"
    modeseek("run", "--quiet", str(HERE / "tiny.yaml"), "-o", str(results))
    return folder, results


def command(*words: object) -> tuple[int, str]:
    """Exit code and standard error of `modeseek WORDS`, without the cost of starting Python."""
    from modeseek.main import main

    stderr = io.StringIO()
    with contextlib.redirect_stderr(stderr), contextlib.redirect_stdout(io.StringIO()):
        try:
            code = main([str(word) for word in words])
        except SystemExit as end:  # argparse
            code = int(end.code or 0)
    return code, stderr.getvalue()


def curve(*words: object) -> tuple[int, str]:
    """The same of `modeseek plot hardness WORDS`."""
    return command("plot", "hardness", *words)


def write_sweep(folder: Path, name: str, text: str, *options: str) -> Path:
    """The results of the sweep that `text` describes."""
    sweep, results = folder / f"{name}.yaml", folder / f"{name}.h5"
    sweep.write_text(text, encoding="utf-8")
    modeseek("run", "--quiet", str(sweep), "-o", str(results), *options)
    return results


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
