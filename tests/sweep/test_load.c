/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Correct sweeps: every key arrives where it belongs, defaults are as documented, identities differ where
 * results do. */
#include "sweep_support.h"

#include <locale.h>
#include <unistd.h>

static ms_sweep *load(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tests/sweep/good/%s", MS_SOURCE_DIR, name);
    ms_sweep *sweep;
    ms_diagnostics diagnostics = {0};
    if (ms_sweep_load(&sweep, path, &diagnostics) != MS_OK)
        fail_msg("%s", diagnostics.message[0]);
    return sweep;
}

static void every_key_arrives(void **state)
{
    (void)state;
    ms_sweep *s = load("every_key.yaml");
    assert_string_equal(s->name, "every key once");
    const ms_settings *settings = ms_sweep_settings(s, 0);
    assert_string_equal(settings->target.kind->name, "gaussian_mixture");
    assert_int_equal(ms_sweep_components(s), 3);
    const ms_gaussian_component *component = component_of(settings, 0);
    assert_true(component[0].weight == 0.2 && component[0].variance.value == 3);
    assert_int_equal(component[1].mean.pattern, MS_PATTERN_ALTERNATING);
    assert_int_equal(component[2].mean.pattern, MS_PATTERN_REPEAT);
    assert_int_equal(component[2].mean.value_count, 3);
    assert_string_equal(settings->sampler.kind->name, "langevin");
    assert_int_equal(settings->start.type, MS_START_NORMAL);
    assert_true(settings->start.variance == 3);
    assert_true(ms_settings_schedule(settings, 0).step_size == 2e-5 &&
                settings->schedule.noise_level_min == 0.01);
    assert_int_equal(settings->schedule.step_rule, MS_STEP_NCSN);
    assert_int_equal(settings->schedule.type, MS_SCHEDULE_GEOMETRIC);
    assert_int_equal(settings->schedule.levels, 10);
    assert_int_equal(settings->iterations_per_patch, 1000);
    assert_int_equal(settings->iterations_per_pass, 0);
    assert_int_equal(settings->conditioning, MS_CONDITIONING_FINAL);
    assert_int_equal(settings->iterations, 100000);
    assert_int_equal(s->chains, 1000);
    assert_int_equal(s->block_chains, 64);
    assert_false(s->stop_when_discovered);
    assert_true(settings->radius_squared == 2);
    assert_int_equal(s->snapshot_count, 4);
    assert_int_equal(s->indivisible, MS_INDIVISIBLE_ERROR);
    assert_int_equal(s->point_count, 5 * 3 * 3 * 4);
    assert_non_null(strstr(s->text, "name: every key once\n"));
    assert_int_equal(s->text_length, strlen(s->text));
    ms_sweep_free(s);
}

static void defaults_are_as_documented(void **state)
{
    (void)state;
    static const char text[] = "name: x\ntarget: {family: gaussian_mixture, components: " TWO_COMPONENTS "}\n"
                               "sampler: {step_size: 0.1}\nbudget: {iterations: 10, chains: 3}\n"
                               "grid: {dimension: 7}\n";
    ms_sweep *s;
    ms_diagnostics diagnostics = {0};
    assert_int_equal(ms_sweep_parse(&s, "x", text, sizeof text - 1, &diagnostics), MS_OK);
    const ms_settings *settings = ms_sweep_settings(s, 0);
    assert_int_equal(settings->start.type, MS_START_COMPONENT);
    assert_int_equal(settings->start.component, 0);
    assert_int_equal(settings->schedule.type, MS_SCHEDULE_CONSTANT);
    assert_int_equal(settings->schedule.step_rule, MS_STEP_CONSTANT);
    assert_int_equal(settings->iterations_per_patch, 100);
    assert_int_equal(settings->iterations_per_pass, 0);
    assert_int_equal(settings->conditioning, MS_CONDITIONING_FINAL);
    assert_int_equal(s->block_chains, 32);
    assert_true(s->stop_when_discovered);
    assert_true(settings->radius_squared == 0);
    assert_int_equal(s->snapshot_count, 0);
    assert_int_equal(s->indivisible, MS_INDIVISIBLE_ERROR);
    assert_int_equal(s->point_count, 1);
    assert_int_equal(s->points[0].patch_size, 7);
    assert_true(s->points[0].noise_level == 0);
    assert_int_equal(s->points[0].seed, 1);
    ms_sweep_free(s);
}

static void other_choices_arrive(void **state)
{
    (void)state;
    ms_sweep *s = make_sweep((sweep_parts){
        .start = "{uniform: [-2, 3]}",
        .sampler = "{step_size: 1, iterations_per_pass: 1e3, conditioning: same, schedule: constant}"});
    const ms_settings *settings = ms_sweep_settings(s, 0);
    assert_int_equal(settings->start.type, MS_START_UNIFORM);
    assert_true(settings->start.low == -2 && settings->start.high == 3);
    assert_int_equal(settings->iterations_per_patch, 0);
    assert_int_equal(settings->iterations_per_pass, 1000);
    assert_int_equal(settings->conditioning, MS_CONDITIONING_SAME);
    ms_sweep_free(s);
}

