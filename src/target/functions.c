/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/functions.h"

#include "base/diagnostics.h"
#include "base/text.h"
#include "target/family/plugin.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETERS_MAX 1000

/* Copies the table as far as its author knew it. */
static ms_status read_table(ms_functions *f, const ms_plugin *table, const char *where, ms_error *error)
{
    if (table->abi != MS_PLUGIN_ABI)
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "%s: has version %u of the interface, this modeseek has %u; compile it with "
                            "modeseek/plugin.h of this modeseek",
                            where, (unsigned)table->abi, MS_PLUGIN_ABI);
    if (table->size < offsetof(ms_plugin, smoothed) || table->size % sizeof(void *) != 0)
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "%s: the size of its table is %u; it must be sizeof(ms_plugin)", where,
                            (unsigned)table->size);
    memcpy(&f->table, table, table->size < sizeof f->table ? table->size : sizeof f->table);
    if (!f->table.name || f->table.name[0] == '\0' || strlen(f->table.name) >= sizeof f->name ||
        !ms_is_printable(f->table.name))
        return ms_error_set(error, MS_ERROR_ARGUMENT, "%s: its name must have 1 to %zu printable bytes",
                            where, sizeof f->name - 1);
    memcpy(f->name, f->table.name, strlen(f->table.name) + 1);
    f->table.name = f->name;
    if (!f->table.evaluate)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: has no evaluate", f->name);
    if (f->table.centre && !f->table.modes)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: has centre, but not modes", f->name);
    if (f->table.modes && !f->table.centre)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: has modes, but not centre", f->name);
    if (!f->table.weight != !f->table.log_weights)
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "plugin %s: has one of weight and log_weights; it must have both or none",
                            f->name);
    if (f->table.parameter_count > PARAMETERS_MAX || (f->table.parameter_count > 0 && !f->table.parameters))
        return ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: needs a table of at most %d parameters",
                            f->name, PARAMETERS_MAX);
    for (size_t i = 0; i < f->table.parameter_count; i++) {
        const char *name = f->table.parameters[i].name;
        if (!name || name[0] == '\0' || strlen(name) >= sizeof((ms_named_number *)0)->name ||
            !ms_is_printable(name))
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "plugin %s: the name of its parameter %zu must have 1 to %d printable bytes",
                                f->name, i, (int)sizeof((ms_named_number *)0)->name - 1);
    }
    return MS_OK;
}

static ms_status refuse_parameter(const ms_functions *f, const char *name, ms_error *error)
{
    const char *known[PARAMETERS_MAX];
    char list[256] = "";
    for (size_t i = 0; i < f->table.parameter_count; i++) {
        size_t used = strlen(list);
        known[i] = f->table.parameters[i].name;
        snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", known[i]);
    }
    const char *meant = ms_did_you_mean(name, known, f->table.parameter_count);
    if (meant)
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "plugin %s: has no parameter '%.80s'; did you mean '%s'?", f->name, name, meant);
    return ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: has no parameter '%.80s'; it has %s", f->name,
                        name, f->table.parameter_count > 0 ? list : "none");
}

static ms_status set_parameters(ms_functions *f, const ms_functions_params *params, ms_error *error)
{
    size_t count = f->table.parameter_count;
    bool given[PARAMETERS_MAX] = {false};
    f->parameters = calloc(count + 1, sizeof *f->parameters);
    if (!f->parameters)
        return ms_error_set(error, MS_ERROR_MEMORY, "plugin %s: out of memory", f->name);
    for (size_t i = 0; i < count; i++)
        f->parameters[i] = f->table.parameters[i].fallback;
    for (size_t p = 0; p < params->parameter_count; p++) {
        const ms_function_parameter *parameter = &params->parameters[p];
        size_t at = 0;
        while (at < count && strcmp(f->table.parameters[at].name, parameter->name) != 0)
            at++;
        if (at == count)
            return refuse_parameter(f, parameter->name, error);
        if (given[at])
            return ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: the parameter '%s' is given twice",
                                f->name, parameter->name);
        if (!isfinite(parameter->value))
            return ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: the parameter '%s' is %g, not finite",
                                f->name, parameter->name, parameter->value);
        given[at] = true;
        f->parameters[at] = parameter->value;
    }
    for (size_t i = 0; i < count; i++)
        if (!isfinite(f->parameters[i]))
            return ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: needs a value of the parameter '%s'",
                                f->name, f->table.parameters[i].name);
    return MS_OK;
}

