/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "cli/command.h"
#include "cli/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_SHOWN 40 /* what a screen shows */

enum {
    OPTION_CSV,
    OPTION_JSON,
    OPTION_POOL,
    OPTION_RULE,
    OPTION_MODE,
    OPTION_SHARES,
    OPTION_ROWS,
    OPTION_HORIZON
};

/* Adds a name to a list that is told: "ball, switch or other"; where it becomes long, "..." ends it. */
static void add_name(char *list, size_t size, const char *name, size_t number, size_t count)
{
    size_t used = strlen(list);
    const char *before = number == 0 ? "" : number + 1 < count ? ", " : " or ";
    if (used + strlen(before) + strlen(name) + sizeof ", ..." <= size)
        snprintf(list + used, size - used, "%s%s", before, name);
    else if (used < 3 || strcmp(list + used - 3, "...") != 0)
        snprintf(list + used, size - used, ", ...");
}

/* "any", "all" or a mode of this file. */
static ms_status check_mode(const char *mode, const ms_results_info *info, ms_error *error)
{
    char numbers[100] = "", number[24];
    if (!mode || strcmp(mode, "any") == 0 || strcmp(mode, "all") == 0)
        return MS_OK;
    bool is_range = info->modes > 1;
    for (size_t i = 0; i < info->modes; i++) {
        snprintf(number, sizeof number, "%llu", (unsigned long long)info->mode[i]);
        if (strcmp(mode, number) == 0)
            return MS_OK;
        is_range = is_range && info->mode[i] == info->mode[0] + i;
        add_name(numbers, sizeof numbers, number, i, SIZE_MAX);
    }
    if (is_range)
        snprintf(numbers, sizeof numbers, "%llu to %llu", (unsigned long long)info->mode[0],
                 (unsigned long long)info->mode[info->modes - 1]);
    return ms_error_set(error, MS_ERROR_USAGE, "--mode %s: %s has %s%s; or give any or all", mode, info->path,
                        info->modes > 1   ? "the modes "
                        : info->modes > 0 ? "the mode "
                                          : "no modes",
                        numbers);
}

/* A rule of this file. */
static ms_status check_rule(const char *rule, const ms_results_info *info, ms_error *error)
{
    char names[200] = "";
    for (size_t i = 0; i < info->rules; i++) {
        if (!rule || strcmp(rule, info->rule[i]) == 0)
            return MS_OK;
        add_name(names, sizeof names, info->rule[i], i, info->rules);
    }
    return rule ? ms_error_set(error, MS_ERROR_USAGE, "--rule %s: %s has %s", rule, info->path,
                               names[0] ? names : "no rules")
                : MS_OK;
}

/* A number of rows, or "all". */
static ms_status read_rows(const char *word, size_t *rows, ms_error *error)
{
    char *end;
    *rows = word && strcmp(word, "all") == 0 ? SIZE_MAX : ROWS_SHOWN;
    if (!word || *rows == SIZE_MAX)
        return MS_OK;
    unsigned long number = strtoul(word, &end, 10);
    if (word[0] < '1' || word[0] > '9' || *end != '\0' || number > 1000000000)
        return ms_error_set(error, MS_ERROR_USAGE, "--rows %s: give a number of rows, or all", word);
    *rows = number;
    return MS_OK;
}

/* Up to where the restricted mean goes; 0: the budget of each point. */
static ms_status read_horizon(const char *word, const ms_results_info *info, uint64_t *horizon,
                              ms_error *error)
{
    char *end = NULL;
    *horizon = 0;
    if (!word)
        return MS_OK;
    double number = strtod(word, &end);
    if (end == word || *end != '\0' || !(number >= 1 && number <= (double)info->iterations) ||
        number != (double)(uint64_t)number)
        return ms_error_set(error, MS_ERROR_USAGE,
                            "--horizon %s: give a number of iterations from 1 to the budget, %llu", word,
                            (unsigned long long)info->iterations);
    *horizon = (uint64_t)number;
    return MS_OK;
}

