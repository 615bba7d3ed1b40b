/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What keys a mapping of the sweep file has: a table, read by one function. */
#ifndef MS_SWEEP_SCHEMA_H
#define MS_SWEEP_SCHEMA_H

#include "sweep/node.h"

#include <stdint.h>

#define MS_SCHEMA_FIELDS_MAX 16

typedef struct ms_schema ms_schema;
typedef struct ms_field ms_field;

/* Where messages go. */
typedef struct ms_reader {
    const char *where;
    ms_diagnostics *diagnostics;
    bool out_of_memory;
    ms_node *kept; /* trees of defaults; freed with the document */
} ms_reader;

typedef enum ms_field_type {
    MS_FIELD_TEXT,    /* char [size] */
    MS_FIELD_NUMBER,  /* double in low..high */
    MS_FIELD_COUNT,   /* uint64_t in least..most */
    MS_FIELD_BOOL,    /* bool */
    MS_FIELD_CHOICE,  /* an enum, by name */
    MS_FIELD_SECTION, /* a mapping described by `schema`, into the same destination */
    MS_FIELD_NODE,    /* const ms_node *: kept for a reader that knows more */
    MS_FIELD_CUSTOM   /* `read` */
} ms_field_type;

typedef struct ms_choice {
    const char *name; /* NULL ends the list */
    unsigned value;
} ms_choice;

struct ms_field {
    const char *key;
    const char *doc; /* what it is, in a few words */
    ms_field_type type;
    bool required;
    bool above_low;       /* `low` itself is not allowed */
    const char *fallback; /* YAML that stands for a missing key; NULL: nothing is stored */
    size_t offset;        /* in the destination */
    double low, high;
    uint64_t least, most;
    size_t size;
    const ms_choice *choices;
    const ms_schema *schema;
    void (*read)(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination);
};

struct ms_schema {
    const char *path; /* as in messages and docs/sweep-file.md */
    const ms_field *fields;
    size_t count;
};

/* Every schema of the sweep file, NULL past the last: for hints and for checking the documentation. */
const ms_schema *ms_schema_number(size_t index);

/* Reads the mapping `node` into `destination`, defaults for what is missing. Failures are messages. */
void ms_schema_read(ms_reader *reader, const ms_schema *schema, const ms_node *node, void *destination);

/* A message at a node's place (NULL: no place). */
void ms_complain(ms_reader *reader, const ms_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* One value; false after a message that calls it `name`. */
bool ms_read_number(ms_reader *reader, const ms_node *node, const char *name, double low, bool above_low,
                    double high, double *value);
bool ms_read_count(ms_reader *reader, const ms_node *node, const char *name, uint64_t least, uint64_t most,
                   uint64_t *value);
bool ms_read_choice(ms_reader *reader, const ms_node *node, const char *name, const ms_choice *choices,
                    unsigned *value);
/* A list of numbers in low..high, at least one; `*values` is the caller's. */
bool ms_read_numbers(ms_reader *reader, const ms_node *node, const char *name, double limit, double **values,
                     size_t *count);

/* Text to show in a message, cut at a readable length. */
typedef struct ms_shown {
    char text[64];
} ms_shown;
ms_shown ms_show(const ms_node *node);

#endif
