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

static const ms_target_type *family_of(const ms_settings *settings)
{
    return settings->target.params ? (const ms_target_type *)settings->target.kind : NULL;
}

static size_t mode_count(const ms_settings *settings)
{
    size_t components = ms_settings_components(settings);
    const ms_target_type *family = family_of(settings);
    if (settings->modes.count > 0)
        return settings->modes.count;
    if (family && family->modes)
        return family->modes(settings->target.params);
    return components > 0 ? components - 1 : 0;
}

/* The number, from 1, of the mode that a component is of by default; 0: of none. */
static size_t default_mode(const ms_settings *settings, size_t component)
{
    const ms_target_type *family = family_of(settings);
    return family && family->mode_of ? family->mode_of(settings->target.params, component) : component;
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

static bool is_of_a_mode(const ms_settings *settings, size_t component)
{
    const ms_sets *modes = &settings->modes;
    if (modes->count == 0)
        return default_mode(settings, component) > 0;
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
        double *largest = is_of_a_mode(settings, i) ? &of_modes : &of_spread;
        *largest = fmax(*largest, variance);
    }
    const ms_ball_params ball = ball_of(settings, rule);
    return ms_ball_radius_squared(&ball, of_spread, of_modes);
}

bool ms_settings_find_modes(ms_settings *settings)
{
    size_t components = ms_settings_components(settings);
    const ms_sets *sets = &settings->modes;
    uint32_t *mode_of = calloc(components + 1, sizeof *mode_of);
    for (size_t i = 0; mode_of && sets->count == 0 && i < components; i++)
        mode_of[i] = (uint32_t)default_mode(settings, i);
    for (size_t m = 0, member = 0; mode_of && m < sets->count; m++)
        for (; member < sets->end[m]; member++)
            if (sets->member[member] < components)
                mode_of[sets->member[member]] = (uint32_t)(m + 1);
    settings->mode_of = mode_of;
    return mode_of;
}

/* The components of each mode by default, one mode after the other: `end` [modes], `member` [components]. */
static void list_default_modes(const ms_settings *settings, size_t modes, size_t *end, size_t *member)
{
    size_t components = ms_settings_components(settings), at = 0;
    for (size_t i = 0; i < components; i++)
        if (default_mode(settings, i) > 0)
            end[default_mode(settings, i) - 1]++;
    for (size_t m = 0; m < modes; m++) {
        at += end[m];
        end[m] = at - end[m]; /* where it begins, which moves to its end */
    }
    for (size_t i = 0; i < components; i++)
        if (default_mode(settings, i) > 0)
            member[end[default_mode(settings, i) - 1]++] = i;
}

ms_status ms_settings_clauses(const ms_settings *settings, const ms_target *target, ms_clause **clauses,
                              size_t *count, ms_error *error)
{
    const ms_sets *sets = &settings->modes;
    const ms_chosen *chosen = settings->rules.item;
    size_t modes = mode_count(settings), rules = settings->rules.count;
    ms_mode *mode = calloc(modes + 1, sizeof *mode);
    ms_rule_choice *rule = calloc(rules + 1, sizeof *rule);
    size_t *end = calloc(modes + 1, sizeof *end);
    size_t *member = calloc(ms_settings_components(settings) + 1, sizeof *member);
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
    if (end && member && sets->count == 0)
        list_default_modes(settings, modes, end, member);
    const ms_sets all = sets->count > 0 ? *sets : (ms_sets){end, member, modes};
    for (size_t m = 0; mode && end && member && m < modes; m++) {
        size_t first = m > 0 ? all.end[m - 1] : 0;
        mode[m] = (ms_mode){all.member + first, all.end[m] - first};
    }
    if (mode && rule && end && member)
        status = ms_discovery_clauses(target, rule, rules, mode, modes, clauses, count, error);
    else
        ms_error_set(error, status, "out of memory for %zu modes", modes);
    free(mode);
    free(rule);
    free(end);
    free(member);
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
