/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/tables.h"

#include "base/text.h"
#include "estimate/job_type.h"
#include "results/fault.h"
#include "results/hdf5_error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ms_status ms_dataset_read(const ms_results *results, ms_dataset dataset, void *values, ms_error *error)
{
    hid_t type = ms_layout_memory_type(&results->layout, dataset);
    ms_status status = MS_OK;
    if (type < 0 || MS_TRY(MS_FAULT_READ, H5Dread(results->dataset[dataset], type, H5S_ALL, H5S_ALL,
                                                  H5P_DEFAULT, values)) < 0) {
        status = ms_hdf5_error(error, MS_ERROR_IO, results->path,
                               ms_layout_spec(&results->layout, dataset)->path, "cannot read");
    }
    H5Tclose(type);
    return status;
}

ms_status ms_dataset_write(const ms_results *results, ms_dataset dataset, const void *values, ms_error *error)
{
    hid_t type = ms_layout_memory_type(&results->layout, dataset);
    ms_status status = MS_OK;
    if (type < 0 || MS_TRY(MS_FAULT_WRITE, H5Dwrite(results->dataset[dataset], type, H5S_ALL, H5S_ALL,
                                                    H5P_DEFAULT, values)) < 0) {
        status = ms_hdf5_error(error, MS_ERROR_IO, results->path,
                               ms_layout_spec(&results->layout, dataset)->path, "cannot write");
    }
    H5Tclose(type);
    return status;
}

/* The whole of a dataset in new memory, with a zero byte after it; its address goes to the pointer at
 * `pointer`, of whatever type. */
static ms_status read_all(const ms_results *results, ms_dataset which, void *pointer, ms_error *error)
{
    double bytes = ms_layout_bytes(&results->layout, which); /* bounded by the size of the file */
    void *values = bytes < (double)PTRDIFF_MAX ? ms_calloc((size_t)bytes + 1, 1) : NULL;
    memcpy(pointer, &values, sizeof values);
    if (!values) {
        return ms_error_set(error, MS_ERROR_MEMORY, "%s: no memory to read %s", results->path,
                            ms_layout_spec(&results->layout, which)->path);
    }
    return ms_dataset_read(results, which, values, error);
}

ms_status ms_lines_read(const ms_results *results, ms_dataset dataset, char (**lines)[MS_START_MAX],
                        size_t *count, ms_error *error)
{
    *count = results->layout.size[ms_layout_spec(&results->layout, dataset)->dim[0]];
    *lines = ms_calloc(*count > 0 ? *count : 1, sizeof **lines);
    if (!*lines) {
        return ms_error_set(error, MS_ERROR_MEMORY, "%s: no memory to read %s", results->path,
                            ms_layout_spec(&results->layout, dataset)->path);
    }
    ms_status status = *count > 0 ? ms_dataset_read(results, dataset, *lines, error) : MS_OK;
    for (size_t i = 0; i < *count; i++)
        (*lines)[i][MS_START_MAX - 1] = '\0';
    return status;
}

static ms_status bad(const ms_results *results, ms_dataset which, ms_error *error)
{
    return ms_error_set(error, MS_ERROR_FORMAT, "%s: %s holds impossible values; the file is damaged",
                        results->path, ms_layout_spec(&results->layout, which)->path);
}

/* --- names --- */

/* Printable, without a slash or a space, and ended by a NUL. */
static bool is_name(const char name[MS_NAME_CHARACTERS])
{
    size_t length = strnlen(name, MS_NAME_CHARACTERS);
    for (size_t i = 0; i < length; i++)
        if (name[i] <= ' ' || name[i] > '~' || name[i] == '/')
            return false;
    return length > 0 && length < MS_NAME_CHARACTERS && name[0] != '.';
}

static bool is_fixed(const ms_results *results, const char *name)
{
    for (ms_dataset which = 0; which < MS_DATASET_FIXED; which++) {
        const char *path = ms_layout_spec(&results->layout, which)->path + 1;
        size_t length = strcspn(path, "/"); /* of a group, too */
        if (strlen(name) == length && strncmp(path, name, length) == 0)
            return true;
    }
    return false;
}

/* Names that are all different. */
static bool are_names(char (*name)[MS_NAME_CHARACTERS], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_name(name[i]))
            return false;
        for (size_t k = 0; k < i; k++)
            if (strcmp(name[i], name[k]) == 0)
                return false;
    }
    return true;
}

