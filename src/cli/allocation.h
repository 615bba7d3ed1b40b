/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time that a run has, by its walltime or by the Slurm job that it runs in, and the ranks it was to get.
 */
#ifndef MS_ALLOCATION_H
#define MS_ALLOCATION_H

#include "slurm/end.h"

#include <stdbool.h>

typedef struct ms_allocation {
    ms_slurm_self self;
    ms_slurm_end *end;      /* of the job; NULL: nobody asks for it */
    double began, walltime; /* by ms_clock(), and in seconds from then; 0: none was given */
    double told;            /* when it will stop, as people have been told; NAN: nothing yet */
    bool quiet;
} ms_allocation;

/* `walltime`, the option's word, overrides the job's end; NULL: not given. `asks`: whether to ask Slurm,
 * which is for rank 0 alone. The allocation must be ended, also after an error. MS_ERROR_USAGE,
 * MS_ERROR_MEMORY. */
ms_status ms_allocation_begin(ms_allocation *allocation, const char *walltime, bool asks, bool quiet,
                              ms_error *error);
void ms_allocation_end(ms_allocation *allocation);

/* Inside Slurm a line about the job and when the run will stop, on standard error; and what is wrong with the
 * number of ranks. */
void ms_allocation_describe(ms_allocation *allocation, int ranks);

/* For ms_farm_params: whether to stop, for want of time. `argument` is an ms_allocation. */
bool ms_allocation_is_over(void *argument, double notice);

/* MPI finds its ranks by the launcher's PMI. Before MPI begins, which may end the program where there is
 * none, and else leaves signs of one: says so, and returns how many tasks are without; 0: all is well. */
long ms_launch_begin(void);
/* After it: MS_ERROR_USAGE where each of these tasks would run for itself; the first alone has a message. */
ms_status ms_launch_check(long tasks, int ranks, ms_error *error);

#endif
