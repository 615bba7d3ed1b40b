/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "results/file.h"
#include "results/hdf5_error.h"

#include <string.h>

const ms_results_info *ms_results_get_info(const ms_results *results)
{
    return &results->info;
}

ms_status ms_file_block_results(ms_results *results, ms_block_results **block_results, ms_error *error)
{
    ms_status status = MS_OK;
    if (!results->block_results) {
        status = ms_block_results_alloc_shape(&results->layout, results->info.block_chains,
                                              &results->block_results, error);
    }
    *block_results = results->block_results;
    return status;
}

static bool has_names_of(const ms_results *results, const ms_sweep *sweep, const ms_layout *layout)
{
    const ms_results_info *info = &results->info;
    if (info->columns != layout->columns || info->axes != layout->axes ||
        info->rules != layout->size[MS_DIM_RULE] || info->estimators != layout->size[MS_DIM_ESTIMATOR])
        return false;
    for (size_t i = 0; i < info->columns; i++)
        if (strcmp(info->column[i]->name, layout->column[i]->name) != 0)
            return false;
    for (size_t i = 0; i < info->axes; i++)
        if (strcmp(info->axis[i].name, layout->axis[i].name) != 0 ||
            info->axis[i].type != layout->axis[i].type)
            return false;
    for (size_t i = 0; i < info->rules; i++)
        if (strcmp(info->rule[i], ms_sweep_rule(sweep, i)) != 0)
            return false;
    return true;
}

static const char *estimator_name(const ms_results_info *info, size_t estimator)
{
    return estimator < info->estimators ? info->estimator[estimator] : "none";
}

ms_status ms_file_match_estimator(const ms_results *results, size_t own, const ms_sweep *sweep, size_t point,
                                  ms_error *error)
{
    const ms_results_info *info = &results->info;
    size_t here = sweep->points[point].estimator, there = info->point_estimator[own];
    if (here == there)
        return MS_OK;
    return ms_error_set(
        error, MS_ERROR_MISMATCH,
        "%s: point %zu is computed by the estimator %s there, and by %s here: another version of "
        "modeseek has chosen, or the file is damaged; choose another name for the results",
        results->path, own, estimator_name(info, there), estimator_name(info, here));
}

ms_status ms_file_match(const ms_results *results, const ms_sweep *sweep, ms_error *error)
{
    char difference[300];
    ms_layout layout;
    if (ms_sweep_differs(results->identity, sweep->identity, difference, sizeof difference)) {
        return ms_error_set(error, MS_ERROR_MISMATCH,
                            "%s: holds a different sweep (%s); choose another name for the results, or the "
                            "sweep they belong to",
                            results->path, difference);
    }
    ms_status status = ms_layout_of_sweep(sweep, &layout, error);
    if (status != MS_OK)
        return status;
    if (!has_names_of(results, sweep, &layout))
        return ms_error_set(error, MS_ERROR_FORMAT,
                            "%s: has other columns, rules or axes than its sweep has here; it was written by "
                            "another version of modeseek, or is damaged",
                            results->path);
    for (size_t p = 0; status == MS_OK && p < results->info.points && p < sweep->point_count; p++)
        status = ms_file_match_estimator(results, p, sweep, p, error);
    if (status != MS_OK)
        return status;
    /* the history of a merged file is longer, and saved states may have another size in another version */
    static const ms_dim free_size[] = {MS_DIM_START, MS_DIM_SOURCE,          MS_DIM_STATE,
                                       MS_DIM_INPUT, MS_DIM_INPUT_CHARACTER, MS_DIM_INPUT_BYTE};
    for (size_t i = 0; i < sizeof free_size / sizeof *free_size; i++)
        layout.size[free_size[i]] = results->layout.size[free_size[i]];
    if (memcmp(layout.size, results->layout.size, sizeof layout.size) != 0) {
        return ms_error_set(error, MS_ERROR_FORMAT,
                            "%s: the extents do not match its sweep; the file is damaged", results->path);
    }
    for (size_t block = 0; block < results->info.blocks; block++) {
        ms_block here = ms_sweep_block(sweep, block);
        if (here.point != results->block[block].point || here.chains != results->block[block].chains) {
            return ms_error_set(error, MS_ERROR_MISMATCH,
                                "%s: its blocks are divided differently from those of the sweep",
                                results->path);
        }
    }
    return MS_OK;
}

ms_status ms_results_match(const ms_results *results, const ms_sweep *sweep, ms_error *error)
{
    return ms_file_match(results, sweep, error);
}

