/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file functions.h
 * Targets given by functions: those of a program, or of a shared object that is loaded (a plugin). */
#ifndef MODESEEK_FUNCTIONS_H
#define MODESEEK_FUNCTIONS_H

#include <modeseek/export.h>
#include <modeseek/plugin.h>
#include <modeseek/status.h>
#include <modeseek/target.h>

MS_BEGIN_API

/** The value of one of the parameters that the functions have. */
typedef struct ms_function_parameter {
    const char *name;
    double value;
} ms_function_parameter;

/** What a target given by functions is made of. All is copied, but the functions must stay. */
typedef struct ms_functions_params {
    size_t dimension;
    const ms_plugin *functions; /**< or NULL, and then */
    const char *path;           /**< the shared object that exports modeseek_plugin(); without a '/' it is
                                     in the current folder: nothing is searched for */
    const ms_function_parameter *parameters; /**< [parameter_count], in any order */
    size_t parameter_count;
    const double *data; /**< [rows][columns]; NULL: none */
    size_t rows, columns;
    const double *centre; /**< [modes][dimension]: where modes are, instead of what the functions say of
                             modes, weights and draws; NULL: what they say */
    size_t modes;
} ms_functions_params;

/** Largest shared object that is loaded, in bytes. */
#define MS_PLUGIN_BYTES_MAX (UINT32_C(64) << 20)

/** Makes a target of functions, after trying them out (see modeseek/plugin.h). On success `*target` is the
 * caller's, to be freed with ms_target_free(); it must not be used in several threads at once. A shared
 * object is read once, whatever becomes of its file, and never unloaded. Errors, with the reason:
 * MS_ERROR_IO for a file that cannot be read or loaded, MS_ERROR_ARGUMENT for functions or parameters that
 * are refused, MS_ERROR_MEMORY. */
ms_status ms_target_functions_alloc(ms_target **target, const ms_functions_params *params, ms_error *error);

MS_END_API
#endif
