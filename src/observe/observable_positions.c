/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/observables.h"

static void measure(const ms_view *view, ms_word *row)
{
    for (size_t j = 0; j < ms_target_dimension(view->target); j++)
        row[j].real = view->position[j];
}

const ms_observable_type ms_positions_observable = {
    .kind = {.name = "positions", .doc = "all coordinates"},
    .column = {.name = "positions",
               .units = "1",
               .long_name = "coordinate of the chain; NaN beyond the dimension of the point",
               .type = MS_COLUMN_DOUBLE,
               .rank = 3,
               .extent = {MS_EXTENT_SNAPSHOT, MS_EXTENT_CHAIN, MS_EXTENT_COORDINATE}},
    .needs_position = true,
    .measure = measure};
