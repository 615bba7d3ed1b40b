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

size_t ms_sweep_modes(const ms_sweep *sweep)
{
    return sweep->component_count - 1;
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

ms_engine ms_sweep_engine(const ms_sweep *sweep)
{
    if (sweep->engine != MS_ENGINE_AUTO)
        return sweep->engine;
    return sweep->start.type == MS_START_UNIFORM ? MS_ENGINE_FULL : MS_ENGINE_REDUCED;
}

static ms_run_size block_size(const ms_sweep *sweep, ms_block block)
{
    const ms_point *point = &sweep->points[block.point];
    return ms_run_size_of(&(ms_run_shape){.engine = ms_sweep_engine(sweep),
                                          .sampler = ms_sampler_langevin,
                                          .dimension = point->dimension,
                                          .patch_size = point->patch_size,
                                          .components = sweep->component_count,
                                          .start = sweep->start.type,
                                          .chains = block.chains,
                                          .events = MS_RULE_COUNT * ms_sweep_modes(sweep),
                                          .snapshots = sweep->snapshot_count,
                                          .observed = sweep->component_count});
}

double ms_sweep_block_cost(const ms_sweep *sweep, ms_block block)
{
    ms_run_size size = block_size(sweep, block);
    return (double)size.chains * (double)sweep->iterations * (size.updates + ITERATION_CHARGE);
}

double ms_sweep_block_memory(const ms_sweep *sweep, ms_block block)
{
    /* the means exist twice while the target is made */
    return block_size(sweep, block).memory + 2.0 * sizeof(double) * (double)sweep->component_count *
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

double ms_component_mean(const ms_component *component, size_t coordinate, size_t dimension)
{
    switch (component->pattern) {
    case MS_MEAN_CONSTANT:
        break;
    case MS_MEAN_LIST:
    case MS_MEAN_REPEAT:
        return component->values[coordinate % component->value_count];
    case MS_MEAN_ALTERNATING:
        return coordinate % 2 == 0 ? component->value : -component->value;
    case MS_MEAN_HALVES:
        return coordinate < dimension - dimension / 2 ? component->value : -component->value;
    case MS_MEAN_RAMP:
        /* symmetric to the last bit; a single coordinate is the end of the ramp */
        if (dimension > 1)
            return component->value *
                   ((2.0 * (double)coordinate - (double)(dimension - 1)) / (double)(dimension - 1));
        break;
    }
    return component->value;
}

ms_status ms_sweep_target_alloc(const ms_sweep *sweep, size_t dimension, ms_target **target, ms_error *error)
{
    *target = NULL;
    size_t components = sweep->component_count;
    for (size_t i = 0; i < components; i++)
        if (sweep->component[i].pattern == MS_MEAN_LIST && sweep->component[i].value_count != dimension)
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "mean %zu has %zu coordinates, the dimension is %zu", i,
                                sweep->component[i].value_count, dimension);
    if (dimension > MS_SWEEP_DIMENSION_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "dimension %zu is larger than %u", dimension,
                            MS_SWEEP_DIMENSION_MAX);
    double weight[MS_SWEEP_COMPONENTS_MAX], variance[MS_SWEEP_COMPONENTS_MAX];
    double *mean = malloc((components * dimension + 1) * sizeof *mean);
    if (!mean)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu means of dimension %zu",
                            components, dimension);
    for (size_t i = 0; i < components; i++) {
        weight[i] = sweep->component[i].weight;
        variance[i] = sweep->component[i].variance;
        for (size_t j = 0; j < dimension; j++)
            mean[i * dimension + j] = ms_component_mean(&sweep->component[i], j, dimension);
    }
    const ms_mixture_params params = {.dimension = dimension,
                                      .components = components,
                                      .weight = weight,
                                      .mean = mean,
                                      .variance = variance};
    ms_status status = ms_target_alloc(target, sweep->family, &params, error);
    free(mean);
    return status;
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

ms_status ms_block_run_alloc(const ms_sweep *sweep, ms_block block, ms_simd simd, ms_block_run *block_run,
                             ms_error *error)
{
    *block_run = (ms_block_run){0};
    const ms_point *point = &sweep->points[block.point];
    ms_status status = check_memory(sweep, block, error);
    if (status == MS_OK)
        status = ms_sweep_target_alloc(sweep, point->dimension, &block_run->target, error);
    if (status != MS_OK)
        return status;
    ms_clause clauses[MS_RULE_COUNT * MS_SWEEP_COMPONENTS_MAX];
    double radius_squared = sweep->radius_squared;
    if (radius_squared == 0)
        radius_squared = ms_discovery_radius_squared(block_run->target);
    ms_discovery_events(block_run->target, radius_squared, clauses);

    ms_run_params params;
    ms_run_params_init(&params);
    params.target = block_run->target;
    params.start = sweep->start;
    params.schedule = sweep->schedule;
    params.schedule.noise_level = point->noise_level;
    params.patch_size = point->patch_size;
    params.shorter_last_patch = sweep->indivisible == MS_INDIVISIBLE_SHORTER_LAST_PATCH;
    params.iterations_per_patch = sweep->iterations_per_patch;
    params.iterations_per_pass = sweep->iterations_per_pass;
    params.conditioning = sweep->conditioning;
    params.engine = sweep->engine;
    params.iterations = sweep->iterations;
    params.key = ms_sweep_point_key(sweep, block.point, &(ms_key_memo){0});
    params.first_chain = block.first_chain;
    params.chains = block.chains;
    params.clauses = clauses;
    params.clause_count = MS_RULE_COUNT * ms_sweep_modes(sweep);
    params.snapshots = sweep->snapshots;
    params.snapshot_count = sweep->snapshot_count;
    params.stop_when_discovered = sweep->stop_when_discovered;
    params.simd = simd;
    status = ms_run_alloc(&block_run->run, &params, error);
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
