/* SPDX-License-Identifier: GPL-3.0-or-later */
/* -a or a, smoothed: with s the deviation of all the noise, h = a/s, p = (|t| - a)/s and w = 2 h |t|/s,
 *
 *     f(t) = phi(p)/s (1 + exp(-w))/2, phi the density of N(0, 1). */
#include "random/elementary.h"
#include "target/marginal.h"

#include <math.h>

typedef struct two_point {
    double half_distance, smoothing;
} two_point;

static const ms_field fields[] = {
    MS_SCALE_FIELD(two_point, half_distance, "a: the points are -a and a"),
    MS_SCALE_FIELD(two_point, smoothing, "s: the points are smoothed by N(0, s^2)"),
};
static const ms_schema schema = {"a two_point marginal", fields, sizeof fields / sizeof *fields};

static double variance(const void *params)
{
    const two_point *p = params;
    return p->half_distance * p->half_distance + p->smoothing * p->smoothing;
}

/* log ((1 + exp(-w))/2) + `constant` */
static double from_far(const void *constant, double w, double *slope)
{
    double other = ms_exp(-w);
    *slope = -other / (1 + other);
    return ms_log(0.5 + 0.5 * other) + *(const double *)constant;
}

static void prepare(const void *params, double noise_level, ms_marginal_form *form)
{
    const two_point *p = params;
    double a = p->half_distance, s = ms_marginal_deviation(p->smoothing, noise_level);
    double constant = -ms_log(s) - MS_HALF_LOG_2PI;
    *form = (ms_marginal_form){.curvature = -0.5 / (s * s),
                               .fold = a,
                               .scale = 2 * (a / s) / s,
                               .high = 40, /* exp(-40) is nothing */
                               .fraction_bits = 2,
                               .edge = INFINITY};
    ms_marginal_tabulate(form, MS_MARGINAL_INTERVALS, from_far, &constant);
}

static double log_density(const void *params, double noise_level, double t, double *score)
{
    const two_point *law = params;
    double s = ms_marginal_deviation(law->smoothing, noise_level), h = law->half_distance / s;
    double p = (fabs(t) - law->half_distance) / s, constant = -ms_log(s) - MS_HALF_LOG_2PI, slope;
    double value = -0.5 * p * p + from_far(&constant, 2 * h * (fabs(t) / s), &slope);
    *score = copysign(1, t) * (2 * h * slope - p) / s;
    return value;
}

static double draw(const void *params, double normal, double uniform)
{
    const two_point *p = params;
    return (uniform < 0.5 ? -p->half_distance : p->half_distance) + p->smoothing * normal;
}

const ms_marginal_type ms_marginal_two_point = {.kind = {.name = "two_point",
                                                         .doc = "two points, smoothed",
                                                         .schema = &schema,
                                                         .params_size = sizeof(two_point)},
                                                .variance = variance,
                                                .log_density = log_density,
                                                .prepare = prepare,
                                                .draw = draw};
