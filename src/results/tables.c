/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/tables.h"

#include "base/text.h"
#include "results/fault.h"
#include "results/hdf5_error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

ms_status ms_dataset_read(const ms_results *results, ms_dataset dataset, void *values, ms_error *error)
{
    hid_t type = ms_layout_memory_type(&results->layout, dataset);
    ms_status status = MS_OK;
    if (type < 0 || MS_TRY(MS_FAULT_READ, H5Dread(results->dataset[dataset], type, H5S_ALL, H5S_ALL,
                                                  H5P_DEFAULT, values)) < 0) {
        status =
            ms_hdf5_error(error, MS_ERROR_IO, results->path, ms_dataset_specs[dataset].path, "cannot read");
    }
    H5Tclose(type);
    return status;
}

ms_status ms_dataset_write(const ms_results *results, ms_dataset dataset, const void *values, ms_error *error)
{
    hid_t type = ms_layout_memory_type(&results->layout, dataset);
    ms_status status = MS_OK;
    if (type < 0 || MS_TRY(MS_FAULT_WRITE, H5Dwrite(results->dataset[dataset], type, H5S_ALL, H5S_ALL,
                                                    H5P_DEFAULT, values)) < 0) {
        status =
            ms_hdf5_error(error, MS_ERROR_IO, results->path, ms_dataset_specs[dataset].path, "cannot write");
    }
    H5Tclose(type);
    return status;
}

/* The whole of a dataset in new memory, with a zero byte after it; its address goes to the pointer at
 * `pointer`, of whatever type. */
static ms_status read_all(const ms_results *results, ms_dataset which, void *pointer, ms_error *error)
{
    double bytes = ms_layout_bytes(&results->layout, which); /* bounded by the size of the file */
    void *values = bytes < (double)PTRDIFF_MAX ? ms_calloc((size_t)bytes + 1, 1) : NULL;
    memcpy(pointer, &values, sizeof values);
    if (!values) {
        return ms_error_set(error, MS_ERROR_MEMORY, "%s: no memory to read %s", results->path,
                            ms_dataset_specs[which].path);
    }
    return ms_dataset_read(results, which, values, error);
}

ms_status ms_lines_read(const ms_results *results, ms_dataset dataset, char (**lines)[MS_START_MAX],
                        size_t *count, ms_error *error)
{
    *count = results->layout.size[ms_dataset_specs[dataset].dim[0]];
    *lines = ms_calloc(*count > 0 ? *count : 1, sizeof **lines);
    if (!*lines) {
        return ms_error_set(error, MS_ERROR_MEMORY, "%s: no memory to read %s", results->path,
                            ms_dataset_specs[dataset].path);
    }
    ms_status status = *count > 0 ? ms_dataset_read(results, dataset, *lines, error) : MS_OK;
    for (size_t i = 0; i < *count; i++)
        (*lines)[i][MS_START_MAX - 1] = '\0';
    return status;
}

static ms_status bad(const ms_results *results, ms_dataset which, ms_error *error)
{
    return ms_error_set(error, MS_ERROR_FORMAT, "%s: %s holds impossible values; the file is damaged",
                        results->path, ms_dataset_specs[which].path);
}

static ms_status check_points(const ms_results *results, ms_error *error)
{
    for (size_t i = 0; i < results->info.points; i++) {
        if (results->dimension[i] < 1 || results->dimension[i] > MS_SWEEP_DIMENSION_MAX)
            return bad(results, MS_DATASET_DIMENSION, error);
        if (results->patch_size[i] < 1 || results->patch_size[i] > results->dimension[i])
            return bad(results, MS_DATASET_PATCH_SIZE, error);
        if (!isfinite(results->noise_level[i]) || results->noise_level[i] < 0)
            return bad(results, MS_DATASET_NOISE_LEVEL, error);
    }
    for (size_t i = 0; i < results->info.components; i++)
        if (!isfinite(results->weight[i]) || results->weight[i] < 0)
            return bad(results, MS_DATASET_WEIGHT, error);
    for (size_t i = 0; i < results->info.snapshots; i++)
        if (results->snapshot_iteration[i] > results->info.iterations ||
            (i > 0 && results->snapshot_iteration[i] <= results->snapshot_iteration[i - 1]))
            return bad(results, MS_DATASET_SNAPSHOT, error);
    return MS_OK;
}

