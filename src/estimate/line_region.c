/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/line_region.h"

#include "random/elementary.h"

#include <math.h>
#include <stdlib.h>

bool ms_line_region_has(const ms_line_region *region, double u, double R)
{
    bool all = true;
    for (size_t i = 0; i < region->count; i++) {
        const ms_line_bound *b = &region->bound[i];
        all = all && b->square * (u * u + R * R) + b->linear * u + b->constant <= 0;
        if (b->ends) {
            if (all)
                return true;
            all = true;
        }
    }
    return false;
}

/* Whether the alternatives that begin with these bounds are mirror images of each other. */
static bool are_mirrored(const ms_line_bound *a, const ms_line_bound *b)
{
    while (a->square == b->square && a->linear == -b->linear && a->constant == b->constant &&
           a->ends == b->ends) {
        if (a->ends)
            return true;
        a++, b++;
    }
    return false;
}

bool ms_line_region_is_symmetric(const ms_line_region *region)
{
    for (size_t i = 0; i < region->count; i++) {
        bool found = i > 0 && !region->bound[i - 1].ends; /* in the middle of one */
        for (size_t j = 0; j < region->count && !found; j++)
            found =
                (j == 0 || region->bound[j - 1].ends) && are_mirrored(&region->bound[i], &region->bound[j]);
        if (!found)
            return false;
    }
    return true;
}

int ms_line_bound_roots(const ms_line_bound *b, double R, double root[2])
{
    double constant = b->square * R * R + b->constant;
    root[0] = root[1] = 0;
    if (b->square == 0) {
        root[0] = -constant / b->linear;
        return b->linear != 0;
    }
    double discriminant = b->linear * b->linear - 4 * b->square * constant;
    if (!(discriminant > 0))
        return 0;
    double q = -(b->linear + copysign(sqrt(discriminant), b->linear)) / 2; /* without cancellation */
    root[0] = q / b->square;
    root[1] = constant / q;
    return 2;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

size_t ms_line_region_row(const ms_line_region *region, double R, double low, double high,
                          ms_line_piece *piece)
{
    double cut[2 * MS_LINE_BOUNDS_MAX + 2], root[2];
    size_t cuts = 0, pieces = 0;
    cut[cuts++] = low;
    for (size_t i = 0; i < region->count; i++) {
        int roots = ms_line_bound_roots(&region->bound[i], R, root);
        for (int r = 0; r < roots && r < 2; r++)
            if (root[r] > low && root[r] < high)
                cut[cuts++] = root[r];
    }
    cut[cuts++] = high;
    qsort(cut, cuts, sizeof *cut, by_value);
    for (size_t i = 0; i + 1 < cuts; i++) {
        if (cut[i + 1] == cut[i])
            continue;
        bool inside = ms_line_region_has(region, 0.5 * (cut[i] + cut[i + 1]), R);
        if (pieces > 0 && piece[pieces - 1].inside == inside)
            piece[pieces - 1].high = cut[i + 1];
        else
            piece[pieces++] = (ms_line_piece){cut[i], cut[i + 1], inside};
    }
    return pieces;
}

static int by_height(const void *a, const void *b)
{
    const ms_line_turn *x = a, *y = b;
    return x->R != y->R ? (x->R > y->R) - (x->R < y->R) : y->is_top - x->is_top;
}

/* R^2 where the boundaries of two bounds meet, which are linear in u^2 + R^2 and u; negative: nowhere. */
static double meeting_square(const ms_line_bound *a, const ms_line_bound *b)
{
    double determinant = a->square * b->linear - b->square * a->linear;
    if (determinant == 0)
        return -1;
    double length_square = (a->linear * b->constant - b->linear * a->constant) / determinant;
    double u = (b->square * a->constant - a->square * b->constant) / determinant;
    return length_square - u * u;
}

size_t ms_line_region_turns(const ms_line_region *region, ms_line_turn *turn)
{
    size_t turns = 0;
    for (size_t i = 0; i < region->count; i++) {
        const ms_line_bound *b = &region->bound[i];
        double centre = b->square != 0 ? -b->linear / (2 * b->square) : 0;
        double square = b->square != 0 ? centre * centre - b->constant / b->square : -1;
        if (square > 0)
            turn[turns++] = (ms_line_turn){sqrt(square), true};
        for (size_t j = 0; j < i; j++) {
            double meeting = meeting_square(b, &region->bound[j]);
            if (meeting > 0)
                turn[turns++] = (ms_line_turn){sqrt(meeting), false};
        }
    }
    qsort(turn, turns, sizeof *turn, by_height);
    return turns;
}

/* Adds factor * quantity of a component: its squared distance, or its log-weight l_i. */
static bool add_quantity(ms_line_bound *b, double factor, ms_quantity quantity, size_t dimension,
                         double weight, double variance, double position)
{
    if (factor == 0)
        return true;
    double of_distance = factor;
    if (quantity == MS_LOG_WEIGHT) {
        of_distance = -factor / (2 * variance);
        b->constant += factor * (ms_log(weight) - 0.5 * (double)dimension * ms_log(variance));
    } else if (quantity != MS_SQUARED_DISTANCE) {
        return false;
    }
    b->square += of_distance;
    b->linear -= 2 * of_distance * position;
    b->constant += of_distance * position * position;
    return true;
}

ms_status ms_line_region_of_clauses(const ms_clause *clause, size_t clause_count, size_t dimension,
                                    const double *weight, const double *variance, const double *position,
                                    ms_line_bound *bound, ms_error *error)
{
    if (clause_count > MS_LINE_BOUNDS_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "quadrature takes rules of at most %d clauses, not %zu",
                            MS_LINE_BOUNDS_MAX, clause_count);
    for (size_t i = 0; i < clause_count; i++) {
        const ms_clause *c = &clause[i];
        bound[i] = (ms_line_bound){.constant = -c->bound, .ends = c->joint != MS_AND_NEXT};
        if (!add_quantity(&bound[i], c->coefficient, c->quantity, dimension, weight[c->component],
                          variance[c->component], position[c->component]) ||
            !add_quantity(&bound[i], c->reference_coefficient, c->reference_quantity, dimension,
                          weight[c->reference], variance[c->reference], position[c->reference]))
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "quadrature takes rules of distances and log-weights (ball, switch) alone");
    }
    return MS_OK;
}
