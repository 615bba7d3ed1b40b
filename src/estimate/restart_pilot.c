/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pilot places one level after the other: trajectories branch at those there are, and the next one goes
 * where one of `copies` iterations above the last one has come to. Wherever the levels are, results are
 * right; so placed, the work is about the same between any two of them. */
#include "estimate/restart_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES_LEAST 64 /* below, a quantile says nothing */

void ms_restart_sample(ms_restart *r, double coordinate)
{
    ms_restart_progress *p = &r->progress;
    if (++p->skipped < p->stride)
        return;
    p->skipped = 0;
    if (p->samples == MS_RESTART_SAMPLES_MAX) { /* every second one stays */
        p->samples /= 2;
        p->stride *= 2;
        for (size_t i = 0; i < p->samples; i++)
            r->sample[i] = r->sample[2 * i];
    }
    r->sample[p->samples++] = coordinate;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

bool ms_restart_place_level(ms_restart *r)
{
    ms_restart_progress *p = &r->progress;
    if (p->samples < SAMPLES_LEAST || p->levels == MS_RESTART_LEVELS_MAX)
        return false;
    qsort(r->sample, p->samples, sizeof *r->sample, by_value);
    double level = r->sample[p->samples - 1 - p->samples / r->params.copies];
    if (!isfinite(level) || (p->levels > 0 && level <= r->level[p->levels - 1]))
        return false;
    r->level[p->levels++] = level;
    return true;
}
