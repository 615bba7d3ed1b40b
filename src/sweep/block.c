/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points to blocks, and blocks to jobs. */
#include "estimate/replicate.h"
#include "sweep/estimators.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUTLOOK_ERROR 0.02 /* relative, for which costs are told */

static uint64_t last_snapshot(const ms_sweep *sweep)
{
    return sweep->snapshot_count > 0 ? sweep->snapshots[sweep->snapshot_count - 1] : 0;
}

ms_job_shape ms_sweep_job_shape(const ms_sweep *sweep, ms_block block)
{
    const ms_point *point = &sweep->points[block.point];
    const ms_settings *settings = ms_sweep_settings(sweep, block.point);
    return (ms_job_shape){
        .run = {.engine = ms_settings_engine(settings, point->dimension),
                .sampler = ms_settings_sampler(settings),
                .dimension = point->dimension,
                .patch_size = point->patch_size,
                .components = ms_sweep_components(sweep),
                .start = settings->start.type,
                .chains = block.chains,
                .chains_together = sweep->block_chains,
                .events = ms_sweep_events(sweep),
                .snapshots = sweep->snapshot_count,
                .observed = ms_sweep_observed(sweep, point->dimension)},
        .rules = ms_sweep_rules(sweep),
        .params = ms_sweep_job_params(sweep, block.point, sweep->points[block.point].estimator),
        .iterations = settings->iterations,
        .at_least = sweep->stop_when_discovered ? last_snapshot(sweep) : settings->iterations};
}

static ms_job_size block_size(const ms_sweep *sweep, ms_block block)
{
    ms_job_shape shape = ms_sweep_job_shape(sweep, block);
    return ms_sweep_job_type(sweep, block.point)->size(&shape);
}

double ms_sweep_block_cost(const ms_sweep *sweep, ms_block block)
{
    return block_size(sweep, block).cost;
}

double ms_sweep_block_memory(const ms_sweep *sweep, ms_block block)
{
    /* the means exist twice while the target is made */
    return block_size(sweep, block).memory + 2.0 * sizeof(double) * (double)ms_sweep_components(sweep) *
                                                 (double)sweep->points[block.point].dimension;
}

size_t ms_sweep_block_state_size(const ms_sweep *sweep, ms_block block)
{
    return block_size(sweep, block).state;
}

double ms_sweep_memory(const ms_sweep *sweep)
{
    double largest = 0;
    for (size_t p = 0; p < sweep->point_count; p++)
        if (ms_sweep_point_blocks(sweep, p) > 0)
            largest = fmax(largest,
                           ms_sweep_block_memory(sweep, ms_sweep_block(sweep, sweep->points[p].first_block)));
    return largest;
}

/* Overcommitted memory ends in a killed process; refuse what this machine cannot hold. */
static ms_status check_memory(const ms_sweep *sweep, ms_block block, ms_error *error)
{
    double needed = ms_sweep_block_memory(sweep, block);
    double installed = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    if (installed > 0 && needed > installed)
        return ms_error_set(
            error, MS_ERROR_MEMORY,
            "a block of %zu chains of dimension %zu needs %.3g bytes, this machine has %.3g: give a "
            "smaller budget: block",
            block.chains, sweep->points[block.point].dimension, needed, installed);
    return MS_OK;
}

/* All of a job of a point but its units; `observables` is room. The clauses are the caller's to free. */
static ms_status fill_params(const ms_sweep *sweep, size_t at, const ms_target *target,
                             const ms_observable_type *observables[MS_COLUMNS_MAX], ms_clause **clauses,
                             ms_job_params *job, ms_error *error)
{
    const ms_point *point = &sweep->points[at];
    const ms_settings *settings = ms_sweep_settings(sweep, at);
    ms_run_params *params = &job->run;
    ms_run_params_init(params);
    job->rules = ms_sweep_rules(sweep);
    params->target = target;
    params->sampler = ms_settings_sampler(settings);
    params->sampler_params = settings->sampler.params;
    params->start = settings->start;
    params->schedule = ms_settings_schedule(settings, point->noise_level);
    params->patch_size = point->patch_size;
    params->shorter_last_patch = sweep->indivisible == MS_INDIVISIBLE_SHORTER_LAST_PATCH;
    params->iterations_per_patch = settings->iterations_per_patch;
    params->iterations_per_pass = settings->iterations_per_pass;
    params->conditioning = settings->conditioning;
    params->engine = ms_settings_engine(settings, point->dimension);
    params->iterations = settings->iterations;
    params->snapshots = sweep->snapshots;
    params->snapshot_count = sweep->snapshot_count;
    params->observables = observables;
    params->observable_count = ms_sweep_observables(sweep, observables);
    params->mode_of = settings->mode_of;
    params->stop_when_discovered = sweep->stop_when_discovered;
    ms_status status = ms_settings_clauses(settings, target, clauses, &params->clause_count, error);
    params->clauses = *clauses;
    return status;
}

