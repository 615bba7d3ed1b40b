/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/report.h"
#include "cli/wide.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIDENCE 0.95
#define PASSES_LEAST                                                                                         \
    3 /* with fewer it cannot be told whether discoveries keep their rate from pass to pass */

/* behind the axes */
static const char *const column[] = {"rule",
                                     "mode",
                                     "chains",
                                     "discovered",
                                     "censored",
                                     "iterations_at_risk",
                                     "median",
                                     "median_low",
                                     "median_high",
                                     "mean",
                                     "mean_low",
                                     "mean_high",
                                     "exponential",
                                     "exponential_p",
                                     "restricted_mean",
                                     "restricted_mean_low",
                                     "restricted_mean_high",
                                     "coefficient_of_variation",
                                     "pass_iterations",
                                     "median_passes",
                                     "restricted_mean_passes",
                                     "score_evaluations",
                                     "density_evaluations",
                                     "coordinate_updates",
                                     "warning"}; /* only where there is one */
#define COLUMNS (sizeof column / sizeof *column)

/* What is said of the chains of a group, one rule and one mode. */
typedef struct row {
    uint64_t chains, discovered;
    double at_risk, p_value, variation;
    ms_interval median, mean, restricted;
    ms_verdict verdict;
    bool is_wide;
    size_t point; /* the first of the group: budget, passes and costs are the same for all */
} row;

typedef struct times {
    ms_results *results;
    const ms_results_info *info;
    const ms_report *report;
    ms_output_table table;
    const ms_results_axis *axis[MS_SWEEP_AXES_MAX]; /* the columns before the others */
    size_t axes;
    const char *name[MS_SWEEP_AXES_MAX + COLUMNS];
    size_t series;          /* modes + 2 of each rule: each mode, any, all */
    ms_survival **survival; /* [rules * series]; NULL where it is not asked for */
    size_t block;           /* next to be read */
    ms_report_blocks blocks;
    ms_wide wide;
    bool has_wide;                  /* in a row that is shown */
    bool varies[MS_SWEEP_AXES_MAX]; /* whether the axis is a column of the readable table */
    bool has_costs;                 /* whether it has one in score evaluations */
    const char *unequal;            /* why iterations are not to be compared, or NULL */
    bool has_rejected, has_untested;
    uint64_t chains_least, chains_most; /* of the rows */
} times;

/* "1", "2", ..., "any", "all" */
static void mode_name(const times *t, size_t which, char name[24])
{
    if (which < t->info->modes)
        snprintf(name, 24, "%llu", (unsigned long long)t->info->mode[which]);
    else
        snprintf(name, 24, "%s", which == t->info->modes ? "any" : "all");
}

static ms_status find_row(const times *t, ms_survival *survival, row *r, ms_error *error)
{
    uint64_t budget = t->info->point_iterations[r->point];
    r->chains = ms_survival_chains(survival);
    r->discovered = ms_survival_discovered(survival);
    r->at_risk = ms_survival_iterations_at_risk(survival);
    r->verdict = ms_survival_exponentiality(survival, &r->p_value);
    if (r->verdict == MS_EXPONENTIAL && r->discovered < r->chains &&
        (double)budget < PASSES_LEAST * t->info->pass_iterations[r->point])
        r->verdict = MS_UNTESTED;
    r->variation = ms_survival_coefficient_of_variation(survival);
    ms_status status = ms_survival_median(survival, CONFIDENCE, &r->median, error);
    if (status == MS_OK)
        status = ms_exponential_mean(r->discovered, r->at_risk, CONFIDENCE, &r->mean, error);
    if (status == MS_OK)
        status = ms_survival_restricted_mean(survival, t->report->horizon > 0 ? t->report->horizon : budget,
                                             CONFIDENCE, &r->restricted, error);
    return status;
}

