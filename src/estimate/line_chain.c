/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/line_chain.h"

#include "random/elementary.h"

#include <math.h>

/* Components like i, but in its mirror image if `sign` is -1. */
static size_t count_like(const ms_line_chain *c, size_t i, double sign)
{
    size_t count = 0;
    for (size_t j = 0; j < c->components; j++)
        count += c->position[j] == sign * c->position[i] && c->weight[j] == c->weight[i] &&
                 c->variance[j] == c->variance[i];
    return count;
}

bool ms_line_chain_is_symmetric(const ms_line_chain *chain)
{
    for (size_t i = 0; i < chain->components; i++)
        if (count_like(chain, i, 1) != count_like(chain, i, -1))
            return false;
    return chain->start_position == 0;
}

void ms_line_chain_log_weights(const ms_line_chain *chain, double u, double R, double *log_weight)
{
    for (size_t i = 0; i < chain->components; i++) {
        double away = u - chain->position[i], variance = chain->variance[i];
        log_weight[i] = ms_log(chain->weight[i]) - 0.5 * (double)chain->dimension * ms_log(variance) -
                        (away * away + R * R) / (2 * variance);
    }
}

ms_line_step ms_line_chain_step(const ms_line_chain *chain, double u, double R)
{
    double gamma[MS_LINE_COMPONENTS_MAX], precision = 0, pull = 0;
    ms_line_chain_log_weights(chain, u, R, gamma);
    ms_softmax(chain->components, gamma);
    for (size_t i = 0; i < chain->components; i++) {
        precision += gamma[i] / chain->variance[i];
        pull += gamma[i] * chain->position[i] / chain->variance[i];
    }
    double a = 1 - 0.5 * chain->step_size * precision;
    return (ms_line_step){a * u + 0.5 * chain->step_size * pull, fabs(a) * R};
}

double ms_line_well_potential(const ms_line_well *well, size_t directions, double u, double R)
{
    double away = u - well->position, n = (double)directions;
    double entropy = directions > 1 ? (n - 1) * ms_log(fmax(R, 1e-150)) : 0;
    return (away * away + R * R) / (2 * well->variance) - entropy + well->offset;
}

/* Normalised, but for the constant. */
static ms_line_well well_of(double weight, double position, double variance, size_t dimension)
{
    double offset = 0.5 * (double)dimension * ms_log(variance) - ms_log(weight);
    return (ms_line_well){position, variance, offset};
}

/* Where the well is deepest. */
static double bottom(const ms_line_well *well, size_t directions)
{
    double n = (double)directions;
    return ms_line_well_potential(well, directions, well->position,
                                  directions > 1 ? sqrt((n - 1) * well->variance) : 0);
}

size_t ms_line_chain_wells(const ms_line_chain *chain, ms_line_well *well)
{
    size_t nearest = 0, directions = chain->dimension - 1;
    double log_weight[MS_LINE_COMPONENTS_MAX];
    well[0] = well_of(1, chain->start_position, chain->start_variance, chain->dimension);
    ms_line_chain_log_weights(chain, chain->start_position, sqrt((double)directions * chain->start_variance),
                              log_weight);
    for (size_t i = 0; i < chain->components; i++) {
        /* the discretised chain is wider; where it is unstable, some width must do */
        double shrinks = fmax(1 - chain->step_size / (4 * chain->variance[i]), 0.1);
        well[i + 1] =
            well_of(chain->weight[i], chain->position[i], chain->variance[i] / shrinks, chain->dimension);
        if (log_weight[i] > log_weight[nearest])
            nearest = i;
    }
    double start = bottom(&well[0], directions), home = bottom(&well[nearest + 1], directions);
    well[0].offset -= start;
    for (size_t i = 1; i <= chain->components; i++)
        well[i].offset -= home;
    return chain->components + 1;
}
