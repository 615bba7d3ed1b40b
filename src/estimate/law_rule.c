/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Part by part, as wide as registers are everywhere: all lanes at once would be put on the stack. */
#include "random/width.h"

#include "estimate/law_rule.h"

#include <math.h>
#include <modeseek/random.h>

static ms_lanes smaller(ms_lanes a, ms_lanes b)
{
    return ms_lanes_select(b < a, b, a);
}

static ms_lanes slack_of(const ms_condition *condition, size_t count, double scale, const double *measure,
                         size_t part)
{
    const ms_lanes infinite = ms_lanes_of((double)INFINITY);
    ms_lanes nearest = -infinite, event = infinite;
    ms_lanes_i all = ~(ms_lanes_i){0}, any = {0}, invalid = {0};
    for (size_t i = 0; i < count; i++) {
        const ms_condition *c = &condition[i];
        ms_lanes value = c->coefficient * ms_row_load(measure, c->row, part) +
                         c->reference_coefficient * ms_row_load(measure, c->reference_row, part);
        invalid |= value != value;
        all &= value <= c->bound;
        event = smaller(event, c->bound - value);
        if (c->joint == MS_AND_NEXT)
            continue;
        any |= all;
        nearest = ms_lanes_max(nearest, event);
        all = ~(ms_lanes_i){0};
        event = infinite;
    }
    ms_lanes outside = ms_lanes_select(invalid, ms_lanes_of((double)NAN), nearest / scale);
    return ms_lanes_select(any, infinite, outside);
}

void ms_law_rule_slack(const ms_condition *condition, size_t count, double scale, const double *measure,
                       double *slack)
{
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH)
        ms_row_store(slack, 0, part, slack_of(condition, count, scale, measure, part));
}

void ms_law_rule_hash(const ms_condition *condition, size_t count, ms_hash *hash)
{
    ms_hash_u64(hash, count);
    for (size_t i = 0; i < count; i++) {
        const ms_condition *c = &condition[i];
        ms_hash_u64(hash, c->row);
        ms_hash_u64(hash, c->reference_row);
        ms_hash_double(hash, c->coefficient);
        ms_hash_double(hash, c->reference_coefficient);
        ms_hash_double(hash, c->bound);
        ms_hash_u64(hash, c->joint);
    }
}
