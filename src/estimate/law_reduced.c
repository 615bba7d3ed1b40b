/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/law_reduced.h"
#include "estimate/law_types.h"
#include "random/elementary.h"
#include "sampler/reduction.h"
#include "sampler/sampler_type.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct reduced {
    ms_law law;
    ms_segment segment;
    ms_conditions none; /* the segment's: it never stops */
    ms_isotropic mixture;
    const ms_kernel *kernel;
    ms_passes passes;
    ms_reduction *reduction;
    uint64_t digest;     /* of the target */
    const double *start; /* [span] projection of the start's middle */
    double start_variance;
    ms_law_rule rule; /* about squared distances */
    _Alignas(MS_ALIGNMENT) double distance[MS_ISOTROPIC_COMPONENTS_MAX * MS_LANES]; /* room */
} reduced;

const char *ms_law_reduced_refuses(const ms_run_params *run)
{
    const ms_target *target = run->target;
    ms_isotropic mixture;
    if (run->sampler != ms_sampler_langevin)
        return "cannot do with samplers other than langevin";
    if (!target->type->isotropic || !target->type->isotropic(target->content, &mixture))
        return "cannot do with targets other than mixtures of isotropic Gaussians";
    if (mixture.components > MS_ISOTROPIC_COMPONENTS_MAX)
        return "cannot do with so many components";
    if (run->start.type != MS_START_COMPONENT && run->start.type != MS_START_NORMAL)
        return "cannot do with starts other than a component and normal";
    for (size_t i = 0; i < run->clause_count; i++)
        if (run->clauses[i].quantity == MS_LOG_DENSITY ||
            run->clauses[i].reference_quantity == MS_LOG_DENSITY)
            return "cannot do with rules that look at the density";
    return NULL;
}

/* coefficient * l_i, as a multiple of the squared distance; the rest of it goes to the bound's side. */
static void turn(const reduced *r, ms_quantity quantity, size_t component, double *coefficient, double *bound)
{
    double variance = r->mixture.variance[component];
    if (quantity == MS_SQUARED_DISTANCE)
        return;
    *bound -= *coefficient *
              (ms_log(r->mixture.weight[component]) - 0.5 * (double)r->passes.dimension * ms_log(variance));
    *coefficient *= -0.5 / variance;
}

static void set_conditions(reduced *r, const ms_clause *clause)
{
    for (size_t i = 0; i < r->rule.count; i++) {
        ms_condition *c = &r->rule.condition[i];
        bool has_reference = clause[i].reference_coefficient != 0;
        *c = (ms_condition){clause[i].component,   has_reference ? clause[i].reference : 0,
                            clause[i].coefficient, clause[i].reference_coefficient,
                            clause[i].bound,       clause[i].joint};
        turn(r, clause[i].quantity, c->row, &c->coefficient, &c->bound);
        turn(r, clause[i].reference_quantity, c->reference_row, &c->reference_coefficient, &c->bound);
    }
}

/* The slowest rate at which any component's chain forgets is delta / (2 v). */
static void set_segment(reduced *r, const ms_run_params *run, uint64_t key)
{
    const ms_reduction *reduction = r->reduction;
    double noise_level, step_size, d = (double)r->passes.dimension;
    ms_schedule_level(&run->schedule, 0, &noise_level, &step_size);
    r->none.simple = true;
    r->segment = (ms_segment){.step_size = step_size,
                              .key = key,
                              .first_draw = ms_reduction_first_draw(reduction, &r->passes, 0),
                              .components = r->mixture.components,
                              .span = reduction->span[0],
                              .length = r->passes.dimension,
                              .mean = reduction->mean,
                              .mean_stride = reduction->span_max,
                              .conditions = &r->none};
    r->law.slowest_rate = INFINITY;
    for (size_t i = 0; i < r->mixture.components; i++) {
        double variance = r->mixture.variance[i] + noise_level * noise_level;
        r->segment.inverse_variance[i] = 1 / variance;
        for (int lane = 0; lane < MS_LANES; lane++)
            r->segment.base[i][lane] = ms_log(r->mixture.weight[i]) - 0.5 * d * ms_log(variance);
        r->law.slowest_rate = fmin(r->law.slowest_rate, 0.5 * step_size * r->segment.inverse_variance[i]);
    }
    r->law.rows = r->segment.span + (r->segment.length > r->segment.span);
    r->law.components = r->mixture.components;
}

static void draw(const reduced *r, const double *middle, double variance, uint64_t block, double *x)
{
    static const uint64_t chain[MS_LANES] __attribute__((aligned(MS_ALIGNMENT))) = {0, 1, 2, 3, 4, 5, 6, 7};
    const ms_segment *s = &r->segment;
    double deviation = sqrt(variance);
    r->kernel->normals(s->key, chain, block, MS_PURPOSE_START, x, s->span);
    if (s->length > s->span)
        r->kernel->chi_square(s->key, chain, block, MS_PURPOSE_START_RADIUS, s->first_draw,
                              (double)(s->length - s->span), x + s->span * MS_LANES);
    for (int lane = 0; lane < MS_LANES; lane++) {
        for (size_t m = 0; m < s->span; m++)
            x[m * MS_LANES + (size_t)lane] = middle[m] + deviation * x[m * MS_LANES + (size_t)lane];
        if (s->length > s->span)
            x[s->span * MS_LANES + (size_t)lane] *= variance;
    }
}

