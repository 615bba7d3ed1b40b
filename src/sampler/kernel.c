/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled once per instruction set: MS_KERNEL_SIMD is portable, avx2 or avx512. Where a register holds fewer
 * than eight lanes, each iteration is done part by part. */
#include "random/width.h"

#include "sampler/kernel.h"

MS_INLINE ms_lanes load(const double *x, size_t row, size_t part)
{
    return ms_row_load(x, row, part);
}

MS_INLINE void store(double *x, size_t row, size_t part, ms_lanes value)
{
    ms_row_store(x, row, part, value);
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

MS_INLINE ms_lanes_u load_chain(const uint64_t *chain, size_t part)
{
    return *(const ms_lanes_u *)(chain + part);
}

/* Random numbers are made a batch at a time and in stages, each over the whole batch: neighbours in a stage
 * do not depend on each other, so a processor works on several at once instead of waiting for one. */
enum { batch_blocks = 32 };

/* How many of `left` blocks to take: batches of about the same size. */
MS_INLINE size_t batch_count(size_t left)
{
    size_t batches = (left + batch_blocks - 1) / batch_blocks;
    return batches > 0 ? (left + batches - 1) / batches : 0;
}

/* The four normals of a block, two pairs side by side: a processor looks ahead too little to find work in the
 * next pair while it waits for one radius. */
MS_INLINE void four_of(const ms_lanes_place *place, uint32_t draw, const ms_lanes_u word[4], double variance,
                       ms_lanes normal[4])
{
    ms_lanes a = ms_lanes_uniform(place, draw, 0, word[0]), b = ms_lanes_uniform(place, draw, 2, word[2]);
    a = ms_lanes_radius(a, variance);
    b = ms_lanes_radius(b, variance);
    ms_lanes_turn(a, word[1], &normal[0], &normal[1]);
    ms_lanes_turn(b, word[3], &normal[2], &normal[3]);
}

static void normals(uint64_t key, const uint64_t *chain, uint64_t iteration, unsigned purpose, double *normal,
                    size_t n)
{
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        ms_lanes_place place = ms_lanes_place_of(key, load_chain(chain, part), iteration, purpose);
        size_t blocks = (n + 3) / 4;
        for (size_t at = 0, count; at < blocks; at += count) {
            ms_lanes_u word[batch_blocks][4];
            count = batch_count(blocks - at);
            for (size_t i = 0; i < count; i++)
                ms_lanes_philox(&place, (uint32_t)(at + i), word[i]);
            double *row = normal + 4 * at * MS_LANES;
            ms_lanes made[4];
            size_t whole = n / 4 - at < count ? n / 4 - at : count;
            for (size_t i = 0; i < whole; i++) {
                four_of(&place, (uint32_t)(at + i), word[i], 1, made);
                for (size_t k = 0; k < 4; k++)
                    store(row, 4 * i + k, part, made[k]);
            }
            if (whole < count) {
                four_of(&place, (uint32_t)(at + whole), word[whole], 1, made);
                store_rows(row + 4 * whole * MS_LANES, n % 4, part, made);
            }
        }
    }
}

static void step(uint64_t key, const uint64_t *chain, uint64_t iteration, double step_size, size_t length,
                 const double *score, double *x)
{
    const ms_lanes half = ms_lanes_of(0.5 * step_size);
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        ms_lanes_place place = ms_lanes_place_of(key, load_chain(chain, part), iteration, MS_PURPOSE_NOISE);
        size_t blocks = (length + 3) / 4;
        for (size_t at = 0, count; at < blocks; at += count) {
            ms_lanes_u word[batch_blocks][4];
            count = batch_count(blocks - at);
            for (size_t i = 0; i < count; i++)
                ms_lanes_philox(&place, (uint32_t)(at + i), word[i]);
            for (size_t i = 0; i < count; i++) {
                size_t row = 4 * (at + i), rows = length - row < 4 ? length - row : 4;
                ms_lanes made[4];
                four_of(&place, (uint32_t)(at + i), word[i], step_size, made);
                for (size_t k = 0; k < rows; k++)
                    store(x, row + k, part,
                          ms_lanes_fma(half, load(score, row + k, part), load(x, row + k, part) + made[k]));
            }
        }
    }
}

