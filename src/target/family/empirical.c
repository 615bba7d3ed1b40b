/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The empirical distribution of a data set, smoothed: a mixture of N(c_k, sigma^2 I) about its vectors c_k,
 * with equal weights. Without noise it has no density. */
#include "random/width.h"

#include "random/elementary.h"
#include "target/empirical_content.h"
#include "target/family/empirical_denoiser.h"
#include "target/mixture.h"

#include <math.h>
#include <string.h>

static unsigned gives(const void *content)
{
    (void)content;
    return MS_GIVES_LOG_DENSITY | MS_GIVES_SMOOTHED | MS_GIVES_CONDITIONAL | MS_GIVES_DRAWS | MS_NEEDS_NOISE;
}

static size_t rows_of_components(const void *content)
{
    return ms_empirical_components(content);
}

static size_t scratch(const void *content, size_t length)
{
    (void)length;
    return 2 * ms_empirical_components(content);
}

/* 1/sigma^2, and what the logarithms of all components share */
static size_t constants(const void *content, size_t length)
{
    (void)content;
    (void)length;
    return 2;
}

static void prepare(const void *content, const ms_place *place, double *constants)
{
    (void)content;
    double noise = place->noise_level * place->noise_level;
    constants[0] = 1 / noise;
    constants[1] = -0.5 * (double)place->length * ms_log(noise);
}

/* Squared distances over the place, [components] rows. */
void MS_TYPE_NAME(ms_empirical_find_distances)(const ms_empirical *e, const ms_place *place, const double *x,
                                               double *distance)
{
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH)
        for (size_t k = 0; k < e->count; k++) {
            const float *value = e->value + k * e->dimension + place->first;
            ms_lanes of_vector = ms_lanes_of(0), of_flip = ms_lanes_of(0);
            for (size_t j = 0; j < place->length; j++) {
                ms_lanes y = ms_row_load(x, j, part) - e->centre;
                ms_lanes apart = y - (double)value[j], sum = y + (double)value[j];
                of_vector += apart * apart;
                of_flip += sum * sum;
            }
            ms_row_store(distance, k, part, of_vector);
            if (e->flips)
                ms_row_store(distance, e->count + k, part, of_flip);
        }
}

/* score = (sum_k share_k c_k - x) / sigma^2 */
static void find_score(const ms_empirical *e, const ms_place *place, double precision, const double *share,
                       const double *x, size_t part, double *score)
{
    for (size_t j = 0; j < place->length; j++)
        ms_row_store(score, j, part, e->centre - ms_row_load(x, j, part));
    for (size_t k = 0; k < e->count; k++) {
        const float *value = e->value + k * e->dimension + place->first;
        ms_lanes pull = ms_row_load(share, k, part);
        if (e->flips)
            pull -= ms_row_load(share, e->count + k, part);
        if (!ms_lanes_any(pull != 0.0))
            continue;
        for (size_t j = 0; j < place->length; j++)
            ms_row_store(score, j, part, ms_row_load(score, j, part) + pull * (double)value[j]);
    }
    for (size_t j = 0; j < place->length; j++)
        ms_row_store(score, j, part, ms_row_load(score, j, part) * precision);
}

static void evaluate(const void *content, const ms_place *place, const double *constants,
                     const ms_evaluation *of)
{
    const ms_empirical *e = content;
    double *log_weight = of->scratch,
           *distance = of->statistics ? of->statistics : of->scratch + e->components * MS_LANES;
    MS_TYPE_NAME(ms_empirical_find_distances)(e, place, of->x, distance);
    if (!of->score && !of->log_density)
        return;
    double shared = constants[1] - ms_log((double)e->components);
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        for (size_t k = 0; k < e->components; k++)
            ms_row_store(log_weight, k, part,
                         ms_lanes_fma(ms_row_load(distance, k, part), ms_lanes_of(-0.5 * constants[0]),
                                      ms_row_load(of->context, k, part) + shared));
        ms_mixture_softmax(log_weight, e->components, part, of->log_density);
        if (of->score)
            find_score(e, place, constants[0], log_weight, of->x, part, of->score);
    }
}

static void absorb(const void *content, const ms_place *place, const double *constants, const double *x,
                   double *scratch, double *context)
{
    const ms_empirical *e = content;
    MS_TYPE_NAME(ms_empirical_find_distances)(e, place, x, scratch);
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH)
        for (size_t k = 0; k < e->components; k++)
            ms_row_store(context, k, part,
                         ms_row_load(context, k, part) + ms_lanes_fma(ms_row_load(scratch, k, part),
                                                                      ms_lanes_of(-0.5 * constants[0]),
                                                                      ms_lanes_of(constants[1])));
}

/* Without noise the density is 0 but at the vectors. */
void MS_TYPE_NAME(ms_empirical_measure)(const void *content, const double *statistics, double *distance,
                                        double *log_weight, double *log_density)
{
    size_t numbers = ms_empirical_components(content) * MS_LANES;
    if (distance)
        memcpy(distance, statistics, numbers * sizeof *distance);
    for (size_t i = 0; log_weight && i < numbers; i++)
        log_weight[i] = -INFINITY;
    for (size_t lane = 0; log_density && lane < MS_LANES; lane++)
        log_density[lane] = -INFINITY;
}

static double log_constant(const void *content)
{
    return -0.918938533204672741780 * (double)((const ms_empirical *)content)->dimension; /* log(2 pi)/2 */
}

void MS_TYPE_NAME(ms_empirical_draw)(const void *content, size_t component, const double *normal,
                                     const double *uniform, double *x)
{
    (void)normal;
    (void)uniform;
    const ms_empirical *e = content;
    bool is_flip = component >= e->count;
    const float *value = e->value + (is_flip ? component - e->count : component) * e->dimension;
    for (size_t j = 0; j < e->dimension; j++)
        for (size_t part = 0; part < MS_LANES; part += MS_WIDTH)
            ms_row_store(x, j, part, ms_lanes_of(e->centre + (is_flip ? -1 : 1) * (double)value[j]));
}

const ms_target_type MS_TYPE_NAME(ms_empirical) = {.kind = {.name = "empirical",
                                                            .doc = "the vectors of a data set, smoothed",
                                                            .schema = &ms_empirical_schema,
                                                            .params_size = sizeof(ms_empirical_params),
                                                            .fits = ms_empirical_fits},
                                                   .count = ms_empirical_count,
                                                   .component = ms_empirical_describe,
                                                   .is_isotropic = ms_empirical_is_isotropic,
                                                   .modes = ms_empirical_modes,
                                                   .mode_of = ms_empirical_mode_of,
                                                   .alloc = ms_empirical_make,
                                                   .free = ms_empirical_destroy,
                                                   .gives = gives,
                                                   .components = ms_empirical_components,
                                                   .weight = ms_empirical_weight,
                                                   .mean = ms_empirical_mean,
                                                   .variance = ms_empirical_variance,
                                                   .variance_max = ms_empirical_variance,
                                                   .label = ms_empirical_label,
                                                   .hash = ms_empirical_hash,
                                                   .isotropic = ms_empirical_isotropic,
                                                   .context_rows = rows_of_components,
                                                   .statistics = rows_of_components,
                                                   .scratch = scratch,
                                                   .constants = constants,
                                                   .prepare = prepare,
                                                   .evaluate = evaluate,
                                                   .absorb = absorb,
                                                   .measure = MS_TYPE_NAME(ms_empirical_measure),
                                                   .log_constant = log_constant,
                                                   .draw = MS_TYPE_NAME(ms_empirical_draw),
                                                   .denoiser = &MS_TYPE_NAME(ms_empirical_denoiser)};