/* The blocks must cover the chains of point after point without a gap. */
static ms_status index_blocks(ms_results *results, const uint64_t *point, const uint64_t *first_chain,
                              const uint64_t *chains, ms_error *error)
{
    ms_results_info *info = &results->info;
    size_t at = 0, covered = 0;
    for (size_t block = 0; block < info->blocks; block++) {
        if (at == info->points || point[block] != at || first_chain[block] != covered || chains[block] == 0 ||
            chains[block] > info->chains - covered)
            return bad(results, MS_DATASET_BLOCK_FIRST_CHAIN, error);
        results->block[block] = (ms_block){at, covered, (size_t)chains[block]};
        info->block_chains = chains[block] > info->block_chains ? (size_t)chains[block] : info->block_chains;
        covered += (size_t)chains[block];
        if (covered == info->chains) {
            results->first_block[++at] = block + 1;
            covered = 0;
        }
    }
    return at == info->points ? MS_OK : bad(results, MS_DATASET_BLOCK_FIRST_CHAIN, error);
}

static ms_status read_blocks(ms_results *results, ms_error *error)
{
    uint64_t *point = NULL, *first_chain = NULL, *chains = NULL;
    ms_status status = read_all(results, MS_DATASET_BLOCK_POINT, &point, error);
    if (status == MS_OK)
        status = read_all(results, MS_DATASET_BLOCK_FIRST_CHAIN, &first_chain, error);
    if (status == MS_OK)
        status = read_all(results, MS_DATASET_BLOCK_CHAINS, &chains, error);
    if (status == MS_OK) {
        results->block = ms_calloc(results->info.blocks, sizeof *results->block);
        results->first_block = ms_calloc(results->info.points + 1, sizeof *results->first_block);
        status = results->block && results->first_block
                     ? index_blocks(results, point, first_chain, chains, error)
                     : ms_error_set(error, MS_ERROR_MEMORY, "%s: no memory for its blocks", results->path);
    }
    free(point);
    free(first_chain);
    free(chains);
    return status;
}

/* The slots of saved states must follow one another, and fill the room. */
static ms_status check_states(const ms_results *results, ms_error *error)
{
    uint64_t at = 0, end = results->layout.size[MS_DIM_STATE];
    for (size_t block = 0; block < results->info.blocks; block++) {
        uint64_t size = results->state_size[block];
        if (results->state_offset[block] != at || size > (end - at) / MS_SLOTS)
            return bad(results, MS_DATASET_STATE_OFFSET, error);
        at += MS_SLOTS * size;
    }
    return at == end ? MS_OK : bad(results, MS_DATASET_STATE_SIZE, error);
}

ms_status ms_tables_read(ms_results *results, ms_error *error)
{
    const size_t *size = results->layout.size;
    ms_results_info *info = &results->info;
    info->points = size[MS_DIM_POINT];
    info->chains = size[MS_DIM_CHAIN];
    info->rules = size[MS_DIM_RULE];
    info->modes = size[MS_DIM_MODE];
    info->components = size[MS_DIM_COMPONENT];
    info->snapshots = size[MS_DIM_SNAPSHOT];
    info->blocks = size[MS_DIM_BLOCK];

    const struct {
        ms_dataset dataset;
        void *pointer;
    } table[] = {{MS_DATASET_DIMENSION, &results->dimension},
                 {MS_DATASET_PATCH_SIZE, &results->patch_size},
                 {MS_DATASET_SEED, &results->seed},
                 {MS_DATASET_NOISE_LEVEL, &results->noise_level},
                 {MS_DATASET_WEIGHT, &results->weight},
                 {MS_DATASET_SNAPSHOT, &results->snapshot_iteration},
                 {MS_DATASET_STATE_OFFSET, &results->state_offset},
                 {MS_DATASET_STATE_SIZE, &results->state_size},
                 {MS_DATASET_NAME, &results->name},
                 {MS_DATASET_IDENTITY, &results->identity},
                 {MS_DATASET_SWEEP_YAML, &results->sweep_yaml}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (ms_layout_has(&results->layout, table[i].dataset)) {
            ms_status status = read_all(results, table[i].dataset, table[i].pointer, error);
            if (status != MS_OK)
                return status;
        }
    }
    ms_make_printable(results->name);
    ms_status status = check_points(results, error);
    if (status == MS_OK)
        status = read_blocks(results, error);
    if (status == MS_OK)
        status = check_states(results, error);
    info->name = results->name;
    info->sweep_yaml = results->sweep_yaml;
    info->identity = results->identity;
    info->dimension = results->dimension;
    info->patch_size = results->patch_size;
    info->seed = results->seed;
    info->noise_level = results->noise_level;
    info->snapshot_iteration = results->snapshot_iteration;
    info->weight = results->weight;
    return status;
}

void ms_tables_free(ms_results *results)
{
    free(results->dimension);
    free(results->patch_size);
    free(results->seed);
    free(results->noise_level);
    free(results->weight);
    free(results->snapshot_iteration);
    free(results->state_offset);
    free(results->state_size);
    free(results->name);
    free(results->identity);
    free(results->sweep_yaml);
    free(results->block);
    free(results->first_block);
}
