/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparing samples. */
#ifndef MS_TEST_KS_H
#define MS_TEST_KS_H

#include <math.h>
#include <stdlib.h>

static inline int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Two-sample Kolmogorov-Smirnov, asymptotic p-value; sorts both; 1 when one is too small to say anything. */
static inline double ks_p_value(double *a, size_t a_count, double *b, size_t b_count)
{
    if (a_count < 20 || b_count < 20)
        return 1;
    qsort(a, a_count, sizeof(double), compare_doubles);
    qsort(b, b_count, sizeof(double), compare_doubles);
    double largest = 0, n = (double)a_count, m = (double)b_count;
    for (size_t i = 0, j = 0; i < a_count && j < b_count;) {
        double at = fmin(a[i], b[j]);
        while (i < a_count && a[i] <= at)
            i++;
        while (j < b_count && b[j] <= at)
            j++;
        largest = fmax(largest, fabs((double)i / n - (double)j / m));
    }
    double root = sqrt(n * m / (n + m)), lambda = (root + 0.12 + 0.11 / root) * largest, p = 0;
    if (lambda < 0.3)
        return 1;
    for (int k = 1; k <= 100; k++)
        p += (k % 2 ? 2 : -2) * exp(-2.0 * k * k * lambda * lambda);
    return p;
}

#endif
