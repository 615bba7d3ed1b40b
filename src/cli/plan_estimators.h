/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `plan` says of estimators. */
#ifndef MS_PLAN_ESTIMATORS_H
#define MS_PLAN_ESTIMATORS_H

#include "base/json.h"
#include "farm/calibrate.h"

/* How many points are computed how, and why others are not: lines for people, or keys of an object. Nothing
 * where all are simulated directly. @param json or NULL */
void ms_plan_estimators(const ms_sweep *sweep, ms_json *json);

/* Seconds of CPU time that a replicate takes, all rules. */
double ms_plan_replicate_seconds(const ms_sweep *sweep, const ms_calibration *calibration);

#endif
