/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors that were measured, such as images: what an empirical distribution is made of. */
#ifndef MS_DATA_SET_H
#define MS_DATA_SET_H

#include <stddef.h>
#include <stdint.h>

typedef struct ms_data_set {
    size_t count, dimension;
    size_t rows, columns; /* of an image, whose rows lie one after the other; 0: they are no images */
    const float *value;   /* [count][dimension], finite */
    const int32_t *label; /* [count], 0..labels-1; NULL: there are none */
    size_t labels;
} ms_data_set;

#endif
