/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled once per instruction set: MS_KERNEL_SIMD is portable, avx2 or avx512. Where a register holds fewer
 * than eight lanes, each iteration is done part by part. */
#if defined(__AVX512F__)
#define MS_WIDTH 8
#elif defined(__AVX2__)
#define MS_WIDTH 4
#else
#define MS_WIDTH 2
#endif

#include "sampler/kernel.h"

#define CONCATENATE(a, b) a##b
#define KERNEL_NAME(simd) CONCATENATE(ms_kernel_, simd)

/* Lanes part..part+MS_WIDTH-1 of a row. */
MS_INLINE ms_lanes load(const double *x, size_t row, size_t part)
{
    return *(const ms_lanes *)(x + row * MS_LANES + part);
}

MS_INLINE void store(double *x, size_t row, size_t part, ms_lanes value)
{
    *(ms_lanes *)(x + row * MS_LANES + part) = value;
}

MS_INLINE ms_lanes_u load_chain(const uint64_t *chain, size_t part)
{
    return *(const ms_lanes_u *)(chain + part);
}

MS_INLINE void normals_part(uint64_t key, ms_lanes_u chain, uint32_t low, uint32_t high, size_t part,
                            double *normal, size_t n)
{
    for (size_t i = 0; i < n; i += 2) {
        ms_lanes first, second;
        ms_lanes_normals(key, chain, low, high, (uint32_t)(i / 2), &first, &second);
        store(normal, i, part, first);
        if (i + 1 < n)
            store(normal, i + 1, part, second);
    }
}

static void normals(uint64_t key, const uint64_t *chain, uint64_t iteration, unsigned purpose, double *normal,
                    size_t n)
{
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH)
        normals_part(key, load_chain(chain, part), ms_iteration_low(iteration),
                     ms_iteration_high(iteration, purpose), part, normal, n);
}

/* What the chi-square variates of one iteration are drawn from: normals from `first_normal` on, and uniforms
 * in blocks of their own. */
enum { uniform_draws = 1 << 16 };

/* Chi-square with n >= 2 degrees of freedom as twice a Gamma(n/2) variate by Marsaglia and Tsang (ACM TOMS
 * 26, 2000): exact, about 2 % of the lanes try again. Attempt r uses normal first_normal + r and uniform r.
 */
MS_INLINE ms_lanes gamma_attempts(uint64_t key, ms_lanes_u chain, uint32_t low, uint32_t high,
                                  uint32_t first_normal, ms_lanes normal, double degrees_of_freedom)
{
    double d = 0.5 * degrees_of_freedom - 1.0 / 3, c = 1 / __builtin_sqrt(9 * d);
    ms_lanes result = ms_lanes_of(0), pair[2], uniform[2];
    ms_lanes_i waiting = ms_lanes_of(0) == 0.0;
    pair[first_normal % 2] = normal;
    for (uint32_t attempt = 0;; attempt++) {
        uint32_t index = first_normal + attempt;
        if (attempt % 2 == 0) {
            ms_lanes_u word[4] = {ms_lanes_u_of(uniform_draws + attempt / 2), ms_lanes_u_of(low),
                                  ms_lanes_u_of(high), chain};
            ms_lanes_philox(word, key);
            uniform[0] = ms_lanes_uniform(word[0], word[1]);
            uniform[1] = ms_lanes_uniform(word[2], word[3]);
        }
        if (attempt > 0)
            ms_lanes_normals(key, chain, low, high, index / 2, &pair[0], &pair[1]);
        ms_lanes x = pair[index % 2], root = 1.0 + c * x;
        ms_lanes v = root * root * root;
        ms_lanes_i positive = v > 0.0;
        ms_lanes log_v = ms_lanes_log(ms_lanes_select(positive, v, ms_lanes_of(1)));
        /* accepted where u < exp(-h); exp(-h) >= 1 - h spares most iterations the logarithm of u */
        ms_lanes h = d * ((v - 1.0) - log_v) - 0.5 * (x * x), u = uniform[attempt % 2];
        ms_lanes_i accepted = u <= 1.0 - h;
        if (ms_lanes_any(waiting & positive & ~accepted))
            accepted |= ms_lanes_log(u) < -h;
        accepted &= waiting & positive;
        result = ms_lanes_select(accepted, (2 * d) * v, result);
        waiting &= ~accepted;
        if (!ms_lanes_any(waiting))
            return result;
    }
}

/* `normal` is normal number `first_normal` of the iteration. */
MS_INLINE ms_lanes chi_square_part(uint64_t key, ms_lanes_u chain, uint32_t low, uint32_t high,
                                   uint32_t first_normal, ms_lanes normal, double degrees_of_freedom)
{
    if (degrees_of_freedom == 1)
        return normal * normal;
    return gamma_attempts(key, chain, low, high, first_normal, normal, degrees_of_freedom);
}

