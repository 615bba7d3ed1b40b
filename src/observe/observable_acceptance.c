/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/observables.h"

static void measure(const ms_view *view, ms_word *row)
{
    row->real = view->acceptance;
}

const ms_observable_type ms_acceptance_observable = {
    .kind = {.name = "acceptance", .doc = "share of proposals accepted so far"},
    .column = {.name = "acceptance",
               .units = "1",
               .long_name =
                   "share of the chain's proposals that were accepted so far; NaN: the sampler makes none",
               .type = MS_COLUMN_DOUBLE,
               .rank = 2,
               .extent = {MS_EXTENT_SNAPSHOT, MS_EXTENT_CHAIN}},
    .measure = measure};
