/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/pass_warnings.h"
#include "cli/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* behind the axes, before the shares */
static const char *const column[] = {"iteration", "chains", "total_variation"};
#define FIXED_COLUMNS (sizeof column / sizeof *column)
#define COLUMNS_MAX   (MS_SWEEP_AXES_MAX + FIXED_COLUMNS + MS_COMPONENTS_MAX + 1)

#define WITHIN_PASS "in the middle of a pass: new patches, or noise levels, mix with old ones"

/* The columns that say at which component a chain is. */
#define MODE           "chain_mode"
#define RESPONSIBILITY "responsibility"
/* Or, of targets that have no responsibilities without noise, in which mode it is; 0: in none. */
#define NEAREST_MODE "nearest_mode"

/* Chains by snapshot and component, or by mode. */
typedef struct tally {
    size_t components, chains; /* components: modes, too, number 0 being what is of none */
    const char *column;
    double *weight;  /* [variants][components] */
    uint64_t *count; /* [snapshots][components] */
    bool has_warnings;
    ms_report_blocks blocks;
} tally;

/* The component with the largest log-weight; the first of equals. */
static size_t largest(const double *responsibility, size_t components)
{
    size_t best = 0;
    for (size_t i = 1; i < components; i++)
        if (responsibility[i] > responsibility[best])
            best = i;
    return best;
}

/* Block by block: there may be more chains than fit into memory. */
static ms_status add_block(ms_results *results, size_t block, tally *t, ms_error *error)
{
    const ms_results_info *info = ms_results_get_info(results);
    const ms_block_results *slot;
    if (!ms_results_is_direct(info, ms_results_block(results, block).point))
        return MS_OK;
    ms_status status = ms_results_read_block(results, block, &slot, NULL, error);
    if (status == MS_OK)
        ms_report_count(&t->blocks, slot);
    if (status != MS_OK || slot->status != MS_BLOCK_DONE)
        return status;
    const int64_t *mode = strcmp(t->column, RESPONSIBILITY) != 0 ? ms_block_int64(slot, t->column) : NULL;
    const double *responsibility = mode ? NULL : ms_block_double(slot, RESPONSIBILITY);
    if (!mode && !responsibility)
        return ms_error_set(error, MS_ERROR_FORMAT, "%s lacks %s", info->path, t->column);
    for (size_t row = 0; row < info->snapshots * slot->chains; row++) {
        size_t of = mode ? (size_t)mode[row] : largest(responsibility + row * t->components, t->components);
        if (of >= t->components)
            return ms_error_set(error, MS_ERROR_FORMAT, "%s: %s holds impossible values; the file is damaged",
                                info->path, t->column);
        t->count[row / slot->chains * t->components + of]++;
    }
    t->chains += slot->chains;
    return MS_OK;
}

/* `cell` has the axes already, `axes` of them. */
static void print_rows(ms_output_table *table, const ms_results_info *info, const tally *t, size_t point,
                       ms_cell *cell, size_t axes)
{
    const double *weight = t->weight + info->variant[point] * t->components;
    for (size_t s = 0; s < info->snapshots; s++) {
        double distance = 0;
        for (size_t i = 0; i < t->components; i++) {
            double share = (double)t->count[s * t->components + i] / (double)t->chains;
            distance += fabs(share - weight[i]) / 2;
            cell[axes + FIXED_COLUMNS + i] = ms_cell_number(share);
        }
        bool within = ms_within_pass(info->snapshot_iteration[s], info->pass_iterations[point]);
        char marked[32];
        snprintf(marked, sizeof marked, "%" PRIu64 "%s", info->snapshot_iteration[s], within ? " !" : "  ");
        cell[axes] = t->has_warnings && table->format == MS_FORMAT_READABLE
                         ? ms_cell_word(marked)
                         : ms_cell_integer(info->snapshot_iteration[s]);
        cell[axes + 1] = ms_cell_integer(t->chains);
        cell[axes + 2] = ms_cell_number(distance);
        cell[axes + FIXED_COLUMNS + t->components] = ms_cell_word(within ? WITHIN_PASS : "");
        ms_output_table_row(table, cell);
    }
}

static void print_notes(const ms_report *report, const tally *t, const ms_output_table *table,
                        const ms_results_info *info)
{
    size_t indirect = ms_report_indirect(info);
    ms_report_absent(&t->blocks, table, info);
    if (indirect > 0)
        printf("%zu of %zu points are left out: estimators have no shares\n", indirect, info->points);
    if (t->has_warnings)
        printf("! " WITHIN_PASS "; compare iterations where passes end\n");
    ms_report_rest(table, report->pool_seeds ? NULL : "--pool seed makes fewer",
                   "--csv and --json have full precision");
}

