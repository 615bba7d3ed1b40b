/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random/elementary.h"
#include "target/target_type.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const ms_target_type *const *const types[] = {&ms_target_gaussian_mixture};

const ms_target_type *ms_target_type_find(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp((*types[i])->name, name) == 0)
            return *types[i];
    return NULL;
}

const char *ms_target_type_get_name(const ms_target_type *type)
{
    return type->name;
}

const char *ms_target_type_name(size_t index)
{
    return index < sizeof types / sizeof *types ? (*types[index])->name : NULL;
}

static ms_status check_params(const ms_mixture_params *params, ms_error *error)
{
    size_t k = params->components, d = params->dimension;
    if (d < 1)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "the dimension must be at least 1");
    if (k < 1 || k > MS_COMPONENTS_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "a target has 1 to %d components, not %zu",
                            MS_COMPONENTS_MAX, k);
    if (d > SIZE_MAX / sizeof(double) / k)
        return ms_error_set(error, MS_ERROR_MEMORY, "dimension %zu is too large for this machine", d);
    double sum = 0;
    for (size_t i = 0; i < k; i++) {
        if (!(params->weight[i] > 0 && params->weight[i] <= 1))
            return ms_error_set(error, MS_ERROR_ARGUMENT, "weight %zu is %g; weights lie in (0, 1]", i,
                                params->weight[i]);
        if (!(params->variance[i] > 0 && isfinite(params->variance[i])))
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "variance %zu is %g; it must be positive and finite", i, params->variance[i]);
        for (size_t j = 0; j < d; j++)
            if (!isfinite(params->mean[i * d + j]))
                return ms_error_set(error, MS_ERROR_ARGUMENT, "coordinate %zu of mean %zu is not finite", j,
                                    i);
        sum += params->weight[i];
    }
    if (!(fabs(sum - 1) <= 1e-9))
        return ms_error_set(error, MS_ERROR_ARGUMENT, "the weights sum to %.12g, not 1", sum);
    return MS_OK;
}

static double *copy(const double *source, size_t count)
{
    double *result = malloc(count * sizeof *result);
    if (result)
        memcpy(result, source, count * sizeof *result);
    return result;
}

ms_status ms_target_alloc(ms_target **target, const ms_target_type *type, const ms_mixture_params *params,
                          ms_error *error)
{
    *target = NULL;
    ms_status status = check_params(params, error);
    if (status != MS_OK)
        return status;
    ms_target *t = calloc(1, sizeof *t);
    if (t) {
        t->type = type;
        t->dimension = params->dimension;
        t->components = params->components;
        t->weight = copy(params->weight, t->components);
        t->variance = copy(params->variance, t->components);
        t->mean = copy(params->mean, t->components * t->dimension);
    }
    if (!t || !t->weight || !t->variance || !t->mean) {
        ms_target_free(t);
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a target of dimension %zu",
                            params->dimension);
    }
    *target = t;
    return MS_OK;
}

void ms_target_free(ms_target *target)
{
    if (!target)
        return;
    free(target->weight);
    free(target->variance);
    free(target->mean);
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
    return target->weight[component];
}

double ms_target_variance(const ms_target *target, size_t component)
{
    return target->variance[component];
}

const double *ms_target_mean(const ms_target *target, size_t component)
{
    return target->mean + component * target->dimension;
}

static void softmax(size_t n, double *value)
{
    double largest = value[0], sum = 0;
    for (size_t i = 1; i < n; i++)
        largest = value[i] > largest ? value[i] : largest;
    for (size_t i = 0; i < n; i++)
        sum += value[i] = ms_exp(value[i] - largest);
    for (size_t i = 0; i < n; i++)
        value[i] /= sum;
}

/* log w_i + log N of the coordinates before `first` + log N of the patch */
static void conditional_log_weights(const ms_target *target, double noise_level,
                                    double conditioning_noise_level, size_t first, size_t length,
                                    const double *x, double *log_weight)
{
    double before[MS_COMPONENTS_MAX];
    target->type->log_density(target, conditioning_noise_level, 0, first, x, before);
    target->type->log_density(target, noise_level, first, length, x, log_weight);
    for (size_t i = 0; i < target->components; i++)
        log_weight[i] += ms_log(target->weight[i]) + before[i];
}

void ms_target_log_weights(const ms_target *target, double noise_level, const double *x, double *log_weight)
{
    conditional_log_weights(target, noise_level, noise_level, 0, target->dimension, x, log_weight);
}

void ms_target_responsibilities(const ms_target *target, double noise_level, const double *x,
                                double *responsibility)
{
    ms_target_log_weights(target, noise_level, x, responsibility);
    softmax(target->components, responsibility);
}

void ms_target_conditional_score(const ms_target *target, double noise_level, double conditioning_noise_level,
                                 size_t first, size_t length, const double *x, double *score)
{
    double responsibility[MS_COMPONENTS_MAX];
    conditional_log_weights(target, noise_level, conditioning_noise_level, first, length, x, responsibility);
    softmax(target->components, responsibility);
    for (size_t j = 0; j < length; j++)
        score[j] = 0;
    target->type->add_score(target, noise_level, first, length, x, responsibility, score);
}

void ms_target_score(const ms_target *target, double noise_level, const double *x, double *score)
{
    ms_target_conditional_score(target, noise_level, noise_level, 0, target->dimension, x, score);
}

void ms_target_sample_component(const ms_target *target, size_t component, gsl_rng *rng, double *x)
{
    target->type->sample(target, component, rng, x);
}

void ms_target_sample(const ms_target *target, gsl_rng *rng, double *x)
{
    double u = gsl_rng_uniform(rng);
    size_t component = 0;
    while (component + 1 < target->components && u >= target->weight[component])
        u -= target->weight[component++];
    ms_target_sample_component(target, component, rng, x);
}

ms_assumption ms_target_assumption(const ms_target *target, size_t component)
{
    const double *mean = ms_target_mean(target, component), *mean_0 = ms_target_mean(target, 0);
    double v = target->variance[component], v_0 = target->variance[0];
    ms_assumption result = {0};
    for (size_t j = 0; j < target->dimension; j++)
        result.squared_distance += (mean[j] - mean_0[j]) * (mean[j] - mean_0[j]);
    result.bound =
        v_0 > v ? (v_0 - v) / 2 * (log(v / v_0) - v / (2 * v_0) + v_0 / (2 * v)) * (double)target->dimension
                : NAN;
    result.holds = result.squared_distance <= result.bound;
    return result;
}
