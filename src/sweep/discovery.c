/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is recorded of chains: the sections `discovery` and `observables`. */
#include "observe/observables.h"
#include "observe/rule.h"
#include "observe/rule_ball.h"
#include "sweep/sweep.h"

#include <stdlib.h>

size_t ms_sweep_rules(const ms_sweep *sweep)
{
    return sweep->variant[0].rules.count;
}

static size_t mode_count(const ms_settings *settings)
{
    size_t components = ms_settings_components(settings);
    if (settings->modes.count > 0)
        return settings->modes.count;
    return components > 0 ? components - 1 : 0;
}

size_t ms_sweep_modes(const ms_sweep *sweep)
{
    return mode_count(&sweep->variant[0]);
}

size_t ms_sweep_events(const ms_sweep *sweep)
{
    return ms_sweep_rules(sweep) * ms_sweep_modes(sweep);
}

size_t ms_sweep_mode_component(const ms_sweep *sweep, size_t mode)
{
    const ms_sets *modes = &sweep->variant[0].modes;
    if (modes->count == 0)
        return mode + 1;
    return modes->member[mode > 0 ? modes->end[mode - 1] : 0];
}

ms_status ms_settings_clauses(const ms_settings *settings, const ms_target *target, ms_clause **clauses,
                              size_t *count, ms_error *error)
{
    const ms_sets *sets = &settings->modes;
    const ms_chosen *chosen = settings->rules.item;
    size_t modes = mode_count(settings), rules = settings->rules.count;
    ms_mode *mode = calloc(modes + 1, sizeof *mode);
    ms_rule_choice *rule = calloc(rules + 1, sizeof *rule);
    size_t *component = calloc(modes + 1, sizeof *component);
    ms_ball_params ball = {.radius_squared = settings->radius_squared};
    ms_status status = MS_ERROR_MEMORY;
    *clauses = NULL;
    for (size_t r = 0; rule && r < rules; r++) {
        rule[r] = (ms_rule_choice){(const ms_rule_type *)chosen[r].kind, chosen[r].params};
        if (rule[r].type == &ms_ball_rule && !(((const ms_ball_params *)rule[r].params)->radius_squared > 0))
            rule[r].params = &ball;
    }
    for (size_t m = 0; mode && component && m < modes; m++) {
        size_t first = m > 0 && sets->count > 0 ? sets->end[m - 1] : 0;
        component[m] = m + 1;
        mode[m] = sets->count > 0 ? (ms_mode){sets->member + first, sets->end[m] - first}
                                  : (ms_mode){&component[m], 1};
    }
    if (mode && rule && component)
        status = ms_discovery_clauses(target, rule, rules, mode, modes, clauses, count, error);
    else
        ms_error_set(error, status, "out of memory for %zu modes", modes);
    free(mode);
    free(rule);
    free(component);
    return status;
}

size_t ms_sweep_observables(const ms_sweep *sweep, const ms_observable_type *list[MS_COLUMNS_MAX])
{
    const ms_list *observables = &sweep->variant[0].observables;
    const ms_chosen *chosen = observables->item;
    for (size_t o = 0; o < observables->count; o++)
        list[o] = (const ms_observable_type *)chosen[o].kind;
    return observables->count;
}

size_t ms_sweep_observed(const ms_sweep *sweep, size_t dimension)
{
    const ms_observable_type *list[MS_COLUMNS_MAX];
    size_t count = ms_sweep_observables(sweep, list), sum = 0;
    for (size_t o = 0; o < count; o++) {
        const ms_column *column = &list[o]->column;
        sum += column->rank < 3                               ? 1
               : column->extent[2] == MS_EXTENT_COMPONENT ? ms_sweep_components(sweep)
                                                          : dimension;
    }
    return sum;
}
