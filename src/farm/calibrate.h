/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much CPU time blocks take on this machine, from running pieces of them: for `plan`, of the whole
 * sweep, and for the farm. */
#ifndef MS_CALIBRATE_H
#define MS_CALIBRATE_H

#include "farm/display.h"
#include "sweep/sweep.h"

#define MS_CALIBRATIONS_MAX 256

/* One point that was run; points that differ in the seed alone share it. */
typedef struct ms_calibration {
    ms_point point;
    double seconds_per_target; /* of CPU time, like all here; to make the target */
    double seconds_per_block;  /* to begin a block with it */
    double seconds_per_work;   /* an iteration of a chain */
    ms_ends ends;              /* as far as they came in the time given */
} ms_calibration;

typedef struct ms_calibrations {
    ms_calibration *each; /* [count] */
    size_t count;
    size_t failed;            /* points that could not be run, or blew up */
    ms_error failure;         /* of the last of them */
    size_t too_large;         /* combinations that were not run because a block needs too much memory */
    size_t no_time;           /* ... because those before took too long */
    size_t unseen;            /* points of which some event never happened, in less than a chain's budget */
    double processor_seconds; /* expected of the whole sweep; NAN if no point could be run */
    double processor_seconds_at_most; /* if nothing is discovered */
} ms_calibrations;

/* Runs a block of every dimension, patch size and noise level, or of as many as there is room for.
 * It is shown how far that is; `display` may be NULL. MS_ERROR_MEMORY. Free with ms_calibrations_free(), also
 * after an error. */
ms_status ms_calibrate(const ms_sweep *sweep, ms_display *display, ms_calibrations *calibrations,
                       ms_error *error);
void ms_calibrations_free(ms_calibrations *calibrations);

/* How unlike two variants are, beside what dimension, patch size and noise level make. */
#define MS_VARIANTS_DISTANCE 10

/* Whether they take the same time but for chance. */
bool ms_points_differ_in_seed_alone(const ms_point *a, const ms_point *b);
/* How unlike two points are. */
double ms_points_distance(const ms_point *a, const ms_point *b);

/* Lists the first point of each kind, MS_CALIBRATIONS_MAX of them at most, thinned out evenly, the ends kept;
 * none whose blocks need much memory, which are counted. @param list out [points] */
size_t ms_calibrate_choose(const ms_sweep *sweep, size_t *list, size_t *too_large);
/* A step through 0 .. count - 1 that meets each once and wherever it is left off has been everywhere. */
size_t ms_calibrate_step(size_t count);

/* Runs a block for `limit` seconds of CPU time, or to its end, and tells how long it takes from the
 * beginning to the end, as far as can be expected, with making its target unless that is the one that is
 * `kept`. NAN if it cannot be run, or a chain diverges (non-finite state). */
double ms_calibrate_block(const ms_sweep *sweep, size_t block, ms_simd simd, double limit, ms_kept *kept);

#endif
