/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Marginal laws against tests/data/marginals.csv (from marginals.py, 60 digits), and what must hold of any
 * law. */
#include "product.h"
#include "random/lanes.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A law for the tests that need no exact values. */
typedef struct law {
    const char *name;
    double params[2], noise_level;
} law;

static const law laws[] = {
    {"gaussian", {3}, 0},        {"gaussian", {0.3}, 1.1},      {"uniform", {1.58745, 0.4}, 0},
    {"uniform", {1, 0.3}, 0.4},  {"uniform", {1, 0.01}, 0},     {"uniform", {0.01, 1}, 0},
    {"uniform", {1, 1}, 10},     {"uniform", {0.5, 0.5}, 0.58}, {"two_point", {0.9, 0.4}, 0},
    {"two_point", {1, 0.02}, 0}, {"two_point", {0.3, 1}, 2},
};

static bool is_gaussian(const law *l)
{
    return strcmp(l->name, "gaussian") == 0;
}

static void prepare(const law *l, double noise_level, ms_marginal_form *form)
{
    marginal_type(l->name)->prepare(l->params, noise_level, form);
}

/* |value - exact| in units of 2^-52 max(|exact|, scale) */
static double error_of(double value, long double exact, double scale)
{
    return (double)(fabsl((long double)value - exact) / fmaxl(fabsl(exact), (long double)scale) * 0x1p52L);
}

/* log f to 4 units of the largest of 1, |log f| and |log(s f)|: the size of the number or of what it is the
 * sum of. Its derivative to 24 units of max(1/s, |derivative|), and for two points, where large numbers
 * cancel around 0, of max(a/s^2, ...). */
static void laws_are_accurate(void **state)
{
    (void)state;
    FILE *file = fopen(MS_SOURCE_DIR "/tests/data/marginals.csv", "r");
    assert_non_null(file);
    char line[256], name[16];
    int rows = 0;
    while (fgets(line, sizeof line, file)) {
        double params[2], t;
        long double log_density, score;
        if (sscanf(line, "%15[a-z_],%lf,%lf,%lf,%Lf,%Lf", name, &params[0], &params[1], &t, &log_density,
                   &score) != 6)
            continue;
        rows++;
        const ms_marginal_type *type = marginal_type(name);
        double s = strcmp(name, "gaussian") == 0 ? sqrt(params[0]) : params[1];
        double scale = (strcmp(name, "two_point") == 0 ? fmax(1, params[0] / s) : 1) / s;
        ms_marginal_form form;
        type->prepare(params, 0, &form);
        double size = fmax(1, fabs((double)log_density + log(s)));
        double slope, formula_slope, value = ms_marginal_log_density(&form, t, &slope);
        double formula = type->log_density(params, 0, t, &formula_slope);
        if (!(error_of(value, log_density, size) <= 4 && error_of(formula, log_density, size) <= 4 &&
              error_of(slope, score, scale) <= 24 && error_of(formula_slope, score, scale) <= 6))
            fail_msg(
                "%s%.17g, %.17g: log f is off by %.2f units, in the formula by %.2f; derivative %.2f, %.2f",
                line, value, slope, error_of(value, log_density, size), error_of(formula, log_density, size),
                error_of(slope, score, scale), error_of(formula_slope, score, scale));
    }
    fclose(file);
    assert_int_equal(rows, 1168);
}

/* The largest argument at which the density is more than nothing. */
static double reach(const law *l)
{
    return is_gaussian(l) ? 9 * sqrt(l->params[0] + l->noise_level * l->noise_level)
                          : l->params[0] + 9 * ms_marginal_deviation(l->params[1], l->noise_level);
}

static void form_agrees_with_formulas(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(laws); i++) {
        const law *l = &laws[i];
        ms_marginal_form form;
        prepare(l, l->noise_level, &form);
        double s = reach(l) / 9;
        for (int k = 0; k <= 20000; k++) {
            double t = (k - 10000) * 5e-4 * reach(l), slope, expected_slope;
            double value = ms_marginal_log_density(&form, t, &slope);
            double expected =
                marginal_type(l->name)->log_density(l->params, l->noise_level, t, &expected_slope);
            if (!(error_of(value, (long double)expected, 1) <= 7 && fabs(slope - expected_slope) * s < 1e-11))
                fail_msg("law %zu at %.17g: %.17g, %.17g, by the formulas %.17g, %.17g", i, t, value, slope,
                         expected, expected_slope);
        }
    }
}

