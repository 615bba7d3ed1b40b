/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_PLUGIN_FAMILY_H
#define MS_PLUGIN_FAMILY_H

#include "base/field.h"

#include <stdint.h>

#include <modeseek/functions.h>

#define MS_PLUGIN_NAME_SIZE 64
#define MS_PLUGIN_PATH_SIZE 1024

typedef struct ms_plugin_setting {
    char name[MS_PLUGIN_NAME_SIZE];
    double value;
} ms_plugin_setting;

/* How a sweep would describe it, or, from programs, `functions`. */
typedef struct ms_plugin_params {
    char path[MS_PLUGIN_PATH_SIZE];
    char data[MS_PLUGIN_PATH_SIZE]; /* a file of numbers, or empty */
    ms_list parameters;             /* of ms_plugin_setting */
    const ms_functions_params *functions;
    size_t modes;      /* what ms_plugin_look() has found, or 0: */
    uint64_t identity; /* a digest of the shared object and of the data */
} ms_plugin_params;

/* Fills in what is not known before the files are there: loads them and makes the target in one dimension. A
 * target that is made of these params later, in whatever dimension, must have the same. */
ms_status ms_plugin_look(ms_plugin_params *params, size_t dimension, ms_error *error);

extern const ms_target_type *const ms_target_plugin;

#endif
