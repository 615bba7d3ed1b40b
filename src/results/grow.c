/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prolonging and extending: what a sweep wants of the file that there is, and the larger file made from it.
 */
#include "results/grow.h"
#include "results/fault.h"
#include "results/hdf5_error.h"
#include "results/kept_numbers.h"

#include <stdlib.h>
#include <string.h>

static int compare_values(ms_point_axis_type type, ms_point_value x, ms_point_value y)
{
    switch (type) {
    case MS_POINT_NUMBER:
        return x.number < y.number ? -1 : x.number > y.number;
    case MS_POINT_TEXT:
        return strcmp(x.text, y.text);
    case MS_POINT_COUNT:
    case MS_POINT_WORD:
        break;
    }
    return x.count < y.count ? -1 : x.count > y.count;
}

static int compare_points(const void *a, const void *b)
{
    const ms_indexed_point *x = a, *y = b;
    int order = 0;
    for (size_t i = 0; order == 0 && i < x->map->axes; i++)
        order = compare_values(x->map->axis[i].type, x->value[i], y->value[i]);
    return order;
}

ms_status ms_block_map_init(ms_block_map *map, const ms_sweep *sweep, ms_error *error)
{
    *map = (ms_block_map){.sweep = sweep, .count = sweep->point_count};
    map->axes = ms_sweep_axes(sweep, map->axis);
    map->point = ms_calloc(map->count, sizeof *map->point);
    map->value = ms_calloc(map->count, (map->axes + 1) * sizeof *map->value);
    if (!map->point || !map->value)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu points", map->count);
    for (size_t i = 0; i < map->count; i++) {
        ms_point_value *value = map->value + i * map->axes;
        for (size_t k = 0; k < map->axes; k++)
            value[k] = ms_sweep_axis_value(sweep, k, i);
        map->point[i] = (ms_indexed_point){value, i, map};
    }
    qsort(map->point, map->count, sizeof *map->point, compare_points);
    return MS_OK;
}

void ms_block_map_free(ms_block_map *map)
{
    free(map->point);
    free(map->value);
}

/* The file's axis that is axis `k` of the sweep; SIZE_MAX: it has none. */
static size_t find_axis(const ms_block_map *map, const ms_results_info *info, size_t k)
{
    for (size_t i = 0; i < info->axes; i++)
        if (strcmp(info->axis[i].name, map->axis[k].name) == 0 && info->axis[i].type == map->axis[k].type)
            return i;
    return SIZE_MAX;
}

bool ms_block_map_point(const ms_block_map *map, const ms_results *results, size_t point, size_t *index)
{
    ms_point_value value[MS_SWEEP_AXES_MAX];
    if (results->info.axes != map->axes)
        return false;
    for (size_t k = 0; k < map->axes; k++) {
        size_t axis = find_axis(map, &results->info, k);
        if (axis == SIZE_MAX)
            return false;
        value[k] = ms_file_axis_value(results, axis, point);
    }
    const ms_indexed_point wanted = {value, 0, map};
    const ms_indexed_point *found =
        bsearch(&wanted, map->point, map->count, sizeof *map->point, compare_points);
    if (found)
        *index = found->index;
    return found != NULL;
}

bool ms_block_map_find(const ms_block_map *map, const ms_results *results, size_t block, size_t *index)
{
    ms_block here = results->block[block];
    size_t point;
    *index = SIZE_MAX;
    if (!ms_block_map_point(map, results, here.point, &point))
        return false;
    size_t size = ms_sweep_block_units(map->sweep, point);
    if (here.first_chain % size != 0 || here.first_chain >= ms_sweep_units(map->sweep, point))
        return false;
    *index = map->sweep->points[point].first_block + here.first_chain / size;
    return ms_sweep_block(map->sweep, *index).chains == here.chains &&
           ms_sweep_block(map->sweep, *index).first_chain == here.first_chain;
}

/* Whether nothing can happen to the chain any more: every event has. */
static bool is_over(const ms_block_results *slot, size_t chain)
{
    for (size_t c = 0; c < slot->columns; c++) {
        const int64_t *time = slot->value[c];
        ms_column_shape shape = ms_block_column_shape(slot, c);
        if (slot->column[c]->role != MS_COLUMN_EVENT)
            continue;
        for (size_t o = 0; o < shape.outer; o++)
            for (size_t i = 0; i < shape.inner; i++)
                if (time[(o * slot->chains + chain) * shape.inner + i] == MS_CENSORED)
                    return false;
    }
    return true;
}

