/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Part by part, as wide as registers are everywhere: all lanes at once would be put on the stack. */
#include "random/width.h"

#include "estimate/law_rule.h"
#include "target/target_type.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Whether clauses want a chain to be near to a component: at a small distance, or of a large weight. */
static bool is_wanted(const ms_run_params *run, size_t component)
{
    for (size_t i = 0; i < run->clause_count; i++) {
        const ms_clause *c = &run->clauses[i];
        const struct {
            ms_quantity quantity;
            size_t component;
            double coefficient;
        } side[2] = {{c->quantity, c->component, c->coefficient},
                     {c->reference_quantity, c->reference, c->reference_coefficient}};
        for (int s = 0; s < 2; s++)
            if (side[s].component == component &&
                ((side[s].quantity == MS_SQUARED_DISTANCE && side[s].coefficient > 0) ||
                 (side[s].quantity == MS_LOG_WEIGHT && side[s].coefficient < 0)))
                return true;
    }
    return false;
}

static size_t start_of(const ms_run_params *run)
{
    return run->start.type == MS_START_COMPONENT ? run->start.component : 0;
}

bool ms_law_may_trap(const ms_run_params *run)
{
    for (size_t i = 0; i < run->target->components; i++)
        if (i != start_of(run) && !is_wanted(run, i))
            return true;
    return false;
}

static ms_clause near_clause(ms_coordinate coordinate, size_t component, size_t spread)
{
    if (coordinate == MS_COORDINATE_DISTANCE)
        return (ms_clause){.component = component, .coefficient = 1, .quantity = MS_SQUARED_DISTANCE};
    return (ms_clause){.component = component,
                       .coefficient = -1,
                       .quantity = MS_LOG_WEIGHT,
                       .reference = spread,
                       .reference_coefficient = 1,
                       .reference_quantity = MS_LOG_WEIGHT};
}

ms_status ms_law_rule_clauses(const ms_run_params *run, ms_coordinate coordinate, ms_clause **clauses,
                              size_t *count, ms_error *error)
{
    size_t components = run->target->components;
    size_t spread = start_of(run);
    *count = run->clause_count;
    *clauses = calloc(run->clause_count + components, sizeof **clauses);
    if (!*clauses)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu clauses", *count + components);
    memcpy(*clauses, run->clauses, run->clause_count * sizeof **clauses);
    if (coordinate == MS_COORDINATE_RULE)
        return MS_OK;
    bool is_weight = coordinate == MS_COORDINATE_RESPONSIBILITY;
    if (!is_weight || !isnan(ms_target_weight(run->target, spread)))
        for (size_t i = 0; i < components; i++)
            if (is_wanted(run, i) && !(is_weight && i == spread))
                (*clauses)[(*count)++] = near_clause(coordinate, i, spread);
    if (*count > run->clause_count)
        return MS_OK;
    free(*clauses);
    *clauses = NULL;
    return ms_error_set(
        error, MS_ERROR_ARGUMENT, "the coordinate %s does not exist here: %s; use the coordinate rule",
        ms_coordinate_choices[coordinate].name,
        is_weight ? "it needs a mixture, and a rule by which a chain comes to another component "
                    "of it than it starts in"
                  : "no rule wants a chain to be near to a component");
}

static ms_lanes smaller(ms_lanes a, ms_lanes b)
{
    return ms_lanes_select(b < a, b, a);
}

/* What the nearest event is short of its bounds; adds the lanes in which one happens to `any`. What is not a
 * number is infinitely short. */
static ms_lanes slack(const ms_condition *condition, size_t count, const double *measure, size_t part,
                      ms_lanes_i *any)
{
    const ms_lanes infinite = ms_lanes_of((double)INFINITY);
    ms_lanes nearest = -infinite, event = infinite;
    ms_lanes_i all = ~(ms_lanes_i){0};
    for (size_t i = 0; i < count; i++) {
        const ms_condition *c = &condition[i];
        ms_lanes value = c->coefficient * ms_row_load(measure, c->row, part) +
                         c->reference_coefficient * ms_row_load(measure, c->reference_row, part);
        all &= value <= c->bound;
        event = smaller(event, ms_lanes_select(value <= infinite, c->bound - value, -infinite));
        if (c->joint == MS_AND_NEXT)
            continue;
        *any |= all;
        nearest = ms_lanes_max(nearest, event);
        all = ~(ms_lanes_i){0};
        event = infinite;
    }
    return nearest;
}

void ms_law_rule_coordinate(const ms_law_rule *rule, const double *measure, double *coordinate)
{
    const ms_lanes infinite = ms_lanes_of((double)INFINITY), most = ms_lanes_of(DBL_MAX);
    size_t own = rule->count - rule->discovery;
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        ms_lanes_i any = {0}, unused = {0};
        ms_lanes near = slack(rule->condition, rule->discovery, measure, part, &any);
        if (own > 0)
            near = slack(rule->condition + rule->discovery, own, measure, part, &unused);
        ms_row_store(coordinate, 0, part, ms_lanes_select(any, infinite, smaller(near, most) / rule->scale));
    }
}

void ms_law_rule_mark_diverged(const double *x, size_t rows, double *coordinate)
{
    const ms_lanes infinite = ms_lanes_of((double)INFINITY);
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        ms_lanes_i finite = ~(ms_lanes_i){0};
        for (size_t i = 0; i < rows; i++) {
            ms_lanes value = ms_row_load(x, i, part);
            finite &= (value < infinite) & (value > -infinite);
        }
        ms_row_store(coordinate, 0, part,
                     ms_lanes_select(finite, ms_row_load(coordinate, 0, part), ms_lanes_of((double)NAN)));
    }
}

void ms_law_rule_hash(const ms_law_rule *rule, ms_hash *hash)
{
    ms_hash_u64(hash, rule->discovery);
    ms_hash_u64(hash, rule->count);
    for (size_t i = 0; i < rule->count; i++) {
        const ms_condition *c = &rule->condition[i];
        ms_hash_u64(hash, c->row);
        ms_hash_u64(hash, c->reference_row);
        ms_hash_double(hash, c->coefficient);
        ms_hash_double(hash, c->reference_coefficient);
        ms_hash_double(hash, c->bound);
        ms_hash_u64(hash, c->joint);
    }
}
