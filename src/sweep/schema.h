/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading mappings of the sweep file by tables of fields (base/field.h). */
#ifndef MS_SWEEP_SCHEMA_H
#define MS_SWEEP_SCHEMA_H

#include "base/field.h"
#include "sweep/inputs.h"
#include "sweep/node.h"

#define MS_SCHEMA_FIELDS_MAX 32 /* of a mapping, those of a kind included */

/* What is to be added to the text of a sweep. */
typedef struct ms_additions ms_additions;

/* A table that has been read. */
typedef struct ms_read_table ms_read_table;

/* A data set that has been read (sweep/data.h). */
typedef struct ms_known_data ms_known_data;

/* Where messages go. */
typedef struct ms_reader ms_reader;
struct ms_reader {
    const char *where;
    ms_diagnostics *diagnostics;
    bool out_of_memory;
    bool is_file_wrong;      /* one that the document names, which has been said */
    ms_node *kept;           /* trees of defaults; freed with the document */
    bool is_kept;            /* the text is of a results file: no plugin that it names is opened, */
    bool skips_tables;       /* nor any table of numbers, */
    bool lacks_numbers;      /* and so these are missing */
    const ms_supply *supply; /* what stands in for files; or NULL */
    ms_inputs_named *named;  /* the files that the document names */
    ms_additions *additions;
    ms_known_data *data;   /* the sets that have been read */
    ms_read_table *tables; /* from files (sweep/items.h) */
    size_t table_numbers;  /* that variants have taken of them */
};

/* A section of the sweep file that has the key, for hints; or NULL. */
const ms_schema *ms_schema_with(const char *key);

/* The schemas of a table and of the tables in it, each by itself; `tag` is the key that names a kind, or
 * NULL.
 */
typedef void ms_schema_visitor(const ms_schema *schema, const char *tag, void *argument);
void ms_schema_visit(const ms_schema *schema, ms_schema_visitor *visit, void *argument);

/* Reads the mapping `node` into `destination`, defaults for what is missing. Failures are messages. What is
 * allocated goes with ms_fields_free(), whether or not there were any. */
void ms_schema_read(ms_reader *reader, const ms_schema *schema, const ms_node *node, void *destination);

/* The same where other keys may be right, too: `other` is called for those. It returns the key of the schema
 * that was meant, after a message, or NULL. */
typedef const char *ms_other_key(ms_reader *reader, const ms_node *child, void *argument);
void ms_schema_read_open(ms_reader *reader, const ms_schema *schema, const ms_node *node, void *destination,
                         ms_other_key *other, void *argument);

/* Frees what fields of the table own: vectors, lists, params of kinds. */
void ms_fields_free(const ms_schema *schema, void *destination);

/* The same of one chosen thing. */
void ms_chosen_free(ms_chosen *chosen);

/* The field of that key, or NULL. */
const ms_field *ms_schema_field(const ms_schema *schema, const char *key);

/* The kind of that name that a field may choose, or NULL. */
const ms_kind *ms_field_kind(const ms_field *field, const char *name);

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
/* Whether a word is one of these misspelt, which is said then. */
bool ms_is_slip(ms_reader *reader, const ms_node *node, const char *name, const char *const *words,
                size_t count);
/* A list of numbers in low..high, at least one; `*values` is the caller's. */
bool ms_read_numbers(ms_reader *reader, const ms_node *node, const char *name, double low, bool above_low,
                     double high, double **values, size_t *count);

/* Whether a number lies in that range, and what to say of one that does not: "give a number from 0 to 1". */
bool ms_is_in_range(double number, double low, bool above_low, double high);
void ms_describe_range(double number, double low, bool above_low, double high, char *text, size_t size);

/* MS_FIELD_VECTOR, and the mapping that a vector may be. */
void ms_read_vector(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination);
extern const ms_schema ms_vector_schema;

/* MS_FIELD_NUMBERS. */
void ms_read_named_numbers(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination);

/* The choices of MS_FIELD_BOOL. */
extern const ms_choice ms_bool_choices[];

/* The name of a choice; never NULL for a value that was read. */
const char *ms_choice_name(const ms_choice *choices, unsigned value);

/* Text to show in a message, cut at a readable length. */
typedef struct ms_shown {
    char text[64];
} ms_shown;
ms_shown ms_show(const ms_node *node);

#endif