static void start(ms_law *law, uint64_t block, double *x)
{
    const reduced *r = (const reduced *)law;
    draw(r, r->start, r->start_variance, block, x);
}

static void start_in(ms_law *law, size_t component, uint64_t block, double *x)
{
    const reduced *r = (const reduced *)law;
    draw(r, r->segment.mean + component * r->segment.mean_stride, r->mixture.variance[component],
         ms_law_component_block(component, block), x);
}

static void move(ms_law *law, uint64_t iteration, unsigned piece, const uint64_t *chain, double *x)
{
    reduced *r = (reduced *)law;
    (void)piece;
    r->segment.iteration = iteration;
    r->kernel->distances_reduced(&r->segment, x, r->distance);
    r->kernel->advance_reduced(&r->segment, 1, chain, NULL, x, r->distance);
}

static void coordinate(ms_law *law, unsigned piece, const double *x, double *coordinate)
{
    reduced *r = (reduced *)law;
    (void)piece;
    r->kernel->distances_reduced(&r->segment, x, r->distance);
    ms_law_rule_coordinate(&r->rule, r->distance, coordinate);
    ms_law_rule_mark_diverged(x, law->rows, coordinate);
}

static void hash(const ms_law *law, ms_hash *hash)
{
    const reduced *r = (const reduced *)law;
    ms_hash_u64(hash, r->segment.key);
    ms_hash_u64(hash, r->digest);
    ms_hash_double(hash, r->segment.step_size);
    for (size_t i = 0; i < r->segment.components; i++)
        ms_hash_double(hash, r->segment.inverse_variance[i]);
    ms_hash_double(hash, r->start_variance);
    for (size_t m = 0; m < r->segment.span; m++)
        ms_hash_double(hash, r->start[m]);
    ms_law_rule_hash(&r->rule, hash);
}

static void free_law(ms_law *law)
{
    reduced *r = (reduced *)law;
    ms_reduction_free(r->reduction);
    free(r->rule.condition);
    free(r);
}

ms_law_reduced_view ms_law_reduced_view_of(const ms_law *law)
{
    const reduced *r = (const reduced *)law;
    return (ms_law_reduced_view){.segment = &r->segment,
                                 .kernel = r->kernel,
                                 .condition = r->rule.condition,
                                 .conditions = r->rule.discovery,
                                 .start = r->start,
                                 .start_variance = r->start_variance};
}

static const ms_law_type type = {.name = "reduced",
                                 .start = start,
                                 .start_in = start_in,
                                 .move = move,
                                 .coordinate = coordinate,
                                 .hash = hash,
                                 .free = free_law};

/* Makes the rule's conditions. */
static ms_status set_rule(reduced *r, const ms_run_params *run, ms_coordinate coordinate, ms_error *error)
{
    ms_clause *clauses;
    r->rule = (ms_law_rule){.discovery = run->clause_count, .scale = (double)r->passes.dimension};
    ms_status status = ms_law_rule_clauses(run, coordinate, &clauses, &r->rule.count, error);
    if (status != MS_OK)
        return status;
    r->rule.condition = calloc(r->rule.count, sizeof *r->rule.condition);
    if (r->rule.condition)
        set_conditions(r, clauses);
    else
        status = ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu clauses", r->rule.count);
    free(clauses);
    return status;
}

static ms_status set(reduced *r, const ms_run_params *run, ms_coordinate coordinate, uint64_t key,
                     ms_error *error)
{
    bool about_origin = run->start.type == MS_START_NORMAL;
    size_t d = run->target->dimension;
    r->kernel = ms_kernel_find(run->simd);
    r->passes = (ms_passes){.dimension = d, .patch_size = d, .patches = 1, .per_patch = 1, .length = 1};
    r->digest = run->target->digest;
    run->target->type->isotropic(run->target->content, &r->mixture);
    ms_status status = set_rule(r, run, coordinate, error);
    if (status == MS_OK)
        status = ms_reduction_alloc(&r->reduction, run->target, &r->passes, about_origin, error);
    if (status != MS_OK)
        return status;
    set_segment(r, run, key);
    r->start = about_origin ? r->reduction->start
                            : r->reduction->mean + run->start.component * r->reduction->span_max;
    r->start_variance = about_origin ? run->start.variance : r->mixture.variance[run->start.component];
    return MS_OK;
}

ms_status ms_law_reduced_alloc(ms_law **law, const ms_run_params *run, ms_coordinate coordinate, uint64_t key,
                               ms_error *error)
{
    *law = NULL;
    reduced *r = aligned_alloc(MS_ALIGNMENT, sizeof *r);
    if (!r)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a law of chains");
    memset(r, 0, sizeof *r);
    r->law = (ms_law){.type = &type, .pieces = 1};
    ms_status status = set(r, run, coordinate, key, error);
    if (status == MS_OK)
        *law = &r->law;
    else
        free_law(&r->law);
    return status;
}
