/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Slurm says of jobs: one call of squeue. */
#ifndef MS_SLURM_QUEUE_H
#define MS_SLURM_QUEUE_H

#include "slurm/program.h"

#include <modeseek/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ms_slurm_job {
    char job[32];     /* as ms_slurm_self's */
    char name[64];    /* "12", "12_3"; of a heterogeneous job "12", "12+1", ... */
    char array[32];   /* the array's number; `job` where it is none */
    char state[32];   /* "PENDING", "RUNNING", "COMPLETED", ...: squeue(1), JOB STATE CODES */
    char reason[128]; /* why it is pending, or why it ended; "None" */
    char partition[64];
    char nodes[256]; /* on which it runs, "" if on none */
    char comment[512];
    long node_count, processors;
    int64_t submitted, start, end; /* s since 1970; 0: unknown. `start` of a pending job is Slurm's guess */
} ms_slurm_job;

/* Whether a job in that state will not run again by itself: it has ended, in whatever way. Requeued and
 * suspended jobs have not; an unknown word has not. */
bool ms_slurm_is_over(const char *state);
/* Whether nothing of the job runs now, but it will run, perhaps again. */
bool ms_slurm_is_waiting(const char *state);

/* The jobs of this cluster, also those that ended within Slurm's MinJobAge (mostly 5 minutes):
 * @param ids "12,13_4"
 * @param jobs out: [*count], a task of an array each; the caller frees it
 * Jobs that Slurm does not know any more are left out: so `*count` may be 0. MS_ERROR_IO with the reason
 * where Slurm could not be asked; then nothing is known. */
ms_status ms_slurm_find_jobs(const char *ids, ms_slurm_job **jobs, size_t *count, ms_error *error);

/* The same for the jobs of a user, by name or number; others' may be hidden (PrivateData). */
ms_status ms_slurm_find_jobs_of(const char *user, ms_slurm_job **jobs, size_t *count, ms_error *error);

/* The same without waiting, of the jobs `ids`. The question is the caller's until it is
 * answered: true, and then it is freed. ms_program_give_up() ends it before. */
ms_status ms_slurm_ask(const char *ids, ms_program **squeue, ms_error *error);
bool ms_slurm_answer(ms_program *squeue, ms_slurm_job **jobs, size_t *count, ms_status *status,
                     ms_error *error);

/* For other questions of this room, whose answers begin with the same fields: reads these; the verdict on an
 * answer, MS_OK also where the only job that was asked for is unknown by now. */
#define MS_SLURM_JOB_FIELDS 13
void ms_slurm_read_job(char *const field[MS_SLURM_JOB_FIELDS], ms_slurm_job *job);
ms_status ms_slurm_judge_answer(const ms_program_output *output, ms_error *error);

/* The job of that name; NULL if there is none. (Not by number: tasks of an array that wait have all the
 * array's.) */
const ms_slurm_job *ms_slurm_pick(const ms_slurm_job *jobs, size_t count, const char *name);

#endif
