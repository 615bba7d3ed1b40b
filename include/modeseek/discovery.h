/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file discovery.h
 * When a chain has discovered a mode i = 1..components-1 (component 0 is the spread mode). Both rules are
 * recorded in every run; they differ by orders of magnitude. */
#ifndef MODESEEK_DISCOVERY_H
#define MODESEEK_DISCOVERY_H

#include <modeseek/export.h>
#include <modeseek/run.h>
#include <modeseek/target.h>

MS_BEGIN_API

/** The rules that are recorded by default. */
typedef enum ms_rule {
    MS_RULE_BALL,   /**< |x - mean_i|^2 <= r^2 d (the event of Theorem 1, arXiv 2406.02017) */
    MS_RULE_SWITCH, /**< l_i(x) >= l_0(x), whole vector, un-smoothed target */
    MS_RULE_COUNT
} ms_rule;

/** "ball" or "switch". */
const char *ms_rule_name(ms_rule rule);

/** A rule: name, parameters, the clauses of its events. Found by the name that sweep files use. */
typedef struct ms_rule_type ms_rule_type;

/** The type of that name, or NULL. */
const ms_rule_type *ms_rule_find(const char *name);

/** A rule and its parameters, those of the type; NULL: its defaults. */
typedef struct ms_rule_choice {
    const ms_rule_type *type;
    const void *params;
} ms_rule_choice;

/** A mode: one component of the target, or several that count as one. Components that belong to no mode are
 * the spread modes. */
typedef struct ms_mode {
    const size_t *component;
    size_t count;
} ms_mode;

/** The default r^2 of the ball rule: (variance_0 + max_{i>=1} variance_i) / 2. */
double ms_discovery_radius_squared(const ms_target *target);

/** Clauses of the default rules for the modes 1..m, m = components - 1, each an event of its own, in the
 * order ball 1..m, switch 1..m.
 * @param radius_squared r^2 of the ball rule, > 0
 * @param clauses out [MS_RULE_COUNT * m] */
void ms_discovery_events(const ms_target *target, double radius_squared, ms_clause *clauses);

/** Clauses of any rules and modes: the events of the first rule, mode by mode, then those of the next one.
 * @param clauses out: [*count], the caller frees it with free(). MS_ERROR_ARGUMENT with the reason where a
 * rule cannot be applied to the target, MS_ERROR_MEMORY. */
ms_status ms_discovery_clauses(const ms_target *target, const ms_rule_choice *rules, size_t rule_count,
                               const ms_mode *modes, size_t mode_count, ms_clause **clauses, size_t *count,
                               ms_error *error);

/** Time to discover any of `modes` modes: the least of their times, MS_CENSORED if none was discovered. */
int64_t ms_discovery_any(const int64_t *time, size_t modes);
/** Time to discover all of them: the largest, MS_CENSORED unless each was discovered. */
int64_t ms_discovery_all(const int64_t *time, size_t modes);

MS_END_API
#endif
