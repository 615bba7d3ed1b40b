/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/pilots.h"

#include "farm/calibrate.h"

#include <math.h>
#include <stdlib.h>

#define SHARE           0.001 /* of the time that all takes if nothing is discovered; it may take much less */
#define SECONDS_MOST    1.0
#define SECONDS_LEAST   0.002 /* otherwise none: it is soon over, anyhow */
#define SHARE_MOST      0.008 /* of what all takes by what pilot runs have told, */
#define TELLING         4     /* of which this many say something */
#define OF_BLOCK_LEAST  0.002 /* seconds; in less nothing is discovered, and the kind would count as long */
#define OF_BLOCK        0.1   /* seconds at most */
#define SECONDS_OF_COST 1e-9  /* about */

/* A block of the kind that block `first` begins, to be tried: one of which nothing speaks for a crash, for to
 * be tried counts as progress. The number of blocks if there is none. */
static size_t find(const ms_sweep *sweep, const ms_expectation *expectation, size_t first,
                   const ms_queue_state *state, const ms_attempt *attempt)
{
    size_t kind = ms_expectation_kind(expectation, first), blocks = ms_sweep_block_count(sweep);
    for (size_t b = first; b < blocks && ms_expectation_kind(expectation, b) == kind; b++)
        if (state[b] == MS_QUEUE_WAITING && attempt[b].unfinished == 0)
            return b;
    return blocks;
}

ms_status ms_pilots_init(ms_pilots *pilots, const ms_sweep *sweep, const ms_expectation *expectation,
                         const ms_queue_state *state, const ms_attempt *attempt, int ranks, double now,
                         ms_error *error)
{
    size_t points = sweep->point_count, blocks = ms_sweep_block_count(sweep), too_large = 0;
    double cost = 0;
    *pilots = (ms_pilots){0};
    for (size_t b = 0; b < blocks; b++)
        if (state[b] == MS_QUEUE_WAITING || state[b] == MS_QUEUE_SUSPECT)
            cost += ms_sweep_block_cost(sweep, ms_sweep_block(sweep, b));
    double seconds = fmin(SECONDS_MOST, SHARE * SECONDS_OF_COST * cost / ranks);
    if (points == 0 || seconds < SECONDS_LEAST)
        return MS_OK;
    size_t *list = calloc(points, sizeof *list);
    pilots->block = calloc(points, sizeof *pilots->block);
    if (!list || !pilots->block) {
        free(list);
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu points", points);
    }
    size_t count = ms_calibrate_choose(sweep, list, &too_large);
    double most = fmax(1, seconds * ranks / OF_BLOCK_LEAST);
    for (size_t i = 0; i < count && (double)(pilots->count + 1) <= most; i++) {
        size_t first = sweep->points[list[i * ms_calibrate_step(count) % count]].first_block;
        size_t block = find(sweep, expectation, first, state, attempt);
        if (block < blocks &&
            !ms_expectation_knows_kind(expectation, ms_expectation_kind(expectation, block)))
            pilots->block[pilots->count++] = block;
    }
    free(list);
    if (pilots->count > 0)
        pilots->limit = fmin(fmin(OF_BLOCK, seconds), seconds * ranks / (double)pilots->count);
    pilots->until = now + 2 * seconds;
    return MS_OK;
}

void ms_pilots_free(ms_pilots *pilots)
{
    free(pilots->block);
    *pilots = (ms_pilots){0};
}

bool ms_pilots_left(const ms_pilots *pilots)
{
    return pilots->next < pilots->count;
}

size_t ms_pilots_take(ms_pilots *pilots)
{
    return pilots->block[pilots->next++];
}

void ms_pilots_note(ms_pilots *pilots, double seconds)
{
    pilots->told++;
    pilots->spent += seconds < pilots->limit ? seconds : pilots->limit;
}

void ms_pilots_give_up(ms_pilots *pilots, double now, double all)
{
    if (now > pilots->until || (pilots->told >= TELLING && pilots->spent > SHARE_MOST * all))
        pilots->next = pilots->count;
}
