/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file from several of the same sweep, or of parts of its grid. Sources are read one after the other. */
#include "results/fault.h"
#include "results/grow.h"
#include "results/hdf5_error.h"
#include "results/kept_numbers.h"
#include "sweep/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACE_MAX 360 /* bytes of what names a block */

/* A block that goes on at the new file's budget. */
typedef struct cut_off {
    size_t source; /* 1 + that of the longest, 0: none */
    uint64_t budget;
} cut_off;

typedef struct merging {
    const ms_sweep *sweep;
    ms_block_map map;
    ms_kept_numbers numbers; /* if the sweep does not know them */
    const char *const *from;
    ms_task *task;
    size_t count;
    ms_merge_report *report;
    size_t *taken_from;      /* [blocks] 1 + the source of a finished block, 0: not there yet */
    uint64_t *iteration;     /* [blocks] of the state taken over for an unfinished one */
    cut_off *cut_off;        /* [blocks] */
    ms_block_results *there; /* of the new file */
    size_t conflicts;
    char conflict[300]; /* the first ones */
    char (*start)[MS_START_MAX], (*source)[MS_START_MAX];
    size_t starts, sources, starts_max, sources_max;
    ms_inputs inputs; /* of all sources */
} merging;

/* "dimension 4, ..., chains 0 to 63" */
static void describe(const ms_results *of, size_t block, char *text, size_t size)
{
    ms_block range = of->block[block];
    char point[300];
    ms_results_describe_point(of, range.point, point, sizeof point);
    snprintf(text, size, "%s, chains %zu to %zu", point, range.first_chain,
             range.first_chain + range.chains - 1);
}

static void note_conflict(merging *m, const ms_results *to, size_t block, size_t source)
{
    char place[PLACE_MAX];
    size_t length = strlen(m->conflict);
    m->conflicts++;
    if (m->conflicts > 2)
        return;
    size_t first = m->taken_from[block] > 0 ? m->taken_from[block] : m->cut_off[block].source;
    describe(to, block, place, sizeof place);
    snprintf(m->conflict + length, sizeof m->conflict - length, "%s%s: %.60s and %.60s",
             length > 0 ? "; " : "", place, m->from[first - 1], m->from[source]);
}

static ms_status not_in_sweep(const ms_results *from, size_t block, ms_error *error)
{
    char place[PLACE_MAX];
    describe(from, block, place, sizeof place);
    return ms_error_set(error, MS_ERROR_MISMATCH, "%s: the sweep of the new file has no block of %s",
                        from->path, place);
}

/* A finished block is taken once, and compared from then on. */
static ms_status take_finished(merging *m, size_t source, ms_results *from, size_t block, ms_results *to,
                               size_t to_block, const ms_block_results *slot, ms_error *error)
{
    bool has_state;
    if (m->taken_from[to_block] == 0) {
        m->taken_from[to_block] = source + 1;
        m->report->done++;
        m->report->failed += slot->status == MS_BLOCK_FAILED || slot->status == MS_BLOCK_QUARANTINED;
        return ms_block_copy(from, block, to, to_block, slot, &has_state, error);
    }
    ms_status status = ms_slot_load(to, to_block, m->there, NULL, error);
    if (status == MS_OK)
        status = ms_slot_fit(slot, to, &slot, error);
    if (status != MS_OK)
        return status;
    if (ms_block_results_same(slot, m->there))
        m->report->same++;
    else
        note_conflict(m, to, to_block, source);
    return MS_OK;
}

/* Of an unfinished block the furthest state is taken. */
static ms_status take_state(merging *m, ms_results *from, size_t block, ms_results *to, size_t to_block,
                            ms_error *error)
{
    ms_saved_state saved;
    bool has_state;
    ms_status status = ms_results_state_look(from, block, &saved, NULL, error);
    if (status != MS_OK || saved.generation == 0 || saved.iteration <= m->iteration[to_block])
        return status;
    m->iteration[to_block] = saved.iteration;
    return ms_block_copy(from, block, to, to_block, NULL, &has_state, error);
}

/* Whether a block of a source was computed with less than the new file's budget of iterations or chains. */
static bool is_shorter(const merging *m, const ms_results *from, size_t block, size_t to_block)
{
    ms_block here = from->block[block], there = ms_sweep_block(m->sweep, to_block);
    return here.chains != there.chains ||
           from->point_iterations[here.point] != ms_sweep_point_iterations(m->sweep, there.point);
}

/* Until all sources have been compared, the new file itself holds what a source has of a block that goes on.
 */
