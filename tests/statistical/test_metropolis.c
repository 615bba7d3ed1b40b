/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samplers with a Metropolis step: their acceptance on a Gaussian, and that they leave the target as it is.
 * Keys, N and rules were fixed before the first run. */
#include "ks.h"
#include "product.h"

#include "sampler/algorithm/hmc.h"
#include <gsl/gsl_cdf.h>
#include <modeseek/run.h>

/* On N(0, I_d) L leapfrog steps are a linear map T of (x, p) in each coordinate, with determinant 1, and
 * dH = |T(x, p)|^2/2 - |(x, p)|^2/2 = (s - 1)/2 A - (1 - 1/s)/2 B, A and B chi-square with d degrees of
 * freedom and independent in equilibrium, s the larger eigenvalue of T^T T. There E min(1, exp(-dH)) = 2 P(dH
 * < 0) = 2 P(A/B < 1/s), of the F distribution. */
static double expected_acceptance(double epsilon, int steps, size_t d)
{
    double t[2][2] = {{1, 0}, {0, 1}}; /* columns: where (1, 0) and (0, 1) go */
    for (int column = 0; column < 2; column++) {
        double x = t[0][column], p = t[1][column];
        for (int step = 0; step < steps; step++) {
            p -= epsilon / 2 * x;
            x += epsilon * p;
            p -= epsilon / 2 * x;
        }
        t[0][column] = x;
        t[1][column] = p;
    }
    double trace = t[0][0] * t[0][0] + t[0][1] * t[0][1] + t[1][0] * t[1][0] + t[1][1] * t[1][1];
    double largest = trace / 2 + sqrt(trace * trace / 4 - 1);
    return 2 * gsl_cdf_fdist_P(1 / largest, (double)d, (double)d);
}

/* Mean acceptance of 4000 chains in equilibrium over 50 iterations, within 4.9 of its standard errors: a
 * false alarm in any of the 9 cases has probability 1e-5. */
static void acceptance_is_as_known(void **state)
{
    (void)state;
    static const struct {
        size_t d;
        double step_size;
        int steps; /* 0: mala */
    } cases[] = {{1, 0.9, 0},   {10, 0.6, 0}, {100, 0.3, 0},   {1, 1.4, 1}, {10, 0.9, 3},
                 {100, 0.5, 5}, {10, 1.2, 1}, {100, 0.35, 12}, {3, 1.7, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum { chains = 4000, iterations = 50 };
        size_t d = cases[i].d;
        double weight = 1, variance = 1, *mean = calloc(d, sizeof *mean);
        ms_mixture_params mixture = {
            .dimension = d, .components = 1, .weight = &weight, .mean = mean, .variance = &variance};
        ms_target *target;
        assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &mixture, NULL), MS_OK);
        const ms_observable_type *acceptance = ms_observable_find("acceptance");
        const uint64_t at = iterations;
        ms_hmc_params hmc = {.step_size = cases[i].step_size, .leapfrog_steps = (uint64_t)cases[i].steps};
        ms_run_params params;
        ms_run_params_init(&params);
        params.target = target;
        params.sampler = cases[i].steps > 0 ? ms_sampler_hmc : ms_sampler_mala;
        params.sampler_params = &hmc; /* mala's are its beginning */
        params.schedule.step_size = cases[i].step_size;
        params.iterations = iterations;
        params.chains = chains;
        params.snapshots = &at;
        params.snapshot_count = 1;
        params.observables = &acceptance;
        params.key = 77 + i;
        ms_run *run = make_run(&params);
        advance(run, iterations);
        double sum = 0, squares = 0;
        for (size_t c = 0; c < chains; c++) {
            double share = *(const double *)ms_run_observation(run, 0, 0, c);
            sum += share;
            squares += share * share;
        }
        double found = sum / chains, error = sqrt((squares / chains - found * found) / chains);
        double epsilon = cases[i].steps > 0 ? cases[i].step_size : sqrt(cases[i].step_size);
        double expected = expected_acceptance(epsilon, cases[i].steps > 0 ? cases[i].steps : 1, d);
        print_message("d = %zu, %d steps of %g: accepted %.4f +- %.4f, expected %.4f\n", d, cases[i].steps,
                      cases[i].step_size, found, error, expected);
        assert_true(expected > 0.05 && expected < 0.99); /* or nothing is tested */
        assert_true(fabs(found - expected) < 4.9 * error);
        ms_run_free(run);
        ms_target_free(target);
        free(mean);
    }
}

enum { draws = 20000, dimension = 3, components = 3 };

/* Unequal weights, means and variances, the last also between coordinates. */
static ms_target *lopsided(void)
{
    static const double weight[components] = {0.5, 0.2, 0.3},
                        mean[components * dimension] = {0, 0.2, -0.5, 1.5, 1, 0, -1, 0.5, 1.2},
                        variances[components * dimension] = {2, 1, 0.5, 0.3, 0.6, 1, 1.2, 0.4, 0.8};
    ms_mixture_params mixture = {.dimension = dimension,
                                 .components = components,
                                 .weight = weight,
                                 .mean = mean,
                                 .variances = variances};
    ms_target *target;
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &mixture, NULL), MS_OK);
    return target;
}

