/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is recorded of chains, described by data: the results room creates, checks, writes, merges and reads
 * columns in loops, and knows none by name. */
#ifndef MS_COLUMN_H
#define MS_COLUMN_H

#include <stdbool.h>
#include <stddef.h>

typedef enum ms_column_type { MS_COLUMN_INT64, MS_COLUMN_UINT64, MS_COLUMN_DOUBLE } ms_column_type;

/* What the dimensions of a column stand for; how long they are is the sweep's. */
typedef enum ms_extent {
    MS_EXTENT_CHAIN,
    MS_EXTENT_RULE,
    MS_EXTENT_MODE,
    MS_EXTENT_COMPONENT,
    MS_EXTENT_SNAPSHOT,
    MS_EXTENT_COORDINATE,
    MS_EXTENT_COUNT
} ms_extent;

/* What the numbers are, for checks that know no column by name. */
typedef enum ms_column_role {
    MS_COLUMN_VALUE,  /* any */
    MS_COLUMN_CLOCK,  /* int64 [chain]: iterations through which the chain was observed, at most its budget */
    MS_COLUMN_EVENT,  /* int64: the iteration of an event, within the clock, or -1: not seen */
    MS_COLUMN_AMOUNT, /* double: not negative, finite, or NaN */
    MS_COLUMN_ERROR,  /* double: not negative, or NaN */
    MS_COLUMN_SHARE   /* double: a probability, but for its error, or NaN */
} ms_column_role;

#define MS_COLUMN_RANK_MAX 3
#define MS_COLUMNS_MAX     32 /* of a sweep */

typedef struct ms_column {
    const char *name; /* as in the file */
    const char *units, *long_name;
    ms_column_type type;
    unsigned rank; /* beside the point, which is the first dimension of each column in the file */
    /* One of them is the chain. COORDINATE comes last; it is as long as the largest dimension of the sweep,
     * and the values beyond a point's own stay "not computed". */
    ms_extent extent[MS_COLUMN_RANK_MAX];
    ms_column_role role;
} ms_column;

static inline bool ms_column_is_time(const ms_column *column)
{
    return column->role == MS_COLUMN_CLOCK || column->role == MS_COLUMN_EVENT;
}

/* What stands where nothing has been computed: this for whole numbers, NaN for others. */
#define MS_COLUMN_NOT_COMPUTED (-2)

#endif
