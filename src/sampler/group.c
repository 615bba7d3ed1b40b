/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sampler/group.h"

#include <stdlib.h>

static size_t after_count(const ms_group_context *context)
{
    return (context->passes.patches + 1) * ms_target_components(context->target);
}

static size_t x_count(const ms_group_context *context)
{
    const ms_reduction *reduction = context->reduction;
    return reduction ? reduction->patches * (reduction->span_max + 1) : context->passes.dimension;
}

/* Aligned and zeroed; NULL also when the size overflows. */
static void *lanes_alloc(size_t count)
{
    if (count > SIZE_MAX / 2 / sizeof(ms_lanes))
        return NULL;
    void *memory = aligned_alloc(sizeof(ms_lanes), (count ? count : 1) * sizeof(ms_lanes));
    if (memory)
        memset(memory, 0, (count ? count : 1) * sizeof(ms_lanes));
    return memory;
}

bool ms_group_alloc(ms_group *group, const ms_group_context *context)
{
    size_t components = ms_target_components(context->target);
    group->pending = lanes_alloc(context->event_count);
    group->x = lanes_alloc(x_count(context));
    group->distance = lanes_alloc(components);
    group->before = lanes_alloc(components);
    group->after = lanes_alloc(after_count(context));
    return group->pending && group->x && group->distance && group->before && group->after;
}

void ms_group_free(ms_group *group)
{
    free(group->pending);
    free(group->x);
    free(group->distance);
    free(group->before);
    free(group->after);
}

static void add_size(void *argument, void *data, size_t size)
{
    (void)data;
    *(size_t *)argument += size;
}

size_t ms_group_size(const ms_group_context *context)
{
    ms_group none = {0};
    size_t size = 0;
    ms_group_visit(&none, context, add_size, &size);
    return size;
}

void ms_group_visit(ms_group *group, const ms_group_context *context,
                    void (*visit)(void *argument, void *data, size_t size), void *argument)
{
    size_t components = ms_target_components(context->target);
    visit(argument, &group->chain, sizeof group->chain);
    visit(argument, &group->active, sizeof group->active);
    visit(argument, group->member, sizeof group->member);
    visit(argument, group->pending, context->event_count * sizeof(ms_lanes));
    visit(argument, group->x, x_count(context) * sizeof(ms_lanes));
    visit(argument, group->distance, components * sizeof(ms_lanes));
    visit(argument, group->before, components * sizeof(ms_lanes));
    visit(argument, group->after, after_count(context) * sizeof(ms_lanes));
}

/* What a kernel sees of a patch. */
typedef struct view {
    ms_lanes *x;
    size_t length; /* rows that move as coordinates do */
    const double *mean;
    size_t mean_stride;
    double degrees_of_freedom; /* > 0: one more row, rho, for so many directions */
} view;

static view patch_view(const ms_group *group, const ms_group_context *context, size_t patch)
{
    const ms_reduction *r = context->reduction;
    size_t first = ms_passes_coordinate(&context->passes, patch);
    size_t length = ms_passes_coordinate(&context->passes, patch + 1) - first;
    if (!r)
        return (view){group->x + first, length, ms_target_mean(context->target, 0) + first,
                      context->passes.dimension, 0};
    return (view){group->x + patch * (r->span_max + 1), r->span[patch],
                  r->mean + patch * r->components * r->span_max, r->span_max,
                  (double)(length - r->span[patch])};
}

/* 64-bit uniforms (0, 1] for each coordinate, two a block as the normals are */
static void start_uniform(ms_group *group, const ms_group_context *context, double low, double high)
{
    uint32_t purpose = ms_iteration_high(0, MS_PURPOSE_START);
    for (size_t j = 0; j < context->passes.dimension; j++) {
        ms_lanes_u word[4] = {ms_lanes_u_of((uint32_t)(j / 2)), ms_lanes_u_of(0), ms_lanes_u_of(purpose),
                              group->chain};
        ms_lanes_philox(word, context->key);
        size_t half = j % 2 * 2;
        group->x[j] = low + (high - low) * ms_lanes_uniform(word[half], word[half + 1]);
    }
}

