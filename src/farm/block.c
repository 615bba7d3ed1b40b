/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/block.h"

#include "base/clock.h"
#include "farm/calibrate.h"
#include "farm/message.h"
#include "farm/precision.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MS_SLICE_SECONDS 0.004
#define FIRST_PAUSE      1.0   /* seconds before a block is saved first; then twice as long each time */
#define SAVING_SHARE     0.005 /* of the time, at most, unless the interval asked for is over */

ms_status ms_block_job_init(ms_block_job *job, const ms_sweep *sweep, ms_results *file,
                            const ms_farm_params *params, int rank, ms_error *error)
{
    *job = (ms_block_job){.sweep = sweep, .params = params, .file = file};
    ms_status status = ms_block_results_alloc(sweep, &job->results, error);
    if (status == MS_OK)
        job->results->rank = rank;
    else
        job->results = NULL;
    return status;
}

void ms_block_job_free(ms_block_job *job)
{
    ms_job_free(&job->job);
    ms_kept_free(&job->kept);
    ms_block_results_free(job->results);
    free(job->state);
    *job = (ms_block_job){0};
}

/* Room for a state of `size` bytes. */
static ms_status make_room(ms_block_job *job, size_t size, ms_error *error)
{
    if (size <= job->state_size)
        return MS_OK;
    free(job->state);
    job->state_size = 0;
    job->state = malloc(size);
    if (!job->state)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a checkpoint of %zu bytes", size);
    job->state_size = size;
    return MS_OK;
}

/* Goes on from the last saved state, if there is one. One that does not fit is as good as none: the block
 * then begins anew, to the same bits. */
static ms_status restore(ms_block_job *job, ms_error *error)
{
    ms_saved_state saved;
    size_t block = job->results->block, size;
    ms_status status = ms_results_saved_size(job->file, block, &size, error);
    if (status != MS_OK || size == 0)
        return status;
    status = make_room(job, size, error);
    if (status == MS_OK)
        status = ms_results_state_load(job->file, block, job->state, job->state_size, &saved, NULL, error);
    if (status != MS_OK || saved.generation == 0)
        return status;
    job->generation = saved.generation;
    if (job->job.type->restore(job->job.state, job->state, saved.size, NULL) != MS_OK)
        return MS_OK;
    job->saved_iteration = job->job.type->iteration(job->job.state);
    job->results->seconds += saved.seconds;
    job->resumed = true;
    return MS_OK;
}

/* Whether a state has room in its slot, which is not so where a version with another saved form has made the
 * file. Then none is saved, and the block begins anew after a stop. */
static bool has_room(const ms_block_job *job)
{
    return job->job.type->state_size(job->job.state) <= ms_results_state_size(job->file, job->results->block);
}

/* Saves the state, unless that has been done or there is no room for it. */
static ms_status save(ms_block_job *job, ms_error *error)
{
    const ms_job *of = &job->job;
    size_t block = job->results->block;
    ms_saved_state saved = {.generation = job->generation + 1,
                            .iteration = of->type->iteration(of->state),
                            .seconds = job->results->seconds};
    if (saved.iteration == job->saved_iteration || !has_room(job))
        return MS_OK;
    double began = ms_clock();
    ms_status status = make_room(job, ms_results_state_size(job->file, block), error);
    if (status == MS_OK)
        status = of->type->save(of->state, job->state, job->state_size, &saved.size, error);
    if (status == MS_OK)
        status = ms_results_state_save(job->file, block, &saved, job->state, error);
    if (status != MS_OK)
        return status;
    job->generation = saved.generation;
    job->saved_iteration = saved.iteration;
    job->saved_at = ms_clock();
    job->slowest_save = fmax(job->saved_at - began, job->slowest_save / 2);
    job->pause = fmax(2 * job->pause, (job->saved_at - began) / SAVING_SHARE);
    return MS_OK;
}

/* What concerns one point alone: it is recorded there and the other points go on. */
static bool is_failure_of_point(ms_status status)
{
    return status == MS_ERROR_NUMERIC || status == MS_ERROR_ARGUMENT;
}