/* Chains that were not over when the budget was: those that a larger budget would let go on. */
static size_t chains_cut_off(const ms_results *results, const ms_sweep *sweep, const ms_block_results *slot)
{
    size_t count = 0;
    uint64_t budget = results->point_iterations[results->block[slot->block].point];
    for (size_t c = 0; c < slot->columns; c++) {
        const int64_t *clock = slot->value[c];
        for (size_t chain = 0; slot->column[c]->role == MS_COLUMN_CLOCK && chain < slot->chains; chain++)
            count +=
                (uint64_t)clock[chain] == budget && !(sweep->stop_when_discovered && is_over(slot, chain));
    }
    return count;
}

typedef enum what { KEEP, PROLONG, RESUME } what;

/* What becomes of a block of the file, which is block `index` of the sweep. */
static what find_what(const ms_results *results, const ms_sweep *sweep, size_t index,
                      const ms_block_results *slot, size_t *chains)
{
    *chains = 0; /* what is not needed there may be needed here */
    if (slot->status == MS_BLOCK_NOT_DONE ||
        (slot->status == MS_BLOCK_NOT_NEEDED && strcmp(results->identity, sweep->identity) != 0))
        return RESUME;
    uint64_t before = results->point_iterations[results->block[slot->block].point];
    if (slot->status != MS_BLOCK_DONE ||
        ms_sweep_point_iterations(sweep, ms_sweep_block(sweep, index).point) == before)
        return KEEP;
    *chains = chains_cut_off(results, sweep, slot);
    return *chains > 0 ? PROLONG : KEEP;
}

bool ms_block_is_cut_off(const ms_results *results, const ms_sweep *sweep, size_t index,
                         const ms_block_results *slot)
{
    size_t chains;
    return find_what(results, sweep, index, slot, &chains) == PROLONG;
}

/* Every point of the file must be in the sweep. */
static ms_status check_points(const ms_results *results, const ms_block_map *map, ms_error *error)
{
    size_t index;
    for (size_t p = 0; p < results->info.points; p++)
        if (!ms_block_map_point(map, results, p, &index)) {
            char text[300];
            ms_results_describe_point(results, p, text, sizeof text);
            return ms_error_set(error, MS_ERROR_MISMATCH,
                                "%s: the sweep omits points that the file has (grid: %s); results are never "
                                "removed: choose another name for the results, or add these values",
                                results->path, text);
        } else {
            ms_status status = ms_file_match_estimator(results, p, map->sweep, index, error);
            if (status != MS_OK)
                return status;
        }
    /* not in a file that is as it was made */
    if (results->info.points > map->count || results->info.blocks > ms_sweep_block_count(map->sweep))
        return ms_error_set(
            error, MS_ERROR_FORMAT,
            "%s: has %zu points in %zu blocks, more than the %zu in %zu of the sweep that has all its "
            "points; the file is damaged",
            results->path, results->info.points, results->info.blocks, map->count,
            ms_sweep_block_count(map->sweep));
    return MS_OK;
}

static ms_status check_identity(const ms_results *results, const ms_sweep *sweep, ms_error *error)
{
    char difference[300];
    if (ms_sweep_may_grow(results->identity, sweep->identity, difference, sizeof difference))
        return MS_OK;
    return ms_error_set(
        error, MS_ERROR_MISMATCH,
        "%s: holds a different sweep (%s); choose another name for the results, or the sweep they belong to",
        results->path, difference);
}

