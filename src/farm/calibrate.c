/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/calibrate.h"

#include "base/clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define TOTAL_SECONDS 1.0
#define LONGEST       10.0 /* seconds, too: to begin blocks of many dimensions or chains takes long */
#define SKIMMING      20.0 /* times as long as others may be: most of it goes into entering patches */
#define MEMORY_MAX    3e9  /* bytes of a block that is run here; larger ones are judged by their neighbours */

bool ms_points_differ_in_seed_alone(const ms_point *a, const ms_point *b)
{
    return a->variant == b->variant && a->dimension == b->dimension && a->patch_size == b->patch_size &&
           a->noise_level == b->noise_level && a->estimator == b->estimator;
}

double ms_points_distance(const ms_point *a, const ms_point *b)
{
    return fabs(log((double)a->dimension / (double)b->dimension)) +
           fabs(log((double)a->patch_size / (double)b->patch_size)) + fabs(a->noise_level - b->noise_level) +
           (a->variant != b->variant ? MS_VARIANTS_DISTANCE : 0) +
           (a->estimator != b->estimator ? MS_VARIANTS_DISTANCE : 0);
}

size_t ms_calibrate_choose(const ms_sweep *sweep, size_t *list, size_t *too_large)
{
    size_t count = 0;
    for (size_t p = 0; p < sweep->point_count; p++) {
        if (p > 0 && ms_points_differ_in_seed_alone(&sweep->points[p], &sweep->points[p - 1]))
            continue;
        if (ms_sweep_point_blocks(sweep, p) == 0)
            continue;
        if (ms_sweep_block_memory(sweep, ms_sweep_block(sweep, sweep->points[p].first_block)) <= MEMORY_MAX)
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

/* What pilot jobs add up. */
typedef struct tally {
    double seconds, work;
    double target_seconds;
    double block_seconds, blocks;
    ms_ends ends;
    ms_display *display; /* NULL: nobody looks */
    size_t tried, count; /* pilot runs before this one, of so many */
} tally;

static void show(const tally *t)
{
    char text[64];
    const char *part = text;
    double now = ms_clock();
    if (!ms_display_is_due(t->display, now))
        return;
    snprintf(text, sizeof text, "pilot run %zu of %zu", t->tried + 1, t->count);
    if (t->display->is_bar)
        ms_display_bar(t->display, now, (double)t->tried / (double)t->count, &part, 1);
    else
        ms_display_line(t->display, now, text);
}

/* The number of iterations for which the work of the next one tells that of all. */
static uint64_t next_slice(uint64_t slice, uint64_t iteration)
{
    double pause = ms_ends_pause((double)iteration);
    return (double)slice < pause ? slice : (uint64_t)pause;
}

/* Of a job whose patches take unlike times, a pass in haste, or as much of it as there is time for. To enter
 * a patch takes time of the block, of each pass again. */
static ms_status skim_pass(const ms_job *job, const ms_pass_shape *pass, double passes, double limit,
                           tally *t, ms_error *error)
{
    ms_status status = MS_OK;
    double began = ms_processor_clock(), at = began, entering = 0;
    size_t seen = 0;
    for (; status == MS_OK && seen < pass->patches && at - began < limit && !job->type->done(job->state);
         seen++) {
        show(t);
        status = job->type->skim(job->state, error);
        double entered = ms_processor_clock();
        entering += entered - at;
        if (status == MS_OK && !job->type->done(job->state)) {
            t->work += job->type->work(job->state);
            status = job->type->advance(job->state, 1, error);
        }
        at = ms_processor_clock();
        t->seconds += at - entered;
    }
    t->block_seconds += passes * entering * (double)pass->patches / (double)(seen > 0 ? seen : 1);
    return status;
}

/* Runs a block to its end, or until `limit` seconds are used in all. */
static ms_status measure_block(const ms_sweep *sweep, ms_block block, ms_simd simd, double limit,
                               ms_kept *kept, tally *t, ms_error *error)
{
    ms_job job;
    double began = ms_processor_clock(), before = t->seconds;
    ms_status status = ms_sweep_job_alloc(sweep, block, simd, kept, &job, error);
    if (status != MS_OK)
        return status;
    t->block_seconds += ms_processor_clock() - began;
    t->blocks++;
    ms_pass_shape pass = {0};
    if (job.type->uneven)
        pass = job.type->uneven(job.state);
    if (pass.patches > 0) {
        double passes =
            ceil((double)ms_sweep_settings(sweep, block.point)->iterations / (double)pass.iterations);
        status = skim_pass(&job, &pass, passes, SKIMMING * limit, t, error);
    }
    uint64_t slice = 1;
    for (began = ms_processor_clock();
         status == MS_OK && pass.patches == 0 && t->seconds < limit && !job.type->done(job.state);) {
        show(t);
        double work = job.type->work(job.state);
        uint64_t at = job.type->iteration(job.state);
        status = job.type->advance(job.state, next_slice(slice, at), error);
        t->work += work * (double)(job.type->iteration(job.state) - at);
        t->seconds = before + ms_processor_clock() - began;
        if (slice < 65536 && t->seconds - before < limit / 10)
            slice *= 2;
    }
    job.type->tell_ends(job.state, &t->ends);
    ms_job_free(&job);
    return status;
}

/* Runs blocks of a point until `limit` seconds are used, one after the other if they end before: times
 * shorter than the clock's grain add up. */
static ms_status measure(const ms_sweep *sweep, size_t point, double limit, ms_kept *kept, tally *t,
                         ms_error *error)
{
    size_t blocks = ms_sweep_point_blocks(sweep, point), first = sweep->points[point].first_block;
    show(t);
    double began = ms_processor_clock();
    ms_status status = ms_sweep_keep_target(sweep, point, kept, error);
    t->target_seconds = ms_processor_clock() - began;
    for (size_t i = 0; status == MS_OK && t->seconds < limit && t->block_seconds < limit; i++)
        status = measure_block(sweep, ms_sweep_block(sweep, first + i % blocks), MS_SIMD_AUTO, limit, kept, t,
                               error);
    return status;
}

/* How long a block takes, beside making its target; `ends` as of ms_job_type. */
static double block_seconds(const ms_sweep *sweep, const ms_calibration *c, size_t block, const ms_ends *ends)
{
    ms_block range = ms_sweep_block(sweep, block);
    const ms_job_shape shape = ms_sweep_job_shape(sweep, range);
    const ms_job_type *type = ms_sweep_job_type(sweep, range.point);
    return c->seconds_per_block +
           c->seconds_per_work * type->expected_work(&shape, type->units ? &c->ends : ends);
}

/* The same of all blocks of a point, which are equal but for the last one. */
static double point_seconds(const ms_sweep *sweep, const ms_calibration *c, size_t point, const ms_ends *ends)
{
    size_t blocks = ms_sweep_point_blocks(sweep, point), first = sweep->points[point].first_block;
    if (blocks == 0)
        return 0;
    return c->seconds_per_target + (double)(blocks - 1) * block_seconds(sweep, c, first, ends) +
           block_seconds(sweep, c, first + blocks - 1, ends);
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
    size_t before = SIZE_MAX;
    uint64_t iterations_before = 0;
    double expected = 0, at_most = 0; /* of a point */
    for (size_t p = 0; p < sweep->point_count; p++) {
        size_t at = nearest(calibrations, &sweep->points[p]);
        const ms_calibration *c = &calibrations->each[at];
        uint64_t iterations = ms_sweep_settings(sweep, p)->iterations;
        if (at != before || iterations != iterations_before) {
            expected = point_seconds(sweep, c, p, &c->ends);
            at_most = point_seconds(sweep, c, p, NULL);
            before = at;
            iterations_before = iterations;
        }
        calibrations->processor_seconds += expected;
        calibrations->processor_seconds_at_most += at_most;
    }
}

static ms_calibration calibration_of(const ms_sweep *sweep, size_t point, const tally *t)
{
    return (ms_calibration){.point = sweep->points[point],
                            .seconds_per_target = t->target_seconds,
                            .seconds_per_block = t->block_seconds / t->blocks,
                            .seconds_per_work = t->work > 0 ? t->seconds / t->work : 0,
                            .ends = t->ends};
}

double ms_calibrate_block(const ms_sweep *sweep, size_t block, ms_simd simd, double limit, ms_kept *kept)
{
    tally t = {0};
    ms_block range = ms_sweep_block(sweep, block);
    if (measure_block(sweep, range, simd, limit, kept, &t, NULL) != MS_OK)
        return NAN;
    const ms_calibration c = calibration_of(sweep, range.point, &t);
    return block_seconds(sweep, &c, block, &t.ends);
}

/* Fills `c`, or counts a failure and leaves it. */
static ms_status calibrate_point(const ms_sweep *sweep, size_t point, tally t, ms_kept *kept,
                                 ms_calibration *c, ms_calibrations *calibrations, ms_error *error)
{
    double limit = TOTAL_SECONDS / (double)t.count;
    ms_status status = measure(sweep, point, limit, kept, &t, error);
    if (status == MS_ERROR_NUMERIC || status == MS_ERROR_ARGUMENT) {
        calibrations->failed++;
        calibrations->failure = *error;
        return MS_OK;
    }
    if (status != MS_OK)
        return status;
    *c = calibration_of(sweep, point, &t);
    calibrations->unseen += sweep->stop_when_discovered &&
                            ms_ends_leave_open(&t.ends, ms_sweep_settings(sweep, point)->iterations);
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
                                  ms_display *display, ms_calibrations *calibrations, ms_error *error)
{
    ms_status status = MS_OK;
    ms_kept kept = {0};
    double began = ms_processor_clock(); /* others on this machine must not cut it short */
    size_t tried = 0;
    for (; status == MS_OK && tried < count && (tried == 0 || ms_processor_clock() - began < LONGEST);
         tried++) {
        size_t i = tried * ms_calibrate_step(count) % count;
        const tally t = {.display = display, .tried = tried, .count = count};
        status = calibrate_point(sweep, list[i], t, &kept, &calibrations->each[i], calibrations, error);
    }
    ms_kept_free(&kept);
    calibrations->no_time = count - tried;
    for (size_t i = 0; i < count; i++)
        if (calibrations->each[i].point.dimension > 0)
            calibrations->each[calibrations->count++] = calibrations->each[i];
    return status;
}

ms_status ms_calibrate(const ms_sweep *sweep, ms_display *display, ms_calibrations *calibrations,
                       ms_error *error)
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
    ms_status status = calibrate_points(sweep, list, count, display, calibrations, error);
    free(list);
    predict(sweep, calibrations);
    return status;
}

void ms_calibrations_free(ms_calibrations *calibrations)
{
    free(calibrations->each);
    calibrations->each = NULL;
}
