/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Direct simulation: a run of chains, which records when they discover modes. */
#include "estimate/job_type.h"
#include "sampler/run_state.h"

#include <string.h>

#define ITERATION_CHARGE 8 /* coordinates that the work of an iteration beside its coordinates is worth */

static const ms_column discovery_time = {
    .name = "discovery_time",
    .units = "iterations",
    .long_name = "iteration at which the chain discovered the mode; -1: censored, -2: not computed",
    .type = MS_COLUMN_INT64,
    .rank = 3,
    .extent = {MS_EXTENT_CHAIN, MS_EXTENT_RULE, MS_EXTENT_MODE},
    .role = MS_COLUMN_EVENT};

static const ms_column observed = {.name = "observed",
                                   .units = "iterations",
                                   .long_name =
                                       "iterations through which the chain was observed; -2: not computed",
                                   .type = MS_COLUMN_INT64,
                                   .rank = 1,
                                   .extent = {MS_EXTENT_CHAIN},
                                   .role = MS_COLUMN_CLOCK};

static const ms_column *const columns[] = {&discovery_time, &observed, NULL};

static ms_job_size size(const ms_job_shape *shape)
{
    ms_run_size run = ms_run_size_of(&shape->run);
    return (ms_job_size){.state = run.state,
                         .memory = run.memory,
                         .cost = (double)run.chains * (double)shape->iterations *
                                 (run.updates + ITERATION_CHARGE)};
}

static ms_status check(const ms_job_params *params, ms_error *error)
{
    return ms_run_check_engine(&params->run, error);
}

static ms_status alloc(void **job, const ms_job_params *params, ms_error *error)
{
    ms_run *run;
    ms_status status = ms_run_alloc(&run, &params->run, error);
    *job = run;
    return status;
}

static void free_run(void *job)
{
    ms_run_free(job);
}

static ms_status advance(void *job, uint64_t iterations, ms_error *error)
{
    return ms_run_advance(job, iterations, error);
}

static ms_pass_shape uneven(const void *job)
{
    return ms_run_uneven(job);
}

static ms_status skim(void *job, ms_error *error)
{
    return ms_run_skim(job, error);
}

static bool done(const void *job)
{
    return ms_run_done(job);
}

static uint64_t iteration(const void *job)
{
    return ms_run_iteration(job);
}

static size_t state_size(const void *job)
{
    return ms_run_state_size(job);
}

static ms_status save(const void *job, void *buffer, size_t room, size_t *used, ms_error *error)
{
    return ms_run_save(job, buffer, room, used, error);
}

static ms_status restore(void *job, const void *buffer, size_t length, ms_error *error)
{
    return ms_run_restore(job, buffer, length, error);
}

static void fill_times(const ms_run *run, const ms_job_slot *slot)
{
    int64_t *time = slot->value;
    for (size_t chain = 0; chain < run->params.chains; chain++)
        for (size_t event = 0; event < slot->width; event++)
            time[(slot->first + chain) * slot->width + event] = ms_run_event_time(run, chain, event);
}

static void fill_observed(const ms_run *run, const ms_job_slot *slot)
{
    int64_t *value = slot->value;
    for (size_t chain = 0; chain < run->params.chains; chain++)
        value[slot->first + chain] = (int64_t)ms_run_observed(run, chain);
}

static void fill_observations(const ms_run *run, size_t observable, const ms_job_slot *slot)
{
    ms_word *value = slot->value;
    size_t width = ms_run_observation_width(run, observable);
    for (size_t snapshot = 0; snapshot < slot->rows; snapshot++)
        for (size_t chain = 0; chain < run->params.chains; chain++)
            memcpy(value + (snapshot * slot->units + slot->first + chain) * slot->width,
                   ms_run_observation(run, observable, snapshot, chain), width * sizeof *value);
}

static void fill(const void *job, const ms_job_slot *slot)
{
    const ms_run *run = job;
    if (strcmp(slot->column->name, discovery_time.name) == 0)
        fill_times(run, slot);
    else if (strcmp(slot->column->name, observed.name) == 0)
        fill_observed(run, slot);
    for (size_t i = 0; i < run->params.observable_count; i++)
        if (strcmp(slot->column->name, run->observables[i]->column.name) == 0)
            fill_observations(run, i, slot);
}

/* Chains move in groups, those missing of the last one with them. */
static double work(const void *job)
{
    size_t chains = ms_run_active_chains(job);
    return (double)(chains + (MS_LANES - chains % MS_LANES) % MS_LANES);
}

static void tell_ends(const void *job, ms_ends *ends)
{
    const ms_run *run = job;
    size_t events = ms_run_event_count(run);
    for (size_t chain = 0; chain < run->params.chains; chain++)
        ms_ends_add(ends, run->event_time + chain * events, events, ms_run_observed(run, chain));
}

static double expected_work(const ms_job_shape *shape, const ms_ends *ends)
{
    const ms_ends_block block = {.chains = shape->run.chains,
                                 .group = MS_LANES,
                                 .at_least = ends ? shape->at_least : shape->iterations,
                                 .iterations = shape->iterations};
    return MS_LANES * ms_ends_expected(ends, &block);
}

const ms_job_type ms_direct_job = {.kind = {.name = "direct", .doc = "chains that are simulated"},
                                   .columns = columns,
                                   .size = size,
                                   .check = check,
                                   .alloc = alloc,
                                   .free = free_run,
                                   .advance = advance,
                                   .uneven = uneven,
                                   .skim = skim,
                                   .done = done,
                                   .iteration = iteration,
                                   .state_size = state_size,
                                   .save = save,
                                   .restore = restore,
                                   .fill = fill,
                                   .work = work,
                                   .tell_ends = tell_ends,
                                   .expected_work = expected_work};
