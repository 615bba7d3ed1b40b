/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arithmetic on several chains at once, one a lane: the elementary functions and random numbers of the inner
 * loops.
 *
 * Everything is built from IEEE additions, multiplications, divisions and square roots in a fixed order, with
 * contraction off and no fused multiply-add, so the bits are the same on every instruction set, compiler and
 * C library. (The system's libm picks its own variants by processor.) Inlined into their loops these also run
 * faster than calls into a vector library, which spill every register. The accuracies stated here are tested
 * in tests/unit/test_lanes.c.
 *
 * The file is compiled once per instruction set, hence only static inline functions. MS_WIDTH is the number
 * of lanes in a vector: the inner loops set it to what the registers hold. */
#ifndef MS_LANES_H
#define MS_LANES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

/* Chains of a group; arrays of groups' numbers have rows of this many. */
#define MS_LANES 8

#ifndef MS_WIDTH
#define MS_WIDTH MS_LANES
#endif

typedef double ms_lanes __attribute__((vector_size(MS_WIDTH * 8)));
typedef int64_t ms_lanes_i __attribute__((vector_size(MS_WIDTH * 8)));
typedef uint64_t ms_lanes_u __attribute__((vector_size(MS_WIDTH * 8)));

#define MS_INLINE static inline __attribute__((always_inline, unused))

MS_INLINE ms_lanes ms_lanes_of(double value)
{
    ms_lanes result;
    for (int lane = 0; lane < MS_WIDTH; lane++)
        result[lane] = value;
    return result;
}

MS_INLINE ms_lanes_u ms_lanes_u_of(uint64_t value)
{
    return (ms_lanes_u){0} + value;
}

/* mask lanes are all ones or all zeros, as comparisons make them */
MS_INLINE ms_lanes ms_lanes_select(ms_lanes_i mask, ms_lanes yes, ms_lanes no)
{
    return (ms_lanes)((mask & (ms_lanes_i)yes) | (~mask & (ms_lanes_i)no));
}

MS_INLINE ms_lanes ms_lanes_max(ms_lanes a, ms_lanes b)
{
    return ms_lanes_select(a > b, a, b);
}

MS_INLINE bool ms_lanes_any(ms_lanes_i mask)
{
#if defined(__AVX512F__) && MS_WIDTH == 8
    return _mm512_test_epi64_mask((__m512i)mask, (__m512i)mask) != 0;
#elif defined(__AVX__) && MS_WIDTH == 4
    return !_mm256_testz_si256((__m256i)mask, (__m256i)mask);
#else
    int64_t any = 0;
    for (int lane = 0; lane < MS_WIDTH; lane++)
        any |= mask[lane];
    return any != 0;
#endif
}

MS_INLINE ms_lanes ms_lanes_sqrt(ms_lanes x)
{
#if defined(__AVX512F__) && MS_WIDTH == 8
    return (ms_lanes)_mm512_sqrt_pd((__m512d)x);
#elif defined(__AVX__) && MS_WIDTH == 4
    return (ms_lanes)_mm256_sqrt_pd((__m256d)x);
#elif defined(__SSE2__) && MS_WIDTH == 2
    return (ms_lanes)_mm_sqrt_pd((__m128d)x);
#else
    for (int lane = 0; lane < MS_WIDTH; lane++)
        x[lane] = __builtin_sqrt(x[lane]);
    return x;
#endif
}

/* The product of the low 32 bits of each lane with a 32-bit constant. */
MS_INLINE ms_lanes_u ms_lanes_mul32(ms_lanes_u a, uint32_t b)
{
#if defined(__AVX512F__) && MS_WIDTH == 8
    return (ms_lanes_u)_mm512_mul_epu32((__m512i)a, _mm512_set1_epi64((long long)b));
#elif defined(__AVX2__) && MS_WIDTH == 4
    return (ms_lanes_u)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x((long long)b));
#elif defined(__SSE2__) && MS_WIDTH == 2
    return (ms_lanes_u)_mm_mul_epu32((__m128i)a, _mm_set1_epi64x((long long)b));
#else
    return (a & 0xffffffffu) * b;
#endif
}

