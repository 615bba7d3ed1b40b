/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When chains end: what is to be expected of them after others have been seen for a while. */
#ifndef MS_ENDS_H
#define MS_ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a chain with more events the first ones count. */
#define MS_ENDS_EVENTS_MAX 64

/* What has been seen of chains, added up. Zeroed before the first. */
typedef struct ms_ends {
    size_t events; /* of a chain */
    /* how often each of them happened, and in how many iterations it could have */
    double happened[MS_ENDS_EVENTS_MAX], at_risk[MS_ENDS_EVENTS_MAX];
    double chains, ended; /* those of which all events happened */
    double observed;      /* iterations, of all of them */
} ms_ends;

/* Adds a chain: the times of its events [events], MS_CENSORED of one that has not happened, and the
 * iterations through which it was observed. All chains have equally many events. */
void ms_ends_add(ms_ends *ends, const int64_t *time, size_t events, uint64_t observed);

/* Whether some event never happened, in fewer iterations than a chain's budget. */
bool ms_ends_leave_open(const ms_ends *ends, uint64_t iterations);

/* What is to be expected of a block of such chains that move in groups of `group`, a group for as long as any
 * of its chains has not ended, ended chains being sorted out now and then. A chain ends when all its events
 * have happened, which are taken as independent and exponential, but not before `at_least` iterations. */
typedef struct ms_ends_block {
    size_t chains, group;
    uint64_t at_least, iterations;
} ms_ends_block;

/* Iterations of its groups, of all together. */
double ms_ends_expected(const ms_ends *ends, const ms_ends_block *block);

/* How many iterations go by at this iteration until ended chains are sorted out, as in ms_run_advance(). */
double ms_ends_pause(double iteration);

#endif
