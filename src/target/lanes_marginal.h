/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log-densities and scores of marginal laws (target/marginal.h) in lanes. Compiled once per instruction set,
 * with the same bits, like random/lanes.h; the accuracies are tested in tests/unit/test_marginals.c. */
#ifndef MS_LANES_MARGINAL_H
#define MS_LANES_MARGINAL_H

#include "random/lanes.h"
#include "target/marginal.h"

/* So many arguments side by side keep a processor busy that would wait for one polynomial. */
#define MS_MARGINALS_TOGETHER 4

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
    static const double series[] = {0, -1, 5. / 2, -37. / 3, 353. / 4, -4081. / 5, 55205. / 6};
    static const double slope[] = {-1, 2, -10, 74, -706, 8162, -110410};
    ms_lanes p = ms_lanes_select(beyond, (t - form->fold) * form->edge_scale, ms_lanes_of(32));
    ms_lanes inverse = 1.0 / p, square = inverse * inverse;
    ms_lanes rest = (form->edge_constant - ms_lanes_log(p)) + ms_lanes_polynomial(square, series, 7);
    ms_lanes pull = ms_lanes_fma(ms_lanes_polynomial(square, slope, 7), inverse, -p);
    *score = ms_lanes_select(beyond, pull * form->edge_scale, *score);
    return ms_lanes_select(beyond, ms_lanes_fma(-0.5 * p, p, rest), log_density);
}

/* For n arguments, n a constant <= MS_MARGINALS_TOGETHER: log f(t) and its derivative. */
MS_INLINE void ms_lanes_marginal_table(const ms_marginal_form *form, int n, const ms_lanes *t,
                                       ms_lanes *log_density, ms_lanes *score)
{
    const uint64_t sign_bit = UINT64_C(1) << 63;
    ms_lanes size[MS_MARGINALS_TOGETHER], r[MS_MARGINALS_TOGETHER];
    ms_lanes_u interval[MS_MARGINALS_TOGETHER];
    ms_lanes_i beyond[MS_MARGINALS_TOGETHER], any = {0};
    for (int i = 0; i < n; i++) {
        size[i] = (ms_lanes)((ms_lanes_u)t[i] & ~sign_bit);
        ms_lanes z = (size[i] - form->shift) * form->scale;
        any |= beyond[i] = z > form->edge;
        z = ms_lanes_clamp(z, form->low, form->high);
        ms_lanes from_start = z - form->start;
        ms_lanes place = ms_lanes_fma((ms_lanes)((ms_lanes_u)from_start & ~sign_bit),
                                      ms_lanes_of(form->density), ms_lanes_of(2));
        /* the lowest four bits count */
        interval[i] =
            ((ms_lanes_u)place >> (52 - form->fraction_bits)) ^ (ms_lanes_u)((ms_lanes_i)from_start >> 63);
        r[i] = z - ms_lanes_lookup(form->middle, interval[i]);
        log_density[i] = ms_lanes_lookup(form->coefficient[MS_MARGINAL_COEFFICIENTS - 1], interval[i]);
        score[i] = ms_lanes_of(0);
    }
    for (int k = MS_MARGINAL_COEFFICIENTS - 2; k >= 0; k--)
        for (int i = 0; i < n; i++) {
            score[i] = k == MS_MARGINAL_COEFFICIENTS - 2 ? log_density[i]
                                                         : ms_lanes_fma(score[i], r[i], log_density[i]);
            log_density[i] =
                ms_lanes_fma(log_density[i], r[i], ms_lanes_lookup(form->coefficient[k], interval[i]));
        }
    for (int i = 0; i < n; i++) {
        ms_lanes distance = size[i] - form->fold, pull = form->curvature * distance;
        log_density[i] = ms_lanes_fma(pull, distance, log_density[i]);
        score[i] = ms_lanes_fma(score[i], ms_lanes_of(form->scale), pull + pull);
    }
    if (__builtin_expect(ms_lanes_any(any), 0))
        for (int i = 0; i < n; i++)
            log_density[i] = ms_lanes_marginal_edge(form, size[i], beyond[i], log_density[i], &score[i]);
    for (int i = 0; i < n; i++)
        score[i] = (ms_lanes)((ms_lanes_u)score[i] ^ ((ms_lanes_u)t[i] & sign_bit));
}

/* The same for any form. */
MS_INLINE void ms_lanes_marginal(const ms_marginal_form *form, int n, const ms_lanes *t,
                                 ms_lanes *log_density, ms_lanes *score)
{
    if (form->has_table) {
        ms_lanes_marginal_table(form, n, t, log_density, score);
        return;
    }
    for (int i = 0; i < n; i++) {
        ms_lanes pull = form->curvature * t[i];
        log_density[i] = ms_lanes_fma(pull, t[i], ms_lanes_of(form->constant));
        score[i] = pull + pull;
    }
}

#endif
