/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slurm/queue.h"

#include "slurm/program.h"
#include "slurm/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS 30.0 /* slurmctld may be slow; squeue itself gives up later */

bool ms_slurm_is_over(const char *state)
{
    static const char *const over[] = {"COMPLETED", "FAILED",   "CANCELLED",     "TIMEOUT",   "NODE_FAIL",
                                       "PREEMPTED", "DEADLINE", "OUT_OF_MEMORY", "BOOT_FAIL", "REVOKED"};
    for (size_t i = 0; i < sizeof over / sizeof *over; i++)
        if (strcmp(state, over[i]) == 0)
            return true;
    return false;
}

bool ms_slurm_is_waiting(const char *state)
{
    static const char *const waiting[] = {"PENDING",     "REQUEUED",     "REQUEUE_HOLD",
                                          "REQUEUE_FED", "SPECIAL_EXIT", "RESV_DEL_HOLD"};
    for (size_t i = 0; i < sizeof waiting / sizeof *waiting; i++)
        if (strcmp(state, waiting[i]) == 0)
            return true;
    return false;
}

/* In this order on a line, apart by '|'; comments may hold one, and come last. */
#define FORMAT "--format=%A|%i|%F|%T|%r|%P|%N|%D|%C|%V|%S|%e|%k"

void ms_slurm_read_job(char *const field[MS_SLURM_JOB_FIELDS], ms_slurm_job *job)
{
    *job = (ms_slurm_job){.node_count = (long)ms_slurm_number(field[7]),
                          .processors = (long)ms_slurm_number(field[8]),
                          .submitted = ms_slurm_number(field[9]),
                          .start = ms_slurm_number(field[10]),
                          .end = ms_slurm_number(field[11])};
    ms_slurm_copy(field[0], job->job, sizeof job->job);
    ms_slurm_copy(field[1], job->name, sizeof job->name);
    char *part = strchr(job->name, '+'); /* of a heterogeneous job, whose first one stands for all */
    if (part && strcmp(part, "+0") == 0)
        *part = '\0';
    ms_slurm_copy(field[2], job->array, sizeof job->array);
    ms_slurm_copy(field[3], job->state, sizeof job->state);
    ms_slurm_copy(field[4], job->reason, sizeof job->reason);
    ms_slurm_copy(field[5], job->partition, sizeof job->partition);
    ms_slurm_copy(field[6], job->nodes, sizeof job->nodes);
    ms_slurm_copy(field[12], job->comment, sizeof job->comment);
}

ms_status ms_slurm_judge_answer(const ms_program_output *output, ms_error *error)
{
    if (output->exit_code == 0 || strstr(output->complaint, "Invalid job id specified"))
        return MS_OK;
    return ms_error_set(error, MS_ERROR_IO, "squeue fails (exit code %d): %s", output->exit_code,
                        output->complaint);
}

static ms_status read_jobs(char *text, ms_slurm_job **jobs, size_t *count, ms_error *error)
{
    *count = 0;
    *jobs = calloc(ms_slurm_count_lines(text), sizeof **jobs);
    if (!*jobs)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the jobs of squeue");
    char *rest = text, *line, *field[MS_SLURM_JOB_FIELDS];
    while ((line = strtok_r(rest, "\n", &rest)))
        if (ms_slurm_cut(line, '|', MS_SLURM_JOB_FIELDS, field))
            ms_slurm_read_job(field, &(*jobs)[(*count)++]);
    return MS_OK;
}

/* The command's words, NULL-terminated; the values are the caller's. */
#define COMMAND(option, value)                                                                               \
    {                                                                                                        \
        "squeue", "--noheader", "--all", "--array", "--states=all", FORMAT, option, value, NULL              \
    }

static ms_status read_answer(ms_program_output *output, ms_slurm_job **jobs, size_t *count, ms_error *error)
{
    ms_status status = ms_slurm_judge_answer(output, error);
    if (status == MS_OK)
        status = read_jobs(output->text, jobs, count, error);
    ms_program_output_free(output);
    return status;
}

static ms_status find(const char *const *words, ms_slurm_job **jobs, size_t *count, ms_error *error)
{
    ms_program_output output;
    *jobs = NULL;
    *count = 0;
    ms_status status = ms_program_run(words, NULL, SECONDS, true, &output, error);
    return status == MS_OK ? read_answer(&output, jobs, count, error) : status;
}

ms_status ms_slurm_find_jobs(const char *ids, ms_slurm_job **jobs, size_t *count, ms_error *error)
{
    const char *const words[] = COMMAND("--jobs", ids);
    return find(words, jobs, count, error);
}

ms_status ms_slurm_find_jobs_of(const char *user, ms_slurm_job **jobs, size_t *count, ms_error *error)
{
    const char *const words[] = COMMAND("--user", user);
    return find(words, jobs, count, error);
}

ms_status ms_slurm_ask(const char *ids, ms_program **squeue, ms_error *error)
{
    const char *const words[] = COMMAND("--jobs", ids);
    return ms_program_start(squeue, words, SECONDS, true, error);
}

bool ms_slurm_answer(ms_program *squeue, ms_slurm_job **jobs, size_t *count, ms_status *status,
                     ms_error *error)
{
    ms_program_output output;
    *jobs = NULL;
    *count = 0;
    if (!ms_program_look(squeue, &output, status, error))
        return false;
    if (*status == MS_OK)
        *status = read_answer(&output, jobs, count, error);
    return true;
}

const ms_slurm_job *ms_slurm_pick(const ms_slurm_job *jobs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(jobs[i].name, name) == 0)
            return &jobs[i];
    return NULL;
}
