/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What targets made of data are described by, and what they consist of: all that is no inner loop. */
#include "target/empirical_content.h"

#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define IN(member)   offsetof(ms_empirical_params, member)

static const ms_choice pixel_orders[] = {
    {"row", MS_PIXELS_BY_ROW}, {"column", MS_PIXELS_BY_COLUMN}, {NULL, 0}};

static bool has_labels(const void *params)
{
    const ms_data_set *data = ((const ms_empirical_params *)params)->data.train;
    return data && data->labels > 0;
}

static const ms_field fields[] = {
    {.key = "data",
     .type = MS_FIELD_DATA,
     .role = MS_ROLE_NONE, /* `contents` says what counts */
     .doc = "the vectors: mnist, fashion_mnist or a mapping that names files",
     .required = true,
     .offset = IN(data)},
    {.key = "contents",
     .type = MS_FIELD_TEXT,
     .role = MS_ROLE_LAW,
     .doc = "their numbers, dimension and digest",
     .found = true,
     .offset = IN(contents),
     .size = sizeof((ms_empirical_params *)0)->contents},
    {.key = "label_counts",
     .type = MS_FIELD_TEXT,
     .role = MS_ROLE_NONE,
     .doc = "how many of the vectors that are taken have label 0, 1, ...",
     .found = true,
     .counts = has_labels,
     .offset = IN(label_counts),
     .size = sizeof((ms_empirical_params *)0)->label_counts},
    {.key = "count",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_LAW,
     .doc = "vectors of the data that are taken, the first ones",
     .no_axis = "all targets of a sweep have the same number of components: make a sweep for each count",
     .offset = IN(count),
     .least = 1,
     .most = MS_DATA_COUNT_MAX},
    {.key = "flips",
     .type = MS_FIELD_BOOL,
     .role = MS_ROLE_LAW,
     .doc = "whether 1 - x belongs to the target for each vector x",
     .fallback = "false",
     .offset = IN(flips)},
    {.key = "pixel_order",
     .type = MS_FIELD_CHOICE,
     .role = MS_ROLE_LAW,
     .doc = "whether images are taken row by row or column by column",
     .fallback = "row",
     .offset = IN(pixel_order),
     .choices = pixel_orders},
    {.key = "weights",
     .type = MS_FIELD_NETWORK,
     .role = MS_ROLE_NONE, /* `network` says what counts */
     .doc = "path of an HDF5 file of weights, as `modeseek train` writes it",
     .required = true,
     .offset = offsetof(ms_learned_params, network)},
    {.key = "network",
     .type = MS_FIELD_TEXT,
     .role = MS_ROLE_LAW,
     .doc = "its sizes and digest",
     .found = true,
     .offset = offsetof(ms_learned_params, sizes),
     .size = sizeof((ms_learned_params *)0)->sizes},
};
enum { LEARNED_FIELDS = 2 };
/* Params of `learned` begin with those of `empirical`. */
const ms_schema ms_empirical_schema = {"target: empirical", fields, COUNT(fields) - LEARNED_FIELDS};
const ms_schema ms_learned_schema = {"target: learned", fields, COUNT(fields)};

static size_t vectors_of(const ms_empirical_params *p)
{
    return p->count > 0 || !p->data.train ? p->count : p->data.train->count;
}

size_t ms_empirical_count(const void *params)
{
    const ms_empirical_params *p = params;
    return vectors_of(p) * (p->flips ? 2 : 1);
}

ms_component ms_empirical_describe(const void *params, size_t component, size_t dimension)
{
    (void)component;
    (void)dimension;
    return (ms_component){1 / (double)ms_empirical_count(params), 0, 0};
}

bool ms_empirical_is_isotropic(const void *params, size_t dimension)
{
    (void)params;
    (void)dimension;
    return false;
}

static size_t labels_of(const ms_empirical_params *p)
{
    return p->data.train ? p->data.train->labels : 0;
}

