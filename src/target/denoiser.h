/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families that denoise many chains at once, by products of matrices: given x = x_0 + sigma z they say the
 * mean E[x_0 | x], of which the score is (mean - x) / sigma^2 (Tweedie's formula). Their numbers are of
 * single precision in parts: the same bits for one BLAS and type of processor only. And a chain's depend, in
 * the last bits, on the chains beside it, which therefore are always the same ones. */
#ifndef MS_DENOISER_H
#define MS_DENOISER_H

#include <stdbool.h>
#include <stddef.h>

struct ms_place;

/* Coordinates of chains: those of group g (chains 8g..8g+7) are rows of MS_LANES numbers from value + g *
 * stride on, aligned. */
typedef struct ms_groups {
    double *value;
    size_t stride;
} ms_groups;

typedef struct ms_denoiser_type {
    /* The only size of patches that it knows. NULL: it knows all. */
    size_t (*patch_size)(const void *content);
    /* What `width` chains, a multiple of MS_LANES, need that move together, on patches of at most
     * `patch_size` coordinates. NULL without memory. */
    void *(*alloc)(const void *content, size_t width, size_t patch_size);
    void (*free)(void *state);
    /* Forgets what the coordinates before have said: a pass begins. */
    void (*forget)(void *state);
    /* Adds coordinates that have been left, at the conditioning noise level of `place`; x begins with its
     * first. */
    void (*absorb)(void *state, const struct ms_place *place, ms_groups x);
    /* Whether any of the chains, whose whole vectors are x, may come within a squared distance of `bound`
     * from a component that is `watched` [components], while they move on `place` alone. */
    bool (*approaches)(void *state, const struct ms_place *place, ms_groups x, const bool *watched,
                       double bound);
    /* The mean of the coordinates of `place`, at its noise level > 0, given those absorbed; x begins with its
     * first. `highest` is the first noise level at which the place is visited with what was absorbed as it
     * is. `least` [width], unless NULL, is no more than the squared distance of each chain's whole vector to
     * the nearest component watched; only after `approaches` has said yes at this place. */
    void (*denoise)(void *state, const struct ms_place *place, ms_groups x, ms_groups mean, double highest,
                    double *least);
} ms_denoiser_type;

#endif
