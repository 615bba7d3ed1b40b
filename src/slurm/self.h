/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_SLURM_SELF_H
#define MS_SLURM_SELF_H

#include <stdbool.h>
#include <stdint.h>

/* The job in which this process runs, as the environment says. Words are "" where they are not known;
 * numbers 0. All are printable, and without spaces. */
typedef struct ms_slurm_self {
    bool is_inside; /* of a job at all */
    char job[32];   /* the number that no other job of the cluster has: of array tasks, too */
    char name[64];  /* what users and Slurm's commands call it: "12", "12_3" for a task of an array; the
                     * number of an array's last task alone would mean the whole array */
    char cluster[64];
    char partition[64];
    char nodes[256]; /* "n[1-3]", cut if it is longer */
    long node_count, tasks, restarts;
    bool is_step; /* of the job: srun has started this process, or mpirun's daemon above it */
    int64_t end;  /* of the job, s since 1970; Slurm 22.05 and older do not say it here */
} ms_slurm_self;

ms_slurm_self ms_slurm_get_self(void);

#endif
