/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/line_domain.h"

#include <math.h>

#define SCANNED_ROWS 2000 /* in search of the exit */
#define HALVINGS     60

double ms_line_domain_potential(const ms_line_domain *d, double u, double R)
{
    double lowest = INFINITY;
    for (size_t i = 0; i < d->wells; i++)
        lowest = fmin(lowest, ms_line_well_potential(&d->well[i], d->directions, u, R));
    return lowest;
}

static double bottom_of(const ms_line_domain *d, const ms_line_well *well)
{
    return d->directions > 1 ? sqrt(((double)d->directions - 1) * well->variance) : 0;
}

static double potential_of(const ms_line_domain *d, size_t well, double u, double R)
{
    return ms_line_well_potential(&d->well[well], d->directions, u, R);
}

static double higher_of(const ms_line_domain *d, size_t i, size_t j, double u, double R)
{
    return fmax(potential_of(d, i, u, R), potential_of(d, j, u, R));
}

/* Rows that are looked at in search of exit and passes, and how far to either side. */
typedef struct scan {
    size_t rows;
    double top, side;
} scan;

static scan scan_of(const ms_line_domain *d)
{
    scan s = {d->directions > 0 ? SCANNED_ROWS : 1, 0, 0};
    for (size_t i = 0; i < d->wells; i++) {
        double width = 40 * sqrt(d->well[i].variance);
        s.top = fmax(s.top, 1.5 * bottom_of(d, &d->well[i]) + width);
        s.side = fmax(s.side, 2 * fabs(d->well[i].position) + width);
    }
    return s;
}

static double scanned_row(const ms_line_domain *d, const scan *s, size_t row)
{
    return d->directions > 0 ? s->top * ((double)row + 0.5) / SCANNED_ROWS : 0;
}

/* How high it is from one well to another: where both are the same, or at the bottom of one within the other.
 */
static double pass_between(const ms_line_domain *d, const scan *s, size_t i, size_t j)
{
    const ms_line_well *a = &d->well[i], *b = &d->well[j];
    double lowest = fmin(higher_of(d, i, j, a->position, bottom_of(d, a)),
                         higher_of(d, i, j, b->position, bottom_of(d, b))),
           root[2];
    const ms_line_bound same = {.square = 0.5 / a->variance - 0.5 / b->variance,
                                .linear = b->position / b->variance - a->position / a->variance,
                                .constant = potential_of(d, i, 0, 1) - potential_of(d, j, 0, 1) -
                                            0.5 / a->variance + 0.5 / b->variance};
    for (size_t row = 0; row < s->rows; row++) {
        double R = scanned_row(d, s, row);
        int roots = ms_line_bound_roots(&same, R, root);
        for (int r = 0; r < roots && r < 2; r++)
            lowest = fmin(lowest, higher_of(d, i, j, root[r], R));
    }
    return lowest;
}

/* The least height in which each well can be come to from the first, the start's, by way of others. */
static void find_heights(const ms_line_domain *d, const scan *s, double *height)
{
    bool is_known[MS_LINE_COMPONENTS_MAX + 1] = {false};
    for (size_t i = 0; i < d->wells; i++)
        height[i] = i == 0 ? 0 : INFINITY;
    for (size_t known = 0; known < d->wells; known++) {
        size_t next = d->wells;
        for (size_t i = 0; i < d->wells; i++)
            if (!is_known[i] && (next == d->wells || height[i] < height[next]))
                next = i;
        is_known[next] = true;
        for (size_t i = 0; i < d->wells; i++)
            if (!is_known[i])
                height[i] = fmin(height[i], fmax(height[next], pass_between(d, s, next, i)));
    }
}

/* The lowest height in which the region's boundary can be come to. */
static double exit_potential(const ms_line_domain *d, const ms_line_region *region)
{
    ms_line_piece piece[MS_LINE_PIECES_MAX];
    double height[MS_LINE_COMPONENTS_MAX + 1], lowest = INFINITY;
    scan s = scan_of(d);
    find_heights(d, &s, height);
    for (size_t row = 0; row < s.rows; row++) {
        double R = scanned_row(d, &s, row);
        size_t pieces = ms_line_region_row(region, R, -s.side, s.side, piece);
        for (size_t p = 1; p < pieces; p++)
            for (size_t i = 0; i < d->wells; i++)
                lowest = fmin(lowest, fmax(height[i], potential_of(d, i, piece[p].low, R)));
    }
    return lowest;
}

void ms_line_domain_set(ms_line_domain *domain, const ms_line_chain *chain, const ms_line_region *region,
                        double depth, bool folded)
{
    domain->directions = chain->dimension - 1;
    domain->wells = ms_line_chain_wells(chain, domain->well);
    domain->exit = exit_potential(domain, region);
    domain->highest = fmax(domain->exit, 0) + depth;
    domain->folded = folded;
}

/* Where between a row that the well reaches and one that it does not it ends. */
static double edge(const ms_line_domain *d, const ms_line_well *well, double in, double out)
{
    for (int i = 0; i < HALVINGS; i++) {
        double middle = 0.5 * (in + out);
        if (ms_line_well_potential(well, d->directions, well->position, middle) < d->highest)
            in = middle;
        else
            out = middle;
    }
    return out;
}

ms_line_range ms_line_domain_rows(const ms_line_domain *d)
{
    ms_line_range hull = {INFINITY, -INFINITY};
    for (size_t i = 0; i < d->wells; i++) {
        const ms_line_well *well = &d->well[i];
        double bottom = bottom_of(d, well), far = bottom + 100 * sqrt(well->variance * (1 + d->highest));
        if (!(ms_line_well_potential(well, d->directions, well->position, bottom) < d->highest))
            continue;
        hull.low = fmin(hull.low, d->directions > 1 ? edge(d, well, bottom, 0) : 0);
        hull.high = fmax(hull.high, edge(d, well, bottom, far));
    }
    return hull;
}

static ms_line_range across_well(const ms_line_domain *d, const ms_line_well *well, double R)
{
    double left = d->highest - ms_line_well_potential(well, d->directions, well->position, R);
    if (!(left > 0))
        return (ms_line_range){1, -1};
    double half = sqrt(2 * well->variance * left), low = well->position - half;
    return (ms_line_range){d->folded && low < 0 ? 0 : low, well->position + half};
}

ms_line_range ms_line_domain_across(const ms_line_domain *d, double R, double low, double high)
{
    ms_line_range hull = {INFINITY, -INFINITY};
    for (size_t i = 0; i < d->wells; i++) {
        ms_line_range well = across_well(d, &d->well[i], R);
        if (well.low < well.high && well.high > low && well.low < high) {
            hull.low = fmin(hull.low, well.low);
            hull.high = fmax(hull.high, well.high);
        }
    }
    return (ms_line_range){fmax(hull.low, low), fmin(hull.high, high)};
}
