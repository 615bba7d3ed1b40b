# SPDX-License-Identifier: GPL-3.0-or-later
"""How all figures look: colours, fonts, and the words around what is drawn."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Hashable, Iterable, Iterator, Sequence

# Matplotlib obeys a file matplotlibrc in the current folder, and executes code in it: others' files may lie there.
_here = os.open(".", os.O_RDONLY)
os.chdir("/")
try:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.transforms import ScaledTranslation
finally:
    os.fchdir(_here)
    os.close(_here)

# Okabe and Ito's palette without yellow, too light for lines: colour-blind readers tell these apart.
COLORS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
DARK_COLORS = ("#E8743B", "#4FA3E0", "#2FBF94", "#DDA0C4", "#86CDF2", "#F0B73A", "#F2F2F2")
MARKERS = "osDvPXh"
WARNING = "#B00020"


class Look:
    """Colours of a figure on white paper, or on a dark page."""

    def __init__(self, dark: bool = False) -> None:
        self.colors = DARK_COLORS if dark else COLORS
        self.text, self.faint, self.grid = ("#F2F2F2", "#B5B5B5", "#3A3A3A") if dark else ("black", "0.35", "0.92")
        self.background = "#1B1D21" if dark else "white"
        self.warning = "#FF8A80" if dark else WARNING

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Everything that is drawn within looks so."""
        with matplotlib.rc_context({
                "font.size": 15, "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "modeseek",
                "text.color": self.text, "axes.edgecolor": self.text, "axes.labelcolor": self.text,
                "xtick.color": self.text, "ytick.color": self.text, "figure.facecolor": self.background,
                "axes.facecolor": self.background, "savefig.facecolor": self.background, "grid.color": self.grid,
                "axes.axisbelow": True}):
            yield


def marks(keys: Sequence[Hashable], rows: Sequence[Hashable] | None = None,
          columns: Sequence[Hashable] | None = None, look: Look | None = None) -> list[tuple[str, str]]:
    """Colour and marker of each key, in turn. Where `rows` and `columns` say what the keys are made of (samplers and
    patch sizes, say), a colour for each row and a marker for each column, if there are enough."""
    colors = (look or Look()).colors
    if rows is not None and columns is not None:
        kinds, shapes = list(dict.fromkeys(rows)), list(dict.fromkeys(columns))
        if 1 < len(kinds) <= len(colors) and 1 < len(shapes) <= len(MARKERS):
            return [(colors[kinds.index(r)], MARKERS[shapes.index(c)]) for r, c in zip(rows, columns)]
    n = len(colors)
    return [(colors[i % n], MARKERS[(i + i // n) % len(MARKERS)]) for i in range(len(keys))]


LETTER = 0.085  # inches that a letter of a fact takes


def title(axes: plt.Axes, text: str, subtitle: str, look: Look) -> None:
    """What is drawn, and below it, smaller, of what."""
    axes.set_title(text, loc="left", fontsize=18, pad=26)
    axes.annotate(subtitle, xy=(0, 1), xycoords="axes fraction", xytext=(0, 8), textcoords="offset points",
                  color=look.faint, fontsize=13)


def headline(figure: plt.Figure, text: str, subtitle: str, look: Look) -> None:
    """The same for a figure of several panels."""
    figure.suptitle(f"{text}\n", x=0.01, ha="left", fontsize=18)  # the second line keeps room
    below = figure.transFigure + ScaledTranslation(0, -0.48, figure.dpi_scale_trans)  # the figure may yet grow
    figure.text(0.01, 1, subtitle, color=look.faint, fontsize=13, va="center", transform=below)


def notes(figure: plt.Figure, warnings: Iterable[str], facts: Iterable[str], look: Look) -> int:
    """Below the axes: warnings, in their colour, and facts about the data, those of all files that are alike once and the
    digests last, in as many lines as it returns."""
    warnings, facts = [w for w in warnings if w], list(dict.fromkeys(f for f in facts if f))
    facts.sort(key=lambda fact: fact.startswith("digest "))
    if warnings:
        figure.supxlabel("\n".join(warnings), x=0.01, ha="left", color=look.warning, fontsize=13)
    lines: list[str] = []
    for fact in facts:
        if lines and len(lines[-1]) + len(fact) < figure.get_figwidth() / LETTER:
            lines[-1] += f" · {fact}"
        else:
            lines.append(fact)
    if lines:
        figure.text(0.01, -0.01, "\n".join(lines), ha="left", va="top", color=look.faint, fontsize=11)
    return len(lines)
