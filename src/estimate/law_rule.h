/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What rules say of chains in lanes. */
#ifndef MS_LAW_RULE_H
#define MS_LAW_RULE_H

#include "sampler/condition.h"

#include <modeseek/random.h>

/* Infinite where an event happens; NaN where a quantity is not a number; else how much the events' clauses
 * are short of their bounds, over `scale`: of the event that is least short the clause that is most.
 * @param measure the rows that conditions are about @param slack out [MS_LANES] */
void ms_law_rule_slack(const ms_condition *condition, size_t count, double scale, const double *measure,
                       double *slack);

/* All of them. */
void ms_law_rule_hash(const ms_condition *condition, size_t count, ms_hash *hash);

#endif
