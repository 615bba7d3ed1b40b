/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arithmetic on several chains at once, one a lane: the elementary functions and random numbers of the inner
 * loops.
 *
 * Everything is built from IEEE additions, multiplications, fused multiply-adds, divisions and square roots
 * in a fixed order, with contraction off, so the bits are the same on every instruction set, compiler and C
 * library. (The system's libm picks its own variants by processor.) A processor without fused multiply-add
 * takes the C library's fma(), which is exact and slow. Inlined into their loops these also run faster than
 * calls into a vector library, which spill every register. The accuracies stated here are tested in
 * tests/unit/test_lanes.c; docs/random-numbers.md has all of it in words.
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
    return value - (ms_lanes){0};
}

/* a b + c, rounded once */
MS_INLINE ms_lanes ms_lanes_fma(ms_lanes a, ms_lanes b, ms_lanes c)
{
#if defined(__AVX512F__) && MS_WIDTH == 8
    return (ms_lanes)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif defined(__FMA__) && MS_WIDTH == 4
    return (ms_lanes)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#else
    for (int lane = 0; lane < MS_WIDTH; lane++)
        c[lane] = __builtin_fma(a[lane], b[lane], c[lane]);
    return c;
#endif
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

/* Exchanges a and b where x has the bit. */
MS_INLINE void ms_lanes_swap_where(ms_lanes_u x, uint64_t bit, ms_lanes *a, ms_lanes *b)
{
    ms_lanes first = *a, second = *b;
#if defined(__AVX512F__) && MS_WIDTH == 8
    __mmask8 swap = _mm512_test_epi64_mask((__m512i)x, _mm512_set1_epi64((long long)bit));
    *a = (ms_lanes)_mm512_mask_blend_pd(swap, (__m512d)first, (__m512d)second);
    *b = (ms_lanes)_mm512_mask_blend_pd(swap, (__m512d)second, (__m512d)first);
#else
    ms_lanes_i swap = (x & bit) != 0;
    *a = ms_lanes_select(swap, second, first);
    *b = ms_lanes_select(swap, first, second);
#endif
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

/* Whether (x & bits) is 0 in any lane. */
MS_INLINE bool ms_lanes_any_without(ms_lanes_u x, uint64_t bits)
{
#if defined(__AVX512F__) && MS_WIDTH == 8
    return _mm512_testn_epi64_mask((__m512i)x, _mm512_set1_epi64((long long)bits)) != 0;
#else
    return ms_lanes_any((x & bits) == 0);
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

/* table[index mod 16] */
MS_INLINE ms_lanes ms_lanes_lookup(const double table[16], ms_lanes_u index)
{
#if defined(__AVX512F__) && MS_WIDTH == 8
    return (ms_lanes)_mm512_permutex2var_pd(_mm512_load_pd(table), (__m512i)index, _mm512_load_pd(table + 8));
#elif defined(__AVX2__) && MS_WIDTH == 4
    return (ms_lanes)_mm256_i64gather_pd(table, (__m256i)(index & 15), 8);
#else
    ms_lanes result;
    for (int lane = 0; lane < MS_WIDTH; lane++)
        result[lane] = table[index[lane] & 15];
    return result;
#endif
}

/* Of the number that these are the bits of, positive and normal: k for 2^k m, 1 <= m < 2. */
MS_INLINE ms_lanes ms_lanes_exponent(ms_lanes_u bits)
{
#if defined(__AVX512F__) && MS_WIDTH == 8
    return (ms_lanes)_mm512_getexp_pd((__m512d)bits);
#else
    return (ms_lanes)((bits >> 52) | UINT64_C(0x4330000000000000)) - (0x1p52 + 1023);
#endif
}

/* coefficient[0] + coefficient[1] x + ..., n >= 3 of them, by the even and the odd ones, which a processor
 * works out side by side. */
MS_INLINE ms_lanes ms_lanes_polynomial(ms_lanes x, const double *coefficient, int n)
{
    ms_lanes square = x * x;
    ms_lanes high = ms_lanes_of(coefficient[n - 1]), low = ms_lanes_of(coefficient[n - 2]);
    for (int i = n - 3; i >= 0; i -= 2) {
        high = ms_lanes_fma(high, square, ms_lanes_of(coefficient[i]));
        if (i > 0)
            low = ms_lanes_fma(low, square, ms_lanes_of(coefficient[i - 1]));
    }
    return n % 2 ? ms_lanes_fma(low, x, high) : ms_lanes_fma(high, x, low);
}

/* The polynomials are minimax approximations, found by Remez' algorithm in 60 digits; the errors named are
 * those of the rounded coefficients, relative to the function. */

/* Natural logarithm of positive normal numbers, within 2.5 ulp: x = 2^k m with m in [47/64, 47/32), and
 * log x = k log 2 - log c + log(1 + r), r = c m - 1, |r| <= 1/32. c is one of sixteen, the reciprocals of
 * 3/4, 3/4 + 1/32, ..., 1, 1 + 1/16, ... in the middles of m's intervals: around 1 it is 1, so that nothing
 * cancels. log(1 + r) = r + r^2 p(r) to 2^-55. */
MS_INLINE ms_lanes ms_lanes_log(ms_lanes x)
{
    static const _Alignas(64) double reciprocal[16] = {
        0x1.5555555555555p+0, 0x1.47ae147ae147bp+0, 0x1.3b13b13b13b14p+0,
        0x1.2f684bda12f68p+0, 0x1.2492492492492p+0, 0x1.1a7b9611a7b96p+0,
        0x1.1111111111111p+0, 0x1.0842108421084p+0, 1,
        0x1.e1e1e1e1e1e1ep-1, 0x1.c71c71c71c71cp-1, 0x1.af286bca1af28p-1,
        0x1.999999999999ap-1, 0x1.8618618618618p-1, 0x1.745d1745d1746p-1,
        0x1.642c8590b2164p-1};
    static const _Alignas(64) double minus_log[16] = {
        /* of the reciprocals */
        -0x1.269621134db91p-2, -0x1.f991c6cb3b37ap-3, -0x1.a93ed3c8ad9e5p-3,
        -0x1.5bf406b543db0p-3, -0x1.1178e8227e47ap-3, -0x1.9335e5d594988p-4,
        -0x1.08598b59e3a06p-4, -0x1.0415d89e74440p-5, 0,
        0x1.f0a30c01162a8p-5,  0x1.e27076e2af2eap-4,  0x1.5ff3070a793d6p-3,
        0x1.c8ff7c79a9a20p-3,  0x1.1675cababa60fp-2,  0x1.4618bc21c5ec2p-2,
        0x1.739d7f6bbd007p-2};
    static const double p[] = {-0x1.ffffffffffff3p-2, 0x1.55555555554f8p-2,  -0x1.0000000066937p-2,
                               0x1.9999999b9aa6ap-3,  -0x1.5555454f1136bp-3, 0x1.2492305ec5196p-3,
                               -0x1.0066847cb9774p-3, 0x1.c8057e3e58c9cp-4};
    const uint64_t one = UINT64_C(0x3ff0000000000000), exponents = UINT64_C(0xfff0000000000000);
    const uint64_t to_next_power = UINT64_C(0x0008800000000000); /* from 47/32 on */
    ms_lanes_u bits = (ms_lanes_u)x + to_next_power, place = bits >> 48;
    ms_lanes m = (ms_lanes)((ms_lanes_u)x - ((bits & exponents) - one));
    ms_lanes r = ms_lanes_fma(m, ms_lanes_lookup(reciprocal, place), ms_lanes_of(-1));
    ms_lanes high = ms_lanes_fma(ms_lanes_exponent(bits), ms_lanes_of(0.693147180559945309417),
                                 ms_lanes_lookup(minus_log, place));
    return high + ms_lanes_fma(r * r, ms_lanes_polynomial(r, p, 8), r);
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
    ms_lanes shifted = ms_lanes_fma(x, ms_lanes_of(1.44269504088896338700), ms_lanes_of(round));
    ms_lanes k = shifted - round;
    ms_lanes r = ms_lanes_fma(k, ms_lanes_of(-ln2_low), ms_lanes_fma(k, ms_lanes_of(-ln2_high), x));
    ms_lanes near_one = 1.0 + ms_lanes_fma(r * r, ms_lanes_polynomial(r, p, 10), r);
    ms_lanes scaled = (ms_lanes)((ms_lanes_u)near_one + ((ms_lanes_u)shifted << 52));
    return ms_lanes_select(underflow, ms_lanes_of(0.0), scaled);
}

/* sin and cos of (pi/2) f for |f| <= 1/2, within 2.5 ulp: sin = f p(f^2) to 2^-57, cos = q(f^2) to 2^-53. */
MS_INLINE void ms_lanes_sincos_quarter(ms_lanes f, ms_lanes *sine, ms_lanes *cosine)
{
    static const double p[] = {0x1.921fb54442d18p+0,  -0x1.4abbce625be41p-1, 0x1.466bc67758700p-4,
                               -0x1.32d2cce2d538ep-8, 0x1.50782fca3b22ap-13, -0x1.e30063a1fae0ep-19,
                               0x1.e3eed64f39fa7p-25};
    static const double q[] = {1,
                               -0x1.3bd3cc9be45c0p+0,
                               0x1.03c1f081b293ep-2,
                               -0x1.55d3c7de09dc7p-6,
                               0x1.e1f4fd38a81c6p-11,
                               -0x1.a6ca88f727f92p-16,
                               0x1.f41b7f3a04f94p-22};
    ms_lanes square = f * f;
    *sine = f * ms_lanes_polynomial(square, p, 7);
    *cosine = ms_lanes_polynomial(square, q, 7);
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

/* The upper half of each lane, in its lower half; the upper half becomes anything. */
MS_INLINE ms_lanes_u ms_lanes_high(ms_lanes_u x)
{
#if defined(__AVX512F__) && MS_WIDTH == 8 /* not where the products are worked out, as a shift is */
    return (ms_lanes_u)_mm512_shuffle_epi32((__m512i)x, _MM_PERM_DDBB);
#elif defined(__AVX2__) && MS_WIDTH == 4
    return (ms_lanes_u)_mm256_shuffle_epi32((__m256i)x, 0xf5);
#else
    return x >> 32;
#endif
}

/* Where the blocks of an iteration of each lane's chain are; see modeseek/random.h. */
typedef struct ms_lanes_place {
    uint64_t key;
    ms_lanes_u chain;
    uint32_t low, high; /* counter words 1 and 2 */
} ms_lanes_place;

MS_INLINE ms_lanes_place ms_lanes_place_of(uint64_t key, ms_lanes_u chain, uint64_t iteration,
                                           unsigned purpose)
{
    return (ms_lanes_place){key, chain, ms_iteration_low(iteration), ms_iteration_high(iteration, purpose)};
}

/* Philox4x32-10 of one counter a lane (constants: Salmon et al., SC'11): block `draw`. Each 64-bit lane
 * carries 32 significant bits; what stands above them is ignored by ms_lanes_mul32 and masked by readers. */
MS_INLINE void ms_lanes_philox(const ms_lanes_place *place, uint32_t draw, ms_lanes_u word[4])
{
    uint32_t key0 = (uint32_t)place->key, key1 = (uint32_t)(place->key >> 32);
    word[0] = ms_lanes_u_of(draw);
    word[1] = ms_lanes_u_of(place->low);
    word[2] = ms_lanes_u_of(place->high);
    word[3] = place->chain;
    for (int round = 0; round < 10; round++) {
        ms_lanes_u product0 = ms_lanes_mul32(word[0], 0xD2511F53u);
        ms_lanes_u product1 = ms_lanes_mul32(word[2], 0xCD9E8D57u);
        word[0] = ms_lanes_high(product1) ^ word[1] ^ (uint64_t)key0;
        word[1] = product1;
        word[2] = ms_lanes_high(product0) ^ word[3] ^ (uint64_t)key1;
        word[3] = product0;
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
    return ms_lanes_fixed(value, scale, -__builtin_ldexp(1.0, -scale - 1));
}

/* Uniform on (0, 1] from 64 random bits in two words: a grid of 2^-64. */
MS_INLINE ms_lanes ms_lanes_uniform64(ms_lanes_u high, ms_lanes_u low)
{
    return ms_lanes_fixed(high & 0xffffffffu, 32, 0) + ms_lanes_middle(low & 0xffffffffu, 64);
}

/* Blocks from this draw on refine uniforms: word w of block `draw` by word w of block draw + MS_REFINING. */
#define MS_REFINING (UINT32_C(1) << 31)

static __attribute__((noinline, cold, unused)) ms_lanes
ms_lanes_refine(const ms_lanes_place *place, uint32_t draw, int w, ms_lanes_u word, ms_lanes uniform)
{
    ms_lanes_u more[4];
    ms_lanes_philox(place, draw + MS_REFINING, more);
    return ms_lanes_select((word & 0xffff0000u) == 0, ms_lanes_uniform64(word, more[w]), uniform);
}

/* Uniform on (0, 1), made of word w of block `draw`: a grid of 2^-32, and below 2^-16 of 2^-64, so that the
 * tails of what is made from it reach 9.4 standard deviations. */
MS_INLINE ms_lanes ms_lanes_uniform(const ms_lanes_place *place, uint32_t draw, int w, ms_lanes_u word)
{
    ms_lanes uniform = ms_lanes_middle(word & 0xffffffffu, 32);
    if (__builtin_expect(ms_lanes_any_without(word, 0xffff0000u), 0))
        return ms_lanes_refine(place, draw, w, word, uniform);
    return uniform;
}

/* The distance from the origin (Box and Muller) of a normal point of the plane whose coordinates have the
 * given variance. */
MS_INLINE ms_lanes ms_lanes_radius(ms_lanes uniform, double variance)
{
    return ms_lanes_sqrt((-2.0 * variance) * ms_lanes_log(uniform));
}

/* Its coordinates: the last two bits of the word choose the quarter of the circle, the other 30 the place in
 * it. */
MS_INLINE void ms_lanes_turn(ms_lanes radius, ms_lanes_u word, ms_lanes *first, ms_lanes *second)
{
    ms_lanes f = ms_lanes_fixed((word & 0xfffffffcu) | 2, 32, 0.5);
    ms_lanes sine, cosine;
    ms_lanes_sincos_quarter(f, &sine, &cosine);
    cosine = (ms_lanes)((ms_lanes_u)cosine ^ (word << 63));
    ms_lanes_swap_where(word, 2, &cosine, &sine);
    *first = radius * cosine;
    *second = radius * sine;
}

/* A pair of independent normals, of words w and w + 1 of block `draw`. */
MS_INLINE void ms_lanes_normal_pair(const ms_lanes_place *place, uint32_t draw, int w,
                                    const ms_lanes_u word[4], double variance, ms_lanes *first,
                                    ms_lanes *second)
{
    ms_lanes uniform = ms_lanes_uniform(place, draw, w, word[w]);
    ms_lanes_turn(ms_lanes_radius(uniform, variance), word[w + 1], first, second);
}

#endif
