/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quadratures of targets with three components on the line of all ones. Failures end the test. */
#ifndef MS_TEST_LINE_H
#define MS_TEST_LINE_H

#include "estimate/quadrature.h"
#include "fixtures.h"

#include <math.h>

typedef struct line_case {
    size_t dimension;
    const char *rule;
    size_t modes; /* 1: mode 1, 2: mode 2, 3: either */
    double weight[3], mean[3], variance[3];
    double step_size, noise_level;
    size_t start; /* component */
} line_case;

#define REFERENCE                                                                                            \
    {0.2, 0.4, 0.4},                                                                                         \
    {                                                                                                        \
        0, 1, -1                                                                                             \
    }

/* @param times [time_count] @param memory in bytes */
static inline ms_quadrature *quadrature_of(const line_case *c, const uint64_t *times, size_t time_count,
                                           double tolerance, double memory)
{
    double *mean = calloc(3 * c->dimension, sizeof *mean), position[3], smoothed[3];
    assert_non_null(mean);
    for (size_t i = 0; i < 3; i++) {
        position[i] = sqrt((double)c->dimension) * c->mean[i];
        smoothed[i] = c->variance[i] + c->noise_level * c->noise_level;
        for (size_t j = 0; j < c->dimension; j++)
            mean[i * c->dimension + j] = c->mean[i];
    }
    ms_mixture_params mixture = {.dimension = c->dimension,
                                 .components = 3,
                                 .weight = c->weight,
                                 .mean = mean,
                                 .variance = c->variance};
    ms_target *target;
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &mixture, NULL), MS_OK);
    const size_t component[2] = {1, 2};
    const ms_mode mode = {component + (c->modes == 2), c->modes == 3 ? 2 : 1};
    ms_rule_choice rule = {ms_rule_find(c->rule), NULL};
    ms_clause *clause;
    size_t clauses;
    assert_int_equal(ms_discovery_clauses(target, &rule, 1, &mode, 1, &clause, &clauses, NULL), MS_OK);
    ms_line_bound bound[8];
    assert_int_equal(ms_line_region_of_clauses(clause, clauses, c->dimension, c->weight, c->variance,
                                               position, bound, NULL),
                     MS_OK);
    ms_quadrature_params params = {
        .chain = {3, c->weight, smoothed, position, c->dimension, c->step_size, position[c->start],
                  c->variance[c->start]},
        .region = {bound, clauses},
        .times = times,
        .time_count = time_count,
        .tolerance = tolerance,
        .memory = memory,
    };
    ms_quadrature *quadrature;
    assert_int_equal(ms_quadrature_alloc(&quadrature, &params, NULL), MS_OK);
    free(clause);
    ms_target_free(target);
    free(mean);
    return quadrature;
}

static inline void finish(ms_quadrature *quadrature)
{
    ms_error error = {0};
    while (!ms_quadrature_done(quadrature))
        if (ms_quadrature_advance(quadrature, 1000, &error) != MS_OK)
            fail_msg("%s", error.message);
}

#endif