static void print_whole(times *t, const row *r, ms_cell *cell)
{
    size_t at = t->axes + 2;
    double pass = t->info->pass_iterations[r->point];
    const ms_interval *const interval[] = {&r->median, &r->mean, &r->restricted};
    cell[at++] = ms_cell_integer(r->chains);
    cell[at++] = ms_cell_integer(r->discovered);
    cell[at++] = ms_cell_integer(r->chains - r->discovered);
    cell[at++] = ms_cell_number(r->at_risk);
    for (size_t i = 0; i < 3; i++) {
        cell[at++] = ms_cell_number(interval[i]->value);
        cell[at++] = ms_cell_number(interval[i]->low);
        cell[at++] = ms_cell_number(interval[i]->high);
        if (interval[i] == &r->mean) { /* never without what speaks against it */
            cell[at++] = ms_cell_word(ms_verdict_name(r->verdict));
            cell[at++] = ms_cell_number(r->p_value);
        }
    }
    cell[at++] = ms_cell_number(r->variation);
    cell[at++] = ms_cell_number(pass);
    cell[at++] = ms_cell_number(r->median.value / pass);
    cell[at++] = ms_cell_number(r->restricted.value / pass);
    cell[at++] = ms_cell_number(t->info->score_evaluations[r->point]);
    cell[at++] = ms_cell_number(t->info->density_evaluations[r->point]);
    cell[at++] = ms_cell_number(t->info->coordinate_updates[r->point]);
    cell[at++] = ms_cell_word(t->unequal);
    ms_output_table_row(&t->table, cell);
}

/* "14042 [13616, 14482]" */
static void print_interval(const ms_interval *interval, const char *mark, char text[128])
{
    char value[32], low[32], high[32];
    ms_format_short(interval->value, value, sizeof value);
    ms_format_short(interval->low, low, sizeof low);
    ms_format_short(interval->high, high, sizeof high);
    snprintf(text, 128, "%s [%s, %s]%s", value, low, high, mark);
}

/* For people: what does not differ between rows is left to the line above the table. */
static void print_short(times *t, const row *r, const ms_cell *whole)
{
    ms_cell cell[MS_SWEEP_AXES_MAX + COLUMNS];
    size_t at = 0;
    char found[64], median[128], restricted[128], mean[128], cost[32];
    const char mark[] = {r->is_wide ? '~' : ' ',
                         r->verdict == MS_REJECTED   ? '!'
                         : r->verdict == MS_UNTESTED ? '?'
                                                     : ' ',
                         '\0'};
    for (size_t i = 0; i < t->axes; i++)
        if (t->varies[i])
            cell[at++] = whole[i];
    if (!t->report->rule)
        cell[at++] = whole[t->axes];
    if (!t->report->mode)
        cell[at++] = whole[t->axes + 1];
    snprintf(found, sizeof found, "%llu of %llu", (unsigned long long)r->discovered,
             (unsigned long long)r->chains);
    print_interval(&r->median, "", median);
    print_interval(&r->restricted, "", restricted);
    print_interval(&r->mean, mark, mean);
    cell[at++] = ms_cell_word(found);
    cell[at++] = ms_cell_word(median);
    cell[at++] = ms_cell_word(restricted);
    ms_format_short(r->restricted.value * t->info->score_evaluations[r->point], cost, sizeof cost);
    if (t->has_costs)
        cell[at++] = ms_cell_word(cost);
    cell[at++] = ms_cell_word(mean);
    ms_output_table_row(&t->table, cell);
    if (t->table.rows > t->report->rows_max) /* not shown */
        return;
    t->has_wide |= r->is_wide;
    t->has_rejected |= r->verdict == MS_REJECTED;
    t->has_untested |= r->verdict == MS_UNTESTED;
}

/* Of the points from `point` to `end` - 1. */
static ms_status print_group(times *t, size_t point, size_t end, ms_error *error)
{
    ms_status status = MS_OK;
    ms_cell cell[MS_SWEEP_AXES_MAX + COLUMNS];
    for (size_t i = 0; i < t->axes; i++)
        cell[i] = ms_report_value(t->info, t->report, t->axis[i], point);
    for (size_t i = 0; status == MS_OK && i < t->info->rules * t->series; i++) {
        char mode[24];
        row r = {.point = point,
                 .is_wide = i % t->series == t->info->modes &&
                            ms_wide_has(&t->wide, t->info, point, end, i / t->series)};
        if (!t->survival[i] || ms_survival_chains(t->survival[i]) == 0)
            continue;
        mode_name(t, i % t->series, mode);
        cell[t->axes] = ms_cell_word(t->info->rule[i / t->series]);
        cell[t->axes + 1] = ms_cell_word(mode);
        status = find_row(t, t->survival[i], &r, error);
        if (status == MS_OK && t->report->format == MS_FORMAT_READABLE)
            print_short(t, &r, cell);
        else if (status == MS_OK)
            print_whole(t, &r, cell);
    }
    return status;
}

