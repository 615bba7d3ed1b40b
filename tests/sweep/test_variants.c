/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any field may be an axis: its values arrive, points are what they would be in sweeps of their own, and
 * what differs is told. */
#include "sweep_support.h"

static double step_size(const ms_sweep *sweep, size_t point)
{
    return ms_settings_schedule(ms_sweep_settings(sweep, point), 0).step_size;
}

static void points_come_variant_by_variant(void **state)
{
    (void)state;
    ms_sweep *sweep =
        make_sweep((sweep_parts){.sampler = "{}",
                                 .grid = "{dimension: [4, 2], budget.iterations: [1000, 500], seed: [7, 8], "
                                         "sampler.step_size: {from: 0.1, to: 0.3, step: 0.1}}"});
    assert_int_equal(sweep->variants, 6);
    assert_int_equal(sweep->point_count, 24);
    size_t p = 0;
    for (uint64_t iterations = 1000; iterations >= 500; iterations -= 500)
        for (size_t step = 0; step < 3; step++)
            for (size_t dimension = 4; dimension >= 2; dimension -= 2)
                for (uint64_t seed = 7; seed <= 8; seed++, p++) {
                    static const double steps[] = {0.1, 0.2, 0.3};
                    assert_int_equal(ms_sweep_settings(sweep, p)->iterations, iterations);
                    assert_true(step_size(sweep, p) == steps[step]);
                    assert_int_equal(sweep->points[p].dimension, dimension);
                    assert_int_equal(sweep->points[p].seed, seed);
                    assert_true(ms_sweep_point_value(sweep, 0, p).whole == iterations);
                    assert_true(ms_sweep_point_value(sweep, 1, p).real == steps[step]);
                    assert_true(ms_sweep_point_value(sweep, 2, p).whole == dimension);
                    assert_true(ms_sweep_point_value(sweep, 5, p).whole == seed);
                }
    assert_int_equal(ms_sweep_axis_count(sweep), 6);
    assert_string_equal(ms_sweep_axis(sweep, 0)->name, "budget.iterations");
    assert_string_equal(ms_sweep_axis(sweep, 1)->name, "sampler.step_size");
    assert_string_equal(ms_sweep_axis(sweep, 2)->name, "dimension");
    assert_int_equal(ms_sweep_iterations(sweep), 1000);
    char text[100];
    ms_sweep_describe_variant(sweep, 4, text, sizeof text);
    assert_string_equal(text, "budget.iterations is 500, sampler.step_size is 0.2");
    ms_sweep_free(sweep);
}

static void every_kind_of_field_varies(void **state)
{
    (void)state;
    ms_sweep *sweep = make_sweep((sweep_parts){
        .components = "[{weight: 0.5, mean: 0, variance: 3}, "
                      "{weight: 0.5, mean: {pattern: alternating, value: 1}, variance: 1}]",
        .grid = "{dimension: 4, noise_level: 1, sampler.engine: [full, reduced], start.component: [1, 0], "
                "discovery.radius_squared: [2, 3], \"target.components[0].variance\": [4], "
                "\"target.components[1].mean.value\": [5, 6], sampler.iterations_per_pass: 8}"
        /* the file has no iterations_per_patch */});
    assert_int_equal(sweep->variants, 16);
    const ms_settings *first = ms_sweep_settings(sweep, 0), *last = ms_sweep_settings(sweep, 15);
    assert_int_equal(first->engine, MS_ENGINE_FULL);
    assert_int_equal(last->engine, MS_ENGINE_REDUCED);
    assert_int_equal(first->start.component, 1);
    assert_int_equal(last->start.component, 0);
    assert_true(first->radius_squared == 2 && last->radius_squared == 3);
    assert_true(component_of(first, 0)->variance.value == 4);
    const ms_vector *mean = &component_of(first, 1)->mean;
    assert_int_equal(mean->pattern, MS_PATTERN_ALTERNATING);
    assert_true(mean->value == 5 && component_of(last, 1)->mean.value == 6);
    assert_int_equal(first->iterations_per_patch, 0);
    assert_int_equal(first->iterations_per_pass, 8);
    assert_string_equal(ms_sweep_point_value(sweep, 0, 0).text, "full");
    ms_sweep_free(sweep);
}

