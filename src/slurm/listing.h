/* SPDX-License-Identifier: GPL-3.0-or-later */
/* More of jobs than queue.h: what people want to know of them. One call of squeue. */
#ifndef MS_SLURM_LISTING_H
#define MS_SLURM_LISTING_H

#include "slurm/queue.h"

typedef struct ms_slurm_entry {
    ms_slurm_job job;
    char command[1024]; /* the batch script and the words behind it, without quotes; */
    char folder[512];   /* where it was submitted; */
    char log[512];      /* where its standard output goes: "" where that is not known */
    char cluster[64];
    long restarts;
    int exit_code, signal; /* of the batch script when it has ended: one of them, or both 0 */
} ms_slurm_entry;

/* As ms_slurm_find_jobs(), but gives up after `seconds`.
 * @param ids "12,13_4"; NULL: all, @param users of these users: "root,1000", all known to this host */
ms_status ms_slurm_list(const char *ids, const char *users, double seconds, ms_slurm_entry **entries,
                        size_t *count, ms_error *error);

#endif
