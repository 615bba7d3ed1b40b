/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Slurm's accounts say of jobs, also of those that it has forgotten otherwise: one call of sacct. */
#ifndef MS_SLURM_ACCOUNTS_H
#define MS_SLURM_ACCOUNTS_H

#include <modeseek/status.h>
#include <stddef.h>
#include <stdint.h>

/* One start of a job: a job that was requeued has several. */
typedef struct ms_slurm_account {
    char job[32], name[64]; /* as in ms_slurm_job */
    char state[32];         /* how it ended; "RUNNING" ... */
    char cluster[64];
    int64_t start, end;    /* s since 1970; 0: not yet */
    double elapsed;        /* s, without those in which it was suspended */
    long processors;       /* as Slurm counts them: mostly hardware threads */
    int exit_code, signal; /* of the batch script: one of them, or both 0 */
} ms_slurm_account;

/* All starts of the jobs "12,13_4" of this cluster, in order of time; gives up after `seconds`.
 * @param accounts out: [*count], the caller frees it; of an array of which only the last task is asked for by
 * its number alone, there are all tasks
 * MS_ERROR_IO with the reason where there are no accounts, or they could not be asked. */
ms_status ms_slurm_get_accounts(const char *ids, double seconds, ms_slurm_account **accounts, size_t *count,
                                ms_error *error);

#endif