static bool are_further(const ms_results *results)
{
    const size_t *size = results->layout.size;
    for (size_t i = 0; i < size[MS_DIM_AXIS]; i++)
        if (is_fixed(results, results->axis_name[i]))
            return false;
    for (size_t i = 0; i < size[MS_DIM_COLUMN]; i++) {
        if (is_fixed(results, results->column_name[i]))
            return false;
        for (size_t k = 0; k < size[MS_DIM_AXIS]; k++)
            if (strcmp(results->column_name[i], results->axis_name[k]) == 0)
                return false;
    }
    return true;
}

ms_status ms_tables_read_names(ms_results *results, ms_error *error)
{
    const struct {
        ms_dataset dataset;
        char (**name)[MS_NAME_CHARACTERS];
    } table[] = {{MS_DATASET_RULE, &results->rule_name},
                 {MS_DATASET_ESTIMATOR, &results->estimator_name},
                 {MS_DATASET_AXIS, &results->axis_name},
                 {MS_DATASET_COLUMN, &results->column_name},
                 {MS_DATASET_COLUMN_DIMENSIONS, &results->column_dimensions}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t count = results->layout.size[ms_layout_spec(&results->layout, table[i].dataset)->dim[0]];
        if (count == 0)
            continue;
        ms_status status = read_all(results, table[i].dataset, table[i].name, error);
        if (status != MS_OK)
            return status;
        if (table[i].dataset == MS_DATASET_COLUMN_DIMENSIONS)
            for (size_t k = 0; k < count; k++) {
                (*table[i].name)[k][MS_NAME_CHARACTERS - 1] = '\0';
                ms_make_printable((*table[i].name)[k]);
            }
        else if (!are_names(*table[i].name, count))
            return bad(results, table[i].dataset, error);
    }
    return are_further(results) ? MS_OK : bad(results, MS_DATASET_COLUMN, error);
}

/* --- axes --- */

/* Puts all values of an axis where `info` has them. */
static ms_status read_axis(ms_results *results, size_t number, ms_error *error)
{
    ms_dataset which = MS_DATASET_FIRST_AXIS + (ms_dataset)number;
    ms_results_axis *axis = &results->axis[number];
    *axis = (ms_results_axis){.name = results->axis_name[number], .type = results->layout.axis[number].type};
    ms_status status = read_all(results, which, &results->axis_value[number], error);
    if (status != MS_OK)
        return status;
    char(*text)[MS_NAME_CHARACTERS] = results->axis_value[number];
    switch (axis->type) {
    case MS_POINT_NUMBER:
        axis->number = results->axis_value[number];
        for (size_t i = 0; i < results->info.points; i++)
            if (!isfinite(axis->number[i]))
                return bad(results, which, error);
        break;
    case MS_POINT_COUNT:
    case MS_POINT_WORD:
        axis->count = results->axis_value[number];
        break;
    case MS_POINT_TEXT:
        for (size_t i = 0; i < results->info.points; i++) {
            text[i][MS_NAME_CHARACTERS - 1] = '\0';
            ms_make_printable(text[i]);
        }
        axis->text = results->axis_value[number];
        break;
    }
    return MS_OK;
}

/* Puts the values of an axis that every file must have into the pointer at `values`. */
static ms_status find_axis(const ms_results *results, const char *name, ms_point_axis_type type, void *values,
                           ms_error *error)
{
    for (size_t i = 0; i < results->info.axes; i++) {
        if (strcmp(results->axis[i].name, name) != 0)
            continue;
        if (results->axis[i].type != type)
            return ms_error_set(error, MS_ERROR_FORMAT, "%s: /%s has the wrong type; the file is damaged",
                                results->path, name);
        memcpy(values, &results->axis_value[i], sizeof results->axis_value[i]);
        return MS_OK;
    }
    return ms_error_set(error, MS_ERROR_FORMAT, "%s: /axis does not name %s; the file is damaged",
                        results->path, name);
}

