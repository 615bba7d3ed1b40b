/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The forward pass of a network (base/network.h) for many chains: matrices of weights times matrices with a
 * column for each chain. Numbers are of single precision. */
#include "target/family/learned_denoiser.h"

#include "base/blas.h"
#include "random/elementary.h"
#include "target/family/empirical_denoiser.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct denoiser {
    const ms_network *network;
    void *distances; /* the empirical denoiser's, which knows how near chains are to components */
    size_t width, absorbed;
    double noise_level;              /* that `terms` are for; 0: for none */
    float *terms;                    /* [1 + blocks][network's width], from the noise level */
    float *seen;                     /* [dimension][width] coordinates absorbed, less 1/2; others are 0 */
    float *h, *cell;                 /* [states][width] */
    float *gates, *of_h;             /* [4 states][width] */
    float *expected;                 /* [patch_size][width]: B x */
    float *context;                  /* [network's width][width]: of h */
    float *patch, *rotated, *linear; /* [patch_size][width] */
    double *scale;                   /* [2][patch_size] */
    float *z, *inner, *outer;        /* [network's width][width] */
} denoiser;

static void destroy(void *state)
{
    denoiser *d = state;
    if (!d)
        return;
    if (d->distances)
        MS_TYPE_NAME(ms_empirical_denoiser).free(d->distances);
    free(d->terms);
    free(d->seen);
    free(d->h);
    free(d->cell);
    free(d->gates);
    free(d->of_h);
    free(d->expected);
    free(d->context);
    free(d->patch);
    free(d->rotated);
    free(d->linear);
    free(d->scale);
    free(d->z);
    free(d->inner);
    free(d->outer);
    free(d);
}

/* Zeros; sizes of networks are bounded, and at least a row is there so that NULL means no memory. */
static float *room(size_t rows, size_t columns)
{
    rows = rows > 0 ? rows : 1;
    if (columns > SIZE_MAX / 2 / sizeof(float) / rows)
        return NULL;
    size_t bytes = (rows * columns * sizeof(float) + 63) / 64 * 64;
    float *numbers = aligned_alloc(64, bytes);
    return numbers ? memset(numbers, 0, bytes) : NULL;
}

static void forget(void *state)
{
    denoiser *d = state;
    const ms_network *n = d->network;
    d->absorbed = 0;
    memset(d->seen, 0, n->dimension * d->width * sizeof *d->seen);
    memset(d->h, 0, n->states * d->width * sizeof *d->h);
    memset(d->cell, 0, n->states * d->width * sizeof *d->cell);
    memset(d->expected, 0, n->patch_size * d->width * sizeof *d->expected);
    memset(d->context, 0, n->width * d->width * sizeof *d->context);
}

static void *make(const void *content, size_t width, size_t patch_size)
{
    const ms_empirical *e = content;
    const ms_network *n = e->network;
    denoiser *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->network = n;
    d->width = width;
    d->distances = MS_TYPE_NAME(ms_empirical_denoiser).alloc(content, width, patch_size);
    d->terms = room(1 + n->blocks, n->width);
    d->seen = room(n->dimension, width);
    d->h = room(n->states, width);
    d->cell = room(n->states, width);
    d->gates = room(4 * n->states, width);
    d->of_h = room(4 * n->states, width);
    d->expected = room(n->patch_size, width);
    d->context = room(n->width, width);
    d->patch = room(n->patch_size, width);
    d->rotated = room(n->patch_size, width);
    d->linear = room(n->patch_size, width);
    d->scale = calloc(2 * n->patch_size, sizeof *d->scale);
    d->z = room(n->width, width);
    d->inner = room(n->width, width);
    d->outer = room(n->width, width);
    if (!d->distances || !d->terms || !d->seen || !d->h || !d->cell || !d->gates || !d->of_h ||
        !d->expected || !d->context || !d->patch || !d->rotated || !d->linear || !d->scale || !d->z ||
        !d->inner || !d->outer) {
        destroy(d);
        return NULL;
    }
    return d;
}

