/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/data.h"
#include "sweep/items.h"

#include "base/text.h"
#include "data/file.h"
#include "data/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "counts are read into size_t");
_Static_assert(sizeof(ms_node_type) == sizeof(unsigned), "choices are stored as unsigned");

static void store(void *destination, const ms_field *field, const void *value, size_t size)
{
    memcpy((char *)destination + field->offset, value, size);
}

static void read_text(ms_reader *reader, const ms_field *field, const ms_node *node, const char *text,
                      void *destination)
{
    size_t length = strlen(text);
    if (length == 0 || length >= field->size)
        ms_complain(reader, node, "%s has %zu bytes; give 1 to %zu", field->key, length, field->size - 1);
    else if (!ms_is_printable(text))
        ms_complain(reader, node, "%s holds a control character; remove it", field->key);
    else
        store(destination, field, text, length + 1);
}

static void read_path(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    char *path = ms_input_path(reader, node, field->key);
    if (!path)
        reader->out_of_memory = true;
    else
        read_text(reader, field, node, node->text[0] != '\0' ? path : "", destination);
    free(path);
}

static bool expect_scalar(ms_reader *reader, const ms_node *node, const char *name, const char *what)
{
    if (node->type == MS_NODE_SCALAR)
        return true;
    ms_complain(reader, node, "%s is a %s; give %s", name, node->type == MS_NODE_LIST ? "list" : "mapping",
                what);
    return false;
}

/* A word that stands for a number. */
static bool is_word(const ms_field *field, const ms_node *node, double *number)
{
    for (const ms_choice *word = field->choices; word && word->name; word++)
        if (node->type == MS_NODE_SCALAR && !node->quoted && strcmp(node->text, word->name) == 0) {
            *number = word->value;
            return true;
        }
    return false;
}

/* One of the words that may stand for its number, misspelt. */
static bool is_slip(ms_reader *reader, const ms_field *field, const ms_node *node)
{
    for (const ms_choice *word = field->choices; word && word->name; word++)
        if (ms_is_slip(reader, node, field->key, &word->name, 1))
            return true;
    return false;
}

static void read_list(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination);
static void read_chosen(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination);
static void read_several(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination);
static void read_sets(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination);

static void read_field(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    double number;
    uint64_t count;
    unsigned choice;
    bool truth;
    if (node->is_unknown)
        return;
    switch (field->type) {
    case MS_FIELD_TEXT:
        if (expect_scalar(reader, node, field->key, "text"))
            read_text(reader, field, node, node->text, destination);
        break;
    case MS_FIELD_PATH:
        if (expect_scalar(reader, node, field->key, "the path of a file"))
            read_path(reader, field, node, destination);
        break;
    case MS_FIELD_NUMBER:
        if (is_word(field, node, &number) ||
            (!is_slip(reader, field, node) &&
             ms_read_number(reader, node, field->key, field->low, field->above_low, field->high, &number)))
            store(destination, field, &number, sizeof number);
        break;
    case MS_FIELD_COUNT:
        if (ms_read_count(reader, node, field->key, field->least, field->most, &count))
            store(destination, field, &count, sizeof count);
        break;
    case MS_FIELD_BOOL:
        if (ms_read_choice(reader, node, field->key, ms_bool_choices, &choice)) {
            truth = choice;
            store(destination, field, &truth, sizeof truth);
        }
        break;
    case MS_FIELD_CHOICE:
        if (ms_read_choice(reader, node, field->key, field->choices, &choice))
            store(destination, field, &choice, sizeof choice);
        break;
    case MS_FIELD_VECTOR:
        ms_read_vector(reader, field, node, destination);
        break;
    case MS_FIELD_LIST:
        read_list(reader, field, node, destination);
        break;
    case MS_FIELD_CHOSEN:
        read_chosen(reader, field, node, destination);
        break;
    case MS_FIELD_SEVERAL:
        read_several(reader, field, node, destination);
        break;
    case MS_FIELD_NUMBERS:
        ms_read_named_numbers(reader, field, node, destination);
        break;
    case MS_FIELD_SETS:
        read_sets(reader, field, node, destination);
        break;
    case MS_FIELD_DATA:
        ms_read_data(reader, field, node, (ms_data *)((char *)destination + field->offset));
        break;
    case MS_FIELD_NETWORK:
        if (expect_scalar(reader, node, field->key, "the path of a file"))
            ms_read_network(reader, field, node,
                            (const ms_network **)(void *)((char *)destination + field->offset));
        break;
    case MS_FIELD_SECTION:
        ms_schema_read(reader, field->schema, node, (char *)destination + field->offset);
        break;
    case MS_FIELD_NODE:
        store(destination, field, &node, sizeof(void *));
        break;
    case MS_FIELD_CUSTOM:
        field->read(reader, field, node, (char *)destination + field->offset);
        break;
    }
}

