/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/aggregate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CELLS_MAX   600 /* more would cost more than the iterations that they save */
#define CELL_LEAST  2   /* standard deviations of a step across a cell, at least */
#define CELL_GROWTH 1.25

/* Numbers the cells of this width, square by square and row by row; returns how many there are. */
static size_t number_cells(ms_aggregate *a, const ms_line_grid *grid, double width, uint32_t *table,
                           size_t columns)
{
    const ms_line_nodes *nodes = &grid->outside;
    size_t band = 0, cells = 0;
    double lowest = INFINITY;
    for (size_t i = 0; i < nodes->count; i++)
        lowest = fmin(lowest, nodes->u[i]);
    memset(table, 0, columns * sizeof *table);
    for (size_t row = 0; row < grid->rows; row++) {
        size_t now = (size_t)((grid->R[row] - grid->R[0]) / width);
        if (now != band)
            memset(table, 0, columns * sizeof *table);
        band = now;
        for (size_t i = nodes->first[row]; i < nodes->first[row + 1]; i++) {
            uint32_t *number = &table[(size_t)((nodes->u[i] - lowest) / width)];
            if (*number == 0)
                *number = (uint32_t)++cells;
            a->cell[i] = *number;
        }
    }
    return cells;
}

static bool choose_cells(ms_aggregate *a, const ms_line_grid *grid, double width)
{
    const ms_line_nodes *nodes = &grid->outside;
    double lowest = INFINITY, highest = -INFINITY;
    for (size_t i = 0; i < nodes->count; i++) {
        lowest = fmin(lowest, nodes->u[i]);
        highest = fmax(highest, nodes->u[i]);
    }
    size_t columns = (size_t)((highest - lowest) / width) + 2;
    uint32_t *table = malloc(columns * sizeof *table);
    if (!table)
        return false;
    while ((a->cells = number_cells(a, grid, width, table, columns)) > CELLS_MAX)
        width *= CELL_GROWTH;
    free(table);
    return true;
}

/* Adds up what goes from a node to each cell, in `share` [cells + 1], which is all zeros before and after. */
static bool add_parts(ms_aggregate *a, const ms_transition *t, size_t node, const double *value,
                      double *share, size_t *capacity)
{
    for (size_t r = t->run_of[node]; r < t->run_of[node + 1]; r++) {
        const uint32_t *to = a->cell + t->run[r].first;
        for (size_t i = 0; i < t->run[r].count; i++)
            share[to[i]] += value[i];
        value += t->run[r].count;
    }
    if (a->parts + a->cells > *capacity) {
        size_t grown = 2 * *capacity + a->cells;
        ms_aggregate_part *part = realloc(a->part, grown * sizeof *part);
        if (!part)
            return false;
        a->part = part;
        *capacity = grown;
    }
    for (size_t cell = 1; cell <= a->cells; cell++)
        if (share[cell] > 0) {
            a->part[a->parts++] = (ms_aggregate_part){(uint32_t)cell, share[cell]};
            share[cell] = 0;
        }
    a->part_of[node + 1] = a->parts;
    return true;
}

static bool set_parts(ms_aggregate *a, const ms_transition *t)
{
    const double *value = t->value;
    size_t capacity = 0;
    double *share = calloc(a->cells + 1, sizeof *share);
    a->part_of = calloc(t->nodes + 1, sizeof *a->part_of);
    bool good = share && a->part_of;
    for (size_t node = 0; node < t->nodes && good; node++) {
        good = add_parts(a, t, node, value, share, &capacity);
        for (size_t r = t->run_of[node]; r < t->run_of[node + 1]; r++)
            value += t->run[r].count;
    }
    free(share);
    return good;
}

