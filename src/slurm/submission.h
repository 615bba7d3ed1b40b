/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Submits jobs for a results file once. FILE.submit holds a token that the jobs' comments begin with; it is
 * written before sbatch runs, because an sbatch that fails, is killed or does not answer may have submitted
 * all the same. */
#ifndef MS_SLURM_SUBMISSION_H
#define MS_SLURM_SUBMISSION_H

#include "slurm/queue.h"

typedef struct ms_submission {
    char token[48]; /* "modeseek-0123456789abcdef"; "": there is none */
    char user[64];  /* as squeue takes it */
    char host[64], cluster[64];
    unsigned long tasks;      /* of an array; 0: it is none */
    int64_t since;            /* ms since 1970 */
    char job[32], finish[32]; /* numbers; "" until sbatch has told them */
} ms_submission;

/* What FILE.submit of the results file `path` says, without waiting for anybody; false if there is none. */
bool ms_submission_look(const char *path, ms_submission *submission);

/* FILE.submit, while this process alone may change it. */
typedef struct ms_submission_file ms_submission_file;

/* Opens or makes FILE.submit and locks it; `last` is what stands in it. MS_ERROR_LOCKED: another submit is at
 * work. MS_ERROR_IO: it cannot be written, or is a file of something else. Programs that are run meanwhile
 * hold the lock, too: so it lives as long as an sbatch does whose parent has been killed. */
ms_status ms_submission_open(ms_submission_file **file, const char *path, ms_submission *last,
                             ms_error *error);

/* On disk when it returns. `*is_gone`: a job has removed the file meanwhile, and nothing is written: open it
 * anew. */
ms_status ms_submission_write(ms_submission_file *file, const ms_submission *submission, bool *is_gone,
                              ms_error *error);
void ms_submission_remove(const ms_submission_file *file);
void ms_submission_close(ms_submission_file *file); /* NULL: nothing */

/* A new one, by this user on this host, with a random token. */
ms_submission ms_submission_new(const char *cluster, unsigned long tasks);

/* Its jobs that are not over, as Slurm says: one that runs the sweep, and the one that finishes; `job` is ""
 * in those that there are not. While it is not known whether sbatch ended, some seconds are waited for them
 * to appear. MS_ERROR_IO: Slurm does not answer. */
ms_status ms_submission_find(const ms_submission *submission, ms_slurm_job *run, ms_slurm_job *finish,
                             ms_error *error);

/* Submits a script with sbatch's `options` (NULL-terminated) and writes the number of the job: also where
 * sbatch fails, and a job with the comment is found all the same. With `is_finish` it is the job that
 * finishes.
 * `*is_refused`: there is certainly none. MS_ERROR_IO, MS_ERROR_USAGE (Slurm does not want such a job). */
ms_status ms_submission_submit(const ms_submission *submission, bool is_finish, const char *script,
                               const char *const *options, char job[32], bool *is_refused, ms_error *error);

#endif
