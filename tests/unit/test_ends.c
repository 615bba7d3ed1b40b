/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is expected of chains after others. */
#include "cmocka_all.h"
#include "observe/ends.h"

#include <math.h>
#include <modeseek/run.h>

#define LATE 1.08 /* chains are sorted out up to an eighth of the time late, a sixteenth on average */

static void events_and_iterations_at_risk_add_up(void **state)
{
    (void)state;
    static const int64_t time[3][2] = {{10, 40}, {MS_CENSORED, 30}, {0, 0}};
    static const uint64_t observed[3] = {40, 100, 0};
    ms_ends ends = {0};
    for (size_t i = 0; i < 3; i++)
        ms_ends_add(&ends, time[i], 2, observed[i]);
    assert_int_equal(ends.events, 2);
    assert_true(ends.happened[0] == 2 && ends.at_risk[0] == 110);
    assert_true(ends.happened[1] == 3 && ends.at_risk[1] == 70);
    assert_true(ends.chains == 3 && ends.ended == 2 && ends.observed == 140);
    assert_false(ms_ends_leave_open(&ends, 1000));
    static const int64_t never[2] = {MS_CENSORED, 5};
    ms_ends once = {0};
    ms_ends_add(&once, never, 2, 50);
    assert_true(ms_ends_leave_open(&once, 51));
    assert_false(ms_ends_leave_open(&once, 50)); /* the whole budget was seen */
}

/* `ended` of ten chains, at 1/rate each; the others were seen for as long. */
static ms_ends exponential(double rate)
{
    return (ms_ends){
        .events = 1, .happened = {5}, .at_risk = {5 / rate}, .chains = 10, .ended = 5, .observed = 5 / rate};
}

static void expect_between(const ms_ends *ends, ms_ends_block block, double low, double high)
{
    double groups = ms_ends_expected(ends, &block);
    if (!(groups >= low && groups <= high))
        fail_msg("%g is not within %g and %g", groups, low, high);
}

static void chains_alone_take_the_mean_of_their_times(void **state)
{
    (void)state;
    const ms_ends ends = exponential(1e-4);
    static const uint64_t budget[] = {1000, 10000, 1000000};
    for (size_t i = 0; i < 3; i++) {
        double mean = -expm1(-1e-4 * (double)budget[i]) / 1e-4;
        expect_between(&ends, (ms_ends_block){.chains = 1, .group = 1, .iterations = budget[i]}, 0.99 * mean,
                       LATE * mean);
        expect_between(&ends, (ms_ends_block){.chains = 20, .group = 1, .iterations = budget[i]},
                       0.99 * 20 * mean, LATE * 20 * mean);
    }
}

/* The last of eight takes (1 + 1/2 + ... + 1/8) times as long as one. */
static void a_group_takes_as_long_as_its_last_chain(void **state)
{
    (void)state;
    const ms_ends ends = exponential(1e-4);
    double last = 0;
    for (int i = 1; i <= 8; i++)
        last += 1e4 / i;
    expect_between(&ends, (ms_ends_block){.chains = 8, .group = 8, .iterations = 10000000}, 0.99 * last,
                   LATE * last);
}

/* Where the sum over groups is not taken any more, what stands for it is about the same. */
static void many_groups_take_in_proportion(void **state)
{
    (void)state;
    const ms_ends ends = exponential(1e-4);
    ms_ends_block some = {.chains = 256, .group = 8, .iterations = 30000}, more = some;
    more.chains = 264;
    double expected = ms_ends_expected(&ends, &some) * 264 / 256;
    expect_between(&ends, more, 0.95 * expected, 1.05 * expected);
}

static void nothing_ends_before_it_may(void **state)
{
    (void)state;
    const ms_ends at_once = {.events = 1, .happened = {8}, .chains = 8, .ended = 8}, none = {.events = 1};
    ms_ends_block block = {.chains = 20, .group = 8, .iterations = 1000};
    expect_between(&at_once, block, 0, 0);
    block.at_least = 500;
    expect_between(&at_once, block, 3 * 500, 3 * 500 * LATE);
    block.at_least = 1000;
    expect_between(&at_once, block, 3000, 3000);
    expect_between(&none, block, 3000, 3000);
}

/* Chains that take twice as long for all as their events by themselves would: so do others. */
static void chains_that_stay_are_waited_for(void **state)
{
    (void)state;
    ms_ends ends = {.events = 2, .happened = {10, 10}, .at_risk = {1e5, 1e5}, .chains = 10, .ended = 10};
    ends.observed = 1.5e5; /* as independent ones do */
    const ms_ends_block block = {.chains = 1, .group = 1, .iterations = 10000000};
    expect_between(&ends, block, 0.99 * 1.5e4, LATE * 1.5e4);
    ends.observed = 3e5;
    expect_between(&ends, block, 0.99 * 3e4, LATE * 3e4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(events_and_iterations_at_risk_add_up),
                                       cmocka_unit_test(chains_alone_take_the_mean_of_their_times),
                                       cmocka_unit_test(a_group_takes_as_long_as_its_last_chain),
                                       cmocka_unit_test(many_groups_take_in_proportion),
                                       cmocka_unit_test(nothing_ends_before_it_may),
                                       cmocka_unit_test(chains_that_stay_are_waited_for)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