static ms_status keep_cut_off(merging *m, size_t source, const ms_block_results *slot, uint64_t budget,
                              ms_results *to, size_t to_block, ms_error *error)
{
    ms_status status = ms_slot_fit(slot, to, &slot, error);
    if (status != MS_OK)
        return status;
    ms_block_results moved = *slot;
    moved.block = to_block;
    m->cut_off[to_block] = (cut_off){source + 1, budget};
    return ms_slot_store(to, &moved, error);
}

/* A block that goes on at the larger budget is compared with what is there of it: finished, or the longest of
 * the others. */
static ms_status compare_cut_off(merging *m, size_t source, const ms_block_results *slot, uint64_t budget,
                                 ms_results *to, size_t to_block, ms_error *error)
{
    const ms_block_results *fitted;
    ms_status status = ms_slot_load(to, to_block, m->there, NULL, error);
    if (status == MS_OK)
        status = ms_slot_fit(slot, to, &fitted, error);
    if (status != MS_OK || m->there->status != MS_BLOCK_DONE)
        return status;
    const cut_off *other = &m->cut_off[to_block];
    bool is_longer = m->taken_from[to_block] == 0 && budget > other->budget;
    bool is_part = is_longer ? ms_block_results_part(m->there, other->budget, fitted)
                             : ms_block_results_part(fitted, budget, m->there);
    if (!is_part)
        note_conflict(m, to, to_block, source);
    return is_part && is_longer && slot->chains == m->there->chains
               ? keep_cut_off(m, source, slot, budget, to, to_block, error)
               : MS_OK;
}

/* Its state goes on in the new file. */
static ms_status take_cut_off(merging *m, size_t source, ms_results *from, size_t block, ms_results *to,
                              size_t to_block, const ms_block_results *slot, ms_error *error)
{
    uint64_t budget = from->point_iterations[from->block[block].point];
    bool has_same_chains = from->block[block].chains == ms_sweep_block(m->sweep, to_block).chains;
    bool is_there = m->taken_from[to_block] > 0 || m->cut_off[to_block].source > 0;
    if (slot->status != MS_BLOCK_DONE || (!is_there && !has_same_chains))
        return MS_OK;
    ms_status status = is_there ? compare_cut_off(m, source, slot, budget, to, to_block, error)
                                : keep_cut_off(m, source, slot, budget, to, to_block, error);
    return status == MS_OK && m->taken_from[to_block] == 0 && has_same_chains
               ? take_state(m, from, block, to, to_block, error)
               : status;
}

/* What only stood there to be compared. */
static ms_status remove_cut_off(const merging *m, ms_results *to, ms_error *error)
{
    static const uint32_t no_commit[MS_COMMIT_FIELDS] = {0};
    ms_status status = MS_OK;
    for (size_t b = 0; status == MS_OK && b < m->report->blocks; b++) {
        if (m->cut_off[b].source == 0 || m->taken_from[b] > 0)
            continue;
        m->report->cut_off++;
        m->there->block = b;
        m->there->chains = ms_sweep_block(m->sweep, b).chains;
        ms_block_results_clear(m->there);
        for (size_t c = 0; status == MS_OK && c < m->there->columns; c++)
            status = ms_slot_write(to, MS_DATASET_FIRST_COLUMN + (ms_dataset)c, b, m->there->value[c], error);
        if (status == MS_OK)
            status = ms_slot_write(to, MS_DATASET_COMMIT, b, no_commit, error);
    }
    return status;
}

/* What a source has of its blocks, read at once: a share's file has few of them, and there may be many. */
typedef struct holdings {
    uint32_t (*commit)[MS_COMMIT_FIELDS]; /* [blocks] */
    ms_attempt *attempt;                  /* [blocks] */
} holdings;

static ms_status read_holdings(ms_results *from, holdings *has, ms_error *error)
{
    has->commit = ms_calloc(from->info.blocks, sizeof *has->commit);
    has->attempt = ms_calloc(from->info.blocks, sizeof *has->attempt);
    if (!has->commit || !has->attempt)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu blocks", from->info.blocks);
    ms_status status = ms_dataset_read(from, MS_DATASET_COMMIT, has->commit, error);
    return status == MS_OK ? ms_results_attempts(from, has->attempt, error) : status;
}

