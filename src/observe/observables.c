/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every observable: a line each. */
#include "observe/observables.h"

#define OBSERVABLES(OBSERVABLE)                                                                              \
    OBSERVABLE(squared_distance)                                                                             \
    OBSERVABLE(responsibility)                                                                               \
    OBSERVABLE(mode)                                                                                         \
    OBSERVABLE(nearest)                                                                                      \
    OBSERVABLE(nearest_distance)                                                                             \
    OBSERVABLE(nearest_mode)                                                                                 \
    OBSERVABLE(label)                                                                                        \
    OBSERVABLE(log_density)                                                                                  \
    OBSERVABLE(energy)                                                                                       \
    OBSERVABLE(acceptance)                                                                                   \
    OBSERVABLE(positions)

#define DECLARE(name) extern const ms_observable_type ms_##name##_observable;
#define ROW(name)     &ms_##name##_observable,
OBSERVABLES(DECLARE)
static const ms_observable_type *const observables[] = {OBSERVABLES(ROW)};
#define COUNT (sizeof observables / sizeof *observables)

const ms_kind *ms_observable_kind(size_t number)
{
    return number < COUNT ? &observables[number]->kind : NULL;
}

const ms_observable_type *ms_observable_find(const char *name)
{
    return (const ms_observable_type *)ms_kind_find(ms_observable_kind, name);
}
