/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/file.h"
#include "results/hdf5_error.h"

#include <string.h>

/* A failed block has no results: its slot gets the fill values, whatever the failed run left behind. */
static void make_failed(const ms_block_results *block, ms_block_results *slot)
{
    slot->block = block->block;
    slot->chains = block->chains;
    slot->status = block->status;
    ms_block_results_clear(slot);
    /* zeros behind it: the slot's bytes must not depend on what was there before */
    memset(slot->failure, 0, sizeof slot->failure);
    memcpy(slot->failure, block->failure, strnlen(block->failure, sizeof slot->failure - 1));
    slot->seconds = block->seconds;
    slot->rank = block->rank;
}

static ms_status write_block(ms_results *results, const ms_block_results *block, ms_error *error)
{
    if (!results->writable)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "%s is open for reading", results->path);
    if (block->block >= results->info.blocks || block->chains != results->block[block->block].chains) {
        return ms_error_set(error, MS_ERROR_ARGUMENT, "%s has no block %zu of %zu chains", results->path,
                            block->block, block->chains);
    }
    size_t point = results->block[block->block].point;
    if (!ms_slot_plausible(block, ms_results_is_direct(&results->info, point),
                           results->point_iterations[point])) {
        return ms_error_set(error, MS_ERROR_INTERNAL,
                            "block %zu is not finished, or its times exceed the budget: not written",
                            block->block);
    }
    if (block->status == MS_BLOCK_DONE) {
        ms_block_results slot = *block;
        memset(slot.failure, 0, sizeof slot.failure);
        return ms_slot_store(results, &slot, error);
    }
    ms_block_results *slot;
    ms_status status = ms_file_block_results(results, &slot, error);
    if (status != MS_OK)
        return status;
    make_failed(block, slot);
    return ms_slot_store(results, slot, error);
}

#define SKIPPED_AT_ONCE 4096

/* Their slots have the fill values still. */
static ms_status skip_blocks(ms_results *results, size_t first, size_t count, ms_error *error)
{
    uint32_t commit[SKIPPED_AT_ONCE][MS_COMMIT_FIELDS];
    ms_block_results *slot;
    ms_status status = ms_file_block_results(results, &slot, error);
    for (size_t done = 0; status == MS_OK && done < count;) {
        size_t here = count - done < SKIPPED_AT_ONCE ? count - done : SKIPPED_AT_ONCE;
        for (size_t i = 0; i < here; i++) {
            size_t block = first + done + i;
            const ms_block_results nothing = {
                .block = block, .status = MS_BLOCK_NOT_NEEDED, .chains = results->block[block].chains};
            make_failed(&nothing, slot);
            commit[i][0] = MS_GENERATION;
            commit[i][1] = MS_BLOCK_NOT_NEEDED;
            commit[i][2] = ms_slot_checksum(slot, MS_GENERATION, results->info.format_version);
            commit[i][3] = results->info.format_version;
        }
        status =
            ms_commits_write(results, first + done, here, (const uint32_t(*)[MS_COMMIT_FIELDS])commit, error);
        done += here;
    }
    return status;
}

ms_status ms_results_skip(ms_results *results, size_t first, size_t count, ms_error *error)
{
    if (!results->writable || first > results->info.blocks || count > results->info.blocks - first)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "%s has no blocks %zu to %zu to be skipped",
                            results->path, first, first + count);
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = skip_blocks(results, first, count, error);
    ms_hdf5_quiet_end(quiet);
    return status;
}

ms_status ms_results_write(ms_results *results, const ms_block_results *block, ms_error *error)
{
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = write_block(results, block, error);
    ms_hdf5_quiet_end(quiet);
    return status;
}