/* The keys that a mapping may have, and where each is read into (NULL: nowhere). */
typedef struct keys {
    const char *path;
    const ms_field *field[MS_SCHEMA_FIELDS_MAX];
    void *destination[MS_SCHEMA_FIELDS_MAX];
    size_t count;
    ms_other_key *other; /* what to do with others */
    void *argument;
} keys;

static void add_keys(keys *k, const ms_schema *schema, void *destination)
{
    for (size_t i = 0; schema && i < schema->count && k->count < MS_SCHEMA_FIELDS_MAX; i++) {
        k->field[k->count] = &schema->fields[i];
        k->destination[k->count++] = destination;
    }
}

static size_t find(const keys *k, const char *key)
{
    size_t i = 0;
    while (i < k->count && strcmp(k->field[i]->key, key) != 0)
        i++;
    return i;
}

/* To a list "a, b, c". */
static void append(char *list, size_t size, const char *name)
{
    size_t used = strlen(list);
    snprintf(list + used, size - used, "%s%s", used > 0 ? ", " : "", name);
}

/* Returns the key that was probably meant, or NULL. */
static const char *complain_unknown_key(ms_reader *reader, const ms_node *child, void *argument)
{
    const keys *k = argument;
    const ms_node *key = child->key;
    /* a hostile file may hold very many; only the first are shown */
    if (reader->diagnostics->count >= MS_DIAGNOSTICS_MAX) {
        ms_complain(reader, key, "unknown key");
        return NULL;
    }
    const char *names[MS_SCHEMA_FIELDS_MAX];
    char list[256] = "";
    for (size_t i = 0; i < k->count; i++) {
        names[i] = k->field[i]->key;
        append(list, sizeof list, names[i]);
    }
    const char *meant = ms_did_you_mean(key->text, names, k->count);
    if (meant) {
        ms_complain(reader, key, "unknown key '%s'; did you mean '%s'?", ms_show(key).text, meant);
        return meant;
    }
    const ms_schema *other = ms_schema_with(key->text);
    if (key->text[0] >= '0' && key->text[0] <= '9')
        ms_complain(reader, key,
                    "unknown key '%s': a comma ends a value; write numbers without it, as 1000 or 0.1",
                    ms_show(key).text);
    else if (other)
        ms_complain(reader, key, "unknown key '%s' here; it belongs in %s", ms_show(key).text, other->path);
    else
        ms_complain(reader, key, "unknown key '%s'; %s takes %s", ms_show(key).text, k->path, list);
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
    node->where = parent->where;
    node->line = parent->line;
    node->column = parent->column;
    node->next = reader->kept;
    reader->kept = node;
    read_field(reader, field, node, destination);
}

static bool expect_mapping(ms_reader *reader, const ms_node *node, const char *path)
{
    if (node->type == MS_NODE_MAPPING)
        return true;
    ms_complain(reader, node, "%s %s; it must be a mapping, made of `key: value`", path,
                node->type == MS_NODE_LIST ? "is a list"
                : node->text[0] == '\0'    ? "has no value"
                                           : "is a plain value");
    return false;
}

static void read_keys(ms_reader *reader, const keys *k, const ms_node *node)
{
    const ms_node *found[MS_SCHEMA_FIELDS_MAX] = {NULL};
    bool misspelt[MS_SCHEMA_FIELDS_MAX] = {false};
    for (const ms_node *child = node->first; child; child = child->next) {
        size_t i = find(k, child->key->text);
        if (i == k->count) {
            const char *meant = k->other(reader, child, k->argument);
            if (meant)
                misspelt[find(k, meant)] = true;
        } else if (found[i]) {
            ms_complain(reader, child->key, "%s is given twice, first in line %zu; remove one of them",
                        k->field[i]->key, found[i]->key->line);
        } else {
            found[i] = child;
            if (k->destination[i])
                read_field(reader, k->field[i], child, k->destination[i]);
        }
    }
    for (size_t i = 0; i < k->count; i++) {
        const ms_field *field = k->field[i];
        if (found[i] || misspelt[i])
            continue;
        if (field->found && reader->is_kept && (!field->counts || field->counts(k->destination[i])))
            ms_complain(reader, node, "%s lacks %s (%s), so this is not a sweep as stored in a results file",
                        k->path, field->key, field->doc);
        else if (field->required && field->spares && field->spares(k->destination[i]))
            continue;
        else if (field->required)
            ms_complain(reader, node, "%s lacks %s (%s); add `%s: ...`", k->path, field->key, field->doc,
                        field->key);
        else if (field->fallback)
            read_fallback(reader, field, node, k->destination[i]);
    }
}

