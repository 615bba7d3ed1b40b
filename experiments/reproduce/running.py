# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a row's sweeps: on all cores, resumable."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from modeseek.errors import Failure
from modeseek.program import find_program

from .rows import Row

STOPPED = 75  # the exit code of `modeseek run` that was stopped and can go on


class Stopped(Exception):
    """The user stopped it."""


def run_row(row: Row, folder: Path, is_quick: bool) -> None:
    """Computes what is missing of the row's results. Raises Stopped, and Failure where a sweep cannot be run."""
    for sweep in row.sweeps:
        command = [find_program(), "run", str(sweep.path), "-o", str(sweep.results(folder))]
        for word in (*sweep.words, *(sweep.quick if is_quick else ())):
            command += ["--set", word]
        launcher = shutil.which("mpirun")
        code, was_stopped = call([launcher, "-n", str(os.cpu_count() or 1), *command] if launcher else command)
        if code == STOPPED or was_stopped:
            raise Stopped
        if code != 0:
            raise Failure(f"{row.id}: '{' '.join(command)}' ended with exit code {code}")


def call(command: list[str]) -> tuple[int, bool]:
    """Runs a command whose messages go to the terminal; its exit code, and whether it was to be stopped meanwhile. A
    Ctrl-C reaches the command by itself, other signals are handed on; it is waited for until it has saved its work."""
    signals: list[int] = []
    before = {number: signal.signal(number, lambda number, _: signals.append(number))
              for number in (signal.SIGINT, signal.SIGTERM)}
    handed_on = 0
    try:
        with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
            while True:
                try:
                    code = process.wait(timeout=0.5)
                    return code, bool(signals)
                except subprocess.TimeoutExpired:
                    if len(signals) > handed_on and signals[-1] == signal.SIGTERM:
                        process.send_signal(signal.SIGTERM)
                    handed_on = len(signals)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.stdout.flush()
