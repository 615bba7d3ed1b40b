/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The empirical distribution of a data set, smoothed: a mixture of N(c_k, sigma^2 I) about its vectors c_k,
 * with equal weights. Without noise it has no density. */
#include "random/width.h"

#include "random/elementary.h"
#include "target/family/empirical_denoiser.h"
#include "target/mixture.h"
#include "target/target_type.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
};
static const ms_schema schema = {"target: empirical", fields, COUNT(fields)};

static size_t vectors_of(const ms_empirical_params *p)
{
    return p->count > 0 || !p->data.train ? p->count : p->data.train->count;
}

static size_t count(const void *params)
{
    const ms_empirical_params *p = params;
    return vectors_of(p) * (p->flips ? 2 : 1);
}

static ms_component describe(const void *params, size_t component, size_t dimension)
{
    (void)component;
    (void)dimension;
    return (ms_component){1 / (double)count(params), 0, 0};
}

static bool is_isotropic(const void *params, size_t dimension)
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
static size_t modes(const void *params)
{
    const ms_empirical_params *p = params;
    return p->flips ? 1 : labels_of(p) > 0 ? labels_of(p) : count(p) > 0 ? count(p) - 1 : 0;
}

static size_t mode_of(const void *params, size_t component)
{
    const ms_empirical_params *p = params;
    if (p->flips)
        return component >= vectors_of(p);
    if (labels_of(p) == 0)
        return component;
    return p->data.train->label ? (size_t)p->data.train->label[component] + 1 : 0;
}

static ms_status fits(const void *params, size_t dimension, ms_error *error)
{
    const ms_data_set *data = ((const ms_empirical_params *)params)->data.train;
    return data && data->dimension != dimension
               ? ms_error_set(error, MS_ERROR_ARGUMENT,
                              "the data have %zu numbers each, but the grid has dimension %zu",
                              data->dimension, dimension)
               : MS_OK;
}

static void destroy(void *content)
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
    return fits(p, dimension, error);
}

static ms_status make(void **content, const void *params, size_t dimension, ms_error *error)
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
                            .components = count(p),
                            .flips = p->flips,
                            .centre = p->flips ? 0.5 : 0,
                            .data = p->data};
        e->value = malloc(e->count * dimension * sizeof *e->value);
    }
    if (!e || !e->value) {
        destroy(e);
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

static unsigned gives(const void *content)
{
    (void)content;
    return MS_GIVES_LOG_DENSITY | MS_GIVES_SMOOTHED | MS_GIVES_CONDITIONAL | MS_GIVES_DRAWS | MS_NEEDS_NOISE;
}

static size_t components(const void *content)
{
    return ((const ms_empirical *)content)->components;
}

static double weight(const void *content, size_t component)
{
    (void)component;
    return 1 / (double)components(content);
}

static const double *mean(const void *content, size_t component)
{
    (void)content;
    (void)component;
    return NULL;
}

static double variance(const void *content, size_t component)
{
    (void)content;
    (void)component;
    return 0;
}

static size_t label(const void *content, size_t component)
{
    const ms_empirical *e = content;
    const int32_t *of = e->data.train->label;
    return of ? (size_t)of[component % e->count] : SIZE_MAX;
}

static void hash(const void *content, ms_hash *hash)
{
    const ms_empirical *e = content;
    ms_hash_u64(hash, e->count);
    ms_hash_u64(hash, e->flips);
    ms_hash_bytes(hash, e->value, e->count * e->dimension * sizeof *e->value);
}

static bool isotropic(const void *content, ms_isotropic *view)
{
    (void)content;
    (void)view;
    return false;
}

static size_t rows_of_components(const void *content)
{
    return components(content);
}

static size_t scratch(const void *content, size_t length)
{
    (void)length;
    return 2 * components(content);
}

/* 1/sigma^2, and what the logarithms of all components share */
static size_t constants(const void *content, size_t length)
{
    (void)content;
    (void)length;
    return 2;
}

static void prepare(const void *content, const ms_place *place, double *constants)
{
    (void)content;
    double noise = place->noise_level * place->noise_level;
    constants[0] = 1 / noise;
    constants[1] = -0.5 * (double)place->length * ms_log(noise);
}

/* Squared distances over the place, [components] rows. */
static void find_distances(const ms_empirical *e, const ms_place *place, const double *x, double *distance)
{
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH)
        for (size_t k = 0; k < e->count; k++) {
            const float *value = e->value + k * e->dimension + place->first;
            ms_lanes of_vector = ms_lanes_of(0), of_flip = ms_lanes_of(0);
            for (size_t j = 0; j < place->length; j++) {
                ms_lanes y = ms_row_load(x, j, part) - e->centre;
                ms_lanes apart = y - (double)value[j], sum = y + (double)value[j];
                of_vector += apart * apart;
                of_flip += sum * sum;
            }
            ms_row_store(distance, k, part, of_vector);
            if (e->flips)
                ms_row_store(distance, e->count + k, part, of_flip);
        }
}

