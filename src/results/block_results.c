/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/fault.h"
#include "results/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The product of the extents `first` to `end` - 1 of a column; SIZE_MAX where it is larger than that. */
static size_t extents(const ms_block_results *results, const ms_column *column, unsigned first, unsigned end)
{
    size_t total = 1;
    for (unsigned i = first; i < end; i++) {
        size_t extent =
            column->extent[i] == MS_EXTENT_CHAIN ? results->chains : results->extent[column->extent[i]];
        if (__builtin_mul_overflow(total, extent, &total))
            return SIZE_MAX;
    }
    return total;
}

size_t ms_block_column_values(const ms_block_results *results, size_t column)
{
    return extents(results, results->column[column], 0, results->column[column]->rank);
}

ms_column_shape ms_block_column_shape(const ms_block_results *results, size_t column)
{
    const ms_column *of = results->column[column];
    unsigned chain = 0;
    while (chain + 1 < of->rank && of->extent[chain] != MS_EXTENT_CHAIN)
        chain++;
    return (ms_column_shape){.outer = extents(results, of, 0, chain),
                             .inner = extents(results, of, chain + 1, of->rank)};
}

static void *find(const ms_block_results *results, const char *name, ms_column_type type)
{
    for (size_t i = 0; i < results->columns; i++)
        if (results->column[i]->type == type && strcmp(results->column[i]->name, name) == 0)
            return results->value[i];
    return NULL;
}

int64_t *ms_block_int64(const ms_block_results *results, const char *column)
{
    return find(results, column, MS_COLUMN_INT64);
}

double *ms_block_double(const ms_block_results *results, const char *column)
{
    return find(results, column, MS_COLUMN_DOUBLE);
}

ms_status ms_block_results_alloc_shape(const ms_layout *layout, size_t chains, ms_block_results **results,
                                       ms_error *error)
{
    ms_block_results *made = ms_calloc(1, sizeof *made);
    bool good = made != NULL;
    if (made) {
        made->chains = chains;
        made->columns = layout->columns;
        for (ms_extent extent = 0; extent < MS_EXTENT_COUNT; extent++)
            made->extent[extent] = layout->size[ms_dim_of(extent)];
    }
    for (size_t i = 0; good && i < made->columns; i++) {
        made->column[i] = layout->column[i];
        size_t values = ms_block_column_values(made, i);
        made->value[i] = values < SIZE_MAX ? ms_calloc(values > 0 ? values : 1, 8) : NULL;
        good = made->value[i] != NULL;
    }
    if (!good) {
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
bool ms_block_results_same(const ms_block_results *a, const ms_block_results *b)
{
    if (a->chains != b->chains || a->status != b->status || a->columns != b->columns)
        return false;
    if (a->status != MS_BLOCK_DONE) /* versions may word the same reason differently */
        return true;
    for (size_t i = 0; i < a->columns; i++)
        if (ms_block_column_values(a, i) != ms_block_column_values(b, i) ||
            memcmp(a->value[i], b->value[i], 8 * ms_block_column_values(a, i)) != 0)
            return false;
    return true;
}

void ms_column_clear(const ms_column *column, void *values, size_t count)
{
    int64_t *whole = values;
    double *real = values;
    for (size_t i = 0; i < count; i++)
        if (column->type == MS_COLUMN_DOUBLE)
            real[i] = (double)NAN;
        else
            whole[i] = MS_COLUMN_NOT_COMPUTED;
}

void ms_block_results_clear(ms_block_results *results)
{
    for (size_t i = 0; i < results->columns; i++)
        ms_column_clear(results->column[i], results->value[i], ms_block_column_values(results, i));
}

void ms_block_results_free(ms_block_results *results)
{
    if (results) {
        for (size_t i = 0; i < results->columns; i++)
            free(results->value[i]);
        free(results);
    }
}