static size_t patch_size(const void *content)
{
    return ((const ms_empirical *)content)->network->patch_size;
}

/* Matrix `number` of an array of several, [rows][columns] each. */
static const float *part_of(const ms_network *n, size_t array, size_t number, size_t rows, size_t columns)
{
    return n->array[array] + number * rows * columns;
}

/* 1 / (1 + exp(-x)). Beyond 700 the exponential would overflow, and nothing changes any more. */
MS_INLINE ms_lanes sigmoid(ms_lanes x)
{
    ms_lanes bounded = ms_lanes_select(x < -700.0, ms_lanes_of(-700), x);
    bounded = ms_lanes_select(bounded > 700.0, ms_lanes_of(700), bounded);
    return 1.0 / (1.0 + ms_lanes_exp(-bounded));
}

/* to = silu(from + what is the same for a row) */
static void activate(size_t rows, size_t width, const float *from, const float *of_row, float *to)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t w = 0; w < width; w += MS_WIDTH) {
            ms_lanes x = ms_floats_load(from + i * width + w) + (of_row ? (double)of_row[i] : 0.0);
            ms_floats_store(to + i * width + w, x * sigmoid(x));
        }
}

/* --- what is before a patch --- */

static void pack(const denoiser *d, size_t length, ms_groups x, const float *less, float *packed)
{
    for (size_t g = 0; g < d->width / MS_LANES; g++)
        for (size_t part = 0; part < MS_LANES; part += MS_WIDTH)
            for (size_t j = 0; j < length; j++) {
                size_t at = j * d->width + g * MS_LANES + part;
                ms_lanes u = ms_row_load(x.value + g * x.stride, j, part) - 0.5;
                ms_floats_store(packed + at, less ? u - ms_floats_load(less + at) : u);
            }
}

static void step_lstm(denoiser *d, const float *patch)
{
    const ms_network *n = d->network;
    size_t rows = n->states, row = rows * d->width;
    ms_blas_product(4 * rows, d->width, n->patch_size, n->array[MS_NETWORK_lstm_x], patch, d->gates);
    ms_blas_product(4 * rows, d->width, rows, n->array[MS_NETWORK_lstm_h], d->h, d->of_h);
    for (size_t i = 0; i < rows; i++)
        for (size_t w = 0; w < d->width; w += MS_WIDTH) {
            size_t at = i * d->width + w;
            ms_lanes gate[4];
            for (size_t k = 0; k < 4; k++)
                gate[k] = ms_floats_load(d->gates + k * row + at) + ms_floats_load(d->of_h + k * row + at) +
                          (double)n->array[MS_NETWORK_lstm_bias][k * rows + i];
            ms_lanes cell = sigmoid(gate[1]) * ms_floats_load(d->cell + at) +
                            sigmoid(gate[0]) * (2.0 * sigmoid(2.0 * gate[2]) - 1.0); /* tanh */
            ms_floats_store(d->cell + at, cell);
            ms_floats_store(d->h + at, sigmoid(gate[3]) * (2.0 * sigmoid(2.0 * cell) - 1.0));
        }
}

/* Numbers that no pixel can have, with its noise, are cut: the regression would carry them on, ever larger.
 */
static void cut(float *number, size_t count)
{
    const float largest = 0.55F;
    for (size_t i = 0; i < count; i++)
        number[i] = number[i] > largest ? largest : number[i] < -largest ? -largest : number[i];
}

static void absorb(void *state, const ms_place *place, ms_groups x)
{
    denoiser *d = state;
    const ms_network *n = d->network;
    float *patch = d->seen + place->first * d->width;
    pack(d, place->length, x, NULL, patch);
    cut(patch, place->length * d->width);
    step_lstm(d, patch);
    d->absorbed++;
    if (d->absorbed == n->patches)
        return;
    ms_blas_product(n->patch_size, d->width, n->dimension,
                    part_of(n, MS_NETWORK_regression, d->absorbed, n->patch_size, n->dimension), d->seen,
                    d->expected);
    ms_blas_product(n->width, d->width, n->states, n->array[MS_NETWORK_context], d->h, d->context);
}

