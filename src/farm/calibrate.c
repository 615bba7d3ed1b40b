/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/calibrate.h"

#include "base/clock.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#define TOTAL_SECONDS 1.0
#define LONGEST       10.0 /* seconds: beginning a block takes long where there are many dimensions or chains */
#define MEMORY_MAX    1e9 /* bytes of a block that is run here; larger ones are judged by their neighbours */
#define LANES         8   /* chains that move together */
#define STEPS         400 /* of the integral over a block's time */
#define GROUPS_MAX    32  /* of chains, for which that is exact: it takes a millisecond for so many */

static size_t groups(size_t chains)
{
    return (chains + LANES - 1) / LANES;
}

static size_t event_count(const ms_sweep *sweep)
{
    size_t events = ms_sweep_events(sweep);
    return events < MS_CALIBRATION_EVENTS_MAX ? events : MS_CALIBRATION_EVENTS_MAX;
}

bool ms_points_differ_in_seed_alone(const ms_point *a, const ms_point *b)
{
    return a->variant == b->variant && a->dimension == b->dimension && a->patch_size == b->patch_size &&
           a->noise_level == b->noise_level;
}

double ms_points_distance(const ms_point *a, const ms_point *b)
{
    return fabs(log((double)a->dimension / (double)b->dimension)) +
           fabs(log((double)a->patch_size / (double)b->patch_size)) + fabs(a->noise_level - b->noise_level) +
           (a->variant != b->variant ? MS_VARIANTS_DISTANCE : 0);
}

size_t ms_calibrate_choose(const ms_sweep *sweep, size_t *list, size_t *too_large)
{
    size_t blocks_of_point = ms_sweep_block_count(sweep) / sweep->point_count, count = 0;
    for (size_t p = 0; p < sweep->point_count; p++) {
        if (p > 0 && ms_points_differ_in_seed_alone(&sweep->points[p], &sweep->points[p - 1]))
            continue;
        if (ms_sweep_block_memory(sweep, ms_sweep_block(sweep, p * blocks_of_point)) <= MEMORY_MAX)
            list[count++] = p;
        else
            ++*too_large;
    }
    if (count <= MS_CALIBRATIONS_MAX)
        return count;
    for (size_t i = 0; i < MS_CALIBRATIONS_MAX; i++)
        list[i] = list[i * (count - 1) / (MS_CALIBRATIONS_MAX - 1)];
    return MS_CALIBRATIONS_MAX;
}

/* What a pilot run adds up. */
typedef struct tally {
    double seconds, group_iterations;
    double block_seconds, blocks;
    double events[MS_CALIBRATION_EVENTS_MAX], at_risk[MS_CALIBRATION_EVENTS_MAX];
    double chains, ended, observed; /* chains, those with all events, and the iterations of all */
} tally;

static void count_events(const ms_sweep *sweep, const ms_run *run, size_t chains, tally *t)
{
    for (size_t chain = 0; chain < chains; chain++) {
        bool ended = true;
        for (size_t e = 0; e < event_count(sweep); e++) {
            int64_t time = ms_run_event_time(run, chain, e);
            t->events[e] += time != MS_CENSORED;
            t->at_risk[e] += time != MS_CENSORED ? (double)time : (double)ms_run_observed(run, chain);
            ended &= time != MS_CENSORED;
        }
        t->chains++;
        t->ended += ended;
        t->observed += (double)ms_run_observed(run, chain);
    }
}

/* A run sorts out ended chains after as many iterations, so until then their groups move on. */
static double chunk(double iteration)
{
    return iteration < 128 ? 16 : fmin(iteration / 8, 65536);
}

/* Runs a block to its end, or until `limit` seconds are used in all. */
static ms_status measure_block(const ms_sweep *sweep, ms_block block, ms_simd simd, double limit, tally *t,
                               ms_error *error)
{
    ms_block_run block_run;
    double began = ms_processor_clock(), before = t->seconds;
    ms_status status = ms_block_run_alloc(sweep, block, simd, &block_run, error);
    if (status != MS_OK)
        return status;
    t->block_seconds += ms_processor_clock() - began;
    t->blocks++;
    uint64_t slice = 1;
    for (began = ms_processor_clock();
         status == MS_OK && t->seconds < limit && !ms_run_done(block_run.run);) {
        double moving = (double)groups(ms_run_active_chains(block_run.run));
        uint64_t at = ms_run_iteration(block_run.run);
        uint64_t step = (double)slice < chunk((double)at) ? slice : (uint64_t)chunk((double)at);
        status = ms_run_advance(block_run.run, step, error);
        t->group_iterations += moving * (double)(ms_run_iteration(block_run.run) - at);
        t->seconds = before + ms_processor_clock() - began;
        if (slice < 65536 && t->seconds - before < limit / 10)
            slice *= 2;
    }
    count_events(sweep, block_run.run, block.chains, t);
    ms_block_run_free(&block_run);
    return status;
}

/* Runs blocks of a point until `limit` seconds are used, one after the other if they end before: times
 * shorter than the clock's grain add up. */
