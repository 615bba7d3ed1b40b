/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/data_set.h"
#include "sampler/run_size.h"
#include "sampler/run_state.h"
#include "sampler/sampler_type.h"

#include <math.h>
#include <modeseek/random.h>
#include <stdlib.h>

#define ITERATIONS_MAX (UINT64_C(1) << 53)

const char *ms_engine_name(ms_engine engine)
{
    static const char *const names[] = {"auto", "full", "reduced", "generic", "batched"};
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
    case MS_START_DATA:
        if (start->data && start->data->value && start->data->dimension == ms_target_dimension(p->target))
            return MS_OK;
        return ms_error_set(error, MS_ERROR_ARGUMENT, "no data of the target's dimension to start from");
    case MS_START_POSITIONS:
        if (start->positions && start->rows > 0)
            return MS_OK;
        return ms_error_set(error, MS_ERROR_ARGUMENT, "no start positions given");
    }
    return ms_error_set(error, MS_ERROR_ARGUMENT, "unknown start type %d", (int)start->type);
}

static bool is_of_target(const ms_run_params *p, ms_quantity quantity, size_t component, double coefficient)
{
    return quantity == MS_LOG_DENSITY || coefficient == 0 || component < ms_target_components(p->target);
}

static ms_status check_clauses(const ms_run_params *p, ms_error *error)
{
    if (p->clause_count > MS_CLAUSES_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "%zu clauses of events; at most %u", p->clause_count,
                            (unsigned)MS_CLAUSES_MAX);
    for (size_t c = 0; c < p->clause_count; c++) {
        const ms_clause *clause = &p->clauses[c];
        if (!is_of_target(p, clause->quantity, clause->component, 1) ||
            !is_of_target(p, clause->reference_quantity, clause->reference, clause->reference_coefficient) ||
            isnan(clause->coefficient) || isnan(clause->reference_coefficient) || isnan(clause->bound))
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "clause %zu does not belong to this target, or is NaN", c);
    }
    if (p->clause_count > 0 && p->clauses[p->clause_count - 1].joint != MS_ALONE)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "the last clause is joined to none");
    return MS_OK;
}

static ms_status check_snapshots(const ms_run_params *p, ms_error *error)
{
    for (size_t s = 0; s < p->snapshot_count; s++)
        if (p->snapshots[s] > p->iterations || (s > 0 && p->snapshots[s] <= p->snapshots[s - 1]))
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "snapshot %zu: snapshots must increase and lie within the %llu iterations", s,
                                (unsigned long long)p->iterations);
    return MS_OK;
}

static const ms_engine_type *const engines[] = {&ms_engine_reduced, &ms_engine_full, &ms_engine_batched,
                                                &ms_engine_generic};
#define ENGINES (sizeof engines / sizeof *engines)

const ms_engine_type *ms_engine_find(ms_engine engine)
{
    for (size_t i = 0; i < ENGINES; i++)
        if (engines[i]->engine == engine)
            return engines[i];
    return NULL;
}

/* The first that can do it, or the one asked for. */
static ms_status choose_engine(const ms_run_params *p, const ms_engine_type **engine, ms_error *error)
{
    for (size_t i = 0; i < ENGINES; i++) {
        if (p->engine != MS_ENGINE_AUTO && p->engine != engines[i]->engine)
            continue;
        const char *reason = engines[i]->refuses(p);
        *engine = engines[i];
        if (!reason)
            return MS_OK;
        if (p->engine != MS_ENGINE_AUTO || i + 1 == ENGINES)
            return ms_error_set(error, MS_ERROR_ARGUMENT, "the engine %s %s", engines[i]->name, reason);
    }
    return ms_error_set(error, MS_ERROR_ARGUMENT, "there is no engine number %d", (int)p->engine);
}

ms_status ms_run_check_engine(const ms_run_params *params, ms_error *error)
{
    const ms_engine_type *engine;
    return choose_engine(params, &engine, error);
}