/* The random numbers of the reduced engine, for iterations 2k and 2k + 1 together: the blocks of iteration 2k
 * from `first_draw` on, two words a slot. Slot s < normals makes a pair of normals, the first for iteration
 * 2k, the second for 2k + 1. The slots after them make chi-square variates with n degrees of freedom:
 *
 * n = 1: the squares of a pair of normals, one slot.
 *
 * n = 2, 4, 6, 8: -2 log of the product of n/2 uniforms; in each of n/2 slots one word is for either
 * iteration.
 *
 * Others: twice Gamma(n/2) variates, made from normals x, a slot, and uniforms u, another, by Marsaglia and
 * Tsang (ACM TOMS 26, 2000), exactly: with d = n/2 - 1/3, y = x / (9 d)^(1/2), v = (1 + y)^3, d v is accepted
 * where v > 0 and u < exp(-h), h = d (v - 1 - log v) - x^2/2; else one tries again. A word of u mostly
 * suffices: for y >= -1/2, by the logarithm's series,
 *     h <= d y^4 (3/4 - 3/5 y + 9/10 y^2), and exp(-h) >= 1 - h.
 * Where it does not (7 % for n = 3, 1.3 % for n = 7, less from n = 9 on) words 0 and 1 of block 2^30 of the
 * iteration itself carry on u, and logarithms decide; where they reject, block 2^30 + r makes attempt r:
 * words 0 and 1 x, words 2 and 3 u. */
enum { gamma_draws = 1 << 30, batch_iterations = 32 };

typedef struct gamma_shape {
    double d, c, scale; /* the variate is scale v */
} gamma_shape;

MS_INLINE gamma_shape shape_of(double degrees_of_freedom, double factor)
{
    double d = 0.5 * degrees_of_freedom - 1.0 / 3;
    return (gamma_shape){d, 1 / __builtin_sqrt(9 * d), 2 * d * factor};
}

MS_INLINE ms_lanes gamma_value(const gamma_shape *shape, ms_lanes x)
{
    ms_lanes root = 1.0 + shape->c * x;
    return root * root * root;
}

/* In which lanes it is accepted by any u less than 2^-32 above this one. */
MS_INLINE ms_lanes_i gamma_accepts(const gamma_shape *shape, ms_lanes x, ms_lanes u)
{
    ms_lanes y = shape->c * x, square = y * y;
    ms_lanes bound =
        ms_lanes_fma(square, ms_lanes_of(0.9), ms_lanes_fma(y, ms_lanes_of(-0.6), ms_lanes_of(0.75)));
    ms_lanes h = shape->d * (square * square) * bound;
    return (y >= -0.5) & (u + 0x1p-32 <= 1.0 - h);
}

/* The same to the last bit. */
MS_INLINE ms_lanes_i gamma_decides(const gamma_shape *shape, ms_lanes x, ms_lanes v, ms_lanes u)
{
    ms_lanes_i positive = v > 0.0;
    ms_lanes h =
        shape->d * ((v - 1.0) - ms_lanes_log(ms_lanes_select(positive, v, ms_lanes_of(1)))) - 0.5 * (x * x);
    return positive & (ms_lanes_log(u) < -h);
}

/* Goes on where the first attempt was not accepted at once. */
static __attribute__((noinline, cold)) ms_lanes gamma_goes_on(const ms_lanes_place *place,
                                                              const gamma_shape *shape, ms_lanes x,
                                                              ms_lanes u, ms_lanes_i accepted, ms_lanes v)
{
    ms_lanes result = v, second;
    ms_lanes_u word[4];
    ms_lanes_philox(place, gamma_draws, word);
    u = ms_lanes_fma(ms_lanes_uniform64(word[0], word[1]), ms_lanes_of(0x1p-32), u);
    ms_lanes_i waiting = ~accepted & ~gamma_decides(shape, x, v, u);
    for (uint32_t draw = gamma_draws + 1; ms_lanes_any(waiting); draw++) {
        ms_lanes_philox(place, draw, word);
        ms_lanes_normal_pair(place, draw, 0, word, 1, &x, &second);
        v = gamma_value(shape, x);
        result = ms_lanes_select(waiting, v, result);
        waiting &= ~gamma_decides(shape, x, v, ms_lanes_uniform64(word[2], word[3]));
    }
    return result;
}

