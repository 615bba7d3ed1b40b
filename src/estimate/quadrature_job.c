/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The job type `quadrature`: one replicate, which has no chance in it. */
#include "estimate/estimator_fields.h"
#include "estimate/quadrature.h"
#include "estimate/replicate.h"

#include <math.h>

#define STATE_MOST (1u << 20) /* bytes; a law on a larger grid is not saved, but computed anew */
/* bytes that tolerances down to 1e-6 have needed at most, on the reference target (docs/estimators.md) */
#define MEMORY               3e8
#define MEMORY_PER_DIMENSION 5e6
#define GRIDS_USUAL          4
#define WORK                 3e8 /* of a point, about; it depends on the grids needed more than on the dimension */

static const ms_field fields[] = {
    {.key = "tolerance",
     .type = MS_FIELD_NUMBER,
     .role = MS_ROLE_RECORD,
     .doc = "relative error of the mean that is small enough",
     .fallback = "1e-4",
     .offset = offsetof(ms_quadrature_fields, tolerance),
     .low = 1e-9,
     .high = 0.5},
    {.key = "memory",
     .type = MS_FIELD_NUMBER,
     .role = MS_ROLE_RECORD,
     .doc = "bytes that a solution may use, about",
     .fallback = "2e9",
     .offset = offsetof(ms_quadrature_fields, memory),
     .low = 1e6,
     .high = 1e12},
};
const ms_schema ms_quadrature_schema = {"estimator quadrature", fields, sizeof fields / sizeof *fields};

static ms_status alloc(void **replicate, const ms_job_params *job, ms_error *error)
{
    const ms_quadrature_fields *p = job->params;
    ms_quadrature *q;
    ms_status status = ms_quadrature_alloc_run(&q, &job->run, p->tolerance, p->memory, error);
    *replicate = q;
    return status;
}

/* That the memory which it may use is too little is a matter of this point alone. */
static ms_status advance(void *replicate, uint64_t iterations, ms_error *error)
{
    ms_status status = ms_quadrature_advance(replicate, iterations, error);
    return status == MS_ERROR_MEMORY ? MS_ERROR_ARGUMENT : status;
}

static double ms_quadrature_progress_of(const ms_quadrature *quadrature)
{
    double grids = (double)ms_quadrature_result_of(quadrature).grids;
    return ms_quadrature_done(quadrature)
               ? 1
               : (grids + 0.5) / (grids > GRIDS_USUAL - 1 ? grids + 1 : GRIDS_USUAL);
}

MS_DEFINE_REPLICATE_CALLS(ms_quadrature)

static ms_replicate_result result(const void *replicate)
{
    ms_quadrature_result r = ms_quadrature_result_of(replicate);
    return (ms_replicate_result){.iterations_at_risk = r.mean.value,
                                 .discoveries = 1,
                                 .late_discoveries = (double)NAN,
                                 .relative_error = r.mean.value > 0 ? r.mean.error / r.mean.value : 0,
                                 .transitions = (double)r.entries};
}

static double survival(const void *replicate, size_t snapshot, double *error)
{
    ms_estimate estimate = ms_quadrature_survival(replicate, snapshot);
    *error = estimate.error;
    return estimate.value;
}

static ms_job_size size_of_one(const ms_job_shape *shape)
{
    const ms_quadrature_fields *p = shape->params;
    double needed = MEMORY + MEMORY_PER_DIMENSION * (double)shape->run.dimension;
    return (ms_job_size){.state = STATE_MOST, .memory = fmin(p->memory, needed), .cost = WORK};
}

static const ms_replicate_type type = {.is_exact = true,
                                       .alloc = alloc,
                                       .advance = advance,
                                       MS_REPLICATE_CALLS,
                                       .result = result,
                                       .survival = survival,
                                       .size = size_of_one};

static size_t units(const void *job_params)
{
    (void)job_params;
    return 1;
}

static ms_job_size size(const ms_job_shape *shape)
{
    return ms_replicates_size(shape, &type);
}

static const ms_column *const columns[] = {&ms_column_iterations_at_risk,
                                           &ms_column_discoveries,
                                           &ms_column_relative_error,
                                           &ms_column_transitions,
                                           &ms_column_survival,
                                           &ms_column_survival_error,
                                           NULL};

const ms_job_type ms_quadrature_job = {.kind = {.name = "quadrature",
                                                .doc = "the law of the chain, without chance",
                                                .schema = &ms_quadrature_schema,
                                                .params_size = sizeof(ms_quadrature_fields)},
                                       .columns = columns,
                                       .units = units,
                                       .replicate = &type,
                                       .size = size,
                                       MS_JOB_OF_REPLICATES};
