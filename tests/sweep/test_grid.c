/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Axes expand to exactly these values, and grids to exactly these points. */
#include "sweep_support.h"

static void expect_dimensions(const char *axis, size_t count, const size_t *values)
{
    char grid[256];
    snprintf(grid, sizeof grid, "{dimension: %s}", axis);
    ms_sweep *sweep = make_sweep((sweep_parts){.grid = grid});
    assert_int_equal(sweep->point_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(sweep->points[i].dimension, values[i]);
        assert_int_equal(sweep->points[i].patch_size, values[i]);
        assert_int_equal(sweep->points[i].seed, 1);
        assert_true(sweep->points[i].noise_level == 0);
    }
    ms_sweep_free(sweep);
}

#define EXPECT_DIMENSIONS(axis, ...)                                                                         \
    expect_dimensions(axis, sizeof((size_t[]){__VA_ARGS__}) / sizeof(size_t), (const size_t[]){__VA_ARGS__})

static void whole_axes_expand(void **state)
{
    (void)state;
    EXPECT_DIMENSIONS("7", 7);
    EXPECT_DIMENSIONS("1e3", 1000);
    EXPECT_DIMENSIONS("[20, 10, 30]", 20, 10, 30);
    EXPECT_DIMENSIONS("{from: 10, to: 50, step: 20}", 10, 30, 50);
    EXPECT_DIMENSIONS("{from: 10, to: 45, step: 20}", 10, 30);
    EXPECT_DIMENSIONS("{from: 10, to: 11, step: 20}", 10);
    EXPECT_DIMENSIONS("{from: 1, to: 10, count: 4}", 1, 4, 7, 10);
    EXPECT_DIMENSIONS("{from: 1, to: 4, count: 3}", 1, 3, 4); /* 2.5 is rounded up */
    EXPECT_DIMENSIONS("{from: 1, to: 3, count: 10}", 1, 2, 3);
    EXPECT_DIMENSIONS("{from: 1, to: 20, factor: 2}", 1, 2, 4, 8, 16);
    EXPECT_DIMENSIONS("{from: 1, to: 16, factor: 2}", 1, 2, 4, 8, 16);
    EXPECT_DIMENSIONS("{from: 1, to: 6, factor: 1.5}", 1, 2, 3, 5);
    EXPECT_DIMENSIONS("{from: 1, to: 1e7, factor: 10}", 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000);
}

static void expect_noise_levels(const char *axis, size_t count, const double *values)
{
    char grid[256];
    snprintf(grid, sizeof grid, "{dimension: 1, noise_level: %s}", axis);
    ms_sweep *sweep = make_sweep((sweep_parts){.grid = grid});
    assert_int_equal(sweep->point_count, count);
    for (size_t i = 0; i < count; i++)
        assert_true(sweep->points[i].noise_level == values[i]);
    ms_sweep_free(sweep);
}

#define EXPECT_NOISE_LEVELS(axis, ...)                                                                       \
    expect_noise_levels(axis, sizeof((double[]){__VA_ARGS__}) / sizeof(double), (const double[]){__VA_ARGS__})

static void real_axes_expand(void **state)
{
    (void)state;
    EXPECT_NOISE_LEVELS("0.3", 0.3);
    EXPECT_NOISE_LEVELS("[1, 0, 0.5]", 1, 0, 0.5);
    EXPECT_NOISE_LEVELS("{from: 0, to: 1, count: 5}", 0, 0.25, 0.5, 0.75, 1);
    EXPECT_NOISE_LEVELS("{from: 0.1, to: 0.3, step: 0.1}", 0.1, 0.2, 0.3);
    EXPECT_NOISE_LEVELS("{from: 0.1, to: 0.35, step: 0.1}", 0.1, 0.2, 0.1 + 2 * 0.1);
    EXPECT_NOISE_LEVELS("{from: 0.5, to: 4, factor: 2}", 0.5, 1, 2, 4);
    EXPECT_NOISE_LEVELS("{from: 0.5, to: 5, factor: 2}", 0.5, 1, 2, 4);
    EXPECT_NOISE_LEVELS("{from: 0.01, to: 10, factor: 10}", 0.01, 0.01 * 10, 0.01 * 10 * 10, 10);
}

static void seeds_are_64_bits_wide(void **state)
{
    (void)state;
    ms_sweep *sweep = make_sweep((sweep_parts){.grid = "{dimension: 1, seed: [0, 18446744073709551615]}"});
    assert_int_equal(sweep->point_count, 2);
    assert_true(sweep->points[0].seed == 0 && sweep->points[1].seed == UINT64_MAX);
    ms_sweep_free(sweep);
    sweep = make_sweep((sweep_parts){.grid = "{dimension: 1, seed: {from: 5, count: 3}}"});
    assert_int_equal(sweep->point_count, 3);
    assert_true(sweep->points[0].seed == 5 && sweep->points[2].seed == 7);
    ms_sweep_free(sweep);
    sweep = make_sweep(
        (sweep_parts){.grid = "{dimension: 1, seed: {from: 0, to: 18446744073709551615, count: 4}}"});
    assert_int_equal(sweep->point_count, 4);
    assert_true(sweep->points[1].seed == UINT64_MAX / 3 && sweep->points[2].seed == UINT64_MAX / 3 * 2);
    assert_true(sweep->points[3].seed == UINT64_MAX);
    ms_sweep_free(sweep);
}

