/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_JSON_H
#define MS_JSON_H

#include <stdbool.h>
#include <stddef.h>

/* The value of a key of a JSON object, at the object's own level: a string without its quotes and escapes,
 * anything else as it is written, with "" for null. It is made printable, and cut to `size` bytes.
 * False, with "" in `value`, if the object has no such key, or ends or goes wrong before it: the text may
 * come from a file that anybody has written. Of equal keys the first counts. */
bool ms_json_field(const char *object, const char *key, char *value, size_t size);

#endif
