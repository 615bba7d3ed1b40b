/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is a number, and what only looks like one. */
#include "data/number.h"
#include "sweep_support.h"

static void numbers_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } good[] = {{"0", 0},      {"1", 1},         {"-1", -1},       {"+2.5", 2.5}, {".5", 0.5}, {"5.", 5},
                {"1e3", 1000}, {"1E-3", 1e-3},   {"1.5e+2", 150},  {"0.1", 0.1},  {"-0", 0},   {"0e9", 0},
                {"0e-999", 0}, {"1e308", 1e308}, {"0.001", 0.001}, {"0.30", 0.3}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double value = 99;
        assert_null(ms_parse_number(good[i].text, &value));
        assert_true(value == good[i].value);
    }
}

static void other_texts_are_no_numbers(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",     "x",   "1x",   "--1",   "1e",     "1e+", ".",   "+",     "e5",    "0x10", "0X1",
        "0b1",  "0o7", "010",  "-01",   "1_0",    "1,5", "1 0", "inf",   "nan",   ".inf", "NaN",
        "-Inf", "~",   "null", "1e999", "1e-999", " 1",  "1 ",  "1.2.3", "0x1p3", "1d5",  "١"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double value = 99;
        uint64_t count = 99;
        assert_non_null(ms_parse_number(bad[i], &value));
        if (strcmp(bad[i], "1e-999") != 0)
            assert_non_null(ms_parse_count(bad[i], &count));
        assert_true(count == 99);
    }
}

static void counts_are_exact(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t value;
    } good[] = {{"0", 0},
                {"-0", 0},
                {"100000", 100000},
                {"1e5", 100000},
                {"1.5e3", 1500},
                {"1.50e1", 15},
                {"120e-1", 12},
                {"0.5e1", 5},
                {"3.", 3},
                {"3.000", 3},
                {"0e999999999", 0},
                {"9007199254740993", UINT64_C(9007199254740993)},
                {"1.8446744073709551615e19", UINT64_MAX},
                {"18446744073709551615", UINT64_MAX}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        uint64_t value = 99;
        assert_null(ms_parse_count(good[i].text, &value));
        assert_true(value == good[i].value);
    }
    static const char *const bad[] = {"-1",
                                      "0.5",
                                      "1e-1",
                                      "1.00000000000000000000000000001",
                                      "18446744073709551616",
                                      "2e19",
                                      "1e99",
                                      "1e999999999999999999999",
                                      "-1e999",
                                      "1e-999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint64_t value = 99;
        assert_non_null(ms_parse_count(bad[i], &value));
        assert_true(value == 99);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_are_read),
                                       cmocka_unit_test(other_texts_are_no_numbers),
                                       cmocka_unit_test(counts_are_exact)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
