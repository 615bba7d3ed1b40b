/* SPDX-License-Identifier: GPL-3.0-or-later */
/* |x - mean_i|^2 <= r^2 d */
#include "observe/rule_ball.h"
#include "observe/rule.h"
#include "target/target_type.h"

#include <math.h>

static const ms_field fields[] = {
    {.key = "radius_squared",
     .type = MS_FIELD_NUMBER,
     .role = MS_ROLE_RECORD,
     .doc = "r^2 of the ball rule",
     .sweepable = true,
     .offset = offsetof(ms_ball_params, radius_squared),
     .low = 0,
     .above_low = true,
     .high = 1e100},
};
static const ms_schema schema = {"rule: ball", fields, sizeof fields / sizeof *fields};

double ms_ball_radius_squared(const ms_ball_params *params, double of_spread, double of_modes)
{
    return params && params->radius_squared > 0 ? params->radius_squared : (of_spread + of_modes) / 2;
}

static ms_status add_event(const ms_scene *scene, const void *params, const ms_mode *mode,
                           ms_clauses *clauses, ms_error *error)
{
    double r2 = ms_ball_radius_squared(params, scene->variance_of_spread, scene->variance_of_modes);
    if (!(r2 > 0))
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "the components of this target have no variance; give the rule ball a radius_squared");
    for (size_t i = 0; i < mode->count; i++)
        ms_clause_add(clauses, (ms_clause){.component = mode->component[i],
                                           .coefficient = 1,
                                           .bound = r2 * (double)ms_target_dimension(scene->target),
                                           .joint = i + 1 < mode->count ? MS_OR_NEXT : MS_ALONE});
    return MS_OK;
}

const ms_rule_type ms_ball_rule = {.kind = {.name = "ball",
                                            .doc = "within a distance of the mode's mean",
                                            .schema = &schema,
                                            .params_size = sizeof(ms_ball_params)},
                                   .add_event = add_event};