/* --- the mean --- */

/* What the noise level alone decides. Sums run in a fixed order, in double precision. */
static bool find_terms(denoiser *d, double noise_level)
{
    const ms_network *n = d->network;
    if (d->noise_level == noise_level)
        return true;
    double *hidden = malloc((n->noise_width + 2 * n->frequencies) * sizeof *hidden);
    if (!hidden)
        return false;
    double *wave = hidden + n->noise_width;
    for (size_t f = 0; f < n->frequencies; f++) {
        float phase = (float)((double)n->array[MS_NETWORK_frequencies][f] * ms_log(noise_level));
        wave[f] = sin((double)phase);
        wave[n->frequencies + f] = cos((double)phase);
    }
    for (size_t i = 0; i < n->noise_width; i++) {
        double sum = (double)n->array[MS_NETWORK_noise_bias][i];
        for (size_t f = 0; f < 2 * n->frequencies; f++)
            sum += (double)n->array[MS_NETWORK_noise][i * 2 * n->frequencies + f] * wave[f];
        hidden[i] = sum / (1 + ms_exp(-fmin(fmax(sum, -700), 700)));
    }
    for (size_t i = 0; i < (1 + n->blocks) * n->width; i++) {
        double sum = (double)n->array[MS_NETWORK_shift_bias][i];
        for (size_t k = 0; k < n->noise_width; k++)
            sum += (double)n->array[MS_NETWORK_shift][i * n->noise_width + k] * hidden[k];
        d->terms[i] = (float)sum;
    }
    free(hidden);
    d->noise_level = noise_level;
    return true;
}

/* Rows of v in `rotated` times numbers of their own, into `patch`. */
static void scale_rows(denoiser *d, const double *scale)
{
    for (size_t k = 0; k < d->network->patch_size; k++)
        for (size_t w = 0; w < d->width; w += MS_WIDTH)
            ms_floats_store(d->patch + k * d->width + w,
                            ms_floats_load(d->rotated + k * d->width + w) * scale[k]);
}

/* z += the product in `outer`, and what is the same for a row. */
static void add_outer(denoiser *d, const float *of_row, const float *also)
{
    for (size_t i = 0; i < d->network->width; i++) {
        double same = (double)of_row[i] + (also ? (double)also[i] : 0);
        for (size_t w = 0; w < d->width; w += MS_WIDTH) {
            size_t at = i * d->width + w;
            ms_floats_store(d->z + at, ms_floats_load(d->z + at) + ms_floats_load(d->outer + at) + same);
        }
    }
}

/* `z` from v in `rotated` and m in `linear`, and what comes out in `patch`. */
static void go_through(denoiser *d, const double *scale, const float *of_place)
{
    const ms_network *n = d->network;
    scale_rows(d, scale);
    ms_blas_product(n->width, d->width, n->patch_size, n->array[MS_NETWORK_in], d->patch, d->z);
    ms_blas_product(n->width, d->width, n->patch_size, n->array[MS_NETWORK_linear], d->linear, d->outer);
    add_outer(d, of_place, d->terms);
    for (size_t i = 0; n->states > 0 && i < n->width * d->width; i += MS_WIDTH)
        ms_floats_store(d->z + i, ms_floats_load(d->z + i) + ms_floats_load(d->context + i));
    for (size_t b = 0; b < n->blocks; b++) {
        ms_blas_product(n->width, d->width, n->width, part_of(n, MS_NETWORK_block_1, b, n->width, n->width),
                        d->z, d->inner);
        activate(n->width, d->width, d->inner, d->terms + (b + 1) * n->width, d->inner);
        ms_blas_product(n->width, d->width, n->width, part_of(n, MS_NETWORK_block_2, b, n->width, n->width),
                        d->inner, d->outer);
        add_outer(d, part_of(n, MS_NETWORK_block_bias, b, 1, n->width), NULL);
    }
    activate(n->width, d->width, d->z, NULL, d->inner);
    ms_blas_product(n->patch_size, d->width, n->width, n->array[MS_NETWORK_out], d->inner, d->patch);
}

