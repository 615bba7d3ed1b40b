/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Components from a file are the same components: chains do not know how they were given. */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* mkdtemp */
#endif
#include "sweep_support.h"

#include <hdf5.h>
#include <unistd.h>

static char folder[] = "/tmp/modeseek-tables-XXXXXX", text_path[64], hdf5_path[64], of_text[96], of_hdf5[96];

static int begin(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(text_path, sizeof text_path, "%s/t.csv", folder);
    snprintf(hdf5_path, sizeof hdf5_path, "%s/t.h5", folder);
    snprintf(of_text, sizeof of_text, "{file: %s}", text_path);
    snprintf(of_hdf5, sizeof of_hdf5, "{file: %s}", hdf5_path);
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(text_path);
    unlink(hdf5_path);
    return rmdir(folder);
}

static void write_text(const char *text)
{
    FILE *out = fopen(text_path, "wb");
    assert_true(out && fputs(text, out) >= 0 && fclose(out) == 0);
}

static void put(hid_t file, const char *name, int rank, const hsize_t *extent, const double *value)
{
    hid_t space = H5Screate_simple(rank, extent, NULL);
    hid_t set = H5Dcreate2(file, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
    H5Dclose(set);
    H5Sclose(space);
}

static void write_hdf5(const double *weight, const double *variance, const double *mean)
{
    const hsize_t extent[] = {2, 4};
    hid_t file = H5Fcreate(hdf5_path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    put(file, "weight", 1, extent, weight);
    put(file, "variance", 1, extent, variance);
    put(file, "mean", 2, extent, mean);
    assert_true(H5Fclose(file) >= 0);
}

static uint64_t key(const char *components)
{
    ms_sweep *sweep = make_sweep((sweep_parts){.components = components});
    uint64_t key = ms_sweep_point_key(sweep, 0, &(ms_key_memo){0});
    ms_sweep_free(sweep);
    return key;
}

static const double weight[] = {0.25, 0.75}, variance[] = {3, 1},
                    mean[] = {0, 0.1, -0.0, 1e-3, 1, 1, 1, 1.0 / 3};
#define INLINE                                                                                               \
    "[{weight: 0.25, mean: [0, 0.1, 0, 1e-3], variance: 3}, "                                                \
    "{weight: 0.75, mean: [1, 1, 1, 0.33333333333333331], variance: 1}]"
#define TEXT                                                                                                 \
    "mean[0],mean[1],mean[2],mean[3],variance,weight\n0,0.1,-0.0,1e-3,3,0.25\n"                              \
    "1,1,1,0.33333333333333331,1,0.75\n"

static void the_same_numbers_are_the_same_chains(void **state)
{
    (void)state;
    write_text(TEXT);
    write_hdf5(weight, variance, mean);
    assert_true(key(of_text) == key(INLINE));
    assert_true(key(of_hdf5) == key(INLINE));
    write_text("weight,variance,mean\n0.5,3,0\n0.5,1,1\n"); /* numbers, for any dimension */
    assert_true(key(of_text) == key(TWO_COMPONENTS));
    ms_sweep *sweep = make_sweep((sweep_parts){.components = of_text, .grid = "{dimension: [4, 8]}"});
    assert_int_equal(sweep->point_count, 2);
    assert_int_equal(ms_settings_engine(ms_sweep_settings(sweep, 0), 4), MS_ENGINE_REDUCED);
    ms_sweep_free(sweep);
    write_text("weight variance[0] variance[1] variance[2] variance[3] mean\n0.5 3 3 3 2 0\n0.5 1 1 1 1 1\n");
    assert_true(key(of_text) ==
                key("[{weight: 0.5, mean: 0, variance: [3, 3, 3, 2]}, {weight: 0.5, mean: 1, variance: 1}]"));
}

/* The identity has two lines, whatever the file's form, and says so when a number changes. */
static void the_identity_is_short(void **state)
{
    (void)state;
    char difference[300];
    write_text(TEXT);
    write_hdf5(weight, variance, mean);
    ms_sweep *text = make_sweep((sweep_parts){.components = of_text});
    ms_sweep *hdf5 = make_sweep((sweep_parts){.components = of_hdf5});
    assert_string_equal(text->identity, hdf5->identity);
    assert_non_null(strstr(text->identity, "\ntarget.components = 2\ntarget.components.digest = "));
    assert_null(strstr(text->identity, "target.components[0]"));
    write_text("weight,variance,mean\n0.5,3,0\n0.5,1,1\n");
    ms_sweep *changed = make_sweep((sweep_parts){.components = of_text});
    assert_true(ms_sweep_differs(text->identity, changed->identity, difference, sizeof difference));
    assert_int_equal(strncmp(difference, "target.components.digest: was ", 30), 0);
    assert_false(ms_sweep_may_grow(text->identity, changed->identity, difference, sizeof difference));
    ms_sweep_free(text);
    ms_sweep_free(hdf5);
    ms_sweep_free(changed);
}

static void write_rows(size_t rows)
{
    FILE *out = fopen(text_path, "wb");
    assert_non_null(out);
    fputs("weight,variance,mean\n", out);
    for (size_t i = 0; i < rows; i++)
        fprintf(out, "%.17g,1,%zu\n", 1.0 / (double)rows, i);
    assert_int_equal(fclose(out), 0);
}

static ms_sweep *read_as(bool is_kept, const char *text, ms_diagnostics *diagnostics)
{
    ms_sweep *sweep;
    *diagnostics = (ms_diagnostics){0};
    (is_kept ? ms_sweep_parse_kept : ms_sweep_parse)(&sweep, "x.yaml", text, strlen(text), diagnostics);
    return sweep;
}

/* The text that is kept needs the file no more, and is not believed where the file is another one. */
static void what_is_found_is_kept(void **state)
{
    (void)state;
    ms_diagnostics diagnostics;
    write_text("weight variance[0] variance[1] variance[2] variance[3] mean\n0.5 3 3 3 2 0\n0.5 1 1 1 1 1\n");
    ms_sweep *sweep = make_sweep((sweep_parts){.components = of_text});
    const char *found = strstr(sweep->text, "components: {count: 2, digest: \"");
    assert_non_null(found);
    assert_non_null(strstr(found, "\", isotropic: false, file: "));
    ms_sweep *again = read_as(false, sweep->text, &diagnostics);
    assert_non_null(again);
    assert_string_equal(again->text, sweep->text);
    unlink(text_path);
    ms_sweep *kept = read_as(true, sweep->text, &diagnostics);
    if (!kept)
        fail_msg("%s", diagnostics.message[0]);
    assert_string_equal(kept->text, sweep->text);
    assert_string_equal(kept->identity, sweep->identity);
    assert_true(kept->lacks_files && kept->lacks_numbers);
    assert_false(sweep->lacks_files || sweep->lacks_numbers);
    assert_int_equal(ms_sweep_components(kept), 2);
    assert_int_equal(ms_settings_engine(&kept->variant[0], 4), MS_ENGINE_GENERIC);
    assert_int_equal(ms_sweep_block_state_size(kept, ms_sweep_block(kept, 0)),
                     ms_sweep_block_state_size(sweep, ms_sweep_block(sweep, 0)));
    write_text("weight,variance,mean\n0.5,3,0\n0.5,1,1\n");
    assert_null(read_as(false, sweep->text, &diagnostics));
    assert_non_null(strstr(diagnostics.message[0], "t.csv is not the expected file: it has count: 2, "
                                                   "digest: \""));
    /* of a hostile file */
    char *count = strstr(kept->text, "count: 2");
    count[7] = '1';
    assert_null(read_as(true, kept->text, &diagnostics));
    assert_non_null(strstr(diagnostics.message[0], "count is 1, so this is not a sweep as stored in a"));
    ms_sweep_free(sweep);
    ms_sweep_free(again);
    ms_sweep_free(kept);
}

/* Two rows of means in that dimension. */
static void write_wide(size_t dimension)
{
    FILE *out = fopen(text_path, "wb");
    assert_non_null(out);
    fputs("weight,variance", out);
    for (size_t j = 0; j < dimension; j++)
        fprintf(out, ",mean[%zu]", j);
    for (size_t row = 0; row < 2; row++) {
        fputs("\n0.5,1", out);
        for (size_t j = 0; j < dimension; j++)
            fputs(",1", out);
    }
    assert_int_equal(fclose(out), 0);
}

static void as_many_components_as_a_mixture_may_have(void **state)
{
    (void)state;
    ms_diagnostics diagnostics;
    write_rows(MS_COMPONENTS_MAX);
    ms_sweep *sweep = make_sweep((sweep_parts){.components = of_text});
    assert_int_equal(ms_sweep_components(sweep), MS_COMPONENTS_MAX);
    assert_true(component_of(&sweep->variant[0], MS_COMPONENTS_MAX - 1)->mean.value == MS_COMPONENTS_MAX - 1);
    ms_sweep_free(sweep);
    write_rows(MS_COMPONENTS_MAX + 1);
    assert_null(try_sweep((sweep_parts){.components = of_text}, &diagnostics));
    assert_non_null(strstr(diagnostics.message[0], "t.csv: 4097 rows; give 2 to 4096 ("));
}

/* Each variant has its own copy; a file that cannot be read is complained of once. */
static void variants_have_a_limit(void **state)
{
    (void)state;
    ms_diagnostics diagnostics;
    write_wide(1u << 17);
    const sweep_parts many = {.components = of_text,
                              .sampler = "{schedule: constant}",
                              .grid =
                                  "{dimension: 131072, sampler.step_size: {from: 0.1, to: 1, count: 64}}"};
    assert_null(try_sweep(many, &diagnostics));
    assert_int_equal(diagnostics.count, 1);
    assert_non_null(strstr(diagnostics.message[0], "more numbers from files than a sweep may hold (2^24)"));
    unlink(text_path);
    assert_null(try_sweep(many, &diagnostics));
    assert_int_equal(diagnostics.count, 1);
    assert_non_null(strstr(diagnostics.message[0], "cannot be opened: No such file or directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_numbers_are_the_same_chains), cmocka_unit_test(the_identity_is_short),
        cmocka_unit_test(as_many_components_as_a_mixture_may_have), cmocka_unit_test(what_is_found_is_kept),
        cmocka_unit_test(variants_have_a_limit)};
    return cmocka_run_group_tests(tests, begin, end);
}
