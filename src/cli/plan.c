/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/calibrate.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/warnings.h"
#include "results/results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { OPTION_JSON };

#define SUFFICIENT                                                                                           \
    "The assumption is sufficient for exponentially long discovery times, not necessary: a target that "     \
    "does "                                                                                                  \
    "not meet it may be just as hard."

typedef struct sweep_plan {
    const ms_sweep *sweep;
    size_t blocks;
    double memory, file_size;
    size_t dimension_count, extreme[2]; /* the smallest and the largest dimension, or only one */
    ms_calibrations calibrations;
    ms_diagnostics warnings;
    bool json;
} sweep_plan;

static void measure_sweep(sweep_plan *plan)
{
    const ms_sweep *sweep = plan->sweep;
    plan->blocks = ms_sweep_block_count(sweep);
    plan->file_size = ms_results_size(sweep);
    size_t blocks_of_point = plan->blocks / sweep->point_count;
    size_t smallest = SIZE_MAX, largest = 0;
    for (size_t p = 0; p < sweep->point_count; p++) {
        ms_block block = ms_sweep_block(sweep, p * blocks_of_point);
        size_t dimension = sweep->points[p].dimension;
        plan->memory = fmax(plan->memory, ms_sweep_block_memory(sweep, block));
        smallest = dimension < smallest ? dimension : smallest;
        largest = dimension > largest ? dimension : largest;
    }
    plan->extreme[0] = smallest;
    plan->extreme[1] = largest;
    plan->dimension_count = smallest == largest ? 1 : 2;
    ms_warnings(sweep, plan->file_size, &plan->warnings);
}

/* Prints the distinct values of one number of the points, as they come; the axes of the grid. */
static void print_axis(const sweep_plan *plan, const char *name, double (*value)(const ms_point *))
{
    enum { SHOWN = 12 };
    double seen[SHOWN + 1];
    size_t count = 0;
    for (size_t p = 0; p < plan->sweep->point_count && count <= SHOWN; p++) {
        double x = value(&plan->sweep->points[p]);
        size_t i = 0;
        while (i < count && seen[i] != x)
            i++;
        if (i == count)
            seen[count++] = x;
    }
    printf(plan->json ? "\"%s\": [" : "  %-12s", name);
    for (size_t i = 0; i < count && i < SHOWN; i++) {
        char text[32];
        ms_format_number(seen[i], text, sizeof text);
        printf(plan->json ? "%s%s" : "%s %s", plan->json && i > 0 ? ", " : "", text);
    }
    printf("%s", plan->json ? "]" : count > SHOWN ? " ...\n" : "\n");
}

static double dimension_of(const ms_point *point)
{
    return (double)point->dimension;
}

static double patch_size_of(const ms_point *point)
{
    return (double)point->patch_size;
}

static double noise_level_of(const ms_point *point)
{
    return point->noise_level;
}

static double seed_of(const ms_point *point)
{
    return (double)point->seed;
}

static void print_grid(const sweep_plan *plan)
{
    print_axis(plan, "dimension", dimension_of);
    printf("%s", plan->json ? ", " : "");
    print_axis(plan, "patch_size", patch_size_of);
    printf("%s", plan->json ? ", " : "");
    print_axis(plan, "noise_level", noise_level_of);
    printf("%s", plan->json ? ", " : "");
    print_axis(plan, "seed", seed_of);
}

/* A line, or JSON object, for each mode at each extreme dimension. */
static ms_status print_assumption(const sweep_plan *plan, ms_error *error)
{
    for (size_t e = 0; e < plan->dimension_count; e++) {
        ms_target *target;
        ms_status status = ms_sweep_target_alloc(plan->sweep, plan->extreme[e], &target, error);
        if (status != MS_OK)
            return status;
        for (size_t mode = 1; mode < plan->sweep->component_count; mode++) {
            ms_assumption a = ms_target_assumption(target, mode);
            if (plan->json) {
                printf("%s\n  {\"dimension\": %zu, \"mode\": %zu, \"holds\": %s, \"squared_distance\": ",
                       e + mode > 1 ? "," : "", plan->extreme[e], mode, a.holds ? "true" : "false");
                ms_json_number(a.squared_distance);
                printf(", \"bound\": ");
                ms_json_number(a.bound);
                printf(", \"margin\": ");
                ms_json_number(a.bound - a.squared_distance);
                putchar('}');
            } else {
                printf("  dimension %zu, mode %zu: %s (squared distance %.6g, bound %.6g, margin %.6g)\n",
                       plan->extreme[e], mode, a.holds ? "holds" : "does not hold", a.squared_distance,
                       a.bound, a.bound - a.squared_distance);
            }
        }
        ms_target_free(target);
    }
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
        double chain = 1e9 / 8 * c->seconds_per_iteration; /* eight chains move together */
        if (plan->json)
            printf("%s\n  {\"dimension\": %zu, \"patch_size\": %zu, \"noise_level\": %.17g, "
                   "\"nanoseconds_per_iteration\": %.4g}",
                   i > 0 ? "," : "", c->point.dimension, c->point.patch_size, c->point.noise_level, chain);
        else
            printf("  dimension %zu, patch_size %zu, noise_level %g: an iteration of a chain takes %.3g ns\n",
                   c->point.dimension, c->point.patch_size, c->point.noise_level, chain);
    }
}

