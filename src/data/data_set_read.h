/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data sets from files that nobody vouches for: IDX, gzip-compressed or not, and HDF5. Bounded in every
 * direction, whatever a file says. */
#ifndef MS_DATA_SET_READ_H
#define MS_DATA_SET_READ_H

#include "base/data_set.h"
#include "base/diagnostics.h"

#include <modeseek/status.h>

#define MS_DATA_BYTES_LIMIT   ((size_t)1 << 28) /* of a file, and of what it is when unpacked */
#define MS_DATA_NUMBERS_LIMIT ((size_t)1 << 28) /* of a data set */
#define MS_DATA_LABEL_MAX     999

/* A number for each vector, or all of their numbers: what a file or dataset holds. */
typedef struct ms_array {
    size_t rank, extent[4];
    size_t count; /* numbers, the product of the extents */
    float *value;
} ms_array;

/* The array in an IDX file (bytes, which become 0 to 1 in steps of 1/255 unless they are `whole`, or floats
 * of 32 or 64 bits), or in the dataset `name` of an HDF5 file. `array->value` is the caller's to free, NULL
 * on failure: MS_ERROR_SWEEP or MS_ERROR_IO with messages, MS_ERROR_MEMORY. */
ms_status ms_array_read_idx(ms_array *array, const char *path, bool whole, ms_diagnostics *diagnostics);
ms_status ms_array_read_hdf5(ms_array *array, const char *path, const char *name,
                             ms_diagnostics *diagnostics);

/* FNV-1a goes on from `hash`, or from the beginning, over words of 32 bits instead of bytes, which would take
 * several times as long; `size` is a multiple of theirs. */
#define MS_DIGEST_BEGIN UINT64_C(0xcbf29ce484222325)
uint64_t ms_digest_words(const void *bytes, size_t size, uint64_t hash);

/* A data set of vectors and, unless NULL, labels, which it takes over, whatever comes of it. `where` is what
 * messages begin with. The caller frees `*set`; NULL on failure, as above. */
ms_status ms_data_set_make(ms_data_set **set, const char *where, ms_array *vectors, ms_array *labels,
                           ms_diagnostics *diagnostics);

void ms_data_set_free(ms_data_set *set);

#endif
