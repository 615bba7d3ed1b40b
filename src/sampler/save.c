/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saved form of a run: header, then every group that still holds active chains, then what was recorded: the
 * times, and as many snapshots as have been taken. */
#include "sampler/run_size.h"
#include "sampler/run_state.h"

#include "sampler/sampler_type.h"

#include <modeseek/random.h>

/* "\nmsstat3" */
#define MAGIC UINT64_C(0x3374617473736d0a)

typedef struct header {
    uint64_t magic;
    uint64_t fingerprint; /* of the parameters, the budget left out so that runs can be prolonged */
    uint64_t checksum;    /* of all that follows */
    ms_cursor cursor;
    uint64_t group_count, snapshots_taken;
} header;
#define HEADER_MAX 128 /* bytes */
_Static_assert(sizeof(header) <= HEADER_MAX, "room for the header");

/* Of whole words: FNV-1a goes byte by byte, which takes several times as long. */
static uint64_t checksum(const void *words, size_t size)
{
    const unsigned char *from = words;
    uint64_t hash = UINT64_C(0xcbf29ce484222325), word;
    for (size_t at = 0; at + sizeof word <= size; at += sizeof word) {
        memcpy(&word, from + at, sizeof word);
        hash = (hash ^ word) * UINT64_C(0xbf58476d1ce4e5b9);
        hash ^= hash >> 32;
    }
    return hash;
}

/* Of everything behind it; the sizes of all parts are multiples of 8. */
static uint64_t state_checksum(const unsigned char *state, size_t size)
{
    return checksum(state + offsetof(header, cursor), size - offsetof(header, cursor));
}

static void hash_schedule(ms_hash *hash, const ms_schedule *schedule)
{
    ms_hash_u64(hash, schedule->step_rule);
    ms_hash_u64(hash, ms_schedule_levels(schedule));
    for (size_t level = 0; level < ms_schedule_levels(schedule); level++) {
        double noise_level, step_size;
        ms_schedule_level(schedule, level, &noise_level, &step_size);
        ms_hash_double(hash, noise_level);
        ms_hash_double(hash, step_size);
    }
}

static void hash_clause(ms_hash *hash, const ms_clause *clause)
{
    ms_hash_u64(hash, clause->component);
    ms_hash_u64(hash, clause->reference);
    ms_hash_u64(hash, clause->quantity);
    ms_hash_u64(hash, clause->reference_quantity);
    ms_hash_u64(hash, clause->joint);
    ms_hash_double(hash, clause->coefficient);
    ms_hash_double(hash, clause->reference_coefficient);
    ms_hash_double(hash, clause->bound);
}

static uint64_t fingerprint(const ms_run *run)
{
    const ms_run_params *p = &run->params;
    ms_hash hash = ms_hash_init();
    ms_hash_u64(&hash, p->target->digest);
    ms_hash_bytes(&hash, p->sampler->kind.name, strlen(p->sampler->kind.name) + 1);
    ms_hash_bytes(&hash, p->sampler_params, p->sampler->kind.params_size);
    hash_schedule(&hash, &p->schedule);
    ms_hash_u64(&hash, p->patch_size);
    ms_hash_u64(&hash, p->iterations_per_patch);
    ms_hash_u64(&hash, p->iterations_per_pass);
    ms_hash_u64(&hash, p->conditioning);
    ms_hash_u64(&hash, p->key);
    ms_hash_u64(&hash, p->first_chain);
    ms_hash_u64(&hash, p->chains);
    ms_hash_u64(&hash, p->clause_count);
    for (size_t c = 0; c < p->clause_count; c++)
        hash_clause(&hash, &p->clauses[c]);
    ms_hash_u64(&hash, p->snapshot_count);
    for (size_t s = 0; s < p->snapshot_count; s++)
        ms_hash_u64(&hash, p->snapshots[s]);
    for (size_t o = 0; o < p->observable_count; o++)
        ms_hash_bytes(&hash, p->observables[o]->kind.name, strlen(p->observables[o]->kind.name) + 1);
    ms_hash_u64(&hash, p->stop_when_discovered);
    ms_hash_u64(&hash, ms_run_engine(run));
    if (run->context.engine->team)
        ms_hash_u64(&hash, run->group_capacity);
    return ms_hash_value(&hash);
}

/* A group: the index of the chain of each lane as 32 bits, SAVED_NO_CHAIN where none is active; a byte of
 * pending lanes for each event, padded to whole words; the engine's rows. All else is computed from these. */
