/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The items of a list from a file: a table with a row an item, columns named as their keys. The numbers
 * become no nodes, for there may be millions. */
#include "sweep/items.h"
#include "base/vector.h"
#include "sweep/additions.h"
#include "sweep/sweep.h"

#include <modeseek/random.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct ms_read_table {
    ms_table *table; /* NULL: something is wrong with it */
    uint64_t digest;
    bool is_isotropic;
    ms_read_table *next;
    char path[];
};

#define DIGEST_SIZE 17

typedef struct mapping {
    char file[4096];
    /* found in the file: */
    uint64_t count;
    char digest[DIGEST_SIZE]; /* of all numbers, in hexadecimal */
    bool isotropic;           /* whether vectors that usually are constant are so */
} mapping;

#define IN(member) offsetof(mapping, member)

static const ms_field fields[] = {
    {.key = "file",
     .type = MS_FIELD_PATH,
     .doc = "path of a table of them",
     .required = true,
     .offset = IN(file),
     .size = sizeof((mapping *)0)->file},
    {.key = "count",
     .type = MS_FIELD_COUNT,
     .doc = "rows of the table",
     .found = true,
     .offset = IN(count),
     .least = 1,
     .most = MS_COMPONENTS_MAX},
    {.key = "digest",
     .type = MS_FIELD_TEXT,
     .doc = "of its numbers",
     .found = true,
     .offset = IN(digest),
     .size = DIGEST_SIZE},
    {.key = "isotropic",
     .type = MS_FIELD_BOOL,
     .doc = "whether each variance is the same in all coordinates",
     .found = true,
     .offset = IN(isotropic)},
};
const ms_schema ms_items_schema = {"components: file", fields, COUNT(fields)};

void ms_read_tables_free(ms_read_table *tables)
{
    while (tables) {
        ms_read_table *first = tables;
        tables = first->next;
        ms_table_free(first->table);
        free(first);
    }
}

/* Columns that no field has, and fields that have no column. */
static bool check_names(ms_reader *reader, const ms_schema *schema, const ms_table *table)
{
    const char *names[MS_SCHEMA_FIELDS_MAX];
    char list[256] = "";
    size_t before = reader->diagnostics->count;
    bool is_missing[MS_SCHEMA_FIELDS_MAX];
    for (size_t i = 0; i < schema->count; i++) {
        size_t used = strlen(list);
        names[i] = schema->fields[i].key;
        snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", names[i]);
        is_missing[i] = !ms_table_find(table, names[i]);
    }
    for (size_t e = 0; e < table->entries; e++) {
        const char *name = table->entry[e].name;
        if (ms_schema_field(schema, name))
            continue;
        const char *meant = ms_did_you_mean(name, names, schema->count);
        if (meant) {
            ms_diagnostics_add(reader->diagnostics, table->path, 0, 0,
                               "unknown column '%s'; did you mean '%s'?", name, meant);
            is_missing[ms_schema_field(schema, meant) - schema->fields] = false;
        } else {
            ms_diagnostics_add(reader->diagnostics, table->path, 0, 0, "unknown column '%s'; %s takes %s",
                               name, schema->path, list);
        }
    }
    for (size_t i = 0; i < schema->count; i++)
        if (is_missing[i])
            ms_diagnostics_add(reader->diagnostics, table->path, 0, 0, "lacks a column %s (%s); add it",
                               names[i], schema->fields[i].doc);
    return reader->diagnostics->count == before;
}

static void check_number(ms_reader *reader, const ms_field *field, const ms_table *table,
                         const ms_table_entry *entry, size_t row, size_t column)
{
    char advice[128];
    double value = entry->value[row * entry->stride + column];
    if (ms_is_in_range(value, field->low, field->above_low, field->high))
        return;
    ms_describe_range(value, field->low, field->above_low, field->high, advice, sizeof advice);
    ms_table_complain(table, entry, row, column, advice, reader->diagnostics);
}

static void check_entry(ms_reader *reader, const ms_field *field, const ms_table *table)
{
    const ms_table_entry *entry = ms_table_find(table, field->key);
    if (field->type == MS_FIELD_NUMBER && entry->columns > 1) {
        ms_diagnostics_add(reader->diagnostics, table->path, 0, 0, "%s has %zu numbers a row; give one",
                           entry->name, entry->columns);
        return;
    }
    for (size_t row = 0; row < table->rows; row++)
        for (size_t column = 0; column < entry->columns; column++) {
            if (reader->diagnostics->count >= MS_DIAGNOSTICS_MAX)
                return;
            check_number(reader, field, table, entry, row, column);
        }
}

