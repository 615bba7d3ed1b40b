/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sampler/fused.h"

#include "random/elementary.h"

#include <stdlib.h>

static const ms_fused *fused_of(const ms_context *context)
{
    return context->shared;
}

static ms_fused_group *state_of(const ms_group *group)
{
    return group->state;
}

static size_t after_count(const ms_context *context)
{
    return (context->passes.patches + 1) * fused_of(context)->mixture.components;
}

static size_t x_count(const ms_context *context)
{
    if (!fused_of(context)->reduced)
        return context->passes.dimension;
    return fused_of(context)->reduction->patches * (fused_of(context)->reduction->span_max + 1);
}

static bool alloc(ms_group *group, const ms_context *context)
{
    size_t components = fused_of(context)->mixture.components;
    ms_fused_group *g = calloc(1, sizeof *g);
    group->state = g;
    if (!g)
        return false;
    g->x = ms_rows_alloc(x_count(context));
    g->distance = ms_rows_alloc(components);
    g->before = ms_rows_alloc(components);
    g->after = ms_rows_alloc(after_count(context));
    return g->x && g->distance && g->before && g->after;
}

static void free_group(ms_group *group)
{
    ms_fused_group *g = group->state;
    if (!g)
        return;
    free(g->x);
    free(g->distance);
    free(g->before);
    free(g->after);
    free(g);
}

ms_lanes *ms_fused_rows(const ms_group *group, const ms_context *context, size_t patch)
{
    return state_of(group)->x + (fused_of(context)->reduced
                                     ? patch * (fused_of(context)->reduction->span_max + 1)
                                     : ms_passes_coordinate(&context->passes, patch));
}

/* The geometry of a patch; the rest of the segment is left to the caller. */
static void describe_patch(const ms_context *context, size_t patch, ms_segment *segment)
{
    const ms_reduction *r = fused_of(context)->reduction;
    size_t first = ms_passes_coordinate(&context->passes, patch);
    segment->components = r->components;
    segment->span = r->span[patch];
    segment->length = ms_passes_coordinate(&context->passes, patch + 1) - first;
    segment->mean = r->mean + patch * r->components * r->span_max;
    segment->mean_stride = r->span_max;
    segment->basis = r->basis + first;
    segment->basis_stride = r->dimension;
    segment->first_draw = ms_reduction_first_draw(r, &context->passes, patch);
}

/* Distances of one patch from its rows; the same bits as the kernel keeps while it moves them. */
static void measure_patch(const ms_group *group, const ms_context *context, size_t patch, ms_lanes *distance)
{
    ms_segment segment;
    describe_patch(context, patch, &segment);
    (fused_of(context)->reduced ? context->kernel->distances_reduced : context->kernel->distances_full)(
        &segment, (const double *)ms_fused_rows(group, context, patch), (double *)distance);
}

static void measure(ms_group *group, const ms_context *context)
{
    size_t components = fused_of(context)->mixture.components;
    for (size_t patch = 0; patch < context->passes.patches; patch++)
        measure_patch(group, context, patch, state_of(group)->after + patch * components);
}

static void begin_pass(ms_group *group, const ms_context *context)
{
    size_t components = fused_of(context)->mixture.components;
    for (size_t i = 0; i < components; i++)
        state_of(group)->before[i] = ms_lanes_of(0);
    for (size_t row = context->passes.patches * components; row-- > 0;)
        state_of(group)->after[row] += state_of(group)->after[row + components];
}

static void enter_patch(ms_group *group, const ms_context *context, size_t patch)
{
    measure_patch(group, context, patch, state_of(group)->distance);
}

static void leave_patch(ms_group *group, const ms_context *context, size_t patch)
{
    size_t components = fused_of(context)->mixture.components;
    for (size_t i = 0; i < components; i++) {
        state_of(group)->after[patch * components + i] = state_of(group)->distance[i];
        state_of(group)->before[i] += state_of(group)->distance[i];
    }
}

static void rest_distances(const ms_group *group, size_t components, size_t patch, ms_lanes *rest)
{
    for (size_t i = 0; i < components; i++)
        rest[i] = state_of(group)->before[i] + state_of(group)->after[(patch + 1) * components + i];
}

static void totals(const ms_group *group, const ms_context *context, size_t patch, bool all, ms_lanes *total)
{
    (void)all;
    size_t components = fused_of(context)->mixture.components;
    rest_distances(group, components, patch, total);
    for (size_t i = 0; i < components; i++)
        total[i] += state_of(group)->distance[i];
}