ms_status ms_run_check_law(const ms_run_params *p, ms_error *error)
{
    if (ms_target_dimension(p->target) > UINT32_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "the dimension must lie below 2^32");
    if (!ms_simd_available(p->simd))
        return ms_error_set(error, MS_ERROR_ARGUMENT, "this machine or build has no %s instructions",
                            ms_simd_name(p->simd));
    ms_status status = ms_schedule_check(&p->schedule, error);
    if (status == MS_OK)
        status = check_start(p, error);
    return status == MS_OK ? check_clauses(p, error) : status;
}

static ms_status check_params(const ms_run_params *p, ms_error *error)
{
    if (p->iterations < 1 || p->iterations > ITERATIONS_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "a budget of %llu iterations; it must be 1 to 2^53",
                            (unsigned long long)p->iterations);
    if (p->chains < 1 || p->first_chain > UINT32_MAX || p->chains > UINT32_MAX - p->first_chain)
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "%zu chains from number %llu: numbers must be below 2^32", p->chains,
                            (unsigned long long)p->first_chain);
    ms_status status = ms_run_check_law(p, error);
    return status == MS_OK ? check_snapshots(p, error) : status;
}

ms_lanes *ms_rows_alloc(size_t count)
{
    if (count > SIZE_MAX / 2 / sizeof(ms_lanes))
        return NULL;
    void *memory = aligned_alloc(sizeof(ms_lanes), (count ? count : 1) * sizeof(ms_lanes));
    if (memory)
        memset(memory, 0, (count ? count : 1) * sizeof(ms_lanes));
    return memory;
}

/* NULL on overflow; one element at least, so that NULL always means failure. */
static void *array_alloc(size_t count, size_t rows, size_t size)
{
    if (rows > 0 && count > SIZE_MAX / size / rows)
        return NULL;
    size_t elements = count * rows;
    return calloc(elements > 0 ? elements : 1, size);
}

size_t ms_observable_width(const ms_observable_type *type, const ms_target *target)
{
    if (type->column.rank < 3)
        return 1;
    return type->column.extent[2] == MS_EXTENT_COMPONENT ? ms_target_components(target)
                                                         : ms_target_dimension(target);
}

/* Copies of what the caller keeps. */
static bool copy_params(ms_run *run)
{
    ms_run_params *p = &run->params;
    size_t size = p->sampler->kind.params_size;
    run->sampler_params = calloc(1, size > 0 ? size : 1);
    run->clauses = array_alloc(p->clause_count, 1, sizeof *run->clauses);
    run->snapshots = array_alloc(p->snapshot_count, 1, sizeof *run->snapshots);
    run->observables = array_alloc(p->observable_count, 1, sizeof *run->observables);
    if (!run->sampler_params || !run->clauses || !run->snapshots || !run->observables)
        return false;
    if (p->sampler_params)
        memcpy(run->sampler_params, p->sampler_params, size);
    for (size_t c = 0; c < p->clause_count; c++)
        run->clauses[c] = p->clauses[c];
    for (size_t s = 0; s < p->snapshot_count; s++)
        run->snapshots[s] = p->snapshots[s];
    for (size_t o = 0; o < p->observable_count; o++) {
        run->observables[o] = p->observables[o];
        run->row += ms_observable_width(p->observables[o], p->target);
    }
    p->sampler_params = run->sampler_params;
    p->clauses = run->clauses;
    p->snapshots = run->snapshots;
    p->observables = run->observables;
    run->context.params = p;
    return true;
}

static bool resolve_clauses(ms_run *run)
{
    ms_conditions *conditions = &run->context.conditions;
    size_t count = run->params.clause_count;
    *conditions = (ms_conditions){
        .each = array_alloc(count, 1, sizeof *conditions->each), .count = count, .simple = true};
    for (size_t c = 0; conditions->each && c < count; c++) {
        ms_condition *condition = &conditions->each[c];
        *condition = run->context.engine->condition(&run->context, &run->clauses[c]);
        conditions->events += condition->joint == MS_ALONE;
        conditions->simple &= condition->joint == MS_ALONE && condition->reference_row == 0;
    }
    return conditions->each;
}

