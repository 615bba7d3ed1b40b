# SPDX-License-Identifier: GPL-3.0-or-later
"""draw.py TABLE FIGURE: the efficiency against the number of ranks, from the table that bench/cluster/run writes."""
from __future__ import annotations

import csv
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.lines import Line2D

COLORS = ("#D55E00", "#0072B2", "#009E73")  # as in analysis/modeseek/style.py
MARKERS = "osD"


def main(table: str, figure_path: str) -> None:
    with open(table, encoding="utf-8") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    counts = sorted({row["blocks"] for row in rows})
    lengths = sorted({row["seconds"] for row in rows})
    ranks = sorted({row["ranks"] for row in rows})
    plt.rcParams.update({"font.size": 15, "axes.spines.top": False, "axes.spines.right": False})
    figure, panels = plt.subplots(1, len(counts), figsize=(12, 5.5), sharey=True, layout="constrained")
    for axes, count in zip(panels, counts):
        for length, color, marker in zip(lengths, COLORS, MARKERS):
            line = sorted((row["ranks"], row["efficiency"], row["ideal"]) for row in rows
                          if (row["blocks"], row["seconds"]) == (count, length))
            x, efficiency, ideal = zip(*line)
            axes.plot(x, efficiency, color=color, marker=marker, markersize=8, linewidth=1.8)
        # the same for all lengths: the durations are in proportion
        axes.plot(x, ideal, color="0.35", linestyle="--", linewidth=1.5)
        axes.set_xscale("log", base=2)
        axes.set_xticks(ranks, [f"{n:g}" for n in ranks])
        axes.minorticks_off()
        axes.grid(axis="y", color="0.92")
        axes.set_xlabel("ranks")
        axes.set_title(f"{count:g} blocks for each rank", loc="left", fontsize=15, color="0.35")
    panels[0].set_ylim(0.9, 1.0)
    panels[0].set_ylabel("efficiency")
    handles = [Line2D([], [], color=color, marker=marker, markersize=8, label=f"blocks of {length:g} s")
               for length, color, marker in zip(lengths, COLORS, MARKERS)]
    handles.append(Line2D([], [], color="0.35", linestyle="--", label="if handing out took no time"))
    panels[-1].legend(handles=handles, loc="lower right", frameon=False)
    figure.suptitle("Efficiency on a simulated cluster, the coordinator's core counted", x=0.01, ha="left", fontsize=19)
    figure.savefig(figure_path, dpi=150)


if __name__ == "__main__":
    main(*sys.argv[1:])