/* The flips; else the labels; else each vector but the first. */
size_t ms_empirical_modes(const void *params)
{
    const ms_empirical_params *p = params;
    return p->flips                    ? 1
           : labels_of(p) > 0          ? labels_of(p)
           : ms_empirical_count(p) > 0 ? ms_empirical_count(p) - 1
                                       : 0;
}

size_t ms_empirical_mode_of(const void *params, size_t component)
{
    const ms_empirical_params *p = params;
    if (p->flips)
        return component >= vectors_of(p);
    if (labels_of(p) == 0)
        return component;
    return p->data.train->label ? (size_t)p->data.train->label[component] + 1 : 0;
}

ms_status ms_empirical_fits(const void *params, size_t dimension, ms_error *error)
{
    const ms_data_set *data = ((const ms_empirical_params *)params)->data.train;
    return data && data->dimension != dimension
               ? ms_error_set(error, MS_ERROR_ARGUMENT,
                              "the data have %zu numbers each, but the grid has dimension %zu",
                              data->dimension, dimension)
               : MS_OK;
}

void ms_empirical_destroy(void *content)
{
    ms_empirical *e = content;
    if (e)
        free(e->value);
    free(e);
}

static ms_status check(const ms_empirical_params *p, size_t dimension, ms_error *error)
{
    const ms_data_set *data = p->data.train;
    if (!data || !data->value)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "the data of the target are not at hand");
    if (p->count > data->count)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "count is %zu, but there are %zu vectors",
                            (size_t)p->count, data->count);
    if (p->pixel_order == MS_PIXELS_BY_COLUMN && data->rows == 0)
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "pixel_order: column is for images, which the data are not");
    return ms_empirical_fits(p, dimension, error);
}

ms_status ms_empirical_make(void **content, const void *params, size_t dimension, ms_error *error)
{
    const ms_empirical_params *p = params;
    *content = NULL;
    ms_status status = check(p, dimension, error);
    if (status != MS_OK)
        return status;
    ms_empirical *e = calloc(1, sizeof *e);
    if (e) {
        *e = (ms_empirical){.dimension = dimension,
                            .count = vectors_of(p),
                            .components = ms_empirical_count(p),
                            .flips = p->flips,
                            .centre = p->flips ? 0.5 : 0,
                            .data = p->data};
        e->value = malloc(e->count * dimension * sizeof *e->value);
    }
    if (!e || !e->value) {
        ms_empirical_destroy(e);
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu vectors", vectors_of(p));
    }
    for (size_t k = 0; k < e->count; k++)
        for (size_t j = 0; j < dimension; j++)
            e->value[k * dimension + j] =
                (float)(ms_data_set_at(p->data.train, k, j, p->pixel_order == MS_PIXELS_BY_COLUMN) -
                        e->centre);
    *content = e;
    return MS_OK;
}

size_t ms_empirical_components(const void *content)
{
    return ((const ms_empirical *)content)->components;
}

double ms_empirical_weight(const void *content, size_t component)
{
    (void)component;
    return 1 / (double)ms_empirical_components(content);
}

const double *ms_empirical_mean(const void *content, size_t component)
{
    (void)content;
    (void)component;
    return NULL;
}

double ms_empirical_variance(const void *content, size_t component)
{
    (void)content;
    (void)component;
    return 0;
}

size_t ms_empirical_label(const void *content, size_t component)
{
    const ms_empirical *e = content;
    const int32_t *of = e->data.train->label;
    return of ? (size_t)of[component % e->count] : SIZE_MAX;
}

void ms_empirical_hash(const void *content, ms_hash *hash)
{
    const ms_empirical *e = content;
    ms_hash_u64(hash, e->count);
    ms_hash_u64(hash, e->flips);
    ms_hash_bytes(hash, e->value, e->count * e->dimension * sizeof *e->value);
}

bool ms_empirical_isotropic(const void *content, ms_isotropic *view)
{
    (void)content;
    (void)view;
    return false;
}
