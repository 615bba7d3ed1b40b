/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared objects and data files: what is loaded, and what is refused with a message. */
#include "fixtures.h"

#include "target/data_file.h"
#include "target/family/plugin.h"
#include "target/target_type.h"
#include <fenv.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN(name) MS_OWN_TARGETS "/" name ".so"

static char folder[] = "/tmp/test_plugins.XXXXXX";

static ms_target *load(const ms_functions_params *params)
{
    ms_target *target = NULL;
    ms_error error = {0};
    if (ms_target_functions_alloc(&target, params, &error) != MS_OK)
        fail_msg("%s", error.message);
    return target;
}

static void refuse(const char *path, size_t dimension, ms_status expected, const char *part)
{
    const ms_functions_params params = {.dimension = dimension, .path = path};
    ms_target *target;
    ms_error error = {0};
    ms_status status = ms_target_functions_alloc(&target, &params, &error);
    print_message("%s\n", error.message);
    assert_null(target);
    assert_int_equal(status, expected);
    if (!strstr(error.message, part))
        fail_msg("'%s' is not in: %s", part, error.message);
}

/* Copies `size` bytes of a file, or all of them, to folder/name. */
static const char *copy(const char *from, const char *name, size_t size)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *in = fopen(from, "rb"), *out = fopen(path, "wb");
    assert_true(in && out);
    for (int c; size > 0 && (c = getc(in)) != EOF; size--)
        putc(c, out);
    fclose(in);
    assert_int_equal(fclose(out), 0);
    return path;
}

static const char *write_file(const char *name, const char *text)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
    return path;
}

static void examples_are_loaded(void **state)
{
    (void)state;
    ms_functions_params params = {.dimension = 2, .path = OWN("banana")};
    const ms_function_parameter parameters[] = {{"scale", 2}, {"bend", 0.3}};
    params.parameters = parameters;
    params.parameter_count = 2;
    ms_target *target = load(&params);
    const double x[2] = {1.2, -0.4};
    double straight = x[1] + 0.3 * (x[0] * x[0] - 4), score[2];
    double expected =
        -0.5 * (x[0] * x[0] / 4 + straight * straight) - log(2 * 3.14159265358979323846) - log(2);
    assert_true(fabs(ms_target_log_density(target, 0, x) - expected) < 1e-14);
    ms_target_score(target, 0, x, score);
    assert_true(fabs(score[1] + straight) < 1e-15);
    assert_true(fabs(score[0] + x[0] / 4 + 0.6 * x[0] * straight) < 1e-15);
    assert_int_equal(ms_target_components(target), 3);
    assert_true(fabs(ms_target_mean(target, 1)[1] + 0.3 * 12) < 1e-15);
    uint64_t digest = target->digest;
    ms_target_free(target);

    target = load(&params); /* again: the same identity; of another file: another */
    assert_true(target->digest == digest);
    ms_target_free(target);
    const char *longer = copy(OWN("banana"), "longer.so", SIZE_MAX);
    FILE *file = fopen(longer, "ab");
    assert_non_null(file);
    putc(0, file);
    fclose(file);
    params.path = longer;
    target = load(&params);
    assert_true(target->digest != digest);
    ms_target_free(target);

    refuse(OWN("banana"), 1, MS_ERROR_ARGUMENT, "plugin banana: is for 2 to any number of dimensions, not 1");
    const ms_function_parameter wrong = {"scale", -1};
    params = (ms_functions_params){
        .dimension = 2, .path = OWN("banana"), .parameters = &wrong, .parameter_count = 1};
    ms_error error;
    assert_int_equal(ms_target_functions_alloc(&target, &params, &error), MS_ERROR_ARGUMENT);
    assert_string_equal(error.message, "plugin banana: scale is -1; it must be positive (create returned 1)");
}

