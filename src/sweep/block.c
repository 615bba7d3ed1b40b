/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points to blocks, and blocks to runs. */
#include "sweep/sweep.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define LANES            8 /* chains that are computed together, also where some are missing */
#define ITERATION_CHARGE 8 /* coordinates that the work of an iteration beside its coordinates is worth */

#define STATE_HEADER 128 /* bytes of a saved state that do not depend on the sweep, at most */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t group_count(ms_block block)
{
    return block.chains / LANES + (block.chains % LANES != 0);
}

static double groups(ms_block block)
{
    return (double)group_count(block);
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

/* Dimensions that the reduced engine follows in a patch, the distance from the span among them. */
static double reduced_dimensions(const ms_settings *settings, const ms_point *point)
{
    size_t span = ms_settings_components(settings) - 1 + (settings->start.type == MS_START_NORMAL);
    return (double)least(span + 1, point->patch_size);
}

double ms_sweep_block_cost(const ms_sweep *sweep, ms_block block)
{
    const ms_point *point = &sweep->points[block.point];
    const ms_settings *settings = ms_sweep_settings(sweep, block.point);
    double coordinates = ms_settings_engine(settings) == MS_ENGINE_REDUCED
                             ? reduced_dimensions(settings, point)
                             : (double)point->patch_size;
    return groups(block) * LANES * (double)settings->iterations * (coordinates + ITERATION_CHARGE);
}

double ms_sweep_block_memory(const ms_sweep *sweep, ms_block block)
{
    const ms_point *point = &sweep->points[block.point];
    const ms_settings *settings = ms_sweep_settings(sweep, block.point);
    size_t whole_patches = point->dimension / point->patch_size;
    double components = (double)ms_sweep_components(sweep), dimension = (double)point->dimension,
           events = (double)(MS_RULE_COUNT * ms_sweep_modes(sweep)),
           snapshots = (double)sweep->snapshot_count, patches = (double)whole_patches + 1;
    double rows = dimension, shared = 0;
    if (ms_settings_engine(settings) == MS_ENGINE_REDUCED) {
        double span = reduced_dimensions(settings, point);
        rows = patches * span;
        shared = span * (dimension + patches * components);
    }
    double lanes = rows + (patches + 3) * components + events;
    double chain = events + 1 + snapshots * components;
    /* the means exist twice while the target is made */
    return sizeof(double) * (groups(block) * LANES * lanes + (double)block.chains * chain + shared +
                             2 * components * dimension);
}

double ms_sweep_memory(const ms_sweep *sweep)
{
    size_t blocks_of_point = ms_sweep_block_count(sweep) / sweep->point_count;
    double largest = 0;
    for (size_t p = 0; p < sweep->point_count; p++)
        largest = fmax(largest, ms_sweep_block_memory(sweep, ms_sweep_block(sweep, p * blocks_of_point)));
    return largest;
}

size_t ms_sweep_block_state_size(const ms_sweep *sweep, ms_block block)
{
    const ms_point *point = &sweep->points[block.point];
    const ms_settings *settings = ms_sweep_settings(sweep, block.point);
    size_t events = MS_RULE_COUNT * ms_sweep_modes(sweep), rows = point->dimension;
    if (ms_settings_engine(settings) == MS_ENGINE_REDUCED) {
        size_t span = ms_sweep_components(sweep) - 1 + (settings->start.type == MS_START_NORMAL);
        size_t patches = (point->dimension - 1) / point->patch_size + 1;
        rows = patches * (least(span, point->patch_size) + 1);
    }
    /* limits of the sweep keep the products far below 2^64 */
    size_t group = LANES * (sizeof(uint32_t) + rows * sizeof(double)) + (events + 7) / 8 * 8;
    size_t chain = (events + 1 + sweep->snapshot_count * ms_sweep_components(sweep)) * sizeof(double);
    return STATE_HEADER + group_count(block) * group + block.chains * chain;
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
    const ms_settings *settings = ms_sweep_settings(sweep, block.point);
    ms_status status = check_memory(sweep, block, error);
    if (status == MS_OK)
        status = ms_settings_target_alloc(settings, point->dimension, &block_run->target, error);
    if (status != MS_OK)
        return status;
    ms_event events[MS_EVENTS_MAX];
    _Static_assert(MS_RULE_COUNT * (MS_COMPONENTS_MAX - 1) <= MS_EVENTS_MAX, "room for every event");
    double radius_squared = settings->radius_squared;
    if (radius_squared == 0)
        radius_squared = ms_discovery_radius_squared(block_run->target);
    ms_discovery_events(block_run->target, radius_squared, events);

    ms_run_params params;
    ms_run_params_init(&params);
    params.target = block_run->target;
    params.start = settings->start;
    params.schedule = ms_settings_schedule(settings, point->noise_level);
    params.patch_size = point->patch_size;
    params.shorter_last_patch = sweep->indivisible == MS_INDIVISIBLE_SHORTER_LAST_PATCH;
    params.iterations_per_patch = settings->iterations_per_patch;
    params.iterations_per_pass = settings->iterations_per_pass;
    params.conditioning = settings->conditioning;
    params.engine = settings->engine;
    params.iterations = settings->iterations;
    params.key = ms_sweep_point_key(sweep, block.point, &(ms_key_memo){0});
    params.first_chain = block.first_chain;
    params.chains = block.chains;
    params.events = events;
    params.event_count = MS_RULE_COUNT * ms_sweep_modes(sweep);
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
