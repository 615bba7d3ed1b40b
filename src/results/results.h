/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The results file: created whole under a temporary name and renamed, then only fixed slots are written, by
 * any rank independently, a slot's commit record last. No room above calls H5*. docs/results-file.md
 * documents every dataset. */
#ifndef MS_RESULTS_H
#define MS_RESULTS_H

#include "base/blas.h"
#include "base/column.h"
#include "sweep/columns.h"
#include "sweep/sweep.h"

#include <mpi.h>

#define MS_RESULTS_FORMAT_VERSION 2
#define MS_FAILURE_MAX            128   /* bytes of a failure's reason, NUL included */
#define MS_START_MAX              1024u /* bytes of a start of the program, or of a source, NUL included */

typedef struct ms_results ms_results;

typedef enum ms_block_status {
    MS_BLOCK_NOT_DONE = 0,
    MS_BLOCK_DONE = 1,
    MS_BLOCK_FAILED = 2,
    MS_BLOCK_QUARANTINED = 3, /* its rank crashed again and again: skipped */
    MS_BLOCK_NOT_NEEDED = 4   /* the blocks before it have made the point's intervals narrow enough */
} ms_block_status;

/* The results of one block, in the memory layout of its slot: of each column the values of all its extents,
 * in the order given, with the block's chains in the place of CHAIN. Allocated once for the largest block. */
typedef struct ms_block_results {
    size_t block;
    ms_block_status status;
    char failure[MS_FAILURE_MAX]; /* why, when failed or quarantined; else "" */
    size_t chains;
    size_t extent[MS_EXTENT_COUNT]; /* but CHAIN, which is `chains` */
    size_t columns;
    const ms_column *column[MS_COLUMNS_MAX];
    void *value[MS_COLUMNS_MAX]; /* of each column int64_t, uint64_t or double, as its type says */
    /* provenance: not part of the result, differs between runs of the same sweep */
    double seconds; /* of CPU time */
    int rank;
} ms_block_results;

/* The values of a column, or NULL where there is none of that name and type. */
int64_t *ms_block_int64(const ms_block_results *results, const char *column);
double *ms_block_double(const ms_block_results *results, const char *column);

/* Number of values of a column, and its extents before and after the chain, multiplied: value i of a chain's
 * row `o` is [(o * chains + chain) * inner + i]. */
typedef struct ms_column_shape {
    size_t outer, inner;
} ms_column_shape;
size_t ms_block_column_values(const ms_block_results *results, size_t column);
ms_column_shape ms_block_column_shape(const ms_block_results *results, size_t column);

/* Makes `count` values of a column, or all of all columns, "not computed". */
void ms_column_clear(const ms_column *column, void *values, size_t count);
void ms_block_results_clear(ms_block_results *results);

/* Work that takes long asks this between its pieces, many times a second: whether to give it up. Then it
 * returns MS_STOPPED, and what it was making is removed. `doing` ("creating"), `path` and how much of it is
 * `done`, 0 to 1, are for people. Where one may be given NULL is allowed: nobody is asked. */
typedef struct ms_monitor {
    bool (*stops)(void *argument, const char *doing, const char *path, double done);
    void *argument;
} ms_monitor;

ms_status ms_block_results_alloc(const ms_sweep *sweep, ms_block_results **results, ms_error *error);
void ms_block_results_free(ms_block_results *results);

/* Bytes the file will have, without the room for saved states; for `plan` and for the check of free space. */
double ms_results_size(const ms_sweep *sweep);
/* Bytes of the room for saved states. They take up disk only where a state has been saved. */
double ms_results_state_room(const ms_sweep *sweep);

/* Creates the file with all its metadata, every slot allocated and empty: serially, under a temporary name
 * in the same folder, synced to disk, then renamed to `path`. Called by one rank alone. Fails with
 * MS_ERROR_IO (and leaves nothing behind) when the folder cannot be written or the disk is full. */
ms_status ms_results_create(const char *path, const ms_sweep *sweep, const ms_monitor *monitor,
                            ms_error *error);

