/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key of a point's random numbers. It names what the chains do, not how the sweep file says it: two
 * points with the same law of motion and the same seed share their numbers. */
#include "sweep/sweep.h"

#include <string.h>

/* FNV-1a turns a state h into h P^n + c modulo 2^64, P being its prime and n the number of bytes; c depends
 * on the bytes and on the last 8 bits of h alone. For `xor` with a byte adds a number that the last 8 bits
 * determine, and those of a product are determined by those of its factors. So the same bytes need not be
 * gone through again for each point, nor a million equal coordinates one by one: a hash jumps over them. */
#define FNV_PRIME UINT64_C(0x100000001b3)

static uint64_t power(uint64_t base, uint64_t exponent)
{
    uint64_t result = 1;
    for (; exponent > 0; exponent /= 2, base *= base)
        result *= exponent % 2 > 0 ? base : 1;
    return result;
}

static void jump(const ms_jump *over, ms_hash *hash)
{
    hash->state = hash->state * over->factor + over->offset[hash->state % 256];
}

/* Over the same bytes twice. */
static void jump_square(ms_jump *over)
{
    ms_jump once = *over;
    over->factor = once.factor * once.factor;
    for (uint64_t last = 0; last < 256; last++) {
        ms_hash hash = {last};
        jump(&once, &hash);
        jump(&once, &hash);
        over->offset[last] = hash.state - last * over->factor;
    }
}

static void hash_name(ms_hash *hash, const char *name)
{
    ms_hash_u64(hash, strlen(name));
    ms_hash_bytes(hash, name, strlen(name));
}

static void hash_numbers(ms_hash *hash, const double *number, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ms_hash_double(hash, number[i]);
}

/* `length` numbers, those in `period` again and again. */
static void hash_repeated(ms_hash *hash, const double *period, size_t count, size_t length)
{
    size_t times = length / count;
    if (times < 512) { /* faster one by one */
        for (; times > 0; times--)
            hash_numbers(hash, period, count);
    } else {
        ms_jump over = {.factor = power(FNV_PRIME, 8 * count)};
        for (uint64_t last = 0; last < 256; last++) {
            ms_hash from_last = {last};
            hash_numbers(&from_last, period, count);
            over.offset[last] = from_last.state - last * over.factor;
        }
        for (; times > 0; times /= 2, jump_square(&over))
            if (times % 2 > 0)
                jump(&over, hash);
    }
    hash_numbers(hash, period, length % count);
}

static void hash_mean(const ms_component *component, size_t dimension, ms_hash *hash)
{
    const double pair[2] = {component->value, -component->value};
    switch (component->pattern) {
    case MS_MEAN_CONSTANT:
        hash_repeated(hash, pair, 1, dimension);
        return;
    case MS_MEAN_LIST:
    case MS_MEAN_REPEAT:
        hash_repeated(hash, component->values, component->value_count, dimension);
        return;
    case MS_MEAN_ALTERNATING:
        hash_repeated(hash, pair, 2, dimension);
        return;
    case MS_MEAN_HALVES:
        hash_repeated(hash, &pair[0], 1, dimension - dimension / 2);
        hash_repeated(hash, &pair[1], 1, dimension / 2);
        return;
    case MS_MEAN_RAMP:
        for (size_t j = 0; j < dimension; j++)
            ms_hash_double(hash, ms_component_mean(component, j, dimension));
        return;
    }
}

/* Jumps over what the memo is of; false if it has not been seen from a state with these last 8 bits. */
static bool recall(const ms_memo *memo, ms_hash *hash)
{
    if (!memo->seen[hash->state % 256])
        return false;
    jump(&memo->over, hash);
    return true;
}

static void remember(ms_memo *memo, uint64_t before, const ms_hash *after, size_t words)
{
    memo->over.factor = power(FNV_PRIME, 8 * (uint64_t)words);
    memo->over.offset[before % 256] = after->state - before * memo->over.factor;
    memo->seen[before % 256] = true;
}

static void hash_positions(const ms_sweep *sweep, ms_memo *memo, ms_hash *hash)
{
    size_t count = sweep->start.rows * sweep->positions_dimension;
    uint64_t before = hash->state;
    if (recall(memo, hash))
        return;
    hash_numbers(hash, sweep->start.positions, count);
    remember(memo, before, hash, count);
}

static void hash_start(const ms_sweep *sweep, ms_memo *positions, ms_hash *hash)
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
        hash_positions(sweep, positions, hash);
        break;
    }
}

static void hash_target(const ms_sweep *sweep, size_t dimension, ms_key_memo *memo, ms_hash *hash)
{
    if (memo->dimension != dimension)
        memset(memo->target.seen, 0, sizeof memo->target.seen);
    memo->dimension = dimension;
    uint64_t before = hash->state;
    if (recall(&memo->target, hash))
        return;
    ms_hash_u64(hash, sweep->component_count);
    for (size_t i = 0; i < sweep->component_count; i++) {
        ms_hash_double(hash, sweep->component[i].weight);
        ms_hash_double(hash, sweep->component[i].variance);
        hash_mean(&sweep->component[i], dimension, hash);
    }
    remember(&memo->target, before, hash, 1 + sweep->component_count * (2 + dimension));
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

uint64_t ms_sweep_point_key(const ms_sweep *sweep, size_t point, ms_key_memo *memo)
{
    const ms_point *p = &sweep->points[point];
    ms_schedule schedule = sweep->schedule;
    schedule.noise_level = p->noise_level;
    size_t levels = ms_schedule_levels(&schedule);
    bool divides = p->dimension % p->patch_size == 0;
    uint64_t patches = p->dimension / p->patch_size + !divides;

    ms_hash hash = ms_hash_init();
    hash_name(&hash, ms_target_type_get_name(sweep->family));
    hash_name(&hash, "langevin"); /* the sampler */
    ms_hash_u64(&hash, p->seed);
    ms_hash_u64(&hash, p->dimension);
    ms_hash_u64(&hash, p->patch_size);
    ms_hash_double(&hash, p->noise_level);
    hash_target(sweep, p->dimension, memo, &hash);
    hash_start(sweep, &memo->positions, &hash);
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