static bool allocate(ms_run *run)
{
    const ms_run_params *p = &run->params;
    size_t components = ms_target_components(p->target), events = run->context.conditions.events;
    const ms_engine_type *engine = run->context.engine;
    run->group_capacity = engine->team ? engine->team(p) : p->chains / MS_LANES + (p->chains % MS_LANES != 0);
    run->event_time = array_alloc(p->chains, events, sizeof *run->event_time);
    run->ended = array_alloc(p->chains, 1, sizeof *run->ended);
    run->observations = p->chains <= SIZE_MAX / (run->row + 1)
                            ? array_alloc(p->chains * run->row, p->snapshot_count, sizeof *run->observations)
                            : NULL;
    run->total = ms_rows_alloc(run->context.engine->measures(&run->context));
    run->distance = array_alloc(components, 2, sizeof *run->distance);
    run->log_weight = run->distance ? run->distance + components : NULL;
    run->position = array_alloc(ms_target_dimension(p->target), 1, sizeof *run->position);
    run->groups = aligned_alloc(sizeof(ms_lanes), run->group_capacity * sizeof *run->groups);
    if (!run->groups)
        return false;
    memset(run->groups, 0, run->group_capacity * sizeof *run->groups);
    if (!run->event_time || !run->ended || !run->observations || !run->total || !run->distance ||
        !run->position)
        return false;
    for (size_t g = 0; g < run->group_capacity; g++) {
        run->groups[g].pending = (ms_lanes_i *)ms_rows_alloc(events);
        if (!run->groups[g].pending || !run->context.engine->alloc(&run->groups[g], &run->context))
            return false;
    }
    return true;
}

/* Ends the lanes whose events have all happened, unless a snapshot is still to be taken; one that is due at
 * this very iteration is. */
static void end_discovered(ms_run *run, ms_group *group, uint64_t iteration)
{
    if (!run->params.stop_when_discovered || run->context.conditions.events == 0 ||
        run->snapshots_taken < run->params.snapshot_count)
        return;
    ms_lanes_i waiting = {0};
    for (size_t e = 0; e < run->context.conditions.events; e++)
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
    const ms_conditions *conditions = &run->context.conditions;
    ms_lanes *total = run->total;
    bool any = false;
    const ms_engine_type *engine = run->context.engine;
    if (conditions->events == 0 || (engine->may_hold && !engine->may_hold(group, &run->context)))
        return;
    run->context.engine->totals(group, &run->context, patch, false, total);
    /* with this processor's instructions, as there is seldom a hit */
    if (!run->context.kernel->hits(conditions, (const int64_t *)group->pending, (const double *)total))
        return;
#define TOTAL(row) (total[row])
    for (size_t e = 0, at = 0; e < conditions->events; e++) {
        ms_lanes_i hits;
        MS_EVENT_HOLDS(conditions->each, at, TOTAL, hits);
        hits &= group->pending[e] & group->active;
        if (!ms_lanes_any(hits))
            continue;
        any = true;
        for (int lane = 0; lane < MS_LANES; lane++)
            if (hits[lane])
                run->event_time[group->member[lane] * conditions->events + e] = (int64_t)iteration;
        group->pending[e] &= ~hits;
    }
#undef TOTAL
    if (any)
        end_discovered(run, group, iteration);
}

static ms_word *observation(const ms_run *run, size_t snapshot, size_t chain)
{
    return run->observations + (snapshot * run->params.chains + chain) * run->row;
}

static void observe(ms_run *run, const ms_group *group, int lane)
{
    const ms_target *target = run->params.target;
    double constant = target->type->log_constant(target->content);
    ms_word *row = observation(run, run->snapshots_taken - 1, group->member[lane]);
    ms_view view = {.target = target,
                    .iteration = run->cursor.iteration,
                    .squared_distance = run->distance,
                    .log_weight = run->log_weight,
                    .acceptance = (double)NAN,
                    .mode_of = run->params.mode_of};
    run->context.engine->view(group, &run->context, lane, run->total, run->distance, run->log_weight, &view);
    view.log_density += isnan(constant) ? 0 : constant;
    for (size_t o = 0; o < run->params.observable_count; o++) {
        if (run->observables[o]->needs_position && !view.position) {
            run->context.engine->position(group, &run->context, lane, run->cursor.iteration, run->position);
            view.position = run->position;
        }
        run->observables[o]->measure(&view, row);
        row += ms_observable_width(run->observables[o], target);
    }
}

