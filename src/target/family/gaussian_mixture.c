/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mixture of Gaussians N(mean_i, diag(variance_i)). */
#include "random/width.h"

#include "random/elementary.h"
#include "target/family/gaussian_mixture.h"
#include "target/mixture.h"
#include "target/mixture_fields.h"
#include "target/target_type.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ms_field component_fields[] = {
    MS_WEIGHT_FIELD(ms_gaussian_component),
    {.key = "variance",
     .type = MS_FIELD_VECTOR,
     .role = MS_ROLE_LAW,
     .sweepable = true,
     .is_usually_constant = true,
     .doc = "nu^2, per coordinate",
     .required = true,
     .offset = offsetof(ms_gaussian_component, variance),
     .low = 0,
     .above_low = true,
     .high = 1e100},
    MS_MEAN_FIELD(ms_gaussian_component),
};
static const ms_schema component_schema = {"a component", component_fields, COUNT(component_fields)};

static const ms_field family_fields[] = {
    {.key = "components",
     .type = MS_FIELD_LIST,
     .role = MS_ROLE_LAW,
     .doc = "the mixture's: number 0, the spread mode, and the modes to discover",
     .required = true,
     .offset = offsetof(ms_gaussian_mixture_params, components),
     .least = 2,
     .most = MS_COMPONENTS_MAX,
     .size = sizeof(ms_gaussian_component),
     .schema = &component_schema,
     .may_be_file = true},
};
static const ms_schema schema = {"target: gaussian_mixture", family_fields, COUNT(family_fields)};

static size_t count(const void *params)
{
    return ((const ms_gaussian_mixture_params *)params)->components.count;
}

static const ms_gaussian_component *component_of(const void *params, size_t component)
{
    return (const ms_gaussian_component *)((const ms_gaussian_mixture_params *)params)->components.item +
           component;
}

static ms_component describe(const void *params, size_t component, size_t dimension)
{
    const ms_gaussian_component *c = component_of(params, component);
    ms_component result = {c->weight, ms_vector_at(&c->variance, 0, dimension), 0};
    result.variance_max = result.variance;
    bool is_constant = c->variance.pattern == MS_PATTERN_CONSTANT;
    for (size_t j = 1; !is_constant && j < dimension; j++)
        result.variance_max = fmax(result.variance_max, ms_vector_at(&c->variance, j, dimension));
    if (!is_constant && !ms_vector_is_constant(&c->variance, dimension))
        result.variance = (double)NAN;
    return result;
}

static bool is_isotropic(const void *params, size_t dimension)
{
    for (size_t i = 0; i < count(params); i++)
        if (!ms_vector_is_constant(&component_of(params, i)->variance, dimension))
            return false;
    return true;
}

typedef struct mixture {
    size_t dimension, components;
    size_t stride;               /* of variances: 1, or 0 where a component's are all the same */
    double *weight, *log_weight; /* [components] */
    double *mean, *offset;       /* [components][dimension], and less that of component 0 */
    double *variance;            /* [components][stride > 0 ? dimension : 1] */
    double *base;                /* [components] -1/2 of the sum of the variances' logarithms */
    double *precision;           /* as variance: 1/variance */
} mixture;

static size_t variances(const mixture *m)
{
    return m->stride > 0 ? m->dimension : 1;
}

static void destroy(void *content)
{
    mixture *m = content;
    if (!m)
        return;
    free(m->weight);
    free(m->log_weight);
    free(m->mean);
    free(m->offset);
    free(m->variance);
    free(m->base);
    free(m->precision);
    free(m);
}