static ms_status read_axes(ms_results *results, ms_error *error)
{
    ms_results_info *info = &results->info;
    const struct {
        const char *name;
        ms_point_axis_type type;
        void *values; /* the address of a pointer */
    } known[] = {{"dimension", MS_POINT_COUNT, &info->dimension},
                 {"patch_size", MS_POINT_COUNT, &info->patch_size},
                 {"noise_level", MS_POINT_NUMBER, &info->noise_level},
                 {"seed", MS_POINT_WORD, &info->seed}};
    ms_status status = MS_OK;
    for (size_t i = 0; status == MS_OK && i < info->axes; i++)
        status = read_axis(results, i, error);
    for (size_t i = 0; status == MS_OK && i < sizeof known / sizeof *known; i++)
        status = find_axis(results, known[i].name, known[i].type, known[i].values, error);
    return status;
}

ms_point_value ms_file_axis_value(const ms_results *results, size_t axis, size_t point)
{
    const ms_results_axis *of = &results->axis[axis];
    return of->number  ? (ms_point_value){.number = of->number[point]}
           : of->count ? (ms_point_value){.count = of->count[point]}
                       : (ms_point_value){.text = of->text[point]};
}

void ms_results_describe_point(const ms_results *results, size_t point, char *text, size_t size)
{
    size_t length = 0;
    for (size_t i = 0; i < results->info.axes && length < size; i++) {
        const ms_results_axis *axis = &results->axis[i];
        const char *before = i > 0 ? ", " : "";
        char *to = text + length;
        size_t room = size - length;
        int used = axis->number  ? snprintf(to, room, "%s%s %g", before, axis->name, axis->number[point])
                   : axis->count ? snprintf(to, room, "%s%s %llu", before, axis->name,
                                            (unsigned long long)axis->count[point])
                                 : snprintf(to, room, "%s%s %s", before, axis->name, axis->text[point]);
        length += used > 0 ? (size_t)used : 0;
    }
}

/* --- points --- */

static ms_status check_points(const ms_results *results, ms_error *error)
{
    const ms_results_info *info = &results->info;
    for (size_t i = 0; i < info->points; i++)
        if (info->dimension[i] < 1 || info->dimension[i] > MS_SWEEP_DIMENSION_MAX ||
            info->patch_size[i] < 1 || info->patch_size[i] > info->dimension[i] || info->noise_level[i] < 0)
            return ms_error_set(
                error, MS_ERROR_FORMAT,
                "%s: /dimension, /patch_size or /noise_level holds impossible values; the file "
                "is damaged",
                results->path);
    for (size_t i = 0; i < info->points; i++) {
        if (results->point_iterations[i] > MS_SWEEP_ITERATIONS_MAX)
            return bad(results, MS_DATASET_ITERATIONS, error);
        if (results->variant[i] >= info->variants)
            return bad(results, MS_DATASET_POINT_VARIANT, error);
    }
    for (size_t i = 0; i < info->variants * info->components; i++) {
        if (isinf(results->weight[i]) || results->weight[i] < 0)
            return bad(results, MS_DATASET_WEIGHT, error);
        if (isinf(results->variance[i]) || results->variance[i] < 0)
            return bad(results, MS_DATASET_VARIANCE, error);
    }
    for (size_t i = 0; i < info->modes; i++)
        if (results->mode[i] > MS_SWEEP_ITERATIONS_MAX)
            return bad(results, MS_DATASET_MODE, error);
    for (size_t i = 0; i < info->snapshots; i++)
        if ((info->iterations > 0 &&
             results->snapshot_iteration[i] > info->iterations) || /* there is a budget */
            (i > 0 && results->snapshot_iteration[i] <= results->snapshot_iteration[i - 1]))
            return bad(results, MS_DATASET_SNAPSHOT, error);
    return MS_OK;
}

static ms_status check_costs(const ms_results *results, ms_error *error)
{
    const struct {
        ms_dataset dataset;
        const double *value;
        double least;
    } table[] = {{MS_DATASET_SCORE_EVALUATIONS, results->score_evaluations, 0},
                 {MS_DATASET_DENSITY_EVALUATIONS, results->density_evaluations, 0},
                 {MS_DATASET_COORDINATE_UPDATES, results->coordinate_updates, 0},
                 {MS_DATASET_PASS_ITERATIONS, results->pass_iterations, 1}};
    for (size_t t = 0; t < sizeof table / sizeof *table; t++)
        for (size_t i = 0; i < results->info.points; i++)
            if (isinf(table[t].value[i]) || table[t].value[i] < table[t].least)
                return bad(results, table[t].dataset, error);
    return MS_OK;
}

