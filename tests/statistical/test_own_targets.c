/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The examples of targets of one's own: samplers with a Metropolis step leave them as they are, at a point
 * where all are asymmetric. Keys, N and the rule were fixed before the first run. */
#include "fixtures.h"
#include "ks.h"

#include "sampler/algorithm/hmc.h"
#include <math.h>
#include <modeseek/run.h>
#include <unistd.h>

enum { draws = 20000, dimension = 3, features = dimension + 3 };

static void find_features(const double *x, double feature[features])
{
    for (size_t j = 0; j < dimension; j++)
        feature[j] = x[j];
    feature[dimension] = x[0] * x[0] + x[1];
    feature[dimension + 1] = x[0] * x[1];
    feature[dimension + 2] = fabs(x[1]) + x[2] * x[2] + 0.5 * x[0];
}

static void sample(const ms_target *target, bool is_mixture, gsl_rng *rng, double *x)
{
    if (is_mixture)
        ms_target_sample(target, rng, x);
    else
        ms_target_sample_component(target, 0, rng, x); /* of the banana's: all of it */
}

/* Chains that start at exact draws of the target are compared with others: Kolmogorov and Smirnov's p-values
 * of all features must exceed 1e-6. 4 cases of 6 features: a false alarm has probability 2.4e-5. */
static void targets_stay_as_they_are(void **state)
{
    (void)state;
    static const ms_function_parameter bent[] = {{"bend", 0.7}, {"scale", 1.5}},
                                       mixed[] = {{"separation", 3}, {"weight", 0.3}};
    static const struct {
        const char *path;
        const ms_function_parameter *parameters;
        const char *sampler;
        double step_size;
        uint64_t steps;
    } cases[] = {{MS_OWN_TARGETS "/banana.so", bent, "mala", 0.25, 0},
                 {MS_OWN_TARGETS "/banana.so", bent, "hmc", 0.3, 5},
                 {MS_OWN_TARGETS "/student_mixture.so", mixed, "mala", 0.8, 0},
                 {MS_OWN_TARGETS "/student_mixture.so", mixed, "hmc", 0.7, 4}};
    gsl_rng *rng = gsl_rng_alloc(ms_gsl_rng_philox);
    double *position = malloc(draws * dimension * sizeof *position), *before[features], *after[features];
    gsl_rng_set(rng, 8);
    for (size_t f = 0; f < features; f++) {
        before[f] = malloc(draws * sizeof(double));
        after[f] = malloc(draws * sizeof(double));
        assert_true(before[f] && after[f]);
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (access(cases[i].path, R_OK) != 0) {
            print_message("no %s: there is no C++ compiler\n", cases[i].path);
            continue;
        }
        const ms_functions_params described = {.dimension = dimension,
                                               .path = cases[i].path,
                                               .parameters = cases[i].parameters,
                                               .parameter_count = 2};
        ms_target *target;
        ms_error error;
        if (ms_target_functions_alloc(&target, &described, &error) != MS_OK)
            fail_msg("%s", error.message);
        bool is_mixture = cases[i].parameters == mixed;
        double feature[features], x[dimension], least = 1, accepted = 0;
        for (size_t c = 0; c < draws; c++)
            sample(target, is_mixture, rng, position + c * dimension);
        ms_hmc_params hmc = {.step_size = cases[i].step_size, .leapfrog_steps = cases[i].steps};
        const ms_observable_type *acceptance = ms_observable_find("acceptance");
        ms_run_params params;
        ms_run_params_init(&params);
        params.target = target;
        params.sampler = ms_sampler_find(cases[i].sampler);
        params.sampler_params = &hmc;
        params.schedule.step_size = cases[i].step_size;
        params.iterations = 40;
        params.chains = draws;
        params.start = (ms_start){.type = MS_START_POSITIONS, .positions = position, .rows = draws};
        params.key = 5 + i;
        params.snapshots = &params.iterations;
        params.snapshot_count = 1;
        params.observables = &acceptance;
        params.observable_count = 1;
        ms_run *run = make_run(&params);
        advance(run, params.iterations);
        for (size_t c = 0; c < draws; c++) {
            assert_int_equal(ms_run_position(run, c, x, NULL), MS_OK);
            find_features(x, feature);
            for (size_t f = 0; f < features; f++)
                after[f][c] = feature[f];
            sample(target, is_mixture, rng, x);
            find_features(x, feature);
            for (size_t f = 0; f < features; f++)
                before[f][c] = feature[f];
            accepted += *(const double *)ms_run_observation(run, 0, 0, c) / draws;
        }
        for (size_t f = 0; f < features; f++)
            least = fmin(least, ks_p_value(before[f], draws, after[f], draws));
        print_message("%s, %s, step size %g: accepted %.2f, least p %.2g\n", cases[i].path, cases[i].sampler,
                      cases[i].step_size, accepted, least);
        assert_true(accepted > 0.1 && accepted < 0.99);
        assert_true(least > 1e-6);
        ms_run_free(run);
        ms_target_free(target);
    }
    for (size_t f = 0; f < features; f++) {
        free(before[f]);
        free(after[f]);
    }
    free(position);
    gsl_rng_free(rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_stay_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