static ms_status check(const ms_gaussian_mixture_params *params, size_t d, ms_error *error)
{
    const ms_gaussian_component *component = params->components.item;
    size_t k = params->components.count;
    double sum = 0;
    if (k < 1 || k > MS_COMPONENTS_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "a target has 1 to %d components, not %zu",
                            MS_COMPONENTS_MAX, k);
    for (size_t i = 0; i < k; i++) {
        const ms_gaussian_component *c = &component[i];
        if (!(c->weight > 0 && c->weight <= 1))
            return ms_error_set(error, MS_ERROR_ARGUMENT, "weight %zu is %g; weights lie in (0, 1]", i,
                                c->weight);
        if (!ms_vector_fits(&c->mean, d))
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "mean %zu has %zu coordinates, the dimension is %zu", i, c->mean.value_count,
                                d);
        if (!ms_vector_fits(&c->variance, d))
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "variance %zu has %zu coordinates, the dimension is %zu", i,
                                c->variance.value_count, d);
        for (size_t j = 0; j < (c->variance.pattern == MS_PATTERN_CONSTANT ? 1 : d); j++) {
            double variance = ms_vector_at(&c->variance, j, d);
            if (!(variance > 0 && isfinite(variance)))
                return ms_error_set(error, MS_ERROR_ARGUMENT,
                                    "variance %zu is %g; it must be positive and finite", i, variance);
        }
        for (size_t j = 0; j < d; j++)
            if (!isfinite(ms_vector_at(&c->mean, j, d)))
                return ms_error_set(error, MS_ERROR_ARGUMENT, "coordinate %zu of mean %zu is not finite", j,
                                    i);
        sum += c->weight;
    }
    if (!(fabs(sum - 1) <= 1e-9))
        return ms_error_set(error, MS_ERROR_ARGUMENT, "the weights sum to %.12g, not 1", sum);
    return MS_OK;
}

static void fill(mixture *m, const ms_gaussian_component *component)
{
    size_t d = m->dimension, n = variances(m);
    for (size_t i = 0; i < m->components; i++) {
        const ms_gaussian_component *c = &component[i];
        m->weight[i] = c->weight;
        m->log_weight[i] = ms_log(c->weight);
        for (size_t j = 0; j < d; j++)
            m->mean[i * d + j] = ms_vector_at(&c->mean, j, d);
        for (size_t j = 0; j < d; j++)
            m->offset[i * d + j] = m->mean[i * d + j] - m->mean[j];
        double sum = 0;
        for (size_t j = 0; j < n; j++) {
            double variance = ms_vector_at(&c->variance, j, d);
            m->variance[i * n + j] = variance;
            m->precision[i * n + j] = 1 / variance;
            sum += ms_log(variance);
        }
        m->base[i] = -0.5 * (n < d ? (double)d * sum : sum);
    }
}

static ms_status make(void **content, const void *params, size_t dimension, ms_error *error)
{
    const ms_gaussian_mixture_params *p = params;
    const ms_gaussian_component *component = p->components.item;
    *content = NULL;
    ms_status status = check(p, dimension, error);
    if (status != MS_OK)
        return status;
    mixture *m = calloc(1, sizeof *m);
    size_t k = p->components.count;
    if (m && dimension <= SIZE_MAX / sizeof(double) / k) {
        m->dimension = dimension;
        m->components = k;
        for (size_t i = 0; i < k; i++)
            if (!ms_vector_is_constant(&component[i].variance, dimension))
                m->stride = 1;
        m->weight = malloc(k * sizeof *m->weight);
        m->log_weight = malloc(k * sizeof *m->log_weight);
        m->base = malloc(k * sizeof *m->base);
        m->mean = malloc(k * dimension * sizeof *m->mean);
        m->offset = malloc(k * dimension * sizeof *m->offset);
        m->variance = malloc(k * variances(m) * sizeof *m->variance);
        m->precision = malloc(k * variances(m) * sizeof *m->precision);
    }
    if (!m || !m->weight || !m->log_weight || !m->base || !m->mean || !m->offset || !m->variance ||
        !m->precision) {
        destroy(m);
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a target of dimension %zu", dimension);
    }
    fill(m, component);
    *content = m;
    return MS_OK;
}

static unsigned gives(const void *content)
{
    (void)content;
    return MS_GIVES_LOG_DENSITY | MS_GIVES_SMOOTHED | MS_GIVES_CONDITIONAL | MS_GIVES_DRAWS;
}

static size_t components(const void *content)
{
    return ((const mixture *)content)->components;
}

static double weight(const void *content, size_t component)
{
    return ((const mixture *)content)->weight[component];
}

static const double *mean(const void *content, size_t component)
{
    const mixture *m = content;
    return m->mean + component * m->dimension;
}

static double variance_max(const void *content, size_t component)
{
    const mixture *m = content;
    const double *variance = m->variance + component * variances(m);
    double largest = variance[0];
    for (size_t j = 1; j < variances(m); j++)
        largest = variance[j] > largest ? variance[j] : largest;
    return largest;
}