ms_status ms_results_block_status(ms_results *results, ms_block_status *block_status,
                                  const ms_monitor *monitor, ms_error *error)
{
    ms_task task = {.monitor = monitor, .doing = "reading", .path = results->path, .descriptor = -1};
    ms_block_results *slot;
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = ms_file_block_results(results, &slot, error);
    for (size_t block = 0; status == MS_OK && block < results->info.blocks; block++) {
        task.done = (double)block / (double)results->info.blocks;
        status = ms_task_go_on(&task, error);
        if (status == MS_OK)
            status = ms_slot_load(results, block, slot, NULL, error);
        block_status[block] = slot->status;
    }
    ms_hdf5_quiet_end(quiet);
    return status;
}

ms_status ms_results_failure(ms_results *results, size_t block, char reason[MS_FAILURE_MAX], ms_error *error)
{
    ms_block_results *slot;
    reason[0] = '\0';
    if (block >= results->info.blocks)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "%s has no block %zu", results->path, block);
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = ms_file_block_results(results, &slot, error);
    if (status == MS_OK)
        status = ms_slot_load(results, block, slot, NULL, error);
    if (status == MS_OK && slot->status >= MS_BLOCK_FAILED) {
        memcpy(reason, slot->failure, MS_FAILURE_MAX);
        ms_make_printable(reason);
    }
    ms_hdf5_quiet_end(quiet);
    return status;
}

ms_block ms_results_block(const ms_results *results, size_t block)
{
    return results->block[block];
}

ms_status ms_results_read_block(ms_results *results, size_t block, const ms_block_results **block_results,
                                bool *torn, ms_error *error)
{
    ms_block_results *slot;
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = ms_file_block_results(results, &slot, error);
    if (status == MS_OK)
        status = ms_slot_load(results, block, slot, torn, error);
    *block_results = slot;
    ms_hdf5_quiet_end(quiet);
    return status;
}

/* The number of a column; SIZE_MAX: there is none of that name. */
static size_t find_column(const ms_results *results, const char *column)
{
    for (size_t i = 0; i < results->info.columns; i++)
        if (strcmp(results->info.column[i]->name, column) == 0)
            return i;
    return SIZE_MAX;
}

ms_status ms_results_need_column(const ms_results *results, const char *column, ms_error *error)
{
    return find_column(results, column) < SIZE_MAX
               ? MS_OK
               : ms_error_set(error, MS_ERROR_ARGUMENT,
                              "%s: has no column \"%s\": its sweep does not record it", results->path,
                              column);
}

/* The rows of a block's chains, to place `at` of rows of all chains of the point. */
static void copy_rows(const ms_block_results *slot, size_t column, size_t chains, size_t at, uint64_t *to)
{
    const uint64_t *from = slot->value[column];
    ms_column_shape shape = ms_block_column_shape(slot, column);
    for (size_t o = 0; o < shape.outer; o++)
        memcpy(to + (o * chains + at) * shape.inner, from + o * slot->chains * shape.inner,
               slot->chains * shape.inner * sizeof *to);
}

/* Makes [outer][all chains][inner] into [outer][chains][inner]. */
static void close_up(ms_column_shape shape, size_t all, size_t chains, uint64_t *values)
{
    for (size_t o = 1; o < shape.outer; o++)
        memmove(values + o * chains * shape.inner, values + o * all * shape.inner,
                chains * shape.inner * sizeof *values);
}

static ms_status read_column(ms_results *results, size_t point, size_t column, uint64_t *values,
                             size_t *chains, ms_error *error)
{
    ms_block_results *slot;
    if (point >= results->info.points)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "%s has no point %zu", results->path, point);
    ms_status status = ms_file_block_results(results, &slot, error);
    for (size_t block = results->first_block[point];
         status == MS_OK && block < results->first_block[point + 1]; block++) {
        status = ms_slot_load(results, block, slot, NULL, error);
        if (status != MS_OK || slot->status != MS_BLOCK_DONE)
            continue;
        copy_rows(slot, column, results->info.chains, *chains, values);
        *chains += slot->chains;
    }
    if (status == MS_OK)
        close_up(ms_block_column_shape(slot, column), results->info.chains, *chains, values);
    return status;
}

ms_status ms_results_read_column(ms_results *results, size_t point, const char *column, void *values,
                                 size_t *chains, ms_error *error)
{
    *chains = 0;
    ms_status status = ms_results_need_column(results, column, error);
    if (status != MS_OK)
        return status;
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    status = read_column(results, point, find_column(results, column), values, chains, error);
    ms_hdf5_quiet_end(quiet);
    return status;
}
