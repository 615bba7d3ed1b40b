/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of --set: the sweep is the one whose file says so, and messages name what the user knows. */
#include "sweep_support.h"

static const char file[] = "# of several shapes; \xC3\xA9 is one character and two bytes\n"
                           "name: test # not the one of the values\n"
                           "target:\n"
                           "  family: gaussian_mixture\n"
                           "  components:\n"
                           "  - {weight: 0.5, mean: 0, variance: 3}\n"
                           "  - weight: 0.5 # half\n"
                           "    mean: {pattern: alternating, value: 1}\n"
                           "    variance: 1\n"
                           "start:\n"
                           "sampler: {step_size: 0.1}\n"
                           "budget:\n"
                           "  iterations: 1000\n"
                           "  chains: 16\n"
                           "snapshots:\n"
                           "- 0\n"
                           "- 10\n"
                           "grid:\n"
                           "  dimension:\n"
                           "    - 4\n"
                           "    - 8\n"
                           "\n"
                           "  # behind it\n"
                           "  seed: {from: 1, count: 2}\n";

static ms_sweep *parse(const char *const *text, size_t count, ms_diagnostics *diagnostics)
{
    ms_sweep *sweep;
    *diagnostics = (ms_diagnostics){0};
    ms_status status = ms_sweep_parse_with(&sweep, "test.yaml", file, sizeof file - 1,
                                           &(ms_assignments){text, count}, diagnostics);
    assert_int_equal(status, sweep ? MS_OK : MS_ERROR_SWEEP);
    return sweep;
}

/* `start:` says nothing, so that every sweep here needs one. */
#define START "start={component: 0}"

static void expect_line(const char *assignment, const char *line)
{
    const char *text[] = {START, assignment};
    ms_diagnostics diagnostics;
    ms_sweep *sweep = parse(text, 2, &diagnostics), *again;
    if (!sweep)
        fail_msg("%s", diagnostics.message[0]);
    if (!strstr(sweep->identity, line))
        fail_msg("%s: no line %s in %s", assignment, line, sweep->identity);
    if (strstr(sweep->text, "start: {component: 0}\n") == NULL || !strstr(sweep->text, "\xC3\xA9"))
        fail_msg("%s: %s", assignment, sweep->text);
    /* what results keep means the same */
    assert_int_equal(ms_sweep_parse(&again, "again", sweep->text, sweep->text_length, &diagnostics), MS_OK);
    assert_string_equal(again->identity, sweep->identity);
    ms_sweep_free(again);
    ms_sweep_free(sweep);
}

static void values_are_those_of_the_sweep(void **state)
{
    (void)state;
    expect_line("budget.chains=64", "budget.chains = 64\n");
    expect_line("budget.block= 8", "budget.block = 8\n");                            /* a new key */
    expect_line("discovery.radius_squared=2.5", "discovery.radius_squared = 2.5\n"); /* a new section */
    expect_line("discovery={}", "discovery.radius_squared = auto\n");
    expect_line("sampler.step_size=0.5", "sampler.step_size = 0.5\n");
    expect_line("sampler.iterations_per_pass=100 # words", "sampler.iterations_per_pass = 100\n");
    expect_line("sampler={name: mala, step_size: 0.25}", "sampler.step_size = 0.25\n");
    expect_line("target.components[0].weight=0.5", "target.components[0].variance = 3\n");
    expect_line("target.components[1].variance=2", "target.components[1].variance = 2\n");
    expect_line("target.components[1].mean.value=7", "target.components[1].mean = alternating 7\n");
    expect_line("target.components[1]={weight: 0.5, mean: 2, variance: 1}",
                "target.components[1].mean = 2\n");
    expect_line("snapshots[1]=20", "snapshots = 0 20\n");
    expect_line("snapshots=[5]", "snapshots = 5\n");
    expect_line("snapshots=[]", "snapshots = \n");
    expect_line("grid.dimension=[3, 5]", "grid.dimension = 3 5\n");
    expect_line("grid.dimension[1]=9", "grid.dimension = 4 9\n");
    expect_line("grid.seed.count=3", "grid.seed = 1 2 3\n");
    expect_line("grid.patch_size=[2, full]", "grid.patch_size = 2 full\n");
    expect_line("grid.target.components[1].variance=[1, 2]", "grid.target.components[1].variance = 1 2\n");
    expect_line("grid={dimension: 6}", "grid.dimension = 6\n");
}

