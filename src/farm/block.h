/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Computing one block after the other in slices short enough that a rank can answer messages and signals
 * between them. */
#ifndef MS_FARM_BLOCK_H
#define MS_FARM_BLOCK_H

#include "results/results.h"

typedef struct ms_block_job {
    const ms_sweep *sweep;
    ms_simd simd;
    ms_block_results *results; /* of the block in work, and of the last one finished */
    ms_block_run block_run;
    bool active;
    uint64_t slice; /* iterations that take about MS_SLICE_SECONDS */
} ms_block_job;

/* MS_ERROR_MEMORY; the job can then only be freed. */
ms_status ms_block_job_init(ms_block_job *job, const ms_sweep *sweep, ms_simd simd, int rank,
                            ms_error *error);
void ms_block_job_free(ms_block_job *job);

/* Takes up a block; none may be active. A block whose parameters are impossible is over at the next step.
 * MS_ERROR_MEMORY. */
ms_status ms_block_job_begin(ms_block_job *job, size_t block, ms_error *error);

/* Computes for one slice; at the end of the block fills in job->results, DONE or FAILED with the reason, and
 * sets `*finished`; the job is then no longer active. */
ms_status ms_block_job_step(ms_block_job *job, bool *finished, ms_error *error);

/* Chains of the finished block that discovered any mode by the first rule. */
size_t ms_block_job_discovered(const ms_block_job *job);

/* Responsibilities of the un-smoothed target at a point with these squared distances to the means; the same
 * bits on every machine. */
void ms_responsibilities(const ms_target *target, const double *squared_distance, double *responsibility);

#endif
