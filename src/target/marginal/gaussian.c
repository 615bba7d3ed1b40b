/* SPDX-License-Identifier: GPL-3.0-or-later */
/* N(0, v) */
#include "random/elementary.h"
#include "target/marginal.h"

#include <math.h>

typedef struct gaussian {
    double variance;
} gaussian;

static const ms_field fields[] = {
    {.key = "variance",
     .type = MS_FIELD_NUMBER,
     .role = MS_ROLE_LAW,
     .doc = "v of N(0, v)",
     .required = true,
     .sweepable = true,
     .offset = offsetof(gaussian, variance),
     .low = 0,
     .above_low = true,
     .high = MS_MARGINAL_SCALE_MAX * MS_MARGINAL_SCALE_MAX},
};
static const ms_schema schema = {"a gaussian marginal", fields, sizeof fields / sizeof *fields};

static double variance(const void *params)
{
    return ((const gaussian *)params)->variance;
}

static void prepare(const void *params, double noise_level, ms_marginal_form *form)
{
    double v = variance(params) + noise_level * noise_level;
    form->has_table = false;
    form->constant = -0.5 * ms_log(v) - MS_HALF_LOG_2PI;
    form->curvature = -0.5 / v;
}

static double log_density(const void *params, double noise_level, double t, double *score)
{
    double v = variance(params) + noise_level * noise_level;
    *score = -t / v;
    return -t * t / (2 * v) - 0.5 * ms_log(v) - MS_HALF_LOG_2PI;
}

static double draw(const void *params, double normal, double uniform)
{
    (void)uniform;
    return sqrt(variance(params)) * normal;
}

const ms_marginal_type ms_marginal_gaussian = {
    .kind = {.name = "gaussian", .doc = "a normal law", .schema = &schema, .params_size = sizeof(gaussian)},
    .variance = variance,
    .log_density = log_density,
    .prepare = prepare,
    .draw = draw};
