/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random/elementary.h"
#include "target/target_type.h"

#include <gsl/gsl_randist.h>
#include <math.h>

static double smoothed_variance(const ms_target *target, size_t component, double noise_level)
{
    return target->variance[component] + noise_level * noise_level;
}

static void log_density(const ms_target *target, double noise_level, size_t first, size_t length,
                        const double *x, double *result)
{
    for (size_t i = 0; i < target->components; i++) {
        const double *mean = ms_target_mean(target, i);
        double v = smoothed_variance(target, i, noise_level);
        double distance = 0;
        for (size_t j = first; j < first + length; j++)
            distance += (x[j] - mean[j]) * (x[j] - mean[j]);
        result[i] = -0.5 * (double)length * ms_log(v) - distance / (2 * v);
    }
}

static void add_score(const ms_target *target, double noise_level, size_t first, size_t length,
                      const double *x, const double *responsibility, double *score)
{
    for (size_t i = 0; i < target->components; i++) {
        const double *mean = ms_target_mean(target, i);
        double factor = responsibility[i] / smoothed_variance(target, i, noise_level);
        for (size_t j = 0; j < length; j++)
            score[j] -= factor * (x[first + j] - mean[first + j]);
    }
}

static void sample(const ms_target *target, size_t component, gsl_rng *rng, double *x)
{
    const double *mean = ms_target_mean(target, component);
    double deviation = sqrt(target->variance[component]);
    for (size_t j = 0; j < target->dimension; j++)
        x[j] = mean[j] + gsl_ran_gaussian_ziggurat(rng, deviation);
}

static const ms_target_type gaussian_mixture = {.name = "gaussian_mixture",
                                                .is_isotropic = true,
                                                .log_density = log_density,
                                                .add_score = add_score,
                                                .sample = sample};
const ms_target_type *const ms_target_gaussian_mixture = &gaussian_mixture;
