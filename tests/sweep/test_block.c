/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points to blocks, blocks to targets and jobs. */
#include "sweep_support.h"

#include <math.h>

static void blocks_cover_every_chain_once(void **state)
{
    (void)state;
    static const struct {
        const char *budget;
        size_t chains, block, blocks;
    } cases[] = {{"{iterations: 1, chains: 256}", 256, 32, 8},
                 {"{iterations: 1, chains: 33}", 33, 32, 2},
                 {"{iterations: 1, chains: 1}", 1, 32, 1},
                 {"{iterations: 1, chains: 100, block: 7}", 100, 7, 15},
                 {"{iterations: 1, chains: 5, block: 1}", 5, 1, 5}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        ms_sweep *sweep =
            make_sweep((sweep_parts){.budget = cases[c].budget, .grid = "{dimension: [1, 2, 3]}"});
        assert_int_equal(ms_sweep_block_count(sweep), 3 * cases[c].blocks);
        size_t number = 0;
        for (size_t point = 0; point < 3; point++)
            for (size_t first = 0; first < cases[c].chains; first += cases[c].block) {
                ms_block block = ms_sweep_block(sweep, number++);
                size_t left = cases[c].chains - first;
                assert_int_equal(block.point, point);
                assert_int_equal(block.first_chain, first);
                assert_int_equal(block.chains, left < cases[c].block ? left : cases[c].block);
            }
        assert_int_equal(number, ms_sweep_block_count(sweep));
        ms_sweep_free(sweep);
    }
}

static void cost_counts_whole_lanes(void **state)
{
    (void)state;
    ms_sweep *sweep = make_sweep((sweep_parts){.sampler = "{step_size: 0.1, engine: full}",
                                               .budget = "{iterations: 1000, chains: 20, block: 16}",
                                               .grid = "{dimension: 10, patch_size: [10, 2]}"});
    assert_int_equal(ms_settings_engine(ms_sweep_settings(sweep, 0), 4), MS_ENGINE_FULL);
    assert_true(ms_sweep_block_cost(sweep, ms_sweep_block(sweep, 0)) == 16.0 * 1000 * (10 + 8));
    assert_true(ms_sweep_block_cost(sweep, ms_sweep_block(sweep, 1)) == 8.0 * 1000 * (10 + 8)); /* 4 chains */
    assert_true(ms_sweep_block_cost(sweep, ms_sweep_block(sweep, 2)) == 16.0 * 1000 * (2 + 8));
    assert_true(ms_sweep_block_memory(sweep, ms_sweep_block(sweep, 0)) > 16 * 10 * sizeof(double));
    ms_sweep_free(sweep);
}

/* The reduced engine follows the span of two modes, which here is one of three dimensions at most, and rho.
 */
static void cost_of_the_reduced_engine_does_not_grow(void **state)
{
    (void)state;
    ms_sweep *sweep = make_sweep((sweep_parts){.budget = "{iterations: 1000, chains: 8, block: 8}",
                                               .grid = "{dimension: [10, 1000], patch_size: full}"});
    assert_int_equal(ms_settings_engine(ms_sweep_settings(sweep, 0), 4), MS_ENGINE_REDUCED);
    assert_true(ms_sweep_block_cost(sweep, ms_sweep_block(sweep, 0)) ==
                ms_sweep_block_cost(sweep, ms_sweep_block(sweep, 1)));
    ms_sweep_free(sweep);
    sweep = make_sweep((sweep_parts){.start = "{uniform: [0, 1]}"});
    assert_int_equal(ms_settings_engine(ms_sweep_settings(sweep, 0), 4), MS_ENGINE_FULL);
    ms_sweep_free(sweep);
}

static void expect_mean(const char *mean, size_t dimension, const double *values)
{
    char components[256], grid[64];
    snprintf(components, sizeof components,
             "[{weight: 0.25, mean: 0, variance: 3}, {weight: 0.75, mean: %s, variance: 0.5}]", mean);
    snprintf(grid, sizeof grid, "{dimension: %zu}", dimension);
    ms_sweep *sweep = make_sweep((sweep_parts){.components = components, .grid = grid});
    ms_target *target;
    assert_int_equal(ms_settings_target_alloc(ms_sweep_settings(sweep, 0), dimension, &target, NULL), MS_OK);
    assert_int_equal(ms_target_dimension(target), dimension);
    assert_int_equal(ms_target_components(target), 2);
    assert_int_equal(ms_sweep_modes(sweep), 1);
    assert_true(ms_target_weight(target, 1) == 0.75 && ms_target_variance(target, 1) == 0.5);
    for (size_t j = 0; j < dimension; j++) {
        assert_true(ms_target_mean(target, 0)[j] == 0);
        assert_true(ms_target_mean(target, 1)[j] == values[j]);
    }
    ms_target_free(target);
    ms_sweep_free(sweep);
}

