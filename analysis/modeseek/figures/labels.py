# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels of the vectors of the data that chains are near, as a histogram beside that of the data.

Only chains near a vector count, as in the kind mode-share; a flip has the label of its vector. A panel for each line of the
sweep, seeds pooled; bars are shares with Wilson's 95 % intervals, and strokes the shares in the data. Each panel says the
total variation distance between the two, and the one that as many independent draws from the data would have on average.
The snapshot is that of --iteration, by default the last one; --select matters.

Table: a row for each label of each line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas
from matplotlib.lines import Line2D

from .. import images, style
from ..drawing import Drawing, Options, Source
from ..errors import Refusal
from ..groups import is_within_pass, pass_warnings
from ..inference import wilson
from ..panels import Panels, name_panel
from ..points import number_range
from .mode_share import Values, name_of, values_of
from .patch_size import differences

NAME = "labels"
PURPOSE = "labels of the vectors that chains are near, as a histogram (data as targets)"
OPTIONS = ("iteration",)

PANELS_MAX = 12
LABELS_MAX = 40
DRAWS = 1000  # sets of independent draws


@dataclass
class Histogram:
    """How many chains of a line are near vectors of each label; the shares in the data, empty where not known."""

    count: np.ndarray
    chains: int
    expected: np.ndarray
    iteration: int
    is_within_pass: bool

    @property
    def distance(self) -> float:
        """Total variation distance from the data's histogram; NaN: not known."""
        if not self.expected.size or not self.count.sum():
            return float("nan")
        return float(abs(self.count / self.count.sum() - self.expected).sum() / 2)

    @property
    def of_draws(self) -> float:
        """The same of as many independent draws, on average."""
        if not self.expected.size or not self.count.sum():
            return float("nan")
        number = int(self.count.sum())
        draws = np.random.default_rng(1).multinomial(number, self.expected, DRAWS) / number
        return float(abs(draws - self.expected).sum(axis=1).mean() / 2)


def read(sources: list[Source], iteration: int | None) -> dict[Values, Histogram]:
    """The histograms of all lines. Raises Failure and Refusal."""
    rows = []
    for source, differing in zip(sources, differences(sources)):
        images.require_nearest(source)
        if "label" not in source.data:
            raise Refusal(f"{source.path} records no labels; list label under `observables` in the sweep, and name files of "
                          "labels under `data`")
        rows += [(source, point, row) for point, row in enumerate(values_of(source, differing))]
    varying = [name for name in dict.fromkeys(name for _, _, row in rows for name in row)
               if len({row.get(name) for _, _, row in rows}) > 1]
    found: dict[Values, Histogram] = {}
    for source, point, row in rows:
        place = images.place_of(source, point, iteration)
        if place is None:
            continue
        one = source.data.isel(point=point)
        label = one.label.sel(snapshot=place.iteration).values[one.nearest_mode.sel(snapshot=place.iteration).values >= 0]
        weights = images.label_weights(source.data)
        known = np.zeros(0) if weights is None else weights
        size = max(int(label.max()) + 1, known.size)
        line = tuple((name, row.get(name, "")) for name in varying)
        before = found.setdefault(line, Histogram(np.zeros(size, dtype=int), 0, known, place.iteration, False))
        if before.count.size < size:
            before.count = np.pad(before.count, (0, size - before.count.size))
        before.count += np.bincount(label[place.is_near & (label >= 0)], minlength=before.count.size)
        before.chains += label.size
        before.is_within_pass |= is_within_pass(place.iteration, float(one.pass_iterations))
    if not found:
        raise Refusal("no chain has come to a snapshot yet; see 'modeseek status'")
    return found


def draw(sources: list[Source], options: Options) -> Drawing:
    """The figure; raises Failure, and Refusal where there are too many lines or labels."""
    found, look = read(sources, options.iteration), options.look
    if len(found) > PANELS_MAX:
        raise Refusal(f"{len(found)} panels are too many to be read, at most {PANELS_MAX} can; choose by --select")
    if max(one.count.size for one in found.values()) > LABELS_MAX:
        raise Refusal(f"more than {LABELS_MAX} labels cannot be told apart; --csv of the kind mode-share has shares of modes")
    far = sum(one.chains - int(one.count.sum()) for one in found.values())
    warnings = pass_warnings(one.iteration for one in found.values() if one.is_within_pass)
    warnings += [f"{far} of {sum(one.chains for one in found.values())} chains are near no vector of the data, and are left "
                 "out"] if far else []
    with look.applied():
        panels = Panels(len(found))
        for axes, (line, one) in zip(panels.used, found.items()):
            place, number = np.arange(one.count.size), max(int(one.count.sum()), 1)
            share, (low, high) = one.count / number, wilson(one.count, number)
            axes.bar(place, share, color=look.colors[1], width=0.7, yerr=np.maximum([share - low, high - share], 0),
                     ecolor=look.text, capsize=2)
            if one.expected.size:
                axes.hlines(one.expected, place[:one.expected.size] - 0.45, place[:one.expected.size] + 0.45,
                            color=look.colors[0], linewidth=2.5, zorder=4)
            axes.set_xticks(place if place.size <= 20 else place[::5])
            text = f"distance {one.distance:.2f} ({one.of_draws:.2f} for independent draws)" if one.expected.size else ""
            name_panel(axes, ", ".join(filter(None, [name_of(line), text])))
            axes.grid(axis="y")
        panels.label("label of the nearest vector", "share of chains")
        panels.legend([Line2D([], [], color=look.colors[1], linewidth=8, label="chains"),
                       Line2D([], [], color=look.colors[0], linewidth=2.5, label="data")])
        iterations = number_range(one.iteration for one in found.values())
        style.headline(panels.figure, f"Labels of the vectors that chains are near after {iterations} iterations",
                       f"{number_range(one.chains for one in found.values())} chains per point, 95 % intervals", look)
        style.notes(panels.figure, warnings, images.facts_of(sources), look)
    return Drawing(panels.figure, {"": table_of(found, warnings)}, warnings)


def table_of(found: dict[Values, Histogram], warnings: list[str]) -> pandas.DataFrame:
    """A row for each label of each line."""
    rows = []
    for line, one in found.items():
        number = max(int(one.count.sum()), 1)
        for label, count in enumerate(one.count.tolist()):
            low, high = wilson(count, number)
            rows.append({**dict(line), "iteration": one.iteration, "chains": one.chains, "near": int(one.count.sum()),
                         "label": label, "count": count, "share": count / number, "low": float(low), "high": float(high),
                         "in_data": one.expected[label] if label < one.expected.size else float("nan"),
                         "total_variation": one.distance, "of_independent_draws": one.of_draws,
                         "warning": "; ".join(warnings)})
    return pandas.DataFrame(rows)
