/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long the blocks of the simulated sweep take. */
#ifndef MS_BENCH_CLUSTER_SIMULATED_H
#define MS_BENCH_CLUSTER_SIMULATED_H

#include "sweep/sweep.h"

/* Simulated seconds of a block; the same for whoever computes it. */
double ms_simulated_seconds(const ms_sweep *sweep, size_t block);
/* What a pilot run would tell of it: its kind's mean. */
double ms_simulated_mean(const ms_sweep *sweep, size_t block);

#endif
