# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes, or checks rows of, first-passage.csv: `first_passage.py PROGRAM [--check ROW ...] [--results FOLDER]`."""

from __future__ import annotations

import argparse
import csv
import math
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
TABLE = HERE / "first-passage.csv"
COLUMNS = ["row", "target", "weights", "variances", "centres", "step_size", "dimension", "rule", "mode", "radius_squared",
           "mean", "error", "log_mean", "second_estimator", "second_mean", "second_low", "second_high", "z"]
TARGETS = ("reference", "unequal", "narrow", "far", "rare")
# dimensions: where chains are cheap; where splitting is; where a replicate of splitting takes up to a minute
FEW, MANY, VERY_MANY = [2, 5, 10, 20], [50, 100, 200], [500, 1000]


class Curve(NamedTuple):
    """Rows that differ in dimension alone."""

    target: str
    mode: str
    step_size: float
    rule: str

    def settings(self, estimator: str, dimensions: list[int]) -> list[str]:
        """What is to be replaced in the target's sweep. Each of its curves has chains of its own, by its seed."""
        modes = "" if self.mode == "any" else f", modes: [{self.mode}]"
        seed = 1 + 2 * ("any", "1", "2").index(self.mode) + ("ball", "switch").index(self.rule)
        return [f"sampler.step_size={self.step_size}", f"discovery={{rules: [{self.rule}]{modes}}}",
                f"grid={{dimension: {dimensions}, seed: {seed}}}", *ESTIMATORS[estimator]]


ESTIMATORS = {"quadrature": [],
              # all coordinates are moved, which shares the least with the quadrature
              "direct": ["estimator=direct", "sampler.engine=full", "budget={iterations: 1e9, chains: 16384}"],
              "reversible_flux": ["estimator={name: reversible_flux, replicates: 32}"],
              "splitting": ["estimator={name: splitting, replicates: 16}"],
              "splitting-fewer": ["estimator={name: splitting, replicates: 8, particles: 1000}"]}


def curves() -> dict[Curve, list[int]]:
    """The dimensions of each curve of the table, in its order."""
    found = {}
    for target in TARGETS:
        plan = [("any", 0.05, FEW + MANY), ("any", 0.1, FEW + MANY + VERY_MANY), ("any", 0.2, FEW + MANY),
                ("1", 0.1, FEW)]
        if target in ("unequal", "rare"):  # of the others, modes 1 and 2 are alike
            plan.append(("2", 0.1, FEW))
        for mode, step_size, dimensions in plan:
            for rule in ("ball", "switch"):
                # the spread mode of rare outweighs the others everywhere in less than 7 dimensions
                is_empty = target == "rare" and rule == "switch"
                found[Curve(target, mode, step_size, rule)] = [d for d in dimensions if d >= 7 or not is_empty]
    return found


def run(program: str, curve: Curve, estimator: str, dimensions: list[int], folder: Path) -> dict[int, dict[str, str]]:
    """The summary of a curve by dimension, computed as far as it is not in the folder."""
    results = folder / f"{'-'.join(map(str, curve))}-{estimator}.h5"
    words = [word for setting in curve.settings(estimator, dimensions) for word in ("--set", setting)]
    command = [program, "run", "-q", "--discard-states", str(HERE / f"{curve.target}.yaml"), "-o", str(results), *words]
    told = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if "no point can be computed" in told.stderr:  # the estimator does not apply to any of them
        return {}
    if told.returncode != 0:
        raise RuntimeError(f"{results}: modeseek run failed with exit code {told.returncode}: {told.stderr}")
    text = subprocess.run([program, "summary", "--csv", "--mode", "any", str(results)], check=True, capture_output=True,
                          text=True).stdout
    return {int(row["dimension"]): row for row in csv.DictReader(text.splitlines())}


class Estimate(NamedTuple):
    """A mean, and the interval that goes with it."""

    estimator: str
    mean: float
    low: float
    high: float
    freedom: float  # degrees of freedom of the interval

    def score(self, mean: float) -> float:
        """How far it is from that mean, as a standard normal deviate. Intervals of rates, 1 / mean, are symmetric."""
        from scipy import stats  # late: it takes a second, and checking rows does without

        half_width = 1 / self.low - 1 / self.mean  # the other half may be cut off at 0
        t = (1 / mean - 1 / self.mean) / half_width * stats.t.ppf(0.975, self.freedom)
        return float(stats.norm.ppf(stats.t.cdf(t, self.freedom)))


def estimate_of(row: dict[str, str]) -> Estimate | None:
    """What a row of a summary says; nothing where the estimator did not apply, or some chains did not discover."""
    if "estimator" in row:
        name, freedom, prefix = row["estimator"], int(row["chains"]) - 1, "mean"
    else:
        name, freedom, prefix = "direct", math.inf, "restricted_mean"  # the plain mean, as all chains discover
        if row["censored"] != "0":
            return None
    mean, low, high = (float(row[prefix + end]) for end in ("", "_low", "_high"))
    return Estimate(name, mean, low, high, freedom) if low > 0 and math.isfinite(mean) else None


