/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/line_grid.h"

#include "estimate/panel.h"
#include "random/elementary.h"

#include <math.h>
#include <stdlib.h>

#define PI          3.14159265358979324
#define PANEL_NODES 48   /* of a long panel, beside the extra ones */
#define NEGLIGIBLE  36   /* a log-weight so much below the largest plays no part */
#define TOP         8    /* standard deviations of a step below the top of a disc have rows of their own */
#define PANEL_LEAST 1e-3 /* in standard deviations of a step: no smaller panel for responsibilities */

/* Responsibilities have a pole at a distance `height` from the real axis above u. */
typedef struct pole {
    double u, height;
} pole;

typedef struct poles {
    pole each[MS_LINE_COMPONENTS_MAX * MS_LINE_COMPONENTS_MAX];
    size_t count;
} poles;

typedef struct draft {
    ms_line_grid *grid;
    const ms_line_chain *chain;
    const ms_line_region *region;
    const ms_fineness *fineness;
    double deviation; /* of a step's noise, or of the start, if that is narrower */
    size_t nodes_max;
    ms_panel_rule rule[MS_PANEL_NODES_MAX + 1]; /* where `has` */
    bool has[MS_PANEL_NODES_MAX + 1];
    poles in_row, of_rows; /* along the row in work, and across rows */
} draft;

static bool grow(double **array, size_t capacity)
{
    double *grown = realloc(*array, capacity * sizeof *grown);
    if (grown)
        *array = grown;
    return grown != NULL;
}

static bool add_node(const draft *d, ms_line_nodes *nodes, double u, double weight)
{
    if (nodes->count == nodes->capacity) {
        size_t capacity = 2 * nodes->capacity + 1024;
        if (d->grid->outside.count + d->grid->inside.count >= d->nodes_max || !grow(&nodes->u, capacity) ||
            !grow(&nodes->weight, capacity))
            return false;
        nodes->capacity = capacity;
    }
    nodes->u[nodes->count] = u;
    nodes->weight[nodes->count++] = weight;
    return true;
}

static double nodes_for(const draft *d, double length)
{
    double wanted = ceil(length / d->deviation * d->fineness->nodes + d->fineness->extra);
    return fmin(wanted, MS_PANEL_NODES_MAX);
}

static const ms_panel_rule *rule_of(draft *d, size_t count)
{
    if (!d->has[count])
        ms_panel_rule_set(&d->rule[count], count);
    d->has[count] = true;
    return &d->rule[count];
}

/* The longest panels, and into how many of equal length a piece is cut: at most one more than there may be
 * nodes, which is then too many. */
static size_t panels_for(const draft *d, double length)
{
    double panels = ceil(length / d->deviation * d->fineness->nodes / PANEL_NODES);
    return (size_t)fmin(fmax(1, panels), (double)d->nodes_max + 1);
}

/* l_i - l_j */
static ms_line_bound difference_of(const ms_line_chain *c, size_t i, size_t j)
{
    double log_weight[MS_LINE_COMPONENTS_MAX];
    ms_line_chain_log_weights(c, 0, 0, log_weight);
    return (ms_line_bound){.square = 0.5 / c->variance[j] - 0.5 / c->variance[i],
                           .linear = c->position[i] / c->variance[i] - c->position[j] / c->variance[j],
                           .constant = log_weight[i] - log_weight[j]};
}

/* Whether nothing outweighs component i by far. */
static bool has_weight(const ms_line_chain *c, size_t i, double u, double R)
{
    double log_weight[MS_LINE_COMPONENTS_MAX], largest = -INFINITY;
    ms_line_chain_log_weights(c, u, R, log_weight);
    for (size_t k = 0; k < c->components; k++)
        largest = fmax(largest, log_weight[k]);
    return log_weight[i] > largest - NEGLIGIBLE;
}

/* Where pairs of components weigh the same along a row. */
static void find_poles_in_row(draft *d, double R)
{
    const ms_line_chain *c = d->chain;
    d->in_row.count = 0;
    for (size_t i = 1; i < c->components; i++)
        for (size_t j = 0; j < i; j++) {
            double root[2];
            ms_line_bound difference = difference_of(c, i, j);
            int roots = ms_line_bound_roots(&difference, R, root);
            for (int r = 0; r < roots && r < 2; r++)
                if (has_weight(c, i, root[r], R)) {
                    double slope = fabs(2 * difference.square * root[r] + difference.linear);
                    d->in_row.each[d->in_row.count++] = (pole){root[r], PI / slope};
                }
        }
}

