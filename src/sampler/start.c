/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a start's law to the rows of a group, and from the rows back to positions. */
#include "sampler/group.h"

/* 64-bit uniforms (0, 1] for each coordinate, two a block */
static void start_uniform(ms_group *group, const ms_group_context *context, double low, double high)
{
    const double *origin = ms_target_mean(context->target, 0);
    ms_lanes_place place = ms_lanes_place_of(context->key, group->chain, 0, MS_PURPOSE_START);
    ms_lanes_u word[4];
    for (size_t j = 0; j < context->passes.dimension; j++) {
        size_t half = j % 2 * 2;
        if (half == 0)
            ms_lanes_philox(&place, (uint32_t)(j / 2), word);
        group->x[j] = low + (high - low) * ms_lanes_uniform64(word[half], word[half + 1]) - origin[j];
    }
}

/* N(mean, variance I); a NULL mean is the origin */
static void start_full(ms_group *group, const ms_group_context *context, const double *mean, double variance)
{
    size_t dimension = context->passes.dimension;
    const double *origin = ms_target_mean(context->target, 0);
    double deviation = __builtin_sqrt(variance);
    context->kernel->normals(context->key, (const uint64_t *)&group->chain, 0, MS_PURPOSE_START,
                             (double *)group->x, dimension);
    for (size_t j = 0; j < dimension; j++)
        group->x[j] = ((mean ? mean[j] : 0) - origin[j]) + deviation * group->x[j];
}

static size_t patch_length(const ms_group_context *context, size_t patch)
{
    return ms_passes_coordinate(&context->passes, patch + 1) - ms_passes_coordinate(&context->passes, patch);
}

/* The same reduced: u ~ N(E^T (mean - mean_0), variance I), rho ~ variance chi^2. A patch takes the place of
 * the iteration in the counter. */
static void start_reduced(ms_group *group, const ms_group_context *context, const ms_start *start,
                          double variance)
{
    const ms_reduction *r = context->reduction;
    double deviation = __builtin_sqrt(variance);
    for (size_t patch = 0; patch < r->patches; patch++) {
        size_t span = r->span[patch], outside = patch_length(context, patch) - span;
        ms_lanes *x = ms_group_rows(group, context, patch);
        const double *mean = start->type == MS_START_NORMAL
                                 ? r->start + patch * r->span_max
                                 : r->mean + (patch * r->components + start->component) * r->span_max;
        context->kernel->normals(context->key, (const uint64_t *)&group->chain, patch, MS_PURPOSE_START,
                                 (double *)x, span);
        for (size_t m = 0; m < span; m++)
            x[m] = mean[m] + deviation * x[m];
        if (outside == 0)
            continue;
        context->kernel->chi_square(
            context->key, (const uint64_t *)&group->chain, patch, MS_PURPOSE_START_RADIUS,
            ms_reduction_first_draw(r, &context->passes, patch), (double)outside, (double *)(x + span));
        x[span] *= variance;
    }
}

static void start_positions(ms_group *group, const ms_group_context *context, const ms_start *start)
{
    size_t dimension = context->passes.dimension;
    const double *origin = ms_target_mean(context->target, 0);
    for (int lane = 0; lane < MS_LANES; lane++) {
        const double *row = start->positions + group->chain[lane] % start->rows * dimension;
        for (size_t j = 0; !context->reduced && j < dimension; j++)
            group->x[j][lane] = row[j] - origin[j];
        for (size_t patch = 0; context->reduced && patch < context->passes.patches; patch++) {
            ms_lanes *x = ms_group_rows(group, context, patch);
            size_t span = context->reduction->span[patch];
            double u[MS_COMPONENTS_MAX], rho;
            ms_reduction_project(context->reduction, context->target, &context->passes, patch, row, u, &rho);
            for (size_t m = 0; m < span; m++)
                x[m][lane] = u[m];
            x[span][lane] = rho;
        }
    }
}

void ms_group_start(ms_group *group, const ms_group_context *context, const ms_start *start)
{
    bool component = start->type == MS_START_COMPONENT;
    double variance = component ? ms_target_variance(context->target, start->component) : start->variance;
    if (start->type == MS_START_UNIFORM)
        start_uniform(group, context, start->low, start->high);
    else if (start->type == MS_START_POSITIONS)
        start_positions(group, context, start);
    else if (context->reduced)
        start_reduced(group, context, start, variance);
    else
        start_full(group, context, component ? ms_target_mean(context->target, start->component) : NULL,
                   variance);
}

void ms_group_position(const ms_group *group, const ms_group_context *context, int lane, uint64_t iteration,
                       double *x)
{
    size_t dimension = context->passes.dimension;
    if (!context->reduced) {
        for (size_t j = 0; j < dimension; j++)
            x[j] = ms_target_mean(context->target, 0)[j] + group->x[j][lane];
        return;
    }
    ms_stream stream = {context->key, (uint32_t)group->chain[lane], iteration, MS_PURPOSE_POSITION};
    ms_stream_normals(&stream, x, dimension);
    for (size_t patch = 0; patch < context->passes.patches; patch++) {
        size_t span = context->reduction->span[patch];
        const ms_lanes *rows = ms_group_rows(group, context, patch);
        double u[MS_COMPONENTS_MAX];
        for (size_t m = 0; m < span; m++)
            u[m] = rows[m][lane];
        ms_reduction_expand(context->reduction, context->target, &context->passes, patch, u, rows[span][lane],
                            x);
    }
}
