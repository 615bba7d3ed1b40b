/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mixture of products, P_i(x) = prod_j f_i(x_j - mean_ij), each component with a law f_i of its
 * coordinates (target/marginal.h). */
#include "random/width.h"

#include "random/elementary.h"
#include "target/family/product_mixture.h"
#include "target/lanes_marginal.h"
#include "target/mixture.h"
#include "target/mixture_fields.h"
#include "target/target_type.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ms_schema marginal_schema = {"a marginal", NULL, 0};

static const ms_field component_fields[] = {
    MS_WEIGHT_FIELD(ms_product_component),
    MS_MEAN_FIELD(ms_product_component),
    {.key = "marginal",
     .type = MS_FIELD_CHOSEN,
     .role = MS_ROLE_LAW,
     .doc = "the law of each coordinate about the centre",
     .required = true,
     .offset = offsetof(ms_product_component, marginal),
     .schema = &marginal_schema,
     .tag = "type",
     .kinds = ms_marginal_kind},
};
static const ms_schema component_schema = {"a product component", component_fields, COUNT(component_fields)};

static const ms_field family_fields[] = {
    {.key = "components",
     .type = MS_FIELD_LIST,
     .role = MS_ROLE_LAW,
     .doc = "the mixture's: number 0, the spread mode, and the modes to discover",
     .required = true,
     .offset = offsetof(ms_product_mixture_params, components),
     .least = 2,
     .most = MS_COMPONENTS_MAX,
     .size = sizeof(ms_product_component),
     .schema = &component_schema},
};
static const ms_schema schema = {"target: product_mixture", family_fields, COUNT(family_fields)};

static size_t count(const void *params)
{
    return ((const ms_product_mixture_params *)params)->components.count;
}

static ms_component describe(const void *params, size_t component, size_t dimension)
{
    const ms_product_component *c =
        (const ms_product_component *)((const ms_product_mixture_params *)params)->components.item +
        component;
    const ms_marginal_type *type = (const ms_marginal_type *)c->marginal.kind;
    double variance = c->marginal.params ? type->variance(c->marginal.params) : (double)NAN;
    (void)dimension;
    return (ms_component){c->weight, variance, variance};
}

/* Not even where it is: that is what gaussian_mixture is for, and so the two can be compared. */
static bool is_isotropic(const void *params, size_t dimension)
{
    (void)params;
    (void)dimension;
    return false;
}

typedef struct law {
    const ms_marginal_type *type;
    const double *params;
} law;

/* Components whose coordinates have the same law share its tables, which are then near in memory. */
typedef struct mixture {
    size_t dimension, components, laws;
    double *weight, *log_weight; /* [components] */
    double *mean;                /* [components][dimension] */
    size_t *law_of;              /* [components] */
    law *law;                    /* [laws] */
    double *params;              /* of all laws, one after the other */
    ms_marginal_form *form;      /* [laws] without noise */
} mixture;

/* The laws' forms at noise levels > 0, those of a few levels: chains come through the levels of a schedule
 * again and again, and tables take long to make. */
typedef struct noisy_forms {
    size_t current, last, kept; /* levels: the one in use, the one made last, and how many there are */
    double noise_level[];       /* [levels], and then, aligned, ms_marginal_form [levels][laws] */
} noisy_forms;

static size_t levels(const mixture *m)
{
    enum { most = 32, forms_max = 256 };
    size_t count = forms_max / m->laws;
    return count > most ? most : count > 0 ? count : 1;
}

static size_t forms_begin(const mixture *m)
{
    size_t size = sizeof(noisy_forms) + levels(m) * sizeof(double), row = MS_LANES * sizeof(double);
    return (size + row - 1) / row * row;
}

static const ms_marginal_form *forms_of(const mixture *m, const ms_place *place, const double *constants)
{
    if (place->noise_level == 0)
        return m->form;
    const char *begin = (const char *)constants + forms_begin(m);
    return (const ms_marginal_form *)begin + ((const noisy_forms *)constants)->current * m->laws;
}

static void destroy(void *content)
{
    mixture *m = content;
    if (!m)
        return;
    free(m->weight);
    free(m->log_weight);
    free(m->mean);
    free(m->law_of);
    free(m->law);
    free(m->params);
    free(m->form);
    free(m);
}

static ms_status check_marginal(const ms_chosen *marginal, size_t i, ms_error *error)
{
    const ms_schema *fields = marginal->kind->schema;
    for (size_t f = 0; f < fields->count; f++) {
        const ms_field *field = &fields->fields[f];
        double value = *(const double *)((const char *)marginal->params + field->offset);
        if (!(value >= field->low && value <= field->high) || (field->above_low && value == field->low))
            return ms_error_set(error, MS_ERROR_ARGUMENT, "%s of marginal %zu is %g; it lies in %c%g, %g]",
                                field->key, i, value, field->above_low ? '(' : '[', field->low, field->high);
    }
    return MS_OK;
}