#define EXPECT_MEAN(mean, ...)                                                                               \
    expect_mean(mean, sizeof((double[]){__VA_ARGS__}) / sizeof(double), (const double[]){__VA_ARGS__})

static void means_follow_their_patterns(void **state)
{
    (void)state;
    EXPECT_MEAN("2", 2, 2, 2);
    EXPECT_MEAN("[1, -2, 0.5]", 1, -2, 0.5);
    EXPECT_MEAN("{pattern: constant, value: -1}", -1, -1);
    EXPECT_MEAN("{pattern: alternating, value: 2}", 2, -2, 2);
    EXPECT_MEAN("{pattern: halves, value: 2}", 2, 2, -2, -2);
    EXPECT_MEAN("{pattern: halves, value: 2}", 2, 2, 2, -2, -2);
    EXPECT_MEAN("{pattern: halves, value: 2}", 2);
    EXPECT_MEAN("{pattern: ramp, value: 2}", -2, -1, 0, 1, 2);
    EXPECT_MEAN("{pattern: ramp, value: 2}", -2, 2);
    EXPECT_MEAN("{pattern: ramp, value: 2}", 2);
    EXPECT_MEAN("{pattern: repeat, values: [1, 2, 3]}", 1, 2, 3, 1, 2);
    EXPECT_MEAN("{pattern: repeat, values: [1, 2, 3]}", 1, 2);
}

static void a_list_has_one_dimension(void **state)
{
    (void)state;
    ms_sweep *sweep = make_sweep((sweep_parts){
        .components = "[{weight: 0.5, mean: [1, 2], variance: 3}, {weight: 0.5, mean: 1, variance: 1}]",
        .grid = "{dimension: 2}"});
    ms_target *target;
    ms_error error = {0};
    assert_int_equal(ms_settings_target_alloc(ms_sweep_settings(sweep, 0), 3, &target, &error),
                     MS_ERROR_ARGUMENT);
    assert_null(target);
    assert_string_equal(error.message, "mean 0 has 2 coordinates, the dimension is 3");
    ms_sweep_free(sweep);
}

/* The discovery times of a point do not depend on how its chains are cut into blocks. */
static void blocks_give_the_chains_of_their_point(void **state)
{
    (void)state;
    int64_t time[2][12];
    for (int cut = 0; cut < 2; cut++) {
        ms_sweep *sweep = make_sweep((sweep_parts){
            .budget = cut ? "{iterations: 300, chains: 12, block: 5}" : "{iterations: 300, chains: 12}",
            .snapshots = "[0, 100]",
            .grid = "{dimension: 5, patch_size: 2, indivisible: shorter_last_patch}"});
        ms_kept kept = {0};
        for (size_t b = 0; b < ms_sweep_block_count(sweep); b++) {
            ms_block block = ms_sweep_block(sweep, b);
            ms_job job;
            ms_error error = {0};
            if (ms_sweep_job_alloc(sweep, block, MS_SIMD_AUTO, &kept, &job, &error) != MS_OK)
                fail_msg("%s", error.message);
            assert_int_equal(job.type->advance(job.state, 1000, &error), MS_OK);
            assert_true(job.type->done(job.state));
            assert_non_null(ms_run_snapshot(job.state, 1, 0)); /* of direct simulation the state is the run */
            for (size_t chain = 0; chain < block.chains; chain++)
                time[cut][block.first_chain + chain] = ms_run_event_time(job.state, chain, 1);
            ms_job_free(&job);
        }
        ms_kept_free(&kept);
        ms_sweep_free(sweep);
    }
    int discovered = 0;
    for (size_t chain = 0; chain < 12; chain++) {
        assert_int_equal(time[0][chain], time[1][chain]);
        discovered += time[0][chain] != MS_CENSORED;
    }
    assert_true(discovered > 6);
}

static void the_ball_has_the_radius_asked_for(void **state)
{
    (void)state;
    /* so large that every chain starts inside */
    ms_sweep *sweep = make_sweep((sweep_parts){.discovery = "{radius_squared: 1e6}"});
    ms_kept kept = {0};
    ms_job job;
    ms_error error = {0};
    assert_int_equal(ms_sweep_job_alloc(sweep, ms_sweep_block(sweep, 0), MS_SIMD_AUTO, &kept, &job, &error),
                     MS_OK);
    for (size_t chain = 0; chain < 16; chain++)
        assert_int_equal(ms_run_event_time(job.state, chain, 0), 0);
    ms_job_free(&job);
    ms_kept_free(&kept);
    ms_sweep_free(sweep);
}