static void chi_square(uint64_t key, const uint64_t *chain, uint64_t iteration, unsigned purpose,
                       double degrees_of_freedom, double *variate)
{
    uint32_t low = ms_iteration_low(iteration), high = ms_iteration_high(iteration, purpose);
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        ms_lanes first, second;
        ms_lanes_u lanes = load_chain(chain, part);
        ms_lanes_normals(key, lanes, low, high, 0, &first, &second);
        store(variate, 0, part, chi_square_part(key, lanes, low, high, 0, first, degrees_of_freedom));
    }
}

/* |x - mean_i|^2 = |u - b_i|^2 + rho with u the projection on the span, rho the squared distance from it. */
MS_INLINE void store_distances(const ms_segment *s, size_t components, size_t span, size_t part,
                               const ms_lanes *u, ms_lanes rho, double *distance)
{
    for (size_t i = 0; i < components; i++) {
        ms_lanes sum = rho;
        for (size_t m = 0; m < span; m++) {
            ms_lanes difference = u[m] - s->mean[i * s->mean_stride + m];
            sum += difference * difference;
        }
        store(distance, i, part, sum);
    }
}

/* rho = |x|^2 - |u|^2, which rounding must not make negative */
MS_INLINE ms_lanes outside_span(size_t span, const ms_lanes *u, ms_lanes square)
{
    for (size_t m = 0; m < span; m++)
        square -= u[m] * u[m];
    return ms_lanes_select(square < 0.0, ms_lanes_of(0), square);
}

/* Adds one coordinate's share to u and |x|^2. */
MS_INLINE void project(const ms_segment *s, size_t span, size_t j, ms_lanes x, ms_lanes *u, ms_lanes *square)
{
    *square += x * x;
    for (size_t m = 0; m < span; m++)
        u[m] += x * s->basis[m * s->basis_stride + j];
}

static void distances_full(const ms_segment *s, const double *x, double *distance)
{
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        ms_lanes u[MS_COMPONENTS_MAX], square = ms_lanes_of(0);
        for (size_t m = 0; m < s->span; m++)
            u[m] = ms_lanes_of(0);
        for (size_t j = 0; j < s->length; j++)
            project(s, s->span, j, load(x, j, part), u, &square);
        store_distances(s, s->components, s->span, part, u, outside_span(s->span, u, square), distance);
    }
}

static void distances_reduced(const ms_segment *s, const double *x, double *distance)
{
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        ms_lanes u[MS_COMPONENTS_MAX];
        for (size_t m = 0; m < s->span; m++)
            u[m] = load(x, m, part);
        ms_lanes rho = s->length > s->span ? load(x, s->span, part) : ms_lanes_of(0);
        store_distances(s, s->components, s->span, part, u, rho, distance);
    }
}

/* The drift of the mixture's score -sum_i gamma_i (x - mean_i) / v_i in a Langevin step, everything relative
 * to mean_0, b_i the means on the span: x (1 - sum_i pull_i) + E sum_i pull_i b_i, pull_i = (delta/2) gamma_i
 * / v_i. Returns the contraction; `drift` [span] is the second sum. */
MS_INLINE ms_lanes find_drift(const ms_segment *s, size_t components, size_t span, size_t part,
                              const double *distance, ms_lanes *drift)
{
    ms_lanes pull[MS_COMPONENTS_MAX], largest = ms_lanes_of(0), sum = ms_lanes_of(0),
                                      contraction = ms_lanes_of(1);
    for (size_t i = 0; i < components; i++) {
        pull[i] = load(s->base[i], 0, part) - load(distance, i, part) * (0.5 * s->inverse_variance[i]);
        largest = i == 0 ? pull[i] : ms_lanes_max(largest, pull[i]);
    }
    for (size_t i = 0; i < components; i++)
        sum += pull[i] = ms_lanes_exp(pull[i] - largest);
    ms_lanes scale = (0.5 * s->step_size) / sum;
    for (size_t m = 0; m < span; m++)
        drift[m] = ms_lanes_of(0);
    for (size_t i = 0; i < components; i++) {
        pull[i] = pull[i] * scale * s->inverse_variance[i];
        contraction -= pull[i];
        for (size_t m = 0; m < span; m++)
            drift[m] += pull[i] * s->mean[i * s->mean_stride + m];
    }
    return contraction;
}

/* Moves one coordinate of the full engine. */
MS_INLINE void move(const ms_segment *s, size_t span, size_t j, size_t part, ms_lanes contraction,
                    const ms_lanes *drift, ms_lanes noise, double *x, ms_lanes *u, ms_lanes *square)
{
    ms_lanes moved = contraction * load(x, j, part) + noise;
    for (size_t m = 0; m < span; m++)
        moved += drift[m] * s->basis[m * s->basis_stride + j];
    store(x, j, part, moved);
    project(s, span, j, moved, u, square);
}

