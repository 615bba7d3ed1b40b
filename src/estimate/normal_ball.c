/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/normal_ball.h"

#include "random/elementary.h"

#include <math.h>
#include <stdlib.h>

#define HALF_LOG_TWO_PI 0.91893853320467274178
#define STIRLING        16  /* from which the series is exact to 1e-14 */
#define MEAN_MAX        8e6 /* of J */
#define BEYOND          60
#define SMALLEST        1e-280

/* log Gamma(x), x > 0 */
static double log_gamma(double x)
{
    double below = 0;
    while (x < STIRLING) {
        below += ms_log(x);
        x += 1;
    }
    double s = 1 / (x * x);
    double series = (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s / 1680))) / x;
    return (x - 0.5) * ms_log(x) - x + HALF_LOG_TWO_PI + series - below;
}

/* Of 1 + ratio e^log_sum. */
static double log_next(double ratio, double log_sum)
{
    double log_product = ms_log(ratio) + log_sum;
    return log_product > 40 ? log_product : ms_log(1 + ms_exp(log_product));
}

/* Logarithms of the terms. P(a, y) = y^a e^-y / Gamma(a + 1) (1 + y / (a + 1) (1 + y / (a + 2) (...))): one
 * follows from the next. Each bracket counts less than half in the one before from where this begins. */
static void find_terms(const ms_normal_ball *ball, double mean, double *term)
{
    double a = ball->half_dimension, y = ball->bound, log_sum = 0;
    for (size_t j = ball->count + BEYOND + (size_t)(2 * y); j-- > 0;) {
        if (j < ball->count)
            term[j] = log_sum;
        log_sum = log_next(y / (a + (double)j), log_sum);
    }
    double log_weight = -mean - y + a * ms_log(y) - log_gamma(a + 1);
    for (size_t j = 0; j < ball->count; j++) {
        if (j > 0)
            log_weight += ms_log(mean / (double)j) + ms_log(y / (a + (double)j));
        term[j] += log_weight;
    }
}

/* Cumulative, and the logarithm of the sum. */
static void accumulate(ms_normal_ball *ball)
{
    double *term = ball->cumulative;
    ball->log_mass = fmin(ms_log_sum(ball->count, term), 0);
    double sum = 0;
    for (size_t j = 0; j < ball->count; j++)
        term[j] = sum += ms_exp(fmin(term[j] - ball->log_mass, 0));
    for (size_t j = 0; j < ball->count; j++)
        term[j] /= sum;
}

ms_status ms_normal_ball_set(ms_normal_ball *ball, size_t dimension, double variance, double distance,
                             double radius_square, ms_error *error)
{
    double mean = distance * distance / (2 * variance);
    *ball =
        (ms_normal_ball){.half_dimension = 0.5 * (double)dimension, .bound = radius_square / (2 * variance)};
    if (!(ball->bound > SMALLEST) || !(ball->bound < MEAN_MAX) || !(mean < MEAN_MAX))
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "a ball with radius^2 %g at distance %g: both must be below %g standard "
                            "deviations of component 0, and the radius above 0",
                            radius_square, distance, sqrt(2 * MEAN_MAX));
    /* beyond, less than e^-40 of Poisson's law, of which the ball favours what is below */
    ball->count = mean > SMALLEST ? (size_t)(mean + 10 * sqrt(mean) + 60) : 1;
    ball->cumulative = calloc(ball->count, sizeof *ball->cumulative);
    if (!ball->cumulative)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a ball");
    find_terms(ball, mean, ball->cumulative);
    accumulate(ball);
    return MS_OK;
}

void ms_normal_ball_free(ms_normal_ball *ball)
{
    free(ball->cumulative);
    ball->cumulative = NULL;
}

size_t ms_normal_ball_order(const ms_normal_ball *ball, double uniform)
{
    size_t low = 0, high = ball->count - 1; /* the least j with cumulative >= uniform */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ball->cumulative[middle] < uniform)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