static void take_snapshot(ms_run *run)
{
    run->snapshots_taken++;
    for (size_t g = 0; g < run->group_count; g++) {
        ms_group *group = &run->groups[g];
        run->context.engine->totals(group, &run->context, run->cursor.patch, true, run->total);
        for (int lane = 0; lane < MS_LANES; lane++)
            if (group->active[lane])
                observe(run, group, lane);
        end_discovered(run, group, run->cursor.iteration);
    }
}

static bool snapshot_due(const ms_run *run)
{
    return run->snapshots_taken < run->params.snapshot_count &&
           run->snapshots[run->snapshots_taken] == run->cursor.iteration;
}

/* Moves a chain to another lane; the source lane becomes empty. */
static void move(const ms_run *run, ms_group *to, int to_lane, ms_group *from, int from_lane)
{
    to->chain[to_lane] = from->chain[from_lane];
    to->active[to_lane] = from->active[from_lane];
    to->member[to_lane] = from->member[from_lane];
    for (size_t e = 0; e < run->context.conditions.events; e++) {
        to->pending[e][to_lane] = from->pending[e][from_lane];
        from->pending[e][from_lane] = 0;
    }
    run->context.engine->move(to, to_lane, from, from_lane, &run->context);
    from->active[from_lane] = 0;
    from->member[from_lane] = MS_NO_CHAIN;
}

/* Fills the front groups with the active chains of the last ones, so that ended chains cost nothing. Groups
 * that move together stay until all have ended. */
static void compact(ms_run *run)
{
    if (run->context.engine->team) {
        run->group_count = ms_run_active_chains(run) > 0 ? run->group_count : 0;
        return;
    }
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
            move(run, &run->groups[to], to_lane, &run->groups[from], lane);
        }
    run->group_count = keep;
}

static bool start_group(ms_run *run, size_t g)
{
    const ms_engine_type *engine = run->context.engine;
    ms_group *group = &run->groups[g];
    size_t lead = engine->lead ? engine->lead(&run->params) : 0;
    for (int lane = 0; lane < MS_LANES; lane++) {
        size_t chain = g * MS_LANES + (size_t)lane - lead; /* huge before the first */
        bool exists = chain < run->params.chains;
        group->member[lane] = exists ? chain : MS_NO_CHAIN;
        group->chain[lane] = exists ? run->params.first_chain + chain : 0;
        group->active[lane] = exists ? -1 : 0;
    }
    for (size_t e = 0; e < run->context.conditions.events; e++)
        group->pending[e] = group->active;
    if (!engine->start(group, &run->context))
        return false;
    engine->measure(group, &run->context);
    engine->begin_pass(group, &run->context);
    engine->enter_patch(group, &run->context, 0);
    record_events(run, group, 0, 0);
    return true;
}

/* What has failed in evaluations of the target since this was last asked, or NULL. */
static const char *take_failure(const ms_run *run)
{
    const ms_target *target = run->params.target;
    return target->type->take_failure ? target->type->take_failure(target->content) : NULL;
}

static bool has_failed(const ms_run *run)
{
    const ms_target *target = run->params.target;
    return target->type->has_failed && target->type->has_failed(target->content);
}

static ms_status check_evaluations(const ms_run *run, ms_error *error)
{
    const char *failure = take_failure(run);
    return failure ? ms_error_set(error, MS_ERROR_NUMERIC, "%s; correct it, or reduce step_size", failure)
                   : MS_OK;
}

