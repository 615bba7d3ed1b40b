/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that the sweep names, kept with the results. */
#include "base/sha256.h"
#include "fixture.h"
#include "results/file.h"
#include "results/hdf5_error.h"

static ms_input make(const char *name, const char *bytes)
{
    ms_input input = {.key = "file"};
    ms_sha256 sha = ms_sha256_init();
    snprintf(input.name, sizeof input.name, "%s", name);
    input.size = strlen(bytes);
    input.bytes = (unsigned char *)strdup(bytes);
    assert_non_null(input.bytes);
    ms_sha256_add(&sha, bytes, strlen(bytes));
    ms_sha256_text(&sha, input.sha256);
    return input;
}

static void add(fixture *f, ms_inputs *inputs, const ms_input *input)
{
    bool left_out;
    assert_ok(f, ms_inputs_add(inputs, input, &left_out, &f->error));
    assert_false(left_out);
}

static void assert_held(fixture *f, const char *path, const char *name, const char *bytes)
{
    ms_results *results;
    ms_inputs inputs;
    assert_ok(f, ms_results_open(&results, path, &f->error));
    assert_ok(f, ms_results_inputs(results, &inputs, &f->error));
    const ms_input *input = ms_inputs_find(&inputs, name);
    assert_non_null(input);
    if (bytes) {
        assert_non_null(input->bytes);
        assert_int_equal(input->size, strlen(bytes));
        assert_memory_equal(input->bytes, bytes, strlen(bytes));
    } else {
        assert_null(input->bytes);
    }
    ms_inputs_free(&inputs);
    assert_ok(f, ms_results_close(results, &f->error));
}

/* Names with what JSON and other alphabets have, a file without bytes, and one of which only the name is
 * known. */
static void fill(fixture *f, ms_inputs *inputs)
{
    const ms_input first = make("../data/\"a\" \xC3\xA4.csv", "weight,variance,mean\n1,2,3\n");
    const ms_input second = make("start.txt", "0 0\n1 1\n");
    const ms_input absent = {.name = "./banana.so", .key = "path"};
    add(f, inputs, &first);
    add(f, inputs, &absent);
    add(f, inputs, &second);
}

static void assert_all(fixture *f, const char *path)
{
    assert_held(f, path, "../data/\"a\" \xC3\xA4.csv", "weight,variance,mean\n1,2,3\n");
    assert_held(f, path, "start.txt", "0 0\n1 1\n");
    assert_held(f, path, "./banana.so", NULL);
}

/* An archive has them, and so has what is made of it. */
static void they_stay(void **state)
{
    fixture *f = *state;
    char archive[200], merged[200];
    const char *const from[] = {f->path, archive};
    ms_inputs inputs = {0};
    ms_merge_report report;
    ms_growth growth;
    ms_results *results;
    snprintf(archive, sizeof archive, "%s.archive", f->path);
    snprintf(merged, sizeof merged, "%s.merged", f->path);
    fill(f, &inputs);
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    assert_ok(f, ms_results_repack(archive, f->path, f->sweep, false, &inputs, NULL, &f->error));
    ms_inputs_free(&inputs);
    assert_all(f, archive);
    assert_ok(f, ms_results_merge(merged, f->sweep, from, 2, &report, NULL, &f->error));
    assert_all(f, merged);
    assert_ok(f, ms_results_compare(archive, f->sweep, NULL, &growth, NULL, &f->error));
    assert_true(growth.is_same && growth.is_archive);
    assert_ok(f, ms_results_grow(archive, f->sweep, NULL, &f->error)); /* into one that can be written */
    assert_all(f, archive);
    assert_ok(f, ms_results_open_parallel(&results, archive, f->sweep, MPI_COMM_SELF, &f->error));
    assert_ok(f, ms_results_close(results, &f->error));
}

/* A file without any has nothing of them, as before there were such. */
static void there_may_be_none(void **state)
{
    fixture *f = *state;
    ms_results *results;
    ms_inputs inputs;
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    assert_ok(f, ms_results_open(&results, f->path, &f->error));
    assert_ok(f, ms_results_inputs(results, &inputs, &f->error));
    assert_int_equal(inputs.count, 0);
    for (ms_dataset which = MS_DATASET_INPUT_NUMBER; which <= MS_DATASET_INPUT_BYTES; which++)
        assert_false(ms_layout_has(&results->layout, which));
    assert_ok(f, ms_results_close(results, &f->error));
}

/* One that was known by name only is completed; other bytes are not taken for the same file. */
static void names_are_unique(void **state)
{
    fixture *f = *state;
    ms_inputs inputs = {0};
    const ms_input name = {.name = "t.csv", .key = "file"};
    const ms_input right = make("t.csv", "right"), wrong = make("t.csv", "wrong");
    add(f, &inputs, &name);
    add(f, &inputs, &right);
    add(f, &inputs, &wrong);
    assert_int_equal(inputs.count, 1);
    assert_int_equal(inputs.bytes, 5);
    assert_memory_equal(inputs.input[0].bytes, "right", 5);
    ms_inputs_free(&inputs);
}

