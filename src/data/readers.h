/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two ways to fill a table. */
#ifndef MS_DATA_READERS_H
#define MS_DATA_READERS_H

#include "data/table.h"

/* Rows from a text that has been read, which is cut into words. `row` as in ms_table_read_rows(); NULL: there
 * are names. */
ms_status ms_table_fill_text(ms_table *table, char *text, const char *row, ms_diagnostics *diagnostics);

/* Datasets from the bytes of an HDF5 file. */
ms_status ms_table_fill_hdf5(ms_table *table, void *bytes, size_t length, ms_diagnostics *diagnostics);

/* A new entry, or NULL after a message: the name is too long, is there already, or there are too many. */
ms_table_entry *ms_table_add(ms_table *table, const char *name, size_t line, ms_diagnostics *diagnostics);

#endif
