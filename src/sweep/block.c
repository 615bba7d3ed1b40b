/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points to blocks, and blocks to runs. */
#include "sampler/run_size.h"
#include "sweep/sweep.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define ITERATION_CHARGE 8 /* coordinates that the work of an iteration beside its coordinates is worth */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t blocks_of_a_point(const ms_sweep *sweep)
{
    return (sweep->chains - 1) / sweep->block_chains + 1;
}

size_t ms_sweep_block_count(const ms_sweep *sweep)
{
    return sweep->point_count * blocks_of_a_point(sweep);
}

ms_block ms_sweep_block(const ms_sweep *sweep, size_t block)
{
    size_t first = block % blocks_of_a_point(sweep) * sweep->block_chains;
    return (ms_block){.point = block / blocks_of_a_point(sweep),
                      .first_chain = first,
                      .chains = least(sweep->block_chains, sweep->chains - first)};
}

static ms_run_size block_size(const ms_sweep *sweep, ms_block block)
{
    const ms_point *point = &sweep->points[block.point];
    const ms_settings *settings = ms_sweep_settings(sweep, block.point);
    return ms_run_size_of(&(ms_run_shape){.engine = ms_settings_engine(settings, point->dimension),
                                          .sampler = ms_settings_sampler(settings),
                                          .dimension = point->dimension,
                                          .patch_size = point->patch_size,
                                          .components = ms_sweep_components(sweep),
                                          .start = settings->start.type,
                                          .chains = block.chains,
                                          .events = ms_sweep_events(sweep),
                                          .snapshots = sweep->snapshot_count,
                                          .observed = ms_sweep_observed(sweep, point->dimension)});
}

double ms_sweep_block_cost(const ms_sweep *sweep, ms_block block)
{
    ms_run_size size = block_size(sweep, block);
    uint64_t iterations = ms_sweep_settings(sweep, block.point)->iterations;
    return (double)size.chains * (double)iterations * (size.updates + ITERATION_CHARGE);
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
    size_t blocks_of_point = ms_sweep_block_count(sweep) / sweep->point_count;
    double largest = 0;
    for (size_t p = 0; p < sweep->point_count; p++)
        largest = fmax(largest, ms_sweep_block_memory(sweep, ms_sweep_block(sweep, p * blocks_of_point)));
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

/* All of a run of a point but its chains; `observables` is room. The clauses are the caller's to free. */
static ms_status fill_params(const ms_sweep *sweep, size_t at, const ms_target *target,
                             const ms_observable_type *observables[MS_COLUMNS_MAX], ms_clause **clauses,
                             ms_run_params *params, ms_error *error)
{
    const ms_point *point = &sweep->points[at];
    const ms_settings *settings = ms_sweep_settings(sweep, at);
    ms_run_params_init(params);
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
    params->stop_when_discovered = sweep->stop_when_discovered;
    ms_status status = ms_settings_clauses(settings, target, clauses, &params->clause_count, error);
    params->clauses = *clauses;
    return status;
}

ms_status ms_sweep_check_point(const ms_sweep *sweep, size_t point, const ms_target *target, ms_error *error)
{
    const ms_observable_type *observables[MS_COLUMNS_MAX];
    ms_clause *clauses;
    ms_run_params params;
    ms_status status = fill_params(sweep, point, target, observables, &clauses, &params, error);
    if (status == MS_OK)
        status = ms_run_check_engine(&params, error);
    free(clauses);
    return status;
}

ms_status ms_block_run_alloc(const ms_sweep *sweep, ms_block block, ms_simd simd, ms_block_run *block_run,
                             ms_error *error)
{
    *block_run = (ms_block_run){0};
    const ms_observable_type *observables[MS_COLUMNS_MAX];
    ms_clause *clauses = NULL;
    ms_run_params params;
    ms_status status = check_memory(sweep, block, error);
    if (status == MS_OK)
        status = ms_settings_target_alloc(ms_sweep_settings(sweep, block.point),
                                          sweep->points[block.point].dimension, &block_run->target, error);
    if (status == MS_OK)
        status = fill_params(sweep, block.point, block_run->target, observables, &clauses, &params, error);
    if (status == MS_OK) {
        params.key = ms_sweep_point_key(sweep, block.point, &(ms_key_memo){0});
        params.first_chain = block.first_chain;
        params.chains = block.chains;
        params.simd = simd;
        status = ms_run_alloc(&block_run->run, &params, error);
    }
    free(clauses);
    if (status != MS_OK)
        ms_block_run_free(block_run);
    return status;
}

void ms_block_run_free(ms_block_run *block_run)
{
    ms_run_free(block_run->run);
    ms_target_free(block_run->target);
    *block_run = (ms_block_run){0};
}
