/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables in three formats, row by row. All goes to standard output. */
#ifndef MS_OUTPUT_H
#define MS_OUTPUT_H

#include "base/json.h"
#include "base/text.h"

#include <modeseek/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum ms_format { MS_FORMAT_READABLE, MS_FORMAT_CSV, MS_FORMAT_JSON } ms_format;

typedef struct ms_cell {
    const char *word; /* if not NULL */
    bool is_integer;
    uint64_t integer;
    double number;
} ms_cell;

ms_cell ms_cell_word(const char *word);
ms_cell ms_cell_integer(uint64_t integer);
ms_cell ms_cell_number(double number);

/* One table of CSV or JSON for several files, which are told in two columns before the others. Begin with
 * zeros. */
typedef struct ms_output_shared {
    const char *file;    /* that the next rows are of, */
    const char *also_in; /* and one before it that has the same points, or "" */
    char **column;       /* [columns] of the table, once it has begun */
    size_t columns, rows;
    ms_json json;
} ms_output_shared;

typedef struct ms_output_table {
    ms_format format;
    ms_output_shared *shared; /* that its rows go to, or NULL */
    const char *const *column;
    size_t columns;
    size_t rows;       /* given so far */
    size_t rows_shown; /* of a readable table: kept, */
    size_t rows_max;   /* at most; */
    char *text;        /* their cells, each ending in a NUL */
    size_t size, capacity;
    bool out_of_memory;
    ms_json json;
} ms_output_table;

/* Readable: columns as wide as they need to be, aligned to the right, numbers to four digits; the first
 * `rows_max` rows are printed at the end. CSV and JSON are printed as they come, all rows. CSV: full
 * precision, "inf" and "nan" where there is no number. JSON: an array of objects, null where there is no
 * number. */
void ms_output_table_begin(ms_output_table *table, ms_format format, const char *const *column,
                           size_t columns, size_t rows_max);
void ms_output_table_row(ms_output_table *table, const ms_cell *cell);
/* MS_ERROR_MEMORY. */
ms_status ms_output_table_end(ms_output_table *table, ms_error *error);

/* A part of a shared table, CSV or JSON; what ms_output_table_begin() is to one of its own. MS_ERROR_ARGUMENT
 * where it has other columns than the parts before it, MS_ERROR_MEMORY. */
ms_status ms_output_table_begin_part(ms_output_table *table, ms_output_shared *shared, ms_format format,
                                     const char *const *column, size_t columns, ms_error *error);
/* Behind the last part, also after a failure. */
void ms_output_shared_end(ms_output_shared *shared, ms_format format, bool good);

/* For people: three digits or, up to 99999, all before the point; "1.17e5". */
void ms_format_short(double number, char *text, size_t size);

/* "1.5 GB" */
void ms_format_bytes(double bytes, char *text, size_t size);

/* A field of CSV, quoted where it has to be. */
void ms_csv_field(FILE *out, const char *text);

/* MS_ERROR_IO unless all that was printed has been written. */
ms_status ms_output_flush(ms_error *error);

#endif
