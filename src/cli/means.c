/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean first-passage times, until any of the modes is discovered, where not all points are simulated
 * directly: a row per point and rule, whatever the estimator. */
#include "cli/report.h"
#include "cli/wide.h"
#include "estimate/replicate.h"
#include "estimate/replicate_mean.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIDENCE 0.95
#define TRAPPED    "a mode that is not wanted may hold chains for longer than they were followed"
#define DAMAGED    "what replicates have found are no numbers: the file may be damaged"
#define WIDE       "the interval is wider than relative_width"
#define OBJECTIONS 8 /* that are told below a readable table */

/* behind the axes */
static const char *const column[] = {"rule",  "mode",        "estimator", "chains",   "discoveries",
                                     "mean",  "mean_low",    "mean_high", "interval", "effective_replicates",
                                     "drift", "transitions", "validity"};
#define COLUMNS (sizeof column / sizeof *column)

/* What is known of a group of points and a rule. */
typedef struct sample {
    ms_survival *survival; /* of chains */
    double *number[5];     /* of replicates: [count] of each of the columns below */
    size_t count, room;
} sample;

enum { AT_RISK, DISCOVERIES, LATE, ERROR, TRANSITIONS };
static const char *const replicate_column[] = {[AT_RISK] = "iterations_at_risk",
                                               [DISCOVERIES] = "discoveries",
                                               [LATE] = "late_discoveries",
                                               [ERROR] = "relative_error",
                                               [TRANSITIONS] = "transitions"};

typedef struct means {
    ms_results *results;
    const ms_results_info *info;
    const ms_report *report;
    ms_output_table table;
    const ms_results_axis *axis[MS_SWEEP_AXES_MAX];
    size_t axes;
    bool varies[MS_SWEEP_AXES_MAX];
    const char *name[MS_SWEEP_AXES_MAX + COLUMNS];
    sample *sample; /* [rules] */
    size_t block;   /* next to be read */
    ms_report_blocks blocks;
    ms_wide wide;
    bool has_wide;                     /* in a row that is shown */
    const char *objection[OBJECTIONS]; /* of rows that are shown, and how many rows have each */
    size_t objected[OBJECTIONS];
} means;

typedef struct row {
    uint64_t units;
    double discoveries, mean, low, high, effective, drift, transitions;
    const char *interval, *validity;
    bool is_wide;
} row;

static ms_status add_chains(sample *s, const means *m, const ms_block_results *block, size_t rule,
                            ms_error *error)
{
    const int64_t *time = ms_block_int64(block, "discovery_time"),
                  *observed = ms_block_int64(block, "observed");
    ms_status status = MS_OK;
    if (!time || !observed)
        return MS_OK;
    for (size_t c = 0; status == MS_OK && c < block->chains; c++) {
        const int64_t *of_rule = time + (c * m->info->rules + rule) * m->info->modes;
        status = ms_survival_add(s->survival, ms_discovery_any(of_rule, m->info->modes),
                                 (uint64_t)observed[c], error);
    }
    return status;
}

static ms_status add_replicates(sample *s, const means *m, const ms_block_results *block, size_t rule,
                                ms_error *error)
{
    size_t needed = s->count + block->chains;
    for (size_t i = 0; needed > s->room && i < 5; i++) {
        double *grown = realloc(s->number[i], 2 * needed * sizeof *grown);
        if (!grown)
            return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu replicates", needed);
        s->number[i] = grown;
    }
    s->room = needed > s->room ? 2 * needed : s->room;
    for (size_t i = 0; i < 5; i++) {
        const double *value = ms_block_double(block, replicate_column[i]);
        for (size_t c = 0; c < block->chains; c++)
            s->number[i][s->count + c] = value ? value[c * m->info->rules + rule] : (double)NAN;
    }
    s->count = needed;
    return MS_OK;
}

static ms_status read_group(means *m, size_t end, ms_error *error)
{
    ms_status status = MS_OK;
    for (size_t r = 0; r < m->info->rules; r++) {
        ms_survival_clear(m->sample[r].survival);
        m->sample[r].count = 0;
    }
    for (; status == MS_OK && m->block < m->info->blocks; m->block++) {
        size_t point = ms_results_block(m->results, m->block).point;
        const ms_block_results *block;
        if (point >= end)
            break;
        status = ms_results_read_block(m->results, m->block, &block, NULL, error);
        if (status == MS_OK)
            ms_report_count(&m->blocks, block);
        for (size_t r = 0; status == MS_OK && block->status == MS_BLOCK_DONE && r < m->info->rules; r++)
            status = (ms_results_is_direct(m->info, point) ? add_chains : add_replicates)(&m->sample[r], m,
                                                                                          block, r, error);
    }
    return status;
}

