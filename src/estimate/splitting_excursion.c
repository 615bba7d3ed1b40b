/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Excursions of particles, in pieces of steps. */
#include "estimate/splitting_state.h"

#include <math.h>

uint32_t ms_splitting_level_of(const ms_splitting *s, double coordinate)
{
    double from = s->progress.threshold, length = from < 0 ? -from : from - s->progress.bulk;
    double level = floor((coordinate - from) / length * MS_SPLITTING_LEVELS);
    return level > 0 ? level < MS_SPLITTING_LEVELS ? (uint32_t)level : MS_SPLITTING_LEVELS - 1 : 0;
}

void ms_splitting_begin_rounds(ms_splitting *s)
{
    ms_splitting_progress *p = &s->progress;
    p->phase = MS_SPLITTING_ROUNDS;
    p->probability = 1;
    s->queue_first = s->queue_end = 0;
    for (uint32_t i = 0; i < p->entrances; i++)
        if (s->particle[i].is_waiting)
            s->queue[s->queue_end++] = i;
    p->waiting = s->queue_end;
}

/* A particle that goes on from where as many pieces of the step have been done as now. */
ms_status ms_splitting_begin_excursion(ms_splitting *s, size_t lane, ms_error *error)
{
    size_t at = s->queue_first;
    for (; at < s->queue_end; at++) {
        uint32_t i = s->queue[at];
        if (i != MS_NO_RECORD && s->records.record[s->particle[i].records.last].piece == s->progress.clock)
            break;
    }
    if (at == s->queue_end)
        return MS_OK;
    uint32_t i = s->queue[at], record = s->particle[i].records.last;
    s->queue[at] = MS_NO_RECORD;
    while (s->queue_first < s->queue_end && s->queue[s->queue_first] == MS_NO_RECORD)
        s->queue_first++;
    s->progress.waiting--;
    s->particle[i].is_waiting = false;
    ms_splitting_place(s, lane, s->records.x + record * s->law->rows, 1);
    s->walker[lane] = (ms_walker){.is_active = true, .particle = i};
    return ms_splitting_number(s, &s->walker[lane], error);
}

ms_status ms_splitting_piece_of_excursion(ms_splitting *s, size_t lane, double coordinate, ms_error *error)
{
    ms_walker *w = &s->walker[lane];
    ms_particle *particle = &s->particle[w->particle];
    if (s->progress.clock == 0) {
        w->since++;
        w->is_active = coordinate > s->progress.bulk && coordinate < INFINITY && !ms_splitting_is_lost(s, w);
    }
    uint32_t level = coordinate == INFINITY ? MS_SPLITTING_LEVELS : ms_splitting_level_of(s, coordinate);
    if (level <= particle->level)
        return MS_OK;
    particle->level = level;
    ms_record record = {.level = level, .piece = (uint32_t)s->progress.clock};
    if (!ms_records_add(&s->records, &particle->records, record, s->x + lane, MS_LANES))
        return ms_splitting_full(error);
    return MS_OK;
}
