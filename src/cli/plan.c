/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/output.h"
#include "cli/plan_estimators.h"
#include "cli/sweep_file.h"
#include "cli/warnings.h"
#include "farm/calibrate.h"
#include "results/results.h"
#include "target/target_type.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_JSON, OPTION_SET };

#define SUFFICIENT                                                                                           \
    "The assumption is sufficient for exponentially long discovery (first-passage) times, not necessary: "   \
    "a target that does not satisfy it may be just as hard."

typedef struct sweep_plan {
    const ms_sweep *sweep;
    size_t blocks;
    double memory, file_size, state_room;
    size_t dimension_count, extreme[2]; /* the smallest and the largest dimension, or only one */
    ms_calibrations calibrations;
    ms_diagnostics warnings;
    ms_json *json;    /* NULL: for people */
    size_t *distinct; /* points [point_count], for print_axis */
} sweep_plan;

static void measure_sweep(sweep_plan *plan, const char *path)
{
    const ms_sweep *sweep = plan->sweep;
    plan->blocks = ms_sweep_block_count(sweep);
    plan->file_size = ms_results_size(sweep);
    plan->state_room = ms_results_state_room(sweep);
    plan->memory = ms_sweep_memory(sweep);
    size_t smallest = SIZE_MAX, largest = 0;
    for (size_t p = 0; p < sweep->point_count; p++) {
        size_t dimension = sweep->points[p].dimension;
        smallest = dimension < smallest ? dimension : smallest;
        largest = dimension > largest ? dimension : largest;
    }
    plan->extreme[0] = smallest;
    plan->extreme[1] = largest;
    plan->dimension_count = smallest == largest ? 1 : 2;
    ms_warnings(sweep, path, plan->memory, plan->file_size, &plan->warnings);
}

static bool same_value(const ms_sweep *sweep, size_t axis, size_t a, size_t b)
{
    ms_axis_point x = ms_sweep_point_value(sweep, axis, a), y = ms_sweep_point_value(sweep, axis, b);
    return x.type == MS_AXIS_TEXT   ? strcmp(x.text, y.text) == 0
           : x.type == MS_AXIS_REAL ? x.real == y.real
                                    : x.whole == y.whole;
}

/* `name` is NULL in a list of the values of an axis. */
static void print_value(const sweep_plan *plan, const char *name, ms_axis_point value)
{
    char text[32];
    if (plan->json && value.type == MS_AXIS_TEXT) {
        ms_json_text(plan->json, name, value.text);
    } else if (plan->json && value.type == MS_AXIS_REAL) {
        ms_json_number(plan->json, name, value.real);
    } else if (plan->json) {
        ms_json_count(plan->json, name, value.whole);
    } else if (value.type == MS_AXIS_TEXT) {
        printf("%s", value.text);
    } else if (value.type == MS_AXIS_REAL) {
        ms_format_number(value.real, text, sizeof text);
        printf("%s", text);
    } else {
        printf("%" PRIu64, value.whole);
    }
}

/* Puts the first point with each value of an axis into plan->distinct, as they come, `limit` of them at most.
 */
static size_t find_distinct(sweep_plan *plan, size_t axis, size_t limit)
{
    const ms_sweep *sweep = plan->sweep;
    size_t count = 0,
           last = 0; /* values come round in the same order: the search begins at the last one found */
    for (size_t p = 0; p < sweep->point_count && count < limit; p++) {
        size_t tries = 0;
        while (tries < count && !same_value(sweep, axis, plan->distinct[last], p)) {
            last = (last + 1) % count;
            tries++;
        }
        if (tries == count) {
            last = count;
            plan->distinct[count++] = p;
        }
    }
    return count;
}

static void print_axis(sweep_plan *plan, size_t axis)
{
    enum { SHOWN = 12 };
    const char *name = ms_sweep_axis(plan->sweep, axis)->name;
    size_t count = find_distinct(plan, axis, plan->json ? SIZE_MAX : SHOWN + 1);
    if (plan->json)
        ms_json_open(plan->json, name, '[');
    else
        printf("  %-12s", name);
    for (size_t i = 0; i < count && (plan->json || i < SHOWN); i++) {
        printf("%s", plan->json ? "" : " ");
        print_value(plan, NULL, ms_sweep_point_value(plan->sweep, axis, plan->distinct[i]));
    }
    if (plan->json)
        ms_json_close(plan->json, ']');
    else
        printf("%s", count > SHOWN ? " ...\n" : "\n");
}

static void print_grid(sweep_plan *plan)
{
    for (size_t axis = 0; axis < ms_sweep_axis_count(plan->sweep); axis++)
        print_axis(plan, axis);
}

static bool is_of_target(const ms_axis *axis)
{
    return strncmp(axis->name, "target", strlen("target")) == 0;
}

