/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slurm/accounts.h"

#include "slurm/program.h"
#include "slurm/table.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT "--format=JobIDRaw,JobID,State,Cluster,Start,End,ElapsedRaw,AllocCPUS,ExitCode"
#define FIELDS 9

static bool read_line(char *line, ms_slurm_account *account)
{
    char *field[FIELDS];
    if (!ms_slurm_cut(line, '|', FIELDS, field))
        return false;
    *account = (ms_slurm_account){.start = ms_slurm_number(field[4]),
                                  .end = ms_slurm_number(field[5]),
                                  .elapsed = (double)ms_slurm_number(field[6]),
                                  .processors = (long)ms_slurm_number(field[7])};
    field[2][strcspn(field[2], " ")] = '\0'; /* "CANCELLED by 1000" */
    ms_slurm_copy(field[0], account->job, sizeof account->job);
    ms_slurm_copy(field[1], account->name, sizeof account->name);
    ms_slurm_copy(field[2], account->state, sizeof account->state);
    ms_slurm_copy(field[3], account->cluster, sizeof account->cluster);
    char *end; /* "EXIT CODE:SIGNAL" */
    account->exit_code = (int)strtol(field[8], &end, 10);
    account->signal = *end == ':' ? (int)strtol(end + 1, NULL, 10) : 0;
    return true;
}

static int by_start(const void *a, const void *b)
{
    const ms_slurm_account *first = a, *second = b;
    int64_t x = first->start > 0 ? first->start : INT64_MAX,
            y = second->start > 0 ? second->start : INT64_MAX;
    return x < y ? -1 : x > y;
}

ms_status ms_slurm_get_accounts(const char *ids, double seconds, ms_slurm_account **accounts, size_t *count,
                                ms_error *error)
{
    const char *const words[] = {"sacct",       "--allocations", "--duplicates", "--allusers", "--noheader",
                                 "--parsable2", FORMAT,          "--jobs",       ids,          NULL};
    ms_program_output output;
    *accounts = NULL;
    *count = 0;
    ms_status status = ms_program_run(words, NULL, seconds, true, &output, error);
    if (status != MS_OK)
        return status;
    if (output.exit_code != 0)
        status = ms_error_set(error, MS_ERROR_IO, "sacct fails (exit code %d): %s", output.exit_code,
                              output.complaint);
    else if (!(*accounts = calloc(ms_slurm_count_lines(output.text), sizeof **accounts)))
        status = ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the jobs of sacct");
    char *rest = output.text, *line;
    while (status == MS_OK && (line = strtok_r(rest, "\n", &rest)))
        *count += read_line(line, &(*accounts)[*count]);
    if (*count > 0)
        qsort(*accounts, *count, sizeof **accounts, by_start);
    ms_program_output_free(&output);
    return status;
}
