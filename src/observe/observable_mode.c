/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/observables.h"

static void measure(const ms_view *view, ms_word *row)
{
    size_t mode = 0;
    for (size_t i = 1; i < ms_target_components(view->target); i++)
        mode = view->log_weight[i] > view->log_weight[mode] ? i : mode;
    row->whole = (int64_t)mode;
}

const ms_observable_type ms_mode_observable = {
    .kind = {.name = "mode", .doc = "the component with the largest responsibility"},
    .column = {.name = "chain_mode", /* /mode is taken: the modes to be discovered */
               .units = "1",
               .long_name = "component with the largest responsibility, un-smoothed target",
               .type = MS_COLUMN_INT64,
               .rank = 2,
               .extent = {MS_EXTENT_SNAPSHOT, MS_EXTENT_CHAIN}},
    .measure = measure};
