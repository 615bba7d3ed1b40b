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

static double exit_potential(const ms_line_domain *d, const ms_line_region *region)
{
    ms_line_piece piece[MS_LINE_PIECES_MAX];
    double top = 0, side = 0, lowest = INFINITY;
    for (size_t i = 0; i < d->wells; i++) {
        double width = 40 * sqrt(d->well[i].variance);
        top = fmax(top, 1.5 * bottom_of(d, &d->well[i]) + width);
        side = fmax(side, 2 * fabs(d->well[i].position) + width);
    }
    size_t rows = d->directions > 0 ? SCANNED_ROWS : 1;
    for (size_t i = 0; i < rows; i++) {
        double R = d->directions > 0 ? top * ((double)i + 0.5) / SCANNED_ROWS : 0;
        size_t pieces = ms_line_region_row(region, R, -side, side, piece);
        for (size_t p = 1; p < pieces; p++)
            lowest = fmin(lowest, ms_line_domain_potential(d, piece[p].low, R));
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
