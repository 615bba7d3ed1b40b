/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How probability moves in one iteration of a chain: from each node of a grid to those nodes out of the
 * region that it may reach, and into the region. A vector of probabilities has a number for each node out of
 * the region. All numbers are positive and nothing is ever subtracted, so that the smallest is as exact as
 * the largest. */
#ifndef MS_TRANSITION_H
#define MS_TRANSITION_H

#include "estimate/line_grid.h"

#include <stdint.h>

/* Nodes first..first+count-1, on one row. */
typedef struct ms_transition_run {
    uint32_t first, count;
} ms_transition_run;

typedef struct ms_transition {
    size_t nodes;
    size_t *run_of; /* [nodes + 1] the runs that a node's probability goes to */
    ms_transition_run *run;
    double *value; /* [entries], one run after the other */
    size_t entries;
    double *into; /* [nodes] probability of entering the region */
    double *kept; /* [nodes] sum of a node's values and `into`: 1, but for what quadrature and grid lose */
} ms_transition;

/* The transition is the caller's to free, also after failure. MS_ERROR_MEMORY, also beyond `entries_max`. */
ms_status ms_transition_set(ms_transition *transition, const ms_line_chain *chain, const ms_line_grid *grid,
                            double reach, size_t entries_max, ms_error *error);
void ms_transition_free(ms_transition *transition);

/* The start's probabilities. @param start out [nodes] */
void ms_transition_start(const ms_line_chain *chain, const ms_line_grid *grid, double *start);

/* One iteration: to = transition * from. */
void ms_transition_apply(const ms_transition *transition, const double *from, double *to);

/* Probability of entering the region in an iteration, from these places. */
double ms_transition_into(const ms_transition *transition, const double *from);

#endif
