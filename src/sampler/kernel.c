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

/* Random numbers are made a batch at a time and in stages, each over the whole batch: neighbours in a stage
 * do not depend on each other, so a processor works on several at once instead of waiting for one. */
enum { batch_size = 32 };

/* How many of `left` to take: batches of about the same size. */
MS_INLINE size_t batch_count(size_t left)
{
    size_t batches = (left + batch_size - 1) / batch_size;
    return (left + batches - 1) / batches;
}

/* The Philox blocks of a batch: block i has draw + i draw_step, iteration + i iteration_step. */
MS_INLINE void philox_batch(uint64_t key, ms_lanes_u chain, uint64_t iteration, unsigned iteration_step,
                            unsigned purpose, uint32_t draw, uint32_t draw_step, size_t count,
                            ms_lanes_u word[][4])
{
    for (size_t i = 0; i < count; i++) {
        uint64_t at = iteration + i * iteration_step;
        ms_lanes_u counter[4] = {ms_lanes_u_of((uint32_t)(draw + i * draw_step)),
                                 ms_lanes_u_of(ms_iteration_low(at)),
                                 ms_lanes_u_of(ms_iteration_high(at, purpose)), chain};
        ms_lanes_philox(counter, key);
        for (int w = 0; w < 4; w++)
            word[i][w] = counter[w];
    }
}

MS_INLINE void radius_batch(size_t count, ms_lanes_u word[][4], double variance, ms_lanes *radius)
{
    for (size_t i = 0; i < count; i++)
        radius[i] = ms_lanes_radius(word[i][0], word[i][1], variance);
}

/* Normals from blocks: block i makes rows i stride and i stride + second. */
MS_INLINE void normals_batch(size_t count, ms_lanes_u word[][4], double variance, size_t part, size_t stride,
                             size_t second, double *normal)
{
    ms_lanes radius[batch_size];
    radius_batch(count, word, variance, radius);
    for (size_t i = 0; i < count; i++) {
        ms_lanes pair[2];
        ms_lanes_turn(radius[i], word[i][2], word[i][3], &pair[0], &pair[1]);
        store(normal, i * stride, part, pair[0]);
        store(normal, i * stride + second, part, pair[1]);
    }
}

static void normals(uint64_t key, const uint64_t *chain, uint64_t iteration, unsigned purpose, double *normal,
                    size_t n)
{
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        ms_lanes_u lanes = load_chain(chain, part);
        for (size_t at = 0, count; at < n / 2; at += count) {
            ms_lanes_u word[batch_size][4];
            count = batch_count(n / 2 - at);
            philox_batch(key, lanes, iteration, 0, purpose, (uint32_t)at, 1, count, word);
            normals_batch(count, word, 1, part, 2, 1, normal + 2 * at * MS_LANES);
        }
        if (n % 2) {
            ms_lanes last, unused;
            ms_lanes_normals(key, lanes, ms_iteration_low(iteration), ms_iteration_high(iteration, purpose),
                             (uint32_t)(n / 2), &last, &unused);
            store(normal, n - 1, part, last);
        }
    }
}

/* Chi-square variates with n degrees of freedom are made of the blocks from draw 2^16 on, in one of three
 * ways.
 *
 * n = 1: the square of the normal that block 2^16 makes.
 *
 * n = 2, 4, 6, 8: -2 log of the product of n/2 uniforms, 48 bits each: 32 are a word of block 2^16, 16 half a
 * word of block 2^16 + 1 of the iteration with its last bit cleared: words 0, 1 are for the even one, 2, 3
 * for the odd one after it.
 *
 * Others: twice a Gamma(n/2) variate, made from a normal x and a uniform u by Marsaglia and Tsang (ACM TOMS
 * 26, 2000), exactly: with d = n/2 - 1/3, y = x / (9 d)^(1/2), v = (1 + y)^3, d v is accepted where v > 0 and
 * u < exp(-h), h = d (v - 1 - log v) - x^2/2; else one tries again. About 1 % or less are not accepted at
 * once. Attempt r takes block 2^16 + 2 r: words 0, 1 and most of 2, 3 make x, the last 16 bits begin u. They
 * mostly suffice: for y >= -1/2, by the logarithm's series,
 *     d y^4 (3/4 - 3/5 y) <= h <= d y^4 (3/4 - 3/5 y + 9/10 y^2), and 1 - h <= exp(-h) <= 1 - h + h^2/2.
 * Else words 0 and 1 of block 2^16 + 2 r + 1 carry on u, and logarithms decide. */
