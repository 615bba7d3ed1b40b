/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a sweep takes on this machine, from running pieces of it for about a second. */
#ifndef MS_CALIBRATE_H
#define MS_CALIBRATE_H

#include "sweep/sweep.h"

#define MS_CALIBRATIONS_MAX 8

/* One point that was run. */
typedef struct ms_calibration {
    ms_point point;
    double seconds_per_cost;      /* against ms_sweep_block_cost() */
    double seconds_per_iteration; /* of one chain */
} ms_calibration;

typedef struct ms_calibrations {
    ms_calibration each[MS_CALIBRATIONS_MAX];
    size_t count;
    size_t failed;       /* points that could not be run, or blew up */
    ms_error failure;    /* of the last of them */
    double core_seconds; /* of the whole sweep if nothing is discovered; NAN if no point could be run */
} ms_calibrations;

/* Runs blocks of a few points that differ most in dimension and patch size. MS_ERROR_MEMORY. */
ms_status ms_calibrate(const ms_sweep *sweep, ms_calibrations *calibrations, ms_error *error);

#endif
