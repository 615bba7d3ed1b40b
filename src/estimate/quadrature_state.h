/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a quadrature consists of. */
#ifndef MS_QUADRATURE_STATE_H
#define MS_QUADRATURE_STATE_H

#include "estimate/aggregate.h"
#include "estimate/quadrature.h"

/* How far it is: saved as it stands, so all members take 8 bytes. */
typedef struct ms_quadrature_progress {
    uint64_t iteration;
    uint64_t grids; /* finished */
    uint64_t is_done, is_tolerable;
    uint64_t nodes, entries; /* of the last finished grid */
    double leak, exit;
    uint64_t has_grid; /* one is in work; the rest is about it */
    /* The law of chains that have not come to the region is followed first, as far as times are wanted. */
    uint64_t is_dying, time, times_done;
    uint64_t steady; /* iterations for which the rate has not changed */
    double rate;
    /* Then the stationary law of chains that start anew is found. */
    uint64_t steps;
    double change; /* of the mean in the last step */
} ms_quadrature_progress;

struct ms_quadrature {
    ms_quadrature_params params; /* its arrays are in `numbers`, `bounds` and `times` */
    double *numbers;
    ms_line_bound *bounds;
    uint64_t *times;
    ms_quadrature_progress progress;
    /* [1 + time_count] the mean, then P(tau > t) of each time: on the last finished grid, how far from that
     * on the one before, and on the grid in work */
    double *value, *error, *found;

    /* of the grid in work */
    ms_line_grid grid;
    ms_transition transition;
    ms_aggregate aggregate;
    double *start, *x, *next; /* [nodes] */
    double start_mass;
};

#define MS_QUADRATURE_STEPS_MAX 3000 /* on a grid; tens are usual */
#define MS_QUADRATURE_GRIDS     5

/* Makes the next grid. MS_ERROR_ARGUMENT, MS_ERROR_MEMORY. */
ms_status ms_quadrature_make_grid(ms_quadrature *quadrature, ms_error *error);
void ms_quadrature_drop_grid(ms_quadrature *quadrature);

#endif
