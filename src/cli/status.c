/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/job_state.h"
#include "cli/report.h"
#include "cli/wide.h"
#include "farm/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FAILURES_SHOWN 20

enum { OPTION_JSON, OPTION_CHECK };

/* behind the axes; the last one where not all points are simulated directly */
static const char *const column[] = {"blocks",  "done",   "failed",   "missing",
                                     "running", "chains", "censored", "estimator"};
#define COLUMNS  (sizeof column / sizeof *column)
#define REFUSALS 8 /* that are told below a readable table */

/* Blocks of a point, or of all; failed ones with those given up, missing ones with those running and damaged.
 */
typedef struct tally {
    size_t blocks, done, failed, quarantined, damaged, running, saved;
    size_t not_needed; /* of those done: the point's intervals are narrow enough without them */
    size_t replicates; /* of estimators, of the done blocks */
    size_t chains,
        censored; /* of the done blocks; censored: a mode was not discovered, by one of the rules */
    double iterations, seconds; /* of these chains */
} tally;

typedef struct file_state {
    ms_results *results;
    const ms_results_info *info;
    ms_format format;
    tally *point;  /* [points] */
    bool *damaged; /* [blocks] written, but not as they were computed */
    tally all;
    ms_wide wide;
    double seconds, lost;
    ms_writer writer;
    char last_start[MS_START_MAX];
    ms_job_state *job;   /* NULL: nobody wants to know */
    bool is_one_of_more; /* so that JSON tells which */
} file_state;

/* "?" where it is not known. */
static const char *field(const char *object, const char *key, char *value, size_t size)
{
    if (!ms_json_field(object, key, value, size))
        snprintf(value, size, "?");
    return value;
}

static ms_status print_points(const file_state *state, ms_error *error)
{
    const ms_report each_point = {.format = state->format};
    const ms_results_axis *axis[MS_SWEEP_AXES_MAX];
    const char *name[MS_SWEEP_AXES_MAX + COLUMNS];
    size_t axes = ms_report_axes(state->info, state->format, axis);
    size_t columns = axes + COLUMNS - (ms_report_indirect(state->info) == 0);
    for (size_t i = 0; i < axes; i++)
        name[i] = axis[i]->name;
    memcpy(name + axes, column, sizeof column);
    ms_output_table table;
    ms_output_table_begin(&table, state->format, name, columns, SIZE_MAX);
    for (size_t p = 0; p < state->info->points; p++) {
        tally t = state->point[p];
        ms_cell cell[MS_SWEEP_AXES_MAX + COLUMNS], *counts = cell + axes;
        for (size_t i = 0; i < axes; i++)
            cell[i] = ms_report_value(state->info, &each_point, axis[i], p);
        counts[0] = ms_cell_integer(t.blocks);
        counts[1] = ms_cell_integer(t.done);
        counts[2] = ms_cell_integer(t.failed);
        counts[3] = ms_cell_integer(t.blocks - t.done - t.failed);
        counts[4] = ms_cell_integer(t.running);
        counts[5] = ms_cell_integer(t.chains + t.replicates);
        counts[6] = ms_cell_integer(t.censored);
        counts[7] = ms_cell_word(ms_report_estimator(state->info, p));
        ms_output_table_row(&table, cell);
    }
    return ms_output_table_end(&table, error);
}

/* Points that cannot be computed, by the reason. */
static size_t list_refusals(const ms_results_info *info, const char *reason[REFUSALS],
                            size_t points[REFUSALS])
{
    size_t count = 0;
    for (size_t p = 0; p < info->points; p++) {
        const char *of_point = ms_report_refusal(info, p);
        size_t i = 0;
        if (info->point_estimator[p] != MS_NO_ESTIMATOR)
            continue;
        while (i < count && strcmp(reason[i], of_point) != 0)
            i++;
        if (i == count && count < REFUSALS) {
            reason[count] = of_point;
            points[count++] = 0;
        }
        if (i < count)
            points[i]++;
    }
    return count;
}