static ms_status read_options(const ms_arguments *arguments, ms_report *report, ms_error *error)
{
    const char *const *value = arguments->value;
    if (value[OPTION_CSV] && value[OPTION_JSON])
        return ms_error_set(error, MS_ERROR_USAGE, "summary: --csv or --json, not both");
    if (value[OPTION_SHARES] && (value[OPTION_RULE] || value[OPTION_MODE] || value[OPTION_HORIZON]))
        return ms_error_set(error, MS_ERROR_USAGE,
                            "summary: --shares cannot be combined with --rule, --mode or --horizon");
    if (value[OPTION_POOL] && strcmp(value[OPTION_POOL], "seed") != 0)
        return ms_error_set(
            error, MS_ERROR_USAGE,
            "--pool %s: only seed can be pooled; chains that differ in anything else have times with a "
            "different distribution, or, as with budget.iterations, are the same chains",
            value[OPTION_POOL]);
    *report = (ms_report){.format = value[OPTION_CSV]    ? MS_FORMAT_CSV
                                    : value[OPTION_JSON] ? MS_FORMAT_JSON
                                                         : MS_FORMAT_READABLE,
                          .pool_seeds = value[OPTION_POOL] != NULL,
                          .rule = value[OPTION_RULE],
                          .mode = value[OPTION_MODE]};
    return read_rows(value[OPTION_ROWS], &report->rows_max, error);
}

/* A point of one of the files. */
typedef struct keyed_point {
    uint64_t key;
    size_t file, point;
} keyed_point;

typedef struct summary {
    ms_results **results; /* [count] */
    size_t count;
    keyed_point *point; /* [points] of all files, those with the same chains one after another */
    size_t points;
    const char **also_in; /* [points] in the order of files and their points */
} summary;

static int compare_points(const void *a, const void *b)
{
    const keyed_point *x = a, *y = b;
    return x->key != y->key ? (x->key < y->key ? -1 : 1) : x->file < y->file ? -1 : x->file > y->file;
}

/* Opens the files, and finds the points that several of them have. */
static ms_status open_files(summary *s, const ms_arguments *arguments, ms_error *error)
{
    s->results = calloc(arguments->more_count + 1, sizeof(ms_results *));
    ms_status status = s->results ? MS_OK : MS_ERROR_MEMORY;
    for (size_t i = 0; status == MS_OK && i <= arguments->more_count; i++) {
        status = ms_results_open(&s->results[i], i > 0 ? arguments->more[i - 1] : arguments->operand, error);
        if (status != MS_OK)
            return status;
        s->count++;
        s->points += ms_results_get_info(s->results[i])->points;
    }
    s->point = calloc(s->points + 1, sizeof *s->point);
    s->also_in = calloc(s->points + 1, sizeof *s->also_in);
    uint64_t *key = calloc(s->points + 1, sizeof *key);
    if (status != MS_OK || !s->point || !s->also_in || !key)
        status =
            ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the points of %s", arguments->operand);
    for (size_t i = 0, at = 0; status == MS_OK && i < s->count; i++) {
        size_t points = ms_results_get_info(s->results[i])->points;
        status = ms_results_keys(s->results[i], key, error);
        for (size_t p = 0; status == MS_OK && p < points; p++, at++)
            s->point[at] = (keyed_point){key[p], i, at};
    }
    free(key);
    if (status != MS_OK)
        return status;
    qsort(s->point, s->points, sizeof *s->point, compare_points);
    for (size_t i = 1; i < s->points; i++)
        if (s->point[i].key == s->point[i - 1].key && s->point[i].file != s->point[i - 1].file)
            s->also_in[s->point[i].point] = ms_results_get_info(s->results[s->point[i - 1].file])->path;
    return MS_OK;
}

static void close_files(summary *s)
{
    for (size_t i = 0; i < s->count; i++)
        ms_results_close(s->results[i], NULL);
    free(s->results);
    free(s->point);
    free(s->also_in);
}

static const char *find_unequal(const summary *s)
{
    const ms_results_info *first = ms_results_get_info(s->results[0]);
    const char *why = NULL;
    for (size_t i = 0; i < s->count; i++) {
        const char *of_file = ms_report_unequal(ms_results_get_info(s->results[i]), first);
        why = of_file ? of_file : why;
    }
    return why;
}

static ms_status print_file(const ms_arguments *arguments, ms_results *results, ms_report *report,
                            ms_error *error)
{
    const ms_results_info *info = ms_results_get_info(results);
    ms_status status = check_mode(report->mode, info, error);
    if (status == MS_OK)
        status = check_rule(report->rule, info, error);
    if (status != MS_OK)
        return status;
    report->has_estimators |= !ms_results_is_all_direct(info);
    if (arguments->value[OPTION_SHARES])
        return ms_report_shares(results, report, error);
    bool has_means = report->has_estimators && (!report->mode || strcmp(report->mode, "any") == 0);
    if (has_means && arguments->value[OPTION_HORIZON])
        return ms_error_set(
            error, MS_ERROR_USAGE,
            "--horizon is of restricted means, of chains that are simulated directly; the table of "
            "means of %s has none%s",
            info->path, ms_report_indirect(info) < info->points ? "; add --mode 1, 2, ... or all" : "");
    status = read_horizon(arguments->value[OPTION_HORIZON], info, &report->horizon, error);
    if (status != MS_OK)
        return status;
    return has_means ? ms_report_means(results, report, error) : ms_report_times(results, report, error);
}