static const char *warning(const sweep_plan *plan, size_t index)
{
    return index < plan->warnings.count && index < MS_DIAGNOSTICS_MAX ? plan->warnings.message[index] : NULL;
}

static ms_status print_json(const sweep_plan *plan, ms_error *error)
{
    printf("{\"name\": ");
    ms_json_string(plan->sweep->name);
    printf(",\n\"grid\": {");
    print_grid(plan);
    printf("},\n\"points\": %zu, \"skipped_points\": %zu, \"blocks\": %zu, \"chains\": %zu, \"iterations\": "
           "%llu,\n"
           "\"memory_per_rank\": %.0f, \"file_size\": %.0f,\n\"core_hours\": ",
           plan->sweep->point_count, plan->sweep->skipped_points, plan->blocks, plan->sweep->chains,
           (unsigned long long)plan->sweep->iterations, plan->memory, plan->file_size);
    ms_json_number(plan->calibrations.core_seconds / 3600);
    printf(", \"core_hours_at_most\": ");
    ms_json_number(plan->calibrations.core_seconds_at_most / 3600);
    printf(",\n\"cost\": [");
    print_calibrations(plan);
    printf("],\n\"assumption_1\": [");
    ms_status status = print_assumption(plan, error);
    printf("],\n\"warnings\": [");
    for (size_t i = 0; warning(plan, i); i++) {
        fputs(i > 0 ? ", " : "", stdout);
        ms_json_string(warning(plan, i));
    }
    printf("]}\n");
    return status;
}

static void print_time(const ms_calibrations *calibrations)
{
    if (isnan(calibrations->core_seconds))
        printf("time: unknown, no point could be run\n");
    else
        printf(
            "time: about %.3g core-hours (%.0f core-seconds), going by a pilot run of a second; at most %.3g "
            "core-hours, if nothing is discovered\n",
            calibrations->core_seconds / 3600, calibrations->core_seconds,
            calibrations->core_seconds_at_most / 3600);
    if (calibrations->failed > 0)
        printf("  %zu of the points that were tried failed: %s\n", calibrations->failed,
               calibrations->failure.message);
}

static ms_status print_readable(const sweep_plan *plan, ms_error *error)
{
    char memory[32], file_size[32];
    const ms_sweep *sweep = plan->sweep;
    ms_format_bytes(plan->memory, memory, sizeof memory);
    ms_format_bytes(plan->file_size, file_size, sizeof file_size);
    printf("sweep %s: %zu points", sweep->name, sweep->point_count);
    if (sweep->skipped_points > 0)
        printf(" (%zu more skipped: patch_size does not divide dimension)", sweep->skipped_points);
    printf(", %zu chains each, %llu iterations at most\n", sweep->chains,
           (unsigned long long)sweep->iterations);
    print_grid(plan);
    printf("blocks: %zu of up to %zu chains\nmemory: %s per rank\nresults file: %s\n", plan->blocks,
           sweep->block_chains, memory, file_size);
    print_time(&plan->calibrations);
    print_calibrations(plan);
    printf("Assumption 1 of Cheng, Fu and Farnia (arXiv 2406.02017):\n");
    ms_status status = print_assumption(plan, error);
    printf("  %s\n", SUFFICIENT);
    for (size_t i = 0; warning(plan, i); i++)
        printf("warning: %s\n", warning(plan, i));
    return status;
}

static ms_status run(const ms_arguments *arguments, ms_error *error)
{
    sweep_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory");
    ms_sweep *sweep = NULL;
    ms_diagnostics diagnostics = {0};
    ms_status status = ms_sweep_load(&sweep, arguments->operand, &diagnostics);
    if (status != MS_OK) {
        ms_diagnostics_print(&diagnostics, stderr);
        ms_error_set(error, status, "%s: %s", arguments->operand, ms_status_message(status));
    } else {
        plan->sweep = sweep;
        plan->json = arguments->value[OPTION_JSON] != NULL;
        measure_sweep(plan);
        status = ms_calibrate(sweep, &plan->calibrations, error);
    }
    if (status == MS_OK)
        status = plan->json ? print_json(plan, error) : print_readable(plan, error);
    ms_calibrations_free(&plan->calibrations);
    ms_sweep_free(sweep);
    free(plan);
    return status;
}

const ms_command ms_command_plan = {
    .name = "plan",
    .operand = "SWEEP",
    .purpose = "Tells what a sweep will do and need, without running it.\n\n"
               "The grid, points, blocks, memory, file size, the expected time (from running pieces of it "
               "for about a\n"
               "second) and its upper bound, whether the target meets Assumption 1, and warnings.",
    .option = {{"json", 0, NULL, "the same as one JSON object", false}},
    .example = "  modeseek plan experiments/quickstart.yaml",
    .run = run};
