/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws f of single coordinates, even about 0, of which product mixtures are made: coordinate x_j of component
 * i is mean_ij + t, t distributed by f and, at noise level sigma, by f convolved with N(0, sigma^2). */
#ifndef MS_MARGINAL_H
#define MS_MARGINAL_H

#include "base/field.h"

/* Intervals of a table, a power of two that a vector's lookup takes, and coefficients in each. */
#define MS_MARGINAL_INTERVALS    16
#define MS_MARGINAL_COEFFICIENTS 16

/* A law at one noise level, as the inner loops (target/lanes_marginal.h) take it:
 *
 *     log f(t) = constant + curvature (|t| - fold)^2                          without a table,
 *     log f(t) = curvature (|t| - fold)^2 + g(z), z = (|t| - shift) scale     with one.
 *
 * The table has g as a polynomial in each of sixteen intervals. The number of z's interval is in the upper
 * bits of the floating-point number 2 + density |z - start|: in [2, 4) there are 2^fraction_bits of equal
 * length, in [4, 8) as many of twice that, and so on, upwards from `start` (0, 1, ...) and downwards (15, 14,
 * ...). z below `low` and above `high` counts as these. From z > edge on, the law is what is left of one edge
 * at `fold`:
 *
 *     log f(t) = edge_constant + log(sqrt(2 pi) Q(p)), p = (|t| - fold) edge_scale, Q the tail of N(0, 1). */
typedef struct ms_marginal_form {
    _Alignas(64) double middle[MS_MARGINAL_INTERVALS];
    /* of powers of z - middle, for vectors that are looked up in, and for those made of rows */
    double coefficient[MS_MARGINAL_COEFFICIENTS][MS_MARGINAL_INTERVALS];
    double row[MS_MARGINAL_INTERVALS][MS_MARGINAL_COEFFICIENTS];
    double constant, curvature, fold;
    double shift, scale, low, high, start, density;
    double edge, edge_scale, edge_constant; /* edge = INFINITY: never */
    int fraction_bits;
    bool has_table;
} ms_marginal_form;

/* A family of such laws: one file, target/marginal/NAME.c, with the object ms_marginal_NAME, and a line in
 * marginal.c. `params` is what the kind's schema describes: numbers, and nothing else. */
typedef struct ms_marginal_type {
    ms_kind kind;
    double (*variance)(const void *params);
    /* log f(t) and its derivative at a noise level, by the formulas: what the form must agree with. */
    double (*log_density)(const void *params, double noise_level, double t, double *score);
    void (*prepare)(const void *params, double noise_level, ms_marginal_form *form);
    /* A draw of the law without noise, from a standard normal and a uniform on (0, 1). */
    double (*draw)(const void *params, double normal, double uniform);
} ms_marginal_type;

/* The type number 0, 1, ... as its kind, or NULL past the last. */
const ms_kind *ms_marginal_kind(size_t number);

/* log f(t) and its derivative from a form, with the bits of the inner loops. */
double ms_marginal_log_density(const ms_marginal_form *form, double t, double *score);

/* g(z) and its derivative. */
typedef double ms_marginal_function(const void *context, double z, double *slope);

/* Fills in table and density of a form whose curvature, fold, shift, scale, low, high, start and
 * fraction_bits are set, so that `upwards` of the intervals are those from `start` to `high`; the others are
 * below `start`. g is needed wherever intervals reach that have a part of [low, high], and should have no
 * singularities near them in the complex plane. */
void ms_marginal_tabulate(ms_marginal_form *form, int upwards, ms_marginal_function *g, const void *context);

/* Largest half width, half distance and deviation: nothing overflows. */
#define MS_MARGINAL_SCALE_MAX 1e50

/* One of these as a field of the struct `law`. */
#define MS_SCALE_FIELD(law, name, says)                                                                      \
    {                                                                                                        \
        .key = #name, .type = MS_FIELD_NUMBER, .role = MS_ROLE_LAW, .doc = (says), .required = true,         \
        .sweepable = true, .offset = offsetof(law, name), .low = 0, .above_low = true,                       \
        .high = MS_MARGINAL_SCALE_MAX                                                                        \
    }

/* sqrt(smoothing^2 + noise_level^2), and log(2 pi)/2. */
double ms_marginal_deviation(double smoothing, double noise_level);
#define MS_HALF_LOG_2PI 0.918938533204672741780

#endif