static ms_status set_data(ms_functions *f, const ms_functions_params *params, ms_error *error)
{
    bool given = params->data && params->rows > 0 && params->columns > 0;
    if (given != (f->table.needs_data != 0))
        return ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: %s data", f->name,
                            given ? "takes no" : "needs");
    if (!given)
        return MS_OK;
    if (params->columns > SIZE_MAX / sizeof *f->data / params->rows)
        return ms_error_set(error, MS_ERROR_MEMORY, "plugin %s: out of memory for its data", f->name);
    for (size_t i = 0; i < params->rows * params->columns; i++)
        if (!isfinite(params->data[i]))
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "plugin %s: number %zu in row %zu of its data is not finite", f->name,
                                i % params->columns + 1, i / params->columns + 1);
    f->rows = params->rows;
    f->columns = params->columns;
    f->data = malloc(f->rows * f->columns * sizeof *f->data);
    if (!f->data)
        return ms_error_set(error, MS_ERROR_MEMORY, "plugin %s: out of memory for its data", f->name);
    memcpy(f->data, params->data, f->rows * f->columns * sizeof *f->data);
    return MS_OK;
}

ms_status ms_functions_check_dimension(const char *name, size_t least, size_t most, size_t dimension,
                                       ms_error *error)
{
    char end[32] = "any number of";
    if (dimension >= least && (most == 0 || dimension <= most))
        return MS_OK;
    if (most > 0)
        snprintf(end, sizeof end, "%zu", most);
    return ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: is for %zu to %s dimensions, not %zu", name,
                        least, end, dimension);
}

static ms_status create(ms_functions *f, ms_error *error)
{
    char message[256] = "";
    ms_status status = ms_functions_check_dimension(f->name, f->table.dimension_min, f->table.dimension_max,
                                                    f->dimension, error);
    if (status != MS_OK)
        return status;
    if (f->table.create) {
        int code = f->table.create(f->dimension, f->parameters, f->table.parameter_count, f->data, f->rows,
                                   f->columns, &f->self, message, sizeof message);
        message[sizeof message - 1] = '\0';
        if (code != 0)
            return ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: %s (create returned %d)", f->name,
                                message[0] ? message : "refuses, and does not say why", code);
    }
    f->created = true;
    return MS_OK;
}

/* Whoever uses the functions knows better where modes are: what they say of their own does not count. */
static void replace_modes(ms_functions *f)
{
    f->table.modes = NULL;
    f->table.centre = NULL;
    f->table.weight = NULL;
    f->table.log_weights = NULL;
    f->table.draw = NULL;
}

