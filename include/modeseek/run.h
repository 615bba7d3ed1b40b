/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file run.h
 * The resumable run: a block of chains that is advanced, saved and restored at any iteration boundary.
 *
 * One code path serves Langevin, annealed and chained dynamics. The coordinates are cut into patches of
 * `patch_size`; a chain visits patch after patch, iterating each with the score of its conditional law given
 * the patches before it; after the last patch the next *pass* begins, warm-started. With patch_size =
 * dimension there is one patch and the conditional is the target: vanilla Langevin dynamics, the same bits.
 * One iteration is one score evaluation, x <- x + (delta/2) score + sqrt(delta) z on the current patch.
 *
 * Results are a pure function of the parameters: not of how the iterations are sliced into calls, of saving
 * and restoring, of the block a chain is in, or of the SIMD width. */
#ifndef MODESEEK_RUN_H
#define MODESEEK_RUN_H

#include <modeseek/export.h>
#include <modeseek/schedule.h>
#include <modeseek/status.h>
#include <modeseek/target.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

MS_BEGIN_API

typedef enum ms_start_type {
    MS_START_COMPONENT, /**< x_0 ~ P_component, un-smoothed */
    MS_START_UNIFORM,   /**< each coordinate uniform on [low, high] */
    MS_START_NORMAL,    /**< each coordinate N(0, variance) */
    MS_START_POSITIONS, /**< chain c starts at row c mod rows of `positions` */
    MS_START_DATA /**< chain c starts at vector c mod count of `data`, of which only the program has some */
} ms_start_type;

typedef struct ms_start {
    ms_start_type type;
    size_t component;
    double low, high;
    double variance;
    const double *positions; /**< [rows][dimension]; borrowed, must outlive the run */
    size_t rows;
    const struct ms_data_set *data; /**< borrowed, must outlive the run */
    bool is_of_test;                /**< not among the vectors that the target is made of */
    bool is_flipped;                /**< 1 less each number */
    bool by_column;                 /**< images are taken column by column */
} ms_start;

/** At which noise level the patches before the current one enter its conditional law. */
typedef enum ms_conditioning {
    MS_CONDITIONING_FINAL, /**< the last of the schedule: the chain rule then holds for P_{sigma_last} */
    MS_CONDITIONING_SAME   /**< the current one (the literal notation of Algorithm 1, arXiv 2406.02017) */
} ms_conditioning;

/** What rules look at, of the whole vector and the un-smoothed target. */
typedef enum ms_quantity {
    MS_SQUARED_DISTANCE, /**< D_i = |x - mean_i|^2 */
    MS_LOG_WEIGHT,       /**< l_i(x), see modeseek/target.h */
    MS_LOG_DENSITY       /**< log sum_i exp l_i(x); where there are no l_i, log P(x) but for a constant */
} ms_quantity;

/** How a clause and the next one make an event; `and` binds more closely. */
typedef enum ms_joint { MS_ALONE, MS_AND_NEXT, MS_OR_NEXT } ms_joint;

/** coefficient * quantity_component + reference_coefficient * reference_quantity_reference <= bound.
 * Events are made of clauses: each without a joint ends one. modeseek/discovery.h makes those of the
 * discovery rules. */
typedef struct ms_clause {
    size_t component;
    double coefficient;
    double reference_coefficient;
    double bound;
    size_t reference;
    ms_quantity quantity, reference_quantity;
    ms_joint joint;
} ms_clause;

/** Most clauses of a run. */
#define MS_CLAUSES_MAX (UINT32_C(1) << 20)

/** Which instructions to use; all give the same bits. */
typedef enum ms_simd { MS_SIMD_AUTO, MS_SIMD_PORTABLE, MS_SIMD_AVX2, MS_SIMD_AVX512 } ms_simd;

/** True where this machine and this build can run it. */
bool ms_simd_available(ms_simd simd);
/** "auto", "portable", "avx2" or "avx512". */
const char *ms_simd_name(ms_simd simd);

/** How chains are computed. Both have the same law of distances and discovery times. */
typedef enum ms_engine {
    MS_ENGINE_AUTO, /**< reduced where possible, else full, else batched, else generic */
    MS_ENGINE_FULL, /**< every coordinate is moved: cost proportional to the patch size. Langevin dynamics on
                       isotropic mixtures of at most MS_ISOTROPIC_COMPONENTS_MAX components. */
    MS_ENGINE_REDUCED, /**< only the projection on the span of the means and the distance from it: cost
                          independent of dimension and patch size. As full, and a start other than uniform. */
    MS_ENGINE_GENERIC, /**< any sampler on any target */
    MS_ENGINE_BATCHED  /**< Langevin dynamics at noise levels above 0 on targets made of data, which denoise
                          all chains of  a run together: see `chains_together`. Bits depend on the BLAS and the
                          processor. */
} ms_engine;

/** "auto", "full", "reduced", "generic" or "batched". */
const char *ms_engine_name(ms_engine engine);

/** An algorithm: name, parameters, operations. Found by the name that sweep files use. */
typedef struct ms_sampler_type ms_sampler_type;

/** Langevin dynamics: x + (delta/2) score + sqrt(delta) z, delta the schedule's step size. */
extern const ms_sampler_type *const ms_sampler_langevin;
/** Hamiltonian Monte Carlo, the step size the length of a leapfrog step, and, with one step of length
 * sqrt(delta), the Metropolis-adjusted Langevin algorithm. */
extern const ms_sampler_type *const ms_sampler_hmc;
extern const ms_sampler_type *const ms_sampler_mala;

/** The type of that name, or NULL. */
const ms_sampler_type *ms_sampler_find(const char *name);

