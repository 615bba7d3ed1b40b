#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw discovery time against dimension from modeseek results.

    analysis/hardness_curve.py results.h5 -o curve.png

There is one line for each patch size, noise level and combination of the sweep's further axes (samplers, say); the
legend says which. "Vanilla" is the line on which the patch is the whole vector;
a point whose patch size is its dimension also belongs to the line of that patch size if larger dimensions have one.

  filled marks  mean discovery time, 95 % interval: by maximum likelihood of an exponential law with censoring where a
                test finds nothing against that law; the plain mean where no chain is censored
  crossed       mean of an exponential law although the test says that times are not exponential (p < 0.01) and chains
                are censored: it can be wrong by any factor
  ?             the same where fewer than five discoveries, or three passes, leave the law untested
  open marks    Kaplan-Meier median
  upward marks  no estimate: a lower bound, the lower end of the 95 % interval. For the mean that is where nothing
                was discovered (the bound relies on the exponential law), for the median where the survival curve
                does not come down to 1/2

The time to discover all modes (--mode all) is the largest of several times, not exponential. Where fewer than half of
the chains discovered all, censoring makes the formula for the mean far too large: the lower limit of the median takes
its place as a bound, and the fits leave the point out. Up to half it is at most about 30 % too large.

The legend gives the slope b of mean = exp(a + b d) with its 95 % interval, by maximum likelihood from the numbers of
discoveries and the iterations at risk. Points take part whose times pass the test, those without a censored chain
(weighted by their interval), and, of vanilla lines, those with too few discoveries to tell. For a chained line to which
mean = exp(a) d^p fits better (a smaller dispersion) it gives the power p. The table of fits has both. Where the counts
scatter more than the law allows, intervals are widened by the square root of the dispersion and by Student's t. A
dispersion much larger than that of the other law says that the law does not fit.

Times are in iterations, which cost differently with different samplers: an iteration of HMC evaluates the score as
often as it has leapfrog steps. --cost score_evaluations draws what times cost: iterations times evaluations of the
score in each (where patches are chained, of the score of a patch); --cost coordinate_updates the same with the
coordinates that an iteration moves, mean over a pass. All of the above then holds for costs instead of iterations.

Three files are written: FIG, the figure; FIG.csv, one row for each mark (kind: estimate or lower_bound; basis:
exponential, plain or kaplan_meier; exponential: what the test says, yes, no or untested; cost: what times are counted
in; warning: why rows are not to be compared, empty where they are); and
FIG-fits.csv, one row for each fit (law: exponential or power). Further axes are columns of both.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextlib.contextmanager
def root_folder() -> Iterator[None]:
    """Elsewhere than in the current folder, where others' files may lie beside the results: on its import, Matplotlib
    obeys a file matplotlibrc there, and executes code in it."""
    here = os.open(".", os.O_RDONLY)
    os.chdir("/")
    try:
        yield
    finally:
        os.fchdir(here)
        os.close(here)


try:
    with root_folder():
        import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np
    from matplotlib.lines import Line2D
    from matplotlib.ticker import LogLocator, MaxNLocator, StrMethodFormatter
except ImportError as missing:
    # The first python3 in PATH may be one without the libraries: the script knows where to look for another.
    launcher = ROOT / "scripts" / "python3.sh"
    if __name__ == "__main__" and os.access(launcher, os.X_OK) and "MODESEEK_PYTHON_TRIED" not in os.environ:
        os.environ["MODESEEK_PYTHON_TRIED"] = "1"
        os.execv(launcher, [str(launcher), str(Path(__file__).resolve()), *sys.argv[1:]])
    sys.exit(f"hardness_curve.py: {sys.executable}: {missing}; use a Python 3 with numpy and matplotlib")

COLUMNS = ("dimension patch_size noise_level seed rule mode chains discovered censored iterations_at_risk "
           "median median_low median_high mean mean_low mean_high exponential "
           "restricted_mean restricted_mean_low restricted_mean_high score_evaluations coordinate_updates").split()
COSTS = ("iterations", "score_evaluations", "coordinate_updates")
UNEQUAL = "iterations of different samplers cost differently; --cost score_evaluations compares them"
LINES_MAX = 40  # more cannot be told apart
BUDGETS_MAX = 4  # with more none is drawn
DRAWN_COLUMNS = ("line dimension patch_size noise_level chains discovered censored statistic kind basis exponential "
                 "value low high cost warning").split()
