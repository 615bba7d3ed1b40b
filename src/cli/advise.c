/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "cli/advice.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/patch_sizes.h"
#include "cli/signals.h"
#include "cli/sweep_file.h"
#include "farm/display.h"
#include "sweep/columns.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_PATCH_SIZES,
    OPTION_COST,
    OPTION_RULE,
    OPTION_SECONDS,
    OPTION_ITERATIONS,
    OPTION_SET,
    OPTION_JSON,
    OPTION_QUIET
};

#define SECONDS        30.0
#define CLOSING        0.75 /* of the time */
#define QUESTIONS_MAX  16
#define CANDIDATES_MAX 64

/* Points that differ in patch size alone. */
typedef struct question {
    size_t point[CANDIDATES_MAX];
    size_t points;
} question;

typedef struct job {
    const ms_arguments *arguments;
    ms_sweep *sweep;
    char rule[MS_SWEEP_NAME_MAX];
    question *question; /* [questions] */
    size_t questions;
    double seconds, effort; /* for those that are not answered yet */
    bool asks[MS_SPENT_COUNT];
    const volatile sig_atomic_t *stop;
    ms_display display, *progress;
    double began, end; /* of the race that is on, by ms_clock() */
    ms_race race;
} job;

/* Between pieces of work. */
static bool look(void *argument)
{
    job *j = argument;
    double now = ms_clock();
    if (ms_display_is_due(j->progress, now)) {
        char text[128];
        size_t racing = 0;
        for (size_t i = 0; i < j->race.candidates; i++)
            racing += !j->race.candidate[i].is_out;
        double effort = ms_race_effort(&j->race);
        double share = fmin(1, fmax((now - j->began) / (j->end - j->began), effort / j->race.effort_most));
        snprintf(text, sizeof text,
                 "pilot: %zu of %zu patch sizes in the race, %.3g iterations, at most %.0f s left", racing,
                 j->race.candidates, effort, fmax(0, j->end - now));
        if (!isfinite(j->end))
            snprintf(text, sizeof text, "pilot: %zu of %zu patch sizes in the race, %.3g iterations", racing,
                     j->race.candidates, effort);
        const char *part = text;
        if (j->display.is_bar)
            ms_display_bar(j->progress, now, share, &part, 1);
        else
            ms_display_line(j->progress, now, text);
    }
    return *j->stop || now > j->end;
}

/* The sweep with several patch sizes: those that are given, its own, or some that divide. */
static ms_status load_with_sizes(job *j, ms_error *error)
{
    const char *given = j->arguments->value[OPTION_PATCH_SIZES];
    const char *text[MS_REPEATED_MAX + 2];
    ms_assignments set = {text, j->arguments->repeated_count};
    char *sizes = NULL;
    memcpy(text, j->arguments->repeated, set.count * sizeof *text);
    if (given) {
        sizes = ms_given_patch_sizes(given);
        if (!sizes)
            return ms_error_set(error, MS_ERROR_MEMORY, "out of memory");
        text[set.count++] = sizes;
    }
    ms_status status = ms_sweep_file_load(&j->sweep, j->arguments->operand, &set, error);
    if (status == MS_ERROR_SWEEP && given && set.count == 1)
        ms_error_set(error, status, "--patch-sizes %s: not for this sweep", given);
    if (status == MS_OK && !given && j->sweep->axis[MS_AXIS_PATCH_SIZE].count < 2) {
        sizes = ms_propose_patch_sizes(j->sweep);
        if (!sizes)
            return ms_error_set(error, MS_ERROR_MEMORY, "out of memory");
        text[set.count++] = sizes;
        if (j->sweep->axis[MS_AXIS_DIMENSION].count > 1)
            text[set.count++] = "grid.indivisible=skip";
        ms_sweep_free(j->sweep);
        status = ms_sweep_file_load(&j->sweep, j->arguments->operand, &set, error);
    }
    free(sizes);
    return status;
}

