/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables in three formats, row by row, and JSON's strings and numbers. All goes to standard output. */
#ifndef MS_OUTPUT_H
#define MS_OUTPUT_H

#include <modeseek/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

typedef struct ms_table {
    ms_format format;
    const char *const *column;
    size_t columns;
    size_t rows; /* printed so far */
} ms_table;

/* Prints the head. Readable: columns aligned to the right, numbers to four digits. CSV: full precision,
 * "inf" and "nan" where there is no number. JSON: an array of objects, null where there is no number. */
void ms_table_begin(ms_table *table, ms_format format, const char *const *column, size_t columns);
void ms_table_row(ms_table *table, const ms_cell *cell);
void ms_table_end(ms_table *table);

/* The shortest decimal that reads back as `number`. */
void ms_format_number(double number, char *text, size_t size);
/* "1.5 GB" */
void ms_format_bytes(double bytes, char *text, size_t size);

/* Valid JSON for any bytes; what is no UTF-8 becomes U+FFFD. */
void ms_json_string(const char *text);
void ms_json_number(double number);

/* MS_ERROR_IO unless all that was printed has been written. */
ms_status ms_output_flush(ms_error *error);

#endif
