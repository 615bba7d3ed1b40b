# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks in HDF5 files, which the family `learned` takes."""

from __future__ import annotations

import h5py
import numpy as np

from ..errors import Failure
from .forward import NAMES, NAMES_OF_CONTEXT, Network

FORMAT = "modeseek denoiser 1"


def write(path: str, network: Network, about: dict[str, object], tables: dict[str, np.ndarray]) -> None:
    """Weights as datasets at the root; `about` as attributes; `tables` (the training curve, outputs for checks) beside
    them. Raises OSError."""
    with h5py.File(path, "w") as file:
        for name, value in network.weights.items():
            file[name] = value
        for name, value in tables.items():
            file[name] = value
        file.attrs["format"] = FORMAT
        for name, value in about.items():
            file.attrs[name] = str(value) if isinstance(value, str) else value


def read(path: str) -> Network:
    """Raises Failure."""
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != FORMAT:
                raise Failure(f"{path} is no file of weights; `modeseek train` writes such a file")
            names = NAMES + (NAMES_OF_CONTEXT if "lstm_h" in file else ())
            return Network({name: file[name][()] for name in names})
    except (OSError, KeyError) as error:
        raise Failure(f"{path}: {error}; `modeseek train` writes such a file") from error