/* Whether the table is what the field wants. */
static bool check_table(ms_reader *reader, const ms_field *field, const ms_table *table)
{
    size_t before = reader->diagnostics->count;
    if (!check_names(reader, field->schema, table))
        return false;
    if (table->rows < field->least || table->rows > field->most)
        ms_diagnostics_add(reader->diagnostics, table->path, 0, 0, "%zu row%s; give %zu to %zu (%s)",
                           table->rows, table->rows == 1 ? "" : "s", (size_t)field->least,
                           (size_t)field->most, field->doc);
    for (size_t i = 0; i < field->schema->count; i++)
        check_entry(reader, &field->schema->fields[i], table);
    return reader->diagnostics->count == before;
}

/* Of all numbers, in whatever form the file has them. */
static uint64_t digest_of(const ms_field *field, const ms_table *table)
{
    ms_hash hash = ms_hash_init();
    for (size_t i = 0; i < field->schema->count; i++) {
        const ms_table_entry *entry = ms_table_find(table, field->schema->fields[i].key);
        ms_hash_u64(&hash, entry->is_list ? entry->columns : 0);
        for (size_t row = 0; row < table->rows; row++)
            for (size_t column = 0; column < entry->columns; column++)
                ms_hash_double(&hash, entry->value[row * entry->stride + column] + 0.0); /* no -0.0 */
    }
    return ms_hash_value(&hash);
}

static bool is_isotropic(const ms_field *field, const ms_table *table)
{
    for (size_t i = 0; i < field->schema->count; i++) {
        const ms_table_entry *entry = ms_table_find(table, field->schema->fields[i].key);
        if (!field->schema->fields[i].is_usually_constant)
            continue;
        for (size_t row = 0; row < table->rows; row++)
            for (size_t column = 1; column < entry->columns; column++)
                if (entry->value[row * entry->stride + column] != entry->value[row * entry->stride])
                    return false;
    }
    return true;
}

/* The table of that path, read once for all variants; one without a table after a message; NULL without
 * memory. */
static const ms_read_table *read_table(ms_reader *reader, const ms_field *field, const char *path)
{
    for (const ms_read_table *known = reader->tables; known; known = known->next)
        if (strcmp(known->path, path) == 0)
            return known;
    ms_read_table *read = calloc(1, sizeof *read + strlen(path) + 1);
    if (!read)
        return NULL;
    memcpy(read->path, path, strlen(path) + 1);
    read->next = reader->tables;
    reader->tables = read;
    if (ms_table_read(&read->table, path, reader->diagnostics) == MS_ERROR_MEMORY)
        return NULL;
    if (read->table && check_table(reader, field, read->table)) {
        read->digest = digest_of(field, read->table);
        read->is_isotropic = is_isotropic(field, read->table);
        return read;
    }
    ms_table_free(read->table);
    read->table = NULL;
    reader->is_file_wrong = true;
    return read;
}

static bool take_vector(const ms_table_entry *entry, size_t row, ms_vector *vector)
{
    const double *value = entry->value + row * entry->stride;
    vector->value = value[0] + 0.0;
    if (!entry->is_list)
        return true;
    vector->pattern = MS_PATTERN_LIST;
    vector->values = malloc(entry->columns * sizeof *vector->values);
    for (size_t j = 0; vector->values && j < entry->columns; j++)
        vector->values[j] = value[j] + 0.0;
    vector->value_count = vector->values ? entry->columns : 0;
    return vector->values;
}

static bool take_items(const ms_field *field, const ms_table *table, ms_list *list)
{
    for (size_t i = 0; i < field->schema->count; i++) {
        const ms_field *of_item = &field->schema->fields[i];
        const ms_table_entry *entry = ms_table_find(table, of_item->key);
        for (size_t row = 0; row < table->rows; row++) {
            void *value = (char *)list->item + row * field->size + of_item->offset;
            if (of_item->type == MS_FIELD_NUMBER)
                *(double *)value = entry->value[row * entry->stride] + 0.0;
            else if (!take_vector(entry, row, value))
                return false;
        }
    }
    return true;
}

