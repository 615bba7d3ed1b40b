/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "data/table.h"

#include "data/file.h"
#include "data/readers.h"

#include <stdlib.h>
#include <string.h>

static const char hdf5_signature[] = "\x89HDF\r\n\x1a\n";

void ms_table_free(ms_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < MS_TABLE_ENTRIES_MAX; i++)
        free(table->number[i]);
    free(table->line);
    free(table->path);
    free(table);
}

const ms_table_entry *ms_table_find(const ms_table *table, const char *name)
{
    for (size_t i = 0; i < table->entries; i++)
        if (strcmp(table->entry[i].name, name) == 0)
            return &table->entry[i];
    return NULL;
}

ms_table_entry *ms_table_add(ms_table *table, const char *name, size_t line, ms_diagnostics *diagnostics)
{
    ms_table_entry *entry = &table->entry[table->entries];
    size_t length = strlen(name);
    if (length > MS_TABLE_NAME_MAX)
        ms_diagnostics_add(diagnostics, table->path, line, 0,
                           "the name '%.20s...' is longer than %u bytes; is it the right file?", name,
                           MS_TABLE_NAME_MAX);
    else if (ms_table_find(table, name))
        ms_diagnostics_add(diagnostics, table->path, line, 0, "'%s' occurs twice; remove one of them", name);
    else if (table->entries == MS_TABLE_ENTRIES_MAX)
        ms_diagnostics_add(diagnostics, table->path, line, 0,
                           "more than %u names, the limit; is it the right file?", MS_TABLE_ENTRIES_MAX);
    else {
        *entry = (ms_table_entry){.columns = 1};
        memcpy(entry->name, name, length + 1);
        table->entries++;
        return entry;
    }
    return NULL;
}

void ms_table_complain(const ms_table *table, const ms_table_entry *entry, size_t row, size_t column,
                       const char *advice, ms_diagnostics *diagnostics)
{
    double value = entry->value[row * entry->stride + column];
    if (!table->line && entry->is_list)
        ms_diagnostics_add(diagnostics, table->path, 0, 0, "%s[%zu,%zu] is %.12g; %s", entry->name, row,
                           column, value, advice);
    else if (!table->line)
        ms_diagnostics_add(diagnostics, table->path, 0, 0, "%s[%zu] is %.12g; %s", entry->name, row, value,
                           advice);
    else if (entry->is_list)
        ms_diagnostics_add(diagnostics, table->path, table->line[row], 0, "%s[%zu] is %.12g; %s", entry->name,
                           column, value, advice);
    else
        ms_diagnostics_add(diagnostics, table->path, table->line[row], 0, "%s is %.12g; %s", entry->name,
                           value, advice);
}

static ms_status fill(ms_table *table, size_t limit, const char *row, ms_diagnostics *diagnostics)
{
    char *bytes;
    size_t length, signature = sizeof hdf5_signature - 1;
    ms_status status = ms_file_read(table->path, limit, &bytes, &length, diagnostics);
    if (status == MS_OK && !row && length >= signature && memcmp(bytes, hdf5_signature, signature) == 0) {
        status = ms_table_fill_hdf5(table, bytes, length, diagnostics);
    } else if (status == MS_OK) {
        status = ms_file_check_text(table->path, bytes, length, diagnostics);
        if (status == MS_OK)
            status = ms_table_fill_text(table, bytes, row, diagnostics);
    }
    free(bytes);
    return status;
}

ms_status ms_table_read_rows(ms_table **table, const char *path, size_t limit, const char *row,
                             ms_diagnostics *diagnostics)
{
    ms_table *made = calloc(1, sizeof *made);
    *table = NULL;
    ms_status status = MS_ERROR_MEMORY;
    if (made && (made->path = strdup(path)))
        status = fill(made, limit, row, diagnostics);
    if (status == MS_OK)
        *table = made;
    else
        ms_table_free(made);
    return status;
}

ms_status ms_table_read(ms_table **table, const char *path, ms_diagnostics *diagnostics)
{
    return ms_table_read_rows(table, path, MS_TABLE_BYTES_MAX, NULL, diagnostics);
}
