/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reversible flux asks of the chain: starts in the discovery set, moves of the chain of component 0
 * alone, and how much more or less likely the mixture makes each move when it is made backwards. */
#ifndef MS_FLUX_LAW_H
#define MS_FLUX_LAW_H

#include "estimate/normal_ball.h"
#include "sampler/kernel.h"
#include "sampler/reduction.h"
#include "target/target_type.h"

#define MS_FLUX_ROWS_MAX (MS_ISOTROPIC_COMPONENTS_MAX + 1)

/* |x - mean_component|^2 <= radius_square */
typedef struct ms_flux_ball {
    size_t component;
    double radius_square;
    double distance; /* of its centre from mean_0 */
    double share;    /* of the sum of the balls' probabilities, its own and those of the balls before it */
    ms_normal_ball normal;
} ms_flux_ball;

typedef struct ms_flux_law {
    const ms_kernel *kernel;
    uint64_t key;
    ms_isotropic mixture;
    ms_passes passes;
    ms_reduction *reduction; /* mean_0 is its origin */
    size_t dimension, span, rows;
    double step_size;
    double contraction; /* c: the chain of component 0 alone is x' = c x + sqrt(step_size) z */
    double stationary;  /* variance of its stationary law */
    double inverse_variance[MS_ISOTROPIC_COMPONENTS_MAX]; /* smoothed, as is */
    double log_weight[MS_ISOTROPIC_COMPONENTS_MAX]; /* of component i, less that of component 0, without the
                                                       shares of the distances */
    ms_flux_ball *ball;                             /* [balls] they may overlap */
    size_t balls;
    double log_mass;     /* logarithm of the sum of the balls' probabilities under the stationary law */
    const double *start; /* [span] projection of the start's middle; NULL: mean_0 */
    double start_variance;
} ms_flux_law;

/* MS_ERROR_ARGUMENT where the run is of another kind, or a ball beyond what doubles hold, MS_ERROR_MEMORY.
 * It is to be freed in any case. @param law zeros */
ms_status ms_flux_law_set(ms_flux_law *law, const ms_run_params *run, uint64_t key, ms_error *error);
void ms_flux_law_free(ms_flux_law *law);

/* Numbers of MS_LANES chains stand in rows, aligned to MS_ALIGNMENT, as in sampler/kernel.h: the projection
 * on the span, and the squared distance from it where there is something outside.
 *
 * Draws the start of a path, of the stationary law within a ball that is chosen by its probability; returns
 * 1 / (number of balls that it is in). @param x [rows], of which one lane is written */
double ms_flux_law_start(const ms_flux_law *law, uint64_t path, int lane, double *x);

/* A step of these paths.
 * @param is_inside [MS_LANES] out: whether it has led into a ball
 * @param log_ratio [MS_LANES] out: log p(x' -> x) - log p_0(x' -> x) of the densities of the step backwards,
 * of the mixture's chain and of that of component 0 alone */
void ms_flux_law_move(const ms_flux_law *law, uint64_t iteration, const uint64_t *path, double *x,
                      bool *is_inside, double *log_ratio);

/* How much other components matter where paths are.
 * @param foreign [MS_LANES] out: 1 - gamma_0
 * @param variance [MS_LANES] out: of log_ratio for a step backwards from there */
void ms_flux_law_look(const ms_flux_law *law, const double *x, double *foreign, double *variance);

#endif
