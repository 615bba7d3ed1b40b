/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points that have all their chains or replicates, and still wider intervals than `relative_width` asks for.
 */
#ifndef MS_WIDE_H
#define MS_WIDE_H

#include "results/results.h"

typedef struct ms_wide {
    double relative_width;
    size_t points; /* how many there are */
    bool *rule;    /* [points of the file][rules] whether one is, by that rule; NULL: none */
} ms_wide;

/* Reads the blocks of a file whose sweep has a `relative_width`, and nothing of another; nor where the sweep
 * cannot be told from the file alone. The caller frees it with ms_wide_free(), zeroed or not read, too.
 * MS_ERROR_MEMORY, MS_ERROR_IO. */
ms_status ms_wide_read(ms_wide *wide, ms_results *results, ms_error *error);
void ms_wide_free(ms_wide *wide);

/* Whether one of the points from `first` to `end` - 1 is, by a rule. */
bool ms_wide_has(const ms_wide *wide, const ms_results_info *info, size_t first, size_t end, size_t rule);

/* A line about so many points; none if there are none. */
void ms_wide_print(const char *mark, size_t points, double relative_width);

#endif