/* Where they do so on a disc, its top is where a row changes as steeply. */
static void find_poles_of_rows(draft *d)
{
    const ms_line_chain *c = d->chain;
    d->of_rows.count = 0;
    for (size_t i = 1; i < c->components; i++)
        for (size_t j = 0; j < i; j++) {
            ms_line_bound b = difference_of(c, i, j);
            double centre = b.square != 0 ? -b.linear / (2 * b.square) : 0;
            double square = b.square != 0 ? centre * centre - b.constant / b.square : -1,
                   top = sqrt(fmax(square, 0));
            if (square > 0 && has_weight(c, i, centre, top))
                d->of_rows.each[d->of_rows.count++] = (pole){top, PI / fabs(2 * b.square * top)};
        }
}

/* Whether a rule of so many nodes does for the responsibilities on low..high: its error is about r^(-2 nodes)
 * where no pole is in the ellipse with foci low and high whose axes add up to r times their distance. */
static bool is_smooth(const draft *d, const poles *poles_near, double low, double high, double nodes)
{
    double growth = ms_exp(d->fineness->digits / (2 * nodes)),
           least = (high - low) * (growth + 1 / growth) / 2;
    for (size_t i = 0; i < poles_near->count; i++) {
        const pole *p = &poles_near->each[i];
        double square = p->height * p->height, from_low = p->u - low, from_high = p->u - high;
        if (sqrt(from_low * from_low + square) + sqrt(from_high * from_high + square) < least)
            return false;
    }
    return true;
}

static bool add_panel(draft *d, ms_line_nodes *nodes, double low, double high)
{
    double count = nodes_for(d, high - low), middle = 0.5 * (low + high), half = 0.5 * (high - low);
    if (!is_smooth(d, &d->in_row, low, high, count) && half > PANEL_LEAST * d->deviation)
        return add_panel(d, nodes, low, middle) && add_panel(d, nodes, middle, high);
    const ms_panel_rule *rule = rule_of(d, (size_t)count);
    for (size_t i = 0; i < (size_t)count; i++)
        if (!add_node(d, nodes, middle + half * rule->node[i], half * rule->weight[i]))
            return false;
    return true;
}

static bool add_piece(draft *d, ms_line_nodes *nodes, double R, double low, double high)
{
    ms_line_range range = ms_line_domain_across(&d->grid->domain, R, low, high);
    if (!(range.low < range.high))
        return true;
    size_t panels = panels_for(d, range.high - range.low);
    double length = (range.high - range.low) / (double)panels;
    for (size_t i = 0; i < panels; i++)
        if (!add_panel(d, nodes, range.low + length * (double)i,
                       i + 1 < panels ? range.low + length * (double)(i + 1) : range.high))
            return false;
    return true;
}

static bool add_row(draft *d, double R, double weight)
{
    ms_line_piece piece[MS_LINE_PIECES_MAX];
    ms_line_grid *grid = d->grid;
    if (grid->rows == grid->row_capacity) {
        size_t capacity = 2 * grid->row_capacity + 64;
        size_t *outside = realloc(grid->outside.first, (capacity + 1) * sizeof *outside);
        if (outside)
            grid->outside.first = outside;
        size_t *inside = realloc(grid->inside.first, (capacity + 1) * sizeof *inside);
        if (inside)
            grid->inside.first = inside;
        if (!outside || !inside || !grow(&grid->R, capacity) || !grow(&grid->weight, capacity))
            return false;
        grid->row_capacity = capacity;
    }
    grid->R[grid->rows] = R;
    grid->weight[grid->rows] = weight;
    grid->outside.first[grid->rows] = grid->outside.count;
    grid->inside.first[grid->rows++] = grid->inside.count;
    ms_line_range all = ms_line_domain_across(&d->grid->domain, R, -INFINITY, INFINITY);
    size_t pieces = all.low < all.high ? ms_line_region_row(d->region, R, all.low, all.high, piece) : 0;
    find_poles_in_row(d, R);
    for (size_t p = 0; p < pieces; p++)
        if (!add_piece(d, piece[p].inside ? &grid->inside : &grid->outside, R, piece[p].low, piece[p].high))
            return false;
    grid->outside.first[grid->rows] = grid->outside.count;
    grid->inside.first[grid->rows] = grid->inside.count;
    return true;
}

/* A panel of rows, of s from low to high: R = s, or, below the top of a disc, where pieces end like square
 * roots, R = top - s^2, s < 0. */
