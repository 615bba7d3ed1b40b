/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/assign.h"

#include "data/file.h"

#include <stdlib.h>
#include <string.h>

#define KEY_MAX 255

/* Where a path leads. */
typedef struct place {
    ms_node *parent, *node; /* of the node NULL: there is none yet */
    const char *rest;       /* what `parent` lacks then; or the end of what is wrong */
} place;

/* The child whose key is the longest that the path begins with: keys of `grid` are paths themselves. */
static ms_node *find_child(const ms_node *mapping, const char *path, size_t *length)
{
    ms_node *found = NULL;
    *length = 0;
    for (ms_node *child = mapping->first; child; child = child->next) {
        size_t of_key = strlen(child->key->text);
        if (of_key > *length && strncmp(path, child->key->text, of_key) == 0 &&
            (path[of_key] == '\0' || path[of_key] == '.' || path[of_key] == '[')) {
            found = child;
            *length = of_key;
        }
    }
    return found;
}

/* Follows "[2]" into a list; NULL where there is no such entry. */
static ms_node *find_entry(const ms_node *list, const char **path)
{
    size_t length = strcspn(*path, "]"), digits = strspn(*path + 1, "0123456789");
    size_t index = strtoul(*path + 1, NULL, 10);
    bool is_right = digits > 0 && digits < 8 && digits + 1 == length && (*path)[length] == ']';
    *path += length + ((*path)[length] == ']');
    if (list->type != MS_NODE_LIST || !is_right || index >= list->count)
        return NULL;
    ms_node *node = list->first;
    for (; index > 0; index--)
        node = node->next;
    return node;
}

/* False where there is something else on the way. */
static bool follow(ms_node *root, const char *path, place *to)
{
    *to = (place){.node = root, .rest = path};
    while (*to->rest) {
        size_t length;
        if (to->node->type != MS_NODE_MAPPING)
            return false;
        to->parent = to->node;
        to->node = find_child(to->parent, to->rest, &length);
        if (!to->node)
            return true;
        to->rest += length;
        while (*to->rest == '[') {
            to->parent = to->node;
            to->node = find_entry(to->parent, &to->rest);
            if (!to->node)
                return false;
        }
        if (*to->rest && *to->rest != '.')
            return false;
        to->rest += *to->rest == '.';
    }
    return true;
}

/* The line of what a path leads to, or of what lacks it. */
static size_t line_of(ms_node *root, const char *path)
{
    place to;
    follow(root, path, &to);
    return to.node ? to.node->line : to.parent->line;
}

static ms_status refuse_path(const char *where, const char *path, const place *to,
                             ms_diagnostics *diagnostics)
{
    bool is_root = to->rest == path;
    int length = is_root ? 0 : (int)(to->rest - path) - (to->rest[-1] == '.');
    if (is_root)
        ms_diagnostics_add(diagnostics, where, 0, 0,
                           "the file is not a mapping of `key: value`, so nothing can be set in it");
    else if (to->node)
        ms_diagnostics_add(
            diagnostics, where, 0, 0,
            "%.*s is not a mapping in the file, so nothing can be set inside it; set all of it", length,
            path);
    else if (to->parent->type == MS_NODE_LIST)
        ms_diagnostics_add(diagnostics, where, 0, 0,
                           "there is no %.*s; that list has %zu entries, the first is number 0", length, path,
                           to->parent->count);
    else
        ms_diagnostics_add(diagnostics, where, 0, 0, "there is no %.*s, because that is not a list", length,
                           path);
    return MS_ERROR_SWEEP;
}

/* An axis has the last word at each of its points. */
static bool is_of_axis(const ms_node *root, const char *path, const char *where, ms_diagnostics *diagnostics)
{
    const ms_node *grid = ms_node_get(root, "grid");
    for (const ms_node *axis = grid && grid->type == MS_NODE_MAPPING ? grid->first : NULL; axis;
         axis = axis->next) {
        size_t length = strlen(axis->key->text);
        if (length > 0 && strncmp(path, axis->key->text, length) == 0 && strchr(".[", path[length])) {
            ms_diagnostics_add(diagnostics, where, 0, 0,
                               "the grid has the axis %s, which sets it at each point; set grid.%s",
                               axis->key->text, axis->key->text);
            return true;
        }
    }
    return false;
}

/* {a: {b: value}} for "a.b"; of an axis the path is one key. Takes `value`; NULL without memory. */
static ms_node *nest(const char *path, bool is_axis, ms_node *value)
{
    const char *dot = is_axis ? NULL : strchr(path, '.');
    if (dot && !(value = nest(dot + 1, strncmp(path, "grid.", 5) == 0, value)))
        return NULL;
    char *key = strndup(path, dot ? (size_t)(dot - path) : strlen(path));
    ms_node *mapping = key ? ms_node_mapping(value) : NULL;
    if (!mapping) {
        ms_node_free(value);
    } else if (!ms_node_put(mapping, key, value)) {
        ms_node_free(mapping);
        mapping = NULL;
    }
    free(key);
    return mapping;
}

