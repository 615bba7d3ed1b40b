/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/node.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

typedef struct builder {
    const char *where, *text;
    ms_diagnostics *diagnostics;
    ms_node *root;
    ms_node *open[MS_NODE_DEPTH_MAX]; /* lists and mappings that have begun */
    size_t depth;
    ms_node *key; /* waits for its value */
    size_t nodes;
    size_t documents;
} builder;

void ms_node_free(ms_node *node)
{
    while (node) {
        ms_node *next = node->next;
        ms_node_free(node->first);
        ms_node_free(node->key);
        free(node);
        node = next;
    }
}

const ms_node *ms_node_get(const ms_node *mapping, const char *key)
{
    if (mapping && mapping->type == MS_NODE_MAPPING)
        for (const ms_node *child = mapping->first; child; child = child->next)
            if (strcmp(child->key->text, key) == 0)
                return child;
    return NULL;
}

size_t ms_node_count(const ms_node *node)
{
    size_t count = 1;
    for (const ms_node *child = node->first; child; child = child->next)
        count += 1 + ms_node_count(child);
    return count;
}

static ms_node *copy_alone(const ms_node *node)
{
    size_t size = sizeof *node + strlen(node->text) + 1;
    ms_node *copy = malloc(size);
    if (copy) {
        memcpy(copy, node, size);
        copy->key = copy->next = copy->first = copy->last = NULL;
        copy->count = 0;
    }
    return copy;
}

static void add_child(ms_node *parent, ms_node *child)
{
    *(parent->first ? &parent->last->next : &parent->first) = child;
    parent->last = child;
    parent->count++;
}

ms_node *ms_node_copy(const ms_node *node, const char *left_out)
{
    ms_node *copy = copy_alone(node);
    if (copy && node->key && !(copy->key = copy_alone(node->key))) {
        free(copy);
        return NULL;
    }
    for (const ms_node *child = node->first; copy && child; child = child->next) {
        if (left_out && child->key && strcmp(child->key->text, left_out) == 0)
            continue;
        ms_node *of_child = ms_node_copy(child, NULL);
        if (of_child) {
            add_child(copy, of_child);
        } else {
            ms_node_free(copy);
            copy = NULL;
        }
    }
    return copy;
}

static ms_node *make(ms_node_type type, const char *text, const ms_node *place)
{
    ms_node *node = calloc(1, sizeof *node + strlen(text) + 1);
    if (node) {
        node->type = type;
        node->where = place->where;
        node->line = place->line;
        node->column = place->column;
        memcpy(node->text, text, strlen(text) + 1);
    }
    return node;
}

ms_node *ms_node_scalar(const char *text, const ms_node *place)
{
    return make(MS_NODE_SCALAR, text, place);
}

ms_node *ms_node_mapping(const ms_node *place)
{
    return make(MS_NODE_MAPPING, "", place);
}

bool ms_node_put(ms_node *mapping, const char *key, ms_node *value)
{
    ms_node **child = &mapping->first;
    while (*child && strcmp((*child)->key->text, key) != 0)
        child = &(*child)->next;
    ms_node *old = *child;
    ms_node_free(value->key);
    value->key = old ? copy_alone(old->key) : ms_node_scalar(key, value);
    if (!value->key) {
        ms_node_free(value);
        return false;
    }
    value->next = old ? old->next : NULL;
    *child = value;
    if (!value->next)
        mapping->last = value;
    if (old)
        old->next = NULL;
    else
        mapping->count++;
    ms_node_free(old);
    return true;
}

