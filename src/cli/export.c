/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/report.h"
#include "cli/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_OUTPUT, OPTION_SNAPSHOTS };

typedef struct table {
    FILE *out;
    ms_results *results;
    const ms_results_info *info;
    const volatile sig_atomic_t *stop; /* or NULL */
} table;

static void print_point(const table *t, size_t block, size_t chain)
{
    ms_block range = ms_results_block(t->results, block);
    char noise_level[32];
    ms_format_number(t->info->noise_level[range.point], noise_level, sizeof noise_level);
    fprintf(t->out, "%llu,%llu,%s,%llu,%zu", (unsigned long long)t->info->dimension[range.point],
            (unsigned long long)t->info->patch_size[range.point], noise_level,
            (unsigned long long)t->info->seed[range.point], range.first_chain + chain);
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

/* A row for each chain and snapshot. */
static void print_snapshots(const table *t, const ms_block_results *block)
{
    const double *distance = ms_block_double(block, "squared_distance");
    const double *responsibility = ms_block_double(block, "responsibility");
    for (size_t s = 0; s < t->info->snapshots; s++)
        for (size_t chain = 0; chain < block->chains; chain++) {
            size_t row = (s * block->chains + chain) * t->info->components;
            print_point(t, block->block, chain);
            fprintf(t->out, ",%llu", (unsigned long long)t->info->snapshot_iteration[s]);
            for (size_t i = 0; i < 2 * t->info->components; i++) {
                char number[32];
                ms_format_number(i < t->info->components ? distance[row + i]
                                                         : responsibility[row + i - t->info->components],
                                 number, sizeof number);
                fprintf(t->out, ",%s", number);
            }
            fputc('\n', t->out);
        }
}

static void print_head(const table *t, bool snapshots)
{
    fputs("dimension,patch_size,noise_level,seed,chain", t->out);
    if (snapshots) {
        fputs(",iteration", t->out);
        for (size_t i = 0; i < t->info->components; i++)
            fprintf(t->out, ",squared_distance_%zu", i);
        for (size_t i = 0; i < t->info->components; i++)
            fprintf(t->out, ",responsibility_%zu", i);
    } else {
        fputs(",observed", t->out);
        for (size_t rule = 0; rule < t->info->rules; rule++)
            for (size_t mode = 0; mode < t->info->modes; mode++)
                fprintf(t->out, ",%s_%llu", t->info->rule[rule], (unsigned long long)t->info->mode[mode]);
    }
    fputc('\n', t->out);
}

static ms_status need_columns(const table *t, bool snapshots, ms_error *error)
{
    ms_status status = ms_results_need_column(t->results, snapshots ? "squared_distance" : "observed", error);
    if (status == MS_OK && (snapshots || t->info->rules * t->info->modes > 0))
        status = ms_results_need_column(t->results, snapshots ? "responsibility" : "discovery_time", error);
    return status;
}

static ms_status print_table(const table *t, bool snapshots, ms_error *error)
{
    ms_status status = MS_OK;
    print_head(t, snapshots);
    for (size_t b = 0; status == MS_OK && b < t->info->blocks && !ferror(t->out); b++) {
        const ms_block_results *block;
        if (t->stop && *t->stop)
            return ms_error_set(error, MS_STOPPED, "stopped; nothing is exported");
        status = ms_results_read_block(t->results, b, &block, NULL, error);
        if (status == MS_OK && block->status == MS_BLOCK_DONE)
            (snapshots ? print_snapshots : print_times)(t, block);
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
static ms_status export_to(const char *path, table *t, bool snapshots, ms_error *error)
{
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
    ms_status status = print_table(t, snapshots, error);
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
    bool snapshots = arguments->value[OPTION_SNAPSHOTS] != NULL;
    ms_status status = ms_results_open(&t.results, arguments->operand, error);
    if (status != MS_OK)
        return status;
    t.info = ms_results_get_info(t.results);
    if (snapshots && t.info->snapshots == 0)
        status = ms_error_set(error, MS_ERROR_ARGUMENT, "%s has no snapshots", arguments->operand);
    else
        status = need_columns(&t, snapshots, error);
    if (status == MS_OK)
        status = path ? export_to(path, &t, snapshots, error) : print_table(&t, snapshots, error);
    ms_results_close(t.results, NULL);
    return status;
}

const ms_command ms_command_export = {
    .name = "export",
    .operand = "FILE",
    .purpose =
        "Prints a results file as CSV, for people without HDF5.\n\n"
        "A row for every computed chain: its point, how many iterations it was observed, and for each rule\n"
        "and mode when it was discovered (empty: it was not, the chain is censored).",
    .option =
        {[OPTION_OUTPUT] = {"output", 'o', "OUT", "write to this file (default: standard output)", false},
         [OPTION_SNAPSHOTS] = {"snapshots", 0, NULL,
                               "instead, a row for every chain and snapshot: distances and responsibilities",
                               false}},
    .example = "  modeseek export quickstart.h5 -o quickstart.csv",
    .run = run};