/* Adds the chains of a block to every set that is asked for. */
static ms_status add_block(times *t, const ms_block_results *block, ms_error *error)
{
    ms_status status = MS_OK;
    size_t modes = t->info->modes;
    const int64_t *times_found = ms_block_int64(block, "discovery_time"),
                  *observed = ms_block_int64(block, "observed");
    for (size_t i = 0; i < t->info->rules * t->series; i++) {
        size_t rule = i / t->series, which = i % t->series;
        for (size_t c = 0; t->survival[i] && status == MS_OK && c < block->chains; c++) {
            const int64_t *time = times_found + (c * t->info->rules + rule) * modes;
            int64_t chosen = which < modes    ? time[which]
                             : which == modes ? ms_discovery_any(time, modes)
                                              : ms_discovery_all(time, modes);
            status = ms_survival_add(t->survival[i], chosen, (uint64_t)observed[c], error);
        }
    }
    return status;
}

/* The points of a group, block by block: there may be more chains than fit into memory. */
static ms_status read_group(times *t, size_t end, ms_error *error)
{
    ms_status status = MS_OK;
    for (size_t i = 0; i < t->info->rules * t->series; i++)
        if (t->survival[i])
            ms_survival_clear(t->survival[i]);
    for (;
         status == MS_OK && t->block < t->info->blocks && ms_results_block(t->results, t->block).point < end;
         t->block++) {
        const ms_block_results *block;
        status = ms_results_read_block(t->results, t->block, &block, NULL, error);
        if (status == MS_OK)
            ms_report_count(&t->blocks, block);
        if (status == MS_OK && block->status == MS_BLOCK_DONE &&
            ms_results_is_direct(t->info, ms_results_block(t->results, t->block).point))
            status = add_block(t, block, error);
    }
    return status;
}

static ms_status make_sets(times *t, ms_error *error)
{
    ms_status status = MS_OK;
    t->survival = ms_array_alloc(t->info->rules, t->series, 1, sizeof(ms_survival *));
    if (!t->survival)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the chains of %s", t->info->path);
    for (size_t i = 0; status == MS_OK && i < t->info->rules * t->series; i++) {
        char mode[24];
        mode_name(t, i % t->series, mode);
        if ((!t->report->rule || strcmp(t->report->rule, t->info->rule[i / t->series]) == 0) &&
            (!t->report->mode || strcmp(t->report->mode, mode) == 0))
            status = ms_survival_alloc(&t->survival[i], error);
    }
    return status;
}

static void find_axes(times *t)
{
    t->axes = ms_report_axes(t->info, MS_FORMAT_CSV, t->axis);
    for (size_t i = 0; i < t->axes; i++)
        t->varies[i] = ms_report_varies(t->info, t->report, t->axis[i]);
    t->unequal = t->report->unequal ? t->report->unequal : ms_report_unequal(t->info, t->info);
    for (size_t p = 1; p < t->info->points; p++)
        t->has_costs |= t->info->score_evaluations[p] != t->info->score_evaluations[0];
}

/* The line above the readable table: what all its rows have in common. */
static void print_common(const times *t)
{
    const char *before = "";
    for (size_t i = 0; i < t->axes; i++) {
        const ms_cell value = ms_report_value(t->info, t->report, t->axis[i], 0);
        char number[32];
        if (t->varies[i])
            continue;
        ms_format_number(value.number, number, sizeof number);
        if (value.is_integer)
            snprintf(number, sizeof number, "%llu", (unsigned long long)value.integer);
        if (value.word && t->axis[i]->count) /* "seed pooled" */
            printf("%s%ss %s", before, t->axis[i]->name, value.word);
        else
            printf("%s%s %s", before, t->axis[i]->name, value.word ? value.word : number);
        before = ", ";
    }
    if (t->report->rule)
        printf("%srule %s", before, t->report->rule);
    before = t->report->rule ? ", " : before;
    if (t->report->mode)
        printf("%smode %s", before, t->report->mode);
    before = t->report->mode || *before ? "; " : "";
    printf("%sat most %llu iterations; 95 %% intervals\n", before, (unsigned long long)t->info->iterations);
}

