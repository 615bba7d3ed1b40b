/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key of a point's random numbers. It names what the chains do, not how the sweep file says it: two
 * points with the same law of motion and the same seed share their numbers. */
#include "sweep/schema.h"
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

static uint64_t hash_name(ms_hash *hash, const char *name)
{
    ms_hash_u64(hash, strlen(name));
    ms_hash_bytes(hash, name, strlen(name));
    return sizeof(uint64_t) + strlen(name);
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

static void hash_coordinates(const ms_vector *vector, size_t dimension, ms_hash *hash)
{
    const double pair[2] = {vector->value, -vector->value};
    switch (vector->pattern) {
    case MS_PATTERN_CONSTANT:
        hash_repeated(hash, pair, 1, dimension);
        return;
    case MS_PATTERN_LIST:
    case MS_PATTERN_REPEAT:
        hash_repeated(hash, vector->values, vector->value_count, dimension);
        return;
    case MS_PATTERN_ALTERNATING:
        hash_repeated(hash, pair, 2, dimension);
        return;
    case MS_PATTERN_HALVES:
        hash_repeated(hash, &pair[0], 1, dimension - dimension / 2);
        hash_repeated(hash, &pair[1], 1, dimension / 2);
        return;
    case MS_PATTERN_RAMP:
        for (size_t j = 0; j < dimension; j++)
            ms_hash_double(hash, ms_vector_at(vector, j, dimension));
        return;
    }
}

/* Stands before a vector where usually there is one number; no number has these bits. */
#define VECTOR_FOLLOWS UINT64_MAX

/* These return the number of bytes that were hashed. */
static uint64_t hash_vector(const ms_field *field, const ms_vector *vector, size_t dimension, ms_hash *hash)
{
    if (field->is_usually_constant && ms_vector_is_constant(vector, dimension)) {
        ms_hash_double(hash, ms_vector_at(vector, 0, dimension));
        return sizeof(double);
    }
    if (field->is_usually_constant)
        ms_hash_u64(hash, VECTOR_FOLLOWS);
    hash_coordinates(vector, dimension, hash);
    return (field->is_usually_constant + dimension) * sizeof(double);
}

static uint64_t hash_law(const ms_schema *schema, const void *from, size_t dimension, ms_hash *hash);

static uint64_t hash_list(const ms_field *field, const ms_list *list, size_t dimension, ms_hash *hash)
{
    uint64_t bytes = sizeof(uint64_t);
    ms_hash_u64(hash, list->count);
    for (size_t i = 0; i < list->count; i++)
        bytes += hash_law(field->schema, (const char *)list->item + i * field->size, dimension, hash);
    return bytes;
}

static uint64_t hash_named_numbers(const ms_list *list, ms_hash *hash)
{
    const ms_named_number *number = list->item;
    uint64_t bytes = sizeof(uint64_t);
    ms_hash_u64(hash, list->count);
    for (size_t i = 0; i < list->count; i++) {
        bytes += hash_name(hash, number[i].name) + sizeof(double);
        ms_hash_double(hash, number[i].value);
    }
    return bytes;
}

static uint64_t hash_field(const ms_field *field, const void *from, size_t dimension, ms_hash *hash)
{
    const void *value = (const char *)from + field->offset;
    const ms_chosen *chosen = value;
    switch (field->type) {
    case MS_FIELD_TEXT:
    case MS_FIELD_PATH:
        return hash_name(hash, value);
    case MS_FIELD_NUMBER:
        ms_hash_double(hash, *(const double *)value);
        return sizeof(double);
    case MS_FIELD_COUNT:
        ms_hash_u64(hash, *(const uint64_t *)value);
        return sizeof(uint64_t);
    case MS_FIELD_BOOL:
        ms_hash_u64(hash, *(const bool *)value);
        return sizeof(uint64_t);
    case MS_FIELD_CHOICE:
        return hash_name(hash, ms_choice_name(field->choices, *(const unsigned *)value));
    case MS_FIELD_VECTOR:
        return hash_vector(field, value, dimension, hash);
    case MS_FIELD_SECTION:
        return hash_law(field->schema, value, dimension, hash);
    case MS_FIELD_LIST:
        return hash_list(field, value, dimension, hash);
    case MS_FIELD_NUMBERS:
        return hash_named_numbers(value, hash);
    case MS_FIELD_CHOSEN:
        return hash_name(hash, chosen->kind->name) + hash_law(field->schema, from, dimension, hash) +
               hash_law(chosen->kind->schema, chosen->params, dimension, hash);
    case MS_FIELD_SEVERAL:
    case MS_FIELD_SETS:
    case MS_FIELD_DATA:
    case MS_FIELD_NETWORK:
    case MS_FIELD_NODE:
    case MS_FIELD_CUSTOM:
        break; /* kinds have none */
    }
    return 0;
}

static uint64_t hash_law(const ms_schema *schema, const void *from, size_t dimension, ms_hash *hash)
{
    uint64_t bytes = 0;
    for (size_t i = 0; schema && i < schema->count; i++)
        if (schema->fields[i].role == MS_ROLE_LAW &&
            (!schema->fields[i].counts || schema->fields[i].counts(from)))
            bytes += hash_field(&schema->fields[i], from, dimension, hash);
    return bytes;
}

/* Jumps over what the memo is of; false if it has not been seen from a state with these last 8 bits. */
static bool recall(const ms_memo *memo, ms_hash *hash)
{
    if (!memo->seen[hash->state % 256])
        return false;
    jump(&memo->over, hash);
    return true;
}

static void remember(ms_memo *memo, uint64_t before, const ms_hash *after, uint64_t bytes)
{
    memo->over.factor = power(FNV_PRIME, bytes);
    memo->over.offset[before % 256] = after->state - before * memo->over.factor;
    memo->seen[before % 256] = true;
}

static void hash_positions(const ms_start *start, size_t dimension, ms_memo *memo, ms_hash *hash)
{
    uint64_t before = hash->state;
    if (recall(memo, hash))
        return;
    hash_numbers(hash, start->positions, start->rows * dimension);
    remember(memo, before, hash, start->rows * dimension * sizeof(double));
}

static void hash_start(const ms_start *start, size_t dimension, ms_memo *positions, ms_hash *hash)
{
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
    case MS_START_DATA: /* which data they are stands in the target */
        ms_hash_u64(hash, start->is_of_test);
        ms_hash_u64(hash, start->is_flipped);
        break;
    case MS_START_POSITIONS:
        ms_hash_u64(hash, start->rows);
        hash_positions(start, dimension, positions, hash);
        break;
    }
}