/* What is told of a readable table of several. */
static void print_also_in(const ms_report *report, size_t points)
{
    size_t count = 0;
    const char *file = NULL;
    for (size_t p = points; p-- > 0;)
        if (report->also_in[p]) {
            count++;
            file = report->also_in[p];
        }
    if (count > 0)
        printf("%zu of %zu points are also in %s, with the same chains: they are not additional samples\n",
               count, points, ms_printable_copy(file).text);
}

static ms_status print_files(const ms_arguments *arguments, const summary *s, ms_report *report,
                             ms_error *error)
{
    ms_output_shared shared = {0};
    bool is_readable = report->format == MS_FORMAT_READABLE;
    ms_status status = MS_OK;
    for (size_t i = 0; !is_readable && i < s->count; i++)
        report->has_estimators |= !ms_results_is_all_direct(ms_results_get_info(s->results[i]));
    report->unequal = is_readable ? NULL : find_unequal(s);
    for (size_t i = 0; i < s->count; i++)
        report->has_within_pass |= !is_readable && ms_report_within_pass(ms_results_get_info(s->results[i]));
    for (size_t i = 0, first = 0; status == MS_OK && i < s->count; i++) {
        const ms_results_info *info = ms_results_get_info(s->results[i]);
        report->also_in = s->also_in + first;
        report->shared = is_readable ? NULL : &shared;
        shared.file = info->path;
        if (is_readable)
            printf("%s%s\n", i > 0 ? "\n" : "", ms_printable_copy(info->path).text);
        status = print_file(arguments, s->results[i], report, error);
        if (status == MS_OK && is_readable)
            print_also_in(report, info->points);
        first += info->points;
    }
    ms_output_shared_end(&shared, report->format, status == MS_OK);
    return status;
}

static ms_status run(const ms_arguments *arguments, ms_error *error)
{
    ms_report report;
    summary s = {0};
    ms_status status = read_options(arguments, &report, error);
    if (status == MS_OK)
        status = open_files(&s, arguments, error);
    if (status == MS_OK)
        status = s.count > 1 ? print_files(arguments, &s, &report, error)
                             : print_file(arguments, s.results[0], &report, error);
    close_files(&s);
    return status;
}

const ms_command ms_command_summary = {
    .name = "summary",
    .operand = "FILE...",
    .purpose =
        "Prints a summary of the discovery (first-passage) times in results files.\n\n"
        "One row per point, rule (ball, switch) and mode (1, 2, ..., any, all): how many chains discovered\n"
        "it, and with 95 % confidence intervals the Kaplan-Meier median, the restricted mean (of the time "
        "or\n"
        "the budget, whichever is less), and the mean of an exponential fit, with a mark: ! the times are\n"
        "not exponential, ? too few discoveries to tell. Unfinished and failed blocks are left out.\n\n"
        "Where the sweep has estimators of rare discoveries: one row per point and rule, with the mean time "
        "to\n"
        "any mode, its interval or stated error, and a mark ! where something speaks against it.",
    .option = {{"csv", 0, NULL, "comma-separated values in full precision, all columns", false},
               {"json", 0, NULL, "the same as an array of objects; null stands for infinity", false},
               {"pool", 0, "seed", "pool the chains of points that differ only in their seed", false},
               {"rule", 0, "RULE", "only this rule, such as ball or switch", false},
               {"mode", 0, "MODE", "only this mode: a number, any or all", false},
               {"shares", 0, NULL, "instead: share of chains per component at each snapshot (mode coverage)",
                false},
               {"rows", 0, "NUMBER", "print this many rows (default: 40), or all; --csv and --json print all",
                false},
               {"horizon", 0, "ITERATIONS", "horizon of the restricted mean (default: the budget)", false}},
    .example = "  modeseek summary quickstart.h5 --pool seed --rule ball --mode any",
    .several = true,
    .run = run};