/* The table for people, and what it does not say of estimators. */
static ms_status print_table(const file_state *state, ms_error *error)
{
    const char *reason[REFUSALS];
    size_t points[REFUSALS], refusals = list_refusals(state->info, reason, points);
    ms_status status = print_points(state, error);
    for (size_t i = 0; status == MS_OK && i < refusals; i++)
        printf("not computed: %s (%zu point%s)\n", reason[i], points[i], points[i] > 1 ? "s" : "");
    if (status == MS_OK && ms_report_indirect(state->info) > 0)
        printf("`chains` counts replicates where estimators have these\n");
    return status;
}

/* Tells of each failed block, at most `most` of them, into a list of JSON unless that is NULL. */
static ms_status print_failures(const file_state *state, size_t most, ms_json *json, ms_error *error)
{
    size_t shown = 0;
    for (size_t b = 0; b < state->info->blocks && shown < most && shown < state->all.failed; b++) {
        const ms_block_results *block;
        ms_status status = ms_results_read_block(state->results, b, &block, NULL, error);
        if (status != MS_OK)
            return status;
        if (block->status != MS_BLOCK_FAILED && block->status != MS_BLOCK_QUARANTINED)
            continue;
        char reason[MS_FAILURE_MAX];
        status = ms_results_failure(state->results, b, reason, error);
        if (status != MS_OK)
            return status;
        size_t p = ms_results_block(state->results, b).point;
        if (json) {
            ms_json_line(json, 2);
            ms_json_open(json, NULL, '{');
            ms_json_count(json, "block", b);
            ms_json_count(json, "point", p);
            ms_json_text(json, "reason", reason);
            ms_json_close(json, '}');
        } else {
            char point[512];
            ms_results_describe_point(state->results, p, point, sizeof point);
            printf("block %zu (%s) failed: %s\n", b, point, reason);
        }
        shown++;
    }
    return MS_OK;
}

/* The totals, on three lines, and a fourth of Slurm's job, if one is concerned with it. */
static void print_head(const file_state *state)
{
    const tally *all = &state->all;
    char time[64], host[64], ranks[32], version[32];
    size_t missing = all->blocks - all->done - all->failed;
    printf("%s: sweep %s, %zu points, %zu blocks: %zu done, %zu failed, %zu missing",
           ms_printable_copy(state->info->path).text, state->info->name, state->info->points, all->blocks,
           all->done, all->failed, missing);
    if (all->not_needed > 0)
        printf(" (%zu of those done were not needed: intervals were narrow enough)", all->not_needed);
    if (missing > 0)
        printf(" (%zu running, %zu with a checkpoint)", all->running, all->saved);
    if (all->quarantined > 0)
        printf("; %zu of the failed ones are quarantined, because they crashed their rank", all->quarantined);
    if (all->damaged > 0)
        printf("; %zu of the missing ones are damaged, and are computed again by run", all->damaged);
    printf("\n");
    ms_wide_print("", state->wide.points, state->wide.relative_width);
    if (all->replicates > 0)
        printf("%zu replicates of estimators, ", all->replicates);
    printf("%zu chains, %zu of them censored for some mode or rule; %.1f s of CPU time used", all->chains,
           all->censored, state->seconds);
    if (all->seconds > 0 && all->chains > 0)
        printf(" (%.3g iterations/s)", all->iterations / all->seconds);
    if (state->lost > 0)
        printf(", %.1f s of wall-clock time lost by kills and computed again", state->lost);
    printf("\n");
    if (state->writer.is_alive)
        printf("being written by: %s\n", state->writer.text);
    else if (state->writer.is_hidden)
        printf("unknown whether a job is writing it: %s\n", state->writer.text);
    else if (state->writer.text[0])
        printf("last job did not end cleanly: %s\n", state->writer.text);
    else if (state->last_start[0])
        printf("last started %s on %s (ranks: %s, modeseek %s)\n",
               field(state->last_start, "time", time, sizeof time),
               field(state->last_start, "host", host, sizeof host),
               field(state->last_start, "ranks", ranks, sizeof ranks),
               field(state->last_start, "version", version, sizeof version));
    if (state->job && state->job->text[0])
        printf("%s\n", state->job->text);
}

