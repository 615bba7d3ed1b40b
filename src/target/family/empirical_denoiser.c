/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The denoised mean of an empirical distribution for many chains: sum_k r_k c_k, r = softmax(l), where
 * l_k = lw_k - |y - c_k|^2 / (2 sigma^2) on a patch y and lw_k the log-weights that the patches before have
 * left. Of |y - c_k|^2 the product y c_k alone differs between components, but for |c_k|^2: one product of
 * matrices gives all of them, and another the mean. Less `centre`, a flip is the negative of its vector, so
 * that both serve flips, too.
 *
 * Products are of single precision; weights are double. Matrices stand component by component or coordinate
 * by coordinate, with a number for each chain. */
#include "target/family/empirical_denoiser.h"

#include "base/blas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Components with less than e^-60 of the weight of the heaviest count for nothing. */
#define NEGLIGIBLE (-60.0)
#define TILE       1024 /* vectors whose distances are looked at together */

typedef struct denoiser {
    const ms_empirical *data;
    size_t width, patch_size;
    size_t signs;             /* 2 with flips */
    double *square;           /* [count] |c|^2 */
    double *log_weight;       /* [count][signs][width] less the largest of each chain */
    size_t *kept, kept_count; /* the vectors that may have weight in any chain at a place; 0: not found yet */
    size_t first, length;     /* of that place, */
    double highest;           /* and the noise level from which on */
    float *centre;            /* [kept_count][length] */
    double *centre_square;    /* [kept_count] */
    float *x, *mean;          /* [length][width] */
    float *product;           /* [kept_count][width] y c, then weights */
    float *heavy;             /* [kept_count][length], room for those that have weight now, */
    size_t *heavy_of;         /* and which of the kept they are */
    double *largest, *sum;    /* [width] */
    double *norm;             /* [width] |y|^2 */
    /* vectors that chains may come near to, as `approaches` has found them */
    bool is_blind; /* there was no memory to find them */
    size_t *near, near_count;
    float *near_centre, *near_product; /* [near_count][length], [near_count][width] */
    double *near_square, *rest;        /* [near_count], [near_count][signs][width] */
} denoiser;

static void destroy(void *state)
{
    denoiser *d = state;
    if (!d)
        return;
    free(d->square);
    free(d->kept);
    free(d->log_weight);
    free(d->centre);
    free(d->centre_square);
    free(d->x);
    free(d->mean);
    free(d->product);
    free(d->heavy);
    free(d->heavy_of);
    free(d->largest);
    free(d->sum);
    free(d->norm);
    free(d->near);
    free(d->near_centre);
    free(d->near_product);
    free(d->near_square);
    free(d->rest);
    free(d);
}

static void *room(size_t count, size_t rows, size_t size)
{
    size_t bytes = rows > 0 && count > SIZE_MAX / 2 / size / rows ? 0 : count * rows * size;
    return bytes > 0 ? aligned_alloc(64, (bytes + 63) / 64 * 64) : NULL;
}

static double square_of(const float *vector, size_t length)
{
    double sum = 0;
    for (size_t j = 0; j < length; j++)
        sum += (double)vector[j] * (double)vector[j];
    return sum;
}

static void forget(void *state)
{
    denoiser *d = state;
    memset(d->log_weight, 0, d->data->count * d->signs * d->width * sizeof *d->log_weight);
    d->kept_count = 0;
}

