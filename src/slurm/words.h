/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slurm's words for states and reasons, in plain ones. */
#ifndef MS_SLURM_WORDS_H
#define MS_SLURM_WORDS_H

#include "slurm/queue.h"

/* What becomes of a job that waits. */
typedef enum ms_slurm_wait {
    MS_SLURM_WAITS,     /* it starts by itself */
    MS_SLURM_HELD,      /* when somebody has released it */
    MS_SLURM_IMPOSSIBLE /* not as it was submitted */
} ms_slurm_wait;

/* Why a job waits, in words that follow "job 17 waits: ", and what becomes of it. Reasons that are not known,
 * and Slurm gets new ones, count as MS_SLURM_WAITS; the words are then "". */
const char *ms_slurm_explain_reason(const char *reason, ms_slurm_wait *wait);

/* How a job ended, in words that follow "job 17 ": "was ended by its time limit". */
const char *ms_slurm_explain_end(const char *state);

/* "2026-11-25 14:05:00" in local time, as Slurm's commands have it; "an unknown time" for 0. */
typedef struct ms_slurm_time {
    char text[32];
} ms_slurm_time;
ms_slurm_time ms_slurm_format_time(int64_t seconds);

/* Whether the start that Slurm guesses for a job that waits is one: where it can tell none, it names one a
 * year ahead. */
bool ms_slurm_start_is_known(const ms_slurm_job *job);

/* A job on one line: "17: PENDING (Priority), expected to start at ...", "17_3: RUNNING on n[1-2] since ...,
 * ends at ... at the latest", "17: TIMEOUT at ..." */
void ms_slurm_describe(const ms_slurm_job *job, char *text, size_t size);

#endif