static ms_status print_readable(const file_state *state, ms_error *error)
{
    print_head(state);
    printf("\n");
    ms_status status = print_table(state, error);
    if (status != MS_OK)
        return status;
    if (state->all.failed > 0)
        putchar('\n');
    status = print_failures(state, FAILURES_SHOWN, NULL, error);
    if (status == MS_OK && state->all.failed > FAILURES_SHOWN)
        printf("... and %zu more; --json lists them all\n", state->all.failed - FAILURES_SHOWN);
    return status;
}

static void write_start(ms_json *json, const file_state *state)
{
    static const char *const key[] = {"time", "host", "ranks", "version"};
    ms_json_line(json, 0);
    if (!state->last_start[0]) {
        ms_json_text(json, "last_start", NULL);
        return;
    }
    ms_json_open(json, "last_start", '{');
    for (size_t i = 0; i < sizeof key / sizeof *key; i++) {
        char value[128];
        ms_json_text(json, key[i], field(state->last_start, key[i], value, sizeof value));
    }
    ms_json_close(json, '}');
}

/* Times in s since 1970. */
static void write_job(ms_json *json, const file_state *state)
{
    ms_json_line(json, 0);
    if (!state->job || !state->job->is_known) {
        ms_json_text(json, "slurm_job", NULL);
        return;
    }
    const ms_slurm_job *job = &state->job->entry.job;
    ms_json_open(json, "slurm_job", '{');
    ms_json_text(json, "job", job->name);
    ms_json_text(json, "state", job->state);
    ms_json_text(json, "reason", job->reason);
    ms_json_whole(json, "start", job->start);
    ms_json_whole(json, "end", job->end);
    ms_json_close(json, '}');
}

static void write_counts(ms_json *json, const file_state *state)
{
    const tally *all = &state->all;
    ms_json_text(json, "name", state->info->name);
    ms_json_line(json, 0);
    ms_json_count(json, "blocks", all->blocks);
    ms_json_count(json, "done", all->done);
    ms_json_count(json, "failed", all->failed);
    ms_json_count(json, "missing", all->blocks - all->done - all->failed);
    ms_json_line(json, 0);
    ms_json_count(json, "running", all->running);
    ms_json_count(json, "with_checkpoint", all->saved);
    ms_json_count(json, "quarantined", all->quarantined);
    ms_json_count(json, "not_needed", all->not_needed);
    if (state->wide.relative_width > 0)
        ms_json_count(json, "wide_points", state->wide.points);
    ms_json_count(json, "chains", all->chains);
    ms_json_count(json, "censored", all->censored);
    ms_json_line(json, 0);
    ms_json_number(json, "processor_seconds", state->seconds);
    ms_json_number(json, "seconds_lost", state->lost);
    ms_json_number(json, "iterations", all->iterations);
}

static ms_status print_json(const file_state *state, ms_error *error)
{
    ms_json json = {.out = stdout};
    ms_json_open(&json, NULL, '{');
    if (state->is_one_of_more)
        ms_json_text(&json, "file", state->info->path);
    write_counts(&json, state);
    ms_json_line(&json, 0);
    ms_json_text(&json, "writer", state->writer.is_alive ? state->writer.text : NULL);
    write_start(&json, state);
    write_job(&json, state);
    ms_json_line(&json, 0);
    ms_json_key(&json, "points");
    ms_status status = print_points(state, error);
    if (status != MS_OK)
        return status;
    ms_json_line(&json, 0);
    ms_json_open(&json, "failures", '[');
    status = print_failures(state, SIZE_MAX, &json, error);
    if (state->all.failed > 0)
        ms_json_line(&json, 0);
    ms_json_close(&json, ']');
    ms_json_line(&json, 0);
    ms_json_open(&json, "damaged", '[');
    for (size_t b = 0; b < state->all.blocks; b++)
        if (state->damaged[b])
            ms_json_count(&json, NULL, b);
    ms_json_close(&json, ']');
    ms_json_close(&json, '}');
    putchar('\n');
    return status;
}

