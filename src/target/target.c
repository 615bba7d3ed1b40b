/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random/elementary.h"
#include "random/lanes.h"
#include "target/family/gaussian_mixture.h"
#include "target/family/product_mixture.h"
#include "target/marginal.h"
#include "target/target_type.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint64_t find_digest(const ms_target *target)
{
    const char *name = target->type->kind.name;
    ms_hash hash = ms_hash_init();
    ms_hash_bytes(&hash, name, strlen(name) + 1);
    ms_hash_u64(&hash, target->dimension);
    target->type->hash(target->content, &hash);
    return ms_hash_value(&hash);
}

ms_status ms_target_make(ms_target **target, const ms_target_type *type, const void *params, size_t dimension,
                         ms_error *error)
{
    *target = NULL;
    if (dimension < 1)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "the dimension must be at least 1");
    ms_target *t = calloc(1, sizeof *t);
    if (!t)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a target");
    t->type = type;
    t->dimension = dimension;
    ms_status status = type->alloc(&t->content, params, dimension, error);
    if (status != MS_OK) {
        free(t);
        return status;
    }
    t->components = type->components(t->content);
    t->digest = find_digest(t);
    *target = t;
    return MS_OK;
}

/* A vector that is only read. */
static ms_vector list_of(const double *values, size_t count)
{
    return (ms_vector){.pattern = MS_PATTERN_LIST, .values = (double *)values, .value_count = count};
}

static ms_status check_size(size_t components, size_t dimension, ms_error *error)
{
    if (components > 0 && dimension > SIZE_MAX / sizeof(double) / MS_COMPONENTS_MAX)
        return ms_error_set(error, MS_ERROR_MEMORY, "dimension %zu is too large for this machine", dimension);
    if (components > MS_COMPONENTS_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "a target has 1 to %d components, not %zu",
                            MS_COMPONENTS_MAX, components);
    return MS_OK;
}

ms_status ms_target_alloc(ms_target **target, const ms_target_type *type, const ms_mixture_params *params,
                          ms_error *error)
{
    size_t d = params->dimension, k = params->components;
    *target = NULL;
    if (type != ms_target_gaussian_mixture)
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "a target of the family %s is not a mixture of Gaussians", type->kind.name);
    ms_status status = check_size(k, d, error);
    if (status != MS_OK)
        return status;
    ms_gaussian_component *component = calloc(k > 0 ? k : 1, sizeof *component);
    if (!component)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu components", k);
    for (size_t i = 0; i < k; i++) {
        component[i].weight = params->weight[i];
        component[i].mean = list_of(params->mean + i * d, d);
        if (params->variances)
            component[i].variance = list_of(params->variances + i * d, d);
        else
            component[i].variance.value = params->variance[i];
    }
    ms_gaussian_mixture_params made = {.components = {.item = component, .count = k}};
    status = ms_target_make(target, type, &made, d, error);
    free(component);
    return status;
}

/* The law of component i; its numbers, in the order of the fields, stay where they are. */
static ms_status find_marginal(const ms_marginal_params *params, size_t i, ms_chosen *marginal,
                               ms_error *error)
{
    const char *type = params->type ? params->type : "";
    const ms_kind *kind = ms_kind_find(ms_marginal_kind, type);
    if (!kind)
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "marginal %zu is '%s', which is not a marginal distribution", i, type);
    for (size_t v = kind->params_size / sizeof(double); v < MS_MARGINAL_VALUES_MAX; v++)
        if (params->value[v] != 0)
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "marginal %zu has a value %zu of %g, but %s has only %zu", i, v,
                                params->value[v], kind->name, kind->params_size / sizeof(double));
    *marginal = (ms_chosen){kind, (double *)params->value};
    return MS_OK;
}

ms_status ms_target_product_alloc(ms_target **target, const ms_product_params *params, ms_error *error)
{
    size_t d = params->dimension, k = params->components;
    *target = NULL;
    ms_status status = check_size(k, d, error);
    if (status != MS_OK)
        return status;
    ms_product_component *component = calloc(k > 0 ? k : 1, sizeof *component);
    if (!component)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu components", k);
    for (size_t i = 0; status == MS_OK && i < k; i++) {
        component[i].weight = params->weight[i];
        component[i].mean = list_of(params->mean + i * d, d);
        status = find_marginal(&params->marginal[i], i, &component[i].marginal, error);
    }
    const ms_product_mixture_params made = {.components = {.item = component, .count = k}};
    if (status == MS_OK)
        status = ms_target_make(target, ms_target_product_mixture, &made, d, error);
    free(component);
    return status;
}

