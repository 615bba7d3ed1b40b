/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_WARNINGS_H
#define MS_WARNINGS_H

#include "base/diagnostics.h"
#include "sweep/sweep.h"

/* What is allowed but probably not meant; `path` of the sweep file, `memory` of a rank and size of the
 * results in bytes. */
void ms_warnings(const ms_sweep *sweep, const char *path, double memory, double file_size,
                 ms_diagnostics *warnings);

#endif
