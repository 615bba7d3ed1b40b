/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/quadrature_state.h"

#include "random/elementary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEADY       1e-13 /* relative change of a rate that is rounding */
#define STEADY_COUNT 20    /* iterations in a row */
#define UNSTEADY     1e-4  /* of the tolerance: what may be left of a relative error by not iterating on */
#define STEPS_LEAST  4     /* on a grid, before changes say anything */
#define CAUTION      2 /* times the difference of two grids: the error, if the second's is 2/3 of the first's */
#define ROUNDING     1e-12      /* relative; no smaller error is stated */
#define NODES_MAX    UINT32_MAX /* that transitions can number */
#define NODE_BYTES   64         /* beside its row of the transition */

/* Each is more exact than the one before, by an order of magnitude or more. */
static const ms_fineness grids[MS_QUADRATURE_GRIDS] = {
    {.nodes = 1.0, .extra = 12, .reach = 7.0, .depth = 22, .digits = 24},
    {.nodes = 1.2, .extra = 12, .reach = 7.5, .depth = 26, .digits = 28},
    {.nodes = 1.4, .extra = 12, .reach = 8.0, .depth = 30, .digits = 32},
    {.nodes = 1.7, .extra = 14, .reach = 8.5, .depth = 34, .digits = 36},
    {.nodes = 2.0, .extra = 16, .reach = 9.0, .depth = 38, .digits = 40},
};

static ms_status check(const ms_quadrature_params *p, ms_error *error)
{
    const ms_line_chain *c = &p->chain;
    bool good = c->components >= 1 && c->components <= MS_LINE_COMPONENTS_MAX && c->dimension >= 1 &&
                c->step_size > 0 && isfinite(c->step_size) && c->start_variance > 0 &&
                isfinite(c->start_variance) && isfinite(c->start_position);
    for (size_t i = 0; good && i < c->components; i++)
        good = c->weight[i] > 0 && isfinite(c->weight[i]) && c->variance[i] > 0 && isfinite(c->variance[i]) &&
               isfinite(c->position[i]);
    if (!good)
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "quadrature needs 1 to %d components, and finite weights, variances and step sizes "
            "above 0",
            MS_LINE_COMPONENTS_MAX);
    const ms_line_region *r = &p->region;
    if (r->count < 1 || r->count > MS_LINE_BOUNDS_MAX || !r->bound[r->count - 1].ends)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "quadrature needs a region of 1 to %d bounds",
                            MS_LINE_BOUNDS_MAX);
    for (size_t i = 1; i < p->time_count; i++)
        if (p->times[i] < p->times[i - 1])
            return ms_error_set(error, MS_ERROR_ARGUMENT, "quadrature needs ascending times");
    if (!(p->tolerance > 0) || !(p->memory > 0))
        return ms_error_set(error, MS_ERROR_ARGUMENT, "quadrature needs a tolerance and memory");
    return MS_OK;
}

/* Copies of what the parameters point to. */
static bool copy_params(ms_quadrature *q, const ms_quadrature_params *p)
{
    size_t k = p->chain.components;
    q->params = *p;
    q->numbers = malloc(3 * k * sizeof *q->numbers);
    q->bounds = malloc(p->region.count * sizeof *q->bounds);
    q->times = malloc((p->time_count + 1) * sizeof *q->times);
    if (!q->numbers || !q->bounds || !q->times)
        return false;
    memcpy(q->numbers, p->chain.weight, k * sizeof *q->numbers);
    memcpy(q->numbers + k, p->chain.variance, k * sizeof *q->numbers);
    memcpy(q->numbers + 2 * k, p->chain.position, k * sizeof *q->numbers);
    memcpy(q->bounds, p->region.bound, p->region.count * sizeof *q->bounds);
    if (p->time_count > 0)
        memcpy(q->times, p->times, p->time_count * sizeof *q->times);
    q->params.chain.weight = q->numbers;
    q->params.chain.variance = q->numbers + k;
    q->params.chain.position = q->numbers + 2 * k;
    q->params.region.bound = q->bounds;
    q->params.times = q->times;
    return true;
}

/* Whether chains start where it is a discovery, but for so few that doubles do not tell. */
static bool starts_inside(const ms_quadrature_params *p)
{
    const ms_line_chain *c = &p->chain;
    return ms_line_region_has(&p->region, c->start_position,
                              sqrt(((double)c->dimension - 1) * c->start_variance));
}

/* Refuses what no grid can tell; where there is nothing to be told, the quadrature is done. */
static ms_status look_for_exit(ms_quadrature *q, ms_error *error)
{
    ms_line_domain domain;
    ms_line_domain_set(&domain, &q->params.chain, &q->params.region, grids[0].depth, false);
    if (domain.exit > MS_LINE_EXIT_MAX && isfinite(domain.exit))
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "quadrature: discoveries are too rare for double precision: a mean of about e^%.0f", domain.exit);
    if (!isfinite(domain.exit) && !starts_inside(&q->params))
        return ms_error_set(error, MS_ERROR_ARGUMENT, "quadrature: no chain can come to the discovery set");
    q->progress.is_done = q->progress.is_tolerable = isfinite(domain.exit) ? 0u : 1u;
    return MS_OK;
}

