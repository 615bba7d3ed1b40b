/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/expectation.h"

#include "farm/calibrate.h"

#include <math.h>
#include <stdlib.h>

#define GUESS       1e-9 /* seconds for a unit of cost, before anything is known */
#define LEAST_LEFT  0.05 /* of a block, whatever has been spent on it */
#define NO_KIND     SIZE_MAX
#define OVERDUE_END 1.25 /* of the time in work: when a block that is overdue is expected to end */

typedef struct point_kind {
    double log_dimension, log_patch_size, noise_level;
    size_t variant, estimator;
    size_t neighbour; /* the nearest of which something is known, whose rate it has until it has its own */
    bool is_example;  /* may be a neighbour: only some are, so that to find the nearest takes little time */
    double cost, seconds; /* of blocks that told */
    double overdue_cost, overdue_seconds;
} point_kind;

struct ms_expectation {
    const ms_sweep *sweep;
    size_t *kind_of;  /* [points] */
    point_kind *kind; /* [kinds] */
    size_t kinds;
    float *spent; /* [blocks] in earlier starts, NULL: nothing */
    /* sums over kinds */
    double cost, seconds;
    double worked; /* since the beginning, by the clock; in units of it: */
    double pace_seconds, pace_elapsed;
};

static void find_kinds(ms_expectation *e)
{
    for (size_t p = 0; p < e->sweep->point_count; p++) {
        const ms_point *point = &e->sweep->points[p];
        if (p == 0 || !ms_points_differ_in_seed_alone(point, point - 1))
            e->kind[e->kinds++] = (point_kind){.log_dimension = log((double)point->dimension),
                                               .log_patch_size = log((double)point->patch_size),
                                               .noise_level = point->noise_level,
                                               .variant = point->variant,
                                               .estimator = point->estimator,
                                               .neighbour = NO_KIND};
        e->kind_of[p] = e->kinds - 1;
    }
}

ms_status ms_expectation_alloc(ms_expectation **result, const ms_sweep *sweep, ms_error *error)
{
    size_t points = sweep->point_count > 0 ? sweep->point_count : 1, too_large = 0;
    ms_expectation *e = calloc(1, sizeof *e);
    size_t *tried = calloc(points, sizeof *tried);
    *result = NULL;
    if (e) {
        e->sweep = sweep;
        e->kind_of = calloc(points, sizeof *e->kind_of);
        e->kind = calloc(points, sizeof *e->kind);
    }
    if (!e || !tried || !e->kind_of || !e->kind) {
        free(tried);
        ms_expectation_free(e);
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the expected times of %zu points",
                            sweep->point_count);
    }
    find_kinds(e);
    size_t examples = sweep->point_count > 0 ? ms_calibrate_choose(sweep, tried, &too_large) : 0;
    for (size_t i = 0; i < examples; i++)
        e->kind[e->kind_of[tried[i]]].is_example = true;
    free(tried);
    *result = e;
    return MS_OK;
}

void ms_expectation_free(ms_expectation *expectation)
{
    if (!expectation)
        return;
    free(expectation->kind_of);
    free(expectation->kind);
    free(expectation->spent);
    free(expectation);
}

size_t ms_expectation_kinds(const ms_expectation *expectation)
{
    return expectation->kinds;
}

size_t ms_expectation_kind(const ms_expectation *expectation, size_t block)
{
    return expectation->kind_of[ms_sweep_block(expectation->sweep, block).point];
}

static double own_cost(const point_kind *kind)
{
    return kind->cost + kind->overdue_cost;
}

bool ms_expectation_knows_kind(const ms_expectation *expectation, size_t kind)
{
    return own_cost(&expectation->kind[kind]) > 0;
}

bool ms_expectation_knows_any(const ms_expectation *expectation)
{
    return expectation->cost > 0;
}