static uint64_t advance(ms_group *group, const ms_context *context, size_t patch, size_t level,
                        uint64_t iteration, uint64_t count)
{
    const ms_isotropic *mixture = &fused_of(context)->mixture;
    const ms_schedule *schedule = &context->params->schedule;
    ms_segment segment = {
        .key = context->params->key, .iteration = iteration, .conditions = &context->conditions};
    describe_patch(context, patch, &segment);
    double noise_level, conditioning_noise_level;
    ms_schedule_level(schedule, level, &noise_level, &segment.step_size);
    conditioning_noise_level = noise_level;
    if (context->params->conditioning == MS_CONDITIONING_FINAL)
        ms_schedule_level(schedule, ms_schedule_levels(schedule) - 1, &conditioning_noise_level, NULL);
    size_t first = ms_passes_coordinate(&context->passes, patch);
    rest_distances(group, segment.components, patch, (ms_lanes *)segment.rest);
    for (size_t i = 0; i < segment.components; i++) {
        /* log w_i + log N(x_before; mean_i, v_before) + the part of log N(x_patch; mean_i, v) that stays */
        double variance = mixture->variance[i] + noise_level * noise_level;
        double before = mixture->variance[i] + conditioning_noise_level * conditioning_noise_level;
        double constant = ms_log(mixture->weight[i]) - 0.5 * (double)first * ms_log(before) -
                          0.5 * (double)segment.length * ms_log(variance);
        *(ms_lanes *)segment.base[i] = constant - state_of(group)->before[i] * (0.5 / before);
        segment.inverse_variance[i] = 1 / variance;
    }
    return (fused_of(context)->reduced ? context->kernel->advance_reduced : context->kernel->advance_full)(
        &segment, count, (const uint64_t *)&group->chain, (const int64_t *)group->pending,
        (double *)ms_fused_rows(group, context, patch), (double *)state_of(group)->distance);
}

static void move_lane(ms_lanes *to, int to_lane, ms_lanes *from, int from_lane, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i][to_lane] = from[i][from_lane];
}

static void move(ms_group *to, int to_lane, const ms_group *from, int from_lane, const ms_context *context)
{
    size_t components = fused_of(context)->mixture.components;
    ms_fused_group *t = to->state, *f = from->state;
    move_lane(t->x, to_lane, f->x, from_lane, x_count(context));
    move_lane(t->distance, to_lane, f->distance, from_lane, components);
    move_lane(t->before, to_lane, f->before, from_lane, components);
    move_lane(t->after, to_lane, f->after, from_lane, after_count(context));
}

static void save(const ms_group *group, const ms_context *context, unsigned char *to)
{
    memcpy(to, state_of(group)->x, x_count(context) * sizeof(ms_lanes));
}

/* The sums over patches as they are at `patch` of a pass: rows behind it are as the pass found them, rows
 * before it hold the patches' own distances. */
static void restore(ms_group *group, const ms_context *context, size_t patch, const unsigned char *from)
{
    memcpy(state_of(group)->x, from, x_count(context) * sizeof(ms_lanes));
    size_t components = fused_of(context)->mixture.components;
    memset(state_of(group)->after + context->passes.patches * components, 0, components * sizeof(ms_lanes));
    measure(group, context);
    for (size_t row = context->passes.patches * components; row-- > (patch + 1) * components;)
        state_of(group)->after[row] += state_of(group)->after[row + components];
    for (size_t i = 0; i < components; i++)
        state_of(group)->before[i] = ms_lanes_of(0);
    for (size_t before = 0; before < patch; before++)
        for (size_t i = 0; i < components; i++)
            state_of(group)->before[i] += state_of(group)->after[before * components + i];
    measure_patch(group, context, patch, state_of(group)->distance);
}

static bool is_possible(const ms_run_params *params, ms_isotropic *mixture)
{
    const ms_target *target = params->target;
    return params->sampler == ms_sampler_langevin && target->type->isotropic(target->content, mixture) &&
           mixture->components <= MS_ISOTROPIC_COMPONENTS_MAX;
}

static const char *refuses_full(const ms_run_params *params)
{
    ms_isotropic mixture;
    if (params->sampler != ms_sampler_langevin)
        return "supports Langevin dynamics only";
    if (!is_possible(params, &mixture))
        return "supports only mixtures of at most 16 isotropic Gaussians";
    for (size_t c = 0; c < params->clause_count; c++)
        if (params->clauses[c].quantity == MS_LOG_DENSITY ||
            params->clauses[c].reference_quantity == MS_LOG_DENSITY)
            return "does not support rules on the density of the whole mixture";
    return NULL;
}

static const char *refuses_reduced(const ms_run_params *params)
{
    const char *reason = refuses_full(params);
    return !reason && params->start.type == MS_START_UNIFORM ? "cannot start from a uniform distribution"
                                                             : reason;
}