/* N(mean, variance I) */
static void start_full(ms_group *group, const ms_group_context *context, const double *mean, double variance)
{
    size_t dimension = context->passes.dimension;
    double deviation = __builtin_sqrt(variance);
    context->kernel->normals(context->key, (const uint64_t *)&group->chain, 0, MS_PURPOSE_START,
                             (double *)group->x, dimension);
    for (size_t j = 0; j < dimension; j++)
        group->x[j] = (mean ? mean[j] : 0) + deviation * group->x[j];
}

/* The same reduced: u ~ N(E^T (mean - mean_0), variance I), rho ~ variance chi^2. A patch takes the place of
 * the iteration in the counter. */
static void start_reduced(ms_group *group, const ms_group_context *context, const ms_start *start,
                          double variance)
{
    const ms_reduction *r = context->reduction;
    double deviation = __builtin_sqrt(variance);
    for (size_t patch = 0; patch < r->patches; patch++) {
        view v = patch_view(group, context, patch);
        const double *mean = start->type == MS_START_NORMAL ? r->start + patch * r->span_max
                                                            : v.mean + start->component * v.mean_stride;
        context->kernel->normals(context->key, (const uint64_t *)&group->chain, patch, MS_PURPOSE_START,
                                 (double *)v.x, v.length);
        for (size_t m = 0; m < v.length; m++)
            v.x[m] = mean[m] + deviation * v.x[m];
        if (v.degrees_of_freedom == 0)
            continue;
        context->kernel->chi_square(context->key, (const uint64_t *)&group->chain, patch,
                                    MS_PURPOSE_START_RADIUS, v.degrees_of_freedom,
                                    (double *)(v.x + v.length));
        v.x[v.length] *= variance;
    }
}

