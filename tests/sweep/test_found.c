/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets in files outside of the sweep: what is found there stands in the text that results keep, which then
 * needs them no more, and opens none. */
#include "cmocka_all.h"
#include "sweep/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REST                                                                                                 \
    "start: {normal: {variance: 1}}\nsampler: {name: mala, step_size: 0.1}\n"                                \
    "discovery: {rules: [{rule: ball, radius_squared: 1}]}\nbudget: {iterations: 10, chains: 8}\n"
#define BLOCK                                                                                                \
    "# \xC3\xA9\nname: x\ntarget:\n  family: plugin\n  path: banana.so\n  parameters:\n    bend: 0.5\n    "  \
    "scale: "                                                                                                \
    "3\n" REST "grid: {dimension: 2}\n"
#define FLOW                                                                                                 \
    "name: \"\xC3\xA9\"\ntarget: {family: plugin, parameters: {scale: 3, bend: 0.5}, path: "                 \
    "banana.so}\n" REST "grid: {dimension: 2}\n"
#define FOUND "count: 3"

static ms_diagnostics diagnostics;

static ms_sweep *read_as(bool is_kept, const char *name, const char *text)
{
    ms_sweep *sweep;
    diagnostics = (ms_diagnostics){0};
    (is_kept ? ms_sweep_parse_kept : ms_sweep_parse)(&sweep, name, text, strlen(text), &diagnostics);
    return sweep;
}

static ms_sweep *must_read(const char *text)
{
    ms_sweep *sweep = read_as(false, MS_OWN_TARGETS "/x.yaml", text);
    if (!sweep)
        fail_msg("%s", diagnostics.message[0]);
    return sweep;
}

static uint64_t key_of(const ms_sweep *sweep, size_t point)
{
    ms_key_memo memo = {0};
    return ms_sweep_point_key(sweep, point, &memo);
}

/* The kept text is read where no plugin is; it is the same sweep, with the same keys. */
static void must_be_kept(const ms_sweep *sweep)
{
    ms_sweep *kept = read_as(true, "/nowhere/x.h5", sweep->text);
    if (!kept)
        fail_msg("%s in\n%s", diagnostics.message[0], sweep->text);
    assert_string_equal(kept->identity, sweep->identity);
    assert_string_equal(kept->text, sweep->text);
    for (size_t p = 0; p < sweep->point_count; p++)
        assert_true(key_of(kept, p) == key_of(sweep, p));
    assert_true(kept->lacks_files && !sweep->lacks_files);
    assert_int_equal(ms_sweep_components(kept), 3);
    ms_target *target;
    ms_error error;
    assert_int_equal(ms_settings_target_alloc(ms_sweep_settings(kept, 0), 2, &target, &error),
                     MS_ERROR_ARGUMENT);
    assert_int_equal(ms_settings_target_alloc(ms_sweep_settings(sweep, 0), 2, &target, &error), MS_OK);
    ms_target_free(target);
    ms_sweep_free(kept);
}

static void what_is_found_is_kept(void **state)
{
    (void)state;
    static const char *const text[] = {BLOCK, FLOW, "\xEF\xBB\xBF" BLOCK,
                                       "name: x\ntarget:\n    path: banana.so\n    family: plugin\n    "
                                       "parameters: {bend: 0.5, scale: 3}\n" REST "grid: {dimension: 2}\n"};
    ms_sweep *first = must_read(text[0]);
    assert_non_null(strstr(first->text, "target:\n  " FOUND "\n  digest: \""));
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        ms_sweep *sweep = must_read(text[i]);
        assert_string_equal(sweep->identity, first->identity); /* in whatever order it is said */
        assert_true(key_of(sweep, 0) == key_of(first, 0));
        must_be_kept(sweep);
        ms_sweep *again = must_read(sweep->text); /* nothing is added twice */
        assert_string_equal(again->text, sweep->text);
        ms_sweep_free(again);
        ms_sweep_free(sweep);
    }
    ms_sweep_free(first);
}

