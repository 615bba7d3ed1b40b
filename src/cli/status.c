/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAILURES_SHOWN 20
#define START_MAX      1024

enum { OPTION_JSON };

static const char *const column[] = {"dimension", "patch_size", "noise_level", "seed",
                                     "blocks",    "done",       "failed",      "missing"};
#define COLUMNS (sizeof column / sizeof *column)

typedef struct tally {
    size_t blocks, done, failed;
} tally;

typedef struct file_state {
    ms_results *results;
    const ms_results_info *info;
    ms_format format;
    ms_block_status *block; /* [blocks] */
    size_t blocks_of_point;
    double seconds;
    char last_start[START_MAX];
} file_state;

static tally count(const file_state *state, size_t first, size_t end)
{
    tally t = {.blocks = end - first};
    for (size_t b = first; b < end; b++) {
        t.done += state->block[b] == MS_BLOCK_DONE;
        t.failed += state->block[b] == MS_BLOCK_FAILED;
    }
    return t;
}

/* The value of a key in a JSON object on one line, without quotes; "?" if it is not there. */
static const char *field(const char *object, const char *key, char *value, size_t size)
{
    char pattern[32];
    snprintf(pattern, sizeof pattern, "\"%s\": ", key);
    const char *found = strstr(object, pattern);
    snprintf(value, size, "?");
    if (!found)
        return value;
    found += strlen(pattern);
    size_t length = *found == '"' ? strcspn(++found, "\"") : strcspn(found, ",}");
    snprintf(value, size, "%.*s", (int)length, found);
    return value;
}

static void print_points(const file_state *state)
{
    const ms_report each_point = {.format = state->format};
    ms_table table;
    ms_table_begin(&table, state->format, column, COLUMNS);
    for (size_t p = 0; p < state->info->points; p++) {
        tally t = count(state, p * state->blocks_of_point, (p + 1) * state->blocks_of_point);
        ms_cell cell[COLUMNS];
        ms_report_point(state->info, &each_point, p, cell);
        cell[4] = ms_cell_integer(t.blocks);
        cell[5] = ms_cell_integer(t.done);
        cell[6] = ms_cell_integer(t.failed);
        cell[7] = ms_cell_integer(t.blocks - t.done - t.failed);
        ms_table_row(&table, cell);
    }
    ms_table_end(&table);
}

/* Calls for each failed block, at most `most` of them. */
static ms_status print_failures(const file_state *state, size_t most, ms_error *error)
{
    size_t shown = 0;
    for (size_t b = 0; b < state->info->blocks && shown < most; b++) {
        if (state->block[b] != MS_BLOCK_FAILED)
            continue;
        char reason[MS_FAILURE_MAX];
        ms_status status = ms_results_failure(state->results, b, reason, error);
        if (status != MS_OK)
            return status;
        size_t p = b / state->blocks_of_point;
        if (state->format == MS_FORMAT_JSON) {
            printf("%s{\"block\": %zu, \"point\": %zu, \"reason\": ", shown > 0 ? ",\n  " : "\n  ", b, p);
            ms_json_string(reason);
            putchar('}');
        } else {
            printf("block %zu (dimension %llu, patch_size %llu, noise_level %g, seed %llu) failed: %s\n", b,
                   (unsigned long long)state->info->dimension[p],
                   (unsigned long long)state->info->patch_size[p], state->info->noise_level[p],
                   (unsigned long long)state->info->seed[p], reason);
        }
        shown++;
    }
    return MS_OK;
}

static ms_status print_readable(const file_state *state, ms_error *error)
{
    tally all = count(state, 0, state->info->blocks);
    char time[64], host[64], ranks[32], version[32];
    printf("%s: sweep %s, %zu points, %zu blocks: %zu done, %zu failed, %zu missing\n", state->info->path,
           state->info->name, state->info->points, all.blocks, all.done, all.failed,
           all.blocks - all.done - all.failed);
    printf("%.1f core-seconds used", state->seconds);
    if (state->last_start[0])
        printf("; last started %s on %s (ranks: %s, modeseek %s)",
               field(state->last_start, "time", time, sizeof time),
               field(state->last_start, "host", host, sizeof host),
               field(state->last_start, "ranks", ranks, sizeof ranks),
               field(state->last_start, "version", version, sizeof version));
    printf("\n\n");
    print_points(state);
    if (all.failed > 0)
        putchar('\n');
    ms_status status = print_failures(state, FAILURES_SHOWN, error);
    if (status == MS_OK && all.failed > FAILURES_SHOWN)
        printf("... and %zu more; --json lists all\n", all.failed - FAILURES_SHOWN);
    return status;
}

static void print_json_start(const file_state *state)
{
    static const char *const key[] = {"time", "host", "ranks", "version"};
    printf(",\n\"last_start\": ");
    if (!state->last_start[0]) {
        printf("null");
        return;
    }
    for (size_t i = 0; i < sizeof key / sizeof *key; i++) {
        char value[128];
        printf("%s\"%s\": ", i == 0 ? "{" : ", ", key[i]);
        ms_json_string(field(state->last_start, key[i], value, sizeof value));
    }
    putchar('}');
}

static ms_status print_json(const file_state *state, ms_error *error)
{
    tally all = count(state, 0, state->info->blocks);
    printf("{\"name\": ");
    ms_json_string(state->info->name);
    printf(",\n\"blocks\": %zu, \"done\": %zu, \"failed\": %zu, \"missing\": %zu,\n\"seconds\": ", all.blocks,
           all.done, all.failed, all.blocks - all.done - all.failed);
    ms_json_number(state->seconds);
    print_json_start(state);
    printf(",\n\"points\": ");
    print_points(state);
    printf(",\n\"failures\": [");
    ms_status status = print_failures(state, SIZE_MAX, error);
    printf("%s]}\n", all.failed > 0 ? "\n" : "");
    return status;
}

static ms_status read_state(file_state *state, ms_error *error)
{
    const ms_results_info *info = state->info = ms_results_get_info(state->results);
    if (info->points == 0 || info->blocks % info->points != 0)
        return ms_error_set(error, MS_ERROR_FORMAT, "%s: %zu blocks do not fit %zu points", info->path,
                            info->blocks, info->points);
    state->blocks_of_point = info->blocks / info->points;
    state->block = ms_array_alloc(info->blocks, 1, 1, sizeof *state->block);
    if (!state->block)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the states of %zu blocks",
                            info->blocks);
    ms_status status = ms_results_block_status(state->results, state->block, error);
    return status == MS_OK ? ms_results_history(state->results, &state->seconds, state->last_start,
                                                sizeof state->last_start, error)
                           : status;
}

static ms_status run(const ms_arguments *arguments, ms_error *error)
{
    file_state state = {.format = arguments->value[OPTION_JSON] ? MS_FORMAT_JSON : MS_FORMAT_READABLE};
    ms_status status = ms_results_open(&state.results, arguments->operand, error);
    if (status != MS_OK)
        return status;
    status = read_state(&state, error);
    if (status == MS_OK)
        status = state.format == MS_FORMAT_JSON ? print_json(&state, error) : print_readable(&state, error);
    free(state.block);
    ms_results_close(state.results, NULL);
    return status;
}

const ms_command ms_command_status = {
    .name = "status",
    .operand = "FILE",
    .purpose =
        "Tells how far a results file is: blocks done, failed and missing.\n\n"
        "For each point and in total, with the reasons of failures, the time used and the last start of the\n"
        "program. Works while a job writes the file.",
    .option = {{"json", 0, NULL, "the same as one JSON object", false}},
    .example = "  modeseek status quickstart.h5",
    .run = run};