FIT_COLUMNS = "line noise_level law intercept slope slope_low slope_high dispersion points cost warning".split()
# Okabe and Ito's palette without yellow, too light for lines: colour-blind readers tell these apart.
COLORS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
MARKERS = "osDvPXh"
NORMAL_QUANTILE = 1.959964  # 95 %, both sides
POINTS_MAX = 100_000  # of a results file
DOUBT_MARKERS = {"no": "x", "untested": "$?$"}


class Failure(Exception):
    """A message for the user; ends the program."""


@dataclass
class Interval:
    """An estimate and its 95 % interval; value is inf where there is no estimate, and low then bounds it."""

    value: float
    low: float
    high: float


@dataclass
class Point:
    """A row of `modeseek summary`, seeds pooled, times counted in what --cost says; where `mean` is given by a bound
    alone, mean.value is inf.

    basis: what the mean relies on: "exponential", "plain" (nothing is censored) or "kaplan_meier" (a bound by the
    median); verdict: what the test says of the exponential law, "yes", "no" or "untested".
    """

    dimension: int
    patch_size: int
    noise_level: float
    chains: int
    discovered: int
    at_risk: float
    median: Interval
    mean: Interval
    basis: str = "exponential"
    verdict: str = "yes"
    further: tuple[tuple[str, str], ...] = ()  # name and value on each further axis
    score_evaluations: float = 1.0  # in an iteration

    @property
    def doubt(self) -> str:
        """Why the mean is not to be trusted: "no" or "untested" as the verdict, "" where it may be."""
        return self.verdict if self.basis == "exponential" and self.verdict != "yes" else ""

    @property
    def is_fitted(self) -> bool:
        """Whether the mean may enter a fit. Discoveries of vanilla dynamics have a constant rate, once the first
        iterations are over; those of chained dynamics come at certain times of a pass."""
        return self.basis == "plain" or (self.basis == "exponential" and (
            not self.doubt or (self.verdict == "untested" and self.patch_size == self.dimension)))


@dataclass
class Fit:
    """log(mean) = intercept + slope * x, x the dimension or its logarithm; half the slope's 95 % interval."""

    intercept: float
    slope: float
    half_width: float
    dispersion: float
    points: int


@dataclass
class Line:
    """The points of one patch size, noise level and combination of further axes, by dimension; patch_size None: the
    whole vector."""

    patch_size: int | None
    noise_level: float
    further: tuple[tuple[str, str], ...]
    points: list[Point]
    exponential: Fit | None = None
    power: Fit | None = None


# ---- reading


def find_program(given: str | None) -> str:
    """The modeseek program: --modeseek, $MODESEEK, a build folder beside this script, the bin of the prefix it is installed in, PATH."""
    named = given or os.environ.get("MODESEEK")
    if named:
        found = shutil.which(named)
        if not found:
            raise Failure(f"{named} is not a program that can be run")
        return found
    built = sorted(ROOT.glob("build/*/bin/modeseek"), key=lambda p: (p.parts[-3] != "release", p))
    installed = [ROOT.parent.parent / "bin" / "modeseek"] if ROOT.parts[-2:] == ("share", "modeseek") else []
    for path in built + installed:
        if os.access(path, os.X_OK):
            return str(path)
    found = shutil.which("modeseek")
    if not found:
        raise Failure("cannot find the modeseek program: build it, put it in PATH or name it with --modeseek")
    return found


def read_text(path: str, program: str | None) -> str:
    """The CSV that `modeseek summary` prints for a results file; a file named .csv is taken as such output."""
    try:
        if path.endswith(".csv"):
            return Path(path).read_text(encoding="utf-8")
        if not os.path.exists(path):
            raise Failure(f"cannot read {path}: no such file")
        command = [find_program(program), "summary", "--csv", "--pool", "seed", "--", path]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    if result.returncode != 0:
        raise Failure(result.stderr.strip() or f"'{' '.join(command)}' ended with exit code {result.returncode}")
    return result.stdout


