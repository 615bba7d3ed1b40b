/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far the farm has come and when it will be done: one rewritten line on a terminal, else a line every ten
 * seconds. Nothing is written in the first second. */
#ifndef MS_PROGRESS_H
#define MS_PROGRESS_H

#include "farm/queue.h"

#include <stdio.h>

typedef struct ms_progress ms_progress;

/* `file` NULL: keep the books, write nothing. `state` [blocks] tells which blocks are in the file already,
 * and which do not count. MS_ERROR_MEMORY. */
ms_status ms_progress_alloc(ms_progress **result, const ms_sweep *sweep, const ms_queue_state *state,
                            int ranks, FILE *file, ms_error *error);
void ms_progress_free(ms_progress *progress);

/* A rank takes up a block; a rank finishes it: wall-clock `seconds` it took, `discovered` of its `chains`
 * chains. */
void ms_progress_begin(ms_progress *progress, int rank, size_t block);
void ms_progress_finish(ms_progress *progress, int rank, size_t block, double seconds, uint64_t chains,
                        uint64_t discovered);

/* Writes a line if one is due; cheap enough to be called after every slice. */
void ms_progress_show(ms_progress *progress);
/* The last line. */
void ms_progress_end(ms_progress *progress);

/* Seconds until all blocks are done, NAN before the first block of this start is. Blocks of a point that has
 * been measured take as long as measured, in proportion to their predicted cost; the others as long as their
 * predicted cost says at the speed seen so far. */
double ms_progress_eta(const ms_progress *progress);

/* The same of work that is not a farm's, of which only the share that is done is known: "creating FILE: 37
 * %".
 */
typedef struct ms_share_progress {
    FILE *file;
    bool written;
    double began, shown;
} ms_share_progress;

/* `file` NULL: nothing is written. */
ms_share_progress ms_share_progress_begin(FILE *file);
void ms_share_progress_show(ms_share_progress *progress, const char *doing, const char *path, double done);
void ms_share_progress_end(ms_share_progress *progress);

#endif
