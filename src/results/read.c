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

ms_status ms_file_match(const ms_results *results, const ms_sweep *sweep, ms_error *error)
{
    char difference[300];
    ms_layout layout;
    if (ms_sweep_differs(results->identity, sweep->identity, difference, sizeof difference)) {
        return ms_error_set(
            error, MS_ERROR_MISMATCH,
            "%s: holds another sweep (%s); choose another name for the results, or the sweep they "
            "belong to",
            results->path, difference);
    }
    ms_status status = ms_layout_of_sweep(sweep, &layout, error);
    if (status != MS_OK)
        return status;
    /* the history of a merged file is longer */
    layout.size[MS_DIM_START] = results->layout.size[MS_DIM_START];
    layout.size[MS_DIM_SOURCE] = results->layout.size[MS_DIM_SOURCE];
    if (memcmp(layout.size, results->layout.size, sizeof layout.size) != 0) {
        return ms_error_set(error, MS_ERROR_FORMAT,
                            "%s: the extents do not fit its sweep; the file is damaged", results->path);
    }
    for (size_t block = 0; block < results->info.blocks; block++) {
        ms_block here = ms_sweep_block(sweep, block);
        if (here.point != results->block[block].point || here.chains != results->block[block].chains) {
            return ms_error_set(error, MS_ERROR_MISMATCH,
                                "%s: its blocks are cut differently from those of the sweep", results->path);
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

/* Where the chains of a point's done blocks go; each pointer may be NULL. */
typedef struct destination {
    int64_t *time;
    uint64_t *observed;
    double *squared_distance, *responsibility; /* [snapshots][all chains of the point][components] */
} destination;

static void copy_snapshots(const ms_results_info *info, const ms_block_results *slot, const double *from,
                           size_t at, double *to)
{
    for (size_t snapshot = 0; to && snapshot < info->snapshots; snapshot++) {
        memcpy(to + (snapshot * info->chains + at) * info->components,
               from + snapshot * slot->chains * info->components,
               slot->chains * info->components * sizeof *to);
    }
}

/* Makes [snapshots][all chains][components] into [snapshots][chains][components]. */
static void close_up(const ms_results_info *info, size_t chains, double *values)
{
    for (size_t snapshot = 1; values && snapshot < info->snapshots; snapshot++) {
        memmove(values + snapshot * chains * info->components,
                values + snapshot * info->chains * info->components,
                chains * info->components * sizeof *values);
    }
}

static ms_status read_point(ms_results *results, size_t point, const destination *to, size_t *chains,
                            ms_error *error)
{
    const ms_results_info *info = &results->info;
    size_t times = info->rules * info->modes;
    ms_block_results *slot;
    *chains = 0;
    if (point >= info->points)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "%s has no point %zu", results->path, point);
    ms_status status = ms_file_block_results(results, &slot, error);
    for (size_t block = results->first_block[point];
         status == MS_OK && block < results->first_block[point + 1]; block++) {
        status = ms_slot_load(results, block, slot, NULL, error);
        if (status != MS_OK || slot->status != MS_BLOCK_DONE)
            continue;
        if (to->time)
            memcpy(to->time + *chains * times, slot->time, slot->chains * times * sizeof *to->time);
        if (to->observed)
            memcpy(to->observed + *chains, slot->observed, slot->chains * sizeof *to->observed);
        copy_snapshots(info, slot, slot->squared_distance, *chains, to->squared_distance);
        copy_snapshots(info, slot, slot->responsibility, *chains, to->responsibility);
        *chains += slot->chains;
    }
    close_up(info, *chains, to->squared_distance);
    close_up(info, *chains, to->responsibility);
    return status;
}

ms_status ms_results_read_point(ms_results *results, size_t point, int64_t *time, uint64_t *observed,
                                size_t *chains, ms_error *error)
{
    const destination to = {.time = time, .observed = observed};
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = read_point(results, point, &to, chains, error);
    ms_hdf5_quiet_end(quiet);
    return status;
}

ms_status ms_results_read_snapshots(ms_results *results, size_t point, double *squared_distance,
                                    double *responsibility, size_t *chains, ms_error *error)
{
    const destination to = {.squared_distance = squared_distance, .responsibility = responsibility};
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = read_point(results, point, &to, chains, error);
    ms_hdf5_quiet_end(quiet);
    return status;
}
