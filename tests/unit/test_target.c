/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures.h"

#include <math.h>
#include <modeseek/discovery.h>

/* log sum_i exp(l_i) of the target smoothed at `noise_level` */
static double log_density(const ms_target *target, double noise_level, const double *x)
{
    double l[MS_COMPONENTS_MAX], largest = -INFINITY, sum = 0;
    ms_target_log_weights(target, noise_level, x, l);
    for (size_t i = 0; i < ms_target_components(target); i++)
        largest = fmax(largest, l[i]);
    for (size_t i = 0; i < ms_target_components(target); i++)
        sum += exp(l[i] - largest);
    return largest + log(sum);
}

static void make_x(double *x, size_t d)
{
    for (size_t j = 0; j < d; j++)
        x[j] = 0.4 * sin(3.0 * (double)j + 1) + 0.2;
}

static void score_is_the_gradient(void **state)
{
    (void)state;
    enum { d = 7 };
    ms_target *target = skew_target(d);
    for (double noise_level = 0; noise_level < 2; noise_level += 0.7) {
        double x[d], score[d];
        make_x(x, d);
        ms_target_score(target, noise_level, x, score);
        for (int j = 0; j < d; j++) {
            const double h = 1e-5, at = x[j];
            x[j] = at + h;
            double up = log_density(target, noise_level, x);
            x[j] = at - h;
            double down = log_density(target, noise_level, x);
            x[j] = at;
            assert_true(fabs((up - down) / (2 * h) - score[j]) < 1e-8);
        }
    }
    ms_target_free(target);
}

/* With one noise level the conditional law is the joint over the marginal of the coordinates before the
 * patch, so its score is the gradient of the log-density of all coordinates up to the patch's end. */
static void conditional_score_obeys_the_chain_rule(void **state)
{
    (void)state;
    enum { d = 7, first = 2, length = 3 };
    ms_target *target = skew_target(d);
    double weight[3], variance[3], mean[3 * (first + length)];
    for (size_t i = 0; i < 3; i++) {
        weight[i] = ms_target_weight(target, i);
        variance[i] = ms_target_variance(target, i);
        for (size_t j = 0; j < first + length; j++)
            mean[i * (first + length) + j] = ms_target_mean(target, i)[j];
    }
    ms_mixture_params params = {
        .dimension = first + length, .components = 3, .weight = weight, .mean = mean, .variance = variance};
    ms_target *marginal;
    assert_int_equal(ms_target_alloc(&marginal, ms_target_gaussian_mixture, &params, NULL), MS_OK);
    double x[d], conditional[length], joint[first + length];
    make_x(x, d);
    ms_target_conditional_score(target, 0.5, 0.5, first, length, x, conditional);
    ms_target_score(marginal, 0.5, x, joint);
    for (int j = 0; j < length; j++)
        assert_true(fabs(conditional[j] - joint[first + j]) < 1e-14);
    ms_target_free(marginal);
    ms_target_free(target);
}

static void responsibilities_sum_to_one_far_away(void **state)
{
    (void)state;
    ms_target *target = reference_target(100, 3, 1);
    double x[100], responsibility[3];
    for (int j = 0; j < 100; j++)
        x[j] = 1e3;
    ms_target_responsibilities(target, 0, x, responsibility);
    assert_true(responsibility[0] == 1 && responsibility[1] == 0 && responsibility[2] == 0);
    ms_target_free(target);
}

/* Assumption 1 on the reference target: |mean_i - mean_0|^2 = 1 d against 0.2347 d. */
static void reference_target_misses_the_assumption(void **state)
{
    (void)state;
    ms_target *target = reference_target(100, 3, 1);
    ms_assumption assumption = ms_target_assumption(target, 1);
    assert_false(assumption.holds);
    assert_true(fabs(assumption.squared_distance - 100) < 1e-12);
    assert_true(fabs(assumption.bound - 23.47) < 0.01);
    ms_target_free(target);
    target = reference_target(100, 3, 0.4);
    assert_true(ms_target_assumption(target, 2).holds);
    ms_target_free(target);
    target = reference_target(100, 0.5, 0.1);
    assert_false(ms_target_assumption(target, 1).holds); /* component 0 is not the widest */
    assert_true(isnan(ms_target_assumption(target, 1).bound));
    ms_target_free(target);
}

