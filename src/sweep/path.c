/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_INDEX        SIZE_MAX
#define CANDIDATES_MAX  256
#define ITEMS_SUGGESTED 16 /* of a list */

/* `key`, or `key[index]`. */
typedef struct segment {
    char key[64];
    size_t index;
} segment;

/* Cuts the next one off `*path`; false where it is not well-formed. */
static bool next_segment(const char **path, segment *s)
{
    size_t length = strcspn(*path, ".[");
    if (length == 0 || length >= sizeof s->key)
        return false;
    memcpy(s->key, *path, length);
    s->key[length] = '\0';
    s->index = NO_INDEX;
    *path += length;
    if (**path == '[') {
        char *end;
        size_t digits = strspn(*path + 1, "0123456789");
        bool is_padded = digits > 1 && (*path)[1] == '0'; /* another name of the same */
        if (digits < 1 || digits > 5 || is_padded || (*path)[digits + 1] != ']')
            return false;
        s->index = strtoul(*path + 1, &end, 10);
        *path = end + 1;
    }
    if (**path == '\0')
        return true;
    return *(*path)++ == '.' && **path != '\0';
}

static const ms_node *item(const ms_node *list, size_t index)
{
    const ms_node *node = list && list->type == MS_NODE_LIST ? list->first : NULL;
    for (; node && index > 0; index--)
        node = node->next;
    return node;
}

static const ms_kind *kind_of(const ms_field *field, const ms_node *node)
{
    const ms_node *tag = ms_node_get(node, field->tag);
    return tag ? ms_field_kind(field, tag->text) : NULL;
}

/* In one of the tables of a chosen thing: rather of the kind that it is. */
static const ms_field *find_chosen(const ms_field *field, const char *path, const ms_node *node)
{
    const ms_field *found = ms_path_find(field->schema, path, node);
    const ms_kind *kind = kind_of(field, node);
    if (!found && kind)
        found = ms_path_find(kind->schema, path, node);
    for (size_t i = 0; !found && (kind = field->kinds(i)); i++)
        found = ms_path_find(kind->schema, path, node);
    return found;
}

static const ms_field named_number = {.key = "NAME",
                                      .type = MS_FIELD_NUMBER,
                                      .role = MS_ROLE_LAW,
                                      .doc = "a number by its name",
                                      .sweepable = true,
                                      .low = MS_NAMED_NUMBER_LOW,
                                      .high = MS_NAMED_NUMBER_HIGH};

bool ms_path_is_word(const char *text)
{
    size_t length = strlen(text);
    return length >= 1 && length < sizeof((ms_named_number *)0)->name &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == length;
}

const ms_field *ms_path_find(const ms_schema *schema, const char *path, const ms_node *root)
{
    segment s;
    if (!next_segment(&path, &s))
        return NULL;
    const ms_field *field = ms_schema_field(schema, s.key);
    if (!field || (s.index != NO_INDEX) != (field->type == MS_FIELD_LIST && *path))
        return NULL;
    if (*path == '\0')
        return field;
    const ms_node *node = ms_node_get(root, s.key);
    if (field->type == MS_FIELD_LIST)
        return ms_path_find(field->schema, path, item(node, s.index));
    if (field->type == MS_FIELD_CHOSEN)
        return find_chosen(field, path, node);
    if (field->type == MS_FIELD_NUMBERS)
        return ms_path_is_word(path) ? &named_number : NULL;
    if (field->type == MS_FIELD_VECTOR)
        return strcmp(path, "value") == 0 ? field : NULL;
    return field->schema ? ms_path_find(field->schema, path, node) : NULL;
}

typedef struct candidates {
    ms_path_text path[CANDIDATES_MAX];
    size_t count;
} candidates;

static void list_paths(candidates *c, const char *before, const ms_schema *schema, const ms_node *node);

