/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Races of patch sizes: what comes out depends on the effort alone, is right, and is honest. */
#include "farm/race.h"

#include "cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ms_sweep *make_sweep(const char *sampler, const char *grid)
{
    char text[1024];
    int length =
        snprintf(text, sizeof text,
                 "name: race\n"
                 "target:\n"
                 "  family: gaussian_mixture\n"
                 "  components: [{weight: 0.2, mean: 0, variance: 3}, {weight: 0.4, mean: 1, variance: 1},\n"
                 "    {weight: 0.4, mean: -1, variance: 1}]\n"
                 "sampler: %s\n"
                 "budget: {iterations: 10, chains: 8, stop_when_discovered: false}\n"
                 "snapshots: [10]\n"
                 "grid: %s\n",
                 sampler, grid);
    ms_sweep *sweep;
    ms_diagnostics *diagnostics = calloc(1, sizeof *diagnostics);
    assert_non_null(diagnostics);
    if (ms_sweep_parse(&sweep, "race", text, (size_t)length, diagnostics) != MS_OK)
        fail_msg("%s", diagnostics->message[0]);
    free(diagnostics);
    ms_sweep_focus(sweep, 0);
    return sweep;
}

/* How often it may still be asked. */
static bool count_down(void *left)
{
    return --*(long *)left < 0;
}

static bool never(void *argument)
{
    (void)argument;
    return false;
}

static ms_race run_race(const ms_sweep *sweep, const size_t *points, size_t count, double effort, long looks)
{
    ms_race race;
    ms_error error;
    const ms_race_watch watch = {count_down, never, &looks};
    assert_int_equal(ms_race_begin(&race, sweep, points, count, &error), MS_OK);
    race.effort_most = effort;
    assert_int_equal(ms_race_run(&race, &watch, &error), MS_OK);
    return race;
}

static const size_t first_two[] = {0, 1};

static void the_same_effort_says_the_same(void **state)
{
    (void)state;
    ms_sweep *sweep = make_sweep("{step_size: 0.1}", "{dimension: 10, patch_size: [5, full]}");
    ms_race a = run_race(sweep, first_two, 2, 3e5, 1000000000),
            b = run_race(sweep, first_two, 2, 3e5, 900000000);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(a.candidate[i].chains, b.candidate[i].chains);
        assert_memory_equal(a.candidate[i].observed, b.candidate[i].observed,
                            a.candidate[i].chains * sizeof(int64_t));
        for (int until = 0; until < MS_UNTIL_COUNT; until++) {
            const ms_figure *f = &a.candidate[i].figure[until];
            assert_memory_equal(&f->mean, &b.candidate[i].figure[until].mean, sizeof f->mean);
            assert_true(f->mean.low <= f->mean.value && f->mean.value <= f->mean.high);
        }
    }
    ms_race_end(&a);
    ms_race_end(&b);
    ms_sweep_free(sweep);
}

/* Each look is one after a piece of work: the race ends within one of them, with what there is. */
static void it_stops_when_it_is_told_to(void **state)
{
    (void)state;
    ms_sweep *sweep = make_sweep("{step_size: 0.1}", "{dimension: 100, patch_size: [20, full]}");
    for (long looks = 0; looks < 20; looks++) {
        ms_race race = run_race(sweep, first_two, 2, (double)INFINITY, looks);
        assert_true(!race.is_decided || looks > 5);
        assert_true(race.candidate[0].chains > 0 || looks == 0);
        assert_true(race.candidate[0].figure[MS_UNTIL_ANY].chains == race.candidate[0].chains);
        ms_race_end(&race);
    }
    ms_sweep_free(sweep);
}

/* A step so small that nobody gets anywhere. */
static void where_none_discovers_none_is_best(void **state)
{
    (void)state;
    ms_standing standing[2];
    ms_sweep *sweep = make_sweep("{step_size: 1e-9}", "{dimension: 100, patch_size: [10, full]}");
    ms_race race = run_race(sweep, first_two, 2, 1e5, 1000000000);
    for (int s = 0; s < MS_SPENT_COUNT; s++)
        assert_false(ms_race_standings(&race, MS_UNTIL_ANY, (ms_spent)s, standing));
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(standing[i], MS_STANDS_OPEN);
        assert_true(race.candidate[i].figure[MS_UNTIL_ANY].is_bound);
        assert_true(isinf(race.candidate[i].figure[MS_UNTIL_ANY].mean.high));
    }
    ms_race_end(&race);
    ms_sweep_free(sweep);
}

