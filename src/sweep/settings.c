/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a point follows, in the words of the sampler library. */
#include "observe/rule.h"
#include "sampler/sampler_type.h"
#include "sweep/sweep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const ms_settings *ms_sweep_settings(const ms_sweep *sweep, size_t point)
{
    return &sweep->variant[sweep->points[point].variant];
}

size_t ms_sweep_axis_count(const ms_sweep *sweep)
{
    return sweep->further_axes + MS_AXES_KNOWN;
}

const ms_axis *ms_sweep_axis(const ms_sweep *sweep, size_t axis)
{
    return axis < sweep->further_axes ? &sweep->further[axis] : &sweep->axis[axis - sweep->further_axes];
}

ms_axis_point ms_sweep_point_value(const ms_sweep *sweep, size_t axis, size_t point)
{
    const ms_point *at = &sweep->points[point];
    ms_axis_point value = {.type = ms_sweep_axis(sweep, axis)->type};
    if (axis < sweep->further_axes) {
        const ms_axis_value *further =
            &sweep->further[axis].value[ms_sweep_further_value(sweep, axis, at->variant)];
        value.whole = further->whole;
        value.real = further->real;
        value.text = further->text;
        return value;
    }
    switch (axis - sweep->further_axes) {
    case MS_AXIS_DIMENSION:
        value.whole = at->dimension;
        break;
    case MS_AXIS_PATCH_SIZE:
        value.whole = at->patch_size;
        break;
    case MS_AXIS_NOISE_LEVEL:
        value.real = at->noise_level;
        break;
    default:
        value.whole = at->seed;
        break;
    }
    return value;
}

size_t ms_sweep_further_value(const ms_sweep *sweep, size_t axis, size_t variant)
{
    for (size_t i = sweep->further_axes - 1; i > axis; i--)
        variant /= sweep->further[i].count > 0 ? sweep->further[i].count : 1;
    return sweep->further[axis].count > 0 ? variant % sweep->further[axis].count : 0;
}

void ms_sweep_describe_variant(const ms_sweep *sweep, size_t variant, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < sweep->further_axes; i++) {
        const ms_axis *axis = &sweep->further[i];
        size_t used = strlen(text);
        if (axis->count < 2)
            continue;
        const ms_axis_value *value = &axis->value[ms_sweep_further_value(sweep, i, variant)];
        char shown[MS_AXIS_NAME_MAX + 1];
        if (axis->type == MS_AXIS_TEXT)
            snprintf(shown, sizeof shown, "%s", value->text);
        else if (axis->type == MS_AXIS_REAL)
            snprintf(shown, sizeof shown, "%.6g", value->real);
        else
            snprintf(shown, sizeof shown, "%" PRIu64, value->whole);
        const char *comma = used > 0 ? ", " : "";
        if (used + strlen(comma) + strlen(axis->name) + sizeof " is " + strlen(shown) <= size)
            snprintf(text + used, size - used, "%s%s is %s", comma, axis->name, shown);
    }
}

uint64_t ms_sweep_iterations(const ms_sweep *sweep)
{
    uint64_t most = 0;
    for (size_t v = 0; v < sweep->variants; v++)
        most = sweep->variant[v].iterations > most ? sweep->variant[v].iterations : most;
    return most;
}

size_t ms_sweep_components(const ms_sweep *sweep)
{
    return ms_settings_components(&sweep->variant[0]);
}

static const ms_target_type *family(const ms_settings *settings)
{
    return settings->target.params ? (const ms_target_type *)settings->target.kind : NULL;
}

const ms_sampler_type *ms_settings_sampler(const ms_settings *settings)
{
    return (const ms_sampler_type *)settings->sampler.kind;
}

size_t ms_settings_components(const ms_settings *settings)
{
    return family(settings) ? family(settings)->count(settings->target.params) : 0;
}

ms_component ms_settings_component(const ms_settings *settings, size_t component, size_t dimension)
{
    return family(settings)->component(settings->target.params, component, dimension);
}

static bool needs_density(const ms_settings *settings)
{
    const ms_chosen *rule = settings->rules.item;
    for (size_t r = 0; r < settings->rules.count; r++)
        if (rule[r].kind && ((const ms_rule_type *)rule[r].kind)->needs_density)
            return true;
    return false;
}

ms_engine ms_settings_engine(const ms_settings *settings, size_t dimension)
{
    const ms_target_type *type = family(settings);
    if (settings->engine != MS_ENGINE_AUTO)
        return settings->engine;
    if (type && type->denoiser && settings->sampler.kind == (const ms_kind *)ms_sampler_langevin)
        return MS_ENGINE_BATCHED;
    if (settings->sampler.kind != (const ms_kind *)ms_sampler_langevin || !type || needs_density(settings) ||
        ms_settings_components(settings) > MS_ISOTROPIC_COMPONENTS_MAX ||
        !type->is_isotropic(settings->target.params, dimension))
        return MS_ENGINE_GENERIC;
    return settings->start.type == MS_START_UNIFORM ? MS_ENGINE_FULL : MS_ENGINE_REDUCED;
}

ms_schedule ms_settings_schedule(const ms_settings *settings, double noise_level)
{
    const double *step_size = settings->sampler.params; /* with which the params of all samplers begin */
    ms_schedule schedule = settings->schedule;
    schedule.noise_level = noise_level;
    schedule.step_size = *step_size;
    return schedule;
}

ms_status ms_settings_target_alloc(const ms_settings *settings, size_t dimension, ms_target **target,
                                   ms_error *error)
{
    *target = NULL;
    if (dimension > MS_SWEEP_DIMENSION_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "dimension %zu is larger than %u", dimension,
                            MS_SWEEP_DIMENSION_MAX);
    return ms_target_make(target, family(settings), settings->target.params, dimension, error);
}
