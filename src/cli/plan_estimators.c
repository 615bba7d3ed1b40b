/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/plan_estimators.h"

#include "sweep/columns.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define VARIANTS_SHOWN 4

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
        printf("  %s: %zu point%s, %s%zu %s each", ms_sweep_estimator(sweep, e), points,
               points > 1 ? "s" : "", sweep->relative_width > 0 && most > 1 ? "at most " : "", most,
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
    printf("  none: %zu point%s cannot be computed\n", none, none > 1 ? "s" : "");
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

static bool is_vanilla(const ms_point *point)
{
    return point->patch_size == point->dimension && point->noise_level == 0;
}

/* Of the vanilla points of a variant the one in the least or the largest dimension; point_count: none. */
static size_t extreme_point(const ms_sweep *sweep, size_t variant, bool is_largest)
{
    size_t found = sweep->point_count;
    for (size_t p = 0; p < sweep->point_count; p++) {
        const ms_point *point = &sweep->points[p];
        if (point->variant != variant || !is_vanilla(point))
            continue;
        if (found == sweep->point_count || (is_largest ? point->dimension > sweep->points[found].dimension
                                                       : point->dimension < sweep->points[found].dimension))
            found = p;
    }
    return found;
}

static void write_exponent(ms_json *json, const ms_sweep *sweep, size_t point, const char *variant,
                           size_t rule, const ms_outlook *outlook)
{
    ms_json_line(json, 2);
    ms_json_open(json, NULL, '{');
    if (variant[0])
        ms_json_text(json, "variant", variant);
    ms_json_count(json, "dimension", sweep->points[point].dimension);
    ms_json_text(json, "rule", ms_sweep_rule(sweep, rule));
    ms_json_number(json, "exponent", round(1e6 * outlook->exponent) / 1e6);
    ms_json_number(json, "log_mean", round(100 * outlook->log_mean) / 100);
    ms_json_close(json, '}');
}

/* A line for all rules of a point; none where there are no exponents. */
static ms_status print_point(const ms_sweep *sweep, size_t point, ms_kept *kept, ms_json *json,
                             bool *has_begun, ms_error *error)
{
    char variant[256];
    const char *before = "";
    ms_status status = ms_sweep_keep_target(sweep, point, kept, error);
    ms_sweep_describe_variant(sweep, sweep->points[point].variant, variant, sizeof variant);
    for (size_t rule = 0; status == MS_OK && rule < ms_sweep_rules(sweep); rule++) {
        ms_outlook outlook;
        status = ms_sweep_outlook(sweep, point, rule, kept->target, &outlook, error);
        if (status != MS_OK)
            break;
        if (json) {
            write_exponent(json, sweep, point, variant, rule, &outlook);
        } else if (!isnan(outlook.exponent)) {
            if (!*has_begun)
                printf(
                    "large-deviation exponents I: the mean first-passage time of vanilla points grows about "
                    "like exp(I dimension)\n");
            *has_begun = true;
            if (!*before)
                printf("  %s%sdimension %zu: ", variant, variant[0] ? ", " : "",
                       sweep->points[point].dimension);
            printf("%s%s %.6f (mean about e^%.1f iterations)", before, ms_sweep_rule(sweep, rule),
                   outlook.exponent, outlook.log_mean);
            before = ", ";
        }
    }
    if (*before)
        printf("\n");
    return status;
}

ms_status ms_plan_exponents(const ms_sweep *sweep, ms_json *json, ms_error *error)
{
    ms_kept kept = {0};
    ms_status status = MS_OK;
    bool has_begun = false;
    for (size_t v = 0; status == MS_OK && v < sweep->variants && (json || v < VARIANTS_SHOWN); v++)
        for (int largest = json ? 0 : 1; status == MS_OK && largest < 2; largest++) {
            size_t point = extreme_point(sweep, v, largest);
            bool is_told = json && largest && point == extreme_point(sweep, v, false);
            if (point < sweep->point_count && !is_told)
                status = print_point(sweep, point, &kept, json, &has_begun, error);
        }
    ms_kept_free(&kept);
    return status;
}