static ms_status take_block(merging *m, size_t source, ms_results *from, size_t block, ms_results *to,
                            size_t to_block, bool finished, ms_error *error)
{
    ms_block_results *slot;
    ms_status status = ms_file_block_results(from, &slot, error);
    if (status == MS_OK)
        status = ms_slot_load(from, block, slot, NULL, error);
    if (status != MS_OK)
        return status;
    bool is_finished = slot->status == MS_BLOCK_DONE || slot->status == MS_BLOCK_FAILED;
    bool has_same_chains = from->block[block].chains == ms_sweep_block(m->sweep, to_block).chains;
    if (!has_same_chains || ms_block_is_cut_off(from, m->sweep, to_block, slot))
        return finished ? MS_OK : take_cut_off(m, source, from, block, to, to_block, slot, error);
    if (finished)
        return is_finished ? take_finished(m, source, from, block, to, to_block, slot, error) : MS_OK;
    if (m->taken_from[to_block] > 0)
        return MS_OK;
    /* given up or not needed, and finished nowhere: stays so */
    return slot->status >= MS_BLOCK_QUARANTINED
               ? take_finished(m, source, from, block, to, to_block, slot, error)
               : take_state(m, from, block, to, to_block, error);
}

static ms_status take_blocks(merging *m, size_t source, ms_results *from, ms_results *to, bool finished,
                             ms_error *error)
{
    holdings has = {0};
    ms_status status = read_holdings(from, &has, error);
    for (size_t b = 0; status == MS_OK && b < from->info.blocks; b++) {
        size_t index;
        if (!ms_block_map_find(&m->map, from, b, &index) && index == SIZE_MAX) {
            status = not_in_sweep(from, b, error);
            break;
        }
        /* the second half of the work, and all sources are gone through twice */
        double sources = (double)source + (double)b / (double)from->info.blocks;
        m->task->done = 0.5 + (finished ? 0 : 0.25) + 0.25 * sources / (double)m->count;
        status = ms_task_go_on(m->task, error);
        bool is_committed = has.commit[b][0] != 0;
        if (status == MS_OK &&
            (finished                    ? is_committed
             : m->taken_from[index] == 0 ? is_committed || has.attempt[b].saved_iteration > 0
                                         : is_committed && is_shorter(m, from, b, index)))
            status = take_block(m, source, from, b, to, index, finished, error);
    }
    free(has.commit);
    free(has.attempt);
    return status;
}

/* The starts and sources of a source, and a line about itself. */
static ms_status take_history(merging *m, size_t source, const ms_results *from, ms_error *error)
{
    char versions[MS_VERSIONS_MAX];
    size_t count;
    ms_status status = ms_lines_copy(from, MS_DATASET_SOURCE, m->source + m->sources,
                                     m->sources_max - m->sources, &count, error);
    m->sources += count;
    if (status == MS_OK)
        status = ms_lines_copy(from, MS_DATASET_START, m->start + m->starts,
                               m->starts_max - MS_STARTS - m->starts, &count, error);
    m->starts += count;
    if (status == MS_OK)
        status = ms_dataset_read(from, MS_DATASET_VERSIONS, versions, error);
    if (status == MS_OK && m->sources < m->sources_max) {
        versions[MS_VERSIONS_MAX - 1] = '\0';
        ms_provenance_source(m->from[source], count, versions, m->source[m->sources++], MS_START_MAX);
    }
    return status;
}

/* The sweep need not have been made from the files' own. */
static ms_status check_source(const merging *m, const ms_results *from, const ms_results *to, ms_error *error)
{
    char difference[300];
    if (!ms_sweep_may_grow(from->identity, m->sweep->identity, difference, sizeof difference))
        return ms_error_set(error, MS_ERROR_MISMATCH,
                            "%s: belongs to a different sweep than the new file: %s", from->path, difference);
    return ms_slots_compare(from, to, error);
}

static ms_status take_source(merging *m, size_t source, ms_results *to, bool finished, ms_error *error)
{
    ms_results *from;
    ms_status status = ms_file_open_serial(&from, m->from[source], H5F_ACC_RDONLY, false, m->task, error);
    if (status != MS_OK)
        return status;
    status = check_source(m, from, to, error);
    if (status == MS_OK)
        status = take_blocks(m, source, from, to, finished, error);
    if (status == MS_OK && finished)
        status = take_history(m, source, from, error);
    ms_file_close(from, NULL);
    return status;
}

static ms_status take_all(ms_results *to, void *argument, ms_error *error)
{
    merging *m = argument;
    ms_status status = ms_file_block_results(to, &m->there, error);
    for (int finished = 1; finished >= 0; finished--)
        for (size_t s = 0; status == MS_OK && s < m->count; s++)
            status = take_source(m, s, to, finished, error);
    if (status == MS_OK && m->conflicts > 0)
        return ms_error_set(error, MS_ERROR_MISMATCH, "%zu blocks have different bits: %s%s", m->conflicts,
                            m->conflict, m->conflicts > 2 ? "; ..." : "");
    if (status == MS_OK)
        status = remove_cut_off(m, to, error);
    if (status == MS_OK)
        status = ms_dataset_write(to, MS_DATASET_START, m->start, error);
    if (status == MS_OK)
        status = ms_dataset_write(to, MS_DATASET_SOURCE, m->source, error);
    return status == MS_OK ? ms_inputs_write(to, &m->inputs, error) : status;
}