static ms_status check(const ms_product_mixture_params *params, size_t d, ms_error *error)
{
    const ms_product_component *component = params->components.item;
    size_t k = params->components.count;
    double sum = 0;
    if (k < 1 || k > MS_COMPONENTS_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "a target has 1 to %d components, not %zu",
                            MS_COMPONENTS_MAX, k);
    for (size_t i = 0; i < k; i++) {
        const ms_product_component *c = &component[i];
        if (!(c->weight > 0 && c->weight <= 1))
            return ms_error_set(error, MS_ERROR_ARGUMENT, "weight %zu is %g; weights lie in (0, 1]", i,
                                c->weight);
        if (!ms_vector_fits(&c->mean, d))
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "mean %zu has %zu coordinates, the dimension is %zu", i, c->mean.value_count,
                                d);
        for (size_t j = 0; j < d; j++)
            if (!isfinite(ms_vector_at(&c->mean, j, d)))
                return ms_error_set(error, MS_ERROR_ARGUMENT, "coordinate %zu of mean %zu is not finite", j,
                                    i);
        ms_status status = check_marginal(&c->marginal, i, error);
        if (status != MS_OK)
            return status;
        sum += c->weight;
    }
    if (!(fabs(sum - 1) <= 1e-9))
        return ms_error_set(error, MS_ERROR_ARGUMENT, "the weights sum to %.12g, not 1", sum);
    return MS_OK;
}

static bool is_same(const law *a, const ms_chosen *b)
{
    return &a->type->kind == b->kind && memcmp(a->params, b->params, b->kind->params_size) == 0;
}

static void fill(mixture *m, const ms_product_component *component)
{
    size_t d = m->dimension;
    double *params = m->params;
    for (size_t i = 0; i < m->components; i++) {
        const ms_product_component *c = &component[i];
        m->weight[i] = c->weight;
        m->log_weight[i] = ms_log(c->weight);
        for (size_t j = 0; j < d; j++)
            m->mean[i * d + j] = ms_vector_at(&c->mean, j, d);
        size_t l = 0;
        while (l < m->laws && !is_same(&m->law[l], &c->marginal))
            l++;
        m->law_of[i] = l;
        if (l < m->laws)
            continue;
        m->law[m->laws++] = (law){(const ms_marginal_type *)c->marginal.kind, params};
        memcpy(params, c->marginal.params, c->marginal.kind->params_size);
        params += c->marginal.kind->params_size / sizeof *params;
    }
}

