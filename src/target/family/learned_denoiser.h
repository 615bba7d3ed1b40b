/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The denoiser of the family `learned`: a network's forward pass. */
#ifndef MS_LEARNED_DENOISER_H
#define MS_LEARNED_DENOISER_H

#include "random/width.h"

#include "target/denoiser.h"

extern const ms_denoiser_type MS_TYPE_NAME(ms_learned_denoiser);

#endif
