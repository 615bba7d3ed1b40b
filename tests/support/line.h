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
    double *mean = calloc(3 * c->dimension, sizeof *mean);
    assert_non_null(mean);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < c->dimension; j++)
            mean[i * c->dimension + j] = c->mean[i];
    ms_mixture_params mixture = {.dimension = c->dimension,
                                 .components = 3,
                                 .weight = c->weight,
                                 .mean = mean,
                                 .variance = c->variance};
    ms_target *target;
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &mixture, NULL), MS_OK);
    const size_t component[2] = {1, 2};
    const ms_mode mode = {component + (c->modes == 2), c->modes == 3 ? 2 : 1};
    const ms_rule_choice rule = {ms_rule_find(c->rule), NULL};
    ms_clause *clause;
    ms_run_params run;
    ms_run_params_init(&run);
    assert_int_equal(ms_discovery_clauses(target, &rule, 1, &mode, 1, &clause, &run.clause_count, NULL),
                     MS_OK);
    run.target = target;
    run.start.component = c->start;
    run.schedule.noise_level = c->noise_level;
    run.schedule.step_size = c->step_size;
    run.clauses = clause;
    run.snapshots = times;
    run.snapshot_count = time_count;
    ms_quadrature *quadrature;
    assert_int_equal(ms_quadrature_alloc_run(&quadrature, &run, tolerance, memory, NULL), MS_OK);
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
