/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_JSON_H
#define MS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* JSON written piece by piece, whose commas come by themselves. Begin with {.out = FILE}. `key` below is NULL
 * in lists and for what is outermost. */
typedef struct ms_json {
    FILE *out;
    bool follows; /* something stands before, in the same object or list */
    bool breaks;  /* the next piece begins a line, */
    int indent;   /* with so many blanks */
} ms_json;

/* The next piece, or closing bracket, begins a line. */
void ms_json_line(ms_json *json, int indent);
/* An object, '{' ... '}', or a list, '[' ... ']'. */
void ms_json_open(ms_json *json, const char *key, char bracket);
void ms_json_close(ms_json *json, char bracket);
/* What stands before a value: for one that somebody else writes. */
void ms_json_key(ms_json *json, const char *key);
/* Any bytes; what is no UTF-8 becomes U+FFFD. NULL is null. */
void ms_json_text(ms_json *json, const char *key, const char *text);
void ms_json_truth(ms_json *json, const char *key, bool truth);
void ms_json_count(ms_json *json, const char *key, uint64_t count);
void ms_json_whole(ms_json *json, const char *key, int64_t number);
/* As many digits as read back as the same number; null where it is not finite. */
void ms_json_number(ms_json *json, const char *key, double number);

/* The value of a key of a JSON object, at the object's own level: a string without its quotes and escapes,
 * anything else as it is written, with "" for null. It is made printable, and cut to `size` bytes.
 * False, with "" in `value`, if the object has no such key, or ends or goes wrong before it: the text may
 * come from a file that anybody has written. Of equal keys the first counts. */
bool ms_json_field(const char *object, const char *key, char *value, size_t size);

#endif
