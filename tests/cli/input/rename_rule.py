# SPDX-License-Identifier: GPL-3.0-or-later
"""rename_rule.py FILE OLD NEW: gives a rule of a results file another name, no longer than its own, and makes the seal right
for it, as docs/results-file.md has that."""

import struct
import sys

TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    TABLE.append(byte)


def crc32c(data):
    """The checksum of Castagnoli."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[crc & 255 ^ byte]
    return crc ^ 0xFFFFFFFF


path, old, new = sys.argv[1], sys.argv[2].encode(), sys.argv[3].encode()
with open(path, "r+b") as file:
    content = bytearray(file.read())
    at = content.index(old + b"\0")
    content[at : at + len(old)] = new.ljust(len(old), b"\0")
    sealed, begin = b"", 4096
    for i in range(struct.unpack_from("<I", content, 144)[0]):
        offset, size = struct.unpack_from("<QQ", content, 152 + 16 * i)
        sealed += content[begin:offset]
        begin = offset + size
    struct.pack_into("<I", content, 148, crc32c(sealed + content[begin:]))
    struct.pack_into("<I", content, 4092, crc32c(content[:4092]))
    file.seek(0)
    file.write(content)
