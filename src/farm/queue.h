/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The blocks still to be handed out, in the order in which they will be. */
#ifndef MS_QUEUE_H
#define MS_QUEUE_H

#include "farm/farm.h"

typedef enum ms_queue_state {
    MS_QUEUE_UNWANTED, /* another job's: nothing to do, and not counted */
    MS_QUEUE_DONE,     /* nothing to do */
    MS_QUEUE_WAITING,
    MS_QUEUE_SUSPECT /* may crash its rank: comes after all others, alone */
} ms_queue_state;

typedef struct ms_queue {
    const ms_sweep *sweep;
    size_t *block;
    size_t count, next, suspects;
    double cost; /* predicted, of the blocks left */
} ms_queue;

/* All blocks that are to be done, by `state` [blocks]; equal costs by index. MS_ERROR_MEMORY. */
ms_status ms_queue_init(ms_queue *queue, const ms_sweep *sweep, ms_order order, const ms_queue_state *state,
                        ms_error *error);
void ms_queue_free(ms_queue *queue);

size_t ms_queue_left(const ms_queue *queue);
/* Whether the next one is a suspect; one must be left. */
bool ms_queue_next_is_suspect(const ms_queue *queue);
/* Predicted cost of the blocks left, and of the next one; one must be left. */
double ms_queue_cost(const ms_queue *queue);
double ms_queue_next_cost(const ms_queue *queue);
/* The next block; one must be left. */
size_t ms_queue_take(ms_queue *queue);

#endif
