/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every family of marginal laws: a line each. */
#define MS_WIDTH 1
#include "target/marginal.h"

#include "target/lanes_marginal.h"

#include <math.h>

#define MARGINALS(MARGINAL)                                                                                  \
    MARGINAL(gaussian)                                                                                       \
    MARGINAL(uniform)                                                                                        \
    MARGINAL(two_point)

#define DECLARE(name) extern const ms_marginal_type ms_marginal_##name;
#define ROW(name)     &ms_marginal_##name,
MARGINALS(DECLARE)
static const ms_marginal_type *const types[] = {MARGINALS(ROW)};

const ms_kind *ms_marginal_kind(size_t number)
{
    return number < sizeof types / sizeof *types ? &types[number]->kind : NULL;
}

double ms_marginal_log_density(const ms_marginal_form *form, double t, double *score)
{
    ms_lanes argument = ms_lanes_of(t), log_density, slope;
    ms_lanes_marginal(form, 1, &argument, &log_density, &slope);
    *score = slope[0];
    return log_density[0];
}

double ms_marginal_deviation(double smoothing, double noise_level)
{
    return sqrt(smoothing * smoothing + noise_level * noise_level);
}
