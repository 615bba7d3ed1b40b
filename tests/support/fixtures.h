/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets and runs that several tests use. Failures end the test. */
#ifndef MS_FIXTURES_H
#define MS_FIXTURES_H

#include "cmocka_all.h"

#include <modeseek/modeseek.h>
#include <stdio.h>
#include <stdlib.h>

/* weights (0.2, 0.4, 0.4), variances (variance_0, 1, 1), means (0, c, -c) times the all-ones vector */
static inline ms_target *reference_target(size_t dimension, double variance_0, double c)
{
    const double weight[3] = {0.2, 0.4, 0.4}, variance[3] = {variance_0, 1, 1};
    double *mean = calloc(3 * dimension, sizeof *mean);
    assert_non_null(mean);
    for (size_t j = 0; j < dimension; j++) {
        mean[dimension + j] = c;
        mean[2 * dimension + j] = -c;
    }
    ms_mixture_params params = {
        .dimension = dimension, .components = 3, .weight = weight, .mean = mean, .variance = variance};
    ms_target *target = NULL;
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &params, NULL), MS_OK);
    free(mean);
    return target;
}

/* A target without symmetries: three components, means that span two dimensions. */
static inline ms_target *skew_target(size_t dimension)
{
    const double weight[3] = {0.3, 0.3, 0.4}, variance[3] = {3, 0.8, 1.2};
    double *mean = calloc(3 * dimension, sizeof *mean);
    assert_non_null(mean);
    for (size_t j = 0; j < dimension; j++) {
        mean[j] = 0.1 * (double)(j % 7) - 0.3;
        mean[dimension + j] = 1;
        mean[2 * dimension + j] = j < dimension / 2 ? -1 : 0.5 + 0.1 * (double)(j % 5);
    }
    ms_mixture_params params = {
        .dimension = dimension, .components = 3, .weight = weight, .mean = mean, .variance = variance};
    ms_target *target = NULL;
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &params, NULL), MS_OK);
    free(mean);
    return target;
}

/* Makes a run or ends the test with the library's message. */
static inline ms_run *make_run(const ms_run_params *params)
{
    ms_run *run = NULL;
    ms_error error = {0};
    if (ms_run_alloc(&run, params, &error) != MS_OK)
        fail_msg("%s", error.message);
    return run;
}

static inline void advance(ms_run *run, uint64_t iterations)
{
    ms_error error = {0};
    if (ms_run_advance(run, iterations, &error) != MS_OK)
        fail_msg("%s", error.message);
}

#endif
