/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One axis of the grid: a value, a list, or a range, expanded. */
#ifndef MS_SWEEP_AXIS_H
#define MS_SWEEP_AXIS_H

#include "sweep/schema.h"
#include "sweep/sweep.h"

/* What values it may have. */
typedef struct ms_axis_kind {
    const char *name;
    ms_axis_type type;        /* REAL: doubles in [low, high]; WHOLE: numbers in least..most */
    const ms_choice *words;   /* of TEXT: one of them, or */
    const ms_field *mappings; /* mappings that choose a kind, each with a name */
    bool has_full;            /* the word `full` is a value, MS_AXIS_FULL */
    bool from_count;          /* {from, count} without `to`: from, from + 1, ... */
    bool is_ascending;        /* a list must be strictly increasing, and may be empty */
    bool above_low;           /* `low` itself is not allowed */
    double low, high;
    uint64_t least, most;
    size_t values_max;
} ms_axis_kind;

extern const ms_schema ms_axis_range_schema;

/* Expands `node`; failures are messages, and leave the axis without values. */
void ms_axis_read(ms_reader *reader, const ms_axis_kind *kind, const ms_node *node, ms_axis *axis);
void ms_axis_free(ms_axis *axis);

/* The key that names a mapping on an axis. */
#define MS_AXIS_AS "as"

#endif
