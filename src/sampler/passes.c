/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sampler/passes.h"

#define PASS_MAX (UINT64_C(1) << 62)

ms_status ms_passes_init(ms_passes *passes, const ms_run_params *params, ms_error *error)
{
    size_t d = ms_target_dimension(params->target), q = params->patch_size;
    if (q < 1 || q > d)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "patch_size is %zu; it must be 1 to the dimension, %zu",
                            q, d);
    if (d % q != 0 && !params->shorter_last_patch)
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "patch_size %zu does not divide the dimension %zu (a shorter last patch must be allowed)", q, d);
    if ((params->iterations_per_patch == 0) == (params->iterations_per_pass == 0))
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "exactly one of iterations_per_patch and iterations_per_pass must be positive");
    size_t patches = d / q + (d % q != 0);
    ms_uint128 length = params->iterations_per_pass;
    if (params->iterations_per_patch > 0)
        length = (ms_uint128)params->iterations_per_patch * patches;
    if (length > PASS_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "a pass of more than 2^62 iterations");
    *passes = (ms_passes){d, q, patches, params->iterations_per_patch, (uint64_t)length};
    return MS_OK;
}

size_t ms_passes_coordinate(const ms_passes *passes, size_t patch)
{
    return patch < passes->patches ? patch * passes->patch_size : passes->dimension;
}

uint64_t ms_passes_begin(const ms_passes *passes, size_t patch)
{
    if (passes->per_patch > 0)
        return passes->per_patch * patch;
    return (uint64_t)((ms_uint128)passes->length * ms_passes_coordinate(passes, patch) / passes->dimension);
}