enum { chi_square_draws = 1 << 16 };

typedef struct gamma_shape {
    double d, c, scale; /* the variate is scale v */
} gamma_shape;

MS_INLINE gamma_shape shape_of(double degrees_of_freedom, double factor)
{
    double d = 0.5 * degrees_of_freedom - 1.0 / 3;
    return (gamma_shape){d, 1 / __builtin_sqrt(9 * d), 2 * d * factor};
}

/* v, and in which lanes the first bits of u accept it. */
MS_INLINE ms_lanes_i gamma_accepts(const gamma_shape *shape, ms_lanes x, ms_lanes_u word3, ms_lanes *v)
{
    ms_lanes y = shape->c * x, root = 1.0 + y, square = y * y;
    *v = root * root * root;
    ms_lanes h = shape->d * (square * square) * ((0.75 - 0.6 * y) + 0.9 * square);
    ms_lanes u = ms_lanes_fixed(word3 & 0xffffu, 16, 0) + 0x1p-16;
    return (y >= -0.5) & (u <= 1.0 - h);
}

/* In which lanes they reject it. */
MS_INLINE ms_lanes_i gamma_rejects(const gamma_shape *shape, ms_lanes x, ms_lanes_u word3)
{
    ms_lanes y = shape->c * x, square = y * y, h = shape->d * (square * square) * (0.75 - 0.6 * y);
    ms_lanes u = ms_lanes_fixed(word3 & 0xffffu, 16, 0);
    return (y <= -1.0) | ((y >= -0.5) & (u >= (1.0 - h) + 0.5 * (h * h)));
}

/* The same to the last bit. */
MS_INLINE ms_lanes_i gamma_decides(const gamma_shape *shape, ms_lanes x, ms_lanes v, ms_lanes_u word3,
                                   const ms_lanes_u more[4])
{
    ms_lanes_i positive = v > 0.0;
    ms_lanes h =
        shape->d * ((v - 1.0) - ms_lanes_log(ms_lanes_select(positive, v, ms_lanes_of(1)))) - 0.5 * (x * x);
    ms_lanes u = ms_lanes_fixed(word3 & 0xffffu, 16, 0) + ms_lanes_uniform(more[0], more[1]) * 0x1p-16;
    return positive & (ms_lanes_log(u) < -h);
}

/* Goes on where the first attempt, made of x and word 3, was not accepted. */
static __attribute__((noinline, cold)) ms_lanes gamma_goes_on(uint64_t key, ms_lanes_u chain, uint32_t low,
                                                              uint32_t high, const gamma_shape *shape,
                                                              ms_lanes x, ms_lanes_u word3,
                                                              ms_lanes_i accepted, ms_lanes v)
{
    ms_lanes result = v;
    ms_lanes_i waiting = ~accepted;
    for (uint32_t draw = chi_square_draws;; draw += 2) {
        ms_lanes_i open = waiting & ~gamma_rejects(shape, x, word3);
        if (ms_lanes_any(open)) {
            ms_lanes_u more[4] = {ms_lanes_u_of(draw + 1), ms_lanes_u_of(low), ms_lanes_u_of(high), chain};
            ms_lanes_philox(more, key);
            ms_lanes_i decided = open & gamma_decides(shape, x, v, word3, more);
            result = ms_lanes_select(decided, v, result);
            waiting &= ~decided;
            if (!ms_lanes_any(waiting))
                return result;
        }
        ms_lanes_u word[4] = {ms_lanes_u_of(draw + 2), ms_lanes_u_of(low), ms_lanes_u_of(high), chain};
        ms_lanes_philox(word, key);
        x = ms_lanes_normal_single(ms_lanes_radius(word[0], word[1], 1), word[2], word[3]);
        word3 = word[3];
        accepted = waiting & gamma_accepts(shape, x, word3, &v);
        result = ms_lanes_select(accepted, v, result);
        waiting &= ~accepted;
        if (!ms_lanes_any(waiting))
            return result;
    }
}

/* On (0, 1): a word of a block and 16 more bits. */
MS_INLINE ms_lanes uniform48(ms_lanes_u word, ms_lanes_u more)
{
    return ms_lanes_fixed(word & 0xffffffffu, 32, 0) + ms_lanes_middle(more & 0xffffu, 48);
}

