/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/columns.h"

#include "estimate/job_type.h"
#include "observe/observables.h"
#include "sampler/passes.h"
#include "sampler/sampler_type.h"

#include <math.h>

static bool is_empty(const ms_sweep *sweep, const ms_column *column)
{
    for (unsigned i = 0; i < column->rank; i++)
        if (ms_sweep_extent(sweep, column->extent[i]) == 0)
            return true;
    return false;
}

static bool has_column(const ms_column *const *list, size_t count, const ms_column *column)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == column)
            return true;
    return false;
}

size_t ms_sweep_columns(const ms_sweep *sweep, const ms_column *list[MS_COLUMNS_MAX])
{
    const ms_observable_type *observables[MS_COLUMNS_MAX];
    size_t count = 0, observable_count = ms_sweep_observables(sweep, observables);
    bool has_chains = false;
    for (size_t e = 0; e < sweep->estimators; e++) {
        has_chains |= !sweep->estimator[e].type->units;
        for (const ms_column *const *column = sweep->estimator[e].type->columns; *column; column++)
            if (!is_empty(sweep, *column) && !has_column(list, count, *column))
                list[count++] = *column;
    }
    for (size_t o = 0; has_chains && sweep->snapshot_count > 0 && o < observable_count; o++)
        list[count++] = &observables[o]->column;
    return count;
}

size_t ms_sweep_extent(const ms_sweep *sweep, ms_extent extent)
{
    size_t largest = 0;
    switch (extent) {
    case MS_EXTENT_CHAIN:
        for (size_t p = 0; p < sweep->point_count; p++)
            if (ms_sweep_units(sweep, p) > largest)
                largest = ms_sweep_units(sweep, p);
        return largest;
    case MS_EXTENT_RULE:
        return ms_sweep_rules(sweep);
    case MS_EXTENT_MODE:
        return ms_sweep_modes(sweep);
    case MS_EXTENT_COMPONENT:
        return ms_sweep_components(sweep);
    case MS_EXTENT_SNAPSHOT:
        return sweep->snapshot_count;
    case MS_EXTENT_COORDINATE:
        for (size_t p = 0; p < sweep->point_count; p++)
            if (sweep->points[p].dimension > largest)
                largest = sweep->points[p].dimension;
        return largest;
    case MS_EXTENT_COUNT:
        break;
    }
    return 0;
}

const char *ms_sweep_rule(const ms_sweep *sweep, size_t rule)
{
    return ((const ms_chosen *)sweep->variant[0].rules.item)[rule].kind->name;
}

int64_t ms_sweep_mode(const ms_sweep *sweep, size_t mode)
{
    return (int64_t)ms_sweep_mode_component(sweep, mode);
}

size_t ms_sweep_estimators(const ms_sweep *sweep)
{
    return sweep->estimators;
}

const char *ms_sweep_estimator(const ms_sweep *sweep, size_t estimator)
{
    return sweep->estimator[estimator].type->kind.name;
}

const char *ms_sweep_validity(const ms_sweep *sweep, size_t point, size_t estimator)
{
    return sweep->validity ? sweep->validity[point * sweep->estimators + estimator] : "";
}

size_t ms_sweep_variants(const ms_sweep *sweep)
{
    return sweep->variants;
}

size_t ms_sweep_variant(const ms_sweep *sweep, size_t point)
{
    return sweep->points[point].variant;
}

/* A vector may be constant in one dimension and not in another: the first point of the variant tells. */
static size_t dimension_of(const ms_sweep *sweep, size_t variant)
{
    size_t p = 0;
    while (p + 1 < sweep->point_count && sweep->points[p].variant != variant)
        p++;
    return sweep->points[p].dimension;
}

void ms_sweep_component(const ms_sweep *sweep, size_t variant, size_t component, double *weight,
                        double *variance)
{
    ms_component c = ms_settings_component(&sweep->variant[variant], component, dimension_of(sweep, variant));
    *weight = c.weight;
    *variance = c.variance;
}

uint64_t ms_sweep_point_iterations(const ms_sweep *sweep, size_t point)
{
    return ms_sweep_settings(sweep, point)->iterations;
}

