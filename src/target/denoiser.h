/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families that denoise many chains at once, by products of matrices: given x = x_0 + sigma z they say the
 * mean E[x_0 | x], of which the score is (mean - x) / sigma^2 (Tweedie's formula). Their numbers are of
 * single precision in parts, so that they are the same bits for one BLAS and processor type only; and a
 * chain's depend on the chains beside it, which therefore are always the same ones. */
#ifndef MS_DENOISER_H
#define MS_DENOISER_H

#include <stdbool.h>
#include <stddef.h>

struct ms_place;

/* Coordinates of chains: those of group g (chains 8g..8g+7) are rows of MS_LANES numbers from
 * value + g * stride on, aligned. */
typedef struct ms_groups {
    double *value;
    size_t stride;
} ms_groups;

typedef struct ms_denoiser_type {
    /* What `width` chains, a multiple of MS_LANES, need that move together, on patches of at most
     * `patch_size` coordinates. NULL without memory. */
    void *(*alloc)(const void *content, size_t width, size_t patch_size);
    void (*free)(void *state);
    /* Bytes of that, about, and operations of an iteration and chain: of the params, before there is a
     * target. */
    double (*memory)(const void *params, size_t dimension, size_t width, size_t patch_size);
    double (*updates)(const void *params, size_t dimension, size_t patch_size);
    /* Forgets what the coordinates before have said: a pass begins. */
    void (*forget)(void *state);
    /* Adds coordinates that have been left, at the conditioning noise level of `place`. `x` begins at
     * place->first. */
    void (*absorb)(void *state, const struct ms_place *place, ms_groups x);
    /* The mean of the coordinates of `place`, given those absorbed, at its noise level > 0. The first call at
     * a patch, or after others have been absorbed, may take longer. */
    void (*denoise)(void *state, const struct ms_place *place, ms_groups x, ms_groups mean);
    /* The squared distances of whole vectors x to the means of the components: [components] rows for each
     * group, in double precision. */
    void (*distances)(void *state, ms_groups x, ms_groups distance);
} ms_denoiser_type;

#endif
