/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key of a point's random numbers changes with what the chains do, and with nothing else. */
#include "sweep_support.h"

static uint64_t key_of(sweep_parts parts, size_t point)
{
    ms_sweep *sweep = make_sweep(parts);
    assert_true(point < sweep->point_count);
    ms_target *target;
    assert_int_equal(ms_sweep_target_alloc(sweep, sweep->points[point].dimension, &target, NULL), MS_OK);
    uint64_t key = ms_sweep_point_key(sweep, target, point);
    ms_target_free(target);
    ms_sweep_free(sweep);
    return key;
}

static uint64_t key(sweep_parts parts)
{
    return key_of(parts, 0);
}

#define KEY(...)            key((sweep_parts){__VA_ARGS__})
#define CHAINED             .grid = "{dimension: 4, patch_size: 2}"
#define ANNEALED            .grid = "{dimension: 4, noise_level: 1}"
#define CHAINED_ANNEALED    .grid = "{dimension: 4, patch_size: 2, noise_level: 1}"
#define GEOMETRIC(settings) "{step_size: 0.1, schedule: {type: geometric, " settings "}}"

static void the_key_is_frozen(void **state)
{
    (void)state;
    /* another value means that every sweep ever computed would now get other chains */
    assert_true(KEY(.start = NULL) == UINT64_C(0x5a835ac113ba01d4));
    assert_true(KEY(CHAINED_ANNEALED, .sampler = GEOMETRIC("noise_level_min: 0.1, levels: 3"),
                    .start = "{uniform: [-1, 1]}") == UINT64_C(0xfa073d43c35516cc));
}

static void what_chains_do_not_feel_does_not_count(void **state)
{
    (void)state;
    uint64_t usual = KEY(.start = NULL);
    assert_true(KEY(.budget = "{iterations: 1e6, chains: 999, block: 8, stop_when_discovered: false}") ==
                usual);
    assert_true(KEY(.discovery = "{radius_squared: 5}") == usual);
    assert_true(KEY(.snapshots = "[1, 2, 3]") == usual);
    assert_true(KEY(.grid = "{dimension: [4, 8, 16], patch_size: [full, 2], seed: [1, 2, 3]}") == usual);
    assert_true(key_of((sweep_parts){.grid = "{dimension: [2, 4], seed: [0, 1]}"}, 3) == usual);
    assert_true(KEY(.grid = "{dimension: 4, indivisible: skip}") == usual);
    assert_true(KEY(.start = "{component: 0}") == usual);
    assert_true(KEY(.sampler = "{step_size: 0.1, engine: reduced}") == usual); /* what auto stands for */
}

static void the_same_mean_in_other_words_is_the_same(void **state)
{
    (void)state;
    uint64_t usual = KEY(.start = NULL);
#define SECOND_MEAN(mean) "[{weight: 0.5, mean: 0, variance: 3}, {weight: 0.5, mean: " mean ", variance: 1}]"
    assert_true(KEY(.components = SECOND_MEAN("[1, 1, 1, 1]")) == usual);
    assert_true(KEY(.components = SECOND_MEAN("{pattern: constant, value: 1}")) == usual);
    assert_true(KEY(.components = SECOND_MEAN("{pattern: repeat, values: [1, 1, 1]}")) == usual);
    assert_true(KEY(.components =
                        "[{weight: 5e-1, mean: -0.0, variance: 3.0}, {weight: 0.5, mean: 1, variance: 1}]") ==
                usual);
    assert_true(KEY(.components = SECOND_MEAN("[1, 1, 1, 1.0000001]")) != usual);
    assert_true(KEY(.components = SECOND_MEAN("{pattern: alternating, value: 1}")) != usual);
}

static void langevin_dynamics_know_no_visits(void **state)
{
    (void)state;
    uint64_t usual = KEY(.start = NULL);
    assert_true(KEY(.sampler = "{step_size: 0.1, iterations_per_patch: 7}") == usual);
    assert_true(KEY(.sampler = "{step_size: 0.1, iterations_per_pass: 7}") == usual);
    assert_true(KEY(.sampler = "{step_size: 0.1, conditioning: same, step_rule: ncsn}") == usual);
    assert_true(KEY(.sampler = GEOMETRIC("noise_level_min: 0.1, levels: 3")) == usual); /* noise_level 0 */
    assert_true(KEY(ANNEALED, .sampler = GEOMETRIC("noise_level_min: 0.1, levels: 1")) == KEY(ANNEALED));
}

