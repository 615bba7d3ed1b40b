/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A vector for any dimension: what sweep files say of means and variances. */
#ifndef MS_VECTOR_H
#define MS_VECTOR_H

#include <stdbool.h>
#include <stddef.h>

typedef enum ms_pattern {
    MS_PATTERN_CONSTANT,    /* value, value, ... (a plain number in YAML) */
    MS_PATTERN_LIST,        /* the listed values; the dimension must equal their number */
    MS_PATTERN_REPEAT,      /* the listed values again and again */
    MS_PATTERN_ALTERNATING, /* value, -value, value, ... */
    MS_PATTERN_HALVES,      /* value in the first half (rounded up), -value in the second */
    MS_PATTERN_RAMP         /* linear from -value to value */
} ms_pattern;

typedef struct ms_vector {
    ms_pattern pattern;
    double value;
    double *values; /* [value_count] of LIST and REPEAT; whoever made the vector owns it */
    size_t value_count;
} ms_vector;

/* Coordinate 0..dimension-1. */
double ms_vector_at(const ms_vector *vector, size_t coordinate, size_t dimension);
/* Whether all coordinates are the same. */
bool ms_vector_is_constant(const ms_vector *vector, size_t dimension);
/* Whether there is such a vector in this dimension: a list has as many numbers as it is long. */
bool ms_vector_fits(const ms_vector *vector, size_t dimension);

#endif
