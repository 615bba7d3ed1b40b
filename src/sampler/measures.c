/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sampler/measures.h"

ms_measures ms_measures_of(const ms_target *target, const ms_target_type *type, const ms_clause *clauses,
                           size_t clause_count)
{
    ms_measures m = {.type = type, .content = target->content, .components = target->components};
    for (size_t i = 0; i < clause_count; i++) {
        const ms_clause *c = &clauses[i];
        bool has_reference = c->reference_coefficient != 0;
        m.needs[c->quantity] = true;
        m.needs[c->reference_quantity] |= has_reference;
        m.needs_distance_0 |=
            (c->quantity == MS_SQUARED_DISTANCE && c->component == 0) ||
            (c->reference_quantity == MS_SQUARED_DISTANCE && c->reference == 0 && has_reference);
    }
    return m;
}

size_t ms_measures_rows(const ms_measures *m)
{
    return 2 * m->components + 1;
}

static size_t row_of(const ms_measures *m, ms_quantity quantity, size_t component)
{
    return quantity == MS_SQUARED_DISTANCE ? component
           : quantity == MS_LOG_WEIGHT     ? m->components + component
                                           : 2 * m->components;
}

ms_condition ms_measures_condition(const ms_measures *m, const ms_clause *clause)
{
    size_t reference = clause->reference_coefficient != 0 ? clause->reference : 0; /* else it may be none */
    return (ms_condition){row_of(m, clause->quantity, clause->component),
                          row_of(m, clause->reference_quantity, reference),
                          clause->coefficient,
                          clause->reference_coefficient,
                          clause->bound,
                          clause->joint};
}

void ms_measures_find(const ms_measures *m, const bool needs[3], const double *statistics, const double *x,
                      const int64_t *active, double *measure)
{
    double *distance = needs[MS_SQUARED_DISTANCE] ? measure : NULL;
    double *log_density = needs[MS_LOG_DENSITY] ? measure + 2 * m->components * MS_LANES : NULL;
    double *log_weight = needs[MS_LOG_WEIGHT] || log_density ? measure + m->components * MS_LANES : NULL;
    if (!m->type->measure_whole) {
        m->type->measure(m->content, statistics, distance, log_weight, log_density);
        return;
    }
    m->type->measure(m->content, statistics, distance, NULL, NULL);
    if (log_weight)
        m->type->measure_whole(m->content, x, active, needs[MS_LOG_WEIGHT] ? log_weight : NULL, log_density);
}