/* score = (sum_k share_k c_k - x) / sigma^2 */
static void find_score(const ms_empirical *e, const ms_place *place, double precision, const double *share,
                       const double *x, size_t part, double *score)
{
    for (size_t j = 0; j < place->length; j++)
        ms_row_store(score, j, part, e->centre - ms_row_load(x, j, part));
    for (size_t k = 0; k < e->count; k++) {
        const float *value = e->value + k * e->dimension + place->first;
        ms_lanes pull = ms_row_load(share, k, part);
        if (e->flips)
            pull -= ms_row_load(share, e->count + k, part);
        if (!ms_lanes_any(pull != 0.0))
            continue;
        for (size_t j = 0; j < place->length; j++)
            ms_row_store(score, j, part, ms_row_load(score, j, part) + pull * (double)value[j]);
    }
    for (size_t j = 0; j < place->length; j++)
        ms_row_store(score, j, part, ms_row_load(score, j, part) * precision);
}

static void evaluate(const void *content, const ms_place *place, const double *constants,
                     const ms_evaluation *of)
{
    const ms_empirical *e = content;
    double *log_weight = of->scratch,
           *distance = of->statistics ? of->statistics : of->scratch + e->components * MS_LANES;
    find_distances(e, place, of->x, distance);
    if (!of->score && !of->log_density)
        return;
    double shared = constants[1] - ms_log((double)e->components);
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        for (size_t k = 0; k < e->components; k++)
            ms_row_store(log_weight, k, part,
                         ms_lanes_fma(ms_row_load(distance, k, part), ms_lanes_of(-0.5 * constants[0]),
                                      ms_row_load(of->context, k, part) + shared));
        ms_mixture_softmax(log_weight, e->components, part, of->log_density);
        if (of->score)
            find_score(e, place, constants[0], log_weight, of->x, part, of->score);
    }
}

static void absorb(const void *content, const ms_place *place, const double *constants, const double *x,
                   double *scratch, double *context)
{
    const ms_empirical *e = content;
    find_distances(e, place, x, scratch);
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH)
        for (size_t k = 0; k < e->components; k++)
            ms_row_store(context, k, part,
                         ms_row_load(context, k, part) + ms_lanes_fma(ms_row_load(scratch, k, part),
                                                                      ms_lanes_of(-0.5 * constants[0]),
                                                                      ms_lanes_of(constants[1])));
}

/* Without noise the density is 0 but at the vectors. */
static void measure(const void *content, const double *statistics, double *distance, double *log_weight,
                    double *log_density)
{
    size_t numbers = components(content) * MS_LANES;
    if (distance)
        memcpy(distance, statistics, numbers * sizeof *distance);
    for (size_t i = 0; log_weight && i < numbers; i++)
        log_weight[i] = -INFINITY;
    for (size_t lane = 0; log_density && lane < MS_LANES; lane++)
        log_density[lane] = -INFINITY;
}

static double log_constant(const void *content)
{
    return -0.918938533204672741780 * (double)((const ms_empirical *)content)->dimension; /* log(2 pi)/2 */
}

static void draw(const void *content, size_t component, const double *normal, const double *uniform,
                 double *x)
{
    (void)normal;
    (void)uniform;
    const ms_empirical *e = content;
    bool is_flip = component >= e->count;
    const float *value = e->value + (is_flip ? component - e->count : component) * e->dimension;
    for (size_t j = 0; j < e->dimension; j++)
        for (size_t part = 0; part < MS_LANES; part += MS_WIDTH)
            ms_row_store(x, j, part, ms_lanes_of(e->centre + (is_flip ? -1 : 1) * (double)value[j]));
}

const ms_target_type MS_TYPE_NAME(ms_empirical) = {.kind = {.name = "empirical",
                                                            .doc = "the vectors of a data set, smoothed",
                                                            .schema = &schema,
                                                            .params_size = sizeof(ms_empirical_params),
                                                            .fits = fits},
                                                   .count = count,
                                                   .component = describe,
                                                   .is_isotropic = is_isotropic,
                                                   .modes = modes,
                                                   .mode_of = mode_of,
                                                   .alloc = make,
                                                   .free = destroy,
                                                   .gives = gives,
                                                   .components = components,
                                                   .weight = weight,
                                                   .mean = mean,
                                                   .variance = variance,
                                                   .variance_max = variance,
                                                   .label = label,
                                                   .hash = hash,
                                                   .isotropic = isotropic,
                                                   .context_rows = rows_of_components,
                                                   .statistics = rows_of_components,
                                                   .scratch = scratch,
                                                   .constants = constants,
                                                   .prepare = prepare,
                                                   .evaluate = evaluate,
                                                   .absorb = absorb,
                                                   .measure = measure,
                                                   .log_constant = log_constant,
                                                   .draw = draw,
                                                   .denoiser = &MS_TYPE_NAME(ms_empirical_denoiser)};
