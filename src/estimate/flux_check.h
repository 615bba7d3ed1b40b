/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the reversible flux can be trusted, from the target's numbers alone. */
#ifndef MS_FLUX_CHECK_H
#define MS_FLUX_CHECK_H

#include "estimate/flux_law.h"

/* MS_ERROR_ARGUMENT with the numbers that forbid it; MS_ERROR_MEMORY. */
ms_status ms_flux_law_check(const ms_flux_law *law, ms_error *error);

/* T: iterations after which a chain has forgotten its start. */
uint64_t ms_flux_law_horizon(const ms_flux_law *law);

#endif
