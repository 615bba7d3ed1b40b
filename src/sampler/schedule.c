/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random/elementary.h"

#include <math.h>
#include <modeseek/schedule.h>
#include <stdbool.h>

static bool positive(double value)
{
    return value > 0 && isfinite(value);
}

ms_status ms_schedule_check(const ms_schedule *schedule, ms_error *error)
{
    if (!positive(schedule->step_size))
        return ms_error_set(error, MS_ERROR_ARGUMENT, "step_size is %g; it must be positive and finite",
                            schedule->step_size);
    if (!(schedule->noise_level >= 0 && schedule->noise_level < 1e100))
        return ms_error_set(error, MS_ERROR_ARGUMENT, "noise_level is %g; it must be between 0 and 1e100",
                            schedule->noise_level);
    if (schedule->type == MS_SCHEDULE_CONSTANT || schedule->noise_level == 0)
        return MS_OK;
    if (!positive(schedule->noise_level_min) || schedule->noise_level_min > schedule->noise_level)
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "noise_level_min is %g; it must be positive and at most noise_level = %g",
                            schedule->noise_level_min, schedule->noise_level);
    if (schedule->levels < 1 || schedule->levels > MS_LEVELS_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "levels is %zu; it must be 1 to %d", schedule->levels,
                            MS_LEVELS_MAX);
    return MS_OK;
}

size_t ms_schedule_levels(const ms_schedule *schedule)
{
    return schedule->type == MS_SCHEDULE_CONSTANT || schedule->noise_level == 0 ? 1 : schedule->levels;
}

void ms_schedule_level(const ms_schedule *schedule, size_t level, double *noise_level, double *step_size)
{
    double sigma = schedule->noise_level, delta = schedule->step_size;
    size_t levels = ms_schedule_levels(schedule);
    if (levels > 1) {
        /* the ends are taken as given, not through exp and log */
        double log_ratio = ms_log(schedule->noise_level_min / schedule->noise_level);
        if (level + 1 == levels)
            sigma = schedule->noise_level_min;
        else if (level > 0)
            sigma *= ms_exp(log_ratio * (double)level / (double)(levels - 1));
        if (schedule->step_rule == MS_STEP_NCSN) {
            double ratio = sigma / schedule->noise_level_min;
            delta *= ratio * ratio;
        }
    }
    if (noise_level)
        *noise_level = sigma;
    if (step_size)
        *step_size = delta;
}

double ms_schedule_stable_below(const ms_schedule *schedule, double variance)
{
    double limit = INFINITY;
    for (size_t level = 0; level < ms_schedule_levels(schedule); level++) {
        double sigma, delta;
        ms_schedule_level(schedule, level, &sigma, &delta);
        limit = fmin(limit, 4 * (variance + sigma * sigma) * schedule->step_size / delta);
    }
    return limit;
}

uint64_t ms_schedule_begin(const ms_schedule *schedule, size_t level, uint64_t iterations)
{
    uint64_t levels = ms_schedule_levels(schedule);
    /* floor(level * iterations / levels) without the overflow of the product */
    return iterations / levels * level + iterations % levels * level / levels;
}
