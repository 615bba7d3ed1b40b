/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_PATCH_SIZES_H
#define MS_PATCH_SIZES_H

#include "sweep/sweep.h"

/* "grid.patch_size=[1, 2, 5, full]", an assignment: patch sizes that divide some dimension of the sweep, ten
 * of each dimension at most, evenly spread. The caller frees it; NULL without memory. */
char *ms_propose_patch_sizes(const ms_sweep *sweep);

/* The same of a list that a user gives. */
char *ms_given_patch_sizes(const char *list);

#endif
