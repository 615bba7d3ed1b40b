/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/kept_numbers.h"

#include "results/fault.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

ms_status ms_kept_numbers_init(ms_kept_numbers *numbers, const ms_block_map *map, ms_error *error)
{
    const ms_sweep *sweep = map->sweep;
    size_t points = sweep->point_count, components = ms_sweep_components(sweep) * sweep->variants;
    *numbers = (ms_kept_numbers){.map = map,
                                 .is_known = ms_calloc(points, sizeof(bool)),
                                 .key = ms_calloc(points, sizeof(uint64_t)),
                                 .radius_squared = ms_calloc(points, sizeof(double)),
                                 .weight = ms_calloc(components, sizeof(double)),
                                 .variance = ms_calloc(components, sizeof(double))};
    if (!numbers->is_known || !numbers->key || !numbers->radius_squared || !numbers->weight ||
        !numbers->variance)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu points", points);
    for (size_t i = 0; i < components; i++) /* of variants without points */
        numbers->weight[i] = numbers->variance[i] = (double)NAN;
    return MS_OK;
}

void ms_kept_numbers_free(ms_kept_numbers *numbers)
{
    free(numbers->is_known);
    free(numbers->key);
    free(numbers->radius_squared);
    free(numbers->weight);
    free(numbers->variance);
}

static void take_point(ms_kept_numbers *numbers, const ms_results *from, size_t point, uint64_t key,
                       double radius_squared)
{
    size_t index, components = from->info.components;
    if (!ms_block_map_point(numbers->map, from, point, &index))
        return;
    size_t to_row = ms_sweep_variant(numbers->map->sweep, index) * components;
    size_t row = (size_t)from->variant[point] * components;
    numbers->is_known[index] = true;
    numbers->key[index] = key;
    numbers->radius_squared[index] = radius_squared;
    memcpy(numbers->weight + to_row, from->weight + row, components * sizeof *numbers->weight);
    memcpy(numbers->variance + to_row, from->variance + row, components * sizeof *numbers->variance);
}

ms_status ms_kept_numbers_take(ms_kept_numbers *numbers, const ms_results *from, ms_error *error)
{
    size_t points = from->info.points;
    if (from->info.components != ms_sweep_components(numbers->map->sweep))
        return ms_error_set(
            error, MS_ERROR_FORMAT,
            "%s: its number of components differs from that of its sweep; the file is damaged", from->path);
    uint64_t *key = ms_calloc(points, sizeof *key);
    double *radius_squared = ms_calloc(points, sizeof *radius_squared);
    ms_status status = key && radius_squared
                           ? MS_OK
                           : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu points", points);
    if (status == MS_OK)
        status = ms_dataset_read(from, MS_DATASET_KEY, key, error);
    if (status == MS_OK)
        status = ms_dataset_read(from, MS_DATASET_RADIUS_SQUARED, radius_squared, error);
    for (size_t p = 0; status == MS_OK && p < points; p++)
        take_point(numbers, from, p, key[p], radius_squared[p]);
    free(key);
    free(radius_squared);
    return status;
}

ms_status ms_kept_numbers_check(const ms_kept_numbers *numbers, const char *path, ms_error *error)
{
    for (size_t p = 0; p < numbers->map->sweep->point_count; p++)
        if (!numbers->is_known[p])
            return ms_error_set(error, MS_ERROR_MISMATCH,
                                "%s: its grid has points that no file has, and the components are in a "
                                "separate file; give the sweep file: --sweep FILE",
                                path);
    return MS_OK;
}
