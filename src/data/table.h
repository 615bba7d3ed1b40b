/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of numbers from files that nobody vouches for: text with a row a line, or datasets of an HDF5 file.
 * Bounded in every direction, whatever the file holds; every number is finite. */
#ifndef MS_DATA_TABLE_H
#define MS_DATA_TABLE_H

#include "base/diagnostics.h"

#include <modeseek/status.h>

#define MS_TABLE_BYTES_MAX   (1u << 28) /* of a file */
#define MS_TABLE_NUMBERS_MAX (1u << 23) /* in a table */
#define MS_TABLE_ENTRIES_MAX 32u
#define MS_TABLE_NAME_MAX    63u /* bytes */
#define MS_TABLE_LARGEST     1e100

/* What has one name: a column; columns name[0], name[1], ...; or a dataset of rank 1 or 2. The number in a
 * row and column is value[row * stride + column]. */
typedef struct ms_table_entry {
    char name[MS_TABLE_NAME_MAX + 1];
    bool is_list; /* several numbers a row, or one that was given as a list */
    size_t columns;
    const double *value; /* belongs to the table */
    size_t stride;
} ms_table_entry;

typedef struct ms_table {
    char *path;
    size_t rows, entries;
    ms_table_entry entry[MS_TABLE_ENTRIES_MAX];
    double *number[MS_TABLE_ENTRIES_MAX]; /* what the values lie in */
    size_t *line;                         /* [rows], from 1, of a text; NULL: of an HDF5 file */
} ms_table;

/* Reads the file. An HDF5 file is known by how it begins; all its datasets are read, and nothing outside it.
 * A text needs names: the last line before the first row of numbers, with or without '#' before them. On
 * failure `*table` is NULL: MS_ERROR_SWEEP or MS_ERROR_IO with messages, MS_ERROR_MEMORY. */
ms_status ms_table_read(ms_table **table, const char *path, ms_diagnostics *diagnostics);

/* The same for a text without names, which is one entry; `row` is what its rows are called in messages. At
 * most `limit` bytes are read. */
ms_status ms_table_read_rows(ms_table **table, const char *path, size_t limit, const char *row,
                             ms_diagnostics *diagnostics);

void ms_table_free(ms_table *table);

/* The entry of that name, or NULL. */
const ms_table_entry *ms_table_find(const ms_table *table, const char *name);

/* A message about one number, at its place: `file:line: name[column] is VALUE; ADVICE`, or
 * `file: name[row,column] is VALUE; ADVICE`. */
void ms_table_complain(const ms_table *table, const ms_table_entry *entry, size_t row, size_t column,
                       const char *advice, ms_diagnostics *diagnostics);

#endif
