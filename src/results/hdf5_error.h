/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5's error stack, turned into one readable line. */
#ifndef MS_RESULTS_HDF5_ERROR_H
#define MS_RESULTS_HDF5_ERROR_H

#include "data/hdf5_quiet.h"

#include <modeseek/status.h>

/* Formats the failure that HDF5 has just reported: call it before the next HDF5 function, which would clear
 * the stack. `what` says what failed, e.g. "cannot write"; `dataset` may be NULL. */
ms_status ms_hdf5_error(ms_error *error, ms_status status, const char *path, const char *dataset,
                        const char *what);

#endif