static ms_status find_modes(ms_functions *f, const ms_functions_params *params, ms_error *error)
{
    if (params->centre)
        replace_modes(f);
    f->modes = params->centre ? params->modes : f->table.modes ? f->table.modes(f->self) : 1;
    if (f->modes < 1 || f->modes > MS_COMPONENTS_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: has %zu modes; it must have 1 to %d",
                            f->name, f->modes, MS_COMPONENTS_MAX);
    size_t d = f->dimension, k = f->modes;
    if (d > SIZE_MAX / sizeof(double) / MS_COMPONENTS_MAX)
        return ms_error_set(error, MS_ERROR_MEMORY, "dimension %zu is too large for this machine", d);
    f->centre = calloc(k * d, sizeof *f->centre);
    f->weight = f->table.weight ? malloc(k * sizeof *f->weight) : NULL;
    f->x = malloc(MS_LANES * d * sizeof *f->x);
    f->score = malloc(MS_LANES * d * sizeof *f->score);
    f->density = malloc(MS_LANES * sizeof *f->density);
    f->log_weight = malloc(MS_LANES * k * sizeof *f->log_weight);
    if (!f->centre || !f->x || !f->score || !f->density || !f->log_weight || (f->table.weight && !f->weight))
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a target of dimension %zu", d);
    if (params->centre)
        memcpy(f->centre, params->centre, k * d * sizeof *f->centre);
    for (size_t i = 0; i < k; i++) {
        int code = f->table.centre ? f->table.centre(f->self, i, f->centre + i * d) : 0;
        if (code != 0)
            return ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: centre returned %d for mode %zu",
                                f->name, code, i);
        for (size_t j = 0; j < d; j++)
            if (!isfinite(f->centre[i * d + j]))
                return ms_error_set(error, MS_ERROR_ARGUMENT,
                                    "plugin %s: coordinate %zu of the centre of mode %zu is not finite",
                                    f->name, j, i);
    }
    double sum = 0;
    for (size_t i = 0; f->weight && i < k; i++) {
        f->weight[i] = f->table.weight(f->self, i);
        if (!(f->weight[i] > 0 && f->weight[i] <= 1))
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "plugin %s: the weight of mode %zu is %g; weights lie in (0, 1]", f->name, i,
                                f->weight[i]);
        sum += f->weight[i];
    }
    if (f->weight && !(fabs(sum - 1) <= 1e-9))
        return ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: its weights sum to %.12g, not 1", f->name,
                            sum);
    return MS_OK;
}

/* Of what has been loaded, or what a program has given. */
static ms_status make_of(ms_functions *f, const ms_plugin *table, const char *where,
                         const ms_functions_params *params, ms_error *error)
{
    ms_status status = read_table(f, table, where, error);
    if (status == MS_OK)
        status = set_parameters(f, params, error);
    if (status == MS_OK)
        status = set_data(f, params, error);
    if (status == MS_OK)
        status = create(f, error);
    if (status == MS_OK)
        status = find_modes(f, params, error);
    if (status == MS_OK)
        status = ms_functions_check(f, error);
    return status;
}

ms_status ms_functions_make(ms_functions **functions, const ms_functions_params *params, ms_error *error)
{
    *functions = NULL;
    ms_functions *f = calloc(1, sizeof *f);
    if (!f)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a target");
    f->dimension = params->dimension;
    const ms_plugin *table = params->functions;
    char where[256] = "the functions of the target";
    ms_status status = MS_OK;
    if (!table) {
        const char *path = params->path ? params->path : "";
        snprintf(where, sizeof where, "plugin %s", path);
        status = ms_plugin_load(path, &table, &f->file, error);
    }
    const char *outer = ms_plugin_running;
    ms_plugin_running = params->path ? params->path : "of the program";
    if (status == MS_OK)
        status = make_of(f, table, where, params, error);
    if (status != MS_OK)
        ms_functions_free(f);
    else
        *functions = f;
    ms_plugin_running = outer;
    return status;
}

void ms_functions_free(ms_functions *functions)
{
    if (!functions)
        return;
    if (functions->created && functions->table.destroy)
        functions->table.destroy(functions->self);
    free(functions->parameters);
    free(functions->data);
    free(functions->centre);
    free(functions->weight);
    free(functions->x);
    free(functions->score);
    free(functions->density);
    free(functions->log_weight);
    free(functions);
}

uint64_t ms_functions_identity(const ms_functions *functions)
{
    ms_hash hash = ms_hash_init();
    ms_hash_u64(&hash, functions->file);
    ms_hash_u64(&hash, functions->rows);
    ms_hash_u64(&hash, functions->columns);
    for (size_t i = 0; i < functions->rows * functions->columns; i++)
        ms_hash_double(&hash, functions->data[i]);
    return ms_hash_value(&hash);
}

