/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sampler/run_state.h"
#include "target/target_type.h"

#include <math.h>
#include <modeseek/random.h>
#include <stdlib.h>

#define ITERATIONS_MAX (UINT64_C(1) << 53)

void ms_run_params_init(ms_run_params *params)
{
    *params = (ms_run_params){
        .start = {.type = MS_START_COMPONENT},
        .schedule = {.type = MS_SCHEDULE_CONSTANT, .step_rule = MS_STEP_CONSTANT, .step_size = 0.1},
        .iterations_per_patch = 100,
        .chains = 1,
        .stop_when_discovered = true};
}

const char *ms_engine_name(ms_engine engine)
{
    static const char *const names[] = {"auto", "full", "reduced"};
    return names[engine];
}

static ms_status check_start(const ms_run_params *p, ms_error *error)
{
    const ms_start *start = &p->start;
    switch (start->type) {
    case MS_START_COMPONENT:
        if (start->component < ms_target_components(p->target))
            return MS_OK;
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "start component %zu; the target has components 0 to %zu", start->component,
                            ms_target_components(p->target) - 1);
    case MS_START_UNIFORM:
        if (isfinite(start->low) && isfinite(start->high) && start->low <= start->high)
            return MS_OK;
        return ms_error_set(error, MS_ERROR_ARGUMENT, "start uniform on [%g, %g]: not an interval",
                            start->low, start->high);
    case MS_START_NORMAL:
        if (start->variance >= 0 && isfinite(start->variance))
            return MS_OK;
        return ms_error_set(error, MS_ERROR_ARGUMENT, "start variance %g; it must be finite and not negative",
                            start->variance);
    case MS_START_POSITIONS:
        if (start->positions && start->rows > 0)
            return MS_OK;
        return ms_error_set(error, MS_ERROR_ARGUMENT, "no start positions given");
    }
    return ms_error_set(error, MS_ERROR_ARGUMENT, "unknown start type %d", (int)start->type);
}

static ms_status check_events(const ms_run_params *p, ms_error *error)
{
    if (p->event_count > MS_EVENTS_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "%zu events; at most %d", p->event_count,
                            MS_EVENTS_MAX);
    for (size_t e = 0; e < p->event_count; e++)
        if (p->events[e].component >= ms_target_components(p->target) || isnan(p->events[e].coefficient) ||
            isnan(p->events[e].reference_coefficient) || isnan(p->events[e].bound))
            return ms_error_set(error, MS_ERROR_ARGUMENT, "event %zu is not of this target, or NaN", e);
    for (size_t s = 0; s < p->snapshot_count; s++)
        if (p->snapshots[s] > p->iterations || (s > 0 && p->snapshots[s] <= p->snapshots[s - 1]))
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "snapshot %zu: snapshots must increase and lie within the %llu iterations", s,
                                (unsigned long long)p->iterations);
    return MS_OK;
}

static ms_status check_params(const ms_run_params *p, ms_error *error)
{
    if (!p->target->type->is_isotropic)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "no sampler for targets of the family %s",
                            p->target->type->name);
    if (p->iterations < 1 || p->iterations > ITERATIONS_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "a budget of %llu iterations; it must be 1 to 2^53",
                            (unsigned long long)p->iterations);
    if (p->chains < 1 || p->first_chain > UINT32_MAX || p->chains > UINT32_MAX - p->first_chain)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "%zu chains from number %llu: numbers lie below 2^32",
                            p->chains, (unsigned long long)p->first_chain);
    if (ms_target_dimension(p->target) > UINT32_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "the dimension must lie below 2^32");
    if (!ms_simd_available(p->simd))
        return ms_error_set(error, MS_ERROR_ARGUMENT, "this machine or build has no %s instructions",
                            ms_simd_name(p->simd));
    if (p->engine == MS_ENGINE_REDUCED && !ms_reduction_possible(&p->start))
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "the reduced engine cannot start from a uniform law; use engine full or auto");
    ms_status status = ms_schedule_check(&p->schedule, error);
    if (status == MS_OK)
        status = check_start(p, error);
    return status == MS_OK ? check_events(p, error) : status;
}

/* NULL on overflow; one element at least, so that NULL always means failure. */
static void *array_alloc(size_t count, size_t rows, size_t size)
{
    if (rows > 0 && count > SIZE_MAX / size / rows)
        return NULL;
    size_t elements = count * rows;
    return calloc(elements > 0 ? elements : 1, size);
}

