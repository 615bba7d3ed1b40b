/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Estimators of the mean first-passage time whose units are replicates: each by itself finds, for every rule,
 * the time to the first discovery of any of the modes, as two numbers,
 *
 *     mean first-passage time = sum of iterations at risk / sum of (expected) discoveries,
 *
 * the sums being over the replicates of a point. A type of replicates is an object of ms_replicate_type; one
 * file, estimate/NAME_job.c, makes a type of jobs of it with MS_JOB_OF_REPLICATES. */
#ifndef MS_REPLICATE_H
#define MS_REPLICATE_H

#include "estimate/job_type.h"

/* What a replicate has come to, for one rule. */
typedef struct ms_replicate_result {
    double iterations_at_risk, discoveries;
    double late_discoveries; /* of the second half of the iterations; NaN: not told */
    double relative_error;   /* that the mean may have beside chance, at most, relative to it; NaN: none */
    double transitions;      /* what it has cost: moves of a chain, or entries of transitions applied */
} ms_replicate_result;

/* A state machine as of ms_job_type, but for one replicate and rule: the run has one rule's events only, and
 * `run.first_chain` is the number of the replicate. */
struct ms_replicate_type {
    bool is_exact; /* there is no chance in it: one is enough */
    ms_status (*alloc)(void **replicate, const ms_job_params *params, ms_error *error);
    void (*free)(void *replicate); /* NULL is allowed */
    ms_status (*advance)(void *replicate, uint64_t iterations, ms_error *error);
    bool (*done)(const void *replicate);
    uint64_t (*iteration)(const void *replicate);
    double (*progress)(const void *replicate); /* 0 to 1, about */
    size_t (*state_size)(const void *replicate);
    void (*save)(const void *replicate, void *buffer);
    ms_status (*restore)(void *replicate, const void *buffer, size_t size, ms_error *error);
    /* Of one that is done. */
    ms_replicate_result (*result)(const void *replicate);
    /* P(tau > t) at the run's snapshots and its relative error; NULL: not told. */
    double (*survival)(const void *replicate, size_t snapshot, double *error);
    /* {bytes of a saved state at most, bytes of memory about, work in updates of a number about} */
    ms_job_size (*size)(const ms_job_shape *shape);
};

/* Columns of such types, [chain, rule], the replicate in the place of the chain; those of survival have
 * snapshots before. */
extern const ms_column ms_column_iterations_at_risk, ms_column_discoveries, ms_column_late_discoveries,
    ms_column_relative_error, ms_column_transitions, ms_column_survival, ms_column_survival_error;

ms_job_size ms_replicates_size(const ms_job_shape *shape, const ms_replicate_type *type);
ms_status ms_replicates_check(const ms_job_params *params, ms_error *error);
ms_status ms_replicates_alloc(void **job, const ms_job_params *params, ms_error *error);
/* Params of one rule of a job's, of its first unit. */
ms_job_params ms_replicates_params_of_rule(const ms_job_params *params, size_t rule);
void ms_replicates_free(void *job);
ms_status ms_replicates_advance(void *job, uint64_t iterations, ms_error *error);
bool ms_replicates_done(const void *job);
uint64_t ms_replicates_iteration(const void *job);
size_t ms_replicates_state_size(const void *job);
ms_status ms_replicates_save(const void *job, void *buffer, size_t size, size_t *used, ms_error *error);
ms_status ms_replicates_restore(void *job, const void *buffer, size_t size, ms_error *error);
void ms_replicates_fill(const void *job, const ms_job_slot *slot);
double ms_replicates_work(const void *job);
void ms_replicates_tell_ends(const void *job, ms_ends *ends);
double ms_replicates_expected_work(const ms_job_shape *shape, const ms_ends *ends);

/* The functions of a replicate type that only call a core's of nearly the same name, which takes a pointer of
 * its own type: `core` is ms_restart, say. MS_REPLICATE_CALLS names them. */
#define MS_DEFINE_REPLICATE_CALLS(core)                                                                      \
    static void free_replicate(void *replicate)                                                              \
    {                                                                                                        \
        core##_free(replicate);                                                                              \
    }                                                                                                        \
    static bool done(const void *replicate)                                                                  \
    {                                                                                                        \
        return core##_done(replicate);                                                                       \
    }                                                                                                        \
    static uint64_t iteration(const void *replicate)                                                         \
    {                                                                                                        \
        return core##_iteration(replicate);                                                                  \
    }                                                                                                        \
    static double progress(const void *replicate)                                                            \
    {                                                                                                        \
        return core##_progress_of(replicate);                                                                \
    }                                                                                                        \
    static size_t state_size(const void *replicate)                                                          \
    {                                                                                                        \
        return core##_state_size(replicate);                                                                 \
    }                                                                                                        \
    static void save(const void *replicate, void *buffer)                                                    \
    {                                                                                                        \
        core##_save(replicate, buffer);                                                                      \
    }                                                                                                        \
    static ms_status restore(void *replicate, const void *buffer, size_t size, ms_error *error)              \
    {                                                                                                        \
        return core##_restore(replicate, buffer, size, error);                                               \
    }
#define MS_REPLICATE_CALLS                                                                                   \
    .free = free_replicate, .done = done, .iteration = iteration, .progress = progress,                      \
    .state_size = state_size, .save = save, .restore = restore

#define MS_JOB_OF_REPLICATES                                                                                 \
    .check = ms_replicates_check, .alloc = ms_replicates_alloc, .free = ms_replicates_free,                  \
    .advance = ms_replicates_advance, .done = ms_replicates_done, .iteration = ms_replicates_iteration,      \
    .state_size = ms_replicates_state_size, .save = ms_replicates_save, .restore = ms_replicates_restore,    \
    .fill = ms_replicates_fill, .work = ms_replicates_work, .tell_ends = ms_replicates_tell_ends,            \
    .expected_work = ms_replicates_expected_work

#endif