static void positions_are_read_beside_the_sweep(void **state)
{
    (void)state;
    assert_int_equal(chdir("/"), 0);
    ms_sweep *s = load("positions.yaml");
    const ms_settings *settings = ms_sweep_settings(s, 0);
    static const double expected[] = {0, 1, 2.5, -3, 1e-3, 4, 7, 8};
    assert_int_equal(settings->start.type, MS_START_POSITIONS);
    assert_int_equal(settings->start.rows, 4);
    assert_int_equal(s->positions_dimension, 2);
    for (size_t i = 0; i < 8; i++)
        assert_true(settings->start.positions[i] == expected[i]);
    ms_sweep_free(s);
}

static void the_locale_has_no_say(void **state)
{
    (void)state;
    static const char *const comma[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "nl_NL.UTF-8"};
    const char *set = NULL;
    for (size_t i = 0; !set && i < 4; i++)
        set = setlocale(LC_ALL, comma[i]);
    ms_sweep *s = make_sweep((sweep_parts){.start = NULL});
    assert_true(ms_settings_schedule(ms_sweep_settings(s, 0), 0).step_size == 0.1);
    assert_non_null(strstr(s->identity, "sampler.step_size = 0.10000000000000001\n"));
    ms_sweep_free(s);
    setlocale(LC_ALL, "C");
    if (!set)
        skip(); /* this machine has no locale with a decimal comma */
}

static char *identity(sweep_parts parts)
{
    ms_sweep *sweep = make_sweep(parts);
    char *text = strdup(sweep->identity);
    assert_non_null(text);
    ms_sweep_free(sweep);
    return text;
}

/* Compares with the usual sweep; `expected` NULL: no difference. */
static void expect_difference(sweep_parts parts, const char *expected)
{
    char *usual = identity((sweep_parts){.start = NULL}), *other = identity(parts), difference[512] = "";
    assert_int_equal(ms_sweep_differs(usual, other, difference, sizeof difference), expected != NULL);
    if (expected)
        assert_string_equal(difference, expected);
    free(usual);
    free(other);
}

static void identities_differ_where_results_do(void **state)
{
    (void)state;
    expect_difference((sweep_parts){.start = NULL}, NULL);
    expect_difference((sweep_parts){.budget = "{chains: 16, iterations: 1e3}"}, NULL);
    expect_difference((sweep_parts){.budget = "{iterations: 2000, chains: 16}"},
                      "budget.iterations: was 1000, is 2000");
    expect_difference((sweep_parts){.budget = "{iterations: 1000, chains: 16, block: 8}"},
                      "budget.block: was 32, is 8");
    expect_difference((sweep_parts){.discovery = "{radius_squared: 2}"},
                      "discovery.radius_squared: was auto, is 2");
    expect_difference((sweep_parts){.snapshots = "[1, 5]"}, "snapshots: was none, is 1 5");
    expect_difference((sweep_parts){.grid = "{dimension: [4, 8]}"}, "grid.dimension: was 4, is 4 8");
    expect_difference((sweep_parts){.grid = "{dimension: 4, patch_size: [1, full]}"},
                      "grid.patch_size: was full, is 1 full");
    expect_difference((sweep_parts){.start = "{component: 1}"}, "start.component: was 0, is 1");
    expect_difference((sweep_parts){.sampler = "{step_size: 0.25}"}, "sampler.step_size: was 0.1, is 0.25");
    expect_difference((sweep_parts){.sampler = "{step_size: 0.1, iterations_per_pass: 100}"},
                      "sampler.iterations_per_patch: was 100, is not given; "
                      "sampler.iterations_per_pass: was not given, is 100");
    /* what there was before there were others */
    expect_difference((sweep_parts){.grid = "{dimension: 4}\nestimator: direct"}, NULL);
    expect_difference((sweep_parts){.grid = "{dimension: 4}\nestimator: {name: direct}"}, NULL);
    char text[64];
    assert_true(ms_sweep_differs("a = 1\n", "a = 1\nb = 2\n", text, sizeof text));
    assert_string_equal(text, "b: was not given, is 2");
    assert_true(ms_sweep_differs("a = 1\n", "a = 12\n", text, 8));
    assert_string_equal(text, "a: was ");
    assert_true(ms_sweep_differs("a = 1\nb = 2\nc = 3\nd = 4\n", "a = 2\nb = 3\nc = 4\nd = 5\n", text, 50));
    assert_string_equal(text, "a: was 1, is 2; b: was 2, is 3; and 2 more");
    assert_false(ms_sweep_differs("", "", text, sizeof text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_arrives),     cmocka_unit_test(defaults_are_as_documented),
        cmocka_unit_test(other_choices_arrive),  cmocka_unit_test(positions_are_read_beside_the_sweep),
        cmocka_unit_test(the_locale_has_no_say), cmocka_unit_test(identities_differ_where_results_do)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
