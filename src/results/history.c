/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The provenance, read back for people. */
#include "base/text.h"
#include "results/fault.h"
#include "results/file.h"
#include "results/hdf5_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The sum of what is positive: NaN is "not computed". */
static ms_status sum_of_blocks(ms_results *results, ms_dataset dataset, double *sum, ms_error *error)
{
    size_t blocks = results->info.blocks;
    double *of_block = ms_calloc(blocks > 0 ? blocks : 1, sizeof *of_block);
    if (!of_block)
        return ms_error_set(error, MS_ERROR_MEMORY, "no memory to read %s", results->path);
    ms_status status = ms_dataset_read(results, dataset, of_block, error);
    *sum = 0;
    for (size_t b = 0; status == MS_OK && b < blocks; b++)
        if (of_block[b] > 0)
            *sum += of_block[b];
    free(of_block);
    return status;
}

ms_status ms_results_starts(ms_results *results, char (**line)[MS_START_MAX], size_t *count, bool *is_merged,
                            bool *is_cut, ms_error *error)
{
    size_t lines, kept = 0;
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = ms_lines_read(results, MS_DATASET_START, line, &lines, error);
    ms_hdf5_quiet_end(quiet);
    *is_merged = status == MS_OK && lines > MS_STARTS;
    *is_cut = status == MS_OK && (*line)[lines - 1][0]; /* all are used: from now on the oldest go */
    for (size_t i = 0; status == MS_OK && i < lines; i++)
        if ((*line)[i][0]) {
            memmove((*line)[kept], (*line)[i], MS_START_MAX);
            ms_make_printable((*line)[kept++]);
        }
    *count = kept;
    return status;
}

static ms_status read_last_start(ms_results *results, char *text, size_t size, ms_error *error)
{
    char(*line)[MS_START_MAX];
    size_t count;
    bool is_merged, is_cut;
    ms_status status = ms_results_starts(results, &line, &count, &is_merged, &is_cut, error);
    snprintf(text, size, "%s", status == MS_OK && count > 0 ? line[count - 1] : "");
    free(line);
    return status;
}

ms_status ms_results_history(ms_results *results, double *seconds, double *lost, char *last_start,
                             size_t size, ms_error *error)
{
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = sum_of_blocks(results, MS_DATASET_BLOCK_SECONDS, seconds, error);
    if (status == MS_OK)
        status = sum_of_blocks(results, MS_DATASET_BLOCK_LOST, lost, error);
    if (status == MS_OK)
        status = read_last_start(results, last_start, size, error);
    ms_hdf5_quiet_end(quiet);
    return status;
}

ms_status ms_results_block_seconds(ms_results *results, double *seconds, ms_error *error)
{
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = ms_dataset_read(results, MS_DATASET_BLOCK_SECONDS, seconds, error);
    ms_hdf5_quiet_end(quiet);
    return status;
}

ms_status ms_results_keys(ms_results *results, uint64_t *key, ms_error *error)
{
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = ms_dataset_read(results, MS_DATASET_KEY, key, error);
    ms_hdf5_quiet_end(quiet);
    return status;
}

void ms_results_library(char *text, size_t size)
{
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    snprintf(text, size, "HDF5 %u.%u.%u", major, minor, release);
}