/* Twice the sums of that many exponentials; `word` holds the blocks 2^16 of consecutive iterations. */
MS_INLINE void exponential_sums(uint64_t key, ms_lanes_u chain, uint64_t iteration, unsigned purpose,
                                unsigned uniforms, double factor, size_t count, ms_lanes_u word[][4],
                                size_t part, double *variate)
{
    ms_lanes_u shared[batch_size / 2 + 1][4];
    uint64_t even = iteration & ~UINT64_C(1);
    size_t odd = (size_t)(iteration - even);
    philox_batch(key, chain, even, 2, purpose, chi_square_draws + 1, 0, (count + odd + 1) / 2, shared);
    for (size_t i = 0; i < count; i++) {
        const ms_lanes_u *more = shared[(i + odd) / 2] + (i + odd) % 2 * 2;
        ms_lanes product = uniform48(word[i][0], more[0]);
        if (uniforms > 1)
            product *= uniform48(word[i][1], more[0] >> 16);
        if (uniforms > 2)
            product *= uniform48(word[i][2], more[1]);
        if (uniforms > 3)
            product *= uniform48(word[i][3], more[1] >> 16);
        store(variate, i, part, (-2 * factor) * ms_lanes_log(product));
    }
}

/* `factor` times the chi-square variates of consecutive iterations, in consecutive rows. */
MS_INLINE void chi_square_batch(uint64_t key, ms_lanes_u chain, uint64_t iteration, unsigned purpose,
                                uint64_t degrees_of_freedom, double factor, size_t count, size_t part,
                                double *variate)
{
    ms_lanes_u word[batch_size][4];
    philox_batch(key, chain, iteration, 1, purpose, chi_square_draws, 0, count, word);
    if (degrees_of_freedom <= 8 && degrees_of_freedom % 2 == 0) {
        exponential_sums(key, chain, iteration, purpose, (unsigned)degrees_of_freedom / 2, factor, count,
                         word, part, variate);
        return;
    }
    ms_lanes radius[batch_size];
    radius_batch(count, word, 1, radius);
    gamma_shape shape = shape_of((double)degrees_of_freedom, factor);
    for (size_t i = 0; i < count; i++) {
        ms_lanes x = ms_lanes_normal_single(radius[i], word[i][2], word[i][3]), v;
        if (degrees_of_freedom == 1) {
            store(variate, i, part, factor * (x * x));
            continue;
        }
        ms_lanes_i accepted = gamma_accepts(&shape, x, word[i][3], &v);
        if (__builtin_expect(ms_lanes_any(~accepted), 0))
            v = gamma_goes_on(key, chain, ms_iteration_low(iteration + i),
                              ms_iteration_high(iteration + i, purpose), &shape, x, word[i][3], accepted, v);
        store(variate, i, part, shape.scale * v);
    }
}

static void chi_square(uint64_t key, const uint64_t *chain, uint64_t iteration, unsigned purpose,
                       double degrees_of_freedom, double *variate)
{
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH)
        chi_square_batch(key, load_chain(chain, part), iteration, purpose, (uint64_t)degrees_of_freedom, 1, 1,
                         part, variate);
}

/* |x - mean_i|^2 = |u - b_i|^2 + rho with u the projection on the span, rho the squared distance from it. */
MS_INLINE void find_distances(const ms_segment *s, size_t components, size_t span, const ms_lanes *u,
                              ms_lanes rho, ms_lanes *distance)
{
    for (size_t i = 0; i < components; i++) {
        distance[i] = rho;
        for (size_t m = 0; m < span; m++) {
            ms_lanes difference = u[m] - s->mean[i * s->mean_stride + m];
            distance[i] += difference * difference;
        }
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

MS_INLINE void store_rows(double *x, size_t count, size_t part, const ms_lanes *row)
{
    for (size_t i = 0; i < count; i++)
        store(x, i, part, row[i]);
}

MS_INLINE void load_rows(const double *x, size_t count, size_t part, ms_lanes *row)
{
    for (size_t i = 0; i < count; i++)
        row[i] = load(x, i, part);
}

static void distances_full(const ms_segment *s, const double *x, double *distance)
{
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        ms_lanes u[MS_COMPONENTS_MAX], square = ms_lanes_of(0), found[MS_COMPONENTS_MAX];
        for (size_t m = 0; m < s->span; m++)
            u[m] = ms_lanes_of(0);
        for (size_t j = 0; j < s->length; j++)
            project(s, s->span, j, load(x, j, part), u, &square);
        find_distances(s, s->components, s->span, u, outside_span(s->span, u, square), found);
        store_rows(distance, s->components, part, found);
    }
}

static void distances_reduced(const ms_segment *s, const double *x, double *distance)
{
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        ms_lanes u[MS_COMPONENTS_MAX], found[MS_COMPONENTS_MAX];
        load_rows(x, s->span, part, u);
        ms_lanes rho = s->length > s->span ? load(x, s->span, part) : ms_lanes_of(0);
        find_distances(s, s->components, s->span, u, rho, found);
        store_rows(distance, s->components, part, found);
    }
}

