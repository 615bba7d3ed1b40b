/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "data/data_set_read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void ms_data_set_free(ms_data_set *set)
{
    if (!set)
        return;
    free(set->value);
    free(set->label);
    free(set);
}

uint64_t ms_digest_words(const void *bytes, size_t size, uint64_t hash)
{
    const unsigned char *from = bytes;
    for (uint32_t word; size >= sizeof word; from += sizeof word, size -= sizeof word) {
        memcpy(&word, from, sizeof word);
        hash = (hash ^ word) * UINT64_C(0x100000001b3);
        hash ^= hash >> 29;
    }
    return hash;
}

static ms_status refuse(ms_diagnostics *diagnostics, const char *where, const char *what)
{
    ms_diagnostics_add(diagnostics, where, 0, 0, "%s", what);
    return MS_ERROR_SWEEP;
}

static ms_status check_vectors(const char *where, const ms_array *vectors, ms_diagnostics *diagnostics)
{
    if (vectors->rank < 2)
        return refuse(diagnostics, where,
                      "holds one number for each vector; give a file of vectors or images");
    if (vectors->extent[0] > MS_DATA_COUNT_MAX)
        return refuse(diagnostics, where, "holds more than 2^20 vectors, the limit");
    for (size_t i = 0; i < vectors->count; i++)
        if (!(fabsf(vectors->value[i]) <= 1e18F)) {
            ms_diagnostics_add(diagnostics, where, 0, 0,
                               "number %zu of vector %zu is not finite, or larger than 1e18; leave it out",
                               i % (vectors->count / vectors->extent[0]),
                               i / (vectors->count / vectors->extent[0]));
            return MS_ERROR_SWEEP;
        }
    return MS_OK;
}

static ms_status take_labels(ms_data_set *set, const char *where, const ms_array *labels,
                             ms_diagnostics *diagnostics)
{
    if (labels->rank != 1 || labels->count != set->count) {
        ms_diagnostics_add(diagnostics, where, 0, 0,
                           "%zu vectors, but %zu labels%s; give one number for each vector", set->count,
                           labels->extent[0], labels->rank == 1 ? "" : " of several numbers");
        return MS_ERROR_SWEEP;
    }
    set->label = malloc(set->count * sizeof *set->label);
    if (!set->label)
        return MS_ERROR_MEMORY;
    for (size_t i = 0; i < set->count; i++) {
        float value = labels->value[i];
        if (!(value >= 0 && value <= MS_DATA_LABEL_MAX && value == truncf(value))) {
            ms_diagnostics_add(diagnostics, where, 0, 0,
                               "label %zu is %.6g; labels are whole numbers from 0 to %d", i, (double)value,
                               MS_DATA_LABEL_MAX);
            return MS_ERROR_SWEEP;
        }
        set->label[i] = (int32_t)value;
        set->labels = (size_t)value >= set->labels ? (size_t)value + 1 : set->labels;
    }
    return MS_OK;
}

static ms_status fill(ms_data_set *set, const char *where, ms_array *vectors, const ms_array *labels,
                      ms_diagnostics *diagnostics)
{
    ms_status status = check_vectors(where, vectors, diagnostics);
    if (status != MS_OK)
        return status;
    bool is_image = vectors->rank == 3;
    *set = (ms_data_set){.count = vectors->extent[0],
                         .dimension = vectors->count / vectors->extent[0],
                         .rows = is_image ? vectors->extent[1] : 0,
                         .columns = is_image ? vectors->extent[2] : 0,
                         .value = vectors->value};
    vectors->value = NULL;
    if (labels)
        status = take_labels(set, where, labels, diagnostics);
    set->digest = ms_digest_words(set->value, vectors->count * sizeof *set->value, MS_DIGEST_BEGIN);
    if (set->label)
        set->digest = ms_digest_words(set->label, set->count * sizeof *set->label, set->digest);
    return status;
}

ms_status ms_data_set_make(ms_data_set **set, const char *where, ms_array *vectors, ms_array *labels,
                           ms_diagnostics *diagnostics)
{
    ms_data_set *made = calloc(1, sizeof *made);
    ms_status status = made ? fill(made, where, vectors, labels, diagnostics) : MS_ERROR_MEMORY;
    *set = status == MS_OK ? made : NULL;
    if (status != MS_OK)
        ms_data_set_free(made);
    free(vectors->value);
    vectors->value = NULL;
    if (labels) {
        free(labels->value);
        labels->value = NULL;
    }
    return status;
}
