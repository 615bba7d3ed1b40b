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

typedef enum ms_rule {
    MS_RULE_BALL,   /**< |x - mean_i|^2 <= r^2 d (the event of Theorem 1, arXiv 2406.02017) */
    MS_RULE_SWITCH, /**< l_i(x) >= l_0(x), whole vector, un-smoothed target */
    MS_RULE_COUNT
} ms_rule;

/** "ball" or "switch". */
const char *ms_rule_name(ms_rule rule);

/** The default r^2 of the ball rule: (variance_0 + max_{i>=1} variance_i) / 2. */
double ms_discovery_radius_squared(const ms_target *target);

/** The same of the components' variances. @param variance [components], components >= 1 */
double ms_default_radius_squared(const double *variance, size_t components);

/** Events of all rules and modes, in the order ball 1..m, switch 1..m with m = components - 1.
 * @param radius_squared r^2 of the ball rule, > 0
 * @param events out [MS_RULE_COUNT * m] */
void ms_discovery_events(const ms_target *target, double radius_squared, ms_event *events);

/** Time to discover any of `modes` modes: the least of their times, MS_CENSORED if none was discovered. */
int64_t ms_discovery_any(const int64_t *time, size_t modes);
/** Time to discover all of them: the largest, MS_CENSORED unless each was discovered. */
int64_t ms_discovery_all(const int64_t *time, size_t modes);

MS_END_API
#endif