static ms_status measure(const ms_sweep *sweep, size_t point, double limit, tally *t, ms_error *error)
{
    size_t blocks_of_point = ms_sweep_block_count(sweep) / sweep->point_count;
    ms_status status = MS_OK;
    *t = (tally){0};
    for (size_t i = 0; status == MS_OK && t->seconds < limit && t->block_seconds < limit; i++)
        status = measure_block(sweep, ms_sweep_block(sweep, point * blocks_of_point + i % blocks_of_point),
                               MS_SIMD_AUTO, limit, t, error);
    return status;
}

/* Probability that not all of independent exponential events have happened by `iteration`. */
static double waiting(const ms_sweep *sweep, const double *rate, double iteration)
{
    double all = 1;
    for (size_t e = 0; e < event_count(sweep); e++)
        if (isfinite(rate[e])) /* else it happens at once */
            all *= -expm1(-rate[e] * iteration);
    return 1 - all;
}

/* The mean time until a chain has ended against that of independent events. A chain that has found one mode
 * stays there for long, so the time to find all of them is longer. 1 where fewer than half of the pilot run's
 * chains ended, so that it says little. */
static double stretch_of(const ms_sweep *sweep, const tally *t, const double *rate)
{
    if (sweep->snapshot_count > 0 || t->ended < 10 || 2 * t->ended < t->chains)
        return 1;
    double least = INFINITY, mean = 0, last = 0;
    for (size_t e = 0; e < event_count(sweep); e++)
        least = fmin(least, rate[e]);
    for (int i = 1; i <= STEPS; i++) {
        double next = expm1(log1p(50 / least) * i / STEPS);
        mean += (next - last) * waiting(sweep, rate, 0.5 * (last + next));
        last = next;
    }
    return mean > 0 ? t->observed / t->ended / mean : 1;
}

/* Probability that a chain is not done by `iteration`. */
static double survival(const ms_sweep *sweep, const ms_calibration *c, double iteration)
{
    if (!sweep->stop_when_discovered)
        return 1;
    if (sweep->snapshot_count > 0 && iteration < (double)sweep->snapshots[sweep->snapshot_count - 1])
        return 1;
    return waiting(sweep, c->rate, iteration / c->stretch);
}

/* Expected number of groups that many chains fill, each of them running with this probability: all full but
 * one, which has half of its places, if any is running. */
static double mean_filled(double running, double chains)
{
    double any = -expm1(chains * log1p(-running)), mean = chains * running / LANES;
    return fmin(fmax(mean + 0.5 * (1 - 1.0 / LANES) * any, any), ceil(chains / LANES));
}

/* Expected iterations of groups of a block: the integral over its time of the number of groups that the
 * chains still running fill, sum_g P(more than 8 g chains are running). */
static double group_iterations(const ms_sweep *sweep, const ms_calibration *c, uint64_t iterations,
                               size_t chains)
{
    /* times spread over orders of magnitude: equal steps in the logarithm of 1 + time */
    double total = 0, last = 0, step = log1p((double)iterations) / STEPS;
    for (int i = 1; i <= STEPS; i++) {
        double next = expm1(step * i), middle = 0.5 * (last + next), filled = 0;
        double running = survival(sweep, c, fmax(middle - 0.5 * chunk(middle), 0));
        if (groups(chains) > GROUPS_MAX)
            filled = mean_filled(running, (double)chains);
        for (size_t g = 0; g < groups(chains) && groups(chains) <= GROUPS_MAX; g++)
            filled += gsl_cdf_binomial_Q((unsigned)(LANES * g), running, (unsigned)chains);
        total += filled * (next - last);
        last = next;
    }
    return total;
}

/* The calibrated point that is nearest in dimension, patch size and noise level. */
static size_t nearest(const ms_calibrations *calibrations, const ms_point *point)
{
    size_t result = 0;
    double least = INFINITY;
    for (size_t i = 0; i < calibrations->count; i++) {
        double distance = ms_points_distance(point, &calibrations->each[i].point);
        if (distance < least) {
            least = distance;
            result = i;
        }
    }
    return result;
}

static void predict(const ms_sweep *sweep, ms_calibrations *calibrations)
{
    calibrations->processor_seconds = calibrations->processor_seconds_at_most =
        calibrations->count > 0 ? 0 : NAN;
    if (calibrations->count == 0)
        return;
    size_t blocks_of_point = ms_sweep_block_count(sweep) / sweep->point_count;
    size_t before = SIZE_MAX;
    uint64_t iterations_before = 0;
    double expected = 0, at_most = 0; /* of a point */
    for (size_t p = 0; p < sweep->point_count; p++) {
        size_t at = nearest(calibrations, &sweep->points[p]);
        const ms_calibration *c = &calibrations->each[at];
        uint64_t iterations = ms_sweep_settings(sweep, p)->iterations;
        if (at != before || iterations != iterations_before) {
            size_t chains = ms_sweep_block(sweep, 0).chains,
                   last = ms_sweep_block(sweep, blocks_of_point - 1).chains;
            double whole = (double)(blocks_of_point - 1);
            expected = (double)blocks_of_point * c->seconds_per_block +
                       c->seconds_per_iteration * (whole * group_iterations(sweep, c, iterations, chains) +
                                                   group_iterations(sweep, c, iterations, last));
            at_most = (double)blocks_of_point * c->seconds_per_block +
                      c->seconds_per_iteration * (double)iterations *
                          (whole * (double)groups(chains) + (double)groups(last));
            before = at;
            iterations_before = iterations;
        }
        calibrations->processor_seconds += expected;
        calibrations->processor_seconds_at_most += at_most;
    }
}

