/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Densities of lengths against values in 40 digits, by radial.py. */
#include "estimate/panel.h"
#include "estimate/radial.h"

#include "cmocka_all.h"

#include <math.h>

static const struct {
    double to, from;
    size_t directions;
    double variance, density;
} known[] = {
    {0.5, 0, 1, 0.1, 0.72288957067272511},           {1.9, 1.5, 1, 0.1, 0.56685826122489587},
    {0.001, 0.4, 2, 0.1, 0.0044932851478668479},     {2.2, 3.1, 2, 1.0, 0.22867324155232759},
    {0.7, 0.2, 3, 0.1, 1.1881285685657498},          {3.0, 2.5, 4, 0.1, 0.47274583550532186},
    {0.25, 1.0, 9, 0.01, 7.445977930402488e-15},     {4.0, 5.5, 9, 1.0, 0.027424018569825644},
    {6.5, 5.0, 10, 0.5, 0.17139459197543859},        {12.0, 11.5, 49, 0.1, 0.82177970718171622},
    {7.0, 3.0, 50, 1.0, 0.37858072152333387},        {2.0, 0, 51, 0.1, 1.0020073439295512},
    {17.0, 17.3, 99, 0.1, 0.22883967540869176},      {14.0, 16.5, 99, 0.1, 6.4808634210450098e-18},
    {0.001, 0.1, 99, 0.01, 1.7578326253173542e-272}, {40.0, 39.0, 499, 0.1, 0.642258664737787},
    {57.0, 54.0, 999, 0.1, 3.3235263686440302e-10},  {37.0, 39.5, 999, 0.1, 4.6552956746279324e-32},
    {78.0, 77.0, 1999, 0.1, 0.83771909889109652},
};

static void known_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double found = ms_radial_density(known[i].to, known[i].from, known[i].directions, known[i].variance);
        if (!(fabs(found / known[i].density - 1) < 1e-12))
            fail_msg("case %zu: %.17g, expected %.17g", i, found, known[i].density);
    }
}

/* Over ten standard deviations on either side, by panels as long as one. */
static double integral(double from, size_t directions, double variance)
{
    ms_panel_rule rule;
    ms_panel_rule_set(&rule, 16);
    double deviation = sqrt(variance), middle = sqrt(from * from + (double)directions * variance), total = 0;
    for (int panel = -10; panel < 10; panel++) {
        double low = fmax(middle + panel * deviation, 0), high = fmax(middle + (panel + 1) * deviation, 0);
        for (int i = 0; i < 16; i++) {
            double half = (high - low) / 2, at = (high + low) / 2 + half * rule.node[i];
            total += half > 0 ? half * rule.weight[i] * ms_radial_density(at, from, directions, variance) : 0;
        }
    }
    return total;
}

static void integrals_are_1(void **state)
{
    (void)state;
    static const size_t directions[] = {1, 2, 3, 7, 50, 51, 99, 999};
    for (size_t i = 0; i < sizeof directions / sizeof *directions; i++)
        for (double from = 0; from < 40; from = 3 * from + 0.1)
            if (!(fabs(integral(from, directions[i], 0.1) - 1) < 1e-12))
                fail_msg("%zu directions, from %g: %.15g", directions[i], from,
                         integral(from, directions[i], 0.1));
}

/* int_-1^1 x^k dx */
static void rules_are_exact(void **state)
{
    (void)state;
    ms_panel_rule rule;
    for (size_t count = 1; count <= MS_PANEL_NODES_MAX; count++) {
        ms_panel_rule_set(&rule, count);
        for (size_t power = 0; power < 2 * count; power++) {
            double sum = 0;
            for (size_t i = 0; i < count; i++) {
                assert_true(rule.weight[i] > 0 && (i == 0 || rule.node[i] > rule.node[i - 1]));
                sum += rule.weight[i] * pow(rule.node[i], (double)power);
            }
            double exact = power % 2 ? 0 : 2 / ((double)power + 1);
            if (!(fabs(sum - exact) < 1e-14))
                fail_msg("%zu nodes, x^%zu: %.17g, expected %.17g", count, power, sum, exact);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(integrals_are_1),
        cmocka_unit_test(rules_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
