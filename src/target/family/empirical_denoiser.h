/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The denoiser of empirical distributions, and parts of it for others that measure distances to their data.
 */
#ifndef MS_EMPIRICAL_DENOISER_H
#define MS_EMPIRICAL_DENOISER_H

#include "random/width.h"

#include "target/denoiser.h"
#include "target/family/empirical.h"
#include "target/target_type.h"

extern const ms_denoiser_type MS_TYPE_NAME(ms_empirical_denoiser);

#endif
