/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that a sweep names: start positions, components, plugins and their data. */
#ifndef MS_SWEEP_INPUTS_H
#define MS_SWEEP_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

/* One place where the text names a file. */
typedef struct ms_input_named {
    char *name; /* as it is written there */
    const char
        *key;   /* before it: "path" (of a plugin), "data" (of that), else of numbers: "file", "idx", ... */
    char *path; /* of what was, or would be, read; beside the sweep, or as the supply says */
    size_t begin, end; /* bytes of the text that are the name, quotes included */
} ms_input_named;

typedef struct ms_inputs_named {
    ms_input_named *input; /* [count], in the order of their places */
    size_t count, room;
} ms_inputs_named;
void ms_inputs_named_free(ms_inputs_named *named);

/* A table of numbers, as opposed to code and what belongs to it. */
bool ms_input_is_table(const ms_input_named *input);

/* Files that stand in for tables that a sweep names. */
typedef struct ms_supplied {
    const char *name; /* as the sweep has it */
    const char *path; /* of the file that is read instead */
} ms_supplied;
typedef struct ms_supply {
    const ms_supplied *file;
    size_t count;
} ms_supply;

struct ms_reader;
struct ms_node;

/* While a document is read: the path of the file that is the value of `key`, noted; the caller frees it. NULL
 * without memory. A message where a file that results name is not to be opened. */
char *ms_input_path(struct ms_reader *reader, const struct ms_node *node, const char *key);

/* Once it has been read, places are noted in characters from byte `first` of the text on; makes bytes of
 * them. */
void ms_inputs_named_place(ms_inputs_named *named, const char *text, size_t length, size_t first);

#endif
