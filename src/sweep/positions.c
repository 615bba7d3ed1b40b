/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of start positions: one position a row, numbers between blanks or commas, # begins a comment. */
#include "sweep/draft.h"
#include "sweep/file.h"
#include "sweep/number.h"

#include <stdlib.h>
#include <string.h>

typedef struct table {
    const char *path;
    ms_diagnostics *diagnostics;
    double *value;
    size_t count, capacity, columns, rows;
} table;

static ms_status append(table *t, double value)
{
    if (t->count == t->capacity) {
        size_t capacity = t->capacity > 0 ? 2 * t->capacity : 1024; /* bounded by the size of the file */
        double *grown = realloc(t->value, capacity * sizeof *grown);
        if (!grown)
            return MS_ERROR_MEMORY;
        t->value = grown;
        t->capacity = capacity;
    }
    t->value[t->count++] = value;
    return MS_OK;
}

/* One line, which is cut into words. */
static ms_status read_row(table *t, char *line, size_t number)
{
    size_t before = t->count;
    char *comment = strchr(line, '#');
    if (comment)
        *comment = '\0';
    char *rest = NULL;
    for (char *word = strtok_r(line, " \t\r,", &rest); word; word = strtok_r(NULL, " \t\r,", &rest)) {
        double value = 0;
        const char *wrong = ms_parse_number(word, &value);
        if (!wrong && (value < -1e100 || value > 1e100))
            wrong = "too large; give a number from -1e100 to 1e100";
        if (wrong) {
            ms_diagnostics_add(t->diagnostics, t->path, number, (size_t)(word - line) + 1, "'%.40s': %s",
                               word, wrong);
            return MS_ERROR_SWEEP;
        }
        if (append(t, value) != MS_OK)
            return MS_ERROR_MEMORY;
    }
    size_t columns = t->count - before;
    if (columns == 0)
        return MS_OK;
    if (t->rows++ == 0)
        t->columns = columns;
    if (columns == t->columns)
        return MS_OK;
    ms_diagnostics_add(t->diagnostics, t->path, number, 1,
                       "%zu number%s, but the rows before have %zu; give every position the same number",
                       columns, columns == 1 ? "" : "s", t->columns);
    return MS_ERROR_SWEEP;
}

static ms_status read_table(table *t)
{
    char *text;
    size_t length;
    ms_status status = ms_file_read(t->path, MS_SWEEP_POSITIONS_MAX, &text, &length, t->diagnostics);
    if (status == MS_OK)
        status = ms_file_check_text(t->path, text, length, t->diagnostics);
    char *line = text;
    for (size_t number = 1; status == MS_OK && line; number++) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        status = read_row(t, line, number);
        line = end ? end + 1 : NULL;
    }
    free(text);
    if (status == MS_OK && t->rows == 0) {
        ms_diagnostics_add(t->diagnostics, t->path, 0, 0, "holds no position; give one a row");
        status = MS_ERROR_SWEEP;
    }
    return status;
}

void ms_read_positions(ms_reader *reader, const ms_node *node, ms_draft *draft)
{
    char *path = ms_file_beside(reader->where, node->text);
    if (!path) {
        reader->out_of_memory = true;
        return;
    }
    table t = {.path = path, .diagnostics = reader->diagnostics};
    ms_status status = read_table(&t);
    free(path);
    if (status == MS_OK) {
        draft->sweep.positions = t.value;
        draft->sweep.position_rows = t.rows;
        draft->sweep.positions_dimension = t.columns;
        return;
    }
    free(t.value);
    draft->no_positions = true;
    if (status == MS_ERROR_MEMORY)
        reader->out_of_memory = true;
}