/* The mean of vanilla dynamics in 10 dimensions is known (tests/data/mfpt.csv), and it is far below that of
 * patches of one coordinate. 200 races: if the 95 % intervals cover it as they should, fewer than 178 do so
 * with a probability of 1e-4. */
static void intervals_cover_what_is_known(void **state)
{
    (void)state;
    enum { RACES = 200, LEAST = 178 };
    const double known = 40.316393;
    size_t covered = 0, bounds = 0;
    ms_standing standing[2];
    ms_sweep *sweep = make_sweep("{step_size: 0.1, iterations_per_pass: 1000}",
                                 "{dimension: 10, patch_size: [1, full], seed: {from: 1, count: 200}}");
    for (size_t r = 0; r < RACES; r++) {
        const size_t points[] = {r, RACES + r};
        ms_race race = run_race(sweep, points, 2, 5e5, 1000000000);
        assert_int_equal(sweep->points[points[1]].patch_size, 10);
        assert_true(ms_race_standings(&race, MS_UNTIL_ANY, MS_SPENT_ITERATIONS, standing));
        /* a chain that has come further than all others without a discovery when the effort is spent leaves a
         * bound */
        bounds += race.candidate[1].figure[MS_UNTIL_ANY].is_bound;
        assert_int_equal(standing[1],
                         race.candidate[1].figure[MS_UNTIL_ANY].is_bound ? MS_STANDS_OPEN : MS_STANDS_BEST);
        assert_true(standing[1] != MS_STANDS_BEST || standing[0] == MS_STANDS_WORSE);
        const ms_interval *mean = &race.candidate[1].figure[MS_UNTIL_ANY].mean;
        covered += mean->low <= known && known <= mean->high;
        ms_race_end(&race);
    }
    print_message("%zu of %d intervals, %zu bounds\n", covered, RACES, bounds);
    assert_in_range(covered, LEAST, RACES);
    assert_in_range(bounds, 0, RACES / 20);
    ms_sweep_free(sweep);
}

/* The interval of what an iteration takes, from rates that two pieces of work took. */
static ms_interval seconds_of(ms_candidate *c, double first, double second)
{
    c->timings = 2;
    c->rate_sum = first + second;
    c->rate_squares = first * first + second * second;
    c->timed_seconds = 7 * (first + second);
    c->timed_work = 14;
    assert_int_equal(ms_candidate_judge(c, NULL), MS_OK);
    return c->seconds;
}

/* Positive, however much rates differ; by a factor to both sides, and never as if it were known exactly. */
static void times_are_known_up_to_a_factor(void **state)
{
    (void)state;
    ms_sweep *sweep = make_sweep("{step_size: 0.1}", "{dimension: 10, patch_size: [5, full]}");
    ms_race race = run_race(sweep, first_two, 2, 1e4, 1000000000);
    static const struct {
        double first, second, factor; /* 1 + 2 standard errors of the mean / mean */
    } known[] = {{2, 2, 1.03}, {2, 2.01, 1.03}, {1, 3, 2}, {0.01, 1.99, 2.98}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        ms_interval seconds = seconds_of(&race.candidate[1], known[i].first, known[i].second);
        double mean = (known[i].first + known[i].second) / 2;
        assert_true(fabs(seconds.value - mean) < 1e-12);
        assert_true(fabs(seconds.low - mean / known[i].factor) < 1e-12);
        assert_true(fabs(seconds.high - mean * known[i].factor) < 1e-12);
    }
    ms_race_end(&race);
    ms_sweep_free(sweep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_effort_says_the_same), cmocka_unit_test(it_stops_when_it_is_told_to),
        cmocka_unit_test(where_none_discovers_none_is_best), cmocka_unit_test(intervals_cover_what_is_known),
        cmocka_unit_test(times_are_known_up_to_a_factor)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
