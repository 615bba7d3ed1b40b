/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/nearest.h"

static void measure(const ms_view *view, ms_word *row)
{
    row->whole = view->mode_of ? (int64_t)view->mode_of[ms_nearest(view)] : 0;
}

const ms_observable_type ms_nearest_mode_observable = {
    .kind = {.name = "nearest_mode",
             .doc = "the mode that the component with the nearest mean is of; 0: none"},
    .column = {.name = "nearest_mode",
               .units = "1",
               .long_name = "which of the modes to be discovered, 1, 2, ..., has the component whose mean is "
                            "nearest; 0: none",
               .type = MS_COLUMN_INT64,
               .rank = 2,
               .extent = {MS_EXTENT_SNAPSHOT, MS_EXTENT_CHAIN}},
    .needs_modes = true,
    .measure = measure};
