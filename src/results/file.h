/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An open results file, shared by the sources of this room. */
#ifndef MS_RESULTS_FILE_H
#define MS_RESULTS_FILE_H

#include "results/layout.h"
#include "results/seal.h"
#include "results/task.h"

struct ms_results {
    char *path;
    hid_t file;
    hid_t dataset[MS_DATASET_COUNT]; /* open for the file's life; H5I_INVALID_HID where left out */
    ms_layout layout;
    ms_results_info info;

    bool writable, archive;
    bool parallel;
    MPI_Comm comm; /* a duplicate, if parallel */
    ms_task *task; /* that the file is open for, or NULL */

    /* of a parallel one, for guard.c */
    int descriptor;       /* -1: none */
    int broken;           /* errno of a failure after which it cannot be closed */
    bool has_number;      /* the path's device and inode are the descriptor's */
    uint64_t sealed_size; /* bytes of the file */
    double check_at;      /* when the sealed bytes are to be read again */

    /* what `info` points to */
    char *name, *identity, *sweep_yaml;
    uint64_t *mode, *snapshot_iteration, *point_iterations, *variant;
    double *weight, *variance;
    double *score_evaluations, *density_evaluations, *coordinate_updates, *pass_iterations; /* [points] */
    uint64_t *state_offset, *state_size;                                                    /* [blocks] */
    char (*rule_name)[MS_NAME_CHARACTERS], (*estimator_name)[MS_NAME_CHARACTERS];
    char (*validity)[MS_VALIDITY_MAX]; /* [points][estimators] */
    size_t *point_estimator;           /* [points] */
    char (*axis_name)[MS_NAME_CHARACTERS], (*column_name)[MS_NAME_CHARACTERS];
    char (*column_dimensions)[MS_NAME_CHARACTERS];
    void *axis_value[MS_SWEEP_AXES_MAX];
    ms_results_axis axis[MS_SWEEP_AXES_MAX];
    ms_column own_column[MS_COLUMNS_MAX]; /* those that this version does not know */

    ms_block *block;                 /* [blocks] */
    size_t *first_block;             /* [points + 1]: point p has blocks first_block[p]..first_block[p+1]-1 */
    ms_block_results *block_results; /* room for one slot, made when first needed, */
    ms_block_results *fitted;        /* and for one of another file */
};

/* An access list that takes no file locks (the lock file is ours, and not every file system has them) and
 * does not cache raw data (which another process may be writing). */
hid_t ms_file_access_list(void);

/* Opens the file; checks and reads everything but the slots. After a failure too `*results`, unless NULL, is
 * to be closed: by all ranks together, if `access` is collective. `access` stays the caller's. */
ms_status ms_file_open(ms_results **results, const char *path, unsigned flags, hid_t access, ms_error *error);
/* The same after a look at the seal, which keeps damaged files away from HDF5; with `force` its checksum may
 * be wrong. For a task, or NULL, which then must live as long as the file is open. */
ms_status ms_file_open_serial(ms_results **results, const char *path, unsigned flags, bool force,
                              ms_task *task, ms_error *error);
ms_status ms_file_close(ms_results *results, ms_error *error);

/* What has become of an open file and its name. MS_FATE_UNKNOWN: errno says why. */
typedef enum ms_file_fate {
    MS_FATE_SAME,
    MS_FATE_REMOVED,
    MS_FATE_MOVED,    /* it has another name */
    MS_FATE_REPLACED, /* the name leads to another file */
    MS_FATE_UNKNOWN
} ms_file_fate;
ms_file_fate ms_file_fate_of(int descriptor, const char *path);

/* Makes the file one that can be checked, on each rank. MS_ERROR_IO. */
ms_status ms_guard_begin(ms_results *results, ms_error *error);
/* The reason of a failure that MPI-IO does not tell: errno as the operating system gives it when asked again,
 * or as the failure has left it over, if that can be it; 0: not known. */
int ms_guard_reason(ms_results *results, int left_over);
#define MS_IO_ADVICE                                                                                         \
    "; what was already on disk is kept, and once the file system works again, the same command resumes"

/* Whether the file's point `own` is computed as the sweep's. MS_ERROR_MISMATCH. */
ms_status ms_file_match_estimator(const ms_results *results, size_t own, const ms_sweep *sweep, size_t point,
                                  ms_error *error);

/* MS_ERROR_MISMATCH unless the file is of this sweep. */
ms_status ms_file_match(const ms_results *results, const ms_sweep *sweep, ms_error *error);

/* A point's value of an axis of the file. */
ms_point_value ms_file_axis_value(const ms_results *results, size_t axis, size_t point);

/* The whole of a dataset, to or from `values` in memory of its layout's size. */
ms_status ms_dataset_read(const ms_results *results, ms_dataset dataset, void *values, ms_error *error);
ms_status ms_dataset_write(const ms_results *results, ms_dataset dataset, const void *values,
                           ms_error *error);

/* The lines of /provenance/start or /provenance/source: MS_START_MAX bytes each, a NUL at the end of each
 * made sure. The caller frees `*lines`. */
ms_status ms_lines_read(const ms_results *results, ms_dataset dataset, char (**lines)[MS_START_MAX],
                        size_t *count, ms_error *error);

