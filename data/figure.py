# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws docs/figures/first-passage-table.png from the table: `figure.py`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "analysis"))
from modeseek import style  # noqa: E402  (first: it keeps Matplotlib from the current folder)

import matplotlib.pyplot as plt  # noqa: E402
import pandas  # noqa: E402
from scipy import stats  # noqa: E402

SHAPES = {"direct": "o", "reversible_flux": "s", "splitting": "^"}
NAMES = {"direct": "chains", "reversible_flux": "reversible flux", "splitting": "splitting"}


def draw_means(axes: plt.Axes, table: pandas.DataFrame, rule: str, colors: dict[str, str]) -> None:
    """Means of any mode at step size 0.1: values as lines, second estimates as marks."""
    rows = table[(table.rule == rule) & (table["mode"] == "any") & (table.step_size == 0.1)]
    for target, curve in rows.groupby("target", sort=False):
        axes.plot(curve.dimension, curve["mean"], color=colors[target], label=target)
        for estimator, marks in curve.groupby("second_estimator"):
            axes.plot(marks.dimension, marks.second_mean, SHAPES[estimator], color=colors[target], ms=7, mec="white",
                      mew=0.7)
    axes.set(yscale="log", xlabel="dimension d", title=f"rule {rule}", yticks=[10.0**e for e in range(0, 121, 20)])
    axes.grid(True)


def draw_scores(axes: plt.Axes, table: pandas.DataFrame) -> None:
    """z, in order, against what as many normal deviates would be."""
    rows = table.dropna(subset=["z"]).sort_values("z")
    expected = stats.norm.ppf((pandas.Series(range(len(rows))) + 0.5) / len(rows)).astype(float)
    axes.axline((0, 0), slope=1, color="0.6", lw=1)
    for estimator, shape in SHAPES.items():
        chosen = (rows.second_estimator == estimator).to_numpy()
        axes.plot(expected[chosen], rows.z[chosen], shape, color="0.15", ms=5, mfc="none",
                  label=f"{NAMES[estimator]}: {chosen.sum()} rows")
    axes.set(xlabel="normal quantile", ylabel="z of the second estimate", title="agreement", aspect="equal",
             xlim=(-3.6, 3.6), ylim=(-3.6, 3.6))
    axes.grid(True)
    axes.legend(frameon=False, fontsize=12, loc="upper left", handletextpad=0.2)


def draw(path: Path) -> None:
    """The figure of the table in that file."""
    table = pandas.read_csv(path)
    colors = dict(zip(table.target.unique(), style.COLORS))
    with style.Look().applied():
        figure, (ball, switch, agreement) = plt.subplots(1, 3, figsize=(17, 5.6), layout="constrained")
        draw_means(ball, table, "ball", colors)
        draw_means(switch, table, "switch", colors)
        ball.set_ylim(switch.get_ylim())
        ball.set_ylabel("mean first-passage time, steps")
        ball.legend(frameon=False, title="target", alignment="left")
        draw_scores(agreement, table)
        figure.savefig(ROOT / "docs" / "figures" / "first-passage-table.png", dpi=75, metadata={"Software": None})
        plt.close(figure)


if __name__ == "__main__":
    draw(Path(__file__).resolve().parent / "first-passage.csv")