static double variance(const void *content, size_t component)
{
    const mixture *m = content;
    const double *v = m->variance + component * variances(m);
    for (size_t j = 1; j < variances(m); j++)
        if (v[j] != v[0])
            return (double)NAN;
    return v[0];
}

static void hash(const void *content, ms_hash *hash)
{
    const mixture *m = content;
    ms_hash_u64(hash, m->components);
    ms_hash_u64(hash, m->stride);
    for (size_t i = 0; i < m->components; i++)
        ms_hash_double(hash, m->weight[i]);
    for (size_t i = 0; i < m->components * m->dimension; i++)
        ms_hash_double(hash, m->mean[i]);
    for (size_t i = 0; i < m->components * variances(m); i++)
        ms_hash_double(hash, m->variance[i]);
}

static bool isotropic(const void *content, ms_isotropic *view)
{
    const mixture *m = content;
    *view = (ms_isotropic){m->components, m->weight, m->variance, m->mean};
    return m->stride == 0;
}

/* log N of the patches before, of each component */
static size_t context_rows(const void *content)
{
    return components(content);
}

/* the squared distances to the means, then log N of each component */
static size_t statistics(const void *content)
{
    return 2 * components(content);
}

/* the log-weights, and sums that nobody has asked for */
static size_t scratch(const void *content, size_t length)
{
    (void)length;
    return 2 * components(content);
}

/* of each component log w - 1/2 of the sum of log v, and the precisions 1/v */
static size_t constants(const void *content, size_t length)
{
    const mixture *m = content;
    return m->components * (1 + (m->stride > 0 ? length : 1));
}

static void prepare(const void *content, const ms_place *place, double *constants)
{
    const mixture *m = content;
    double noise = place->noise_level * place->noise_level, *precision = constants + m->components;
    size_t n = m->stride > 0 ? place->length : 1;
    for (size_t i = 0; i < m->components; i++) {
        const double *v = m->variance + i * variances(m) + m->stride * place->first;
        double sum = 0;
        for (size_t j = 0; j < n; j++) {
            precision[i * n + j] = 1 / (v[j] + noise);
            sum += ms_log(v[j] + noise);
        }
        constants[i] = -0.5 * (m->stride > 0 ? sum : (double)place->length * sum);
    }
}

/* A few components, which keep a processor busy while each of their sums waits for the last addition. */
enum { together = 4 };

/* Of components i..i+n-1: the squared distance of x to the mean, and that with each coordinate over its
 * variance. Where these differ, the first `skipped` of the squared distances are left out. */
MS_INLINE void sum_some(const mixture *m, const ms_place *place, const double *precision, size_t stride,
                        size_t i, size_t n, size_t skipped, const double *x, size_t part, ms_lanes *distance,
                        ms_lanes *scaled)
{
    const double *mean[together], *h[together];
    size_t row = stride > 0 ? stride : 1;
    for (size_t c = 0; c < n; c++) {
        mean[c] = m->mean + (i + c) * m->dimension + place->first;
        h[c] = precision + (i + c) * row;
        distance[c] = scaled[c] = ms_lanes_of(0);
    }
    for (size_t j = 0; j < place->length; j++)
        for (size_t c = 0; c < n; c++) {
            ms_lanes difference = ms_row_load(x, j, part) - mean[c][j];
            ms_lanes square = difference * difference;
            if (stride == 0 || c >= skipped)
                distance[c] += square;
            if (stride > 0)
                scaled[c] = ms_lanes_fma(square, ms_lanes_of(h[c][j]), scaled[c]);
        }
    for (size_t c = 0; c < n && stride == 0; c++)
        scaled[c] = distance[c] * h[c][0];
}