static void count_units(const ms_results_info *info, const ms_block_results *block, bool is_direct, tally *t)
{
    const int64_t *time = ms_block_int64(block, "discovery_time"),
                  *observed = ms_block_int64(block, "observed");
    size_t times = time ? info->rules * info->modes : 0;
    t->seconds += block->seconds > 0 ? block->seconds : 0;
    if (!is_direct) {
        t->replicates += block->chains;
        return;
    }
    t->chains += block->chains;
    for (size_t chain = 0; chain < block->chains; chain++) {
        bool censored = false;
        for (size_t i = 0; i < times; i++)
            censored = censored || time[chain * times + i] == MS_CENSORED;
        t->censored += censored;
        t->iterations += observed ? (double)observed[chain] : 0;
    }
}

static ms_status count_block(file_state *state, const ms_attempt *attempt, size_t b, tally *t,
                             ms_error *error)
{
    const ms_block_results *block;
    ms_status status = ms_results_read_block(state->results, b, &block, &state->damaged[b], error);
    if (status != MS_OK)
        return status;
    t->blocks++;
    t->done += block->status == MS_BLOCK_DONE || block->status == MS_BLOCK_NOT_NEEDED;
    t->not_needed += block->status == MS_BLOCK_NOT_NEEDED;
    t->failed += block->status == MS_BLOCK_FAILED || block->status == MS_BLOCK_QUARANTINED;
    t->quarantined += block->status == MS_BLOCK_QUARANTINED;
    t->damaged += state->damaged[b];
    if (block->status == MS_BLOCK_DONE)
        count_units(state->info, block,
                    ms_results_is_direct(state->info, ms_results_block(state->results, b).point), t);
    if (block->status == MS_BLOCK_NOT_DONE) {
        t->saved += attempt->saved_iteration > 0;
        t->running += state->writer.is_alive && attempt->begun >= state->writer.since;
    }
    return MS_OK;
}

static void add(tally *to, const tally *from)
{
    to->blocks += from->blocks;
    to->done += from->done;
    to->not_needed += from->not_needed;
    to->failed += from->failed;
    to->quarantined += from->quarantined;
    to->damaged += from->damaged;
    to->running += from->running;
    to->saved += from->saved;
    to->chains += from->chains;
    to->replicates += from->replicates;
    to->censored += from->censored;
    to->iterations += from->iterations;
    to->seconds += from->seconds;
}

static ms_status read_state(file_state *state, ms_error *error)
{
    const ms_results_info *info = state->info = ms_results_get_info(state->results);
    ms_lock_look(info->path, &state->writer);
    state->all = (tally){0};
    state->point = ms_array_alloc(info->points, 1, 1, sizeof *state->point);
    state->damaged = ms_array_alloc(info->blocks, 1, 1, sizeof *state->damaged);
    ms_attempt *attempt = ms_array_alloc(info->blocks, 1, 1, sizeof *attempt);
    ms_status status = state->point && state->damaged && attempt
                           ? ms_results_attempts(state->results, attempt, error)
                           : ms_error_set(error, MS_ERROR_MEMORY,
                                          "out of memory for the checkpoints of %zu blocks", info->blocks);
    for (size_t p = 0; status == MS_OK && p < info->points; p++)
        state->point[p] = (tally){0};
    for (size_t b = 0; status == MS_OK && b < info->blocks; b++)
        status = count_block(state, &attempt[b], b, &state->point[ms_results_block(state->results, b).point],
                             error);
    for (size_t p = 0; status == MS_OK && p < info->points; p++)
        add(&state->all, &state->point[p]);
    free(attempt);
    if (status == MS_OK)
        status = ms_wide_read(&state->wide, state->results, error);
    return status == MS_OK ? ms_results_history(state->results, &state->seconds, &state->lost,
                                                state->last_start, sizeof state->last_start, error)
                           : status;
}

