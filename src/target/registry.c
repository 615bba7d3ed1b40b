/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every family of targets: a line each. MS_KERNELS_X86 is defined by the build where they are compiled for
 * AVX2 and AVX-512, too. */
#include "target/target_type.h"

#include <string.h>

#define FAMILIES(FAMILY)                                                                                     \
    FAMILY(gaussian_mixture)                                                                                 \
    FAMILY(product_mixture)                                                                                  \
    FAMILY(empirical)                                                                                        \
    FAMILY(learned)                                                                                          \
    FAMILY(plugin)

#ifdef MS_KERNELS_X86
#define DECLARE(name)                                                                                        \
    extern const ms_target_type ms_##name##_portable, ms_##name##_avx2, ms_##name##_avx512;                  \
    const ms_target_type *const ms_target_##name = &ms_##name##_portable;
#define ROW(name) {&ms_##name##_portable, &ms_##name##_avx2, &ms_##name##_avx512},
#else
#define DECLARE(name)                                                                                        \
    extern const ms_target_type ms_##name##_portable;                                                        \
    const ms_target_type *const ms_target_##name = &ms_##name##_portable;
#define ROW(name) {&ms_##name##_portable},
#endif

FAMILIES(DECLARE)
static const ms_target_type *const families[][3] = {FAMILIES(ROW)};
#define COUNT (sizeof families / sizeof *families)

const ms_kind *ms_target_kind(size_t number)
{
    for (size_t i = 0; i < COUNT; i++)
        if (families[i][0]->kind.schema && number-- == 0) /* others are for programs alone */
            return &families[i][0]->kind;
    return NULL;
}

const ms_target_type *ms_target_type_for(const ms_target_type *type, unsigned simd)
{
    for (size_t i = 0; i < COUNT; i++)
        if (families[i][0] == type)
            return families[i][simd];
    return type;
}

const ms_target_type *ms_target_type_find(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(families[i][0]->kind.name, name) == 0)
            return families[i][0];
    return NULL;
}

const char *ms_target_type_get_name(const ms_target_type *type)
{
    return type->kind.name;
}

const char *ms_target_type_name(size_t index)
{
    return index < COUNT ? families[index][0]->kind.name : NULL;
}
