# SPDX-License-Identifier: GPL-3.0-or-later
"""Small multiples: how many columns, which panels carry labels, and where the legend is."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from .marks import number_text


BESIDE_LEGEND, ABOVE_LEGEND = 7.5, 1.6  # inches that remain for panels, and for titles


class Panels:
    """A figure of equal panels with shared axes; `used` are those in use, from the upper left on."""

    def __init__(self, number: int, alone: tuple[float, float] = (11, 6),
                 each: tuple[float, float] = (4.3, 3.6)) -> None:
        columns = number if number < 4 else math.ceil(math.sqrt(number))
        rows = math.ceil(number / columns)
        size = alone if number == 1 else (each[0] * columns + 3.2, each[1] * rows + 1.6)
        self.figure, grid = plt.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False, sharex=True,
                                         sharey=True)
        self._grid: np.ndarray = grid
        self.used: list[plt.Axes] = list(grid.flat[:number])
        for axes in grid.flat[number:]:
            axes.set_visible(False)

    def label(self, x: str, y: str) -> None:
        """Names of the axes, at the lowest panel of each column and the first of each row; numbers at all."""
        columns = self._grid.shape[1]
        for axes in self.used:
            axes.tick_params(labelbottom=True)
            if len(self.used) > 1:  # numbers of neighbours must not touch
                axes.tick_params(axis="x", labelsize=13)
            name_decades(axes)
        for axes in self.used[max(0, len(self.used) - columns):]:
            axes.set_xlabel(x)
        for row in self._grid:
            row[0].set_ylabel(y)

    def scale_iterations(self, is_log: bool) -> None:
        """The axis of iterations, logarithmic or with few enough ticks."""
        for axes in self.used:
            axes.set_xscale("log" if is_log else "linear")
            axes.margins(x=0.12 if len(self.used) > 1 else 0.05)
            if not is_log:
                axes.xaxis.set_major_locator(MaxNLocator(nbins=4 if len(self.used) > 1 else 6))
                axes.xaxis.set_major_formatter(lambda value, _: number_text(value))

    def legend(self, handles: Sequence[Artist]) -> None:
        """On the right of all panels."""
        beside(self._grid[0, -1], handles)


def name_panel(axes: plt.Axes, name: str) -> None:
    """A title above a panel, in several lines where it is long, but not within Q = 10."""
    lines = textwrap.fill(name.replace(" = ", "\u00a0=\u00a0"), 36).replace("\u00a0", " ")
    axes.set_title(lines, loc="left", fontsize=14, pad=9)


def name_decades(axes: plt.Axes) -> None:
    """Numbers between powers of ten on a logarithmic axis where these alone would be too few."""
    low, high = axes.get_xlim()
    if axes.get_xscale() == "log" and high < 100 * low:
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(lambda value, _: number_text(value))
        axes.xaxis.set_minor_formatter(NullFormatter())


def beside(axes: plt.Axes, handles: Sequence[Artist], remaining: float = BESIDE_LEGEND) -> None:
    """A legend on the right of a panel, in a figure that is made large enough for it and `remaining` inches."""
    legend = axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False, fontsize=13,
                         labelspacing=0.8)
    figure = axes.figure
    size = legend.get_window_extent(figure.canvas.get_renderer())
    figure.set_size_inches(max(figure.get_figwidth(), size.width / figure.dpi + remaining),
                           max(figure.get_figheight(), size.height / figure.dpi + ABOVE_LEGEND))


def categories(count: int) -> tuple[plt.Figure, plt.Axes]:
    """One panel with as many places side by side."""
    return plt.subplots(figsize=(max(9, 1.6 * count + 5), 6.5), layout="constrained")


def name_categories(axes: plt.Axes, names: Sequence[str]) -> None:
    """What the places are called."""
    axes.set_xticks(range(len(names)), [name.replace(", ", ",\n") for name in names], fontsize=13,
                    rotation=0 if len(names) <= 8 else 60)
    axes.set_xlim(-0.5, len(names) - 0.5)