/* Exact for integers below 2^52: they become the mantissa of 2^52 + value. */
MS_INLINE ms_lanes ms_lanes_from_u52(ms_lanes_u value)
{
    return (ms_lanes)(value | UINT64_C(0x4330000000000000)) - 0x1p52;
}

#define MS_LN2_HIGH 6.93147180369123816490e-01 /* ln 2, its low 32 bits zero: k * MS_LN2_HIGH is exact */
#define MS_LN2_LOW  1.90821492927058770002e-10

/* Natural logarithm of positive normal numbers, within 2 ulp: x = 2^k m with m in [sqrt(1/2), sqrt(2)),
 * log m = 2 atanh(s), s = (m-1)/(m+1), by its Taylor series (|s| < 0.172; the first omitted term is 6e-19).
 */
MS_INLINE ms_lanes ms_lanes_log(ms_lanes x)
{
    const ms_lanes_u one = ms_lanes_u_of(UINT64_C(0x3ff0000000000000));
    const uint64_t sqrt_half = UINT64_C(0x3fe6a09e667f3bcd);
    ms_lanes_u bits = (ms_lanes_u)x;
    ms_lanes_u shifted = bits + (one - sqrt_half);
    ms_lanes k = (ms_lanes)((shifted >> 52) | UINT64_C(0x4330000000000000)) - (0x1p52 + 1023);
    ms_lanes m = (ms_lanes)(bits - (shifted & UINT64_C(0xfff0000000000000)) + one);
    ms_lanes s = (m - 1.0) / (m + 1.0);
    ms_lanes z = s * s;
    ms_lanes p = ms_lanes_of(1.0 / 21);
    p = p * z + 1.0 / 19;
    p = p * z + 1.0 / 17;
    p = p * z + 1.0 / 15;
    p = p * z + 1.0 / 13;
    p = p * z + 1.0 / 11;
    p = p * z + 1.0 / 9;
    p = p * z + 1.0 / 7;
    p = p * z + 1.0 / 5;
    p = p * z + 1.0 / 3;
    ms_lanes twice_s = s + s;
    return k * MS_LN2_HIGH + (twice_s + (twice_s * z * p + k * MS_LN2_LOW));
}

/* exp(x) for x <= 709, within 2 ulp; 0 below -700, NaN for NaN. Taylor series on |r| <= ln(2)/2 (the first
 * omitted term is 4e-18). */
MS_INLINE ms_lanes ms_lanes_exp(ms_lanes x)
{
    const double round = 0x1.8p52; /* adding it leaves the nearest integer in the low bits */
    ms_lanes_i underflow = x < -700.0;
    ms_lanes clamped = ms_lanes_select(underflow, ms_lanes_of(0.0), x);
    ms_lanes shifted = clamped * 1.44269504088896338700 + round;
    ms_lanes k = shifted - round;
    ms_lanes r = (clamped - k * MS_LN2_HIGH) - k * MS_LN2_LOW;
    ms_lanes p = ms_lanes_of(1.0 / 6227020800);
    p = p * r + 1.0 / 479001600;
    p = p * r + 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    ms_lanes scaled = (ms_lanes)((ms_lanes_u)p + ((ms_lanes_u)shifted << 52));
    return ms_lanes_select(underflow, ms_lanes_of(0.0), scaled);
}

/* sin and cos of (pi/2) f for |f| <= 1/2, within 2 ulp, by their Taylor series. */
MS_INLINE void ms_lanes_sincos_quarter(ms_lanes f, ms_lanes *sine, ms_lanes *cosine)
{
    ms_lanes x = f * 1.57079632679489661923;
    ms_lanes z = x * x;
    ms_lanes s = ms_lanes_of(1.0 / 355687428096000);
    s = s * z - 1.0 / 1307674368000;
    s = s * z + 1.0 / 6227020800;
    s = s * z - 1.0 / 39916800;
    s = s * z + 1.0 / 362880;
    s = s * z - 1.0 / 5040;
    s = s * z + 1.0 / 120;
    s = s * z - 1.0 / 6;
    *sine = x + x * z * s;
    ms_lanes c = ms_lanes_of(1.0 / 20922789888000);
    c = c * z - 1.0 / 87178291200;
    c = c * z + 1.0 / 479001600;
    c = c * z - 1.0 / 3628800;
    c = c * z + 1.0 / 40320;
    c = c * z - 1.0 / 720;
    c = c * z + 1.0 / 24;
    *cosine = 1.0 - (0.5 * z - z * z * c);
}

