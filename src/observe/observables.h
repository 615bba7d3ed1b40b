/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be recorded at snapshots: each observable is a file with one object, and a line in observables.c.
 */
#ifndef MS_OBSERVABLES_H
#define MS_OBSERVABLES_H

#include "sampler/observable.h"

extern const ms_observable_type ms_squared_distance_observable; /* the default of a run */

/* Observable 0, 1, ..., NULL past the last: the kinds that sweeps choose from. */
const ms_kind *ms_observable_kind(size_t number);

#endif
