/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Underdamped Langevin dynamics of unit mass by the splitting BAOAB (Leimkuhler and Matthews 2013): one score
 * an iteration. On a Gaussian the variance of x is exact for every stable step. */
#include "random/width.h"

#include "random/elementary.h"
#include "sampler/algorithm/underdamped.h"
#include "sampler/sampler_type.h"

static const ms_field fields[] = {
    {.key = "step_size",
     .type = MS_FIELD_NUMBER,
     .role = MS_ROLE_LAW,
     .doc = "length of a time step",
     .required = true,
     .sweepable = true,
     .offset = offsetof(ms_underdamped_params, step_size),
     .low = 0,
     .above_low = true,
     .high = 1e100},
    {.key = "friction",
     .type = MS_FIELD_NUMBER,
     .role = MS_ROLE_LAW,
     .doc = "gamma, at which momentum decays",
     .required = true,
     .sweepable = true,
     .offset = offsetof(ms_underdamped_params, friction),
     .low = 0,
     .above_low = true,
     .high = 1e100},
};
static const ms_schema schema = {"sampler: underdamped", fields, sizeof fields / sizeof *fields};

static size_t scratch(const void *params, size_t length, size_t statistics)
{
    (void)params;
    (void)statistics;
    return length;
}

static void start(const void *params, ms_batch *b)
{
    (void)params;
    b->kernel->normals(b->key, b->chain, 0, MS_PURPOSE_START_MOMENTUM, b->vector[0], b->length);
}

static void step(const void *params, ms_batch *b)
{
    double half = 0.5 * b->step_size, *normal = b->scratch;
    double keep = ms_exp(-((const ms_underdamped_params *)params)->friction * b->step_size);
    double deviation = __builtin_sqrt(1 - keep * keep);
    b->kernel->normals(b->key, b->chain, b->iteration, MS_PURPOSE_NOISE, normal, b->length);
    for (size_t row = 0; row < b->length * MS_LANES; row += MS_WIDTH) {
        ms_lanes v =
            ms_lanes_fma(ms_lanes_of(half), ms_row_load(b->score, 0, row), ms_row_load(b->vector[0], 0, row));
        ms_lanes x = ms_lanes_fma(ms_lanes_of(half), v, ms_row_load(b->x, 0, row));
        v = ms_lanes_fma(ms_lanes_of(deviation), ms_row_load(normal, 0, row), keep * v);
        ms_row_store(b->x, 0, row, ms_lanes_fma(ms_lanes_of(half), v, x));
        ms_row_store(b->vector[0], 0, row, v);
    }
    ms_batch_evaluate(b, b->x, b->score, b->log_density, b->statistics);
    for (size_t row = 0; row < b->length * MS_LANES; row += MS_WIDTH)
        ms_row_store(b->vector[0], 0, row,
                     ms_lanes_fma(ms_lanes_of(half), ms_row_load(b->score, 0, row),
                                  ms_row_load(b->vector[0], 0, row)));
}

static ms_cost cost(const void *params)
{
    (void)params;
    return (ms_cost){.score_evaluations = 1, .updates = 1};
}

/* A step is linear, with the determinant c = exp(-friction h) and the trace (1 + c) (1 - h^2 / (2 v)). */
static double forgets(const void *params, double step_size, double variance)
{
    double c = ms_exp(-((const ms_underdamped_params *)params)->friction * step_size);
    double half = 0.5 * (1 + c) * (1 - 0.5 * step_size * step_size / variance), square = half * half - c;
    double radius = square > 0 ? __builtin_fabs(half) + __builtin_sqrt(square) : __builtin_sqrt(c);
    return 1 - radius;
}

const ms_sampler_type MS_TYPE_NAME(ms_underdamped) = {.kind = {.name = "underdamped",
                                                               .doc = "underdamped Langevin dynamics, BAOAB",
                                                               .schema = &schema,
                                                               .params_size = sizeof(ms_underdamped_params)},
                                                      .step_is_length = true,
                                                      .vectors = 1,
                                                      .momentum = 0,
                                                      .accepted = MS_NO_NUMBER,
                                                      .scratch = scratch,
                                                      .start = start,
                                                      .step = step,
                                                      .cost = cost,
                                                      .forgets = forgets};
