/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sweep of a merged file: where it can be, the very sweep whose parts the files are. */
#include "sweep_support.h"

#define PARTS_MAX 4

static ms_sweep *sweep_of(const char *name, const char *grid)
{
    char text[2048];
    snprintf(text, sizeof text,
             "# %s\nname: test\ntarget: {family: gaussian_mixture, components: %s}\n"
             "sampler: {step_size: 0.1}\nbudget: {iterations: 1000, chains: 16}\ngrid: %s\n",
             name, TWO_COMPONENTS, grid);
    ms_sweep *sweep;
    ms_diagnostics diagnostics = {0};
    if (ms_sweep_parse(&sweep, name, text, strlen(text), &diagnostics) != MS_OK)
        fail_msg("%s", diagnostics.message[0]);
    return sweep;
}

/* The sweep of files whose grids are `part`; ends with NULL. */
static ms_sweep *unite(const char *const *part)
{
    ms_sweep *sweep[PARTS_MAX] = {NULL}, *all;
    static const char *const name[PARTS_MAX] = {"a.h5", "b.h5", "c.h5", "d.h5"};
    size_t count = 0;
    for (; count < PARTS_MAX && part[count]; count++)
        sweep[count] = sweep_of(name[count], part[count]);
    ms_error error = {0};
    if (ms_sweep_unite(&all, (const ms_sweep *const *)sweep, name, count, &error) != MS_OK)
        fail_msg("%s", error.message);
    for (size_t i = 0; i < count; i++)
        ms_sweep_free(sweep[i]);
    return all;
}

