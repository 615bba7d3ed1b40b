/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clauses of events (modeseek/run.h) in terms of an engine's rows of measures. */
#ifndef MS_CONDITION_H
#define MS_CONDITION_H

#include "random/lanes.h"

#include <modeseek/run.h>

typedef struct ms_condition {
    size_t row, reference_row;
    double coefficient, reference_coefficient, bound;
    ms_joint joint;
} ms_condition;

typedef struct ms_conditions {
    ms_condition *each; /* [count] */
    size_t count, events;
    bool simple; /* each is an event, with reference row 0 */
} ms_conditions;

/* In which lanes a condition holds, given the totals of its rows. */
MS_INLINE ms_lanes_i ms_condition_holds(const ms_condition *condition, ms_lanes total, ms_lanes reference)
{
    return condition->coefficient * total + condition->reference_coefficient * reference <= condition->bound;
}

/* Goes on from condition *at through one event: in which lanes it happens. TOTAL(row) is a row's total. */
#define MS_EVENT_HOLDS(conditions, at, TOTAL, holds)                                                         \
    do {                                                                                                     \
        ms_lanes_i all_ = ~(ms_lanes_i){0}, any_ = {0};                                                      \
        const ms_condition *c_;                                                                              \
        do {                                                                                                 \
            c_ = &(conditions)[(at)++];                                                                      \
            all_ &= ms_condition_holds(c_, TOTAL(c_->row), TOTAL(c_->reference_row));                        \
            if (c_->joint != MS_AND_NEXT) {                                                                  \
                any_ |= all_;                                                                                \
                all_ = ~(ms_lanes_i){0};                                                                     \
            }                                                                                                \
        } while (c_->joint != MS_ALONE);                                                                     \
        (holds) = any_;                                                                                      \
    } while (0)

#endif