/* Puts `value` in the place of a node. */
static void replace(place to, ms_node *value)
{
    ms_node **at = &to.parent->first;
    while (*at != to.node)
        at = &(*at)->next;
    value->key = to.node->key;
    value->next = to.node->next;
    *at = value;
    if (!value->next)
        to.parent->last = value;
    to.node->key = to.node->next = NULL;
    ms_node_free(to.node);
}

/* Puts the only entry of a mapping before those of another. */
static void add_first(ms_node *to, ms_node *mapping)
{
    ms_node *entry = mapping->first;
    entry->next = to->first;
    to->first = entry;
    if (!entry->next)
        to->last = entry;
    to->count++;
    mapping->first = NULL;
    ms_node_free(mapping);
}

/* Of blocks libyaml says where the next token begins. */
static size_t end_of(const ms_node *node)
{
    return node->first && !node->is_flow ? end_of(node->last) : node->end;
}

/* The byte of a character of the document, which begins at byte `first`. */
static size_t byte_of(const char *text, size_t first, size_t character)
{
    size_t at = first;
    for (; text[at] && character > 0; character--)
        do
            at++;
        while (((unsigned char)text[at] & 0xC0) == 0x80);
    return at;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A part of the text, and what comes in its place. */
typedef struct edit {
    size_t begin, end;
    const char *before, *after;
    int indent; /* behind `after` */
} edit;

/* A list of lines may begin in the column of its key; one in brackets has to stand further to the right. */
static edit edit_of_value(const ms_node *old, const char *text, size_t first)
{
    edit e = {byte_of(text, first, old->begin), byte_of(text, first, end_of(old)), "", "", 0};
    while (e.end > e.begin && is_space(text[e.end - 1]))
        e.end--;
    bool is_block = old->first && !old->is_flow, is_nothing = e.begin == e.end; /* behind a colon */
    if (is_block || is_nothing)
        e.before = " ";
    return e;
}

static edit edit_of_entry(const ms_node *mapping, const char *text, size_t first)
{
    const ms_node *next = mapping->first;
    size_t at = byte_of(text, first, next ? next->key->begin : mapping->begin + 1);
    if (!next || mapping->is_flow)
        return (edit){at, at, "", next ? ", " : "", 0};
    return (edit){at, at, "", "\n", (int)next->key->column - 1};
}

/* Writes `new_entry`, or else `value`, into the text. */
static ms_status change_text(ms_assigned *a, edit e, const ms_node *new_entry, const ms_node *value)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (!out)
        return MS_ERROR_MEMORY;
    fwrite(a->text, 1, e.begin, out);
    fputs(e.before, out);
    if (new_entry) {
        ms_node_write(new_entry->key, out);
        fputs(": ", out);
    }
    ms_node_write(new_entry ? new_entry : value, out);
    fprintf(out, "%s%*s", e.after, e.indent, "");
    fwrite(a->text + e.end, 1, a->length - e.end, out);
    bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return MS_ERROR_MEMORY;
    }
    free(a->text);
    a->text = text;
    a->length = length;
    return MS_OK;
}

/* Takes `value`. `as_it_is` is the document as the text is now. */
static ms_status assign_to(ms_assigned *a, ms_node *as_it_is, const char *path, size_t first, ms_node *value)
{
    place there, here; /* in the text, and in the document with the user's places */
    if (!follow(as_it_is, path, &there) || !follow(a->document, path, &here) || !there.parent ||
        !here.parent) {
        ms_node_free(value);
        return MS_ERROR_INTERNAL; /* it has been followed before */
    }
    value->line = here.parent->line;
    if (there.node) {
        ms_status status = change_text(a, edit_of_value(there.node, a->text, first), NULL, value);
        if (status == MS_OK)
            replace(here, value);
        else
            ms_node_free(value);
        return status;
    }
    bool is_axis = there.parent == ms_node_get(as_it_is, "grid");
    ms_node *mapping = nest(here.rest, is_axis, value);
    ms_status status = mapping
                           ? change_text(a, edit_of_entry(there.parent, a->text, first), mapping->first, NULL)
                           : MS_ERROR_MEMORY;
    if (status == MS_OK)
        add_first(here.parent, mapping);
    else
        ms_node_free(mapping);
    return status;
}

static void name_all(ms_node *node, const char *where)
{
    node->where = where;
    for (ms_node *child = node->first; child; child = child->next) {
        if (child->key)
            child->key->where = where;
        name_all(child, where);
    }
}

