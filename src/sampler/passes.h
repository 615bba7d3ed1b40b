/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the coordinates are cut into patches and the iterations of a pass are dealt to them. */
#ifndef MS_PASSES_H
#define MS_PASSES_H

#include <modeseek/run.h>

/* for products of iteration and coordinate counts */
__extension__ typedef unsigned __int128 ms_uint128;

typedef struct ms_passes {
    size_t dimension, patch_size, patches;
    uint64_t per_patch; /* iterations of a visit, or 0: dealt in proportion to the coordinates */
    uint64_t length;    /* iterations of a pass */
} ms_passes;

/* MS_ERROR_ARGUMENT with the reason when the parameters do not fit together. */
ms_status ms_passes_init(ms_passes *passes, const ms_run_params *params, ms_error *error);

/* First coordinate of patch 0..patches; of `patches` it is the dimension. */
size_t ms_passes_coordinate(const ms_passes *passes, size_t patch);

/* First iteration, within a pass, of patch 0..patches; of `patches` it is the length of the pass. */
uint64_t ms_passes_begin(const ms_passes *passes, size_t patch);

#endif