/* The same with other laws of the coordinates. */
static ms_target *lopsided_product(void)
{
    double mean[components][dimension] = {{0, 0.2, -0.5}, {1.5, 1, 0}, {-1, 0.5, 1.2}};
#define MEAN(i)                                                                                              \
    {                                                                                                        \
        .pattern = MS_PATTERN_LIST, .values = mean[i], .value_count = dimension                              \
    }
    const product_part part[components] = {{0.5, "gaussian", {1.2}, MEAN(0)},
                                           {0.2, "uniform", {1.2, 0.4}, MEAN(1)},
                                           {0.3, "two_point", {0.9, 0.7}, MEAN(2)}};
#undef MEAN
    return product_target(part, components, dimension);
}

/* What is compared of a position: coordinates, their products, distances to the means. */
enum { features = dimension + 2 + components };
static void find_features(const ms_target *target, const double *x, double feature[features])
{
    for (size_t j = 0; j < dimension; j++)
        feature[j] = x[j];
    feature[dimension] = x[0] * x[1];
    feature[dimension + 1] = x[1] * x[2] + 0.3 * x[0];
    for (size_t i = 0; i < components; i++) {
        feature[dimension + 2 + i] = 0;
        for (size_t j = 0; j < dimension; j++)
            feature[dimension + 2 + i] += pow(x[j] - ms_target_mean(target, i)[j], 2);
    }
}

/* Chains that start at exact draws of the target are compared with others: Kolmogorov and Smirnov's p-values
 * of all features must exceed 1e-6. 9 cases of 8 features: a false alarm has probability 8e-5. */
static void the_target_stays_as_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *sampler;
        double step_size;
        uint64_t steps;
        size_t patch_size;
        bool product;
    } cases[] = {{"mala", 0.4, 0, 3, false}, {"hmc", 0.4, 1, 3, false}, {"hmc", 0.5, 6, 3, false},
                 {"mala", 0.6, 0, 1, false}, {"hmc", 0.6, 3, 2, false}, {"mala", 1.5, 0, 3, false},
                 {"mala", 0.3, 0, 3, true},  {"mala", 0.5, 0, 1, true}, {"hmc", 0.4, 4, 2, true}};
    ms_target *targets[] = {lopsided(), lopsided_product()};
    gsl_rng *rng = gsl_rng_alloc(ms_gsl_rng_philox);
    double *position = malloc(draws * dimension * sizeof *position), *before[features], *after[features];
    gsl_rng_set(rng, 5);
    for (size_t f = 0; f < features; f++) {
        before[f] = malloc(draws * sizeof(double));
        after[f] = malloc(draws * sizeof(double));
        assert_true(before[f] && after[f]);
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ms_target *target = targets[cases[i].product];
        double feature[features], x[dimension], least = 1, accepted = 0;
        for (size_t c = 0; c < draws; c++)
            ms_target_sample(target, rng, position + c * dimension);
        ms_hmc_params hmc = {.step_size = cases[i].step_size, .leapfrog_steps = cases[i].steps};
        ms_run_params params;
        ms_run_params_init(&params);
        params.target = target;
        params.sampler = ms_sampler_find(cases[i].sampler);
        params.sampler_params = &hmc;
        params.schedule.step_size = cases[i].step_size;
        params.patch_size = cases[i].patch_size;
        params.shorter_last_patch = true;
        params.iterations_per_patch = 7;
        params.iterations = 42; /* whole passes: in between, a patch is ahead of the others */
        params.chains = draws;
        params.start = (ms_start){.type = MS_START_POSITIONS, .positions = position, .rows = draws};
        params.key = 5 + i;
        const ms_observable_type *acceptance = ms_observable_find("acceptance");
        params.snapshots = &params.iterations;
        params.snapshot_count = 1;
        params.observables = &acceptance;
        ms_run *run = make_run(&params);
        advance(run, params.iterations);
        for (size_t c = 0; c < draws; c++) {
            assert_int_equal(ms_run_position(run, c, x, NULL), MS_OK);
            find_features(target, x, feature);
            for (size_t f = 0; f < features; f++)
                after[f][c] = feature[f];
            ms_target_sample(target, rng, x);
            find_features(target, x, feature);
            for (size_t f = 0; f < features; f++)
                before[f][c] = feature[f];
            accepted += *(const double *)ms_run_observation(run, 0, 0, c) / draws;
        }
        for (size_t f = 0; f < features; f++)
            least = fmin(least, ks_p_value(before[f], draws, after[f], draws));
        print_message("%s, %s, step size %g, %d steps, patch size %zu: accepted %.2f, least p %.2g\n",
                      target->type->kind.name, cases[i].sampler, cases[i].step_size, (int)cases[i].steps,
                      cases[i].patch_size, accepted, least);
        assert_true(accepted > 0.1 && accepted < 0.99);
        assert_true(least > 1e-6);
        ms_run_free(run);
    }
    for (size_t f = 0; f < features; f++) {
        free(before[f]);
        free(after[f]);
    }
    free(position);
    gsl_rng_free(rng);
    ms_target_free(targets[0]);
    ms_target_free(targets[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acceptance_is_as_known),
        cmocka_unit_test(the_target_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
