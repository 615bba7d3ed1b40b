/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The blocks still to be handed out, in the order in which they will be. */
#ifndef MS_QUEUE_H
#define MS_QUEUE_H

#include "farm/expectation.h"
#include "farm/farm.h"

typedef enum ms_queue_state {
    MS_QUEUE_UNWANTED, /* another job's: nothing to do, and not counted */
    MS_QUEUE_DONE,     /* nothing to do */
    MS_QUEUE_HELD,     /* may turn out not to be needed: not in the queue yet */
    MS_QUEUE_WAITING,
    MS_QUEUE_SUSPECT /* may crash its rank: comes after all others, alone */
} ms_queue_state;

typedef struct ms_queue {
    const ms_sweep *sweep;
    const ms_expectation *expectation;
    ms_order order;
    size_t *block;
    size_t count, next, suspects;
    double seconds; /* expected, of the blocks left */
} ms_queue;

/* All blocks that are to be done, by `state` [blocks]. Where the same is expected of two, the one of the
 * larger patch size and dimension counts as longer, as it will most often be; then the index decides. The
 * expectation must live as long. MS_ERROR_MEMORY. */
ms_status ms_queue_init(ms_queue *queue, const ms_sweep *sweep, const ms_expectation *expectation,
                        ms_order order, const ms_queue_state *state, ms_error *error);
/* Puts the blocks left in order anew, by what is expected now. MS_ERROR_MEMORY. */
ms_status ms_queue_rank(ms_queue *queue, ms_error *error);
void ms_queue_free(ms_queue *queue);

/* Puts in one more that was held, behind those that are left, suspects apart. */
void ms_queue_add(ms_queue *queue, size_t block);

size_t ms_queue_left(const ms_queue *queue);
/* Whether the next one is a suspect; one must be left. */
bool ms_queue_next_is_suspect(const ms_queue *queue);
/* Expected seconds of the blocks left, and of the next one; one must be left. */
double ms_queue_seconds(const ms_queue *queue);
double ms_queue_next_seconds(const ms_queue *queue);
/* The next block; one must be left. */
size_t ms_queue_take(ms_queue *queue);

#endif