static ms_status print_shares(ms_results *results, const ms_report *report, tally *t, ms_error *error)
{
    const ms_results_info *info = ms_results_get_info(results);
    char share_name[MS_COMPONENTS_MAX][16];
    const char *name[COLUMNS_MAX];
    const ms_results_axis *axis[MS_SWEEP_AXES_MAX];
    size_t axes = ms_report_axes(info, report->format, axis);
    for (size_t i = 0; i < axes; i++)
        name[i] = axis[i]->name;
    memcpy(name + axes, column, sizeof column);
    for (size_t i = 0; i < t->components; i++) {
        snprintf(share_name[i], sizeof share_name[i], "share_%zu", i);
        name[axes + FIXED_COLUMNS + i] = share_name[i];
    }
    ms_output_table table;
    size_t columns = axes + FIXED_COLUMNS + t->components;
    name[columns] = "warning"; /* only where there is one */
    t->has_warnings = report->has_within_pass || ms_report_within_pass(info);
    columns += t->has_warnings && report->format != MS_FORMAT_READABLE;
    ms_status status = ms_report_begin(report, &table, name, columns, error);
    size_t block = 0;
    for (size_t first = 0, end; status == MS_OK && first < info->points; first = end) {
        end = ms_report_group_end(info, report, first);
        ms_report_points(report, first, end);
        t->chains = 0;
        for (size_t i = 0; i < info->snapshots * t->components; i++)
            t->count[i] = 0;
        for (; block < info->blocks && ms_results_block(results, block).point < end; block++) {
            status = add_block(results, block, t, error);
            if (status != MS_OK)
                return status;
        }
        ms_cell cell[COLUMNS_MAX];
        for (size_t i = 0; i < axes; i++)
            cell[i] = ms_report_value(info, report, axis[i], first);
        if (t->chains > 0)
            print_rows(&table, info, t, first, cell, axes);
    }
    if (status == MS_OK)
        status = ms_output_table_end(&table, error);
    if (status == MS_OK && report->format == MS_FORMAT_JSON && !report->shared)
        putchar('\n');
    if (status == MS_OK && report->format == MS_FORMAT_READABLE)
        print_notes(report, t, &table, info);
    return status;
}

bool ms_report_within_pass(const ms_results_info *info)
{
    for (size_t p = 0; p < info->points; p++)
        for (size_t s = 0; s < info->snapshots; s++)
            if (ms_within_pass(info->snapshot_iteration[s], info->pass_iterations[p]))
                return true;
    return false;
}

static bool has_column(const ms_results_info *info, const char *name)
{
    for (size_t i = 0; i < info->columns; i++)
        if (strcmp(info->column[i]->name, name) == 0)
            return true;
    return false;
}

static const char *find_column(const ms_results_info *info)
{
    return has_column(info, MODE)             ? MODE
           : has_column(info, RESPONSIBILITY) ? RESPONSIBILITY
           : has_column(info, NEAREST_MODE)   ? NEAREST_MODE
                                              : NULL;
}

/* Those of the modes, going by the sweep that the file keeps. */
static ms_status find_mode_weights(const ms_results_info *info, const tally *t, ms_error *error)
{
    ms_sweep *sweep;
    ms_diagnostics *diagnostics = calloc(1, sizeof *diagnostics);
    if (!diagnostics)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %s", info->path);
    ms_status status =
        ms_sweep_parse_kept(&sweep, info->path, info->sweep_yaml, strlen(info->sweep_yaml), diagnostics);
    if (status != MS_OK)
        ms_error_set(error, status, "%s", diagnostics->message[0]);
    free(diagnostics);
    if (status != MS_OK)
        return status;
    for (size_t v = 0; v < info->variants && v < sweep->variants; v++) {
        const ms_settings *settings = &sweep->variant[v];
        bool is_known = settings->mode_of && !ms_settings_lacks_labels(settings);
        for (size_t i = 0; i < ms_settings_components(settings); i++)
            if (is_known && settings->mode_of[i] < t->components)
                t->weight[v * t->components + settings->mode_of[i]] +=
                    ms_settings_component(settings, i, 1).weight;
        for (size_t m = 0; !is_known && m < t->components; m++)
            t->weight[v * t->components + m] = (double)NAN;
    }
    ms_sweep_free(sweep);
    return MS_OK;
}

static ms_status find_weights(const ms_results_info *info, const tally *t, ms_error *error)
{
    if (strcmp(t->column, NEAREST_MODE) == 0)
        return find_mode_weights(info, t, error);
    for (size_t i = 0; i < info->variants * t->components; i++)
        t->weight[i] = info->weight[i];
    return MS_OK;
}

ms_status ms_report_shares(ms_results *results, const ms_report *report, ms_error *error)
{
    const ms_results_info *info = ms_results_get_info(results);
    if (info->snapshots == 0)
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "%s holds no snapshots; list iterations under `snapshots` in the sweep",
                            info->path);
    tally t = {.column = find_column(info)};
    if (info->components == 0 || !t.column)
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "%s does not record which component each chain is in; list responsibility, mode or nearest_mode "
            "under `observables` in the sweep",
            info->path);
    t.components = strcmp(t.column, NEAREST_MODE) == 0 ? info->modes + 1 : info->components;
    if (t.components > MS_COMPONENTS_MAX)
        return ms_error_set(error, MS_ERROR_FORMAT, "%s has %zu components; at most %d are known", info->path,
                            t.components, MS_COMPONENTS_MAX);
    t.count = ms_array_alloc(info->snapshots, t.components, 1, sizeof *t.count);
    t.weight = ms_array_alloc(info->variants, t.components, 1, sizeof *t.weight);
    ms_status status =
        t.count && t.weight
            ? find_weights(info, &t, error)
            : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the snapshots of %s", info->path);
    if (status == MS_OK)
        status = print_shares(results, report, &t, error);
    free(t.count);
    free(t.weight);
    return status;
}
