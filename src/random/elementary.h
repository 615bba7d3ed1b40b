/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Elementary functions for single numbers, with the bits of those in the inner loops (random/lanes.h),
 * whatever the C library. */
#ifndef MS_ELEMENTARY_H
#define MS_ELEMENTARY_H

#include <stddef.h>

/* Natural logarithm of a positive normal number, within 2.5 ulp. */
double ms_log(double x);

/* exp(x) for x <= 709, within 2 ulp; 0 below -700, NaN for NaN. */
double ms_exp(double x);

/* log sum_i exp(value_i). */
double ms_log_sum(size_t count, const double *value);

/* exp(value_i) / sum_j exp(value_j), in their place. */
void ms_softmax(size_t count, double *value);

#endif