#define SAVED_NO_CHAIN UINT32_MAX
#define SAVED_MEMBERS  (MS_LANES * sizeof(uint32_t))

static size_t saved_pending(size_t events)
{
    return (events + 7) / 8 * 8;
}

static size_t group_size(size_t events, size_t rows)
{
    return SAVED_MEMBERS + saved_pending(events) + rows * MS_LANES * sizeof(double);
}

static size_t saved_size(const ms_run *run)
{
    return group_size(run->context.conditions.events, run->context.engine->saved_rows(&run->context));
}

static void save_group(const ms_run *run, const ms_group *group, unsigned char *to)
{
    size_t events = run->context.conditions.events;
    uint32_t member[MS_LANES];
    for (int lane = 0; lane < MS_LANES; lane++)
        member[lane] = group->active[lane] ? (uint32_t)group->member[lane] : SAVED_NO_CHAIN;
    memcpy(to, member, sizeof member);
    to += sizeof member;
    memset(to, 0, saved_pending(events));
    for (size_t e = 0; e < events; e++)
        for (unsigned lane = 0; lane < MS_LANES; lane++)
            to[e] |= (unsigned char)((group->pending[e][lane] != 0 ? 1u : 0u) << lane);
    run->context.engine->save(group, &run->context, to + saved_pending(events));
}

/* Whether the saved form names no other chains than 0..chains-1. */
static bool is_group_plausible(const unsigned char *from, size_t chains)
{
    uint32_t member[MS_LANES];
    memcpy(member, from, sizeof member);
    for (int lane = 0; lane < MS_LANES; lane++)
        if (member[lane] != SAVED_NO_CHAIN && member[lane] >= chains)
            return false;
    return true;
}

/* Lanes without an active chain get MS_NO_CHAIN. */
static void restore_group(const ms_run *run, ms_group *group, size_t patch, const unsigned char *from)
{
    size_t events = run->context.conditions.events;
    uint32_t member[MS_LANES];
    memcpy(member, from, sizeof member);
    from += sizeof member;
    for (int lane = 0; lane < MS_LANES; lane++) {
        bool exists = member[lane] != SAVED_NO_CHAIN;
        group->member[lane] = exists ? member[lane] : MS_NO_CHAIN;
        group->chain[lane] = exists ? run->params.first_chain + member[lane] : 0;
        group->active[lane] = exists ? -1 : 0;
    }
    for (size_t e = 0; e < events; e++)
        for (unsigned lane = 0; lane < MS_LANES; lane++)
            group->pending[e][lane] = from[e] >> lane & 1u ? group->active[lane] : 0;
    run->context.engine->restore(group, &run->context, patch, from + saved_pending(events));
}

/* The recorded arrays, in the order of the saved form: the times, and as many snapshots as have been taken.
 */
typedef struct record {
    void *array;
    size_t size;
} record;

#define RECORDS 3

static void list_records(const ms_run *run, size_t snapshots, record list[RECORDS])
{
    const ms_run_params *p = &run->params;
    list[0] = (record){run->event_time, p->chains * run->context.conditions.events * sizeof *run->event_time};
    list[1] = (record){run->ended, p->chains * sizeof *run->ended};
    list[2] = (record){run->observations, snapshots * p->chains * run->row * sizeof *run->observations};
}

static size_t state_size(const ms_run *run, size_t groups, size_t snapshots)
{
    record list[RECORDS];
    list_records(run, snapshots, list);
    return sizeof(header) + groups * saved_size(run) + list[0].size + list[1].size + list[2].size;
}

size_t ms_run_state_size(const ms_run *run)
{
    return state_size(run, run->group_capacity, run->params.snapshot_count);
}

ms_run_size ms_run_size_of(const ms_run_shape *shape)
{
    const ms_engine_type *type = ms_engine_find(shape->engine);
    const ms_run_params together = {.chains = shape->chains, .chains_together = shape->chains_together};
    size_t groups =
        type->team ? type->team(&together) : shape->chains / MS_LANES + (shape->chains % MS_LANES != 0);
    const ms_shape inner = {.dimension = shape->dimension,
                            .patch_size = shape->patch_size,
                            .components = shape->components,
                            .width = type->team ? groups * MS_LANES : 0,
                            .about_origin = shape->start == MS_START_NORMAL,
                            .vectors = shape->sampler->vectors,
                            .numbers = shape->sampler->numbers};
    size_t chain = (shape->events + 1 + shape->snapshots * shape->observed) * sizeof(double);
    ms_engine_size engine;
    type->size(&inner, &engine);
    double group_bytes = engine.group_bytes + (double)(sizeof(ms_group) + shape->events * sizeof(ms_lanes));
    return (ms_run_size){
        .state = HEADER_MAX + groups * group_size(shape->events, engine.saved) + shape->chains * chain,
        .memory = (double)groups * group_bytes + engine.shared_bytes + (double)shape->chains * (double)chain,
        .updates = engine.updates,
        .chains = groups * MS_LANES};
}