/* Philox4x32-10 of one counter a lane under one key (constants: Salmon et al., SC'11). Each 64-bit lane
 * carries 32 significant bits; what the products leave above them is ignored by ms_lanes_mul32 and masked by
 * readers.
 */
MS_INLINE void ms_lanes_philox(ms_lanes_u counter[4], uint64_t key)
{
    uint32_t key0 = (uint32_t)key, key1 = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++) {
        ms_lanes_u product0 = ms_lanes_mul32(counter[0], 0xD2511F53u);
        ms_lanes_u product1 = ms_lanes_mul32(counter[2], 0xCD9E8D57u);
        counter[0] = (product1 >> 32) ^ counter[1] ^ (uint64_t)key0;
        counter[1] = product1;
        counter[2] = (product0 >> 32) ^ counter[3] ^ (uint64_t)key1;
        counter[3] = product0;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
}

/* Uniform on (0, 1] from 64 random bits in two words: a 2^-64 grid, so that the tails of what is made from it
 * reach 9.4 standard deviations. */
MS_INLINE ms_lanes ms_lanes_uniform(ms_lanes_u high, ms_lanes_u low)
{
    return ms_lanes_from_u52(high & 0xffffffffu) * 0x1p-32 +
           (ms_lanes_from_u52(low & 0xffffffffu) + 0.5) * 0x1p-64;
}

/* A pair of independent standard normals from a Philox block, by Box and Muller. The angle needs no argument
 * reduction: two bits choose the quarter of the circle, the other 62 the place in it. */
MS_INLINE void ms_lanes_normal_pair(const ms_lanes_u word[4], ms_lanes *first, ms_lanes *second)
{
    ms_lanes radius = ms_lanes_sqrt(-2.0 * ms_lanes_log(ms_lanes_uniform(word[0], word[1])));
    ms_lanes f = ms_lanes_from_u52(word[2] & 0x3fffffffu) * 0x1p-30 +
                 ((ms_lanes_from_u52(word[3] & 0xffffffffu) + 0.5) * 0x1p-62 - 0.5);
    ms_lanes sine, cosine;
    ms_lanes_sincos_quarter(f, &sine, &cosine);
    cosine = (ms_lanes)((ms_lanes_u)cosine ^ ((word[2] << 33) & UINT64_C(0x8000000000000000)));
    ms_lanes_i swap = (word[2] & 0x80000000u) != 0;
    *first = radius * ms_lanes_select(swap, sine, cosine);
    *second = radius * ms_lanes_select(swap, cosine, sine);
}

/* Normals number 2 draw and 2 draw + 1 of each lane's chain. `iteration_high` carries bits 32..55 and the
 * purpose, see modeseek/random.h. */
MS_INLINE void ms_lanes_normals(uint64_t key, ms_lanes_u chain, uint32_t iteration_low,
                                uint32_t iteration_high, uint32_t draw, ms_lanes *first, ms_lanes *second)
{
    ms_lanes_u word[4] = {ms_lanes_u_of(draw), ms_lanes_u_of(iteration_low), ms_lanes_u_of(iteration_high),
                          chain};
    ms_lanes_philox(word, key);
    ms_lanes_normal_pair(word, first, second);
}

/* Counter words 1 and 2. */
MS_INLINE uint32_t ms_iteration_low(uint64_t iteration)
{
    return (uint32_t)iteration;
}

MS_INLINE uint32_t ms_iteration_high(uint64_t iteration, unsigned purpose)
{
    return (uint32_t)(iteration >> 32 & 0xffffffu) | (uint32_t)purpose << 24;
}

/* One lane of the same functions, for set-up code: the same bits as in the loops. */
MS_INLINE double ms_log(double x)
{
    return ms_lanes_log(ms_lanes_of(x))[0];
}

MS_INLINE double ms_exp(double x)
{
    return ms_lanes_exp(ms_lanes_of(x))[0];
}

#endif