static size_t numbers_of(const ms_table *table)
{
    size_t columns = 0;
    for (size_t e = 0; e < table->entries; e++)
        columns += table->entry[e].columns;
    return table->rows * columns;
}

/* Whether there is room for another copy of a table, in which an item itself takes some, too. */
static bool make_room(ms_reader *reader, const ms_field *field, const ms_node *node, size_t rows,
                      size_t numbers)
{
    reader->table_numbers += numbers + rows * field->size / sizeof(double);
    if (reader->table_numbers <= MS_SWEEP_TABLES_MAX)
        return true;
    ms_complain(
        reader, node,
        "the variants of the sweep have more numbers from files than a sweep may hold (2^24); shorten "
        "an axis");
    reader->is_file_wrong = true;
    return false;
}

/* Items whose vectors are constant or not, as those of the file are: more is not known without it. */
static void stand_in(ms_reader *reader, const ms_field *field, const ms_node *node, const mapping *m,
                     ms_list *list)
{
    if (m->count < field->least || m->count > field->most) {
        ms_complain(reader, node, "count is %" PRIu64 ", so this is not a sweep as stored in a results file",
                    m->count);
        return;
    }
    reader->lacks_numbers = true;
    if (!make_room(reader, field, node, m->count, 0))
        return;
    list->item = calloc(m->count, field->size);
    list->count = list->item ? m->count : 0;
    list->digest = strtoull(m->digest, NULL, 16);
    reader->out_of_memory |= !list->item;
    for (size_t n = 0; n < list->count; n++)
        for (size_t i = 0; i < field->schema->count; i++) {
            const ms_field *of_item = &field->schema->fields[i];
            ms_vector *vector = (ms_vector *)(void *)((char *)list->item + n * field->size + of_item->offset);
            if (of_item->is_usually_constant && !m->isotropic)
                *vector = (ms_vector){.pattern = MS_PATTERN_ALTERNATING, .value = 1};
        }
}

/* What was given, or noted when results were made, must be what is found. */
static void compare(ms_reader *reader, const ms_node *node, const mapping *given, const mapping *found)
{
    const ms_node *isotropic = ms_node_get(node, "isotropic");
    if ((given->count > 0 && given->count != found->count) ||
        (given->digest[0] != '\0' && strcmp(given->digest, found->digest) != 0) ||
        (isotropic && given->isotropic != found->isotropic))
        ms_complain(reader, node,
                    "%s is not the expected file: it has count: %" PRIu64
                    ", digest: \"%s\", isotropic: %s; change the file, or these keys",
                    found->file, found->count, found->digest,
                    ms_choice_name(ms_bool_choices, found->isotropic));
    else
        ms_additions_note(reader, &ms_items_schema, found, node);
}

static void read_file(ms_reader *reader, const ms_field *field, const ms_node *node, const mapping *m,
                      ms_list *list)
{
    mapping *found = malloc(sizeof *found);
    const ms_read_table *read = found ? read_table(reader, field, m->file) : NULL;
    if (read && read->table && make_room(reader, field, node, read->table->rows, numbers_of(read->table))) {
        *found = *m;
        found->count = read->table->rows;
        found->isotropic = read->is_isotropic;
        snprintf(found->digest, DIGEST_SIZE, "%016" PRIx64, read->digest);
        compare(reader, node, m, found);
        list->item = calloc(read->table->rows, field->size);
        list->count = list->item ? read->table->rows : 0;
        list->digest = read->digest;
        if (!list->item || !take_items(field, read->table, list))
            reader->out_of_memory = true;
    }
    reader->out_of_memory |= !read;
    free(found);
}

void ms_read_items(ms_reader *reader, const ms_field *field, const ms_node *node, ms_list *list)
{
    size_t before = reader->diagnostics->count;
    mapping *m = calloc(1, sizeof *m);
    if (m)
        ms_schema_read(reader, &ms_items_schema, node, m);
    else
        reader->out_of_memory = true;
    list->is_of_file = true;
    if (m && !reader->out_of_memory && reader->diagnostics->count == before)
        (reader->skips_tables ? stand_in : read_file)(reader, field, node, m, list);
    free(m);
}