ms_status ms_run_alloc(ms_run **out, const ms_run_params *params, ms_error *error)
{
    *out = NULL;
    ms_run_params p = *params;
    if (p.patch_size == 0)
        p.patch_size = ms_target_dimension(p.target);
    ms_passes passes;
    const ms_engine_type *engine = NULL;
    ms_status status = check_params(&p, error);
    if (status == MS_OK)
        status = ms_passes_init(&passes, &p, error);
    if (status == MS_OK)
        status = choose_engine(&p, &engine, error);
    if (status != MS_OK)
        return status;
    ms_run *run = calloc(1, sizeof *run);
    if (!run)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a run");
    run->params = p;
    run->context = (ms_context){.engine = engine, .kernel = ms_kernel_find(p.simd), .passes = passes};
    bool good = copy_params(run);
    status = good ? engine->prepare(&run->context, error) : MS_OK;
    if (status != MS_OK) {
        ms_run_free(run);
        return status;
    }
    good = good && resolve_clauses(run) && allocate(run);
    (void)take_failure(run); /* of others that use the target */
    for (size_t i = 0; good && i < p.chains * run->context.conditions.events; i++)
        run->event_time[i] = MS_CENSORED;
    for (size_t i = 0; good && i < p.chains; i++)
        run->ended[i] = MS_NOT_ENDED;
    run->group_count = good ? run->group_capacity : 0;
    for (size_t g = 0; good && g < run->group_count; g++)
        good = start_group(run, g);
    if (!good) {
        ms_run_free(run);
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu chains of dimension %zu", p.chains,
                            ms_target_dimension(p.target));
    }
    if (snapshot_due(run))
        take_snapshot(run);
    const char *failure = take_failure(run);
    if (failure) {
        ms_run_free(run);
        return ms_error_set(error, MS_ERROR_NUMERIC, "%s", failure);
    }
    compact(run);
    *out = run;
    return MS_OK;
}

void ms_run_free(ms_run *run)
{
    if (!run)
        return;
    for (size_t g = 0; run->groups && g < run->group_capacity; g++) {
        free(run->groups[g].pending);
        run->context.engine->free(&run->groups[g]);
    }
    run->context.engine->release(&run->context);
    free(run->groups);
    free(run->context.conditions.each);
    free(run->sampler_params);
    free(run->clauses);
    free(run->snapshots);
    free(run->observables);
    free(run->event_time);
    free(run->ended);
    free(run->observations);
    free(run->total);
    free(run->distance);
    free(run->position);
    free(run);
}

/* Iterations of one group, or of a team from its first one on, from `cursor` on, which moves along; up to one
 * at which the target fails. */