void ms_block_fill_failed(const char *reason, ms_block_results *results)
{
    size_t length = strlen(reason);
    results->status = MS_BLOCK_FAILED;
    if (length >= MS_FAILURE_MAX)
        length = MS_FAILURE_MAX - 1;
    memcpy(results->failure, reason, length);
    results->failure[length] = '\0';
    ms_block_results_clear(results);
}

/* Whatever has come of it: a block whose results or state cannot be written, say because the disk is full,
 * has not crashed its rank. */
static ms_status end_attempt(ms_block_job *job, ms_error *error)
{
    return ms_results_attempt_progress(job->file, job->results->block, true, error);
}

/* Makes the job, and puts it into the saved state. */
static ms_status make_job(ms_block_job *job, ms_error *error)
{
    ms_block_results *results = job->results;
    ms_error reason = {0};
    ms_status status = ms_sweep_job_alloc(job->sweep, ms_sweep_block(job->sweep, results->block),
                                          job->params->simd, &job->kept, &job->job, &reason);
    if (is_failure_of_point(status)) {
        ms_block_fill_failed(reason.message, results);
        return MS_OK;
    }
    if (status != MS_OK)
        return ms_error_set(error, status, "%s", reason.message);
    return restore(job, error);
}

ms_status ms_block_job_pilot(ms_block_job *job, size_t block, double limit, double *seconds, ms_error *error)
{
    ms_status status = ms_results_attempt_begin(job->file, block, error);
    if (status != MS_OK)
        return status;
    *seconds = ms_calibrate_block(job->sweep, block, job->params->simd, limit, &job->kept);
    return ms_results_attempt_progress(job->file, block, true, error);
}

ms_status ms_block_job_begin(ms_block_job *job, size_t block, ms_error *error)
{
    ms_block_results *results = job->results;
    results->block = block;
    results->chains = ms_sweep_block(job->sweep, block).chains;
    results->status = MS_BLOCK_NOT_DONE;
    results->seconds = 0;
    memset(results->failure, 0, sizeof results->failure);
    job->generation = job->saved_iteration = 0;
    job->resumed = false;
    double began = ms_processor_clock();
    job->saved_at = ms_clock();
    job->pause = FIRST_PAUSE;
    /* first, so that a crash is known */
    ms_status status = ms_results_attempt_begin(job->file, block, error);
    if (status == MS_OK)
        status = make_job(job, error);
    if (status != MS_OK) {
        end_attempt(job, NULL);
        ms_job_free(&job->job);
        return status;
    }
    results->seconds += ms_processor_clock() - began;
    job->active = true;
    job->slice = 1; /* nothing is known yet about the cost of this point's iterations */
    return MS_OK;
}

void ms_block_fill_done(const ms_job *job, size_t first, size_t count, ms_block_results *results)
{
    results->status = MS_BLOCK_DONE;
    for (size_t c = 0; c < results->columns; c++) {
        ms_column_shape shape = ms_block_column_shape(results, c);
        const ms_job_slot slot = {.column = results->column[c],
                                  .value = results->value[c],
                                  .rows = shape.outer,
                                  .units = results->chains,
                                  .first = first,
                                  .width = shape.inner};
        /* of the block before something may be left */
        for (size_t row = 0; row < shape.outer; row++)
            ms_column_clear(results->column[c],
                            (uint64_t *)slot.value + (row * slot.units + first) * slot.width,
                            count * slot.width);
        job->type->fill(job->state, &slot);
    }
}

static void end_job(ms_block_job *job)
{
    ms_job_free(&job->job);
    job->active = false;
}

/* The state of chains that the budget has cut off goes into the file before the results, so that they can be
 * prolonged. */
static ms_status finish(ms_block_job *job, ms_error *error)
{
    ms_status status = MS_OK;
    if (job->results->status != MS_BLOCK_FAILED) {
        ms_block_fill_done(&job->job, 0, job->results->chains, job->results);
        if (!job->params->discard_states && job->job.type->work(job->job.state) > 0)
            status = save(job, error);
    }
    /* the results have their place in the file, even if the disk is too full for the state */
    ms_status written = ms_results_write(job->file, job->results, status == MS_OK ? error : NULL);
    status = status == MS_OK ? written : status;
    written = end_attempt(job, status == MS_OK ? error : NULL);
    end_job(job);
    return status == MS_OK ? written : status;
}

