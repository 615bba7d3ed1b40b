#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw discovery time against dimension from modeseek results.

    analysis/hardness_curve.py results.h5 -o curve.png

One line per patch size and noise level; "vanilla" is the line on which the patch is the whole vector. Filled marks
with bars are the mean discovery time by maximum likelihood of an exponential law with censoring, and its 95 %
interval; open marks are Kaplan-Meier medians. A point at which nothing was discovered has no estimate: an arrow
upwards from its lower 95 % limit. The slope in the legend is that of log(mean) per dimension, with its 95 %
interval, by maximum likelihood over all points of the line, censored ones included; the power is that of a fit of
log(mean) against log(dimension).

The time to discover all modes (--mode all) is a maximum, not exponential: where more than half of the chains are
censored its mean would be overestimated, so there the lower limit of the median is shown as a bound, and the fits
leave the point out.

Beside FIG.png it writes FIG.csv, what was drawn, and FIG-fits.csv, the fitted lines.
"""

from __future__ import annotations

import argparse
import csv
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend is chosen first)

COLUMNS = ("dimension patch_size noise_level seed rule mode chains discovered censored iterations_at_risk "
           "median median_low median_high mean mean_low mean_high").split()
# Okabe and Ito's palette without yellow, which is too light for lines: told apart by colour-blind readers too.
COLORS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
MARKERS = "osD^vPX"


class Failure(Exception):
    """A message for the user; ends the program."""


@dataclass
class Point:
    """A row of `modeseek summary`, seeds pooled."""

    dimension: int
    patch_size: int
    noise_level: float
    chains: int
    discovered: int
    iterations_at_risk: float
    median: tuple[float, float, float]  # value, low, high
    mean: tuple[float, float, float]
    bound: float | None  # where there is no estimate: a lower bound


@dataclass
class Fit:
    """log(mean) = intercept + slope * x, x the dimension or its logarithm; half the slope's 95 % interval."""

    intercept: float
    slope: float
    half_width: float


def find_program(given: str | None) -> str:
    """The modeseek program: --modeseek, $MODESEEK, a build folder beside this script, PATH."""
    if given or os.environ.get("MODESEEK"):
        path = given or os.environ["MODESEEK"]
        if not os.access(path, os.X_OK):
            raise Failure(f"{path} is not a program")
        return path
    builds = Path(__file__).resolve().parent.parent.glob("build/*/bin/modeseek")
    for path in sorted(builds, key=lambda p: p.parts[-3] != "release"):
        if os.access(path, os.X_OK):
            return str(path)
    found = shutil.which("modeseek")
    if not found:
        raise Failure("cannot find the modeseek program: build it, put it in PATH or name it with --modeseek")
    return found