static bool allocate(ms_run *run)
{
    const ms_run_params *p = &run->params;
    size_t components = ms_target_components(p->target);
    run->group_capacity = p->chains / MS_LANES + (p->chains % MS_LANES != 0);
    run->events = array_alloc(p->event_count, 1, sizeof *run->events);
    run->snapshots = array_alloc(p->snapshot_count, 1, sizeof *run->snapshots);
    run->event_time = array_alloc(p->chains, p->event_count, sizeof *run->event_time);
    run->ended = array_alloc(p->chains, 1, sizeof *run->ended);
    run->snapshot_distance = array_alloc(p->chains * components, p->snapshot_count, sizeof(double));
    run->groups = aligned_alloc(sizeof(ms_lanes), run->group_capacity * sizeof *run->groups);
    if (!run->groups)
        return false;
    memset(run->groups, 0, run->group_capacity * sizeof *run->groups);
    if (!run->events || !run->snapshots || !run->event_time || !run->ended || !run->snapshot_distance)
        return false;
    for (size_t e = 0; e < p->event_count; e++)
        run->events[e] = p->events[e];
    for (size_t s = 0; s < p->snapshot_count; s++)
        run->snapshots[s] = p->snapshots[s];
    run->params.events = run->context.events = run->events;
    run->params.snapshots = run->snapshots;
    for (size_t g = 0; g < run->group_capacity; g++)
        if (!ms_group_alloc(&run->groups[g], &run->context))
            return false;
    return true;
}

/* Ends the lanes whose events have all happened, unless a snapshot is still to be taken; one that is due at
 * this very iteration is. */
static void end_discovered(ms_run *run, ms_group *group, uint64_t iteration)
{
    if (!run->params.stop_when_discovered || run->params.event_count == 0 ||
        run->snapshots_taken < run->params.snapshot_count)
        return;
    ms_lanes_i waiting = {0};
    for (size_t e = 0; e < run->params.event_count; e++)
        waiting |= group->pending[e];
    for (int lane = 0; lane < MS_LANES; lane++) {
        if (!group->active[lane] || waiting[lane])
            continue;
        group->active[lane] = 0;
        run->ended[group->member[lane]] = iteration;
    }
}

static void record_events(ms_run *run, ms_group *group, size_t patch, uint64_t iteration)
{
    ms_lanes total[MS_COMPONENTS_MAX];
    ms_group_distances(group, &run->context, patch, total);
    bool any = false;
    for (size_t e = 0; e < run->params.event_count; e++) {
        const ms_event *event = &run->events[e];
        ms_lanes_i hits =
            group->pending[e] & group->active & ms_event_holds(event, total[event->component], total[0]);
        if (!ms_lanes_any(hits))
            continue;
        any = true;
        for (int lane = 0; lane < MS_LANES; lane++)
            if (hits[lane])
                run->event_time[group->member[lane] * run->params.event_count + e] = (int64_t)iteration;
        group->pending[e] &= ~hits;
    }
    if (any)
        end_discovered(run, group, iteration);
}

static void take_snapshot(ms_run *run)
{
    size_t components = ms_target_components(run->params.target);
    double *row = run->snapshot_distance + run->snapshots_taken * run->params.chains * components;
    run->snapshots_taken++;
    for (size_t g = 0; g < run->group_count; g++) {
        ms_group *group = &run->groups[g];
        ms_lanes total[MS_COMPONENTS_MAX];
        ms_group_distances(group, &run->context, run->cursor.patch, total);
        for (int lane = 0; lane < MS_LANES; lane++)
            for (size_t i = 0; group->active[lane] && i < components; i++)
                row[group->member[lane] * components + i] = total[i][lane];
        end_discovered(run, group, run->cursor.iteration);
    }
}

static bool snapshot_due(const ms_run *run)
{
    return run->snapshots_taken < run->params.snapshot_count &&
           run->snapshots[run->snapshots_taken] == run->cursor.iteration;
}

/* Fills the front groups with the active chains of the last ones, so that ended chains cost nothing. */
static void compact(ms_run *run)
{
    size_t keep = (ms_run_active_chains(run) + MS_LANES - 1) / MS_LANES;
    size_t to = 0;
    int to_lane = 0;
    for (size_t from = keep; from < run->group_count; from++)
        for (int lane = 0; lane < MS_LANES; lane++) {
            if (!run->groups[from].active[lane])
                continue;
            while (run->groups[to].active[to_lane])
                if (++to_lane == MS_LANES) {
                    to_lane = 0;
                    to++;
                }
            ms_group_move(&run->groups[to], to_lane, &run->groups[from], lane, &run->context);
        }
    run->group_count = keep;
}

