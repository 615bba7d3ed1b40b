/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid: axes to points. */
#include "sweep/draft.h"

#include <inttypes.h>
#include <stdio.h>
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
    for (size_t p = 0; p < draft->sweep.axis[MS_AXIS_PATCH_SIZE].count; p++) {
        const ms_axis_value *size = &draft->sweep.axis[MS_AXIS_PATCH_SIZE].value[p];
        for (size_t d = 0; size->whole != MS_AXIS_FULL && d < draft->sweep.axis[MS_AXIS_DIMENSION].count;
             d++) {
            uint64_t dimension = draft->sweep.axis[MS_AXIS_DIMENSION].value[d].whole;
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

static void add_points(ms_draft *draft, size_t variant, uint64_t dimension, uint64_t patch_size)
{
    ms_sweep *sweep = &draft->sweep;
    for (size_t n = 0; n < draft->sweep.axis[MS_AXIS_NOISE_LEVEL].count; n++)
        for (size_t s = 0; s < draft->sweep.axis[MS_AXIS_SEED].count; s++)
            sweep->points[sweep->point_count++] =
                (ms_point){.variant = variant,
                           .dimension = dimension,
                           .patch_size = patch_size,
                           .noise_level = draft->sweep.axis[MS_AXIS_NOISE_LEVEL].value[n].real,
                           .seed = draft->sweep.axis[MS_AXIS_SEED].value[s].whole};
}

static void complain_product(ms_reader *reader, const ms_draft *draft, const ms_node *grid, uint64_t product)
{
    const ms_axis *axis = draft->sweep.axis;
    char variants[48] = "";
    if (draft->sweep.variants > 1)
        snprintf(variants, sizeof variants, "%zu variants x ", draft->sweep.variants);
    ms_complain(reader, grid,
                "the grid has %s%zu dimensions x %zu patch sizes x %zu noise levels x %zu seeds = %" PRIu64
                " points; at most %u are allowed: shorten an axis",
                variants, axis[MS_AXIS_DIMENSION].count, axis[MS_AXIS_PATCH_SIZE].count,
                axis[MS_AXIS_NOISE_LEVEL].count, axis[MS_AXIS_SEED].count, product, MS_SWEEP_POINTS_MAX);
}

static void add_variant(ms_draft *draft, size_t variant)
{
    ms_sweep *sweep = &draft->sweep;
    const ms_axis *dimensions = &sweep->axis[MS_AXIS_DIMENSION], *sizes = &sweep->axis[MS_AXIS_PATCH_SIZE];
    for (size_t d = 0; d < dimensions->count; d++)
        for (size_t p = 0; p < sizes->count; p++) {
            uint64_t dimension = dimensions->value[d].whole;
            uint64_t size = resolve(sizes, p, dimension);
            if (size == 0)
                continue;
            if (fits(draft, size, dimension))
                add_points(draft, variant, dimension, size);
            else
                sweep->skipped_points +=
                    sweep->axis[MS_AXIS_NOISE_LEVEL].count * sweep->axis[MS_AXIS_SEED].count;
        }
}

void ms_draft_points(ms_reader *reader, ms_draft *draft, const ms_node *root)
{
    const ms_node *grid = ms_node_get(root, "grid");
    ms_sweep *sweep = &draft->sweep;
    /* each factor is at most 10^4; that of the variants is 0 after a message */
    uint64_t product = 1;
    for (size_t i = 0; i < MS_AXES_KNOWN; i++)
        product *= sweep->axis[i].count;
    if (product == 0 || sweep->variants == 0)
        return;
    if (product > MS_SWEEP_POINTS_MAX || product * sweep->variants > MS_SWEEP_POINTS_MAX) {
        complain_product(reader, draft, grid,
                         product > UINT64_MAX / sweep->variants ? UINT64_MAX : product * sweep->variants);
        return;
    }
    if (!check_patch_sizes(reader, draft))
        return;
    sweep->points = calloc(product * sweep->variants, sizeof *sweep->points);
    if (!sweep->points) {
        reader->out_of_memory = true;
        return;
    }
    for (size_t v = 0; v < sweep->variants; v++)
        add_variant(draft, v);
    if (sweep->point_count == 0)
        ms_complain(reader, grid, "no point is left, because no patch_size divides a dimension; add `full`");
}
