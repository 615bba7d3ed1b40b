/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The discovery set and the coordinate of a law, in terms of rows of measures. */
#ifndef MS_LAW_RULE_H
#define MS_LAW_RULE_H

#include "estimate/law.h"
#include "sampler/condition.h"

#include <modeseek/random.h>

typedef struct ms_law_rule {
    ms_condition
        *condition; /* [count]: of the discovery set, then those of the coordinate, if it has its own */
    size_t discovery, count;
    double scale; /* of the coordinate: the dimension */
} ms_law_rule;

/* The run's clauses, then those of the coordinate, of which `count` are all: the caller's to free. A
 * coordinate is what the nearest of its clauses is short of the bound.
 * MS_ERROR_ARGUMENT where the coordinate does not exist for this target and these clauses, MS_ERROR_MEMORY.
 */
ms_status ms_law_rule_clauses(const ms_run_params *run, ms_coordinate coordinate, ms_clause **clauses,
                              size_t *count, ms_error *error);

/* As ms_law_type's `coordinate`, but for chains that diverge. @param measure the rows that conditions are
 * about */
void ms_law_rule_coordinate(const ms_law_rule *rule, const double *measure, double *coordinate);

/* NaN for the lanes in which not all rows are finite. */
void ms_law_rule_mark_diverged(const double *x, size_t rows, double *coordinate);

void ms_law_rule_hash(const ms_law_rule *rule, ms_hash *hash);

#endif
