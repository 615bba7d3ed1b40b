/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "restart.h"

/* Against tests/data/mfpt.csv, d = 20 by ms_quadrature. Intervals miss one of these with probability 2e-5
 * each as far as mean rewards are normal: 2e-4 for all. Seeds are fixed, so that it passes always or never;
 * it is not to be mended by other seeds. */
#define CONFIDENCE (1 - 2e-5)

static const size_t replicates = 32;

static void reference_target_means(void **state)
{
    (void)state;
    static const struct {
        restart_case c;
        double mean, error; /* of the estimate, relative, at most */
    } known[] = {
        {{1, "ball", 3, .steps = 40000}, 1.8660815800936, 0.01},
        {{1, "ball", 1, .steps = 40000}, 14.401055561297, 0.01},
        {{2, "ball", 3, .steps = 40000}, 4.888244542, 0.01},
        {{5, "ball", 3, .steps = 40000}, 14.6645457, 0.01},
        {{10, "ball", 3, .steps = 40000}, 40.316393, 0.01},
        {{20, "ball", 3, .steps = 40000}, 149.5533824, 0.015},
        {{50, "ball", 3, .steps = 40000}, 2899.62192, 0.03},
        {{50, "switch", 3, .steps = 40000}, 12129.1, 0.04},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double drift;
        ms_replicate_mean m = restart_mean(&known[i].c, replicates, CONFIDENCE, &drift);
        print_message("    z = %.2f\n", (m.mean - known[i].mean) / m.error);
        assert_true(fabs(drift) < 5);
        assert_true(m.low < known[i].mean && known[i].mean < m.high);
        assert_true(m.error < known[i].error * m.mean);
    }
}

/* The same whatever the number of copies: weights are right. */
static void copies_do_not_matter(void **state)
{
    (void)state;
    for (unsigned copies = 2; copies <= MS_RESTART_COPIES_MAX; copies += 3) {
        const restart_case c = {10, "ball", 3, .steps = 20000, .copies = copies};
        double drift;
        ms_replicate_mean m = restart_mean(&c, replicates, CONFIDENCE, &drift);
        assert_true(m.low < 40.316393 && 40.316393 < m.high);
    }
}

/* Means that span a plane, where there is no quadrature. 4.5 standard errors: 7e-6 each. */
static void means_on_no_line(void **state)
{
    (void)state;
    static const restart_case cases[] = {
        {2, "ball", 3, true, .steps = 40000}, /* nothing outside of the span */
        {3, "ball", 2, true, .steps = 40000},    {10, "ball", 3, true, .steps = 40000},
        {10, "switch", 3, true, .steps = 40000}, {10, "switch", 1, true, .steps = 200000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ms_clause *clauses;
        ms_target *target = restart_target(&cases[i]);
        ms_run_params run = restart_run(&cases[i], target, &clauses);
        double drift, error, direct = direct_mean_of(&run, 20000, &error);
        ms_replicate_mean m = restart_mean(&cases[i], replicates, CONFIDENCE, &drift);
        double z = (m.mean - direct) / sqrt(error * error + m.error * m.error);
        print_message("    directly %.7g +- %.2g: z = %.2f\n", direct, error, z);
        assert_true(fabs(z) < 4.5);
        ms_target_free(target);
        free(clauses);
    }
}

/* Mode 1 is wanted, and mode 2 is a trap for longer than the burn-in: the mean is too small by a fifth, as
 * rewards are still falling. 16160.5 by ms_quadrature. */
static void traps_are_noticed(void **state)
{
    (void)state;
    const restart_case c = {40, "switch", 1, .steps = 160000};
    double drift;
    ms_replicate_mean m = restart_mean(&c, replicates, CONFIDENCE, &drift);
    assert_true(m.mean + 5 * m.error < 16160.5);
    assert_true(drift < -5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_target_means),
        cmocka_unit_test(copies_do_not_matter),
        cmocka_unit_test(means_on_no_line),
        cmocka_unit_test(traps_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