/* What a batch of chi-square variates needs of the slots. */
typedef struct chi_square_way {
    size_t uniforms, slots; /* 0 uniforms: made of normals */
} chi_square_way;

MS_INLINE chi_square_way way_of(uint64_t degrees_of_freedom)
{
    if (degrees_of_freedom <= 1)
        return (chi_square_way){0, degrees_of_freedom};
    if (degrees_of_freedom <= 8 && degrees_of_freedom % 2 == 0)
        return (chi_square_way){degrees_of_freedom / 2, degrees_of_freedom / 2};
    return (chi_square_way){0, 2};
}

/* The last stage: `variate` holds products of uniforms, or normals and, batch_iterations rows on, u. */
MS_INLINE void finish_chi_square(uint64_t key, ms_lanes_u chain, uint64_t iteration, unsigned purpose,
                                 uint64_t degrees_of_freedom, double factor, size_t count, size_t part,
                                 double *variate)
{
    gamma_shape shape = shape_of((double)degrees_of_freedom, factor);
    bool is_product = way_of(degrees_of_freedom).uniforms > 0;
    for (size_t i = 0; i < count; i++) {
        ms_lanes x = load(variate, i, part);
        if (is_product) {
            store(variate, i, part, (-2 * factor) * ms_lanes_log(x));
            continue;
        }
        if (degrees_of_freedom == 1) {
            store(variate, i, part, factor * (x * x));
            continue;
        }
        ms_lanes u = load(variate, batch_iterations + i, part), v = gamma_value(&shape, x);
        ms_lanes_i accepted = gamma_accepts(&shape, x, u);
        if (__builtin_expect(ms_lanes_any(~accepted), 0)) {
            ms_lanes_place place = ms_lanes_place_of(key, chain, iteration + i, purpose);
            v = gamma_goes_on(&place, &shape, x, u, accepted, v);
        }
        store(variate, i, part, shape.scale * v);
    }
}

/* Both for `count` iterations from an even one: batch_iterations rows of normals with variance `factor` for
 * each of `normals`, then `factor` times the chi-square variates. */
MS_INLINE void reduced_batch(uint64_t key, ms_lanes_u chain, uint64_t iteration, unsigned purpose,
                             uint32_t first_draw, size_t normals, uint64_t degrees_of_freedom, double factor,
                             size_t count, size_t part, double *noise)
{
    chi_square_way way = way_of(degrees_of_freedom);
    size_t slots = normals + way.slots, pairs = (count + 1) / 2;
    double *variate = noise + normals * batch_iterations * MS_LANES;
    for (size_t slot = 0; slot < slots; slot += 2) {
        ms_lanes_u word[batch_iterations / 2][4];
        uint32_t draw = first_draw + (uint32_t)(slot / 2);
        for (size_t i = 0; i < pairs; i++) {
            ms_lanes_place place = ms_lanes_place_of(key, chain, iteration + 2 * i, purpose);
            ms_lanes_philox(&place, draw, word[i]);
        }
        for (size_t s = slot; s < slot + 2 && s < slots; s++) {
            int w = (int)(s % 2) * 2;
            size_t target = way.uniforms > 0 && s > normals ? normals : s;
            double *row = noise + target * batch_iterations * MS_LANES;
            for (size_t i = 0; i < pairs; i++) {
                ms_lanes_place place = ms_lanes_place_of(key, chain, iteration + 2 * i, purpose);
                ms_lanes first, second;
                if (s >= normals && way.uniforms > 0) {
                    first = ms_lanes_uniform(&place, draw, w, word[i][w]);
                    second = ms_lanes_uniform(&place, draw, w + 1, word[i][w + 1]);
                    if (s > normals) {
                        first *= load(row, 2 * i, part);
                        second *= load(row, 2 * i + 1, part);
                    }
                } else if (s > normals) {
                    first = ms_lanes_fixed(word[i][w] & 0xffffffffu, 32, 0);
                    second = ms_lanes_fixed(word[i][w + 1] & 0xffffffffu, 32, 0);
                } else {
                    ms_lanes_normal_pair(&place, draw, w, word[i], s < normals ? factor : 1, &first, &second);
                }
                store(row, 2 * i, part, first);
                store(row, 2 * i + 1, part, second);
            }
        }
    }
    if (degrees_of_freedom > 0)
        finish_chi_square(key, chain, iteration, purpose, degrees_of_freedom, factor, count, part, variate);
}

