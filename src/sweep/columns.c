/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/columns.h"

#include "hitting/columns.h"

static bool is_empty(const ms_sweep *sweep, const ms_column *column)
{
    for (unsigned i = 0; i < column->rank; i++)
        if (ms_sweep_extent(sweep, column->extent[i]) == 0)
            return true;
    return false;
}

size_t ms_sweep_columns(const ms_sweep *sweep, const ms_column *list[MS_COLUMNS_MAX])
{
    static const ms_column *const all[] = {&ms_column_discovery_time, &ms_column_observed,
                                           &ms_column_squared_distance, &ms_column_responsibility};
    size_t count = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!is_empty(sweep, all[i]))
            list[count++] = all[i];
    return count;
}

size_t ms_sweep_extent(const ms_sweep *sweep, ms_extent extent)
{
    size_t largest = 0;
    switch (extent) {
    case MS_EXTENT_CHAIN:
        return sweep->chains;
    case MS_EXTENT_RULE:
        return MS_RULE_COUNT;
    case MS_EXTENT_MODE:
        return ms_sweep_modes(sweep);
    case MS_EXTENT_COMPONENT:
        return sweep->component_count;
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
    (void)sweep;
    return ms_rule_name((ms_rule)rule);
}

int64_t ms_sweep_mode(const ms_sweep *sweep, size_t mode)
{
    (void)sweep;
    return (int64_t)mode + 1;
}

size_t ms_sweep_estimators(const ms_sweep *sweep)
{
    (void)sweep;
    return 1;
}

const char *ms_sweep_estimator(const ms_sweep *sweep, size_t estimator)
{
    (void)sweep;
    (void)estimator;
    return "direct";
}

const char *ms_sweep_validity(const ms_sweep *sweep, size_t point, size_t estimator)
{
    (void)sweep;
    (void)point;
    (void)estimator;
    return "";
}

size_t ms_sweep_variants(const ms_sweep *sweep)
{
    (void)sweep;
    return 1;
}

size_t ms_sweep_variant(const ms_sweep *sweep, size_t point)
{
    (void)sweep;
    (void)point;
    return 0;
}

void ms_sweep_component(const ms_sweep *sweep, size_t variant, size_t component, double *weight,
                        double *variance)
{
    (void)variant;
    *weight = sweep->component[component].weight;
    *variance = sweep->component[component].variance;
}

uint64_t ms_sweep_point_iterations(const ms_sweep *sweep, size_t point)
{
    (void)point;
    return sweep->iterations;
}

double ms_sweep_radius_squared(const ms_sweep *sweep, size_t point)
{
    double variance[MS_COMPONENTS_MAX] = {0};
    (void)point;
    for (size_t i = 0; i < sweep->component_count; i++)
        variance[i] = sweep->component[i].variance;
    return sweep->radius_squared > 0 ? sweep->radius_squared
                                     : ms_default_radius_squared(variance, sweep->component_count);
}

enum { DIMENSION, PATCH_SIZE, NOISE_LEVEL, SEED, AXES };

size_t ms_sweep_axes(const ms_sweep *sweep, ms_point_axis list[MS_SWEEP_AXES_MAX])
{
    static const ms_point_axis axis[AXES] = {
        [DIMENSION] = {"dimension", MS_POINT_COUNT, "1", "dimension of the target"},
        [PATCH_SIZE] = {"patch_size", MS_POINT_COUNT, "1",
                        "coordinates in a patch; equal to the dimension: not chained"},
        [NOISE_LEVEL] = {"noise_level", MS_POINT_NUMBER, "1",
                         "largest noise level of the schedule, a standard deviation; 0 is vanilla"},
        [SEED] = {"seed", MS_POINT_WORD, "1", "seed of the random numbers"}};
    (void)sweep;
    for (size_t i = 0; i < AXES; i++)
        list[i] = axis[i];
    return AXES;
}

ms_point_value ms_sweep_axis_value(const ms_sweep *sweep, size_t axis, size_t point)
{
    const ms_point *at = &sweep->points[point];
    switch (axis) {
    case DIMENSION:
        return (ms_point_value){.count = at->dimension};
    case PATCH_SIZE:
        return (ms_point_value){.count = at->patch_size};
    case NOISE_LEVEL:
        return (ms_point_value){.number = at->noise_level};
    default:
        return (ms_point_value){.count = at->seed};
    }
}
