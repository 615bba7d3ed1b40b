/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/observables.h"

static void measure(const ms_view *view, ms_word *row)
{
    for (size_t i = 0; i < ms_target_components(view->target); i++)
        row[i].real = view->squared_distance[i];
}

const ms_observable_type ms_squared_distance_observable = {
    .kind = {.name = "squared_distance", .doc = "squared distances to the means"},
    .column = {.name = "squared_distance",
               .units = "1",
               .long_name = "squared distance of the chain to the component's mean; NaN: not computed",
               .type = MS_COLUMN_DOUBLE,
               .rank = 3,
               .extent = {MS_EXTENT_SNAPSHOT, MS_EXTENT_CHAIN, MS_EXTENT_COMPONENT}},
    .measure = measure};