void ms_schema_read(ms_reader *reader, const ms_schema *schema, const ms_node *node, void *destination)
{
    keys k = {.path = schema->path, .other = complain_unknown_key, .argument = &k};
    add_keys(&k, schema, destination);
    if (expect_mapping(reader, node, schema->path))
        read_keys(reader, &k, node);
}

void ms_schema_read_open(ms_reader *reader, const ms_schema *schema, const ms_node *node, void *destination,
                         ms_other_key *other, void *argument)
{
    keys k = {.path = schema->path, .other = other, .argument = argument};
    add_keys(&k, schema, destination);
    if (expect_mapping(reader, node, schema->path))
        read_keys(reader, &k, node);
}

static void read_list(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    ms_list *list = (ms_list *)((char *)destination + field->offset);
    if (field->may_be_file && ms_node_get(node, "file")) {
        ms_read_items(reader, field, node, list);
        return;
    }
    if (node->type != MS_NODE_LIST) {
        char names[256] = "";
        for (size_t i = 0; i < field->schema->count; i++)
            append(names, sizeof names, field->schema->fields[i].key);
        ms_complain(reader, node, "%s must be a list of {%s}%s", field->key, names,
                    field->may_be_file ? ", or {file: PATH}" : "");
        return;
    }
    if (node->count < field->least || node->count > field->most) {
        ms_complain(reader, node, "%s has %zu entr%s; give %zu to %zu (%s)", field->key, node->count,
                    node->count == 1 ? "y" : "ies", (size_t)field->least, (size_t)field->most, field->doc);
        return;
    }
    list->item = calloc(node->count, field->size);
    if (!list->item) {
        reader->out_of_memory = true;
        return;
    }
    list->count = node->count;
    size_t i = 0;
    for (const ms_node *child = node->first; child; child = child->next)
        ms_schema_read(reader, field->schema, child, (char *)list->item + i++ * field->size);
}

/* What the mapping says, or probably means; NULL if that is unclear, after a message if it says anything.
 * `name` is what the message calls it. */
static const ms_kind *read_kind(ms_reader *reader, const ms_field *field, const char *name,
                                const ms_node *node)
{
    const char *names[MS_SCHEMA_FIELDS_MAX] = {NULL};
    ms_choice choices[MS_SCHEMA_FIELDS_MAX] = {{NULL, 0}};
    unsigned count = 0, choice;
    for (const ms_kind *kind; count + 1 < MS_SCHEMA_FIELDS_MAX && (kind = field->kinds(count)); count++) {
        choices[count] = (ms_choice){kind->name, count};
        names[count] = kind->name;
    }
    const ms_node *tag = ms_node_get(node, field->tag);
    if (!tag)
        return field->tag_fallback ? ms_field_kind(field, field->tag_fallback) : NULL;
    if (ms_read_choice(reader, tag, name, choices, &choice))
        return field->kinds(choice);
    const char *meant = ms_did_you_mean(tag->text, names, count);
    return meant ? ms_field_kind(field, meant) : NULL;
}

/* It is not clear which keys there are. */
static const char *ignore(ms_reader *reader, const ms_node *child, void *argument)
{
    (void)reader;
    (void)child;
    (void)argument;
    return NULL;
}

static const ms_node *mapping_of(ms_reader *reader, const ms_field *field, const ms_node *word);

static void read_chosen(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    ms_chosen *chosen = (ms_chosen *)((char *)destination + field->offset);
    const char *path = field->schema ? field->schema->path : field->doc;
    const char *name = field->tag;
    /* where there is a usual one, the name of another may be all that there is to say */
    if (!field->required && node->type == MS_NODE_SCALAR) {
        name = field->fallback ? field->key : name; /* of entries of a list the tag says more */
        node = mapping_of(reader, field, node);
    }
    if (!node)
        return;
    if (!expect_mapping(reader, node, path))
        return;
    const ms_kind *kind = read_kind(reader, field, name, node);
    *chosen = (ms_chosen){kind, kind ? calloc(1, kind->params_size + 1) : NULL};
    if (kind && !chosen->params) {
        reader->out_of_memory = true;
        return;
    }
    char names[256] = "";
    for (size_t i = 0; field->kinds(i); i++)
        append(names, sizeof names, field->kinds(i)->name);
    const ms_field tag = {.key = field->tag, .doc = names, .required = !field->tag_fallback};
    const ms_schema only_tag = {path, &tag, 1};
    keys k = {.path = path, .other = kind ? complain_unknown_key : ignore, .argument = &k};
    add_keys(&k, &only_tag, NULL);
    add_keys(&k, field->schema, destination);
    if (kind)
        add_keys(&k, kind->schema, chosen->params);
    read_keys(reader, &k, node);
}

