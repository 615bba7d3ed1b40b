/* SPDX-License-Identifier: GPL-3.0-or-later */
/* N(0, v) */
#include "random/elementary.h"
#include "target/marginal.h"

#include <gsl/gsl_randist.h>
#include <math.h>

static const ms_field fields[] = {
    {.key = "variance",
     .type = MS_FIELD_NUMBER,
     .role = MS_ROLE_LAW,
     .doc = "v of N(0, v)",
     .required = true,
     .sweepable = true,
     .offset = offsetof(ms_gaussian_params, variance),
     .low = 0,
     .above_low = true,
     .high = MS_MARGINAL_SCALE_MAX * MS_MARGINAL_SCALE_MAX},
};
static const ms_schema schema = {"a gaussian marginal", fields, sizeof fields / sizeof *fields};

static double variance(const void *params)
{
    return ((const ms_gaussian_params *)params)->variance;
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

static double draw(const void *params, gsl_rng *rng)
{
    return gsl_ran_gaussian_ziggurat(rng, sqrt(variance(params)));
}

const ms_marginal_type ms_marginal_gaussian = {
    .kind = {"gaussian", "a normal law", &schema, sizeof(ms_gaussian_params)},
    .variance = variance,
    .log_density = log_density,
    .prepare = prepare,
    .draw = draw};
