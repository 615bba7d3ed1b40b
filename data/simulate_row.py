# SPDX-License-Identifier: GPL-3.0-or-later
"""A row of first-passage.csv by chains, in NumPy alone: `simulate_row.py ROW [CHAINS]`.

The definitions of docs/first-passage-table.md once more, as a program. It knows nothing of modeseek. For means up to some thousand steps.
"""

import csv
import sys
from pathlib import Path

import numpy as np


def first_passages(row: dict[str, str], chains: int, random: np.random.Generator) -> np.ndarray:
    """First-passage times of so many chains."""
    weights, variances, centres = (np.array(row[name].split(), float) for name in ("weights", "variances", "centres"))
    step, dimension = float(row["step_size"]), int(row["dimension"])
    wanted = [1, 2] if row["mode"] == "any" else [int(row["mode"])]
    others = [j for j in range(3) if j not in wanted]

    x = centres[0] + np.sqrt(variances[0]) * random.standard_normal((chains, dimension))
    moving, times = np.arange(chains), np.zeros(chains)
    while True:
        squares = np.stack([((x - centre)**2).sum(axis=1) for centre in centres], axis=1)
        logs = np.log(weights) - dimension / 2 * np.log(variances) - squares / (2 * variances)
        if row["rule"] == "ball":
            is_in = squares[:, wanted].min(axis=1) <= float(row["radius_squared"]) * dimension
        else:
            is_in = logs[:, wanted].max(axis=1) >= logs[:, others].max(axis=1)
        x, logs, moving = x[~is_in], logs[~is_in], moving[~is_in]
        if len(moving) == 0:
            return times
        shares = np.exp(logs - logs.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        score = sum(shares[:, [i]] * (centres[i] - x) / variances[i] for i in range(3))
        x = x + step / 2 * score + np.sqrt(step) * random.standard_normal(x.shape)
        times[moving] += 1


def main() -> None:
    """See above."""
    number, chains = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10000
    with (Path(__file__).resolve().parent / "first-passage.csv").open(encoding="utf-8", newline="") as table:
        row = next((row for row in csv.DictReader(table) if row["row"] == number), None)
    if row is None:
        sys.exit(f"no row {number}")
    times = first_passages(row, chains, np.random.default_rng(1))
    error = times.std(ddof=1) / np.sqrt(chains)
    print(f"row {number}: {row['mean']}, simulated {times.mean():.6g} +- {error:.2g}, "
          f"{(times.mean() - float(row['mean'])) / error:.2f} standard errors apart")


if __name__ == "__main__":
    main()
