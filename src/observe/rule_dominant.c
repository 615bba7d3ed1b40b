/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mode holds most of what there is: some component of it has at least the responsibility `share` at x, of
 * the whole mixture. */
#include "observe/rule.h"
#include "random/elementary.h"

#include <math.h>

typedef struct params {
    double share; /* 0: a half */
} params;

static const ms_field fields[] = {
    {.key = "share",
     .type = MS_FIELD_NUMBER,
     .role = MS_ROLE_RECORD,
     .doc = "least responsibility",
     .fallback = "0.5",
     .offset = offsetof(params, share),
     .low = 0,
     .above_low = true,
     .high = 1},
};
static const ms_schema schema = {"rule: dominant", fields, sizeof fields / sizeof *fields};

/* log P - l_i <= -log share */
static ms_status add_event(const ms_scene *scene, const void *parameters, const ms_mode *mode,
                           ms_clauses *clauses, ms_error *error)
{
    const params *p = parameters;
    double share = p && p->share > 0 ? p->share : 0.5;
    if (isnan(ms_target_weight(scene->target, mode->component[0])))
        return ms_error_set(error, MS_ERROR_ARGUMENT, "the rule dominant needs a mixture");
    for (size_t i = 0; i < mode->count; i++)
        ms_clause_add(clauses, (ms_clause){.coefficient = 1,
                                           .quantity = MS_LOG_DENSITY,
                                           .reference = mode->component[i],
                                           .reference_coefficient = -1,
                                           .reference_quantity = MS_LOG_WEIGHT,
                                           .bound = -ms_log(share),
                                           .joint = i + 1 < mode->count ? MS_OR_NEXT : MS_ALONE});
    return MS_OK;
}

const ms_rule_type ms_dominant_rule = {.kind = {.name = "dominant",
                                                .doc = "the mode holds most of the responsibility",
                                                .schema = &schema,
                                                .params_size = sizeof(params)},
                                       .needs_density = true,
                                       .add_event = add_event};