/* Several targets, and several values of a parameter. */
static void axes_may_go_through_plugins(void **state)
{
    (void)state;
    ms_sweep *sweep = must_read("name: x\ntarget: {family: plugin, path: banana.so}\n" REST
                                "grid: {dimension: [2, 3], target.parameters.bend: [0.5, 1], "
                                "target.parameters.scale: 3}\n");
    assert_int_equal(sweep->point_count, 4);
    assert_non_null(strstr(sweep->identity, "\ngrid.target.parameters.bend = 0.5 1\n"));
    assert_null(strstr(sweep->identity, "\ntarget.parameters.bend"));
    must_be_kept(sweep);
    ms_sweep *one = must_read(FLOW);
    assert_true(key_of(one, 0) == key_of(sweep, 0));
    assert_true(key_of(sweep, 0) != key_of(sweep, 2));
    ms_sweep_free(one);
    ms_sweep_free(sweep);
    sweep = must_read("name: x\n" REST "grid:\n  dimension: 2\n  target:\n"
                      "    - {as: flat, family: plugin, path: banana.so, parameters: {bend: 0}}\n"
                      "    - as: bent\n      family: plugin\n      path: banana.so\n");
    assert_int_equal(sweep->point_count, 2);
    const char *first = strstr(sweep->text, FOUND);
    assert_non_null(first);
    assert_non_null(strstr(first + 1, FOUND));
    must_be_kept(sweep);
    ms_sweep_free(sweep);
}

#define POSITIONS                                                                                            \
    "name: x\nstart: {file: positions.txt}\ntarget: {family: gaussian_mixture, components: [{weight: 0.5, "  \
    "mean: 0, variance: 3}, {weight: 0.5, mean: 1, variance: 1}]}\nbudget: {iterations: 10, chains: 8}\n"    \
    "grid: {dimension: 2, sampler.step_size: [0.1, 0.2]}\n"

/* Files of start positions alike. */
static void start_positions_are_kept(void **state)
{
    (void)state;
    static const char name[] = MS_SOURCE_DIR "/tests/sweep/good/x.yaml";
    ms_sweep *sweep = read_as(false, name, POSITIONS);
    if (!sweep)
        fail_msg("%s", diagnostics.message[0]);
    const char *found = strstr(sweep->text, "start: {positions: \"");
    assert_non_null(found);
    ms_sweep *kept = read_as(true, "/nowhere/x.h5", sweep->text);
    if (!kept)
        fail_msg("%s", diagnostics.message[0]);
    assert_string_equal(kept->identity, sweep->identity);
    assert_true(kept->lacks_numbers && !kept->positions);
    ms_sweep_free(kept);
    assert_null(read_as(true, name, POSITIONS)); /* results do not have it opened */
    assert_non_null(strstr(diagnostics.message[0], "start lacks positions"));
    sweep->text[found - sweep->text + 21]++;
    assert_null(read_as(false, name, sweep->text));
    assert_non_null(strstr(diagnostics.message[0], "x.yaml:2:8: the file of start positions holds "));
    ms_sweep_free(sweep);
}

