/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of results whose bits depend on the BLAS and the type of processor. */
#ifndef MS_CLI_BLAS_H
#define MS_CLI_BLAS_H

#include "sweep/sweep.h"

/* Says so, on stderr, where the chains of the file were computed with several of them and the sweep is of a
 * kind that depends on it. Where the file cannot be read, it stays unsaid. */
void ms_warn_of_blas(const ms_sweep *sweep, const char *path);

/* The same of the ranks of a job. Collective. */
void ms_warn_of_ranks_blas(const ms_sweep *sweep, int rank);

#endif
