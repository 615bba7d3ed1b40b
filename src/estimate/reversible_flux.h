/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean first-passage times of rare discoveries by paths that are followed backwards. For Langevin dynamics at
 * one noise level on mixtures of isotropic Gaussians, the rule ball, and chains that start in component 0: in
 * any dimension a second or so gives the mean to a few per mille, however rare.
 *
 * Where component 0 has all the responsibility the chain is x' = c x + sqrt(delta) z about mean_0,
 * c = 1 - delta / (2 v_0), which is reversible with respect to pi = N(mean_0, S I),
 * S = v_0 / (1 - delta / (4 v_0)). Let B be the union of the balls, p and p_0 the densities of a step of the
 * mixture's chain and of that of component 0 alone. A chain that starts from pi, read backwards, has exactly
 *
 *     P(tau = t) = pi(B) E [W_t, if none of x_1, ..., x_t is in B],
 *     W_t = product over k = 1, ..., t of p(x_k to x_k-1) / p_0(x_k to x_k-1),
 *
 * for paths of component 0's chain from x_0 of law pi within B. Once chains have forgotten their start this
 * is P(tau >= t) times the rate of discovery, and goes on so. With T iterations, after which c^T is below
 * 0.01, and F = P(tau < T) from the same paths,
 *
 *     mean first-passage time = (1 - F)^2 / P(tau = T) + T - 1.
 *
 * Paths start in each ball with its own probability, and one that starts in n of them counts 1/n, so that
 * balls may overlap. The weights W are 1 unless paths come to where other components have responsibility;
 * without them it is the Hill relation, pi(B) times the probability that a path escapes.
 *
 * What remains: chains start from another law than pi, other components may hold chains for long, and where
 * weights vary much a few that are not drawn may count. It is bounded before anything is simulated, and
 * refused where it may be more than about 1e-3 of the mean (ms_reversible_flux_check()). An interval from
 * replicates that is narrower than this should be widened to it.
 *
 * Measured as the difference from ms_quadrature, of 2.4 million paths each, at step size 0.1. The reference
 * target (weights 0.2, 0.4, 0.4, variances 3, 1, 1, means 0, 1, -1) is accepted from d = 74 on:
 *     d = 75   -0.03 +- 0.09 %, without weights +0.33 %
 * Another one (weights 0.1, 0.3, 0.6, variances 3, 0.8, 1.2, means 0, 1.1, -1), accepted from 80 or so on:
 *     d = 80   +0.14 +- 0.12 %, without weights +5.0 %
 *     d = 200  +0.04 +- 0.07 %, without weights +0.3 %
 *
 * A replicate is a state machine that is advanced by iterations, one of which moves MS_LANES paths. Results
 * are functions of parameters and replicate alone, and have the same bits everywhere. */
#ifndef MS_REVERSIBLE_FLUX_H
#define MS_REVERSIBLE_FLUX_H

#include <modeseek/run.h>

#define MS_REVERSIBLE_FLUX_BIAS 1e-3 /* of the mean, that is not refused */

typedef struct ms_reversible_flux_params {
    const ms_run_params *run; /* target (borrowed), start, schedule, clauses, key and simd matter: the time to
                                 the first of the events is wanted */
    uint64_t paths;           /* 1 to 2^32 */
} ms_reversible_flux_params;

typedef struct ms_reversible_flux_result {
    double time, discoveries; /* mean first-passage time of replicates: sum of time / sum of discoveries */
    double unweighted;        /* discoveries if all W were 1: what component 0 alone would make */
    uint64_t moves;           /* of all paths: what it has cost */
} ms_reversible_flux_result;

typedef struct ms_reversible_flux ms_reversible_flux;

/* 10000 paths; `run` is left for the caller. */
void ms_reversible_flux_params_init(ms_reversible_flux_params *params);

/* Whether the mean of such a run can be found to 1e-3; otherwise MS_ERROR_ARGUMENT with the numbers that
 * forbid it. Takes some milliseconds. MS_ERROR_MEMORY. */
ms_status ms_reversible_flux_check(const ms_run_params *run, ms_error *error);

/* A replicate at iteration 0. MS_ERROR_ARGUMENT as ms_reversible_flux_check(), MS_ERROR_MEMORY. */
ms_status ms_reversible_flux_alloc(ms_reversible_flux **flux, const ms_reversible_flux_params *params,
                                   uint64_t replicate, ms_error *error);
void ms_reversible_flux_free(ms_reversible_flux *flux); /* NULL is allowed */

/* By up to so many iterations. MS_ERROR_NUMERIC where weights are beyond doubles: it can then only be freed.
 */
ms_status ms_reversible_flux_advance(ms_reversible_flux *flux, uint64_t iterations, ms_error *error);
bool ms_reversible_flux_done(const ms_reversible_flux *flux);
uint64_t ms_reversible_flux_iteration(const ms_reversible_flux *flux);
/* How much of it is done, 0 to 1, about. */
double ms_reversible_flux_progress_of(const ms_reversible_flux *flux);

/* Bytes of a state; constant. */
size_t ms_reversible_flux_state_size(const ms_reversible_flux *flux);
/* Writes the state, for this machine's byte order. @param buffer [ms_reversible_flux_state_size()] */
void ms_reversible_flux_save(const ms_reversible_flux *flux, void *buffer);
/* Puts a replicate with the same parameters and number into a saved state. MS_ERROR_FORMAT where it is
 * damaged, MS_ERROR_MISMATCH where it is of other parameters: the replicate is then unchanged. */
ms_status ms_reversible_flux_restore(ms_reversible_flux *flux, const void *buffer, size_t size,
                                     ms_error *error);

/* Of one that is done. */
ms_reversible_flux_result ms_reversible_flux_result_of(const ms_reversible_flux *flux);

#endif
