/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/block.h"

#include "farm/message.h"
#include "random/lanes.h"

#include <math.h>
#include <string.h>

#define MS_SLICE_SECONDS 0.004

ms_status ms_block_job_init(ms_block_job *job, const ms_sweep *sweep, ms_simd simd, int rank, ms_error *error)
{
    *job = (ms_block_job){.sweep = sweep, .simd = simd};
    ms_status status = ms_block_results_alloc(sweep, &job->results, error);
    if (status == MS_OK)
        job->results->rank = rank;
    else
        job->results = NULL;
    return status;
}

void ms_block_job_free(ms_block_job *job)
{
    if (job->active)
        ms_block_run_free(&job->block_run);
    ms_block_results_free(job->results);
    *job = (ms_block_job){0};
}

/* What concerns one point alone: it is recorded there and the other points go on. */
static bool is_failure_of_point(ms_status status)
{
    return status == MS_ERROR_NUMERIC || status == MS_ERROR_ARGUMENT;
}

static void record_failure(ms_block_results *results, const ms_error *error)
{
    results->status = MS_BLOCK_FAILED;
    size_t length = strlen(error->message);
    if (length >= MS_FAILURE_MAX)
        length = MS_FAILURE_MAX - 1;
    memcpy(results->failure, error->message, length);
    results->failure[length] = '\0';
}

ms_status ms_block_job_begin(ms_block_job *job, size_t block, ms_error *error)
{
    ms_block_results *results = job->results;
    results->block = block;
    results->chains = ms_sweep_block(job->sweep, block).chains;
    results->status = MS_BLOCK_NOT_DONE;
    memset(results->failure, 0, sizeof results->failure);
    double began = ms_clock();
    ms_error reason = {0};
    ms_status status = ms_block_run_alloc(job->sweep, ms_sweep_block(job->sweep, block), job->simd,
                                          &job->block_run, &reason);
    results->seconds = ms_clock() - began;
    if (status != MS_OK)
        job->block_run = (ms_block_run){0};
    if (is_failure_of_point(status))
        record_failure(results, &reason);
    else if (status != MS_OK)
        return ms_error_set(error, status, "%s", reason.message);
    job->active = true;
    job->slice = 1; /* nothing is known yet about the cost of this point's iterations */
    return MS_OK;
}

void ms_responsibilities(const ms_target *target, const double *squared_distance, double *responsibility)
{
    size_t components = ms_target_components(target);
    double half_dimension = 0.5 * (double)ms_target_dimension(target), largest = -INFINITY, sum = 0;
    for (size_t i = 0; i < components; i++) {
        double variance = ms_target_variance(target, i);
        responsibility[i] = ms_log(ms_target_weight(target, i)) - half_dimension * ms_log(variance) -
                            squared_distance[i] / (2 * variance);
        largest = fmax(largest, responsibility[i]);
    }
    for (size_t i = 0; i < components; i++)
        sum += responsibility[i] = ms_exp(responsibility[i] - largest);
    for (size_t i = 0; i < components; i++)
        responsibility[i] /= sum;
}

/* The same values for every failed block, so that files do not depend on how far it came. */
static void fill_failed(const ms_sweep *sweep, ms_block_results *results)
{
    size_t events = MS_RULE_COUNT * ms_sweep_modes(sweep);
    size_t distances = sweep->snapshot_count * results->chains * sweep->component_count;
    for (size_t i = 0; i < results->chains * events; i++)
        results->time[i] = MS_CENSORED;
    memset(results->observed, 0, results->chains * sizeof *results->observed);
    for (size_t i = 0; i < distances; i++)
        results->squared_distance[i] = results->responsibility[i] = 0;
}

static void fill_done(const ms_sweep *sweep, const ms_block_run *block_run, ms_block_results *results)
{
    size_t events = MS_RULE_COUNT * ms_sweep_modes(sweep), components = sweep->component_count;
    results->status = MS_BLOCK_DONE;
    for (size_t chain = 0; chain < results->chains; chain++) {
        results->observed[chain] = ms_run_observed(block_run->run, chain);
        for (size_t event = 0; event < events; event++)
            results->time[chain * events + event] = ms_run_event_time(block_run->run, chain, event);
    }
    for (size_t snapshot = 0; snapshot < sweep->snapshot_count; snapshot++)
        for (size_t chain = 0; chain < results->chains; chain++) {
            size_t row = (snapshot * results->chains + chain) * components;
            memcpy(results->squared_distance + row, ms_run_snapshot(block_run->run, snapshot, chain),
                   components * sizeof(double));
            ms_responsibilities(block_run->target, results->squared_distance + row,
                                results->responsibility + row);
        }
}

static void finish(ms_block_job *job)
{
    if (job->results->status == MS_BLOCK_FAILED)
        fill_failed(job->sweep, job->results);
    else
        fill_done(job->sweep, &job->block_run, job->results);
    ms_block_run_free(&job->block_run);
    job->block_run = (ms_block_run){0};
    job->active = false;
}

/* The number of iterations for the next slice, given how long this one took; at most four times as many,
 * because short times are measured badly. */
static uint64_t next_slice(uint64_t slice, double seconds)
{
    double wanted = (double)slice * MS_SLICE_SECONDS / fmax(seconds, MS_SLICE_SECONDS / 4);
    return wanted < 1 ? 1 : wanted > 1e9 ? (uint64_t)1000000000 : (uint64_t)wanted;
}

ms_status ms_block_job_step(ms_block_job *job, bool *finished, ms_error *error)
{
    ms_block_results *results = job->results;
    *finished = false;
    double began = ms_clock();
    ms_run *run = job->block_run.run;
    if (results->status != MS_BLOCK_FAILED && !ms_run_done(run)) {
        ms_error reason = {0};
        ms_status status = ms_run_advance(run, job->slice, &reason);
        if (is_failure_of_point(status))
            record_failure(results, &reason);
        else if (status != MS_OK)
            return ms_error_set(error, status, "%s", reason.message);
        job->slice = next_slice(job->slice, ms_clock() - began);
    }
    if (results->status == MS_BLOCK_FAILED || ms_run_done(run)) {
        finish(job);
        *finished = true;
    }
    results->seconds += ms_clock() - began;
    return MS_OK;
}

size_t ms_block_job_discovered(const ms_block_job *job)
{
    const ms_block_results *results = job->results;
    size_t modes = ms_sweep_modes(job->sweep), discovered = 0;
    for (size_t chain = 0; chain < results->chains; chain++)
        if (ms_discovery_any(results->time + chain * MS_RULE_COUNT * modes, modes) != MS_CENSORED)
            discovered++;
    return discovered;
}
