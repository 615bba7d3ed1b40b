/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random/elementary.h"

#include <modeseek/discovery.h>

const char *ms_rule_name(ms_rule rule)
{
    return rule == MS_RULE_BALL ? "ball" : "switch";
}

double ms_default_radius_squared(const double *variance, size_t components)
{
    double largest = 0;
    for (size_t i = 1; i < components; i++)
        if (variance[i] > largest)
            largest = variance[i];
    return (variance[0] + largest) / 2;
}

double ms_discovery_radius_squared(const ms_target *target)
{
    double variance[MS_COMPONENTS_MAX] = {0};
    for (size_t i = 0; i < ms_target_components(target); i++)
        variance[i] = ms_target_variance(target, i);
    return ms_default_radius_squared(variance, ms_target_components(target));
}

/* log w_i - (d/2) log variance_i */
static double log_factor(const ms_target *target, size_t component)
{
    return ms_log(ms_target_weight(target, component)) -
           0.5 * (double)ms_target_dimension(target) * ms_log(ms_target_variance(target, component));
}

void ms_discovery_events(const ms_target *target, double radius_squared, ms_event *events)
{
    size_t modes = ms_target_components(target) - 1;
    for (size_t mode = 1; mode <= modes; mode++) {
        events[mode - 1] = (ms_event){.component = mode,
                                      .coefficient = 1,
                                      .reference_coefficient = 0,
                                      .bound = radius_squared * (double)ms_target_dimension(target)};
        /* l_i >= l_0, the distances on one side */
        events[modes + mode - 1] = (ms_event){.component = mode,
                                              .coefficient = 0.5 / ms_target_variance(target, mode),
                                              .reference_coefficient = -0.5 / ms_target_variance(target, 0),
                                              .bound = log_factor(target, mode) - log_factor(target, 0)};
    }
}

int64_t ms_discovery_any(const int64_t *time, size_t modes)
{
    int64_t first = MS_CENSORED;
    for (size_t i = 0; i < modes; i++)
        if (time[i] != MS_CENSORED && (first == MS_CENSORED || time[i] < first))
            first = time[i];
    return first;
}

int64_t ms_discovery_all(const int64_t *time, size_t modes)
{
    int64_t last = MS_CENSORED;
    for (size_t i = 0; i < modes; i++) {
        if (time[i] == MS_CENSORED)
            return MS_CENSORED;
        if (time[i] > last)
            last = time[i];
    }
    return last;
}
