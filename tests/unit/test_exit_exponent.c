/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/exit_exponent.h"

#include "cmocka_all.h"

#include <math.h>

static const double weight[3] = {1, 1, 1}, variance[3] = {3, 1, 1}, position[3] = {0, 1, -1};

static void assert_near(double found, double expected, double error)
{
    if (!(fabs(found - expected) <= error))
        fail_msg("%.12g, expected %.12g +- %.2g", found, expected, error);
}

static double exponent_of(const ms_clause *clause, size_t count)
{
    ms_line_bound bound[8];
    assert_int_equal(ms_line_region_of_clauses(clause, count, 1, weight, variance, position, bound, NULL),
                     MS_OK);
    return ms_exit_exponent(&(ms_line_region){bound, count}, variance[0], 0.1);
}

static ms_clause ball(size_t mode, double radius_squared, ms_joint joint)
{
    return (ms_clause){.component = mode, .coefficient = 1, .bound = radius_squared, .joint = joint};
}

static void reference_target(void **state)
{
    (void)state;
    ms_clause balls[2] = {ball(1, 2, MS_OR_NEXT), ball(2, 2, MS_ALONE)};
    assert_near(exponent_of(balls, 2), 0.102913, 5e-7);
    assert_near(exponent_of(balls + 1, 1), 0.102913, 5e-7);
    ms_clause outweighs = {.component = 2,
                           .coefficient = -1,
                           .reference_coefficient = 1,
                           .quantity = MS_LOG_WEIGHT,
                           .reference_quantity = MS_LOG_WEIGHT};
    assert_near(exponent_of(&outweighs, 1), 0.142138, 5e-7);
}

/* A half-plane: nothing but alpha has to change; S is stationary. */
static void half_plane(void **state)
{
    (void)state;
    const double S = 3 / (1 - 0.1 / 12);
    ms_line_bound bound = {0, -1, 0.7, true}; /* alpha >= 0.7 */
    assert_near(ms_exit_exponent(&(ms_line_region){&bound, 1}, 3, 0.1), 0.49 / (2 * S), 1e-12);
}

static void nothing_and_everything(void **state)
{
    (void)state;
    ms_clause far = ball(1, 9, MS_ALONE), empty = ball(1, -1, MS_ALONE);
    assert_near(exponent_of(&far, 1), 0, 0);
    assert_true(isinf(exponent_of(&empty, 1)));
    ms_clause both[2] = {ball(1, 2, MS_AND_NEXT),
                         ball(2, 2, MS_ALONE)}; /* they meet on alpha = 0, beta <= 1 */
    double S = 3 / (1 - 0.1 / 12);
    assert_near(exponent_of(both, 2), (1 / S - 1 + log(S)) / 2, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_target),
        cmocka_unit_test(half_plane),
        cmocka_unit_test(nothing_and_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