/* A sweep without the sections that its grid has. */
static ms_sweep *sweep_of(const char *grid)
{
    char text[4096];
    snprintf(text, sizeof text, "name: test\nbudget: {iterations: 1000, chains: 16}\ngrid: %s\n", grid);
    ms_sweep *sweep;
    ms_diagnostics diagnostics = {0};
    if (ms_sweep_parse(&sweep, "test", text, strlen(text), &diagnostics) != MS_OK)
        fail_msg("%s", diagnostics.message[0]);
    return sweep;
}

#define TARGET(mean)                                                                                         \
    "family: gaussian_mixture, components: [{weight: 0.5, mean: 0, variance: 3}, {weight: 0.5, mean: " mean  \
    ", variance: 1}]"
#define NEAR "{as: near, " TARGET("1") "}"
#define FAR  "{as: far, " TARGET("2") "}"

static void sections_are_known_by_their_names(void **state)
{
    (void)state;
    ms_sweep *sweep = sweep_of("{dimension: 4, target: [" NEAR ", " FAR "], sampler: "
                               "[{step_size: 0.1}, {as: full, step_size: 0.1, engine: full}], "
                               "sampler.conditioning: same, \"target.components[0].variance\": [3, 4]}");
    assert_int_equal(sweep->variants, 8);
    for (size_t v = 0; v < 8; v++) {
        const ms_settings *settings = &sweep->variant[v];
        assert_true(component_of(settings, 1)->mean.value == (v < 4 ? 1 : 2));
        assert_int_equal(settings->engine, v / 2 % 2 ? MS_ENGINE_FULL : MS_ENGINE_AUTO);
        assert_int_equal(settings->conditioning, MS_CONDITIONING_SAME);
        assert_true(component_of(settings, 0)->variance.value == (v % 2 ? 4 : 3));
        assert_string_equal(ms_sweep_point_value(sweep, 0, v).text, v < 4 ? "near" : "far");
        assert_string_equal(ms_sweep_point_value(sweep, 1, v).text, v / 2 % 2 ? "full" : "langevin");
    }
    assert_non_null(strstr(sweep->identity, "target{far}.components[1].mean = 2\n"));
    assert_non_null(strstr(sweep->identity, "sampler{full}.engine = full\n"));
    assert_null(strstr(sweep->identity, "}.components[0].variance = ")); /* but as an axis: */
    assert_non_null(strstr(sweep->identity, "grid.target.components[0].variance = 3 4\n"));
    assert_null(strstr(sweep->identity, "conditioning = final"));
    assert_non_null(strstr(sweep->identity, "grid.sampler = langevin full\n"));
    ms_sweep_free(sweep);
}

/* Chains of a point are those of the sweep that says the same without the axis. */
static void a_variant_is_a_sweep_of_its_own(void **state)
{
    (void)state;
    ms_sweep *sweep = make_sweep(
        (sweep_parts){.grid = "{dimension: [4, 600], sampler.step_size: [0.1, 0.2], start.component: [0, 1], "
                              "\"target.components[1].mean\": [1, -1]}"});
    ms_key_memo memo = {0};
    for (size_t p = 0; p < sweep->point_count; p++) {
        const ms_settings *settings = ms_sweep_settings(sweep, p);
        char components[200], start[50], sampler[50], grid[50];
        snprintf(components, sizeof components,
                 "[{weight: 0.5, mean: 0, variance: 3}, {weight: 0.5, mean: %g, variance: 1}]",
                 component_of(settings, 1)->mean.value);
        snprintf(start, sizeof start, "{component: %zu}", settings->start.component);
        snprintf(sampler, sizeof sampler, "{step_size: %g}", step_size(sweep, p));
        snprintf(grid, sizeof grid, "{dimension: %zu}", sweep->points[p].dimension);
        ms_sweep *own = make_sweep(
            (sweep_parts){.components = components, .start = start, .sampler = sampler, .grid = grid});
        assert_true(ms_sweep_point_key(own, 0, &(ms_key_memo){0}) == ms_sweep_point_key(sweep, p, &memo));
        ms_sweep_free(own);
    }
    ms_sweep_free(sweep);
}

