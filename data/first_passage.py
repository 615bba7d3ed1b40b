# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes, or checks rows of, first-passage.csv: `first_passage.py PROGRAM [--check ROW ...] [--results FOLDER]`."""

from __future__ import annotations

import argparse
import csv
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
TABLE = HERE / "first-passage.csv"
EXACT = ("exact", "exact-steps", "exact-mode-1")
SECOND = ("second", "second-switch", "second-ball", "second-mode-1")
COLUMNS = ["row", "target", "weights", "variances", "centres", "step_size", "dimension", "rule", "mode", "mean", "error",
           "log_mean", "second_estimator", "second_mean", "second_low", "second_high", "z"]
# (weight, variance, mean) of the components, each mean the number times the vector of ones
TARGETS = {"reference": ((0.2, 3, 0), (0.4, 1, 1), (0.4, 1, -1)),
           "unequal": ((0.1, 3, 0), (0.3, 0.8, 1.1), (0.6, 1.2, -1)),
           "narrow": ((0.2, 3, 0), (0.4, 0.5, 1), (0.4, 0.5, -1)),
           "far": ((0.2, 3, 0), (0.4, 1, 1.3), (0.4, 1, -1.3)),
           "rare": ((0.98, 2, 0), (0.01, 1, 0.8), (0.01, 0.7, -0.9))}
TOLERANCE = 1e-5  # of data/exact*.yaml


class Key(NamedTuple):
    """What a row is about."""

    target: str
    step_size: float
    dimension: int
    rule: str
    mode: str


def run(program: str, sweep: str, folder: Path, settings: list[str]) -> Path:
    """The results of a sweep, computed as far as they are not there."""
    results = folder / f"{sweep}.h5"
    words = [word for setting in settings for word in ("--set", setting)]
    ranks = str(os.cpu_count() or 1)
    os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    subprocess.run(["mpirun", "-n", ranks, program, "run", str(HERE / f"{sweep}.yaml"), "-o", str(results), *words],
                   check=True)
    return results


def rows_of(program: str, results: Path, sweep: str) -> dict[Key, dict[str, str]]:
    """The summary of results, by what each row is about. A sweep of a single mode calls it any."""
    text = subprocess.run([program, "summary", "--csv", "--mode", "any", str(results)], check=True, capture_output=True,
                          text=True).stdout
    mode = "1" if sweep.endswith("mode-1") else "any"
    return {Key(row["target"], float(row["sampler.step_size"]), int(row["dimension"]), row["rule"], mode): row
            for row in csv.DictReader(text.splitlines())}


def interval_of(row: dict[str, str]) -> tuple[str, float, float, float]:
    """Estimator, mean, and its 95 % interval: of chains, which all discover, that of the plain mean."""
    if "estimator" in row:
        return row["estimator"], float(row["mean"]), float(row["mean_low"]), float(row["mean_high"])
    names = ("restricted_mean", "restricted_mean_low", "restricted_mean_high")
    mean, low, high = (float(row[name]) for name in names)
    return "direct", mean, low, high


def joined(values: list[float]) -> str:
    """Numbers in one cell."""
    return " ".join(f"{value:g}" for value in values)


def table_rows(exact: dict[Key, dict[str, str]], second: dict[Key, dict[str, str]]) -> list[dict[str, str]]:
    """The table: by target, mode, step size, rule and dimension."""
    rows = []
    order = list(TARGETS)
    keys = sorted(exact, key=lambda k: (order.index(k.target), k.mode == "1", k.step_size, k.rule, k.dimension))
    for number, key in enumerate(keys, 1):
        _, mean, _, high = interval_of(exact[key])
        weights, variances, centres = (joined(list(column)) for column in zip(*TARGETS[key.target]))
        estimator, again, low, top = interval_of(second[key]) if key in second else ("", math.nan, math.nan, math.nan)
        # on the logarithmic scale, where the intervals of rates are nearly symmetric
        error = math.log(top / low) / (2 * 1.96) if low > 0 and math.isfinite(top) else math.nan
        rows.append(dict(zip(COLUMNS, [
            str(number), key.target, weights, variances, centres, f"{key.step_size:g}", str(key.dimension), key.rule,
            key.mode, f"{mean:.10g}", f"{high - mean:.2g}", f"{math.log(mean):.9f}", estimator, f"{again:.6g}",
            f"{low:.6g}", f"{top:.6g}", f"{math.log(again / mean) / error:.2f}" if error > 0 else ""])))
    return rows


def make(program: str, folder: Path) -> None:
    """Runs all sweeps and writes the table."""
    folder.mkdir(parents=True, exist_ok=True)
    exact, second = {}, {}
    for sweep in EXACT:
        exact.update(rows_of(program, run(program, sweep, folder, []), sweep))
    for sweep in SECOND:
        second.update(rows_of(program, run(program, sweep, folder, []), sweep))
    rows = table_rows(exact, second)
    with TABLE.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    scores = [float(row["z"]) for row in rows if row["z"]]
    worst = max(abs(score) for score in scores)
    spread = math.sqrt(sum(score * score for score in scores) / len(scores))
    print(f"{TABLE}: {len(rows)} rows, {len(scores)} with a second estimate; |z| at most {worst:.2f}, root mean square "
          f"{spread:.2f}, {sum(abs(s) > 1.96 for s in scores)} above 1.96")


def check(program: str, folder: Path, wanted: list[int]) -> bool:
    """Computes rows again, by quadrature, and says whether they are the same to within their errors."""
    folder.mkdir(parents=True, exist_ok=True)
    with TABLE.open(encoding="utf-8", newline="") as table:
        rows = {int(row["row"]): row for row in csv.DictReader(table)}
    good = True
    for number in wanted:
        if number not in rows:
            sys.exit(f"{TABLE} has the rows 1 to {len(rows)}, not {number}")
        row = rows[number]
        sweep = "exact-mode-1" if row["mode"] == "1" else "exact"
        results = folder / f"check-{number}.h5"
        results.unlink(missing_ok=True)
        settings = [f"grid.dimension={row['dimension']}", f"grid.sampler.step_size={row['step_size']}",
                    f"discovery.rules=[{row['rule']}]"]
        words = [word for setting in settings for word in ("--set", setting)]
        subprocess.run([program, "run", "-q", str(HERE / f"{sweep}.yaml"), "-o", str(results), *words], check=True,
                       stdout=subprocess.DEVNULL)
        key = Key(row["target"], float(row["step_size"]), int(row["dimension"]), row["rule"], row["mode"])
        _, mean, _, high = interval_of(rows_of(program, results, sweep)[key])
        is_same = abs(mean - float(row["mean"])) <= float(row["error"]) + high - mean
        good = good and is_same
        print(f"row {number}: {row['mean']} +- {row['error']}, computed again {mean:.10g}: "
              f"{'the same' if is_same else 'DIFFERENT'}")
        results.unlink()
    return good


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--check", type=int, nargs="+", metavar="ROW")
    parser.add_argument("--results", type=Path, default=HERE.parent / "results" / "first-passage")
    words = parser.parse_args()
    if words.check:
        sys.exit(0 if check(words.program, words.results, words.check) else 1)
    make(words.program, words.results)


if __name__ == "__main__":
    main()
