/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/flux_check.h"

#include "estimate/reversible_flux.h"
#include "random/elementary.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* Averages of 1 - gamma_0 are over so many times MS_LANES draws. */
#define BLOCKS          256
#define CROSSING_BLOCKS 1024
#define FORGOTTEN       0.01 /* what is left of a start after T iterations */
#define STAGES          4    /* that are looked at between a start and when it is forgotten */
/* What may be wrong, of the mean: */
#define HELD_MOST    5e-4 /* time in other components */
#define FOREIGN_MOST 5e-4 /* 1 - gamma_0 where chains start and stay */
#define MISSED_MOST  6e-4 /* by the weights of about PATHS_USUAL paths */
/* probability of a discovery by another start than the stationary law's; as paths return, and starts are
 * forgotten, about a quarter of it is right */
#define EARLY_MOST     1e-3
#define OFTEN          0.02 /* probability of a discovery while a start is forgotten */
#define SQRT_2         1.41421356237309504880
#define PATHS_USUAL    1e5
#define LOG_MASS_LEAST (-690) /* beyond, a mean is no double */

/* Over draws of the stationary law within the balls: 1 - gamma_0 on average, and, where it is not small, the
 * variance of a step's part in log W. */
static double mean_crossing(const ms_flux_law *law, double *variance)
{
    _Alignas(MS_ALIGNMENT) double x[MS_FLUX_ROWS_MAX * MS_LANES] = {0}, foreign[MS_LANES], of_step[MS_LANES];
    double sum = 0, weighted = 0;
    for (uint64_t block = 0; block < CROSSING_BLOCKS; block++) {
        for (int lane = 0; lane < MS_LANES; lane++)
            ms_flux_law_start(law, block * MS_LANES + (uint64_t)lane, lane, x);
        ms_flux_law_look(law, x, foreign, of_step);
        for (int lane = 0; lane < MS_LANES; lane++) {
            sum += foreign[lane];
            weighted += foreign[lane] * of_step[lane];
        }
    }
    *variance = sum > 0 ? weighted / sum : 0;
    return sum / (CROSSING_BLOCKS * MS_LANES);
}

/* The law of a chain of component 0 when a part `left` of how it started is left. */
static double variance_when(const ms_flux_law *law, double left)
{
    return left * left * law->start_variance + (1 - left * left) * law->stationary;
}

/* The same over draws of that law. */
static double mean_on_the_way(const ms_flux_law *law, double left)
{
    _Alignas(MS_ALIGNMENT) double x[MS_FLUX_ROWS_MAX * MS_LANES], foreign[MS_LANES], of_step[MS_LANES];
    _Alignas(MS_ALIGNMENT) static const uint64_t chain[MS_LANES] = {0, 1, 2, 3, 4, 5, 6, 7};
    double sum = 0, variance = variance_when(law, left);
    for (uint64_t block = 0; block < BLOCKS; block++) {
        law->kernel->normals(law->key, chain, block, MS_PURPOSE_START, x, law->span);
        if (law->rows > law->span)
            law->kernel->chi_square(law->key, chain, 2 * block, MS_PURPOSE_START_RADIUS, 0,
                                    (double)(law->dimension - law->span), x + law->span * MS_LANES);
        for (size_t m = 0; m < law->span; m++)
            for (size_t lane = 0; lane < MS_LANES; lane++)
                x[m * MS_LANES + lane] =
                    sqrt(variance) * x[m * MS_LANES + lane] + (law->start ? left * law->start[m] : 0);
        for (size_t lane = 0; lane < MS_LANES && law->rows > law->span; lane++)
            x[law->span * MS_LANES + lane] *= variance;
        ms_flux_law_look(law, x, foreign, of_step);
        for (int lane = 0; lane < MS_LANES; lane++)
            sum += foreign[lane];
    }
    return sum / (BLOCKS * MS_LANES);
}

static const double *mean_of(const ms_flux_law *law, size_t component)
{
    return law->reduction->mean + component * law->reduction->span_max;
}

/* Mass of a ball under the law N(scale * middle, variance I); NULL is mean_0. */
static ms_status mass_of(const ms_flux_law *law, const ms_flux_ball *b, const double *middle, double scale,
                         double variance, double *mass, ms_error *error)
{
    const double *mean = mean_of(law, b->component);
    double square = 0;
    for (size_t m = 0; m < law->span; m++) {
        double difference = mean[m] - (middle ? scale * middle[m] : 0);
        square += difference * difference;
    }
    ms_normal_ball ball;
    ms_status status =
        ms_normal_ball_set(&ball, law->dimension, variance, sqrt(square), b->radius_square, error);
    *mass = status == MS_OK ? ms_exp(ball.log_mass) : NAN;
    ms_normal_ball_free(&ball);
    return status;
}

/* Mass of component i outside of the balls, of that of component 0: the mean is so much longer, because
 * chains are that long there once they have come. The chain's mass is not the target's: in a valley of
 * variance v step sizes lower it by exp(-delta d / (8 v)), to first order; taken into account where it helps
 * the component. */
