/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saved states of runs, and the record of attempts at a block: what is needed to go on after a stop or a
 * crash. */
#include "base/clock.h"
#include "results/crc32c.h"
#include "results/fault.h"
#include "results/file.h"
#include "results/hdf5_error.h"

#include <stdlib.h>
#include <string.h>

enum { GENERATION, ITERATION, SIZE, TIME, CHECKSUM };
enum { UNFINISHED, TOTAL, BEGUN };

typedef uint64_t state_record[MS_SLOTS][MS_RECORD_FIELDS];

static uint64_t slot_offset(const ms_results *results, size_t block, uint64_t slot)
{
    return results->state_offset[block] + slot * results->state_size[block];
}

static uint64_t record_checksum(size_t block, const uint64_t *record, const void *state)
{
    const uint64_t about[] = {block, record[GENERATION], record[ITERATION], record[SIZE], record[TIME]};
    uint32_t crc = ms_crc32c(0, state, (size_t)record[SIZE]);
    return ms_crc32c_words(crc, about, sizeof about / sizeof *about);
}

size_t ms_results_state_size(const ms_results *results, size_t block)
{
    return (size_t)results->state_size[block];
}

static ms_status save(ms_results *results, size_t block, const ms_saved_state *saved, const void *state,
                      ms_error *error)
{
    if (saved->size > results->state_size[block])
        return ms_error_set(error, MS_ERROR_INTERNAL,
                            "%s: the state of block %zu has %zu bytes, its slot %zu", results->path, block,
                            saved->size, ms_results_state_size(results, block));
    state_record record;
    uint64_t slot = saved->generation % MS_SLOTS;
    ms_status status = ms_slot_read(results, MS_DATASET_RECORD, block, record, error);
    if (status == MS_OK)
        status = ms_bytes_write(results, MS_DATASET_STATE, slot_offset(results, block, slot), saved->size,
                                state, error);
    if (status != MS_OK)
        return status;
    record[slot][GENERATION] = saved->generation;
    record[slot][ITERATION] = saved->iteration;
    record[slot][SIZE] = saved->size;
    record[slot][TIME] = (uint64_t)ms_milliseconds();
    record[slot][CHECKSUM] = record_checksum(block, record[slot], state);
    status = ms_slot_write(results, MS_DATASET_BLOCK_SECONDS, block, &saved->seconds, error);
    if (status != MS_OK)
        return status;
    return ms_slot_write(results, MS_DATASET_RECORD, block, record, error);
}

ms_status ms_results_state_save(ms_results *results, size_t block, const ms_saved_state *saved,
                                const void *state, ms_error *error)
{
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = save(results, block, saved, state, error);
    ms_hdf5_quiet_end(quiet);
    return status;
}

/* The slot to try after the one with generation `below`, newest first; MS_SLOTS if there is none. */
static size_t next_slot(state_record record, uint64_t below)
{
    size_t best = MS_SLOTS;
    for (size_t slot = 0; slot < MS_SLOTS; slot++)
        if (record[slot][GENERATION] > 0 && record[slot][GENERATION] < below &&
            (best == MS_SLOTS || record[slot][GENERATION] > record[best][GENERATION]))
            best = slot;
    return best;
}

/* Whether what is recorded for a slot can be a state. */
static bool is_plausible(const ms_results *results, size_t block, const uint64_t *record, size_t slot)
{
    return record[GENERATION] > 0 && record[GENERATION] % MS_SLOTS == slot && record[SIZE] > 0 &&
           record[SIZE] <= results->state_size[block];
}

ms_status ms_results_saved_size(ms_results *results, size_t block, size_t *size, ms_error *error)
{
    state_record record;
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = ms_slot_read(results, MS_DATASET_RECORD, block, record, error);
    ms_hdf5_quiet_end(quiet);
    *size = 0;
    for (size_t slot = 0; status == MS_OK && slot < MS_SLOTS; slot++)
        if (is_plausible(results, block, record[slot], slot) && record[slot][SIZE] > *size)
            *size = (size_t)record[slot][SIZE];
    return status;
}

