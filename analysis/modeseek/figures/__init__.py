# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of figures: a module each, with NAME, PURPOSE, OPTIONS and `draw(sources, options) -> Drawing`.

OPTIONS are the options that a kind takes, besides those that all take.
"""

from __future__ import annotations

import dataclasses
import importlib
import os
from collections.abc import Iterable, Sequence
from types import ModuleType

from ..drawing import Drawing, Options, Source
from ..errors import Misuse

KINDS = ("hardness", "survival", "shares", "distances", "patch-size", "heat-map", "cost", "noise-level", "stationarity",
         "speed-up", "gain", "mode-share", "labels",
         "samples")


def kind(name: str) -> ModuleType:
    """The module of a kind of figure. Raises Failure where there is none of that name."""
    if name not in KINDS:
        raise Misuse(f"there is no kind of figure '{name}'; choose one of {', '.join(KINDS)}")
    return importlib.import_module(f".{name.replace('-', '_')}", __name__)


def check_options(name: str, given: Iterable[str]) -> None:
    """Raises Failure where a kind would ignore an option that is given."""
    takes = kind(name).OPTIONS
    for option in given:
        if option not in (*takes, "select", "dark", "program"):
            can = ", ".join(f"--{one}" for one in (*takes, "select"))
            raise Misuse(f"the kind {name} takes no --{option}, only {can}")


def plot(name: str, files: Sequence[str | os.PathLike[str]], options: Options | None = None) -> Drawing:
    """A figure of that kind of these files: `plot("survival", ["results.h5"]).save("survival.png")`. Raises Failure."""
    options = options or Options()
    check_options(name, [field.name for field in dataclasses.fields(Options)
                         if getattr(options, field.name) != field.default])
    return kind(name).draw([Source(file, options) for file in files], options)