ms_status ms_quadrature_alloc(ms_quadrature **quadrature, const ms_quadrature_params *params, ms_error *error)
{
    *quadrature = NULL;
    ms_status status = check(params, error);
    if (status != MS_OK)
        return status;
    ms_quadrature *q = calloc(1, sizeof *q);
    if (q) {
        q->value = calloc(params->time_count + 1, sizeof *q->value);
        q->error = calloc(params->time_count + 1, sizeof *q->error);
        q->found = calloc(params->time_count + 1, sizeof *q->found);
    }
    if (!q || !q->value || !q->error || !q->found || !copy_params(q, params)) {
        ms_quadrature_free(q);
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a quadrature");
    }
    status = look_for_exit(q, error);
    if (status != MS_OK) {
        ms_quadrature_free(q);
        return status;
    }
    *quadrature = q;
    return MS_OK;
}

void ms_quadrature_drop_grid(ms_quadrature *q)
{
    ms_line_grid_free(&q->grid);
    ms_transition_free(&q->transition);
    ms_aggregate_free(&q->aggregate);
    free(q->start);
    free(q->x);
    free(q->next);
    q->start = q->x = q->next = NULL;
    q->progress.has_grid = false;
}

void ms_quadrature_free(ms_quadrature *q)
{
    if (!q)
        return;
    ms_quadrature_drop_grid(q);
    free(q->numbers);
    free(q->bounds);
    free(q->times);
    free(q->value);
    free(q->error);
    free(q->found);
    free(q);
}

static double sum(const double *x, size_t count)
{
    double total = 0;
    for (size_t i = 0; i < count; i++)
        total += x[i];
    return total;
}

ms_status ms_quadrature_make_grid(ms_quadrature *q, ms_error *error)
{
    const ms_fineness *fineness = &grids[q->progress.grids];
    const ms_line_chain *chain = &q->params.chain;
    double nodes_max = fmin(q->params.memory / NODE_BYTES, NODES_MAX);
    ms_status status =
        ms_line_grid_set(&q->grid, chain, &q->params.region, fineness, (size_t)nodes_max, error);
    if (status == MS_OK)
        status = ms_transition_set(&q->transition, chain, &q->grid, fineness->reach,
                                   (size_t)(q->params.memory / sizeof(double)), error);
    if (status == MS_OK)
        status = ms_aggregate_set(&q->aggregate, &q->grid, &q->transition, chain->step_size, error);
    if (status != MS_OK)
        return status;
    size_t nodes = q->transition.nodes;
    q->start = malloc((nodes + 1) * sizeof *q->start);
    q->x = malloc((nodes + 1) * sizeof *q->x);
    q->next = malloc((nodes + 1) * sizeof *q->next);
    if (!q->start || !q->x || !q->next)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a grid of %zu nodes", nodes);
    ms_transition_start(chain, &q->grid, q->start);
    q->start_mass = sum(q->start, nodes);
    memcpy(q->x, q->start, nodes * sizeof *q->x);
    ms_quadrature_progress *p = &q->progress;
    p->has_grid = true;
    p->is_dying = q->params.time_count > 0;
    p->time = p->times_done = p->steady = p->steps = 0;
    p->rate = p->change = q->found[0] = 0;
    if (!p->is_dying)
        ms_line_grid_guess(&q->grid, q->x);
    return MS_OK;
}

/* log(1 - rate) */
static double log_staying(double rate)
{
    if (rate > 0.1)
        return ms_log(1 - rate);
    double r = rate / (2 - rate), power = r, series = 0; /* 2 artanh(-r) */
    for (int k = 1; k < 20; k += 2) {
        series -= 2 * power / k;
        power *= r * r;
    }
    return series;
}

/* Takes down the times that have come, and those that have not where the law changes no more. */
static void follow_dying(ms_quadrature *q)
{
    double mass = sum(q->x, q->transition.nodes), flow = ms_transition_into(&q->transition, q->x);
    double rate = mass > 0 ? flow / mass : 1;
    ms_quadrature_progress *p = &q->progress;
    p->steady = fabs(rate - p->rate) <= STEADY * rate ? p->steady + 1 : 0;
    p->rate = rate;
    while (p->times_done < q->params.time_count) {
        uint64_t wanted = q->times[p->times_done], left = wanted > p->time ? wanted - p->time : 0;
        if (left > 0 && p->steady < STEADY_COUNT)
            return;
        double staying = left > 0 ? ms_exp((double)left * log_staying(rate)) : 1;
        q->found[1 + p->times_done++] = mass * staying;
    }
    p->is_dying = false;
    ms_line_grid_guess(&q->grid, q->x);
}

static void apply(ms_quadrature *q)
{
    ms_transition_apply(&q->transition, q->x, q->next);
    double *x = q->next;
    q->next = q->x;
    q->x = x;
    q->progress.iteration++;
}

