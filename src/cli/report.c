/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/report.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_seed(const ms_results_info *info, const ms_results_axis *axis)
{
    return axis->count && axis->count == info->seed;
}

/* One of the four that every file has. */
static bool is_known(const ms_results_info *info, const ms_results_axis *axis)
{
    return is_seed(info, axis) || (axis->count && axis->count == info->dimension) ||
           (axis->count && axis->count == info->patch_size) ||
           (axis->number && axis->number == info->noise_level);
}

static bool is_same(const ms_results_axis *axis, size_t a, size_t b)
{
    return axis->number  ? axis->number[a] == axis->number[b]
           : axis->count ? axis->count[a] == axis->count[b]
                         : strcmp(axis->text[a], axis->text[b]) == 0;
}

bool ms_report_varies(const ms_results_info *info, const ms_report *report, const ms_results_axis *axis)
{
    if (report->pool_seeds && is_seed(info, axis))
        return false;
    for (size_t p = 1; p < info->points; p++)
        if (!is_same(axis, 0, p))
            return true;
    return false;
}

size_t ms_report_axes(const ms_results_info *info, ms_format format,
                      const ms_results_axis *list[MS_SWEEP_AXES_MAX])
{
    const ms_report each_point = {.format = format};
    size_t count = 0;
    for (size_t i = 0; i < info->axes; i++)
        if (!is_known(info, &info->axis[i]) &&
            (format != MS_FORMAT_READABLE || ms_report_varies(info, &each_point, &info->axis[i])))
            list[count++] = &info->axis[i];
    for (size_t i = 0; i < info->axes; i++)
        if (is_known(info, &info->axis[i]))
            list[count++] = &info->axis[i];
    return count;
}

ms_cell ms_report_value(const ms_results_info *info, const ms_report *report, const ms_results_axis *axis,
                        size_t point)
{
    return report->pool_seeds && is_seed(info, axis) ? ms_cell_word("pooled")
           : axis->number                            ? ms_cell_number(axis->number[point])
           : axis->count                             ? ms_cell_integer(axis->count[point])
                                                     : ms_cell_word(axis->text[point]);
}

size_t ms_report_group_end(const ms_results_info *info, const ms_report *report, size_t first)
{
    size_t end = first + 1;
    for (; report->pool_seeds && end < info->points; end++)
        for (size_t i = 0; i < info->axes; i++)
            if (!is_seed(info, &info->axis[i]) && !is_same(&info->axis[i], first, end))
                return end;
    return end;
}

ms_status ms_report_begin(const ms_report *report, ms_output_table *table, const char *const *column,
                          size_t columns, ms_error *error)
{
    if (report->shared)
        return ms_output_table_begin_part(table, report->shared, report->format, column, columns, error);
    ms_output_table_begin(table, report->format, column, columns,
                          report->format == MS_FORMAT_READABLE ? report->rows_max : SIZE_MAX);
    return MS_OK;
}

void ms_report_points(const ms_report *report, size_t first, size_t end)
{
    if (!report->shared)
        return;
    report->shared->also_in = "";
    for (size_t p = end; p-- > first;)
        if (report->also_in && report->also_in[p])
            report->shared->also_in = report->also_in[p];
}

const char *ms_report_unequal(const ms_results_info *info, const ms_results_info *with)
{
    const char *why = NULL;
    for (size_t p = 0; p < info->points; p++) {
        if (info->score_evaluations[p] != with->score_evaluations[0])
            return "iterations of different samplers cost differently; score evaluations compare them";
        if (info->density_evaluations[p] != with->density_evaluations[0])
            why = "iterations of different samplers cost differently: some also evaluate the density";
    }
    return why;
}

void ms_report_rest(const ms_output_table *table, const char *choices, const char *all_columns)
{
    if (table->rows_shown < table->rows)
        printf("%zu of %zu rows; --rows all prints them all%s%s\n", table->rows_shown, table->rows,
               choices ? ", " : "", choices ? choices : "");
    printf("%s\n", all_columns);
}

void ms_report_count(ms_report_blocks *blocks, const ms_block_results *block)
{
    blocks->read++;
    blocks->failed += block->status == MS_BLOCK_FAILED || block->status == MS_BLOCK_QUARANTINED;
}

void ms_report_absent(const ms_report_blocks *blocks, const ms_output_table *table,
                      const ms_results_info *info)
{
    if (blocks->failed > 0)
        printf("%zu of %zu blocks failed, and are left out; 'modeseek status %s' says why\n", blocks->failed,
               blocks->read, ms_printable_copy(info->path).text);
    else if (table->rows == 0)
        printf("nothing has been computed yet; see 'modeseek status %s'\n",
               ms_printable_copy(info->path).text);
}

const char *ms_report_estimator(const ms_results_info *info, size_t point)
{
    size_t estimator = info->point_estimator[point];
    return estimator == MS_NO_ESTIMATOR ? "none" : info->estimator[estimator];
}

const char *ms_report_refusal(const ms_results_info *info, size_t point)
{
    return info->validity[(point + 1) * info->estimators - 1];
}

size_t ms_report_indirect(const ms_results_info *info)
{
    size_t count = 0;
    for (size_t p = 0; p < info->points; p++)
        count += !ms_results_is_direct(info, p);
    return count;
}

void *ms_array_alloc(size_t a, size_t b, size_t c, size_t element_size)
{
    size_t limit = SIZE_MAX / element_size;
    if (a == 0 || b == 0 || c == 0)
        return calloc(1, element_size);
    if (b > limit / a || c > limit / a / b)
        return NULL;
    return calloc(a * b * c, element_size);
}

ms_status ms_sweep_of_results(ms_sweep **sweep, const ms_results_info *info, const char *path,
                              ms_error *error)
{
    char difference[300];
    *sweep = NULL;
    ms_diagnostics *diagnostics = calloc(1, sizeof *diagnostics);
    if (!diagnostics)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the sweep of %s", info->path);
    /* files that it names are looked for beside the results */
    ms_status status = path ? ms_sweep_load(sweep, path, diagnostics)
                            : ms_sweep_parse_kept(sweep, info->path, info->sweep_yaml,
                                                  strlen(info->sweep_yaml), diagnostics);
    if (status != MS_OK)
        ms_error_set(error, status, "%s%s", diagnostics->message[0],
                     path ? "" : "; --sweep names the sweep file to use instead");
    free(diagnostics);
    if (status == MS_OK &&
        ms_sweep_differs(info->identity, (*sweep)->identity, difference, sizeof difference)) {
        ms_sweep_free(*sweep);
        *sweep = NULL;
        return ms_error_set(error, MS_ERROR_MISMATCH, "%s: holds a different sweep (%s)%s", info->path,
                            difference, path ? "" : "; --sweep names the sweep file to use instead");
    }
    return status;
}

ms_status ms_check_complete(size_t missing, size_t failed, ms_error *error)
{
    ms_status status = ms_output_flush(error);
    return status != MS_OK ? status
           : missing > 0   ? ms_error_set(error, MS_STOPPED, "%s", "")
           : failed > 0    ? ms_error_set(error, MS_ERROR_POINTS, "%s", "")
                           : MS_OK;
}