static ms_status count_block(ms_results *results, const ms_sweep *sweep, size_t block, size_t index,
                             const ms_attempt *attempt, ms_growth *growth, ms_error *error)
{
    ms_block_results *slot;
    ms_saved_state saved;
    size_t chains;
    ms_status status = ms_file_block_results(results, &slot, error);
    if (status == MS_OK)
        status = ms_slot_load(results, block, slot, NULL, error);
    if (status != MS_OK)
        return status;
    what to_do = find_what(results, sweep, index, slot, &chains);
    growth->blocks_kept += to_do == KEEP && slot->status != MS_BLOCK_QUARANTINED;
    growth->blocks_failed += to_do == KEEP && slot->status == MS_BLOCK_FAILED;
    growth->blocks_quarantined += slot->status == MS_BLOCK_QUARANTINED;
    if (to_do == KEEP)
        return MS_OK;
    /* a new file would not take over the attempts */
    if (to_do == RESUME && attempt->unfinished >= MS_ATTEMPTS_MAX && growth->is_same && !growth->is_archive) {
        growth->blocks_exhausted++;
        return MS_OK;
    }
    status = ms_results_state_look(results, block, &saved, NULL, error);
    if (status != MS_OK)
        return status;
    bool has_state = saved.generation > 0;
    growth->blocks_prolonged += to_do == PROLONG && has_state;
    growth->chains_prolonged += to_do == PROLONG && has_state ? chains : 0;
    growth->blocks_again += to_do == PROLONG && !has_state;
    growth->blocks_resumed += to_do == RESUME && has_state;
    growth->blocks_new += to_do == RESUME && !has_state;
    return MS_OK;
}

/* Blocks of the sweep that are wanted, without those that the file has, if only with fewer chains. */
static ms_status compare_blocks(ms_results *results, const ms_sweep *sweep, const bool *wanted,
                                const ms_block_map *map, const ms_attempt *attempt, ms_growth *growth,
                                ms_error *error)
{
    ms_status status = MS_OK;
    size_t found = 0;
    for (size_t b = 0; b < ms_sweep_block_count(sweep); b++)
        growth->blocks += !wanted || wanted[b];
    for (size_t b = 0; status == MS_OK && b < results->info.blocks; b++) {
        size_t index;
        results->task->done = (double)b / (double)results->info.blocks;
        status = ms_task_go_on(results->task, error);
        bool same = ms_block_map_find(map, results, b, &index);
        if (status != MS_OK || index == SIZE_MAX || (wanted && !wanted[index]))
            continue;
        found++;
        if (same)
            status = count_block(results, sweep, b, index, &attempt[b], growth, error);
        else
            growth->blocks_recut++;
    }
    growth->blocks_new +=
        found < growth->blocks ? growth->blocks - found : 0; /* a damaged file may have one twice */
    return status;
}

static ms_status compare(ms_results *results, const ms_sweep *sweep, const bool *wanted, ms_growth *growth,
                         ms_error *error)
{
    ms_block_map map = {0};
    *growth = (ms_growth){.is_same = strcmp(results->identity, sweep->identity) == 0,
                          .is_archive = results->archive};
    ms_status status =
        growth->is_same ? ms_file_match(results, sweep, error) : check_identity(results, sweep, error);
    ms_attempt *attempt = ms_calloc(results->info.blocks, sizeof *attempt);
    if (status == MS_OK && !attempt)
        status = ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu blocks", results->info.blocks);
    if (status == MS_OK)
        status = ms_results_attempts(results, attempt, error);
    if (status == MS_OK)
        status = ms_block_map_init(&map, sweep, error);
    if (status == MS_OK)
        status = check_points(results, &map, error);
    if (status == MS_OK)
        status = compare_blocks(results, sweep, wanted, &map, attempt, growth, error);
    growth->points_new = sweep->point_count - results->info.points;
    ms_block_map_free(&map);
    free(attempt);
    return status;
}

ms_status ms_results_compare(const char *path, const ms_sweep *sweep, const bool *wanted, ms_growth *growth,
                             const ms_monitor *monitor, ms_error *error)
{
    ms_task task = {.monitor = monitor, .doing = "reading", .path = path, .descriptor = -1};
    ms_results *results;
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = ms_file_open_serial(&results, path, H5F_ACC_RDONLY, false, &task, error);
    if (status == MS_OK) {
        status = compare(results, sweep, wanted, growth, error);
        ms_file_close(results, NULL);
    }
    ms_hdf5_quiet_end(quiet);
    return status;
}

typedef struct growing {
    ms_results *old;
    const ms_sweep *sweep;
    const ms_inputs *inputs;
} growing;

