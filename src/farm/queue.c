/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/queue.h"

#include <stdlib.h>

typedef struct ranked_block {
    bool suspect;
    double rank; /* smaller comes first */
    size_t block;
} ranked_block;

static int compare(const void *a, const void *b)
{
    const ranked_block *x = a, *y = b;
    if (x->suspect != y->suspect)
        return x->suspect ? 1 : -1;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->block < y->block ? -1 : x->block > y->block;
}

static double rank_of(const ms_sweep *sweep, ms_order order, size_t block)
{
    switch (order) {
    case MS_ORDER_LONGEST:
        return -ms_sweep_block_cost(sweep, ms_sweep_block(sweep, block));
    case MS_ORDER_SHORTEST:
        return ms_sweep_block_cost(sweep, ms_sweep_block(sweep, block));
    case MS_ORDER_INDEX:
        break;
    }
    return 0;
}

ms_status ms_queue_init(ms_queue *queue, const ms_sweep *sweep, ms_order order, const ms_queue_state *state,
                        ms_error *error)
{
    size_t blocks = ms_sweep_block_count(sweep);
    *queue = (ms_queue){.sweep = sweep};
    ranked_block *ranked = calloc(blocks > 0 ? blocks : 1, sizeof *ranked);
    queue->block = calloc(blocks > 0 ? blocks : 1, sizeof *queue->block);
    if (!ranked || !queue->block) {
        free(ranked);
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a queue of %zu blocks", blocks);
    }
    for (size_t b = 0; b < blocks; b++)
        if (state[b] == MS_QUEUE_WAITING || state[b] == MS_QUEUE_SUSPECT) {
            bool suspect = state[b] == MS_QUEUE_SUSPECT;
            queue->suspects += suspect;
            ranked[queue->count++] = (ranked_block){suspect, rank_of(sweep, order, b), b};
        }
    qsort(ranked, queue->count, sizeof *ranked, compare);
    for (size_t i = 0; i < queue->count; i++)
        queue->block[i] = ranked[i].block;
    for (size_t i = 0; i < queue->count; i++)
        queue->cost += ms_sweep_block_cost(sweep, ms_sweep_block(sweep, queue->block[i]));
    free(ranked);
    return MS_OK;
}

void ms_queue_free(ms_queue *queue)
{
    free(queue->block);
    *queue = (ms_queue){0};
}

size_t ms_queue_left(const ms_queue *queue)
{
    return queue->count - queue->next;
}

bool ms_queue_next_is_suspect(const ms_queue *queue)
{
    return queue->next >= queue->count - queue->suspects;
}

double ms_queue_cost(const ms_queue *queue)
{
    return queue->cost;
}

double ms_queue_next_cost(const ms_queue *queue)
{
    return ms_sweep_block_cost(queue->sweep, ms_sweep_block(queue->sweep, queue->block[queue->next]));
}

size_t ms_queue_take(ms_queue *queue)
{
    queue->cost -= ms_queue_next_cost(queue);
    return queue->block[queue->next++];
}
