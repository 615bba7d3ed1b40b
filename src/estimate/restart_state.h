/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a replicate of RESTART consists of. */
#ifndef MS_RESTART_STATE_H
#define MS_RESTART_STATE_H

#include "estimate/law.h"
#include "estimate/restart.h"

#define MS_RESTART_SAMPLES_MAX 4096

/* A trajectory from where it branched off, but for its chain's numbers: saved as it stands, so all members
 * take 8 bytes. */
typedef struct ms_branch {
    uint64_t chain; /* its number: of the random numbers */
    uint64_t time;  /* iterations since its main trajectory started */
    uint64_t born;  /* it ends below this level; 0: a main one */
    uint64_t level; /* what it does counts copies^-level */
    uint64_t reach; /* levels below its position, where this is more than `level` copies are to be made */
} ms_branch;

/* How far it is: saved as it stands, too. */
typedef struct ms_restart_progress {
    uint64_t iteration;
    uint64_t chains, starts; /* numbers used so far; none is used twice, in the pilot or after it */
    uint64_t transitions;
    uint64_t is_done, is_pilot;
    uint64_t levels;
    double reward, late_reward;
    uint64_t samples, stride, skipped; /* coordinates above the last level: every stride-th is kept */
    uint64_t branches;
} ms_restart_progress;

struct ms_restart {
    ms_law *law;
    ms_restart_params params; /* without `run` */
    uint64_t fingerprint, replicate;
    ms_restart_progress progress;
    double level[MS_RESTART_LEVELS_MAX];
    double weight[MS_RESTART_LEVELS_MAX + 1]; /* copies^-level */
    double sample[MS_RESTART_SAMPLES_MAX];
    ms_branch *branch; /* [capacity] a stack: the last ones move first */
    double *x;         /* [capacity][rows] their chains */
    size_t capacity;
    double *moving; /* [rows] of MS_LANES: room for those that move */
    double *start;  /* the same: the starts of block `start_block`, if they have been drawn, */
    _Alignas(MS_ALIGNMENT) double start_coordinate[MS_LANES];
    uint64_t start_block;
};

/* Room for so many branches. MS_ERROR_MEMORY */
ms_status ms_restart_reserve(ms_restart *restart, size_t branches, ms_error *error);

/* Takes down a coordinate above the last level, infinite for a return. */
void ms_restart_sample(ms_restart *restart, double coordinate);
/* Places the next level by what has been taken down; false where levels suffice. */
bool ms_restart_place_level(ms_restart *restart);

#endif
