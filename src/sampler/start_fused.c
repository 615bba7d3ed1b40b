/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a start's law to the rows of a group of a fused engine, and from the rows back to positions. */
#include "sampler/fused.h"

static const ms_fused *fused_of(const ms_context *context)
{
    return context->shared;
}

static ms_lanes *x_of(const ms_group *group)
{
    return ((const ms_fused_group *)group->state)->x;
}

/* 64-bit uniforms (0, 1] for each coordinate, two a block */
static void start_uniform(ms_group *group, const ms_context *context, double low, double high)
{
    const double *origin = fused_of(context)->mixture.mean;
    ms_lanes_place place = ms_lanes_place_of(context->params->key, group->chain, 0, MS_PURPOSE_START);
    ms_lanes_u word[4];
    for (size_t j = 0; j < context->passes.dimension; j++) {
        size_t half = j % 2 * 2;
        if (half == 0)
            ms_lanes_philox(&place, (uint32_t)(j / 2), word);
        x_of(group)[j] = low + (high - low) * ms_lanes_uniform64(word[half], word[half + 1]) - origin[j];
    }
}

/* N(mean, variance I); a NULL mean is the origin */
static void start_full(ms_group *group, const ms_context *context, const double *mean, double variance)
{
    size_t dimension = context->passes.dimension;
    const double *origin = fused_of(context)->mixture.mean;
    double deviation = __builtin_sqrt(variance);
    context->kernel->normals(context->params->key, (const uint64_t *)&group->chain, 0, MS_PURPOSE_START,
                             (double *)x_of(group), dimension);
    for (size_t j = 0; j < dimension; j++)
        x_of(group)[j] = ((mean ? mean[j] : 0) - origin[j]) + deviation * x_of(group)[j];
}

static size_t patch_length(const ms_context *context, size_t patch)
{
    return ms_passes_coordinate(&context->passes, patch + 1) - ms_passes_coordinate(&context->passes, patch);
}

/* The same reduced: u ~ N(E^T (mean - mean_0), variance I), rho ~ variance chi^2. A patch takes the place of
 * the iteration in the counter. */
static void start_reduced(ms_group *group, const ms_context *context, const ms_start *start, double variance)
{
    const ms_reduction *r = fused_of(context)->reduction;
    double deviation = __builtin_sqrt(variance);
    for (size_t patch = 0; patch < r->patches; patch++) {
        size_t span = r->span[patch], outside = patch_length(context, patch) - span;
        ms_lanes *x = ms_fused_rows(group, context, patch);
        const double *mean = start->type == MS_START_NORMAL
                                 ? r->start + patch * r->span_max
                                 : r->mean + (patch * r->components + start->component) * r->span_max;
        context->kernel->normals(context->params->key, (const uint64_t *)&group->chain, patch,
                                 MS_PURPOSE_START, (double *)x, span);
        for (size_t m = 0; m < span; m++)
            x[m] = mean[m] + deviation * x[m];
        if (outside == 0)
            continue;
        context->kernel->chi_square(
            context->params->key, (const uint64_t *)&group->chain, patch, MS_PURPOSE_START_RADIUS,
            ms_reduction_first_draw(r, &context->passes, patch), (double)outside, (double *)(x + span));
        x[span] *= variance;
    }
}

static void start_positions(ms_group *group, const ms_context *context, const ms_start *start)
{
    size_t dimension = context->passes.dimension;
    const double *origin = fused_of(context)->mixture.mean;
    for (int lane = 0; lane < MS_LANES; lane++) {
        const double *row = start->positions + group->chain[lane] % start->rows * dimension;
        for (size_t j = 0; !fused_of(context)->reduced && j < dimension; j++)
            x_of(group)[j][lane] = row[j] - origin[j];
        for (size_t patch = 0; fused_of(context)->reduced && patch < context->passes.patches; patch++) {
            ms_lanes *x = ms_fused_rows(group, context, patch);
            size_t span = fused_of(context)->reduction->span[patch];
            double u[MS_ISOTROPIC_COMPONENTS_MAX], rho;
            ms_reduction_project(fused_of(context)->reduction, context->params->target, &context->passes,
                                 patch, row, u, &rho);
            for (size_t m = 0; m < span; m++)
                x[m][lane] = u[m];
            x[span][lane] = rho;
        }
    }
}

bool ms_fused_start(ms_group *group, const ms_context *context)
{
    const ms_start *start = &context->params->start;
    bool component = start->type == MS_START_COMPONENT;
    double variance =
        component ? ms_target_variance(context->params->target, start->component) : start->variance;
    if (start->type == MS_START_UNIFORM)
        start_uniform(group, context, start->low, start->high);
    else if (start->type == MS_START_POSITIONS)
        start_positions(group, context, start);
    else if (fused_of(context)->reduced)
        start_reduced(group, context, start, variance);
    else
        start_full(group, context,
                   component ? ms_target_mean(context->params->target, start->component) : NULL, variance);
    return true;
}

void ms_fused_position(const ms_group *group, const ms_context *context, int lane, uint64_t iteration,
                       double *x)
{
    size_t dimension = context->passes.dimension;
    if (!fused_of(context)->reduced) {
        for (size_t j = 0; j < dimension; j++)
            x[j] = fused_of(context)->mixture.mean[j] + x_of(group)[j][lane];
        return;
    }
    ms_stream stream = {context->params->key, (uint32_t)group->chain[lane], iteration, MS_PURPOSE_POSITION};
    ms_stream_normals(&stream, x, dimension);
    for (size_t patch = 0; patch < context->passes.patches; patch++) {
        size_t span = fused_of(context)->reduction->span[patch];
        const ms_lanes *rows = ms_fused_rows(group, context, patch);
        double u[MS_ISOTROPIC_COMPONENTS_MAX];
        for (size_t m = 0; m < span; m++)
            u[m] = rows[m][lane];
        ms_reduction_expand(fused_of(context)->reduction, context->params->target, &context->passes, patch, u,
                            rows[span][lane], x);
    }
}
