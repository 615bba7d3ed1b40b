/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results of a sweep whose components are in a file are merged and repacked without it: what follows from the
 * numbers is taken over from them, and is what the file would give. */
#include "fixture.h"
#include "results/file.h"

#define SWEEP(target, dimensions, seeds)                                                                     \
    "name: kept\ntarget: " target "\nsampler: {step_size: 0.1}\nbudget: {iterations: 1000, chains: 7}\n"     \
    "grid: {dimension: " dimensions ", seed: " seeds "}\n"
#define TARGET  "{family: gaussian_mixture, components: {file: t.csv}}"
#define NUMBERS "weight,variance,mean\n0.25,3,0\n0.5,1,2\n0.25,0.5,-2\n"

static char path[6][128];
enum { FIRST, SECOND, WHOLE, MADE, PACKED };

static void write_table(const fixture *f, const char *text)
{
    char name[128];
    snprintf(name, sizeof name, "%s/t.csv", f->folder);
    FILE *out = fopen(name, "wb");
    assert_true(out && fputs(text, out) >= 0 && fclose(out) == 0);
}

static ms_sweep *read_as(const fixture *f, const char *text, bool is_kept)
{
    ms_diagnostics diagnostics = {0};
    ms_sweep *sweep;
    char name[128];
    snprintf(name, sizeof name, "%s/x.yaml", is_kept ? "/nowhere" : f->folder);
    (is_kept ? ms_sweep_parse_kept : ms_sweep_parse)(&sweep, name, text, strlen(text), &diagnostics);
    if (!sweep)
        fail_msg("%s", diagnostics.message[0]);
    return sweep;
}

/* A file of the sweep, and the sweep as it keeps it. */
static ms_sweep *make(fixture *f, int which, const char *text)
{
    ms_results *results;
    ms_sweep *sweep = read_as(f, text, false);
    snprintf(path[which], sizeof path[which], "%s/%d.h5", f->folder, which);
    assert_ok(f, ms_results_create(path[which], sweep, NULL, &f->error));
    ms_sweep_free(sweep);
    assert_ok(f, ms_results_open(&results, path[which], &f->error));
    ms_sweep *kept = read_as(f, ms_results_get_info(results)->sweep_yaml, true);
    assert_string_equal(kept->identity, ms_results_get_info(results)->identity);
    assert_true(kept->lacks_numbers);
    assert_ok(f, ms_results_close(results, &f->error));
    return kept;
}

static void assert_same_dataset(fixture *f, const ms_results *a, const ms_results *b, ms_dataset which)
{
    double bytes = ms_layout_bytes(&a->layout, which);
    assert_true(bytes == ms_layout_bytes(&b->layout, which) && bytes > 0);
    char *of_a = malloc((size_t)bytes), *of_b = malloc((size_t)bytes);
    assert_true(of_a && of_b);
    assert_ok(f, ms_dataset_read(a, which, of_a, &f->error));
    assert_ok(f, ms_dataset_read(b, which, of_b, &f->error));
    assert_memory_equal(of_a, of_b, (size_t)bytes);
    free(of_a);
    free(of_b);
}

static void assert_same(fixture *f, const char *a_path, const char *b_path)
{
    static const ms_dataset which[] = {MS_DATASET_KEY,      MS_DATASET_RADIUS_SQUARED, MS_DATASET_WEIGHT,
                                       MS_DATASET_VARIANCE, MS_DATASET_STATE_SIZE,     MS_DATASET_IDENTITY};
    ms_results *a, *b;
    assert_ok(f, ms_results_open(&a, a_path, &f->error));
    assert_ok(f, ms_results_open(&b, b_path, &f->error));
    for (size_t i = 0; i < sizeof which / sizeof *which; i++)
        assert_same_dataset(f, a, b, which[i]);
    assert_ok(f, ms_results_close(a, &f->error));
    assert_ok(f, ms_results_close(b, &f->error));
}

static ms_status merge(fixture *f, const ms_sweep *first, const ms_sweep *second)
{
    const ms_sweep *const both[] = {first, second};
    const char *const from[] = {path[FIRST], path[SECOND]};
    ms_sweep *all;
    ms_merge_report report;
    assert_ok(f, ms_sweep_unite(&all, both, from, 2, &f->error));
    assert_true(all->lacks_numbers);
    snprintf(path[MADE], sizeof path[MADE], "%s/made.h5", f->folder);
    ms_status status = ms_results_merge(path[MADE], all, from, 2, &report, NULL, &f->error);
    ms_sweep_free(all);
    return status;
}