static void score_is_the_derivative(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(laws); i++) {
        const law *l = &laws[i];
        ms_marginal_form form;
        prepare(l, l->noise_level, &form);
        double s = (reach(l) - (is_gaussian(l) ? 0 : l->params[0])) / 9;
        double steepness = strcmp(l->name, "two_point") == 0 ? fmax(1, l->params[0] / s) : 1;
        double h = 1e-4 * s / steepness;
        for (int k = -3000; k <= 3000; k++) {
            double t = k * 1e-3 * reach(l), score, ignored;
            double up = ms_marginal_log_density(&form, t + h, &ignored);
            double down = ms_marginal_log_density(&form, t - h, &ignored);
            double value = ms_marginal_log_density(&form, t, &score);
            double rounding = 0x1p-50 * fmax(1, fabs(value)) / h;
            if (fabs((up - down) / (2 * h) - score) > rounding + 1e-8 * steepness / s)
                fail_msg("law %zu at %.17g: %.17g, by differences %.17g", i, t, score, (up - down) / (2 * h));
        }
    }
}

/* Families copy and hash params as numbers. */
static void params_are_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; ms_marginal_kind(i); i++) {
        const ms_schema *schema = ms_marginal_kind(i)->schema;
        assert_int_equal(ms_marginal_kind(i)->params_size, schema->count * sizeof(double));
        for (size_t f = 0; f < schema->count; f++)
            assert_int_equal(schema->fields[f].type, MS_FIELD_NUMBER);
    }
}

/* Negative arguments give the same number, and the opposite score. */
static void laws_are_even(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(laws); i++) {
        ms_marginal_form form;
        prepare(&laws[i], laws[i].noise_level, &form);
        for (int k = 0; k <= 1000; k++) {
            double t = 0.01 * k * reach(&laws[i]), score, opposite;
            double value = ms_marginal_log_density(&form, t, &score);
            assert_true(ms_marginal_log_density(&form, -t, &opposite) == value);
            assert_true(opposite == -score);
            const ms_marginal_type *type = marginal_type(laws[i].name);
            assert_true(type->log_density(laws[i].params, laws[i].noise_level, -t, &opposite) ==
                        type->log_density(laws[i].params, laws[i].noise_level, t, &score));
            assert_true(opposite == -score);
        }
    }
}

/* By the trapezoidal rule, which is as good as exact here. */
static void densities_are_normalised(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(laws); i++) {
        const law *l = &laws[i];
        ms_marginal_form form;
        prepare(l, l->noise_level, &form);
        enum { steps = 20000 };
        double h = 2 * reach(l) / steps, sum = 0, square = 0, score;
        for (int k = 0; k <= steps; k++) {
            double t = -reach(l) + k * h, f = exp(ms_marginal_log_density(&form, t, &score));
            sum += h * f;
            square += h * f * t * t;
        }
        double variance = marginal_type(l->name)->variance(l->params) + l->noise_level * l->noise_level;
        assert_true(fabs(sum - 1) < 1e-12);
        assert_true(fabs(square / variance - 1) < 1e-12);
    }
}

static void noise_adds_to_smoothing(void **state)
{
    (void)state;
    const double with_noise[2] = {1.3, 0.3}, without[2] = {1.3, 0.5};
    const char *const names[] = {"uniform", "two_point"};
    for (size_t i = 0; i < COUNT(names); i++) {
        ms_marginal_form a, b;
        marginal_type(names[i])->prepare(with_noise, 0.4, &a);
        marginal_type(names[i])->prepare(without, 0, &b);
        for (int k = 0; k < 100; k++) {
            double score_a, score_b;
            assert_true(ms_marginal_log_density(&a, 0.1 * k, &score_a) ==
                        ms_marginal_log_density(&b, 0.1 * k, &score_b));
            assert_true(score_a == score_b);
        }
    }
}

