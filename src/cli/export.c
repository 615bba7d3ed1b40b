/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "cli/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_OUTPUT, OPTION_SNAPSHOTS, OPTION_REPLICATES, OPTION_SWEEP };

/* What rows are of. */
typedef enum what { CHAINS, SNAPSHOTS, REPLICATES } what;

typedef struct table {
    FILE *out;
    ms_results *results;
    const ms_results_info *info;
    const ms_results_axis *axis[MS_SWEEP_AXES_MAX];
    size_t axes;
    const volatile sig_atomic_t *stop; /* or NULL */
} table;

static void print_point(const table *t, size_t block, size_t chain)
{
    static const ms_report each_point = {.format = MS_FORMAT_CSV};
    ms_block range = ms_results_block(t->results, block);
    char number[32];
    for (size_t i = 0; i < t->axes; i++) {
        const ms_cell value = ms_report_value(t->info, &each_point, t->axis[i], range.point);
        if (!value.word && value.is_integer)
            fprintf(t->out, "%llu", (unsigned long long)value.integer);
        else if (!value.word)
            ms_format_number(value.number, number, sizeof number);
        if (!value.is_integer)
            ms_csv_field(t->out, value.word ? value.word : number);
        fputc(',', t->out);
    }
    fprintf(t->out, "%zu", range.first_chain + chain);
}

/* A row for each chain; an empty field where the mode was not discovered. */
static void print_times(const table *t, const ms_block_results *block)
{
    size_t times = t->info->rules * t->info->modes;
    const int64_t *time = ms_block_int64(block, "discovery_time"),
                  *observed = ms_block_int64(block, "observed");
    for (size_t chain = 0; chain < block->chains; chain++) {
        print_point(t, block->block, chain);
        fprintf(t->out, ",%lld", (long long)observed[chain]);
        for (size_t i = 0; i < times; i++, time++) {
            fputc(',', t->out);
            if (*time != MS_CENSORED)
                fprintf(t->out, "%lld", (long long)*time);
        }
        fputc('\n', t->out);
    }
}

/* Whether a column is of snapshots. */
static bool is_of_snapshots(const ms_column *column)
{
    for (unsigned i = 0; i < column->rank; i++)
        if (column->extent[i] == MS_EXTENT_SNAPSHOT)
            return true;
    return false;
}

/* Whether a column is among those that rows have. */
static bool is_shown(const ms_column *column, what of)
{
    bool is_of_rule = column->rank == 2 && column->extent[1] == MS_EXTENT_RULE;
    return of == REPLICATES ? is_of_rule && column->type == MS_COLUMN_DOUBLE : is_of_snapshots(column);
}

/* Goes to the next number of a chain and snapshot: `at` [MS_EXTENT_COUNT], of which the last extent is the
 * fastest. False behind the last one. */
static bool next_number(const ms_column *column, const size_t *extent, size_t *at)
{
    for (unsigned i = column->rank; i-- > 0;) {
        ms_extent of = column->extent[i];
        if (of == MS_EXTENT_CHAIN || of == MS_EXTENT_SNAPSHOT)
            continue;
        if (++at[of] < extent[of])
            return true;
        at[of] = 0;
    }
    return false;
}

/* "squared_distance_0", "chain_mode" */
static void print_name(const table *t, const ms_column *column, const size_t *at)
{
    char name[(1 + MS_COLUMN_RANK_MAX) * MS_SWEEP_NAME_MAX];
    int used = snprintf(name, sizeof name, "%s", column->name);
    for (unsigned i = 0; i < column->rank; i++) {
        ms_extent of = column->extent[i];
        char *end = name + used;
        size_t room = sizeof name - (size_t)used;
        if (of == MS_EXTENT_RULE)
            used += snprintf(end, room, "_%s", t->info->rule[at[of]]);
        else if (of == MS_EXTENT_MODE)
            used += snprintf(end, room, "_%llu", (unsigned long long)t->info->mode[at[of]]);
        else if (of != MS_EXTENT_CHAIN && of != MS_EXTENT_SNAPSHOT)
            used += snprintf(end, room, "_%zu", at[of]);
    }
    ms_csv_field(t->out, name);
}