def read_rows(path: str, program: str | None) -> list[dict[str, str]]:
    """The rows of `modeseek summary --csv --pool seed` for a results file, or of a file that holds them."""
    if path.endswith(".csv"):
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Failure(f"cannot read {path}: {error}") from None
    else:
        command = [find_program(program), "summary", path, "--csv", "--pool", "seed"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise Failure(result.stderr.strip() or f"{command[0]} summary failed on {path}")
        text = result.stdout
    rows = list(csv.DictReader(text.splitlines()))
    if not rows or any(name not in rows[0] for name in COLUMNS):
        raise Failure(f"{path} does not hold the table that 'modeseek summary --csv' prints")
    return rows


def parse_point(row: dict[str, str], path: str) -> Point:
    """One row as numbers."""
    try:
        def triple(name: str) -> tuple[float, float, float]:
            return float(row[name]), float(row[name + "_low"]), float(row[name + "_high"])

        chains, discovered = int(row["chains"]), int(row["discovered"])
        median, mean, bound = triple("median"), triple("mean"), None
        if row["mode"] == "all" and 2 * discovered < chains:  # also without any discovery
            bound = median[1]
        elif discovered == 0:
            bound = mean[1]
        return Point(int(row["dimension"]), int(row["patch_size"]), float(row["noise_level"]), chains, discovered,
                     float(row["iterations_at_risk"]), median, mean, bound)
    except (TypeError, ValueError):
        raise Failure(f"{path}: not a row of 'modeseek summary --csv': {row}") from None


# A line is named by patch_size and noise_level; patch_size None is vanilla: the patch is the whole vector.
Lines = dict[tuple[int | None, float], list[Point]]
Fits = dict[tuple[int | None, float], Fit | None]


def group_lines(points: list[Point]) -> Lines:
    """Points by line. A patch size used with larger dimensions too also gets its point where it equals the
    dimension: Q = d is a point of the chained line as well as of the vanilla one."""
    lines: Lines = {}
    chained = {(p.patch_size, p.noise_level) for p in points if p.patch_size < p.dimension}
    for p in points:
        if p.patch_size == p.dimension:
            lines.setdefault((None, p.noise_level), []).append(p)
        if (p.patch_size, p.noise_level) in chained:
            lines.setdefault((p.patch_size, p.noise_level), []).append(p)
    for line in lines.values():
        line.sort(key=lambda p: p.dimension)
        if len({p.dimension for p in line}) < len(line):
            raise Failure("the same point occurs twice; name each results file once")
    return dict(sorted(lines.items(), key=lambda item: (item[0][0] is not None, item[0][0] or 0, item[0][1])))


def takes_part(p: Point) -> bool:
    """Whether the fits use a point."""
    return p.iterations_at_risk > 0 and (p.bound is None or p.bound == p.mean[1])


def fit_slope(line: list[Point], x_of: Callable[[float], float]) -> Fit | None:
    """Maximum likelihood of exponential times with log(mean) linear in x_of(dimension).

    The counts are then Poisson with mean iterations_at_risk / mean, so points without a discovery take part.
    The interval uses the information at the maximum, widened by the dispersion of the counts where that is above
    1: times at one dimension are not exactly exponential, nor is log(mean) exactly linear.
    """
    used = [p for p in line if takes_part(p)]
    if len({p.dimension for p in used if p.discovered > 0}) < 2:
        return None
    d = np.array([x_of(p.dimension) for p in used], dtype=float)
    count = np.array([p.discovered for p in used], dtype=float)
    risk = np.array([p.iterations_at_risk for p in used])
    center = d.mean()
    design = np.column_stack([np.ones_like(d), d - center])
    found = count > 0
    # log rate = -log mean; start from the straight line through the points that have an estimate
    beta = np.polyfit(d[found] - center, np.log(count[found] / risk[found]), 1)[::-1]
    for _ in range(100):
        expected = risk * np.exp(np.clip(design @ beta, -700, 700))
        information = design.T @ (expected[:, None] * design)
        step = np.linalg.solve(information, design.T @ (count - expected))
        beta = beta + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-12:
            break
    expected = risk * np.exp(design @ beta)
    dispersion = 1.0
    if len(used) > 2:
        dispersion = max(1.0, float(((count - expected) ** 2 / expected).sum()) / (len(used) - 2))
    error = math.sqrt(np.linalg.inv(design.T @ (expected[:, None] * design))[1, 1] * dispersion)
    return Fit(intercept=float(-(beta[0] - beta[1] * center)), slope=float(-beta[1]), half_width=1.959964 * error)


def describe(patch_size: int | None, noise_level: float, several_levels: bool) -> str:
    """The name of a line."""
    name = "vanilla (Q = d)" if patch_size is None else f"chained, Q = {patch_size}"
    return f"{name}, σ = {noise_level:g}" if several_levels else name


def format_slope(fit: Fit) -> str:
    """The slope to the digits its interval deserves."""
    digits = max(0, 1 - math.floor(math.log10(fit.half_width))) if fit.half_width > 0 else 4
    return f"{fit.slope:.{digits}f} ± {fit.half_width:.{digits}f}"


def draw(lines: Lines, fits: Fits, powers: Fits, rule: str, mode: str, path: str) -> None:
    """The figure."""
    plt.rcParams.update({"font.size": 13, "axes.spines.top": False, "axes.spines.right": False})
    figure, axes = plt.subplots(figsize=(12, 6), constrained_layout=True)
    several_levels = len({noise_level for _, noise_level in lines}) > 1
    any_bound = False
    for index, (key, line) in enumerate(lines.items()):
        color, marker = COLORS[index % len(COLORS)], MARKERS[index % len(MARKERS)]
        label = describe(*key, several_levels)
        fit = fits[key]
        if fit:
            label += f"\nslope {format_slope(fit)} per dimension"
        if key[0] is not None and powers[key]:
            label += f"\nor power {format_slope(powers[key])} of d"
        estimated = [p for p in line if p.bound is None and p.mean[0] > 0]
        d = np.array([p.dimension for p in estimated], dtype=float)
        value, low, high = (np.array([p.mean[i] for p in estimated]) for i in range(3))
        axes.errorbar(d, value, yerr=[value - low, high - value], fmt=marker, color=color, capsize=3, label=label,
                      markersize=7, linestyle="none" if key[0] is None and fit else "-", linewidth=1.2, zorder=3)
        if key[0] is None and fit:
            fitted = [p.dimension for p in line if takes_part(p)]
            ends = np.array([min(fitted), max(fitted)], dtype=float)
            axes.plot(ends, np.exp(fit.intercept + fit.slope * ends), "--", color=color, linewidth=1.5, zorder=2)
        reached = [p for p in line if math.isfinite(p.median[0]) and p.median[0] > 0]
        axes.plot([p.dimension for p in reached], [p.median[0] for p in reached], marker, markersize=7,
                  markerfacecolor="white", markeredgecolor=color, linestyle="none", zorder=2)
        for p in line:
            if p.bound is not None and p.bound > 0:
                any_bound = True
                axes.annotate("", xy=(p.dimension, p.bound * 3), xytext=(p.dimension, p.bound),
                              arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": 1.8})
                axes.plot([p.dimension], [p.bound], "_", color=color, markersize=12, markeredgewidth=2)
                axes.plot([p.dimension], [p.bound * 3.2], alpha=0)  # keeps the arrow inside the axes
    axes.set_yscale("log")
    axes.set_xlabel("dimension d")
    axes.set_ylabel("iterations to discovery")
    what = {"any": "any mode", "all": "all modes"}.get(mode, f"mode {mode}")
    chains = sorted({p.chains for line in lines.values() for p in line})
    number = f"{chains[0]}" if len(chains) == 1 else f"{chains[0]}–{chains[-1]}"
    axes.set_title(f"Time to discover {what} ({rule} rule, {number} chains a point)", loc="left")
    axes.grid(axis="y", which="major", color="0.9", zorder=0)
    axes.set_axisbelow(True)
    axes.plot([], [], "o", color="0.35", label="mean (exponential, 95 % interval)")
    axes.plot([], [], "o", markerfacecolor="white", markeredgecolor="0.35", label="median (Kaplan–Meier)")
    if any_bound:
        reason = "most chains censored" if mode == "all" else "nothing discovered"
        axes.plot([], [], "^", color="0.35", label=f"{reason}: 95 % lower bound")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=11, labelspacing=0.9)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def write_csv(path: str, header: list[str], rows: list[list[object]]) -> None:
    """A table with a header."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def drawn_rows(lines: Lines) -> list[list[object]]:
    """What the figure shows, a row for each point; lower_bound is given where there is no estimate of the mean."""
    rows: list[list[object]] = []
    for (patch_size, _), line in lines.items():
        name = "vanilla" if patch_size is None else f"Q={patch_size}"
        for p in line:
            rows.append([name, p.dimension, p.patch_size, p.noise_level, p.chains, p.discovered, *p.mean, *p.median,
                         "" if p.bound is None else p.bound])
    return rows


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE",
                        help="results file, or the output of 'modeseek summary --csv --pool seed' named .csv")
    parser.add_argument("-o", "--output", required=True, metavar="FIG", help="the figure: .png, .pdf or .svg")
    parser.add_argument("--rule", choices=("ball", "switch"), default="ball", help="discovery rule (default: ball)")
    parser.add_argument("--mode", default="any", help="a mode's number, any or all (default: any)")
    parser.add_argument("--csv", metavar="OUT", help="table of what was drawn (default: FIG with .csv)")
    parser.add_argument("--modeseek", metavar="PROGRAM", help="the modeseek program (default: $MODESEEK, build, PATH)")
    return parser.parse_args(arguments)


def run(arguments: list[str]) -> None:
    """Everything; raises Failure with a message for the user."""
    options = parse_arguments(arguments)
    output = Path(options.output)
    if output.suffix not in (".png", ".pdf", ".svg"):
        raise Failure(f"{output}: the figure's name must end in .png, .pdf or .svg")
    table = options.csv or str(output.with_suffix(".csv"))
    fits_table = str(output.with_name(output.stem + "-fits.csv"))
    for written in (options.output, table, fits_table):
        if any(os.path.exists(written) and os.path.exists(f) and os.path.samefile(written, f) for f in options.files):
            raise Failure(f"{written} is an input; choose another output name")
    points = []
    for path in options.files:
        rows = read_rows(path, options.modeseek)
        modes = {row["mode"] for row in rows}
        if options.mode not in modes:
            raise Failure(f"{path} has no mode '{options.mode}'; it has {', '.join(sorted(modes))}")
        points += [parse_point(row, path) for row in rows
                   if row["rule"] == options.rule and row["mode"] == options.mode and int(row["chains"]) > 0]
    if not points:
        raise Failure("nothing to draw: no finished chains; see 'modeseek status'")
    lines = group_lines(points)
    fits = {key: fit_slope(line, float) for key, line in lines.items()}
    powers = {key: fit_slope(line, math.log) for key, line in lines.items()}
    try:
        draw(lines, fits, powers, options.rule, options.mode, options.output)
        write_csv(table, ["line", "dimension", "patch_size", "noise_level", "chains", "discovered", "mean", "mean_low",
                          "mean_high", "median", "median_low", "median_high", "lower_bound"], drawn_rows(lines))
        write_csv(fits_table, ["line", "noise_level", "log_mean_against", "intercept", "slope", "slope_low", "slope_high"],
                  [["vanilla" if key[0] is None else f"Q={key[0]}", key[1], against, fit.intercept, fit.slope,
                    fit.slope - fit.half_width, fit.slope + fit.half_width]
                   for against, every in (("dimension", fits), ("log_dimension", powers))
                   for key, fit in every.items() if fit])
    except OSError as error:
        raise Failure(f"cannot write {error.filename or options.output}: {error.strerror}") from None
    print(f"{options.output}, {table}, {fits_table}")


def main() -> int:
    """Exit code 0, or 1 after a message."""
    try:
        run(sys.argv[1:])
    except Failure as failure:
        print(f"hardness_curve.py: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
