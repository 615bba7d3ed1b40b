/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/output.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

void ms_format_bytes(double bytes, char *text, size_t size)
{
    static const char *const unit[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
    size_t u = 0;
    for (; bytes >= 1000 && u + 1 < sizeof unit / sizeof *unit; u++)
        bytes /= 1000;
    snprintf(text, size, u > 0 ? "%.1f %s" : "%.0f %s", bytes, unit[u]);
}

void ms_csv_field(FILE *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++)
        fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
    fputc('"', out);
}

void ms_format_short(double number, char *text, size_t size)
{
    char digits[32];
    if (!isfinite(number) || fabs(number) < 999.5) {
        snprintf(text, size, isnan(number) ? "nan" : "%.3g", number);
        return;
    }
    if (fabs(number) < 99999.5) {
        snprintf(text, size, "%.0f", number);
        return;
    }
    snprintf(digits, sizeof digits, "%.2e", number); /* "1.17e+05" */
    char *e = strchr(digits, 'e');
    long exponent = strtol(e + 1, NULL, 10);
    while (e[-1] == '0' || e[-1] == '.') /* 4.00 is 4 */
        if (*--e == '.')
            break;
    snprintf(text, size, "%.*se%ld", (int)(e - digits), digits, exponent);
}

/* The text of a cell: the cell's own word, or `text`. */
static const char *cell_text(ms_format format, const ms_cell *cell, char text[32])
{
    if (cell->word)
        return cell->word;
    if (cell->is_integer)
        snprintf(text, 32, "%" PRIu64, cell->integer);
    else if (format == MS_FORMAT_READABLE && isfinite(cell->number))
        snprintf(text, 32, "%.4g", cell->number);
    else
        ms_format_number(cell->number, text, 32);
    return text;
}

/* Keeps the text of a cell of a readable table. */
static void keep(ms_output_table *table, const char *text)
{
    size_t length = strlen(text) + 1;
    if (table->capacity - table->size < length && !table->out_of_memory) {
        size_t wanted = 2 * table->capacity + length + 1024;
        char *larger = realloc(table->text, wanted);
        table->out_of_memory = !larger;
        if (larger) {
            table->text = larger;
            table->capacity = wanted;
        }
    }
    if (table->out_of_memory)
        return;
    memcpy(table->text + table->size, text, length);
    table->size += length;
}

void ms_output_table_begin(ms_output_table *table, ms_format format, const char *const *column,
                           size_t columns, size_t rows_max)
{
    *table = (ms_output_table){
        .format = format, .column = column, .columns = columns, .rows_max = rows_max, .json.out = stdout};
    if (format == MS_FORMAT_JSON)
        ms_json_open(&table->json, NULL, '[');
    for (size_t i = 0; format == MS_FORMAT_CSV && i < columns; i++) {
        ms_csv_field(stdout, column[i]);
        putchar(i + 1 < columns ? ',' : '\n');
    }
}

static const char *const shared_column[] = {"file", "also_in"};
#define SHARED (sizeof shared_column / sizeof *shared_column)

static ms_status begin_shared(ms_output_shared *shared, ms_format format, const char *const *column,
                              size_t columns, ms_error *error)
{
    shared->column = calloc(columns + 1, sizeof *shared->column);
    for (; shared->column && shared->columns < columns; shared->columns++)
        if (!(shared->column[shared->columns] = strdup(column[shared->columns])))
            break;
    if (shared->columns < columns)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a table");
    shared->json.out = stdout;
    if (format == MS_FORMAT_JSON)
        ms_json_open(&shared->json, NULL, '[');
    for (size_t i = 0; format == MS_FORMAT_CSV && i < SHARED; i++)
        printf("%s,", shared_column[i]);
    for (size_t i = 0; format == MS_FORMAT_CSV && i < columns; i++) {
        ms_csv_field(stdout, column[i]);
        putchar(i + 1 < columns ? ',' : '\n');
    }
    return MS_OK;
}

ms_status ms_output_table_begin_part(ms_output_table *table, ms_output_shared *shared, ms_format format,
                                     const char *const *column, size_t columns, ms_error *error)
{
    *table = (ms_output_table){.format = format, .shared = shared, .column = column, .columns = columns};
    if (!shared->column)
        return begin_shared(shared, format, column, columns, error);
    for (size_t i = 0; i < columns || i < shared->columns; i++)
        if (i >= columns || i >= shared->columns || strcmp(column[i], shared->column[i]) != 0)
            return ms_error_set(
                error, MS_ERROR_ARGUMENT,
                "%s: its table has different columns from those of the files before it (%s); print it by a "
                "separate command",
                shared->file, i < columns ? column[i] : shared->column[i]);
    return MS_OK;
}