static void a_constant_variance_in_other_words_is_the_same(void **state)
{
    (void)state;
    static const char *const variance[] = {"1", "[1, 1, 1, 1]", "{pattern: repeat, values: [1, 1]}",
                                           "{pattern: constant, value: 1}"};
    uint64_t key = 0;
    for (size_t i = 0; i < sizeof variance / sizeof *variance; i++) {
        char components[200];
        snprintf(components, sizeof components,
                 "[{weight: 0.5, mean: 0, variance: 3}, {weight: 0.5, mean: 1, variance: %s}]", variance[i]);
        ms_sweep *sweep = make_sweep((sweep_parts){.components = components});
        uint64_t other = ms_sweep_point_key(sweep, 0, &(ms_key_memo){0});
        assert_true(i == 0 || other == key);
        key = other;
        /* one that varies, which no engine can do yet, has a key of its own */
        ms_vector *vector = &component_of(&sweep->variant[0], 1)->variance;
        if (vector->pattern == MS_PATTERN_LIST) {
            vector->values[3] = 2;
            uint64_t varying = ms_sweep_point_key(sweep, 0, &(ms_key_memo){0});
            vector->values[2] = 2;
            assert_true(varying != key && varying != ms_sweep_point_key(sweep, 0, &(ms_key_memo){0}));
        }
        ms_sweep_free(sweep);
    }
}

static void expect_growth(const char *before, const char *now, const char *hindrance)
{
    ms_sweep *a = sweep_of(before), *b = sweep_of(now);
    char difference[300];
    bool grows = ms_sweep_may_grow(a->identity, b->identity, difference, sizeof difference);
    if (hindrance)
        assert_string_equal(difference, hindrance);
    else if (!grows)
        fail_msg("%s", difference);
    assert_int_equal(grows, hindrance == NULL);
    ms_sweep_free(a);
    ms_sweep_free(b);
}

static void axes_may_grow(void **state)
{
    (void)state;
    static const char near[] = "{dimension: 4, target: [" NEAR "], sampler: {step_size: 0.1}}",
                      both[] = "{dimension: 4, target: [" NEAR ", " FAR "], sampler: {step_size: 0.1}}",
                      other[] =
                          "{dimension: 4, target: [{as: near, " TARGET("3") "}], sampler: {step_size: 0.1}}",
                      steps[] = "{dimension: 4, target: [" NEAR
                                "], sampler: {step_size: 0.1}, sampler.step_size: [0.1, 0.2]}",
                      more_steps[] = "{dimension: 4, target: [" NEAR
                                     "], sampler: {step_size: 0.1}, sampler.step_size: [0.3, 0.2, 0.1]}";
    expect_growth(near, both, NULL);
    expect_growth(both, near, NULL); /* results tell that points are missing */
    expect_growth(near, other, "target{near}.components[1].mean: was 1, is 3");
    expect_growth(steps, more_steps, NULL);
    expect_growth(near, steps, "sampler{langevin}.step_size: was 0.1, is an axis");
}

static void expect_refused(const char *grid, const char *snapshots, const char *fragment)
{
    ms_diagnostics diagnostics;
    assert_null(try_sweep((sweep_parts){.grid = grid, .snapshots = snapshots}, &diagnostics));
    if (!strstr(diagnostics.message[0], fragment))
        fail_msg("%s", diagnostics.message[0]);
}

/* A small file must not become a large sweep that nobody can hold. */
static void floods_of_variants_are_refused(void **state)
{
    (void)state;
    char many[8192] = "[0", grid[8192] = "{dimension: 4";
    for (size_t i = 1; i < 1000; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), ",%zu%s", i, i == 999 ? "]" : "");
    expect_refused("{dimension: 4, sampler.step_size: {from: 1, to: 2, count: 5000}}", many,
                   "5000 variants of a file of 2");
    for (size_t i = 0; i < 500; i++)
        snprintf(grid + strlen(grid), sizeof grid - strlen(grid), ", a%zu.b: 1%s", i, i == 499 ? "}" : "");
    expect_refused(grid, NULL, "unknown axis 'a0.b'");
    strcpy(grid, "{dimension: 4");
    for (size_t i = 0; i < 29; i++)
        snprintf(grid + strlen(grid), sizeof grid - strlen(grid), ", 'target.components[%zu].mean': 1%s", i,
                 i == 28 ? "}" : "");
    expect_refused(grid, NULL, "there is no target.components[2].mean; components has 2 entries");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(points_come_variant_by_variant),
                                       cmocka_unit_test(every_kind_of_field_varies),
                                       cmocka_unit_test(sections_are_known_by_their_names),
                                       cmocka_unit_test(a_variant_is_a_sweep_of_its_own),
                                       cmocka_unit_test(a_constant_variance_in_other_words_is_the_same),
                                       cmocka_unit_test(floods_of_variants_are_refused),
                                       cmocka_unit_test(axes_may_grow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
