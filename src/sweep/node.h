/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A YAML document as a small tree with line and column, bounded in every direction whatever the text holds.
 */
#ifndef MS_SWEEP_NODE_H
#define MS_SWEEP_NODE_H

#include "base/diagnostics.h"

#include <modeseek/status.h>
#include <stdio.h>

#define MS_NODES_MAX      (1u << 18)
#define MS_NODE_DEPTH_MAX 16

typedef enum ms_node_type { MS_NODE_SCALAR, MS_NODE_LIST, MS_NODE_MAPPING } ms_node_type;

typedef struct ms_node ms_node;
struct ms_node {
    ms_node_type type;
    bool is_unknown;     /* stands where nothing could be read, which has been said */
    const char *where;   /* what messages name in the place of the file; NULL: nothing else */
    size_t line, column; /* 1-based */
    size_t begin, end;   /* characters of the document */
    ms_node *key;        /* in a mapping: the key, a scalar */
    ms_node *next;       /* in the same list or mapping */
    ms_node *first, *last;
    size_t count; /* of children */
    bool quoted;  /* a scalar that was not plain */
    bool is_flow; /* a list or mapping within brackets or braces */
    char text[];  /* of a scalar, holds no NUL */
};

/* The one document in `text`, which ends with a NUL at text[length]. MS_ERROR_SWEEP with a message,
 * MS_ERROR_MEMORY. The caller frees `*root`. */
ms_status ms_node_parse(ms_node **root, const char *where, const char *text, size_t length,
                        ms_diagnostics *diagnostics);
void ms_node_free(ms_node *node);

/* Nodes among all below `node`, itself and keys included. */
size_t ms_node_count(const ms_node *node);

/* A copy with its key, without the child `left_out` of it (NULL: with all); NULL without memory. */
ms_node *ms_node_copy(const ms_node *node, const char *left_out);

/* A plain scalar without a key, at the place of another node; NULL without memory. */
ms_node *ms_node_scalar(const char *text, const ms_node *place);

/* An empty mapping; otherwise the same. */
ms_node *ms_node_mapping(const ms_node *place);

/* Puts `value` in the place of the child `key` of a mapping, or behind its last one. Both
 * belong to the mapping then; `value` is freed on failure: false without memory. */
bool ms_node_put(ms_node *mapping, const char *key, ms_node *value);

/* Writes it in one line, as it may stand within brackets, without its key. */
void ms_node_write(const ms_node *node, FILE *out);

/* The value of a key, or NULL; NULL also where `mapping` is NULL or no mapping. */
const ms_node *ms_node_get(const ms_node *mapping, const char *key);

#endif