/* The same of all; rows `distance`, which may be NULL, and `scaled` [components]. */
static void sum_all(const mixture *m, const ms_place *place, const double *precision, size_t stride,
                    bool skips, const double *x, size_t part, double *distance, double *scaled)
{
    for (size_t i = 0, n; i < m->components; i += n) {
        ms_lanes d[together], s[together];
        size_t skipped = !distance ? together : skips && i == 0;
        n = m->components - i < together ? m->components - i : together;
#define SUM(count, stride, skipped) sum_some(m, place, precision, stride, i, count, skipped, x, part, d, s)
#define CASE(count)                                                                                          \
    case count:                                                                                              \
        if (stride == 0)                                                                                     \
            SUM(count, 0, 0);                                                                                \
        else if (skipped == 0)                                                                               \
            SUM(count, stride, 0);                                                                           \
        else if (skipped == 1)                                                                               \
            SUM(count, stride, 1);                                                                           \
        else                                                                                                 \
            SUM(count, stride, together);                                                                    \
        break;
        switch (n) {
            CASE(1)
            CASE(2)
            CASE(3)
        default:
            CASE(4)
        }
#undef CASE
#undef SUM
        for (size_t c = 0; c < n; c++) {
            ms_row_store(scaled, i + c, part, s[c]);
            if (distance && c >= skipped)
                ms_row_store(distance, i + c, part, d[c]);
        }
    }
}

/* Adds the pull of components i..i+n-1 to the score: sum_i share_i h_i (mean_i - mean_0) less
 * sum_i share_i h_i times x - mean_0. */
MS_INLINE void pull_some(const mixture *m, const ms_place *place, const double *precision, size_t stride,
                         size_t i, size_t n, const ms_lanes *share, const double *x, size_t part, bool first,
                         double *score)
{
    const double *mean[together], *h[together], *origin = m->mean + place->first;
    size_t row = stride > 0 ? stride : 1;
    ms_lanes pull = ms_lanes_of(0), pulls[together];
    for (size_t c = 0; c < n; c++) {
        mean[c] = m->offset + (i + c) * m->dimension + place->first;
        h[c] = precision + (i + c) * row;
        pulls[c] = share[c] * h[c][0];
        pull += pulls[c];
    }
    for (size_t j = 0; j < place->length; j++) {
        ms_lanes here = ms_row_load(x, j, part) - origin[j];
        ms_lanes sum = first ? ms_lanes_of(0) : ms_row_load(score, j, part);
        ms_lanes each[together];
        for (size_t c = 0; c < n; c++)
            each[c] = stride > 0 ? share[c] * h[c][j] : pulls[c];
        if (stride > 0) {
            pull = each[0];
            for (size_t c = 1; c < n; c++)
                pull += each[c];
        }
        for (size_t c = first ? 1 : 0; c < n; c++)
            sum = ms_lanes_fma(each[c], ms_lanes_of(mean[c][j]), sum);
        ms_row_store(score, j, part, ms_lanes_fma(-pull, here, sum));
    }
}

static void pull_all(const mixture *m, const ms_place *place, const double *precision, size_t stride,
                     const double *share, const double *x, size_t part, double *score)
{
    bool first = true;
    for (size_t i = 0, n; i < m->components; i += n) {
        ms_lanes s[together];
        ms_lanes_i felt = {0};
        n = m->components - i < together ? m->components - i : together;
        for (size_t c = 0; c < n; c++) {
            s[c] = ms_row_load(share, i + c, part);
            felt |= s[c] != 0.0;
        }
        if (!first && !ms_lanes_any(felt)) /* most of many components are too far away */
            continue;
#define CASE(count)                                                                                          \
    case count:                                                                                              \
        if (stride > 0 && first)                                                                             \
            pull_some(m, place, precision, stride, i, count, s, x, part, true, score);                       \
        else if (stride > 0)                                                                                 \
            pull_some(m, place, precision, stride, i, count, s, x, part, false, score);                      \
        else if (first)                                                                                      \
            pull_some(m, place, precision, 0, i, count, s, x, part, true, score);                            \
        else                                                                                                 \
            pull_some(m, place, precision, 0, i, count, s, x, part, false, score);                           \
        break;
        switch (n) {
            CASE(1)
            CASE(2)
            CASE(3)
        default:
            CASE(4)
        }
#undef CASE
        first = false;
    }
}

/* Statistics are those of the un-smoothed target. */
static void find_statistics(const mixture *m, const ms_place *place, const ms_evaluation *e, size_t part)
{
    double *scaled = e->statistics + m->components * MS_LANES;
    sum_all(m, place, m->precision + m->stride * place->first, m->stride > 0 ? m->dimension : 0,
            e->skips_distance_0, e->x, part, e->statistics, scaled);
}

