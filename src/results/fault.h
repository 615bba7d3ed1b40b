/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Failures on purpose: in a build with MS_FAULTS, which only tests use, the n-th operation of this room that
 * can fail does. Otherwise these are the operations themselves. */
#ifndef MS_RESULTS_FAULT_H
#define MS_RESULTS_FAULT_H

#include <stdbool.h>
#include <stdlib.h>

typedef enum ms_fault_kind {
    MS_FAULT_WRITE,  /* into the results file or the lock file */
    MS_FAULT_READ,   /* from the results file */
    MS_FAULT_MEMORY, /* an allocation */
    MS_FAULT_SYNC,   /* fsync */
    MS_FAULT_MAKE,   /* opening, creating or renaming a file, or creating a dataset in it */
    MS_FAULT_COUNT
} ms_fault_kind;

#ifdef MS_FAULTS
/* True if the operation that is about to be done is to fail instead; counts it. Environment:
 *   MODESEEK_FAULT=N        the N-th operation (from 1) fails, and with it all that follow if it is a write:
 * a disk that is full stays full MODESEEK_FAULT_KIND=K   only operations of this kind count: write, read,
 * memory, sync or make MODESEEK_FAULT_RANK=R   only on rank R At exit, a process in which the fault came says
 * so in the file that MODESEEK_FAULT_LOG names. */
bool ms_fault(ms_fault_kind kind);
#else
static inline bool ms_fault(ms_fault_kind kind)
{
    (void)kind;
    return false;
}
#endif

static inline void *ms_calloc(size_t count, size_t size)
{
    return ms_fault(MS_FAULT_MEMORY) ? NULL : calloc(count, size);
}

/* An operation that returns a negative number when it fails; also for HDF5's identifiers. */
#define MS_TRY(kind, call) (ms_fault(kind) ? -1 : (call))

#endif
