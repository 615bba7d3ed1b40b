/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_DIGEST_H
#define MS_DIGEST_H

#include "results/results.h"

/* What `digest` prints of open results, and how many blocks are in it. */
ms_status ms_digest_of_results(ms_results *results, uint64_t *digest, size_t *done, ms_error *error);

#endif
