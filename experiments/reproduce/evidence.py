# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers that a verdict is computed from: the program's own statistics of a row's results."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import modeseek
import numpy as np
import pandas
from modeseek import estimators
from modeseek.figures.hardness import with_interval
from modeseek.fits import Fit, fit_line, fit_means
from modeseek.points import Point, read_points
from modeseek.program import run
from modeseek.results import select as select_points


@dataclass
class Growth:
    """How mean discovery times grow with the dimension along a line of points: exp(a + b d), and d^p."""

    points: list[Point]

    @cached_property
    def exponential(self) -> Fit | None:
        """Slope: per dimension."""
        return self.fit(float)

    @cached_property
    def power(self) -> Fit | None:
        """Slope: the power."""
        return self.fit(math.log)

    def fit(self, x_of: Callable[[float], float]) -> Fit | None:
        """Of chains, if there are any, else of the means of other estimators."""
        return (fit_line if any(p.is_direct for p in self.points) else fit_means)(self.points, x_of)

    @property
    def is_exponential(self) -> bool:
        """Whether an exponential describes the counts and a power does not: the power's dispersion is well above 1, and
        larger."""
        return bool(self.exponential and self.power
                    and self.power.dispersion > max(2, 1.5 * self.exponential.dispersion))

    def beyond(self, dimension: int) -> Growth:
        """Only larger dimensions, and this one."""
        return Growth([p for p in self.points if p.dimension >= dimension])

    def at(self, dimension: int) -> Point | None:
        """The point of a dimension."""
        return next((p for p in self.points if p.dimension == dimension), None)

    @property
    def slope_text(self) -> str:
        """Slope with its 95 % interval."""
        return interval_text(self.exponential, "per dimension")

    @property
    def power_text(self) -> str:
        """Power with its 95 % interval."""
        return interval_text(self.power, "")


def interval_text(fit: Fit | None, unit: str) -> str:
    """A fitted slope with its 95 % interval."""
    return f"{with_interval(fit)} {unit}".strip() if fit else "no fit"


class Evidence:
    """A results file, and its sweep file."""

    def __init__(self, path: Path, sweep: Path) -> None:
        self.path, self.sweep = path, sweep

    @cached_property
    def shares(self) -> pandas.DataFrame:
        """`modeseek summary --shares`: a row for each point and snapshot."""
        return modeseek.summary(self.path, "--shares")

    def pass_ends(self) -> pandas.DataFrame:
        """Of these the rows at the end of the first pass, where its length is an axis: column `length`."""
        frame = self.shares
        return frame[frame.iteration == frame["sampler.iterations_per_pass"]].rename(columns={"iteration": "length"})

    def growth(self, rule: str | None = None, mode: str = "any", **select: object) -> Growth:
        """The points of a line, by dimension: patch_size="full" and further axes, dots written as two underscores."""
        chosen = tuple((name.replace("__", "."), str(value)) for name, value in select.items())
        if estimators.has_estimators(str(self.path), self.data):
            points, _ = estimators.read_points(str(self.path), select_points(self.data, chosen), rule, select=chosen)
        else:
            points, _ = read_points(str(self.path), rule, mode, select=chosen)
        return Growth(sorted(points, key=lambda p: p.dimension))

    def values(self, axis: str) -> list:
        """The values of an axis, each once, in the order of the file."""
        return list(dict.fromkeys(self.data[axis].values.tolist()))

    @cached_property
    def data(self):
        """The columns of the file, observables included."""
        return modeseek.open(self.path)

    def advice(self, iterations: str = "1e8") -> list[dict]:
        """What `modeseek advise` recommends for the sweep, by cost in iterations, after a race of this many: an object
        for each variant."""
        return json.loads(run("advise", str(self.sweep), "--json", "--quiet", "--cost", "iterations",
                              "--iterations", iterations, "--seconds", "120"))

    def tables(self, kind: str) -> dict[str, pandas.DataFrame]:
        """The tables of a kind of figure."""
        import matplotlib.pyplot as plt

        drawing = modeseek.plot(kind, [str(self.path)])
        plt.close(drawing.figure)
        return drawing.tables

    def chains(self, rule: str, mode: str = "any") -> pandas.DataFrame:
        """A row for each chain: axes, time, discovered."""
        return modeseek.chains(self.data, rule, mode)

    @cached_property
    def processor_seconds(self) -> np.ndarray:
        """CPU time of each point."""
        import h5py

        with h5py.File(self.path, "r") as file:
            seconds, point = file["provenance/block_seconds"][()], file["block/point"][()]
            return np.bincount(point, np.where(np.isfinite(seconds), seconds, 0), len(file["point"]))
