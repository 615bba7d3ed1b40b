/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures.h"

#include <math.h>

typedef struct fixture {
    ms_survival *survival;
} fixture;

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    *state = f;
    return f && ms_survival_alloc(&f->survival, NULL) == MS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    fixture *f = *state;
    ms_survival_free(f->survival);
    free(f);
    return 0;
}

static ms_survival *add_all(fixture *f, size_t n, const int64_t *time, const uint64_t *observed)
{
    ms_survival_clear(f->survival);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(ms_survival_add(f->survival, time[i], observed[i], NULL), MS_OK);
    return f->survival;
}

static ms_interval median_of(ms_survival *survival)
{
    ms_interval median;
    assert_int_equal(ms_survival_median(survival, 0.95, &median, NULL), MS_OK);
    return median;
}

static ms_interval restricted_mean_of(ms_survival *survival, uint64_t horizon)
{
    ms_interval mean;
    assert_int_equal(ms_survival_restricted_mean(survival, horizon, 0.95, &mean, NULL), MS_OK);
    return mean;
}

static ms_interval exponential_mean_of(uint64_t discovered, double at_risk)
{
    ms_interval mean;
    assert_int_equal(ms_exponential_mean(discovered, at_risk, 0.95, &mean, NULL), MS_OK);
    return mean;
}

/* The remission times of the 6-MP arm of Freireich et al. (1963), the textbook example of Kaplan-Meier
 * (e.g. Kalbfleisch and Prentice): 21 patients, 9 events, survival 0.5378 after t = 22 and 0.4482 after t
 * = 23. */
