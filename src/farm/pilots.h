/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which blocks are tried before all others, and for how long, to tell how long the blocks of their kinds
 * take. */
#ifndef MS_PILOTS_H
#define MS_PILOTS_H

#include "farm/expectation.h"
#include "farm/queue.h"

typedef struct ms_pilots {
    size_t *block;
    size_t count, next;
    double limit; /* seconds of CPU time for each */
    double until; /* when to give up, by rank 0's ms_processor_clock() */
    size_t told;  /* how many have told what they found, */
    double spent; /* and the CPU time of those */
} ms_pilots;

/* One of each kind of which nothing is known, or of as many as there is time for, spread evenly: at most a
 * few per cent of what all takes, and none where that is soon over anyhow. `state` and `attempt` [blocks]
 * tell what is to be done, and of what something speaks for a crash. `now` is by ms_processor_clock().
 * MS_ERROR_MEMORY. Free with ms_pilots_free(), also after an error. */
ms_status ms_pilots_init(ms_pilots *pilots, const ms_sweep *sweep, const ms_expectation *expectation,
                         const ms_queue_state *state, const ms_attempt *attempt, int ranks, double now,
                         ms_error *error);
void ms_pilots_free(ms_pilots *pilots);

bool ms_pilots_left(const ms_pilots *pilots);
/* The next block to be tried; one must be left. */
size_t ms_pilots_take(ms_pilots *pilots);
/* What one has told: the seconds that its block takes, NAN: not known. */
void ms_pilots_note(ms_pilots *pilots, double seconds);
/* None is left where they take too long: against what was planned, or against the seconds that all blocks
 * take by what they have told. */
void ms_pilots_give_up(ms_pilots *pilots, double now, double all);

#endif