/* The room for saved states in the results file is enough, and not much more. */
static void states_fit_their_room(void **state)
{
    (void)state;
    static const sweep_parts parts[] = {
        {.grid = "{dimension: 40, patch_size: [1, 2, 10, full]}"},
        {.sampler = "{step_size: 0.1, engine: full}", .grid = "{dimension: 40, patch_size: [1, 10, full]}"},
        {.start = "{normal: {variance: 2}}", .grid = "{dimension: 40, patch_size: [1, 2, 10, full]}"},
        {.grid = "{dimension: 7, patch_size: [2, 3], indivisible: shorter_last_patch}"},
        {.budget = "{iterations: 100, chains: 13, block: 5}", .grid = "{dimension: [1, 2]}"}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        ms_sweep *sweep = make_sweep(parts[i]);
        ms_kept kept = {0};
        for (size_t b = 0; b < ms_sweep_block_count(sweep); b++) {
            ms_job job;
            ms_block block = ms_sweep_block(sweep, b);
            assert_int_equal(ms_sweep_job_alloc(sweep, block, MS_SIMD_AUTO, &kept, &job, NULL), MS_OK);
            size_t room = ms_sweep_block_state_size(sweep, block), needed = job.type->state_size(job.state);
            assert_true(needed <= room);
            assert_true(room <= 2 * needed);
            ms_job_free(&job);
        }
        ms_kept_free(&kept);
        ms_sweep_free(sweep);
    }
}

/* A target is kept for all points that have it, whatever else differs, and for no other. */
static void the_target_is_kept_as_long_as_it_is_the_same(void **state)
{
    (void)state;
    ms_sweep *sweep = make_sweep(
        (sweep_parts){.grid = "{sampler.step_size: [0.1, 0.2], 'target.components[1].variance': [0.5, 0.6], "
                              "dimension: [2, 3], seed: [1, 2]}"});
    ms_kept kept = {0};
    size_t made = 0;
    const ms_target *before = NULL;
    uint64_t digest = 0;
    for (size_t p = 0; p < sweep->point_count; p++) {
        ms_target *own;
        assert_int_equal(ms_sweep_keep_target(sweep, p, &kept, NULL), MS_OK);
        assert_int_equal(
            ms_settings_target_alloc(ms_sweep_settings(sweep, p), sweep->points[p].dimension, &own, NULL),
            MS_OK);
        assert_true(own->digest == kept.target->digest);
        made += before != kept.target || digest != own->digest;
        before = kept.target;
        digest = own->digest;
        ms_target_free(own);
    }
    assert_int_equal(sweep->point_count, 16);
    assert_int_equal(made, 8); /* the seed varies fastest */
    const size_t first = 0, other_step = 8;
    assert_int_equal(ms_sweep_keep_target(sweep, first, &kept, NULL), MS_OK);
    before = kept.target;
    assert_true(sweep->points[first].variant != sweep->points[other_step].variant);
    assert_int_equal(ms_sweep_keep_target(sweep, other_step, &kept, NULL), MS_OK);
    assert_true(kept.target == before);
    ms_kept_free(&kept);
    ms_sweep_free(sweep);
}

static void memory_that_no_machine_has_is_not_asked_for(void **state)
{
    (void)state;
    ms_sweep *sweep = make_sweep((sweep_parts){.sampler = "{step_size: 0.1, engine: full}",
                                               .budget = "{iterations: 1, chains: 65536, block: 65536}",
                                               .grid = "{dimension: 1e6}"});
    ms_kept kept = {0};
    ms_job job;
    ms_error error = {0};
    assert_int_equal(ms_sweep_job_alloc(sweep, ms_sweep_block(sweep, 0), MS_SIMD_AUTO, &kept, &job, &error),
                     MS_ERROR_MEMORY);
    assert_non_null(strstr(error.message, "block"));
    assert_null(job.state);
    assert_null(kept.target);
    ms_sweep_free(sweep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(blocks_cover_every_chain_once),
                                       cmocka_unit_test(cost_counts_whole_lanes),
                                       cmocka_unit_test(cost_of_the_reduced_engine_does_not_grow),
                                       cmocka_unit_test(means_follow_their_patterns),
                                       cmocka_unit_test(a_list_has_one_dimension),
                                       cmocka_unit_test(blocks_give_the_chains_of_their_point),
                                       cmocka_unit_test(the_ball_has_the_radius_asked_for),
                                       cmocka_unit_test(states_fit_their_room),
                                       cmocka_unit_test(the_target_is_kept_as_long_as_it_is_the_same),
                                       cmocka_unit_test(memory_that_no_machine_has_is_not_asked_for)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
