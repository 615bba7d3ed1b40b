/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a sweep describes a plugin, and what is found out about it when the sweep is read. */
#include "target/data_file.h"
#include "target/family/plugin.h"
#include "target/functions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* [modes][dimension], for the caller to free; NULL without memory. */
static double *make_centres(const ms_list *modes, size_t dimension)
{
    const ms_plugin_mode *mode = modes->item;
    double *centre = modes->count <= SIZE_MAX / sizeof *centre / dimension
                         ? calloc(modes->count * dimension, sizeof *centre)
                         : NULL;
    for (size_t i = 0; centre && i < modes->count; i++)
        for (size_t j = 0; j < dimension; j++)
            centre[i * dimension + j] = ms_vector_at(&mode[i].centre, j, dimension);
    return centre;
}

/* As a sweep describes it. */
static ms_status make_described(ms_functions **made, const ms_plugin_params *p, size_t dimension,
                                ms_error *error)
{
    const ms_named_number *setting = p->parameters.item;
    ms_function_parameter *parameter = calloc(p->parameters.count + 1, sizeof *parameter);
    double *data = NULL, *centre = p->modes.count > 0 ? make_centres(&p->modes, dimension) : NULL;
    ms_functions_params described = {.dimension = dimension,
                                     .path = p->path,
                                     .parameters = parameter,
                                     .parameter_count = p->parameters.count,
                                     .centre = centre,
                                     .modes = p->modes.count};
    ms_status status = MS_OK;
    if (!parameter || (p->modes.count > 0 && !centre))
        status = ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the parameters of a plugin");
    for (size_t i = 0; parameter && i < p->parameters.count; i++)
        parameter[i] = (ms_function_parameter){setting[i].name, setting[i].value};
    if (status == MS_OK && p->data[0] != '\0')
        status = ms_data_file_read(p->data, &data, &described.rows, &described.columns, error);
    if (status == MS_ERROR_ARGUMENT && p->may_load) /* it was good when the sweep was read */
        status = error->status = MS_ERROR_IO;
    described.data = data;
    if (status == MS_OK)
        status = ms_functions_make(made, &described, error);
    free(parameter);
    free(centre);
    free(data);
    return status;
}

static void write_digest(const ms_functions *made, char digest[MS_PLUGIN_DIGEST_SIZE])
{
    snprintf(digest, MS_PLUGIN_DIGEST_SIZE, "%016" PRIx64, ms_functions_identity(made));
}

/* Code is loaded that runs with all that the user may do: so never for a sweep that came with somebody's
 * results, but only for one whose file the user has named. */
ms_status ms_plugin_make(ms_functions **functions, const ms_plugin_params *p, size_t dimension,
                         ms_error *error)
{
    ms_functions *made = NULL;
    char digest[MS_PLUGIN_DIGEST_SIZE];
    if (!p->functions && !p->may_load)
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "plugin %s: named by a results file, which is not enough to load it; give the sweep file itself",
            p->path);
    ms_status status = p->functions ? ms_functions_make(&made, p->functions, error)
                                    : make_described(&made, p, dimension, error);
    *functions = made;
    if (status != MS_OK || p->functions)
        return status;
    write_digest(made, digest);
    if (made->modes != p->count)
        status = ms_error_set(error, MS_ERROR_ARGUMENT,
                              "plugin %s: has %zu modes in %zu dimensions, and %" PRIu64
                              " in others; their number must be the same in all dimensions of a sweep",
                              made->name, made->modes, dimension, p->count);
    else if (strcmp(digest, p->digest) != 0) /* not the fault of a point, whose blocks would be lost */
        status =
            ms_error_set(error, MS_ERROR_IO,
                         "plugin %s: the shared object or its data have changed since the sweep was read; "
                         "start again",
                         made->name);
    if (status != MS_OK) {
        ms_functions_free(made);
        *functions = NULL;
    }
    return status;
}

ms_status ms_plugin_look(void *params, size_t dimension, ms_error *error)
{
    ms_plugin_params *p = params;
    ms_functions *made;
    char digest[MS_PLUGIN_DIGEST_SIZE];
    ms_status status = make_described(&made, p, dimension, error);
    if (status != MS_OK)
        return status;
    write_digest(made, digest);
    if (p->digest[0] != '\0' && strcmp(p->digest, digest) != 0)
        status = ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "plugin %s: the shared object with its data has the digest %s, not %s; it is not the "
            "one that the sweep names",
            made->name, digest, p->digest);
    else if (p->count > 0 && p->count != made->modes)
        status = ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: has %zu modes, not %" PRIu64, made->name,
                              made->modes, p->count);
    p->count = made->modes;
    p->dimension_min = made->table.dimension_min;
    p->dimension_max = made->table.dimension_max;
    memcpy(p->digest, digest, sizeof digest);
    p->may_load = status == MS_OK;
    ms_functions_free(made);
    return status;
}

ms_status ms_plugin_fits(const void *params, size_t dimension, ms_error *error)
{
    const ms_plugin_params *p = params;
    return ms_functions_check_dimension(p->path, p->dimension_min, p->dimension_max, dimension, error);
}

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define IN(member)   offsetof(ms_plugin_params, member)

static const ms_field mode_fields[] = {
    {.key = "centre",
     .type = MS_FIELD_VECTOR,
     .role = MS_ROLE_LAW,
     .sweepable = true,
     .doc = "where the mode is",
     .required = true,
     .offset = offsetof(ms_plugin_mode, centre),
     .low = -1e100,
     .high = 1e100},
};
static const ms_schema mode_schema = {"a mode", mode_fields, COUNT(mode_fields)};

static bool has_modes(const void *params)
{
    return ((const ms_plugin_params *)params)->modes.count > 0;
}

static const ms_field fields[] = {
    {.key = "path",
     .type = MS_FIELD_PATH,
     .role = MS_ROLE_NONE,
     .doc = "the shared object",
     .required = true,
     .offset = IN(path),
     .size = MS_PLUGIN_PATH_SIZE},
    {.key = "parameters",
     .type = MS_FIELD_NUMBERS,
     .role = MS_ROLE_LAW,
     .doc = "numbers by the names that the plugin has for them",
     .offset = IN(parameters),
     .most = 1000},
    {.key = "data",
     .type = MS_FIELD_PATH,
     .role = MS_ROLE_NONE,
     .doc = "a file of numbers",
     .offset = IN(data),
     .size = MS_PLUGIN_PATH_SIZE},
    {.key = "modes",
     .type = MS_FIELD_LIST,
     .role = MS_ROLE_LAW,
     .doc = "points that count as modes, instead of those that the plugin has",
     .offset = IN(modes),
     .counts = has_modes,
     .size = sizeof(ms_plugin_mode),
     .least = 1,
     .most = MS_COMPONENTS_MAX,
     .schema = &mode_schema},
    {.key = "count",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_LAW,
     .doc = "number of modes",
     .found = true,
     .offset = IN(count),
     .least = 1,
     .most = MS_COMPONENTS_MAX},
    {.key = "digest",
     .type = MS_FIELD_TEXT,
     .role = MS_ROLE_LAW,
     .doc = "of the shared object and the data",
     .found = true,
     .offset = IN(digest),
     .size = MS_PLUGIN_DIGEST_SIZE},
};
const ms_schema ms_plugin_schema = {"target: plugin", fields, COUNT(fields)};
