/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The job type `reversible_flux`. */
#include "estimate/estimator_fields.h"
#include "estimate/replicate.h"
#include "estimate/reversible_flux.h"

#include <math.h>

#define STATE  8192 /* bytes, at most */
#define MEMORY 1e5
#define MOVES  500 /* of a path, about, times numbers */

static const ms_field fields[] = {
    {.key = "replicates",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_BUDGET,
     .doc = "independent estimates of a point",
     .fallback = "32",
     .offset = offsetof(ms_reversible_flux_fields, replicates),
     .least = 1,
     .most = MS_REPLICATES_MAX},
    {.key = "paths",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_RECORD,
     .doc = "paths of a replicate",
     .fallback = "10000",
     .offset = offsetof(ms_reversible_flux_fields, paths),
     .least = 1,
     .most = UINT64_C(1) << 32},
};
const ms_schema ms_reversible_flux_schema = {"estimator reversible_flux", fields,
                                             sizeof fields / sizeof *fields};

static ms_status alloc(void **replicate, const ms_job_params *job, ms_error *error)
{
    const ms_reversible_flux_fields *f = job->params;
    const ms_reversible_flux_params params = {.run = &job->run, .paths = f->paths};
    ms_reversible_flux *flux;
    ms_status status = ms_reversible_flux_alloc(&flux, &params, job->run.first_chain, error);
    *replicate = flux;
    return status;
}

static ms_status advance(void *replicate, uint64_t iterations, ms_error *error)
{
    return ms_reversible_flux_advance(replicate, iterations, error);
}

MS_DEFINE_REPLICATE_CALLS(ms_reversible_flux)

static ms_replicate_result result(const void *replicate)
{
    ms_reversible_flux_result r = ms_reversible_flux_result_of(replicate);
    return (ms_replicate_result){.iterations_at_risk = r.time,
                                 .discoveries = r.discoveries,
                                 .late_discoveries = (double)NAN,
                                 .relative_error = MS_REVERSIBLE_FLUX_BIAS,
                                 .transitions = (double)r.moves};
}

static ms_job_size size_of_one(const ms_job_shape *shape)
{
    const ms_reversible_flux_fields *f = shape->params;
    return (ms_job_size){.state = STATE, .memory = MEMORY, .cost = MOVES * (double)f->paths};
}

static const ms_replicate_type type = {
    .alloc = alloc, .advance = advance, MS_REPLICATE_CALLS, .result = result, .size = size_of_one};

static size_t units(const void *job_params)
{
    return (size_t)((const ms_reversible_flux_fields *)job_params)->replicates;
}

static ms_job_size size(const ms_job_shape *shape)
{
    return ms_replicates_size(shape, &type);
}

static const ms_column *const columns[] = {&ms_column_iterations_at_risk, &ms_column_discoveries,
                                           &ms_column_relative_error, &ms_column_transitions, NULL};

const ms_job_type ms_reversible_flux_job = {
    .kind = {.name = "reversible_flux",
             .doc = "paths that are followed backwards from the discovery set",
             .schema = &ms_reversible_flux_schema,
             .params_size = sizeof(ms_reversible_flux_fields)},
    .columns = columns,
    .units = units,
    .replicate = &type,
    .size = size,
    MS_JOB_OF_REPLICATES};