static void visits_count_where_there_are_any(void **state)
{
    (void)state;
    uint64_t usual = KEY(CHAINED);
    assert_true(KEY(CHAINED, .sampler = "{step_size: 0.1, iterations_per_patch: 100}") == usual);
    assert_true(KEY(CHAINED, .sampler = "{step_size: 0.1, iterations_per_pass: 200}") ==
                usual); /* two patches */
    assert_true(KEY(CHAINED, .sampler = "{step_size: 0.1, iterations_per_pass: 201}") != usual);
    assert_true(KEY(CHAINED, .sampler = "{step_size: 0.1, iterations_per_patch: 99}") != usual);
    assert_true(KEY(CHAINED, .sampler = "{step_size: 0.1, conditioning: same}") == usual); /* one level */

    const char *geometric = GEOMETRIC("noise_level_min: 0.1, levels: 3");
    assert_true(KEY(ANNEALED, .sampler = geometric) !=
                KEY(ANNEALED, .sampler = "{step_size: 0.1, iterations_per_patch: 5, "
                                         "schedule: {type: geometric, noise_level_min: 0.1, levels: 3}}"));
    assert_true(KEY(ANNEALED, .sampler = geometric) ==
                KEY(ANNEALED, .sampler = "{step_size: 0.1, conditioning: same, "
                                         "schedule: {type: geometric, noise_level_min: 0.1, levels: 3}}"));
    assert_true(KEY(CHAINED_ANNEALED, .sampler = geometric) !=
                KEY(CHAINED_ANNEALED, .sampler =
                                          "{step_size: 0.1, conditioning: same, "
                                          "schedule: {type: geometric, noise_level_min: 0.1, levels: 3}}"));
}

static void what_chains_feel_counts(void **state)
{
    (void)state;
    const char *geometric = GEOMETRIC("noise_level_min: 0.1, levels: 3");
    const uint64_t keys[] = {
        KEY(.start = NULL),
        KEY(.grid = "{dimension: 5}"),
        KEY(.grid = "{dimension: 4, seed: 2}"),
        KEY(.grid = "{dimension: 4, noise_level: 0.5}"),
        KEY(CHAINED),
        KEY(.sampler = "{step_size: 0.2}"),
        KEY(.sampler = "{step_size: 0.1, engine: full}"),
        KEY(.start = "{component: 1}"),
        KEY(.start = "{uniform: [-1, 1]}"),
        KEY(.start = "{uniform: [-1, 2]}"),
        KEY(.start = "{normal: {variance: 1}}"),
        KEY(.start = "{normal: {variance: 2}}"),
        KEY(.components = "[{weight: 0.4, mean: 0, variance: 3}, {weight: 0.6, mean: 1, variance: 1}]"),
        KEY(.components = "[{weight: 0.5, mean: 0, variance: 3}, {weight: 0.5, mean: 2, variance: 1}]"),
        KEY(.components = "[{weight: 0.5, mean: 0, variance: 4}, {weight: 0.5, mean: 1, variance: 1}]"),
        KEY(.components = "[{weight: 0.5, mean: 1, variance: 1}, {weight: 0.5, mean: 0, variance: 3}]"),
        KEY(ANNEALED, .sampler = geometric),
        KEY(ANNEALED, .sampler = GEOMETRIC("noise_level_min: 0.2, levels: 3")),
        KEY(ANNEALED, .sampler = GEOMETRIC("noise_level_min: 0.1, levels: 4")),
        KEY(ANNEALED, .sampler = "{step_size: 0.1, step_rule: ncsn, "
                                 "schedule: {type: geometric, noise_level_min: 0.1, levels: 3}}"),
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        for (size_t j = 0; j < i; j++)
            if (keys[i] == keys[j])
                fail_msg("keys %zu and %zu are equal", j, i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_key_is_frozen),
                                       cmocka_unit_test(what_chains_do_not_feel_does_not_count),
                                       cmocka_unit_test(the_same_mean_in_other_words_is_the_same),
                                       cmocka_unit_test(langevin_dynamics_know_no_visits),
                                       cmocka_unit_test(visits_count_where_there_are_any),
                                       cmocka_unit_test(what_chains_feel_counts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
