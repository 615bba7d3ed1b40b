/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a point follows, in the words of the sampler library. */
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

size_t ms_sweep_modes(const ms_sweep *sweep)
{
    return ms_sweep_components(sweep) - 1;
}

static const ms_list *components_of(const ms_settings *settings)
{
    static const ms_list none;
    const ms_mixture_settings *mixture = settings->target.params;
    return mixture ? &mixture->components : &none;
}

size_t ms_settings_components(const ms_settings *settings)
{
    return components_of(settings)->count;
}

const ms_component *ms_settings_component(const ms_settings *settings, size_t component)
{
    return (const ms_component *)components_of(settings)->item + component;
}

ms_engine ms_settings_engine(const ms_settings *settings)
{
    if (settings->engine != MS_ENGINE_AUTO)
        return settings->engine;
    return settings->start.type == MS_START_UNIFORM ? MS_ENGINE_FULL : MS_ENGINE_REDUCED;
}

ms_schedule ms_settings_schedule(const ms_settings *settings, double noise_level)
{
    const ms_langevin_settings *langevin = settings->sampler.params;
    ms_schedule schedule = settings->schedule;
    schedule.noise_level = noise_level;
    schedule.step_size = langevin->step_size;
    return schedule;
}

ms_status ms_settings_target_alloc(const ms_settings *settings, size_t dimension, ms_target **target,
                                   ms_error *error)
{
    *target = NULL;
    size_t components = ms_settings_components(settings);
    for (size_t i = 0; i < components; i++) {
        const ms_vector *mean = &ms_settings_component(settings, i)->mean;
        if (!ms_vector_fits(mean, dimension))
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "mean %zu has %zu coordinates, the dimension is %zu", i, mean->value_count,
                                dimension);
    }
    if (dimension > MS_SWEEP_DIMENSION_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "dimension %zu is larger than %u", dimension,
                            MS_SWEEP_DIMENSION_MAX);
    double *weight = malloc((components * (dimension + 2) + 1) * sizeof *weight);
    if (!weight)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu means of dimension %zu",
                            components, dimension);
    double *variance = weight + components, *mean = variance + components;
    for (size_t i = 0; i < components; i++) {
        const ms_component *component = ms_settings_component(settings, i);
        weight[i] = component->weight;
        variance[i] = ms_vector_at(&component->variance, 0, dimension);
        for (size_t j = 0; j < dimension; j++)
            mean[i * dimension + j] = ms_vector_at(&component->mean, j, dimension);
    }
    const ms_mixture_params params = {.dimension = dimension,
                                      .components = components,
                                      .weight = weight,
                                      .mean = mean,
                                      .variance = variance};
    ms_status status =
        ms_target_alloc(target, ms_target_type_find(settings->target.kind->name), &params, error);
    free(weight);
    return status;
}
