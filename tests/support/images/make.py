# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the images of the tests beside this file: 24 of 4 x 3 pixels with 3 labels, and 10 to start from. Nobody's."""

import struct
from pathlib import Path

HERE = Path(__file__).resolve().parent


def pixel(image: int, place: int) -> int:
    """Something between 0 and 160: flips are far away."""
    return (37 * image * image + 59 * place + 17 * image * place) % 161


def write(name: str, extents: tuple[int, ...], values: list[int]) -> None:
    """An IDX file of bytes."""
    head = bytes([0, 0, 8, len(extents)]) + struct.pack(f">{len(extents)}I", *extents)
    (HERE / name).write_bytes(head + bytes(values))


write("train.idx", (24, 4, 3), [pixel(i, p) for i in range(24) for p in range(12)])
write("labels.idx", (24,), [i % 3 for i in range(24)])
write("test.idx", (10, 4, 3), [pixel(30 + i, p) for i in range(10) for p in range(12)])
