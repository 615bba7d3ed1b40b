/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <modeseek/random.h>
#include <string.h>

ms_hash ms_hash_init(void)
{
    return (ms_hash){UINT64_C(0xcbf29ce484222325)};
}

void ms_hash_bytes(ms_hash *hash, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++)
        hash->state = (hash->state ^ byte[i]) * UINT64_C(0x100000001b3);
}

void ms_hash_u64(ms_hash *hash, uint64_t value)
{
    unsigned char byte[8];
    for (int i = 0; i < 8; i++)
        byte[i] = (unsigned char)(value >> (8 * i));
    ms_hash_bytes(hash, byte, sizeof byte);
}

void ms_hash_double(ms_hash *hash, double value)
{
    uint64_t bits;
    value += 0.0; /* -0.0 becomes 0.0 */
    memcpy(&bits, &value, sizeof bits);
    ms_hash_u64(hash, bits);
}

/* FNV-1a mixes its last bytes little into the high bits; this (Stafford's variant 13 of the MurmurHash3
 * finaliser) spreads them. */
uint64_t ms_hash_value(const ms_hash *hash)
{
    uint64_t h = hash->state;
    h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
    return h ^ h >> 31;
}
