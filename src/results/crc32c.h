/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CRC32C (Castagnoli): the checksum of a block's slot. */
#ifndef MS_RESULTS_CRC32C_H
#define MS_RESULTS_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Continues a checksum, which begins with 0. The check value of "123456789" is 0xE3069283. */
uint32_t ms_crc32c(uint32_t crc, const void *bytes, size_t size);

/* The same without special instructions: for tests. */
uint32_t ms_crc32c_portable(uint32_t crc, const void *bytes, size_t size);

/* The same over 64-bit words taken as little-endian bytes, whatever the host's order: as they are in the
 * file. `words` are `count` objects of 8 bytes each (int64_t, uint64_t or double). */
uint32_t ms_crc32c_words(uint32_t crc, const void *words, size_t count);

#endif