static void later_ones_see_earlier_ones(void **state)
{
    (void)state;
    static const char *const text[] = {
        START,           "grid.budget.iterations=[10, 20]", "grid.budget.iterations[0]=5", "snapshots={}",
        "snapshots=[1]", "name=\"a: b \\\" # \xC3\xA9\""};
    ms_diagnostics diagnostics;
    ms_sweep *sweep = parse(text, 6, &diagnostics);
    if (!sweep)
        fail_msg("%s", diagnostics.message[0]);
    assert_non_null(strstr(sweep->identity, "grid.budget.iterations = 5 20\n"));
    assert_string_equal(sweep->name, "a: b \" # \xC3\xA9");
    assert_int_equal(sweep->snapshot_count, 1);
    ms_sweep_free(sweep);
}

static void expect_message(const char *assignment, const char *message)
{
    const char *text[] = {START, assignment};
    ms_diagnostics diagnostics;
    assert_null(parse(text, 2, &diagnostics));
    assert_string_equal(diagnostics.message[0], message);
    assert_int_equal(diagnostics.count, 1);
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    expect_message("budget.chains=many",
                   "--set budget.chains=many: chains is 'many': not a number; write it like 20, 0.1 or 1e-3");
    expect_message("budget.chans=1", "--set budget.chans=1: unknown key 'chans'; did you mean 'chains'?");
    expect_message("bugdet.chains=1", "--set bugdet.chains=1: unknown key 'bugdet'; did you mean 'budget'?");
    expect_message("chains=1", "--set chains=1: unknown key 'chains' here; it belongs in budget");
    expect_message("grid.sampler.stepsize=1", "--set grid.sampler.stepsize=1: unknown axis "
                                              "'sampler.stepsize'; did you mean 'sampler.step_size'?");
    expect_message("target.components[2].mean=1", "--set target.components[2].mean=1: there is no "
                                                  "target.components[2]; that list has 2 entries, the first "
                                                  "is number 0");
    expect_message("budget[0]=1", "--set budget[0]=1: there is no budget[0], because that is not a list");
    expect_message("budget.chains.most=1", "--set budget.chains.most=1: budget.chains is not a "
                                           "mapping in the file, so nothing can be set inside it; set all of "
                                           "it");
    expect_message("budget.chains=[1",
                   "--set budget.chains=[1: not a value in YAML; check brackets, colons and quotes");
    expect_message("budget.chains=1\n", "--set budget.chains=1?: give a value in one line");
    expect_message("budget.chains", "--set budget.chains: write it as KEY=VALUE, such as budget.chains=64");
    expect_message("=64", "--set =64: write it as KEY=VALUE, such as budget.chains=64");
    /* a fault of the file that only the value brings to light, at its place in the file that the user sees */
    expect_message("budget={iterations: 5, chains: 3}",
                   "test.yaml:17:3: a snapshot at iteration 10, but the budget is 5 iterations; remove it or "
                   "raise the budget");
}

static void a_file_that_is_a_list_has_no_values(void **state)
{
    (void)state;
    static const char *const text[] = {"budget.chains=64"};
    ms_diagnostics diagnostics = {0};
    ms_sweep *sweep;
    assert_int_equal(
        ms_sweep_parse_with(&sweep, "list.yaml", "[1, 2]\n", 7, &(ms_assignments){text, 1}, &diagnostics),
        MS_ERROR_SWEEP);
    assert_null(sweep);
    assert_string_equal(diagnostics.message[0], "--set budget.chains=64: the file is not a mapping of `key: "
                                                "value`, so nothing can be set in it");
}

static void an_axis_is_not_overruled_in_vain(void **state)
{
    (void)state;
    static const char *const text[] = {START, "grid.sampler.step_size=[0.1, 0.2]", "sampler.step_size=0.5"};
    ms_diagnostics diagnostics;
    assert_null(parse(text, 3, &diagnostics));
    assert_string_equal(diagnostics.message[0],
                        "--set sampler.step_size=0.5: the grid has the axis sampler.step_size, which sets it "
                        "at each point; set grid.sampler.step_size");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_the_sweep), cmocka_unit_test(later_ones_see_earlier_ones),
        cmocka_unit_test(what_is_wrong_is_named), cmocka_unit_test(a_file_that_is_a_list_has_no_values),
        cmocka_unit_test(an_axis_is_not_overruled_in_vain)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