static void snapshots_expand(void **state)
{
    (void)state;
    ms_sweep *sweep = make_sweep((sweep_parts){.snapshots = "{from: 10, to: 1000, factor: 10}"});
    assert_int_equal(sweep->snapshot_count, 3);
    assert_true(sweep->snapshots[0] == 10 && sweep->snapshots[1] == 100 && sweep->snapshots[2] == 1000);
    ms_sweep_free(sweep);
    sweep = make_sweep((sweep_parts){.snapshots = "[0, 1, 1000]"});
    assert_int_equal(sweep->snapshot_count, 3);
    assert_true(sweep->snapshots[0] == 0 && sweep->snapshots[2] == 1000);
    ms_sweep_free(sweep);
    sweep = make_sweep((sweep_parts){.snapshots = "500"});
    assert_int_equal(sweep->snapshot_count, 1);
    ms_sweep_free(sweep);
}

static void points_come_in_the_stated_order(void **state)
{
    (void)state;
    ms_sweep *sweep = make_sweep(
        (sweep_parts){.grid = "{dimension: [4, 2], patch_size: [2, 1], noise_level: [1, 0], seed: [9, 8]}"});
    assert_int_equal(sweep->point_count, 16);
    size_t i = 0;
    for (size_t d = 4; d >= 2; d -= 2)
        for (size_t q = 2; q >= 1; q--)
            for (int noise = 1; noise >= 0; noise--)
                for (uint64_t seed = 9; seed >= 8; seed--, i++) {
                    assert_int_equal(sweep->points[i].dimension, d);
                    assert_int_equal(sweep->points[i].patch_size, q);
                    assert_true(sweep->points[i].noise_level == noise);
                    assert_int_equal(sweep->points[i].seed, seed);
                }
    ms_sweep_free(sweep);
}

static void expect_patches(const char *grid, size_t skipped, size_t count, const size_t (*pairs)[2])
{
    ms_sweep *sweep = make_sweep((sweep_parts){.grid = grid});
    assert_int_equal(sweep->skipped_points, skipped);
    assert_int_equal(sweep->point_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(sweep->points[i].dimension, pairs[i][0]);
        assert_int_equal(sweep->points[i].patch_size, pairs[i][1]);
    }
    ms_sweep_free(sweep);
}

static void full_and_the_dimension_are_one_point(void **state)
{
    (void)state;
    expect_patches("{dimension: [5, 10], patch_size: [5, full]}", 0, 3,
                   (const size_t[][2]){{5, 5}, {10, 5}, {10, 10}});
    expect_patches("{dimension: [5, 10], patch_size: [full, 5]}", 0, 3,
                   (const size_t[][2]){{5, 5}, {10, 10}, {10, 5}});
}

static void indivisible_patch_sizes(void **state)
{
    (void)state;
    expect_patches("{dimension: [6, 4], patch_size: [3, 5, full], seed: [1], indivisible: skip}", 3, 3,
                   (const size_t[][2]){{6, 3}, {6, 6}, {4, 4}});
    expect_patches("{dimension: [6, 5], patch_size: [4, full], indivisible: shorter_last_patch}", 0, 4,
                   (const size_t[][2]){{6, 4}, {6, 6}, {5, 4}, {5, 5}});
}

static void an_axis_and_a_grid_may_be_as_long_as_stated(void **state)
{
    (void)state;
    ms_sweep *sweep = make_sweep(
        (sweep_parts){.grid = "{dimension: {from: 1, to: 10, step: 1}, seed: {from: 1, count: 10000}}"});
    assert_int_equal(sweep->point_count, MS_SWEEP_POINTS_MAX);
    ms_sweep_free(sweep);
    ms_diagnostics diagnostics;
    assert_null(
        try_sweep((sweep_parts){.grid = "{dimension: 1, seed: {from: 1, count: 10001}}"}, &diagnostics));
    assert_null(try_sweep((sweep_parts){.grid = "{dimension: {from: 1, to: 11, step: 1}, "
                                                "seed: {from: 1, count: 10000}}"},
                          &diagnostics));
    assert_non_null(strstr(diagnostics.message[0], "= 110000 points"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole_axes_expand),
                                       cmocka_unit_test(real_axes_expand),
                                       cmocka_unit_test(seeds_are_64_bits_wide),
                                       cmocka_unit_test(snapshots_expand),
                                       cmocka_unit_test(points_come_in_the_stated_order),
                                       cmocka_unit_test(full_and_the_dimension_are_one_point),
                                       cmocka_unit_test(indivisible_patch_sizes),
                                       cmocka_unit_test(an_axis_and_a_grid_may_be_as_long_as_stated)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