/* At the ends of what a sweep may say, and where chains have gone astray. */
static void extremes_give_numbers(void **state)
{
    (void)state;
    const double sizes[] = {1e-50, 1e-10, 1, 1e10, 1e50};
    for (size_t i = 0; i < COUNT(sizes); i++)
        for (size_t k = 0; k < COUNT(sizes); k++)
            for (size_t type = 0; ms_marginal_kind(type); type++) {
                const ms_marginal_type *m = (const ms_marginal_type *)ms_marginal_kind(type);
                const double params[2] = {sizes[i], sizes[k]};
                ms_marginal_form form;
                double score;
                m->prepare(params, 0, &form);
                for (int power = -60; power <= 60; power++) {
                    assert_true(ms_marginal_log_density(&form, pow(10, power), &score) < 1e3);
                    assert_true(!isnan(score));
                }
                assert_true(isnan(ms_marginal_log_density(&form, NAN, &score)));
                assert_true(isnan(score));
                assert_true(ms_marginal_log_density(&form, 1e200, &score) < -1e200);
                assert_true(score < -1e90);
            }
}

static double uniform_fraction(uint64_t *number)
{
    *number = *number * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (double)(*number >> 11) * 0x1p-53;
}

/* FNV-1a */
static void add_bytes(uint64_t *hash, const void *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        *hash = (*hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001b3);
}

/* The law as a target of one component, for rows of chains. */
static ms_target *make_target(const law *l, ms_vector mean, size_t dimension)
{
    const product_part part = {
        .weight = 1, .marginal = l->name, .params = {l->params[0], l->params[1]}, .mean = mean};
    return product_target(&part, 1, dimension);
}

/* log f + length/2 log 2 pi and its derivatives of rows, at the law's noise level, with these instructions.
 */
static void evaluate(const law *l, const ms_target *target, ms_simd simd, const double *x,
                     double *log_density, double *score)
{
    const ms_target_type *type = ms_target_type_for(target->type, (unsigned)(simd - MS_SIMD_PORTABLE));
    const ms_place place = {0, target->dimension, l->noise_level, 0};
    size_t scratch = type->scratch(target->content, place.length) * MS_LANES;
    size_t constants = (type->constants(target->content, place.length) / MS_LANES + 1) * MS_LANES;
    _Alignas(64) static const double context[MS_LANES];
    double *memory = aligned_alloc(64, (scratch + constants) * sizeof *memory);
    assert_non_null(memory);
    memset(memory, 0, (scratch + constants) * sizeof *memory);
    type->prepare(target->content, &place, memory + scratch);
    const ms_evaluation e = {
        .x = x, .context = context, .score = score, .log_density = log_density, .scratch = memory};
    type->evaluate(target->content, &place, memory + scratch, &e);
    free(memory);
}

/* Nothing hides a chain that has become no number, or spoils its neighbours. */
static void no_number_stays_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(laws); i++)
        for (ms_simd simd = MS_SIMD_PORTABLE; simd <= MS_SIMD_AVX512; simd++) {
            _Alignas(64) double x[5 * MS_LANES] = {0}, score[5 * MS_LANES], log_density[MS_LANES];
            if (!ms_simd_available(simd))
                continue;
            ms_target *target = make_target(&laws[i], (ms_vector){.value = 0}, 5);
            x[2] = x[4 * MS_LANES + 5] = (double)NAN;
            evaluate(&laws[i], target, simd, x, log_density, score);
            for (size_t lane = 0; lane < MS_LANES; lane++)
                assert_true(isnan(log_density[lane]) == (lane == 2 || lane == 5));
            assert_true(isnan(score[2]) && isnan(score[4 * MS_LANES + 5]));
            ms_target_free(target);
        }
}

