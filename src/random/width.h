/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For files that are compiled once per instruction set (MS_KERNEL_SIMD is portable, avx2 or avx512), before
 * anything else: vectors as wide as its registers. Where those hold fewer than MS_LANES lanes, eight chains
 * are gone through part by part. */
#ifndef MS_RANDOM_WIDTH_H
#define MS_RANDOM_WIDTH_H

#if defined(__AVX512F__)
#define MS_WIDTH 8
#elif defined(__AVX2__)
#define MS_WIDTH 4
#else
#define MS_WIDTH 2
#endif

#include "random/lanes.h"

#include <stddef.h>

/* Lanes part..part+MS_WIDTH-1 of a row. */
MS_INLINE ms_lanes ms_row_load(const double *x, size_t row, size_t part)
{
    return *(const ms_lanes *)(x + row * MS_LANES + part);
}

MS_INLINE void ms_row_store(double *x, size_t row, size_t part, ms_lanes value)
{
    *(ms_lanes *)(x + row * MS_LANES + part) = value;
}

/* As many numbers of single precision, which need not be aligned. */
typedef float ms_floats __attribute__((vector_size(MS_WIDTH * sizeof(float))));

MS_INLINE ms_lanes ms_floats_load(const float *at)
{
    ms_floats value;
    memcpy(&value, at, sizeof value);
    return __builtin_convertvector(value, ms_lanes);
}

MS_INLINE void ms_floats_store(float *at, ms_lanes value)
{
    ms_floats rounded = __builtin_convertvector(value, ms_floats);
    memcpy(at, &rounded, sizeof rounded);
}

/* An object of a type that is compiled for each instruction set. */
#define MS_CONCATENATE_(a, b) a##_##b
#define MS_CONCATENATE(a, b)  MS_CONCATENATE_(a, b)
#define MS_TYPE_NAME(name)    MS_CONCATENATE(name, MS_KERNEL_SIMD)

#endif