/* Writes a line about this start of the program (time, host, ranks, Slurm job, version) into the provenance,
 * and books the work that was lost when the last job ended, for that was killed if blocks were in work.
 * Serial, by one rank, under the lock and before ms_results_open_parallel().
 * @param last_sign when the last job gave its last sign of life, ms since 1970, from ms_lock_acquire() */
ms_status ms_results_record_start(const char *path, int ranks, int64_t last_sign, ms_error *error);

/* By which BLAS, on which type of processor, a file was computed, going by its starts: each once, the first
 * few. */
#define MS_BLAS_NAMES_MAX 4
typedef struct ms_blas_names {
    char name[MS_BLAS_NAMES_MAX][MS_BLAS_NAME_MAX];
    size_t count;
} ms_blas_names;
ms_status ms_results_blas_names(const char *path, ms_blas_names *names, ms_error *error);

/* Opens the file for writing by all ranks of `comm`: collective; status and message are the same on all
 * ranks, those of the lowest rank that failed. Rank 0 checks the file against the sweep beforehand. */
ms_status ms_results_open_parallel(ms_results **results, const char *path, const ms_sweep *sweep,
                                   MPI_Comm comm, ms_error *error);
/* Opens a file for reading; serial; works while a job writes. */
ms_status ms_results_open(ms_results **results, const char *path, ms_error *error);
/* The same although the checksum of what is not results is wrong: another program may have changed it. HDF5
 * can crash on damaged metadata. */
ms_status ms_results_open_damaged(ms_results **results, const char *path, ms_error *error);
/* Whether a file open for writing by all ranks is still whole, and the one at its path. Not collective.
 * MS_ERROR_IO: it was removed, moved or replaced, or cannot be read any more; writing to it does no harm.
 * MS_ERROR_FORMAT: it was truncated or overwritten, and should not be touched again. The sealed bytes are
 * read again `at_end`, and otherwise as often as costs little time. */
ms_status ms_results_check(ms_results *results, bool at_end, ms_error *error);
/* Makes sure that what this rank has written is on disk, and on rank 0 that it is in the right file: on each
 * rank before ms_results_close(). If it fails on any rank, MS_ERROR_IO, no rank may call that: to close such
 * a file together hangs or crashes. */
ms_status ms_results_settle(ms_results *results, ms_error *error);
/* Whether HDF5 has closed all its files. If not, MPI_Finalize() and exit() may hang or crash in its hooks. */
bool ms_results_all_closed(void);
/* Collective if the open was. NULL is allowed (on all ranks, if collective). Returns an error when buffered
 * data could not be written. */
ms_status ms_results_close(ms_results *results, ms_error *error);

/* Writes a block's slot and, after it, its commit record. Independent: any rank, any time. Of a failed block
 * only the reason is written, its results become "not computed". MS_ERROR_IO; MS_ERROR_ARGUMENT for a block
 * the file does not have; MS_ERROR_INTERNAL for times beyond the budget. */
ms_status ms_results_write(ms_results *results, const ms_block_results *block, ms_error *error);

/* Says of `count` blocks from `first` on that they are not needed. None of them may have been begun.
 * Independent. MS_ERROR_IO, MS_ERROR_ARGUMENT. */
ms_status ms_results_skip(ms_results *results, size_t first, size_t count, ms_error *error);

/* --- saved states: independent, any rank, any time
 * ---------------------------------------------------------- */

typedef struct ms_saved_state {
    uint64_t generation; /* 1, 2, ... of the states of a block; 0: there is none */
    uint64_t iteration;
    size_t size;
    double seconds; /* of CPU time spent on the block so far */
} ms_saved_state;

/* Bytes of one of a block's two slots for saved states. */
size_t ms_results_state_size(const ms_results *results, size_t block);
/* Saves a state with a generation one above that of the last valid one: the other slot keeps that. */
ms_status ms_results_state_save(ms_results *results, size_t block, const ms_saved_state *saved,
                                const void *state, ms_error *error);
