/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trajectories of whole steps: where bulk and threshold are, entrances, and what starts come to. */
#include "estimate/splitting_state.h"

#include <math.h>
#include <stdlib.h>

#define STARTS_MAX 1000000 /* in the discovery set, at once */
#define BULK       0.75    /* quantiles of the coordinate */
#define THRESHOLD  0.9

/* The next start, into a lane. */
static double draw(ms_splitting *s, size_t lane)
{
    uint64_t next = s->progress.starts++;
    if (next / MS_LANES != s->start_block) {
        s->start_block = next / MS_LANES;
        s->law->type->start(s->law, s->start_block, s->start);
        s->law->type->coordinate(s->law, 0, s->start, s->start_coordinate);
    }
    ms_splitting_place(s, lane, s->start + next % MS_LANES, MS_LANES);
    return s->start_coordinate[next % MS_LANES];
}

/* The next start that is not in the discovery set. */
static ms_status draw_outside(ms_splitting *s, size_t lane, double *coordinate, ms_error *error)
{
    int draws = 0;
    do
        *coordinate = draw(s, lane);
    while (*coordinate == INFINITY && ++draws < STARTS_MAX);
    return isfinite(*coordinate)
               ? MS_OK
               : ms_error_set(error, MS_ERROR_NUMERIC, "no start is outside of the discovery set");
}

ms_status ms_splitting_begin_pilot(ms_splitting *s, ms_error *error)
{
    ms_status status = MS_OK;
    for (size_t lane = 0; lane < MS_LANES && status == MS_OK; lane++) {
        double coordinate;
        s->walker[lane] = (ms_walker){.is_active = true};
        status = ms_splitting_number(s, &s->walker[lane], error);
        if (status == MS_OK)
            status = draw_outside(s, lane, &coordinate, error);
    }
    return status;
}

/* Which iterations the pilot looks at: so that there is room for all. */
static uint64_t stride_of(const ms_splitting *s)
{
    return s->params.burn_in / (MS_SPLITTING_SAMPLES_MAX / MS_LANES) + 1;
}

ms_status ms_splitting_step_of_pilot(ms_splitting *s, size_t lane, double coordinate, ms_error *error)
{
    ms_walker *w = &s->walker[lane];
    ms_status status = MS_OK;
    if (coordinate == INFINITY)
        status = draw_outside(s, lane, &coordinate, error);
    w->since++;
    if (w->since > s->params.burn_in && w->since % stride_of(s) == 0)
        s->sample[s->progress.samples++] = coordinate;
    w->is_active = w->since < 2 * s->params.burn_in;
    return status;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void ms_splitting_end_pilot(ms_splitting *s)
{
    ms_splitting_progress *p = &s->progress;
    qsort(s->sample, p->samples, sizeof *s->sample, by_value);
    p->bulk = s->sample[(size_t)((double)(p->samples - 1) * BULK)];
    p->threshold = s->sample[(size_t)((double)(p->samples - 1) * THRESHOLD)];
    p->samples = 0;
    for (size_t lane = 0; lane < MS_LANES; lane++)
        s->walker[lane] = (ms_walker){.is_active = true, .chain = s->walker[lane].chain};
    p->phase = MS_SPLITTING_ENTRANCES;
}

/* The clock begins at the first entrance of a trajectory, and each later one is a particle's. */
static ms_status enter(ms_splitting *s, size_t lane, double coordinate, ms_error *error)
{
    ms_splitting_progress *p = &s->progress;
    ms_walker *w = &s->walker[lane];
    if (w->entrances++ > 0) {
        bool is_in = coordinate == INFINITY;
        uint32_t level = is_in ? MS_SPLITTING_LEVELS : ms_splitting_level_of(s, coordinate);
        ms_particle *particle = &s->particle[p->entrances];
        *particle = (ms_particle){{MS_NO_RECORD, MS_NO_RECORD}, level, (uint32_t)p->entrances, !is_in};
        if (!ms_records_add(&s->records, &particle->records, (ms_record){.level = level}, s->x + lane,
                            MS_LANES))
            return ms_splitting_full(error);
        p->entrances++;
        p->time += w->since;
        p->longest = w->since > p->longest ? w->since : p->longest;
    }
    w->since = 0;
    w->was_bulk = false;
    w->is_active = w->entrances <= s->params.particles / MS_LANES;
    return MS_OK;
}

ms_status ms_splitting_step_of_trajectory(ms_splitting *s, size_t lane, double coordinate, ms_error *error)
{
    ms_splitting_progress *p = &s->progress;
    ms_walker *w = &s->walker[lane];
    ms_status status = MS_OK;
    w->since++;
    if (w->was_bulk && coordinate > p->threshold)
        status = enter(s, lane, coordinate, error);
    else if (ms_splitting_is_lost(s, w)) {
        p->longest = w->since;
        p->time += w->since;
    }
    if (status == MS_OK && coordinate == INFINITY)
        status = draw_outside(s, lane, &coordinate, error);
    if (coordinate <= p->bulk)
        w->was_bulk = true;
    return status;
}

/* Whether a chain from a start has come to the bulk or, which is counted, to the discovery set. */
static bool is_settled(ms_splitting *s, double coordinate)
{
    s->progress.returns += coordinate == INFINITY;
    return coordinate == INFINITY || coordinate <= s->progress.bulk;
}

ms_status ms_splitting_begin_start(ms_splitting *s, size_t lane, ms_error *error)
{
    while (s->progress.tried < s->params.particles) {
        s->progress.tried++;
        double coordinate = draw(s, lane);
        if (isnan(coordinate))
            return ms_error_set(error, MS_ERROR_NUMERIC, "a start is not finite");
        if (is_settled(s, coordinate))
            continue;
        s->walker[lane] = (ms_walker){.is_active = true};
        return ms_splitting_number(s, &s->walker[lane], error);
    }
    return MS_OK;
}

void ms_splitting_step_of_start(ms_splitting *s, size_t lane, double coordinate)
{
    ms_walker *w = &s->walker[lane];
    w->since++;
    w->is_active = !is_settled(s, coordinate) && !ms_splitting_is_lost(s, w);
}