static void list_path(candidates *c, const char *before, const ms_field *field, const ms_node *node)
{
    ms_path_text path, of_item;
    int length = snprintf(path.text, sizeof path.text, "%s%s%s", before, *before ? "." : "", field->key);
    if (length >= (int)sizeof path.text - 8)
        return;
    if (field->sweepable && c->count < CANDIDATES_MAX)
        c->path[c->count++] = path;
    const ms_node *child = ms_node_get(node, field->key);
    const ms_kind *kind = field->type == MS_FIELD_CHOSEN ? kind_of(field, child) : NULL;
    if (field->type == MS_FIELD_LIST) {
        for (size_t i = 0; child && i < child->count && i < ITEMS_SUGGESTED; i++) {
            snprintf(of_item.text, sizeof of_item.text, "%.55s[%zu]", path.text, i);
            list_paths(c, of_item.text, field->schema, item(child, i));
        }
        return;
    }
    for (const ms_node *number = field->type == MS_FIELD_NUMBERS && child ? child->first : NULL;
         number && number->key && c->count < CANDIDATES_MAX; number = number->next)
        snprintf(c->path[c->count++].text, sizeof path.text, "%.20s.%.40s", path.text, number->key->text);
    if (field->schema)
        list_paths(c, path.text, field->schema, child);
    if (kind)
        list_paths(c, path.text, kind->schema, child);
    else
        for (size_t i = 0; field->type == MS_FIELD_CHOSEN && (kind = field->kinds(i)); i++)
            list_paths(c, path.text, kind->schema, child);
}

static void list_paths(candidates *c, const char *before, const ms_schema *schema, const ms_node *node)
{
    for (size_t i = 0; schema && i < schema->count; i++)
        list_path(c, before, &schema->fields[i], node);
}

bool ms_path_meant(const ms_schema *schema, const char *path, const ms_node *root, ms_path_text *meant)
{
    candidates c = {.count = 0};
    const char *text[CANDIDATES_MAX];
    list_paths(&c, "", schema, root);
    const char *found = NULL;
    for (size_t i = 0; i < c.count; i++) {
        const char *dot = strrchr(c.path[i].text, '.');
        text[i] = c.path[i].text;
        if (dot && strcmp(dot + 1, path) == 0) /* only the last word was given */
            found = found ? found : text[i];
    }
    if (!found)
        found = ms_did_you_mean(path, text, c.count);
    if (found)
        *meant = c.path[(found - c.path[0].text) / (ptrdiff_t)sizeof *c.path];
    return found;
}

/* The mapping or list in which the next segment is; NULL after a message. */
static ms_node *step_into(ms_reader *reader, ms_node *parent, const segment *s, const char *path,
                          const ms_node *axis)
{
    ms_node *child = (ms_node *)ms_node_get(parent, s->key);
    if (!child && s->index == NO_INDEX) {
        child = ms_node_mapping(axis);
        if (!child || !ms_node_put(parent, s->key, child)) {
            reader->out_of_memory = true;
            return NULL;
        }
    }
    if (child && s->index != NO_INDEX) {
        size_t count = child->type == MS_NODE_LIST ? child->count : 0;
        ms_node *in_list = (ms_node *)item(child, s->index);
        if (!in_list && child->type == MS_NODE_MAPPING)
            ms_complain(reader, axis,
                        "there is no %s, because %s are in a file; give several files, each in a value of "
                        "the axis 'target'",
                        path, s->key);
        else if (!in_list && !child->is_unknown)
            ms_complain(reader, axis, "there is no %s; %s has %zu entries, the first is number 0", path,
                        s->key, count);
        child = in_list;
    } else if (!child) {
        ms_complain(reader, axis, "there is no %s; add the section to the file", path);
    }
    if (child && child->type != MS_NODE_MAPPING && !child->is_unknown) {
        ms_complain(reader, child, "this must be a mapping, because the grid has the axis %s (line %zu)",
                    path, axis->line);
        return NULL;
    }
    return child;
}

void ms_path_put(ms_reader *reader, ms_node *root, const char *path, ms_node *value, const ms_node *axis)
{
    segment s;
    ms_node *place = root;
    for (const char *rest = path; place && !place->is_unknown && next_segment(&rest, &s);) {
        if (*rest == '\0') {
            reader->out_of_memory |= !ms_node_put(place, s.key, value);
            return;
        }
        place = step_into(reader, place, &s, path, axis);
    }
    ms_node_free(value);
}