static void chi_square(uint64_t key, const uint64_t *chain, uint64_t iteration, unsigned purpose,
                       uint32_t first_draw, double degrees_of_freedom, double *variate)
{
    _Alignas(MS_ALIGNMENT) double pair[2 * batch_iterations * MS_LANES];
    uint64_t odd = iteration % 2;
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        reduced_batch(key, load_chain(chain, part), iteration - odd, purpose, first_draw, 0,
                      (uint64_t)degrees_of_freedom, 1, 2, part, pair);
        store(variate, 0, part, load(pair, odd, part));
    }
}

/* |x - mean_i|^2 = |u - b_i|^2 + rho with u the projection on the span, rho the squared distance from it. */
MS_INLINE void find_distances(const ms_segment *s, size_t components, size_t span, const ms_lanes *u,
                              ms_lanes rho, ms_lanes *distance)
{
    for (size_t i = 0; i < components; i++) {
        distance[i] = rho;
        for (size_t m = 0; m < span; m++) {
            ms_lanes difference = u[m] - s->mean[i * s->mean_stride + m];
            distance[i] = ms_lanes_fma(difference, difference, distance[i]);
        }
    }
}

/* rho = |x|^2 - |u|^2, which rounding must not make negative */
MS_INLINE ms_lanes outside_span(size_t span, const ms_lanes *u, ms_lanes square)
{
    for (size_t m = 0; m < span; m++)
        square = ms_lanes_fma(-u[m], u[m], square);
    return ms_lanes_select(square < 0.0, ms_lanes_of(0), square);
}

/* Adds one coordinate's share to u and |x|^2. */
MS_INLINE void project(const ms_segment *s, size_t span, size_t j, ms_lanes x, ms_lanes *u, ms_lanes *square)
{
    *square = ms_lanes_fma(x, x, *square);
    for (size_t m = 0; m < span; m++)
        u[m] = ms_lanes_fma(x, ms_lanes_of(s->basis[m * s->basis_stride + j]), u[m]);
}

static void distances_full(const ms_segment *s, const double *x, double *distance)
{
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        ms_lanes u[MS_ISOTROPIC_COMPONENTS_MAX], square = ms_lanes_of(0), found[MS_ISOTROPIC_COMPONENTS_MAX];
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
        ms_lanes u[MS_ISOTROPIC_COMPONENTS_MAX], found[MS_ISOTROPIC_COMPONENTS_MAX];
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
    ms_lanes loser[MS_ISOTROPIC_COMPONENTS_MAX], largest = weight[0], given = ms_lanes_of(1);
    ms_lanes_i won[MS_ISOTROPIC_COMPONENTS_MAX];
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
    double half_precision[MS_ISOTROPIC_COMPONENTS_MAX]; /* 1/(2 v_i) */
    double pull[MS_ISOTROPIC_COMPONENTS_MAX];           /* delta/(2 v_i) */
    double step_size; /* here because storing x does not make it be read again */
} constants;

MS_INLINE constants constants_of(const ms_segment *s, size_t components)
{
    constants c = {{0}, {0}, s->step_size};
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
    ms_lanes weight[MS_ISOTROPIC_COMPONENTS_MAX] = {ms_lanes_of(0)}, sum = ms_lanes_of(0), contraction = sum;
    for (size_t i = 0; i < components; i++)
        weight[i] = ms_lanes_fma(distance[i], ms_lanes_of(-c->half_precision[i]), load(s->base[i], 0, part));
    exponentials(components, weight);
    for (size_t i = 0; i < components; i++) {
        ms_lanes pull = weight[i] * c->pull[i];
        sum = i == 0 ? weight[i] : sum + weight[i];
        contraction = i == 0 ? pull : contraction + pull;
        for (size_t m = 0; m < span; m++) {
            ms_lanes mean = ms_lanes_of(s->mean[i * s->mean_stride + m]);
            drift[m] = i == 0 ? pull * mean : ms_lanes_fma(pull, mean, drift[m]);
        }
    }
    ms_lanes scale = 1.0 / sum;
    for (size_t m = 0; m < span; m++)
        drift[m] *= scale;
    return ms_lanes_fma(-contraction, scale, ms_lanes_of(1));
}

