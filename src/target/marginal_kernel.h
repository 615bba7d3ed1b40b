/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Marginal laws over rows of chains, compiled once per instruction set from marginal_kernel.c; all give the
 * same bits. Rows are those of the samplers' kernels: MS_LANES chains, one a lane, aligned to 64 bytes. */
#ifndef MS_MARGINAL_KERNEL_H
#define MS_MARGINAL_KERNEL_H

#include "target/marginal.h"

typedef struct ms_marginal_kernel {
    /* For coordinates j = 0..length-1 in turn: adds log f(x_j - mean_j) to the row `log_density` and stores
     * the derivative as row j of `score`. */
    void (*rows)(const ms_marginal_form *form, size_t length, const double *mean, const double *x,
                 double *log_density, double *score);
} ms_marginal_kernel;

extern const ms_marginal_kernel ms_marginal_kernel_portable, ms_marginal_kernel_avx2,
    ms_marginal_kernel_avx512;

#endif