/* A new file, whole or not at all: made under a temporary name, filled, sealed, synced, given its name. */
typedef struct ms_new_file {
    const ms_sweep *sweep;
    const struct ms_kept_numbers *numbers; /* what the sweep does not know; NULL: it does */
    const ms_inputs *inputs;               /* or NULL */
    size_t starts, sources; /* lines of /provenance/start, at least MS_STARTS, and of /provenance/source */
    bool archive;           /* compressed, only for reading */
    bool replace;           /* the file that has the name now */
    const char *versions, *created_at; /* NULL: of this program, now */
    ms_task *task;                     /* its first half, if there is `fill`, is what comes before that */
    ms_status (*fill)(ms_results *new_file, void *argument, ms_error *error); /* or NULL */
    void *argument;
} ms_new_file;
ms_status ms_new_file_make(const char *path, const ms_new_file *new_file, ms_error *error);
/* Removes what killed jobs have left behind under temporary names; under the lock. */
void ms_new_file_clean(const char *path);

ms_status ms_block_results_alloc_shape(const ms_layout *layout, size_t chains, ms_block_results **results,
                                       ms_error *error);
/* results->block_results, allocated if need be. */
ms_status ms_file_block_results(ms_results *results, ms_block_results **block_results, ms_error *error);

/* Reads or writes the part of a slot that lies in `dataset`, for `block`. */
ms_status ms_slot_read(ms_results *results, ms_dataset dataset, size_t block, void *values, ms_error *error);
ms_status ms_slot_write(ms_results *results, ms_dataset dataset, size_t block, const void *values,
                        ms_error *error);

/* Selects `count` values from `first` on of a dataset of rank 1 (bytes of the states). */
ms_status ms_bytes_read(ms_results *results, ms_dataset dataset, uint64_t first, size_t count, void *values,
                        ms_error *error);
ms_status ms_bytes_write(ms_results *results, ms_dataset dataset, uint64_t first, size_t count,
                         const void *values, ms_error *error);

/* Writes a whole slot as it stands, the commit record last. */
ms_status ms_slot_store(ms_results *results, const ms_block_results *slot, ms_error *error);

/* MS_ERROR_FORMAT unless a chain has the same numbers in both files. Equal identities do not tell: in a
 * damaged file the identity need not be that of its extents. */
ms_status ms_slots_compare(const ms_results *from, const ms_results *to, ms_error *error);

/* Whether a done block with that budget is the beginning of another with a larger one, in the chains that
 * both have. */
bool ms_block_results_part(const ms_block_results *part, uint64_t budget, const ms_block_results *whole);

/* A slot of another file, with as many coordinates as this one has; `*fitted` is it or, until the next call,
 * room of the file `to`. */
ms_status ms_slot_fit(const ms_block_results *slot, ms_results *to, const ms_block_results **fitted,
                      ms_error *error);

/* Copies a block to block `to_block` of another file: its newest valid state, its provenance, and `slot`,
 * unless NULL, which has been loaded from it. */
ms_status ms_block_copy(ms_results *from, size_t from_block, ms_results *to, size_t to_block,
                        const ms_block_results *slot, bool *has_state, ms_error *error);
/* Copies starts and sources between files with equal numbers of lines. */
ms_status ms_history_copy(const ms_results *from, ms_results *to, ms_error *error);
/* Appends the lines that are not empty to `to`, which has room for `room` more; `*count` of them. */
ms_status ms_lines_copy(const ms_results *from, ms_dataset dataset, char (*to)[MS_START_MAX], size_t room,
                        size_t *count, ms_error *error);

/* The checksum in the commit record: over the slot as it is in the file, then block number, generation,
 * status and format version, so that no part of a record can be changed unnoticed. */
uint32_t ms_slot_checksum(const ms_block_results *block, uint32_t generation, uint32_t format_version);

/* Whether times and numbers of iterations can be those of a run of `iterations` iterations. */
/* Commit records of consecutive blocks whose slots stand as they are. @param commit [count] */
ms_status ms_commits_write(ms_results *results, size_t first, size_t count,
                           const uint32_t (*commit)[MS_COMMIT_FIELDS], ms_error *error);
bool ms_slot_plausible(const ms_block_results *block, bool is_direct, uint64_t iterations);

/* Reads a slot and checks it against its commit record; status MS_BLOCK_NOT_DONE where that fails, and then
 * `*torn` (may be NULL) tells whether there was a record. */
ms_status ms_slot_load(ms_results *results, size_t block, ms_block_results *block_results, bool *torn,
                       ms_error *error);

/* Books what unfinished blocks lost when the last job was killed. */
ms_status ms_attempts_account(ms_results *results, int64_t last_sign, ms_error *error);

/* Says in the layout how many there are, and how large they are. */
void ms_inputs_size(const ms_inputs *inputs, ms_layout *layout);
/* Writes them to a new file, which has been made with them. */
ms_status ms_inputs_write(ms_results *to, const ms_inputs *inputs, ms_error *error);

/* The text of the provenance: a JSON object on one line. */
void ms_provenance_versions(char *text, size_t size);
void ms_provenance_start(int ranks, char *text, size_t size);
/* The time, "2026-01-31T23:59:59Z". */
void ms_provenance_time(char text[MS_TIME_MAX]);
/* A file that this one was merged from; `starts` lines of /provenance/start are its own. */
void ms_provenance_source(const char *path, size_t starts, const char *versions, char *text, size_t size);

#endif
