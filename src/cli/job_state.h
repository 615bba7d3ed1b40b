/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_JOB_STATE_H
#define MS_JOB_STATE_H

#include "results/results.h"
#include "slurm/listing.h"

/* What Slurm says of the job that writes a file, or wrote it last. `{0}` before the first look. */
typedef struct ms_job_state {
    char text[640]; /* for people, on one line; "" where the file has no job of Slurm */
    bool is_known;  /* Slurm knows the job: */
    ms_slurm_entry entry;
    char name[64]; /* that was asked for, */
    double asked;  /* and when, by ms_clock() */
} ms_job_state;

/* Looks at it. Asks Slurm if the file has a job of Slurm, but of the same job only once a minute; waits for a
 * few seconds at most. @param last_start the line of the file's history; "": none */
void ms_job_state_look(ms_job_state *state, const ms_writer *writer, const char *last_start);

#endif