static ms_status load(ms_results *results, size_t block, void *state, size_t size, ms_saved_state *found,
                      bool *torn, ms_error *error)
{
    state_record record;
    ms_status status = ms_slot_read(results, MS_DATASET_RECORD, block, record, error);
    uint64_t below = UINT64_MAX;
    for (size_t slot; status == MS_OK && (slot = next_slot(record, below)) < MS_SLOTS;) {
        const uint64_t *candidate = record[slot];
        below = candidate[GENERATION];
        bool valid = is_plausible(results, block, candidate, slot) && candidate[SIZE] <= size;
        if (valid)
            status = ms_bytes_read(results, MS_DATASET_STATE, slot_offset(results, block, slot),
                                   (size_t)candidate[SIZE], state, error);
        if (status != MS_OK)
            return status;
        if (valid && candidate[CHECKSUM] == record_checksum(block, candidate, state)) {
            *found =
                (ms_saved_state){candidate[GENERATION], candidate[ITERATION], (size_t)candidate[SIZE], 0};
            status = ms_slot_read(results, MS_DATASET_BLOCK_SECONDS, block, &found->seconds, error);
            found->seconds = found->seconds > 0 ? found->seconds : 0; /* NaN, too */
            return status;
        }
        if (torn)
            *torn = true;
    }
    return status;
}

ms_status ms_results_state_load(ms_results *results, size_t block, void *state, size_t size,
                                ms_saved_state *found, bool *torn, ms_error *error)
{
    *found = (ms_saved_state){0};
    if (torn)
        *torn = false;
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = load(results, block, state, size, found, torn, error);
    ms_hdf5_quiet_end(quiet);
    return status;
}

ms_status ms_results_state_look(ms_results *results, size_t block, ms_saved_state *found, bool *torn,
                                ms_error *error)
{
    size_t size;
    ms_status status = ms_results_saved_size(results, block, &size, error);
    if (status != MS_OK)
        return status;
    void *state = ms_calloc(size > 0 ? size : 1, 1);
    if (!state)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a state of %zu bytes", size);
    status = ms_results_state_load(results, block, state, size, found, torn, error);
    free(state);
    return status;
}

/* The file may hold any number. */
static int64_t one_more(int64_t count)
{
    return count < 0 ? 1 : count < INT64_MAX ? count + 1 : count;
}

/* Changes the attempts of a block. */
static ms_status note_attempt(ms_results *results, size_t block, bool begins, bool is_over, ms_error *error)
{
    int64_t attempt[MS_ATTEMPT_FIELDS];
    ms_status status = ms_slot_read(results, MS_DATASET_ATTEMPT, block, attempt, error);
    if (status != MS_OK)
        return status;
    attempt[UNFINISHED] = begins ? one_more(attempt[UNFINISHED]) : 0;
    attempt[TOTAL] = begins ? one_more(attempt[TOTAL]) : attempt[TOTAL];
    attempt[BEGUN] = is_over ? 0 : ms_milliseconds();
    return ms_slot_write(results, MS_DATASET_ATTEMPT, block, attempt, error);
}

ms_status ms_results_attempt_begin(ms_results *results, size_t block, ms_error *error)
{
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = note_attempt(results, block, true, false, error);
    ms_hdf5_quiet_end(quiet);
    return status;
}

ms_status ms_results_attempt_progress(ms_results *results, size_t block, bool is_over, ms_error *error)
{
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = note_attempt(results, block, false, is_over, error);
    ms_hdf5_quiet_end(quiet);
    return status;
}

/* The tables of attempts and records, whole. The caller frees both. */
static ms_status read_tables(const ms_results *results, int64_t (**attempt)[MS_ATTEMPT_FIELDS],
                             state_record **record, ms_error *error)
{
    size_t blocks = results->info.blocks;
    *attempt = ms_calloc(blocks, sizeof **attempt);
    *record = ms_calloc(blocks, sizeof **record);
    if (!*attempt || !*record)
        return ms_error_set(error, MS_ERROR_MEMORY, "no memory for the attempts at %zu blocks", blocks);
    ms_status status = ms_dataset_read(results, MS_DATASET_ATTEMPT, *attempt, error);
    return status == MS_OK ? ms_dataset_read(results, MS_DATASET_RECORD, *record, error) : status;
}

ms_status ms_results_attempts(ms_results *results, ms_attempt *list, ms_error *error)
{
    int64_t(*attempt)[MS_ATTEMPT_FIELDS] = NULL;
    state_record *record = NULL;
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = read_tables(results, &attempt, &record, error);
    for (size_t b = 0; status == MS_OK && b < results->info.blocks; b++) {
        size_t newest = next_slot(record[b], UINT64_MAX);
        list[b] =
            (ms_attempt){.unfinished = attempt[b][UNFINISHED] > 0 ? (uint64_t)attempt[b][UNFINISHED] : 0,
                         .total = attempt[b][TOTAL] > 0 ? (uint64_t)attempt[b][TOTAL] : 0,
                         .begun = attempt[b][BEGUN]};
        if (newest < MS_SLOTS) {
            list[b].saved_iteration = record[b][newest][ITERATION];
            list[b].saved_time = (int64_t)record[b][newest][TIME];
        }
    }
    free(attempt);
    free(record);
    ms_hdf5_quiet_end(quiet);
    return status;
}

