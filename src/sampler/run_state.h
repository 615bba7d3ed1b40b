/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run holds; shared by run.c (its life), save.c (its saved form) and the job that a run is. */
#ifndef MS_RUN_STATE_H
#define MS_RUN_STATE_H

#include "sampler/observable.h"
#include "sampler/run_size.h"

/* Where in its passes a run is. At the last iteration of a visit it still belongs to that patch. */
typedef struct ms_cursor {
    uint64_t iteration;  /* done so far */
    uint64_t pass_begin; /* the iteration at which the current pass began */
    size_t patch;
} ms_cursor;

struct ms_run {
    ms_run_params params; /* what it points to, but for target and start positions, are the run's copies */
    ms_context context;
    ms_cursor cursor;
    ms_group *groups;
    size_t group_capacity, group_count; /* allocated; still holding active chains */
    size_t snapshots_taken;
    ms_lanes *total; /* [measures]: room for those of a group */
    void *sampler_params;
    ms_clause *clauses;
    uint64_t *snapshots;
    const ms_observable_type **observables;
    int64_t *event_time;                      /* [chains][events] */
    uint64_t *ended;                          /* [chains] the iteration at which a chain ended early */
    size_t row;                               /* words of a chain at a snapshot, of all observables */
    ms_word *observations;                    /* [snapshots][chains][row] */
    double *distance, *log_weight, *position; /* [components], [components], [dimension]: room */
};

#define MS_NOT_ENDED UINT64_MAX

/* `patches` is 0 where iterations are alike. */
ms_pass_shape ms_run_uneven(const ms_run *run);
/* Passes over what is left of a patch, to the middle of the next one or, at first, of the first, and does an
 * iteration there. The run is of no use afterwards but to see how long the next ones take. Errors as of
 * ms_run_advance(). */
ms_status ms_run_skim(ms_run *run, ms_error *error);

#endif
