/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/schema.h"

#include "base/text.h"
#include "sweep/number.h"

#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "counts are read into size_t");
_Static_assert(sizeof(ms_node_type) == sizeof(unsigned), "choices are stored as unsigned");

static void store(void *destination, const ms_field *field, const void *value, size_t size)
{
    memcpy((char *)destination + field->offset, value, size);
}

static bool read_text(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    size_t length = strlen(node->text);
    if (length == 0 || length >= field->size) {
        ms_complain(reader, node, "%s has %zu bytes; give 1 to %zu", field->key, length, field->size - 1);
        return false;
    }
    if (!ms_is_printable(node->text)) {
        ms_complain(reader, node, "%s holds a control character; remove it", field->key);
        return false;
    }
    store(destination, field, node->text, length + 1);
    return true;
}

static bool read_bool(ms_reader *reader, const ms_node *node, const char *name, bool *value)
{
    static const ms_choice choices[] = {{"false", 0}, {"true", 1}, {NULL, 0}};
    unsigned choice;
    if (!ms_read_choice(reader, node, name, choices, &choice))
        return false;
    *value = choice;
    return true;
}

static bool expect_scalar(ms_reader *reader, const ms_node *node, const char *name, const char *what)
{
    if (node->type == MS_NODE_SCALAR)
        return true;
    ms_complain(reader, node, "%s is a %s; give %s", name, node->type == MS_NODE_LIST ? "list" : "mapping",
                what);
    return false;
}

static void read_field(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    double number;
    uint64_t count;
    unsigned choice;
    bool truth;
    switch (field->type) {
    case MS_FIELD_TEXT:
        if (expect_scalar(reader, node, field->key, "text"))
            read_text(reader, field, node, destination);
        break;
    case MS_FIELD_NUMBER:
        if (ms_read_number(reader, node, field->key, field->low, field->above_low, field->high, &number))
            store(destination, field, &number, sizeof number);
        break;
    case MS_FIELD_COUNT:
        if (ms_read_count(reader, node, field->key, field->least, field->most, &count))
            store(destination, field, &count, sizeof count);
        break;
    case MS_FIELD_BOOL:
        if (read_bool(reader, node, field->key, &truth))
            store(destination, field, &truth, sizeof truth);
        break;
    case MS_FIELD_CHOICE:
        if (ms_read_choice(reader, node, field->key, field->choices, &choice))
            store(destination, field, &choice, sizeof choice);
        break;
    case MS_FIELD_SECTION:
        ms_schema_read(reader, field->schema, node, destination);
        break;
    case MS_FIELD_NODE:
        store(destination, field, &node, sizeof(void *));
        break;
    case MS_FIELD_CUSTOM:
        field->read(reader, field, node, (char *)destination + field->offset);
        break;
    }
}

static size_t find(const ms_schema *schema, const char *key)
{
    size_t i = 0;
    while (i < schema->count && strcmp(schema->fields[i].key, key) != 0)
        i++;
    return i;
}

/* Returns the key that was probably meant, or NULL. */
static const char *complain_unknown_key(ms_reader *reader, const ms_schema *schema, const ms_node *key)
{
    /* a hostile file may hold very many; only the first are shown */
    if (reader->diagnostics->count >= MS_DIAGNOSTICS_MAX) {
        ms_complain(reader, key, "unknown key");
        return NULL;
    }
    const char *names[MS_SCHEMA_FIELDS_MAX];
    char list[256] = "";
    for (size_t i = 0; i < schema->count; i++) {
        names[i] = schema->fields[i].key;
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    const char *meant = ms_did_you_mean(key->text, names, schema->count);
    if (meant) {
        ms_complain(reader, key, "unknown key '%s'; did you mean '%s'?", ms_show(key).text, meant);
        return meant;
    }
    const ms_schema *other;
    for (size_t i = 0; (other = ms_schema_number(i)); i++)
        if (find(other, key->text) < other->count) {
            ms_complain(reader, key, "unknown key '%s' here; it belongs in %s", ms_show(key).text,
                        other->path);
            return NULL;
        }
    ms_complain(reader, key, "unknown key '%s'; %s takes %s", ms_show(key).text, schema->path, list);
    return NULL;
}

static void read_fallback(ms_reader *reader, const ms_field *field, const ms_node *parent, void *destination)
{
    ms_node *node;
    ms_status status =
        ms_node_parse(&node, reader->where, field->fallback, strlen(field->fallback), reader->diagnostics);
    if (status == MS_ERROR_MEMORY)
        reader->out_of_memory = true;
    if (status != MS_OK)
        return;
    node->line = parent->line;
    node->column = parent->column;
    node->next = reader->kept;
    reader->kept = node;
    read_field(reader, field, node, destination);
}

void ms_schema_read(ms_reader *reader, const ms_schema *schema, const ms_node *node, void *destination)
{
    const ms_node *found[MS_SCHEMA_FIELDS_MAX] = {NULL};
    bool misspelt[MS_SCHEMA_FIELDS_MAX] = {false};
    if (node->type != MS_NODE_MAPPING) {
        ms_complain(reader, node, "%s %s; it must be a mapping, made of `key: value`", schema->path,
                    node->type == MS_NODE_LIST ? "is a list"
                    : node->text[0] == '\0'    ? "has no value"
                                               : "is a plain value");
        return;
    }
    for (const ms_node *child = node->first; child; child = child->next) {
        size_t i = find(schema, child->key->text);
        if (i == schema->count) {
            const char *meant = complain_unknown_key(reader, schema, child->key);
            if (meant)
                misspelt[find(schema, meant)] = true;
        } else if (found[i]) {
            ms_complain(reader, child->key, "%s is given twice, first in line %zu; remove one of them",
                        schema->fields[i].key, found[i]->key->line);
        } else {
            found[i] = child;
            read_field(reader, &schema->fields[i], child, destination);
        }
    }
    for (size_t i = 0; i < schema->count; i++) {
        const ms_field *field = &schema->fields[i];
        if (found[i] || misspelt[i])
            continue;
        if (field->required)
            ms_complain(reader, node, "%s lacks %s (%s); add `%s: ...`", schema->path, field->key, field->doc,
                        field->key);
        else if (field->fallback)
            read_fallback(reader, field, node, destination);
    }
}
