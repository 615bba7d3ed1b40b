/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What computes a block: one file, estimate/NAME.c, with one object of this type, and a line in registry.c.
 * A job is a state machine that is advanced, saved and restored at any iteration boundary. What it comes to
 * is a pure function of its parameters, for each of its units by itself: not of how the iterations are cut
 * into calls, of saving and restoring, or of the other units in the block. Farm and sweep know no more of it
 * than this. */
#ifndef MS_JOB_TYPE_H
#define MS_JOB_TYPE_H

#include "base/column.h"
#include "base/field.h"
#include "observe/ends.h"
#include "sampler/run_size.h"

typedef struct ms_job_type ms_job_type;

/* What a job is of. */
typedef struct ms_job_params {
    ms_run_params run; /* the point; the units are `chains` from `first_chain` on */
    size_t rules;      /* the run's events are those of one rule after the other, equally many of each */
    const ms_job_type *type; /* and its fields, as its kind says; borrowed */
    const void *params;
} ms_job_params;

/* The same before anything of it is made, target included. */
typedef struct ms_job_shape {
    ms_run_shape run;
    size_t rules;
    const void *params;
    uint64_t iterations;
    uint64_t at_least; /* iterations before which no unit ends, discovered or not */
} ms_job_shape;

typedef struct ms_job_size {
    size_t state;  /* bytes of a saved state, at most */
    double memory; /* bytes, about, without the target */
    double cost;   /* work if the whole budget is used, in updates of a number, about */
} ms_job_size;

/* Where a job's numbers of a column go: number i of its unit u in row `o` of `rows` to
 * [(o * units + first + u) * width + i] of `value`, which is as the column's type says. */
typedef struct ms_job_slot {
    const ms_column *column;
    void *value;
    size_t rows, units, first, width;
} ms_job_slot;

typedef struct ms_replicate_type ms_replicate_type;

/* One of the types that another one chooses from, point by point, and where its fields are in the other's. */
typedef struct ms_job_choice {
    const ms_job_type *type;
    size_t params;
} ms_job_choice;

struct ms_job_type {
    ms_kind kind;
    /* Of a type that only chooses: from these, the best first; a NULL type ends the list. A point is computed
     * by the first that can and that `declines` has nothing against. All below is NULL then. */
    const ms_job_choice *choices;
    /* MS_ERROR_ARGUMENT with the reason where `choice` is not to compute the point, though it could. */
    ms_status (*declines)(const ms_job_choice *choice, const ms_job_params *params, ms_error *error);

    /* What it records beside observables; NULL ends the list. Those with an empty dimension are left out. */
    const ms_column *const *columns;
    /* How many units a point has, each a block of its own. NULL: they are chains, as many as the budget says,
     * cut into blocks of a size that it says, too; and their observables are recorded. */
    size_t (*units)(const void *params);
    const ms_replicate_type *replicate; /* what its units are; NULL if it is no type of replicates */
    ms_job_size (*size)(const ms_job_shape *shape);
    /* MS_ERROR_ARGUMENT with the reason where it cannot compute the point. */
    ms_status (*check)(const ms_job_params *params, ms_error *error);
    /* At iteration 0. What `params` points to, but for target and start positions, is copied; `*job` is NULL
     * on failure. MS_ERROR_ARGUMENT, MS_ERROR_MEMORY. */
    ms_status (*alloc)(void **job, const ms_job_params *params, ms_error *error);
    void (*free)(void *job); /* NULL is allowed */
    /* By up to so many iterations. MS_ERROR_NUMERIC: the job can only be freed. */
    ms_status (*advance)(void *job, uint64_t iterations, ms_error *error);
    /* NULL, or as ms_run_uneven() and ms_run_skim(). */
    ms_pass_shape (*uneven)(const void *job);
    ms_status (*skim)(void *job, ms_error *error);
    bool (*done)(const void *job);
    uint64_t (*iteration)(const void *job); /* done so far */
    /* As of ms_run_state_size(), ms_run_save() and ms_run_restore(). */
    size_t (*state_size)(const void *job);
    ms_status (*save)(const void *job, void *buffer, size_t size, size_t *used, ms_error *error);
    ms_status (*restore)(void *job, const void *buffer, size_t size, ms_error *error);
    /* Writes what a job has come to, of one column; of one that is not done, so far. What it leaves stays
     * "not computed". */
    void (*fill)(const void *job, const ms_job_slot *slot);

    /* How long blocks take, from what a job does that is given up after a while. Work is counted in
     * iterations of a unit. */
    /* That of the next iteration, if the budget had one. 0: no budget would change what the job comes to, so
     * that its state need not be kept. */
    double (*work)(const void *job);
    /* Adds what its units have come to. */
    void (*tell_ends)(const void *job, ms_ends *ends);
    /* That of a job from the beginning to the end, as far as can be expected after `ends` of jobs of its
     * kind; NULL, for chains: if none ends before the budget. */
    double (*expected_work)(const ms_job_shape *shape, const ms_ends *ends);
};

extern const ms_job_type ms_direct_job;

typedef struct ms_job {
    const ms_job_type *type;
    void *state; /* NULL: there is none */
} ms_job;

/* NULL in `job->state` is allowed, and what it is afterwards. */
void ms_job_free(ms_job *job);

/* Type 0, 1, ..., NULL past the last: the kinds that sweeps choose from. */
const ms_kind *ms_job_kind(size_t number);

/* The column of that name that a type records or an observable is, or NULL. */
const ms_column *ms_column_find(const char *name);

#endif