/* Bytes that are enough for any saved state of the block, as its records say; 0: nothing was ever saved. */
ms_status ms_results_saved_size(ms_results *results, size_t block, size_t *size, ms_error *error);
/* The newest state that is valid and not larger than `size`. @param state out [size] @param torn out: whether
 * a newer one was not; may be NULL */
ms_status ms_results_state_load(ms_results *results, size_t block, void *state, size_t size,
                                ms_saved_state *found, bool *torn, ms_error *error);
/* The same without the state itself. */
ms_status ms_results_state_look(ms_results *results, size_t block, ms_saved_state *found, bool *torn,
                                ms_error *error);

/* --- attempts: a block that crashes its rank is known by them
 * ------------------------------------------------- */

#define MS_ATTEMPTS_MAX 3 /* without progress, then the block is quarantined */
/* An attempt whose job was killed later than this, by its last sign of life, did not crash at once, and does
 * not count, even if nothing was saved. */
#define MS_AT_ONCE_SECONDS 5

typedef struct ms_attempt {
    uint64_t unfinished; /* starts of work on the block since its last progress */
    uint64_t total;      /* in all */
    int64_t begun;       /* when the last one, or its last saved state, was, ms since 1970; 0: it is over */
    uint64_t saved_iteration; /* of the newest saved state, */
    int64_t saved_time;       /* and when it was saved; 0: there is none */
} ms_attempt;

/* Written before work on the block starts. */
ms_status ms_results_attempt_begin(ms_results *results, size_t block, ms_error *error);
/* Written when a state has been saved; `is_over` when the work stops there. */
ms_status ms_results_attempt_progress(ms_results *results, size_t block, bool is_over, ms_error *error);
/* @param list out [blocks] */
ms_status ms_results_attempts(ms_results *results, ms_attempt *list, ms_error *error);

/* --- reading
 * --------------------------------------------------------------------------------------------------- */

/* One axis of the file's grid; the pointer for its type is set, the others are NULL. */
typedef struct ms_results_axis {
    const char *name;
    ms_point_axis_type type;
    const double *number;                  /* [points] */
    const uint64_t *count;                 /* [points]; of words, too */
    const char (*text)[MS_SWEEP_NAME_MAX]; /* [points] */
} ms_results_axis;

/* What the file holds. Strings and arrays belong to `results`. Its rules, axes and columns are its own: a
 * later version may have made it, with some that this one does not know. */
typedef struct ms_results_info {
    const char *name, *path;
    const char *sweep_yaml, *identity;
    uint32_t format_version;
    bool is_archive;
    size_t points, chains, rules, modes, components, snapshots, variants, estimators, blocks, block_chains;
    uint64_t iterations;                           /* the largest budget, */
    const uint64_t *point_iterations;              /* and that of each point */
    const uint64_t *dimension, *patch_size, *seed; /* [points] */
    const double *noise_level;                     /* [points] */
    const ms_results_axis *axis;                   /* [axes], those four among them */
    size_t axes;
    const char (*rule)[MS_SWEEP_NAME_MAX];      /* [rules] */
    const char (*estimator)[MS_SWEEP_NAME_MAX]; /* [estimators] */
    const char (*validity)[MS_VALIDITY_MAX];    /* [points][estimators] why one does not compute the point */
    const size_t *point_estimator;              /* [points] the one that does, or MS_NO_ESTIMATOR */
    const uint64_t *mode;                       /* [modes] the modes' numbers */
    const uint64_t *snapshot_iteration;         /* [snapshots] */
    const uint64_t *variant;                    /* [points] */
    const double *weight, *variance;            /* [variants][components]; NaN: none */
    /* [points] of an iteration of a chain, mean over a pass; and iterations of a pass, NaN: none */
    const double *score_evaluations, *density_evaluations, *coordinate_updates, *pass_iterations;
    const ms_column *const *column; /* [columns] */
    size_t columns;
} ms_results_info;
const ms_results_info *ms_results_get_info(const ms_results *results);

