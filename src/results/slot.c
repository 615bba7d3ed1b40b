/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/crc32c.h"
#include "results/file.h"
#include "results/hdf5_error.h"

#include <math.h>
#include <string.h>

/* Selects a block's part of `dataset` in `*file_space`, and as many values in memory in `*memory_space`. */
static bool select_slot(const ms_results *results, ms_dataset dataset, size_t block, hid_t *file_space,
                        hid_t *memory_space)
{
    const ms_dataset_spec *spec = &ms_dataset_specs[dataset];
    const ms_block *range = &results->block[block];
    hsize_t start[4] = {0}, count[4] = {0};

    for (unsigned i = 0; i < spec->rank; i++) {
        count[i] = results->layout.size[spec->axis[i]];
        if (spec->axis[i] == MS_AXIS_POINT) {
            start[i] = range->point;
            count[i] = 1;
        } else if (spec->axis[i] == MS_AXIS_CHAIN) {
            start[i] = range->first_chain;
            count[i] = range->chains;
        } else if (spec->axis[i] == MS_AXIS_BLOCK || spec->axis[i] == MS_AXIS_PROVENANCE_BLOCK) {
            start[i] = block;
            count[i] = 1;
        }
    }
    *memory_space = H5Screate_simple((int)spec->rank, count, NULL);
    *file_space = H5Dget_space(results->dataset[dataset]);
    return *memory_space >= 0 && *file_space >= 0 &&
           H5Sselect_hyperslab(*file_space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0;
}

static ms_status transfer(ms_results *results, ms_dataset dataset, size_t block, void *read_to,
                          const void *write_from, ms_error *error)
{
    hid_t file_space = H5I_INVALID_HID, memory_space = H5I_INVALID_HID;
    hid_t type = ms_layout_memory_type(&results->layout, dataset);
    ms_status status = MS_OK;

    if (type < 0 || !select_slot(results, dataset, block, &file_space, &memory_space) ||
        (read_to ? H5Dread(results->dataset[dataset], type, memory_space, file_space, H5P_DEFAULT, read_to)
                 : H5Dwrite(results->dataset[dataset], type, memory_space, file_space, H5P_DEFAULT,
                            write_from)) < 0) {
        status = ms_hdf5_error(error, MS_ERROR_IO, results->path, ms_dataset_specs[dataset].path,
                               read_to ? "cannot read" : "cannot write");
    }
    H5Sclose(file_space);
    H5Sclose(memory_space);
    H5Tclose(type);
    return status;
}

ms_status ms_slot_read(ms_results *results, ms_dataset dataset, size_t block, void *values, ms_error *error)
{
    return transfer(results, dataset, block, values, NULL, error);
}

ms_status ms_slot_write(ms_results *results, ms_dataset dataset, size_t block, const void *values,
                        ms_error *error)
{
    return transfer(results, dataset, block, NULL, values, error);
}

uint32_t ms_slot_checksum(const ms_layout *layout, const ms_block_results *block, uint32_t generation)
{
    const size_t *size = layout->size;
    size_t snapshot_values = size[MS_AXIS_SNAPSHOT] * block->chains * size[MS_AXIS_COMPONENT];
    const uint64_t record[] = {block->block, generation, (uint64_t)block->status, MS_RESULTS_FORMAT_VERSION};

    uint32_t crc = 0;
    crc = ms_crc32c_words(crc, block->time, block->chains * size[MS_AXIS_RULE] * size[MS_AXIS_MODE]);
    crc = ms_crc32c_words(crc, block->observed, block->chains);
    crc = ms_crc32c_words(crc, block->squared_distance, snapshot_values);
    crc = ms_crc32c_words(crc, block->responsibility, snapshot_values);
    crc = ms_crc32c(crc, block->failure, sizeof block->failure);
    return ms_crc32c_words(crc, record, sizeof record / sizeof *record);
}

bool ms_slot_plausible(const ms_layout *layout, const ms_block_results *block, uint64_t iterations)
{
    if (block->status != MS_BLOCK_DONE) {
        return block->status == MS_BLOCK_FAILED;
    }
    size_t times = layout->size[MS_AXIS_RULE] * layout->size[MS_AXIS_MODE];
    for (size_t chain = 0; chain < block->chains; chain++) {
        if (block->observed[chain] > iterations) {
            return false;
        }
        for (size_t i = 0; i < times; i++) {
            int64_t time = block->time[chain * times + i];
            if (time != MS_CENSORED && (time < 0 || (uint64_t)time > block->observed[chain])) {
                return false;
            }
        }
    }
    return true;
}

ms_status ms_slot_load(ms_results *results, size_t block, ms_block_results *slot, ms_error *error)
{
    uint32_t commit[MS_COMMIT_FIELDS] = {0};
    const struct {
        ms_dataset dataset;
        void *values;
    } part[] = {{MS_DATASET_DISCOVERY_TIME, slot->time},
                {MS_DATASET_OBSERVED, slot->observed},
                {MS_DATASET_SQUARED_DISTANCE, slot->squared_distance},
                {MS_DATASET_RESPONSIBILITY, slot->responsibility},
                {MS_DATASET_FAILURE, slot->failure}};

    slot->block = block;
    slot->chains = results->block[block].chains;
    slot->status = MS_BLOCK_NOT_DONE;
    /* The record first: a job may be writing, data before record. */
    ms_status status = ms_slot_read(results, MS_DATASET_COMMIT, block, commit, error);
    if (status != MS_OK || commit[0] == 0) {
        return status;
    }
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        if (ms_layout_has(&results->layout, part[i].dataset)) {
            status = ms_slot_read(results, part[i].dataset, block, part[i].values, error);
            if (status != MS_OK) {
                return status;
            }
        }
    }
    slot->status = commit[1] == MS_BLOCK_DONE || commit[1] == MS_BLOCK_FAILED ? (ms_block_status)commit[1]
                                                                              : MS_BLOCK_NOT_DONE;
    if (commit[3] != MS_RESULTS_FORMAT_VERSION ||
        commit[2] != ms_slot_checksum(&results->layout, slot, commit[0]) ||
        !ms_slot_plausible(&results->layout, slot, results->info.iterations)) {
        slot->status = MS_BLOCK_NOT_DONE;
    }
    slot->failure[MS_FAILURE_MAX - 1] = '\0';
    return MS_OK;
}
