/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The job type `splitting`. */
#include "estimate/estimator_fields.h"
#include "estimate/replicate.h"
#include "estimate/splitting.h"

#include <math.h>

#define SHARE_KILLED 20  /* one of so many particles in a round */
#define WORK         1e5 /* moves of a particle, times numbers, about */

static const ms_field fields[] = {
    {.key = "replicates",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_BUDGET,
     .doc = "independent estimates of a point",
     .fallback = "32",
     .offset = offsetof(ms_splitting_fields, replicates),
     .least = 1,
     .most = MS_REPLICATES_MAX},
    {.key = "particles",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_RECORD,
     .doc = "excursions of a replicate, a multiple of 8",
     .fallback = "2000",
     .offset = offsetof(ms_splitting_fields, particles),
     .least = 16,
     .most = MS_SPLITTING_PARTICLES_MAX},
    {.key = "killed",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_RECORD,
     .doc = "of these that are ended in a round, at least; 0: a twentieth",
     .fallback = "0",
     .offset = offsetof(ms_splitting_fields, killed),
     .most = MS_SPLITTING_PARTICLES_MAX / 2},
    {.key = "pieces",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_RECORD,
     .doc = "of a step, at which excursions may branch; 0: as many as serve well",
     .fallback = "0",
     .offset = offsetof(ms_splitting_fields, pieces),
     .most = MS_LAW_PIECES_MAX},
    {.key = "burn_in",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_RECORD,
     .doc = "iterations of each trajectory before it counts; 0 is 30 relaxation times",
     .fallback = "0",
     .offset = offsetof(ms_splitting_fields, burn_in),
     .most = UINT64_C(1) << 48},
    {.key = "law",
     .type = MS_FIELD_CHOICE,
     .role = MS_ROLE_RECORD,
     .doc = "what of a chain is followed",
     .fallback = "auto",
     .offset = offsetof(ms_splitting_fields, law),
     .choices = ms_law_choices},
    {.key = "coordinate",
     .type = MS_FIELD_CHOICE,
     .role = MS_ROLE_RECORD,
     .doc = "what says how near a chain is to a discovery",
     .fallback = "forecast",
     .offset = offsetof(ms_splitting_fields, coordinate),
     .choices = ms_coordinate_choices},
};
const ms_schema ms_splitting_schema = {"estimator splitting", fields, sizeof fields / sizeof *fields};

static ms_status alloc(void **replicate, const ms_job_params *job, ms_error *error)
{
    const ms_splitting_fields *f = job->params;
    const ms_splitting_params params = {.run = &job->run,
                                        .law = (ms_law_choice)f->law,
                                        .coordinate = (ms_coordinate)f->coordinate,
                                        .particles = f->particles,
                                        .killed =
                                            f->killed > 0 ? f->killed : 1 + (f->particles - 1) / SHARE_KILLED,
                                        .burn_in = f->burn_in,
                                        .pieces = (unsigned)f->pieces};
    ms_splitting *splitting;
    *replicate = NULL;
    ms_status status = ms_splitting_alloc(&splitting, &params, job->run.first_chain, error);
    *replicate = splitting;
    return status;
}

static ms_status advance(void *replicate, uint64_t iterations, ms_error *error)
{
    return ms_splitting_advance(replicate, iterations, error);
}

MS_DEFINE_REPLICATE_CALLS(ms_splitting)

static ms_replicate_result result(const void *replicate)
{
    ms_splitting_result r = ms_splitting_result_of(replicate);
    return (ms_replicate_result){.iterations_at_risk = r.time,
                                 .discoveries = r.discoveries,
                                 .late_discoveries = (double)NAN,
                                 /* not bounded where chains may be held for longer than they were followed */
                                 .relative_error = r.traps + r.lost > 0 ? (double)INFINITY : (double)NAN,
                                 .transitions = (double)r.moves};
}

static ms_job_size size_of_one(const ms_job_shape *shape)
{
    const ms_splitting_fields *f = shape->params;
    ms_splitting_size needed = ms_splitting_size_of(&shape->run, f->particles);
    return (ms_job_size){.state = needed.state, .memory = needed.memory, .cost = WORK * (double)f->particles};
}

static const ms_replicate_type type = {
    .alloc = alloc, .advance = advance, MS_REPLICATE_CALLS, .result = result, .size = size_of_one};

static size_t units(const void *job_params)
{
    return (size_t)((const ms_splitting_fields *)job_params)->replicates;
}

static ms_job_size size(const ms_job_shape *shape)
{
    return ms_replicates_size(shape, &type);
}

static const ms_column *const columns[] = {&ms_column_iterations_at_risk, &ms_column_discoveries,
                                           &ms_column_relative_error, &ms_column_transitions, NULL};

const ms_job_type ms_splitting_job = {
    .kind = {.name = "splitting",
             .doc = "excursions that are ended and doubled on the way to a discovery",
             .schema = &ms_splitting_schema,
             .params_size = sizeof(ms_splitting_fields)},
    .columns = columns,
    .units = units,
    .replicate = &type,
    .size = size,
    MS_JOB_OF_REPLICATES};
