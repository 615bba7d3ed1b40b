/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BAOAB on a Gaussian: E x^2 = nu^2 for every stable step h < 2 nu, and with a small step the chain of
 * momenta and positions leaves a mixture as it is. Keys, N and rules were fixed before the first run. */
#include "fixtures.h"
#include "ks.h"

#include "sampler/algorithm/underdamped.h"
#include <gsl/gsl_cdf.h>

static ms_run *make_underdamped(ms_run_params *params, const ms_underdamped_params *underdamped)
{
    params->sampler = ms_sampler_find("underdamped");
    params->sampler_params = underdamped;
    params->schedule.step_size = underdamped->step_size;
    return make_run(params);
}

/* The sum of x^2/nu^2 over 20000 independent chains of 3 coordinates with different nu, each chi-square with
 * 20000 degrees of freedom: p-values above 1e-6 on both sides. 4 steps of 3 coordinates: a false alarm has
 * probability 2.4e-5. A scheme of first order is off by h gamma/2 or so, here by 10 to 100 standard errors.
 */
static void the_variance_is_exact(void **state)
{
    (void)state;
    static const ms_underdamped_params cases[] = {{0.2, 1}, {0.7, 0.5}, {1.1, 2}, {1.3, 0.3}};
    enum { d = 3, chains = 20000, iterations = 300 };
    const double weight = 1, mean[d] = {0, 1, -2}, variances[d] = {1, 0.5, 3}; /* h < 2 nu: below 1.41 */
    const ms_mixture_params mixture = {
        .dimension = d, .components = 1, .weight = &weight, .mean = mean, .variances = variances};
    ms_target *target;
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &mixture, NULL), MS_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ms_run_params params;
        ms_run_params_init(&params);
        params.target = target;
        params.iterations = iterations;
        params.chains = chains;
        params.key = 11 + i;
        ms_run *run = make_underdamped(&params, &cases[i]);
        advance(run, iterations);
        double sum[d] = {0}, x[d];
        for (size_t c = 0; c < chains; c++) {
            assert_int_equal(ms_run_position(run, c, x, NULL), MS_OK);
            for (size_t j = 0; j < d; j++)
                sum[j] += pow(x[j] - mean[j], 2) / variances[j];
        }
        for (size_t j = 0; j < d; j++) {
            double p = gsl_cdf_chisq_P(sum[j], chains);
            print_message("h = %g, gamma = %g: variance %.4f of %g, p %.2g\n", cases[i].step_size,
                          cases[i].friction, sum[j] / chains * variances[j], variances[j], p);
            assert_true(p > 1e-6 && p < 1 - 1e-6);
        }
        ms_run_free(run);
    }
    ms_target_free(target);
}

/* Exact draws of a lopsided mixture in two dimensions, moved 400 iterations with h = 0.05, against others:
 * the bias of h^2 is far below what Kolmogorov and Smirnov can see with 20000. 5 p-values above 1e-6: 5e-6.
 */
static void small_steps_leave_a_mixture_as_it_is(void **state)
{
    (void)state;
    enum { d = 2, chains = 20000, features = 5 };
    const double weight[2] = {0.3, 0.7}, mean[2 * d] = {1, 2, -0.5, 0}, variances[2 * d] = {0.4, 1, 1.5, 0.7};
    const ms_mixture_params mixture = {
        .dimension = d, .components = 2, .weight = weight, .mean = mean, .variances = variances};
    const ms_underdamped_params underdamped = {0.05, 1.5};
    ms_target *target;
    gsl_rng *rng = gsl_rng_alloc(ms_gsl_rng_philox);
    double *position = malloc(chains * d * sizeof *position), *sample[2][features], x[d];
    gsl_rng_set(rng, 3);
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &mixture, NULL), MS_OK);
    for (size_t f = 0; f < features; f++)
        for (int which = 0; which < 2; which++)
            assert_non_null(sample[which][f] = malloc(chains * sizeof(double)));
    for (size_t c = 0; c < chains; c++)
        ms_target_sample(target, rng, position + c * d);
    ms_run_params params;
    ms_run_params_init(&params);
    params.target = target;
    params.iterations = 400;
    params.chains = chains;
    params.start = (ms_start){.type = MS_START_POSITIONS, .positions = position, .rows = chains};
    params.key = 9;
    ms_run *run = make_underdamped(&params, &underdamped);
    advance(run, 400);
    for (size_t c = 0; c < chains; c++)
        for (int which = 0; which < 2; which++) {
            if (which)
                ms_target_sample(target, rng, x);
            else
                assert_int_equal(ms_run_position(run, c, x, NULL), MS_OK);
            const double feature[features] = {x[0], x[1], x[0] * x[1], x[0] - 2 * x[1], x[0] * x[0] + x[1]};
            for (size_t f = 0; f < features; f++)
                sample[which][f][c] = feature[f];
        }
    for (size_t f = 0; f < features; f++) {
        double p = ks_p_value(sample[0][f], chains, sample[1][f], chains);
        print_message("p %.2g\n", p);
        assert_true(p > 1e-6);
        free(sample[0][f]);
        free(sample[1][f]);
    }
    ms_run_free(run);
    ms_target_free(target);
    gsl_rng_free(rng);
    free(position);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_variance_is_exact),
        cmocka_unit_test(small_steps_leave_a_mixture_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
