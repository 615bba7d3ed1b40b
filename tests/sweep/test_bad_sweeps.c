/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every bad sweep NAME.yaml in tests/sweep/bad gives exactly the messages in NAME.expected.
 * With MS_WRITE_EXPECTED=1 in the environment the .expected files are written instead: read the difference
 * (git diff) before committing it. */
#include "sweep_support.h"

#include <dirent.h>
#include <unistd.h>

static char *messages(const char *path)
{
    ms_sweep *sweep;
    ms_diagnostics diagnostics = {0};
    ms_status status = ms_sweep_load(&sweep, path, &diagnostics);
    if (status != MS_ERROR_SWEEP || sweep)
        fail_msg("%s: %s", path, ms_status_message(status));
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    ms_diagnostics_print(&diagnostics, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static char *read_text(const char *path)
{
    FILE *in = fopen(path, "rb");
    if (!in)
        fail_msg("%s is missing; see the top of this file", path);
    char *text = calloc(1, 65536);
    assert_non_null(text);
    size_t length = fread(text, 1, 65535, in);
    fclose(in);
    assert_true(length > 0);
    return text;
}

static void compare(const char *yaml)
{
    char expected_path[300];
    snprintf(expected_path, sizeof expected_path, "%.*s.expected", (int)(strlen(yaml) - 5), yaml);
    char *now = messages(yaml);
    if (getenv("MS_WRITE_EXPECTED")) {
        FILE *out = fopen(expected_path, "wb");
        assert_non_null(out);
        fputs(now, out);
        assert_int_equal(fclose(out), 0);
    }
    char *expected = read_text(expected_path);
    if (strcmp(now, expected) != 0)
        fail_msg("%s gives\n%sinstead of\n%s", yaml, now, expected);
    free(expected);
    free(now);
}

static void every_bad_sweep_is_explained(void **state)
{
    (void)state;
    assert_int_equal(chdir(MS_SOURCE_DIR "/tests/sweep/bad"), 0);
    DIR *folder = opendir(".");
    assert_non_null(folder);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        size_t length = strlen(entry->d_name);
        if (length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0) {
            compare(entry->d_name);
            count++;
        }
    }
    closedir(folder);
    assert_true(count >= 90); /* that they were found at all */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_bad_sweep_is_explained)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
