/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t ms_report_group_end(const ms_results_info *info, const ms_report *report, size_t first)
{
    size_t end = first + 1;
    while (report->pool_seeds && end < info->points && info->dimension[end] == info->dimension[first] &&
           info->patch_size[end] == info->patch_size[first] &&
           info->noise_level[end] == info->noise_level[first])
        end++;
    return end;
}

void ms_report_point(const ms_results_info *info, const ms_report *report, size_t point, ms_cell *cell)
{
    cell[0] = ms_cell_integer(info->dimension[point]);
    cell[1] = ms_cell_integer(info->patch_size[point]);
    cell[2] = ms_cell_number(info->noise_level[point]);
    cell[3] = report->pool_seeds ? ms_cell_word("pooled") : ms_cell_integer(info->seed[point]);
}

void ms_report_rest(const ms_table *table, const char *choices, const char *all_columns)
{
    if (table->rows_shown < table->rows)
        printf("%zu of %zu rows; --rows all prints them all, %s\n", table->rows_shown, table->rows, choices);
    printf("%s\n", all_columns);
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
    ms_status status =
        path ? ms_sweep_load(sweep, path, diagnostics)
             : ms_sweep_parse(sweep, info->path, info->sweep_yaml, strlen(info->sweep_yaml), diagnostics);
    if (status != MS_OK)
        ms_error_set(error, status, "%s%s", diagnostics->message[0],
                     path ? "" : "; --sweep names the sweep file to be used instead");
    free(diagnostics);
    if (status == MS_OK &&
        ms_sweep_differs(info->identity, (*sweep)->identity, difference, sizeof difference)) {
        ms_sweep_free(*sweep);
        *sweep = NULL;
        return ms_error_set(error, MS_ERROR_MISMATCH, "%s: its sweep is another one (%s)%s", info->path,
                            difference, path ? "" : "; --sweep names the sweep file to be used instead");
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
