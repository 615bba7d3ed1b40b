/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/law_reduced.h"
#include "estimate/law_rule.h"
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
    ms_condition *condition; /* [conditions] of the discovery set */
    size_t conditions;
    _Alignas(MS_ALIGNMENT) double distance[MS_ISOTROPIC_COMPONENTS_MAX * MS_LANES]; /* room */
} reduced;

static const char *refusal(const ms_run_params *run, ms_isotropic *mixture)
{
    const ms_target *target = run->target;
    if (run->sampler != ms_sampler_langevin)
        return "samplers other than langevin";
    if (!target->type->isotropic || !target->type->isotropic(target->content, mixture))
        return "targets other than mixtures of isotropic Gaussians";
    if (mixture->components > MS_ISOTROPIC_COMPONENTS_MAX)
        return "so many components";
    if (ms_schedule_levels(&run->schedule) > 1)
        return "schedules of several noise levels";
    if (run->patch_size > 0 && run->patch_size < target->dimension)
        return "patches";
    if (run->start.type != MS_START_COMPONENT && run->start.type != MS_START_NORMAL)
        return "starts other than a component and normal";
    if (run->clause_count == 0)
        return "runs without discovery rules";
    for (size_t i = 0; i < run->clause_count; i++)
        if (run->clauses[i].quantity == MS_LOG_DENSITY ||
            run->clauses[i].reference_quantity == MS_LOG_DENSITY)
            return "rules that look at the density";
    return ms_kernel_find(run->simd) ? NULL : "these instructions";
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
    for (size_t i = 0; i < r->conditions; i++) {
        ms_condition *c = &r->condition[i];
        *c = (ms_condition){clause[i].component,   clause[i].reference,
                            clause[i].coefficient, clause[i].reference_coefficient,
                            clause[i].bound,       clause[i].joint};
        turn(r, clause[i].quantity, c->row, &c->coefficient, &c->bound);
        turn(r, clause[i].reference_quantity, c->reference_row, &c->reference_coefficient, &c->bound);
    }
    r->condition[r->conditions - 1].joint = MS_ALONE;
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
}

static void start(ms_law *law, uint64_t block, double *x)
{
    static const uint64_t chain[MS_LANES] __attribute__((aligned(MS_ALIGNMENT))) = {0, 1, 2, 3, 4, 5, 6, 7};
    const reduced *r = (const reduced *)law;
    const ms_segment *s = &r->segment;
    double deviation = sqrt(r->start_variance);
    r->kernel->normals(s->key, chain, block, MS_PURPOSE_START, x, s->span);
    if (s->length > s->span)
        r->kernel->chi_square(s->key, chain, block, MS_PURPOSE_START_RADIUS, s->first_draw,
                              (double)(s->length - s->span), x + s->span * MS_LANES);
    for (int lane = 0; lane < MS_LANES; lane++) {
        for (size_t m = 0; m < s->span; m++)
            x[m * MS_LANES + (size_t)lane] = r->start[m] + deviation * x[m * MS_LANES + (size_t)lane];
        if (s->length > s->span)
            x[s->span * MS_LANES + (size_t)lane] *= r->start_variance;
    }
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
    ms_law_rule_slack(r->condition, r->conditions, (double)r->passes.dimension, r->distance, coordinate);
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
    ms_law_rule_hash(r->condition, r->conditions, hash);
}

static void free_law(ms_law *law)
{
    reduced *r = (reduced *)law;
    ms_reduction_free(r->reduction);
    free(r->condition);
    free(r);
}

ms_law_reduced_view ms_law_reduced_view_of(const ms_law *law)
{
    const reduced *r = (const reduced *)law;
    return (ms_law_reduced_view){&r->segment,   r->kernel, r->condition,
                                 r->conditions, r->start,  r->start_variance};
}

static const ms_law_type type = {.name = "reduced",
                                 .start = start,
                                 .move = move,
                                 .coordinate = coordinate,
                                 .hash = hash,
                                 .free = free_law};

static ms_status set(reduced *r, const ms_run_params *run, uint64_t key, ms_error *error)
{
    bool about_origin = run->start.type == MS_START_NORMAL;
    size_t d = run->target->dimension;
    r->kernel = ms_kernel_find(run->simd);
    r->passes = (ms_passes){.dimension = d, .patch_size = d, .patches = 1, .per_patch = 1, .length = 1};
    r->digest = run->target->digest;
    r->conditions = run->clause_count;
    r->condition = calloc(run->clause_count, sizeof *r->condition);
    if (!r->condition)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu clauses", run->clause_count);
    ms_status status = ms_reduction_alloc(&r->reduction, run->target, &r->passes, about_origin, error);
    if (status != MS_OK)
        return status;
    set_conditions(r, run->clauses);
    set_segment(r, run, key);
    r->start = about_origin ? r->reduction->start
                            : r->reduction->mean + run->start.component * r->reduction->span_max;
    r->start_variance = about_origin ? run->start.variance : r->mixture.variance[run->start.component];
    return MS_OK;
}

ms_status ms_law_reduced_alloc(ms_law **law, const ms_run_params *run, uint64_t key, ms_error *error)
{
    ms_isotropic mixture;
    const char *refused = refusal(run, &mixture);
    *law = NULL;
    if (refused)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "restart cannot do with %s", refused);
    for (size_t i = 0; i < run->clause_count; i++)
        if (run->clauses[i].component >= mixture.components ||
            run->clauses[i].reference >= mixture.components)
            return ms_error_set(error, MS_ERROR_ARGUMENT, "a clause is about a component that is none");
    if (run->start.type == MS_START_COMPONENT && run->start.component >= mixture.components)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "chains start in a component that is none");
    reduced *r = aligned_alloc(MS_ALIGNMENT, sizeof *r);
    if (!r)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a law of chains");
    memset(r, 0, sizeof *r);
    r->law = (ms_law){.type = &type, .pieces = 1};
    r->mixture = mixture;
    ms_status status = set(r, run, key, error);
    if (status == MS_OK)
        *law = &r->law;
    else
        free_law(&r->law);
    return status;
}
