/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/fault.h"
#include "results/file.h"

#include <stdlib.h>
#include <string.h>

/* count[0] * count[1] * ... elements, zeroed; NULL when there are too many. */
static void *alloc_array(size_t element, const size_t count[4])
{
    size_t total = 1;
    for (int i = 0; i < 4; i++)
        if (__builtin_mul_overflow(total, count[i], &total))
            return NULL;
    return ms_calloc(total > 0 ? total : 1, element);
}

ms_status ms_block_results_alloc_shape(const ms_layout *layout, size_t chains, ms_block_results **results,
                                       ms_error *error)
{
    const size_t *size = layout->size;
    const size_t times[4] = {chains, size[MS_DIM_RULE], size[MS_DIM_MODE], 1};
    const size_t numbers[4] = {chains, 1, 1, 1};
    const size_t snapshots[4] = {size[MS_DIM_SNAPSHOT], chains, size[MS_DIM_COMPONENT], 1};

    ms_block_results *made = ms_calloc(1, sizeof *made);
    if (made) {
        made->chains = chains;
        made->time = alloc_array(sizeof *made->time, times);
        made->observed = alloc_array(sizeof *made->observed, numbers);
        made->squared_distance = alloc_array(sizeof *made->squared_distance, snapshots);
        made->responsibility = alloc_array(sizeof *made->responsibility, snapshots);
    }
    if (!made || !made->time || !made->observed || !made->squared_distance || !made->responsibility) {
        ms_block_results_free(made);
        return ms_error_set(error, MS_ERROR_MEMORY, "no memory for the results of a block of %zu chains",
                            chains);
    }
    *results = made;
    return MS_OK;
}

ms_status ms_block_results_alloc(const ms_sweep *sweep, ms_block_results **results, ms_error *error)
{
    ms_layout layout;
    *results = NULL;
    ms_status status = ms_layout_of_sweep(sweep, &layout, error);
    if (status != MS_OK)
        return status;
    size_t chains = 0;
    for (size_t block = 0; block < layout.size[MS_DIM_BLOCK]; block++) {
        size_t here = ms_sweep_block(sweep, block).chains;
        chains = here > chains ? here : chains;
    }
    return ms_block_results_alloc_shape(&layout, chains, results, error);
}

/* A failed block has no numbers. */
bool ms_block_results_same(const ms_results *results, const ms_block_results *a, const ms_block_results *b)
{
    const size_t *size = results->layout.size;
    size_t times = size[MS_DIM_RULE] * size[MS_DIM_MODE] * a->chains;
    size_t values = size[MS_DIM_SNAPSHOT] * size[MS_DIM_COMPONENT] * a->chains;
    if (a->chains != b->chains || a->status != b->status)
        return false;
    if (a->status != MS_BLOCK_DONE)
        return strncmp(a->failure, b->failure, sizeof a->failure) == 0;
    return memcmp(a->time, b->time, times * sizeof *a->time) == 0 &&
           memcmp(a->observed, b->observed, a->chains * sizeof *a->observed) == 0 &&
           memcmp(a->squared_distance, b->squared_distance, values * sizeof *a->squared_distance) == 0 &&
           memcmp(a->responsibility, b->responsibility, values * sizeof *a->responsibility) == 0;
}

void ms_block_results_free(ms_block_results *results)
{
    if (results) {
        free(results->time);
        free(results->observed);
        free(results->squared_distance);
        free(results->responsibility);
        free(results);
    }
}
