/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_PLUGIN_FAMILY_H
#define MS_PLUGIN_FAMILY_H

#include "base/field.h"

#include <modeseek/functions.h>

#define MS_PLUGIN_NAME_SIZE 64
#define MS_PLUGIN_PATH_SIZE 1024

typedef struct ms_plugin_setting {
    char name[MS_PLUGIN_NAME_SIZE];
    double value;
} ms_plugin_setting;

/* What the schema of the family describes, or, from programs, `functions`. */
typedef struct ms_plugin_params {
    char path[MS_PLUGIN_PATH_SIZE];
    char data[MS_PLUGIN_PATH_SIZE]; /* a file of numbers, or empty */
    ms_list parameters;             /* of ms_plugin_setting */
    const ms_functions_params *functions;
} ms_plugin_params;

extern const ms_target_type *const ms_target_plugin;

#endif
