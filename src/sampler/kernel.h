/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inner loops of the samplers, compiled once per instruction set from kernel.c; all give the same bits.
 * Arrays of lanes hold eight chains, one a lane, and are aligned to 64 bytes. */
#ifndef MS_KERNEL_H
#define MS_KERNEL_H

#include "random/lanes.h"

#include <modeseek/random.h>
#include <modeseek/run.h>

/* Consecutive iterations of eight chains on one patch at one noise level. */
typedef struct ms_segment {
    uint64_t key;
    uint64_t iteration; /* the number of the first one */
    size_t components, length;
    const double *mean; /* [components][mean_stride], its first `length` columns are the patch */
    size_t mean_stride;
    double inverse_variance[MS_COMPONENTS_MAX]; /* 1/v_i */
    double step_size;
    ms_lanes base[MS_COMPONENTS_MAX]; /* log-weight of the patch's mixture, less D_i / (2 v_i) */
    ms_lanes rest[MS_COMPONENTS_MAX]; /* squared distance over all the other patches */
    const ms_event *events;
    size_t event_count;
} ms_segment;

/* In which lanes an event holds, given the total squared distances to its component and to component 0. */
MS_INLINE ms_lanes_i ms_event_holds(const ms_event *event, ms_lanes total, ms_lanes reference)
{
    return event->coefficient * total + event->reference_coefficient * reference <= event->bound;
}

typedef struct ms_kernel {
    /* Normals 0..n-1 of the stream of each of eight chains. */
    void (*normals)(uint64_t key, const ms_lanes_u *chain, uint64_t iteration, unsigned purpose,
                    ms_lanes *normal, size_t n);
    /* Squared distances [components] of x[0..length-1] to the means. */
    void (*distances)(const double *mean, size_t mean_stride, size_t components, const ms_lanes *x,
                      size_t length, ms_lanes *distance);
    /* Up to `count` iterations of x[0..length-1]; `distance` [components] is of the patch, kept up to date.
     * Returns how many were done: it stops after one at which a pending event holds in any lane. */
    uint64_t (*advance)(const ms_segment *segment, uint64_t count, const ms_lanes_u *chain,
                        const ms_lanes_i *pending, ms_lanes *x, ms_lanes *distance);
} ms_kernel;

extern const ms_kernel ms_kernel_portable, ms_kernel_avx2, ms_kernel_avx512;

/* The kernel for `simd`; AUTO takes the widest this processor has. NULL if it is not available. */
const ms_kernel *ms_kernel_find(ms_simd simd);

#endif