static ms_status parse_value(ms_node **value, const char *where, const char *text,
                             ms_diagnostics *diagnostics)
{
    size_t length = strlen(text);
    *value = NULL;
    if (strchr(text, '\n') || text[strspn(text, " ")] == '\0') {
        ms_diagnostics_add(diagnostics, where, 0, 0, "give a value in one line");
        return MS_ERROR_SWEEP;
    }
    ms_status status = ms_file_check_text(where, text, length, diagnostics);
    if (status != MS_OK)
        return status;
    ms_diagnostics of_yaml = {0}; /* with lines and columns that nobody counts */
    status = ms_node_parse(value, where, text, length, &of_yaml);
    if (status == MS_OK)
        name_all(*value, where);
    else if (status == MS_ERROR_SWEEP)
        ms_diagnostics_add(diagnostics, where, 0, 0,
                           "not a value in YAML; check brackets, colons and quotes");
    return status;
}

/* Whether the text says what was meant, now that a value has been put into it; not where keys are explicit
 * (`? key`), for example. */
static ms_status check_text(const ms_assigned *a, const char *name, size_t line, const char *where,
                            size_t first, ms_diagnostics *diagnostics)
{
    ms_node *document;
    ms_diagnostics of_yaml = {0}; /* of a text that the user does not see */
    ms_status status = ms_node_parse(&document, where, a->text + first, a->length - first, &of_yaml);
    if (status == MS_ERROR_SWEEP || (status == MS_OK && !ms_assigned_places(a, document))) {
        ms_diagnostics_add(diagnostics, where, 0, 0,
                           "cannot be put into line %zu of %s; write that section as plain lines "
                           "`key: value`",
                           line, name);
        status = MS_ERROR_SWEEP;
    }
    ms_node_free(document);
    return status;
}

static ms_status make_assignment(ms_assigned *a, const char *assignment, const char *name, const char *where,
                                 size_t first, ms_diagnostics *diagnostics)
{
    char path[KEY_MAX + 1];
    size_t length = strcspn(assignment, "=");
    if (length == 0 || length > KEY_MAX || assignment[length] == '\0' || assignment[length + 1] == '\0') {
        ms_diagnostics_add(diagnostics, where, 0, 0, "write it as KEY=VALUE, such as budget.chains=64");
        return MS_ERROR_SWEEP;
    }
    memcpy(path, assignment, length);
    path[length] = '\0';
    ms_node *as_it_is = NULL, *value = NULL;
    place to;
    ms_status status = ms_node_parse(&as_it_is, where, a->text + first, a->length - first, diagnostics);
    if (status == MS_OK && !follow(as_it_is, path, &to))
        status = refuse_path(where, path, &to, diagnostics);
    if (status == MS_OK && is_of_axis(as_it_is, path, where, diagnostics))
        status = MS_ERROR_SWEEP;
    if (status == MS_OK)
        status = parse_value(&value, where, assignment + length + 1, diagnostics);
    size_t line = status == MS_OK ? line_of(a->document, path) : 0;
    if (status == MS_OK)
        status = assign_to(a, as_it_is, path, first, value);
    if (status == MS_OK)
        status = check_text(a, name, line, where, first, diagnostics);
    ms_node_free(as_it_is);
    return status;
}

ms_status ms_assign(ms_assigned *a, const ms_assignments *assignments, const char *name, const char *text,
                    size_t length, size_t first, ms_diagnostics *diagnostics)
{
    *a = (ms_assigned){.text = malloc(length + 1), .length = length};
    a->where = calloc(assignments->count, sizeof *a->where);
    if (!a->text || !a->where)
        return MS_ERROR_MEMORY;
    memcpy(a->text, text, length);
    a->text[length] = '\0';
    ms_status status = ms_node_parse(&a->document, name, a->text + first, length - first, diagnostics);
    for (size_t i = 0; i < assignments->count && status == MS_OK; i++) {
        const char *each = assignments->text[i];
        int most = (int)sizeof *a->where - 16;
        snprintf(a->where[i], sizeof a->where[i], "--set %.*s%s", most, each,
                 strlen(each) > (size_t)most ? "..." : "");
        status = make_assignment(a, each, name, a->where[i], first, diagnostics);
    }
    return status;
}

void ms_assigned_free(ms_assigned *assigned)
{
    free(assigned->text);
    free(assigned->where);
    ms_node_free(assigned->document);
}

static bool take_places(ms_node *to, const ms_node *from)
{
    if (to->type != from->type || to->count != from->count || strcmp(to->text, from->text) != 0)
        return false;
    to->where = from->where;
    to->line = from->line;
    to->column = from->column;
    const ms_node *of = from->first;
    for (ms_node *child = to->first; child; child = child->next, of = of->next)
        if (!take_places(child, of) || (child->key && !take_places(child->key, of->key)))
            return false;
    return true;
}

bool ms_assigned_places(const ms_assigned *assigned, ms_node *document)
{
    return take_places(document, assigned->document);
}
