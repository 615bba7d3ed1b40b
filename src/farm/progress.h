/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far the farm has come and when it will be done. */
#ifndef MS_PROGRESS_H
#define MS_PROGRESS_H

#include "farm/display.h"
#include "farm/expectation.h"
#include "farm/queue.h"

typedef struct ms_progress ms_progress;

/* `state` [blocks] tells which blocks are in the file already, and which do
 * not count. The expectation, which it adds to, and the
 * display, NULL to write nothing, must live as long. All times `now` are by ms_clock(). MS_ERROR_MEMORY. */
ms_status ms_progress_alloc(ms_progress **result, const ms_sweep *sweep, ms_expectation *expectation,
                            const ms_queue_state *state, int ranks, ms_display *display, double now,
                            ms_error *error);
void ms_progress_free(ms_progress *progress);

/* A rank takes up a block; a rank finishes it: `seconds` of CPU time it took in all, `discovered` of
 * its `chains` chains. */
void ms_progress_begin(ms_progress *progress, int rank, size_t block, double now);
/* A block that has turned out not to be needed. */
void ms_progress_drop(ms_progress *progress, size_t block);
void ms_progress_finish(ms_progress *progress, int rank, size_t block, double seconds, uint64_t chains,
                        uint64_t discovered, double now);

/* Writes if that is due; cheap enough to be called after every slice. */
void ms_progress_show(ms_progress *progress, double now);
/* The last line, or the last state of the bar. */
void ms_progress_end(ms_progress *progress, double now);

/* Seconds until all blocks are done, NAN while nothing is known. Blocks that take longer than expected move
 * what is expected of their kind. */
double ms_progress_eta(ms_progress *progress, double now);

/* "1:02:03", "2:03", or "?" */
#define MS_DURATION_MAX 32
const char *ms_progress_duration(double seconds, char text[MS_DURATION_MAX]);

/* The same of work that is not a farm's, of which only the share that is done is known: "creating FILE: 37
 * %". `display` NULL: nothing is written. */
void ms_share_progress_show(ms_display *display, const char *doing, const char *path, double done);

#endif