/* One iteration of chains that start anew. */
static void apply_anew(ms_quadrature *q)
{
    double anew = ms_transition_into(&q->transition, q->x) / q->start_mass;
    apply(q);
    for (size_t i = 0; i < q->transition.nodes; i++)
        q->x[i] += anew * q->start[i];
}

/* Whether a mean has come near enough to where it goes, if its changes go on to shrink as they did. */
static bool is_steady(ms_quadrature *q, double mean)
{
    double change = fabs(mean - q->found[0]), before = q->progress.change;
    double allowed = UNSTEADY * q->params.tolerance * mean;
    q->progress.change = change;
    q->found[0] = mean;
    if (q->progress.steps < STEPS_LEAST)
        return false;
    return change <= STEADY * mean || (change < before && change * change <= (before - change) * allowed);
}

/* Puts what was found on a grid beside what was found before. */
static void finish_grid(ms_quadrature *q)
{
    const ms_transition *t = &q->transition;
    double lost = 0, mass = sum(q->x, t->nodes), rest = ROUNDING + 100 * UNSTEADY * q->params.tolerance;
    for (size_t i = 0; i < t->nodes; i++)
        lost += fabs(1 - t->kept[i]) * q->x[i];
    for (size_t i = 0; i <= q->params.time_count; i++) {
        q->error[i] = CAUTION * fabs(q->found[i] - q->value[i]) + rest * q->found[i];
        q->value[i] = q->found[i];
    }
    ms_quadrature_progress *p = &q->progress;
    p->leak = mass > 0 ? lost / mass : 0;
    p->exit = q->grid.domain.exit;
    p->nodes = t->nodes;
    p->entries = t->entries;
    p->grids++;
    p->is_tolerable = p->grids > 1 && q->error[0] <= q->params.tolerance * q->value[0];
    p->is_done = p->is_tolerable || p->grids == MS_QUADRATURE_GRIDS;
    ms_quadrature_drop_grid(q);
}

/* Puts the masses of cells right, then lets chains that start anew move. */
static ms_status approach(ms_quadrature *q, ms_error *error)
{
    if (!ms_aggregate_balance(&q->aggregate, &q->transition, q->start, q->x))
        return ms_error_set(error, MS_ERROR_NUMERIC,
                            "no way leads from the chain's start to the region of the discovery rule");
    apply_anew(q);
    double mean = q->start_mass * sum(q->x, q->transition.nodes) / ms_transition_into(&q->transition, q->x);
    if (is_steady(q, mean))
        finish_grid(q);
    else if (++q->progress.steps == MS_QUADRATURE_STEPS_MAX || !isfinite(mean))
        return ms_error_set(error, MS_ERROR_NUMERIC,
                            "the law of the chain has not become stationary in %d iterations",
                            MS_QUADRATURE_STEPS_MAX);
    return MS_OK;
}

static ms_status iterate(ms_quadrature *q, ms_error *error)
{
    ms_quadrature_progress *p = &q->progress;
    if (p->is_dying) {
        follow_dying(q);
        if (p->is_dying) {
            apply(q);
            p->time++;
        }
        return MS_OK;
    }
    if (q->start_mass > 0)
        return approach(q, error);
    if (!starts_inside(&q->params))
        return ms_error_set(error, MS_ERROR_NUMERIC, "quadrature: no node of the grid is where chains start");
    finish_grid(q);
    return MS_OK;
}

ms_status ms_quadrature_advance(ms_quadrature *q, uint64_t iterations, ms_error *error)
{
    ms_quadrature_progress *p = &q->progress;
    ms_status status = MS_OK;
    for (uint64_t i = 0; i < iterations && !p->is_done && status == MS_OK; i++) {
        if (!p->has_grid)
            status = ms_quadrature_make_grid(q, error);
        if (status == MS_ERROR_MEMORY && p->grids > 1) {
            ms_quadrature_drop_grid(q);
            p->is_done = true;
            if (error)
                *error = (ms_error){0};
            return MS_OK;
        }
        if (status == MS_OK)
            status = iterate(q, error);
    }
    return status;
}

bool ms_quadrature_done(const ms_quadrature *q)
{
    return q->progress.is_done;
}

uint64_t ms_quadrature_iteration(const ms_quadrature *q)
{
    return q->progress.iteration;
}

ms_quadrature_result ms_quadrature_result_of(const ms_quadrature *q)
{
    const ms_quadrature_progress *p = &q->progress;
    return (ms_quadrature_result){.mean = {q->value[0], q->error[0]},
                                  .is_tolerable = p->is_tolerable,
                                  .leak = p->leak,
                                  .exit = p->exit,
                                  .grids = p->grids,
                                  .nodes = p->nodes,
                                  .entries = p->entries};
}

ms_estimate ms_quadrature_survival(const ms_quadrature *q, size_t i)
{
    return (ms_estimate){q->value[1 + i], q->error[1 + i]};
}