static void evaluate(const void *content, const ms_place *place, const double *constants,
                     const ms_evaluation *e)
{
    const mixture *m = content;
    size_t k = m->components;
    bool shares = e->statistics && place->noise_level == 0; /* sums that are needed twice */
    double *log_weight = e->scratch;
    double *scaled = (shares ? e->statistics : e->scratch) + k * MS_LANES;
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        if (e->statistics)
            find_statistics(m, place, e, part);
        if (e->score || e->log_density) {
            size_t stride = m->stride > 0 ? place->length : 0;
            const double *precision = constants + k;
            if (!shares)
                sum_all(m, place, precision, stride, false, e->x, part, NULL, scaled);
            for (size_t i = 0; i < k; i++) {
                ms_lanes l = ms_row_load(e->context, i, part) + (m->log_weight[i] + constants[i]);
                ms_row_store(log_weight, i, part,
                             ms_lanes_fma(ms_row_load(scaled, i, part), ms_lanes_of(-0.5), l));
            }
            ms_mixture_softmax(log_weight, k, part, e->log_density);
            if (e->score)
                pull_all(m, place, precision, stride, log_weight, e->x, part, e->score);
        }
        for (size_t i = 0; e->statistics && i < k; i++)
            ms_row_store(e->statistics, k + i, part, -0.5 * ms_row_load(e->statistics, k + i, part));
    }
}

static void absorb(const void *content, const ms_place *place, const double *constants, const double *x,
                   double *scratch, double *context)
{
    const mixture *m = content;
    size_t k = m->components, stride = m->stride > 0 ? place->length : 0;
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        sum_all(m, place, constants + k, stride, false, x, part, NULL, scratch);
        for (size_t i = 0; i < k; i++)
            ms_row_store(context, i, part,
                         ms_row_load(context, i, part) + ms_lanes_fma(ms_row_load(scratch, i, part),
                                                                      ms_lanes_of(-0.5),
                                                                      ms_lanes_of(constants[i])));
    }
}

static void measure(const void *content, const double *statistics, double *distance, double *log_weight,
                    double *log_density)
{
    const mixture *m = content;
    size_t k = m->components;
    if (distance)
        memcpy(distance, statistics, k * MS_LANES * sizeof *distance);
    for (size_t part = 0; log_weight && part < MS_LANES; part += MS_WIDTH) {
        for (size_t i = 0; i < k; i++)
            ms_row_store(log_weight, i, part,
                         ms_row_load(statistics, k + i, part) + (m->log_weight[i] + m->base[i]));
        if (log_density)
            ms_row_store(log_density, 0, part, ms_mixture_log_sum(log_weight, k, part));
    }
}

static double log_constant(const void *content)
{
    return -0.918938533204672741780 * (double)((const mixture *)content)->dimension; /* log(2 pi)/2 */
}

static void draw(const void *content, size_t component, const double *normal, const double *uniform,
                 double *x)
{
    const mixture *m = content;
    const double *centre = mean(content, component), *v = m->variance + component * variances(m);
    (void)uniform;
    for (size_t j = 0; j < m->dimension; j++) {
        double deviation = __builtin_sqrt(v[m->stride * j]);
        for (size_t part = 0; part < MS_LANES; part += MS_WIDTH)
            ms_row_store(x, j, part, centre[j] + deviation * ms_row_load(normal, j, part));
    }
}

const ms_target_type MS_TYPE_NAME(ms_gaussian_mixture) = {
    .kind = {.name = "gaussian_mixture",
             .doc = "mixture of Gaussians with independent coordinates",
             .schema = &schema,
             .params_size = sizeof(ms_gaussian_mixture_params)},
    .count = count,
    .component = describe,
    .is_isotropic = is_isotropic,
    .alloc = make,
    .free = destroy,
    .gives = gives,
    .components = components,
    .weight = weight,
    .mean = mean,
    .variance = variance,
    .variance_max = variance_max,
    .hash = hash,
    .isotropic = isotropic,
    .context_rows = context_rows,
    .statistics = statistics,
    .scratch = scratch,
    .constants = constants,
    .prepare = prepare,
    .evaluate = evaluate,
    .absorb = absorb,
    .measure = measure,
    .log_constant = log_constant,
    .draw = draw};
