/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Elementary functions for single numbers, with the bits of those in the inner loops (random/lanes.h),
 * whatever the C library. */
#ifndef MS_ELEMENTARY_H
#define MS_ELEMENTARY_H

/* Natural logarithm of a positive normal number, within 2.5 ulp. */
double ms_log(double x);

/* exp(x) for x <= 709, within 2 ulp; 0 below -700, NaN for NaN. */
double ms_exp(double x);

#endif