/* By the family's own params, as sweeps have them: with a data file. */
static void data_files_are_handed_over(void **state)
{
    (void)state;
    ms_named_number setting = {"prior_variance", 4};
    ms_plugin_params params = {
        .path = OWN("logistic_regression"), .parameters = {.item = &setting, .count = 1}, .count = 1};
    ms_target *target;
    ms_error error;
    snprintf(params.data, sizeof params.data, "%s",
             write_file("data.csv", "a,b,label\n1,0.5,1\n1,-0.25,0\n"));
    assert_int_equal(ms_plugin_look(&params, 2, &error), MS_OK);
    assert_int_equal(ms_target_make(&target, ms_target_plugin, &params, 2, &error), MS_OK);
    const double x[2] = {0.3, -2};
    double score[2], t[2] = {0.3 - 1, 0.3 + 0.5};
    double missed[2] = {1 - 1 / (1 + exp(-t[0])), 0 - 1 / (1 + exp(-t[1]))};
    ms_target_score(target, 0, x, score);
    assert_true(fabs(score[0] - (missed[0] + missed[1] - 0.3 / 4)) < 1e-14);
    assert_true(fabs(score[1] - (0.5 * missed[0] - 0.25 * missed[1] + 0.5)) < 1e-14);
    ms_target_free(target);
    assert_int_equal(ms_target_make(&target, ms_target_plugin, &params, 3, &error), MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "the dimension must be 2"));
    snprintf(params.data, sizeof params.data, "%s", write_file("data.csv", "1,0.5,1\n1,-0.25,2\n"));
    assert_int_equal(ms_target_make(&target, ms_target_plugin, &params, 2, &error), MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "the label in row 2 of the data is 2"));
    snprintf(params.data, sizeof params.data, "%s", "/nowhere/data.csv");
    assert_int_equal(ms_target_make(&target, ms_target_plugin, &params, 2, &error), MS_ERROR_IO);
    params.data[0] = '\0';
    assert_int_equal(ms_target_make(&target, ms_target_plugin, &params, 2, &error), MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "plugin logistic_regression: needs data"));
}

/* What a sweep has been told of a plugin must still hold when its targets are made. */
static void what_was_seen_must_stay(void **state)
{
    (void)state;
    ms_plugin_params params = {.path = OWN("banana")};
    ms_target *target;
    ms_error error;
    assert_int_equal(ms_plugin_look(&params, 2, &error), MS_OK);
    assert_int_equal(ms_target_plugin->count(&params), 3);
    assert_int_equal(ms_target_make(&target, ms_target_plugin, &params, 7, &error), MS_OK);
    ms_target_free(target);
    params.count = 2;
    assert_int_equal(ms_target_make(&target, ms_target_plugin, &params, 7, &error), MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "has 3 modes in 7 dimensions, and 2 in others"));
    params.count = 3;
    params.digest[3] ^= 1;
    assert_int_equal(ms_target_make(&target, ms_target_plugin, &params, 7, &error), MS_ERROR_IO);
    assert_non_null(strstr(error.message, "plugin banana: the shared object or its data have changed"));
    assert_int_equal(ms_plugin_look(&params, 7, &error), MS_ERROR_ARGUMENT); /* another one is wanted */
    assert_non_null(strstr(error.message, "it is not the one that the sweep names"));
    params = (ms_plugin_params){.path = OWN("banana"), .count = 2};
    assert_int_equal(ms_plugin_look(&params, 7, &error), MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "has 3 modes, not 2"));
    params = (ms_plugin_params){.path = OWN("banana")};
    assert_int_equal(ms_plugin_look(&params, 1, &error), MS_ERROR_ARGUMENT);
}

/* Then the run ends, and can be gone on with: blocks that fail would be lost. */
static void data_may_change_meanwhile(void **state)
{
    (void)state;
    ms_plugin_params params = {.path = OWN("logistic_regression")};
    ms_target *target;
    ms_error error;
    snprintf(params.data, sizeof params.data, "%s", write_file("changing.csv", "1 2 1\n3 -4 0\n"));
    assert_int_equal(ms_plugin_look(&params, 2, &error), MS_OK);
    write_file("changing.csv", "1 2 1\n3 -4 1\n");
    assert_int_equal(ms_target_make(&target, ms_target_plugin, &params, 2, &error), MS_ERROR_IO);
    assert_non_null(strstr(error.message, "or its data have changed since the sweep was read"));
    write_file("changing.csv", "1 2 1\n3 -4\n");
    assert_int_equal(ms_target_make(&target, ms_target_plugin, &params, 2, &error), MS_ERROR_IO);
    assert_int_equal(error.status, MS_ERROR_IO);
    assert_non_null(strstr(error.message, "changing.csv:2: has 2 numbers"));
}