/* Of chains that all have discovered: the plain mean. Else an exponential law says what is not seen. */
static ms_status judge_chains(const means *m, size_t point, const sample *s, row *r, ms_error *error)
{
    double p_value;
    ms_interval mean;
    uint64_t budget = m->info->point_iterations[point];
    ms_verdict verdict = ms_survival_exponentiality(s->survival, &p_value);
    r->units = ms_survival_chains(s->survival);
    r->discoveries = (double)ms_survival_discovered(s->survival);
    bool is_whole = ms_survival_discovered(s->survival) == r->units;
    ms_status status =
        is_whole ? ms_survival_restricted_mean(s->survival, budget, CONFIDENCE, &mean, error)
                 : ms_exponential_mean(ms_survival_discovered(s->survival),
                                       ms_survival_iterations_at_risk(s->survival), CONFIDENCE, &mean, error);
    r->interval = is_whole ? "sample mean" : "exponential";
    if (!is_whole && verdict == MS_REJECTED)
        r->validity = "the times are not exponential, and chains are censored: the mean cannot be trusted";
    else if (!is_whole && (verdict == MS_UNTESTED || (double)budget < 3 * m->info->pass_iterations[point]))
        r->validity = "chains are censored, and whether times are exponential cannot be told";
    r->mean = mean.value;
    r->low = mean.low;
    r->high = mean.high;
    return status;
}

/* Whether the estimator of a point has no chance in it. */
static bool is_exact(const ms_results_info *info, size_t point)
{
    const ms_kind *kind = ms_kind_find(ms_job_kind, info->estimator[info->point_estimator[point]]);
    const ms_job_type *type = (const ms_job_type *)kind;
    return type && type->replicate && type->replicate->is_exact;
}

static void judge_replicates(const sample *s, bool is_exact, row *r)
{
    ms_replicate_mean mean =
        ms_replicate_mean_of(s->number[AT_RISK], s->number[DISCOVERIES], s->count, CONFIDENCE);
    double relative = 0;
    r->units = s->count;
    r->discoveries = r->transitions = 0;
    for (size_t i = 0; i < s->count; i++) {
        r->discoveries += s->number[DISCOVERIES][i];
        r->transitions += s->number[TRANSITIONS][i];
        relative = fmax(relative, s->number[ERROR][i]);
    }
    r->mean = mean.mean;
    r->low = relative < 1 ? (is_exact ? mean.mean : mean.low) * (1 - relative) : 0;
    r->high = (is_exact ? mean.mean : mean.high) * (1 + relative);
    r->interval = is_exact ? "stated error" : relative > 0 ? "Student t and bias" : "Student t";
    r->validity = isnan(r->mean) || isnan(r->low) || isnan(r->high) ? DAMAGED : NULL;
    if (is_exact || r->validity)
        return;
    r->effective = ms_replicate_effective(s->number[DISCOVERIES], s->count);
    r->drift = ms_replicate_drift_of(s->number[DISCOVERIES], s->number[LATE], s->count);
    r->validity =
        isinf(relative) ? TRAPPED : ms_replicate_objection(s->number[DISCOVERIES], s->number[LATE], s->count);
}

/* What the marks of a row that is shown are of. */
static void note_marks(means *m, const row *r)
{
    m->has_wide |= r->is_wide;
    for (size_t i = 0; r->validity && i < OBJECTIONS; i++)
        if (!m->objection[i] || strcmp(m->objection[i], r->validity) == 0) {
            m->objection[i] = r->validity;
            m->objected[i]++;
            break;
        }
}

static void print_row(means *m, size_t point, size_t rule, const row *r)
{
    bool is_short = m->report->format == MS_FORMAT_READABLE;
    size_t at = 0;
    ms_cell cell[MS_SWEEP_AXES_MAX + COLUMNS];
    char value[32], low[32], high[32], mean[128], validity[MS_VALIDITY_MAX + sizeof WIDE + 2];
    for (size_t i = 0; i < m->axes; i++)
        if (!is_short || m->varies[i])
            cell[at++] = ms_report_value(m->info, m->report, m->axis[i], point);
    if (!is_short || !m->report->rule)
        cell[at++] = ms_cell_word(m->info->rule[rule]);
    if (!is_short)
        cell[at++] = ms_cell_word("any");
    cell[at++] = ms_cell_word(ms_report_estimator(m->info, point));
    cell[at++] = ms_cell_integer(r->units);
    if (!is_short) {
        cell[at++] = ms_cell_number(r->discoveries);
        cell[at++] = ms_cell_number(r->mean);
        cell[at++] = ms_cell_number(r->low);
        cell[at++] = ms_cell_number(r->high);
        cell[at++] = ms_cell_word(r->interval);
        cell[at++] = ms_cell_number(r->effective);
        cell[at++] = ms_cell_number(r->drift);
        cell[at++] = ms_cell_number(r->transitions);
        snprintf(validity, sizeof validity, "%s%s%s", r->validity ? r->validity : "",
                 r->validity && r->is_wide ? "; " : "", r->is_wide ? WIDE : "");
        cell[at++] = ms_cell_word(validity);
    } else {
        ms_format_short(r->mean, value, sizeof value);
        ms_format_short(r->low, low, sizeof low);
        ms_format_short(r->high, high, sizeof high);
        snprintf(mean, sizeof mean, "%s [%s, %s]%c%c", value, low, high, r->is_wide ? '~' : ' ',
                 r->validity ? '!' : ' ');
        cell[at++] = ms_cell_word(r->units > 0 ? mean : "not computed !");
        cell[at++] = ms_cell_word(r->interval);
    }
    ms_output_table_row(&m->table, cell);
    if (m->table.rows <= m->report->rows_max)
        note_marks(m, r);
}

