/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Uniform on [-a, a], smoothed: with s the deviation of all the noise, h = a/s, p = (|t| - a)/s, q = p + 2 h
 * and w = 2 h |t|/s,
 *
 *     f(t) = (Q(p) - Q(q))/(2 a) = phi(p)/s H(w), H(w) = integral over x in [0, 1] of exp(-w x + 2 h^2 x (1 -
 * x)),
 *
 * Q and phi the tail and the density of N(0, 1). The first form is for wide laws, where the difference loses
 * nothing; the second for narrow ones, up to the w from which Q(q) is nothing beside Q(p). */
#include "random/elementary.h"
#include "target/marginal.h"

#include <math.h>

#define PHI_0        0.398942280401432677940 /* phi(0) */
#define NARROW       0.65                    /* h below this */
#define NARROW_RANGE 42.0                    /* of w: p > 31 and exp(-w) < 1e-18 at its end */

typedef struct uniform_law {
    double half_width, smoothing;
} uniform_law;

static const ms_field fields[] = {
    MS_SCALE_FIELD(uniform_law, half_width, "a: uniform on [-a, a]"),
    MS_SCALE_FIELD(uniform_law, smoothing, "s: smoothed by N(0, s^2)"),
};
static const ms_schema schema = {"a uniform marginal", fields, sizeof fields / sizeof *fields};

/* A law at a noise level. */
typedef struct shape {
    double h, constant; /* to be added to the logarithm */
} shape;

static double variance(const void *params)
{
    const uniform_law *p = params;
    return p->half_width * p->half_width / 3 + p->smoothing * p->smoothing;
}

/* Q(z) exp(z^2/2), z >= 0, within a few ulp: z/pi times the integral over x > 0 of exp(-x^2/2)/(x^2 + z^2) by
 * the midpoint rule, which is exact but for exp(-40) with steps of 0.7 and what the pole at x = i z adds. */
static double scaled_tail(double z)
{
    static const double weight[] = {/* exp(-x^2/2) */
                                    0.9405880633643421,     0.5762290736718,        0.2162651668298873,
                                    0.04972487341234961,    0.00700416714936242,    0.0006044147037595554,
                                    3.1952823774423047e-05, 1.0348542111093753e-06, 2.0532640449231686e-08,
                                    2.495779062444359e-10,  1.8585026115165587e-12, 8.478439358132579e-15,
                                    2.369541747340176e-17};
    const double pi = 3.14159265358979323846, step = 0.7;
    double sum = 0;
    for (int i = sizeof weight / sizeof *weight - 1; i >= 0; i--) {
        double x = (i + 0.5) * step;
        sum += weight[i] / (x * x + z * z);
    }
    double pole = z < 2 * pi / step ? ms_exp(0.5 * z * z) / (1 + ms_exp(2 * pi / step * z)) : 0;
    return z * (step / pi) * sum + pole;
}

/* log(Q(p) - Q(q)) as a function of p; below p = -h, t is negative. */
static double wide(const void *context, double p, double *slope)
{
    const shape *law = context;
    double u = p + law->h, sign = u < 0 ? -1 : 1;
    p = u < 0 ? -u - law->h : p;
    double q = p + 2 * law->h, ratio = ms_exp(-2 * law->h * fabs(u)); /* phi(q)/phi(p) */
    double far = ratio * scaled_tail(q), difference, pull, logarithm;
    if (p >= 0) {
        difference = scaled_tail(p) - far;
        pull = 1;
        logarithm = -0.5 * p * p + ms_log(difference);
    } else {
        pull = ms_exp(-0.5 * p * p);
        difference = 1 - pull * (scaled_tail(-p) + far);
        logarithm = ms_log(difference);
    }
    *slope = -sign * PHI_0 * pull * (1 - ratio) / difference;
    return logarithm + law->constant;
}

/* log H(w) = h^2/2 - w/2 + log of the integral over x in [0, 1] of cosh(w x / 2) exp(-h^2 x^2 / 2): sums over
 * m of (w/2)^(2m)/(2m)! times the moments x^(2m) of the second factor, all positive. */
static double narrow(const void *context, double w, double *slope)
{
    const shape *law = context;
    enum { terms = 40 };
    double square = law->h * law->h, half = 0.5 * w, end = ms_exp(-0.5 * square);
    double moment = end / (2 * terms + 3), even = 0, odd = 0;
    for (int m = terms; m >= 0; m--) {
        double n = 2 * m, next = moment;
        moment = (end + square * next) / (n + 1);
        odd = next + half * half / ((n + 2) * (n + 3)) * odd;
        even = moment + half * half / ((n + 1) * (n + 2)) * even;
    }
    *slope = 0.5 * (half * odd / even - 1);
    return 0.5 * square - half + ms_log(even) + law->constant;
}

static void prepare(const void *params, double noise_level, ms_marginal_form *form)
{
    const uniform_law *p = params;
    double a = p->half_width, s = ms_marginal_deviation(p->smoothing, noise_level);
    shape law = {a / s, -ms_log(2 * a)};
    *form =
        (ms_marginal_form){.fold = a, .edge_scale = 1 / s, .edge_constant = law.constant - MS_HALF_LOG_2PI};
    if (law.h < NARROW) {
        law.constant = -ms_log(s) - MS_HALF_LOG_2PI;
        form->curvature = -0.5 / (s * s);
        form->scale = 2 * law.h / s;
        form->high = form->edge = NARROW_RANGE;
        form->fraction_bits = 2;
        ms_marginal_tabulate(form, MS_MARGINAL_INTERVALS, narrow, &law);
    } else {
        /* inside p = -8.2 noise changes nothing; at p = -1.95 the zeros of Q come nearest */
        form->shift = a;
        form->scale = 1 / s;
        form->low = law.h < 8.2 ? -law.h : -8.2;
        form->high = form->edge = 30;
        form->start = -1.95;
        form->fraction_bits = 1;
        ms_marginal_tabulate(form, 10, wide, &law);
    }
}

static double log_density(const void *params, double noise_level, double t, double *score)
{
    const uniform_law *p = params;
    double a = p->half_width, s = ms_marginal_deviation(p->smoothing, noise_level);
    double distance = (fabs(t) - a) / s, w, slope, value;
    shape law = {a / s, -ms_log(2 * a)};
    w = 2 * law.h * (fabs(t) / s);
    if (law.h < NARROW && w < NARROW_RANGE) {
        law.constant = -ms_log(s) - MS_HALF_LOG_2PI;
        value = narrow(&law, w, &slope) - 0.5 * distance * distance;
        slope = 2 * law.h * slope - distance;
    } else {
        value = wide(&law, distance, &slope);
    }
    *score = copysign(1, t) * slope / s;
    return value;
}

static double draw(const void *params, double normal, double uniform)
{
    const uniform_law *p = params;
    return p->half_width * (2 * uniform - 1) + p->smoothing * normal;
}

const ms_marginal_type ms_marginal_uniform = {.kind = {.name = "uniform",
                                                       .doc = "uniform on an interval, smoothed",
                                                       .schema = &schema,
                                                       .params_size = sizeof(uniform_law)},
                                              .variance = variance,
                                              .log_density = log_density,
                                              .prepare = prepare,
                                              .draw = draw};
