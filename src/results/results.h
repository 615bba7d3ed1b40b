/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The results file: created whole under a temporary name and renamed, then only fixed slots are written, by
 * any rank independently, a slot's commit record last. Only this room calls H5*. docs/results-file.md
 * documents every dataset. */
#ifndef MS_RESULTS_H
#define MS_RESULTS_H

#include "sweep/sweep.h"

#include <mpi.h>

#define MS_RESULTS_FORMAT_VERSION 1
#define MS_FAILURE_MAX            128 /* bytes of a failure's reason, NUL included */

typedef struct ms_results ms_results;

typedef enum ms_block_status {
    MS_BLOCK_NOT_DONE = 0,
    MS_BLOCK_DONE = 1,
    MS_BLOCK_FAILED = 2
} ms_block_status;

/* The results of one block, in the memory layout of its slot. Allocated once for the largest block. */
typedef struct ms_block_results {
    size_t block;
    ms_block_status status;
    char failure[MS_FAILURE_MAX]; /* why, when MS_BLOCK_FAILED; else "" */
    size_t chains;
    int64_t *time;            /* [chains][rules][modes], MS_CENSORED where not discovered */
    uint64_t *observed;       /* [chains] iterations observed */
    double *squared_distance; /* [snapshots][chains][components] */
    double *responsibility;   /* [snapshots][chains][components], un-smoothed target */
    /* provenance: not part of the result, differs between runs of the same sweep */
    double seconds;
    int rank;
} ms_block_results;

ms_status ms_block_results_alloc(const ms_sweep *sweep, ms_block_results **results, ms_error *error);
void ms_block_results_free(ms_block_results *results);

/* Bytes the file will have; for `plan` and for the check of free space. */
double ms_results_size(const ms_sweep *sweep);

/* Creates the file with all its metadata, every slot allocated and empty: serially, under a temporary name
 * in the same folder, synced to disk, then renamed to `path`. Called by one rank alone. Fails with
 * MS_ERROR_IO (and leaves nothing behind) when the folder cannot be written or the disk is full. */
ms_status ms_results_create(const char *path, const ms_sweep *sweep, ms_error *error);

/* MS_OK when the file at `path` holds this very sweep; MS_ERROR_MISMATCH with the first differing key,
 * MS_ERROR_FORMAT (not a results file, or a damaged one), MS_ERROR_IO otherwise. Serial. */
ms_status ms_results_match(const char *path, const ms_sweep *sweep, ms_error *error);

/* Writes a line about this start of the program (time, host, ranks, Slurm job, version) into the provenance.
 * Serial, by one rank, under the lock and before ms_results_open_parallel(). */
ms_status ms_results_record_start(const char *path, int ranks, ms_error *error);

/* Opens the file for writing by all ranks of `comm`: collective; status and message are the same on all
 * ranks, those of the lowest rank that failed. Rank 0 checks the file against the sweep beforehand. */
ms_status ms_results_open_parallel(ms_results **results, const char *path, const ms_sweep *sweep,
                                   MPI_Comm comm, ms_error *error);
/* Opens a file for reading; serial; works while a job writes. */
ms_status ms_results_open(ms_results **results, const char *path, ms_error *error);
/* Collective if the open was. NULL is allowed (on all ranks, if collective). Returns an error when buffered
 * data could not be written. */
ms_status ms_results_close(ms_results *results, ms_error *error);

/* Writes a block's slot and, after it, its commit record. Independent: any rank, any time. Of a failed block
 * only the reason is written, its results become "not computed". MS_ERROR_IO; MS_ERROR_ARGUMENT for a block
 * the file does not have; MS_ERROR_INTERNAL for times beyond the budget. */
ms_status ms_results_write(ms_results *results, const ms_block_results *block, ms_error *error);

/* What the file holds. Strings and arrays belong to `results`. */
typedef struct ms_results_info {
    const char *name, *path;
    const char *sweep_yaml, *identity;
    uint32_t format_version;
    size_t points, chains, rules, modes, components, snapshots, blocks, block_chains;
    uint64_t iterations;                           /* budget */
    const uint64_t *dimension, *patch_size, *seed; /* [points] */
    const double *noise_level;                     /* [points] */
    const uint64_t *snapshot_iteration;            /* [snapshots] */
    const double *weight;                          /* [components] */
} ms_results_info;
const ms_results_info *ms_results_get_info(const ms_results *results);

/* The state of every block. Independent; reads the whole slots of committed blocks, to check them.
 * @param status out [blocks] */
ms_status ms_results_block_status(ms_results *results, ms_block_status *status, ms_error *error);
/* The reason of a failed block. */
ms_status ms_results_failure(ms_results *results, size_t block, char reason[MS_FAILURE_MAX], ms_error *error);

/* Reads the committed chains of a point: `time` [chains][rules][modes], `observed` [chains] hold the chains
 * of done blocks one after another, `*chains` says how many. Both have room for all chains of the point;
 * either may be NULL. Slots whose checksum is wrong count as not done. */
ms_status ms_results_read_point(ms_results *results, size_t point, int64_t *time, uint64_t *observed,
                                size_t *chains, ms_error *error);
/* The snapshots of the same chains: squared_distance and responsibility [snapshots][*chains][components],
 * with room for all chains of the point; either may be NULL. While a job writes, `*chains` may be larger than
 * it was in ms_results_read_point(). */
ms_status ms_results_read_snapshots(ms_results *results, size_t point, double *squared_distance,
                                    double *responsibility, size_t *chains, ms_error *error);

/* For people: seconds spent on the blocks that are done, and the last start of the program on this file, a
 * JSON object on one line ("" if there was none). */
ms_status ms_results_history(ms_results *results, double *seconds, char *last_start, size_t size,
                             ms_error *error);

/* "HDF5 1.10.8" */
void ms_results_library(char *text, size_t size);

/* One writer: an flock on PATH.lock with host, pid and job inside. MS_ERROR_LOCKED says who holds it. The
 * lock goes with the process. */
typedef struct ms_lock ms_lock;
ms_status ms_lock_acquire(ms_lock **lock, const char *path, ms_error *error);
void ms_lock_release(ms_lock *lock);

#endif