ms_status ms_block_job_suspend(ms_block_job *job, ms_error *error)
{
    ms_status status = MS_OK;
    if (!job->active)
        return MS_OK;
    if (job->results->status != MS_BLOCK_FAILED)
        status = save(job, error);
    ms_status ended = end_attempt(job, status == MS_OK ? error : NULL);
    end_job(job);
    return status == MS_OK ? ended : status;
}

/* The number of iterations for the next slice, given how long this one took; at most four times as many,
 * because short times are measured badly. */
static uint64_t next_slice(uint64_t slice, double seconds)
{
    double wanted = (double)slice * MS_SLICE_SECONDS / fmax(seconds, MS_SLICE_SECONDS / 4);
    return wanted < 1 ? 1 : wanted > 1e9 ? (uint64_t)1000000000 : (uint64_t)wanted;
}

/* Soon after the start for the first time: a block that has been saved has not crashed its rank at once. */
static ms_status save_if_due(ms_block_job *job, ms_error *error)
{
    if (ms_clock() - job->saved_at < fmin(job->pause, job->params->checkpoint_seconds) || !has_room(job))
        return MS_OK;
    ms_status status = save(job, error);
    if (status == MS_OK)
        status = ms_results_attempt_progress(job->file, job->results->block, false, error);
    return status;
}

ms_status ms_block_job_step(ms_block_job *job, bool *finished, ms_error *error)
{
    ms_block_results *results = job->results;
    *finished = false;
    double began = ms_clock(), processor_began = ms_processor_clock();
    const ms_job *of = &job->job;
    if (results->status != MS_BLOCK_FAILED && !of->type->done(of->state)) {
        ms_error reason = {0};
        ms_status status = of->type->advance(of->state, job->slice, &reason);
        if (is_failure_of_point(status))
            ms_block_fill_failed(reason.message, results);
        else if (status != MS_OK)
            return ms_error_set(error, status, "%s", reason.message);
        double took = ms_clock() - began;
        job->slowest_slice = fmax(took, job->slowest_slice / 2);
        job->slice = next_slice(job->slice, took);
    }
    results->seconds += ms_processor_clock() - processor_began;
    if (results->status != MS_BLOCK_FAILED && !of->type->done(of->state))
        return save_if_due(job, error);
    *finished = true;
    return finish(job, error);
}

double ms_block_job_notice(const ms_block_job *job)
{
    return job->slowest_slice + job->slowest_save;
}

/* Chains of the finished block that discovered any mode by the first rule. */
static size_t count_discovered(const ms_block_results *results)
{
    const int64_t *time = ms_block_int64(results, "discovery_time");
    size_t modes = results->extent[MS_EXTENT_MODE], discovered = 0;
    if (!time || results->status != MS_BLOCK_DONE)
        return 0;
    for (size_t chain = 0; chain < results->chains; chain++)
        if (time[0] != MS_COLUMN_NOT_COMPUTED &&
            ms_discovery_any(time + chain * results->extent[MS_EXTENT_RULE] * modes, modes) != MS_CENSORED)
            discovered++;
    return discovered;
}

ms_message ms_block_job_report(const ms_block_job *job)
{
    const ms_block_results *block = job->results;
    ms_message message = {.block = block->block,
                          .chains =
                              ms_sweep_is_direct(job->sweep, ms_sweep_block(job->sweep, block->block).point)
                                  ? block->chains
                                  : 0,
                          .discovered = count_discovered(block),
                          .seconds = job->results->seconds,
                          .failed = block->status != MS_BLOCK_DONE,
                          .resumed = job->resumed};
    if (job->sweep->relative_width > 0 && !message.failed)
        ms_precision_tally(job->sweep, block, message.tally);
    return message;
}