def parse_row(row: dict[str, str], further: list[str], cost: str, path: str) -> Point:
    """One row as numbers, times in what they are to be counted in; checked: the file may have been edited."""
    try:
        each = 1.0 if cost == "iterations" else float(row[cost])
        median, mean, restricted = (Interval(*(each * float(row[name + end]) for end in ("", "_low", "_high")))
                                    for name in ("median", "mean", "restricted_mean"))
        point = Point(int(row["dimension"]), int(row["patch_size"]), float(row["noise_level"]), int(row["chains"]),
                      int(row["discovered"]), each * float(row["iterations_at_risk"]), median, mean,
                      verdict=row["exponential"], further=tuple((name, str(row[name])) for name in further),
                      score_evaluations=float(row["score_evaluations"]))
        if not (point.verdict in ("yes", "no", "untested") and 1 <= point.patch_size <= point.dimension
                and 0 <= point.discovered <= point.chains and 0 <= point.at_risk < math.inf
                and point.noise_level >= 0 and 0 < each < math.inf and 0 <= point.score_evaluations < math.inf):
            raise ValueError
    except (TypeError, ValueError):
        raise Failure(f"{path}: not a row of 'modeseek summary --csv': {','.join(map(str, row.values()))}") from None
    if row["mode"] == "all" and 2 * point.discovered < point.chains:
        point.basis, point.mean = "kaplan_meier", Interval(math.inf, median.low, math.inf)
    elif point.discovered == point.chains and point.verdict != "yes":
        point.basis, point.mean = "plain", restricted
    return point


def read_points(path: str, rule: str | None, mode: str, program: str | None,
                cost: str = "iterations") -> tuple[list[Point], str]:
    """The points of a file with the given mode, and rule, which is returned, too: by default ball, if the file has it,
    else its first one."""
    reader = csv.DictReader(read_text(path, program).splitlines())
    rows, header = list(reader), reader.fieldnames or []
    absent = [name for name in COLUMNS if name not in header or (rows and rows[0][name] is None)]
    if absent:
        raise Failure(f"{path} is not a table of 'modeseek summary --csv': it lacks {', '.join(absent)}")
    if not rows:
        raise Failure(f"{path}: no finished chains yet; see 'modeseek status'")
    modes = sorted({str(row["mode"]) for row in rows})
    if mode not in modes:
        raise Failure(f"{path} has no mode '{mode}'; it has {', '.join(modes)}")
    rules = list(dict.fromkeys(str(row["rule"]) for row in rows))
    rule = rule or ("ball" if "ball" in rules else rules[0])
    if rule not in rules:
        raise Failure(f"{path} has no rows of rule '{rule}'; it has {', '.join(rules)}")
    further = list(header[:header.index("dimension")])  # the axes that not every file has come first
    points = [parse_row(row, further, cost, path) for row in rows if row["rule"] == rule and row["mode"] == mode]
    return [p for p in points if p.chains > 0], rule


def read_budgets(path: str, cost: str = "iterations") -> set[tuple[float, float]]:
    """The budgets of chains, and what an iteration costs, for lines in the figure; none of a table or where h5py is not
    installed."""
    if path.endswith(".csv"):
        return set()
    os.environ["HDF5_PLUGIN_PRELOAD"] = "::"  # no plugins: a file could name one
    try:
        import h5py

        with h5py.File(path, "r") as file:
            values = {}  # of each point; those in other files are not looked at
            for name in ("iterations", cost):
                if not isinstance(file.get(name, getlink=True), h5py.HardLink):
                    return set()
                dataset = file[name]
                if dataset.is_virtual or dataset.external or dataset.size > POINTS_MAX:
                    return set()
                values[name] = dataset[:].astype(float)
            each = np.ones_like(values[cost]) if cost == "iterations" else values[cost]
            budgets = zip((values["iterations"] * each).tolist(), each.tolist(), strict=True)
            return {(budget, of_each) for budget, of_each in budgets if 0 < budget < math.inf}
    except (ImportError, OSError, KeyError, ValueError, TypeError, AttributeError):
        return set()


# ---- computing