static void *make(const void *content, size_t width, size_t patch_size)
{
    const ms_empirical *e = content;
    size_t count = e->count, signs = e->flips ? 2 : 1;
    denoiser *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->data = e;
    d->width = width;
    d->patch_size = patch_size;
    d->signs = signs;
    d->square = room(count, 1, sizeof *d->square);
    d->kept = room(count, 1, sizeof *d->kept);
    d->log_weight = room(count, signs * width, sizeof *d->log_weight);
    d->centre = room(count, patch_size, sizeof *d->centre);
    d->centre_square = room(count, 1, sizeof *d->centre_square);
    d->x = room(e->dimension, width, sizeof *d->x);
    d->mean = room(patch_size, width, sizeof *d->mean);
    d->product = room(count > TILE ? count : TILE, width, sizeof *d->product);
    d->heavy = room(count, patch_size, sizeof *d->heavy);
    d->largest = room(width, 1, sizeof *d->largest);
    d->sum = room(width, 1, sizeof *d->sum);
    d->norm = room(width, 1, sizeof *d->norm);
    d->heavy_of = room(count, 1, sizeof *d->heavy_of);
    if (!d->square || !d->kept || !d->log_weight || !d->centre || !d->centre_square || !d->x || !d->mean ||
        !d->product || !d->heavy || !d->largest || !d->sum || !d->norm || !d->heavy_of) {
        destroy(d);
        return NULL;
    }
    for (size_t k = 0; k < count; k++)
        d->square[k] = square_of(e->value + k * e->dimension, e->dimension);
    forget(d);
    ms_blas_prepare();
    return d;
}

MS_INLINE ms_lanes load(const double *at)
{
    return *(const ms_lanes *)at;
}

MS_INLINE void store(double *at, ms_lanes value)
{
    *(ms_lanes *)at = value;
}

/* --- what the patches before have to say --- */

/* Lowers the log-weights of a group of chains by their squared distances on the patch times `half_precision`.
 */
static void lower(denoiser *d, const ms_place *place, size_t group, const double *x, double half_precision)
{
    const ms_empirical *e = d->data;
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH)
        for (size_t k = 0; k < e->count; k++) {
            const float *value = e->value + k * e->dimension + place->first;
            double *log_weight = d->log_weight + k * d->signs * d->width + group * MS_LANES + part;
            ms_lanes apart = ms_lanes_of(0), sum = ms_lanes_of(0);
            for (size_t j = 0; j < place->length; j++) {
                ms_lanes y = ms_row_load(x, j, part) - e->centre;
                ms_lanes difference = y - (double)value[j], of_flip = y + (double)value[j];
                apart += difference * difference;
                sum += of_flip * of_flip;
            }
            store(log_weight, load(log_weight) - apart * half_precision);
            if (d->signs > 1)
                store(log_weight + d->width, load(log_weight + d->width) - sum * half_precision);
        }
}

/* Makes the largest log-weight of each chain 0. */
static void normalise(denoiser *d)
{
    size_t rows = d->data->count * d->signs;
    for (size_t w = 0; w < d->width; w += MS_WIDTH) {
        ms_lanes largest = load(d->log_weight + w);
        for (size_t row = 1; row < rows; row++)
            largest = ms_lanes_max(load(d->log_weight + row * d->width + w), largest);
        store(d->largest + w, largest);
    }
    for (size_t row = 0; row < rows; row++)
        for (size_t w = 0; w < d->width; w += MS_WIDTH) {
            double *at = d->log_weight + row * d->width + w;
            store(at, load(at) - load(d->largest + w));
        }
}

static void absorb(void *state, const ms_place *place, ms_groups x)
{
    denoiser *d = state;
    double half_precision = 0.5 / (place->conditioning * place->conditioning);
    for (size_t g = 0; g < d->width / MS_LANES; g++)
        lower(d, place, g, x.value + g * x.stride, half_precision);
    normalise(d);
    d->kept_count = 0;
}

/* --- the mean --- */

static void gather(const ms_empirical *e, const size_t *vector, size_t count, const ms_place *place,
                   float *centre, double *square)
{
    for (size_t i = 0; i < count; i++) {
        memcpy(centre + i * place->length, e->value + vector[i] * e->dimension + place->first,
               place->length * sizeof *centre);
        square[i] = square_of(centre + i * place->length, place->length);
    }
}

static bool has_weight(const denoiser *d, size_t k, double least)
{
    const double *log_weight = d->log_weight + k * d->signs * d->width;
    for (size_t w = 0; w < d->signs * d->width; w += MS_WIDTH)
        if (ms_lanes_any(load(log_weight + w) >= least))
            return true;
    return false;
}

