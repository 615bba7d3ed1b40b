/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Carrying blocks from one results file into another. */
#include "results/fault.h"
#include "results/file.h"

#include <string.h>

ms_status ms_slots_compare(const ms_results *from, const ms_results *to, ms_error *error)
{
    if (ms_layout_has_slots_of(&to->layout, &from->layout) &&
        from->layout.size[MS_DIM_RULE] == to->layout.size[MS_DIM_RULE] &&
        (from->info.rules == 0 ||
         memcmp(from->rule_name, to->rule_name, from->info.rules * sizeof *from->rule_name) == 0))
        return MS_OK;
    return ms_error_set(error, MS_ERROR_FORMAT,
                        "%s: its columns, rules or extents do not match its sweep; the file is damaged, or "
                        "was written by another version of modeseek",
                        from->path);
}

/* Rows of coordinates, each into a longer one. */
static void widen_column(const ms_block_results *from, size_t column, ms_block_results *to)
{
    const ms_column *of = from->column[column];
    bool has_coordinates = of->extent[of->rank - 1] == MS_EXTENT_COORDINATE;
    size_t length = has_coordinates ? from->extent[MS_EXTENT_COORDINATE] : 1;
    size_t room = has_coordinates ? to->extent[MS_EXTENT_COORDINATE] : 1;
    size_t rows = ms_block_column_values(from, column) / length;
    const uint64_t *source = from->value[column];
    uint64_t *target = to->value[column];
    for (size_t row = 0; row < rows; row++)
        memcpy(target + row * room, source + row * length, length * sizeof *target);
}

ms_status ms_slot_fit(const ms_block_results *slot, ms_results *to, const ms_block_results **fitted,
                      ms_error *error)
{
    *fitted = slot;
    if (slot->extent[MS_EXTENT_COORDINATE] == to->layout.size[MS_DIM_COORDINATE])
        return MS_OK;
    ms_block_results *wide = to->fitted;
    if (!wide) {
        ms_status status = ms_block_results_alloc_shape(&to->layout, to->info.block_chains, &wide, error);
        if (status != MS_OK)
            return status;
        to->fitted = wide;
    }
    wide->block = slot->block;
    wide->status = slot->status;
    wide->chains = slot->chains;
    wide->seconds = slot->seconds;
    wide->rank = slot->rank;
    memcpy(wide->failure, slot->failure, sizeof wide->failure);
    ms_block_results_clear(wide);
    for (size_t column = 0; column < slot->columns; column++)
        widen_column(slot, column, wide);
    *fitted = wide;
    return MS_OK;
}

static ms_status copy_row(ms_results *from, size_t from_block, ms_results *to, size_t to_block,
                          ms_dataset dataset, ms_error *error)
{
    uint64_t row[MS_SLOTS * MS_RECORD_FIELDS]; /* as large as the largest of them */
    ms_status status = ms_slot_read(from, dataset, from_block, row, error);
    return status == MS_OK ? ms_slot_write(to, dataset, to_block, row, error) : status;
}

/* The newest valid state, as the first of the block in the other file. One that has no room there, because
 * its saved form is that of another version, is left out: that block begins anew. */
static ms_status copy_state(ms_results *from, size_t from_block, ms_results *to, size_t to_block, bool *found,
                            ms_error *error)
{
    ms_saved_state saved;
    size_t size;
    *found = false;
    ms_status status = ms_results_saved_size(from, from_block, &size, error);
    if (status != MS_OK || size == 0)
        return status;
    void *state = ms_calloc(size, 1);
    status = state ? ms_results_state_load(from, from_block, state, size, &saved, NULL, error)
                   : ms_error_set(error, MS_ERROR_MEMORY, "no memory for a state of %zu bytes", size);
    *found = status == MS_OK && saved.generation > 0 && saved.size <= ms_results_state_size(to, to_block);
    if (*found) {
        saved.generation = 1;
        status = ms_results_state_save(to, to_block, &saved, state, error);
    }
    free(state);
    return status;
}

/* Attempts are not carried over: what crashed its rank there gets another chance. */
ms_status ms_block_copy(ms_results *from, size_t from_block, ms_results *to, size_t to_block,
                        const ms_block_results *slot, bool *has_state, ms_error *error)
{
    static const ms_dataset row[] = {MS_DATASET_BLOCK_LOST, MS_DATASET_BLOCK_SECONDS, MS_DATASET_BLOCK_RANK};
    ms_status status = copy_state(from, from_block, to, to_block, has_state, error);
    for (size_t i = 0; status == MS_OK && i < sizeof row / sizeof *row; i++)
        status = copy_row(from, from_block, to, to_block, row[i], error);
    if (status != MS_OK || !slot)
        return status;
    status = ms_slot_fit(slot, to, &slot, error);
    if (status != MS_OK)
        return status;
    ms_block_results moved = *slot;
    moved.block = to_block;
    return ms_slot_store(to, &moved, error);
}

ms_status ms_lines_copy(const ms_results *from, ms_dataset dataset, char (*to)[MS_START_MAX], size_t room,
                        size_t *count, ms_error *error)
{
    char(*line)[MS_START_MAX];
    size_t lines;
    *count = 0;
    ms_status status = MS_OK;
    if (!ms_layout_has(&from->layout, dataset))
        return MS_OK;
    status = ms_lines_read(from, dataset, &line, &lines, error);
    for (size_t i = 0; status == MS_OK && i < lines; i++)
        if (line[i][0] && *count < room)
            memcpy(to[(*count)++], line[i], sizeof *to);
    free(line);
    return status;
}

ms_status ms_history_copy(const ms_results *from, ms_results *to, ms_error *error)
{
    static const ms_dataset lines[] = {MS_DATASET_START, MS_DATASET_SOURCE};
    ms_status status = MS_OK;
    for (size_t i = 0; status == MS_OK && i < sizeof lines / sizeof *lines; i++) {
        char(*line)[MS_START_MAX];
        size_t count;
        if (!ms_layout_has(&from->layout, lines[i]))
            continue;
        status = ms_lines_read(from, lines[i], &line, &count, error);
        if (status == MS_OK)
            status = ms_dataset_write(to, lines[i], line, error);
        free(line);
    }
    return status;
}
