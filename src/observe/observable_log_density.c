/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/observables.h"

static void measure(const ms_view *view, ms_word *row)
{
    row->real = view->log_density;
}

const ms_observable_type ms_log_density_observable = {
    .kind = {.name = "log_density", .doc = "logarithm of the target's density"},
    .column = {.name = "log_density",
               .units = "1",
               .long_name = "logarithm of the un-smoothed target's density",
               .type = MS_COLUMN_DOUBLE,
               .rank = 2,
               .extent = {MS_EXTENT_SNAPSHOT, MS_EXTENT_CHAIN}},
    .measure = measure};