def second_estimates(program: str, curve: Curve, dimensions: list[int], folder: Path) -> dict[int, Estimate | None]:
    """Chains where these are cheap; else reversible flux where it applies; else splitting."""
    found: dict[int, Estimate | None] = {}
    flux = [("reversible_flux", MANY + VERY_MANY)] if curve.rule == "ball" else []
    for estimator, where in [("direct", FEW), *flux, ("splitting", MANY), ("splitting-fewer", VERY_MANY)]:
        missing = [d for d in dimensions if d in where and not found.get(d)]
        if missing:
            rows = run(program, curve, estimator, missing, folder)
            found.update({d: estimate_of(row) for d, row in rows.items()})
    return found


def parameters(target: str) -> list[str]:
    """Weights, variances and centres of a target, each the text of a cell."""
    text = (HERE / f"{target}.yaml").read_text(encoding="utf-8")
    components = re.findall(r"\{weight: (\S+), mean: (\S+), variance: (\S+)\}", text)
    weights, centres, variances = zip(*components)
    return [" ".join(numbers) for numbers in (weights, variances, centres)]


def radius_squared(curve: Curve) -> str:
    """That of the rule ball, which the program chooses in the same way; nothing for switch."""
    if curve.rule != "ball":
        return ""
    variances = [float(number) for number in parameters(curve.target)[1].split()]
    wanted = variances[1:] if curve.mode == "any" else [variances[int(curve.mode)]]
    return f"{(variances[0] + max(wanted)) / 2:g}"


def table_row(curve: Curve, dimension: int, exact: dict[str, str], second: Estimate | None) -> dict[str, str]:
    """A row of the table, but its number."""
    mean = float(exact["mean"])
    other = [""] * 5
    if second:
        other = [second.estimator, *(f"{value:.6g}" for value in second[1:4]), f"{second.score(mean):.2f}"]
    return dict(zip(COLUMNS[1:], [
        curve.target, *parameters(curve.target), f"{curve.step_size:g}", str(dimension), curve.rule, curve.mode,
        radius_squared(curve), exact["mean"], f"{float(exact['mean_high']) - mean:.2g}", f"{math.log(mean)!r}", *other]))


def make(program: str, folder: Path) -> None:
    """Runs all curves, as many at a time as there are cores, and writes the table."""
    folder.mkdir(parents=True, exist_ok=True)
    plan = curves()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        exact = {c: pool.submit(run, program, c, "quadrature", dimensions, folder) for c, dimensions in plan.items()}
        second = {c: pool.submit(second_estimates, program, c, dimensions, folder) for c, dimensions in plan.items()}
        rows = [table_row(c, d, exact[c].result()[d], second[c].result()[d]) for c in plan for d in plan[c]]
    with TABLE.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({"row": str(number), **row} for number, row in enumerate(rows, 1))
    report(rows)
    subprocess.run([sys.executable, "-B", str(HERE / "figure.py")], check=True)


def report(rows: list[dict[str, str]]) -> None:
    """Prints how well the two columns agree."""
    print(f"{TABLE}: {len(rows)} rows, {sum(not row['z'] for row in rows)} without a second estimate")
    for estimator in sorted({row["second_estimator"] for row in rows} - {""}):
        scores = [float(row["z"]) for row in rows if row["second_estimator"] == estimator]
        spread = math.sqrt(sum(score * score for score in scores) / len(scores))
        print(f"{estimator}: {len(scores)} rows, z {min(scores):.2f} to {max(scores):.2f}, "
              f"mean {sum(scores) / len(scores):.2f}, root mean square {spread:.2f}, "
              f"{sum(abs(score) > 1.96 for score in scores)} beyond 1.96")


def check(program: str, wanted: list[int]) -> bool:
    """Computes rows again, by quadrature, and says whether they are the same to within their errors."""
    with TABLE.open(encoding="utf-8", newline="") as table:
        rows = {int(row["row"]): row for row in csv.DictReader(table)}
    if strange := [number for number in wanted if number not in rows]:
        sys.exit(f"{TABLE} has the rows 1 to {len(rows)}, not {strange[0]}")
    good = True
    for number in wanted:
        row = rows[number]
        curve = Curve(row["target"], row["mode"], float(row["step_size"]), row["rule"])
        with tempfile.TemporaryDirectory() as folder:
            again = run(program, curve, "quadrature", [int(row["dimension"])], Path(folder))[int(row["dimension"])]
        is_same = abs(float(again["mean"]) - float(row["mean"])) <= float(row["error"])
        good = good and is_same
        print(f"row {number}: {row['mean']} +- {row['error']}, computed again {again['mean']}: "
              f"{'the same' if is_same else 'DIFFERENT'}")
    return good


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--check", type=int, nargs="+", metavar="ROW")
    parser.add_argument("--results", type=Path, default=HERE.parent / "results" / "first-passage")
    words = parser.parse_args()
    if words.check:
        sys.exit(0 if check(words.program, words.check) else 1)
    make(words.program, words.results)


if __name__ == "__main__":
    main()