/* Whether chains of a point are simulated; and whether those of any, or of all are. */
bool ms_results_is_direct(const ms_results_info *info, size_t point);
bool ms_results_has_direct(const ms_results_info *info);
bool ms_results_is_all_direct(const ms_results_info *info);

/* MS_ERROR_ARGUMENT, with a message, if the file has no such column. */
ms_status ms_results_need_column(const ms_results *results, const char *column, ms_error *error);

/* Keys of the points' random numbers: points of equal keys have the same chains, whatever file and budget.
 * @param key out [points] */
ms_status ms_results_keys(ms_results *results, uint64_t *key, ms_error *error);

/* The state of every block. Independent; reads the whole slots of committed blocks, to check them.
 * @param status out [blocks] */
ms_status ms_results_block_status(ms_results *results, ms_block_status *status, const ms_monitor *monitor,
                                  ms_error *error);
/* "dimension 4, patch_size 2, ...", all axes; what does not fit is cut off. */
void ms_results_describe_point(const ms_results *results, size_t point, char *text, size_t size);
/* The chains of a block. */
ms_block ms_results_block(const ms_results *results, size_t block);
/* One block, or MS_BLOCK_NOT_DONE in `*block_results`, which stays the file's until the next reading. `*torn`
 * (may be NULL): there is a commit record that does not fit the slot. */
ms_status ms_results_read_block(ms_results *results, size_t block, const ms_block_results **block_results,
                                bool *torn, ms_error *error);
/* Whether two results of one block have the same bits; reasons of failures may be worded differently. */
bool ms_block_results_same(const ms_block_results *a, const ms_block_results *b);
/* The reason of a failed or quarantined block. */
ms_status ms_results_failure(ms_results *results, size_t block, char reason[MS_FAILURE_MAX], ms_error *error);

/* Reads a column of the committed chains of a point: `values` holds the chains of done blocks one after
 * another,
 * [*chains] in the place of CHAIN, and has room for all chains of the point. Slots whose checksum is wrong
 * count as not done. MS_ERROR_ARGUMENT for a point or column that the file does not have. */
ms_status ms_results_read_column(ms_results *results, size_t point, const char *column, void *values,
                                 size_t *chains, ms_error *error);

/* For people: CPU time spent on the blocks, wall-clock time spent in vain, and the last start of the
 * program on this file, a JSON object on one line ("" if there was none). */
ms_status ms_results_history(ms_results *results, double *seconds, double *lost, char *last_start,
                             size_t size, ms_error *error);
/* All the starts that the file still knows of, such objects, the oldest first; of a merged file first those
 * of its sources, for which `*is_merged`. The first start on a file stays for ever, and `*is_cut` when others
 * of that time have gone. @param line out: [*count], freed by the caller, also when it fails */
ms_status ms_results_starts(ms_results *results, char (**line)[MS_START_MAX], size_t *count, bool *is_merged,
                            bool *is_cut, ms_error *error);

/* CPU time spent on every block, of an unfinished one until its last saved state; NaN: none. Not
 * collective. @param seconds out [blocks] */
ms_status ms_results_block_seconds(ms_results *results, double *seconds, ms_error *error);

/* "HDF5 1.10.8" */
void ms_results_library(char *text, size_t size);

/* --- files that the sweep names
 * -------------------------------------------------------------------------------- */

#define MS_INPUTS_MAX       10000u     /* of a results file */
#define MS_INPUTS_BYTES_MAX (1u << 29) /* all together */
#define MS_INPUT_NAME_MAX   128u       /* bytes of a name, NUL included */
#define MS_INPUT_SHA256_MAX 65u