static void start_group(ms_run *run, size_t g)
{
    ms_group *group = &run->groups[g];
    for (int lane = 0; lane < MS_LANES; lane++) {
        size_t chain = g * MS_LANES + (size_t)lane;
        bool exists = chain < run->params.chains;
        group->member[lane] = exists ? chain : MS_NO_CHAIN;
        group->chain[lane] = exists ? run->params.first_chain + chain : 0;
        group->active[lane] = exists ? -1 : 0;
    }
    for (size_t e = 0; e < run->params.event_count; e++)
        group->pending[e] = group->active;
    ms_group_start(group, &run->context, &run->params.start);
    ms_group_measure(group, &run->context);
    ms_group_begin_pass(group, &run->context);
    ms_group_enter_patch(group, &run->context, 0);
    record_events(run, group, 0, 0);
}

ms_status ms_run_alloc(ms_run **out, const ms_run_params *params, ms_error *error)
{
    *out = NULL;
    ms_run_params p = *params;
    if (p.patch_size == 0)
        p.patch_size = ms_target_dimension(p.target);
    ms_passes passes;
    ms_status status = check_params(&p, error);
    if (status == MS_OK)
        status = ms_passes_init(&passes, &p, error);
    if (status != MS_OK)
        return status;
    ms_run *run = calloc(1, sizeof *run);
    if (!run)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a run");
    run->params = p;
    run->context = (ms_group_context){.target = p.target,
                                      .kernel = ms_kernel_find(p.simd),
                                      .passes = passes,
                                      .schedule = p.schedule,
                                      .conditioning = p.conditioning,
                                      .key = p.key,
                                      .event_count = p.event_count};
    run->context.reduced = p.engine != MS_ENGINE_FULL && ms_reduction_possible(&p.start);
    status = ms_reduction_alloc(&run->reduction, p.target, &passes,
                                run->context.reduced && p.start.type == MS_START_NORMAL, error);
    if (status != MS_OK) {
        free(run);
        return status;
    }
    run->context.reduction = run->reduction;
    if (!allocate(run)) {
        ms_run_free(run);
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu chains of dimension %zu", p.chains,
                            ms_target_dimension(p.target));
    }
    for (size_t i = 0; i < p.chains * p.event_count; i++)
        run->event_time[i] = MS_CENSORED;
    for (size_t i = 0; i < p.chains; i++)
        run->ended[i] = MS_NOT_ENDED;
    run->group_count = run->group_capacity;
    for (size_t g = 0; g < run->group_count; g++)
        start_group(run, g);
    if (snapshot_due(run))
        take_snapshot(run);
    compact(run);
    *out = run;
    return MS_OK;
}

void ms_run_free(ms_run *run)
{
    if (!run)
        return;
    for (size_t g = 0; run->groups && g < run->group_capacity; g++)
        ms_group_free(&run->groups[g]);
    ms_reduction_free(run->reduction);
    free(run->groups);
    free(run->events);
    free(run->snapshots);
    free(run->event_time);
    free(run->ended);
    free(run->snapshot_distance);
    free(run);
}

/* Iterations of one group from `cursor` on, which moves along. */
static void advance_group(ms_run *run, ms_group *group, ms_cursor *cursor, uint64_t count)
{
    const ms_passes *passes = &run->context.passes;
    const ms_schedule *schedule = &run->context.schedule;
    uint64_t end = cursor->iteration + count;
    while (cursor->iteration < end) {
        while (cursor->iteration - cursor->pass_begin >= ms_passes_begin(passes, cursor->patch + 1)) {
            ms_group_leave_patch(group, &run->context, cursor->patch);
            if (++cursor->patch == passes->patches) {
                ms_group_begin_pass(group, &run->context);
                cursor->pass_begin += passes->length;
                cursor->patch = 0;
            }
            ms_group_enter_patch(group, &run->context, cursor->patch);
        }
        uint64_t visit_begin = cursor->pass_begin + ms_passes_begin(passes, cursor->patch);
        uint64_t visit = cursor->pass_begin + ms_passes_begin(passes, cursor->patch + 1) - visit_begin;
        /* the level l with begin(l) <= done < begin(l+1), begin(l) = floor(l visit / levels) */
        uint64_t levels = ms_schedule_levels(schedule), done = cursor->iteration - visit_begin, level = 0;
        if (levels > 1)
            level = (uint64_t)(((ms_uint128)(done + 1) * levels - 1) / visit);
        uint64_t level_end = visit_begin + ms_schedule_begin(schedule, level + 1, visit);
        uint64_t segment = (level_end < end ? level_end : end) - cursor->iteration;
        cursor->iteration +=
            ms_group_advance(group, &run->context, cursor->patch, level, cursor->iteration + 1, segment);
        record_events(run, group, cursor->patch, cursor->iteration);
    }
}