typedef ms_status job_check(const ms_sweep *sweep, size_t estimator, const ms_job_params *params,
                            ms_error *error);

/* Asks of a point's params with that estimator. */
static ms_status ask(const ms_sweep *sweep, size_t point, size_t estimator, const ms_target *target,
                     job_check *check, ms_error *error)
{
    const ms_observable_type *observables[MS_COLUMNS_MAX];
    ms_clause *clauses;
    ms_job_params params = {.type = sweep->estimator[estimator].type,
                            .params = ms_sweep_job_params(sweep, point, estimator)};
    ms_status status = fill_params(sweep, point, target, observables, &clauses, &params, error);
    if (status == MS_OK)
        status = check(sweep, estimator, &params, error);
    free(clauses);
    return status;
}

static ms_status can_compute(const ms_sweep *sweep, size_t estimator, const ms_job_params *params,
                             ms_error *error)
{
    return sweep->estimator[estimator].type->check(params, error);
}

static ms_status is_to_compute(const ms_sweep *sweep, size_t estimator, const ms_job_params *params,
                               ms_error *error)
{
    const ms_job_type *chooser = (const ms_job_type *)sweep->variant[0].estimator.kind;
    return chooser->declines ? chooser->declines(&sweep->estimator[estimator], params, error) : MS_OK;
}

ms_status ms_sweep_check_estimator(const ms_sweep *sweep, size_t point, size_t estimator,
                                   const ms_target *target, ms_error *error)
{
    ms_status status = ask(sweep, point, estimator, target, can_compute, error);
    return status == MS_OK ? ask(sweep, point, estimator, target, is_to_compute, error) : status;
}

ms_status ms_sweep_check_point(const ms_sweep *sweep, size_t point, const ms_target *target, ms_error *error)
{
    return ask(sweep, point, sweep->points[point].estimator, target, can_compute, error);
}

ms_status ms_sweep_outlook(const ms_sweep *sweep, size_t point, size_t rule, const ms_target *target,
                           ms_outlook *outlook, ms_error *error)
{
    const ms_observable_type *observables[MS_COLUMNS_MAX];
    ms_clause *clauses;
    ms_job_params params;
    ms_status status = fill_params(sweep, point, target, observables, &clauses, &params, error);
    if (status == MS_OK) {
        const ms_job_params one = ms_replicates_params_of_rule(&params, rule);
        status = ms_outlook_of(&one.run, OUTLOOK_ERROR, outlook, error);
    }
    free(clauses);
    return status;
}

/* Whether two variants have the same values on all axes that concern the target. */
static bool have_same_target(const ms_sweep *sweep, size_t a, size_t b)
{
    for (size_t i = 0; i < sweep->further_axes; i++)
        if (strncmp(sweep->further[i].name, "target", strlen("target")) == 0 &&
            ms_sweep_further_value(sweep, i, a) != ms_sweep_further_value(sweep, i, b))
            return false;
    return true;
}

ms_status ms_sweep_keep_target(const ms_sweep *sweep, size_t point, ms_kept *kept, ms_error *error)
{
    const ms_point *at = &sweep->points[point];
    if (kept->target && ms_target_dimension(kept->target) == at->dimension &&
        have_same_target(sweep, kept->variant, at->variant))
        return MS_OK;
    ms_target_free(kept->target);
    kept->variant = at->variant;
    return ms_settings_target_alloc(ms_sweep_settings(sweep, point), at->dimension, &kept->target, error);
}

void ms_kept_free(ms_kept *kept)
{
    ms_target_free(kept->target);
    *kept = (ms_kept){0};
}

ms_status ms_sweep_job_alloc(const ms_sweep *sweep, ms_block block, ms_simd simd, ms_kept *kept, ms_job *job,
                             ms_error *error)
{
    const ms_observable_type *observables[MS_COLUMNS_MAX];
    ms_clause *clauses = NULL;
    size_t estimator = sweep->points[block.point].estimator;
    ms_job_params params = {.type = ms_sweep_job_type(sweep, block.point),
                            .params = ms_sweep_job_params(sweep, block.point, estimator)};
    *job = (ms_job){.type = params.type};
    ms_status status = check_memory(sweep, block, error);
    if (status == MS_OK)
        status = ms_sweep_keep_target(sweep, block.point, kept, error);
    if (status == MS_OK)
        status = fill_params(sweep, block.point, kept->target, observables, &clauses, &params, error);
    if (status == MS_OK) {
        params.run.key = ms_sweep_point_key(sweep, block.point, &kept->memo);
        params.run.first_chain = block.first_chain;
        params.run.chains = block.chains;
        params.run.chains_together = sweep->block_chains;
        params.run.simd = simd;
        status = job->type->alloc(&job->state, &params, error);
    }
    free(clauses);
    return status;
}
