/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 (FIPS 180-4), which names files to the rest of the world. */
#ifndef MS_SHA256_H
#define MS_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define MS_SHA256_TEXT 65 /* bytes of it in hexadecimal, NUL included */

typedef struct ms_sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes so far */
    unsigned char block[64];
} ms_sha256;

ms_sha256 ms_sha256_init(void);
void ms_sha256_add(ms_sha256 *sha, const void *bytes, size_t size);
/* Ends it; only once. */
void ms_sha256_text(ms_sha256 *sha, char text[MS_SHA256_TEXT]);

#endif
