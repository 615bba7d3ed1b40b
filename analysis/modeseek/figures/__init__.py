# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of figures: a module each, with NAME, PURPOSE and `draw(sources, options) -> Drawing`."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from types import ModuleType

from ..drawing import Drawing, Options, Source
from ..errors import Failure

KINDS = ("hardness", "survival", "shares", "distances", "patch-size", "heat-map", "cost", "noise-level", "stationarity",
         "speed-up")


def kind(name: str) -> ModuleType:
    """The module of a kind of figure. Raises Failure where there is none of that name."""
    if name not in KINDS:
        raise Failure(f"there is no kind of figure '{name}'; choose one of {', '.join(KINDS)}")
    return importlib.import_module(f".{name.replace('-', '_')}", __name__)


def plot(name: str, files: Sequence[str | os.PathLike[str]], options: Options | None = None) -> Drawing:
    """A figure of that kind of these files: `plot("survival", ["results.h5"]).save("survival.png")`. Raises Failure."""
    options = options or Options()
    return kind(name).draw([Source(file, options) for file in files], options)
