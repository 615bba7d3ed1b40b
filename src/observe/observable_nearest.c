/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/nearest.h"

static void measure(const ms_view *view, ms_word *row)
{
    row->whole = (int64_t)ms_nearest(view);
}

const ms_observable_type ms_nearest_observable = {
    .kind = {.name = "nearest", .doc = "the component with the nearest mean"},
    .column = {.name = "nearest",
               .units = "1",
               .long_name = "component whose mean is nearest to the chain",
               .type = MS_COLUMN_INT64,
               .rank = 2,
               .extent = {MS_EXTENT_SNAPSHOT, MS_EXTENT_CHAIN}},
    .measure = measure};