/* The question that a point belongs to, or the next one. */
static size_t question_of(const job *j, size_t point)
{
    const ms_point *p = &j->sweep->points[point];
    size_t q = 0;
    for (; q < j->questions; q++) {
        const ms_point *of = &j->sweep->points[j->question[q].point[0]];
        if (of->variant == p->variant && of->dimension == p->dimension && of->noise_level == p->noise_level)
            break;
    }
    return q;
}

/* Groups the points with the first seed. */
static ms_status find_questions(job *j, ms_error *error)
{
    const ms_sweep *sweep = j->sweep;
    j->question = calloc(QUESTIONS_MAX + 1, sizeof *j->question);
    if (!j->question)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory");
    for (size_t p = 0; p < sweep->point_count; p++) {
        if (sweep->points[p].seed != sweep->points[0].seed)
            continue;
        size_t q = question_of(j, p);
        if (q == QUESTIONS_MAX)
            return ms_error_set(
                error, MS_ERROR_ARGUMENT,
                "the sweep has more than %d combinations of dimension, noise level and other axes; "
                "choose some, such as --set grid.dimension=%zu",
                QUESTIONS_MAX, sweep->points[sweep->point_count - 1].dimension);
        question *of = &j->question[q];
        if (of->points == CANDIDATES_MAX)
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "more than %d patch sizes; choose some by --patch-sizes", CANDIDATES_MAX);
        of->point[of->points++] = p;
        j->questions += q == j->questions;
    }
    return MS_OK;
}

static ms_status find_rule(job *j, ms_error *error)
{
    const char *wanted = j->arguments->value[OPTION_RULE];
    size_t rules = ms_sweep_rules(j->sweep), rule = 0;
    if (ms_sweep_events(j->sweep) == 0)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "%s: there is no %s", j->arguments->operand,
                            rules == 0 ? "rule by which a mode is discovered" : "mode to be discovered");
    while (wanted && rule < rules && strcmp(ms_sweep_rule(j->sweep, rule), wanted) != 0)
        rule++;
    if (rule == rules)
        return ms_error_set(error, MS_ERROR_USAGE,
                            "--rule %s: the sweep has no such rule; its first one is %s", wanted,
                            ms_sweep_rule(j->sweep, 0));
    snprintf(j->rule, sizeof j->rule, "%s", ms_sweep_rule(j->sweep, rule));
    ms_sweep_focus(j->sweep, rule);
    return MS_OK;
}

static bool is_closing(void *argument)
{
    const job *j = argument;
    return ms_clock() > j->began + CLOSING * (j->end - j->began);
}

/* With its share of the time and the effort that are left. */
static ms_status answer(job *j, const question *q, double share, ms_json *json, ms_error *error)
{
    const ms_race_watch watch = {look, is_closing, j};
    ms_status status = ms_race_begin(&j->race, j->sweep, q->point, q->points, error);
    j->race.effort_most = share * j->effort;
    j->began = ms_clock();
    j->end = j->began + share * j->seconds;
    ms_display_next(j->progress);
    if (status == MS_OK)
        status = ms_race_run(&j->race, &watch, error);
    if (status == MS_OK && j->asks[MS_SPENT_SECONDS])
        status = ms_race_time_full(&j->race, error);
    ms_display_clear(j->progress);
    ms_advice advice = {.race = &j->race, .rule = j->rule, .is_stopped = *j->stop != 0};
    memcpy(advice.asks, j->asks, sizeof advice.asks);
    if (status == MS_OK)
        status = json->out ? ms_advice_write(&advice, json, error) : ms_advice_print(&advice, error);
    j->seconds = fmax(0, j->seconds - (ms_clock() - j->began));
    j->effort = fmax(0, j->effort - ms_race_effort(&j->race));
    ms_race_end(&j->race);
    return status;
}

