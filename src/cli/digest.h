/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_DIGEST_H
#define MS_DIGEST_H

#include "results/results.h"

#include <signal.h>

/* What `digest` prints of open results, and how many blocks are in it. MS_STOPPED when `stop` (may be NULL)
 * says so. */
ms_status ms_digest_of_results(ms_results *results, const volatile sig_atomic_t *stop, uint64_t *digest,
                               size_t *done, ms_error *error);

#endif
