/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that nobody writes in good faith: refused quickly, and without reading or growing them. */
#include "sweep_support.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/modeseek-sweep-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/sweep.yaml", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void expect_load_error(ms_status expected, const char *fragment)
{
    ms_sweep *sweep;
    ms_diagnostics diagnostics = {0};
    assert_int_equal(ms_sweep_load(&sweep, path, &diagnostics), expected);
    assert_null(sweep);
    assert_int_equal(diagnostics.count, 1);
    if (!strstr(diagnostics.message[0], fragment))
        fail_msg("%s", diagnostics.message[0]);
    assert_ptr_equal(strstr(diagnostics.message[0], path), diagnostics.message[0]);
}

static void expect_parse_error(const char *text, size_t length, const char *fragment)
{
    ms_sweep *sweep;
    ms_diagnostics diagnostics = {0};
    assert_int_equal(ms_sweep_parse(&sweep, "x.yaml", text, length, &diagnostics), MS_ERROR_SWEEP);
    assert_null(sweep);
    assert_true(diagnostics.count > 0);
    if (!strstr(diagnostics.message[0], fragment))
        fail_msg("%s", diagnostics.message[0]);
}

static void what_is_no_regular_file_is_not_read(void **state)
{
    (void)state;
    expect_load_error(MS_ERROR_IO, "No such file or directory");
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_load_error(MS_ERROR_IO, "not a regular file"); /* and does not wait for a writer */
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    expect_load_error(MS_ERROR_IO, "it is a folder");
    rmdir(path);
    ms_sweep *sweep;
    ms_diagnostics diagnostics = {0};
    assert_int_equal(ms_sweep_load(&sweep, "/dev/zero", &diagnostics), MS_ERROR_IO);
}

static void a_large_file_is_not_read_whole(void **state)
{
    (void)state;
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(ftruncate(fileno(out), 100 << 20), 0);
    fclose(out);
    expect_load_error(MS_ERROR_SWEEP, "larger than 1048576 bytes");
    /* the limit itself is allowed */
    out = fopen(path, "wb");
    assert_non_null(out);
    fputs("name: x\n#", out);
    while (ftell(out) < (long)MS_SWEEP_FILE_MAX)
        fputc('-', out);
    fclose(out);
    ms_sweep *sweep;
    ms_diagnostics diagnostics = {0};
    assert_int_equal(ms_sweep_load(&sweep, path, &diagnostics), MS_ERROR_SWEEP);
    assert_non_null(strstr(diagnostics.message[0], "lacks target"));
    out = fopen(path, "ab");
    assert_non_null(out);
    fputc('-', out);
    fclose(out);
    expect_load_error(MS_ERROR_SWEEP, "larger than 1048576 bytes");
    unlink(path);
}

static void every_byte_string_is_refused_or_read(void **state)
{
    (void)state;
    expect_parse_error("", 0, "the file is empty");
    expect_parse_error("name: \0x", 8, "control character (0x00)");
    expect_parse_error("\xff\xfe", 2, "not UTF-8");
    expect_parse_error("a\xc0\xaf", 3, "x.yaml:1:2: not UTF-8");       /* overlong '/' */
    expect_parse_error("a\n\xed\xa0\x80", 5, "x.yaml:2:1: not UTF-8"); /* a surrogate */
    expect_parse_error("\xf4\x90\x80\x80", 4, "not UTF-8");            /* beyond Unicode */
    expect_parse_error("a\xc3", 2, "not UTF-8");                       /* cut */
    expect_parse_error("\x7f", 1, "control character");
    expect_parse_error("\xef\xbb\xbfname: x\n", 11, "x.yaml:1:1: the sweep file lacks target");
}

/* `unit` repeated to fill the largest file. */
static void expect_flood_refused(const char *unit, const char *fragment)
{
    size_t size = MS_SWEEP_FILE_MAX, length = strlen(unit);
    char *text = malloc(size + 1);
    assert_non_null(text);
    for (size_t i = 0; i < size; i++)
        text[i] = unit[i % length];
    text[size] = '\0';
    expect_parse_error(text, size, fragment);
    free(text);
}

static void floods_are_refused(void **state)
{
    (void)state;
    expect_flood_refused("[", "nested more than 16 deep");
    expect_flood_refused("{", "");
    expect_flood_refused("- ", "nested more than 16 deep");
    expect_flood_refused("? ", "");
    expect_flood_refused("[],", "");
    expect_flood_refused("a: ", "not valid YAML");
    expect_flood_refused("-\n", "too many values");
    expect_flood_refused("a: 1\n", "too many values");
    expect_flood_refused("\"", "");
    expect_flood_refused("'", "");
    expect_flood_refused("x", "plain value");
    expect_flood_refused("#", "nothing but white space");
    expect_flood_refused("\n", "nothing but white space");
    expect_flood_refused("%", "");
    expect_flood_refused("---\n", "a second document");
    expect_flood_refused("&a ", "");
    expect_flood_refused("!a ", "");
    expect_flood_refused("|\n", "");
    expect_flood_refused("unknown_key_0123456789_0123456789: 1\n", "");
}

static void a_billion_laughs_are_not_heard(void **state)
{
    (void)state;
    char text[4096] = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
    for (int i = 1; i < 10; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used,
                 "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1,
                 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    }
    expect_parse_error(text, strlen(text), "x.yaml:1:5: anchors");
}

static void many_errors_are_counted(void **state)
{
    (void)state;
    static char text[1 << 19];
    size_t used = 0;
    for (int i = 0; i < 30000; i++)
        used += (size_t)sprintf(text + used, "k%d: 1\n", i);
    ms_sweep *sweep;
    ms_diagnostics diagnostics = {0};
    assert_int_equal(ms_sweep_parse(&sweep, "x.yaml", text, used, &diagnostics), MS_ERROR_SWEEP);
    assert_int_equal(diagnostics.count, 30000 + 5); /* and the five sections that are missing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_no_regular_file_is_not_read),
                                       cmocka_unit_test(a_large_file_is_not_read_whole),
                                       cmocka_unit_test(every_byte_string_is_refused_or_read),
                                       cmocka_unit_test(floods_are_refused),
                                       cmocka_unit_test(a_billion_laughs_are_not_heard),
                                       cmocka_unit_test(many_errors_are_counted)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
