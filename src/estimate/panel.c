/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/panel.h"

#include <math.h>

/* The Legendre polynomial of degree `count`, and its derivative. */
static double legendre(size_t count, double x, double *derivative)
{
    double p = 1, before = 0;
    for (size_t k = 1; k <= count; k++) {
        double n = (double)k, next = ((2 * n - 1) * x * p - (n - 1) * before) / n;
        before = p;
        p = next;
    }
    *derivative = (double)count * (before - x * p) / (1 - x * x);
    return p;
}

/* cos(pi f / 2) to 1e-4, near enough for Newton's method; not the C library's, whose bits differ. */
static double cosine(double f)
{
    double square = f * f;
    return 1 - square * (1.2337006 - square * (0.2536695 - square * (0.0208635 - square * 0.00086)));
}

void ms_panel_rule_set(ms_panel_rule *rule, size_t count)
{
    for (size_t i = 0; i < (count + 1) / 2; i++) {
        double x = cosine(2 * ((double)i + 0.75) / ((double)count + 0.5)), derivative;
        for (int step = 0; step < 8; step++) {
            double value = legendre(count, x, &derivative);
            x -= value / derivative;
        }
        if (2 * i + 1 == count)
            x = 0;
        legendre(count, x, &derivative);
        rule->node[i] = -x;
        rule->node[count - 1 - i] = x;
        rule->weight[i] = rule->weight[count - 1 - i] = 2 / ((1 - x * x) * derivative * derivative);
    }
}
