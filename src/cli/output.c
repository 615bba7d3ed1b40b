/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/output.h"

#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN_MIN 6 /* room for most numbers; wider ones push their row to the right */

ms_cell ms_cell_word(const char *word)
{
    return (ms_cell){.word = word};
}

ms_cell ms_cell_integer(uint64_t integer)
{
    return (ms_cell){.is_integer = true, .integer = integer};
}

ms_cell ms_cell_number(double number)
{
    return (ms_cell){.number = number};
}

void ms_format_number(double number, char *text, size_t size)
{
    if (isnan(number)) { /* printf may write its sign */
        snprintf(text, size, "nan");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, size, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            return;
    }
}

void ms_format_bytes(double bytes, char *text, size_t size)
{
    static const char *const unit[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
    size_t u = 0;
    for (; bytes >= 1000 && u + 1 < sizeof unit / sizeof *unit; u++)
        bytes /= 1000;
    snprintf(text, size, u > 0 ? "%.1f %s" : "%.0f %s", bytes, unit[u]);
}

void ms_json_string(const char *text)
{
    putchar('"');
    for (size_t left = strlen(text), used; left > 0; text += used, left -= used) {
        char json[MS_JSON_CHARACTER_MAX];
        used = ms_json_character(text, left, json);
        fputs(json, stdout);
    }
    putchar('"');
}

void ms_json_number(double number)
{
    char text[32];
    ms_format_number(number, text, sizeof text);
    fputs(isfinite(number) ? text : "null", stdout);
}

static void print_cell(ms_format format, const ms_cell *cell, int width)
{
    char text[32];
    const char *shown = text;
    if (cell->word)
        shown = cell->word;
    else if (cell->is_integer)
        snprintf(text, sizeof text, "%" PRIu64, cell->integer);
    else if (format == MS_FORMAT_READABLE && isfinite(cell->number))
        snprintf(text, sizeof text, "%.4g", cell->number);
    else
        ms_format_number(cell->number, text, sizeof text);
    if (format == MS_FORMAT_JSON && cell->word)
        ms_json_string(cell->word);
    else if (format == MS_FORMAT_JSON && !cell->is_integer && !isfinite(cell->number))
        fputs("null", stdout);
    else
        printf("%*s", format == MS_FORMAT_READABLE ? width : 0, shown);
}

static int column_width(const ms_table *table, size_t column)
{
    size_t length = strlen(table->column[column]);
    return (int)(length < COLUMN_MIN ? COLUMN_MIN : length);
}

void ms_table_begin(ms_table *table, ms_format format, const char *const *column, size_t columns)
{
    *table = (ms_table){.format = format, .column = column, .columns = columns};
    if (format == MS_FORMAT_JSON) {
        fputs("[", stdout);
        return;
    }
    for (size_t i = 0; i < columns; i++)
        printf("%s%*s",
               i == 0                    ? ""
               : format == MS_FORMAT_CSV ? ","
                                         : "  ",
               format == MS_FORMAT_READABLE ? column_width(table, i) : 0, column[i]);
    putchar('\n');
}

void ms_table_row(ms_table *table, const ms_cell *cell)
{
    if (table->format == MS_FORMAT_JSON)
        printf("%s{", table->rows > 0 ? ",\n  " : "\n  ");
    for (size_t i = 0; i < table->columns; i++) {
        if (i > 0)
            fputs(table->format == MS_FORMAT_CSV    ? ","
                  : table->format == MS_FORMAT_JSON ? ", "
                                                    : "  ",
                  stdout);
        if (table->format == MS_FORMAT_JSON)
            printf("\"%s\": ", table->column[i]);
        print_cell(table->format, &cell[i], column_width(table, i));
    }
    fputs(table->format == MS_FORMAT_JSON ? "}" : "\n", stdout);
    table->rows++;
}

void ms_table_end(ms_table *table)
{
    if (table->format == MS_FORMAT_JSON)
        fputs(table->rows > 0 ? "\n]" : "]", stdout);
}

ms_status ms_output_flush(ms_error *error)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return MS_OK;
    return ms_error_set(error, MS_ERROR_IO, "cannot write the output: %s", strerror(errno));
}