/* Remembers the first failure; `x` are the `known` coordinates of the point. */
static void fail(ms_functions *f, const char *call, const char *what, const double *x, size_t known)
{
    char point[160] = "";
    if (f->failed)
        return;
    for (size_t j = 0; j < known && j < 4; j++) {
        size_t used = strlen(point);
        snprintf(point + used, sizeof point - used, "%s%.6g", j > 0 ? ", " : "", x[j]);
    }
    snprintf(f->failure, sizeof f->failure, "plugin %s: %s gives %s at x = (%s%s)", f->name, call, what,
             point, known > 4 ? ", ..." : "");
    f->failed = true;
}

const char *ms_functions_take_failure(ms_functions *functions)
{
    bool failed = functions->failed;
    functions->failed = false;
    return failed ? functions->failure : NULL;
}

static void fill_nan(double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (double)NAN;
}

static const char *call_for(const ms_functions *f, const ms_place *place)
{
    return place->length < f->dimension ? "conditional" : place->noise_level > 0 ? "smoothed" : "evaluate";
}

static int call(const ms_functions *f, const ms_place *place, size_t count, const double *x,
                double *log_density, double *score)
{
    const char *outer = ms_plugin_running;
    int code;
    ms_plugin_running = f->name;
    if (place->length < f->dimension)
        code = f->table.conditional(f->self, place->first, place->length, place->noise_level,
                                    place->conditioning, count, x, log_density, score);
    else if (place->noise_level > 0)
        code = f->table.smoothed(f->self, place->noise_level, count, x, log_density, score);
    else
        code = f->table.evaluate(f->self, count, x, log_density, score);
    ms_plugin_running = outer;
    return code;
}

void ms_functions_evaluate(ms_functions *f, const ms_place *place, size_t count, const double *x,
                           double *log_density, double *score)
{
    size_t known = place->first + place->length, row = 0;
    int code = call(f, place, count, x, log_density, score);
    if (code == 0)
        return;
    /* of which point? */
    while (row + 1 < count && call(f, place, 1, x + row * known, log_density, score) == 0)
        row++;
    char what[32];
    snprintf(what, sizeof what, "error %d", code);
    fail(f, call_for(f, place), what, x + row * known, known);
    fill_nan(log_density, count);
    fill_nan(score, count * place->length);
}

void ms_functions_refuse_rows(ms_functions *f, const ms_place *place, size_t count, const double *x,
                              double *log_density, double *score)
{
    size_t known = place->first + place->length, length = place->length;
    for (size_t i = 0; i < count; i++) {
        char what[64];
        size_t j = 0;
        if (log_density[i] == -(double)INFINITY)
            continue;
        while (j < length && isfinite(score[i * length + j]))
            j++;
        if (isfinite(log_density[i]) && j == length)
            continue;
        if (isfinite(log_density[i]))
            snprintf(what, sizeof what, "a score[%zu] of %g", j, score[i * length + j]);
        else
            snprintf(what, sizeof what, "a log_density of %g", log_density[i]);
        fail(f, call_for(f, place), what, x + i * known, known);
        fill_nan(log_density + i, 1);
        fill_nan(score + i * length, length);
    }
}

void ms_functions_log_weights(ms_functions *f, size_t count, const double *x, double *log_weight)
{
    char what[64];
    size_t k = f->modes;
    fill_nan(log_weight, count * k);
    if (!f->table.log_weights)
        return;
    int code = f->table.log_weights(f->self, count, x, log_weight);
    if (code != 0) {
        snprintf(what, sizeof what, "error %d", code);
        fail(f, "log_weights", what, x, f->dimension);
        fill_nan(log_weight, count * k);
    }
    for (size_t i = 0; code == 0 && i < count * k; i++)
        if (!(log_weight[i] < (double)INFINITY)) {
            snprintf(what, sizeof what, "%g for mode %zu", log_weight[i], i % k);
            fail(f, "log_weights", what, x + i / k * f->dimension, f->dimension);
            break;
        }
}

ms_status ms_target_functions_alloc(ms_target **target, const ms_functions_params *params, ms_error *error)
{
    const ms_plugin_params made = {.functions = params};
    *target = NULL;
    if (!params->functions && !params->path)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "neither functions nor the path of a plugin is given");
    return ms_target_make(target, ms_target_plugin, &made, params->dimension, error);
}