static ms_status make(void **content, const void *params, size_t dimension, ms_error *error)
{
    const ms_product_mixture_params *p = params;
    const ms_product_component *component = p->components.item;
    *content = NULL;
    ms_status status = check(p, dimension, error);
    if (status != MS_OK)
        return status;
    mixture *m = calloc(1, sizeof *m);
    size_t k = p->components.count, params_size = 0;
    for (size_t i = 0; i < k; i++)
        params_size += component[i].marginal.kind->params_size;
    if (m && dimension <= SIZE_MAX / sizeof(double) / k) {
        m->dimension = dimension;
        m->components = k;
        m->weight = malloc(k * sizeof *m->weight);
        m->log_weight = malloc(k * sizeof *m->log_weight);
        m->mean = malloc(k * dimension * sizeof *m->mean);
        m->law_of = malloc(k * sizeof *m->law_of);
        m->law = malloc(k * sizeof *m->law);
        m->params = malloc(params_size);
        if (m->weight && m->log_weight && m->mean && m->law_of && m->law && m->params) {
            fill(m, component);
            m->form = aligned_alloc(_Alignof(ms_marginal_form), m->laws * sizeof *m->form);
        }
    }
    if (!m || !m->form) {
        destroy(m);
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a target of dimension %zu", dimension);
    }
    for (size_t l = 0; l < m->laws; l++)
        m->law[l].type->prepare(m->law[l].params, 0, &m->form[l]);
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

static const law *law_of(const mixture *m, size_t component)
{
    return &m->law[m->law_of[component]];
}

static double variance(const void *content, size_t component)
{
    const law *l = law_of(content, component);
    return l->type->variance(l->params);
}

static void hash(const void *content, ms_hash *hash)
{
    const mixture *m = content;
    ms_hash_u64(hash, m->components);
    for (size_t i = 0; i < m->components; i++) {
        const ms_kind *kind = &law_of(m, i)->type->kind;
        ms_hash_double(hash, m->weight[i]);
        for (size_t j = 0; j < m->dimension; j++)
            ms_hash_double(hash, mean(m, i)[j]);
        ms_hash_bytes(hash, kind->name, strlen(kind->name) + 1);
        for (size_t p = 0; p < kind->params_size / sizeof(double); p++)
            ms_hash_double(hash, law_of(m, i)->params[p]);
    }
}

static bool isotropic(const void *content, ms_isotropic *view)
{
    (void)content;
    (void)view;
    return false;
}

/* log f of the patches before, of each component, with length/2 log 2 pi, as all of these here */
static size_t context_rows(const void *content)
{
    return components(content);
}

/* the squared distances to the means, then log f of each component */
static size_t statistics(const void *content)
{
    return 2 * components(content);
}

/* the log-weights, then each component's own score */
static size_t scratch(const void *content, size_t length)
{
    return components(content) * (1 + length);
}

static size_t constants(const void *content, size_t length)
{
    const mixture *m = content;
    (void)length;
    return (forms_begin(m) + levels(m) * m->laws * sizeof(ms_marginal_form)) / sizeof(double);
}

static void prepare(const void *content, const ms_place *place, double *constants)
{
    const mixture *m = content;
    noisy_forms *forms = (noisy_forms *)constants;
    if (place->noise_level == 0)
        return;
    for (size_t level = 0; level < forms->kept; level++)
        if (forms->noise_level[level] == place->noise_level) {
            forms->current = level;
            return;
        }
    forms->last = forms->kept < levels(m) ? forms->kept++ : (forms->last + 1) % levels(m);
    forms->current = forms->last;
    forms->noise_level[forms->current] = place->noise_level;
    ms_marginal_form *form =
        (ms_marginal_form *)((char *)constants + forms_begin(m)) + forms->current * m->laws;
    for (size_t l = 0; l < m->laws; l++)
        m->law[l].type->prepare(m->law[l].params, place->noise_level, &form[l]);
}

/* Of n coordinates, a constant: adds to the sums of squares and of log f; stores the derivatives. */
MS_INLINE void pass_some(const ms_marginal_form *form, size_t n, bool has_table, const double *mean,
                         const double *x, ms_lanes *distance, ms_lanes *log_density, double *score)
{
    ms_lanes t[MS_MARGINALS_TOGETHER], value[MS_MARGINALS_TOGETHER], slope[MS_MARGINALS_TOGETHER];
    for (size_t j = 0; j < n; j++) {
        t[j] = ms_row_load(x, j, 0) - mean[j];
        *distance += t[j] * t[j];
    }
    if (has_table)
        ms_lanes_marginal_table(form, n, t, value, slope);
    for (size_t j = 0; j < n; j++) {
        if (has_table)
            *log_density += value[j];
        if (score)
            ms_row_store(score, j, 0, has_table ? slope[j] : t[j] * (form->curvature + form->curvature));
    }
}

/* Of all coordinates of a place. The row pointers begin at the part of the lanes. */
MS_INLINE void pass_all(const ms_marginal_form *form, size_t length, bool has_table, const double *mean,
                        const double *x, ms_lanes *distance, ms_lanes *log_density, double *score)
{
    enum { together = MS_MARGINALS_TOGETHER };
    size_t j = 0;
#define PASS(n)                                                                                              \
    pass_some(form, n, has_table, mean + j, x + j * MS_LANES, distance, log_density,                         \
              score ? score + j * MS_LANES : NULL)
    *distance = *log_density = ms_lanes_of(0);
    for (; j + together <= length; j += together)
        PASS(together);
    for (; j < length; j++)
        PASS(1);
#undef PASS
    if (!has_table)
        *log_density = ms_lanes_fma(*distance, ms_lanes_of(form->curvature),
                                    ms_lanes_of((double)length * form->constant));
    *log_density += (double)length * MS_HALF_LOG_2PI;
}

/* The squared distance to a component's mean, log f, and its derivatives unless `score` is NULL. */
static void pass(const ms_marginal_form *form, size_t length, const double *mean, const double *x,
                 ms_lanes *distance, ms_lanes *log_density, double *score)
{
    if (form->has_table && score)
        pass_all(form, length, true, mean, x, distance, log_density, score);
    else if (form->has_table)
        pass_all(form, length, true, mean, x, distance, log_density, NULL);
    else if (score)
        pass_all(form, length, false, mean, x, distance, log_density, score);
    else
        pass_all(form, length, false, mean, x, distance, log_density, NULL);
}

/* A few components, so that the score is gone through once for all of these. */
enum { together = 4 };

/* Adds the scores of n components, by their shares; rows `own` [n][length]. */
MS_INLINE void pull_some(size_t length, size_t n, const ms_lanes *share, const double *own, size_t part,
                         bool first, double *score)
{
    for (size_t j = 0; j < length; j++) {
        ms_lanes sum = share[0] * ms_row_load(own, j, part);
        if (!first)
            sum += ms_row_load(score, j, part);
        for (size_t c = 1; c < n; c++)
            sum = ms_lanes_fma(share[c], ms_row_load(own, c * length + j, part), sum);
        ms_row_store(score, j, part, sum);
    }
}

static void pull_all(size_t components, size_t length, const double *share, const double *own, size_t part,
                     double *score)
{
    for (size_t i = 0, n; i < components; i += n) {
        ms_lanes s[together];
        n = components - i < together ? components - i : together;
        for (size_t c = 0; c < n; c++)
            s[c] = ms_row_load(share, i + c, part);
        const double *rows = own + i * length * MS_LANES;
#define CASE(count)                                                                                          \
    case count:                                                                                              \
        if (i == 0)                                                                                          \
            pull_some(length, count, s, rows, part, true, score);                                            \
        else                                                                                                 \
            pull_some(length, count, s, rows, part, false, score);                                           \
        break;
        switch (n) {
            CASE(1)
            CASE(2)
            CASE(3)
        default:
            CASE(4)
        }
#undef CASE
    }
}

static void evaluate(const void *content, const ms_place *place, const double *constants,
                     const ms_evaluation *e)
{
    const mixture *m = content;
    size_t k = m->components;
    bool smoothed = e->score || e->log_density;
    bool shares = e->statistics && smoothed && place->noise_level == 0; /* what is needed twice */
    const ms_marginal_form *form = smoothed ? forms_of(m, place, constants) : NULL;
    double *log_weight = e->scratch, *own = log_weight + k * MS_LANES;
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        for (size_t i = 0; i < k; i++) {
            const double *centre = mean(m, i) + place->first;
            ms_lanes distance, log_density;
            if (smoothed) {
                pass(&form[m->law_of[i]], place->length, centre, e->x + part, &distance, &log_density,
                     e->score ? own + i * place->length * MS_LANES + part : NULL);
                ms_lanes l = ms_row_load(e->context, i, part) + m->log_weight[i];
                ms_row_store(log_weight, i, part, log_density + l);
            }
            if (e->statistics && !shares)
                pass(&m->form[m->law_of[i]], place->length, centre, e->x + part, &distance, &log_density,
                     NULL);
            if (e->statistics) {
                ms_row_store(e->statistics, i, part, distance);
                ms_row_store(e->statistics, k + i, part, log_density);
            }
        }
        if (smoothed)
            ms_mixture_softmax(log_weight, k, part, e->log_density);
        if (e->score)
            pull_all(k, place->length, log_weight, own, part, e->score);
    }
}

