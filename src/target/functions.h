/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A target given by functions (modeseek/plugin.h), as the family `plugin` holds it. Its calls are checked:
 * what goes wrong in one is remembered until it is asked for, because who evaluates targets has no way to
 * fail. */
#ifndef MS_FUNCTIONS_H
#define MS_FUNCTIONS_H

#include "random/lanes.h"
#include "target/target_type.h"

#include <modeseek/functions.h>

typedef struct ms_functions {
    ms_plugin table; /* members that its author did not know are NULL */
    char name[64];
    void *self;
    bool created;
    size_t dimension, modes;
    double *parameters, *data; /* [parameter_count], [rows][columns] */
    size_t rows, columns;
    double *centre; /* [modes][dimension] */
    double *weight; /* [modes], or NULL */
    uint64_t file;  /* digest of the shared object; 0 without */
    /* room for the rows of eight chains */
    double *x, *score;            /* [MS_LANES][dimension] */
    double *density, *log_weight; /* [MS_LANES], [MS_LANES][modes] */
    bool failed;                  /* since it was asked for: */
    char failure[400];            /* the first failure */
} ms_functions;

/* Makes and tries them out. Errors as ms_target_functions_alloc(). */
ms_status ms_functions_make(ms_functions **functions, const ms_functions_params *params, ms_error *error);
void ms_functions_free(ms_functions *functions);

/* Whether the plugin `name` with these limits, of which 0 is none, is for that dimension. */
ms_status ms_functions_check_dimension(const char *name, size_t least, size_t most, size_t dimension,
                                       ms_error *error);

/* A digest of the shared object and the data. */
uint64_t ms_functions_identity(const ms_functions *functions);

/* Log-densities and scores of `count` points at a place, rows as modeseek/plugin.h has them; all NaN after an
 * error. */
void ms_functions_evaluate(ms_functions *functions, const ms_place *place, size_t count, const double *x,
                           double *log_density, double *score);
/* Makes rows NaN that are not as they must be, and remembers why. Where the density is 0, a score that is not
 * finite is the sampler's affair. */
void ms_functions_refuse_rows(ms_functions *functions, const ms_place *place, size_t count, const double *x,
                              double *log_density, double *score);
/* Log-weights [count][modes]; NaN where there are none. */
void ms_functions_log_weights(ms_functions *functions, size_t count, const double *x, double *log_weight);
/* What has gone wrong since this was last called, or NULL. The text stays until something else does. */
const char *ms_functions_take_failure(ms_functions *functions);

/* Tries them out: MS_ERROR_ARGUMENT with what is wrong. */
ms_status ms_functions_check(ms_functions *functions, ms_error *error);

/* The plugin of which a function is being called, or NULL: one that ends the program by exit() has crashed.
 */
extern _Thread_local const char *ms_plugin_running;

/* The table of the shared object at `path`, and a digest of its bytes. Errors: IO, ARGUMENT. */
ms_status ms_plugin_load(const char *path, const ms_plugin **table, uint64_t *digest, ms_error *error);

#endif
