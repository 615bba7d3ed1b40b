/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_HMC_H
#define MS_HMC_H

#include <stdint.h>

typedef struct ms_hmc_params {
    double step_size; /* of a leapfrog step */
    uint64_t leapfrog_steps;
} ms_hmc_params;

#endif