/* Opens the file, reads its state and closes what is not needed any more with close_state(). */
static ms_status open_state(file_state *state, const char *path, ms_error *error)
{
    state->point = NULL;
    state->damaged = NULL;
    state->wide = (ms_wide){0};
    ms_status status = ms_results_open(&state->results, path, error);
    if (status == MS_OK)
        status = read_state(state, error);
    if (status == MS_OK && state->job && state->all.done + state->all.failed < state->all.blocks)
        ms_job_state_look(state->job, &state->writer, state->last_start);
    return status;
}

static void close_state(file_state *state)
{
    free(state->point);
    free(state->damaged);
    ms_wide_free(&state->wide);
    ms_results_close(state->results, NULL);
}

/* One line, and a status that scripts can ask for. */
static ms_status check(const file_state *state, ms_error *error)
{
    const tally *all = &state->all;
    size_t missing = all->blocks - all->done - all->failed;
    const char *verdict = missing > 0 ? "incomplete" : all->failed > 0 ? "failures" : "complete";
    if (state->format == MS_FORMAT_JSON) {
        ms_json json = {.out = stdout};
        ms_json_open(&json, NULL, '{');
        if (state->is_one_of_more)
            ms_json_text(&json, "file", state->info->path);
        ms_json_text(&json, "state", verdict);
        ms_json_count(&json, "blocks", all->blocks);
        ms_json_count(&json, "done", all->done);
        ms_json_count(&json, "failed", all->failed);
        ms_json_count(&json, "missing", missing);
        ms_json_number(&json, "processor_seconds", state->seconds);
        ms_json_close(&json, '}');
        putchar('\n');
    } else {
        printf("%s: %s", ms_printable_copy(state->info->path).text, missing > 0 ? "incomplete" : "complete");
        if (missing > 0)
            printf(", %zu of %zu blocks missing", missing, all->blocks);
        if (all->failed > 0)
            printf(", %zu of %zu blocks failed", all->failed, all->blocks);
        printf("\n");
    }
    return ms_check_complete(missing, all->failed, error);
}

/* `before`: what stands before it. */
static ms_status print_file(const ms_arguments *arguments, const char *path, const char *before,
                            ms_error *error)
{
    ms_job_state job = {.is_known = false};
    file_state state = {.format = arguments->value[OPTION_JSON] ? MS_FORMAT_JSON : MS_FORMAT_READABLE,
                        .job = arguments->value[OPTION_CHECK] ? NULL : &job,
                        .is_one_of_more = arguments->more_count > 0};
    ms_status status = open_state(&state, path, error);
    if (status == MS_OK)
        fputs(before, stdout);
    if (status == MS_OK && arguments->value[OPTION_CHECK])
        status = check(&state, error);
    else if (status == MS_OK)
        status = state.format == MS_FORMAT_JSON ? print_json(&state, error) : print_readable(&state, error);
    close_state(&state);
    return status;
}

/* Of several files, missing blocks in any count for more than failed ones; JSON is an array. */
static ms_status run(const ms_arguments *arguments, ms_error *error)
{
    bool is_list = arguments->value[OPTION_JSON] && arguments->more_count > 0;
    const char *between = is_list ? "," : arguments->value[OPTION_CHECK] ? "" : "\n";
    ms_status status = MS_OK;
    fputs(is_list ? "[" : "", stdout);
    bool is_read = true;
    for (size_t i = 0; is_read && i <= arguments->more_count; i++) {
        const char *path = i > 0 ? arguments->more[i - 1] : arguments->operand;
        ms_status of_file = print_file(arguments, path, i > 0 ? between : "", error);
        is_read = of_file == MS_OK || of_file == MS_STOPPED || of_file == MS_ERROR_POINTS;
        if (status == MS_OK || of_file == MS_STOPPED || !is_read)
            status = of_file;
    }
    fputs(is_list ? "]\n" : "", stdout);
    return status;
}

