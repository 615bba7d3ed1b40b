/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every sampler: a line each. MS_KERNELS_X86 is defined by the build where they are compiled for AVX2
 * and AVX-512, too. */
#include "sampler/sampler_type.h"

#define SAMPLERS(SAMPLER)                                                                                    \
    SAMPLER(langevin)                                                                                        \
    SAMPLER(hmc)                                                                                             \
    SAMPLER(mala)                                                                                            \
    SAMPLER(underdamped)

#ifdef MS_KERNELS_X86
#define DECLARE(name)                                                                                        \
    extern const ms_sampler_type ms_##name##_portable, ms_##name##_avx2, ms_##name##_avx512;                 \
    const ms_sampler_type *const ms_sampler_##name = &ms_##name##_portable;
#define ROW(name) {&ms_##name##_portable, &ms_##name##_avx2, &ms_##name##_avx512},
#else
#define DECLARE(name)                                                                                        \
    extern const ms_sampler_type ms_##name##_portable;                                                       \
    const ms_sampler_type *const ms_sampler_##name = &ms_##name##_portable;
#define ROW(name) {&ms_##name##_portable},
#endif

SAMPLERS(DECLARE)
static const ms_sampler_type *const samplers[][3] = {SAMPLERS(ROW)};
#define COUNT (sizeof samplers / sizeof *samplers)

const ms_kind *ms_sampler_kind(size_t number)
{
    return number < COUNT ? &samplers[number][0]->kind : NULL;
}

const ms_sampler_type *ms_sampler_for(const ms_sampler_type *type, unsigned simd)
{
    for (size_t i = 0; i < COUNT; i++)
        if (samplers[i][0] == type)
            return samplers[i][simd];
    return type;
}

const ms_sampler_type *ms_sampler_find(const char *name)
{
    return (const ms_sampler_type *)ms_kind_find(ms_sampler_kind, name);
}
