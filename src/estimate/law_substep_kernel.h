/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inner loops of laws in pieces of steps, compiled once per instruction set; all give the same bits. Rows
 * as in sampler/kernel.h. */
#ifndef MS_LAW_SUBSTEP_KERNEL_H
#define MS_LAW_SUBSTEP_KERNEL_H

#include "sampler/kernel.h"

/* What is wanted of a position x about the middle of a component's chain: |x - middle|^2 <= square (within)
 * or
 * >= square, or x's product with `middle` <= square (a half-space). */
typedef struct ms_forecast_bound {
    enum { MS_WITHIN, MS_OUTSIDE, MS_HALF_SPACE } shape;
    const double *middle; /* [span] */
    double middle_square; /* |middle|^2 */
    double square;
    bool has_next; /* holds together with the next one */
} ms_forecast_bound;

/* Where a chain will be some steps on: normal about decay * x, with this variance of each coordinate. */
typedef struct ms_horizon {
    double decay, variance;
} ms_horizon;

typedef struct ms_forecast {
    size_t span, dimension;
    const double *about; /* [span] the component's mean */
    const ms_forecast_bound *bound;
    size_t bounds;
    const ms_horizon *horizon;
    size_t horizons;
} ms_forecast;

typedef struct ms_law_substep_kernel {
    /* The drift of a Langevin step, from the squared distances of x. */
    void (*drift)(const ms_segment *segment, const double *distance, double *x);
    /* Noise of a variance: standard normals [span], one more and a chi-square variate for the directions
     * outside the span. */
    void (*add)(const ms_segment *segment, double variance, const double *noise, double *x);
    /* Chernoff's bound of the logarithm of the probability that x comes to where bounds hold: of the horizon
     * and the alternative where it is largest. @param exponent out [MS_LANES] */
    void (*forecast)(const ms_forecast *forecast, const double *x, double *exponent);
} ms_law_substep_kernel;

extern const ms_law_substep_kernel ms_law_substep_kernel_portable, ms_law_substep_kernel_avx2,
    ms_law_substep_kernel_avx512;

#endif