/* weight[i] = exp(weight[i] - largest of all). One of these is 1: going through them, `won` keeps whether
 * each was larger than all before; the exponentials are those of the smaller ones of each comparison, and
 * going back they are handed to whom they belong. */
MS_INLINE void exponentials(size_t components, ms_lanes *weight)
{
    ms_lanes loser[MS_COMPONENTS_MAX], largest = weight[0], given = ms_lanes_of(1);
    ms_lanes_i won[MS_COMPONENTS_MAX];
    for (size_t i = 1; i < components; i++) {
        won[i] = weight[i] > largest;
        loser[i] = ms_lanes_select(won[i], largest, weight[i]);
        largest = ms_lanes_select(won[i], weight[i], largest);
    }
    for (size_t i = components - 1; i > 0; i--) {
        ms_lanes value = ms_lanes_exp(loser[i] - largest);
        weight[i] = ms_lanes_select(won[i], given, value);
        given = ms_lanes_select(won[i], value, given);
    }
    weight[0] = given;
}

/* What an iteration makes of a segment's numbers. */
typedef struct constants {
    double half_precision[MS_COMPONENTS_MAX]; /* 1/(2 v_i) */
    double pull[MS_COMPONENTS_MAX];           /* delta/(2 v_i) */
} constants;

MS_INLINE constants constants_of(const ms_segment *s, size_t components)
{
    constants c = {{0}, {0}};
    for (size_t i = 0; i < components; i++) {
        c.half_precision[i] = 0.5 * s->inverse_variance[i];
        c.pull[i] = s->step_size * c.half_precision[i];
    }
    return c;
}

/* The drift of the mixture's score -sum_i gamma_i (x - mean_i) / v_i in a Langevin step, everything relative
 * to mean_0, b_i the means on the span: x (1 - sum_i pull_i) + E sum_i pull_i b_i, pull_i = (delta/2) gamma_i
 * / v_i. Returns the contraction; `drift` [span] is the second sum. */
