/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What fields a thing has that people describe in a sweep file: tables of data. Targets, samplers, rules and
 * estimators bring theirs along; reading YAML, identity, keys, documentation and help are walks over them. */
#ifndef MS_FIELD_H
#define MS_FIELD_H

#include "base/data_set.h"

#include <modeseek/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct ms_schema ms_schema;
typedef struct ms_field ms_field;

/* What depends on a field. */
typedef enum ms_field_role {
    MS_ROLE_LAW,    /* how chains move: part of the identity and of the key of the random numbers */
    MS_ROLE_RECORD, /* what is recorded of them: part of the identity */
    MS_ROLE_BUDGET, /* how many there are and how far they get: part of the identity, may grow */
    MS_ROLE_GRID,   /* which points there are */
    MS_ROLE_NONE    /* nothing: names, for people */
} ms_field_role;

typedef enum ms_field_type {
    MS_FIELD_TEXT,    /* char [size] */
    MS_FIELD_PATH,    /* char [size]: a file; a relative path is taken from the sweep file's folder */
    MS_FIELD_NUMBER,  /* double in low..high */
    MS_FIELD_COUNT,   /* uint64_t in least..most */
    MS_FIELD_BOOL,    /* bool */
    MS_FIELD_CHOICE,  /* an enum, by name */
    MS_FIELD_VECTOR,  /* ms_vector (base/vector.h): a number, a list or a pattern; numbers in low..high */
    MS_FIELD_SECTION, /* a mapping described by `schema`, into the same destination, `offset` on */
    MS_FIELD_LIST,    /* ms_list: least..most mappings described by `schema`, or a file of them */
    MS_FIELD_SEVERAL, /* ms_list of least..most ms_chosen: a list of names, or of mappings as of CHOSEN */
    MS_FIELD_NUMBERS, /* ms_list of at most `most` ms_named_number, by name: a mapping whose keys are not
                         known here */
    MS_FIELD_SETS,   /* ms_sets: a list of whole numbers below `most`, or of lists of them; the word `auto` */
    MS_FIELD_CHOSEN, /* ms_chosen: a mapping whose key `tag` names one of `kinds`, which has further keys */
    MS_FIELD_DATA,   /* ms_data: files of vectors */
    MS_FIELD_NETWORK, /* const ms_network *: a file of weights; NULL where files are not opened */
    MS_FIELD_NODE,    /* const ms_node *: kept for a reader that knows more */
    MS_FIELD_CUSTOM   /* `read`; a mapping may have a `schema`, for the destination that it stands in */
} ms_field_type;

typedef struct ms_choice {
    const char *name; /* NULL ends the list */
    unsigned value;
} ms_choice;

/* Items one after the other; allocated by the reader. */
typedef struct ms_list {
    void *item; /* [count][field->size] */
    size_t count;
    bool is_of_file;
    uint64_t digest; /* of all numbers, if so */
} ms_list;

#define MS_NAMED_NUMBER_LOW  (-1e300)
#define MS_NAMED_NUMBER_HIGH 1e300

typedef struct ms_named_number {
    char name[64];
    double value;
} ms_named_number;

/* Sets of numbers, each in one of them: set i has member[i > 0 ? end[i-1] : 0] to member[end[i]-1]. Allocated
 * by the reader. */
typedef struct ms_sets {
    size_t *end;    /* [count] */
    size_t *member; /* [end[count-1]] */
    size_t count;   /* 0: auto */
} ms_sets;

/* Vectors of a target, and others to start from; they belong to the reader. NULL: there are none. */
typedef struct ms_data {
    const ms_data_set *train, *test;
} ms_data;

/* One of several things known by name that have fields of their own. A type object begins with its kind, so
 * that whoever knows which types a field chooses from has the type. */
typedef struct ms_kind {
    const char *name;
    const char *doc; /* what it is, in a few words */
    const ms_schema *schema;
    size_t params_size; /* bytes of the struct that the schema describes */
    /* Looks into the files that the params name, for use in `dimension` dimensions: fills in the fields that
     * are `found` and allows that the files are used. NULL: there are none. Errors say what is wrong with
     * them. */
    ms_status (*look)(void *params, size_t dimension, ms_error *error);
    /* Whether `dimension` is one of those that are possible by what `look` has found. NULL: all are. */
    ms_status (*fits)(const void *params, size_t dimension, ms_error *error);
} ms_kind;

/* The kind of that name among kind 0, 1, ..., NULL past the last; or NULL. */
static inline const ms_kind *ms_kind_find(const ms_kind *(*kinds)(size_t number), const char *name)
{
    const ms_kind *kind;
    for (size_t i = 0; (kind = kinds(i)) != NULL && strcmp(kind->name, name) != 0; i++)
        ;
    return kind;
}

/* Which one, and the values of its fields, [kind->params_size]; allocated by the reader. */
typedef struct ms_chosen {
    const ms_kind *kind;
    void *params;
} ms_chosen;

struct ms_reader;
struct ms_node;

struct ms_field {
    const char *key;
    const char *doc; /* what it is, in a few words */
    ms_field_type type;
    ms_field_role role;
    bool required;
    bool (*spares)(const void *destination); /* whether a required one may be missing here; NULL: never */
    bool sweepable;                          /* may be an axis of the grid, under its path */
    bool shrinks;                            /* of BUDGET: the smaller the more */
    const char *no_axis;                     /* why not, and what to do instead; NULL: nothing special */
    bool above_low;                          /* `low` itself is not allowed */
    bool may_be_file; /* of LIST of numbers and vectors, all required: also {file: PATH} */
    bool found; /* no user needs to give it: `look` finds it, and it is added to the text of the sweep that is
                   kept */
    bool is_usually_constant; /* of VECTOR: the key hashes one number where all coordinates are the same */
    const char *fallback;     /* YAML that stands for a missing key; NULL: nothing is stored */
    size_t offset;            /* in the destination */
    double low, high;
    uint64_t least, most;
    size_t size;                            /* of TEXT, or of an item of LIST */
    const ms_choice *choices;               /* of CHOICE; of NUMBER: words that stand for numbers, or NULL */
    const ms_schema *schema;                /* of SECTION and LIST; of CHOSEN the keys that all kinds have */
    const char *tag;                        /* of CHOSEN: the key that holds the kind's name */
    const char *tag_fallback;               /* the kind where that key is missing, or NULL: it is required */
    const ms_kind *(*kinds)(size_t number); /* of CHOSEN: kind 0, 1, ..., NULL past the last */
    void (*read)(struct ms_reader *reader, const ms_field *field, const struct ms_node *node,
                 void *destination);
    void (*write)(FILE *out,
                  const void *destination);  /* of CUSTOM without a schema: its value, for identities */
    bool (*counts)(const void *destination); /* whether it means anything beside the others; NULL: always */
};

struct ms_schema {
    const char *path; /* as in messages and docs/sweep-file.md */
    const ms_field *fields;
    size_t count;
};

#endif
