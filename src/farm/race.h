/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which patch size discovers the modes at the least cost? A race of points of a sweep: all begin with the
 * same chains and efforts, efforts are doubled, and points that others beat in every respect are dropped. */
#ifndef MS_RACE_H
#define MS_RACE_H

#include "farm/candidate.h"

/* What a chain spends until it discovers. */
typedef enum ms_spent { MS_SPENT_ITERATIONS, MS_SPENT_UPDATES, MS_SPENT_SECONDS, MS_SPENT_COUNT } ms_spent;

typedef struct ms_race {
    const ms_sweep *sweep;   /* of ms_sweep_focus() */
    ms_candidate *candidate; /* [candidates]; their points differ in patch size alone */
    size_t candidates;
    ms_kept kept;
    double effort_most;        /* of all candidates together; INFINITY: as much as there is time for */
    ms_interval *full_seconds; /* [candidates] of an iteration with the engine `full`; NULL: not measured */
    bool is_decided;           /* whether there is nothing to be gained by more */
} ms_race;

/* `points` [count]. MS_ERROR_MEMORY. Free it in any case. */
ms_status ms_race_begin(ms_race *race, const ms_sweep *sweep, const size_t *points, size_t count,
                        ms_error *error);
void ms_race_end(ms_race *race);

/* Runs it until it is decided, the effort is spent or the watch says so; figures are up to date then. What
 * comes out does not depend on how long anything takes, unless the watch ends it. MS_ERROR_MEMORY. */
ms_status ms_race_run(ms_race *race, const ms_race_watch *watch, ms_error *error);

/* Where all candidates are on the engine `reduced`: how long an iteration takes on `full`. MS_ERROR_MEMORY.
 */
ms_status ms_race_time_full(ms_race *race, ms_error *error);

/* What a candidate spends until it discovers; `high` is INFINITY and `is_bound` true where it is at least
 * `low`. */
ms_interval ms_race_spent(const ms_candidate *candidate, ms_until until, ms_spent spent);

typedef enum ms_standing {
    MS_STANDS_BEST,
    MS_STANDS_EQUAL, /* cannot be told apart from the best */
    MS_STANDS_OPEN,  /* the same, and how much it spends is not known: it may be far more */
    MS_STANDS_WORSE,
    MS_STANDS_FAILED
} ms_standing;

/* Where candidates stand [candidates]; false where none is best, for none has discovered enough. */
bool ms_race_standings(const ms_race *race, ms_until until, ms_spent spent, ms_standing *standing);

/* Iterations of all chains so far. */
double ms_race_effort(const ms_race *race);

#endif
