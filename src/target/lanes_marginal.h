/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log-densities and scores of marginal laws (target/marginal.h) in lanes. Compiled once per instruction set,
 * with the same bits, like random/lanes.h; the accuracies are tested in tests/unit/test_marginals.c. */
#ifndef MS_LANES_MARGINAL_H
#define MS_LANES_MARGINAL_H

#include "random/lanes.h"
#include "target/marginal.h"

/* So many arguments side by side keep a processor busy that would wait for one polynomial. */
#if MS_WIDTH >= 4
#define MS_MARGINALS_TOGETHER 4
#else
#define MS_MARGINALS_TOGETHER 1
#endif

/* x clamped to [low, high]; NaN stays. */
MS_INLINE ms_lanes ms_lanes_clamp(ms_lanes x, double low, double high)
{
#if defined(__AVX512F__) && MS_WIDTH == 8
    return (ms_lanes)_mm512_min_pd(_mm512_set1_pd(high), _mm512_max_pd(_mm512_set1_pd(low), (__m512d)x));
#else
    x = ms_lanes_select(low > x, ms_lanes_of(low), x);
    return ms_lanes_select(high < x, ms_lanes_of(high), x);
#endif
}

/* Beyond the edge, p > 30: Q(p) = exp(-p^2/2) / (p sqrt(2 pi)) (1 - 1/p^2 + 3/p^4 - ...), the logarithm of
 * the series and its derivative. */
static __attribute__((noinline, cold, unused)) ms_lanes ms_lanes_marginal_edge(const ms_marginal_form *form,
                                                                               ms_lanes t, ms_lanes_i beyond,
                                                                               ms_lanes log_density,
                                                                               ms_lanes *score)
{
    static const double series[] = {0, -1, 5. / 2, -37. / 3, 353. / 4, -4081. / 5};
    static const double slope[] = {-1, 2, -10, 74, -706, 8162};
    ms_lanes p = ms_lanes_select(beyond, (t - form->fold) * form->edge_scale, ms_lanes_of(32));
    ms_lanes inverse = 1.0 / p, square = inverse * inverse;
    ms_lanes rest = (form->edge_constant - ms_lanes_log(p)) + ms_lanes_polynomial(square, series, 6);
    ms_lanes pull = ms_lanes_fma(ms_lanes_polynomial(square, slope, 6), inverse, -p);
    *score = ms_lanes_select(beyond, pull * form->edge_scale, *score);
    return ms_lanes_select(beyond, ms_lanes_fma(-0.5 * p, p, rest), log_density);
}

/* Each lane's interval: its number, whose lowest four bits count, or its row of coefficients. */
typedef struct ms_lanes_interval {
#if defined(__AVX512F__) && MS_WIDTH == 8
    ms_lanes_u number;
#else
    const double *row[MS_WIDTH];
#endif
} ms_lanes_interval;

MS_INLINE ms_lanes_interval ms_lanes_interval_of(const ms_marginal_form *form, ms_lanes_u number)
{
    ms_lanes_interval interval;
#if defined(__AVX512F__) && MS_WIDTH == 8
    (void)form;
    interval.number = number;
#else
    for (int lane = 0; lane < MS_WIDTH; lane++)
        interval.row[lane] = form->row[number[lane] & (MS_MARGINAL_INTERVALS - 1)];
#endif
    return interval;
}

/* Coefficients k and k + 1, k even. */
MS_INLINE void ms_lanes_marginal_pair(const ms_marginal_form *form, const ms_lanes_interval *interval, int k,
                                      ms_lanes *first, ms_lanes *second)
{
#if defined(__AVX512F__) && MS_WIDTH == 8
    *first = ms_lanes_lookup(form->coefficient[k], interval->number);
    *second = ms_lanes_lookup(form->coefficient[k + 1], interval->number);
#elif defined(__AVX__) && MS_WIDTH == 4
    (void)form;
    const double *const *row = interval->row;
    __m256d even =
        _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_load_pd(row[0] + k)), _mm_load_pd(row[2] + k), 1);
    __m256d odd =
        _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_load_pd(row[1] + k)), _mm_load_pd(row[3] + k), 1);
    *first = (ms_lanes)_mm256_unpacklo_pd(even, odd);
    *second = (ms_lanes)_mm256_unpackhi_pd(even, odd);
