/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists that are given as {file: PATH}. */
#ifndef MS_SWEEP_ITEMS_H
#define MS_SWEEP_ITEMS_H

#include "data/table.h"
#include "sweep/schema.h"

/* Reads the file that the mapping names into the list, which the field describes. Of a sweep that results
 * keep, the list has as many items, but not their numbers. */
void ms_read_items(ms_reader *reader, const ms_field *field, const ms_node *node, ms_list *list);

/* Frees tables that have been read. */
void ms_read_tables_free(ms_read_table *tables);

/* That mapping. */
extern const ms_schema ms_items_schema;

#endif