/* Letters of words and numbers, which need no quotes anywhere. */
static bool is_plain(const ms_node *node)
{
    return !node->quoted && node->text[0] != '\0' &&
           node->text[strspn(node->text,
                             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-")] == '\0';
}

static void write_scalar(const ms_node *node, FILE *out)
{
    if (is_plain(node)) {
        fputs(node->text, out);
        return;
    }
    putc('"', out);
    for (const char *c = node->text; *c; c++)
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if ((unsigned char)*c < 0x20)
            fprintf(out, "\\x%02X", (unsigned)*c);
        else
            putc(*c, out);
    putc('"', out);
}

void ms_node_write(const ms_node *node, FILE *out)
{
    if (node->type == MS_NODE_SCALAR) {
        write_scalar(node, out);
        return;
    }
    fputs(node->type == MS_NODE_LIST ? "[" : "{", out);
    for (const ms_node *child = node->first; child; child = child->next) {
        if (child->key) {
            write_scalar(child->key, out);
            fputs(": ", out);
        }
        ms_node_write(child, out);
        fputs(child->next ? ", " : "", out);
    }
    fputs(node->type == MS_NODE_LIST ? "]" : "}", out);
}

static ms_status refuse(builder *b, const yaml_mark_t *mark, const char *text)
{
    ms_diagnostics_add(b->diagnostics, b->where, mark->line + 1, mark->column + 1, "%s", text);
    return MS_ERROR_SWEEP;
}

static ms_status attach(builder *b, const yaml_mark_t *mark, ms_node *node)
{
    ms_node *parent = b->depth > 0 ? b->open[b->depth - 1] : NULL;
    if (!parent) {
        node->next = b->root; /* NULL: a document has one root; were there more, none would be lost */
        b->root = node;
    } else if (parent->type == MS_NODE_MAPPING && !b->key) {
        b->key = node; /* freed with the builder, should the next line refuse it */
        if (node->type != MS_NODE_SCALAR)
            return refuse(b, mark, "a key must be a word, not a list or a mapping; check the indentation");
    } else {
        node->key = b->key;
        b->key = NULL;
        add_child(parent, node);
    }
    return MS_OK;
}

static ms_status add(builder *b, const yaml_event_t *event, ms_node_type type)
{
    const yaml_mark_t *mark = &event->start_mark;
    const char *text = "";
    size_t length = 0;
    bool quoted = false, is_flow = false, has_anchor = false, has_tag = false;
    if (type == MS_NODE_SCALAR) {
        text = (const char *)event->data.scalar.value;
        length = event->data.scalar.length;
        quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        has_anchor = event->data.scalar.anchor;
        has_tag = event->data.scalar.tag;
    } else if (type == MS_NODE_LIST) {
        has_anchor = event->data.sequence_start.anchor;
        has_tag = event->data.sequence_start.tag;
        is_flow = event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    } else {
        has_anchor = event->data.mapping_start.anchor;
        has_tag = event->data.mapping_start.tag;
        is_flow = event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
    }
    if (has_anchor)
        return refuse(b, mark, "anchors (&name) are not supported; write the value out where it is needed");
    if (has_tag)
        return refuse(b, mark, "tags (!name) are not supported; remove it");
    if (++b->nodes > MS_NODES_MAX)
        return refuse(b, mark, "too many values; a sweep file may hold 262144, keys included");
    if (length > 0 && memchr(text, 0, length))
        return refuse(b, mark, "the text contains a NUL character; remove it");
    ms_node *node = calloc(1, sizeof *node + length + 1);
    if (!node)
        return MS_ERROR_MEMORY;
    node->type = type;
    node->line = mark->line + 1;
    node->column = mark->column + 1;
    node->quoted = quoted;
    node->is_flow = is_flow;
    node->begin = mark->index;
    node->end = event->end_mark.index; /* of lists and mappings: until they end */
    memcpy(node->text, text, length);
    ms_status status = attach(b, mark, node);
    if (status != MS_OK || type == MS_NODE_SCALAR)
        return status;
    if (b->depth == MS_NODE_DEPTH_MAX)
        return refuse(b, mark, "lists and mappings are nested more than 16 deep; no sweep needs that");
    b->open[b->depth++] = node;
    return MS_OK;
}

static ms_status take(builder *b, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (b->documents++ > 0)
            return refuse(
                b, &event->start_mark,
                "a second document starts here; a sweep file holds one: remove this and what follows");
        return MS_OK;
    case YAML_SCALAR_EVENT:
        return add(b, event, MS_NODE_SCALAR);
    case YAML_SEQUENCE_START_EVENT:
        return add(b, event, MS_NODE_LIST);
    case YAML_MAPPING_START_EVENT:
        return add(b, event, MS_NODE_MAPPING);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        if (b->depth > 0)
            b->open[--b->depth]->end = event->end_mark.index;
        return MS_OK;
    case YAML_ALIAS_EVENT:
        return refuse(b, &event->start_mark,
                      "aliases (*name) are not supported; write the value out where it is needed");
    default:
        return MS_OK;
    }
}

/* The commonest reason for "found character that cannot start any token". `line` counts from 0. */
static bool is_indented_by_tab(const char *text, size_t line)
{
    for (; line > 0; line--) {
        const char *end = strchr(text, '\n');
        if (!end)
            return false;
        text = end + 1;
    }
    return text[strspn(text, " ")] == '\t';
}

static ms_status syntax_error(builder *b, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR)
        return MS_ERROR_MEMORY;
    const char *problem = parser->problem ? parser->problem : "it cannot be read";
    size_t line = parser->problem_mark.line + 1, column = parser->problem_mark.column + 1;
    if (is_indented_by_tab(b->text, parser->problem_mark.line)) {
        ms_diagnostics_add(b->diagnostics, b->where, line, column,
                           "not valid YAML: the line is indented by a tab; use spaces");
        return MS_ERROR_SWEEP;
    }
    if (parser->context)
        ms_diagnostics_add(b->diagnostics, b->where, line, column,
                           "not valid YAML: %s (%s that starts in line %zu); check indentation, colons and "
                           "brackets",
                           problem, parser->context, parser->context_mark.line + 1);
    else
        ms_diagnostics_add(b->diagnostics, b->where, line, column,
                           "not valid YAML: %s; check indentation, colons and brackets", problem);
    return MS_ERROR_SWEEP;
}

ms_status ms_node_parse(ms_node **root, const char *where, const char *text, size_t length,
                        ms_diagnostics *diagnostics)
{
    builder b = {.where = where, .text = text, .diagnostics = diagnostics};
    yaml_parser_t parser;
    *root = NULL;
    if (!yaml_parser_initialize(&parser))
        return MS_ERROR_MEMORY;
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    ms_status status = MS_OK;
    for (bool end = false; !end && status == MS_OK;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            status = syntax_error(&b, &parser);
            break;
        }
        status = take(&b, &event);
        end = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    if (status == MS_OK && !b.root) {
        ms_diagnostics_add(
            diagnostics, where, 0, 0,
            "it contains nothing but white space and comments; docs/sweep-file.md has an example");
        status = MS_ERROR_SWEEP;
    }
    if (status != MS_OK) {
        ms_node_free(b.key);
        ms_node_free(b.root);
        return status;
    }
    *root = b.root;
    return MS_OK;
}
