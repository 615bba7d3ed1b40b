/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text: a row a line, numbers between blanks or commas, # begins a comment. */
#include "data/number.h"
#include "data/readers.h"

#include <stdlib.h>
#include <string.h>

#define BETWEEN         " \t\r,"
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

typedef struct reading {
    ms_table *table;
    const char *row; /* what a row is called; NULL: there are names */
    ms_diagnostics *diagnostics;
    double *value;
    size_t count, capacity, columns, line_capacity;
    char *names; /* a comment that may hold them, or NULL */
    size_t names_line;
} reading;

static ms_status append(reading *r, double value)
{
    if (r->count == r->capacity) {
        size_t capacity = r->capacity > 0 ? 2 * r->capacity : 1024;
        double *grown = realloc(r->value, capacity * sizeof *grown);
        if (!grown)
            return MS_ERROR_MEMORY;
        r->value = r->table->number[0] = grown;
        r->capacity = capacity;
    }
    r->value[r->count++] = value;
    return MS_OK;
}

static ms_status note_line(reading *r, size_t number)
{
    if (r->table->rows == r->line_capacity) {
        size_t capacity = r->line_capacity > 0 ? 2 * r->line_capacity : 256;
        size_t *grown = realloc(r->table->line, capacity * sizeof *grown);
        if (!grown)
            return MS_ERROR_MEMORY;
        r->table->line = grown;
        r->line_capacity = capacity;
    }
    r->table->line[r->table->rows++] = number;
    return MS_OK;
}

/* The index of `name[index]`, which is cut off; SIZE_MAX: the word is nothing like that. */
static size_t cut_index(char *word)
{
    char *open = strchr(word, '[');
    size_t digits = open ? strspn(open + 1, "0123456789") : 0;
    bool is_padded = digits > 1 && open[1] == '0';
    if (digits < 1 || digits > 8 || is_padded || open == word || strcmp(open + 1 + digits, "]") != 0)
        return SIZE_MAX;
    *open = '\0';
    return strtoul(open + 1, NULL, 10);
}

static bool add_name(reading *r, char *word, size_t number)
{
    ms_table *table = r->table;
    size_t index = cut_index(word);
    ms_table_entry *last = table->entries > 0 ? &table->entry[table->entries - 1] : NULL;
    if (last && last->is_list && index > 0 && index != SIZE_MAX && strcmp(last->name, word) == 0) {
        if (index == last->columns++)
            return true;
        ms_diagnostics_add(r->diagnostics, table->path, number, 0,
                           "%s[%zu] where %s[%zu] should be; number them 0, 1, 2, ... in this order", word,
                           index, word, last->columns - 1);
        return false;
    }
    if (index > 0 && index != SIZE_MAX) {
        ms_diagnostics_add(r->diagnostics, table->path, number, 0,
                           "%s[%zu] does not follow %s[%zu]; number them 0, 1, 2, ... side by side", word,
                           index, word, index - 1);
        return false;
    }
    ms_table_entry *entry = ms_table_add(table, word, number, r->diagnostics);
    if (entry)
        entry->is_list = index == 0;
    return entry;
}

static ms_status read_names(reading *r, char *line, size_t number)
{
    char *rest = NULL;
    for (char *word = strtok_r(line, BETWEEN, &rest); word; word = strtok_r(NULL, BETWEEN, &rest)) {
        size_t length = strlen(word);
        if (length > 2 && word[0] == '"' && word[length - 1] == '"') {
            word[length - 1] = '\0';
            word++;
        }
        if (!add_name(r, word, number))
            return MS_ERROR_SWEEP;
        r->columns++;
    }
    return MS_OK;
}

static ms_status complain_length(const reading *r, size_t columns, size_t number)
{
    const char *plural = columns == 1 ? "" : "s";
    if (r->row)
        ms_diagnostics_add(r->diagnostics, r->table->path, number, 1,
                           "%zu number%s, but the previous rows have %zu; give every %s the same number",
                           columns, plural, r->columns, r->row);
    else
        ms_diagnostics_add(r->diagnostics, r->table->path, number, 1,
                           "%zu number%s, but %zu names; give every column a name and every row all numbers "
                           "(pandas: index=False)",
                           columns, plural, r->columns);
    return MS_ERROR_SWEEP;
}