/* A file that the sweep names, kept with the results. */
typedef struct ms_input {
    char name[MS_INPUT_NAME_MAX];     /* as the sweep has it */
    char key[8];                      /* "file", "path" or "data" (sweep/inputs.h) */
    char sha256[MS_INPUT_SHA256_MAX]; /* of its bytes, in hexadecimal; "": it was not there */
    uint64_t size;                    /* bytes */
    unsigned char *bytes;             /* [size], or NULL: the file has its name only */
} ms_input;
typedef struct ms_inputs {
    ms_input *input; /* [count], no two of one name */
    size_t count, room;
    uint64_t bytes; /* that they hold, at most MS_INPUTS_BYTES_MAX */
} ms_inputs;
void ms_inputs_free(ms_inputs *inputs);
/* The one of that name, or NULL. */
ms_input *ms_inputs_find(const ms_inputs *inputs, const char *name);
/* Adds one, whose bytes belong to the list then; of one whose name is there only the bytes and the checksum,
 * if they are missing. Bytes that are too many are left out, for which `*left_out`. MS_ERROR_MEMORY; the
 * bytes are freed then, too. */
ms_status ms_inputs_add(ms_inputs *inputs, const ms_input *input, bool *left_out, ms_error *error);

/* Those that a file has; sizes and checksums are right. MS_ERROR_FORMAT, MS_ERROR_MEMORY. The caller frees
 * them, also after a failure. */
ms_status ms_results_inputs(ms_results *results, ms_inputs *inputs, ms_error *error);
/* Drops what the sweep does not name, and the bytes of what it does not name as a table alone: results may
 * come from anybody, and no code that the sweep loads is to be unpacked from them. */
void ms_inputs_keep_tables(ms_inputs *inputs, const ms_sweep *sweep);
/* Adds them to those of other files of the same sweep, or of parts of it. */
ms_status ms_results_add_inputs(ms_results *results, ms_inputs *all, ms_error *error);

/* --- one writer
 * ------------------------------------------------------------------------------------------------- */

/* An flock on PATH.lock, which goes with the process; the file is removed with ms_lock_release(). Inside it
 * stands who holds it, since when, and when he last gave a sign of life. */
typedef struct ms_lock ms_lock;

/* Who is writing a file, for people. */
typedef struct ms_writer {
    bool is_alive;  /* gave a sign of life in the last minute */
    bool is_over;   /* it was on this host, and does not hold the lock any more */
    bool is_hidden; /* the lock file cannot be read: nothing is known, `text` says why */
    char text[256]; /* host, pid, job, since; "" if the last job ended by itself */
    char host[64];  /* "" likewise */
    long pid;
    char job[33];             /* the number of its batch job, "" if it was none; */
    char job_name[64];        /* what users call that: "12", "12_3" for a task of an array; */
    char cluster[64];         /* and of which cluster, "" if that is not known */
    int64_t since, last_sign; /* ms since 1970 */
    int64_t left;             /* seconds that he still needed then; -1: unknown */
} ms_writer;

/* Judges the job that has left a lock, where the lock itself cannot tell: it ended without releasing it, on
 * another host, whose flock may not be seen here. MS_OK: it is dead, its lock is taken over. Otherwise the
 * message that refuses `path`: MS_ERROR_LOCKED, or MS_STOPPED, for this may take its time. Asked under the
 * flock. */
typedef struct ms_lock_judge {
    ms_status (*judge)(void *argument, const char *path, const ms_writer *writer, ms_error *error);
    void *argument;
} ms_lock_judge;

/* MS_ERROR_LOCKED says who holds the lock. A PATH.lock that is no lock file of this program is refused and
 * stays as it is (MS_ERROR_IO), and so is a name too long for those that are made from it. What a dead job of
 * this host, or an earlier start of the same Slurm job, has left behind is taken over; of another host, or of
 * another cluster's, only if `break_lock` or the `judge` (may be NULL) says so, because not every file system
 * carries an flock from host to host.
 * @param last_sign out: when a job that did not end by itself gave its last sign of life, ms since 1970; 0:
 * none; may be NULL */
ms_status ms_lock_acquire(ms_lock **lock, const char *path, bool break_lock, const ms_lock_judge *judge,
                          int64_t *last_sign, ms_error *error);
