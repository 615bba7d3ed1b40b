/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What computes points, within this room. */
#ifndef MS_SWEEP_ESTIMATORS_H
#define MS_SWEEP_ESTIMATORS_H

#include "sweep/sweep.h"

/* The fields of a sweep's estimator, as of a point. */
const void *ms_sweep_job_params(const ms_sweep *sweep, size_t point, size_t estimator);

/* Whether an estimator can, and should, compute a point. MS_ERROR_ARGUMENT with the reason, MS_ERROR_MEMORY.
 */
ms_status ms_sweep_check_estimator(const ms_sweep *sweep, size_t point, size_t estimator,
                                   const ms_target *target, ms_error *error);

/* Numbers the blocks, when it is known what computes each point. */
void ms_sweep_number_blocks(ms_sweep *sweep);

#endif
