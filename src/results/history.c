/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The provenance, read back for people. */
#include "results/file.h"
#include "results/hdf5_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ms_status read_whole(ms_results *results, ms_dataset dataset, void *values, ms_error *error)
{
    hid_t type = ms_layout_memory_type(&results->layout, dataset);
    ms_status status = MS_OK;
    if (type < 0 || H5Dread(results->dataset[dataset], type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        status =
            ms_hdf5_error(error, MS_ERROR_IO, results->path, ms_dataset_specs[dataset].path, "cannot read");
    H5Tclose(type);
    return status;
}

static ms_status read_seconds(ms_results *results, double *seconds, ms_error *error)
{
    size_t blocks = results->info.blocks;
    double *of_block = calloc(blocks > 0 ? blocks : 1, sizeof *of_block);
    if (!of_block)
        return ms_error_set(error, MS_ERROR_MEMORY, "no memory to read %s", results->path);
    ms_status status = read_whole(results, MS_DATASET_BLOCK_SECONDS, of_block, error);
    *seconds = 0;
    for (size_t b = 0; status == MS_OK && b < blocks; b++)
        if (of_block[b] > 0) /* not so for NaN: not computed */
            *seconds += of_block[b];
    free(of_block);
    return status;
}

static ms_status read_last_start(ms_results *results, char *text, size_t size, ms_error *error)
{
    char(*line)[MS_START_MAX] = calloc(MS_STARTS, sizeof *line);
    if (!line)
        return ms_error_set(error, MS_ERROR_MEMORY, "no memory to read %s", results->path);
    ms_status status = read_whole(results, MS_DATASET_START, line, error);
    text[0] = '\0';
    for (size_t i = 0; status == MS_OK && i < MS_STARTS && line[i][0]; i++) {
        line[i][MS_START_MAX - 1] = '\0';
        snprintf(text, size, "%s", line[i]);
    }
    ms_make_printable(text);
    free(line);
    return status;
}

ms_status ms_results_history(ms_results *results, double *seconds, char *last_start, size_t size,
                             ms_error *error)
{
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = read_seconds(results, seconds, error);
    if (status == MS_OK)
        status = read_last_start(results, last_start, size, error);
    ms_hdf5_quiet_end(quiet);
    return status;
}

void ms_results_library(char *text, size_t size)
{
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    snprintf(text, size, "HDF5 %u.%u.%u", major, minor, release);
}
