/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is recorded of chains: the sections `discovery` and `observables`. */
#include "observe/observables.h"
#include "observe/rule.h"
#include "observe/rule_ball.h"
#include "sweep/sweep.h"

#include <math.h>
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

/* The parameters of the rule, the section's radius where it has none of its own. */
static ms_ball_params ball_of(const ms_settings *settings, const ms_chosen *rule)
{
    ms_ball_params ball = *(const ms_ball_params *)rule->params;
    if (!(ball.radius_squared > 0))
        ball.radius_squared = settings->radius_squared;
    return ball;
}

static bool is_of_a_mode(const ms_sets *modes, size_t component)
{
    if (modes->count == 0)
        return component > 0;
    for (size_t m = 0; m < modes->end[modes->count - 1]; m++)
        if (modes->member[m] == component)
            return true;
    return false;
}

double ms_settings_radius_squared(const ms_settings *settings, size_t dimension)
{
    const ms_chosen *rule = settings->rules.item, *end = rule + settings->rules.count;
    double of_modes = 0, of_spread = 0;
    while (rule < end && (const ms_rule_type *)rule->kind != &ms_ball_rule)
        rule++;
    if (rule == end)
        return (double)NAN;
    for (size_t i = 0; i < ms_settings_components(settings); i++) {
        double variance = ms_settings_component(settings, i, dimension).variance_max;
        double *largest = is_of_a_mode(&settings->modes, i) ? &of_modes : &of_spread;
        *largest = fmax(*largest, variance);
    }
    const ms_ball_params ball = ball_of(settings, rule);
    return ms_ball_radius_squared(&ball, of_spread, of_modes);
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
    ms_ball_params ball;
    ms_status status = MS_ERROR_MEMORY;
    *clauses = NULL;
    for (size_t r = 0; rule && r < rules; r++) {
        rule[r] = (ms_rule_choice){(const ms_rule_type *)chosen[r].kind, chosen[r].params};
        if (rule[r].type == &ms_ball_rule) { /* it is there once at most */
            ball = ball_of(settings, &chosen[r]);
            rule[r].params = &ball;
        }
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
        sum += column->rank < 3                           ? 1
               : column->extent[2] == MS_EXTENT_COMPONENT ? ms_sweep_components(sweep)
                                                          : dimension;
    }
    return sum;
}