static void fail(const denoiser *d, const ms_place *place, ms_groups mean)
{
    for (size_t g = 0; g < d->width / MS_LANES; g++)
        for (size_t i = 0; i < place->length * MS_LANES; i++)
            mean.value[g * mean.stride + i] = (double)NAN;
}

/* A mean of pixels is one: beyond, the network has been asked for what it has not learned, and chains would
 * follow it away. */
static void cut_means(const denoiser *d, ms_groups mean)
{
    for (size_t g = 0; g < d->width / MS_LANES; g++)
        for (size_t i = 0; i < d->network->patch_size * MS_LANES; i++) {
            double *value = mean.value + g * mean.stride + i;
            *value = *value > 1 ? 1 : *value < 0 ? 0 : *value;
        }
}

static void denoise(void *state, const ms_place *place, ms_groups x, ms_groups mean, double highest,
                    double *least)
{
    (void)highest;
    denoiser *d = state;
    const ms_network *n = d->network;
    size_t size = n->patch_size, number = place->first / size;
    double noise = place->noise_level * place->noise_level;
    const float *basis = part_of(n, MS_NETWORK_basis, number, size, size),
                *variance = part_of(n, MS_NETWORK_variance, number, 1, size);
    double *share = d->scale, *inward = d->scale + size;
    if (least)
        MS_TYPE_NAME(ms_empirical_find_least)(d->distances, place, x, least);
    if (!find_terms(d, place->noise_level)) {
        fail(d, place, mean); /* which the engine notices */
        return;
    }
    for (size_t k = 0; k < size; k++) {
        share[k] = (double)variance[k] / ((double)variance[k] + noise);
        inward[k] = sqrt((double)variance[k]) / ((double)variance[k] + noise);
    }
    pack(d, size, x, d->expected, d->patch);
    ms_blas_product_transposed(size, d->width, size, basis, d->patch, d->rotated);
    scale_rows(d, share);
    ms_blas_product(size, d->width, size, basis, d->patch, d->linear);
    for (size_t i = 0; i < size * d->width; i += MS_WIDTH)
        ms_floats_store(d->linear + i, ms_floats_load(d->linear + i) + ms_floats_load(d->expected + i));
    go_through(d, inward, part_of(n, MS_NETWORK_place, number, 1, n->width));
    for (size_t k = 0; k < size; k++) {
        double scale = place->noise_level * sqrt(share[k]), bias = (double)n->array[MS_NETWORK_out_bias][k];
        for (size_t w = 0; w < d->width; w += MS_WIDTH)
            ms_floats_store(d->rotated + k * d->width + w,
                            scale * (ms_floats_load(d->patch + k * d->width + w) + bias));
    }
    ms_blas_product(size, d->width, size, basis, d->rotated, d->patch);
    for (size_t g = 0; g < d->width / MS_LANES; g++)
        for (size_t part = 0; part < MS_LANES; part += MS_WIDTH)
            for (size_t j = 0; j < size; j++) {
                size_t at = j * d->width + g * MS_LANES + part;
                ms_row_store(mean.value + g * mean.stride, j, part,
                             ms_floats_load(d->patch + at) + ms_floats_load(d->linear + at) + 0.5);
            }
    cut_means(d, mean);
}

static bool approaches(void *state, const ms_place *place, ms_groups x, const bool *watched, double bound)
{
    return MS_TYPE_NAME(ms_empirical_denoiser)
        .approaches(((denoiser *)state)->distances, place, x, watched, bound);
}

const ms_denoiser_type MS_TYPE_NAME(ms_learned_denoiser) = {.patch_size = patch_size,
                                                            .alloc = make,
                                                            .free = destroy,
                                                            .forget = forget,
                                                            .absorb = absorb,
                                                            .approaches = approaches,
                                                            .denoise = denoise};
