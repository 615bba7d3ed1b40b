/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random/width.h"

#include "estimate/transition_kernel.h"

static void bell(const double *u, size_t count, double mean, double variance, double *density)
{
    const double scale = -0.5 / variance;
    for (size_t i = 0; i < count; i += MS_WIDTH) {
        size_t size = (count - i < MS_WIDTH ? count - i : MS_WIDTH) * sizeof *u;
        ms_lanes away = {0};
        memcpy(&away, u + i, size);
        away -= mean;
        ms_lanes value = ms_lanes_exp(scale * away * away);
        memcpy(density + i, &value, size);
    }
}

static void apply(const ms_transition *t, const double *from, double *to)
{
    const double *value = t->value;
    memset(to, 0, t->nodes * sizeof *to);
    for (size_t node = 0; node < t->nodes; node++)
        for (size_t r = t->run_of[node]; r < t->run_of[node + 1]; r++) {
            double *restrict target = to + t->run[r].first, much = from[node];
            size_t count = t->run[r].count;
            for (size_t i = 0; i < count; i++)
                target[i] += value[i] * much;
            value += count;
        }
}

const ms_transition_kernel MS_TYPE_NAME(ms_transition_kernel) = {bell, apply};
