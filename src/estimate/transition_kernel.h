/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inner loops of transitions, compiled once per instruction set; all give the same bits. */
#ifndef MS_TRANSITION_KERNEL_H
#define MS_TRANSITION_KERNEL_H

#include "estimate/transition.h"

typedef struct ms_transition_kernel {
    /* density[i] = exp(-(u[i] - mean)^2 / (2 variance)) */
    void (*bell)(const double *u, size_t count, double mean, double variance, double *density);
    /* As of ms_transition_apply(). */
    void (*apply)(const ms_transition *transition, const double *from, double *to);
} ms_transition_kernel;

extern const ms_transition_kernel ms_transition_kernel_portable, ms_transition_kernel_avx2,
    ms_transition_kernel_avx512;

#endif