/* Moves one coordinate of the full engine. */
MS_INLINE void move(const ms_segment *s, size_t span, size_t j, size_t part, ms_lanes contraction,
                    const ms_lanes *drift, ms_lanes noise, double *x, ms_lanes *u, ms_lanes *square)
{
    ms_lanes moved = ms_lanes_fma(contraction, load(x, j, part), noise);
    for (size_t m = 0; m < span; m++)
        moved = ms_lanes_fma(drift[m], ms_lanes_of(s->basis[m * s->basis_stride + j]), moved);
    store(x, j, part, moved);
    project(s, span, j, moved, u, square);
}

/* One iteration of the full engine; the drift is found while the first batch of words is made. */
MS_INLINE void iterate_full(const ms_segment *s, const constants *c, size_t components, size_t span,
                            uint64_t iteration, ms_lanes_u chain, size_t part, double *x, ms_lanes *distance)
{
    ms_lanes drift[MS_ISOTROPIC_COMPONENTS_MAX], u[MS_ISOTROPIC_COMPONENTS_MAX], square = ms_lanes_of(0),
                                                                                 contraction = square;
    ms_lanes_place place = ms_lanes_place_of(s->key, chain, iteration, MS_PURPOSE_NOISE);
    size_t blocks = (s->length + 3) / 4;
    for (size_t m = 0; m < span; m++)
        u[m] = ms_lanes_of(0);
    for (size_t at = 0, count; at < blocks; at += count) {
        ms_lanes_u word[batch_blocks][4];
        ms_lanes noise[4];
        count = batch_count(blocks - at);
        for (size_t i = 0; i < count; i++)
            ms_lanes_philox(&place, (uint32_t)(at + i), word[i]);
        if (at == 0)
            contraction = find_drift(s, c, components, span, part, distance, drift);
        size_t whole = s->length / 4 - at < count ? s->length / 4 - at : count;
        for (size_t i = 0; i < whole; i++) {
            four_of(&place, (uint32_t)(at + i), word[i], c->step_size, noise);
            for (size_t k = 0; k < 4; k++)
                move(s, span, 4 * (at + i) + k, part, contraction, drift, noise[k], x, u, &square);
        }
        if (whole < count) {
            four_of(&place, (uint32_t)(at + whole), word[whole], c->step_size, noise);
            for (size_t k = 0; k < s->length % 4; k++)
                move(s, span, s->length / 4 * 4 + k, part, contraction, drift, noise[k], x, u, &square);
        }
    }
    find_distances(s, components, span, u, outside_span(span, u, square), distance);
}

/* In which lanes a pending event holds. */
MS_INLINE ms_lanes_i find_hits(const ms_segment *s, const int64_t *pending, size_t part,
                               const ms_lanes *distance)
{
    const ms_conditions *conditions = s->conditions;
    ms_lanes_i hits = {0};
#define TOTAL(row)     (load(s->rest[row], 0, part) + distance[row])
#define PENDING(event) (*(const ms_lanes_i *)(pending + (event)*MS_LANES + part))
    if (__builtin_expect(conditions->simple, 1)) {
        ms_lanes reference = TOTAL(0);
        for (size_t e = 0; e < conditions->count; e++) {
            const ms_condition *c = &conditions->each[e];
            hits |= PENDING(e) & ms_condition_holds(c, TOTAL(c->row), reference);
        }
        return hits;
    }
    for (size_t e = 0, at = 0; e < conditions->events; e++) {
        ms_lanes_i holds;
        MS_EVENT_HOLDS(conditions->each, at, TOTAL, holds);
        hits |= PENDING(e) & holds;
    }
#undef TOTAL
#undef PENDING
    return hits;
}