/* Of a plugin known by its name the checksum is completed, once. */
static void checksums_are_completed(void **state)
{
    fixture *f = *state;
    ms_inputs inputs = {0};
    const ms_input name = {.name = "p.so", .key = "path"};
    ms_input first = name, second = name;
    first.size = 7;
    memset(first.sha256, 'a', MS_SHA256_TEXT - 1);
    memset(second.sha256, 'b', MS_SHA256_TEXT - 1);
    add(f, &inputs, &name);
    add(f, &inputs, &first);
    add(f, &inputs, &second);
    add(f, &inputs, &name);
    assert_int_equal(inputs.count, 1);
    assert_int_equal(inputs.bytes, 0);
    assert_int_equal(inputs.input[0].size, 7);
    assert_string_equal(inputs.input[0].sha256, first.sha256);
    ms_inputs_free(&inputs);
}

/* Not what a hostile file has under the name of a plugin, or under one that the sweep does not have. */
static void tables_alone_keep_their_bytes(void **state)
{
    fixture *f = *state;
    ms_inputs inputs = {0};
    ms_input_named named[] = {{.name = "t.csv", .key = "file"},
                              {.name = "p.so", .key = "path"},
                              {.name = "d.csv", .key = "data"},
                              {.name = "d.csv", .key = "file"}};
    const ms_sweep sweep = {.named = {named, 4, 4}};
    static const char *const name[] = {"t.csv", "p.so", "d.csv", "Makefile"};
    for (size_t i = 0; i < 4; i++) {
        const ms_input input = make(name[i], "12345");
        add(f, &inputs, &input);
    }
    ms_inputs_keep_tables(&inputs, &sweep);
    assert_int_equal(inputs.count, 3);
    assert_int_equal(inputs.bytes, 5);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(inputs.input[i].name, name[i]);
        assert_true((inputs.input[i].bytes != NULL) == (i == 0));
    }
    ms_inputs_free(&inputs);
}

static void there_is_a_limit(void **state)
{
    fixture *f = *state;
    ms_inputs inputs = {0};
    bool left_out;
    ms_input large = make("large", "");
    large.size = MS_INPUTS_BYTES_MAX + (uint64_t)1;
    assert_ok(f, ms_inputs_add(&inputs, &large, &left_out, &f->error));
    assert_true(left_out);
    assert_int_equal(inputs.count, 1);
    assert_null(inputs.input[0].bytes);
    assert_int_equal(inputs.bytes, 0);
    ms_inputs_free(&inputs);
}

/* Opens the archive with a line of its table, and the bytes, replaced as by somebody who can make seals fit.
 */
static void refuse(fixture *f, const char *line, const char *words)
{
    char archive[200], text[MS_START_MAX] = "";
    ms_results *results;
    ms_inputs inputs = {0};
    const ms_input input = make("t.csv", "12345");
    snprintf(archive, sizeof archive, "%s.archive", f->path);
    add(f, &inputs, &input);
    unlink(archive);
    assert_ok(f, ms_results_repack(archive, f->path, f->sweep, false, &inputs, NULL, &f->error));
    ms_inputs_free(&inputs);
    hid_t file = H5Fopen(archive, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t dataset = H5Dopen2(file, "/provenance/input", H5P_DEFAULT), type = H5Dget_type(dataset);
    snprintf(text, sizeof text, "%s", line);
    assert_true(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0);
    H5Tclose(type);
    H5Dclose(dataset);
    H5Fclose(file);
    assert_ok(f, ms_results_open_damaged(&results, archive, &f->error));
    assert_refused(f, ms_results_inputs(results, &inputs, &f->error), MS_ERROR_FORMAT, words);
    ms_inputs_free(&inputs);
    assert_ok(f, ms_results_close(results, &f->error));
}

#define SHA  "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5" /* of 12345 */
#define REST ", \"key\": \"file\", \"sha256\": \"" SHA "\""

static void nobody_vouches_for_them(void **state)
{
    fixture *f = *state;
    static const char damaged[] = "line 0 of /provenance/input is damaged";
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    refuse(f, "", damaged);
    refuse(f, "{\"file\": \"t.csv\"" REST ", \"size\": 5, \"bytes\": 6}", damaged);
    refuse(f, "{\"file\": \"t.csv\"" REST ", \"size\": 6, \"bytes\": 6}", damaged);
    refuse(f, "{\"file\": \"t.csv\"" REST ", \"size\": -5, \"bytes\": 5}", damaged);
    refuse(f,
           "{\"file\": \"t.csv\"" REST ", \"size\": 18446744073709551615, \"bytes\": 18446744073709551615}",
           damaged);
    refuse(f, "{\"file\": \"\"" REST ", \"size\": 5, \"bytes\": 5}", damaged);
    refuse(f, "{\"file\": \"t.csv\"" REST ", \"size\": 4, \"bytes\": 4}", "does not fit its checksum");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(they_stay, set_up, tear_down),
    cmocka_unit_test_setup_teardown(there_may_be_none, set_up, tear_down),
    cmocka_unit_test_setup_teardown(names_are_unique, set_up, tear_down),
    cmocka_unit_test_setup_teardown(checksums_are_completed, set_up, tear_down),
    cmocka_unit_test_setup_teardown(tables_alone_keep_their_bytes, set_up, tear_down),
    cmocka_unit_test_setup_teardown(there_is_a_limit, set_up, tear_down),
    cmocka_unit_test_setup_teardown(nobody_vouches_for_them, set_up, tear_down)};

RUN_WITH_MPI(tests)
