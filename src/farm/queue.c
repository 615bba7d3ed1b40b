/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/queue.h"

#include <stdlib.h>

typedef struct ranked_block {
    bool suspect;
    double rank, hardness; /* smaller comes first */
    size_t block;
} ranked_block;

static int compare(const void *a, const void *b)
{
    const ranked_block *x = a, *y = b;
    if (x->suspect != y->suspect)
        return x->suspect ? 1 : -1;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->hardness != y->hardness)
        return x->hardness < y->hardness ? -1 : 1;
    return x->block < y->block ? -1 : x->block > y->block;
}

static ranked_block rank_of(const ms_queue *queue, size_t block, bool is_suspect)
{
    ranked_block ranked = {.suspect = is_suspect, .block = block};
    if (queue->order == MS_ORDER_INDEX)
        return ranked;
    const ms_point *point = &queue->sweep->points[ms_sweep_block(queue->sweep, block).point];
    double sign = queue->order == MS_ORDER_LONGEST ? -1 : 1;
    ranked.rank = sign * ms_expectation_left(queue->expectation, block);
    /* both are less than 2^24: exact */
    ranked.hardness = sign * ((double)point->patch_size * 0x1p24 + (double)point->dimension);
    return ranked;
}

ms_status ms_queue_init(ms_queue *queue, const ms_sweep *sweep, const ms_expectation *expectation,
                        ms_order order, const ms_queue_state *state, ms_error *error)
{
    size_t blocks = ms_sweep_block_count(sweep);
    *queue = (ms_queue){.sweep = sweep, .expectation = expectation, .order = order};
    queue->block = calloc(blocks > 0 ? blocks : 1, sizeof *queue->block);
    if (!queue->block)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a queue of %zu blocks", blocks);
    for (size_t b = 0; b < blocks; b++)
        if (state[b] == MS_QUEUE_WAITING)
            queue->block[queue->count++] = b;
    for (size_t b = 0; b < blocks; b++)
        if (state[b] == MS_QUEUE_SUSPECT) {
            queue->block[queue->count++] = b;
            queue->suspects++;
        }
    return ms_queue_rank(queue, error);
}

ms_status ms_queue_rank(ms_queue *queue, ms_error *error)
{
    size_t left = ms_queue_left(queue);
    size_t *block = queue->block + queue->next;
    ranked_block *ranked = calloc(left > 0 ? left : 1, sizeof *ranked);
    if (!ranked)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a queue of %zu blocks", left);
    for (size_t i = 0; i < left; i++)
        ranked[i] = rank_of(queue, block[i], queue->next + i >= queue->count - queue->suspects);
    qsort(ranked, left, sizeof *ranked, compare);
    queue->seconds = 0;
    for (size_t i = 0; i < left; i++) {
        block[i] = ranked[i].block;
        queue->seconds += ms_expectation_left(queue->expectation, block[i]);
    }
    free(ranked);
    return MS_OK;
}

void ms_queue_free(ms_queue *queue)
{
    free(queue->block);
    *queue = (ms_queue){0};
}

void ms_queue_add(ms_queue *queue, size_t block)
{
    size_t at = queue->count - queue->suspects;
    if (at < queue->next) /* suspects have been taken */
        at = queue->next;
    for (size_t i = queue->count++; i > at; i--)
        queue->block[i] = queue->block[i - 1];
    queue->block[at] = block;
    queue->seconds += ms_expectation_left(queue->expectation, block);
}

size_t ms_queue_left(const ms_queue *queue)
{
    return queue->count - queue->next;
}

bool ms_queue_next_is_suspect(const ms_queue *queue)
{
    return queue->next >= queue->count - queue->suspects;
}

double ms_queue_seconds(const ms_queue *queue)
{
    return queue->seconds;
}

double ms_queue_next_seconds(const ms_queue *queue)
{
    return ms_expectation_left(queue->expectation, queue->block[queue->next]);
}

size_t ms_queue_take(ms_queue *queue)
{
    queue->seconds -= ms_queue_next_seconds(queue);
    return queue->block[queue->next++];
}