static void print_notes(const times *t)
{
    size_t indirect = ms_report_indirect(t->info);
    ms_report_absent(&t->blocks, &t->table, t->info);
    if (indirect > 0)
        printf(
            "%zu of %zu points are left out: estimators find the mean until any mode alone; --mode any has "
            "it\n",
            indirect, t->info->points);
    if (t->has_wide)
        ms_wide_print("~ ", t->wide.points, t->wide.relative_width);
    if (t->has_rejected)
        printf("! the times are not exponential: with censored chains the mean cannot be trusted\n");
    if (t->has_untested)
        printf("? fewer than %d discoveries or %d passes, or all at once: whether times are exponential "
               "cannot be "
               "told\n",
               MS_EXPONENTIALITY_DISCOVERIES, PASSES_LEAST);
    if (t->unequal)
        printf("%s\n", t->unequal);
    ms_report_rest(
        &t->table,
        t->report->pool_seeds ? "--rule and --mode choose" : "--pool seed, --rule and --mode choose",
        "--csv and --json have more columns and digits: coefficient of variation, passes, costs, p-values");
}

static ms_status begin_table(times *t, ms_error *error)
{
    size_t columns = 0;
    if (t->report->format != MS_FORMAT_READABLE) {
        for (size_t i = 0; i < t->axes; i++)
            t->name[i] = t->axis[i]->name;
        memcpy(t->name + t->axes, column, sizeof column);
        return ms_report_begin(t->report, &t->table, t->name, t->axes + COLUMNS - !t->unequal, error);
    }
    for (size_t i = 0; i < t->axes; i++)
        if (t->varies[i])
            t->name[columns++] = t->axis[i]->name;
    if (!t->report->rule)
        t->name[columns++] = "rule";
    if (!t->report->mode)
        t->name[columns++] = "mode";
    t->name[columns++] = "discovered";
    t->name[columns++] = "median";
    t->name[columns++] = "restricted mean";
    if (t->has_costs)
        t->name[columns++] = "score evaluations";
    t->name[columns++] = "mean if exponential  ";
    print_common(t);
    return ms_report_begin(t->report, &t->table, t->name, columns, error);
}

ms_status ms_report_times(ms_results *results, const ms_report *report, ms_error *error)
{
    const ms_results_info *info = ms_results_get_info(results);
    ms_status status = ms_results_need_column(results, "observed", error);
    if (status == MS_OK)
        status = ms_results_need_column(results, "discovery_time", error);
    if (status != MS_OK)
        return status;
    times t = {.results = results, .info = info, .report = report, .series = info->modes + 2};
    status = make_sets(&t, error);
    if (status == MS_OK)
        status = ms_wide_read(&t.wide, results, error);
    find_axes(&t);
    if (status == MS_OK)
        status = begin_table(&t, error);
    for (size_t first = 0, end; status == MS_OK && first < info->points; first = end) {
        end = ms_report_group_end(info, report, first);
        ms_report_points(report, first, end);
        status = read_group(&t, end, error);
        if (status == MS_OK)
            status = print_group(&t, first, end, error);
    }
    if (status == MS_OK)
        status = ms_output_table_end(&t.table, error);
    if (status == MS_OK && report->format == MS_FORMAT_JSON && !report->shared)
        putchar('\n');
    if (status == MS_OK && report->format == MS_FORMAT_READABLE)
        print_notes(&t);
    for (size_t i = 0; t.survival && i < info->rules * t.series; i++)
        ms_survival_free(t.survival[i]);
    free(t.survival);
    ms_wide_free(&t.wide);
    return status;
}
