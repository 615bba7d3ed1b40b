/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engines full and reduced: Langevin dynamics on isotropic mixtures, where nothing but squared distances
 * to the means is needed of a patch, in loops made for it (kernel.c). */
#ifndef MS_FUSED_H
#define MS_FUSED_H

#include "sampler/engine.h"
#include "sampler/reduction.h"

typedef struct ms_fused {
    bool reduced; /* which of the two */
    ms_isotropic mixture;
    ms_reduction *reduction;
} ms_fused;

typedef struct ms_fused_group {
    ms_lanes *x; /* full engine: [dimension], relative to mean_0; reduced: [patches][span_max+1], u, rho */
    ms_lanes *distance; /* [components] squared distances of the current patch */
    ms_lanes *before;   /* [components] of the patches before it, in this pass */
    ms_lanes *after;    /* [patches+1][components] from row p on: sums over patches p, p+1, ... as this pass
                           found them. A row that has been passed holds its patch's own distances instead. */
} ms_fused_group;

/* The rows of x that belong to a patch. */
ms_lanes *ms_fused_rows(const ms_group *group, const ms_context *context, size_t patch);

/* Draws the starts of the lanes' chains into x. */
bool ms_fused_start(ms_group *group, const ms_context *context);
/* Copies a lane's position to x [dimension]. */
void ms_fused_position(const ms_group *group, const ms_context *context, int lane, uint64_t iteration,
                       double *x);

#endif
