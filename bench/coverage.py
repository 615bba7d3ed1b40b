#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often 95 % intervals of mean first-passage times hold the mean.

    coverage.py PROGRAM [--dimension D] [--rule RULE] [--intervals N] --set KEY=VALUE ...

--set is that of `modeseek run`, such as estimator=restart or budget={iterations: 1e7, relative_width: 0.2,
at_most: 4096}. Vanilla Langevin dynamics on the reference target is run with seeds 1 to N, an interval each; the mean is that of
the quadrature."""

import argparse
import csv
import io
import subprocess
import sys
import tempfile
from pathlib import Path

SWEEP = """\
name: coverage
target:
  family: gaussian_mixture
  components:
    - {weight: 0.2, mean: 0, variance: 3}
    - {weight: 0.4, mean: 1, variance: 1}
    - {weight: 0.4, mean: -1, variance: 1}
sampler: {step_size: 0.1}
"""


def summary(program: str, text: str, settings: list[str], folder: Path) -> list[dict[str, str]]:
    """The rows of a sweep's summary."""
    sweep, results = folder / "sweep.yaml", folder / "results.h5"
    sweep.write_text(SWEEP + text, encoding="utf-8")
    results.unlink(missing_ok=True)
    words = [word for setting in settings for word in ("--set", setting)]
    subprocess.run([program, "run", "-q", str(sweep), "-o", str(results), *words], check=True, stdout=subprocess.DEVNULL)
    table = subprocess.run([program, "summary", "--csv", "--mode", "any", str(results)], check=True, capture_output=True,
                           text=True).stdout
    return list(csv.DictReader(io.StringIO(table)))


def main() -> None:
    """Prints a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--dimension", type=int, default=50)
    parser.add_argument("--rule", default="ball")
    parser.add_argument("--intervals", type=int, default=200)
    words = parser.parse_args()
    rule = f"discovery: {{rules: [{words.rule}]}}\n"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        grid = f"grid: {{dimension: {words.dimension}, seed: 1}}\n"
        exact = float(summary(words.program, f"estimator: quadrature\n{rule}{grid}", [], folder)[0]["mean"])
        grid = f"grid: {{dimension: {words.dimension}, seed: {{from: 1, count: {words.intervals}}}}}\n"
        rows = summary(words.program, f"{rule}{grid}",
                       words.set, folder)
    bounds = ("mean_low", "mean_high") if "estimator" in rows[0] else ("restricted_mean_low", "restricted_mean_high")
    hold = sum(float(row[bounds[0]]) <= exact <= float(row[bounds[1]]) for row in rows)
    units = sum(float(row["chains"]) for row in rows) / len(rows)
    print(f"d = {words.dimension}, {words.rule}, {' '.join(words.set)}: {hold} of {len(rows)} intervals "
          f"({100 * hold / len(rows):.1f} %) hold {exact:.6g}; on average {units:.1f} chains or replicates")


if __name__ == "__main__":
    sys.exit(main())