def group_lines(points: Iterable[Point]) -> list[Line]:
    """Points by line, vanilla first, each sorted by dimension."""
    points = list(points)
    lines: dict[tuple[int | None, float, tuple[tuple[str, str], ...]], Line] = {}
    chained = {(p.patch_size, p.noise_level, p.further) for p in points if p.patch_size < p.dimension}
    for p in points:
        keys: list[tuple[int | None, float, tuple[tuple[str, str], ...]]] = []
        if p.patch_size == p.dimension:
            keys.append((None, p.noise_level, p.further))
        if (p.patch_size, p.noise_level, p.further) in chained:
            keys.append((p.patch_size, p.noise_level, p.further))
        for key in keys:
            lines.setdefault(key, Line(*key, [])).points.append(p)
    for line in lines.values():
        line.points.sort(key=lambda p: p.dimension)
        for one, next_one in zip(line.points, line.points[1:]):
            if one.dimension == next_one.dimension:
                raise Failure(f"dimension {one.dimension}, patch size {one.patch_size}, noise level "
                              f"{one.noise_level:g} occurs twice: name each file once, make tables with --pool seed")
    if len(lines) > LINES_MAX:
        raise Failure(f"{len(lines)} lines cannot be told apart in one figure, at most {LINES_MAX} can: choose rows of "
                      "'modeseek summary --csv --pool seed' and give them as a table")
    return sorted(lines.values(), key=lambda line: (line.patch_size is not None, line.patch_size or 0,
                                                    line.noise_level))  # further axes stay in the order of the file


def student_quantile(freedom: int) -> float:
    """The 95 % quantile, both sides, of Student's t with that many degrees of freedom, by bisection.

    P(|t| < x) is a finite sum in theta = atan(x / sqrt(freedom)): Abramowitz and Stegun, 26.7.3 and 26.7.4.
    """
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        theta = (low + high) / 2
        term, total = (math.cos(theta), 0.0) if freedom % 2 else (1.0, 0.0)
        for i in range(2 + freedom % 2, freedom + 1, 2):
            total += term
            term *= math.cos(theta) ** 2 * (i - 1) / i
        inside = math.sin(theta) * total
        if freedom % 2:
            inside = 2 / math.pi * (theta + inside)
        low, high = (theta, high) if inside < 0.95 else (low, theta)
    return math.sqrt(freedom) * math.tan(low)


def fit_weight(point: Point) -> tuple[float, float]:
    """Discoveries and time at risk of a point, for a fit; of a plain mean, as many discoveries of an exponential
    law as would give it its interval."""
    if point.basis != "plain" or not 0 < point.mean.low < point.mean.high:
        return point.discovered, point.at_risk
    count = (2 * NORMAL_QUANTILE / math.log(point.mean.high / point.mean.low)) ** 2
    return count, count * point.mean.value


def fit_line(points: list[Point], x_of: Callable[[float], float]) -> Fit | None:
    """Maximum likelihood of exponential times with log(mean) linear in x_of(dimension); None without two dimensions
    that have discoveries.

    The likelihood is that of Poisson counts with mean at_risk / mean, so that points without a discovery
    take part. The interval comes from the information at the maximum. Where the dispersion of the counts is above 1
    (the times are not exactly exponential, nor is log(mean) exactly linear) it is widened by its square root, and by
    Student's t, because the dispersion is an estimate.
    """
    used = [p for p in points if p.is_fitted and p.at_risk > 0]
    if len({p.dimension for p in used if p.discovered > 0}) < 2:
        return None
    x = np.array([x_of(p.dimension) for p in used], dtype=float)
    count, risk = np.array([fit_weight(p) for p in used], dtype=float).T
    center, found = x.mean(), count > 0
    design = np.column_stack([np.ones_like(x), x - center])
    # beta describes the log of the rate, -log(mean); Newton starts at a straight line through the estimates
    beta = np.polyfit(x[found] - center, np.log(count[found] / risk[found]), 1)[::-1]
    for _ in range(200):
        expected = risk * np.exp(np.clip(design @ beta, -600, 600))
        information = design.T @ (expected[:, None] * design)
        step = np.linalg.solve(information, design.T @ (count - expected))
        beta = beta + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-10:
            break
    else:
        return None
    freedom = len(used) - 2
    dispersion = float(((count - expected) ** 2 / expected).sum()) / freedom if freedom > 0 else 1.0
    error = math.sqrt(np.linalg.inv(information)[1, 1])
    widening = math.sqrt(dispersion) * student_quantile(freedom) if dispersion > 1 else NORMAL_QUANTILE
    return Fit(intercept=float(beta[1] * center - beta[0]), slope=float(-beta[1]), half_width=widening * error,
               dispersion=dispersion, points=len(used))