/* How many lines of history there will be. Most files have been started once or twice, and have room for
 * more. */
static ms_status count_lines(merging *m, ms_error *error)
{
    for (size_t s = 0; s < m->count; s++) {
        ms_results *from;
        char(*start)[MS_START_MAX] = NULL;
        size_t lines = 0;
        ms_status status = ms_file_open_serial(&from, m->from[s], H5F_ACC_RDONLY, false, m->task, error);
        if (status != MS_OK)
            return status;
        status = ms_lines_read(from, MS_DATASET_START, &start, &lines, error);
        for (size_t i = 0; status == MS_OK && i < lines; i++)
            m->starts_max += start[i][0] != '\0';
        m->sources_max += from->layout.size[MS_DIM_SOURCE] + 1;
        free(start);
        if (status == MS_OK)
            status = ms_results_add_inputs(from, &m->inputs, error);
        ms_file_close(from, NULL);
        if (status != MS_OK)
            return status;
    }
    m->starts_max += MS_STARTS;
    return m->starts_max <= MS_STARTS_MAX && m->sources_max <= MS_SOURCES_MAX
               ? MS_OK
               : ms_error_set(error, MS_ERROR_ARGUMENT, "more than %u sources or %u starts to be recorded",
                              MS_SOURCES_MAX, MS_STARTS_MAX);
}

/* What a sweep that results keep does not know, of all sources. */
static ms_status take_numbers(merging *m, const char *path, ms_error *error)
{
    ms_status status = ms_kept_numbers_init(&m->numbers, &m->map, error);
    for (size_t s = 0; status == MS_OK && s < m->count; s++) {
        ms_results *from;
        status = ms_file_open_serial(&from, m->from[s], H5F_ACC_RDONLY, false, m->task, error);
        if (status != MS_OK)
            return status;
        status = ms_kept_numbers_take(&m->numbers, from, error);
        ms_file_close(from, NULL);
    }
    return status == MS_OK ? ms_kept_numbers_check(&m->numbers, path, error) : status;
}

static ms_status merge(merging *m, const char *path, ms_error *error)
{
    size_t blocks = ms_sweep_block_count(m->sweep);
    ms_status status = count_lines(m, error);
    if (status == MS_OK)
        status = ms_block_map_init(&m->map, m->sweep, error);
    if (status == MS_OK && m->sweep->lacks_numbers)
        status = take_numbers(m, path, error);
    if (status != MS_OK)
        return status;
    m->taken_from = ms_calloc(blocks, sizeof *m->taken_from);
    m->iteration = ms_calloc(blocks, sizeof *m->iteration);
    m->cut_off = ms_calloc(blocks, sizeof *m->cut_off);
    m->start = ms_calloc(m->starts_max, sizeof *m->start);
    m->source = ms_calloc(m->sources_max, sizeof *m->source);
    if (!m->taken_from || !m->iteration || !m->cut_off || !m->start || !m->source)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu blocks", blocks);
    const ms_new_file new_file = {.sweep = m->sweep,
                                  .numbers = m->sweep->lacks_numbers ? &m->numbers : NULL,
                                  .starts = m->starts_max,
                                  .sources = m->sources_max,
                                  .inputs = &m->inputs,
                                  .task = m->task,
                                  .fill = take_all,
                                  .argument = m};
    m->report->blocks = blocks;
    return ms_new_file_make(path, &new_file, error);
}

ms_status ms_results_merge(const char *path, const ms_sweep *sweep, const char *const *from, size_t count,
                           ms_merge_report *report, const ms_monitor *monitor, ms_error *error)
{
    ms_task task = {.monitor = monitor, .doing = "merging", .path = path, .descriptor = -1};
    *report = (ms_merge_report){0};
    merging m = {.sweep = sweep, .from = from, .task = &task, .count = count, .report = report};
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = merge(&m, path, error);
    ms_hdf5_quiet_end(quiet);
    ms_block_map_free(&m.map);
    ms_kept_numbers_free(&m.numbers);
    ms_inputs_free(&m.inputs);
    free(m.taken_from);
    free(m.iteration);
    free(m.cut_off);
    free(m.start);
    free(m.source);
    return status;
}
