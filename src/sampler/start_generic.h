/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts of chains whose coordinates are all held. */
#ifndef MS_START_GENERIC_H
#define MS_START_GENERIC_H

#include "sampler/kernel.h"
#include "target/target_type.h"

/* The positions that eight chains start from, drawn as params->start says.
 * @param type that of the target, for the instructions in use
 * @param iteration in whose place random numbers are: 0 for chains that have a number of their own
 * @param chain [MS_LANES]
 * @param room [2 * dimension] rows @param x out [dimension] rows */
void ms_start_draw(const ms_run_params *params, const ms_kernel *kernel, const ms_target_type *type,
                   uint64_t iteration, const uint64_t *chain, double *room, double *x);

#endif
