/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What RESTART asks of the chain: starts, moves, and how near to the discovery set it is. */
#ifndef MS_RESTART_LAW_H
#define MS_RESTART_LAW_H

#include "sampler/kernel.h"
#include "sampler/reduction.h"
#include "target/target_type.h"

#define MS_RESTART_ROWS_MAX (MS_ISOTROPIC_COMPONENTS_MAX + 1)

typedef struct ms_restart_law {
    ms_segment segment;
    ms_conditions none; /* the segment's: it never stops */
    ms_isotropic mixture;
    const ms_kernel *kernel;
    ms_passes passes;
    ms_reduction *reduction;
    const double *start; /* [span] projection of the start's middle */
    double start_variance;
    size_t rows;             /* that move: the projection, and rho where there is something outside */
    ms_condition *condition; /* [conditions] of the discovery set */
    size_t conditions;
} ms_restart_law;

/* MS_ERROR_ARGUMENT, MS_ERROR_MEMORY. It is to be freed in any case. @param law zeros */
ms_status ms_restart_law_set(ms_restart_law *law, const ms_run_params *run, uint64_t key, ms_error *error);
void ms_restart_law_free(ms_restart_law *law);

/* Numbers of MS_LANES chains stand in rows, aligned to MS_ALIGNMENT, as in sampler/kernel.h.
 *
 * Starts number MS_LANES * block and those after it, a lane each. @param x out [rows] */
void ms_restart_law_start(const ms_restart_law *law, uint64_t block, double *x);
/* Squared distances to the means. @param distance out [components] */
void ms_restart_law_look(const ms_restart_law *law, double *x, double *distance);
/* A step of these chains; `distance` is looked up before and kept up to date. */
void ms_restart_law_move(ms_restart_law *law, uint64_t iteration, const uint64_t *chain, double *x,
                         double *distance);
/* Infinite in the discovery set; outside, below 0 where a clause is wanting, by how much per dimension:
 * for the rule ball r^2 - min |x - mean_i|^2 / d, for the rule switch max log(gamma_i / gamma_0) / d. */
double ms_restart_law_coordinate(const ms_restart_law *law, const double *distance, int lane);

#endif
