/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid: axes to points. */
#include "sweep/draft.h"

#include <inttypes.h>
#include <stdlib.h>

/* The patch size number `index` at a dimension; 0 if it stood earlier in the axis: `full` and the dimension
 * itself are the same point. */
static uint64_t resolve(const ms_axis *axis, size_t index, uint64_t dimension)
{
    uint64_t size = axis->value[index].whole;
    if (size != MS_AXIS_FULL && size != dimension)
        return size;
    uint64_t twin = size == MS_AXIS_FULL ? dimension : MS_AXIS_FULL;
    for (size_t i = 0; i < index; i++)
        if (axis->value[i].whole == twin)
            return 0;
    return dimension;
}

static bool fits(const ms_draft *draft, uint64_t size, uint64_t dimension)
{
    return size <= dimension &&
           (dimension % size == 0 || draft->sweep.indivisible == MS_INDIVISIBLE_SHORTER_LAST_PATCH);
}

/* One message a patch size, at the first dimension that it does not fit. */
static bool check_patch_sizes(ms_reader *reader, const ms_draft *draft)
{
    if (draft->sweep.indivisible == MS_INDIVISIBLE_SKIP)
        return true;
    size_t before = reader->diagnostics->count;
    for (size_t p = 0; p < draft->patch_size.count; p++) {
        const ms_axis_value *size = &draft->patch_size.value[p];
        for (size_t d = 0; size->whole != MS_AXIS_FULL && d < draft->dimension.count; d++) {
            uint64_t dimension = draft->dimension.value[d].whole;
            if (fits(draft, size->whole, dimension))
                continue;
            if (size->whole > dimension)
                ms_complain(reader, size->node,
                            "patch_size %" PRIu64 " is larger than dimension %" PRIu64
                            "; remove it, or add `indivisible: skip` to leave such points out",
                            size->whole, dimension);
            else
                ms_complain(reader, size->node,
                            "patch_size %" PRIu64 " does not divide dimension %" PRIu64
                            "; change it, or add `indivisible: skip` or `indivisible: shorter_last_patch`",
                            size->whole, dimension);
            break;
        }
    }
    return reader->diagnostics->count == before;
}

static void add_points(ms_draft *draft, uint64_t dimension, uint64_t patch_size)
{
    ms_sweep *sweep = &draft->sweep;
    for (size_t n = 0; n < draft->noise_level.count; n++)
        for (size_t s = 0; s < draft->seed.count; s++)
            sweep->points[sweep->point_count++] = (ms_point){.dimension = dimension,
                                                             .patch_size = patch_size,
                                                             .noise_level = draft->noise_level.value[n].real,
                                                             .seed = draft->seed.value[s].whole};
}

void ms_draft_points(ms_reader *reader, ms_draft *draft, const ms_node *root)
{
    const ms_node *grid = ms_node_get(root, "grid");
    ms_sweep *sweep = &draft->sweep;
    size_t dimensions = draft->dimension.count, sizes = draft->patch_size.count,
           levels = draft->noise_level.count, seeds = draft->seed.count;
    /* each is at most 10^4, so the product cannot overflow */
    uint64_t product = (uint64_t)dimensions * sizes * levels * seeds;
    if (product == 0)
        return;
    if (product > MS_SWEEP_POINTS_MAX) {
        ms_complain(reader, grid,
                    "the grid has %zu dimensions x %zu patch sizes x %zu noise levels x %zu seeds = %" PRIu64
                    " points; at most %u are allowed: shorten an axis",
                    dimensions, sizes, levels, seeds, product, MS_SWEEP_POINTS_MAX);
        return;
    }
    if (!check_patch_sizes(reader, draft))
        return;
    sweep->points = calloc(product, sizeof *sweep->points);
    if (!sweep->points) {
        reader->out_of_memory = true;
        return;
    }
    for (size_t d = 0; d < dimensions; d++)
        for (size_t p = 0; p < sizes; p++) {
            uint64_t dimension = draft->dimension.value[d].whole;
            uint64_t size = resolve(&draft->patch_size, p, dimension);
            if (size == 0)
                continue;
            if (fits(draft, size, dimension))
                add_points(draft, dimension, size);
            else
                sweep->skipped_points += levels * seeds;
        }
    if (sweep->point_count == 0)
        ms_complain(reader, grid, "no point is left, for no patch_size divides a dimension; add `full`");
}
