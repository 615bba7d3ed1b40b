/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text that may come from anywhere, on its way to a terminal or into JSON. */
#include "base/text.h"
#include "cmocka_all.h"

#include <modeseek/status.h>
#include <stdio.h>
#include <string.h>

static void expect_printed(const char *text, const char *expected)
{
    char copy[64];
    snprintf(copy, sizeof copy, "%s", text);
    ms_make_printable(copy);
    assert_string_equal(copy, expected);
    assert_string_equal(ms_printable_copy(text).text, expected);
    assert_true(ms_is_printable(copy));
    assert_int_equal(ms_is_printable(text), strcmp(text, expected) == 0);
}

static void what_steers_or_deceives_is_not_printed(void **state)
{
    (void)state;
    expect_printed("", "");
    expect_printed("Müller, 模式, 🙂 100 %", "Müller, 模式, 🙂 100 %");
    expect_printed("\x1b[31m\ta\r\n\x7f", "?[31m?a???");
    expect_printed("a\xC2\x80\xC2\x9B\xC2\x9F\xC2\xA0", "a???\xC2\xA0");          /* C1; U+009B is CSI */
    expect_printed("\xE2\x80\xAA\xE2\x80\xAEx\xE2\x80\xA8\xE2\x80\xA9", "??x??"); /* U+202A to U+202E */
    expect_printed("\xE2\x80\x8E\xE2\x80\x8F\xD8\x9C", "???");                    /* U+200E, U+200F, U+061C */
    expect_printed("\xE2\x81\xA6\xE2\x81\xA9\xE2\x81\xAA", "??\xE2\x81\xAA");     /* U+2066 to U+2069 */
}

static void each_byte_that_is_no_utf8_is_a_question_mark(void **state)
{
    (void)state;
    expect_printed("\x9B\xFF.", "??.");
    expect_printed("\xC0\xAF.", "??.");           /* overlong */
    expect_printed("\xE0\x80\x9B.", "???.");      /* overlong CSI */
    expect_printed("\xED\xA0\x80.", "???.");      /* surrogate */
    expect_printed("\xF4\x90\x80\x80.", "????."); /* beyond Unicode */
    expect_printed("\xF8\x88\x80\x80\x80.", "?????.");
    expect_printed("\xE2\x80.", "??.");
    expect_printed("\xF0\x9F\x99", ""); /* cut by the end */
    expect_printed("ab\xC3", "ab");
    expect_printed("ab\x80\x80", "ab??");
    expect_printed("\xF0"
                   "ab",
                   "?ab");
}

/* All bytes behind one another, and all pairs, triples of those that matter: whatever comes out is printable.
 */
static void nothing_gets_through(void **state)
{
    static const unsigned char byte[] = {0x01, 0x1B, 0x41, 0x7F, 0x80, 0x8E, 0x9B, 0x9C, 0xA8, 0xAE,
                                         0xA6, 0xBF, 0xC2, 0xD8, 0xE0, 0xE2, 0xED, 0xF0, 0xF4, 0xFF};
    (void)state;
    for (size_t i = 0; i < sizeof byte * sizeof byte * sizeof byte * sizeof byte; i++) {
        char text[5] = {0};
        for (size_t j = 0, rest = i; j < 4; j++, rest /= sizeof byte)
            text[j] = (char)byte[rest % sizeof byte];
        ms_make_printable(text);
        assert_true(ms_is_printable(text) && strlen(text) <= 4);
        for (const char *c = text; *c; c++)
            assert_true((unsigned char)*c >= 0x20 && *c != 0x7F);
    }
}

static void expect_json(const char *text, const char *expected)
{
    char json[200] = "";
    for (size_t left = strlen(text), used; left > 0; text += used, left -= used) {
        used = ms_json_character(text, left, json + strlen(json));
        assert_in_range(used, 1, left);
    }
    assert_string_equal(json, expected);
}

static void any_bytes_make_valid_json(void **state)
{
    (void)state;
    expect_json("é 🙂 a/b", "é 🙂 a/b");
    expect_json("\"\\\n\x7f", "\\u0022\\u005c\\u000a\\u007f");
    expect_json("\xFFz\xC3", "\\ufffdz\\ufffd");
    expect_json("\xED\xA0\x80", "\\ufffd\\ufffd\\ufffd");
    expect_json("\xC2\x9B\xE2\x80\xAE", "\\u009b\\u202e");
}

static void messages_are_printable(void **state)
{
    (void)state;
    ms_error error;
    ms_error_set(&error, MS_ERROR_IO, "%s: %s",
                 "a\xC2\x9B"
                 "31m.h5",
                 "\xE2\x80\xAEgone");
    assert_string_equal(error.message, "a?31m.h5: ?gone");
    char text[600] = "";
    for (size_t i = 0; i + 3 < sizeof text; i += 3)
        snprintf(text + i, sizeof text - i, "模");
    ms_error_set(&error, MS_ERROR_IO, "%s", text);
    assert_int_equal(strlen(error.message), 510); /* cut between characters */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_steers_or_deceives_is_not_printed),
                                       cmocka_unit_test(each_byte_that_is_no_utf8_is_a_question_mark),
                                       cmocka_unit_test(nothing_gets_through),
                                       cmocka_unit_test(any_bytes_make_valid_json),
                                       cmocka_unit_test(messages_are_printable)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