static ms_status prepare(ms_context *context, bool reduced, ms_error *error)
{
    const ms_run_params *p = context->params;
    ms_fused *fused = calloc(1, sizeof *fused);
    if (!fused)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a run");
    context->shared = fused;
    fused->reduced = reduced;
    is_possible(p, &fused->mixture);
    return ms_reduction_alloc(&fused->reduction, p->target, &context->passes,
                              reduced && p->start.type == MS_START_NORMAL, error);
}

static ms_status prepare_full(ms_context *context, ms_error *error)
{
    return prepare(context, false, error);
}

static ms_status prepare_reduced(ms_context *context, ms_error *error)
{
    return prepare(context, true, error);
}

static void release(ms_context *context)
{
    ms_fused *fused = context->shared;
    if (fused)
        ms_reduction_free(fused->reduction);
    free(fused);
}

static size_t measures(const ms_context *context)
{
    return fused_of(context)->mixture.components;
}

/* coefficient l_i = coefficient (log w - (d/2) log v - D/(2v)): its part that moves is brought to the form of
 * distances, the other to the bound's side. */
static void turn(const ms_context *context, ms_quantity quantity, size_t component, double *coefficient,
                 double *bound)
{
    const ms_isotropic *mixture = &fused_of(context)->mixture;
    if (quantity == MS_SQUARED_DISTANCE)
        return;
    double variance = mixture->variance[component];
    double constant =
        ms_log(mixture->weight[component]) - 0.5 * (double)context->passes.dimension * ms_log(variance);
    *bound -= *coefficient * constant;
    *coefficient *= -0.5 / variance;
}

static ms_condition condition(const ms_context *context, const ms_clause *clause)
{
    ms_condition c = {clause->component,   clause->reference,
                      clause->coefficient, clause->reference_coefficient,
                      clause->bound,       clause->joint};
    turn(context, clause->quantity, clause->component, &c.coefficient, &c.bound);
    turn(context, clause->reference_quantity, clause->reference, &c.reference_coefficient, &c.bound);
    return c;
}

static void view(const ms_group *group, const ms_context *context, int lane, const ms_lanes *total,
                 double *squared_distance, double *log_weight, ms_view *v)
{
    const ms_isotropic *mixture = &fused_of(context)->mixture;
    double half_dimension = 0.5 * (double)context->passes.dimension;
    (void)group;
    for (size_t i = 0; i < mixture->components; i++) {
        double variance = mixture->variance[i];
        squared_distance[i] = total[i][lane];
        log_weight[i] = ms_log(mixture->weight[i]) - half_dimension * ms_log(variance) -
                        squared_distance[i] / (2 * variance);
    }
    v->log_density = ms_log_sum(mixture->components, log_weight);
}

/* Of an engine with so many rows a group, and a span of at most `span`. */
static ms_engine_size size_with(const ms_shape *shape, size_t rows, size_t span, size_t updates)
{
    size_t count = (shape->dimension - 1) / shape->patch_size + 1;
    double patches = (double)count, k = (double)shape->components;
    return (ms_engine_size){.saved = rows,
                            .group_bytes = sizeof(ms_lanes) * ((double)rows + (patches + 3) * k),
                            .shared_bytes = sizeof(double) * (double)(span > 0 ? span : 1) *
                                            ((double)shape->dimension + patches * (k + 1)),
                            .updates = (double)updates};
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void size_full(const ms_shape *shape, ms_engine_size *size)
{
    size_t span = least(shape->components - 1, shape->patch_size);
    *size = size_with(shape, shape->dimension, span, shape->patch_size);
}

/* It follows the span of a patch and the distance from it. */
static void size_reduced(const ms_shape *shape, ms_engine_size *size)
{
    size_t patches = (shape->dimension - 1) / shape->patch_size + 1;
    size_t most = shape->components - 1 + shape->about_origin, span = least(most, shape->patch_size);
    *size = size_with(shape, patches * (span + 1), span, least(most + 1, shape->patch_size));
}

#define SHARED                                                                                               \
    .release = release, .measures = measures, .condition = condition, .alloc = alloc, .free = free_group,    \
    .start = ms_fused_start, .measure = measure, .begin_pass = begin_pass, .enter_patch = enter_patch,       \
    .leave_patch = leave_patch, .totals = totals, .advance = advance, .move = move, .saved_rows = x_count,   \
    .save = save, .restore = restore, .position = ms_fused_position, .view = view

const ms_engine_type ms_engine_full = {.name = "full",
                                       .engine = MS_ENGINE_FULL,
                                       .refuses = refuses_full,
                                       .size = size_full,
                                       .prepare = prepare_full,
                                       SHARED};
const ms_engine_type ms_engine_reduced = {.name = "reduced",
                                          .engine = MS_ENGINE_REDUCED,
                                          .refuses = refuses_reduced,
                                          .size = size_reduced,
                                          .prepare = prepare_reduced,
                                          SHARED};
