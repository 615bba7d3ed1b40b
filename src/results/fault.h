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
/* True if the operation that is about to be done is to fail instead; counts it. */
bool ms_fault(ms_fault_kind kind);
/* From now on operation number `number`, from 1, fails; 0: none. With `stays`, so do all writes after it: a
 * disk that is full stays full. */
void ms_fault_arm(long number, bool stays);
/* Whether it has come to that. */
bool ms_fault_came(void);
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
