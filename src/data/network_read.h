/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Networks from HDF5 files that nobody vouches for: bounded in every direction, whatever a file says. */
#ifndef MS_NETWORK_READ_H
#define MS_NETWORK_READ_H

#include "base/diagnostics.h"
#include "base/network.h"

#include <modeseek/status.h>

#define MS_NETWORK_SIZE_MAX   8192 /* of each of its sizes */
#define MS_NETWORK_NUMBER_MAX 1e6F /* of each number, so that no product overflows */

/* What `modeseek train` has written: every array has the shape that the sizes ask for, and finite numbers.
 * The caller frees `*network`; NULL on failure: MS_ERROR_SWEEP or MS_ERROR_IO with messages, or
 * MS_ERROR_MEMORY. */
ms_status ms_network_read(ms_network **network, const char *path, ms_diagnostics *diagnostics);

void ms_network_free(ms_network *network);

#endif
