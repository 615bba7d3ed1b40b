/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The job type `restart`. */
#include "estimate/estimator_fields.h"
#include "estimate/replicate.h"
#include "estimate/restart.h"

#include <math.h>

#define WORK 60 /* transitions of branches to one of the main trajectories, times numbers, about */

static const ms_field fields[] = {
    {.key = "replicates",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_BUDGET,
     .doc = "independent estimates of a point",
     .fallback = "32",
     .offset = offsetof(ms_restart_fields, replicates),
     .least = 1,
     .most = MS_REPLICATES_MAX},
    {.key = "steps",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_RECORD,
     .doc = "iterations of a replicate's main trajectories",
     .fallback = "100000",
     .offset = offsetof(ms_restart_fields, steps),
     .least = 1,
     .most = UINT64_C(1) << 48},
    {.key = "burn_in",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_RECORD,
     .doc = "iterations of each before they count; 0 is 30 relaxation times",
     .fallback = "0",
     .offset = offsetof(ms_restart_fields, burn_in),
     .most = UINT64_C(1) << 48},
    {.key = "copies",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_RECORD,
     .doc = "branches where a trajectory comes up a level",
     .fallback = "4",
     .offset = offsetof(ms_restart_fields, copies),
     .least = 2,
     .most = MS_RESTART_COPIES_MAX},
    {.key = "law",
     .type = MS_FIELD_CHOICE,
     .role = MS_ROLE_RECORD,
     .doc = "what of a chain is followed",
     .fallback = "auto",
     .offset = offsetof(ms_restart_fields, law),
     .choices = ms_law_choices},
    {.key = "coordinate",
     .type = MS_FIELD_CHOICE,
     .role = MS_ROLE_RECORD,
     .doc = "what says how near a chain is to a discovery",
     .fallback = "rule",
     .offset = offsetof(ms_restart_fields, coordinate),
     .choices = ms_coordinate_choices},
};
const ms_schema ms_restart_schema = {"estimator restart", fields, sizeof fields / sizeof *fields};

static ms_status alloc(void **replicate, const ms_job_params *job, ms_error *error)
{
    const ms_restart_fields *p = job->params;
    const ms_restart_params params = {.run = &job->run,
                                      .law = (ms_law_choice)p->law,
                                      .coordinate = (ms_coordinate)p->coordinate,
                                      .steps = p->steps,
                                      .burn_in = p->burn_in,
                                      .copies = (unsigned)p->copies};
    ms_restart *restart;
    *replicate = NULL;
    if (p->burn_in == 0 && ms_law_may_trap(&job->run)) /* longer than anybody can tell beforehand */
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "restart: a mode that is not wanted can hold chains; give a burn_in that is longer "
            "than it does");
    ms_status status = ms_restart_alloc(&restart, &params, job->run.first_chain, error);
    *replicate = restart;
    return status;
}

static ms_status advance(void *replicate, uint64_t iterations, ms_error *error)
{
    return ms_restart_advance(replicate, iterations, error);
}

MS_DEFINE_REPLICATE_CALLS(ms_restart)

static ms_replicate_result result(const void *replicate)
{
    ms_restart_result r = ms_restart_result_of(replicate);
    return (ms_replicate_result){.iterations_at_risk = r.steps,
                                 .discoveries = r.reward,
                                 .late_discoveries = r.late_reward,
                                 .relative_error = (double)NAN,
                                 .transitions = (double)r.transitions};
}

static ms_job_size size_of_one(const ms_job_shape *shape)
{
    const ms_restart_fields *p = shape->params;
    ms_restart_size needed = ms_restart_size_of(&shape->run, (unsigned)p->copies);
    return (ms_job_size){.state = needed.state, .memory = needed.memory, .cost = WORK * (double)p->steps};
}

static const ms_replicate_type type = {
    .alloc = alloc, .advance = advance, MS_REPLICATE_CALLS, .result = result, .size = size_of_one};

static size_t units(const void *job_params)
{
    return (size_t)((const ms_restart_fields *)job_params)->replicates;
}

static ms_job_size size(const ms_job_shape *shape)
{
    return ms_replicates_size(shape, &type);
}

static const ms_column *const columns[] = {&ms_column_iterations_at_risk, &ms_column_discoveries,
                                           &ms_column_late_discoveries, &ms_column_transitions, NULL};

const ms_job_type ms_restart_job = {.kind = {.name = "restart",
                                             .doc = "trajectories that branch on the way to a discovery",
                                             .schema = &ms_restart_schema,
                                             .params_size = sizeof(ms_restart_fields)},
                                    .columns = columns,
                                    .units = units,
                                    .replicate = &type,
                                    .size = size,
                                    MS_JOB_OF_REPLICATES};