/* Of the points from `point` to `end` - 1. */
static ms_status print_group(means *m, size_t point, size_t end, ms_error *error)
{
    ms_status status = MS_OK;
    bool is_none = m->info->point_estimator[point] == MS_NO_ESTIMATOR;
    for (size_t rule = 0; status == MS_OK && rule < m->info->rules; rule++) {
        const sample *s = &m->sample[rule];
        row r = {.discoveries = NAN,
                 .mean = NAN,
                 .low = NAN,
                 .high = NAN,
                 .effective = NAN,
                 .drift = NAN,
                 .transitions = NAN,
                 .interval = ""};
        if (m->report->rule && strcmp(m->report->rule, m->info->rule[rule]) != 0)
            continue;
        if (is_none)
            r.validity = ms_report_refusal(m->info, point);
        else if (s->count > 0)
            judge_replicates(s, is_exact(m->info, point), &r);
        else if (ms_survival_chains(s->survival) > 0)
            status = judge_chains(m, point, s, &r, error);
        else
            continue; /* not done yet */
        r.is_wide = ms_wide_has(&m->wide, m->info, point, end, rule);
        if (status == MS_OK)
            print_row(m, point, rule, &r);
    }
    return status;
}

static ms_status begin_table(means *m, ms_error *error)
{
    size_t columns = 0;
    bool is_short = m->report->format == MS_FORMAT_READABLE;
    m->axes = ms_report_axes(m->info, m->report->format, m->axis);
    for (size_t i = 0; i < m->axes; i++) {
        m->varies[i] = ms_report_varies(m->info, m->report, m->axis[i]);
        if (!is_short || m->varies[i])
            m->name[columns++] = m->axis[i]->name;
    }
    if (!is_short) {
        memcpy(m->name + columns, column, sizeof column);
        return ms_report_begin(m->report, &m->table, m->name, columns + COLUMNS, error);
    }
    if (!m->report->rule)
        m->name[columns++] = "rule";
    m->name[columns++] = "estimator";
    m->name[columns++] = "chains";
    m->name[columns++] = "mean iterations to any mode  ";
    m->name[columns++] = "interval";
    printf("mean first-passage times; 95 %% intervals, or the stated error\n");
    return ms_report_begin(m->report, &m->table, m->name, columns, error);
}

static void print_notes(const means *m)
{
    size_t direct = m->info->points - ms_report_indirect(m->info);
    ms_report_absent(&m->blocks, &m->table, m->info);
    for (size_t i = 0; i < OBJECTIONS && m->objection[i]; i++)
        printf("! %s (%zu row%s)\n", m->objection[i], m->objected[i], m->objected[i] > 1 ? "s" : "");
    if (m->has_wide)
        ms_wide_print("~ ", m->wide.points, m->wide.relative_width);
    if (direct > 0)
        printf("medians and single modes of the %zu point%s simulated directly: --mode 1, 2, ... or all\n",
               direct, direct > 1 ? "s" : "");
    ms_report_rest(
        &m->table, "--rule chooses",
        "`chains` counts replicates where estimators have these; --csv and --json have more columns, "
        "why a mean is marked ! among them");
}

static ms_status make_samples(means *m, ms_error *error)
{
    ms_status status = MS_OK;
    m->sample = calloc(m->info->rules + 1, sizeof *m->sample);
    if (!m->sample)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu rules", m->info->rules);
    for (size_t r = 0; status == MS_OK && r < m->info->rules; r++)
        status = ms_survival_alloc(&m->sample[r].survival, error);
    return status;
}

static void free_samples(means *m)
{
    for (size_t r = 0; m->sample && r < m->info->rules; r++) {
        ms_survival_free(m->sample[r].survival);
        for (size_t i = 0; i < 5; i++)
            free(m->sample[r].number[i]);
    }
    free(m->sample);
}

ms_status ms_report_means(ms_results *results, const ms_report *report, ms_error *error)
{
    means m = {.results = results, .info = ms_results_get_info(results), .report = report};
    ms_status status = make_samples(&m, error);
    if (status == MS_OK)
        status = ms_wide_read(&m.wide, results, error);
    if (status == MS_OK)
        status = begin_table(&m, error);
    for (size_t first = 0, end; status == MS_OK && first < m.info->points; first = end) {
        end = ms_report_group_end(m.info, report, first);
        ms_report_points(report, first, end);
        status = read_group(&m, end, error);
        if (status == MS_OK)
            status = print_group(&m, first, end, error);
    }
    if (status == MS_OK)
        status = ms_output_table_end(&m.table, error);
    if (status == MS_OK && report->format == MS_FORMAT_JSON && !report->shared)
        putchar('\n');
    if (status == MS_OK && report->format == MS_FORMAT_READABLE)
        print_notes(&m);
    ms_wide_free(&m.wide);
    free_samples(&m);
    return status;
}