static bool add_row_panel(draft *d, const poles *near, double low, double high, double top)
{
    double half = 0.5 * (high - low), length = top > 0 ? low * low - high * high : 2 * half;
    /* the square is twice as coarse at its far end */
    double count = nodes_for(d, top > 0 ? 2 * length : length);
    if (!is_smooth(d, near, low, high, count) && length > 2 * PANEL_LEAST * d->deviation)
        return add_row_panel(d, near, low, low + half, top) && add_row_panel(d, near, low + half, high, top);
    const ms_panel_rule *rule = rule_of(d, (size_t)count);
    for (size_t k = 0; k < (size_t)count; k++) {
        double s = low + half * (1 + rule->node[k]), weight = half * rule->weight[k];
        if (!(top > 0 ? add_row(d, top - s * s, -2 * s * weight) : add_row(d, s, weight)))
            return false;
    }
    return true;
}

static bool add_rows(draft *d, double low, double high)
{
    size_t panels = panels_for(d, high - low);
    double length = (high - low) / (double)panels;
    for (size_t i = 0; i < panels; i++)
        if (!add_row_panel(d, &d->of_rows, low + length * (double)i,
                           i + 1 < panels ? low + length * (double)(i + 1) : high, 0))
            return false;
    return true;
}

/* The same where high is the top of a disc. */
static bool add_rows_below_top(draft *d, double low, double high)
{
    double length = fmin(high - low, TOP * d->deviation);
    poles *near = malloc(sizeof *near); /* in s */
    if (!near)
        return false;
    near->count = d->of_rows.count;
    for (size_t i = 0; i < near->count; i++) {
        const pole *p = &d->of_rows.each[i];
        double below = high - p->u, distance = sqrt(below * below + p->height * p->height);
        near->each[i] = (pole){-sqrt((distance + below) / 2), sqrt((distance - below) / 2)};
    }
    bool good = (length == high - low || add_rows(d, low, high - length)) &&
                add_row_panel(d, near, -sqrt(length), 0, high);
    free(near);
    return good;
}

static bool add_all_rows(draft *d)
{
    if (d->grid->domain.directions == 0)
        return add_row(d, 0, 1);
    ms_line_turn *turn = malloc((d->region->count * d->region->count + 1) * sizeof *turn);
    if (!turn)
        return false;
    size_t turns = ms_line_region_turns(d->region, turn);
    find_poles_of_rows(d);
    ms_line_range rows = ms_line_domain_rows(&d->grid->domain);
    double low = rows.low < d->deviation ? 0 : rows.low;
    bool good = true;
    for (size_t i = 0; i < turns && good; i++)
        if (turn[i].R > low && turn[i].R < rows.high) {
            good = (turn[i].is_top ? add_rows_below_top : add_rows)(d, low, turn[i].R);
            low = turn[i].R;
        }
    free(turn);
    return good && add_rows(d, low, rows.high);
}

ms_status ms_line_grid_set(ms_line_grid *grid, const ms_line_chain *chain, const ms_line_region *region,
                           const ms_fineness *fineness, size_t nodes_max, ms_error *error)
{
    *grid =
        (ms_line_grid){.folded = ms_line_chain_is_symmetric(chain) && ms_line_region_is_symmetric(region)};
    draft *d = calloc(1, sizeof *d);
    if (!d)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a grid");
    d->grid = grid;
    d->chain = chain;
    d->region = region;
    d->fineness = fineness;
    d->deviation = sqrt(fmin(chain->step_size, chain->start_variance));
    d->nodes_max = nodes_max;
    ms_line_domain_set(&grid->domain, chain, region, fineness->depth, grid->folded);
    ms_status status = MS_OK;
    if (!(d->grid->domain.exit <= MS_LINE_EXIT_MAX))
        status = ms_error_set(error, MS_ERROR_ARGUMENT, "a grid needs an exit of a potential below %d",
                              MS_LINE_EXIT_MAX);
    else if (!add_all_rows(d))
        status = ms_error_set(error, MS_ERROR_MEMORY,
                              "quadrature needs a grid of more than the %zu nodes that its memory allows; "
                              "raise memory",
                              nodes_max);
    free(d);
    return status;
}

void ms_line_grid_guess(const ms_line_grid *grid, double *mass)
{
    for (size_t row = 0; row < grid->rows; row++)
        for (size_t i = grid->outside.first[row]; i < grid->outside.first[row + 1]; i++)
            mass[i] = grid->weight[row] * grid->outside.weight[i] *
                      ms_exp(-ms_line_domain_potential(&grid->domain, grid->outside.u[i], grid->R[row]));
}

void ms_line_grid_free(ms_line_grid *grid)
{
    free(grid->R);
    free(grid->weight);
    free(grid->outside.u);
    free(grid->outside.weight);
    free(grid->outside.first);
    free(grid->inside.u);
    free(grid->inside.weight);
    free(grid->inside.first);
    *grid = (ms_line_grid){0};
}
