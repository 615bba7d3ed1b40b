/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run needs, told before anything of it is made: the only source of these numbers; and whether there
 * can be one. */
#ifndef MS_RUN_SIZE_H
#define MS_RUN_SIZE_H

#include <modeseek/run.h>

typedef struct ms_run_shape {
    ms_engine engine; /* not AUTO */
    const ms_sampler_type *sampler;
    size_t dimension, patch_size, components;
    ms_start_type start;
    size_t chains, chains_together; /* as in ms_run_params */
    size_t events, snapshots;
    size_t observed; /* numbers of a chain at a snapshot */
} ms_run_shape;

typedef struct ms_run_size {
    size_t state;   /* bytes of a saved state, at most */
    double memory;  /* bytes, about */
    double updates; /* of a chain's numbers in an iteration, about: what the engine moves */
    size_t chains;  /* that are moved, those missing of the last group with them */
} ms_run_size;

/* MS_ERROR_ARGUMENT with the reason where no engine, or not the one asked for, can do it. */
ms_status ms_run_check_engine(const ms_run_params *params, ms_error *error);

/* MS_ERROR_ARGUMENT with the reason where start, schedule, clauses or instructions are none, whatever the
 * budget. */
ms_status ms_run_check_law(const ms_run_params *params, ms_error *error);

ms_run_size ms_run_size_of(const ms_run_shape *shape);

/* What is to be seen to tell how long a pass takes, where patches take unlike times: what they have in common
 * with the vectors of a data set gets less along it. */
typedef struct ms_pass_shape {
    size_t patches;
    uint64_t iterations;
} ms_pass_shape;

#endif
