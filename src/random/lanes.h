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

/* coefficient[0] + coefficient[1] x + ..., n >= 3 of them, by the even and the odd ones, which a processor
 * works out side by side. */
MS_INLINE ms_lanes ms_lanes_polynomial(ms_lanes x, const double *coefficient, int n)
{
    ms_lanes square = x * x;
    ms_lanes high = ms_lanes_of(coefficient[n - 1]), low = ms_lanes_of(coefficient[n - 2]);
    for (int i = n - 3; i >= 0; i -= 2) {
        high = high * square + coefficient[i];
        if (i > 0)
            low = low * square + coefficient[i - 1];
    }
    return n % 2 ? high + low * x : low + high * x;
}

/* The polynomials are minimax approximations, found by Remez' algorithm in 60 digits; the errors named are
 * those of the rounded coefficients, relative to the function. */

/* Natural logarithm of positive normal numbers, within 2 ulp: x = 2^k m with m in [sqrt(1/2), sqrt(2)),
 * log m = 2 atanh(s), s = (m-1)/(m+1), |s| < 0.172, atanh(s)/s = 1 + s^2 p(s^2) to 2^-59. */
MS_INLINE ms_lanes ms_lanes_log(ms_lanes x)
{
    static const double p[] = {0x1.555555555558fp-2, 0x1.9999999980ae1p-3, 0x1.249249415d909p-3,
                               0x1.c71c526c187c6p-4, 0x1.74662dd8638ecp-4, 0x1.39a332cb36d49p-4,
                               0x1.2ef8a38e6c821p-4};
    const uint64_t one = UINT64_C(0x3ff0000000000000), sqrt_half = UINT64_C(0x3fe6a09e667f3bcd);
    ms_lanes_u shifted = (ms_lanes_u)x + (one - sqrt_half);
    ms_lanes k = (ms_lanes)((shifted >> 52) | UINT64_C(0x4330000000000000)) - (0x1p52 + 1023);
    ms_lanes m = (ms_lanes)((shifted & UINT64_C(0x000fffffffffffff)) + sqrt_half);
    ms_lanes s = (m - 1.0) / (m + 1.0);
    ms_lanes z = s * s, twice_s = s + s;
    ms_lanes series = ms_lanes_polynomial(z, p, 7);
    return k * 0.693147180559945309417 + (twice_s + twice_s * z * series);
}

/* exp(x) for x <= 709, within 2 ulp; 0 below -700, NaN for NaN: x = k ln 2 + r, |r| <= ln(2)/2,
 * exp(r) = 1 + r + r^2 p(r) to 2^-56. */
MS_INLINE ms_lanes ms_lanes_exp(ms_lanes x)
{
    static const double p[] = {0x1.000000000000bp-1,  0x1.5555555555561p-3,  0x1.555555554fff6p-5,
                               0x1.111111110d5d5p-7,  0x1.6c16c185b93dbp-10, 0x1.a01a01bb086a4p-13,
                               0x1.a01996592ffb4p-16, 0x1.71dddf6f6f129p-19, 0x1.28b08656c9398p-22,
                               0x1.af862346b8a87p-26};
    const double round = 0x1.8p52; /* adding it leaves the nearest integer in the low bits */
    const double ln2_high = 6.93147180369123816490e-01; /* its low 32 bits zero: k ln2_high is exact */
    const double ln2_low = 1.90821492927058770002e-10;
    ms_lanes_i underflow = x < -700.0;
    ms_lanes shifted = x * 1.44269504088896338700 + round;
    ms_lanes k = shifted - round;
    ms_lanes r = (x - k * ln2_high) - k * ln2_low;
    ms_lanes near_one = 1.0 + (r + r * r * ms_lanes_polynomial(r, p, 10));
    ms_lanes scaled = (ms_lanes)((ms_lanes_u)near_one + ((ms_lanes_u)shifted << 52));
    return ms_lanes_select(underflow, ms_lanes_of(0.0), scaled);
}

/* sin and cos of (pi/2) f for |f| <= 1/2, within 2 ulp: sin(x) = x + x^3 p(x^2) to 2^-57,
 * cos(x) = 1 - x^2/2 + x^4 q(x^2) to 2^-60. */
MS_INLINE void ms_lanes_sincos_quarter(ms_lanes f, ms_lanes *sine, ms_lanes *cosine)
{
    static const double p[] = {-0x1.5555555555549p-3, 0x1.111111110f885p-7,   -0x1.a01a019c12cd8p-13,
                               0x1.71de3578aba9dp-19, -0x1.ae5e66eee2c76p-26, 0x1.5d9332eb35bc7p-33};
    static const double q[] = {0x1.555555555554cp-5,   -0x1.6c16c16c151b8p-10, 0x1.a01a019cb6b60p-16,
                               -0x1.27e4f80d2b7d3p-22, 0x1.1ee9edebcc4e1p-29,  -0x1.8faf93af4e20ap-37};
    ms_lanes x = f * 1.57079632679489661923;
    ms_lanes z = x * x;
    *sine = x + x * z * ms_lanes_polynomial(z, p, 6);
    *cosine = 1.0 - (0.5 * z - z * z * ms_lanes_polynomial(z, q, 6));
}

