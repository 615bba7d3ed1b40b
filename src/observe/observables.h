/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be recorded at snapshots: each observable is a file with one object, and a line in observables.c. */
#ifndef MS_OBSERVABLES_H
#define MS_OBSERVABLES_H

#include "sampler/observable.h"

extern const ms_observable_type ms_squared_distance_observable, ms_responsibility_observable,
    ms_mode_observable, ms_log_density_observable, ms_energy_observable, ms_acceptance_observable,
    ms_positions_observable;

/* Observable 0, 1, ..., NULL past the last: the kinds that sweeps choose from. */
const ms_kind *ms_observable_kind(size_t number);

#endif
