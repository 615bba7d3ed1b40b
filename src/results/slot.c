/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/crc32c.h"
#include "results/fault.h"
#include "results/file.h"
#include "results/hdf5_error.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define EXCESS 0.1 /* over 1 of a probability: what is computed on a coarse grid has an error */

/* Selects a block's part of `dataset` in `*file_space`, and as many values in memory in `*memory_space`. */
static bool select_slot(const ms_results *results, ms_dataset dataset, size_t block, hid_t *file_space,
                        hid_t *memory_space)
{
    const ms_dataset_spec *spec = ms_layout_spec(&results->layout, dataset);
    const ms_block *range = &results->block[block];
    hsize_t start[MS_RANK_MAX] = {0}, count[MS_RANK_MAX] = {0};

    for (unsigned i = 0; i < spec->rank; i++) {
        count[i] = results->layout.size[spec->dim[i]];
        if (spec->dim[i] == MS_DIM_POINT) {
            start[i] = range->point;
            count[i] = 1;
        } else if (spec->dim[i] == MS_DIM_CHAIN) {
            start[i] = range->first_chain;
            count[i] = range->chains;
        } else if (spec->dim[i] == MS_DIM_BLOCK || spec->dim[i] == MS_DIM_PROVENANCE_BLOCK ||
                   spec->dim[i] == MS_DIM_CHECKPOINT_BLOCK) {
            start[i] = block;
            count[i] = 1;
        }
    }
    *memory_space = H5Screate_simple((int)spec->rank, count, NULL);
    *file_space = H5Dget_space(results->dataset[dataset]);
    return *memory_space >= 0 && *file_space >= 0 &&
           H5Sselect_hyperslab(*file_space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0;
}

/* Reads to `read_to`, or writes from `write_from`, through two selections, which it closes. */
static ms_status transfer(ms_results *results, ms_dataset dataset, bool selected, hid_t memory_space,
                          hid_t file_space, void *read_to, const void *write_from, ms_error *error)
{
    hid_t type = ms_layout_memory_type(&results->layout, dataset), set = results->dataset[dataset];
    ms_status status = MS_OK;
    errno = 0;
    if (type < 0 || !selected ||
        (read_to ? MS_TRY(MS_FAULT_READ, H5Dread(set, type, memory_space, file_space, H5P_DEFAULT, read_to))
                 : MS_TRY(MS_FAULT_WRITE,
                          H5Dwrite(set, type, memory_space, file_space, H5P_DEFAULT, write_from))) < 0) {
        int number = errno;
        status =
            ms_hdf5_error(error, MS_ERROR_IO, results->path, ms_layout_spec(&results->layout, dataset)->path,
                          read_to ? "cannot read" : "cannot write");
        number = ms_guard_reason(results, number);
        if (number)
            ms_error_set(error, status, "%s: cannot %s %s: %s" MS_IO_ADVICE, results->path,
                         read_to ? "read" : "write", ms_layout_spec(&results->layout, dataset)->path,
                         strerror(number));
    } else if (write_from && results->task) {
        results->task->written += (size_t)H5Sget_select_npoints(memory_space) * H5Tget_size(type);
    }
    H5Sclose(file_space);
    H5Sclose(memory_space);
    H5Tclose(type);
    return status;
}

static ms_status transfer_slot(ms_results *results, ms_dataset dataset, size_t block, void *read_to,
                               const void *write_from, ms_error *error)
{
    hid_t file_space = H5I_INVALID_HID, memory_space = H5I_INVALID_HID;
    bool selected = select_slot(results, dataset, block, &file_space, &memory_space);
    return transfer(results, dataset, selected, memory_space, file_space, read_to, write_from, error);
}

ms_status ms_slot_read(ms_results *results, ms_dataset dataset, size_t block, void *values, ms_error *error)
{
    return transfer_slot(results, dataset, block, values, NULL, error);
}

ms_status ms_slot_write(ms_results *results, ms_dataset dataset, size_t block, const void *values,
                        ms_error *error)
{
    return transfer_slot(results, dataset, block, NULL, values, error);
}

static ms_status transfer_piece(ms_results *results, ms_dataset dataset, uint64_t first, size_t size,
                                void *read_to, const void *write_from, ms_error *error)
{
    hsize_t start = first, count = size;
    hid_t memory_space = H5Screate_simple(1, &count, NULL);
    hid_t file_space = H5Dget_space(results->dataset[dataset]);
    bool selected = memory_space >= 0 && file_space >= 0 &&
                    H5Sselect_hyperslab(file_space, H5S_SELECT_SET, &start, NULL, &count, NULL) >= 0;
    return transfer(results, dataset, selected, memory_space, file_space, read_to, write_from, error);
}

/* Within a task in pieces, so that it can be stopped. */
static ms_status transfer_bytes(ms_results *results, ms_dataset dataset, uint64_t first, size_t size,
                                unsigned char *read_to, const unsigned char *write_from, ms_error *error)
{
    size_t at = 0;
    ms_status status;
    do {
        size_t piece = results->task && size - at > MS_TASK_PIECE ? MS_TASK_PIECE : size - at;
        status = at > 0 ? ms_task_go_on(results->task, error) : MS_OK;
        if (status == MS_OK)
            status = transfer_piece(results, dataset, first + at, piece, read_to ? read_to + at : NULL,
                                    write_from ? write_from + at : NULL, error);
        at += piece;
    } while (status == MS_OK && at < size);
    return status;
}

ms_status ms_bytes_read(ms_results *results, ms_dataset dataset, uint64_t first, size_t count, void *values,
                        ms_error *error)
{
    return transfer_bytes(results, dataset, first, count, values, NULL, error);
}

ms_status ms_bytes_write(ms_results *results, ms_dataset dataset, uint64_t first, size_t count,
                         const void *values, ms_error *error)
{
    return transfer_bytes(results, dataset, first, count, NULL, values, error);
}

uint32_t ms_slot_checksum(const ms_block_results *block, uint32_t generation, uint32_t format_version)
{
    const uint64_t record[] = {block->block, generation, (uint64_t)block->status, format_version};
    uint32_t crc = 0;
    for (size_t i = 0; i < block->columns; i++)
        crc = ms_crc32c_words(crc, block->value[i], ms_block_column_values(block, i));
    crc = ms_crc32c(crc, block->failure, sizeof block->failure);
    return ms_crc32c_words(crc, record, sizeof record / sizeof *record);
}

/* The column that says how long each chain was observed; NULL: there is none. */
static const int64_t *find_clock(const ms_block_results *block)
{
    for (size_t i = 0; i < block->columns; i++)
        if (block->column[i]->role == MS_COLUMN_CLOCK)
            return block->value[i];
    return NULL;
}

/* Whether all events of a column are within the clock. */
static bool events_are_plausible(const ms_block_results *block, size_t column, const int64_t *clock)
{
    const int64_t *time = block->value[column];
    ms_column_shape shape = ms_block_column_shape(block, column);
    for (size_t row = 0; row < shape.outer * block->chains; row++)
        for (size_t i = 0; i < shape.inner; i++, time++)
            if (*time != MS_CENSORED && (*time < 0 || (clock && *time > clock[row % block->chains])))
                return false;
    return true;
}

static bool is_in_range(ms_column_role role, double value)
{
    bool is_amount = value >= 0 && (role != MS_COLUMN_AMOUNT || isfinite(value));
    return isnan(value) || (is_amount && (role != MS_COLUMN_SHARE || value <= 1 + EXCESS));
}

/* Of replicates: nothing is said of chains, and numbers are what their columns say. */
static bool replicates_are_plausible(const ms_block_results *block)
{
    for (size_t c = 0; c < block->columns; c++) {
        ms_column_role role = block->column[c]->role;
        const int64_t *time = block->value[c];
        const double *number = block->value[c];
        for (size_t i = 0; role != MS_COLUMN_VALUE && i < ms_block_column_values(block, c); i++)
            if (ms_column_is_time(block->column[c]) ? time[i] != MS_COLUMN_NOT_COMPUTED
                                                    : !is_in_range(role, number[i]))
                return false;
    }
    return true;
}

bool ms_slot_plausible(const ms_block_results *block, bool is_direct, uint64_t iterations)
{
    if (block->status != MS_BLOCK_DONE)
        return block->status >= MS_BLOCK_FAILED && block->status <= MS_BLOCK_NOT_NEEDED;
    if (!is_direct)
        return replicates_are_plausible(block);
    const int64_t *clock = find_clock(block);
    for (size_t chain = 0; clock && chain < block->chains; chain++)
        if (clock[chain] < 0 || (uint64_t)clock[chain] > iterations)
            return false;
    for (size_t i = 0; i < block->columns; i++)
        if (block->column[i]->role == MS_COLUMN_EVENT && !events_are_plausible(block, i, clock))
            return false;
    return true;
}

static uint64_t budget_of(const ms_results *results, size_t block)
{
    return results->point_iterations[results->block[block].point];
}

ms_status ms_slot_load(ms_results *results, size_t block, ms_block_results *slot, bool *torn, ms_error *error)
{
    uint32_t commit[MS_COMMIT_FIELDS] = {0};
    slot->block = block;
    slot->chains = results->block[block].chains;
    slot->status = MS_BLOCK_NOT_DONE;
    if (torn)
        *torn = false;
    /* The record first: a job may be writing, data before record. */
    ms_status status = ms_slot_read(results, MS_DATASET_COMMIT, block, commit, error);
    if (status != MS_OK || commit[0] == 0)
        return status;
    for (size_t i = 0; status == MS_OK && i < slot->columns; i++)
        status = ms_slot_read(results, MS_DATASET_FIRST_COLUMN + (ms_dataset)i, block, slot->value[i], error);
    if (status == MS_OK)
        status = ms_slot_read(results, MS_DATASET_FAILURE, block, slot->failure, error);
    if (status != MS_OK)
        return status;
    slot->status = commit[1] >= MS_BLOCK_DONE && commit[1] <= MS_BLOCK_NOT_NEEDED ? (ms_block_status)commit[1]
                                                                                  : MS_BLOCK_NOT_DONE;
    if (commit[3] != results->info.format_version ||
        commit[2] != ms_slot_checksum(slot, commit[0], commit[3]) ||
        !ms_slot_plausible(slot, ms_results_is_direct(&results->info, results->block[block].point),
                           budget_of(results, block))) {
        slot->status = MS_BLOCK_NOT_DONE;
        if (torn)
            *torn = true;
    }
    slot->failure[MS_FAILURE_MAX - 1] = '\0';
    int32_t rank = -1;
    status = ms_slot_read(results, MS_DATASET_BLOCK_SECONDS, block, &slot->seconds, error);
    if (status == MS_OK)
        status = ms_slot_read(results, MS_DATASET_BLOCK_RANK, block, &rank, error);
    slot->rank = rank;
    return status;
}

ms_status ms_commits_write(ms_results *results, size_t first, size_t count,
                           const uint32_t (*commit)[MS_COMMIT_FIELDS], ms_error *error)
{
    hsize_t start[2] = {first, 0}, extent[2] = {count, MS_COMMIT_FIELDS};
    hid_t memory_space = H5Screate_simple(2, extent, NULL);
    hid_t file_space = H5Dget_space(results->dataset[MS_DATASET_COMMIT]);
    bool selected = memory_space >= 0 && file_space >= 0 &&
                    H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start, NULL, extent, NULL) >= 0;
    return transfer(results, MS_DATASET_COMMIT, selected, memory_space, file_space, NULL, commit, error);
}

ms_status ms_slot_store(ms_results *results, const ms_block_results *slot, ms_error *error)
{
    const int32_t rank = slot->rank;
    const uint32_t format = results->info.format_version;
    const uint32_t commit[MS_COMMIT_FIELDS] = {MS_GENERATION, (uint32_t)slot->status,
                                               ms_slot_checksum(slot, MS_GENERATION, format), format};
    ms_status status = MS_OK;
    for (size_t i = 0; status == MS_OK && i < slot->columns; i++)
        status = ms_slot_write(results, MS_DATASET_FIRST_COLUMN + (ms_dataset)i, slot->block, slot->value[i],
                               error);
    if (status == MS_OK)
        status = ms_slot_write(results, MS_DATASET_FAILURE, slot->block, slot->failure, error);
    if (status == MS_OK)
        status = ms_slot_write(results, MS_DATASET_BLOCK_SECONDS, slot->block, &slot->seconds, error);
    if (status == MS_OK)
        status = ms_slot_write(results, MS_DATASET_BLOCK_RANK, slot->block, &rank, error);
    /* last: without it the slot does not count */
    return status == MS_OK ? ms_slot_write(results, MS_DATASET_COMMIT, slot->block, commit, error) : status;
}