/* Empty where nothing has been computed, as beyond a point's own dimension. */
static void print_number(const table *t, const ms_block_results *block, size_t c, const size_t *at)
{
    const ms_column *column = block->column[c];
    size_t place = 0;
    char number[32];
    for (unsigned i = 0; i < column->rank; i++) {
        ms_extent of = column->extent[i];
        place = place * (of == MS_EXTENT_CHAIN ? block->chains : block->extent[of]) + at[of];
    }
    size_t dimension = t->info->dimension[ms_results_block(t->results, block->block).point];
    if (column->type == MS_COLUMN_DOUBLE && at[MS_EXTENT_COORDINATE] < dimension) {
        ms_format_number(((const double *)block->value[c])[place], number, sizeof number);
        fputs(number, t->out);
    } else if (column->type != MS_COLUMN_DOUBLE) {
        int64_t whole = ((const int64_t *)block->value[c])[place];
        if (whole != MS_COLUMN_NOT_COMPUTED)
            fprintf(t->out, column->type == MS_COLUMN_INT64 ? "%" PRId64 : "%" PRIu64, whole);
    }
}

/* A row for each chain and snapshot, or for each replicate. */
static void print_numbers(const table *t, const ms_block_results *block, what of)
{
    size_t snapshots = of == SNAPSHOTS ? t->info->snapshots : 1;
    for (size_t s = 0; s < snapshots; s++)
        for (size_t chain = 0; chain < block->chains; chain++) {
            print_point(t, block->block, chain);
            if (of == SNAPSHOTS)
                fprintf(t->out, ",%llu", (unsigned long long)t->info->snapshot_iteration[s]);
            for (size_t c = 0; c < block->columns; c++) {
                size_t at[MS_EXTENT_COUNT] = {[MS_EXTENT_SNAPSHOT] = s, [MS_EXTENT_CHAIN] = chain};
                if (!is_shown(block->column[c], of))
                    continue;
                do {
                    fputc(',', t->out);
                    print_number(t, block, c, at);
                } while (next_number(block->column[c], block->extent, at));
            }
            fputc('\n', t->out);
        }
}

/* @param extent of a block's columns */
static void print_head(const table *t, what of, const size_t *extent)
{
    for (size_t i = 0; i < t->axes; i++) {
        ms_csv_field(t->out, t->axis[i]->name);
        fputc(',', t->out);
    }
    fputs(of == CHAINS ? "chain,observed" : of == SNAPSHOTS ? "chain,iteration" : "replicate", t->out);
    for (size_t c = 0; of != CHAINS && c < t->info->columns; c++) {
        size_t at[MS_EXTENT_COUNT] = {0};
        if (!is_shown(t->info->column[c], of))
            continue;
        do {
            fputc(',', t->out);
            print_name(t, t->info->column[c], at);
        } while (next_number(t->info->column[c], extent, at));
    }
    for (size_t rule = 0; of == CHAINS && rule < t->info->rules; rule++)
        for (size_t mode = 0; mode < t->info->modes; mode++) {
            char name[2 * MS_SWEEP_NAME_MAX];
            snprintf(name, sizeof name, "%s_%llu", t->info->rule[rule],
                     (unsigned long long)t->info->mode[mode]);
            fputc(',', t->out);
            ms_csv_field(t->out, name);
        }
    fputc('\n', t->out);
}

static ms_status need_columns(const table *t, what of, ms_error *error)
{
    if (of == REPLICATES)
        return ms_results_is_all_direct(t->info)
                   ? ms_error_set(error, MS_ERROR_ARGUMENT,
                                  "%s has no replicates: its chains are simulated directly", t->info->path)
                   : MS_OK;
    if (!ms_results_has_direct(t->info))
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "%s has no chains but replicates of estimators; give --replicates",
                            t->info->path);
    if (of == SNAPSHOTS) {
        for (size_t c = 0; c < t->info->columns; c++)
            if (is_of_snapshots(t->info->column[c]))
                return MS_OK;
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            t->info->snapshots == 0
                ? "%s has no snapshots; list iterations under `snapshots` in the sweep"
                : "%s records nothing at its snapshots; list something under `observables` in "
                  "the sweep",
            t->info->path);
    }
    ms_status status = ms_results_need_column(t->results, "observed", error);
    if (status == MS_OK && t->info->rules * t->info->modes > 0)
        status = ms_results_need_column(t->results, "discovery_time", error);
    return status;
}

static ms_status print_table(const table *t, what of, ms_error *error)
{
    const ms_block_results *block;
    ms_status status = ms_results_read_block(t->results, 0, &block, NULL, error);
    if (status == MS_OK)
        print_head(t, of, block->extent);
    for (size_t b = 0; status == MS_OK && b < t->info->blocks && !ferror(t->out); b++) {
        if (t->stop && *t->stop)
            return ms_error_set(error, MS_STOPPED, "stopped; nothing is exported");
        status = ms_results_read_block(t->results, b, &block, NULL, error);
        if (status != MS_OK || block->status != MS_BLOCK_DONE ||
            ms_results_is_direct(t->info, ms_results_block(t->results, b).point) != (of != REPLICATES))
            continue;
        if (of == CHAINS)
            print_times(t, block);
        else
            print_numbers(t, block, of);
    }
    return status;
}