/* `word` as a mapping {tag: word}, kept for as long as the document is read; NULL without memory. */
static const ms_node *mapping_of(ms_reader *reader, const ms_field *field, const ms_node *word)
{
    ms_node *mapping = calloc(1, sizeof *mapping + 1);
    ms_node *key = calloc(1, sizeof *key + strlen(field->tag) + 1);
    ms_node *value = calloc(1, sizeof *value + strlen(word->text) + 1);
    if (!mapping || !key || !value) {
        free(mapping);
        free(key);
        free(value);
        reader->out_of_memory = true;
        return NULL;
    }
    const ms_node at_word = {.where = word->where, .line = word->line, .column = word->column};
    *mapping = *key = *value = at_word;
    mapping->type = MS_NODE_MAPPING;
    value->key = key;
    value->quoted = word->quoted;
    memcpy(key->text, field->tag, strlen(field->tag) + 1);
    memcpy(value->text, word->text, strlen(word->text) + 1);
    mapping->first = mapping->last = value;
    mapping->count = 1;
    mapping->next = reader->kept;
    reader->kept = mapping;
    return mapping;
}

static void read_several(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    ms_list *list = (ms_list *)((char *)destination + field->offset);
    const ms_field one = {.key = field->key,
                          .doc = field->doc,
                          .type = MS_FIELD_CHOSEN,
                          .role = field->role,
                          .tag = field->tag,
                          .kinds = field->kinds};
    const ms_node *first = node->type == MS_NODE_LIST ? node->first : node;
    size_t count = node->type == MS_NODE_LIST ? node->count : 1;
    if (count < field->least || count > field->most) {
        ms_complain(reader, node, "%s has %zu entries; give %zu to %zu (%s)", field->key, count,
                    (size_t)field->least, (size_t)field->most, field->doc);
        return;
    }
    list->item = calloc(count + 1, sizeof(ms_chosen));
    if (!list->item) {
        reader->out_of_memory = true;
        return;
    }
    ms_chosen *chosen = list->item;
    for (const ms_node *child = first; list->count < count; child = child->next) {
        ms_chosen *here = &chosen[list->count++];
        read_chosen(reader, &one, child, here);
        for (const ms_chosen *other = chosen; here->kind && other < here; other++)
            if (other->kind == here->kind) {
                ms_complain(reader, child, "%s has %s twice; remove one of them", field->key,
                            here->kind->name);
                break;
            }
    }
}

/* One set, from `*at` on; `is_taken` [most + 1]. */
static bool read_set(ms_reader *reader, const ms_field *field, const ms_node *node, ms_sets *sets, size_t *at,
                     bool *is_taken)
{
    size_t count = node->type == MS_NODE_LIST ? node->count : 1;
    const ms_node *child = node->type == MS_NODE_LIST ? node->first : node;
    for (size_t i = 0; i < count; i++, child = child->next) {
        uint64_t number;
        if (!ms_read_count(reader, child, field->key, field->least, field->most, &number))
            return false;
        if (is_taken[number]) {
            ms_complain(reader, child, "%s has %s twice; remove one of them", field->key,
                        ms_show(child).text);
            return false;
        }
        is_taken[number] = true;
        sets->member[(*at)++] = number;
    }
    return count > 0;
}

static void read_sets(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    ms_sets *sets = (ms_sets *)((char *)destination + field->offset);
    if (node->type == MS_NODE_SCALAR && !node->quoted && strcmp(node->text, "auto") == 0)
        return;
    if (node->type != MS_NODE_LIST || node->count == 0 || node->count > field->most) {
        ms_complain(reader, node, "%s must be `auto` or a list of numbers, or of lists of them (%s)",
                    field->key, field->doc);
        return;
    }
    size_t members = 0, at = 0;
    for (const ms_node *child = node->first; child; child = child->next)
        members += child->type == MS_NODE_LIST ? child->count : 1;
    bool *is_taken = calloc(field->most + 1, sizeof *is_taken), is_good = true;
    sets->end = calloc(node->count, sizeof *sets->end);
    sets->member = calloc(members + 1, sizeof *sets->member);
    reader->out_of_memory |= !sets->end || !sets->member || !is_taken;
    for (const ms_node *child = node->first; child && is_good && !reader->out_of_memory;
         child = child->next) {
        is_good = read_set(reader, field, child, sets, &at, is_taken);
        sets->end[sets->count++] = at;
    }
    if (!is_good)
        sets->count = 0;
    free(is_taken);
}
