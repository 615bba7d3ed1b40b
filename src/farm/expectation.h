/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much CPU time blocks will take: as much as others of their kind did, now or in earlier starts, or
 * would by a pilot run; where nothing is known of a kind, as much as the nearest kind of which something is,
 * in proportion to the predicted cost. A kind is what differs in the seed alone. And how much longer that is
 * by the clock, because others use the processors, too. All seconds here are of CPU time. */
#ifndef MS_EXPECTATION_H
#define MS_EXPECTATION_H

#include "sweep/sweep.h"

typedef struct ms_expectation ms_expectation;

/* The sweep must live as long. MS_ERROR_MEMORY. */
ms_status ms_expectation_alloc(ms_expectation **result, const ms_sweep *sweep, ms_error *error);
void ms_expectation_free(ms_expectation *expectation);

size_t ms_expectation_kinds(const ms_expectation *expectation);
size_t ms_expectation_kind(const ms_expectation *expectation, size_t block);
/* Whether anything is known of the kind itself, or of any. */
bool ms_expectation_knows_kind(const ms_expectation *expectation, size_t kind);
bool ms_expectation_knows_any(const ms_expectation *expectation);

/* What a whole block takes, by a pilot run, or as was measured. Nothing if `seconds` is NAN. */
void ms_expectation_learn(ms_expectation *expectation, size_t block, double seconds);
/* What an earlier start has spent on a block that is not finished. MS_ERROR_MEMORY. */
ms_status ms_expectation_spend(ms_expectation *expectation, size_t block, double seconds, ms_error *error);

/* Work took so many seconds, and `elapsed` ones by the clock. The later this was the more it counts. */
void ms_expectation_see_pace(ms_expectation *expectation, double seconds, double elapsed);
/* Seconds by the clock for each one of CPU time; 1 where nothing has been seen. */
double ms_expectation_slowness(const ms_expectation *expectation);

/* Blocks in work for longer than expected count as if they ended a little later. They are named anew at each
 * look; `forget` begins one. */
void ms_expectation_forget_overdue(ms_expectation *expectation);
void ms_expectation_overdue(ms_expectation *expectation, size_t block, double seconds);

/* Seconds for each unit of ms_sweep_block_cost() in a kind; positive also where nothing is known. */
double ms_expectation_rate(const ms_expectation *expectation, size_t kind);
/* The same of a whole block, and what it will still take from where an earlier start has left it. */
double ms_expectation_seconds(const ms_expectation *expectation, size_t block);
double ms_expectation_left(const ms_expectation *expectation, size_t block);
/* What ms_expectation_spend() said. */
double ms_expectation_spent(const ms_expectation *expectation, size_t block);

#endif