/* The values of a variant on the further axes, or on those that change the target. */
static void print_variant(const sweep_plan *plan, size_t variant, bool only_target)
{
    const ms_sweep *sweep = plan->sweep;
    for (size_t i = 0; i < sweep->further_axes; i++) {
        const ms_axis *axis = &sweep->further[i];
        const ms_axis_value *value = &axis->value[ms_sweep_further_value(sweep, i, variant)];
        if (only_target && !is_of_target(axis))
            continue;
        if (!plan->json)
            printf("%s ", axis->name);
        print_value(plan, axis->name, (ms_axis_point){axis->type, value->whole, value->real, value->text});
        printf("%s", plan->json ? "" : ", ");
    }
}

/* A line for people, an object in a list. */
static void begin_row(const sweep_plan *plan)
{
    if (plan->json) {
        ms_json_line(plan->json, 2);
        ms_json_open(plan->json, NULL, '{');
    } else {
        printf("  ");
    }
}

/* The number of the mode that a component is of; SIZE_MAX: of none, it is a spread mode. */
static size_t mode_of(const ms_sets *modes, size_t component)
{
    if (modes->count == 0)
        return component;
    for (size_t mode = 0, m = 0; mode < modes->count; mode++)
        for (size_t first = m; m < modes->end[mode]; m++)
            if (modes->member[m] == component)
                return modes->member[first];
    return SIZE_MAX;
}

static void print_component(const sweep_plan *plan, size_t variant, const ms_target *target, size_t component)
{
    ms_assumption a = ms_target_assumption(target, component);
    size_t dimension = ms_target_dimension(target);
    size_t mode = mode_of(&plan->sweep->variant[variant].modes, component);
    double variance = ms_target_variance(target, component), of_spread = ms_target_variance(target, 0);
    if (mode == SIZE_MAX)
        return;
    begin_row(plan);
    print_variant(plan, variant, true);
    if (plan->json) {
        ms_json_count(plan->json, "dimension", dimension);
        ms_json_count(plan->json, "mode", mode);
        if (component != mode)
            ms_json_count(plan->json, "component", component);
        ms_json_truth(plan->json, "holds", a.holds);
        ms_json_number(plan->json, "squared_distance", a.squared_distance);
        ms_json_number(plan->json, "bound", a.bound);
        ms_json_number(plan->json, "margin", a.bound - a.squared_distance);
        ms_json_close(plan->json, '}');
        return;
    }
    printf("dimension %zu, mode %zu", dimension, mode);
    if (component != mode)
        printf(", component %zu", component);
    if (variance >= of_spread)
        printf(": does not hold at any distance (variance %.6g is not less than component 0's, %.6g)\n",
               variance, of_spread);
    else
        printf(": %s (squared distance %.6g, bound %.6g, margin %.6g)\n", a.holds ? "holds" : "does not hold",
               a.squared_distance, a.bound, a.bound - a.squared_distance);
}

/* Whether no variant before it has the same target. */
static bool is_new_target(const ms_sweep *sweep, size_t variant)
{
    for (size_t i = 0; i < sweep->further_axes; i++)
        if (!is_of_target(&sweep->further[i]) && ms_sweep_further_value(sweep, i, variant) > 0)
            return false;
    return true;
}

/* A line, or JSON object, for each component of the modes of a target in one dimension; `*applies` only if it
 * is one of those that the assumption is about. */
static ms_status print_modes(sweep_plan *plan, size_t variant, size_t dimension, bool *applies,
                             ms_error *error)
{
    ms_target *target;
    ms_isotropic mixture;
    ms_status status = ms_settings_target_alloc(&plan->sweep->variant[variant], dimension, &target, error);
    if (status != MS_OK)
        return status;
    *applies = target->type->isotropic(target->content, &mixture);
    for (size_t i = 1; *applies && i < ms_target_components(target); i++)
        print_component(plan, variant, target, i);
    ms_target_free(target);
    return MS_OK;
}

/* Each target at each extreme dimension. */
static ms_status print_assumption(sweep_plan *plan, ms_error *error)
{
    enum { SHOWN = 4 };
    const ms_sweep *sweep = plan->sweep;
    size_t printed = 0;
    bool applies = true, ever = false;
    for (size_t v = 0; v < sweep->variants; v++) {
        if (!is_new_target(sweep, v))
            continue;
        if (printed++ == SHOWN && !plan->json) {
            printf("  ... and for more targets\n");
            break;
        }
        for (size_t e = 0; e < plan->dimension_count; e++) {
            ms_status status = print_modes(plan, v, plan->extreme[e], &applies, error);
            if (status != MS_OK)
                return status;
            ever = ever || applies;
        }
        if (!applies && !plan->json) { /* in the largest dimension */
            printf("  ");
            print_variant(plan, v, true);
            printf("not applicable: it concerns mixtures of isotropic Gaussians\n");
        }
    }
    if (ever && !plan->json)
        printf("  %s\n", SUFFICIENT);
    return MS_OK;
}