#define ATTEMPTS 100 /* at a temporary name that no killed export has left behind */

static FILE *open_temporary(const char *path, char *temporary, size_t size)
{
    int descriptor = -1;
    for (int attempt = 0; descriptor < 0 && (attempt == 0 || errno == EEXIST) && attempt < ATTEMPTS;
         attempt++) {
        snprintf(temporary, size, "%s.tmp.%ld.%d", path, (long)getpid(), attempt);
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    }
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (descriptor >= 0 && !file) {
        close(descriptor);
        unlink(temporary);
    }
    return file;
}

/* Writes to a temporary file first: OUT is whole or not there. */
static ms_status export_to(const char *path, table *t, what of, ms_error *error)
{
    if (access(path, F_OK) == 0)
        return ms_error_set(error, MS_ERROR_IO, "%s: exists, and is never overwritten; choose another name",
                            path);
    size_t size = strlen(path) + 64;
    char *temporary = malloc(size);
    if (!temporary)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %s", path);
    t->stop = ms_signals_catch();
    t->out = open_temporary(path, temporary, size);
    if (!t->out) {
        ms_status status = ms_error_set(error, MS_ERROR_IO, "cannot write %s: %s", path, strerror(errno));
        free(temporary);
        return status;
    }
    ms_status status = print_table(t, of, error);
    bool written = !ferror(t->out);
    int number = errno;
    if (fclose(t->out) != 0) {
        written = false;
        number = errno;
    }
    if (status == MS_OK && !written)
        status = ms_error_set(error, MS_ERROR_IO, "cannot write %s: %s", path, strerror(number));
    /* a link is, unlike rename, never over an existing file, but not every file system has them */
    if (status == MS_OK && link(temporary, path) != 0 &&
        !(errno == EPERM && access(path, F_OK) != 0 && rename(temporary, path) == 0))
        status = ms_error_set(error, MS_ERROR_IO, "cannot write %s: %s", path, strerror(errno));
    unlink(temporary);
    free(temporary);
    return status;
}

static ms_status run(const ms_arguments *arguments, ms_error *error)
{
    table t = {.out = stdout};
    const char *path = arguments->value[OPTION_OUTPUT];
    bool is_of_sweep = arguments->value[OPTION_SWEEP] != NULL;
    what of = arguments->value[OPTION_SNAPSHOTS]    ? SNAPSHOTS
              : arguments->value[OPTION_REPLICATES] ? REPLICATES
                                                    : CHAINS;
    if (is_of_sweep + (arguments->value[OPTION_SNAPSHOTS] != NULL) +
            (arguments->value[OPTION_REPLICATES] != NULL) >
        1)
        return ms_error_set(error, MS_ERROR_USAGE,
                            "export: --snapshots, --replicates and --sweep are mutually exclusive");
    ms_status status = ms_results_open(&t.results, arguments->operand, error);
    if (status != MS_OK)
        return status;
    if (is_of_sweep) {
        status = ms_export_sweep(t.results, path, error);
        ms_results_close(t.results, NULL);
        return status;
    }
    t.info = ms_results_get_info(t.results);
    t.axes = ms_report_axes(t.info, MS_FORMAT_CSV, t.axis);
    status = need_columns(&t, of, error);
    if (status == MS_OK)
        status = path ? export_to(path, &t, of, error) : print_table(&t, of, error);
    ms_results_close(t.results, NULL);
    return status;
}

const ms_command ms_command_export = {
    .name = "export",
    .operand = "FILE",
    .purpose =
        "Prints a results file as CSV, for tools that cannot read HDF5.\n\n"
        "A row for every computed chain: its point, how many iterations it was observed, and for each rule\n"
        "and mode when it was discovered (empty: it was not, the chain is censored).",
    .option =
        {[OPTION_OUTPUT] = {"output", 'o', "OUT", "write to this file (default: standard output)", false},
         [OPTION_SNAPSHOTS] = {"snapshots", 0, NULL,
                               "instead, a row for every chain and snapshot: what the sweep observes", false},
         [OPTION_REPLICATES] = {"replicates", 0, NULL, "instead, a row for every replicate of an estimator",
                                false},
         [OPTION_SWEEP] =
             {"sweep", 0, NULL,
              "instead, the sweep file; with -o, a new folder OUT with it and the files it names", false}},
    .example = "  modeseek export quickstart.h5 -o quickstart.csv",
    .run = run};
