/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures.h"

#include <math.h>

static void geometric_levels(void **state)
{
    (void)state;
    const ms_schedule schedule = {MS_SCHEDULE_GEOMETRIC, 8, 0.5, 5, MS_STEP_NCSN, 0.01};
    assert_int_equal(ms_schedule_levels(&schedule), 5);
    for (size_t level = 0; level < 5; level++) {
        double noise_level, step_size, expected = 8 * pow(0.5, (double)level);
        ms_schedule_level(&schedule, level, &noise_level, &step_size);
        assert_true(fabs(noise_level / expected - 1) < 1e-14);
        assert_true(fabs(step_size / (0.01 * expected * expected / 0.25) - 1) < 1e-13);
    }
}

static void vanilla_has_one_level(void **state)
{
    (void)state;
    ms_schedule schedule = {MS_SCHEDULE_GEOMETRIC, 0, 0.5, 5, MS_STEP_NCSN, 0.01};
    double noise_level, step_size;
    assert_int_equal(ms_schedule_levels(&schedule), 1);
    ms_schedule_level(&schedule, 0, &noise_level, &step_size);
    assert_true(noise_level == 0 && step_size == 0.01);
    assert_int_equal(ms_schedule_check(&schedule, NULL), MS_OK);
}

/* every iteration belongs to one level, and the levels' shares differ by at most one */
static void iterations_are_dealt_evenly(void **state)
{
    (void)state;
    const ms_schedule schedule = {MS_SCHEDULE_GEOMETRIC, 8, 0.5, 7, MS_STEP_CONSTANT, 0.01};
    const uint64_t visits[] = {1, 6, 7, 50, 1000003, UINT64_C(1) << 53};
    for (size_t i = 0; i < sizeof visits / sizeof *visits; i++) {
        assert_int_equal(ms_schedule_begin(&schedule, 0, visits[i]), 0);
        assert_true(ms_schedule_begin(&schedule, 7, visits[i]) == visits[i]);
        for (size_t level = 0; level < 7; level++) {
            uint64_t share = ms_schedule_begin(&schedule, level + 1, visits[i]) -
                             ms_schedule_begin(&schedule, level, visits[i]);
            assert_true(share == visits[i] / 7 || share == visits[i] / 7 + 1);
        }
    }
}

/* at the limit a step only changes the sign of the distance from the mean, at the worst of the levels */
static void steps_are_stable_below_a_limit(void **state)
{
    (void)state;
    for (int rule = MS_STEP_CONSTANT; rule <= MS_STEP_NCSN; rule++) {
        ms_schedule schedule = {MS_SCHEDULE_GEOMETRIC, 8, 0.5, 5, (ms_step_rule)rule, 0.01};
        schedule.step_size = ms_schedule_stable_below(&schedule, 3);
        double worst = 1;
        for (size_t level = 0; level < 5; level++) {
            double sigma, step_size;
            ms_schedule_level(&schedule, level, &sigma, &step_size);
            worst = fmin(worst, 1 - step_size / (2 * (3 + sigma * sigma)));
        }
        assert_true(fabs(worst + 1) < 1e-12);
    }
}

static void impossible_schedules_are_refused(void **state)
{
    (void)state;
    const ms_schedule bad[] = {{MS_SCHEDULE_GEOMETRIC, 1, 0, 5, MS_STEP_NCSN, 0.1},
                               {MS_SCHEDULE_GEOMETRIC, 1, 2, 5, MS_STEP_NCSN, 0.1},
                               {MS_SCHEDULE_GEOMETRIC, 1, 0.1, 0, MS_STEP_NCSN, 0.1},
                               {MS_SCHEDULE_GEOMETRIC, 1, 0.1, 1001, MS_STEP_NCSN, 0.1},
                               {MS_SCHEDULE_CONSTANT, NAN, 0, 1, MS_STEP_CONSTANT, 0.1},
                               {MS_SCHEDULE_CONSTANT, 0, 0, 1, MS_STEP_CONSTANT, -0.1},
                               {MS_SCHEDULE_CONSTANT, 0, 0, 1, MS_STEP_CONSTANT, INFINITY}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(ms_schedule_check(&bad[i], NULL), MS_ERROR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(geometric_levels),
        cmocka_unit_test(vanilla_has_one_level),
        cmocka_unit_test(iterations_are_dealt_evenly),
        cmocka_unit_test(steps_are_stable_below_a_limit),
        cmocka_unit_test(impossible_schedules_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