/* What a block that was in work lost when its job was killed, and whether that attempt counts; `last_sign` is
 * when that job last gave a sign of life. */
static ms_status note_lost(ms_results *results, size_t block, int64_t last_sign, state_record record,
                           int64_t *attempt, double *lost, ms_error *error)
{
    ms_block_results *slot;
    ms_status status = ms_file_block_results(results, &slot, error);
    if (status == MS_OK)
        status = ms_slot_load(results, block, slot, NULL, error);
    if (status != MS_OK)
        return status;
    int64_t length = last_sign - attempt[BEGUN]; /* since the start or the last saved state */
    bool is_done = slot->status != MS_BLOCK_NOT_DONE;
    *lost += !is_done && length > 0 ? 1e-3 * (double)length : 0;
    /* saved, or finished, but killed before that was noted */
    size_t newest = next_slot(record, UINT64_MAX);
    bool is_saved = newest < MS_SLOTS && record[newest][TIME] >= (uint64_t)attempt[BEGUN];
    if (is_done || is_saved)
        attempt[UNFINISHED] = 0;
    else if (length >= MS_AT_ONCE_SECONDS * INT64_C(1000) && attempt[UNFINISHED] > 0)
        attempt[UNFINISHED]--;
    attempt[BEGUN] = 0;
    return MS_OK;
}

ms_status ms_attempts_account(ms_results *results, int64_t last_sign, ms_error *error)
{
    size_t blocks = results->info.blocks;
    int64_t(*attempt)[MS_ATTEMPT_FIELDS] = NULL;
    state_record *record = NULL;
    double *lost = ms_calloc(blocks, sizeof *lost);
    ms_status status = read_tables(results, &attempt, &record, error);
    if (status == MS_OK && !lost)
        status = ms_error_set(error, MS_ERROR_MEMORY, "no memory for the attempts at %zu blocks", blocks);
    if (status == MS_OK)
        status = ms_dataset_read(results, MS_DATASET_BLOCK_LOST, lost, error);
    bool changed = false;
    for (size_t b = 0; status == MS_OK && b < blocks; b++)
        if (attempt[b][BEGUN] > 0) {
            status = note_lost(results, b, last_sign, record[b], attempt[b], &lost[b], error);
            changed = true;
        }
    if (status == MS_OK && changed)
        status = ms_dataset_write(results, MS_DATASET_BLOCK_LOST, lost, error);
    if (status == MS_OK && changed)
        status = ms_dataset_write(results, MS_DATASET_ATTEMPT, attempt, error);
    free(attempt);
    free(record);
    free(lost);
    return status;
}

/* Makes the block one that may be begun as often as a new one, if it may not be begun any more. */
static ms_status retry(ms_results *results, size_t block, const ms_block_results *slot, ms_error *error)
{
    static const uint32_t no_commit[MS_COMMIT_FIELDS] = {0};
    int64_t attempt[MS_ATTEMPT_FIELDS];
    ms_status status = ms_slot_read(results, MS_DATASET_ATTEMPT, block, attempt, error);
    bool exhausted = slot->status == MS_BLOCK_NOT_DONE && attempt[UNFINISHED] >= MS_ATTEMPTS_MAX;
    if (status != MS_OK || (slot->status != MS_BLOCK_QUARANTINED && !exhausted))
        return status;
    attempt[UNFINISHED] = 0;
    status = ms_slot_write(results, MS_DATASET_ATTEMPT, block, attempt, error);
    return status == MS_OK && !exhausted ? ms_slot_write(results, MS_DATASET_COMMIT, block, no_commit, error)
                                         : status;
}

ms_status ms_results_retry_quarantined(const char *path, const ms_monitor *monitor, ms_error *error)
{
    ms_results *results;
    ms_task task = {.monitor = monitor, .doing = "reading", .path = path, .descriptor = -1};
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = ms_file_open_serial(&results, path, H5F_ACC_RDWR, false, &task, error);
    if (status == MS_OK) {
        ms_block_results *slot;
        status = ms_file_block_results(results, &slot, error);
        for (size_t b = 0; status == MS_OK && b < results->info.blocks; b++) {
            task.done = (double)b / (double)results->info.blocks;
            status = ms_task_go_on(&task, error);
            if (status == MS_OK)
                status = ms_slot_load(results, b, slot, NULL, error);
            if (status == MS_OK)
                status = retry(results, b, slot, error);
        }
        ms_status closed = ms_file_close(results, status == MS_OK ? error : NULL);
        status = status == MS_OK ? closed : status;
    }
    ms_hdf5_quiet_end(quiet);
    return status;
}