#else
    (void)form;
    for (int lane = 0; lane < MS_WIDTH; lane++) {
        (*first)[lane] = interval->row[lane][k];
        (*second)[lane] = interval->row[lane][k + 1];
    }
#endif
}

/* For n arguments, n a constant <= MS_MARGINALS_TOGETHER: log f(t) and its derivative. */
MS_INLINE void ms_lanes_marginal_table(const ms_marginal_form *form, size_t n, const ms_lanes *t,
                                       ms_lanes *log_density, ms_lanes *score)
{
    enum { last = MS_MARGINAL_COEFFICIENTS - 2 };
    const uint64_t sign_bit = UINT64_C(1) << 63;
    ms_lanes size[MS_MARGINALS_TOGETHER], r[MS_MARGINALS_TOGETHER], even, odd;
    ms_lanes_interval interval[MS_MARGINALS_TOGETHER];
    ms_lanes_i beyond[MS_MARGINALS_TOGETHER], any = {0};
    for (size_t i = 0; i < n; i++) {
        size[i] = (ms_lanes)((ms_lanes_u)t[i] & ~sign_bit);
        ms_lanes z = (size[i] - form->shift) * form->scale;
        any |= beyond[i] = z > form->edge;
        z = ms_lanes_clamp(z, form->low, form->high);
        ms_lanes from_start = z - form->start;
        ms_lanes place = ms_lanes_fma((ms_lanes)((ms_lanes_u)from_start & ~sign_bit),
                                      ms_lanes_of(form->density), ms_lanes_of(2));
        ms_lanes_u number =
            ((ms_lanes_u)place >> (52 - form->fraction_bits)) ^ (ms_lanes_u)((ms_lanes_i)from_start >> 63);
        interval[i] = ms_lanes_interval_of(form, number);
        r[i] = z - ms_lanes_lookup(form->middle, number);
        ms_lanes_marginal_pair(form, &interval[i], last, &even, &odd);
        log_density[i] = ms_lanes_fma(odd, r[i], even);
        score[i] = odd;
    }
    for (int k = last - 2; k >= 0; k -= 2)
        for (size_t i = 0; i < n; i++) {
            ms_lanes_marginal_pair(form, &interval[i], k, &even, &odd);
            score[i] = ms_lanes_fma(score[i], r[i], log_density[i]);
            log_density[i] = ms_lanes_fma(log_density[i], r[i], odd);
            score[i] = ms_lanes_fma(score[i], r[i], log_density[i]);
            log_density[i] = ms_lanes_fma(log_density[i], r[i], even);
        }
    for (size_t i = 0; i < n; i++) {
        ms_lanes distance = size[i] - form->fold, pull = form->curvature * distance;
        log_density[i] = ms_lanes_fma(pull, distance, log_density[i]);
        score[i] = ms_lanes_fma(score[i], ms_lanes_of(form->scale), pull + pull);
    }
    if (__builtin_expect(ms_lanes_any(any), 0))
        for (size_t i = 0; i < n; i++)
            log_density[i] = ms_lanes_marginal_edge(form, size[i], beyond[i], log_density[i], &score[i]);
    for (size_t i = 0; i < n; i++)
        score[i] = (ms_lanes)((ms_lanes_u)score[i] ^ ((ms_lanes_u)t[i] & sign_bit));
}

/* The same for any form. */
MS_INLINE void ms_lanes_marginal(const ms_marginal_form *form, size_t n, const ms_lanes *t,
                                 ms_lanes *log_density, ms_lanes *score)
{
    if (form->has_table) {
        ms_lanes_marginal_table(form, n, t, log_density, score);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        ms_lanes pull = form->curvature * t[i];
        log_density[i] = ms_lanes_fma(pull, t[i], ms_lanes_of(form->constant));
        score[i] = pull + pull;
    }
}

#endif
