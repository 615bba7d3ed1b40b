/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slurm/listing.h"

#include "base/text.h"
#include "slurm/program.h"
#include "slurm/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In this order on a line, first those of ms_slurm_read_job(); apart by what no comment, path or command has
 * in it. */
#define UNIT "\x1f"
#define FORMAT                                                                                               \
    "JobID:" UNIT ",JobArrayID:" UNIT ",ArrayJobID:" UNIT ",State:" UNIT ",Reason:" UNIT ",Partition:" UNIT  \
    ",NodeList:" UNIT ",NumNodes:" UNIT ",NumCPUs:" UNIT ",SubmitTime:" UNIT ",StartTime:" UNIT              \
    ",EndTime:" UNIT ",Comment:" UNIT ",Command:" UNIT ",WorkDir:" UNIT ",STDOUT:" UNIT ",Cluster:" UNIT     \
    ",RestartCnt:" UNIT ",exit_code:" UNIT ",Name:" UNIT
#define FIELDS 20

/* squeue has the pattern of sbatch's --output as it was given. */
static void fill_in_log(const char *pattern, const char *name, ms_slurm_entry *entry)
{
    const char *task = strchr(entry->job.name, '_');
    size_t length = 0;
    for (const char *at = pattern; *at && length + 1 < sizeof entry->log; at++) {
        const char *word = *at != '%'             ? NULL
                           : at[1] == 'j'         ? entry->job.job
                           : at[1] == 'A'         ? entry->job.array
                           : at[1] == 'a' && task ? task + 1
                           : at[1] == 'x'         ? name
                           : at[1] == '%'         ? "%"
                                                  : NULL;
        if (word)
            at++;
        int added = snprintf(entry->log + length, sizeof entry->log - length, "%.*s",
                             word ? (int)sizeof entry->log : 1, word ? word : at);
        length += added > 0 ? (size_t)added : 0;
    }
    ms_make_printable(entry->log);
}

static bool read_line(char *line, ms_slurm_entry *entry)
{
    char *field[FIELDS];
    if (!ms_slurm_cut(line, UNIT[0], FIELDS, field))
        return false;
    int64_t wait_status = ms_slurm_number(field[18]);
    *entry = (ms_slurm_entry){.restarts = (long)ms_slurm_number(field[17]),
                              .exit_code = (int)(wait_status >> 8 & 0xFF),
                              .signal = (int)(wait_status & 0x7F)};
    ms_slurm_read_job(field, &entry->job);
    ms_slurm_copy(field[13], entry->command, sizeof entry->command);
    ms_slurm_copy(field[14], entry->folder, sizeof entry->folder);
    fill_in_log(field[15], field[19], entry);
    ms_slurm_copy(field[16], entry->cluster, sizeof entry->cluster);
    return true;
}

static ms_status read_lines(char *text, ms_slurm_entry **entries, size_t *count, ms_error *error)
{
    *entries = calloc(ms_slurm_count_lines(text), sizeof **entries);
    if (!*entries)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the jobs of squeue");
    char *rest = text, *line;
    while ((line = strtok_r(rest, "\n", &rest)))
        *count += read_line(line, &(*entries)[*count]);
    return MS_OK;
}

ms_status ms_slurm_list(const char *ids, const char *users, double seconds, ms_slurm_entry **entries,
                        size_t *count, ms_error *error)
{
    const char *words[12] = {"squeue", "--noheader", "--all", "--array", "--states=all", "--Format=" FORMAT};
    size_t n = 6;
    if (ids) {
        words[n++] = "--jobs";
        words[n++] = ids;
    }
    if (users) {
        words[n++] = "--user";
        words[n++] = users;
    }
    ms_program_output output;
    *entries = NULL;
    *count = 0;
    ms_status status = ms_program_run(words, NULL, seconds, true, &output, error);
    if (status != MS_OK)
        return status;
    status = ms_slurm_judge_answer(&output, error);
    if (status == MS_OK)
        status = read_lines(output.text, entries, count, error);
    ms_program_output_free(&output);
    return status;
}
