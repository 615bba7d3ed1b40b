/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The farm: rank 0 hands blocks to every rank, itself included; each computes and writes its own.
 * Only this room and results call MPI_*. */
#ifndef MS_FARM_H
#define MS_FARM_H

#include "farm/display.h"
#include "results/results.h"
#include "sweep/sweep.h"

#include <mpi.h>
#include <signal.h>

/* In which order blocks are handed out; the results do not depend on it. */
typedef enum ms_order { MS_ORDER_LONGEST, MS_ORDER_SHORTEST, MS_ORDER_INDEX } ms_order;

/* What the flag `stop` may be set to. MS_STOP_ORPHAN: what has started this rank is gone, so that nobody
 * would tell the others when it dies, and MPI_Finalize() would wait for it for ever. */
enum { MS_STOP_ASKED = 1, MS_STOP_ORPHAN };

typedef struct ms_farm_params {
    MPI_Comm comm;
    ms_order order;
    ms_simd simd;
    const volatile sig_atomic_t *stop; /* set by a signal handler: stop cleanly */
    ms_display *progress;              /* NULL: silent; only rank 0 writes */
    ms_lock *lock;                     /* of the results file, for signs of life; rank 0's, may be NULL */
    double checkpoint_seconds;         /* between saved states of a block in work */
    bool discard_states;               /* do not keep those of finished blocks with censored chains */
    /* Whether to stop cleanly now, for want of time; NULL: never. Rank 0 asks it many times a second.
     * `notice`: seconds that the slowest rank needs, as measured, until it hears of that and has saved. */
    bool (*is_time)(void *time, double notice);
    void *time;
    double rank_timeout; /* seconds after which a silent rank counts as hanging; 0: never */
    const bool *wanted;  /* [blocks] only these; NULL: all; only rank 0's counts */
} ms_farm_params;

typedef struct ms_farm_report {
    size_t blocks; /* wanted ones, and so all below; 0: it did not come to counting them */
    size_t already_done;
    size_t done;        /* now */
    size_t failed;      /* in the file, now and before, quarantined ones among them */
    size_t quarantined; /* in the file: given up, because their ranks crashed */
    size_t not_needed;  /* of those done: points' intervals were narrow enough without them */
    size_t wide;    /* points whose intervals are wider than they should be, though nothing is left to do */
    size_t resumed; /* begun from a saved state */
    double seconds;
} ms_farm_report;

/* Computes every wanted block of the sweep that is not done in `results`, from its saved state if it has one.
 * Collective; the status is the same on all ranks, the report is filled on rank 0. MS_OK all done;
 * MS_ERROR_POINTS some blocks failed or are quarantined; MS_STOPPED stopped by `stop` on any rank or by
 * `is_time`, MS_ERROR_RANK by MS_STOP_ORPHAN, the states of blocks in work saved; MS_ERROR_IO and others: the
 * job ended, what was committed is in the file. When a rank hangs, no collective way back is left: the others
 * save what they can, and MPI_Abort ends the job with the exit code of MS_ERROR_RANK. */
ms_status ms_farm_run(const ms_sweep *sweep, ms_results *results, const ms_farm_params *params,
                      ms_farm_report *report, ms_error *error);

#endif
