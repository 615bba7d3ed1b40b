/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What rules and observables look at, for any target: rows of measures of the whole vector, the squared
 * distances to the components' means, the log-weights and the log-density, un-smoothed. */
#ifndef MS_MEASURES_H
#define MS_MEASURES_H

#include "sampler/condition.h"
#include "target/target_type.h"

typedef struct ms_measures {
    const ms_target_type *type; /* for this processor's instructions */
    const void *content;
    size_t components;
    bool needs[3];         /* by clauses, of each ms_quantity */
    bool needs_distance_0; /* and the squared distance to mean_0 in particular */
} ms_measures;

/* @param type that of the target, for the instructions in use */
ms_measures ms_measures_of(const ms_target *target, const ms_target_type *type, const ms_clause *clauses,
                           size_t clause_count);

size_t ms_measures_rows(const ms_measures *measures);
/* A clause in terms of these rows. */
ms_condition ms_measures_condition(const ms_measures *measures, const ms_clause *clause);

/* The quantities that are asked for, from statistics of the whole vector, or from that itself.
 * @param statistics rows that add up over coordinates, see target/target_type.h
 * @param x [dimension] rows; looked at only where measures do not follow from the statistics
 * @param active as in ms_evaluation
 * @param measure [ms_measures_rows()] rows; those not asked for are left as they are */
void ms_measures_find(const ms_measures *measures, const bool needs[3], const double *statistics,
                      const double *x, const int64_t *active, double *measure);

#endif
