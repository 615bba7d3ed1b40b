/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shares of a sweep, for jobs that compute it side by side. */
#include "sweep/sweep.h"

#include <stdlib.h>

/* What a share has more than the others: blocks that every share gets are not counted. */
typedef struct load {
    double cost;
    uint32_t share;
} load;

static bool is_less(const load *a, const load *b)
{
    return a->cost != b->cost ? a->cost < b->cost : a->share < b->share;
}

/* A binary heap, the least load on top. */
typedef struct heap {
    load *entry;
    size_t count;
} heap;

static void push(heap *h, load added)
{
    size_t at = h->count++;
    for (; at > 0 && is_less(&added, &h->entry[(at - 1) / 2]); at = (at - 1) / 2)
        h->entry[at] = h->entry[(at - 1) / 2];
    h->entry[at] = added;
}

static load pop(heap *h)
{
    load least = h->entry[0], moved = h->entry[--h->count];
    size_t at = 0, child;
    while ((child = 2 * at + 1) < h->count) {
        if (child + 1 < h->count && is_less(&h->entry[child + 1], &h->entry[child]))
            child++;
        if (!is_less(&h->entry[child], &moved))
            break;
        h->entry[at] = h->entry[child];
        at = child;
    }
    h->entry[at] = moved;
    return least;
}

typedef struct costly_point {
    double cost; /* of its first block */
    size_t point;
} costly_point;

static int compare(const void *a, const void *b)
{
    const costly_point *x = a, *y = b;
    if (x->cost != y->cost)
        return x->cost > y->cost ? -1 : 1;
    return x->point < y->point ? -1 : x->point > y->point;
}

/* Blocks of a point take equally long, but for the last one, which may be smaller. All shares get as many of
 * them as can be, the rest goes to the least loaded ones. `taken` [shares] is scratch. */
static void deal_point(const ms_sweep *sweep, size_t first, size_t blocks, heap *h, load *taken,
                       uint32_t *share)
{
    if (ms_sweep_may_stop(sweep, ms_sweep_block(sweep, first).point)) { /* one job must see all of it */
        taken[0] = pop(h);
        for (size_t b = 0; b < blocks; b++) {
            share[first + b] = taken[0].share;
            taken[0].cost += ms_sweep_block_cost(sweep, ms_sweep_block(sweep, first + b));
        }
        push(h, taken[0]);
        return;
    }
    size_t rest = (blocks - 1) % h->count + 1, even = blocks - rest;
    for (size_t b = 0; b < even; b++)
        share[first + b] = (uint32_t)(b % h->count);
    for (size_t i = 0; i < rest; i++)
        taken[i] = pop(h);
    for (size_t i = 0; i < rest; i++) {
        size_t block = first + even + i;
        share[block] = taken[i].share;
        taken[i].cost += ms_sweep_block_cost(sweep, ms_sweep_block(sweep, block));
        push(h, taken[i]);
    }
}

static double first_cost(const ms_sweep *sweep, size_t point)
{
    if (ms_sweep_point_blocks(sweep, point) == 0)
        return 0;
    return ms_sweep_block_cost(sweep, ms_sweep_block(sweep, sweep->points[point].first_block));
}

ms_status ms_sweep_deal(const ms_sweep *sweep, size_t shares, uint32_t *share, ms_error *error)
{
    size_t points = sweep->point_count;
    costly_point *order = calloc(points, sizeof *order);
    heap h = {.entry = calloc(shares, sizeof *h.entry)};
    load *taken = calloc(shares, sizeof *taken);
    ms_status status = MS_OK;
    if (!order || !h.entry || !taken)
        status = ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu shares of %zu points", shares,
                              points);
    for (size_t p = 0; status == MS_OK && p < points; p++)
        order[p] = (costly_point){first_cost(sweep, p), p};
    for (size_t s = 0; status == MS_OK && s < shares; s++)
        push(&h, (load){0, (uint32_t)s});
    if (status == MS_OK)
        qsort(order, points, sizeof *order, compare); /* what is dealt last evens out what came before */
    for (size_t i = 0; status == MS_OK && i < points; i++) {
        size_t p = order[i].point, of_point = ms_sweep_point_blocks(sweep, p);
        if (of_point > 0)
            deal_point(sweep, sweep->points[p].first_block, of_point, &h, taken, share);
    }
    free(order);
    free(h.entry);
    free(taken);
    return status;
}
