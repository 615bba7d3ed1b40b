/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep_support.h"

static void a_message_has_its_place(void **state)
{
    (void)state;
    ms_diagnostics d = {0};
    ms_diagnostics_add(&d, "a.yaml", 3, 7, "%s is %d", "x", 5);
    ms_diagnostics_add(&d, "a.yaml", 3, 0, "line");
    ms_diagnostics_add(&d, "a.yaml", 0, 0, "file");
    assert_int_equal(d.count, 3);
    assert_string_equal(d.message[0], "a.yaml:3:7: x is 5");
    assert_string_equal(d.message[1], "a.yaml:3: line");
    assert_string_equal(d.message[2], "a.yaml: file");
}

static void control_characters_do_not_reach_the_terminal(void **state)
{
    (void)state;
    ms_diagnostics d = {0};
    ms_diagnostics_add(&d, "a\nb", 0, 0, "\x1b[31m\x7f");
    assert_string_equal(d.message[0], "a?b: ?[31m?");
}

static void a_long_message_is_cut_between_characters(void **state)
{
    (void)state;
    char text[1200] = "";
    for (size_t shift = 0; shift < 2; shift++) {
        ms_diagnostics d = {0};
        text[0] = 'x';
        for (size_t i = shift; i + 2 < sizeof text; i += 2)
            memcpy(text + i, "\xC3\xA9", 3);
        ms_diagnostics_add(&d, "f", 0, 0, "%s", text);
        size_t length = strlen(d.message[0]);
        assert_true(length >= sizeof d.message[0] - 2);
        assert_int_equal((length - 3 - shift) % 2, 0);
    }
}

static void more_than_fit_are_counted(void **state)
{
    (void)state;
    ms_diagnostics d = {0};
    for (int i = 0; i < 25; i++)
        ms_diagnostics_add(&d, "f", 1, 1, "number %d", i);
    assert_int_equal(d.count, 25);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    ms_diagnostics_print(&d, out);
    fclose(out);
    assert_non_null(strstr(text, "f:1:1: number 19\n... and 5 more\n"));
    assert_null(strstr(text, "number 20"));
    free(text);
}

static void suggestions_are_near(void **state)
{
    (void)state;
    static const char *const words[] = {"dimension", "patch_size", "noise_level", "seed", "step_size"};
    static const struct {
        const char *word, *meant;
    } cases[] = {{"dimenison", "dimension"},
                 {"dim", "dimension"},
                 {"patch-size", "patch_size"},
                 {"patchsize", "patch_size"},
                 {"Seed", "seed"},
                 {"sede", "seed"},
                 {"seeds", "seed"},
                 {"nose_level", "noise_level"},
                 {"STEP_SIZE", "step_size"},
                 {"weight", NULL},
                 {"x", NULL},
                 {"", NULL},
                 {"a_word_that_is_much_longer_than_any_key", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *meant = ms_did_you_mean(cases[i].word, words, sizeof words / sizeof *words);
        if (cases[i].meant) {
            assert_non_null(meant);
            assert_string_equal(meant, cases[i].meant);
        } else {
            assert_null(meant);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_message_has_its_place),
                                       cmocka_unit_test(control_characters_do_not_reach_the_terminal),
                                       cmocka_unit_test(a_long_message_is_cut_between_characters),
                                       cmocka_unit_test(more_than_fit_are_counted),
                                       cmocka_unit_test(suggestions_are_near)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
