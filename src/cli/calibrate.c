/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/calibrate.h"

#include "farm/message.h"

#include <math.h>
#include <stdlib.h>

#define TOTAL_SECONDS 1.0
#define MEMORY_MAX    1e9 /* bytes of a block that is run here; larger ones are judged by their neighbours */

/* A point that could be run; points with the same dimension and patch size cost the same. */
typedef struct candidate {
    size_t block;
    double cost;
} candidate;

static int compare(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    return x->cost < y->cost ? -1 : x->cost > y->cost ? 1 : x->block < y->block ? -1 : x->block > y->block;
}

static bool same_size(const ms_point *a, const ms_point *b)
{
    return a->dimension == b->dimension && a->patch_size == b->patch_size;
}

/* Lists one point of each size in order of cost and thins the list out evenly, the ends kept. */
static size_t choose(const ms_sweep *sweep, candidate *list)
{
    size_t blocks_of_point = ms_sweep_block_count(sweep) / sweep->point_count, count = 0;
    for (size_t p = 0; p < sweep->point_count; p++) {
        ms_block block = ms_sweep_block(sweep, p * blocks_of_point);
        if ((p == 0 || !same_size(&sweep->points[p], &sweep->points[p - 1])) &&
            ms_sweep_block_memory(sweep, block) <= MEMORY_MAX)
            list[count++] =
                (candidate){.block = p * blocks_of_point, .cost = ms_sweep_block_cost(sweep, block)};
    }
    qsort(list, count, sizeof *list, compare);
    if (count <= MS_CALIBRATIONS_MAX)
        return count;
    for (size_t i = 0; i < MS_CALIBRATIONS_MAX; i++)
        list[i] = list[i * (count - 1) / (MS_CALIBRATIONS_MAX - 1)];
    return MS_CALIBRATIONS_MAX;
}

/* Runs a block for `limit` seconds and counts the iterations of its chains. A block that is over before is
 * run again: the count must outlast the clock's grain. */
static ms_status measure(const ms_sweep *sweep, ms_block block, double limit, double *seconds,
                         double *iterations, ms_error *error)
{
    *seconds = *iterations = 0;
    for (int repeat = 0; *seconds < limit && repeat < 1000; repeat++) {
        ms_block_run block_run;
        ms_status status = ms_block_run_alloc(sweep, block, MS_SIMD_AUTO, &block_run, error);
        if (status != MS_OK)
            return status;
        double began = ms_clock(), before = *seconds;
        uint64_t slice = 1;
        while (status == MS_OK && *seconds < limit && !ms_run_done(block_run.run)) {
            double active = (double)ms_run_active_chains(block_run.run);
            uint64_t at = ms_run_iteration(block_run.run);
            status = ms_run_advance(block_run.run, slice, error);
            *iterations += active * (double)(ms_run_iteration(block_run.run) - at);
            *seconds = before + ms_clock() - began;
            if (*seconds - before < limit / 10)
                slice *= 2;
        }
        ms_block_run_free(&block_run);
        if (status != MS_OK)
            return status;
        if (*seconds == before) /* all was discovered at the start: nothing to measure */
            break;
    }
    return MS_OK;
}

/* The measured point that is nearest in dimension and patch size, by ratios. */
static double seconds_per_cost(const ms_calibrations *calibrations, const ms_point *point)
{
    double nearest = INFINITY, result = NAN;
    for (size_t i = 0; i < calibrations->count; i++) {
        const ms_calibration *c = &calibrations->each[i];
        double distance = fabs(log((double)point->dimension / (double)c->point.dimension)) +
                          fabs(log((double)point->patch_size / (double)c->point.patch_size));
        if (distance < nearest) {
            nearest = distance;
            result = c->seconds_per_cost;
        }
    }
    return result;
}

static double predict(const ms_sweep *sweep, const ms_calibrations *calibrations)
{
    double total = 0;
    size_t blocks_of_point = ms_sweep_block_count(sweep) / sweep->point_count;
    for (size_t p = 0; p < sweep->point_count; p++) {
        double cost = 0;
        for (size_t b = 0; b < blocks_of_point; b++)
            cost += ms_sweep_block_cost(sweep, ms_sweep_block(sweep, p * blocks_of_point + b));
        total += cost * seconds_per_cost(calibrations, &sweep->points[p]);
    }
    return total;
}

/* Runs the candidate or, where that fails, a point of the same size at another noise level. */
static ms_status calibrate_size(const ms_sweep *sweep, const candidate *chosen, double limit,
                                ms_calibrations *calibrations, ms_error *error)
{
    size_t blocks_of_point = ms_sweep_block_count(sweep) / sweep->point_count;
    size_t first = chosen->block / blocks_of_point;
    for (size_t p = first; p < sweep->point_count && same_size(&sweep->points[first], &sweep->points[p]);
         p++) {
        if (p > first && sweep->points[p].noise_level == sweep->points[p - 1].noise_level)
            continue;
        ms_block block = ms_sweep_block(sweep, p * blocks_of_point);
        double seconds, iterations;
        ms_status status = measure(sweep, block, limit, &seconds, &iterations, error);
        if (status == MS_ERROR_NUMERIC || status == MS_ERROR_ARGUMENT) {
            calibrations->failed++;
            calibrations->failure = *error;
            continue;
        }
        if (status != MS_OK || iterations <= 0)
            return status;
        double each = seconds / iterations;
        calibrations->each[calibrations->count++] = (ms_calibration){
            .point = sweep->points[p],
            .seconds_per_cost = each * (double)block.chains * (double)sweep->iterations / chosen->cost,
            .seconds_per_iteration = each};
        break;
    }
    return MS_OK;
}

ms_status ms_calibrate(const ms_sweep *sweep, ms_calibrations *calibrations, ms_error *error)
{
    *calibrations = (ms_calibrations){0};
    if (sweep->point_count == 0)
        return MS_OK;
    candidate *list = calloc(sweep->point_count, sizeof *list);
    if (!list)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu points", sweep->point_count);
    size_t count = choose(sweep, list);
    ms_status status = MS_OK;
    for (size_t i = 0; status == MS_OK && i < count; i++)
        status = calibrate_size(sweep, &list[i], TOTAL_SECONDS / (double)count, calibrations, error);
    free(list);
    calibrations->core_seconds = predict(sweep, calibrations);
    return status;
}
