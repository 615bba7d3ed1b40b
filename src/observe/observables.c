/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/observables.h"

#include <string.h>

static const ms_observable_type *const observables[] = {
    &ms_squared_distance_observable, &ms_responsibility_observable, &ms_mode_observable,
    &ms_log_density_observable,      &ms_energy_observable,         &ms_acceptance_observable,
    &ms_positions_observable,
};
#define COUNT (sizeof observables / sizeof *observables)

const ms_kind *ms_observable_kind(size_t number)
{
    return number < COUNT ? &observables[number]->kind : NULL;
}

const ms_observable_type *ms_observable_find(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(observables[i]->kind.name, name) == 0)
            return observables[i];
    return NULL;
}
