/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/crc32c.h"

#include <string.h>

/* The checksum is linear, so the table of all bytes follows from the entries of the eight single bits. */
#define BIT(i, bit, entry) (((unsigned)(i) >> (bit)) % 2u ? (entry) : 0u)
#define ENTRY(i)                                                                                             \
    (BIT(i, 0, 0xF26B8303u) ^ BIT(i, 1, 0xE13B70F7u) ^ BIT(i, 2, 0xC79A971Fu) ^ BIT(i, 3, 0x8AD958CFu) ^     \
     BIT(i, 4, 0x105EC76Fu) ^ BIT(i, 5, 0x20BD8EDEu) ^ BIT(i, 6, 0x417B1DBCu) ^ BIT(i, 7, 0x82F63B78u))
#define ENTRIES4(i)   ENTRY(i), ENTRY((i) + 1), ENTRY((i) + 2), ENTRY((i) + 3)
#define ENTRIES16(i)  ENTRIES4(i), ENTRIES4((i) + 4), ENTRIES4((i) + 8), ENTRIES4((i) + 12)
#define ENTRIES64(i)  ENTRIES16(i), ENTRIES16((i) + 16), ENTRIES16((i) + 32), ENTRIES16((i) + 48)
#define ENTRIES256(i) ENTRIES64(i), ENTRIES64((i) + 64), ENTRIES64((i) + 128), ENTRIES64((i) + 192)

static const uint32_t table[256] = {ENTRIES256(0)};

static uint32_t step(uint32_t crc, unsigned byte)
{
    return table[(crc ^ byte) & 0xFFu] ^ (crc >> 8);
}

static uint32_t by_table(uint32_t crc, const unsigned char *byte, size_t size)
{
    for (size_t i = 0; i < size; i++)
        crc = step(crc, byte[i]);
    return crc;
}

/* x86 has an instruction for this very checksum, ten times as fast as the table. */
#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const unsigned char *byte,
                                                                 size_t size)
{
    uint64_t wide = crc;
    for (; size >= sizeof(uint64_t); byte += sizeof(uint64_t), size -= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, byte, sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    for (size_t i = 0; i < size; i++)
        crc = __builtin_ia32_crc32qi(crc, byte[i]);
    return crc;
}
#define HAS_INSTRUCTION __builtin_cpu_supports("sse4.2")
#else
#define by_instruction  by_table
#define HAS_INSTRUCTION 0
#endif

uint32_t ms_crc32c(uint32_t crc, const void *bytes, size_t size)
{
    return ~(HAS_INSTRUCTION ? by_instruction : by_table)(~crc, bytes, size);
}

uint32_t ms_crc32c_portable(uint32_t crc, const void *bytes, size_t size)
{
    return ~by_table(~crc, bytes, size);
}

uint32_t ms_crc32c_words(uint32_t crc, const void *words, size_t count)
{
    const uint16_t one = 1;
    if (*(const unsigned char *)&one == 1) /* they are little-endian already */
        return ms_crc32c(crc, words, count * sizeof(uint64_t));
    const unsigned char *source = words;
    for (size_t i = 0; i < count; i++) {
        uint64_t word;
        unsigned char byte[sizeof word];
        memcpy(&word, source + i * sizeof word, sizeof word);
        for (unsigned b = 0; b < sizeof word; b++)
            byte[b] = (unsigned char)(word >> (8 * b));
        crc = ms_crc32c(crc, byte, sizeof byte);
    }
    return crc;
}
