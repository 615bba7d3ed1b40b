/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/plan_estimators.h"

#include "sweep/columns.h"

#include <stdio.h>
#include <string.h>

/* Points that an estimator computes, MS_NO_ESTIMATOR none. */
static size_t count_points(const ms_sweep *sweep, size_t estimator)
{
    size_t count = 0;
    for (size_t p = 0; p < sweep->point_count; p++)
        count += sweep->points[p].estimator == estimator;
    return count;
}

/* The fewest and the most units of points that an estimator computes. */
static void count_units(const ms_sweep *sweep, size_t estimator, size_t *least, size_t *most)
{
    *least = SIZE_MAX;
    *most = 0;
    for (size_t p = 0; p < sweep->point_count; p++) {
        size_t units = ms_sweep_units(sweep, p);
        if (sweep->points[p].estimator != estimator)
            continue;
        *least = units < *least ? units : *least;
        *most = units > *most ? units : *most;
    }
}

static void print_readable(const ms_sweep *sweep)
{
    printf("estimators:\n");
    for (size_t e = 0; e < sweep->estimators; e++) {
        size_t points = count_points(sweep, e), least, most;
        bool is_direct = !sweep->estimator[e].type->units;
        if (points == 0)
            continue;
        count_units(sweep, e, &least, &most);
        printf("  %s: %zu points, %s%zu %s each", ms_sweep_estimator(sweep, e), points,
               sweep->relative_width > 0 && most > 1 ? "at most " : "", most,
               is_direct  ? "chains"
               : most > 1 ? "replicates"
                          : "replicate");
        if (is_direct)
            printf(", %llu iterations at most", (unsigned long long)ms_sweep_iterations(sweep));
        printf("\n");
    }
    size_t none = count_points(sweep, MS_NO_ESTIMATOR);
    if (none == 0)
        return;
    const char *before = "";
    printf("  none: %zu points cannot be computed\n", none);
    for (size_t p = 0; p < sweep->point_count; p++) {
        const char *reason = ms_sweep_validity(sweep, p, sweep->estimators - 1);
        if (sweep->points[p].estimator != MS_NO_ESTIMATOR || strcmp(reason, before) == 0)
            continue;
        printf("    from dimension %zu on: %s\n", sweep->points[p].dimension, reason);
        before = reason;
    }
}

void ms_plan_estimators(const ms_sweep *sweep, ms_json *json)
{
    if (ms_sweep_is_all_direct(sweep))
        return;
    if (!json) {
        print_readable(sweep);
        return;
    }
    ms_json_line(json, 0);
    ms_json_open(json, "points_by_estimator", '{');
    for (size_t e = 0; e < sweep->estimators; e++)
        ms_json_count(json, ms_sweep_estimator(sweep, e), count_points(sweep, e));
    ms_json_close(json, '}');
    ms_json_count(json, "points_not_computed", count_points(sweep, MS_NO_ESTIMATOR));
}

double ms_plan_replicate_seconds(const ms_sweep *sweep, const ms_calibration *c)
{
    return c->ends.ended > 0
               ? c->seconds_per_work * c->ends.observed / c->ends.ended * (double)ms_sweep_rules(sweep)
               : 0;
}