/** What is recorded at snapshots: name, width, operation. Found by the name that sweep files use. */
typedef struct ms_observable_type ms_observable_type;

/** The type of that name, or NULL. */
const ms_observable_type *ms_observable_find(const char *name);

typedef struct ms_run_params {
    const ms_target *target; /**< borrowed; must outlive the run */
    const ms_sampler_type *sampler;
    const void *sampler_params; /**< those of the type, copied; NULL: its defaults */
    ms_start start;
    ms_schedule schedule;
    size_t patch_size;             /**< 1..dimension */
    bool shorter_last_patch;       /**< allow a patch size that does not divide the dimension */
    uint64_t iterations_per_patch; /**< K > 0: iterations of one visit; or 0, and then */
    uint64_t iterations_per_pass;  /**< T > 0: patch q gets floor(T end/d) - floor(T begin/d) of them */
    ms_conditioning conditioning;
    uint64_t iterations;       /**< budget, 1..2^53 */
    uint64_t key;              /**< of the random numbers, see modeseek/random.h */
    uint64_t first_chain;      /**< chains first_chain..first_chain+chains-1, all below 2^32 */
    size_t chains;             /**< >= 1 */
    size_t chains_together;    /**< of the engine batched: chains n k..n k + n-1, n being this number, move
                                  together,    those that do not belong to the run, too, so that the others never
                                  depend on how    many there are; 0: those of the run */
    const ms_clause *clauses;  /**< of the events, one event after the other; copied */
    size_t clause_count;       /**< 0..MS_CLAUSES_MAX */
    const uint64_t *snapshots; /**< iterations, strictly increasing, <= budget; copied */
    size_t snapshot_count;
    const ms_observable_type *const *observables; /**< recorded at each snapshot; copied */
    size_t observable_count;
    const uint32_t *mode_of;   /**< [components] the number, from 1, of the mode that each is of, 0 for none,
                                  for   observables; NULL: not known. Borrowed; must outlive the run */
    bool stop_when_discovered; /**< a chain ends when all its events have happened and no snapshot lies ahead
                                */
    ms_engine engine;
    ms_simd simd;
} ms_run_params;

/** Defaults: Langevin (patch_size 0 = dimension), start in component 0, constant schedule with noise level 0
 * and step size 0.1, 100 iterations a patch, no events, squared distances observed, no snapshots, one chain,
 * key 0. Target and budget are left for the caller. */
void ms_run_params_init(ms_run_params *params);

typedef struct ms_run ms_run;

/** Makes a run at iteration 0, the starts drawn and events and snapshots at t = 0 recorded. `*run` is the
 * caller's. Errors: MS_ERROR_ARGUMENT with the reason, MS_ERROR_MEMORY. */
ms_status ms_run_alloc(ms_run **run, const ms_run_params *params, ms_error *error);
/** Frees a run; NULL is allowed. */
void ms_run_free(ms_run *run);

/** Advances all chains by up to `iterations` iterations, less at the budget. MS_ERROR_NUMERIC when a chain
 * diverges (non-finite state); the run can then only be freed. */
ms_status ms_run_advance(ms_run *run, uint64_t iterations, ms_error *error);
/** True when every chain has ended: the budget is used up, or see stop_when_discovered. */
bool ms_run_done(const ms_run *run);
/** Iterations done so far. */
uint64_t ms_run_iteration(const ms_run *run);
/** Chains that have not ended. */
size_t ms_run_active_chains(const ms_run *run);

/** Bytes that ms_run_save() needs at most; constant over the life of a run. */
size_t ms_run_state_size(const ms_run *run);
/** Writes the state to `buffer` of ms_run_state_size() bytes; the bytes are for this machine's byte order.
 * @param used out: bytes written, or needed if MS_ERROR_ARGUMENT says that the buffer is too small; may be
 * NULL */
ms_status ms_run_save(const ms_run *run, void *buffer, size_t size, size_t *used, ms_error *error);
/** Puts a run made with the same parameters (the budget may be larger) into a saved state.
 * MS_ERROR_MISMATCH when the state is of other parameters, MS_ERROR_FORMAT when it is damaged; the run is
 * then unchanged. */
ms_status ms_run_restore(ms_run *run, const void *buffer, size_t size, ms_error *error);

#define MS_CENSORED INT64_C(-1)

/** The iteration at which an event first held for chain 0..chains-1 of the run, or MS_CENSORED. */
int64_t ms_run_event_time(const ms_run *run, size_t chain, size_t event);
/** Iterations through which a chain was observed: where it ended, else ms_run_iteration(). */
uint64_t ms_run_observed(const ms_run *run, size_t chain);
/** Number of events: groups of joined clauses. */
size_t ms_run_event_count(const ms_run *run);
/** What observable 0..observable_count-1 has recorded of a chain at a snapshot that has been reached, else
 * NULL: doubles or whole numbers of 64 bits, as many as it is wide. Valid until the run is freed or restored.
 */
const void *ms_run_observation(const ms_run *run, size_t observable, size_t snapshot, size_t chain);
/** How many numbers that are. */
size_t ms_run_observation_width(const ms_run *run, size_t observable);
/** The same of the first observable, by default the squared distances to the means [components]. */
const double *ms_run_snapshot(const ms_run *run, size_t snapshot, size_t chain);
/** The engine in use, not AUTO. */
ms_engine ms_run_engine(const ms_run *run);
/** Copies a chain's position. @param x out [dimension]. MS_ERROR_ARGUMENT for a chain that ended early.
 * The reduced engine draws the directions it does not follow, exactly in law: right for each time by itself,
 * but positions at two times are then not those of one path. */
ms_status ms_run_position(const ms_run *run, size_t chain, double *x, ms_error *error);

MS_END_API
#endif
