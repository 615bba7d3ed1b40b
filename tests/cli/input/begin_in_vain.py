# SPDX-License-Identifier: GPL-3.0-or-later
"""begin_in_vain.py FILE BLOCK COUNT: makes the block of a results file of small.yaml one that was begun COUNT times
without progress. Places as docs/results-file.md has them."""

import struct
import sys

BLOCKS = 8

with open(sys.argv[1], "r+b") as file:
    content = file.read()
    count = struct.unpack_from("<I", content, 144)[0]
    holes = [struct.unpack_from("<QQ", content, 152 + 16 * i) for i in range(count)]
    (attempt,) = (offset for offset, size in holes if size == 24 * BLOCKS)
    file.seek(attempt + 24 * int(sys.argv[2]))
    file.write(struct.pack("<3q", int(sys.argv[3]), int(sys.argv[3]), 0))