static void bad_parameters_are_refused(void **state)
{
    (void)state;
    const double weight[2] = {0.5, 0.5}, variance[2] = {1, 1}, mean[4] = {0, 0, 1, 1};
    const double bad_weight[2] = {0.5, 0.4}, negative_weight[2] = {1.5, -0.5}, bad_variance[2] = {1, 0},
                 bad_mean[4] = {0, 0, NAN, 1};
    const ms_mixture_params bad[] = {{0, 2, weight, mean, variance, NULL},
                                     {2, 0, weight, mean, variance, NULL},
                                     {2, MS_COMPONENTS_MAX + 1, weight, mean, variance, NULL},
                                     {2, 2, bad_weight, mean, variance, NULL},
                                     {2, 2, negative_weight, mean, variance, NULL},
                                     {2, 2, weight, bad_mean, variance, NULL},
                                     {2, 2, weight, mean, bad_variance, NULL},
                                     {1, 2, weight, mean, NULL, bad_variance}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ms_target *target;
        ms_error error = {0};
        assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &bad[i], &error),
                         MS_ERROR_ARGUMENT);
        assert_null(target);
        assert_true(error.message[0] != '\0');
    }
    ms_target *target;
    const ms_mixture_params huge = {
        .dimension = SIZE_MAX / 4, .components = 2, .weight = weight, .mean = mean, .variance = variance};
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &huge, NULL), MS_ERROR_MEMORY);
}

static void types_are_found_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(ms_target_type_find("gaussian_mixture"), ms_target_gaussian_mixture);
    assert_null(ms_target_type_find("gaussian"));
    assert_string_equal(ms_target_type_name(0), "gaussian_mixture");
    assert_string_equal(ms_target_type_name(1), "product_mixture");
    assert_string_equal(ms_target_type_name(2), "empirical");
    assert_string_equal(ms_target_type_name(3), "learned");
    assert_string_equal(ms_target_type_name(4), "plugin");
    assert_null(ms_target_type_name(5));
}

/* 20000 exact draws: shares of components and a coordinate's mean, each within 4 standard errors (6e-5). */
static void samples_follow_the_target(void **state)
{
    (void)state;
    enum { d = 50, n = 20000 };
    ms_target *target = reference_target(d, 3, 1);
    gsl_rng *rng = gsl_rng_alloc(ms_gsl_rng_philox);
    gsl_rng_set(rng, 5);
    int count[3] = {0};
    double sum = 0;
    for (int s = 0; s < n; s++) {
        double x[d], responsibility[3];
        ms_target_sample(target, rng, x);
        ms_target_responsibilities(target, 0, x, responsibility);
        int best = 0;
        for (int i = 1; i < 3; i++)
            best = responsibility[i] > responsibility[best] ? i : best;
        count[best]++;
        sum += x[0];
    }
    const double weight[3] = {0.2, 0.4, 0.4};
    for (int i = 0; i < 3; i++)
        assert_true(fabs(count[i] - n * weight[i]) < 4 * sqrt(n * weight[i] * (1 - weight[i])) + 0.002 * n);
    assert_true(fabs(sum / n) < 4 * sqrt(2.2 / n)); /* variance .2*3 + .8*(1+1) */
    gsl_rng_free(rng);
    ms_target_free(target);
}

static void events_say_what_the_rules_say(void **state)
{
    (void)state;
    enum { d = 5 };
    ms_target *target = skew_target(d);
    double r2 = ms_discovery_radius_squared(target);
    assert_true(fabs(r2 - (3 + 1.2) / 2) < 1e-15);
    ms_clause events[4];
    ms_discovery_events(target, r2, events);
    for (int trial = 0; trial < 200; trial++) {
        double x[d], l[3], distance[3] = {0};
        for (int j = 0; j < d; j++)
            x[j] = 1.6 * sin(trial * 1.7 + j * j);
        for (size_t i = 0; i < 3; i++)
            for (int j = 0; j < d; j++)
                distance[i] += pow(x[j] - ms_target_mean(target, i)[j], 2);
        ms_target_log_weights(target, 0, x, l);
        for (size_t e = 0; e < 4; e++) {
            size_t mode = 1 + e % 2;
            bool expected = e < 2 ? distance[mode] <= r2 * d : l[mode] >= l[0];
            const double *quantity = events[e].quantity == MS_LOG_WEIGHT ? l : distance;
            bool holds = events[e].coefficient * quantity[events[e].component] +
                             events[e].reference_coefficient * quantity[events[e].reference] <=
                         events[e].bound;
            assert_int_equal(holds, expected);
        }
    }
    ms_target_free(target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(score_is_the_gradient),
        cmocka_unit_test(conditional_score_obeys_the_chain_rule),
        cmocka_unit_test(responsibilities_sum_to_one_far_away),
        cmocka_unit_test(reference_target_misses_the_assumption),
        cmocka_unit_test(bad_parameters_are_refused),
        cmocka_unit_test(types_are_found_by_name),
        cmocka_unit_test(samples_follow_the_target),
        cmocka_unit_test(events_say_what_the_rules_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