static void expect(const char *text, bool is_kept, const char *message)
{
    ms_sweep *sweep = read_as(is_kept, MS_OWN_TARGETS "/x.yaml", text);
    assert_null(sweep);
    if (!strstr(diagnostics.message[0], message))
        fail_msg("'%s' instead of '%s'", diagnostics.message[0], message);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
#define TARGET(more) "name: x\ntarget: {family: plugin, " more "}\n" REST "grid: {dimension: 2}\n"
    expect(TARGET("path: none.so"), false, "x.yaml:2:9: plugin " MS_OWN_TARGETS "/none.so: No such file");
    expect(TARGET("path: \"\""), false, "path has 0 bytes; give 1 to 1023");
    expect(TARGET("path: [a]"), false, "path is a list; give the path of a file");
    expect(TARGET("path: x.yaml"), false, "x.yaml:2:9: plugin");
    expect(TARGET("path: wrong_abi.so"), false, "version 7 of the interface");
    expect(TARGET("path: no_symbol.so"), false, "exports no modeseek_plugin");
    expect(TARGET("path: banana.so, parameters: {bent: 1}"), false,
           "x.yaml:2:9: plugin banana: has no parameter 'bent'; did you mean 'bend'?");
    expect(TARGET("path: banana.so, parameters: {bend: x}"), false, "x.yaml:2:62: bend is 'x'");
    expect(TARGET("path: banana.so, parameters: {bend: 1, bend: 2}"), false, "bend is given twice");
    expect(TARGET("path: banana.so, parameters: {a.b: 1}"), false, "has 1 to 63 letters, digits, _ or -");
    expect(TARGET("path: banana.so, parameters: 3"), false, "must be a mapping of at most 1000 names");
    expect(TARGET("path: banana.so, data: none.csv"), false, "none.csv: No such file");
    expect(TARGET("path: banana.so, digest: 0123456789abcdef"), false,
           "not 0123456789abcdef; it is not the one");
    expect(TARGET("path: banana.so, count: 4"), false, "has 3 modes, not 4");
    expect(TARGET("path: banana.so, modes: [{centre: [1, 2, 3]}]"), false,
           "centre lists 3 numbers, but the grid has dimension 2");
    expect(TARGET("path: banana.so"), true,
           "lacks count (number of modes), so this is not a sweep as stored in a");
    expect("name: x\ntarget: {family: plugin, path: banana.so}\n" REST
           "grid: {dimension: 2, target.parameters.bent: [1, 2]}\n",
           false, "has no parameter 'bent'");
    expect("name: x\ntarget: {family: plugin, path: banana.so}\n" REST "grid: {dimension: [2, 3, 1]}\n",
           false, "is for 2 to any number of dimensions, not 1");
    expect("name: x\ntarget:\n  ? family\n  : plugin\n  path: banana.so\n" REST "grid: {dimension: 2}\n",
           false, "cannot be added");
}

/* What users' sweeps are refused for leaves results readable that have it already. */
static void keys_without_effect_are_kept(void **state)
{
    (void)state;
#define MIXTURE(more)                                                                                        \
    "name: x\ntarget: {family: gaussian_mixture, components: [{weight: 0.5, mean: 0, variance: 3}, "         \
    "{weight: 0.5, mean: 1, variance: 1}]}\nsampler: {step_size: 0.1}\ngrid: {dimension: 2}\n" more "\n"
    static const char *const text[] = {
        MIXTURE("estimator: {name: restart, replicates: 7}\nbudget: {relative_width: 1, at_most: 9}"),
        MIXTURE("estimator: restart\nsnapshots: [1]")};
    static const char *const message[] = {"replicates and at_most exclude", "nothing at snapshots"};
    for (size_t i = 0; i < 2; i++) {
        expect(text[i], false, message[i]);
        ms_sweep *sweep = read_as(true, "/nowhere/x.h5", text[i]);
        if (!sweep)
            fail_msg("%s", diagnostics.message[0]);
        ms_sweep_free(sweep);
    }
}

/* A results file may hold anything under these names. */
static void code_and_its_data_are_not_supplied(void **state)
{
    (void)state;
    static const ms_supplied file[] = {{"none.so", MS_OWN_TARGETS "/banana.so"},
                                       {"none.csv", MS_SOURCE_DIR "/tests/data/gmm.csv"}};
    static const char *const text[] = {TARGET("path: none.so"), TARGET("path: banana.so, data: none.csv")};
    static const char *const message[] = {"/none.so: No such file", "/none.csv: No such file"};
    const ms_supply supply = {file, 2};
    for (size_t i = 0; i < 2; i++) {
        ms_sweep *sweep;
        diagnostics = (ms_diagnostics){0};
        assert_int_equal(ms_sweep_parse_supplied(&sweep, MS_OWN_TARGETS "/x.yaml", text[i], strlen(text[i]),
                                                 false, NULL, &supply, &diagnostics),
                         MS_ERROR_SWEEP);
        assert_null(sweep);
        if (!strstr(diagnostics.message[0], message[i]))
            fail_msg("%s", diagnostics.message[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_found_is_kept),        cmocka_unit_test(axes_may_go_through_plugins),
        cmocka_unit_test(start_positions_are_kept),     cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(keys_without_effect_are_kept), cmocka_unit_test(code_and_its_data_are_not_supplied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