#define CALIBRATIONS_SHOWN 8

static void print_calibrations(const sweep_plan *plan)
{
    size_t count = plan->calibrations.count;
    size_t shown = plan->json || count <= CALIBRATIONS_SHOWN ? count : CALIBRATIONS_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        /* spread evenly, the ends among them */
        const ms_calibration *c = &plan->calibrations.each[shown > 1 ? i * (count - 1) / (shown - 1) : 0];
        double chain = 1e9 * c->seconds_per_work, replicate = ms_plan_replicate_seconds(plan->sweep, c);
        bool is_direct = !plan->sweep->estimator[c->point.estimator].type->units;
        begin_row(plan);
        print_variant(plan, c->point.variant, false);
        if (plan->json) {
            ms_json_count(plan->json, "dimension", c->point.dimension);
            ms_json_count(plan->json, "patch_size", c->point.patch_size);
            ms_json_number(plan->json, "noise_level", c->point.noise_level);
            if (is_direct)
                ms_json_number(plan->json, "nanoseconds_per_iteration", chain);
            else
                ms_json_number(plan->json, "seconds_per_replicate", replicate);
            ms_json_close(plan->json, '}');
        } else if (!is_direct) {
            printf("dimension %zu, patch_size %zu, noise_level %g: a replicate of %s takes %.3g s\n",
                   c->point.dimension, c->point.patch_size, c->point.noise_level,
                   ms_sweep_estimator(plan->sweep, c->point.estimator), replicate);
        } else {
            printf("dimension %zu, patch_size %zu, noise_level %g: an iteration of a chain takes %.3g ns\n",
                   c->point.dimension, c->point.patch_size, c->point.noise_level, chain);
        }
    }
}

static const char *warning(const sweep_plan *plan, size_t index)
{
    return index < plan->warnings.count && index < MS_DIAGNOSTICS_MAX ? plan->warnings.message[index] : NULL;
}

static void write_needs(ms_json *json, const sweep_plan *plan)
{
    const ms_sweep *sweep = plan->sweep;
    ms_json_line(json, 0);
    ms_json_count(json, "points", sweep->point_count);
    ms_json_count(json, "skipped_points", sweep->skipped_points);
    ms_json_count(json, "blocks", plan->blocks);
    ms_json_count(json, "chains", sweep->chains);
    ms_json_count(json, "iterations", ms_sweep_iterations(sweep));
    ms_json_line(json, 0);
    ms_json_number(json, "memory_per_rank", round(plan->memory));
    ms_json_number(json, "file_size", round(plan->file_size));
    ms_json_number(json, "state_room", round(plan->state_room));
    ms_plan_estimators(sweep, json);
    ms_json_line(json, 0);
    ms_json_number(json, "processor_hours", plan->calibrations.processor_seconds / 3600);
    ms_json_number(json, "processor_hours_at_most", plan->calibrations.processor_seconds_at_most / 3600);
}

static ms_status print_json(sweep_plan *plan, ms_error *error)
{
    ms_json json = {.out = stdout};
    plan->json = &json;
    ms_json_open(&json, NULL, '{');
    ms_json_text(&json, "name", plan->sweep->name);
    ms_json_line(&json, 0);
    ms_json_open(&json, "grid", '{');
    print_grid(plan);
    ms_json_close(&json, '}');
    write_needs(&json, plan);
    ms_json_line(&json, 0);
    ms_json_open(&json, "cost", '[');
    print_calibrations(plan);
    ms_json_close(&json, ']');
    ms_json_line(&json, 0);
    ms_json_open(&json, "assumption_1", '[');
    ms_status status = print_assumption(plan, error);
    ms_json_close(&json, ']');
    ms_json_line(&json, 0);
    ms_json_open(&json, "large_deviations", '[');
    if (status == MS_OK)
        status = ms_plan_exponents(plan->sweep, &json, error);
    ms_json_close(&json, ']');
    ms_json_line(&json, 0);
    ms_json_open(&json, "warnings", '[');
    for (size_t i = 0; warning(plan, i); i++)
        ms_json_text(&json, NULL, warning(plan, i));
    ms_json_close(&json, ']');
    ms_json_close(&json, '}');
    putchar('\n');
    return status;
}

