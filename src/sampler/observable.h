/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run records of each chain at its snapshots. The types themselves are in observe/. */
#ifndef MS_OBSERVABLE_H
#define MS_OBSERVABLE_H

#include "base/column.h"
#include "base/field.h"
#include "sampler/engine.h"

/* A number of 64 bits, as its column says. */
typedef union ms_word {
    double real;
    int64_t whole;
} ms_word;

struct ms_observable_type {
    ms_kind kind;
    ms_column column; /* its first extents are snapshot and chain; its third, if any, is how wide a row is */
    bool needs_position, needs_modes;
    void (*measure)(const ms_view *view, ms_word *row);
};

/* Numbers of a row. */
size_t ms_observable_width(const ms_observable_type *type, const ms_target *target);

#endif
