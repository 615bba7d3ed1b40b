/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run holds; shared by run.c (its life) and save.c (its saved form). */
#ifndef MS_RUN_STATE_H
#define MS_RUN_STATE_H

#include "sampler/group.h"

/* Where in its passes a run is. At the last iteration of a visit it still belongs to that patch. */
typedef struct ms_cursor {
    uint64_t iteration;  /* done so far */
    uint64_t pass_begin; /* the iteration at which the current pass began */
    size_t patch;
} ms_cursor;

struct ms_run {
    ms_run_params params; /* events and snapshots point to the run's copies */
    ms_group_context context;
    ms_reduction *reduction;
    ms_cursor cursor;
    ms_group *groups;
    size_t group_capacity, group_count; /* allocated; still holding active chains */
    size_t snapshots_taken;
    ms_event *events;
    uint64_t *snapshots;
    int64_t *event_time;       /* [chains][events] */
    uint64_t *ended;           /* [chains] the iteration at which a chain ended early */
    double *snapshot_distance; /* [snapshots][chains][components] */
};

#define MS_NOT_ENDED UINT64_MAX

#endif
