/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A point of a sweep of pilot runs (ms_sweep_focus()) of which more and more is computed: more iterations of
 * its chains, and more chains; and what can be said of its discovery times by then. */
#ifndef MS_CANDIDATE_H
#define MS_CANDIDATE_H

#include "sweep/sweep.h"

/* Until a chain has discovered any mode, or all of them. */
typedef enum ms_until { MS_UNTIL_ANY, MS_UNTIL_ALL, MS_UNTIL_COUNT } ms_until;

/* Iterations until discovery, their mean over chains. */
typedef struct ms_figure {
    ms_interval mean; /* of 95 % */
    bool is_bound;    /* it is at least mean.low, and no more is known */
    bool is_law;      /* it relies on an exponential law, against which nothing speaks */
    uint64_t chains, discovered;
    ms_verdict verdict; /* whether times are exponential */
    double p_value;
} ms_figure;

/* Chains that are computed together. */
typedef struct ms_trial {
    ms_job job; /* its state is NULL once all chains have ended */
    size_t first, chains;
    uint64_t reached; /* iteration */
    bool has_all_any; /* each of its chains has discovered some mode */
} ms_trial;

typedef struct ms_candidate {
    const ms_sweep *sweep;
    size_t point;
    ms_trial *trial; /* [trials] */
    size_t trials, room, turns;
    /* [chains]: MS_CENSORED where `observed` is the iteration until which that is known */
    int64_t *time[MS_UNTIL_COUNT], *observed;
    size_t chains, chains_room;
    double effort;                              /* iterations of its chains, and one for each chain */
    double coordinate_updates, pass_iterations; /* of an iteration; NaN: there are no passes */
    /* seconds of CPU time that an iteration of a chain takes, where many chains move together */
    ms_interval seconds;
    double timed_seconds, timed_work, timings, rate_sum, rate_squares;
    ms_figure figure[MS_UNTIL_COUNT];
    bool wants_chains; /* rather than to prolong those that have discovered some mode */
    bool is_out;       /* others are better in every respect, or it failed: */
    ms_error failure;  /* status MS_OK: it did not */
} ms_candidate;

/* What is asked between pieces of work, often: whether to stop. */
typedef struct ms_race_watch {
    bool (*is_over)(void *argument);
    bool (*is_closing)(void *argument); /* it will soon be: what has begun is to be brought to an end */
    void *argument;
} ms_race_watch;

/* Computes more: iterations of chains that have not ended, or, now and then, new chains. What it does follows
 * from what has been done alone, unless it is stopped. `kept` may be shared by candidates with the same
 * target. MS_ERROR_MEMORY; other failures are the candidate's. */
ms_status ms_candidate_turn(ms_candidate *candidate, ms_kept *kept, const ms_race_watch *watch,
                            ms_error *error);

/* The same without new chains, and about how many iterations that takes: INFINITY where all chains have
 * ended. */
ms_status ms_candidate_prolong(ms_candidate *candidate, const ms_race_watch *watch, ms_error *error);
double ms_candidate_prolonging(const ms_candidate *candidate);

/* Brings its figures, and what an iteration takes, up to date. MS_ERROR_MEMORY. */
ms_status ms_candidate_judge(ms_candidate *candidate, ms_error *error);

/* Makes one; `kept` as above. */
void ms_candidate_begin(ms_candidate *candidate, const ms_sweep *sweep, size_t point);
void ms_candidate_end(ms_candidate *candidate);

#endif