def marks_of(line: Line, estimate: str) -> list[tuple[Point, str, str, Interval]]:
    """What is drawn of a line: point, statistic (mean or median), kind (estimate or lower_bound) and numbers."""
    marks = []
    for statistic in ("mean", "median") if estimate == "both" else (estimate,):
        for p in line.points:
            interval: Interval = getattr(p, statistic)
            kind = "estimate" if math.isfinite(interval.value) else "lower_bound"
            marks.append((p, statistic, kind, interval))
    return marks


def warning_of(lines: list[Line], cost: str) -> str:
    """Why lines are not to be compared; "" where they are."""
    costs = {p.score_evaluations for line in lines for p in line.points}
    return UNEQUAL if cost == "iterations" and len(costs) > 1 else ""


# ---- drawing


def is_visible(kind: str, interval: Interval) -> bool:
    """Whether a mark is on a logarithmic axis."""
    return (interval.low if kind == "lower_bound" else interval.value) > 0


def name_of(line: Line) -> str:
    """The name of a line in the tables."""
    return "vanilla" if line.patch_size is None else f"Q={line.patch_size}"


def further_axes(lines: list[Line]) -> list[str]:
    """The further axes of all lines, which may be of several files."""
    return list(dict.fromkeys(name for line in lines for name, _ in line.further))


def varying_axes(lines: list[Line]) -> dict[str, str]:
    """The further axes on which lines differ, and what they are called: by the last part of their path where that is
    clear."""
    varying = [name for name in further_axes(lines) if len({dict(line.further).get(name) for line in lines}) > 1]
    last = [name.rpartition(".")[2] for name in varying]
    return {name: short if last.count(short) == 1 else name for name, short in zip(varying, last)}


def describe(line: Line, varying: dict[str, str]) -> str:
    """The name of a line in the legend: on further axes words speak for themselves, numbers do not."""
    further = [f"{varying[name]} {value}" if is_number(value) else value
               for name, value in line.further if name in varying]
    name = f"chained, Q = {line.patch_size}"
    if line.patch_size is None:
        name = "vanilla (Q = d)" if line.noise_level == 0 else "not chained (Q = d)"
    if line.noise_level > 0:
        name += f", σ = {line.noise_level:g}"
    return ", ".join([*further, name]).replace("$", r"\$")  # no formulas


