# SPDX-License-Identifier: GPL-3.0-or-later
"""By whom, where and with what a results file was computed."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

import h5py  # which the package has forbidden to load plugins, in results.py
import numpy as np

from .errors import Failure
from .results import _names, _read, _text


@dataclass(frozen=True)
class Provenance:
    """The group /provenance of a results file, texts as they stand there: not to be trusted.

    versions: of the program that created the file, and its libraries. starts: an entry for each start of the program.
    sources: the files that a merged one was made from. ranks: number of the rank that computed each block, -1 where
    none did. keys: of the random numbers of each point.
    """

    created_at: str
    versions: dict[str, str]
    starts: list[dict[str, str]]
    sources: list[dict[str, str]]
    ranks: np.ndarray
    keys: np.ndarray

    @property
    def releases(self) -> list[str]:
        """Versions of modeseek that created the file or computed in it."""
        return sorted({v for v in [self.versions.get("modeseek"), *(start.get("version") for start in self.starts)]
                       if v})

    @property
    def commits(self) -> list[str]:
        """The commits that these were built from."""
        return sorted({c for c in [self.versions.get("git_commit"), *(start.get("git_commit") for start in self.starts)]
                       if c})


def _object(text: str) -> dict[str, str]:
    """A JSON object's values as texts; empty where it is none."""
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return {str(k): "" if v is None else str(v) for k, v in content.items()} if isinstance(content, dict) else {}


def _objects(file: h5py.File, path: str) -> list[dict[str, str]]:
    """The objects in the lines of a table; none where there is no table."""
    try:
        lines = _names(file, path)
    except KeyError:
        return []
    return [found for found in map(_object, lines) if found]


def provenance(path: str | os.PathLike[str]) -> Provenance:
    """Reads it. Raises Failure where it cannot be read."""
    path = os.fspath(path)
    try:
        with h5py.File(path, "r") as file:
            return Provenance(_text(file, "provenance/created_at"), _object(_text(file, "provenance/versions")),
                              _objects(file, "provenance/start"), _objects(file, "provenance/source"),
                              _read(file, "provenance/block_rank"), _read(file, "key"))
    except (OSError, LookupError, ValueError, TypeError, RuntimeError, AttributeError, MemoryError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise Failure(f"{path}: its provenance cannot be read ({reason}); 'modeseek verify' says more") from None
