/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "restart.h"

static void means(void **state)
{
    (void)state;
    static const struct { restart_case c; double mean; } known[] = {
        {{2, "ball", 3, .steps = 20000}, 4.888244542},
        {{5, "ball", 3, .steps = 20000}, 14.6645457},
        {{10, "ball", 3, .steps = 20000}, 40.316393},
        {{20, "ball", 3, .steps = 20000}, 149.5530},
        {{50, "ball", 3, .steps = 20000}, 2899.62},
        {{50, "switch", 3, .steps = 20000}, 12129.1},
        {{1, "ball", 1, .steps = 20000}, 14.401055561297},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        ms_restart_mean m = restart_mean(&known[i].c, 16, 0.999);
        print_message("    z = %.2f\n", (m.mean - known[i].mean) / m.error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(means)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
