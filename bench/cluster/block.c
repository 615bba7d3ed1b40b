/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In place of src/farm/block.c: blocks that compute nothing, and whose time passes on the simulated clock.
 * And no HDF5, whose MPI is another one. */
#include "farm/block.h"

#include "base/clock.h"
#include "data/readers.h"
#include "simulated.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#define SLICE_SECONDS 0.004 /* as in src/farm/block.c */

static void let_pass(double seconds)
{
    double whole = floor(seconds);
    const struct timespec pause = {.tv_sec = (time_t)whole, .tv_nsec = (long)(1e9 * (seconds - whole))};
    nanosleep(&pause, NULL);
}

ms_status ms_table_fill_hdf5(ms_table *table, void *bytes, size_t length, ms_diagnostics *diagnostics)
{
    (void)table;
    (void)bytes;
    (void)length;
    (void)diagnostics;
    return MS_ERROR_INTERNAL;
}

ms_status ms_block_job_init(ms_block_job *job, const ms_sweep *sweep, ms_results *file,
                            const ms_farm_params *params, int rank, ms_error *error)
{
    *job = (ms_block_job){.sweep = sweep, .params = params, .file = file};
    job->results = calloc(1, sizeof *job->results);
    if (!job->results)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory");
    job->results->rank = rank;
    return MS_OK;
}

void ms_block_job_free(ms_block_job *job)
{
    free(job->results);
}

ms_status ms_block_job_pilot(ms_block_job *job, size_t block, double limit, double *seconds, ms_error *error)
{
    (void)error;
    *seconds = ms_simulated_mean(job->sweep, block);
    let_pass(fmin(limit, *seconds));
    return MS_OK;
}

ms_status ms_block_job_begin(ms_block_job *job, size_t block, ms_error *error)
{
    (void)error;
    job->results->block = block;
    job->results->chains = 1;
    job->results->status = MS_BLOCK_DONE;
    job->results->seconds = 0;
    job->active = true;
    job->slowest_slice = SLICE_SECONDS;
    return MS_OK;
}

/* Only rank 0 has something to do between slices: the others sleep until their block is over, which makes the
 * simulation faster. */
ms_status ms_block_job_step(ms_block_job *job, bool *finished, ms_error *error)
{
    double left = ms_simulated_seconds(job->sweep, job->results->block) - job->results->seconds;
    double slice = job->results->rank == 0 ? fmin(SLICE_SECONDS, left) : left;
    let_pass(slice);
    job->results->seconds += slice;
    *finished = slice >= left;
    job->active = !*finished;
    return *finished ? ms_results_write(job->file, job->results, error) : MS_OK;
}

ms_status ms_block_job_suspend(ms_block_job *job, ms_error *error)
{
    (void)error;
    job->active = false;
    return MS_OK;
}

double ms_block_job_notice(const ms_block_job *job)
{
    return job->slowest_slice;
}

ms_message ms_block_job_report(const ms_block_job *job)
{
    return (ms_message){.block = job->results->block, .chains = 1, .seconds = job->results->seconds};
}

/* They have no results. */
int64_t *ms_block_int64(const ms_block_results *results, const char *column)
{
    (void)results;
    (void)column;
    return NULL;
}

double *ms_block_double(const ms_block_results *results, const char *column)
{
    (void)results;
    (void)column;
    return NULL;
}
