/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sampler/group.h"

#include "random/elementary.h"

#include <stdlib.h>

static size_t after_count(const ms_group_context *context)
{
    return (context->passes.patches + 1) * ms_target_components(context->target);
}

static size_t x_count(const ms_group_context *context)
{
    if (!context->reduced)
        return context->passes.dimension;
    return context->reduction->patches * (context->reduction->span_max + 1);
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

ms_lanes *ms_group_rows(const ms_group *group, const ms_group_context *context, size_t patch)
{
    return group->x + (context->reduced ? patch * (context->reduction->span_max + 1)
                                        : ms_passes_coordinate(&context->passes, patch));
}

/* The geometry of a patch; the rest of the segment is left to the caller. */
static void describe_patch(const ms_group_context *context, size_t patch, ms_segment *segment)
{
    const ms_reduction *r = context->reduction;
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
static void measure_patch(const ms_group *group, const ms_group_context *context, size_t patch,
                          ms_lanes *distance)
{
    ms_segment segment;
    describe_patch(context, patch, &segment);
    (context->reduced ? context->kernel->distances_reduced : context->kernel->distances_full)(
        &segment, (const double *)ms_group_rows(group, context, patch), (double *)distance);
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
    ms_segment segment = {.key = context->key,
                          .iteration = iteration,
                          .events = context->events,
                          .event_count = context->event_count};
    describe_patch(context, patch, &segment);
    double noise_level, conditioning_noise_level;
    ms_schedule_level(&context->schedule, level, &noise_level, &segment.step_size);
    conditioning_noise_level = noise_level;
    if (context->conditioning == MS_CONDITIONING_FINAL)
        ms_schedule_level(&context->schedule, ms_schedule_levels(&context->schedule) - 1,
                          &conditioning_noise_level, NULL);
    size_t first = ms_passes_coordinate(&context->passes, patch);
    rest_distances(group, segment.components, patch, (ms_lanes *)segment.rest);
    for (size_t i = 0; i < segment.components; i++) {
        /* log w_i + log N(x_before; mean_i, v_before) + the part of log N(x_patch; mean_i, v) that stays */
        double variance = ms_target_variance(target, i) + noise_level * noise_level;
        double before = ms_target_variance(target, i) + conditioning_noise_level * conditioning_noise_level;
        double constant = ms_log(ms_target_weight(target, i)) - 0.5 * (double)first * ms_log(before) -
                          0.5 * (double)segment.length * ms_log(variance);
        *(ms_lanes *)segment.base[i] = constant - group->before[i] * (0.5 / before);
        segment.inverse_variance[i] = 1 / variance;
    }
    return (context->reduced ? context->kernel->advance_reduced : context->kernel->advance_full)(
        &segment, count, (const uint64_t *)&group->chain, (const int64_t *)group->pending,
        (double *)ms_group_rows(group, context, patch), (double *)group->distance);
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

/* member of each lane as 32 bits, SAVED_NO_CHAIN where no chain is active; a byte of pending lanes for each
 * event, padded to whole words; x */
#define SAVED_NO_CHAIN UINT32_MAX
#define SAVED_MEMBERS  (MS_LANES * sizeof(uint32_t))

static size_t saved_pending(const ms_group_context *context)
{
    return (context->event_count + 7) / 8 * 8;
}

size_t ms_group_saved_size(const ms_group_context *context)
{
    return SAVED_MEMBERS + saved_pending(context) + x_count(context) * sizeof(ms_lanes);
}

void ms_group_save(const ms_group *group, const ms_group_context *context, unsigned char *to)
{
    uint32_t member[MS_LANES];
    for (int lane = 0; lane < MS_LANES; lane++)
        member[lane] = group->active[lane] ? (uint32_t)group->member[lane] : SAVED_NO_CHAIN;
    memcpy(to, member, sizeof member);
    to += sizeof member;
    memset(to, 0, saved_pending(context));
    for (size_t e = 0; e < context->event_count; e++)
        for (unsigned lane = 0; lane < MS_LANES; lane++)
            to[e] |= (unsigned char)((group->pending[e][lane] != 0 ? 1u : 0u) << lane);
    memcpy(to + saved_pending(context), group->x, x_count(context) * sizeof(ms_lanes));
}

bool ms_group_saved_is_plausible(const unsigned char *from, size_t chains)
{
    uint32_t member[MS_LANES];
    memcpy(member, from, sizeof member);
    for (int lane = 0; lane < MS_LANES; lane++)
        if (member[lane] != SAVED_NO_CHAIN && member[lane] >= chains)
            return false;
    return true;
}

/* The sums over patches as they are at `patch` of a pass: rows behind it are as the pass found them, rows
 * before it hold the patches' own distances. */
static void restore_distances(ms_group *group, const ms_group_context *context, size_t patch)
{
    size_t components = ms_target_components(context->target);
    memset(group->after + context->passes.patches * components, 0, components * sizeof(ms_lanes));
    ms_group_measure(group, context);
    for (size_t row = context->passes.patches * components; row-- > (patch + 1) * components;)
        group->after[row] += group->after[row + components];
    for (size_t i = 0; i < components; i++)
        group->before[i] = ms_lanes_of(0);
    for (size_t before = 0; before < patch; before++)
        for (size_t i = 0; i < components; i++)
            group->before[i] += group->after[before * components + i];
    measure_patch(group, context, patch, group->distance);
}

void ms_group_restore(ms_group *group, const ms_group_context *context, size_t patch, uint64_t first_chain,
                      const unsigned char *from)
{
    uint32_t member[MS_LANES];
    memcpy(member, from, sizeof member);
    from += sizeof member;
    for (int lane = 0; lane < MS_LANES; lane++) {
        bool exists = member[lane] != SAVED_NO_CHAIN;
        group->member[lane] = exists ? member[lane] : MS_NO_CHAIN;
        group->chain[lane] = exists ? first_chain + member[lane] : 0;
        group->active[lane] = exists ? -1 : 0;
    }
    for (size_t e = 0; e < context->event_count; e++)
        for (unsigned lane = 0; lane < MS_LANES; lane++)
            group->pending[e][lane] = from[e] >> lane & 1u ? group->active[lane] : 0;
    memcpy(group->x, from + saved_pending(context), x_count(context) * sizeof(ms_lanes));
    restore_distances(group, context, patch);
}
