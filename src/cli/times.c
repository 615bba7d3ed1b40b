/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIDENCE 0.95

static const char *const column[] = {
    "dimension",  "patch_size", "noise_level",        "seed",   "rule",       "mode",        "chains",
    "discovered", "censored",   "iterations_at_risk", "median", "median_low", "median_high", "mean",
    "mean_low",   "mean_high"};
#define COLUMNS (sizeof column / sizeof *column)

/* The chains of the points that belong together. */
typedef struct chain_times {
    size_t count, modes;
    int64_t *time;      /* [count][rules][modes] */
    uint64_t *observed; /* [count] */
    int64_t *selected;  /* [count] times of one rule and mode */
} chain_times;

/* 0..modes-1: a mode; `modes`: any; `modes` + 1: all */
static void select_times(chain_times *chains, size_t rule, size_t which)
{
    for (size_t c = 0; c < chains->count; c++) {
        const int64_t *time = chains->time + (c * MS_RULE_COUNT + rule) * chains->modes;
        chains->selected[c] = which < chains->modes    ? time[which]
                              : which == chains->modes ? ms_discovery_any(time, chains->modes)
                                                       : ms_discovery_all(time, chains->modes);
    }
}

static ms_status print_row(ms_table *table, const chain_times *chains, ms_cell *cell, ms_error *error)
{
    uint64_t discovered = 0;
    double at_risk = 0;
    for (size_t c = 0; c < chains->count; c++) {
        bool found = chains->selected[c] != MS_CENSORED;
        discovered += found;
        at_risk += found ? (double)chains->selected[c] : (double)chains->observed[c];
    }
    ms_interval median;
    ms_status status =
        ms_kaplan_meier_median(chains->count, chains->selected, chains->observed, CONFIDENCE, &median, error);
    if (status != MS_OK)
        return status;
    ms_interval mean = ms_exponential_mean(discovered, at_risk, CONFIDENCE);
    cell[6] = ms_cell_integer(chains->count);
    cell[7] = ms_cell_integer(discovered);
    cell[8] = ms_cell_integer(chains->count - discovered);
    cell[9] = ms_cell_number(at_risk);
    cell[10] = ms_cell_number(median.value);
    cell[11] = ms_cell_number(median.low);
    cell[12] = ms_cell_number(median.high);
    cell[13] = ms_cell_number(mean.value);
    cell[14] = ms_cell_number(mean.low);
    cell[15] = ms_cell_number(mean.high);
    ms_table_row(table, cell);
    return MS_OK;
}

static ms_status print_group(ms_table *table, const ms_report *report, chain_times *chains, ms_cell *cell,
                             ms_error *error)
{
    ms_status status = MS_OK;
    for (size_t rule = 0; rule < MS_RULE_COUNT; rule++) {
        const char *rule_name = ms_rule_name((ms_rule)rule);
        if (report->rule && strcmp(report->rule, rule_name) != 0)
            continue;
        for (size_t which = 0; status == MS_OK && which < chains->modes + 2; which++) {
            char mode[24];
            if (which < chains->modes)
                snprintf(mode, sizeof mode, "%zu", which + 1);
            else
                snprintf(mode, sizeof mode, "%s", which == chains->modes ? "any" : "all");
            if (report->mode && strcmp(report->mode, mode) != 0)
                continue;
            cell[4] = ms_cell_word(rule_name);
            cell[5] = ms_cell_word(mode);
            select_times(chains, rule, which);
            status = print_row(table, chains, cell, error);
        }
    }
    return status;
}

ms_status ms_report_times(ms_results *results, const ms_report *report, ms_error *error)
{
    const ms_results_info *info = ms_results_get_info(results);
    if (info->rules != MS_RULE_COUNT)
        return ms_error_set(error, MS_ERROR_FORMAT, "%s has %zu discovery rules; this program knows %d",
                            info->path, info->rules, MS_RULE_COUNT);
    size_t largest = ms_report_group_largest(info, report);
    chain_times chains = {.modes = info->modes};
    chains.time = ms_array_alloc(largest, info->chains, info->rules * info->modes, sizeof *chains.time);
    chains.observed = ms_array_alloc(largest, info->chains, 1, sizeof *chains.observed);
    chains.selected = ms_array_alloc(largest, info->chains, 1, sizeof *chains.selected);
    ms_status status = MS_OK;
    if (!chains.time || !chains.observed || !chains.selected)
        status = ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the chains of %s", info->path);
    ms_table table;
    if (status == MS_OK)
        ms_table_begin(&table, report->format, column, COLUMNS);
    for (size_t first = 0, end; status == MS_OK && first < info->points; first = end) {
        end = ms_report_group_end(info, report, first);
        chains.count = 0;
        for (size_t point = first; status == MS_OK && point < end; point++) {
            size_t count = 0;
            status =
                ms_results_read_point(results, point, chains.time + chains.count * info->rules * info->modes,
                                      chains.observed + chains.count, &count, error);
            chains.count += count;
        }
        ms_cell cell[COLUMNS];
        ms_report_point(info, report, first, cell);
        if (status == MS_OK && chains.count > 0)
            status = print_group(&table, report, &chains, cell, error);
    }
    if (status == MS_OK) {
        ms_table_end(&table);
        if (report->format == MS_FORMAT_JSON)
            putchar('\n');
    }
    free(chains.time);
    free(chains.observed);
    free(chains.selected);
    return status;
}
