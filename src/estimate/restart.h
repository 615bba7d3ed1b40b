/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean first-passage times of rare discoveries by simulation: RESTART (Villen-Altamirano and
 * Villen-Altamirano, 1991), for any law of estimate/law.h.
 *
 * A chain that starts anew whenever it has come to the discovery set makes as many such returns in an
 * iteration, in the long run, as 1 / (mean first-passage time). A coordinate says how near to the set a
 * position is. Where a trajectory comes up to a level of it, `copies` - 1 more go on from there, which end
 * where they fall below this level; a return from above l levels counts copies^-l. At any time the
 * expectation of what is counted is the probability of a return, whatever the levels and the coordinate: they
 * only decide its variance. So
 *
 *     mean first-passage time = E steps / E reward
 *
 * of trajectories that are stationary: what is counted begins after `burn_in` iterations. That is the only
 * bias, and a large one if the chain can be trapped elsewhere for longer than that (in a mode that is not
 * wanted).
 *
 * A replicate first places the levels by pilot trajectories, so that a level is reached in one of `copies`
 * iterations above the one before it. Then it follows MS_LANES main trajectories and all that branches off
 * from them. It is a state machine that is advanced by iterations, one of which moves up to MS_LANES
 * branches. Results are functions of parameters and replicate alone, and have the same bits everywhere. */
#ifndef MS_RESTART_H
#define MS_RESTART_H

#include "estimate/law.h"

#define MS_RESTART_LEVELS_MAX 256
#define MS_RESTART_COPIES_MAX 8
#define MS_RESTART_BYTES_MAX  (UINT64_C(1) << 28) /* that branches may take */

typedef struct ms_restart_params {
    const ms_run_params *run; /* target and start positions (borrowed), sampler, start, schedule, clauses, key
                                 and simd matter: the time to the first of the events is wanted */
    ms_law_choice law;
    ms_coordinate coordinate;
    uint64_t steps;   /* of main trajectories, all together, that are counted: 1 to 2^48 */
    uint64_t burn_in; /* iterations of each before; 0: 30 times 1 / (the slowest rate of decay), where that is
                         known: of Gaussian and product mixtures */
    unsigned copies;  /* 2 to MS_RESTART_COPIES_MAX */
} ms_restart_params;

typedef struct ms_restart_result {
    double steps, reward; /* of main trajectories */
    double late_reward;   /* of the second half of their time */
    uint64_t transitions; /* of all branches, the pilot's, too: what it has cost */
    const double *level;  /* [levels], which the pilot has placed; those of the replicate */
    size_t levels;
} ms_restart_result;

typedef struct ms_restart ms_restart;

/* Steps and copies that serve well up to a mean of e^25 iterations; `run` is left for the caller. */
void ms_restart_params_init(ms_restart_params *params);

/* A replicate at iteration 0. MS_ERROR_ARGUMENT where the run has no such law, MS_ERROR_NUMERIC where chains
 * start in the discovery set as good as always, or the target fails, MS_ERROR_MEMORY. */
ms_status ms_restart_alloc(ms_restart **restart, const ms_restart_params *params, uint64_t replicate,
                           ms_error *error);
void ms_restart_free(ms_restart *restart); /* NULL is allowed */

/* By up to so many iterations. MS_ERROR_NUMERIC where a chain diverges, the target fails, or 2^32 branches do
 * not suffice, MS_ERROR_MEMORY: it can then only be freed. */
ms_status ms_restart_advance(ms_restart *restart, uint64_t iterations, ms_error *error);
bool ms_restart_done(const ms_restart *restart);
uint64_t ms_restart_iteration(const ms_restart *restart);

/* What a replicate needs, before anything of it is made. */
typedef struct ms_restart_size {
    size_t state;  /* bytes of a saved state as they usually are at most; it may be more */
    double memory; /* bytes, about, without the target */
} ms_restart_size;

ms_restart_size ms_restart_size_of(const ms_run_shape *shape, unsigned copies);

/* Bytes that the state takes now. */
size_t ms_restart_state_size(const ms_restart *restart);
/* Writes the state, for this machine's byte order. @param buffer [ms_restart_state_size()] */
void ms_restart_save(const ms_restart *restart, void *buffer);
/* Puts a replicate with the same parameters and number into a saved state. MS_ERROR_FORMAT where it is
 * damaged, MS_ERROR_MISMATCH where it is of other parameters, MS_ERROR_MEMORY: the replicate is then
 * unchanged. */
ms_status ms_restart_restore(ms_restart *restart, const void *buffer, size_t size, ms_error *error);

/* Of one that is done. */
ms_restart_result ms_restart_result_of(const ms_restart *restart);

#endif
