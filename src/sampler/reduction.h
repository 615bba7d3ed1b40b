/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The span of the means in each patch, and the radial reduction. For isotropic components the law of a patch
 * depends on its coordinates x only through the projection u = E^T (x - mean_0) on the span of the mean
 * differences and rho = |x - mean_0 - E u|^2. The full engine moves all coordinates, and needs no more of the
 * means than their projections. The reduced engine moves (u, rho), which is itself a Markov chain: the same
 * law of distances, discovery times and mode shares at a cost that does not depend on the patch size. */
#ifndef MS_REDUCTION_H
#define MS_REDUCTION_H

#include "sampler/passes.h"

typedef struct ms_reduction {
    size_t dimension, patches, components;
    size_t span_max; /* the largest span of a patch */
    size_t *span;    /* [patches] dimensions spanned; the patch has length - span directions outside */
    double *basis;   /* [span_max][dimension] orthonormal within each patch */
    double *mean;    /* [patches][components][span_max] projections of the means, mean_0 at the origin */
    double *start;   /* [patches][span_max] projection of the origin, for starts about it */
    /* Kinds of patches, by their length (whole, shorter) and span: 1 for that of the first patch, 2 for the
     * next one met, ..., 0 for none. */
    unsigned kind[2][MS_ISOTROPIC_COMPONENTS_MAX + 1], kinds;
} ms_reduction;

/* Whether a chain started like this is isotropic about its span. */
bool ms_reduction_possible(const ms_start *start);

/* `about_origin`: the span takes in mean_0 itself, as the reduced engine needs for starts about the origin.
 * MS_ERROR_MEMORY. The caller frees it. */
ms_status ms_reduction_alloc(ms_reduction **reduction, const ms_target *target, const ms_passes *passes,
                             bool about_origin, ms_error *error);
void ms_reduction_free(ms_reduction *reduction);

/* Where in an iteration's draws the reduced engine's numbers for a patch begin. Iterations 2k and 2k + 1
 * share blocks, from which patches of different kinds would make numbers that are not independent: each kind
 * has blocks of its own. */
uint32_t ms_reduction_first_draw(const ms_reduction *reduction, const ms_passes *passes, size_t patch);

/* u [span of the patch] and rho of a position. @param x [dimension] */
void ms_reduction_project(const ms_reduction *reduction, const ms_target *target, const ms_passes *passes,
                          size_t patch, const double *x, double *u, double *rho);

/* A position with that u and rho, its direction outside the span that of the standard normal vector `x`
 * [dimension], which is overwritten within the patch. */
void ms_reduction_expand(const ms_reduction *reduction, const ms_target *target, const ms_passes *passes,
                         size_t patch, const double *u, double rho, double *x);

#endif