static void print_time(const ms_calibrations *calibrations, bool has_chains)
{
    if (isnan(calibrations->processor_seconds)) {
        printf("time: unknown, no point could be run\n");
    } else {
        printf("time: about %.3g hours (%.3g s) of CPU time, going by a pilot run of a second",
               calibrations->processor_seconds / 3600, calibrations->processor_seconds);
        if (has_chains)
            printf("; at most %.3g hours, if nothing is discovered",
                   calibrations->processor_seconds_at_most / 3600);
        printf("\n");
    }
    if (calibrations->unseen > 0)
        printf("  for %zu of %zu points tried it may be far less: the pilot run ended before each event "
               "had happened\n",
               calibrations->unseen, calibrations->count);
    if (calibrations->failed > 0)
        printf("  %zu of the points tried failed: %s\n", calibrations->failed, calibrations->failure.message);
}

static ms_status print_readable(sweep_plan *plan, ms_error *error)
{
    char memory[32], file_size[32], state_room[32];
    const ms_sweep *sweep = plan->sweep;
    ms_format_bytes(plan->memory, memory, sizeof memory);
    ms_format_bytes(plan->file_size, file_size, sizeof file_size);
    ms_format_bytes(plan->state_room, state_room, sizeof state_room);
    printf("sweep %s: %zu points", sweep->name, sweep->point_count);
    if (sweep->skipped_points > 0)
        printf(" (%zu more skipped: patch_size does not divide dimension)", sweep->skipped_points);
    bool is_direct = ms_sweep_is_all_direct(sweep);
    if (is_direct)
        printf(", %s%zu chains each, %llu iterations at most", sweep->relative_width > 0 ? "at most " : "",
               sweep->chains, (unsigned long long)ms_sweep_iterations(sweep));
    printf("\n");
    print_grid(plan);
    ms_plan_estimators(sweep, NULL);
    printf("blocks: %zu", plan->blocks);
    if (is_direct)
        printf(" of up to %zu chains", sweep->block_chains);
    printf("\nmemory: %s per rank\nresults file: %s, and up to %s for checkpoints\n", memory, file_size,
           state_room);
    print_time(&plan->calibrations, ms_sweep_has_direct(sweep));
    print_calibrations(plan);
    printf("Assumption 1 of Cheng, Fu and Farnia (arXiv 2406.02017):\n");
    ms_status status = print_assumption(plan, error);
    if (status == MS_OK)
        status = ms_plan_exponents(sweep, NULL, error);
    for (size_t i = 0; warning(plan, i); i++)
        printf("warning: %s\n", warning(plan, i));
    return status;
}

static void warn_untried(const ms_calibrations *calibrations, ms_diagnostics *warnings)
{
    static const char judged[] = "estimated from the nearest ones that were, which may be far off";
    if (calibrations->count > 0 && calibrations->too_large > 0)
        ms_diagnostics_add(warnings, "time", 0, 0,
                           "%zu combinations need too much memory to be tried; their time is %s",
                           calibrations->too_large, judged);
    if (calibrations->count > 0 && calibrations->no_time > 0)
        ms_diagnostics_add(warnings, "time", 0, 0,
                           "%zu combinations were not tried because the others took long; their time is %s",
                           calibrations->no_time, judged);
}

static ms_status run(const ms_arguments *arguments, ms_error *error)
{
    sweep_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory");
    ms_sweep *sweep = NULL;
    const ms_assignments set = ms_command_assignments(arguments);
    ms_display display = ms_display_open(stderr, MS_DISPLAY_AUTO);
    ms_status status = ms_sweep_file_load(&sweep, arguments->operand, &set, error);
    if (status == MS_OK) {
        plan->sweep = sweep;
        plan->distinct = calloc(sweep->point_count, sizeof *plan->distinct);
        measure_sweep(plan, arguments->operand);
        status = plan->distinct ? ms_calibrate(sweep, &display, &plan->calibrations, error)
                                : ms_error_set(error, MS_ERROR_MEMORY, "out of memory");
        warn_untried(&plan->calibrations, &plan->warnings);
    }
    ms_display_clear(&display);
    ms_display_close(&display);
    if (status == MS_OK)
        status = arguments->value[OPTION_JSON] ? print_json(plan, error) : print_readable(plan, error);
    ms_calibrations_free(&plan->calibrations);
    ms_sweep_free(sweep);
    free(plan->distinct);
    free(plan);
    return status;
}

const ms_command ms_command_plan = {
    .name = "plan",
    .operand = "SWEEP",
    .purpose = "Shows what a sweep will do and need, without running it.\n\n"
               "The grid, points, blocks, memory, file size, the expected time (from a pilot run of about a\n"
               "second) and its upper bound, whether the target satisfies Assumption 1, and warnings.",
    .option = {[OPTION_JSON] = {"json", 0, NULL, "the same as one JSON object", false},
               [OPTION_SET] = MS_OPTION_SET},
    .example = "  modeseek plan experiments/quickstart.yaml",
    .repeatable = "set",
    .run = run};