static void parts_make_the_very_sweep(void **state)
{
    (void)state;
    static const struct {
        const char *whole, *part[PARTS_MAX + 1];
    } cases[] = {
        /* what happens where a patch size does not divide stays as it is in all of them */
        {"{dimension: [10, 30], seed: {from: 1, count: 2}}",
         {"{dimension: [10, 30], seed: 1}", "{dimension: [10, 30], seed: 2}"}},
        {"{dimension: [10, 30], patch_size: [5, full], indivisible: error}",
         {"{dimension: 10, patch_size: [5, full]}", "{dimension: 30, patch_size: [5, full]}"}},
        {"{dimension: [10, 12], patch_size: [5, 6], indivisible: skip}",
         {"{dimension: 10, patch_size: [5, 6], indivisible: skip}",
          "{dimension: 12, patch_size: [5, 6], indivisible: skip}"}},
        {"{dimension: [10, 12], patch_size: [5, 6], indivisible: shorter_last_patch}",
         {"{dimension: 10, patch_size: [5, 6], indivisible: shorter_last_patch}",
          "{dimension: 12, patch_size: [5, 6], indivisible: shorter_last_patch}"}},
        /* nor the order of the files: a shell names task-10 before task-2 */
        {"{dimension: [10, 30], seed: [1, 2, 9, 10]}",
         {"{dimension: [10, 30], seed: 1}", "{dimension: [10, 30], seed: 10}",
          "{dimension: [10, 30], seed: 2}", "{dimension: [10, 30], seed: 9}"}},
        {"{dimension: 4, noise_level: [0, 1e-5, 0.1, 2]}",
         {"{dimension: 4, noise_level: [0.1, 2]}", "{dimension: 4, noise_level: [0, 1e-5]}"}},
        {"{dimension: 4, patch_size: [1, 2, full]}",
         {"{dimension: 4, patch_size: full}", "{dimension: 4, patch_size: [1, 2]}"}},
        {"{dimension: 4, seed: [18446744073709551613, 18446744073709551614, 18446744073709551615]}",
         {"{dimension: 4, seed: 18446744073709551615}", "{dimension: 4, seed: 18446744073709551613}",
          "{dimension: 4, seed: 18446744073709551614}"}},
        /* an order that somebody has chosen is kept */
        {"{dimension: 4, seed: [2, 1, 3]}", {"{dimension: 4, seed: [2, 1]}", "{dimension: 4, seed: 3}"}},
        {"{dimension: 4, patch_size: [full, 2, 1]}",
         {"{dimension: 4, patch_size: [full, 2]}", "{dimension: 4, patch_size: 1}"}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ms_sweep *whole = sweep_of("whole", cases[i].whole), *all = unite(cases[i].part);
        assert_string_equal(all->identity, whole->identity);
        ms_sweep_free(whole);
        ms_sweep_free(all);
    }
}

/* A file that has all values gives its text as it is, whichever it is. */
static void a_whole_keeps_its_text(void **state)
{
    (void)state;
    static const char *const grid = "{seed: {from: 1, count: 3}, dimension: [30, 10]}";
    const char *const cases[][PARTS_MAX + 1] = {
        {grid, grid},
        {"{dimension: 10, seed: 2}", grid, "{dimension: 30, seed: [3, 1]}"},
        {"{dimension: 10, patch_size: full, indivisible: skip}", "{dimension: 30}", grid},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ms_sweep *whole = sweep_of("whole", grid), *all = unite(cases[i]);
        assert_string_equal(all->identity, whole->identity);
        assert_string_equal(strchr(all->text, '\n'), strchr(whole->text, '\n')); /* the first line names it */
        ms_sweep_free(whole);
        ms_sweep_free(all);
    }
}

/* Axes of any kind, wherever the grid stands in the file and however it is written. */
static ms_sweep *read_text(const char *text)
{
    ms_sweep *sweep;
    ms_diagnostics diagnostics = {0};
    if (ms_sweep_parse(&sweep, "text", text, strlen(text), &diagnostics) != MS_OK)
        fail_msg("%s\n%s", diagnostics.message[0], text);
    return sweep;
}

#define TARGET "target: {family: gaussian_mixture, components: " TWO_COMPONENTS "}"

static void expect_union(const char *const texts[3])
{
    ms_sweep *sweep[3], *all;
    static const char *const name[] = {"a.h5", "b.h5"};
    for (size_t i = 0; i < 3; i++)
        sweep[i] = read_text(texts[i]);
    ms_error error = {0};
    if (ms_sweep_unite(&all, (const ms_sweep *const *)sweep, name, 2, &error) != MS_OK)
        fail_msg("%s", error.message);
    assert_string_equal(all->identity, sweep[2]->identity);
    assert_string_equal(all->text, texts[2]);
    ms_sweep_free(all);
    for (size_t i = 0; i < 3; i++)
        ms_sweep_free(sweep[i]);
}

static void a_grid_is_exchanged_where_it_stands(void **state)
{
    (void)state;
#define FLOW(grid)                                                                                           \
    "{name: tést, grid: " grid ", " TARGET ", sampler: {step_size: 1}, budget: {iterations: 9, chains: "     \
    "8}}\n"
    expect_union(
        (const char *const[]){FLOW("{dimension: 4}"), FLOW("{dimension: 2}"),
                              FLOW("{dimension: [2, 4], patch_size: [full], noise_level: [0], seed: [1]}")});
#define BLOCK(grid)                                                                                          \
    "# é\nname: x\ngrid: # the\n" grid TARGET                                                                \
    "\nsampler: {step_size: 1}\nbudget: {iterations: 9, chains: 8}\n"
    expect_union((const char *const[]){
        BLOCK("    # comment\n    sampler.engine: [full]\n    dimension: 4\n# comment\n"),
        BLOCK("  dimension: 4\n  sampler.engine: [reduced]\n"),
        BLOCK(
            "    # comment\n    sampler.engine: [full, reduced]\n    dimension: [4]\n    patch_size: [full]\n"
            "    noise_level: [0]\n    seed: [1]\n")});
#define LAST(grid)                                                                                           \
    "name: x\nbudget: {iterations: 9, chains: 8}\n\"grid\":\n  \"target.components[1].mean\": " grid
    expect_union((const char *const[]){
        LAST("[2, 1]\n  dimension: 4\n  sampler: {as: a, step_size: 0.1}\n  target: {family: "
             "gaussian_mixture, "
             "components: " TWO_COMPONENTS "}"),
        LAST("0.3\n  dimension: 4\n  target: {\"as\": gaussian_mixture, family: gaussian_mixture, "
             "components: " TWO_COMPONENTS
             "}\n  sampler:\n  - as: b\n    step_size: 2e-1\n    schedule: constant"),
        LAST("[2, 1, 0.3]\n  sampler: [{as: a, step_size: 0.1}, {as: b, step_size: 2e-1, schedule: "
             "constant}]\n  target: [{family: gaussian_mixture, components: " TWO_COMPONENTS "}]\n"
             "  dimension: [4]\n  patch_size: [full]\n  noise_level: [0]\n  seed: [1]\n")});
}

static void expect_refused(const char *a, const char *b, const char *message)
{
    ms_sweep *sweep[] = {read_text(a), read_text(b)}, *all;
    static const char *const name[] = {"a.h5", "b.h5"};
    ms_error error = {0};
    assert_int_equal(ms_sweep_unite(&all, (const ms_sweep *const *)sweep, name, 2, &error),
                     MS_ERROR_MISMATCH);
    assert_null(all);
    assert_string_equal(error.message, message);
    ms_sweep_free(sweep[0]);
    ms_sweep_free(sweep[1]);
}

static void other_sections_of_one_name_are_not_united(void **state)
{
    (void)state;
#define SAMPLER(step)                                                                                        \
    "name: x\n" TARGET "\nbudget: {iterations: 9, chains: 8}\n"                                              \
    "grid: {dimension: 4, sampler: {as: a, step_size: " step "}}\n"
    expect_refused(SAMPLER("1"), SAMPLER("2"),
                   "b.h5: belongs to a different sweep than a.h5: sampler{a}.step_size: was 1, is 2");
    expect_refused(BLOCK("  dimension: 4\n"), BLOCK("  dimension: 4\n  sampler.step_size: [1, 2]\n"),
                   "b.h5: belongs to a different sweep than a.h5: sampler.step_size: was 1, is an axis");
}

static void points_that_do_not_fit_are_left_out(void **state)
{
    (void)state;
    /* 10 has no patches of 6, nor has 12 of 5: no sweep refuses them and has all values */
    ms_sweep *all = unite(
        (const char *const[]){"{dimension: 10, patch_size: 5}", "{dimension: 12, patch_size: 6}", NULL});
    assert_int_equal(all->indivisible, MS_INDIVISIBLE_SKIP);
    assert_int_equal(all->point_count, 2);
    ms_sweep_free(all);
    /* the last patch of one file is shorter, so it must be in the whole; `skip` has all values, but not that
     */
    all =
        unite((const char *const[]){"{dimension: [10, 12], patch_size: [4, 5], indivisible: skip}",
                                    "{dimension: 10, patch_size: 4, indivisible: shorter_last_patch}", NULL});
    assert_int_equal(all->indivisible, MS_INDIVISIBLE_SHORTER_LAST_PATCH);
    assert_int_equal(all->point_count, 4);
    ms_sweep_free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(parts_make_the_very_sweep),
                                       cmocka_unit_test(a_whole_keeps_its_text),
                                       cmocka_unit_test(a_grid_is_exchanged_where_it_stands),
                                       cmocka_unit_test(other_sections_of_one_name_are_not_united),
                                       cmocka_unit_test(points_that_do_not_fit_are_left_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
