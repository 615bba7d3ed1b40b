/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/observables.h"
#include "random/elementary.h"

static void measure(const ms_view *view, ms_word *row)
{
    size_t components = ms_target_components(view->target);
    for (size_t i = 0; i < components; i++)
        row[i].real = view->log_weight[i];
    ms_softmax(components, &row->real);
}

const ms_observable_type ms_responsibility_observable = {
    .kind = {.name = "responsibility", .doc = "responsibilities of the components"},
    .column = {.name = "responsibility",
               .units = "1",
               .long_name =
                   "responsibility of the component for the chain, un-smoothed target; NaN: not computed",
               .type = MS_COLUMN_DOUBLE,
               .rank = 3,
               .extent = {MS_EXTENT_SNAPSHOT, MS_EXTENT_CHAIN, MS_EXTENT_COMPONENT}},
    .measure = measure};
