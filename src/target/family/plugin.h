/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_PLUGIN_FAMILY_H
#define MS_PLUGIN_FAMILY_H

#include "base/field.h"
#include "base/vector.h"

#include <stdint.h>

#include <modeseek/functions.h>

#define MS_PLUGIN_PATH_SIZE   1024
#define MS_PLUGIN_DIGEST_SIZE 17

/* How a sweep describes it, or, from programs, `functions`. */
typedef struct ms_plugin_params {
    char path[MS_PLUGIN_PATH_SIZE];
    char data[MS_PLUGIN_PATH_SIZE]; /* a file of numbers, or empty */
    ms_list parameters;             /* of ms_named_number */
    ms_list modes;                  /* of ms_plugin_mode; empty: those that the plugin has */
    /* found by `look`; a target of these params, in whatever dimension, must have the same */
    uint64_t count;                      /* modes */
    char digest[MS_PLUGIN_DIGEST_SIZE];  /* of the shared object and the data, in hexadecimal */
    size_t dimension_min, dimension_max; /* 0: no limit */
    bool may_load;                       /* `look` has been called: a user has named the files */
    const ms_functions_params *functions;
} ms_plugin_params;

typedef struct ms_plugin_mode {
    ms_vector centre;
} ms_plugin_mode;

/* What alloc, look and fits of the family do. `*functions` is NULL on failure. */
struct ms_functions;
ms_status ms_plugin_make(struct ms_functions **functions, const ms_plugin_params *params, size_t dimension,
                         ms_error *error);
ms_status ms_plugin_look(void *params, size_t dimension, ms_error *error);
ms_status ms_plugin_fits(const void *params, size_t dimension, ms_error *error);

extern const ms_schema ms_plugin_schema;
extern const ms_target_type *const ms_target_plugin;

#endif