def is_number(text: str) -> bool:
    """Whether a value of an axis is a number, not a word."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def with_interval(fit: Fit) -> str:
    """The slope to the digits its interval deserves."""
    digits = max(0, 1 - math.floor(math.log10(fit.half_width))) if fit.half_width > 0 else 4
    return f"{fit.slope:.{digits}f} ± {fit.half_width:.{digits}f}"


def legend_label(line: Line, varying: dict[str, str], estimate: str) -> str:
    """Name and fitted law of a line: of a chained one the law that fits better. The laws are those of means."""
    label = describe(line, varying)
    if estimate == "median":
        return label
    if line.patch_size is not None and line.power and (
            not line.exponential or line.power.dispersion < line.exponential.dispersion):
        return f"{label}\npower {with_interval(line.power)} of d"
    return f"{label}\nslope {with_interval(line.exponential)} per dimension" if line.exponential else label


def draw_line(axes: plt.Axes, line: Line, estimate: str, color: str, marker: str) -> None:
    """One line: estimates with bars, medians, bounds, and the exponential law of a vanilla line."""
    for statistic in {statistic for _, statistic, _, _ in marks_of(line, estimate)}:
        is_mean = statistic == "mean"
        marks = [m for m in marks_of(line, estimate) if m[1] == statistic]
        main = statistic == "mean" or estimate == "median"  # carries line and bars
        face = color if statistic == "mean" else "white"
        shown = [(p, i) for p, _, kind, i in marks if kind == "estimate" and is_visible(kind, i)]
        doubted = [(p, i) for p, i in shown if is_mean and p.doubt]
        known = [(p.dimension, i) for p, i in shown if not (is_mean and p.doubt)]
        for p, i in doubted:
            axes.plot([p.dimension] * 2, [i.low, i.high if math.isfinite(i.high) else i.value], ":", color=color,
                      linewidth=1.5, zorder=3)
            axes.plot([p.dimension], [i.value], marker, color=color, markerfacecolor="white", markersize=11, zorder=4)
            axes.plot([p.dimension], [i.value], marker=DOUBT_MARKERS[p.doubt], color=color, markersize=7, zorder=5)
        if known:
            d, value = [x for x, _ in known], np.array([i.value for _, i in known])
            if main:
                low, high = (np.array([getattr(i, end) for _, i in known]) for end in ("low", "high"))
                high[~np.isfinite(high)] = value[~np.isfinite(high)]  # no upper end: no bar upwards
                axes.errorbar(d, value, yerr=[value - low, high - value], color=color, fmt="none", capsize=3,
                              linewidth=1.5, zorder=3)
            axes.plot(d, value, marker, color=color, markerfacecolor=face, markersize=8 if main else 6,
                      linestyle="-" if main and line.patch_size is not None else "none", linewidth=1.3,
                      zorder=(4 if main else 3) + (0.5 if line.patch_size is None else 0))
        for p, _, kind, interval in marks:
            if kind == "lower_bound" and is_visible(kind, interval):
                if main:
                    axes.annotate("", xy=(p.dimension, interval.low * 3.5), xytext=(p.dimension, interval.low),
                                  arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": 1.8,
                                              "shrinkA": 0, "shrinkB": 0})
                    axes.plot([p.dimension], [interval.low * 4], alpha=0)  # keeps the arrow inside the axes
                if main and is_mean and p.doubt:
                    axes.plot([p.dimension], [interval.low * 5], marker=DOUBT_MARKERS[p.doubt], color=color,
                              markersize=9)
                axes.plot([p.dimension], [interval.low], "_" if main else "^", color=color, markerfacecolor=face,
                          zorder=4, markersize=12 if main else 6, markeredgewidth=2 if main else 1)
    if line.patch_size is None and line.exponential and estimate != "median":
        fitted = [p.dimension for p in line.points if p.is_fitted]
        ends = np.array([fitted[0], fitted[-1]], dtype=float)
        axes.plot(ends, np.exp(line.exponential.intercept + line.exponential.slope * ends), "--", color=color,
                  linewidth=1.5, zorder=2)


def styles_of(lines: list[Line]) -> list[tuple[str, str]]:
    """Colour and marker of each line: where there are several samplers, say, a colour for each and a marker for each
    patch size and noise level, if there are enough."""
    combinations = list(dict.fromkeys(line.further for line in lines))
    kinds = list(dict.fromkeys((line.patch_size, line.noise_level) for line in lines))
    if 1 < len(combinations) <= len(COLORS) and 1 < len(kinds) <= len(MARKERS):
        return [(COLORS[combinations.index(line.further)], MARKERS[kinds.index((line.patch_size, line.noise_level))])
                for line in lines]
    return [(COLORS[i % len(COLORS)], MARKERS[(i + i // len(COLORS)) % len(MARKERS)]) for i in range(len(lines))]


def legend_handles(lines: list[Line], styles: list[tuple[str, str]], estimate: str) -> list[Line2D]:
    """An entry for each line, then one for each kind of mark that occurs."""
    handles, varying = [], varying_axes(lines)
    for line, (color, marker) in zip(lines, styles):
        is_fitted = line.exponential and estimate != "median"
        style = "-" if line.patch_size is not None else "--" if is_fitted else "none"
        handles.append(Line2D([], [], color=color, marker=marker, markersize=8, linestyle=style,
                              label=legend_label(line, varying, estimate),
                              markerfacecolor="white" if estimate == "median" else color))
    marks = [mark for line in lines for mark in marks_of(line, estimate) if is_visible(mark[2], mark[3])]
    bound = "$\\uparrow$"
    reasons = {("mean", "estimate"): ("o", "mean, 95 % interval"),
               ("mean", "lower_bound"): (bound, "mean: only a 95 % lower bound"),
               ("median", "estimate"): ("o", "median (Kaplan–Meier)"),
               ("median", "lower_bound"): (bound if estimate == "median" else "^", "median: only a 95 % lower bound"),
               ("mean", "no"): ("x", "exponential mean, but times are\nnot exponential (p < 0.01)"),
               ("mean", "untested"): ("$?$", "exponential mean, untested: fewer\nthan 5 discoveries or 3 passes")}
    occurring = {(statistic, point.doubt if statistic == "mean" and point.doubt and kind == "estimate" else kind)
                 for point, statistic, kind, _ in marks}
    occurring |= {(statistic, point.doubt) for point, statistic, _, _ in marks if statistic == "mean"}
    for reason, (marker, text) in reasons.items():
        if reason in occurring:
            handles.append(Line2D([], [], color="0.35", marker=marker, linestyle="none", label=text,
                                  markersize=12 if marker == bound else 8,
                                  markerfacecolor="white" if reason[0] == "median" and marker != bound else "0.35"))
    return handles


def draw(lines: list[Line], budgets: list[tuple[float, float]], options: argparse.Namespace) -> None:
    """The figure."""
    plt.rcParams.update({"font.size": 15, "axes.spines.top": False, "axes.spines.right": False})
    styles = styles_of(lines)
    legend = legend_handles(lines, styles, options.estimate)
    legend_rows = sum(1.6 + handle.get_label().count("\n") for handle in legend)
    figure, axes = plt.subplots(figsize=(12, max(6.5, 1 + 0.2 * legend_rows)), layout="constrained")
    axes.set_yscale("log", nonpositive="clip")
    for line, (color, marker) in zip(lines, styles):
        draw_line(axes, line, options.estimate, color, marker)
    for budget, each in budgets if len(budgets) <= BUDGETS_MAX else []:
        axes.axhline(budget, color="0.45", linewidth=1, zorder=1)
        name = "budget" if len({of for _, of in budgets}) == 1 else f"budget, at {each:g} an iteration"
        axes.annotate(name, xy=(0, budget), xycoords=("axes fraction", "data"), xytext=(6, 3),
                      textcoords="offset points", color="0.35", fontsize=12)
        axes.plot([lines[0].points[0].dimension], [budget * 1.5], alpha=0)  # room for the word
    chains = sorted({p.chains for line in lines for p in line.points})
    number = f"{chains[0]}" if len(chains) == 1 else f"{chains[0]} to {chains[-1]}"
    what = {"any": "the first mode is", "all": "all modes are"}.get(options.mode, f"mode {options.mode} is")
    counted = options.cost.replace("_", " ")
    axes.set_title(f"{counted.capitalize()} until {what} discovered", loc="left", fontsize=18, pad=26)
    axes.annotate(f"rule {options.rule}, {number} chains a point", xy=(0, 1), xycoords="axes fraction", xytext=(0, 8),
                  textcoords="offset points", color="0.35", fontsize=13)
    axes.set_xlabel("dimension d")
    if warning_of(lines, options.cost):
        figure.supxlabel(warning_of(lines, options.cost), x=0.01, ha="left", color="#B00020", fontsize=13)
    axes.set_ylabel(counted)
    axes.grid(axis="y", which="major", color="0.92")
    axes.set_axisbelow(True)
    axes.minorticks_off()
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 2.5, 5, 10]))
    low, high = axes.get_ylim()
    if high < 100 * low:  # powers of ten alone would be too few
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.legend(handles=legend, loc="center left",
                bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=13, labelspacing=0.8)
    figure.savefig(options.output, dpi=150)
    plt.close(figure)


# ---- tables


def write_table(path: str, header: list[str], rows: Iterable[list[object]]) -> None:
    """A CSV file."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def further_values(lines: list[Line], line: Line) -> list[str]:
    """Where a line lies on them; empty where its file has no such axis."""
    return [dict(line.further).get(name, "") for name in further_axes(lines)]