/* What computes each point: the first estimator that nothing speaks against. */
static ms_status read_validity(ms_results *results, ms_error *error)
{
    size_t points = results->info.points, estimators = results->info.estimators;
    ms_status status = read_all(results, MS_DATASET_VALIDITY, &results->validity, error);
    results->point_estimator = ms_calloc(points, sizeof *results->point_estimator);
    if (status == MS_OK && !results->point_estimator)
        status = ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu points", points);
    for (size_t i = 0; status == MS_OK && i < points * estimators; i++) {
        if (!memchr(results->validity[i], '\0', MS_VALIDITY_MAX))
            status = bad(results, MS_DATASET_VALIDITY, error);
        ms_make_printable(results->validity[i]);
    }
    for (size_t p = 0; status == MS_OK && p < points; p++) {
        size_t e = 0;
        while (e < estimators && results->validity[p * estimators + e][0])
            e++;
        results->point_estimator[p] = e < estimators ? e : MS_NO_ESTIMATOR;
    }
    return status;
}

/* The blocks must cover the units of point after point without a gap, and all chains where those are
 * simulated. */
static ms_status index_blocks(ms_results *results, const uint64_t *point, const uint64_t *first_chain,
                              const uint64_t *chains, ms_error *error)
{
    ms_results_info *info = &results->info;
    bool all_direct = info->estimators == 1 && strcmp(info->estimator[0], ms_direct_job.kind.name) == 0;
    size_t at = 0, covered = 0;
    for (size_t block = 0; block < info->blocks; block++) {
        for (; at < info->points && at != point[block]; covered = 0) {
            if (all_direct && covered != info->chains)
                return bad(results, MS_DATASET_BLOCK_FIRST_CHAIN, error);
            results->first_block[++at] = block;
        }
        if (at == info->points || first_chain[block] != covered || chains[block] == 0 ||
            chains[block] > info->chains - covered)
            return bad(results, MS_DATASET_BLOCK_FIRST_CHAIN, error);
        results->block[block] = (ms_block){at, covered, (size_t)chains[block]};
        info->block_chains = chains[block] > info->block_chains ? (size_t)chains[block] : info->block_chains;
        covered += (size_t)chains[block];
    }
    for (; at < info->points; covered = 0) {
        if (all_direct && covered != info->chains)
            return bad(results, MS_DATASET_BLOCK_FIRST_CHAIN, error);
        results->first_block[++at] = info->blocks;
    }
    return MS_OK;
}

static ms_status read_blocks(ms_results *results, ms_error *error)
{
    uint64_t *point = NULL, *first_chain = NULL, *chains = NULL;
    ms_status status = read_all(results, MS_DATASET_BLOCK_POINT, &point, error);
    if (status == MS_OK)
        status = read_all(results, MS_DATASET_BLOCK_FIRST_CHAIN, &first_chain, error);
    if (status == MS_OK)
        status = read_all(results, MS_DATASET_BLOCK_CHAINS, &chains, error);
    if (status == MS_OK) {
        results->block = ms_calloc(results->info.blocks, sizeof *results->block);
        results->first_block = ms_calloc(results->info.points + 1, sizeof *results->first_block);
        status = results->block && results->first_block
                     ? index_blocks(results, point, first_chain, chains, error)
                     : ms_error_set(error, MS_ERROR_MEMORY, "%s: no memory for its blocks", results->path);
    }
    free(point);
    free(first_chain);
    free(chains);
    return status;
}

/* The slots of saved states must follow one another, and fill the room. */
static ms_status check_states(const ms_results *results, ms_error *error)
{
    uint64_t at = 0, end = results->layout.size[MS_DIM_STATE];
    for (size_t block = 0; block < results->info.blocks; block++) {
        uint64_t size = results->state_size[block];
        if (results->state_offset[block] != at || size > (end - at) / MS_SLOTS)
            return bad(results, MS_DATASET_STATE_OFFSET, error);
        at += MS_SLOTS * size;
    }
    return at == end ? MS_OK : bad(results, MS_DATASET_STATE_SIZE, error);
}