MS_INLINE ms_lanes find_drift(const ms_segment *s, const constants *c, size_t components, size_t span,
                              size_t part, const ms_lanes *distance, ms_lanes *drift)
{
    ms_lanes weight[MS_COMPONENTS_MAX] = {ms_lanes_of(0)}, sum = ms_lanes_of(0), contraction = sum;
    for (size_t i = 0; i < components; i++)
        weight[i] = load(s->base[i], 0, part) - distance[i] * c->half_precision[i];
    exponentials(components, weight);
    for (size_t i = 0; i < components; i++) {
        ms_lanes pull = weight[i] * c->pull[i];
        sum = i == 0 ? weight[i] : sum + weight[i];
        contraction = i == 0 ? pull : contraction + pull;
        for (size_t m = 0; m < span; m++) {
            ms_lanes share = pull * s->mean[i * s->mean_stride + m];
            drift[m] = i == 0 ? share : drift[m] + share;
        }
    }
    ms_lanes scale = 1.0 / sum;
    for (size_t m = 0; m < span; m++)
        drift[m] *= scale;
    return 1.0 - contraction * scale;
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

/* One iteration of the full engine. A batch of coordinates is moved while the next one's radii are made,
 * which leaves time between divisions and square roots; the drift is found while the first batch is made. */
MS_INLINE void iterate_full(const ms_segment *s, const constants *c, size_t components, size_t span,
                            uint64_t iteration, ms_lanes_u chain, size_t part, double *x, ms_lanes *distance)
{
    ms_lanes drift[MS_COMPONENTS_MAX], u[MS_COMPONENTS_MAX], square = ms_lanes_of(0);
    ms_lanes noise[2 * batch_size], radius[batch_size];
    ms_lanes_u word[batch_size][4];
    for (size_t m = 0; m < span; m++)
        u[m] = ms_lanes_of(0);
    size_t pairs = s->length / 2, at = 0, count = pairs > 0 ? batch_count(pairs) : 0;
    philox_batch(s->key, chain, iteration, 0, MS_PURPOSE_NOISE, 0, 1, count, word);
    radius_batch(count, word, s->step_size, radius);
    ms_lanes contraction = find_drift(s, c, components, span, part, distance, drift);
    while (at + count < pairs) {
        for (size_t i = 0; i < count; i++)
            ms_lanes_turn(radius[i], word[i][2], word[i][3], &noise[2 * i], &noise[2 * i + 1]);
        size_t next = at + count, row = 2 * at, next_count = batch_count(pairs - next);
        philox_batch(s->key, chain, iteration, 0, MS_PURPOSE_NOISE, (uint32_t)next, 1, next_count, word);
        for (size_t i = 0; i < next_count; i++) { /* no more than `count` */
            radius[i] = ms_lanes_radius(word[i][0], word[i][1], s->step_size);
            move(s, span, row++, part, contraction, drift, noise[2 * i], x, u, &square);
            move(s, span, row++, part, contraction, drift, noise[2 * i + 1], x, u, &square);
        }
        for (size_t i = 2 * next_count; i < 2 * count; i++)
            move(s, span, row++, part, contraction, drift, noise[i], x, u, &square);
        at = next;
        count = next_count;
    }
    for (size_t i = 0; i < count; i++) {
        ms_lanes first, second;
        ms_lanes_turn(radius[i], word[i][2], word[i][3], &first, &second);
        move(s, span, 2 * (at + i), part, contraction, drift, first, x, u, &square);
        move(s, span, 2 * (at + i) + 1, part, contraction, drift, second, x, u, &square);
    }
    if (s->length % 2 > 0) {
        ms_lanes last, unused;
        philox_batch(s->key, chain, iteration, 0, MS_PURPOSE_NOISE, (uint32_t)pairs, 1, 1, word);
        radius_batch(1, word, s->step_size, radius);
        ms_lanes_turn(radius[0], word[0][2], word[0][3], &last, &unused);
        move(s, span, s->length - 1, part, contraction, drift, last, x, u, &square);
    }
    find_distances(s, components, span, u, outside_span(span, u, square), distance);
}

/* In which lanes a pending event holds. */
MS_INLINE ms_lanes_i find_hits(const ms_segment *s, const int64_t *pending, size_t part,
                               const ms_lanes *distance)
{
    ms_lanes_i hits = {0};
    ms_lanes reference = load(s->rest[0], 0, part) + distance[0];
    for (size_t e = 0; e < s->event_count; e++) {
        size_t component = s->events[e].component;
        ms_lanes total = load(s->rest[component], 0, part) + distance[component];
        hits |= *(const ms_lanes_i *)(pending + e * MS_LANES + part) &
                ms_event_holds(&s->events[e], total, reference);
    }
    return hits;
}

MS_INLINE uint64_t many_full(const ms_segment *s, size_t components, size_t span, uint64_t count,
                             const uint64_t *chain, const int64_t *pending, double *x, double *distance)
{
    const constants c = constants_of(s, components);
    uint64_t done = 0;
    for (bool hit = false; done < count && !hit; done++) {
        ms_lanes_i hits = {0};
        for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
            ms_lanes found[MS_COMPONENTS_MAX];
            load_rows(distance, components, part, found);
            iterate_full(s, &c, components, span, s->iteration + done, load_chain(chain, part), part, x,
                         found);
            hits |= find_hits(s, pending, part, found);
            store_rows(distance, components, part, found);
        }
        hit = ms_lanes_any(hits);
    }
    return done;
}

/* The random numbers of a batch of iterations of the reduced engine: normals 0..span-1, which are u's, then z
 * and the chi-square's share if there are dimensions outside the span; a row each of every iteration. */
MS_INLINE void make_noise(const ms_segment *s, size_t span, uint64_t iteration, size_t count,
                          ms_lanes_u chain, size_t part, double *noise)
{
    size_t outside = s->length - span, rows = span + (outside > 0 ? 1 : 0);
    ms_lanes_u word[batch_size][4];
    for (size_t row = 0; row < rows; row += 2) {
        philox_batch(s->key, chain, iteration, 1, MS_PURPOSE_NOISE, (uint32_t)(row / 2), 0, count, word);
        normals_batch(count, word, s->step_size, part, 1, batch_size, noise + row * batch_size * MS_LANES);
    }
    if (outside > 1)
        chi_square_batch(s->key, chain, iteration, MS_PURPOSE_NOISE, outside - 1, s->step_size, count, part,
                         noise + rows * batch_size * MS_LANES);
}

