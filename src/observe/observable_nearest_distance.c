/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/nearest.h"

static void measure(const ms_view *view, ms_word *row)
{
    row->real = view->squared_distance[ms_nearest(view)];
}

const ms_observable_type ms_nearest_distance_observable = {
    .kind = {.name = "nearest_distance", .doc = "the squared distance to the nearest mean"},
    .column = {.name = "nearest_distance",
               .units = "1",
               .long_name = "squared distance of the chain to the nearest mean of a component",
               .type = MS_COLUMN_DOUBLE,
               .rank = 2,
               .extent = {MS_EXTENT_SNAPSHOT, MS_EXTENT_CHAIN}},
    .measure = measure};
