/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fast relaxation by aggregation: nodes are gathered into cells, and what is wrong with the masses of cells
 * is put right at once, by the stationary law of the chain of cells, where iterations would take as long as
 * the chain takes to relax, or to leave a mode. Only sums of positive numbers occur (Grassmann, Taksar and
 * Heyman's elimination), so that masses of e^-500 are as exact as those of 1. */
#ifndef MS_AGGREGATE_H
#define MS_AGGREGATE_H

#include "estimate/transition.h"

/* What of a node's probability goes to a cell. */
typedef struct ms_aggregate_part {
    uint32_t cell;
    double share;
} ms_aggregate_part;

typedef struct ms_aggregate {
    size_t cells;
    uint32_t *cell;  /* [nodes] from 1 on; 0 is the region */
    size_t *part_of; /* [nodes + 1] */
    ms_aggregate_part *part;
    size_t parts;
    double *flow;       /* [cells + 1][cells + 1]: to, from */
    double *mass, *law; /* [cells + 1] what there is, what there should be */
} ms_aggregate;

/* The aggregate is the caller's to free, also after failure. MS_ERROR_MEMORY. */
ms_status ms_aggregate_set(ms_aggregate *aggregate, const ms_line_grid *grid, const ms_transition *transition,
                           double step_size, ms_error *error);
void ms_aggregate_free(ms_aggregate *aggregate);

/* Scales x within each cell to the stationary masses of the cells, for a chain that starts anew, by `start`,
 * whenever it enters the region; their sum is 1. False where none of the mass can come to the region. */
bool ms_aggregate_balance(ms_aggregate *aggregate, const ms_transition *transition, const double *start,
                          double *x);

#endif