/* The radial reduction: u moves as coordinates do, and
 * rho' = (contraction sqrt(rho) + sqrt(delta) z)^2 + delta chi^2_{n-1}, n = length - span. */
MS_INLINE void iterate_reduced(const ms_segment *s, const constants *c, size_t components, size_t span,
                               size_t part, const double *noise, ms_lanes *x, ms_lanes *distance)
{
    ms_lanes drift[MS_COMPONENTS_MAX], rho = ms_lanes_of(0);
    size_t outside = s->length - span;
    ms_lanes contraction = find_drift(s, c, components, span, part, distance, drift);
    for (size_t m = 0; m < span; m++)
        x[m] = contraction * x[m] + load(noise, m * batch_size, part) + drift[m];
    if (outside > 0) {
        ms_lanes root = contraction * ms_lanes_sqrt(x[span]) + load(noise, span * batch_size, part);
        rho = root * root;
        if (outside > 1)
            rho += load(noise, (span + 1) * batch_size, part);
        x[span] = rho;
    }
    find_distances(s, components, span, x, rho, distance);
}

MS_INLINE uint64_t many_reduced(const ms_segment *s, size_t components, size_t span, uint64_t count,
                                const uint64_t *chain, const int64_t *pending, double *x, double *distance)
{
    enum { parts = MS_LANES / MS_WIDTH };
    const constants c = constants_of(s, components);
    size_t rows = span + (s->length > span ? 1 : 0);
    ms_lanes place[parts][MS_COMPONENTS_MAX + 1], found[parts][MS_COMPONENTS_MAX];
    for (size_t p = 0; p < parts; p++) {
        place[p][span] = ms_lanes_of(0);
        load_rows(x, rows, p * MS_WIDTH, place[p]);
        load_rows(distance, components, p * MS_WIDTH, found[p]);
    }
    uint64_t done = 0;
    for (bool hit = false; done < count && !hit;) {
        /* with room for a normal that nobody wants */
        _Alignas(MS_ALIGNMENT) double noise[(MS_COMPONENTS_MAX + 2) * batch_size * MS_LANES];
        size_t batch = count - done < batch_size ? (size_t)(count - done) : batch_size;
        for (size_t p = 0; p < parts; p++)
            make_noise(s, span, s->iteration + done, batch, load_chain(chain, p * MS_WIDTH), p * MS_WIDTH,
                       noise);
        for (size_t i = 0; i < batch && !hit; i++, done++) {
            ms_lanes_i hits = {0};
            for (size_t p = 0; p < parts; p++) {
                iterate_reduced(s, &c, components, span, p * MS_WIDTH, noise + i * MS_LANES, place[p],
                                found[p]);
                hits |= find_hits(s, pending, p * MS_WIDTH, found[p]);
            }
            hit = ms_lanes_any(hits);
        }
    }
    for (size_t p = 0; p < parts; p++) {
        store_rows(x, rows, p * MS_WIDTH, place[p]);
        store_rows(distance, components, p * MS_WIDTH, found[p]);
    }
    return done;
}

typedef uint64_t many_function(const ms_segment *s, size_t components, size_t span, uint64_t count,
                               const uint64_t *chain, const int64_t *pending, double *x, double *distance);

/* the usual numbers of components and of dimensions spanned get loops unrolled into registers */
MS_INLINE uint64_t dispatch(many_function many, const ms_segment *s, uint64_t count, const uint64_t *chain,
                            const int64_t *pending, double *x, double *distance)
{
    if (s->components == 2 && s->span == 1)
        return many(s, 2, 1, count, chain, pending, x, distance);
    if (s->components == 3 && s->span == 1)
        return many(s, 3, 1, count, chain, pending, x, distance);
    if (s->components == 3 && s->span == 2)
        return many(s, 3, 2, count, chain, pending, x, distance);
    return many(s, s->components, s->span, count, chain, pending, x, distance);
}

static uint64_t advance_full(const ms_segment *s, uint64_t count, const uint64_t *chain,
                             const int64_t *pending, double *x, double *distance)
{
    return dispatch(many_full, s, count, chain, pending, x, distance);
}

static uint64_t advance_reduced(const ms_segment *s, uint64_t count, const uint64_t *chain,
                                const int64_t *pending, double *x, double *distance)
{
    return dispatch(many_reduced, s, count, chain, pending, x, distance);
}

const ms_kernel KERNEL_NAME(MS_KERNEL_SIMD) = {normals,           chi_square,   distances_full,
                                               distances_reduced, advance_full, advance_reduced};
