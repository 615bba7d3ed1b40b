/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_RESULTS_TABLES_H
#define MS_RESULTS_TABLES_H

#include "results/file.h"

/* Reads the names of rules, estimators, axes and columns, and checks them: those of axes and columns are
 * names of datasets that are none of the fixed ones. */
ms_status ms_tables_read_names(ms_results *results, ms_error *error);
/* Reads everything of an opened file that is known before the first result, checks it, and fills
 * results->info. */
ms_status ms_tables_read(ms_results *results, ms_error *error);
void ms_tables_free(ms_results *results);

#endif
