/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inner loops of the samplers, compiled once per instruction set from kernel.c; all give the same bits.
 * They move eight chains together. Their numbers stand in rows of MS_LANES, one chain a lane, aligned to 64
 * bytes: `double *x` is x[row][MS_LANES]. */
#ifndef MS_KERNEL_H
#define MS_KERNEL_H

#include "sampler/condition.h"

#include <modeseek/random.h>
#include <modeseek/run.h>

#define MS_ALIGNMENT 64

/* Consecutive iterations of eight chains on one patch at one noise level. */
typedef struct ms_segment {
    /* squared distance over all the other patches, and the log-weight of the patch's mixture less its own
     * distance's share D_i / (2 v_i) */
    _Alignas(MS_ALIGNMENT) double rest[MS_ISOTROPIC_COMPONENTS_MAX][MS_LANES];
    _Alignas(MS_ALIGNMENT) double base[MS_ISOTROPIC_COMPONENTS_MAX][MS_LANES];
    double inverse_variance[MS_ISOTROPIC_COMPONENTS_MAX]; /* 1/v_i */
    double step_size;
    uint64_t key;
    uint64_t iteration;              /* the number of the first one */
    uint32_t first_draw;             /* of the reduced engine's numbers, see ms_reduction_first_draw() */
    size_t components, span, length; /* `length` coordinates, in which the means span `span` dimensions */
    const double *mean;              /* [components][mean_stride]: the means' projections on the span */
    size_t mean_stride;
    const double *basis; /* full engine: [span][basis_stride], its first `length` columns are the patch's */
    size_t basis_stride;
    const ms_conditions *conditions; /* rows: squared distances to the means */
} ms_segment;

typedef struct ms_kernel {
    unsigned number; /* of the instructions: 0 portable, 1 avx2, 2 avx512 */
    /* Normals 0..n-1 of the stream of each of eight chains. */
    void (*normals)(uint64_t key, const uint64_t *chain, uint64_t iteration, unsigned purpose, double *normal,
                    size_t n);
    /* A Langevin step, x + (step_size/2) score + sqrt(step_size) z, of `length` rows. */
    void (*step)(uint64_t key, const uint64_t *chain, uint64_t iteration, double step_size, size_t length,
                 const double *score, double *x);
    /* Whether a pending event holds in a lane, given the rows of measures. */
    bool (*hits)(const ms_conditions *conditions, const int64_t *pending, const double *measure);
    /* sum = a + b, `count` rows */
    void (*add)(size_t count, const double *a, const double *b, double *sum);
    /* Chi-square variates with n >= 1 degrees of freedom; their slots begin at block `first_draw`. */
    void (*chi_square)(uint64_t key, const uint64_t *chain, uint64_t iteration, unsigned purpose,
                       uint32_t first_draw, double degrees_of_freedom, double *variate);
    /* Squared distances [components] of a patch from its rows, x as below. */
    void (*distances_full)(const ms_segment *segment, const double *x, double *distance);
    void (*distances_reduced)(const ms_segment *segment, const double *x, double *distance);
    /* Up to `count` iterations of the patch; `distance` [components] is of the patch, kept up to date.
     * Returns how many were done: it stops after one at which an event of a lane pending for it holds. Full
     * engine: x holds the patch's coordinates less those of mean_0, `length` rows. */
    uint64_t (*advance_full)(const ms_segment *segment, uint64_t count, const uint64_t *chain,
                             const int64_t *pending, double *x, double *distance);
    /* Reduced engine: x holds the projection on the span, `span` rows, and, if length > span, rho. */
    uint64_t (*advance_reduced)(const ms_segment *segment, uint64_t count, const uint64_t *chain,
                                const int64_t *pending, double *x, double *distance);
} ms_kernel;

extern const ms_kernel ms_kernel_portable, ms_kernel_avx2, ms_kernel_avx512;

/* The kernel for `simd`; AUTO takes the widest this processor has. NULL if it is not available. */
const ms_kernel *ms_kernel_find(ms_simd simd);

#endif
