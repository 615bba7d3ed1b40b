/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Langevin dynamics, x + (delta/2) score + sqrt(delta) z, on any target. */
#include "random/width.h"

#include "sampler/algorithm/langevin.h"
#include "sampler/sampler_type.h"

static const ms_field fields[] = {
    {.key = "step_size",
     .type = MS_FIELD_NUMBER,
     .doc = "delta of the Langevin step",
     .required = true,
     .sweepable = true,
     .offset = offsetof(ms_langevin_params, step_size),
     .low = 0,
     .above_low = true,
     .high = 1e100},
};
static const ms_schema schema = {"sampler: langevin", fields, sizeof fields / sizeof *fields};

static size_t scratch(const void *params, size_t length, size_t statistics)
{
    (void)params;
    (void)length;
    (void)statistics;
    return 0;
}

static void step(const void *params, ms_batch *b)
{
    (void)params;
    b->kernel->step(b->key, b->chain, b->iteration, b->step_size, b->length, b->score, b->x);
    ms_batch_evaluate(b, b->x, b->score, b->log_density, b->statistics);
}

static ms_cost cost(const void *params)
{
    (void)params;
    return (ms_cost){1, 0, 1};
}

static double forgets(const void *params, double step_size, double variance)
{
    (void)params;
    return 1 - __builtin_fabs(1 - 0.5 * step_size / variance);
}

const ms_sampler_type MS_TYPE_NAME(ms_langevin) = {.kind = {.name = "langevin",
                                                            .doc = "Langevin dynamics",
                                                            .schema = &schema,
                                                            .params_size = sizeof(ms_langevin_params)},
                                                   .momentum = MS_NO_NUMBER,
                                                   .accepted = MS_NO_NUMBER,
                                                   .scratch = scratch,
                                                   .step = step,
                                                   .cost = cost,
                                                   .forgets = forgets};
