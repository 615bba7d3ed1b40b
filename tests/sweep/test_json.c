/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"
#include "cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char value[64];

static const char *get(const char *object, const char *key)
{
    memset(value, 'x', sizeof value);
    return ms_json_field(object, key, value, sizeof value) ? value : NULL;
}

static void values(void **state)
{
    (void)state;
    static const char object[] =
        " {\"host\": \"n1\", \"pid\":17 ,\"a b\" : -1.5e3, \"none\": null, \"yes\": true,"
        "\"inside\": {\"host\": \"}\\\"\", \"deep\": [1, {}]}, \"list\": [\"]\"],"
        " \"host\": \"second\", \"last\": \"\"} ";
    assert_string_equal(get(object, "host"), "n1");
    assert_string_equal(get(object, "pid"), "17");
    assert_string_equal(get(object, "a b"), "-1.5e3");
    assert_string_equal(get(object, "none"), "");
    assert_string_equal(get(object, "yes"), "true");
    assert_string_equal(get(object, "inside"), "{\"host\": \"}\\\"\", \"deep\": [1, {}]}");
    assert_string_equal(get(object, "list"), "[\"]\"]");
    assert_string_equal(get(object, "last"), "");
    assert_null(get(object, "deep"));
    assert_string_equal(value, "");
    assert_null(get("{}", "host"));
}

/* A host called `", "ranks": 9` must not look like a key. */
static void keys_inside_of_strings(void **state)
{
    (void)state;
    assert_string_equal(get("{\"host\": \"\\\", \\\"ranks\\\": 9\", \"ranks\": 2}", "ranks"), "2");
    assert_string_equal(get("{\"host\": \"\\\"ranks\\\": \", \"ranks\": 2}", "host"), "\"ranks\": ");
}

static void escapes(void **state)
{
    (void)state;
    assert_string_equal(get("{\"a\": \"\\u0041\\u00e9\\ud83d\\ude00\\/\\\\\"}", "a"), "A\u00e9\U0001F600/\\");
    assert_string_equal(get("{\"\\u0061\": 1}", "a"), "1");
    assert_string_equal(get("{\"a\": \"\\n\\u001b[1m\"}", "a"), "??[1m");
    assert_string_equal(get("{\"a\": \"\\u0000\\udc00\"}", "a"), "\uFFFD\uFFFD");
}

static void what_is_no_json(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "{",
                                      "[1]",
                                      "\"a\"",
                                      "{\"a\"",
                                      "{\"a\":",
                                      "{\"a\": \"",
                                      "{\"a\": \"\\",
                                      "{\"a\": \"\\u12",
                                      "{\"a\": \"\\q\"}",
                                      "{\"a\": [1",
                                      "{\"a\": [\"",
                                      "{\"b\": 1 \"a\": 2}",
                                      "{\"b\": 1,",
                                      "{b: 1, \"a\": 2}",
                                      "{\"b\": , \"a\": 2}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_null(get(bad[i], "a"));
        assert_string_equal(value, "");
    }
    char deep[300] = "{\"a\": ";
    memset(deep + 6, '[', 200);
    assert_null(get(deep, "a"));
}

static void long_values(void **state)
{
    (void)state;
    char small[4];
    assert_true(ms_json_field("{\"a\": \"12\u00e9\u00e9\"}", "a", small, sizeof small));
    assert_string_equal(small, "12"); /* no half characters */
    assert_true(ms_json_field("{\"a\": 123456}", "a", small, sizeof small));
}

static void what_is_written(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size;
    ms_json json = {.out = open_memstream(&text, &size)};
    assert_non_null(json.out);
    ms_json_open(&json, NULL, '{');
    ms_json_text(&json, "a\"b", "\x1b\xff\n");
    ms_json_text(&json, "none", NULL);
    ms_json_line(&json, 2);
    ms_json_open(&json, "list", '[');
    ms_json_count(&json, NULL, UINT64_MAX);
    ms_json_whole(&json, NULL, INT64_MIN);
    ms_json_line(&json, 4);
    ms_json_open(&json, NULL, '{');
    ms_json_close(&json, '}');
    ms_json_line(&json, 2);
    ms_json_close(&json, ']');
    ms_json_truth(&json, "yes", true);
    ms_json_number(&json, "tenth", 0.1);
    ms_json_number(&json, "nan", (double)NAN);
    ms_json_key(&json, "other");
    fputs("[]", json.out);
    ms_json_number(&json, "inf", (double)INFINITY);
    ms_json_close(&json, '}');
    assert_int_equal(fclose(json.out), 0);
    assert_string_equal(text,
                        "{\"a\\u0022b\": \"\\u001b\\ufffd\\u000a\", \"none\": null,\n"
                        "  \"list\": [18446744073709551615, -9223372036854775808,\n"
                        "    {}\n"
                        "  ], \"yes\": true, \"tenth\": 0.1, \"nan\": null, \"other\": [], \"inf\": null}");
    assert_string_equal(get(text, "tenth"), "0.1");
    assert_string_equal(get(text, "other"), "[]");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written),        cmocka_unit_test(values),
        cmocka_unit_test(keys_inside_of_strings), cmocka_unit_test(escapes),
        cmocka_unit_test(what_is_no_json),        cmocka_unit_test(long_values)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
