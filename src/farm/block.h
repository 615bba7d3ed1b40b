/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Computing one block after the other in slices short enough that a rank can answer messages and signals
 * between them. */
#ifndef MS_FARM_BLOCK_H
#define MS_FARM_BLOCK_H

#include "farm/farm.h"
#include "farm/message.h"

typedef struct ms_block_job {
    const ms_sweep *sweep;
    const ms_farm_params *params;
    ms_results *file;
    ms_block_results *results; /* of the block in work, and of the last one finished */
    ms_kept kept;
    ms_job job;
    bool active;
    uint64_t slice; /* iterations that take about MS_SLICE_SECONDS */
    void *state;    /* room for a saved state of state_size bytes */
    size_t state_size;
    uint64_t generation;                /* of the last valid saved state of the block, */
    uint64_t saved_iteration;           /* where it was, */
    double saved_at;                    /* and when, or when work began, by ms_clock() */
    double pause;                       /* from then to the next one */
    bool resumed;                       /* the block began from a saved state */
    double slowest_slice, slowest_save; /* wall-clock time, of the last ones */
} ms_block_job;

/* MS_ERROR_MEMORY; the job can then only be freed. */
ms_status ms_block_job_init(ms_block_job *job, const ms_sweep *sweep, ms_results *file,
                            const ms_farm_params *params, int rank, ms_error *error);
void ms_block_job_free(ms_block_job *job);

/* How long a block that has not begun takes, by a pilot run of `limit` seconds of CPU time; NAN: not
 * known. That it was tried is in the file meanwhile, so that a crash is known. None may be active.
 * MS_ERROR_IO. */
ms_status ms_block_job_pilot(ms_block_job *job, size_t block, double limit, double *seconds, ms_error *error);

/* Takes up a block, from its saved state if it has one; none may be active. A block whose parameters are
 * impossible is over at the next step. MS_ERROR_MEMORY, MS_ERROR_IO. */
ms_status ms_block_job_begin(ms_block_job *job, size_t block, ms_error *error);

/* Computes for one slice, and saves the state if that is due. At the end of the block writes job->results,
 * DONE or FAILED with the reason, and sets `*finished`; the job is then no longer active. */
ms_status ms_block_job_step(ms_block_job *job, bool *finished, ms_error *error);

/* Seconds that a stop would take: until a slice is over, and then to save. Of the last few slices and saves
 * the slowest, so that a single one, while the job was suspended, is soon forgotten. */
double ms_block_job_notice(const ms_block_job *job);

/* Gives up the block in work, if any, after saving its state. */
ms_status ms_block_job_suspend(ms_block_job *job, ms_error *error);

/* The results of a job that is done, `count` chains, into `results` for its block from chain `first` on; and
 * those of a failed one, the same whatever it had come to. */
void ms_block_fill_done(const ms_job *job, size_t first, size_t count, ms_block_results *results);
void ms_block_fill_failed(const char *reason, ms_block_results *results);

/* What the coordinator is told about the finished block. */
ms_message ms_block_job_report(const ms_block_job *job);

#endif
