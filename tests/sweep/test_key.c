/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key of a point's random numbers changes with what the chains do, and with nothing else. */
#include "sweep_support.h"

static uint64_t key_of(sweep_parts parts, size_t point)
{
    ms_sweep *sweep = make_sweep(parts);
    assert_true(point < sweep->point_count);
    uint64_t key = ms_sweep_point_key(sweep, point, &(ms_key_memo){0});
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
    assert_int_equal(KEY(.start = NULL), UINT64_C(0x4693b22f17f25348));
    assert_int_equal(KEY(CHAINED_ANNEALED, .sampler = GEOMETRIC("noise_level_min: 0.1, levels: 3"),
                         .start = "{uniform: [-1, 1]}"),
                     UINT64_C(0xf9c258036b6bf0d2));
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

/* The key of a point of vanilla dynamics, every word hashed one after the other. */
static uint64_t plain_key(const ms_sweep *sweep, size_t point)
{
    const ms_point *p = &sweep->points[point];
    const ms_settings *settings = ms_sweep_settings(sweep, point);
    const ms_start *start = &settings->start;
    ms_target *target;
    assert_int_equal(ms_settings_target_alloc(settings, p->dimension, &target, NULL), MS_OK);
    ms_hash hash = ms_hash_init();
    ms_hash_u64(&hash, 16);
    ms_hash_bytes(&hash, "gaussian_mixture", 16);
    ms_hash_u64(&hash, 8);
    ms_hash_bytes(&hash, "langevin", 8);
    ms_hash_u64(&hash, p->seed);
    ms_hash_u64(&hash, p->dimension);
    ms_hash_u64(&hash, p->patch_size);
    ms_hash_double(&hash, p->noise_level);
    ms_hash_u64(&hash, ms_settings_components(settings));
    for (size_t i = 0; i < ms_settings_components(settings); i++) {
        ms_hash_double(&hash, ms_target_weight(target, i));
        ms_hash_double(&hash, ms_target_variance(target, i));
        for (size_t j = 0; j < p->dimension; j++)
            ms_hash_double(&hash, ms_target_mean(target, i)[j]);
    }
    ms_target_free(target);
    ms_hash_u64(&hash, start->type);
    ms_hash_u64(&hash, start->type == MS_START_COMPONENT ? start->component : start->rows);
    for (size_t i = 0; start->positions && i < start->rows * sweep->positions_dimension; i++)
        ms_hash_double(&hash, start->positions[i]);
    ms_hash_u64(&hash, ms_settings_engine(settings, p->dimension));
    ms_hash_double(&hash, ms_settings_schedule(settings, 0).step_size);
    ms_hash_u64(&hash, 1);
    return ms_hash_value(&hash);
}

static void compare_keys(const ms_sweep *sweep)
{
    ms_key_memo memo = {0};
    for (size_t p = 0; p < sweep->point_count; p++)
        if (ms_sweep_point_key(sweep, p, &memo) != plain_key(sweep, p))
            fail_msg("dimension %zu, seed %" PRIu64 ": another key", sweep->points[p].dimension,
                     sweep->points[p].seed);
}

static void shortcuts_lead_to_the_same_key(void **state)
{
    (void)state;
    ms_sweep *sweep = make_sweep((sweep_parts){
        .components = "[{weight: 0.1, mean: 0.3, variance: 3},"
                      " {weight: 0.2, mean: {pattern: alternating, value: 0.7}, variance: 1},"
                      " {weight: 0.1, mean: {pattern: halves, value: -1e-3}, variance: 1},"
                      " {weight: 0.2, mean: {pattern: ramp, value: 2}, variance: 1},"
                      " {weight: 0.3, mean: {pattern: repeat, values: [1, -0.0, 3e50]}, variance: 2},"
                      " {weight: 0.1, mean: {pattern: alternating, value: 0}, variance: 2}]",
        .grid = "{dimension: [1, 2, 3, 511, 512, 1023, 1024, 1025, 1537, 30001], "
                "patch_size: full, seed: {from: 1, count: 20}}"});
    compare_keys(sweep);
    ms_sweep_free(sweep);

    /* more seeds than there are last bytes of a hash */
    sweep = make_sweep((sweep_parts){.grid = "{dimension: [700, 701], seed: {from: 1, count: 1000}}"});
    size_t count = 4 * 700;
    double *positions = malloc(count * sizeof *positions);
    assert_non_null(positions);
    for (size_t i = 0; i < count; i++)
        positions[i] = (double)i / 7 - 100;
    compare_keys(sweep);
    sweep->variant[0].start = (ms_start){.type = MS_START_POSITIONS, .positions = positions, .rows = 4};
    sweep->positions = positions;
    sweep->positions_dimension = 700;
    compare_keys(sweep);
    ms_sweep_free(sweep);
}

/* Gone through word by word, these would take a quarter of an hour, which is more than a test may. */
static void large_dimensions_cost_nothing(void **state)
{
    (void)state;
    char components[4096] = "[{weight: 0.25, mean: 0, variance: 3}";
    for (int i = 1; i < 16; i++)
        snprintf(components + strlen(components), sizeof components - strlen(components),
                 ", {weight: 0.05, mean: %d, variance: 1}%s", i, i == 15 ? "]" : "");
    ms_sweep *sweep = make_sweep((sweep_parts){
        .components = components, .grid = "{dimension: {from: 9999001, to: 10000000, count: 1000}}"});
    ms_key_memo memo = {0};
    assert_int_equal(sweep->point_count, 1000);
    for (size_t p = 1; p < 1000; p++)
        assert_true(ms_sweep_point_key(sweep, p, &memo) != ms_sweep_point_key(sweep, p - 1, &memo));
    ms_sweep_free(sweep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_key_is_frozen),
                                       cmocka_unit_test(what_chains_do_not_feel_does_not_count),
                                       cmocka_unit_test(the_same_mean_in_other_words_is_the_same),
                                       cmocka_unit_test(langevin_dynamics_know_no_visits),
                                       cmocka_unit_test(visits_count_where_there_are_any),
                                       cmocka_unit_test(what_chains_feel_counts),
                                       cmocka_unit_test(shortcuts_lead_to_the_same_key),
                                       cmocka_unit_test(large_dimensions_cost_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