static double cost_of(const ms_expectation *e, size_t block)
{
    return ms_sweep_block_cost(e->sweep, ms_sweep_block(e->sweep, block));
}

static double distance(const point_kind *a, const point_kind *b)
{
    return fabs(a->log_dimension - b->log_dimension) + fabs(a->log_patch_size - b->log_patch_size) +
           fabs(a->noise_level - b->noise_level) + (a->variant != b->variant ? MS_VARIANTS_DISTANCE : 0) +
           (a->estimator != b->estimator ? MS_VARIANTS_DISTANCE : 0);
}

/* A kind of which something is about to be known is an example for those around it. */
static void set_example(ms_expectation *e, size_t kind)
{
    const point_kind *example = &e->kind[kind];
    if (!example->is_example || example->cost > 0)
        return;
    for (point_kind *k = e->kind; k < e->kind + e->kinds; k++)
        if (k->neighbour == NO_KIND || distance(k, example) < distance(k, &e->kind[k->neighbour]))
            k->neighbour = kind;
}

void ms_expectation_learn(ms_expectation *expectation, size_t block, double seconds)
{
    size_t kind = ms_expectation_kind(expectation, block);
    double cost = cost_of(expectation, block);
    if (!(seconds >= 0))
        return;
    set_example(expectation, kind);
    expectation->kind[kind].cost += cost;
    expectation->kind[kind].seconds += seconds;
    expectation->cost += cost;
    expectation->seconds += seconds;
}

ms_status ms_expectation_spend(ms_expectation *expectation, size_t block, double seconds, ms_error *error)
{
    if (!(seconds > 0))
        return MS_OK;
    if (!expectation->spent)
        expectation->spent = calloc(ms_sweep_block_count(expectation->sweep), sizeof *expectation->spent);
    if (!expectation->spent)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the times of the blocks");
    expectation->spent[block] = (float)seconds;
    return MS_OK;
}

void ms_expectation_see_pace(ms_expectation *expectation, double seconds, double elapsed)
{
    expectation->worked += elapsed;
    expectation->pace_seconds += expectation->worked * seconds;
    expectation->pace_elapsed += expectation->worked * elapsed;
}

double ms_expectation_slowness(const ms_expectation *expectation)
{
    return expectation->pace_seconds > 0 ? expectation->pace_elapsed / expectation->pace_seconds : 1;
}

void ms_expectation_forget_overdue(ms_expectation *expectation)
{
    for (size_t k = 0; k < expectation->kinds; k++)
        expectation->kind[k].overdue_cost = expectation->kind[k].overdue_seconds = 0;
}

void ms_expectation_overdue(ms_expectation *expectation, size_t block, double seconds)
{
    point_kind *kind = &expectation->kind[ms_expectation_kind(expectation, block)];
    kind->overdue_cost += cost_of(expectation, block);
    kind->overdue_seconds += OVERDUE_END * seconds;
}

double ms_expectation_rate(const ms_expectation *expectation, size_t kind)
{
    const point_kind *k = &expectation->kind[kind];
    if (!(own_cost(k) > 0) && k->neighbour != NO_KIND)
        k = &expectation->kind[k->neighbour];
    if (own_cost(k) > 0)
        return (k->seconds + k->overdue_seconds) / own_cost(k);
    return expectation->cost > 0 ? expectation->seconds / expectation->cost : GUESS;
}

double ms_expectation_seconds(const ms_expectation *expectation, size_t block)
{
    return cost_of(expectation, block) *
           ms_expectation_rate(expectation, ms_expectation_kind(expectation, block));
}

double ms_expectation_spent(const ms_expectation *expectation, size_t block)
{
    return expectation->spent ? (double)expectation->spent[block] : 0;
}

double ms_expectation_left(const ms_expectation *expectation, size_t block)
{
    double seconds = ms_expectation_seconds(expectation, block);
    return fmax(LEAST_LEFT * seconds, seconds - ms_expectation_spent(expectation, block));
}
