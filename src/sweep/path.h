/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths to values of a sweep file: sampler.step_size, target.components[1].variance. */
#ifndef MS_SWEEP_PATH_H
#define MS_SWEEP_PATH_H

#include "sweep/schema.h"

/* The field at a path below `schema`, or NULL. The document `root` (may be NULL) says which kinds are chosen;
 * where it does not, any that fits will do. For a pattern's number, MEAN.value, it is the vector's. */
const ms_field *ms_path_find(const ms_schema *schema, const char *path, const ms_node *root);

/* Whether it may be the name of an MS_FIELD_NUMBERS' number: neither paths nor identities mistake it for
 * more. */
bool ms_path_is_word(const char *text);

typedef struct ms_path_text {
    char text[64];
} ms_path_text;

/* The path that may be an axis and was probably meant; false if none is near. */
bool ms_path_meant(const ms_schema *schema, const char *path, const ms_node *root, ms_path_text *meant);

/* Puts `value` into the document, in the place of what stands at the path; sections that are missing are
 * added. Frees it on failure, which is a message at `axis`. */
void ms_path_put(ms_reader *reader, ms_node *root, const char *path, ms_node *value, const ms_node *axis);

#endif