void ms_target_free(ms_target *target)
{
    if (!target)
        return;
    target->type->free(target->content);
    free(target);
}

size_t ms_target_dimension(const ms_target *target)
{
    return target->dimension;
}

size_t ms_target_components(const ms_target *target)
{
    return target->components;
}

double ms_target_weight(const ms_target *target, size_t component)
{
    return target->type->weight(target->content, component);
}

double ms_target_variance(const ms_target *target, size_t component)
{
    return target->type->variance(target->content, component);
}

const double *ms_target_mean(const ms_target *target, size_t component)
{
    return target->type->mean(target->content, component);
}

/* Eight equal chains: what one needs of the functions for eight. */
typedef struct scalar {
    double *constants, *x, *context, *score, *density, *statistics, *scratch, *distance, *log_weight;
    void *memory;
} scalar;

static bool scalar_alloc(scalar *s, const ms_target *target)
{
    const ms_target_type *type = target->type;
    const void *c = target->content;
    size_t d = target->dimension, k = target->components, context = type->context_rows(c) + 1,
           statistics = type->statistics(c), scratch = type->scratch(c, d), constants = type->constants(c, d);
    size_t rows = 2 * d + context + 1 + statistics + scratch + 2 * k;
    size_t aligned = (constants + MS_LANES - 1) / MS_LANES + 1;
    /* zeros of the system, not written ones: constants have room for much that one place does not need */
    const size_t row = MS_LANES * sizeof(double);
    s->memory = calloc(rows + aligned + 1, row);
    if (!s->memory)
        return false;
    s->x = (double *)((char *)s->memory + row - (uintptr_t)s->memory % row);
    s->score = s->x + d * MS_LANES;
    s->context = s->score + d * MS_LANES;
    s->density = s->context + context * MS_LANES;
    s->statistics = s->density + MS_LANES;
    s->scratch = s->statistics + statistics * MS_LANES;
    s->distance = s->scratch + scratch * MS_LANES;
    s->log_weight = s->distance + k * MS_LANES;
    s->constants = s->log_weight + k * MS_LANES;
    return true;
}

static const int64_t lane_0[MS_LANES] = {-1};

static void spread(const double *x, size_t count, double *rows)
{
    for (size_t j = 0; j < count; j++)
        for (size_t lane = 0; lane < MS_LANES; lane++)
            rows[j * MS_LANES + lane] = x[j];
}

/* Without memory, what was asked for is not a number. */
static void fill_nan(double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (double)NAN;
}

static void take(const double *rows, size_t count, double *values)
{
    for (size_t i = 0; i < count; i++)
        values[i] = rows[i * MS_LANES];
}

/* Score [length] and logarithm of the density, each may be NULL, of coordinates given those before them. */
static void evaluate(const ms_target *target, ms_place place, const double *x, double *score,
                     double *log_density)
{
    scalar s;
    if (!scalar_alloc(&s, target)) {
        fill_nan(score, score ? place.length : 0);
        fill_nan(log_density, log_density ? 1 : 0);
        return;
    }
    const ms_target_type *type = target->type;
    if (place.first > 0) {
        const ms_place before = {0, place.first, place.conditioning, place.conditioning};
        spread(x, place.first, s.x);
        type->prepare(target->content, &before, s.constants);
        type->absorb(target->content, &before, s.constants, s.x, s.scratch, s.context);
    }
    spread(x + place.first, place.length, s.x);
    type->prepare(target->content, &place, s.constants);
    const ms_evaluation e = {.x = s.x,
                             .context = s.context,
                             .score = s.score,
                             .log_density = log_density ? s.density : NULL,
                             .scratch = s.scratch,
                             .active = lane_0};
    type->evaluate(target->content, &place, s.constants, &e);
    take(s.score, score ? place.length : 0, score);
    take(s.density, log_density ? 1 : 0, log_density);
    free(s.memory);
}