/* How much a patch y at the noise level can raise the log-weight of one vector over another's. Among the
 * vectors, all of them within a radius R, (|y - a|^2 - |y - b|^2) / (2 sigma^2) is at most 2 R^2 / sigma^2;
 * noise along a - b adds to it. */
static double most_favour(const denoiser *d, const ms_place *place, double noise_level)
{
    const ms_empirical *e = d->data;
    const double deviations = 6;
    double largest = 0;
    for (size_t k = 0; k < e->count; k++)
        largest = fmax(largest, square_of(e->value + k * e->dimension + place->first, place->length));
    double ratio = sqrt(largest) / noise_level;
    return 2 * ratio * ratio + 2 * deviations * ratio;
}

/* Finds the vectors that may have weight at the place. Others are left out, for one that has none at the
 * highest noise level, wherever the patch may be there, is not followed at lower ones either. */
static void go_to(denoiser *d, const ms_place *place, double highest)
{
    if (d->kept_count > 0 && d->first == place->first && d->length == place->length && d->highest == highest)
        return;
    double least = NEGLIGIBLE - most_favour(d, place, highest);
    d->kept_count = 0;
    for (size_t k = 0; k < d->data->count; k++)
        if (has_weight(d, k, least))
            d->kept[d->kept_count++] = k;
    gather(d->data, d->kept, d->kept_count, place, d->centre, d->centre_square);
    d->first = place->first;
    d->length = place->length;
    d->highest = highest;
}

/* Coordinates of all chains, less the centre, and the sums of their squares. */
static void pack(denoiser *d, size_t length, ms_groups x, float *packed)
{
    for (size_t g = 0; g < d->width / MS_LANES; g++)
        for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
            size_t w = g * MS_LANES + part;
            ms_lanes norm = ms_lanes_of(0);
            for (size_t j = 0; j < length; j++) {
                ms_lanes y = ms_row_load(x.value + g * x.stride, j, part) - d->data->centre;
                ms_floats_store(packed + j * d->width + w, y);
                norm += y * y;
            }
            store(d->norm + w, norm);
        }
}

/* l of a vector, or of its flip, where `product` is y c. */
MS_INLINE ms_lanes logit(const double *log_weight, ms_lanes product, double half_square, double precision)
{
    return ms_lanes_fma(product - half_square, ms_lanes_of(precision), load(log_weight));
}

static void find_largest(denoiser *d, double precision)
{
    for (size_t w = 0; w < d->width; w++)
        d->largest[w] = -INFINITY;
    for (size_t i = 0; i < d->kept_count; i++) {
        const double *log_weight = d->log_weight + d->kept[i] * d->signs * d->width;
        double half_square = 0.5 * d->centre_square[i];
        for (size_t w = 0; w < d->width; w += MS_WIDTH) {
            ms_lanes product = ms_floats_load(d->product + i * d->width + w);
            ms_lanes largest =
                ms_lanes_max(logit(log_weight + w, product, half_square, precision), load(d->largest + w));
            if (d->signs > 1)
                largest =
                    ms_lanes_max(logit(log_weight + d->width + w, -product, half_square, precision), largest);
            store(d->largest + w, largest);
        }
    }
}

MS_INLINE ms_lanes exp_or_0(ms_lanes l)
{
    return ms_lanes_select(l >= NEGLIGIBLE, ms_lanes_exp(l), ms_lanes_of(0));
}

/* Turns the products of a vector into its weights, less those of its flip, and adds both to the sums; false:
 * all are 0.
 */
static bool weigh(denoiser *d, size_t i, double precision)
{
    const double *log_weight = d->log_weight + d->kept[i] * d->signs * d->width;
    double half_square = 0.5 * d->centre_square[i];
    bool is_heavy = false;
    for (size_t w = 0; w < d->width; w += MS_WIDTH) {
        float *at = d->product + i * d->width + w;
        ms_lanes product = ms_floats_load(at), largest = load(d->largest + w), weight = ms_lanes_of(0),
                 sum = load(d->sum + w);
        ms_lanes l = logit(log_weight + w, product, half_square, precision) - largest;
        if (ms_lanes_any(l >= NEGLIGIBLE)) {
            weight = exp_or_0(l);
            sum += weight;
            is_heavy = true;
        }
        if (d->signs > 1) {
            l = logit(log_weight + d->width + w, -product, half_square, precision) - largest;
            if (ms_lanes_any(l >= NEGLIGIBLE)) {
                ms_lanes of_flip = exp_or_0(l);
                weight -= of_flip;
                sum += of_flip;
                is_heavy = true;
            }
        }
        store(d->sum + w, sum);
        ms_floats_store(at, weight);
    }
    return is_heavy;
}

