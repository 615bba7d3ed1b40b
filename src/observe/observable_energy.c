/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/observables.h"

static void measure(const ms_view *view, ms_word *row)
{
    row->real = view->kinetic_energy - view->log_density;
}

const ms_observable_type ms_energy_observable = {
    .kind = {.name = "energy",
             .doc = "minus the logarithm of the density, and the momentum's kinetic energy"},
    .column = {.name = "energy",
               .units = "1",
               .long_name = "minus the logarithm of the un-smoothed target's density, plus the kinetic "
                            "energy of the sampler's momentum",
               .type = MS_COLUMN_DOUBLE,
               .rank = 2,
               .extent = {MS_EXTENT_SNAPSHOT, MS_EXTENT_CHAIN}},
    .measure = measure};
