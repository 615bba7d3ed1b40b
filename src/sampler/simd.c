/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MS_KERNELS_X86 is defined by the build where the AVX2 and AVX-512 kernels are compiled. */
#include "sampler/kernel.h"

const char *ms_simd_name(ms_simd simd)
{
    static const char *const names[] = {"auto", "portable", "avx2", "avx512"};
    return names[simd];
}

const ms_kernel *ms_kernel_find(ms_simd simd)
{
#ifdef MS_KERNELS_X86
    bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
    if ((simd == MS_SIMD_AUTO || simd == MS_SIMD_AVX512) && has_avx512)
        return &ms_kernel_avx512;
    if ((simd == MS_SIMD_AUTO || simd == MS_SIMD_AVX2) && has_avx2)
        return &ms_kernel_avx2;
#endif
    return simd == MS_SIMD_AUTO || simd == MS_SIMD_PORTABLE ? &ms_kernel_portable : NULL;
}

bool ms_simd_available(ms_simd simd)
{
    return ms_kernel_find(simd) != NULL;
}