def drawn_rows(lines: list[Line], estimate: str, cost: str) -> list[list[object]]:
    """A row for each mark."""
    return [[*further_values(lines, line), name_of(line), p.dimension, p.patch_size, p.noise_level, p.chains,
             p.discovered, p.chains - p.discovered, statistic, kind, p.basis if statistic == "mean" else "kaplan_meier",
             p.verdict, i.value, i.low, i.high, cost, warning_of(lines, cost)]
            for line in lines for p, statistic, kind, i in marks_of(line, estimate)]


def fit_rows(lines: list[Line], cost: str) -> list[list[object]]:
    """A row for each fit."""
    return [[*further_values(lines, line), name_of(line), line.noise_level, law, fit.intercept, fit.slope,
             fit.slope - fit.half_width, fit.slope + fit.half_width, fit.dispersion, fit.points, cost,
             warning_of(lines, cost)]
            for line in lines for law, fit in (("exponential", line.exponential), ("power", line.power)) if fit]


# ---- command line


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE",
                        help="results file, or the output of 'modeseek summary --csv --pool seed' named .csv")
    parser.add_argument("-o", "--output", required=True, metavar="FIG", help="the figure: .png, .pdf or .svg")
    parser.add_argument("--rule", help="discovery rule (default: ball, or the first one of a file without it)")
    parser.add_argument("--mode", default="any", help="a mode's number, any or all (default: any)")
    parser.add_argument("--estimate", choices=("mean", "median", "both"), default="both",
                        help="what to draw (default: both)")
    parser.add_argument("--cost", choices=COSTS, default="iterations",
                        help="what times are counted in (default: iterations)")
    parser.add_argument("--csv", metavar="OUT.csv", help="table of what was drawn; OUT-fits.csv holds the fits "
                                                         "(default: named after FIG)")
    parser.add_argument("--modeseek", metavar="PROGRAM",
                        help="the modeseek program (default: $MODESEEK, build/*/bin/modeseek, the installed one, PATH)")
    return parser.parse_args(arguments)


