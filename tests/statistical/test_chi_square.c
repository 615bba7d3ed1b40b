/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chi-square variates of the inner loops, each of the ways in which they are made: their law, the same
 * bits for all instruction sets, and that neighbours share blocks but nothing else. Keys are fixed and N was
 * chosen before the first run; the false-alarm rate of each comparison is stated with it. */
#include "fixtures.h"
#include "sampler/kernel.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

enum { iterations = 50000, count = iterations * MS_LANES };
static const double degrees[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 49, 98, 998, 99998, 999998};
enum { degrees_count = sizeof degrees / sizeof *degrees };
static double value[count]; /* [iteration][lane] */

static void draw(ms_simd simd, double degrees_of_freedom, uint64_t first, size_t n, double *out)
{
    _Alignas(MS_ALIGNMENT) static const uint64_t chain[MS_LANES] = {0, 1, 2, 3, 1000, 70000, 5, 4000000000u};
    _Alignas(MS_ALIGNMENT) double row[MS_LANES];
    for (size_t i = 0; i < n; i++) {
        ms_kernel_find(simd)->chi_square(77, chain, first + i, MS_PURPOSE_USER, 0, degrees_of_freedom, row);
        memcpy(out + i * MS_LANES, row, sizeof row);
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* GSL's, but by Wilson and Hilferty's approximation for large n, where that is right to 1e-7 and GSL's
 * quantiles are not. */
static double cdf(double x, double n)
{
    if (n < 10000)
        return gsl_cdf_chisq_P(x, n);
    return gsl_cdf_ugaussian_P((cbrt(x / n) - 1 + 2 / (9 * n)) / sqrt(2 / (9 * n)));
}

/* Kolmogorov's statistic times sqrt(count), and the numbers beyond the quantiles 1e-4 and 1 - 1e-4 in
 * standard deviations; sorts the values. */
static void examine(double degrees_of_freedom, double *ks, double *low, double *high)
{
    qsort(value, count, sizeof *value, compare);
    double lowest = 0, highest = 0;
    *ks = 0;
    for (size_t i = 0; i < count; i++) {
        double p = cdf(value[i], degrees_of_freedom);
        *ks = fmax(*ks, fmax(p - (double)i / count, (double)(i + 1) / count - p));
        lowest += p < 1e-4;
        highest += p > 1 - 1e-4;
    }
    *ks *= sqrt(count);
    *low = (lowest - 1e-4 * count) / sqrt(1e-4 * count);
    *high = (highest - 1e-4 * count) / sqrt(1e-4 * count);
}

/* For each number of degrees of freedom P = 1e-6 by Kolmogorov's test; in the tails 40 are expected, and more
 * than 5 standard deviations away has P < 1e-5. */
static void law_is_chi_square(void **state)
{
    (void)state;
    bool right = true;
    for (size_t k = 0; k < degrees_count; k++) {
        double ks, low, high;
        draw(MS_SIMD_AUTO, degrees[k], 0, iterations, value);
        examine(degrees[k], &ks, &low, &high);
        print_message("%6g degrees of freedom: KS %.3f, tails %+.2f %+.2f\n", degrees[k], ks, low, high);
        right = right && ks < 2.69 && fabs(low) < 5 && fabs(high) < 5;
    }
    assert_true(right);
}

/* 1 % too large a variate, or 1 % too heavy a tail, would be. */
static void a_wrong_law_is_noticed(void **state)
{
    (void)state;
    double ks, low, high;
    draw(MS_SIMD_AUTO, 8, 0, iterations, value);
    for (size_t i = 0; i < count; i++)
        value[i] *= 1.01;
    examine(8, &ks, &low, &high);
    assert_true(ks > 2.69);
    for (size_t i = 0; i < count; i += 5000)
        value[i] = 60;
    examine(8, &ks, &low, &high);
    assert_true(high > 5);
}

/* Iterations 2 k and 2 k + 1 share a block where there are 2 to 8 degrees of freedom: no correlation between
 * neighbours of either kind (P = 1e-6 each). */
static void neighbours_are_independent(void **state)
{
    (void)state;
    for (double n = 2; n <= 9; n++) {
        draw(MS_SIMD_AUTO, n, 0, iterations, value);
        double sum[2] = {0, 0};
        for (size_t i = 0; i < count; i++)
            value[i] = gsl_cdf_chisq_P(value[i], n) - 0.5;
        for (size_t i = 0; i + 1 < iterations; i++)
            for (size_t lane = 0; lane < MS_LANES; lane++)
                sum[i % 2] += value[i * MS_LANES + lane] * value[(i + 1) * MS_LANES + lane];
        for (int odd = 0; odd < 2; odd++)
            assert_true(fabs(sum[odd]) * 12 / sqrt(count / 2.0) < 4.9);
    }
}

static void bits_are_the_same_everywhere(void **state)
{
    (void)state;
    enum { some = 3001 };
    static double other[some * MS_LANES];
    for (ms_simd simd = MS_SIMD_PORTABLE; simd <= MS_SIMD_AVX512; simd++)
        for (size_t k = 0; ms_simd_available(simd) && k < degrees_count; k++) {
            draw(MS_SIMD_AUTO, degrees[k], 4294967295u - 1500, some, value);
            draw(simd, degrees[k], 4294967295u - 1500, some, other);
            assert_memory_equal(value, other, sizeof other);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(law_is_chi_square),
        cmocka_unit_test(a_wrong_law_is_noticed),
        cmocka_unit_test(neighbours_are_independent),
        cmocka_unit_test(bits_are_the_same_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
