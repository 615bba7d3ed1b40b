/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The empirical distribution of a data set: equal weights on its vectors, smoothed. */
#ifndef MS_EMPIRICAL_H
#define MS_EMPIRICAL_H

#include "base/data_set.h"
#include "base/field.h"

#include <modeseek/target.h>

extern const ms_target_type *const ms_target_empirical;

typedef enum ms_pixel_order { MS_PIXELS_BY_ROW, MS_PIXELS_BY_COLUMN } ms_pixel_order;

/* What the schema of the family describes. Components 0..count-1 are the vectors, and, with flips,
 * count..2 count - 1 are 1 less each of their numbers. */
typedef struct ms_empirical_params {
    const ms_data_set *data; /* that of the file; belongs to the reader */
    uint64_t count;          /* of its vectors, the first ones */
    bool flips;
    unsigned pixel_order; /* in which coordinates stand */
} ms_empirical_params;

/* Its content, for the denoiser. */
typedef struct ms_empirical {
    size_t dimension, count, components;
    bool flips;
    float *value;  /* [count][dimension] less `centre`, in the order of the coordinates; a flip is -value */
    double centre; /* 1/2 with flips, else 0 */
    const ms_data_set *data;
} ms_empirical;

#endif