static void advance_team(ms_run *run, ms_group *group, size_t team, ms_cursor *cursor, uint64_t count)
{
    const ms_passes *passes = &run->context.passes;
    const ms_schedule *schedule = &run->params.schedule;
    const ms_engine_type *engine = run->context.engine;
    uint64_t end = cursor->iteration + count;
    while (cursor->iteration < end && !has_failed(run)) {
        while (cursor->iteration - cursor->pass_begin >= ms_passes_begin(passes, cursor->patch + 1)) {
            engine->leave_patch(group, &run->context, cursor->patch);
            if (++cursor->patch == passes->patches) {
                engine->begin_pass(group, &run->context);
                cursor->pass_begin += passes->length;
                cursor->patch = 0;
            }
            engine->enter_patch(group, &run->context, cursor->patch);
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
            engine->advance(group, &run->context, cursor->patch, level, cursor->iteration + 1, segment);
        for (size_t g = 0; g < team; g++)
            record_events(run, group + g, cursor->patch, cursor->iteration);
    }
}

/* Iterations of all groups. What fails at the lowest iteration is told, however many there are. */
static ms_status advance_groups(ms_run *run, uint64_t count, ms_error *error)
{
    ms_cursor cursor = run->cursor;
    ms_status status = MS_OK;
    size_t team = run->context.engine->team ? run->group_count : 1;
    for (size_t g = 0; g < run->group_count; g += team) {
        cursor = run->cursor;
        advance_team(run, &run->groups[g], team, &cursor, count);
        ms_status of_group = check_evaluations(run, error);
        if (of_group == MS_OK)
            continue;
        status = of_group;
        count = cursor.iteration - run->cursor.iteration - 1; /* others may have failed before */
    }
    run->cursor = cursor;
    return status;
}

/* Where it is known, the step size is named below which steps are stable in every component. */
static ms_status diverged(const ms_run_params *p, ms_error *error)
{
    ms_isotropic mixture;
    double limit = INFINITY;
    if (p->sampler == ms_sampler_langevin && p->target->type->isotropic(p->target->content, &mixture))
        for (size_t i = 0; i < mixture.components; i++)
            limit = fmin(limit, ms_schedule_stable_below(&p->schedule, mixture.variance[i]));
    char below[32] = "";
    if (p->schedule.step_size >= limit)
        snprintf(below, sizeof below, " below %g", limit);
    return ms_error_set(error, MS_ERROR_NUMERIC,
                        "chain diverged (non-finite state) with step_size %g; reduce step_size%s",
                        p->schedule.step_size, below);
}

/* No overflow, no NaN: a chain that left the numbers would otherwise pass for one that discovers nothing. Of
 * a target by functions it looks at distances alone: when it is called depends on how a run is cut into
 * calls, and what fails must not. */
static ms_status check_finite(ms_run *run, ms_error *error)
{
    const ms_engine_type *engine = run->context.engine;
    size_t components = ms_target_components(run->params.target);
    size_t measures = run->params.target->type->take_failure ? components : engine->measures(&run->context);
    for (size_t g = 0; g < run->group_count; g++) {
        if (engine->is_finite) {
            if (!engine->is_finite(&run->groups[g], &run->context))
                return diverged(&run->params, error);
            continue;
        }
        engine->totals(&run->groups[g], &run->context, run->cursor.patch, false, run->total);
        for (size_t row = 0; row < measures; row++)
            for (int lane = 0; lane < MS_LANES; lane++) {
                /* distances, then log-weights, then a log-density; logarithms may be -inf */
                double value = run->total[row][lane];
                if (run->groups[g].active[lane] && (row < components ? !isfinite(value) : isnan(value)))
                    return diverged(&run->params, error);
            }
    }
    return MS_OK;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

ms_status ms_run_advance(ms_run *run, uint64_t iterations, ms_error *error)
{
    (void)take_failure(run); /* of others that use the target */
    while (iterations > 0 && !ms_run_done(run)) {
        /* Ended chains are sorted out between chunks: often while many end, rarely later. */
        uint64_t now = run->cursor.iteration;
        uint64_t chunk = least(now < 128 ? 16 : now / 8, 65536);
        chunk = least(least(chunk, iterations), run->params.iterations - now);
        if (run->snapshots_taken < run->params.snapshot_count)
            chunk = least(chunk, run->snapshots[run->snapshots_taken] - now);
        ms_status status = advance_groups(run, chunk, error);
        if (status == MS_OK)
            status = check_finite(run, error);
        if (status != MS_OK)
            return status;
        iterations -= chunk;
        if (snapshot_due(run)) {
            take_snapshot(run);
            status = check_evaluations(run, error); /* now, for the next call would forget it */
            if (status != MS_OK)
                return status;
        }
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
    return run->event_time[chain * run->context.conditions.events + event];
}

uint64_t ms_run_observed(const ms_run *run, size_t chain)
{
    return run->ended[chain] == MS_NOT_ENDED ? run->cursor.iteration : run->ended[chain];
}

size_t ms_run_event_count(const ms_run *run)
{
    return run->context.conditions.events;
}

const void *ms_run_observation(const ms_run *run, size_t observable, size_t snapshot, size_t chain)
{
    if (snapshot >= run->snapshots_taken || chain >= run->params.chains ||
        observable >= run->params.observable_count)
        return NULL;
    const ms_word *row = observation(run, snapshot, chain);
    for (size_t o = 0; o < observable; o++)
        row += ms_observable_width(run->observables[o], run->params.target);
    return row;
}

size_t ms_run_observation_width(const ms_run *run, size_t observable)
{
    return ms_observable_width(run->observables[observable], run->params.target);
}

const double *ms_run_snapshot(const ms_run *run, size_t snapshot, size_t chain)
{
    return ms_run_observation(run, 0, snapshot, chain);
}

ms_engine ms_run_engine(const ms_run *run)
{
    return run->context.engine->engine;
}

ms_status ms_run_position(const ms_run *run, size_t chain, double *x, ms_error *error)
{
    for (size_t g = 0; g < run->group_count; g++)
        for (int lane = 0; lane < MS_LANES; lane++) {
            const ms_group *group = &run->groups[g];
            if (group->member[lane] != chain || !group->active[lane])
                continue;
            run->context.engine->position(group, &run->context, lane, run->cursor.iteration, x);
            return MS_OK;
        }
    return ms_error_set(error, MS_ERROR_ARGUMENT, "chain %zu has ended or does not belong to this run",
                        chain);
}