/* One line of watch: what has been done since the last look, and when all will be: what the job expects, or
 * if it does not tell, by that pace. */
static void print_pace(const file_state *state, size_t before, double seconds)
{
    size_t finished = state->all.done + state->all.failed, missing = state->all.blocks - finished;
    char duration[MS_DURATION_MAX];
    double pace = seconds > 0 && finished >= before ? (double)(finished - before) / seconds : 0;
    printf("%zu of %zu blocks finished, %zu failed, %zu running; %.3g blocks/s", finished, state->all.blocks,
           state->all.failed, state->all.running, pace);
    double left = state->writer.is_alive && state->writer.left >= 0 ? (double)state->writer.left
                  : pace > 0                                        ? (double)missing / pace
                                                                    : (double)NAN;
    if (missing > 0 && !isnan(left))
        printf(", left %s", ms_progress_duration(left, duration));
    printf("%s\n", state->writer.is_alive || state->writer.is_hidden || missing == 0
                       ? ""
                       : "; no job is writing the file");
}

static ms_status watch(const ms_arguments *arguments, ms_error *error)
{
    double interval, last = 0;
    size_t before = 0;
    bool terminal = isatty(STDOUT_FILENO);
    ms_job_state job = {.is_known = false};
    char told[sizeof job.text] = "";
    ms_status status = ms_seconds("interval", arguments->value[0], 5, &interval, error);
    for (bool is_first = true; status == MS_OK; is_first = false) {
        file_state state = {.format = MS_FORMAT_READABLE, .job = &job};
        status = open_state(&state, arguments->operand, error);
        bool complete = status == MS_OK && state.all.done + state.all.failed == state.all.blocks;
        if (status == MS_OK && terminal) {
            printf("\033[H\033[2J");
            print_head(&state);
            printf("\n");
            status = print_table(&state, error);
            printf("\n");
        } else if (status == MS_OK && strcmp(told, job.text) != 0) {
            printf("%s\n", job.text);
        }
        snprintf(told, sizeof told, "%s", job.text);
        if (status == MS_OK) {
            double now = ms_clock();
            print_pace(&state, is_first ? state.all.done + state.all.failed : before, now - last);
            last = now;
            before = state.all.done + state.all.failed;
            status = ms_output_flush(error);
        }
        close_state(&state);
        if (status != MS_OK || complete)
            break;
        const struct timespec pause = {.tv_sec = (time_t)interval,
                                       .tv_nsec = (long)(1e9 * (interval - floor(interval)))};
        nanosleep(&pause, NULL);
    }
    return status;
}

const ms_command ms_command_status = {
    .name = "status",
    .operand = "FILE...",
    .purpose =
        "Shows the progress of results files: blocks done, failed and missing.\n\n"
        "For each point and in total, with the reasons of failures, the CPU time used, the time lost, which\n"
        "job is writing them, and what Slurm says about it. Works while a job is writing.\n"
        "modeseek explain FILE says why there is no progress.",
    .option = {[OPTION_JSON] = {"json", 0, NULL, "the same as one JSON object, of several files an array",
                                false},
               [OPTION_CHECK] = {"check", 0, NULL,
                                 "one line; exit code 0: complete, 75: incomplete, 8: failed blocks", false}},
    .example = "  modeseek status quickstart.h5",
    .several = true,
    .run = run};

const ms_command ms_command_watch = {
    .name = "watch",
    .operand = "FILE",
    .purpose = "Shows the progress of a results file repeatedly, until it is complete.\n\n"
               "On a terminal it shows the whole status, elsewhere a line each time. It reads the file, so "
               "it works from\n"
               "any host that sees it; if a Slurm job writes it, Slurm is asked once a minute.",
    .option = {{"interval", 0, "SECONDS", "check this often (default: 5)", false}},
    .example = "  modeseek watch quickstart.h5 --interval 10",
    .run = watch};