static const int64_t freireich_time[21] = {6,  6,  6,  7,  10, 13, 16, 22, 23, -1, -1,
                                           -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
static const uint64_t freireich_observed[21] = {6,  6,  6,  7,  10, 13, 16, 22, 23, 6, 9,
                                                10, 11, 17, 19, 20, 25, 32, 32, 34, 35};

static void freireich_median(void **state)
{
    ms_interval median = median_of(add_all(*state, 21, freireich_time, freireich_observed));
    assert_true(median.value == 23);
    assert_true(median.low == 13); /* R survfit(conf.type = "log-log"): 13, NA */
    assert_true(isinf(median.high));
}

/* The same by hand: the curve is 18/21 from 6, times 16/17, 14/15, 11/12, 10/11, 6/7, 5/6 from 7, 10, 13, 16,
 * 22, 23; R survfit(...), print(rmean = 35) gives 23.3 with standard error 2.83 (without the factor
 * n/(n-1)). */
static void freireich_restricted_mean(void **state)
{
    ms_survival *survival = add_all(*state, 21, freireich_time, freireich_observed);
    const double from[] = {0, 6, 7, 10, 13, 16, 22, 23, 35};
    const double factor[] = {1, 18. / 21, 16. / 17, 14. / 15, 11. / 12, 10. / 11, 6. / 7, 5. / 6};
    double area = 0, curve = 1;
    for (int i = 0; i < 8; i++) {
        curve *= factor[i];
        area += curve * (from[i + 1] - from[i]);
    }
    ms_interval mean = restricted_mean_of(survival, 35);
    assert_true(fabs(mean.value - area) < 1e-12 && fabs(area - 23.3) < 0.05);
    /* on the logit scale, so compared there */
    double half = (log(mean.high / (35 - mean.high)) - log(mean.low / (35 - mean.low))) / 2;
    double error = half / 2.085963 /* t, 20 degrees of freedom */ * area * (35 - area) / 35;
    assert_true(fabs(error / sqrt(21. / 20) - 2.83) < 0.005);
    /* before the first discovery nothing has happened; beyond the last observation the curve stays */
    assert_true(restricted_mean_of(survival, 6).value == 6);
    assert_true(fabs(restricted_mean_of(survival, 100).value - (area + 65 * curve)) < 1e-9);
}

static void all_discovered(void **state)
{
    int64_t time[101];
    uint64_t observed[101];
    double square = 0;
    for (int i = 0; i < 101; i++) {
        observed[i] = (uint64_t)(time[i] = 100 - i);
        square += (i - 50) * (i - 50);
    }
    ms_survival *survival = add_all(*state, 101, time, observed);
    ms_interval median = median_of(survival), mean = restricted_mean_of(survival, 100000);
    assert_true(median.value == 50);
    assert_true(median.low > 35 && median.low < 45 && median.high > 55 && median.high < 65);
    assert_true(ms_survival_iterations_at_risk(survival) == 5050);
    assert_true(fabs(ms_survival_coefficient_of_variation(survival) - sqrt(square / 100) / 50) < 1e-12);
    /* nothing is censored: the plain mean, whatever the horizon, and its plain standard error */
    assert_true(fabs(mean.value - 50) < 1e-9);
    assert_true(fabs(log(mean.high / mean.low) / 2 / 1.983972 - sqrt(square / 100 / 101) / 50) < 1e-4);
}

static void none_discovered(void **state)
{
    const int64_t time[3] = {MS_CENSORED, MS_CENSORED, MS_CENSORED};
    const uint64_t observed[3] = {10, 30, 20};
    ms_survival *survival = add_all(*state, 3, time, observed);
    ms_interval median = median_of(survival), mean;
    assert_true(median.low == 0 && isinf(median.value) && isinf(median.high)); /* three tell nothing */
    /* with P = 0.975^... three chains agree: a share up to 1 - 0.025^(1/3) may be otherwise */
    mean = restricted_mean_of(survival, 10);
    assert_true(mean.value == 10 && fabs(mean.low - 10 * cbrt(0.025)) < 1e-12 &&
                fabs(mean.high - 10) < 1e-12);
    assert_true(isnan(ms_survival_coefficient_of_variation(survival)));
    assert_int_equal(ms_survival_exponentiality(survival, NULL), MS_UNTESTED);
    assert_int_equal(ms_survival_median(survival, 1, &median, NULL), MS_ERROR_ARGUMENT);
    assert_int_equal(ms_survival_restricted_mean(survival, 10, 0, &mean, NULL), MS_ERROR_ARGUMENT);
    assert_int_equal(ms_survival_restricted_mean(survival, 0, 0.95, &mean, NULL), MS_ERROR_ARGUMENT);
    assert_int_equal(ms_survival_add(survival, -2, 5, NULL), MS_ERROR_ARGUMENT);
    ms_survival_clear(survival);
    assert_int_equal(ms_survival_median(survival, 0.95, &median, NULL), MS_ERROR_ARGUMENT);
    assert_int_equal(ms_survival_restricted_mean(survival, 10, 0.95, &mean, NULL), MS_ERROR_ARGUMENT);
}

/* 1, ..., n, nothing censored: the first time at which half of them are over, whatever n. */
static void median_of_any_number(void **state)
{
    fixture *f = *state;
    for (int64_t n = 1; n <= 3000; n++) {
        ms_survival_clear(f->survival);
        for (int64_t t = 1; t <= n; t++)
            assert_int_equal(ms_survival_add(f->survival, t, 0, NULL), MS_OK);
        ms_interval median = median_of(f->survival);
        int64_t half = (n + 1) / 2;
        assert_true(median.value == (double)half);
        /* with probability 1/2^n all are on one side: more than 0.025 up to five */
        assert_true(n < 6 ? median.low == 0 && isinf(median.high)
                          : median.low >= 1 && median.low <= median.value && median.value <= median.high);
    }
}

/* Two censored before the first discovery: 1/2 is reached when half of the others are over. */
static void median_behind_censored(void **state)
{
    fixture *f = *state;
    for (int64_t n = 6; n <= 400; n += 2) { /* n - 2 at risk when the first is discovered */
        ms_survival_clear(f->survival);
        for (int64_t t = 1; t <= n; t++)
            assert_int_equal(
                ms_survival_add(f->survival, t <= 2 ? MS_CENSORED : t, t <= 2 ? (uint64_t)t : 0, NULL),
                MS_OK);
        int64_t half = 2 + (n - 2) / 2;
        assert_true(median_of(f->survival).value == (double)half);
    }
}

/* All at iteration 0: no mean above 0 was seen, but a few chains may be late. And one chain tells little. */
static void chains_that_agree(void **state)
{
    const int64_t time[4] = {0, 0, 0, 0}, one = 7;
    const uint64_t observed[4] = {0}, long_ago = 100;
    ms_interval mean = restricted_mean_of(add_all(*state, 4, time, observed), 100);
    assert_true(mean.value == 0 && mean.low == 0 && fabs(mean.high - 100 * (1 - pow(0.025, 0.25))) < 1e-9);
    mean = restricted_mean_of(add_all(*state, 1, &one, &long_ago), 100);
    assert_true(mean.value == 7 && mean.low < 0.5 && mean.high > 95);
}

/* What is kept is a row for each time: nine times, a million chains. */
static void many_chains(void **state)
{
    fixture *f = *state;
    for (int64_t i = 0; i < 1000000; i++)
        assert_int_equal(ms_survival_add(f->survival, i % 10 == 0 ? MS_CENSORED : i % 10, 20, NULL), MS_OK);
    assert_true(ms_survival_chains(f->survival) == 1000000);
    assert_true(ms_survival_discovered(f->survival) == 900000);
    assert_true(ms_survival_iterations_at_risk(f->survival) == 1e5 * (45 + 20));
    assert_true(median_of(f->survival).value == 5);
    assert_true(fabs(restricted_mean_of(f->survival, 20).value - 6.5) < 1e-9);
}

/* More different times than fit into the first rows, in an order that is neither up nor down. */
static void many_times(void **state)
{
    fixture *f = *state;
    double sum = 0;
    for (int64_t i = 0; i < 100003; i++) {
        int64_t time = i * 7919 % 100003; /* a permutation */
        sum += (double)time;
        assert_int_equal(ms_survival_add(f->survival, time, 0, NULL), MS_OK);
    }
    assert_true(ms_survival_iterations_at_risk(f->survival) == sum);
    assert_true(median_of(f->survival).value == 50001);
}

/* chi2 quantiles: chi2_{.025, 20} = 9.5908, chi2_{.975, 22} = 36.7807, chi2_{.975, 2} = 7.3778 (tables) */
static void exponential_mean(void **state)
{
    (void)state;
    ms_interval mean = exponential_mean_of(10, 1000);
    assert_true(mean.value == 100);
    assert_true(fabs(mean.low - 2000 / 36.7807) < 1e-3 && fabs(mean.high - 2000 / 9.5908) < 1e-2);
    mean = exponential_mean_of(0, 1000);
    assert_true(isinf(mean.value) && isinf(mean.high) && fabs(mean.low - 2000 / 7.3778) < 1e-2);
    const double wrong[] = {0, 1, -0.5, 95, NAN, INFINITY};
    for (int i = 0; i < 6; i++)
        assert_int_equal(ms_exponential_mean(10, 1000, wrong[i], &mean, NULL), MS_ERROR_ARGUMENT);
    assert_int_equal(ms_exponential_mean(10, -1, 0.95, &mean, NULL), MS_ERROR_ARGUMENT);
}

/* Wilson and Hilferty's approximation of the chi-square quantile over its degrees of freedom; relative error
 * below 2 / n^(3/2) for n = 2 and more, the ends of 95 % (found with SciPy, and checked there more closely:
 * tests/analysis). */
static double approximate_quantile(double n, double z)
{
    double c = 2 / (9 * n);
    return pow(1 - c + z * sqrt(c), 3);
}

/* No count ends the program: GSL's own inverse does at 1736, 1737, 2320, 2336, 2342, from 266 230 on ever
 * more often, and nearly always near 10^6. No error handler is set here. */
static void exponential_mean_of_any_count(void **state)
{
    (void)state;
    for (uint64_t d = 1; d <= 100000000; d += d < 5000 ? 1 : d / 97 + 1) {
        double n = 2 * (double)d, tolerance = 2 / (n * sqrt(n)) + 1e-9;
        ms_interval mean = exponential_mean_of(d, (double)d);
        assert_true(fabs(mean.high * approximate_quantile(n, -1.959964) - 1) < tolerance);
        assert_true(fabs(mean.low * approximate_quantile(n + 2, 1.959964) * (n + 2) / n - 1) < tolerance);
    }
    assert_true(fabs(exponential_mean_of(UINT64_MAX, 0x1p64).high - 1) < 1e-9); /* and takes no time */
}

static void any_and_all(void **state)
{
    (void)state;
    const int64_t some[3] = {MS_CENSORED, 7, 3}, each[3] = {5, 7, 3}, none[2] = {MS_CENSORED, MS_CENSORED};
    assert_int_equal(ms_discovery_any(some, 3), 3);
    assert_int_equal(ms_discovery_all(some, 3), MS_CENSORED);
    assert_int_equal(ms_discovery_any(each, 3), 3);
    assert_int_equal(ms_discovery_all(each, 3), 7);
    assert_int_equal(ms_discovery_any(none, 2), MS_CENSORED);
}

/* A few discoveries near the end of the budget, as of chains that have not finished their first pass: their
 * mean would be far too long, and the test says so. Evenly spread, it has nothing to say. */
static void exponentiality(void **state)
{
    int64_t late[1000], even[1000];
    uint64_t observed[1000];
    for (int i = 0; i < 1000; i++) {
        observed[i] = 1000;
        late[i] = i < 20 ? 700 + 15 * i : MS_CENSORED;
        even[i] = i < 20 ? 25 + 50 * i : MS_CENSORED;
    }
    double p;
    assert_int_equal(ms_survival_exponentiality(add_all(*state, 1000, late, observed), &p), MS_REJECTED);
    assert_true(p > 0 && p < 1e-4);
    assert_int_equal(ms_survival_exponentiality(add_all(*state, 1000, even, observed), &p), MS_EXPONENTIAL);
    assert_true(p > 0.9);
    /* early ones, too; four are too few to tell, five late ones are not */
    assert_int_equal(ms_survival_exponentiality(add_all(*state, 4, late, observed), &p), MS_UNTESTED);
    assert_true(isnan(p));
    for (int i = 0; i < 1000; i++)
        late[i] = i < 5 ? 990 + i : MS_CENSORED;
    assert_int_equal(ms_survival_exponentiality(add_all(*state, 1000, late, observed), &p), MS_REJECTED);
    for (int i = 0; i < 1000; i++)
        late[i] = i < 10 ? i : MS_CENSORED;
    assert_int_equal(ms_survival_exponentiality(add_all(*state, 1000, late, observed), &p), MS_REJECTED);
    /* in the middle alone: neither early nor late, so the parts of the clock must tell */
    for (int i = 0; i < 1000; i++)
        late[i] = i < 40 ? 480 + i : MS_CENSORED;
    assert_int_equal(ms_survival_exponentiality(add_all(*state, 1000, late, observed), &p), MS_REJECTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(freireich_median, setup, teardown),
        cmocka_unit_test_setup_teardown(freireich_restricted_mean, setup, teardown),
        cmocka_unit_test_setup_teardown(all_discovered, setup, teardown),
        cmocka_unit_test_setup_teardown(none_discovered, setup, teardown),
        cmocka_unit_test_setup_teardown(chains_that_agree, setup, teardown),
        cmocka_unit_test_setup_teardown(many_chains, setup, teardown),
        cmocka_unit_test_setup_teardown(many_times, setup, teardown),
        cmocka_unit_test_setup_teardown(median_of_any_number, setup, teardown),
        cmocka_unit_test_setup_teardown(median_behind_censored, setup, teardown),
        cmocka_unit_test_setup_teardown(exponentiality, setup, teardown),
        cmocka_unit_test(exponential_mean),
        cmocka_unit_test(exponential_mean_of_any_count),
        cmocka_unit_test(any_and_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
