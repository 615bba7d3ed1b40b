/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `plan` says of estimators. */
#ifndef MS_PLAN_ESTIMATORS_H
#define MS_PLAN_ESTIMATORS_H

#include "base/json.h"
#include "farm/calibrate.h"

/* How many points are computed how, and why others are not: lines for people, or keys of an object. Nothing
 * where all are simulated directly. @param json or NULL */
void ms_plan_estimators(const ms_sweep *sweep, ms_json *json);

/* How mean first-passage times grow with the dimension: for each target and rule the large-deviation exponent
 * and about what the mean will be, of vanilla points in the least and the largest dimension; or why there is
 * none. @param json or NULL */
ms_status ms_plan_exponents(const ms_sweep *sweep, ms_json *json, ms_error *error);

/* Seconds of CPU time that a replicate takes, all rules. */
double ms_plan_replicate_seconds(const ms_sweep *sweep, const ms_calibration *calibration);

#endif
