/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file schedule.h
 * How the noise level and the step size go down within one visit to a patch. */
#ifndef MODESEEK_SCHEDULE_H
#define MODESEEK_SCHEDULE_H

#include <modeseek/export.h>
#include <modeseek/status.h>
#include <stddef.h>
#include <stdint.h>

MS_BEGIN_API

#define MS_LEVELS_MAX 1000

typedef enum ms_schedule_type {
    MS_SCHEDULE_CONSTANT, /**< one level */
    MS_SCHEDULE_GEOMETRIC /**< `levels` levels from noise_level down to noise_level_min, each a constant
                             factor */
} ms_schedule_type;

typedef enum ms_step_rule {
    MS_STEP_CONSTANT, /**< step_size on every level */
    MS_STEP_NCSN      /**< step_size * sigma_t^2 / sigma_last^2 (Song and Ermon, arXiv 1907.05600) */
} ms_step_rule;

typedef struct ms_schedule {
    ms_schedule_type type;
    double noise_level;     /**< the first, largest sigma; 0 is vanilla, whatever the type */
    double noise_level_min; /**< the last sigma of a geometric schedule, > 0 */
    size_t levels;          /**< of a geometric schedule, 1..MS_LEVELS_MAX */
    ms_step_rule step_rule;
    double step_size; /**< delta > 0 in x + (delta/2) score + sqrt(delta) z */
} ms_schedule;

/** MS_ERROR_ARGUMENT with a reason unless the schedule can be followed. */
ms_status ms_schedule_check(const ms_schedule *schedule, ms_error *error);

/** Number of levels actually used: 1 for constant and vanilla. */
size_t ms_schedule_levels(const ms_schedule *schedule);

/** Noise level and step size of level 0..levels-1; either pointer may be NULL. */
void ms_schedule_level(const ms_schedule *schedule, size_t level, double *noise_level, double *step_size);

/** The step size below which Langevin steps are stable at every level in a Gaussian of this variance: a step
 * multiplies the distance from the mean by 1 - delta / (2 v), v = variance + sigma^2, so delta < 4 v. */
double ms_schedule_stable_below(const ms_schedule *schedule, double variance);

/** First iteration of `level` within a visit of `iterations` iterations: floor(level * iterations / levels).
 */
uint64_t ms_schedule_begin(const ms_schedule *schedule, size_t level, uint64_t iterations);

MS_END_API
#endif