MS_INLINE void iterate_full(const ms_segment *s, size_t components, size_t span, uint64_t iteration,
                            ms_lanes_u chain, size_t part, double deviation, double *x, double *distance)
{
    ms_lanes drift[MS_COMPONENTS_MAX], u[MS_COMPONENTS_MAX], square = ms_lanes_of(0);
    ms_lanes contraction = find_drift(s, components, span, part, distance, drift);
    for (size_t m = 0; m < span; m++)
        u[m] = ms_lanes_of(0);
    uint32_t low = ms_iteration_low(iteration), high = ms_iteration_high(iteration, MS_PURPOSE_NOISE);
    for (size_t j = 0; j < s->length; j += 2) {
        ms_lanes first, second;
        ms_lanes_normals(s->key, chain, low, high, (uint32_t)(j / 2), &first, &second);
        move(s, span, j, part, contraction, drift, deviation * first, x, u, &square);
        if (j + 1 < s->length)
            move(s, span, j + 1, part, contraction, drift, deviation * second, x, u, &square);
    }
    store_distances(s, components, span, part, u, outside_span(span, u, square), distance);
}

/* The radial reduction: u moves as coordinates do, and
 * rho' = (contraction sqrt(rho) + sqrt(delta) z)^2 + delta chi^2_{n-1}, n = length - span. Normals 0..span-1
 * are u's, number span is z, those after it the chi-square's. */
MS_INLINE void iterate_reduced(const ms_segment *s, size_t components, size_t span, uint64_t iteration,
                               ms_lanes_u chain, size_t part, double deviation, double *x, double *distance)
{
    ms_lanes drift[MS_COMPONENTS_MAX], u[MS_COMPONENTS_MAX], normal[MS_COMPONENTS_MAX + 3],
        rho = ms_lanes_of(0);
    ms_lanes contraction = find_drift(s, components, span, part, distance, drift);
    size_t outside = s->length - span;
    uint32_t low = ms_iteration_low(iteration), high = ms_iteration_high(iteration, MS_PURPOSE_NOISE);
    for (uint32_t i = 0; i < span + (outside > 0 ? 2 : 0); i += 2)
        ms_lanes_normals(s->key, chain, low, high, i / 2, &normal[i], &normal[i + 1]);
    for (size_t m = 0; m < span; m++) {
        u[m] = contraction * load(x, m, part) + deviation * normal[m] + drift[m];
        store(x, m, part, u[m]);
    }
    if (outside > 0) {
        ms_lanes root = contraction * ms_lanes_sqrt(load(x, span, part)) + deviation * normal[span];
        rho = root * root;
        if (outside > 1)
            rho += s->step_size * chi_square_part(s->key, chain, low, high, (uint32_t)span + 1,
                                                  normal[span + 1], (double)(outside - 1));
        store(x, span, part, rho);
    }
    store_distances(s, components, span, part, u, rho, distance);
}

typedef void iterate_function(const ms_segment *s, size_t components, size_t span, uint64_t iteration,
                              ms_lanes_u chain, size_t part, double deviation, double *x, double *distance);

MS_INLINE uint64_t advance(iterate_function iterate, const ms_segment *s, size_t components, size_t span,
                           uint64_t count, const uint64_t *chain, const int64_t *pending, double *x,
                           double *distance)
{
    double deviation = __builtin_sqrt(s->step_size);
    uint64_t done = 0;
    for (bool hit = false; done < count && !hit; done++) {
        ms_lanes_i hits = {0};
        for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
            iterate(s, components, span, s->iteration + done, load_chain(chain, part), part, deviation, x,
                    distance);
            ms_lanes reference = load(s->rest[0], 0, part) + load(distance, 0, part);
            for (size_t e = 0; e < s->event_count; e++) {
                size_t component = s->events[e].component;
                ms_lanes total = load(s->rest[component], 0, part) + load(distance, component, part);
                hits |= *(const ms_lanes_i *)(pending + e * MS_LANES + part) &
                        ms_event_holds(&s->events[e], total, reference);
            }
        }
        hit = ms_lanes_any(hits);
    }
    return done;
}

/* the usual numbers of components and of dimensions spanned get loops unrolled into registers */
MS_INLINE uint64_t dispatch(iterate_function iterate, const ms_segment *s, uint64_t count,
                            const uint64_t *chain, const int64_t *pending, double *x, double *distance)
{
    if (s->components == 2 && s->span == 1)
        return advance(iterate, s, 2, 1, count, chain, pending, x, distance);
    if (s->components == 3 && s->span == 1)
        return advance(iterate, s, 3, 1, count, chain, pending, x, distance);
    if (s->components == 3 && s->span == 2)
        return advance(iterate, s, 3, 2, count, chain, pending, x, distance);
    return advance(iterate, s, s->components, s->span, count, chain, pending, x, distance);
}

static uint64_t advance_full(const ms_segment *s, uint64_t count, const uint64_t *chain,
                             const int64_t *pending, double *x, double *distance)
{
    return dispatch(iterate_full, s, count, chain, pending, x, distance);
}

static uint64_t advance_reduced(const ms_segment *s, uint64_t count, const uint64_t *chain,
                                const int64_t *pending, double *x, double *distance)
{
    return dispatch(iterate_reduced, s, count, chain, pending, x, distance);
}

const ms_kernel KERNEL_NAME(MS_KERNEL_SIMD) = {normals,           chi_square,   distances_full,
                                               distances_reduced, advance_full, advance_reduced};
