/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key of a point's random numbers. It names what the chains do, not how the sweep file says it: two
 * points with the same law of motion and the same seed share their numbers. */
#include "sweep/sweep.h"

static void hash_start(const ms_sweep *sweep, ms_hash *hash)
{
    const ms_start *start = &sweep->start;
    ms_hash_u64(hash, start->type);
    switch (start->type) {
    case MS_START_COMPONENT:
        ms_hash_u64(hash, start->component);
        break;
    case MS_START_UNIFORM:
        ms_hash_double(hash, start->low);
        ms_hash_double(hash, start->high);
        break;
    case MS_START_NORMAL:
        ms_hash_double(hash, start->variance);
        break;
    case MS_START_POSITIONS:
        ms_hash_u64(hash, start->rows);
        for (size_t i = 0; i < start->rows * sweep->positions_dimension; i++)
            ms_hash_double(hash, start->positions[i]);
        break;
    }
}

static void hash_target(const ms_target *target, ms_hash *hash)
{
    size_t components = ms_target_components(target), dimension = ms_target_dimension(target);
    ms_hash_u64(hash, components);
    for (size_t i = 0; i < components; i++) {
        ms_hash_double(hash, ms_target_weight(target, i));
        ms_hash_double(hash, ms_target_variance(target, i));
        const double *mean = ms_target_mean(target, i);
        for (size_t j = 0; j < dimension; j++)
            ms_hash_double(hash, mean[j]);
    }
}

static void hash_visits(const ms_sweep *sweep, uint64_t patches, bool divides, ms_hash *hash)
{
    uint64_t per_patch = sweep->iterations_per_patch, per_pass = sweep->iterations_per_pass;
    /* the same visits, asked for in two ways */
    if (per_patch == 0 && divides && per_pass % patches == 0) {
        per_patch = per_pass / patches;
        per_pass = 0;
    }
    ms_hash_u64(hash, per_patch);
    ms_hash_u64(hash, per_patch > 0 ? 0 : per_pass);
}

uint64_t ms_sweep_point_key(const ms_sweep *sweep, const ms_target *target, size_t point)
{
    const ms_point *p = &sweep->points[point];
    ms_schedule schedule = sweep->schedule;
    schedule.noise_level = p->noise_level;
    size_t levels = ms_schedule_levels(&schedule);
    bool divides = p->dimension % p->patch_size == 0;
    uint64_t patches = p->dimension / p->patch_size + !divides;

    ms_hash hash = ms_hash_init();
    ms_hash_u64(&hash, p->seed);
    ms_hash_u64(&hash, p->dimension);
    ms_hash_u64(&hash, p->patch_size);
    ms_hash_double(&hash, p->noise_level);
    hash_target(target, &hash);
    hash_start(sweep, &hash);
    /* engines use the numbers in different ways: their chains are to be independent, so that they can be
     * compared */
    ms_hash_u64(&hash, ms_sweep_engine(sweep));
    ms_hash_double(&hash, schedule.step_size);
    ms_hash_u64(&hash, levels);
    if (levels > 1) {
        ms_hash_double(&hash, schedule.noise_level_min);
        ms_hash_u64(&hash, schedule.step_rule);
    }
    if (patches > 1 || levels > 1)
        hash_visits(sweep, patches, divides, &hash);
    if (patches > 1 && levels > 1)
        ms_hash_u64(&hash, sweep->conditioning);
    return ms_hash_value(&hash);
}