static bool hits(const ms_conditions *conditions, const int64_t *pending, const double *measure)
{
    ms_lanes_i found = {0};
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH)
        for (size_t e = 0, at = 0; e < conditions->events; e++) {
            ms_lanes_i holds;
#define TOTAL(row) load(measure, row, part)
            MS_EVENT_HOLDS(conditions->each, at, TOTAL, holds);
#undef TOTAL
            found |= *(const ms_lanes_i *)(pending + e * MS_LANES + part) & holds;
        }
    return ms_lanes_any(found);
}

static void add(size_t count, const double *a, const double *b, double *sum)
{
    for (size_t row = 0; row < count * MS_LANES; row += MS_WIDTH)
        store(sum, 0, row, load(a, 0, row) + load(b, 0, row));
}

MS_INLINE uint64_t many_full(const ms_segment *s, size_t components, size_t span, uint64_t count,
                             const uint64_t *chain, const int64_t *pending, double *x, double *distance)
{
    const constants c = constants_of(s, components);
    uint64_t done = 0;
    for (bool hit = false; done < count && !hit; done++) {
        ms_lanes_i hits = {0};
        for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
            ms_lanes found[MS_ISOTROPIC_COMPONENTS_MAX];
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

/* The radial reduction: u moves as coordinates do, and
 * rho' = (contraction sqrt(rho) + sqrt(delta) z)^2 + delta chi^2_{n-1}, n = length - span. */
MS_INLINE void iterate_reduced(const ms_segment *s, const constants *c, size_t components, size_t span,
                               size_t part, const double *noise, ms_lanes *x, ms_lanes *distance)
{
    ms_lanes drift[MS_ISOTROPIC_COMPONENTS_MAX], rho = ms_lanes_of(0);
    size_t outside = s->length - span;
    ms_lanes contraction = find_drift(s, c, components, span, part, distance, drift);
    for (size_t m = 0; m < span; m++)
        x[m] = ms_lanes_fma(contraction, x[m], load(noise, m * batch_iterations, part) + drift[m]);
    if (outside > 0) {
        ms_lanes root =
            ms_lanes_fma(contraction, ms_lanes_sqrt(x[span]), load(noise, span * batch_iterations, part));
        rho = root * root;
        if (outside > 1)
            rho = ms_lanes_fma(root, root, load(noise, (span + 1) * batch_iterations, part));
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
    ms_lanes place[parts][MS_ISOTROPIC_COMPONENTS_MAX + 1], found[parts][MS_ISOTROPIC_COMPONENTS_MAX];
    for (size_t p = 0; p < parts; p++) {
        place[p][span] = ms_lanes_of(0);
        load_rows(x, rows, p * MS_WIDTH, place[p]);
        load_rows(distance, components, p * MS_WIDTH, found[p]);
    }
    uint64_t done = 0;
    size_t outside = s->length - span;
    for (bool hit = false; done < count && !hit;) {
        /* u's normals, z, and the chi-square's share of the other directions outside the span */
        _Alignas(MS_ALIGNMENT) double noise[(MS_ISOTROPIC_COMPONENTS_MAX + 3) * batch_iterations * MS_LANES];
        uint64_t iteration = s->iteration + done, odd = iteration % 2;
        size_t batch =
            count - done < batch_iterations - odd ? (size_t)(count - done + odd) : batch_iterations;
        for (size_t p = 0; p < parts; p++)
            reduced_batch(s->key, load_chain(chain, p * MS_WIDTH), iteration - odd, MS_PURPOSE_NOISE,
                          s->first_draw, rows, outside > 1 ? outside - 1 : 0, s->step_size, batch,
                          p * MS_WIDTH, noise);
        for (size_t i = odd; i < batch && !hit; i++, done++) {
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

const ms_kernel MS_TYPE_NAME(ms_kernel) = {MS_WIDTH == 8   ? 2
                                           : MS_WIDTH == 4 ? 1
                                                           : 0,
                                           normals,
                                           step,
                                           hits,
                                           add,
                                           chi_square,
                                           distances_full,
                                           distances_reduced,
                                           advance_full,
                                           advance_reduced};