static ms_status read_row(reading *r, char *line, size_t number)
{
    size_t before = r->count;
    char *rest = NULL;
    for (char *word = strtok_r(line, BETWEEN, &rest); word; word = strtok_r(NULL, BETWEEN, &rest)) {
        double value = 0;
        const char *wrong = ms_parse_number(word, &value);
        if (!wrong && (value < -MS_TABLE_LARGEST || value > MS_TABLE_LARGEST))
            wrong = "too large; give a number from -1e100 to 1e100";
        if (!wrong && r->count == MS_TABLE_NUMBERS_MAX)
            wrong = "the table has more than 2^23 numbers, the limit";
        if (wrong) {
            ms_diagnostics_add(r->diagnostics, r->table->path, number, (size_t)(word - line) + 1,
                               "'%.40s': %s", word, wrong);
            return MS_ERROR_SWEEP;
        }
        if (append(r, value) != MS_OK)
            return MS_ERROR_MEMORY;
    }
    size_t columns = r->count - before;
    if (r->row && r->table->rows == 0)
        r->columns = columns;
    return columns == r->columns ? note_line(r, number) : complain_length(r, columns, number);
}

/* Whether the first word is none that looks like a number, be it a wrong one. */
static bool are_names(const char *word)
{
    char *end;
    strtod(word, &end);
    return end == word || !strchr(BETWEEN, *end);
}

/* One line that is not empty, before there are names. */
static ms_status begin_named(reading *r, char *line, size_t number)
{
    if (are_names(line + strspn(line, BETWEEN)))
        return read_names(r, line, number);
    ms_status status = r->names ? read_names(r, r->names, r->names_line) : MS_OK;
    if (status == MS_OK && r->columns == 0) {
        ms_diagnostics_add(
            r->diagnostics, r->table->path, number, 1,
            "no line of names precedes the numbers; add one, like: weight,variance,mean[0],mean[1]");
        return MS_ERROR_SWEEP;
    }
    return status == MS_OK ? read_row(r, line, number) : status;
}

static ms_status read_line(reading *r, char *line, size_t number)
{
    bool needs_names = !r->row && r->columns == 0;
    char *comment = strchr(line, '#');
    if (comment)
        *comment = '\0';
    if (line[strspn(line, BETWEEN)] != '\0')
        return needs_names ? begin_named(r, line, number) : read_row(r, line, number);
    if (comment && needs_names) {
        r->names = comment + 1;
        r->names_line = number;
    }
    return MS_OK;
}

/* The columns of a text lie side by side. */
static void lay_out(const reading *r)
{
    ms_table *table = r->table;
    if (r->row)
        table->entry[table->entries++] = (ms_table_entry){.is_list = true, .columns = r->columns};
    size_t first = 0;
    for (size_t i = 0; i < table->entries; i++) {
        table->entry[i].value = r->value + first;
        table->entry[i].stride = r->columns;
        first += table->entry[i].columns;
    }
}

ms_status ms_table_fill_text(ms_table *table, char *text, const char *row, ms_diagnostics *diagnostics)
{
    reading r = {.table = table, .row = row, .diagnostics = diagnostics};
    ms_status status = MS_OK;
    char *line = text;
    if (strncmp(line, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
        line += strlen(BYTE_ORDER_MARK);
    for (size_t number = 1; status == MS_OK && line; number++) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        status = read_line(&r, line, number);
        line = end ? end + 1 : NULL;
    }
    if (status == MS_OK && table->rows == 0) {
        const char *what = row ? row : "row of numbers";
        ms_diagnostics_add(diagnostics, table->path, 0, 0, "holds no %s; give one a %s", what,
                           row ? "row" : "line");
        status = MS_ERROR_SWEEP;
    }
    if (status == MS_OK)
        lay_out(&r);
    return status;
}