ms_status ms_aggregate_set(ms_aggregate *a, const ms_line_grid *grid, const ms_transition *transition,
                           double step_size, ms_error *error)
{
    *a = (ms_aggregate){.cell = malloc((grid->outside.count + 1) * sizeof *a->cell)};
    if (a->cell && choose_cells(a, grid, CELL_LEAST * sqrt(step_size)) && set_parts(a, transition)) {
        a->flow = malloc((a->cells + 1) * (a->cells + 1) * sizeof *a->flow);
        a->mass = malloc((a->cells + 1) * sizeof *a->mass);
        a->law = malloc((a->cells + 1) * sizeof *a->law);
    }
    if (!a->flow || !a->mass || !a->law)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the cells of a grid");
    return MS_OK;
}

void ms_aggregate_free(ms_aggregate *a)
{
    free(a->cell);
    free(a->part_of);
    free(a->part);
    free(a->flow);
    free(a->mass);
    free(a->law);
    *a = (ms_aggregate){0};
}

/* Probabilities of moving between cells, and to and from the region, given x. */
static void set_flow(ms_aggregate *a, const ms_transition *t, const double *start, const double *x)
{
    size_t stride = a->cells + 1;
    memset(a->flow, 0, stride * stride * sizeof *a->flow);
    memset(a->mass, 0, stride * sizeof *a->mass);
    for (size_t node = 0; node < t->nodes; node++) {
        size_t from = a->cell[node];
        a->mass[from] += x[node];
        a->flow[from] += t->into[node] * x[node];
        a->flow[from * stride] += start[node];
        for (size_t p = a->part_of[node]; p < a->part_of[node + 1]; p++)
            a->flow[a->part[p].cell * stride + from] += a->part[p].share * x[node];
    }
    for (size_t to = 0; to < stride; to++)
        for (size_t from = 1; from < stride; from++)
            if (a->mass[from] > 0) /* else there is no flow */
                a->flow[to * stride + from] /= a->mass[from];
}

/* The first cell before k that has to do with it; k if there is none. */
static size_t first_neighbour(const double *flow, size_t stride, size_t k)
{
    size_t first = 1;
    while (first < k && !(flow[k * stride + first] > 0) && !(flow[first * stride + k] > 0))
        first++;
    return first;
}

/* Takes cell k, the last there is, out of the chain: what comes to it goes on to where it leads. False where
 * nothing leads out. */
static bool eliminate(double *flow, size_t stride, size_t k)
{
    size_t first = first_neighbour(flow, stride, k);
    double *to_k = flow + k * stride, out = flow[k], in = to_k[0];
    for (size_t j = first; j < k; j++) {
        out += flow[j * stride + k];
        in += to_k[j];
    }
    if (!(out > 0))
        return !(in > 0);
    to_k[0] /= out;
    for (size_t j = first; j < k; j++)
        to_k[j] /= out;
    for (size_t i = 0; i < k; i = i == 0 ? first : i + 1) {
        double *to_i = flow + i * stride, through = to_i[k];
        to_i[0] += through * to_k[0];
        for (size_t j = first; j < k; j++)
            to_i[j] += through * to_k[j];
    }
    return true;
}

/* The stationary law of the flow, with 1 in the region. False where mass has no way to it. */
static bool stationary(double *flow, size_t stride, double *law)
{
    for (size_t k = stride - 1; k > 0; k--)
        if (!eliminate(flow, stride, k))
            return false;
    law[0] = 1;
    for (size_t k = 1; k < stride; k++) {
        law[k] = 0;
        for (size_t j = 0; j < k; j++)
            law[k] += flow[k * stride + j] * law[j];
    }
    return true;
}

bool ms_aggregate_balance(ms_aggregate *a, const ms_transition *t, const double *start, double *x)
{
    size_t stride = a->cells + 1;
    double total = 0;
    set_flow(a, t, start, x);
    if (!stationary(a->flow, stride, a->law))
        return false;
    for (size_t k = 1; k < stride; k++)
        total += a->law[k];
    for (size_t node = 0; node < t->nodes; node++)
        if (a->mass[a->cell[node]] > 0)
            x[node] *= a->law[a->cell[node]] / total / a->mass[a->cell[node]];
    return total > 0;
}
