/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saved form of a run: header, then every group that still holds active chains, then what was recorded: the
 * times, and as many snapshots as have been taken. */
#include "sampler/run_state.h"

#include <modeseek/random.h>

/* "\nmsstat2"; states of 1 may hold chains that ended without their last snapshot */
#define MAGIC UINT64_C(0x3274617473736d0a)

typedef struct header {
    uint64_t magic;
    uint64_t fingerprint; /* of the parameters, the budget left out so that runs can be prolonged */
    uint64_t checksum;    /* of all that follows */
    ms_cursor cursor;
    uint64_t group_count, snapshots_taken;
} header;

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

static uint64_t fingerprint(const ms_run *run)
{
    const ms_run_params *p = &run->params;
    const ms_target *target = p->target;
    ms_hash hash = ms_hash_init();
    ms_hash_u64(&hash, ms_target_dimension(target));
    ms_hash_u64(&hash, ms_target_components(target));
    for (size_t i = 0; i < ms_target_components(target); i++) {
        ms_hash_double(&hash, ms_target_weight(target, i));
        ms_hash_double(&hash, ms_target_variance(target, i));
        ms_hash_u64(&hash, checksum(ms_target_mean(target, i), ms_target_dimension(target) * sizeof(double)));
    }
    hash_schedule(&hash, &p->schedule);
    ms_hash_u64(&hash, p->patch_size);
    ms_hash_u64(&hash, p->iterations_per_patch);
    ms_hash_u64(&hash, p->iterations_per_pass);
    ms_hash_u64(&hash, p->conditioning);
    ms_hash_u64(&hash, p->key);
    ms_hash_u64(&hash, p->first_chain);
    ms_hash_u64(&hash, p->chains);
    ms_hash_u64(&hash, p->event_count);
    for (size_t e = 0; e < p->event_count; e++) {
        ms_hash_u64(&hash, p->events[e].component);
        ms_hash_double(&hash, p->events[e].coefficient);
        ms_hash_double(&hash, p->events[e].reference_coefficient);
        ms_hash_double(&hash, p->events[e].bound);
    }
    ms_hash_u64(&hash, p->snapshot_count);
    for (size_t s = 0; s < p->snapshot_count; s++)
        ms_hash_u64(&hash, p->snapshots[s]);
    ms_hash_u64(&hash, p->stop_when_discovered);
    ms_hash_u64(&hash, ms_run_engine(run));
    return ms_hash_value(&hash);
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
    list[0] = (record){run->event_time, p->chains * p->event_count * sizeof *run->event_time};
    list[1] = (record){run->ended, p->chains * sizeof *run->ended};
    list[2] = (record){run->snapshot_distance, snapshots * p->chains * ms_target_components(p->target) *
                                                   sizeof *run->snapshot_distance};
}

static size_t state_size(const ms_run *run, size_t groups, size_t snapshots)
{
    record list[RECORDS];
    list_records(run, snapshots, list);
    return sizeof(header) + groups * ms_group_saved_size(&run->context) + list[0].size + list[1].size +
           list[2].size;
}

size_t ms_run_state_size(const ms_run *run)
{
    return state_size(run, run->group_capacity, run->params.snapshot_count);
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
    for (size_t g = 0; g < run->group_count; g++, at += ms_group_saved_size(&run->context))
        ms_group_save(&run->groups[g], &run->context, at);
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
        if (!ms_group_saved_is_plausible(groups + g * ms_group_saved_size(&run->context), run->params.chains))
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
    for (size_t g = 0; g < head.group_count; g++, at += ms_group_saved_size(&run->context))
        ms_group_restore(&run->groups[g], &run->context, head.cursor.patch, run->params.first_chain, at);
    run->cursor = head.cursor;
    run->group_count = (size_t)head.group_count;
    run->snapshots_taken = (size_t)head.snapshots_taken;
    list_records(run, run->snapshots_taken, list);
    for (size_t i = 0; i < RECORDS; at += list[i++].size)
        memcpy(list[i].array, at, list[i].size);
    return MS_OK;
}