static void start_positions(ms_group *group, const ms_group_context *context, const ms_start *start)
{
    size_t dimension = context->passes.dimension;
    for (int lane = 0; lane < MS_LANES; lane++) {
        const double *row = start->positions + group->chain[lane] % start->rows * dimension;
        for (size_t j = 0; !context->reduction && j < dimension; j++)
            group->x[j][lane] = row[j];
        for (size_t patch = 0; context->reduction && patch < context->passes.patches; patch++) {
            view v = patch_view(group, context, patch);
            double u[MS_COMPONENTS_MAX], rho;
            ms_reduction_project(context->reduction, context->target, &context->passes, patch, row, u, &rho);
            for (size_t m = 0; m < v.length; m++)
                v.x[m][lane] = u[m];
            if (v.degrees_of_freedom > 0)
                v.x[v.length][lane] = rho;
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
    else if (context->reduction)
        start_reduced(group, context, start, variance);
    else
        start_full(group, context, component ? ms_target_mean(context->target, start->component) : NULL,
                   variance);
}

void ms_group_position(const ms_group *group, const ms_group_context *context, int lane, uint64_t iteration,
                       double *x)
{
    size_t dimension = context->passes.dimension;
    if (!context->reduction) {
        for (size_t j = 0; j < dimension; j++)
            x[j] = group->x[j][lane];
        return;
    }
    ms_stream stream = {context->key, (uint32_t)group->chain[lane], iteration, MS_PURPOSE_POSITION};
    ms_stream_normals(&stream, x, dimension);
    for (size_t patch = 0; patch < context->passes.patches; patch++) {
        view v = patch_view(group, context, patch);
        double u[MS_COMPONENTS_MAX];
        for (size_t m = 0; m < v.length; m++)
            u[m] = v.x[m][lane];
        ms_reduction_expand(context->reduction, context->target, &context->passes, patch, u,
                            v.degrees_of_freedom > 0 ? v.x[v.length][lane] : 0, x);
    }
}

/* Distances of one patch from its coordinates; the same bits as the kernel keeps while it moves them. */
static void measure_patch(const ms_group *group, const ms_group_context *context, size_t patch,
                          ms_lanes *distance)
{
    view v = patch_view(group, context, patch);
    size_t components = ms_target_components(context->target);
    context->kernel->distances(v.mean, v.mean_stride, components, (const double *)v.x, v.length,
                               (double *)distance);
    for (size_t i = 0; v.degrees_of_freedom > 0 && i < components; i++)
        distance[i] += v.x[v.length];
}

void ms_group_measure(ms_group *group, const ms_group_context *context)
{
    size_t components = ms_target_components(context->target);
    for (size_t patch = 0; patch < context->passes.patches; patch++)
        measure_patch(group, context, patch, group->after + patch * components);
}

void ms_group_begin_pass(ms_group *group, const ms_group_context *context)
{
    size_t components = ms_target_components(context->target);
    for (size_t i = 0; i < components; i++)
        group->before[i] = ms_lanes_of(0);
    for (size_t row = context->passes.patches * components; row-- > 0;)
        group->after[row] += group->after[row + components];
}

void ms_group_enter_patch(ms_group *group, const ms_group_context *context, size_t patch)
{
    measure_patch(group, context, patch, group->distance);
}

void ms_group_leave_patch(ms_group *group, const ms_group_context *context, size_t patch)
{
    size_t components = ms_target_components(context->target);
    for (size_t i = 0; i < components; i++) {
        group->after[patch * components + i] = group->distance[i];
        group->before[i] += group->distance[i];
    }
}

static void rest_distances(const ms_group *group, size_t components, size_t patch, ms_lanes *rest)
{
    for (size_t i = 0; i < components; i++)
        rest[i] = group->before[i] + group->after[(patch + 1) * components + i];
}

void ms_group_distances(const ms_group *group, const ms_group_context *context, size_t patch, ms_lanes *total)
{
    size_t components = ms_target_components(context->target);
    rest_distances(group, components, patch, total);
    for (size_t i = 0; i < components; i++)
        total[i] += group->distance[i];
}

uint64_t ms_group_advance(ms_group *group, const ms_group_context *context, size_t patch, size_t level,
                          uint64_t iteration, uint64_t count)
{
    const ms_target *target = context->target;
    view v = patch_view(group, context, patch);
    ms_segment segment = {.key = context->key,
                          .iteration = iteration,
                          .components = ms_target_components(target),
                          .length = v.length,
                          .mean = v.mean,
                          .mean_stride = v.mean_stride,
                          .degrees_of_freedom = v.degrees_of_freedom,
                          .events = context->events,
                          .event_count = context->event_count};
    double noise_level, conditioning_noise_level;
    ms_schedule_level(&context->schedule, level, &noise_level, &segment.step_size);
    conditioning_noise_level = noise_level;
    if (context->conditioning == MS_CONDITIONING_FINAL)
        ms_schedule_level(&context->schedule, ms_schedule_levels(&context->schedule) - 1,
                          &conditioning_noise_level, NULL);
    size_t first = ms_passes_coordinate(&context->passes, patch);
    size_t length = ms_passes_coordinate(&context->passes, patch + 1) - first;
    rest_distances(group, segment.components, patch, (ms_lanes *)segment.rest);
    for (size_t i = 0; i < segment.components; i++) {
        /* log w_i + log N(x_before; mean_i, v_before) + the part of log N(x_patch; mean_i, v) that stays */
        double variance = ms_target_variance(target, i) + noise_level * noise_level;
        double before = ms_target_variance(target, i) + conditioning_noise_level * conditioning_noise_level;
        double constant = ms_log(ms_target_weight(target, i)) - 0.5 * (double)first * ms_log(before) -
                          0.5 * (double)length * ms_log(variance);
        *(ms_lanes *)segment.base[i] = constant - group->before[i] * (0.5 / before);
        segment.inverse_variance[i] = 1 / variance;
    }
    return (context->reduction ? context->kernel->advance_reduced : context->kernel->advance_full)(
        &segment, count, (const uint64_t *)&group->chain, (const int64_t *)group->pending, (double *)v.x,
        (double *)group->distance);
}

static void move_lane(ms_lanes *to, int to_lane, ms_lanes *from, int from_lane, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i][to_lane] = from[i][from_lane];
}

void ms_group_move(ms_group *to, int to_lane, ms_group *from, int from_lane, const ms_group_context *context)
{
    size_t components = ms_target_components(context->target);
    to->chain[to_lane] = from->chain[from_lane];
    to->active[to_lane] = from->active[from_lane];
    to->member[to_lane] = from->member[from_lane];
    for (size_t e = 0; e < context->event_count; e++) {
        to->pending[e][to_lane] = from->pending[e][from_lane];
        from->pending[e][from_lane] = 0;
    }
    move_lane(to->x, to_lane, from->x, from_lane, x_count(context));
    move_lane(to->distance, to_lane, from->distance, from_lane, components);
    move_lane(to->before, to_lane, from->before, from_lane, components);
    move_lane(to->after, to_lane, from->after, from_lane, after_count(context));
    from->active[from_lane] = 0;
    from->member[from_lane] = MS_NO_CHAIN;
}