ms_status ms_run_save(const ms_run *run, void *buffer, size_t size, size_t *used, ms_error *error)
{
    size_t needed = state_size(run, run->group_count, run->snapshots_taken);
    if (used)
        *used = needed;
    if (size < needed)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "the state needs %zu bytes, the buffer has %zu", needed,
                            size);
    header head = {.magic = MAGIC,
                   .fingerprint = fingerprint(run),
                   .cursor = run->cursor,
                   .group_count = run->group_count,
                   .snapshots_taken = run->snapshots_taken};
    record list[RECORDS];
    unsigned char *at = (unsigned char *)buffer + sizeof head;
    for (size_t g = 0; g < run->group_count; g++, at += saved_size(run))
        save_group(run, &run->groups[g], at);
    list_records(run, run->snapshots_taken, list);
    for (size_t i = 0; i < RECORDS; at += list[i++].size)
        memcpy(at, list[i].array, list[i].size);
    memcpy(buffer, &head, sizeof head);
    head.checksum = state_checksum(buffer, needed);
    memcpy(buffer, &head, sizeof head);
    return MS_OK;
}

/* Whatever the checksum says, nothing read here may lead outside an array, or to a run that never ends. */
static bool plausible(const ms_run *run, const header *head, const unsigned char *groups)
{
    const ms_passes *passes = &run->context.passes;
    const ms_cursor *cursor = &head->cursor;
    if (cursor->iteration > run->params.iterations || cursor->pass_begin > cursor->iteration ||
        cursor->patch >= passes->patches)
        return false;
    /* the snapshots up to here, and no other */
    if ((head->snapshots_taken > 0 && run->snapshots[head->snapshots_taken - 1] > cursor->iteration) ||
        (head->snapshots_taken < run->params.snapshot_count &&
         run->snapshots[head->snapshots_taken] <= cursor->iteration))
        return false;
    uint64_t position = cursor->iteration - cursor->pass_begin;
    if (position < ms_passes_begin(passes, cursor->patch) ||
        position > ms_passes_begin(passes, cursor->patch + 1))
        return false;
    for (size_t g = 0; g < head->group_count; g++)
        if (!is_group_plausible(groups + g * saved_size(run), run->params.chains))
            return false;
    return true;
}

ms_status ms_run_restore(ms_run *run, const void *buffer, size_t size, ms_error *error)
{
    header head;
    if (size < sizeof head)
        return ms_error_set(error, MS_ERROR_FORMAT, "a saved run of %zu bytes is too short", size);
    memcpy(&head, buffer, sizeof head);
    if (head.magic != MAGIC)
        return ms_error_set(error, MS_ERROR_FORMAT, "not a saved run of this version and byte order");
    if (head.fingerprint != fingerprint(run))
        return ms_error_set(error, MS_ERROR_MISMATCH, "the saved run has other parameters");
    record list[RECORDS];
    const unsigned char *at = (const unsigned char *)buffer + sizeof head;
    if (head.group_count > run->group_capacity || head.snapshots_taken > run->params.snapshot_count)
        return ms_error_set(error, MS_ERROR_FORMAT, "the saved run is damaged");
    size_t needed = state_size(run, (size_t)head.group_count, (size_t)head.snapshots_taken);
    if (size < needed || head.checksum != state_checksum(buffer, needed) || !plausible(run, &head, at))
        return ms_error_set(error, MS_ERROR_FORMAT, "the saved run is damaged");
    for (size_t g = 0; g < head.group_count; g++, at += saved_size(run))
        restore_group(run, &run->groups[g], (size_t)head.cursor.patch, at);
    run->cursor = head.cursor;
    run->group_count = (size_t)head.group_count;
    run->snapshots_taken = (size_t)head.snapshots_taken;
    list_records(run, run->snapshots_taken, list);
    for (size_t i = 0; i < RECORDS; at += list[i++].size)
        memcpy(list[i].array, at, list[i].size);
    return MS_OK;
}
