/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The empirical distribution of a data set: equal weights on its vectors, smoothed. Its denoised mean is
 * exact in the family `empirical`, that of a network in `learned`. */
#ifndef MS_EMPIRICAL_H
#define MS_EMPIRICAL_H

#include "base/field.h"
#include "base/network.h"

#include <modeseek/target.h>

extern const ms_target_type *const ms_target_empirical, *const ms_target_learned;

typedef enum ms_pixel_order { MS_PIXELS_BY_ROW, MS_PIXELS_BY_COLUMN } ms_pixel_order;

/* What the schema of the family describes. Components 0..count-1 are the first vectors of the data, and, with
 * flips, count..2 count - 1 are 1 less each of their numbers. */
typedef struct ms_empirical_params {
    ms_data data;
    char contents[128];      /* of the data, in words */
    char label_counts[8192]; /* how many of the vectors that are taken have label 0, 1, ... */
    uint64_t count;          /* 0: all */
    bool flips;
    unsigned pixel_order; /* in which coordinates stand */
} ms_empirical_params;

/* The same data, denoised by a network that has learned from them. */
typedef struct ms_learned_params {
    ms_empirical_params data;
    const ms_network *network; /* belongs to the reader; NULL: only its sizes are known */
    char sizes[96];            /* of the network, in words */
} ms_learned_params;

/* The content. Numbers are less `centre`, so that a flip is the negative of its vector. */
typedef struct ms_empirical {
    size_t dimension, count, components;
    bool flips;
    double centre;             /* 1/2 with flips, else 0 */
    float *value;              /* [count][dimension] */
    ms_data data;              /* values may be NULL where only the content is used */
    const ms_network *network; /* that denoises; NULL: the exact mean does */
} ms_empirical;

#endif