/* The same of the name alone. */
ms_status ms_lock_check_name(const char *path, ms_error *error);
/* A sign of life; call it every MS_LOCK_BEAT_SECONDS. NULL is allowed. */
#define MS_LOCK_BEAT_SECONDS 1
void ms_lock_beat(ms_lock *lock);
/* How long the job will still take; the next signs of life tell. NAN: unknown. NULL is allowed. */
void ms_lock_set_left(ms_lock *lock, double seconds);
/* MS_ERROR_IO when the lock file was removed or replaced: then another job may be writing, too. NULL is
 * allowed. */
ms_status ms_lock_check(const ms_lock *lock, ms_error *error);
void ms_lock_release(ms_lock *lock);

/* Takes no lock; on the same host it knows whether the writer lives. */
void ms_lock_look(const char *path, ms_writer *writer);

/* --- growing, merging, checking
 * -------------------------------------------------------------------------------- */

/* What a sweep wants of an existing file. */
typedef struct ms_growth {
    size_t blocks;           /* of the sweep that are wanted, and so all that is counted below of blocks */
    bool is_same;            /* the file is of this very sweep */
    bool is_archive;         /* and only for reading */
    size_t points_new;       /* points that the file has not */
    size_t blocks_kept;      /* finished, and stay so */
    size_t blocks_failed;    /* of these, failed ones */
    size_t blocks_prolonged; /* finished at the old budget, go on from their saved states */
    size_t blocks_again;     /* the same, but without a valid state: computed from the beginning */
    size_t blocks_resumed;   /* unfinished, with a saved state */
    size_t blocks_new;       /* not begun */
    size_t blocks_recut;     /* finished or not, but cut differently where there are more chains: the same */
    size_t blocks_quarantined; /* given up, unless they are tried again */
    size_t blocks_exhausted;   /* to be given up, for they have been begun too often */
    size_t chains_prolonged;   /* censored ones, of blocks_prolonged */
} ms_growth;

/* Compares without changing anything. MS_ERROR_MISMATCH, with all the keys that differ, where the sweep would
 * make results wrong that the file has, or leaves some out.
 * @param wanted [blocks of the sweep] those to be counted; NULL: all */
ms_status ms_results_compare(const char *path, const ms_sweep *sweep, const bool *wanted, ms_growth *growth,
                             const ms_monitor *monitor, ms_error *error);

/* MS_ERROR_FORMAT or MS_ERROR_MISMATCH unless the open file has the extents and blocks of this very sweep. */
ms_status ms_results_match(const ms_results *results, const ms_sweep *sweep, ms_error *error);

/* Makes the file into one of the larger sweep, which takes over everything that it has: a new file beside it,
 * then renamed. Owner, group and mode stay as far as this user may set them. Under the lock. */
ms_status ms_results_grow(const char *path, const ms_sweep *sweep, const ms_monitor *monitor,
                          ms_error *error);

/* Makes quarantined and exhausted blocks ones that have not been begun. Serial, under the lock. */
ms_status ms_results_retry_quarantined(const char *path, const ms_monitor *monitor, ms_error *error);

typedef struct ms_merge_report {
    size_t blocks;  /* of the new file; */
    size_t done;    /* of these, finished or given up in a source; */
    size_t failed;  /* of these, failed or given up */
    size_t same;    /* finished with the same bits in several */
    size_t cut_off; /* of those that are not done, finished at a smaller budget in a source */
} ms_merge_report;

/* Makes a file of `sweep` at `path` from the files `from` [count], whose sweeps may be parts of it, or have
 * smaller budgets. MS_ERROR_MISMATCH names blocks whose bits differ. */
ms_status ms_results_merge(const char *path, const ms_sweep *sweep, const char *const *from, size_t count,
                           ms_merge_report *report, const ms_monitor *monitor, ms_error *error);

/* Makes a compressed copy at `path`, only for reading, of the file `from` of `sweep`; `force` goes on where
 * the checksum of what is not results is wrong. `inputs` go with it (NULL: those of `from`). */
ms_status ms_results_repack(const char *path, const char *from, const ms_sweep *sweep, bool force,
                            const ms_inputs *inputs, const ms_monitor *monitor, ms_error *error);

#endif