/* Weights of all vectors, for `*centre`. Where many have none, the others alone come first, which saves more
 * than it takes to put them there. Returns how many come. */
static size_t weigh_all(denoiser *d, size_t length, double precision, const float **centre)
{
    size_t heavy = 0;
    for (size_t w = 0; w < d->width; w++)
        d->sum[w] = 0;
    for (size_t i = 0; i < d->kept_count; i++)
        if (weigh(d, i, precision))
            d->heavy_of[heavy++] = i;
    *centre = d->centre;
    if (heavy > d->kept_count / 4 * 3)
        return d->kept_count;
    for (size_t h = 0; h < heavy; h++) {
        size_t i = d->heavy_of[h];
        if (h < i)
            memcpy(d->product + h * d->width, d->product + i * d->width, d->width * sizeof *d->product);
        memcpy(d->heavy + h * length, d->centre + i * length, length * sizeof *d->heavy);
    }
    *centre = d->heavy;
    return heavy;
}

static void unpack(const denoiser *d, size_t length, ms_groups mean)
{
    for (size_t g = 0; g < d->width / MS_LANES; g++)
        for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
            size_t w = g * MS_LANES + part;
            ms_lanes share = 1.0 / load(d->sum + w);
            for (size_t j = 0; j < length; j++)
                ms_row_store(mean.value + g * mean.stride, j, part,
                             ms_lanes_fma(ms_floats_load(d->mean + j * d->width + w), share,
                                          ms_lanes_of(d->data->centre)));
        }
}

/* --- how near chains are to vectors --- */

/* How much a squared distance may be off that is made of a product of single precision and these squares. */
static double slack(size_t length)
{
    return 1.2e-7 * ((double)length + 8);
}

/* Lower bounds of squared distances from products y c of a vector, or of its flip: sign -1. */
MS_INLINE ms_lanes bound_below(ms_lanes product, double sign, ms_lanes norm, double square, double slack)
{
    return (norm + square) * (1 - slack) - 2 * sign * product;
}

static void find_least(denoiser *d, const ms_place *place, const float *product, double *least)
{
    double slack_here = slack(place->length);
    for (size_t w = 0; w < d->width; w++)
        least[w] = d->is_blind ? 0 : INFINITY;
    for (size_t i = 0; i < d->near_count; i++)
        for (size_t s = 0; s < d->signs; s++)
            for (size_t w = 0; w < d->width; w += MS_WIDTH) {
                ms_lanes bound = load(d->rest + (i * d->signs + s) * d->width + w) +
                                 bound_below(ms_floats_load(product + i * d->width + w), s == 0 ? 1 : -1,
                                             load(d->norm + w), d->near_square[i], slack_here);
                ms_lanes before = load(least + w);
                store(least + w, ms_lanes_select(bound < before, bound, before));
            }
}

/* Lower bounds of the squared distances to vector k over the coordinates outside of the place,
 * [signs][width]; infinite for components that are not watched. Whether any is within the bound. */
static bool find_rest(const denoiser *d, const ms_place *place, size_t k, const float *product,
                      const bool *watched, double bound, double *rest)
{
    const ms_empirical *e = d->data;
    double square = d->square[k] - square_of(e->value + k * e->dimension + place->first, place->length);
    bool is_near = false;
    for (size_t s = 0; s < d->signs; s++)
        for (size_t w = 0; w < d->width; w += MS_WIDTH) {
            ms_lanes lower_bound = ms_lanes_of(INFINITY);
            if (watched[s * e->count + k])
                lower_bound =
                    ms_lanes_max(bound_below(ms_floats_load(product + w), s == 0 ? 1 : -1, load(d->norm + w),
                                             square > 0 ? square : 0, slack(e->dimension)),
                                 ms_lanes_of(0));
            store(rest + s * d->width + w, lower_bound);
            is_near |= ms_lanes_any(lower_bound <= bound);
        }
    return is_near;
}