static void hash_target(const ms_chosen *target, const ms_point *point, ms_key_memo *memo, ms_hash *hash)
{
    if (memo->dimension != point->dimension || memo->variant != point->variant)
        memset(memo->target.seen, 0, sizeof memo->target.seen);
    memo->dimension = point->dimension;
    memo->variant = point->variant;
    uint64_t before = hash->state;
    if (recall(&memo->target, hash))
        return;
    uint64_t bytes = hash_law(target->kind->schema, target->params, point->dimension, hash);
    remember(&memo->target, before, hash, bytes);
}

static void hash_visits(const ms_settings *settings, uint64_t patches, bool divides, ms_hash *hash)
{
    uint64_t per_patch = settings->iterations_per_patch, per_pass = settings->iterations_per_pass;
    /* the same visits, asked for in two ways */
    if (per_patch == 0 && divides && per_pass % patches == 0) {
        per_patch = per_pass / patches;
        per_pass = 0;
    }
    ms_hash_u64(hash, per_patch);
    ms_hash_u64(hash, per_patch > 0 ? 0 : per_pass);
}

/* Levels, visits and conditioning: not what has no effect at this point. */
static void hash_motion(const ms_settings *settings, const ms_point *p, ms_hash *hash)
{
    const ms_schedule schedule = ms_settings_schedule(settings, p->noise_level);
    size_t levels = ms_schedule_levels(&schedule);
    bool divides = p->dimension % p->patch_size == 0;
    uint64_t patches = p->dimension / p->patch_size + !divides;
    ms_hash_u64(hash, levels);
    if (levels > 1) {
        ms_hash_double(hash, schedule.noise_level_min);
        ms_hash_u64(hash, schedule.step_rule);
    }
    if (patches > 1 || levels > 1)
        hash_visits(settings, patches, divides, hash);
    if (patches > 1 && levels > 1)
        ms_hash_u64(hash, settings->conditioning);
}

uint64_t ms_sweep_point_key(const ms_sweep *sweep, size_t point, ms_key_memo *memo)
{
    const ms_point *p = &sweep->points[point];
    const ms_settings *settings = ms_sweep_settings(sweep, point);
    const ms_chosen *sampler = &settings->sampler;
    ms_hash hash = ms_hash_init();
    hash_name(&hash, settings->target.kind->name);
    hash_name(&hash, sampler->kind->name);
    ms_hash_u64(&hash, p->seed);
    ms_hash_u64(&hash, p->dimension);
    ms_hash_u64(&hash, p->patch_size);
    ms_hash_double(&hash, p->noise_level);
    hash_target(&settings->target, p, memo, &hash);
    hash_start(&settings->start, sweep->positions_dimension, &memo->positions, &hash);
    /* engines use the numbers in different ways: their chains are to be independent, so that they can be
     * compared */
    ms_hash_u64(&hash, ms_settings_engine(settings, p->dimension));
    hash_law(sampler->kind->schema, sampler->params, p->dimension, &hash);
    hash_motion(settings, p, &hash);
    return ms_hash_value(&hash);
}