void ms_output_shared_end(ms_output_shared *shared, ms_format format, bool good)
{
    if (good && format == MS_FORMAT_JSON) {
        if (shared->rows > 0)
            ms_json_line(&shared->json, 0);
        ms_json_close(&shared->json, ']');
        putchar('\n');
    }
    for (size_t i = 0; i < shared->columns; i++)
        free(shared->column[i]);
    free(shared->column);
}

static void write_object(const ms_output_table *table, ms_json *json, const ms_cell *cell)
{
    ms_json_line(json, 2);
    ms_json_open(json, NULL, '{');
    if (table->shared) {
        ms_json_text(json, shared_column[0], table->shared->file);
        ms_json_text(json, shared_column[1], table->shared->also_in);
    }
    for (size_t i = 0; i < table->columns; i++)
        if (cell[i].word)
            ms_json_text(json, table->column[i], cell[i].word);
        else if (cell[i].is_integer)
            ms_json_count(json, table->column[i], cell[i].integer);
        else
            ms_json_number(json, table->column[i], cell[i].number);
    ms_json_close(json, '}');
}

static void write_csv(const ms_output_table *table, const ms_cell *cell)
{
    char text[32];
    if (table->shared) {
        ms_csv_field(stdout, table->shared->file);
        putchar(',');
        ms_csv_field(stdout, table->shared->also_in);
        putchar(',');
    }
    for (size_t i = 0; i < table->columns; i++) {
        ms_csv_field(stdout, cell_text(table->format, &cell[i], text));
        putchar(i + 1 < table->columns ? ',' : '\n');
    }
}

void ms_output_table_row(ms_output_table *table, const ms_cell *cell)
{
    char text[32];
    if (table->format == MS_FORMAT_READABLE) {
        for (size_t i = 0; table->rows < table->rows_max && i < table->columns; i++)
            keep(table, cell_text(table->format, &cell[i], text));
        table->rows_shown += table->rows < table->rows_max;
        table->rows++;
        return;
    }
    if (table->format == MS_FORMAT_JSON)
        write_object(table, table->shared ? &table->shared->json : &table->json, cell);
    else
        write_csv(table, cell);
    table->rows++;
    if (table->shared)
        table->shared->rows++;
}

/* Of one column, its name included. */
static size_t column_width(const ms_output_table *table, size_t column)
{
    size_t widest = strlen(table->column[column]);
    const char *text = table->text;
    for (size_t i = 0; i < table->rows_shown * table->columns; i++, text += strlen(text) + 1)
        if (i % table->columns == column && strlen(text) > widest)
            widest = strlen(text);
    return widest;
}

static bool print_readable(const ms_output_table *table)
{
    int *width = calloc(table->columns, sizeof *width);
    if (!width)
        return false;
    for (size_t i = 0; i < table->columns; i++) {
        width[i] = (int)column_width(table, i);
        printf("%*s%s", width[i], table->column[i], i + 1 < table->columns ? "  " : "\n");
    }
    const char *text = table->text;
    for (size_t i = 0; i < table->rows_shown * table->columns; i++, text += strlen(text) + 1)
        printf("%*s%s", width[i % table->columns], text, (i + 1) % table->columns > 0 ? "  " : "\n");
    free(width);
    return true;
}

ms_status ms_output_table_end(ms_output_table *table, ms_error *error)
{
    bool good = !table->out_of_memory;
    if (table->shared)
        return MS_OK;
    if (table->format == MS_FORMAT_JSON) {
        if (table->rows > 0)
            ms_json_line(&table->json, 0);
        ms_json_close(&table->json, ']');
    } else if (table->format == MS_FORMAT_READABLE && good)
        good = print_readable(table);
    free(table->text);
    table->text = NULL;
    return good ? MS_OK
                : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a table of %zu rows", table->rows);
}

ms_status ms_output_flush(ms_error *error)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return MS_OK;
    return ms_error_set(error, MS_ERROR_IO, "cannot write the output: %s", strerror(errno));
}
