/* SPDX-License-Identifier: GPL-3.0-or-later */
/* l_i(x) >= l_0(x): some component of the mode outweighs every spread mode. */
#include "observe/rule.h"

#include <math.h>

static ms_status add_event(const ms_scene *scene, const void *params, const ms_mode *mode,
                           ms_clauses *clauses, ms_error *error)
{
    (void)params;
    if (scene->spread_count == 0 || isnan(ms_target_weight(scene->target, scene->spread[0])))
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "the rule switch needs a mixture with a component that belongs to no mode");
    for (size_t i = 0; i < mode->count; i++)
        for (size_t s = 0; s < scene->spread_count; s++)
            ms_clause_add(clauses, (ms_clause){.component = mode->component[i],
                                               .coefficient = -1,
                                               .reference = scene->spread[s],
                                               .reference_coefficient = 1,
                                               .quantity = MS_LOG_WEIGHT,
                                               .reference_quantity = MS_LOG_WEIGHT,
                                               .joint = s + 1 < scene->spread_count ? MS_AND_NEXT
                                                        : i + 1 < mode->count       ? MS_OR_NEXT
                                                                                    : MS_ALONE});
    return MS_OK;
}

const ms_rule_type ms_switch_rule = {.kind = {.name = "switch", .doc = "the mode outweighs the spread mode"},
                                     .add_event = add_event};
