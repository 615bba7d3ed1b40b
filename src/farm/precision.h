/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points that stop when the intervals of their means are narrow enough (`relative_width`). The blocks of such
 * a point are handed out as far as the next look (ms_sweep_next_look()); when all of these are finished it is
 * decided from what they came to, in the order of their numbers, whether the others are needed: a function of
 * the sweep alone. */
#ifndef MS_PRECISION_H
#define MS_PRECISION_H

#include "farm/message.h"
#include "results/results.h"
#include "sweep/sweep.h"

typedef struct ms_precision ms_precision;

/* What a finished block says, [rules], for the time to the first of the modes. */
void ms_precision_tally(const ms_sweep *sweep, const ms_block_results *block, ms_tally *tally);

/* `*precision` is NULL where no point may stop. The sweep must live as long. MS_ERROR_MEMORY. */
ms_status ms_precision_alloc(ms_precision **precision, const ms_sweep *sweep, ms_error *error);
void ms_precision_free(ms_precision *precision); /* NULL is allowed */

/* That a block is finished; `tally` NULL: it failed. And whether that was noted. */
void ms_precision_note(ms_precision *precision, size_t block, const ms_tally *tally);

bool ms_precision_has(const ms_precision *precision, size_t block);

/* Whether a point has no blocks left to do and is not precise enough, by a rule; and how many are, by any. */
bool ms_precision_is_wide(const ms_precision *precision, size_t point, size_t rule);
size_t ms_precision_wide_points(const ms_precision *precision);

typedef enum ms_stage {
    MS_STAGE_OPEN, /* not all blocks that are needed are finished */
    MS_STAGE_OVER  /* no others are needed than those before `end` */
} ms_stage;

/* Where a point is. Blocks `*from` to `*end` - 1, maybe none, are needed now that were not known to be when
 * this was last asked. */
ms_stage ms_precision_look(ms_precision *precision, size_t point, size_t *from, size_t *end);

#endif