/* sin of (pi/2) f for |f| <= 1, within 3 ulp: sin(x) = x + x^3 p(x^2) to 2^-58. */
MS_INLINE ms_lanes ms_lanes_sin_half(ms_lanes f)
{
    static const double p[] = {-0x1.5555555555555p-3,  0x1.11111111110cbp-7,   -0x1.a01a01a01518dp-13,
                               0x1.71de3a52c1971p-19,  -0x1.ae6454e4bd871p-26, 0x1.6123d14d23498p-33,
                               -0x1.ae44a8018b775p-41, 0x1.8851bf2d07a28p-49};
    ms_lanes x = f * 1.57079632679489661923;
    ms_lanes z = x * x;
    return x + x * z * ms_lanes_polynomial(z, p, 8);
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

/* value * 2^-scale - minus, exact, for integers below 2^52 (they become the low bits of 2^(52-scale)) and
 * `minus` on the same grid. */
MS_INLINE ms_lanes ms_lanes_fixed(ms_lanes_u value, int scale, double minus)
{
    const uint64_t exponent = (uint64_t)(1023 + 52 - scale) << 52;
    const double offset = __builtin_ldexp(1.0, 52 - scale) + minus;
    return (ms_lanes)(value | exponent) - offset;
}

/* (value + 1/2) * 2^-scale, exact: the middles of a grid's cells. */
MS_INLINE ms_lanes ms_lanes_middle(ms_lanes_u value, int scale)
{
    const uint64_t exponent = (uint64_t)(1023 + 52 - scale) << 52;
    const double offset = __builtin_ldexp(1.0, 52 - scale) - __builtin_ldexp(1.0, -scale - 1);
    return (ms_lanes)(value | exponent) - offset;
}

/* Uniform on (0, 1] from 64 random bits in two words: a 2^-64 grid, so that the tails of what is made from it
 * reach 9.4 standard deviations. */
MS_INLINE ms_lanes ms_lanes_uniform(ms_lanes_u high, ms_lanes_u low)
{
    return ms_lanes_fixed(high & 0xffffffffu, 32, 0) + ms_lanes_middle(low & 0xffffffffu, 64);
}

/* The distance from the origin (Box and Muller), made of words 0 and 1, of a normal point of the plane whose
 * coordinates have the given variance. */
MS_INLINE ms_lanes ms_lanes_radius(ms_lanes_u word0, ms_lanes_u word1, double variance)
{
    return ms_lanes_sqrt((-2.0 * variance) * ms_lanes_log(ms_lanes_uniform(word0, word1)));
}

/* Its coordinates: words 2 and 3. The angle needs no argument reduction: two bits choose the quarter of the
 * circle, the other 62 the place in it. */
MS_INLINE void ms_lanes_turn(ms_lanes radius, ms_lanes_u word2, ms_lanes_u word3, ms_lanes *first,
                             ms_lanes *second)
{
    ms_lanes f = ms_lanes_fixed(word2 & 0x3fffffffu, 30, 0.5) + ms_lanes_middle(word3 & 0xffffffffu, 62);
    ms_lanes sine, cosine;
    ms_lanes_sincos_quarter(f, &sine, &cosine);
    cosine = (ms_lanes)((ms_lanes_u)cosine ^ ((word2 << 33) & UINT64_C(0x8000000000000000)));
    ms_lanes_i swap = (word2 & 0x80000000u) != 0;
    *first = radius * ms_lanes_select(swap, sine, cosine);
    *second = radius * ms_lanes_select(swap, cosine, sine);
}

/* A pair of independent standard normals from a Philox block. */
MS_INLINE void ms_lanes_normal_pair(const ms_lanes_u word[4], ms_lanes *first, ms_lanes *second)
{
    ms_lanes_turn(ms_lanes_radius(word[0], word[1], 1), word[2], word[3], first, second);
}

/* One coordinate only, which leaves the low 16 bits of word 3 for other use: a bit for the sign, 47 for the
 * angle from the other axis. */
MS_INLINE ms_lanes ms_lanes_normal_single(ms_lanes radius, ms_lanes_u word2, ms_lanes_u word3)
{
    ms_lanes_u place = (word2 & 0x7fffffffu) << 16 | (word3 & 0xffffffffu) >> 16;
    ms_lanes size = radius * ms_lanes_sin_half(ms_lanes_middle(place, 47));
    return (ms_lanes)((ms_lanes_u)size | (word2 << 32 & UINT64_C(0x8000000000000000)));
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