static void numbers_are_taken_over(void **state)
{
    fixture *f = *state;
    write_table(f, NUMBERS);
    ms_sweep *first = make(f, FIRST, SWEEP(TARGET, "[4, 8]", "1"));
    ms_sweep *second = make(f, SECOND, SWEEP(TARGET, "[4, 8]", "2"));
    ms_sweep *whole = make(f, WHOLE, SWEEP(TARGET, "[4, 8]", "[1, 2]"));
    assert_ok(f, merge(f, first, second));
    assert_same(f, path[MADE], path[WHOLE]);
    snprintf(path[PACKED], sizeof path[PACKED], "%s/packed.h5", f->folder);
    assert_ok(f, ms_results_repack(path[PACKED], path[MADE], whole, false, NULL, NULL, &f->error));
    assert_same(f, path[PACKED], path[WHOLE]);
    /* nothing is made up */
    assert_int_equal(unlink(path[PACKED]), 0);
    assert_refused(f, ms_results_create(path[PACKED], whole, NULL, &f->error), MS_ERROR_INTERNAL,
                   "numbers of its components are unknown");
    ms_sweep_free(first);
    ms_sweep_free(second);
    ms_sweep_free(whole);
}

/* The product of two grids has points that neither of them has. */
static void what_no_file_has_is_asked_for(void **state)
{
    fixture *f = *state;
    write_table(f, NUMBERS);
    ms_sweep *first = make(f, FIRST, SWEEP(TARGET, "4", "1"));
    ms_sweep *second = make(f, SECOND, SWEEP(TARGET, "8", "2"));
    assert_refused(f, merge(f, first, second), MS_ERROR_MISMATCH,
                   "its grid has points that no file has, and the components are in a separate file; give "
                   "the sweep file: --sweep FILE");
    ms_sweep_free(first);
    ms_sweep_free(second);
}

/* Of several targets each has the numbers of its own file; variances that differ need another engine. */
static void each_target_keeps_its_own(void **state)
{
    fixture *f = *state;
#define TARGETS                                                                                              \
    "name: kept\nsampler: {step_size: 0.1}\nbudget: {iterations: 1000, chains: 7}\ngrid:\n"                  \
    "  dimension: 4\n  seed: %d\n  target:\n"                                                                \
    "    - {as: round, family: gaussian_mixture, components: {file: t.csv}}\n"                               \
    "    - as: narrow\n      family: gaussian_mixture\n      components:\n        file: narrow.csv\n"
    char text[2][600], name[128];
    write_table(f, NUMBERS);
    snprintf(name, sizeof name, "%s/narrow.csv", f->folder);
    FILE *out = fopen(name, "wb");
    assert_non_null(out);
    fputs("weight variance[0] variance[1] variance[2] variance[3] mean\n"
          "0.5 3 3 3 3 0\n0.25 1 1 2 1 1\n0.25 1 1 1 1 2\n",
          out);
    assert_int_equal(fclose(out), 0);
    for (int i = 0; i < 2; i++)
        snprintf(text[i], sizeof text[i], TARGETS, i + 1);
    ms_sweep *first = make(f, FIRST, text[0]), *second = make(f, SECOND, text[1]);
    char whole_text[600];
    snprintf(whole_text, sizeof whole_text, "%s", text[0]);
    char *seed = strstr(whole_text, "seed: 1");
    memmove(seed + 12, seed + 7, strlen(seed + 7) + 1);
    memcpy(seed, "seed: [1, 2]", 12);
    ms_sweep *whole = make(f, WHOLE, whole_text);
    assert_int_equal(ms_settings_engine(&whole->variant[0], 4), MS_ENGINE_REDUCED);
    assert_int_equal(ms_settings_engine(&whole->variant[1], 4), MS_ENGINE_GENERIC);
    assert_ok(f, merge(f, first, second));
    assert_same(f, path[MADE], path[WHOLE]);
    ms_sweep_free(first);
    ms_sweep_free(second);
    ms_sweep_free(whole);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(numbers_are_taken_over, set_up, tear_down),
    cmocka_unit_test_setup_teardown(what_no_file_has_is_asked_for, set_up, tear_down),
    cmocka_unit_test_setup_teardown(each_target_keeps_its_own, set_up, tear_down),
};

RUN_WITH_MPI(tests)
