/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_PASS_WARNINGS_H
#define MS_PASS_WARNINGS_H

#include "base/diagnostics.h"
#include "sweep/sweep.h"

/* Whether `iteration` lies in the middle of a pass of that many iterations, and not at the end of one. NaN:
 * there are no passes. */
bool ms_within_pass(uint64_t iteration, double pass);

/* What is recorded in the middle of a pass, where patches that have just been sampled stand beside those of
 * the pass before. `path` is that of the sweep file. */
void ms_pass_warnings(const ms_sweep *sweep, const char *path, ms_diagnostics *warnings);

#endif
