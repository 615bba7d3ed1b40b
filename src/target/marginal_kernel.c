/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled once per instruction set: MS_KERNEL_SIMD is portable, avx2 or avx512. */
#include "random/width.h"

#include "target/marginal_kernel.h"

#include "target/lanes_marginal.h"

/* n rows, n a constant <= MS_MARGINALS_TOGETHER */
MS_INLINE ms_lanes some_rows(const ms_marginal_form *form, size_t n, const double *mean, const double *x,
                             ms_lanes sum, double *score)
{
    ms_lanes t[MS_MARGINALS_TOGETHER], log_density[MS_MARGINALS_TOGETHER], slope[MS_MARGINALS_TOGETHER];
    for (size_t i = 0; i < n; i++)
        t[i] = *(const ms_lanes *)(x + i * MS_LANES) - mean[i];
    ms_lanes_marginal(form, n, t, log_density, slope);
    for (size_t i = 0; i < n; i++) {
        sum += log_density[i];
        *(ms_lanes *)(score + i * MS_LANES) = slope[i];
    }
    return sum;
}

static void rows(const ms_marginal_form *form, size_t length, const double *mean, const double *x,
                 double *log_density, double *score)
{
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        ms_lanes sum = *(const ms_lanes *)(log_density + part);
        size_t j = 0;
        for (; j + MS_MARGINALS_TOGETHER <= length; j += MS_MARGINALS_TOGETHER)
            sum = some_rows(form, MS_MARGINALS_TOGETHER, mean + j, x + j * MS_LANES + part, sum,
                            score + j * MS_LANES + part);
        for (; j < length; j++)
            sum = some_rows(form, 1, mean + j, x + j * MS_LANES + part, sum, score + j * MS_LANES + part);
        *(ms_lanes *)(log_density + part) = sum;
    }
}

const ms_marginal_kernel MS_TYPE_NAME(ms_marginal_kernel) = {rows};
