/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean first-passage times of rare discoveries by simulation: adaptive multilevel splitting (Cerou and
 * Guyader, Stochastic Analysis and Applications 25, 2007; for chains in discrete time Brehier, Gazeau,
 * Goudenege, Lelievre and Rousset, Annals of Applied Probability 26, 2016).
 *
 * A chain that starts anew whenever it has come to the discovery set makes as many such returns in an
 * iteration, in the long run, as 1 / (mean first-passage time). A coordinate (estimate/law.h) says how near
 * to the set a position is. Most of the time the chain is in the *bulk*, where the coordinate is least; where
 * it comes above a *threshold* for the first time since it was there is an *entrance*. What follows an
 * entrance until the bulk is an excursion. It comes to the set with a probability p, which splitting
 * estimates, and makes a return; from the start it goes to the bulk, or, with probability q, to the set once
 * more. So there are p / (1 - q) returns after an entrance, and
 *
 *     mean first-passage time = iterations from entrance to entrance * (1 - q) / p,
 *
 * exactly (Hill's relation): for starts in the discovery set, too, and for discoveries that are not rare.
 * Times and entrances are those of MS_LANES trajectories that are stationary: they have gone on for `burn_in`
 * iterations before. If a chain can be trapped elsewhere for longer than they last, its times there are
 * missing, and the mean is too small: `traps` tells where that may be, `longest` and `lost` whether they have
 * come there.
 *
 * Splitting: excursions from `particles` entrances. In each round those that have come no further than the
 * least level are ended, at least `killed` of them, with all that have come as far as the best of them; as
 * many of the others go on instead, from where these came above that level first. p is the product of the
 * shares that stay. Its expectation is right whatever the coordinate, levels and pieces of steps, which
 * decide its variance.
 *
 * A replicate is a state machine that is advanced by iterations, one of which moves up to MS_LANES chains by
 * a piece of a step. Results are functions of parameters and replicate alone, and have the same bits
 * everywhere. */
#ifndef MS_SPLITTING_H
#define MS_SPLITTING_H

#include "estimate/law.h"

#define MS_SPLITTING_PARTICLES_MAX (1U << 20)

typedef struct ms_splitting_params {
    const ms_run_params *run; /* target and start positions (borrowed), sampler, start, schedule, clauses, key
                                 and simd matter: the time to the first of the events is wanted */
    ms_law_choice law;
    ms_coordinate coordinate; /* `forecast` is best where the law is reduced */
    size_t particles;         /* a multiple of MS_LANES, 16 to MS_SPLITTING_PARTICLES_MAX */
    size_t killed;            /* in a round, at least: 1 to particles / 2 */
    uint64_t burn_in; /* iterations of each trajectory before it counts; 0: 30 times 1 / (the slowest rate of
                         decay) */
    unsigned pieces;  /* of a step, see ms_law_alloc_in_pieces(); 0: as many as serve well */
} ms_splitting_params;

typedef struct ms_splitting_result {
    double time;        /* iterations from entrance to entrance, of all particles, times 1 - q */
    double discoveries; /* particles times p: the mean is sum of times / sum of discoveries */
    double probability; /* p; 0 where all particles were killed at once */
    double start_share; /* q: of starts that come to the discovery set before the bulk */
    double longest;     /* time from one entrance to the next, as a share of all of it */
    size_t lost;        /* trajectories, starts and excursions that were given up, in a trap */
    size_t traps;       /* components from which chains did not come back within the burn-in; of targets with
                           more than 64, or that cannot be drawn from, none is tried */
    size_t ancestors;   /* entrances from which particles have come to the set */
    size_t rounds;
    uint64_t moves; /* of all chains, pieces of steps: what it has cost */
} ms_splitting_result;

typedef struct ms_splitting ms_splitting;

/* What serves well up to a mean of e^100 iterations; `run` is left for the caller. */
void ms_splitting_params_init(ms_splitting_params *params);

/* A replicate at iteration 0. MS_ERROR_ARGUMENT where the run has no such law, MS_ERROR_NUMERIC
 * where chains start in the discovery set as good as always, or the target fails, MS_ERROR_MEMORY. */
ms_status ms_splitting_alloc(ms_splitting **splitting, const ms_splitting_params *params, uint64_t replicate,
                             ms_error *error);
void ms_splitting_free(ms_splitting *splitting); /* NULL is allowed */

/* By up to so many iterations. MS_ERROR_NUMERIC where a chain diverges, the target fails or 2^32 chains do
 * not suffice, MS_ERROR_MEMORY: it can then only be freed. */
ms_status ms_splitting_advance(ms_splitting *splitting, uint64_t iterations, ms_error *error);
bool ms_splitting_done(const ms_splitting *splitting);
uint64_t ms_splitting_iteration(const ms_splitting *splitting);

/* What a replicate needs, before anything of it is made. */
typedef struct ms_splitting_size {
    size_t state;  /* bytes of a saved state as they usually are at most; it may be more */
    double memory; /* bytes, about, without the target */
} ms_splitting_size;

ms_splitting_size ms_splitting_size_of(const ms_run_shape *shape, size_t particles);

/* Bytes that the state takes now. */
size_t ms_splitting_state_size(const ms_splitting *splitting);
/* Writes the state, for this machine's byte order. @param buffer [ms_splitting_state_size()] */
void ms_splitting_save(const ms_splitting *splitting, void *buffer);
/* Puts a replicate with the same parameters and number into a saved state. MS_ERROR_FORMAT where it is
 * damaged, MS_ERROR_MISMATCH where it is of other parameters, MS_ERROR_MEMORY: the replicate is then
 * unchanged. */
ms_status ms_splitting_restore(ms_splitting *splitting, const void *buffer, size_t size, ms_error *error);

/* Of one that is done. */
ms_splitting_result ms_splitting_result_of(const ms_splitting *splitting);

#endif
