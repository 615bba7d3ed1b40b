/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file target.h
 * Mixtures P = sum_i weight_i P_i on R^d whose scores are to be followed.
 *
 * Smoothing at noise level sigma means P * N(0, sigma^2 I): component i then has variance
 * v_i = variance_i + sigma^2. Log-weights are l_i(x) = log w_i - (d/2) log v_i - |x - mean_i|^2 / (2 v_i),
 * without the constant -(d/2) log 2 pi that all components share; where the coordinates of a component have
 * laws of their own, l_i(x) = log w_i + (d/2) log 2 pi + log P_i(x). */
#ifndef MODESEEK_TARGET_H
#define MODESEEK_TARGET_H

#include <gsl/gsl_rng.h>
#include <modeseek/export.h>
#include <modeseek/status.h>
#include <stdbool.h>
#include <stddef.h>

MS_BEGIN_API

/** Most components a target may have. */
#define MS_COMPONENTS_MAX 4096
/** Most of them that the engines for isotropic mixtures hold; more are for the generic one. */
#define MS_ISOTROPIC_COMPONENTS_MAX 16

/** A family of targets: name, capabilities, operations. Found by the name that sweep files use. */
typedef struct ms_target_type ms_target_type;

/** Mixture of Gaussians N(mean_i, diag(variance_i)), one variance for all coordinates or one for each. */
extern const ms_target_type *const ms_target_gaussian_mixture;

/** The type of that name, or NULL. */
const ms_target_type *ms_target_type_find(const char *name);
/** The name of a type, by which it is found. */
const char *ms_target_type_get_name(const ms_target_type *type);
/** The name of the type number `index` (0, 1, ...), or NULL past the last: for listing them. */
const char *ms_target_type_name(size_t index);

typedef struct ms_target ms_target;

/** What a mixture is made of. All arrays are copied. */
typedef struct ms_mixture_params {
    size_t dimension;        /**< d >= 1 */
    size_t components;       /**< 1..MS_COMPONENTS_MAX */
    const double *weight;    /**< [components], > 0, sum 1 within 1e-9 */
    const double *mean;      /**< [components][dimension], finite */
    const double *variance;  /**< [components], > 0: nu^2, not nu */
    const double *variances; /**< [components][dimension], > 0, instead of `variance`; or NULL */
} ms_mixture_params;

/** Makes a mixture of Gaussians. On success `*target` is the caller's, to be freed with ms_target_free().
 * Errors: MS_ERROR_ARGUMENT for parameters out of range, MS_ERROR_MEMORY. */
ms_status ms_target_alloc(ms_target **target, const ms_target_type *type, const ms_mixture_params *params,
                          ms_error *error);

/** Most numbers that a law of coordinates has. */
#define MS_MARGINAL_VALUES_MAX 4

/** The law of each coordinate of a component about its mean: "gaussian", "uniform" or "two_point", as in
 * docs/sweep-file.md, which has their numbers and limits. */
typedef struct ms_marginal_params {
    const char *type;
    /** Its numbers; the rest is 0. gaussian: variance; uniform: half_width, smoothing; two_point:
     * half_distance, smoothing. */
    double value[MS_MARGINAL_VALUES_MAX];
} ms_marginal_params;

/** What a product mixture is made of: components whose coordinates are independent. All is copied. */
typedef struct ms_product_params {
    size_t dimension;                   /**< d >= 1 */
    size_t components;                  /**< 1..MS_COMPONENTS_MAX */
    const double *weight;               /**< [components], > 0, sum 1 within 1e-9 */
    const double *mean;                 /**< [components][dimension], finite */
    const ms_marginal_params *marginal; /**< [components] */
} ms_product_params;

/** Makes a product mixture, the family "product_mixture" of sweep files:
 *
 *     const double weight[] = {0.4, 0.6}, mean[] = {0, 0, 3, 3};
 *     const ms_marginal_params marginal[] = {{"gaussian", {2}}, {"uniform", {1.5, 0.4}}};
 *     const ms_product_params params = {2, 2, weight, mean, marginal};
 *     ms_status status = ms_target_product_alloc(&target, &params, &error);
 *
 * On success `*target` is the caller's, to be freed with ms_target_free(). Errors: MS_ERROR_ARGUMENT for
 * parameters out of range, MS_ERROR_MEMORY. */
ms_status ms_target_product_alloc(ms_target **target, const ms_product_params *params, ms_error *error);

/** Frees a target; NULL is allowed. */
void ms_target_free(ms_target *target);

size_t ms_target_dimension(const ms_target *target);
size_t ms_target_components(const ms_target *target);
/** NaN where modes have no weights. */
double ms_target_weight(const ms_target *target, size_t component);
/** nu^2 of each coordinate; NaN where they differ. */
double ms_target_variance(const ms_target *target, size_t component);
/** [dimension]; belongs to the target. NULL where it keeps none, as of a data set. */
const double *ms_target_mean(const ms_target *target, size_t component);

/** l_i(x) of the target smoothed at `noise_level` >= 0. @param x [dimension] @param log_weight out
 * [components] */
void ms_target_log_weights(const ms_target *target, double noise_level, const double *x, double *log_weight);

/** softmax of the log-weights. @param responsibility out [components] */
void ms_target_responsibilities(const ms_target *target, double noise_level, const double *x,
                                double *responsibility);

/** log P_sigma(x), normalised; NaN for targets whose normalising constant is not known.
 * @param x [dimension] */
double ms_target_log_density(const ms_target *target, double noise_level, const double *x);

/** The score grad log P_sigma(x) = -sum_i gamma_i (x - mean_i) / v_i. @param score out [dimension] */
void ms_target_score(const ms_target *target, double noise_level, const double *x, double *score);

/** The score of the conditional law of coordinates first..first+length-1 given the coordinates before them,
 * which were left at `conditioning_noise_level`: the restricted mixture with log-weights
 * log w_i + log N(x_before; mean_i, variance_i + conditioning_noise_level^2).
 * With first = 0 and length = dimension it is ms_target_score().
 * @param x [dimension]; coordinates after the patch are not read  @param score out [length] */
void ms_target_conditional_score(const ms_target *target, double noise_level, double conditioning_noise_level,
                                 size_t first, size_t length, const double *x, double *score);

/** Draws x from component `component` of the un-smoothed target; NaN where there are no draws, here and
 * below.
 * @param x out [dimension] */
void ms_target_sample_component(const ms_target *target, size_t component, gsl_rng *rng, double *x);
/** Draws x from the un-smoothed target itself. @param x out [dimension] */
void ms_target_sample(const ms_target *target, gsl_rng *rng, double *x);

/** Assumption 1 of Cheng, Fu and Farnia (arXiv 2406.02017) for one component against component 0:
 * variance_0 > variance_i and |mean_i - mean_0|^2 <= bound. It is sufficient for hardness, not necessary.
 * Its proof keeps the chain where component 0 has its mass, at distance nu_0 sqrt(d) from mean_0, because
 * concentrated modes have negligible weight there. Modes with the variance of component 0 or more do not, so
 * with variance_0 <= variance_i the assumption fails at any distance, and the bound says nothing (NAN). */
typedef struct ms_assumption {
    bool holds;
    double squared_distance; /**< |mean_i - mean_0|^2 */
    double bound;            /**< (nu0^2-nui^2)/2 (log(nui^2/nu0^2) - nui^2/(2 nu0^2) + nu0^2/(2 nui^2)) d */
} ms_assumption;

/** @param component 1..components-1 */
ms_assumption ms_target_assumption(const ms_target *target, size_t component);

MS_END_API
#endif