static ms_status read_tables(ms_results *results, ms_error *error)
{
    const struct {
        ms_dataset dataset;
        void *pointer;
    } table[] = {{MS_DATASET_MODE, &results->mode},
                 {MS_DATASET_ITERATIONS, &results->point_iterations},
                 {MS_DATASET_POINT_VARIANT, &results->variant},
                 {MS_DATASET_WEIGHT, &results->weight},
                 {MS_DATASET_VARIANCE, &results->variance},
                 {MS_DATASET_SCORE_EVALUATIONS, &results->score_evaluations},
                 {MS_DATASET_DENSITY_EVALUATIONS, &results->density_evaluations},
                 {MS_DATASET_COORDINATE_UPDATES, &results->coordinate_updates},
                 {MS_DATASET_PASS_ITERATIONS, &results->pass_iterations},
                 {MS_DATASET_SNAPSHOT, &results->snapshot_iteration},
                 {MS_DATASET_STATE_OFFSET, &results->state_offset},
                 {MS_DATASET_STATE_SIZE, &results->state_size},
                 {MS_DATASET_NAME, &results->name},
                 {MS_DATASET_IDENTITY, &results->identity},
                 {MS_DATASET_SWEEP_YAML, &results->sweep_yaml}};
    ms_status status = MS_OK;
    for (size_t i = 0; status == MS_OK && i < sizeof table / sizeof *table; i++)
        if (ms_layout_has(&results->layout, table[i].dataset))
            status = read_all(results, table[i].dataset, table[i].pointer, error);
    return status == MS_OK ? read_axes(results, error) : status;
}

static void fill_info(ms_results *results)
{
    const ms_layout *layout = &results->layout;
    results->info =
        (ms_results_info){.path = results->path,
                          .format_version = results->info.format_version,
                          .points = layout->size[MS_DIM_POINT],
                          .chains = layout->size[MS_DIM_CHAIN],
                          .rules = layout->size[MS_DIM_RULE],
                          .modes = layout->size[MS_DIM_MODE],
                          .components = layout->size[MS_DIM_COMPONENT],
                          .snapshots = layout->size[MS_DIM_SNAPSHOT],
                          .variants = layout->size[MS_DIM_VARIANT],
                          .estimators = layout->size[MS_DIM_ESTIMATOR],
                          .blocks = layout->size[MS_DIM_BLOCK],
                          .axis = results->axis,
                          .axes = layout->axes,
                          .column = layout->column,
                          .columns = layout->columns,
                          .rule = (const char(*)[MS_NAME_CHARACTERS])results->rule_name,
                          .estimator = (const char(*)[MS_NAME_CHARACTERS])results->estimator_name};
}

ms_status ms_tables_read(ms_results *results, ms_error *error)
{
    ms_results_info *info = &results->info;
    fill_info(results);
    ms_status status = read_tables(results, error);
    if (status != MS_OK)
        return status;
    ms_make_printable(results->name);
    info->name = results->name;
    info->sweep_yaml = results->sweep_yaml;
    info->identity = results->identity;
    info->mode = results->mode;
    info->snapshot_iteration = results->snapshot_iteration;
    info->point_iterations = results->point_iterations;
    info->variant = results->variant;
    info->weight = results->weight;
    info->variance = results->variance;
    info->score_evaluations = results->score_evaluations;
    info->density_evaluations = results->density_evaluations;
    info->coordinate_updates = results->coordinate_updates;
    info->pass_iterations = results->pass_iterations;
    for (size_t i = 0; i < info->points; i++)
        if (results->point_iterations[i] > info->iterations)
            info->iterations = results->point_iterations[i];
    status = check_points(results, error);
    if (status == MS_OK)
        status = check_costs(results, error);
    if (status == MS_OK)
        status = read_validity(results, error);
    info->validity = (const char(*)[MS_VALIDITY_MAX])results->validity;
    info->point_estimator = results->point_estimator;
    if (status == MS_OK)
        status = read_blocks(results, error);
    return status == MS_OK ? check_states(results, error) : status;
}

void ms_tables_free(ms_results *results)
{
    for (size_t i = 0; i < MS_SWEEP_AXES_MAX; i++)
        free(results->axis_value[i]);
    free(results->rule_name);
    free(results->estimator_name);
    free(results->validity);
    free(results->point_estimator);
    free(results->axis_name);
    free(results->column_name);
    free(results->column_dimensions);
    free(results->mode);
    free(results->point_iterations);
    free(results->variant);
    free(results->weight);
    free(results->variance);
    free(results->score_evaluations);
    free(results->density_evaluations);
    free(results->coordinate_updates);
    free(results->pass_iterations);
    free(results->snapshot_iteration);
    free(results->state_offset);
    free(results->state_size);
    free(results->name);
    free(results->identity);
    free(results->sweep_yaml);
    free(results->block);
    free(results->first_block);
}