/* Somebody's results do not run code on the machine of whoever opens them. */
static void what_nobody_has_named_is_not_loaded(void **state)
{
    (void)state;
    ms_plugin_params seen = {.path = OWN("banana")};
    ms_target *target;
    ms_error error;
    assert_int_equal(ms_plugin_look(&seen, 2, &error), MS_OK);
    ms_plugin_params params = {.path = OWN("banana"), .count = seen.count};
    memcpy(params.digest, seen.digest, sizeof params.digest);
    assert_int_equal(ms_target_make(&target, ms_target_plugin, &params, 2, &error), MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "which is not enough to load it"));
}

/* Points that count as modes, of a target that has others, or none. */
static void modes_may_be_given(void **state)
{
    (void)state;
    double at[2] = {1.5, -2};
    ms_plugin_mode mode[2] = {{{.pattern = MS_PATTERN_LIST, .values = at, .value_count = 2}}, {{.value = 3}}};
    ms_plugin_params params = {.path = OWN("student_mixture"), .modes = {.item = mode, .count = 2}};
    ms_target *target;
    ms_error error;
    assert_int_equal(ms_plugin_look(&params, 2, &error), MS_OK);
    assert_int_equal(params.count, 2);
    assert_int_equal(ms_target_make(&target, ms_target_plugin, &params, 2, &error), MS_OK);
    assert_memory_equal(ms_target_mean(target, 0), at, sizeof at);
    assert_true(ms_target_mean(target, 1)[0] == 3 && ms_target_mean(target, 1)[1] == 3);
    assert_true(isnan(ms_target_weight(target, 0))); /* they are no components of a mixture */
    ms_target_free(target);
}

/* Whatever happens to the file of one that is loaded: copied over, it would exchange the code that runs. */
static void the_file_may_change_meanwhile(void **state)
{
    (void)state;
    const char *path = copy(OWN("banana"), "exchanged.so", SIZE_MAX);
    const ms_functions_params params = {.dimension = 2, .path = path};
    ms_target *first = load(&params);
    double x[2] = {1, 2}, before[2], after[2];
    ms_target_score(first, 0, x, before);
    write_file("exchanged.so", "no shared object\n");
    ms_target *second = load(&params);
    ms_target_score(first, 0, x, after);
    assert_memory_equal(before, after, sizeof before);
    assert_true(first->digest == second->digest);
    ms_target_free(second);
    ms_target_free(first);
}

static void arithmetic_stays(void **state)
{
    (void)state;
    ms_target_free(load(&(ms_functions_params){.dimension = 1, .path = OWN("cliff")}));
    assert_int_equal(fegetround(), FE_TONEAREST);
}