void ms_target_log_weights(const ms_target *target, double noise_level, const double *x, double *log_weight)
{
    const ms_target_type *type = target->type;
    const ms_place place = {0, target->dimension, noise_level, noise_level};
    scalar s;
    bool known = type->measure_whole ? noise_level == 0 /* of others contexts are log-weights */
                                     : type->context_rows(target->content) == target->components;
    if (!known || !scalar_alloc(&s, target)) {
        fill_nan(log_weight, target->components);
        return;
    }
    spread(x, target->dimension, s.x);
    if (type->measure_whole) {
        type->measure_whole(target->content, s.x, lane_0, s.log_weight, NULL);
        take(s.log_weight, target->components, log_weight);
        free(s.memory);
        return;
    }
    type->prepare(target->content, &place, s.constants);
    type->absorb(target->content, &place, s.constants, s.x, s.scratch, s.context);
    take(s.context, target->components, log_weight);
    for (size_t i = 0; i < target->components; i++)
        log_weight[i] += ms_log(ms_target_weight(target, i));
    free(s.memory);
}

void ms_target_responsibilities(const ms_target *target, double noise_level, const double *x,
                                double *responsibility)
{
    ms_target_log_weights(target, noise_level, x, responsibility);
    ms_softmax(target->components, responsibility);
}

void ms_target_conditional_score(const ms_target *target, double noise_level, double conditioning_noise_level,
                                 size_t first, size_t length, const double *x, double *score)
{
    evaluate(target, (ms_place){first, length, noise_level, conditioning_noise_level}, x, score, NULL);
}

void ms_target_score(const ms_target *target, double noise_level, const double *x, double *score)
{
    ms_target_conditional_score(target, noise_level, noise_level, 0, target->dimension, x, score);
}

double ms_target_log_density(const ms_target *target, double noise_level, const double *x)
{
    double value;
    evaluate(target, (ms_place){0, target->dimension, noise_level, noise_level}, x, NULL, &value);
    return value + target->type->log_constant(target->content);
}

void ms_target_sample_component(const ms_target *target, size_t component, gsl_rng *rng, double *x)
{
    size_t d = target->dimension;
    bool drawn = target->type->gives(target->content) & MS_GIVES_DRAWS;
    double *rows = drawn ? aligned_alloc(64, 3 * d * MS_LANES * sizeof(double)) : NULL;
    if (!rows) {
        fill_nan(x, d);
        return;
    }
    memset(rows, 0, 3 * d * MS_LANES * sizeof(double));
    for (size_t j = 0; j < d; j++) {
        rows[j * MS_LANES] = gsl_ran_gaussian_ziggurat(rng, 1);
        rows[(d + j) * MS_LANES] = 0.5;
    }
    if (target->type->draws_uniforms)
        for (size_t j = 0; j < d; j++)
            rows[(d + j) * MS_LANES] = gsl_rng_uniform_pos(rng);
    target->type->draw(target->content, component, rows, rows + d * MS_LANES, rows + 2 * d * MS_LANES);
    take(rows + 2 * d * MS_LANES, d, x);
    free(rows);
}

void ms_target_sample(const ms_target *target, gsl_rng *rng, double *x)
{
    double u = gsl_rng_uniform(rng);
    size_t component = 0;
    if (target->components > 1 && isnan(ms_target_weight(target, 0))) {
        fill_nan(x, target->dimension);
        return;
    }
    while (component + 1 < target->components && u >= ms_target_weight(target, component))
        u -= ms_target_weight(target, component++);
    ms_target_sample_component(target, component, rng, x);
}

ms_assumption ms_target_assumption(const ms_target *target, size_t component)
{
    const double *mean = ms_target_mean(target, component), *mean_0 = ms_target_mean(target, 0);
    double v = ms_target_variance(target, component), v_0 = ms_target_variance(target, 0);
    ms_assumption result = {0};
    for (size_t j = 0; j < target->dimension; j++)
        result.squared_distance += (mean[j] - mean_0[j]) * (mean[j] - mean_0[j]);
    result.bound =
        v_0 > v ? (v_0 - v) / 2 * (log(v / v_0) - v / (2 * v_0) + v_0 / (2 * v)) * (double)target->dimension
                : NAN;
    result.holds = result.squared_distance <= result.bound;
    return result;
}
