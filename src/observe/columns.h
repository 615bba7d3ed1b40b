/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns that this program records and reads. */
#ifndef MS_OBSERVE_COLUMNS_H
#define MS_OBSERVE_COLUMNS_H

#include "base/column.h"

extern const ms_column ms_column_discovery_time; /* int64 [chain][rule][mode] */
extern const ms_column ms_column_observed;       /* int64 [chain] */

/* The column of that name, or NULL. */
const ms_column *ms_column_find(const char *name);

#endif