/* What was measured at a point; `*unseen`: some event never happened, in less than a chain's budget. */
static ms_calibration calibration_of(const ms_sweep *sweep, size_t point, const tally *t, bool *unseen)
{
    ms_calibration c = {.point = sweep->points[point],
                        .seconds_per_block = t->block_seconds / t->blocks,
                        .seconds_per_iteration =
                            t->group_iterations > 0 ? t->seconds / t->group_iterations : 0};
    *unseen = false;
    for (size_t e = 0; e < event_count(sweep); e++) {
        c.rate[e] = t->at_risk[e] > 0 ? t->events[e] / t->at_risk[e] : INFINITY;
        *unseen |= t->events[e] == 0 && t->at_risk[e] < (double)ms_sweep_settings(sweep, point)->iterations;
    }
    c.stretch = stretch_of(sweep, t, c.rate);
    return c;
}

double ms_calibrate_block(const ms_sweep *sweep, size_t block, ms_simd simd, double limit)
{
    bool unseen;
    tally t = {0};
    ms_block range = ms_sweep_block(sweep, block);
    if (measure_block(sweep, range, simd, limit, &t, NULL) != MS_OK)
        return NAN;
    const ms_calibration c = calibration_of(sweep, range.point, &t, &unseen);
    return c.seconds_per_block +
           c.seconds_per_iteration *
               group_iterations(sweep, &c, ms_sweep_settings(sweep, range.point)->iterations, range.chains);
}

/* Fills `c`, or counts a failure and leaves it. */
static ms_status calibrate_point(const ms_sweep *sweep, size_t point, double limit, ms_calibration *c,
                                 ms_calibrations *calibrations, ms_error *error)
{
    tally t;
    ms_status status = measure(sweep, point, limit, &t, error);
    if (status == MS_ERROR_NUMERIC || status == MS_ERROR_ARGUMENT) {
        calibrations->failed++;
        calibrations->failure = *error;
        return MS_OK;
    }
    if (status != MS_OK)
        return status;
    bool unseen;
    *c = calibration_of(sweep, point, &t, &unseen);
    calibrations->unseen += unseen && sweep->stop_when_discovered;
    return MS_OK;
}

/* The golden section of count, or the next number that has no divisor in common with it. */
size_t ms_calibrate_step(size_t count)
{
    for (size_t step = (size_t)(0.618 * (double)count) + 1;; step++) {
        size_t a = count, b = step;
        while (b > 0) {
            size_t rest = a % b;
            a = b;
            b = rest;
        }
        if (a == 1)
            return step;
    }
}

/* Runs the listed points for as long as there is time, and keeps those that ran in the list's order. */
static ms_status calibrate_points(const ms_sweep *sweep, const size_t *list, size_t count,
                                  ms_calibrations *calibrations, ms_error *error)
{
    ms_status status = MS_OK;
    double began = ms_clock();
    size_t tried = 0;
    for (; status == MS_OK && tried < count && (tried == 0 || ms_clock() - began < LONGEST); tried++) {
        size_t i = tried * ms_calibrate_step(count) % count;
        status = calibrate_point(sweep, list[i], TOTAL_SECONDS / (double)count, &calibrations->each[i],
                                 calibrations, error);
    }
    calibrations->no_time = count - tried;
    for (size_t i = 0; i < count; i++)
        if (calibrations->each[i].point.dimension > 0)
            calibrations->each[calibrations->count++] = calibrations->each[i];
    return status;
}

ms_status ms_calibrate(const ms_sweep *sweep, ms_calibrations *calibrations, ms_error *error)
{
    *calibrations = (ms_calibrations){.processor_seconds = NAN, .processor_seconds_at_most = NAN};
    if (sweep->point_count == 0)
        return MS_OK;
    size_t *list = calloc(sweep->point_count, sizeof *list);
    calibrations->each = calloc(MS_CALIBRATIONS_MAX, sizeof *calibrations->each);
    if (!list || !calibrations->each) {
        free(list);
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu points", sweep->point_count);
    }
    size_t count = ms_calibrate_choose(sweep, list, &calibrations->too_large);
    ms_status status = calibrate_points(sweep, list, count, calibrations, error);
    free(list);
    predict(sweep, calibrations);
    return status;
}

void ms_calibrations_free(ms_calibrations *calibrations)
{
    free(calibrations->each);
    calibrations->each = NULL;
}
