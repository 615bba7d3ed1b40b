/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a mode counts as discovered: each rule is a file with one object of this type, and a line in rules.c.
 */
#ifndef MS_RULE_H
#define MS_RULE_H

#include "base/field.h"

#include <modeseek/discovery.h>

/* Clauses in the making. */
typedef struct ms_clauses {
    ms_clause *each;
    size_t count, capacity;
    bool out_of_memory;
} ms_clauses;

void ms_clause_add(ms_clauses *clauses, ms_clause clause);

/* The target and how its components are cut into modes. */
typedef struct ms_scene {
    const ms_target *target;
    const ms_mode *modes;
    size_t mode_count;
    const size_t *spread; /* [spread_count] the components of no mode */
    size_t spread_count;
    double variance_of_spread, variance_of_modes; /* the largest of a coordinate of any of their components */
} ms_scene;

struct ms_rule_type {
    ms_kind kind;
    bool needs_density; /* of the whole mixture, which the fused engines do not know */
    /* Adds the clauses of one event, the last of them joined to none. MS_ERROR_ARGUMENT where the target has
     * not what the rule needs. */
    ms_status (*add_event)(const ms_scene *scene, const void *params, const ms_mode *mode,
                           ms_clauses *clauses, ms_error *error);
};

extern const ms_rule_type ms_ball_rule; /* whose radius sweeps know */

/* Rule 0, 1, ..., NULL past the last: the kinds that sweeps choose from. */
const ms_kind *ms_rule_kind(size_t number);

#endif
