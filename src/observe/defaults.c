/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The defaults of a run; here because they name an observable. */
#include "observe/observables.h"

void ms_run_params_init(ms_run_params *params)
{
    static const ms_observable_type *const observables[] = {&ms_squared_distance_observable};
    *params = (ms_run_params){
        .sampler = ms_sampler_langevin,
        .observables = observables,
        .observable_count = 1,
        .start = {.type = MS_START_COMPONENT},
        .schedule = {.type = MS_SCHEDULE_CONSTANT, .step_rule = MS_STEP_CONSTANT, .step_size = 0.1},
        .iterations_per_patch = 100,
        .chains = 1,
        .stop_when_discovered = true};
}
