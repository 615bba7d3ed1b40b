# SPDX-License-Identifier: GPL-3.0-or-later
"""Images for training: MNIST, reduced by averaging, and the same as a file that the family `empirical` takes."""

from __future__ import annotations

import gzip
import os
from dataclasses import dataclass

import h5py
import numpy as np

from ..errors import Failure

PIXELS_MAX = 1 << 28


@dataclass(frozen=True)
class Images:
    """Pixels in [0, 1], float32 [count][rows][columns], and labels [count]."""

    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray

    @property
    def dimension(self) -> int:
        """The number of pixels."""
        return int(np.prod(self.train.shape[1:]))


def vectors(images: np.ndarray) -> np.ndarray:
    """Images column by column, less 1/2, so that a flip is the negative: [count][pixels]."""
    return np.ascontiguousarray(images.transpose(0, 2, 1)).reshape(len(images), -1).astype(np.float32) - np.float32(0.5)


def folder() -> str:
    """Where scripts/fetch-data puts data."""
    shared = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    return os.environ.get("MODESEEK_DATA") or os.path.join(shared, "modeseek")


def read_idx(path: str) -> np.ndarray:
    """The bytes of an IDX file, packed or not. Raises Failure."""
    for name, opener in ((path, open), (path + ".gz", gzip.open)):
        if os.path.exists(name):
            with opener(name, "rb") as file:
                content = file.read(PIXELS_MAX + 1)
            break
    else:
        raise Failure(f"{path} is not there; `scripts/fetch-data mnist` puts it there (MODESEEK_DATA names another "
                      "folder)")
    rank = content[3] if len(content) > 4 and content[:3] == b"\0\0\x08" else 0
    if not 1 <= rank <= 3 or len(content) < 4 + 4 * rank:
        raise Failure(f"{path} is no IDX file of bytes; is it the right one?")
    extents = np.frombuffer(content, ">u4", rank, 4).astype(int)
    if len(content) != 4 + 4 * rank + np.prod(extents):
        raise Failure(f"{path} is shorter or longer than its extents say; is it damaged or truncated?")
    return np.frombuffer(content, np.uint8, -1, 4 + 4 * rank).reshape(extents)


def reduce(images: np.ndarray) -> np.ndarray:
    """Means of 2 x 2 pixels."""
    count, rows, columns = images.shape
    blocks = images.reshape(count, rows // 2, 2, columns // 2, 2).astype(np.float32)
    return (blocks.mean(axis=(2, 4)) / np.float32(255)).astype(np.float32)


def read_mnist(count: int, test_count: int = 10000) -> Images:
    """The first `count` training images and the first test images of MNIST, 14 x 14. Raises Failure."""
    where = os.path.join(folder(), "mnist")
    images, labels, test, test_labels = (read_idx(os.path.join(where, name)) for name in (
        "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"))
    if not 1 <= count <= len(images):
        raise Failure(f"--count {count}: there are {len(images)} training images")
    return Images(reduce(images[:count]), labels[:count], reduce(test[:test_count]), test_labels[:test_count])


def write(path: str, images: Images) -> None:
    """As datasets of an HDF5 file, which sweep files name. Raises OSError."""
    with h5py.File(path, "w") as file:
        for name in ("train", "train_labels", "test", "test_labels"):
            file[name] = getattr(images, name)


def read(path: str) -> Images:
    """What `write` has written. Raises Failure."""
    try:
        with h5py.File(path, "r") as file:
            return Images(*(file[name][()] for name in ("train", "train_labels", "test", "test_labels")))
    except (OSError, KeyError) as error:
        raise Failure(f"{path}: {error}; `modeseek train data` writes such a file") from error
