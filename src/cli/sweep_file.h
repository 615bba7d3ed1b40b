/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sweep file of a command line. */
#ifndef MS_SWEEP_FILE_H
#define MS_SWEEP_FILE_H

#include "base/diagnostics.h"
#include "sweep/sweep.h"

/* Reads a sweep with the values of --set. Prints what is wrong with it, and says whose fault it is. */
ms_status ms_sweep_file_load(ms_sweep **sweep, const char *path, const ms_assignments *set, ms_error *error);

/* The same for one that could not be read, for the reasons of `diagnostics`; returns `status`. */
ms_status ms_sweep_file_refuse(ms_status status, const char *path, const ms_assignments *set,
                               const ms_diagnostics *diagnostics, ms_error *error);

/* Whether it is a results file; the error says what to do then. */
bool ms_sweep_file_is_results(const char *path, ms_error *error);

#endif
