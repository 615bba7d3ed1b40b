/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sweep for pilot runs: one rule, no end but discovery. */
#include "observe/rule.h"
#include "sweep/estimators.h"
#include "sweep/schema.h"

#include <stdlib.h>

static void keep_rule(ms_settings *settings, size_t rule)
{
    ms_chosen *chosen = settings->rules.item, kept = chosen[rule];
    for (size_t r = 0; r < settings->rules.count; r++) {
        /* a rule may be why the engine is what it is */
        if (settings->engine == MS_ENGINE_AUTO && ((const ms_rule_type *)chosen[r].kind)->needs_density)
            settings->engine = MS_ENGINE_GENERIC;
        if (r != rule)
            ms_chosen_free(&chosen[r]);
    }
    chosen[0] = kept;
    settings->rules.count = 1;
}

void ms_sweep_focus(ms_sweep *sweep, size_t rule)
{
    for (size_t v = 0; v < sweep->variants; v++) {
        keep_rule(&sweep->variant[v], rule);
        sweep->variant[v].iterations = MS_SWEEP_ITERATIONS_MAX;
    }
    sweep->estimator[0] = (ms_job_choice){&ms_direct_job, 0};
    sweep->estimators = 1;
    free(sweep->validity);
    sweep->validity = NULL;
    for (size_t p = 0; p < sweep->point_count; p++)
        sweep->points[p].estimator = 0;
    ms_sweep_number_blocks(sweep);
    sweep->relative_width = 0;
    sweep->stop_when_discovered = true;
    sweep->snapshot_count = 0;
}
