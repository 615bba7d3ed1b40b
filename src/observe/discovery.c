/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/rule.h"
#include "observe/rule_ball.h"
#include "target/target_type.h"

#include <math.h>
#include <stdlib.h>

const char *ms_rule_name(ms_rule rule)
{
    return rule == MS_RULE_BALL ? "ball" : "switch";
}

double ms_discovery_radius_squared(const ms_target *target)
{
    double largest = 0;
    for (size_t i = 1; i < ms_target_components(target); i++)
        largest = fmax(largest, target->type->variance_max(target->content, i));
    return ms_ball_radius_squared(NULL, target->type->variance_max(target->content, 0), largest);
}

void ms_clause_add(ms_clauses *clauses, ms_clause clause)
{
    if (clauses->count == clauses->capacity) {
        size_t capacity = clauses->capacity > 0 ? 2 * clauses->capacity : 64;
        ms_clause *grown =
            capacity / 2 <= MS_CLAUSES_MAX ? realloc(clauses->each, capacity * sizeof *grown) : NULL;
        if (!grown) {
            clauses->out_of_memory = true;
            return;
        }
        clauses->each = grown;
        clauses->capacity = capacity;
    }
    clauses->each[clauses->count++] = clause;
}

/* Tells the components of modes from those of none, and the largest variance of either. `*spread` is the
 * caller's to free. False without memory. */
static bool set_scene(ms_scene *scene, size_t **spread)
{
    const ms_target *target = scene->target;
    size_t components = ms_target_components(target);
    bool *is_of_mode = calloc(components + 1, sizeof *is_of_mode);
    *spread = calloc(components + 1, sizeof **spread);
    for (size_t m = 0; is_of_mode && m < scene->mode_count; m++)
        for (size_t c = 0; c < scene->modes[m].count; c++)
            is_of_mode[scene->modes[m].component[c]] = true;
    for (size_t i = 0; is_of_mode && *spread && i < components; i++) {
        double variance = target->type->variance_max(target->content, i);
        double *largest = is_of_mode[i] ? &scene->variance_of_modes : &scene->variance_of_spread;
        *largest = fmax(*largest, variance);
        if (!is_of_mode[i])
            (*spread)[scene->spread_count++] = i;
    }
    scene->spread = *spread;
    bool good = is_of_mode && *spread;
    free(is_of_mode);
    return good;
}

ms_status ms_discovery_clauses(const ms_target *target, const ms_rule_choice *rules, size_t rule_count,
                               const ms_mode *modes, size_t mode_count, ms_clause **clauses, size_t *count,
                               ms_error *error)
{
    ms_clauses list = {0};
    ms_scene scene = {.target = target, .modes = modes, .mode_count = mode_count};
    ms_status status = MS_OK;
    *clauses = NULL;
    for (size_t m = 0; m < mode_count; m++)
        if (rule_count > 0 && modes[m].count == 0)
            return ms_error_set(error, MS_ERROR_ARGUMENT, "mode %zu has no component", m + 1);
    for (size_t m = 0; m < mode_count; m++)
        for (size_t c = 0; c < modes[m].count; c++)
            if (modes[m].component[c] >= ms_target_components(target))
                return ms_error_set(error, MS_ERROR_ARGUMENT,
                                    "mode %zu has component %zu; the target has components 0 to %zu", m + 1,
                                    modes[m].component[c], ms_target_components(target) - 1);
    size_t *spread;
    bool is_set = set_scene(&scene, &spread);
    for (size_t r = 0; is_set && status == MS_OK && r < rule_count; r++)
        for (size_t m = 0; status == MS_OK && m < mode_count; m++)
            status = rules[r].type->add_event(&scene, rules[r].params, &modes[m], &list, error);
    if (status == MS_OK && (!is_set || list.out_of_memory))
        status =
            ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the events of %zu modes", mode_count);
    free(spread);
    if (status != MS_OK) {
        free(list.each);
        return status;
    }
    *clauses = list.each;
    *count = list.count;
    return MS_OK;
}

void ms_discovery_events(const ms_target *target, double radius_squared, ms_clause *clauses)
{
    size_t modes = ms_target_components(target) - 1;
    for (size_t mode = 1; mode <= modes; mode++) {
        clauses[mode - 1] = (ms_clause){.component = mode,
                                        .coefficient = 1,
                                        .bound = radius_squared * (double)ms_target_dimension(target)};
        clauses[modes + mode - 1] = (ms_clause){.component = mode,
                                                .coefficient = -1,
                                                .reference_coefficient = 1,
                                                .quantity = MS_LOG_WEIGHT,
                                                .reference_quantity = MS_LOG_WEIGHT};
    }
}

int64_t ms_discovery_any(const int64_t *time, size_t modes)
{
    int64_t first = MS_CENSORED;
    for (size_t i = 0; i < modes; i++)
        if (time[i] != MS_CENSORED && (first == MS_CENSORED || time[i] < first))
            first = time[i];
    return first;
}

int64_t ms_discovery_all(const int64_t *time, size_t modes)
{
    int64_t last = MS_CENSORED;
    for (size_t i = 0; i < modes; i++) {
        if (time[i] == MS_CENSORED)
            return MS_CENSORED;
        if (time[i] > last)
            last = time[i];
    }
    return last;
}
