/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One axis of the grid: a value, a list, or a range, expanded. */
#ifndef MS_SWEEP_AXIS_H
#define MS_SWEEP_AXIS_H

#include "sweep/schema.h"

typedef struct ms_axis_kind {
    const char *name;
    bool is_real;      /* doubles in [low, high]; else whole numbers in least..most */
    bool has_full;     /* the word `full` is a value, MS_AXIS_FULL */
    bool from_count;   /* {from, count} without `to`: from, from + 1, ... */
    bool is_ascending; /* a list must be strictly increasing, and may be empty */
    double low, high;
    uint64_t least, most;
    size_t values_max;
} ms_axis_kind;

#define MS_AXIS_FULL UINT64_C(0)

typedef struct ms_axis_value {
    uint64_t whole;
    double real;
    const ms_node *node; /* where it was given */
} ms_axis_value;

typedef struct ms_axis {
    ms_axis_value *value;
    size_t count; /* 0 after a message */
} ms_axis;

extern const ms_schema ms_axis_range_schema;

/* Expands `node`; failures are messages. The caller frees `axis->value`. */
void ms_axis_read(ms_reader *reader, const ms_axis_kind *kind, const ms_node *node, ms_axis *axis);

#endif