/* Rows of chains give the bits of single numbers, with any instructions, and always the same. */
static void bits_are_the_same(void **state)
{
    (void)state;
    enum { length = 23 };
    uint64_t number = 1, hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < COUNT(laws); i++)
        for (int round = 0; round < 50; round++) {
            _Alignas(64) double x[length * MS_LANES], score[length * MS_LANES], log_density[MS_LANES];
            double mean[length], expected[MS_LANES] = {0}, expected_score[length * MS_LANES];
            ms_marginal_form form;
            prepare(&laws[i], laws[i].noise_level, &form);
            size_t n = 1 + (size_t)round % length;
            for (size_t j = 0; j < n; j++) {
                mean[j] = 2 * uniform_fraction(&number) - 1;
                for (size_t lane = 0; lane < MS_LANES; lane++) {
                    double chance = uniform_fraction(&number), far = chance < 0.03  ? 1000
                                                                     : chance < 0.1 ? 5
                                                                                    : 1;
                    x[j * MS_LANES + lane] =
                        mean[j] + far * reach(&laws[i]) * (2 * uniform_fraction(&number) - 1);
                }
            }
            for (size_t lane = 0; lane < MS_LANES; lane++) {
                double squares = 0;
                for (size_t j = 0; j < n; j++) {
                    double t = x[j * MS_LANES + lane] - mean[j];
                    expected[lane] += ms_marginal_log_density(&form, t, &expected_score[j * MS_LANES + lane]);
                    squares += t * t;
                }
                if (!form.has_table)
                    expected[lane] = fma(squares, form.curvature, (double)n * form.constant);
            }
            add_bytes(&hash, expected, sizeof expected);
            add_bytes(&hash, expected_score, sizeof *expected_score * n * MS_LANES);
            ms_target *target = make_target(
                &laws[i], (ms_vector){.pattern = MS_PATTERN_LIST, .values = mean, .value_count = n}, n);
            for (ms_simd simd = MS_SIMD_PORTABLE; simd <= MS_SIMD_AVX512; simd++) {
                if (!ms_simd_available(simd))
                    continue;
                evaluate(&laws[i], target, simd, x, log_density, score);
                for (size_t lane = 0; lane < MS_LANES; lane++)
                    assert_true(log_density[lane] == expected[lane] + (double)n * MS_HALF_LOG_2PI);
                assert_memory_equal(score, expected_score, sizeof *score * n * MS_LANES);
            }
            ms_target_free(target);
        }
    if (hash != UINT64_C(0x0a295fdc8bc4a194))
        fail_msg("the bits have changed: %016llx", (unsigned long long)hash);
}

/* Kolmogorov and Smirnov's distance from the distribution function, by the trapezoidal rule; larger with
 * probability 1e-4 each. */
static void draws_follow_the_law(void **state)
{
    (void)state;
    enum { draws = 20000 };
    double *drawn = malloc(draws * sizeof *drawn);
    uint64_t number = 3;
    assert_non_null(drawn);
    for (size_t i = 0; i < COUNT(laws); i++) {
        law l = laws[i];
        l.noise_level = 0;
        for (int k = 0; k < draws; k++)
            drawn[k] = marginal_type(l.name)->draw(
                l.params, gsl_cdf_ugaussian_Pinv(fmax(uniform_fraction(&number), 0x1p-54)),
                uniform_fraction(&number));
        gsl_sort(drawn, 1, draws);
        ms_marginal_form form;
        prepare(&l, 0, &form);
        double h = reach(&l) / 20000, t = -reach(&l), share = 0, worst = 0, score;
        for (int k = 0; k < draws; k++) {
            for (; t < drawn[k]; t += h)
                share += h * exp(ms_marginal_log_density(&form, t + h / 2, &score));
            worst = fmax(worst, fmax(fabs(share - (double)k / draws), fabs(share - (k + 1.0) / draws)));
        }
        if (worst > 2.23 / sqrt(draws) + 1e-3)
            fail_msg("law %zu: draws are %.4f from it", i, worst);
    }
    free(drawn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(params_are_numbers),
        cmocka_unit_test(laws_are_accurate),
        cmocka_unit_test(form_agrees_with_formulas),
        cmocka_unit_test(score_is_the_derivative),
        cmocka_unit_test(laws_are_even),
        cmocka_unit_test(densities_are_normalised),
        cmocka_unit_test(noise_adds_to_smoothing),
        cmocka_unit_test(extremes_give_numbers),
        cmocka_unit_test(no_number_stays_one),
        cmocka_unit_test(bits_are_the_same),
        cmocka_unit_test(draws_follow_the_law),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
