/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/exit_exponent.h"

#include "random/elementary.h"

#include <math.h>

#define STEPS     20000 /* of the search for the lowest point, on either side */
#define WIDTH     20    /* how far it goes, in sqrt(S) */
#define THIRDINGS 60

/* One bound of an alternative, the others of which are bounds first..end-1 of the region. */
typedef struct curve {
    const ms_line_region *region;
    size_t first, end, own;
    double S;
} curve;

static double potential(double alpha, double beta, double S)
{
    return (beta / S - 1 - ms_log(beta / S)) / 2 + alpha * alpha / (2 * S);
}

static double excess(const ms_line_bound *b, double alpha, double beta)
{
    return b->square * (alpha * alpha + beta) + b->linear * alpha + b->constant;
}

/* The potential where the bound is 0; infinite where other bounds do not hold. A half-plane is 0 at one
 * alpha, of which S is the best beta. */
static double on_curve(const curve *c, double alpha)
{
    const ms_line_bound *own = &c->region->bound[c->own];
    double beta = c->S;
    if (own->square == 0)
        alpha = -own->constant / own->linear;
    else
        beta = -(own->constant + own->linear * alpha) / own->square - alpha * alpha;
    if (!(beta > 0))
        return INFINITY;
    for (size_t i = c->first; i < c->end; i++)
        if (i != c->own && excess(&c->region->bound[i], alpha, beta) > 0)
            return INFINITY;
    return potential(alpha, beta, c->S);
}

static double lowest_on(const curve *c)
{
    double step = WIDTH * sqrt(c->S) / STEPS, best = INFINITY, at = 0;
    for (int i = -STEPS; i <= STEPS; i++) {
        double value = on_curve(c, step * i);
        if (value < best) {
            best = value;
            at = step * i;
        }
    }
    double low = at - step, high = at + step;
    for (int i = 0; i < THIRDINGS; i++) {
        double third = (high - low) / 3;
        if (on_curve(c, low + third) < on_curve(c, high - third))
            high -= third;
        else
            low += third;
    }
    return fmin(best, on_curve(c, 0.5 * (low + high)));
}

double ms_exit_exponent(const ms_line_region *region, double variance, double step_size)
{
    double S = variance / (1 - step_size / (4 * variance)), lowest = INFINITY;
    if (ms_line_region_has(region, 0, sqrt(S)))
        return 0;
    curve c = {region, 0, 0, 0, S};
    while (c.first < region->count) {
        for (c.end = c.first; c.end < region->count && !region->bound[c.end++].ends;)
            ;
        for (c.own = c.first; c.own < c.end; c.own++)
            lowest = fmin(lowest, lowest_on(&c));
        c.first = c.end;
    }
    return lowest;
}