static void absorb(const void *content, const ms_place *place, const double *constants, const double *x,
                   double *scratch, double *context)
{
    const mixture *m = content;
    const ms_marginal_form *form = forms_of(m, place, constants);
    (void)scratch;
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH)
        for (size_t i = 0; i < m->components; i++) {
            ms_lanes distance, log_density;
            pass(&form[m->law_of[i]], place->length, mean(m, i) + place->first, x + part, &distance,
                 &log_density, NULL);
            ms_row_store(context, i, part, ms_row_load(context, i, part) + log_density);
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
            ms_row_store(log_weight, i, part, ms_row_load(statistics, k + i, part) + m->log_weight[i]);
        if (log_density)
            ms_row_store(log_density, 0, part, ms_mixture_log_sum(log_weight, k, part));
    }
}

static double log_constant(const void *content)
{
    return -MS_HALF_LOG_2PI * (double)((const mixture *)content)->dimension;
}

static void draw(const void *content, size_t component, const double *normal, const double *uniform,
                 double *x)
{
    const mixture *m = content;
    const law *l = law_of(m, component);
    for (size_t j = 0; j < m->dimension; j++)
        for (size_t at = j * MS_LANES; at < (j + 1) * MS_LANES; at++)
            x[at] = mean(m, component)[j] + l->type->draw(l->params, normal[at], uniform[at]);
}

const ms_target_type MS_TYPE_NAME(ms_product_mixture) = {
    .kind = {.name = "product_mixture",
             .doc = "mixture whose components have independent coordinates, each of one law",
             .schema = &schema,
             .params_size = sizeof(ms_product_mixture_params)},
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
    .variance_max = variance,
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
    .draws_uniforms = true,
    .draw = draw};
