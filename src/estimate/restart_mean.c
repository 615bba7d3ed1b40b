/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/restart_mean.h"

#include <math.h>

#define PI          3.14159265358979323846
#define DEGREES_MAX 100000 /* beyond, as good as normal */

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

ms_restart_mean ms_restart_mean_of(const double *steps, const double *reward, size_t count, double confidence)
{
    double all_steps = 0, all_reward = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        all_steps += steps[i];
        all_reward += reward[i];
    }
    if (!(all_reward > 0))
        return (ms_restart_mean){INFINITY, NAN, 0, INFINITY};
    double mean = all_steps / all_reward;
    if (count < 2)
        return (ms_restart_mean){mean, NAN, 0, INFINITY};
    for (size_t i = 0; i < count; i++) {
        double residual = steps[i] - mean * reward[i];
        squares += residual * residual;
    }
    double n = (double)count, relative = sqrt(squares * n / (n - 1)) / all_steps;
    double reach = ms_student_quantile(count - 1, confidence) * relative;
    return (ms_restart_mean){mean, mean * relative, mean / (1 + reach),
                             reach < 1 ? mean / (1 - reach) : INFINITY};
}

double ms_restart_drift_of(const double *reward, const double *late_reward, size_t count)
{
    double sum = 0, squares = 0, n = (double)count;
    for (size_t i = 0; i < count; i++)
        sum += 2 * late_reward[i] - reward[i];
    for (size_t i = 0; i < count; i++) {
        double residual = 2 * late_reward[i] - reward[i] - sum / n;
        squares += residual * residual;
    }
    return count > 1 && squares > 0 ? sum / sqrt(squares * n / (n - 1)) : 0;
}

double ms_restart_carriers_of(const double *reward, size_t count)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        sum += reward[i];
        squares += reward[i] * reward[i];
    }
    return squares > 0 ? sum * sum / squares : 0;
}
