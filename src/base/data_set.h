/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors that were measured, such as images: what an empirical distribution is made of. */
#ifndef MS_DATA_SET_H
#define MS_DATA_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ms_data_set {
    size_t count, dimension;
    size_t rows, columns; /* of an image, whose rows lie one after the other; 0: they are no images */
    float *value;         /* [count][dimension], finite; NULL: only what is told here is known */
    int32_t *label;       /* [count], 0..labels-1; NULL: as value, or there are none */
    size_t labels;
    uint64_t digest; /* of values and labels */
} ms_data_set;

/* The most vectors that a target takes. */
#define MS_DATA_COUNT_MAX ((size_t)1 << 20)

/* Number `coordinate` of vector 0..count-1, images column by column where `by_column`. */
static inline double ms_data_set_at(const ms_data_set *set, size_t vector, size_t coordinate, bool by_column)
{
    if (by_column)
        coordinate = coordinate % set->rows * set->columns + coordinate / set->rows;
    return set->value[vector * set->dimension + coordinate];
}

#endif
