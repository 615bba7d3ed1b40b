/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The share of a sweep that one of several jobs computes: --share I/N. */
#ifndef MS_JOB_SHARE_H
#define MS_JOB_SHARE_H

#include "sweep/sweep.h"

typedef struct ms_job_share {
    size_t number, count; /* from 1; 0 of 0 is the whole sweep */
    char label[64];       /* for people: "share 2 of 4: ", or "" */
    bool *wanted;         /* [blocks] those of the share; NULL: all, or not found yet */
} ms_job_share;

/* Reads "I/N"; NULL is the whole sweep. MS_ERROR_USAGE. */
ms_status ms_job_share_read(ms_job_share *share, const char *word, ms_error *error);
/* Finds the blocks of the share, for ms_job_share_free(). MS_ERROR_MEMORY. */
ms_status ms_job_share_find(ms_job_share *share, const ms_sweep *sweep, ms_error *error);
void ms_job_share_free(ms_job_share *share);

#endif
