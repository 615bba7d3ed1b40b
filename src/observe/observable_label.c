/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/nearest.h"

#define NO_LABEL (-1)

static void measure(const ms_view *view, ms_word *row)
{
    const ms_target_type *type = view->target->type;
    size_t label = type->label ? type->label(view->target->content, ms_nearest(view)) : SIZE_MAX;
    row->whole = label != SIZE_MAX ? (int64_t)label : NO_LABEL;
}

const ms_observable_type ms_label_observable = {
    .kind = {.name = "label", .doc = "the label of the vector of the data that is nearest"},
    .column = {.name = "label",
               .units = "1",
               .long_name = "label of the component whose mean is nearest to the chain; -1: it has none",
               .type = MS_COLUMN_INT64,
               .rank = 2,
               .extent = {MS_EXTENT_SNAPSHOT, MS_EXTENT_CHAIN}},
    .measure = measure};
