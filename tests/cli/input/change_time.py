# SPDX-License-Identifier: GPL-3.0-or-later
"""change_time.py FILE [--checksum]: takes 1 from a discovery time of block 0 of a results file of small.yaml, and with
--checksum makes the block's checksum right for it. Places and checksum as docs/results-file.md has them."""

import struct
import sys

POINTS, CHAINS, TIMES, SNAPSHOTS, COMPONENTS, BLOCKS = 4, 128, 4, 2, 3, 8
BLOCK = 64  # chains


def crc32c(data):
    """The checksum of Castagnoli."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


with open(sys.argv[1], "r+b") as file:
    content = bytearray(file.read())
    count = struct.unpack_from("<I", content, 144)[0]
    holes = [struct.unpack_from("<QQ", content, 152 + 16 * i) for i in range(count)]

    def find(size):
        """Where the holes of that size begin."""
        return [offset for offset, bytes_there in holes if bytes_there == size]

    (time,) = find(8 * POINTS * CHAINS * TIMES)
    (observed,) = find(8 * POINTS * CHAINS)
    snapshots = find(8 * POINTS * SNAPSHOTS * CHAINS * COMPONENTS)
    (failure,) = find(128 * BLOCKS)
    (commit,) = find(16 * BLOCKS)
    place = next(at for at in range(time, time + 8 * BLOCK * TIMES, 8) if struct.unpack_from("<q", content, at)[0] > 0)
    struct.pack_into("<q", content, place, struct.unpack_from("<q", content, place)[0] - 1)
    slot = content[time : time + 8 * BLOCK * TIMES] + content[observed : observed + 8 * BLOCK]
    for begin in snapshots:
        for snapshot in range(SNAPSHOTS):
            row = begin + 8 * snapshot * CHAINS * COMPONENTS
            slot += content[row : row + 8 * BLOCK * COMPONENTS]
    generation, status, _, version = struct.unpack_from("<4I", content, commit)
    slot += content[failure : failure + 128] + struct.pack("<4Q", 0, generation, status, version)
    if "--checksum" in sys.argv:
        struct.pack_into("<I", content, commit + 8, crc32c(slot))
    file.seek(0)
    file.write(content)
