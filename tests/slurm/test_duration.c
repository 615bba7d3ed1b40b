/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmocka_all.h"
#include "slurm/duration.h"

#include <math.h>

static void every_format(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        double seconds;
    } good[] = {
        /* what sbatch takes */
        {"90", 5400},
        {"59:30", 3570},
        {"90:00", 5400},
        {"1:02:03", 3723},
        {"100:00:00", 360000},
        {"2-3", 183600},
        {"2-03:04", 183840},
        {"2-03:04:05", 183845},
        {"0", 0},
        /* what squeue prints as a limit or as what is left */
        {"0:07", 7},
        {"1:00", 60},
        {"59:00", 3540},
        {"1-00:00:00", 86400},
        {"365-00:00:00", 31536000},
        {"UNLIMITED", INFINITY},
        {"INFINITE", INFINITY},
        {"unlimited", INFINITY},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double seconds = -1;
        if (!ms_slurm_read_duration(good[i].word, &seconds) || seconds != good[i].seconds)
            fail_msg("%s: %g", good[i].word, seconds);
    }
}

static void everything_else(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",          "N/A",     "NOT_SET",
        "INVALID",   "-1",      "1:60",
        "1:60:00",   "1:00:60", "1-24",
        "1-",        "-1:00",   "1-0:60",
        "1-0:0:60",  "1:2:3:4", "1-1:2:3:4",
        "1:",        ":1",      "1::2",
        " 1:00",     "1:00 ",   "1h",
        "1.5",       "0x10",    "+1:00",
        "1--2",      "1-+2",    "1: 2",
        "99999999",  "1-2-3",   "UNLIMITED2",
        "1:00:00\n", "1:0:-5",  "18446744073709551617",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double seconds = -1;
        if (ms_slurm_read_duration(bad[i], &seconds))
            fail_msg("'%s' was taken for %g s", bad[i], seconds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_format), cmocka_unit_test(everything_else)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