static ms_status answer_all(job *j, ms_error *error)
{
    bool is_json = j->arguments->value[OPTION_JSON] != NULL;
    ms_json json = {.out = is_json ? stdout : NULL};
    ms_status status = MS_OK;
    if (is_json)
        ms_json_open(&json, NULL, '[');
    for (size_t q = 0; q < j->questions && status == MS_OK && (q == 0 || !*j->stop); q++) {
        if (q > 0 && !is_json)
            putchar('\n');
        status = answer(j, &j->question[q], 1 / (double)(j->questions - q), &json, error);
        fflush(stdout);
    }
    if (is_json) {
        ms_json_line(&json, 0);
        ms_json_close(&json, ']');
        putchar('\n');
    }
    if (status == MS_OK && *j->stop)
        status = ms_error_set(error, MS_STOPPED, "stopped; this is what was known by then");
    return status;
}

static ms_status read_options(job *j, ms_error *error)
{
    size_t cost;
    const char *word = j->arguments->value[OPTION_COST], *iterations = j->arguments->value[OPTION_ITERATIONS];
    ms_status status = ms_choose("cost", word, ms_spent_name, MS_SPENT_COUNT, &cost, error);
    for (size_t s = 0; s < MS_SPENT_COUNT; s++)
        j->asks[s] = cost == s || !word;
    j->effort = (double)INFINITY;
    if (status == MS_OK && iterations) {
        char *end;
        j->effort = strtod(iterations, &end);
        if (end == iterations || *end || !(j->effort >= 1) || !(j->effort <= 1e15))
            return ms_error_set(error, MS_ERROR_USAGE,
                                "--iterations %s: give a number of iterations, 1 to 1e15, such as 1e8",
                                iterations);
    }
    if (status == MS_OK)
        status = ms_seconds("seconds", j->arguments->value[OPTION_SECONDS],
                            iterations ? (double)INFINITY : SECONDS, &j->seconds, error);
    return status;
}

static ms_status run(const ms_arguments *arguments, ms_error *error)
{
    job j = {.arguments = arguments};
    ms_status status = read_options(&j, error);
    if (status == MS_OK)
        status = load_with_sizes(&j, error);
    if (status == MS_OK)
        status = find_questions(&j, error);
    if (status == MS_OK)
        status = find_rule(&j, error);
    j.stop = ms_signals_catch();
    if (!arguments->value[OPTION_QUIET]) {
        j.display = ms_display_open(stderr, MS_DISPLAY_AUTO);
        j.progress = &j.display;
    }
    if (status == MS_OK)
        status = answer_all(&j, error);
    ms_display_close(j.progress);
    free(j.question);
    ms_sweep_free(j.sweep);
    return status;
}

const ms_command ms_command_advise = {
    .name = "advise",
    .operand = "SWEEP",
    .purpose =
        "Recommends the patch size that discovers the modes at the least cost.\n\n"
        "Patch sizes race on one core: all start with the same number of chains and iterations, these are\n"
        "doubled, and patch sizes that another one beats in every respect drop out, until the best ones are\n"
        "known or the time is up. The patch sizes are those of the sweep's grid, if it has several, or\n"
        "divisors of the dimension. All else is as in the sweep, but chains continue beyond its budget.\n"
        "Ctrl-C ends the race and prints what is known so far.",
    .option = {[OPTION_PATCH_SIZES] = {.name = "patch-sizes",
                                       .value = "LIST",
                                       .help = "these patch sizes: 1,4,10,full"},
               [OPTION_COST] = {.name = "cost",
                                .value = "COST",
                                .help = "only iterations, coordinate_updates or seconds (default: all)"},
               [OPTION_RULE] = {.name = "rule",
                                .value = "RULE",
                                .help = "this discovery rule (default: the first)"},
               [OPTION_SECONDS] = {.name = "seconds",
                                   .value = "SECONDS",
                                   .help = "at most this long (default: 30)"},
               [OPTION_ITERATIONS] = {.name = "iterations",
                                      .value = "NUMBER",
                                      .help =
                                          "at most this many iterations of chains, however long they take"},
               [OPTION_SET] = MS_OPTION_SET,
               [OPTION_JSON] = {.name = "json", .help = "a list of JSON objects"},
               [OPTION_QUIET] = {.name = "quiet", .letter = 'q', .help = "no progress"}},
    .example = "  modeseek advise experiments/advice.yaml",
    .choices = {[OPTION_COST] = ms_spent_name},
    .repeatable = "set",
    .run = run};