/* Room for all vectors to be near; false without memory. */
static bool make_room_for_near(denoiser *d)
{
    size_t count = d->data->count;
    if (!d->near)
        d->near = room(count, 1, sizeof *d->near);
    if (!d->near_centre)
        d->near_centre = room(count, d->patch_size, sizeof *d->near_centre);
    if (!d->near_product)
        d->near_product = room(count, d->width, sizeof *d->near_product);
    if (!d->near_square)
        d->near_square = room(count, 1, sizeof *d->near_square);
    if (!d->rest)
        d->rest = room(count, d->signs * d->width, sizeof *d->rest);
    return d->near && d->near_centre && d->near_product && d->near_square && d->rest;
}

/* The coordinates of whole vectors outside of a place: 0 in it. */
static void pack_outside(denoiser *d, const ms_place *place, ms_groups x)
{
    pack(d, d->data->dimension, x, d->x);
    for (size_t j = place->first; j < place->first + place->length; j++)
        for (size_t w = 0; w < d->width; w++) {
            float *at = d->x + j * d->width + w;
            d->norm[w] -= (double)*at * (double)*at;
            *at = 0;
        }
}

static bool approaches(void *state, const ms_place *place, ms_groups x, const bool *watched, double bound)
{
    denoiser *d = state;
    const ms_empirical *e = d->data;
    d->near_count = 0;
    d->is_blind = !make_room_for_near(d); /* then every chain may be near */
    if (d->is_blind)
        return true;
    pack_outside(d, place, x);
    for (size_t tile = 0; tile < e->count; tile += TILE) {
        size_t count = e->count - tile < TILE ? e->count - tile : TILE;
        ms_blas_product(count, d->width, e->dimension, e->value + tile * e->dimension, d->x, d->product);
        for (size_t i = 0; i < count; i++)
            if (find_rest(d, place, tile + i, d->product + i * d->width, watched, bound,
                          d->rest + d->near_count * d->signs * d->width))
                d->near[d->near_count++] = tile + i;
    }
    gather(e, d->near, d->near_count, place, d->near_centre, d->near_square);
    return d->near_count > 0;
}

/* Where x is packed. */
static void look_at_near(denoiser *d, const ms_place *place, double *least)
{
    ms_blas_product(d->near_count, d->width, place->length, d->near_centre, d->x, d->near_product);
    find_least(d, place, d->near_product, least);
}

void MS_TYPE_NAME(ms_empirical_find_least)(void *state, const ms_place *place, ms_groups x, double *least)
{
    denoiser *d = state;
    pack(d, place->length, x, d->x);
    look_at_near(d, place, least);
}

static void denoise(void *state, const ms_place *place, ms_groups x, ms_groups mean, double highest,
                    double *least)
{
    denoiser *d = state;
    double precision = 1 / (place->noise_level * place->noise_level);
    const float *centre;
    go_to(d, place, highest);
    pack(d, place->length, x, d->x);
    ms_blas_product(d->kept_count, d->width, place->length, d->centre, d->x, d->product);
    if (least && d->near_count == d->data->count && d->kept_count == d->near_count) {
        find_least(d, place, d->product, least); /* all of them, in the same order */
    } else if (least) {
        look_at_near(d, place, least);
    }
    find_largest(d, precision);
    size_t heavy = weigh_all(d, place->length, precision, &centre);
    ms_blas_product_transposed(place->length, d->width, heavy, centre, d->product, d->mean);
    unpack(d, place->length, mean);
}

const ms_denoiser_type MS_TYPE_NAME(ms_empirical_denoiser) = {.alloc = make,
                                                              .free = destroy,
                                                              .forget = forget,
                                                              .absorb = absorb,
                                                              .approaches = approaches,
                                                              .denoise = denoise};
