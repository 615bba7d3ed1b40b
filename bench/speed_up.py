#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many times less CPU time estimators take than direct simulation, for the same relative error of the mean.

    speed_up.py PROGRAM [--dimensions D ...]

On the reference target, vanilla, rule ball. The relative error is a quarter of the width of the 95 % interval; for the same error
CPU time goes with its square. All in one run, one process each."""

import argparse
import csv
import io
import json
import subprocess
import tempfile
from pathlib import Path

from coverage import SWEEP  # beside this file

RULE = "discovery: {rules: [ball], modes: [[1, 2]]}\n"
DIRECT = "budget: {iterations: 1e9, chains: 512}\n"
ESTIMATORS = ("restart", "splitting", "reversible_flux")


def seconds_for_one(program: str, text: str, dimension: int, folder: Path) -> float | None:
    """CPU seconds times the square of the relative error; None where the estimator refuses."""
    sweep, results = folder / "sweep.yaml", folder / "results.h5"
    sweep.write_text(f"{SWEEP}{RULE}{text}grid: {{dimension: {dimension}, seed: 1}}\n", encoding="utf-8")
    results.unlink(missing_ok=True)
    if subprocess.run([program, "run", "-q", str(sweep), "-o", str(results)], check=False,
                      capture_output=True).returncode != 0:
        return None
    table = subprocess.run([program, "summary", "--csv", "--mode", "any", str(results)], check=True,
                           capture_output=True, text=True).stdout
    row = next(csv.DictReader(io.StringIO(table)))
    name = "mean" if "estimator" in row else "restricted_mean"
    mean, low, high = (float(row[name + end]) for end in ("", "_low", "_high"))
    status = subprocess.run([program, "status", "--json", str(results)], check=True, capture_output=True,
                            text=True).stdout
    return json.loads(status)["processor_seconds"] * ((high - low) / mean / 4) ** 2


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--dimensions", type=int, nargs="+", default=[80, 100, 120])
    words = parser.parse_args()
    print("dimension", *ESTIMATORS)
    with tempfile.TemporaryDirectory() as name:
        for dimension in words.dimensions:
            direct = seconds_for_one(words.program, DIRECT, dimension, Path(name))
            times = [seconds_for_one(words.program, f"estimator: {e}\n", dimension, Path(name)) for e in ESTIMATORS]
            print(dimension, *(f"{direct / time:.3g}" if direct and time else "refused" for time in times), flush=True)


if __name__ == "__main__":
    main()