static ms_status find_held(const ms_flux_law *law, size_t i, double *held, ms_error *error)
{
    double part = 0.25 * law->step_size * law->inverse_variance[i], outside = 1, mass;
    ms_status status = MS_OK;
    for (size_t k = 0; k < law->balls && part < 1 && status == MS_OK; k++) {
        double variance = 1 / (law->inverse_variance[i] * (1 - part));
        status = mass_of(law, &law->ball[k], mean_of(law, i), 1, variance, &mass, error);
        outside = fmin(outside, fmax(1 - mass, 0));
    }
    double gain = 0.125 * law->step_size * (double)law->dimension *
                  (law->inverse_variance[0] - law->inverse_variance[i]);
    *held = outside * law->mixture.weight[i] / law->mixture.weight[0] * ms_exp(fmin(fmax(gain, 0), 700));
    return status;
}

static ms_status check_held(const ms_flux_law *law, ms_error *error)
{
    double sum = 0, most = 0;
    size_t which = 0;
    for (size_t i = 1; i < law->mixture.components; i++) {
        double held;
        ms_status status = find_held(law, i, &held, error);
        if (status != MS_OK)
            return status;
        sum += held;
        if (held > most) {
            most = held;
            which = i;
        }
    }
    if (!(sum <= HELD_MOST))
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "reversible_flux: outside of the balls component %zu holds chains %.2g times "
                            "as long as component 0; the limit is %g",
                            which, most, HELD_MOST);
    return MS_OK;
}

/* From the start on, to when it is forgotten. */
static ms_status check_stage(const ms_flux_law *law, double left, ms_error *error)
{
    double stationary = ms_exp(law->log_mass), iterations = 1 / (1 - fabs(law->contraction)), sum = 0, mass;
    for (size_t k = 0; k < law->balls; k++) {
        ms_status status =
            mass_of(law, &law->ball[k], law->start, left, variance_when(law, left), &mass, error);
        if (status != MS_OK)
            return status;
        sum += mass;
    }
    if (!(stationary * iterations <= OFTEN))
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "reversible_flux: too common: in the balls with probability %.2g, times %.3g "
                            "iterations of memory; the limit is %g",
                            stationary, iterations, OFTEN);
    if (!(fabs(sum - stationary) * iterations <= EARLY_MOST))
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "reversible_flux: in the balls with probability %.3g early, %.3g later, times %.3g "
            "iterations of memory; the limit is %g",
            sum, stationary, iterations, EARLY_MOST);
    double foreign = mean_on_the_way(law, left);
    if (!(foreign <= FOREIGN_MOST))
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "reversible_flux: where chains start and stay, 1 - gamma_0 is %.2g on average; the "
            "limit is %g",
            foreign, FOREIGN_MOST);
    return MS_OK;
}

/* Weights are about log-normal where other components have responsibility. Of the mean of such, what lies
 * beyond the largest that are drawn is missed. */
static ms_status check_crossing(const ms_flux_law *law, ms_error *error)
{
    double variance, crossing = mean_crossing(law, &variance), drawn = PATHS_USUAL * crossing;
    double largest = drawn > 2 ? -gsl_cdf_ugaussian_Pinv(1 / drawn) : 0;
    double missed = 0.5 * crossing * erfc((largest - sqrt(variance)) / SQRT_2);
    if (!(missed <= MISSED_MOST))
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "reversible_flux: 1 - gamma_0 is %.2g at the balls, and %.1g of the mean may be "
                            "missed; the limit is %g",
                            crossing, missed, MISSED_MOST);
    return MS_OK;
}

ms_status ms_flux_law_check(const ms_flux_law *law, ms_error *error)
{
    if (law->log_mass < LOG_MASS_LEAST)
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "reversible_flux: discoveries are too rare for doubles: e^%.0f of the time",
                            law->log_mass);
    ms_flux_law fixed = *law; /* draws that are the same for all replicates */
    fixed.key = 0;
    ms_status status = check_held(&fixed, error);
    for (int stage = STAGES; stage >= 0 && status == MS_OK; stage--)
        status = check_stage(&fixed, (double)stage / STAGES, error);
    if (status != MS_OK)
        return status;
    return check_crossing(&fixed, error);
}

uint64_t ms_flux_law_horizon(const ms_flux_law *law)
{
    double c = fabs(law->contraction);
    return c > FORGOTTEN ? (uint64_t)ceil(ms_log(FORGOTTEN) / ms_log(c)) : 1;
}

ms_status ms_reversible_flux_check(const ms_run_params *run, ms_error *error)
{
    ms_flux_law law = {.key = 0};
    ms_status status = ms_flux_law_set(&law, run, 0, error);
    if (status == MS_OK)
        status = ms_flux_law_check(&law, error);
    ms_flux_law_free(&law);
    return status;
}
