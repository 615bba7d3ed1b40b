/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/replicate_mean.h"

#include <math.h>

#define PI          3.14159265358979323846
#define DEGREES_MAX 100000 /* beyond, as good as normal */

#define DRIFT_CONFIDENCE 0.9999
#define REPLICATES_LEAST 8
#define EFFECTIVE_LEAST  0.5 /* of the replicates */

/* P(|T| <= t), the finite sum for whole degrees of freedom (Abramowitz and Stegun 26.7.3 and 4). */
static double student_within(size_t degrees, double t)
{
    double cosine_square = (double)degrees / ((double)degrees + t * t);
    double sine = sqrt(1 - cosine_square), odd = degrees % 2 == 1 ? 1 : 0;
    double term = odd > 0 ? sine * sqrt(cosine_square) : sine, sum = 0;
    for (size_t k = degrees % 2 + 1; k < degrees; k += 2) { /* powers up to degrees - 2 */
        sum += term;
        term *= cosine_square * (double)k / (double)(k + 1);
    }
    return odd > 0 ? (asin(sine) + sum) * 2 / PI : sum;
}

double ms_student_quantile(size_t degrees, double confidence)
{
    if (degrees > DEGREES_MAX)
        degrees = DEGREES_MAX;
    double low = 0, high = 1;
    while (student_within(degrees, high) < confidence && high < 1e15)
        high *= 2;
    for (int i = 0; i < 100; i++) {
        double middle = 0.5 * (low + high);
        *(student_within(degrees, middle) < confidence ? &low : &high) = middle;
    }
    return high;
}

ms_replicate_mean ms_replicate_mean_of(const double *iterations, const double *discoveries, size_t count,
                                       double confidence)
{
    double all_iterations = 0, all_discoveries = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        all_iterations += iterations[i];
        all_discoveries += discoveries[i];
    }
    if (!(all_discoveries > 0))
        return (ms_replicate_mean){INFINITY, NAN, 0, INFINITY};
    double mean = all_iterations / all_discoveries;
    if (count < 2)
        return (ms_replicate_mean){mean, NAN, 0, INFINITY};
    for (size_t i = 0; i < count; i++) {
        double residual = iterations[i] - mean * discoveries[i];
        squares += residual * residual;
    }
    double n = (double)count, relative = sqrt(squares * n / (n - 1)) / all_iterations;
    double reach = ms_student_quantile(count - 1, confidence) * relative;
    return (ms_replicate_mean){mean, mean * relative, mean / (1 + reach),
                               reach < 1 ? mean / (1 - reach) : INFINITY};
}

/* The largest: squares of rare discoveries may be too small for a double, those of shares of it are not. */
static double largest(const double *discoveries, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, discoveries[i]);
    return most;
}

double ms_replicate_drift_of(const double *discoveries, const double *late_discoveries, size_t count)
{
    double most = largest(discoveries, count), sum = 0, squares = 0, n = (double)count;
    if (!(most > 0))
        return 0;
    for (size_t i = 0; i < count; i++)
        sum += (2 * late_discoveries[i] - discoveries[i]) / most;
    if (isnan(sum))
        return NAN;
    for (size_t i = 0; i < count; i++) {
        double residual = (2 * late_discoveries[i] - discoveries[i]) / most - sum / n;
        squares += residual * residual;
    }
    return count > 1 && squares > 0 ? sum / sqrt(squares * n / (n - 1)) : 0;
}

double ms_replicate_effective(const double *discoveries, size_t count)
{
    double most = largest(discoveries, count), sum = 0, squares = 0;
    for (size_t i = 0; i < count && most > 0; i++) {
        sum += discoveries[i] / most;
        squares += discoveries[i] / most * (discoveries[i] / most);
    }
    return most > 0 ? sum * sum / squares : 0;
}

const char *ms_replicate_objection(const double *discoveries, const double *late_discoveries, size_t count)
{
    double drift = ms_replicate_drift_of(discoveries, late_discoveries, count);
    if (ms_replicate_effective(discoveries, count) == 0)
        return "no replicate has come to a discovery";
    if (count > 1 && fabs(drift) > ms_student_quantile(count - 1, DRIFT_CONFIDENCE))
        return "trajectories are not stationary: their second halves discover otherwise than their first";
    if (count < REPLICATES_LEAST)
        return "few replicates: the interval is vague";
    if (ms_replicate_effective(discoveries, count) < EFFECTIVE_LEAST * (double)count)
        return "few replicates have most of the discoveries: the mean may be far less than it seems";
    return NULL;
}