double ms_sweep_radius_squared(const ms_sweep *sweep, size_t point)
{
    return ms_settings_radius_squared(ms_sweep_settings(sweep, point), sweep->points[point].dimension);
}

static ms_cost cost_of(const ms_sweep *sweep, size_t point)
{
    const ms_settings *settings = ms_sweep_settings(sweep, point);
    return ms_settings_sampler(settings)->cost(settings->sampler.params);
}

double ms_sweep_score_evaluations(const ms_sweep *sweep, size_t point)
{
    return cost_of(sweep, point).score_evaluations;
}

double ms_sweep_density_evaluations(const ms_sweep *sweep, size_t point)
{
    return cost_of(sweep, point).density_evaluations;
}

static size_t patches_of(const ms_point *point)
{
    return point->dimension / point->patch_size + (point->dimension % point->patch_size != 0);
}

double ms_sweep_coordinate_updates(const ms_sweep *sweep, size_t point)
{
    const ms_settings *settings = ms_sweep_settings(sweep, point);
    const ms_point *at = &sweep->points[point];
    size_t patches = patches_of(at), last = patches - 1; /* the only one that may be shorter */
    double length = (double)at->dimension / (double)patches;
    if (settings->iterations_per_pass > 0) {
        const ms_passes passes = {at->dimension, at->patch_size, patches, 0, settings->iterations_per_pass};
        double share = (double)(passes.length - ms_passes_begin(&passes, last)) / (double)passes.length;
        length = (1 - share) * (double)at->patch_size +
                 share * (double)(at->dimension - ms_passes_coordinate(&passes, last));
    }
    return cost_of(sweep, point).updates * length;
}

double ms_sweep_pass_iterations(const ms_sweep *sweep, size_t point)
{
    const ms_settings *settings = ms_sweep_settings(sweep, point);
    const ms_point *at = &sweep->points[point];
    if (patches_of(at) == 1 && at->noise_level == 0)
        return NAN;
    return settings->iterations_per_pass > 0
               ? (double)settings->iterations_per_pass
               : (double)settings->iterations_per_patch * (double)patches_of(at);
}

size_t ms_sweep_axes(const ms_sweep *sweep, ms_point_axis list[MS_SWEEP_AXES_MAX])
{
    static const ms_point_axis known[MS_AXES_KNOWN] = {
        [MS_AXIS_DIMENSION] = {"dimension", MS_POINT_COUNT, "1", "dimension of the target"},
        [MS_AXIS_PATCH_SIZE] = {"patch_size", MS_POINT_COUNT, "1",
                                "coordinates in a patch; equal to the dimension: not chained"},
        [MS_AXIS_NOISE_LEVEL] = {"noise_level", MS_POINT_NUMBER, "1",
                                 "largest noise level of the schedule, a standard deviation; 0 is vanilla"},
        [MS_AXIS_SEED] = {"seed", MS_POINT_WORD, "1", "seed of the random numbers"}};
    static const ms_point_axis_type type[] = {
        [MS_AXIS_WHOLE] = MS_POINT_COUNT, [MS_AXIS_REAL] = MS_POINT_NUMBER, [MS_AXIS_TEXT] = MS_POINT_TEXT};
    size_t count = 0;
    for (size_t i = 0; i < MS_AXES_KNOWN; i++)
        list[count++] = known[i];
    for (size_t i = 0; i < sweep->further_axes; i++) {
        const ms_axis *axis = &sweep->further[i];
        list[count++] = (ms_point_axis){axis->name, type[axis->type], "1", "value of this axis of the grid"};
    }
    return count;
}

ms_point_value ms_sweep_axis_value(const ms_sweep *sweep, size_t axis, size_t point)
{
    /* the four that every sweep has come first in the file, last in the sweep */
    size_t of_sweep = axis < MS_AXES_KNOWN ? axis + sweep->further_axes : axis - MS_AXES_KNOWN;
    ms_axis_point value = ms_sweep_point_value(sweep, of_sweep, point);
    if (value.type == MS_AXIS_TEXT)
        return (ms_point_value){.text = value.text};
    return value.type == MS_AXIS_REAL ? (ms_point_value){.number = value.real}
                                      : (ms_point_value){.count = value.whole};
}
