/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A network that has learned what vectors were before noise was added. Of u = y - 1/2, patch p of a vector
 * with noise of level sigma, the coordinates x before it, less 1/2 and cut to +-0.55, and the state h of an
 * LSTM that has seen them: with B, U and l the regression, the basis and the variance of the patch,
 *
 *     v = U^T (u - B x),   m = B x + U (l v / (l + sigma^2)),
 *     z = in (sqrt(l) v / (l + sigma^2)) + linear m + context h + place_p + e_0,
 *     in each block  z += block_2 silu(block_1 z + e_b) + block_bias,
 *     mean = 1/2 + m + sigma U (sqrt(l / (l + sigma^2)) (out silu(z) + out_bias)), cut to 0..1,
 *
 * where e_b = shift_b silu(noise f + noise_bias) + shift_bias_b, f the sines, then the cosines of log(sigma)
 * times the frequencies. m is the mean that normal data would have. Matrices stand row after row. */
#ifndef MS_NETWORK_H
#define MS_NETWORK_H

#include <stddef.h>
#include <stdint.h>

/* The arrays, by name, and their extents; 0 where there is none, 1 behind the last. */
#define MS_NETWORK_ARRAYS(ARRAY)                                                                             \
    ARRAY(basis, n->patches, n->patch_size, n->patch_size)                                                   \
    ARRAY(variance, n->patches, n->patch_size, 1)                                                            \
    ARRAY(frequencies, n->frequencies, 1, 1)                                                                 \
    ARRAY(noise, n->noise_width, 2 * n->frequencies, 1)                                                      \
    ARRAY(noise_bias, n->noise_width, 1, 1)                                                                  \
    ARRAY(shift, 1 + n->blocks, n->width, n->noise_width)                                                    \
    ARRAY(shift_bias, 1 + n->blocks, n->width, 1)                                                            \
    ARRAY(place, n->patches, n->width, 1)                                                                    \
    ARRAY(in, n->width, n->patch_size, 1)                                                                    \
    ARRAY(linear, n->width, n->patch_size, 1)                                                                \
    ARRAY(block_1, n->blocks, n->width, n->width)                                                            \
    ARRAY(block_2, n->blocks, n->width, n->width)                                                            \
    ARRAY(block_bias, n->blocks, n->width, 1)                                                                \
    ARRAY(out, n->patch_size, n->width, 1)                                                                   \
    ARRAY(out_bias, n->patch_size, 1, 1)                                                                     \
    ARRAY(regression, n->states > 0 ? n->patches : 0, n->patch_size, n->dimension)                           \
    ARRAY(lstm_x, 4 * n->states, n->patch_size, 1) /* gates: input, forget, cell, output */                  \
    ARRAY(lstm_h, 4 * n->states, n->states, 1)                                                               \
    ARRAY(lstm_bias, 4 * n->states, 1, 1)                                                                    \
    ARRAY(context, n->states > 0 ? n->width : 0, n->states, 1)

#define MS_NETWORK_INDEX(name, a, b, c) MS_NETWORK_##name,
enum { MS_NETWORK_ARRAYS(MS_NETWORK_INDEX) MS_NETWORK_ARRAY_COUNT };
#undef MS_NETWORK_INDEX

typedef struct ms_network {
    size_t dimension, patches, patch_size; /* patches * patch_size is the dimension */
    size_t width, blocks, frequencies, noise_width;
    size_t states;                        /* of the LSTM; 0: there is one patch, and nothing before it */
    float *array[MS_NETWORK_ARRAY_COUNT]; /* finite; NULL where an extent is 0 */
    uint64_t digest;                      /* of sizes and numbers */
} ms_network;

#endif
