/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Empirical distributions: the same numbers as the mixture of Gaussians about the same vectors. */
#include "data.h"

enum { d = data_dimension };

static void make_x(double *x)
{
    for (size_t j = 0; j < d; j++)
        x[j] = 0.4 + 0.5 * sin(2.3 * (double)j + 0.4);
}

/* The mixture of N(c_k, noise^2 I) about vectors and flips, images column by column. */
static ms_target *mixture_about(const ms_data_set *set, size_t count, bool flips, double noise)
{
    size_t k = flips ? 2 * count : count;
    double *weight = calloc(k, sizeof *weight), *variance = calloc(k, sizeof *variance),
           *mean = calloc(k * d, sizeof *mean);
    assert_true(weight && variance && mean);
    for (size_t i = 0; i < k; i++) {
        weight[i] = 1 / (double)k;
        variance[i] = noise * noise;
        for (size_t j = 0; j < d; j++) {
            size_t row = j % data_rows, column = j / data_rows;
            double value = set->value[i % count * d + row * data_columns + column];
            mean[i * d + j] = i < count ? value : 1 - value;
        }
    }
    const ms_mixture_params params = {
        .dimension = d, .components = k, .weight = weight, .mean = mean, .variance = variance};
    ms_target *target = NULL;
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &params, NULL), MS_OK);
    free(weight);
    free(variance);
    free(mean);
    return target;
}

static void near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance * (1 + fabs(b))))
        fail_msg("%.17g is not %.17g", a, b);
}

/* Scores, conditional scores and densities; the numbers of the mixture are rounded otherwise. */
static void is_the_mixture_about_its_vectors(void **state)
{
    (void)state;
    ms_data_set *set = make_data();
    for (int flips = 0; flips < 2; flips++)
        for (double noise = 0.02; noise < 2; noise *= 4) {
            ms_target *target = data_target(set, 5, flips, MS_PIXELS_BY_COLUMN);
            ms_target *mixture = mixture_about(set, 5, flips, noise);
            double x[d], score[d], expected[d];
            make_x(x);
            assert_int_equal(ms_target_components(target), flips ? 10U : 5U);
            ms_target_score(target, noise, x, score);
            ms_target_score(mixture, 0, x, expected);
            for (size_t j = 0; j < d; j++)
                near(score[j], expected[j], 1e-6 / (noise * noise));
            ms_target_conditional_score(target, noise, noise, 3, 4, x, score);
            ms_target_conditional_score(mixture, 0, 0, 3, 4, x, expected);
            for (size_t j = 0; j < 4; j++)
                near(score[j], expected[j], 1e-6 / (noise * noise));
            near(ms_target_log_density(target, noise, x), ms_target_log_density(mixture, 0, x),
                 1e-6 / (noise * noise));
            ms_target_free(target);
            ms_target_free(mixture);
        }
    free_data(set);
}

static void without_noise_there_is_no_density(void **state)
{
    (void)state;
    ms_data_set *set = make_data();
    ms_target *target = data_target(set, 0, true, MS_PIXELS_BY_ROW);
    double x[d], log_weight[2 * data_count];
    ms_run_params params;
    ms_run *run;
    ms_error error = {0};
    make_x(x);
    assert_int_equal(ms_target_components(target), 2 * data_count);
    assert_null(ms_target_mean(target, 0));
    ms_target_log_weights(target, 0, x, log_weight);
    assert_true(!isfinite(log_weight[0]));
    ms_run_params_init(&params);
    params.target = target;
    params.iterations = 1;
    params.engine = MS_ENGINE_GENERIC;
    assert_int_equal(ms_run_alloc(&run, &params, &error), MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "needs a noise_level above 0"));
    ms_target_free(target);
    free_data(set);
}

/* A component is its vector; rows or columns first. */
static void draws_are_the_vectors(void **state)
{
    (void)state;
    ms_data_set *set = make_data();
    for (int order = 0; order < 2; order++) {
        ms_target *target = data_target(set, 0, true, order ? MS_PIXELS_BY_COLUMN : MS_PIXELS_BY_ROW);
        gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
        double x[d], flip[d];
        ms_target_sample_component(target, 2, rng, x);
        ms_target_sample_component(target, 2 + data_count, rng, flip);
        for (size_t j = 0; j < d; j++) {
            size_t place = order ? j % data_rows * data_columns + j / data_rows : j;
            near(x[j], set->value[2 * d + place], 1e-7);
            near(flip[j], 1 - (double)set->value[2 * d + place], 1e-7);
        }
        gsl_rng_free(rng);
        ms_target_free(target);
    }
    free_data(set);
}

static void wrong_data_are_refused(void **state)
{
    (void)state;
    ms_data_set *set = make_data();
    ms_target *target;
    ms_error error = {0};
    ms_empirical_params params = {.data = {.train = set}, .count = data_count + 1};
    assert_int_equal(ms_target_make(&target, ms_target_empirical, &params, d, &error), MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "count is 8, but there are 7 vectors"));
    params.count = 0;
    assert_int_equal(ms_target_make(&target, ms_target_empirical, &params, d + 1, &error), MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "12 numbers each, but the grid has dimension 13"));
    set->rows = set->columns = 0;
    params.pixel_order = MS_PIXELS_BY_COLUMN;
    assert_int_equal(ms_target_make(&target, ms_target_empirical, &params, d, &error), MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "pixel_order"));
    free_data(set);
}

/* Flips are one mode; else the labels are modes; else each vector but the first. */
static void modes_follow_from_the_data(void **state)
{
    (void)state;
    ms_data_set *set = make_data();
    ms_empirical_params params = {.data = {.train = set}, .count = 5, .flips = true};
    const ms_target_type *type = ms_target_empirical;
    assert_int_equal(type->modes(&params), 1);
    assert_int_equal(type->mode_of(&params, 4), 0);
    assert_int_equal(type->mode_of(&params, 5), 1);
    params.flips = false;
    assert_int_equal(type->modes(&params), 3);
    assert_int_equal(type->mode_of(&params, 3), 3);
    set->labels = 0;
    assert_int_equal(type->modes(&params), 4);
    assert_int_equal(type->mode_of(&params, 3), 3);
    free_data(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_mixture_about_its_vectors),
        cmocka_unit_test(without_noise_there_is_no_density),
        cmocka_unit_test(draws_are_the_vectors),
        cmocka_unit_test(wrong_data_are_refused),
        cmocka_unit_test(modes_follow_from_the_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