/* No overflow, no NaN: a chain that left the numbers would otherwise pass for one that discovers nothing. */
static ms_status check_finite(const ms_run *run, ms_error *error)
{
    for (size_t g = 0; g < run->group_count; g++) {
        ms_lanes total[MS_COMPONENTS_MAX];
        ms_group_distances(&run->groups[g], &run->context, run->cursor.patch, total);
        for (size_t i = 0; i < ms_target_components(run->params.target); i++)
            for (int lane = 0; lane < MS_LANES; lane++)
                if (run->groups[g].active[lane] && !isfinite(total[i][lane]))
                    return ms_error_set(
                        error, MS_ERROR_NUMERIC,
                        "a chain left the finite numbers: step_size %g is too large for this target",
                        run->params.schedule.step_size);
    }
    return MS_OK;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

ms_status ms_run_advance(ms_run *run, uint64_t iterations, ms_error *error)
{
    while (iterations > 0 && !ms_run_done(run)) {
        /* Ended chains are sorted out between chunks: often while many end, rarely later. */
        uint64_t now = run->cursor.iteration;
        uint64_t chunk = least(now < 128 ? 16 : now / 8, 65536);
        chunk = least(least(chunk, iterations), run->params.iterations - now);
        if (run->snapshots_taken < run->params.snapshot_count)
            chunk = least(chunk, run->snapshots[run->snapshots_taken] - now);
        ms_cursor cursor = run->cursor;
        for (size_t g = 0; g < run->group_count; g++) {
            cursor = run->cursor;
            advance_group(run, &run->groups[g], &cursor, chunk);
        }
        run->cursor = cursor;
        iterations -= chunk;
        ms_status status = check_finite(run, error);
        if (status != MS_OK)
            return status;
        if (snapshot_due(run))
            take_snapshot(run);
        compact(run);
    }
    return MS_OK;
}

bool ms_run_done(const ms_run *run)
{
    return run->group_count == 0 || run->cursor.iteration >= run->params.iterations;
}

uint64_t ms_run_iteration(const ms_run *run)
{
    return run->cursor.iteration;
}

size_t ms_run_active_chains(const ms_run *run)
{
    size_t active = 0;
    for (size_t g = 0; g < run->group_count; g++)
        for (int lane = 0; lane < MS_LANES; lane++)
            active += run->groups[g].active[lane] != 0;
    return active;
}

int64_t ms_run_event_time(const ms_run *run, size_t chain, size_t event)
{
    return run->event_time[chain * run->params.event_count + event];
}

uint64_t ms_run_observed(const ms_run *run, size_t chain)
{
    return run->ended[chain] == MS_NOT_ENDED ? run->cursor.iteration : run->ended[chain];
}

const double *ms_run_snapshot(const ms_run *run, size_t snapshot, size_t chain)
{
    if (snapshot >= run->snapshots_taken || chain >= run->params.chains)
        return NULL;
    size_t components = ms_target_components(run->params.target);
    return run->snapshot_distance + (snapshot * run->params.chains + chain) * components;
}

ms_engine ms_run_engine(const ms_run *run)
{
    return run->context.reduced ? MS_ENGINE_REDUCED : MS_ENGINE_FULL;
}

ms_status ms_run_position(const ms_run *run, size_t chain, double *x, ms_error *error)
{
    for (size_t g = 0; g < run->group_count; g++)
        for (int lane = 0; lane < MS_LANES; lane++) {
            const ms_group *group = &run->groups[g];
            if (group->member[lane] != chain || !group->active[lane])
                continue;
            ms_group_position(group, &run->context, lane, run->cursor.iteration, x);
            return MS_OK;
        }
    return ms_error_set(error, MS_ERROR_ARGUMENT, "chain %zu has ended or is not of this run", chain);
}
