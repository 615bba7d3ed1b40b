/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replicates of RESTART on targets with three components. Failures end the test. */
#ifndef MS_TEST_RESTART_H
#define MS_TEST_RESTART_H

#include "estimate/replicate_mean.h"
#include "estimate/restart.h"
#include "fixtures.h"
#include "sampler/algorithm/hmc.h"
#include "sampler/algorithm/underdamped.h"

#include <math.h>
#include <string.h>

typedef struct restart_case {
    size_t dimension;
    const char *rule;
    size_t modes;  /* 1: mode 1, 2: mode 2, 3: either */
    bool is_plane; /* the means span two dimensions */
    uint64_t steps;
    ms_simd simd;
    unsigned copies; /* 0: 4 */
    ms_law_choice law;
    ms_coordinate coordinate;
    const char *sampler; /* mala, hmc, underdamped; NULL: langevin, step size 0.1 */
} restart_case;

/* The reference target, or one whose means are on no line. */
static inline ms_target *restart_target(const restart_case *c)
{
    const double weight[2][3] = {{0.2, 0.4, 0.4}, {0.3, 0.3, 0.4}},
                 variance[2][3] = {{3, 1, 1}, {3, 0.8, 1.2}};
    double *mean = calloc(3 * c->dimension, sizeof *mean);
    assert_non_null(mean);
    for (size_t j = 0; j < c->dimension; j++) {
        mean[c->dimension + j] = 1;
        mean[2 * c->dimension + j] = c->is_plane && j >= c->dimension / 2 ? 0.2 + 0.1 * (double)(j % 7) : -1;
    }
    ms_mixture_params mixture = {.dimension = c->dimension,
                                 .components = 3,
                                 .weight = weight[c->is_plane],
                                 .mean = mean,
                                 .variance = variance[c->is_plane]};
    ms_target *target;
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &mixture, NULL), MS_OK);
    free(mean);
    return target;
}

/* A run of it, for chains or for RESTART. The clauses are the caller's to free. */
static inline ms_run_params restart_run(const restart_case *c, const ms_target *target, ms_clause **clauses)
{
    const size_t component[2] = {1, 2};
    const ms_mode mode = {component + (c->modes == 2), c->modes == 3 ? 2 : 1};
    const ms_rule_choice rule = {ms_rule_find(c->rule), NULL};
    static const ms_hmc_params hmc = {0.3, 3};
    static const ms_underdamped_params underdamped = {0.3, 1};
    ms_run_params run;
    ms_run_params_init(&run);
    assert_int_equal(ms_discovery_clauses(target, &rule, 1, &mode, 1, clauses, &run.clause_count, NULL),
                     MS_OK);
    run.target = target;
    run.clauses = *clauses;
    run.key = 2026;
    run.simd = c->simd;
    if (c->sampler) {
        bool is_mala = strcmp(c->sampler, "mala") == 0, is_hmc = strcmp(c->sampler, "hmc") == 0;
        run.sampler = ms_sampler_find(c->sampler);
        run.sampler_params = is_mala ? NULL : is_hmc ? (const void *)&hmc : &underdamped;
        run.schedule.step_size = is_mala ? 0.1 : 0.3;
    }
    return run;
}

static inline ms_restart_params restart_params(const restart_case *c, const ms_run_params *run)
{
    ms_restart_params params;
    ms_restart_params_init(&params);
    params.run = run;
    params.steps = c->steps;
    if (c->copies > 0)
        params.copies = c->copies;
    params.law = c->law;
    params.coordinate = c->coordinate;
    return params;
}

static inline ms_restart *replicate_of(const restart_case *c, const ms_target *target, uint64_t replicate)
{
    ms_clause *clauses;
    ms_run_params run = restart_run(c, target, &clauses);
    ms_restart_params params = restart_params(c, &run);
    ms_restart *restart;
    ms_error error = {0};
    if (ms_restart_alloc(&restart, &params, replicate, &error) != MS_OK)
        fail_msg("%s", error.message);
    free(clauses);
    return restart;
}

static inline void finish_replicate(ms_restart *restart)
{
    ms_error error = {0};
    while (!ms_restart_done(restart))
        if (ms_restart_advance(restart, 100000, &error) != MS_OK)
            fail_msg("%s", error.message);
}

/* Of so many replicates, with an interval of that confidence. @param drift out: ms_replicate_drift_of() */
static inline ms_replicate_mean restart_mean_of(const ms_restart_params *params, size_t replicates,
                                                double confidence, double *drift)
{
    double steps[64], reward[64], late[64], transitions = 0;
    size_t levels = 0;
    assert_true(replicates <= 64);
    for (size_t i = 0; i < replicates; i++) {
        ms_restart *r;
        ms_error error = {0};
        if (ms_restart_alloc(&r, params, i, &error) != MS_OK)
            fail_msg("%s", error.message);
        finish_replicate(r);
        ms_restart_result result = ms_restart_result_of(r);
        steps[i] = result.steps;
        reward[i] = result.reward;
        late[i] = result.late_reward;
        transitions += (double)result.transitions;
        levels = result.levels;
        ms_restart_free(r);
    }
    ms_replicate_mean m = ms_replicate_mean_of(steps, reward, replicates, confidence);
    *drift = ms_replicate_drift_of(reward, late, replicates);
    print_message("    %.7g +- %.2g, in %.7g to %.7g; %.3g transitions, %zu levels, drift %.2f\n", m.mean,
                  m.error, m.low, m.high, transitions, levels, *drift);
    return m;
}

static inline ms_replicate_mean restart_mean(const restart_case *c, size_t replicates, double confidence,
                                             double *drift)
{
    ms_target *target = restart_target(c);
    ms_clause *clauses;
    ms_run_params run = restart_run(c, target, &clauses);
    ms_restart_params params = restart_params(c, &run);
    print_message("d = %zu, %s\n", c->dimension, c->rule);
    ms_replicate_mean m = restart_mean_of(&params, replicates, confidence, drift);
    ms_target_free(target);
    free(clauses);
    return m;
}

/* Mean time to the first event of chains that are followed until then, and its standard error. */
static inline double direct_mean_of(const ms_run_params *run_params, size_t chains, double *error)
{
    ms_run_params params = *run_params;
    params.chains = chains;
    params.iterations = 1000000;
    params.stop_when_discovered = true;
    ms_run *run = make_run(&params);
    while (!ms_run_done(run))
        advance(run, 10000);
    double sum = 0, squares = 0;
    for (size_t i = 0; i < chains; i++) {
        int64_t first = -1;
        for (size_t e = 0; e < ms_run_event_count(run); e++) {
            int64_t time = ms_run_event_time(run, i, e);
            if (time >= 0 && (first < 0 || time < first))
                first = time;
        }
        assert_true(first >= 0);
        sum += (double)first;
        squares += (double)first * (double)first;
    }
    ms_run_free(run);
    double n = (double)chains, mean = sum / n;
    *error = sqrt((squares / n - mean * mean) / (n - 1));
    return mean;
}

#endif
