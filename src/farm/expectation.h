/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long blocks will take: as long as others of their kind did, now or in earlier starts, or would by a
 * pilot run; where nothing is known of a kind, as long as the nearest kind of which something is, in
 * proportion to the predicted cost. A kind is what differs in the seed alone. */
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

/* What was known before: seconds of processor time of the whole block, in an earlier start or by a pilot run.
 * On a busy machine the clock goes on faster than these: how much, finished blocks tell. */
void ms_expectation_foresee(ms_expectation *expectation, size_t block, double seconds);
/* What an earlier start has spent on a block that is not finished. MS_ERROR_MEMORY. */
ms_status ms_expectation_spend(ms_expectation *expectation, size_t block, double seconds, ms_error *error);
/* Seconds by the clock for each second of processor time, as far as one rank sees it; counts until blocks are
 * finished. */
void ms_expectation_see_slowness(ms_expectation *expectation, double slowness);
/* Wall-clock time that a block has taken. */
void ms_expectation_learn(ms_expectation *expectation, size_t block, double seconds);

/* Blocks in work for longer than expected count as if they ended a little later. They are named anew at each
 * look; `forget` begins one. */
void ms_expectation_forget_overdue(ms_expectation *expectation);
void ms_expectation_overdue(ms_expectation *expectation, size_t block, double seconds);

/* Seconds of wall-clock time for each unit of ms_sweep_block_cost() in a kind; positive also where nothing is
 * known. */
double ms_expectation_rate(const ms_expectation *expectation, size_t kind);
/* The same of a whole block, and what it will still take from where an earlier start has left it. */
double ms_expectation_seconds(const ms_expectation *expectation, size_t block);
double ms_expectation_left(const ms_expectation *expectation, size_t block);
/* What ms_expectation_spend() said, by today's clock. */
double ms_expectation_spent(const ms_expectation *expectation, size_t block);

#endif