def output_names(options: argparse.Namespace) -> list[str]:
    """Figure, table and table of fits; refused where one would replace an input or another one."""
    figure = Path(options.output)
    if figure.suffix not in (".png", ".pdf", ".svg"):
        raise Failure(f"{figure}: the figure's name must end in .png, .pdf or .svg")
    table = Path(options.csv) if options.csv else figure.with_suffix(".csv")
    fits = table.with_name(f"{table.stem}-fits{table.suffix}")
    names = [str(figure), str(table), str(fits)]
    if len({os.path.realpath(name) for name in names}) < len(names):
        raise Failure(f"{table}: the figure has this name already; choose another for --csv")
    for name in names:
        if any(os.path.exists(name) and os.path.exists(file) and os.path.samefile(name, file)
               for file in options.files):
            raise Failure(f"{name} is an input and would be overwritten; choose another name")
    return names


def run(arguments: list[str]) -> None:
    """Everything; raises Failure with a message for the user."""
    options = parse_arguments(arguments)
    names = output_names(options)
    points: list[Point] = []
    for path in options.files:  # all with the rule of the first one
        of_file, options.rule = read_points(path, options.rule, options.mode, options.modeseek, options.cost)
        points += of_file
    lines = group_lines(points)
    for line in lines:
        line.exponential, line.power = fit_line(line.points, float), fit_line(line.points, math.log)
    budgets: set[tuple[float, float]] = set()
    if any(p.discovered < p.chains for p in points):
        budgets = set().union(*(read_budgets(path, options.cost) for path in options.files))
    writers = (lambda: draw(lines, sorted(budgets), options),
               lambda: write_table(names[1], further_axes(lines) + DRAWN_COLUMNS,
                                   drawn_rows(lines, options.estimate, options.cost)),
               lambda: write_table(names[2], further_axes(lines) + FIT_COLUMNS, fit_rows(lines, options.cost)))
    for name, write in zip(names, writers):
        try:
            write()
        except OSError as error:  # a full disk is noticed without a file name
            raise Failure(f"cannot write {error.filename or name}: {error.strerror}") from None
    hidden = sum(not is_visible(kind, i) for line in lines for _, _, kind, i in marks_of(line, options.estimate))
    if hidden:
        print(f"hardness_curve.py: {hidden} marks at 0 {options.cost.replace('_', ' ')} do not show on the logarithmic "
              f"axis; they are in {names[1]}", file=sys.stderr)
    if warning_of(lines, options.cost):
        print(f"hardness_curve.py: warning: {warning_of(lines, options.cost)}", file=sys.stderr)
    print(*names)


def main(arguments: list[str]) -> int:
    """Exit code 0, or 1 after a message (2: wrong command line)."""
    try:
        run(arguments)
    except Failure as failure:
        printable = "".join(c if c.isprintable() or c == "\n" else "?" for c in str(failure))  # files are quoted in it
        print(f"hardness_curve.py: {printable}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
