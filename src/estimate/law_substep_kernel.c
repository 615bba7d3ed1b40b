/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random/width.h"

#include "estimate/law_substep_kernel.h"
#include "target/mixture.h"

/* x (1 - sum_i pull_i) + sum_i pull_i b_i, pull_i = (delta/2) gamma_i / v_i, as in sampler/kernel.c. */
static void drift(const ms_segment *s, const double *distance, double *x)
{
    _Alignas(MS_ALIGNMENT) double weight[MS_ISOTROPIC_COMPONENTS_MAX * MS_LANES];
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        ms_lanes pull[MS_ISOTROPIC_COMPONENTS_MAX], contraction = ms_lanes_of(1);
        for (size_t i = 0; i < s->components; i++) {
            ms_lanes log_weight =
                ms_lanes_fma(ms_row_load(distance, i, part), ms_lanes_of(-0.5 * s->inverse_variance[i]),
                             *(const ms_lanes *)(s->base[i] + part));
            ms_row_store(weight, i, part, log_weight);
        }
        ms_mixture_softmax(weight, s->components, part, NULL);
        for (size_t i = 0; i < s->components; i++) {
            pull[i] = 0.5 * s->step_size * s->inverse_variance[i] * ms_row_load(weight, i, part);
            contraction -= pull[i];
        }
        for (size_t m = 0; m < s->span; m++) {
            ms_lanes moved = contraction * ms_row_load(x, m, part);
            for (size_t i = 0; i < s->components; i++)
                moved = ms_lanes_fma(pull[i], ms_lanes_of(s->mean[i * s->mean_stride + m]), moved);
            ms_row_store(x, m, part, moved);
        }
        if (s->length > s->span)
            ms_row_store(x, s->span, part, contraction * contraction * ms_row_load(x, s->span, part));
    }
}

/* rho becomes (sqrt(rho) + sqrt(variance) z)^2 + variance chi^2_{n-1}, n = length - span. */
static void add(const ms_segment *s, double variance, const double *noise, double *x)
{
    const ms_lanes deviation = ms_lanes_of(__builtin_sqrt(variance));
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        for (size_t m = 0; m < s->span; m++)
            ms_row_store(x, m, part,
                         ms_lanes_fma(deviation, ms_row_load(noise, m, part), ms_row_load(x, m, part)));
        if (s->length == s->span)
            continue;
        ms_lanes root = ms_lanes_fma(deviation, ms_row_load(noise, s->span, part),
                                     ms_lanes_sqrt(ms_row_load(x, s->span, part)));
        ms_lanes rho = root * root;
        if (s->length > s->span + 1)
            rho = ms_lanes_fma(ms_lanes_of(variance), ms_row_load(noise, s->span + 1, part), rho);
        ms_row_store(x, s->span, part, rho);
    }
}

/* For X normal with mean m and variance v of each of d coordinates, and y > 1,
 *
 *     P(|X|^2 <= r) <= E exp((y - 1) (r - |X|^2) / (2 v)) = exp((y - 1) (r - |m|^2 / y) / (2 v) - (d/2) log
 * y),
 *
 * which is least where r y^2 - d v y - |m|^2 = 0, so that r - |m|^2 / y = d v - r (y - 1); P(|X|^2 >= r) with
 * y < 1 likewise. */
MS_INLINE ms_lanes ball_exponent(const ms_forecast_bound *b, double dimension, double variance, ms_lanes away)
{
    const double noise = dimension * variance;
    ms_lanes root = ms_lanes_sqrt(ms_lanes_fma(away, ms_lanes_of(4 * b->square), ms_lanes_of(noise * noise)));
    ms_lanes y = (noise + root) * (0.5 / b->square), one = ms_lanes_of(1);
    y = b->shape == MS_WITHIN ? ms_lanes_max(y, one) : ms_lanes_select(y < one, y, one);
    ms_lanes tilt = y - 1.0;
    return tilt * (noise - b->square * tilt) * (0.5 / variance) - (0.5 * dimension) * ms_lanes_log(y);
}

MS_INLINE ms_lanes bound_exponent(const ms_forecast *f, const ms_forecast_bound *b, const ms_horizon *h,
                                  ms_lanes square, const double *x, size_t part)
{
    ms_lanes along = ms_lanes_of(0);
    for (size_t m = 0; m < f->span; m++)
        along = ms_lanes_fma(ms_row_load(x, m, part) - f->about[m], ms_lanes_of(b->middle[m]), along);
    along *= h->decay;
    if (b->shape == MS_HALF_SPACE) {
        ms_lanes short_of = ms_lanes_max(along - b->square, ms_lanes_of(0));
        return short_of * short_of * (-0.5 / (b->middle_square * h->variance));
    }
    ms_lanes away = ms_lanes_fma(square, ms_lanes_of(h->decay * h->decay), b->middle_square - 2.0 * along);
    return ball_exponent(b, (double)f->dimension, h->variance, ms_lanes_max(away, ms_lanes_of(0)));
}

static void forecast(const ms_forecast *f, const double *x, double *exponent)
{
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        ms_lanes best = ms_lanes_of(-1e300), square = ms_lanes_of(0);
        if (f->dimension > f->span)
            square = ms_row_load(x, f->span, part);
        for (size_t m = 0; m < f->span; m++) {
            ms_lanes away = ms_row_load(x, m, part) - f->about[m];
            square = ms_lanes_fma(away, away, square);
        }
        for (size_t h = 0; h < f->horizons; h++) {
            ms_lanes all = ms_lanes_of(0);
            for (size_t i = 0; i < f->bounds; i++) {
                ms_lanes one = bound_exponent(f, &f->bound[i], &f->horizon[h], square, x, part);
                all = ms_lanes_select(one < all, one, all);
                if (f->bound[i].has_next)
                    continue;
                best = ms_lanes_max(all, best);
                all = ms_lanes_of(0);
            }
        }
        ms_row_store(exponent, 0, part, best);
    }
}

const ms_law_substep_kernel MS_TYPE_NAME(ms_law_substep_kernel) = {drift, add, forecast};
