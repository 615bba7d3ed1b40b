/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quadratures against values that were found otherwise: those of tests/data/mfpt.csv and survival.csv, by
 * another program, with their errors; and, for targets without symmetry, direct simulation, of which mean and
 * standard error are below (reduced engine, key 31, 10^5 to 10^6 chains). Nothing here is random. */
#include "line.h"

#define MEMORY 1e9

static ms_quadrature_result solve(const line_case *c, double tolerance)
{
    ms_quadrature *q = quadrature_of(c, NULL, 0, tolerance, MEMORY);
    finish(q);
    ms_quadrature_result r = ms_quadrature_result_of(q);
    print_message("d = %zu, %s: %.10g +- %.1g\n", c->dimension, c->rule, r.mean.value, r.mean.error);
    assert_true(r.is_tolerable && r.mean.error <= tolerance * r.mean.value);
    ms_quadrature_free(q);
    return r;
}

static void reference_target_means(void **state)
{
    (void)state;
    static const struct {
        line_case c;
        double mean, error;
    } known[] = {
        {{2, "ball", 3, REFERENCE, {3, 1, 1}, .step_size = 0.1}, 4.888244542, 1e-9},
        {{50, "ball", 3, REFERENCE, {3, 1, 1}, .step_size = 0.1}, 2899.62192, 1e-5},
        {{50, "switch", 3, REFERENCE, {3, 1, 1}, .step_size = 0.1}, 12129.1, 1.2},
        {{100, "ball", 3, REFERENCE, {3, 1, 1}, .step_size = 0.1}, 403536.984, 5e-3},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        ms_quadrature_result r = solve(&known[i].c, 1e-5);
        double off = fabs(r.mean.value - known[i].mean);
        assert_true(off <= known[i].error + r.mean.error);
        assert_true(off <= known[i].error + 1e-6 * known[i].mean);
    }
}

static void reference_target_survival(void **state)
{
    (void)state;
    const uint64_t times[] = {0, 1, 10, 100, 1000};
    const double expected[] = {0.804288179968, 0.766068936, 0.59127156, 0.12095501, 4.19374e-8};
    const line_case c = {10, "ball", 3, REFERENCE, {3, 1, 1}, .step_size = 0.1};
    ms_quadrature *q = quadrature_of(&c, times, 5, 1e-4, MEMORY);
    finish(q);
    ms_quadrature_result r = ms_quadrature_result_of(q);
    assert_true(fabs(r.mean.value - 40.316393) < 1e-5 + 1e-6 * 40.3);
    for (size_t i = 0; i < 5; i++) {
        ms_estimate p = ms_quadrature_survival(q, i);
        print_message("P(tau > %d) = %.10g +- %.1g\n", (int)times[i], p.value, p.error);
        assert_true(fabs(p.value / expected[i] - 1) < 2e-6);
    }
    ms_quadrature_free(q);
}

#define SKEW                                                                                                 \
    {0.3, 0.2, 0.5},                                                                                         \
    {                                                                                                        \
        0, 1, -0.8                                                                                           \
    }

static void targets_without_symmetry(void **state)
{
    (void)state;
    static const struct {
        line_case c;
        double mean, error;
    } simulated[] = {
        {{10, "ball", 3, SKEW, {3, 0.8, 1.2}, .step_size = 0.1}, 31.932355, 0.0471},
        {{10, "switch", 1, SKEW, {3, 0.8, 1.2}, .step_size = 0.1}, 638.46767, 2.51},
        {{10, "switch", 3, SKEW, {3, 3, 1.2}, .step_size = 0.1}, 23.064205, 0.0333}, /* one half-plane */
        {{10, "switch", 3, SKEW, {1, 2, 1.2}, .step_size = 0.1}, 18.341628, 0.0226}, /* all but a disc */
        {{10, "ball", 3, SKEW, {3, 0.8, 1.2}, .step_size = 0.1, .noise_level = 0.5}, 32.352687, 0.0491},
        {{10, "ball", 3, SKEW, {3, 0.8, 1.2}, .step_size = 2.5}, 4.8811075, 0.00431}, /* a < 0 */
        {{5, "ball", 1, {0.3, 0.2, 0.5}, {0, 2, -1.8}, {3, 0.8, 1.2}, .step_size = 0.5, .start = 2},
         318.28987,
         0.413},
    };
    for (size_t i = 0; i < sizeof simulated / sizeof *simulated; i++) {
        ms_quadrature_result r = solve(&simulated[i].c, 1e-2);
        assert_true(fabs(r.mean.value - simulated[i].mean) < 4 * simulated[i].error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_target_means),
        cmocka_unit_test(reference_target_survival),
        cmocka_unit_test(targets_without_symmetry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