static ms_status take_over(ms_results *to, void *argument, ms_error *error)
{
    const growing *g = argument;
    ms_results *old = g->old;
    ms_block_map map;
    ms_block_results *slot;
    ms_status status = ms_block_map_init(&map, g->sweep, error);
    if (status == MS_OK)
        status = ms_slots_compare(old, to, error);
    if (status == MS_OK)
        status = ms_file_block_results(old, &slot, error);
    for (size_t b = 0; status == MS_OK && b < old->info.blocks; b++) {
        size_t index, chains;
        bool has_state;
        to->task->done = 0.5 + 0.5 * (double)b / (double)old->info.blocks;
        status = ms_task_go_on(to->task, error);
        if (status != MS_OK)
            break;
        if (!ms_block_map_find(&map, old, b, &index))
            continue;
        status = ms_slot_load(old, b, slot, NULL, error);
        if (status == MS_OK)
            status = ms_block_copy(old, b, to, index,
                                   find_what(old, g->sweep, index, slot, &chains) == KEEP ? slot : NULL,
                                   &has_state, error);
    }
    ms_block_map_free(&map);
    if (status == MS_OK)
        status = ms_history_copy(old, to, error);
    return status == MS_OK ? ms_inputs_write(to, g->inputs, error) : status;
}

/* What a sweep that results keep does not know is in these. */
static ms_status make_with_numbers(const growing *g, const char *path, ms_new_file shape, ms_error *error)
{
    ms_block_map map;
    ms_kept_numbers numbers = {0};
    ms_status status = ms_block_map_init(&map, g->sweep, error);
    if (status == MS_OK)
        status = ms_kept_numbers_init(&numbers, &map, error);
    if (status == MS_OK)
        status = ms_kept_numbers_take(&numbers, g->old, error);
    if (status == MS_OK)
        status = ms_kept_numbers_check(&numbers, path, error);
    shape.numbers = &numbers;
    if (status == MS_OK)
        status = ms_new_file_make(path, &shape, error);
    ms_kept_numbers_free(&numbers);
    ms_block_map_free(&map);
    return status;
}

/* `shape` says what kind of file is to be made; the rest of it is filled in here. */
static ms_status make_from(const char *old_path, bool force, const char *path, ms_new_file shape,
                           ms_error *error)
{
    growing g = {.sweep = shape.sweep};
    ms_inputs own = {0};
    char versions[MS_VERSIONS_MAX], created_at[MS_TIME_MAX];
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = ms_file_open_serial(&g.old, old_path, H5F_ACC_RDONLY, force, shape.task, error);
    if (status == MS_OK) {
        status = check_identity(g.old, shape.sweep, error);
        if (status == MS_OK)
            status = ms_dataset_read(g.old, MS_DATASET_VERSIONS, versions, error);
        if (status == MS_OK)
            status = ms_dataset_read(g.old, MS_DATASET_CREATED_AT, created_at, error);
        if (status == MS_OK && !shape.inputs)
            status = ms_results_inputs(g.old, &own, error);
        if (status == MS_OK) {
            shape.inputs = g.inputs = shape.inputs ? shape.inputs : &own;
            versions[MS_VERSIONS_MAX - 1] = created_at[MS_TIME_MAX - 1] = '\0';
            shape.versions = versions;
            shape.created_at = created_at;
            shape.starts = g.old->layout.size[MS_DIM_START];
            shape.sources = g.old->layout.size[MS_DIM_SOURCE];
            shape.fill = take_over;
            shape.argument = &g;
            status = shape.sweep->lacks_numbers ? make_with_numbers(&g, path, shape, error)
                                                : ms_new_file_make(path, &shape, error);
        }
        ms_file_close(g.old, NULL);
        ms_inputs_free(&own);
    }
    ms_hdf5_quiet_end(quiet);
    return status;
}

ms_status ms_results_grow(const char *path, const ms_sweep *sweep, const ms_monitor *monitor, ms_error *error)
{
    ms_task task = {.monitor = monitor, .doing = "growing", .path = path, .descriptor = -1};
    return make_from(path, false, path, (ms_new_file){.sweep = sweep, .replace = true, .task = &task}, error);
}

ms_status ms_results_repack(const char *path, const char *from, const ms_sweep *sweep, bool force,
                            const ms_inputs *inputs, const ms_monitor *monitor, ms_error *error)
{
    ms_task task = {.monitor = monitor, .doing = "packing", .path = path, .descriptor = -1};
    return make_from(from, force, path,
                     (ms_new_file){.sweep = sweep, .archive = true, .inputs = inputs, .task = &task}, error);
}