static void bad_files_are_refused(void **state)
{
    (void)state;
    char path[300];
    refuse("", 1, MS_ERROR_IO, "a path of 1 to");
    refuse("/nowhere/plugin.so", 1, MS_ERROR_IO, "plugin /nowhere/plugin.so: No such file");
    refuse("libm.so.6", 1, MS_ERROR_IO, "plugin ./libm.so.6: No such file"); /* nothing is searched for */
    refuse(folder, 1, MS_ERROR_IO, "not a regular file");
    refuse("/dev/zero", 1, MS_ERROR_IO, "not a regular file");
    snprintf(path, sizeof path, "%s/pipe", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    refuse(path, 1, MS_ERROR_IO, "not a regular file");
    refuse(write_file("text.so", "no shared object\n"), 1, MS_ERROR_IO, "plugin /tmp/test_plugins.");
    refuse(write_file("empty.so", ""), 1, MS_ERROR_IO, "plugin /tmp/test_plugins.");
    for (size_t size = 1; size < 10000; size += 499) /* one that is still being written */
        refuse(copy(OWN("banana"), "cut.so", size), 1, MS_ERROR_IO, "or a truncated one");
    const char *huge = write_file("huge.so", "");
    assert_int_equal(truncate(huge, (off_t)MS_PLUGIN_BYTES_MAX + 1), 0);
    refuse(huge, 1, MS_ERROR_IO, "too large for a plugin");
    char *long_path = calloc(10000, 1);
    assert_non_null(long_path);
    memset(long_path, 'a', 9999);
    refuse(long_path, 1, MS_ERROR_IO, "a path of 1 to");
    free(long_path);
}

static void bad_plugins_are_refused(void **state)
{
    (void)state;
    refuse(OWN("no_symbol"), 1, MS_ERROR_ARGUMENT, "no_symbol.so: exports no modeseek_plugin");
    refuse(OWN("no_table"), 1, MS_ERROR_ARGUMENT, "no_table.so: modeseek_plugin returns NULL");
    refuse(OWN("wrong_abi"), 1, MS_ERROR_ARGUMENT,
           "wrong_abi.so: has version 7 of the interface, this modeseek");
    refuse(OWN("small_table"), 1, MS_ERROR_ARGUMENT, "small_table.so: the size of its table is 16");
    refuse(OWN("no_evaluate"), 1, MS_ERROR_ARGUMENT, "plugin broken: has no evaluate");
    refuse(OWN("wrong_sign"), 1, MS_ERROR_ARGUMENT, "plugin broken: evaluate gives a score[0] of ");
    refuse(OWN("wrong_sign"), 2, MS_ERROR_ARGUMENT, "plugin broken: is for 0 to 1 dimensions, not 2");
    refuse(OWN("undefined"), 1, MS_ERROR_IO, "nowhere_defined");
}

static void tables_of_numbers_are_read(void **state)
{
    (void)state;
    double *data;
    size_t rows, columns;
    const char *path = write_file("good", "# a comment\n\n 1, 2.5 ,-3e2\r\n4\t5 6\n#\n+7,8,9");
    assert_int_equal(ms_data_file_read(path, &data, &rows, &columns, NULL), MS_OK);
    assert_int_equal(rows, 3);
    assert_int_equal(columns, 3);
    const double expected[] = {1, 2.5, -300, 4, 5, 6, 7, 8, 9};
    assert_memory_equal(data, expected, sizeof expected);
    free(data);
    static const struct {
        const char *text, *part;
    } bad[] = {{"", "has no numbers"},
               {"x,y\n", "has no numbers"},
               {"1,2\n3\n", ":2: has 1 numbers, but the first row has 2"},
               {"1,2\n3,4,5\n", ":2: has 3 numbers, but the first row has 2"},
               {"1,2\n3,\n", ":2: ends with a comma"},
               {"1,,2\n", ":1: ',2' is not"},
               {"1,2\na,b\n", ":2: 'a,b' is not"},
               {"1,2x\n", ":1: '2x' is not"},
               {"1,nan\n", ":1: 'nan' is not"},
               {"1,-inf\n", ":1: '-inf' is not"},
               {"1e999\n", ":1: '1e999' is not"},
               {"1;2\n", ":1: '1;2' is not"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ms_error error = {0};
        assert_int_equal(ms_data_file_read(write_file("bad", bad[i].text), &data, &rows, &columns, &error),
                         MS_ERROR_ARGUMENT);
        assert_null(data);
        if (!strstr(error.message, bad[i].part))
            fail_msg("'%s' is not in: %s", bad[i].part, error.message);
    }
    path = write_file("bad", "1,2\n");
    FILE *file = fopen(path, "ab");
    assert_non_null(file);
    fwrite("\0\n", 1, 2, file);
    fclose(file);
    assert_int_equal(ms_data_file_read(path, &data, &rows, &columns, NULL), MS_ERROR_ARGUMENT);
    assert_int_equal(truncate(path, (off_t)MS_DATA_BYTES_MAX + 1), 0);
    assert_int_equal(ms_data_file_read(path, &data, &rows, &columns, NULL), MS_ERROR_IO);
    assert_int_equal(ms_data_file_read(folder, &data, &rows, &columns, NULL), MS_ERROR_IO);
    assert_int_equal(ms_data_file_read("/nowhere", &data, &rows, &columns, NULL), MS_ERROR_IO);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : 1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"longer.so", "data.csv", "pipe", "text.so", "empty.so",
                                        "cut.so",    "huge.so",  "good", "bad"};
    char path[300];
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_are_loaded),
        cmocka_unit_test(data_files_are_handed_over),
        cmocka_unit_test(what_was_seen_must_stay),
        cmocka_unit_test(bad_files_are_refused),
        cmocka_unit_test(modes_may_be_given),
        cmocka_unit_test(what_nobody_has_named_is_not_loaded),
        cmocka_unit_test(the_file_may_change_meanwhile),
        cmocka_unit_test(data_may_change_meanwhile),
        cmocka_unit_test(arithmetic_stays),
        cmocka_unit_test(bad_plugins_are_refused),
        cmocka_unit_test(tables_of_numbers_are_read),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
