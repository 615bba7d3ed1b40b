/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of any sampler on any target. A chain is its position and what the sampler keeps beside it, score,
 * log-density and statistics at the position included: a step needs them, and they cost more than a copy. */
#include "estimate/law_types.h"
#include "sampler/engine.h"
#include "sampler/measures.h"
#include "sampler/sampler_type.h"
#include "sampler/start_generic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct generic {
    ms_law law;
    ms_run_params run; /* with the law's key; without the clauses */
    void *sampler_params;
    const ms_kernel *kernel;
    const ms_target_type *type; /* for this processor's instructions */
    const ms_sampler_type *sampler;
    size_t dimension, statistics;
    ms_place place;
    double step_size;
    ms_measures measures;
    ms_law_rule rule;
    /* rows of MS_LANES: what follows from the place, room for sampler, target, starts and measures, and a
     * context without patches before */
    double *constants, *scratch, *target_scratch, *room, *measure, *context;
} generic;

/* Where a chain's rows begin: position, score, vectors, then numbers, log-density and statistics. */
static size_t vector_row(const generic *g, size_t vector)
{
    return (2 + vector) * g->dimension;
}

static size_t number_row(const generic *g)
{
    return vector_row(g, g->sampler->vectors);
}

static size_t density_row(const generic *g)
{
    return number_row(g) + g->sampler->numbers;
}

static size_t statistics_row(const generic *g)
{
    return density_row(g) + g->sampler->needs_log_density;
}

static ms_batch batch_of(const generic *g, const uint64_t *chain, double *x)
{
    ms_batch b = {.kernel = g->kernel,
                  .key = g->run.key,
                  .chain = chain,
                  .length = g->dimension,
                  .step_size = g->step_size,
                  .x = x,
                  .score = x + g->dimension * MS_LANES,
                  .log_density = g->sampler->needs_log_density ? x + density_row(g) * MS_LANES : NULL,
                  .statistics = x + statistics_row(g) * MS_LANES,
                  .scratch = g->scratch,
                  .statistic_rows = g->statistics,
                  .type = g->type,
                  .content = g->run.target->content,
                  .place = &g->place,
                  .constants = g->constants,
                  .context = g->context,
                  .target_scratch = g->target_scratch,
                  .skips_distance_0 = !g->measures.needs_distance_0};
    for (size_t i = 0; i < g->sampler->vectors; i++)
        b.vector[i] = x + vector_row(g, i) * MS_LANES;
    for (size_t i = 0; i < g->sampler->numbers; i++)
        b.number[i] = x + (number_row(g) + i) * MS_LANES;
    return b;
}

/* A start has a chain's number of its own; those of 2^32 and more are told apart by the iteration. */
static void draw(const generic *g, const ms_run_params *run, uint64_t block, double *x)
{
    _Alignas(MS_ALIGNMENT) uint64_t chain[MS_LANES];
    for (uint64_t lane = 0; lane < MS_LANES; lane++)
        chain[lane] = (block * MS_LANES + lane) & UINT32_MAX;
    memset(x, 0, g->law.rows * MS_LANES * sizeof *x);
    ms_start_draw(run, g->kernel, g->type, block * MS_LANES >> 32, chain, g->room, x);
    ms_batch b = batch_of(g, chain, x);
    if (g->sampler->start)
        g->sampler->start(g->run.sampler_params, &b);
    ms_batch_evaluate(&b, b.x, b.score, b.log_density, b.statistics);
}

static void start(ms_law *law, uint64_t block, double *x)
{
    const generic *g = (const generic *)law;
    draw(g, &g->run, block, x);
}

static void start_in(ms_law *law, size_t component, uint64_t block, double *x)
{
    const generic *g = (const generic *)law;
    ms_run_params run = g->run;
    run.start = (ms_start){.type = MS_START_COMPONENT, .component = component};
    draw(g, &run, ms_law_component_block(component, block), x);
}

static void move(ms_law *law, uint64_t iteration, unsigned piece, const uint64_t *chain, double *x)
{
    const generic *g = (const generic *)law;
    (void)piece;
    ms_batch b = batch_of(g, chain, x);
    b.iteration = iteration;
    g->sampler->step(g->run.sampler_params, &b);
}

static void coordinate(ms_law *law, unsigned piece, const double *x, double *coordinate)
{
    const generic *g = (const generic *)law;
    (void)piece;
    ms_measures_find(&g->measures, g->measures.needs, x + statistics_row(g) * MS_LANES, x, NULL, g->measure);
    ms_law_rule_coordinate(&g->rule, g->measure, coordinate);
    ms_law_rule_mark_diverged(x, g->dimension, coordinate);
}

static void hash_start(const ms_start *s, size_t dimension, ms_hash *hash)
{
    ms_hash_u64(hash, s->type);
    ms_hash_u64(hash, s->type == MS_START_COMPONENT ? s->component : 0);
    ms_hash_double(hash, s->type == MS_START_UNIFORM ? s->low : 0);
    ms_hash_double(hash, s->type == MS_START_UNIFORM ? s->high : 0);
    ms_hash_double(hash, s->type == MS_START_NORMAL ? s->variance : 0);
    for (size_t i = 0; s->type == MS_START_POSITIONS && i < s->rows * dimension; i++)
        ms_hash_double(hash, s->positions[i]);
}

static void hash(const ms_law *law, ms_hash *hash)
{
    const generic *g = (const generic *)law;
    ms_hash_u64(hash, g->run.key);
    ms_hash_u64(hash, g->run.target->digest);
    ms_hash_bytes(hash, g->sampler->kind.name, strlen(g->sampler->kind.name) + 1);
    ms_hash_bytes(hash, g->sampler_params, g->sampler->kind.params_size);
    ms_hash_double(hash, g->step_size);
    ms_hash_double(hash, g->place.noise_level);
    hash_start(&g->run.start, g->dimension, hash);
    ms_law_rule_hash(&g->rule, hash);
}

static void free_law(ms_law *law)
{
    generic *g = (generic *)law;
    free(g->sampler_params);
    free(g->rule.condition);
    free(g->constants);
    free(g->scratch);
    free(g->target_scratch);
    free(g->room);
    free(g->measure);
    free(g->context);
    free(g);
}

static const char *take_failure(ms_law *law)
{
    const generic *g = (const generic *)law;
    return g->type->take_failure ? g->type->take_failure(g->run.target->content) : NULL;
}

static const ms_law_type type = {.name = "generic",
                                 .start = start,
                                 .start_in = start_in,
                                 .move = move,
                                 .coordinate = coordinate,
                                 .hash = hash,
                                 .free = free_law,
                                 .take_failure = take_failure};

const char *ms_law_generic_refuses(const ms_run_params *run)
{
    ms_run_params whole = *run;
    whole.patch_size = run->target->dimension;
    return ms_engine_generic.refuses(&whole);
}

/* The slowest of all components, at their widest. */
static double slowest_rate(const generic *g)
{
    const ms_target *target = g->run.target;
    double slowest = 1;
    for (size_t i = 0; i < target->components; i++) {
        double variance =
            target->type->variance_max(target->content, i) + g->place.noise_level * g->place.noise_level;
        double rate = g->sampler->forgets(g->run.sampler_params, g->step_size, variance);
        slowest = rate < slowest || isnan(rate) ? rate : slowest;
    }
    return slowest > 0 ? slowest : 0;
}

static void set_place(generic *g, const ms_schedule *schedule)
{
    g->place = (ms_place){.length = g->dimension};
    ms_schedule_level(schedule, 0, &g->place.noise_level, &g->step_size);
    g->place.conditioning = g->place.noise_level;
}

static ms_status set_rule(generic *g, const ms_run_params *run, ms_coordinate coordinate, ms_error *error)
{
    ms_clause *clauses;
    g->rule = (ms_law_rule){.discovery = run->clause_count, .scale = (double)g->dimension};
    ms_status status = ms_law_rule_clauses(run, coordinate, &clauses, &g->rule.count, error);
    if (status != MS_OK)
        return status;
    g->measures = ms_measures_of(run->target, g->type, clauses, g->rule.count);
    g->rule.condition = calloc(g->rule.count, sizeof *g->rule.condition);
    for (size_t i = 0; g->rule.condition && i < g->rule.count; i++)
        g->rule.condition[i] = ms_measures_condition(&g->measures, &clauses[i]);
    free(clauses);
    return g->rule.condition
               ? MS_OK
               : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu clauses", g->rule.count);
}

static double *rows_alloc(size_t count)
{
    return (double *)ms_rows_alloc(count);
}

static bool make_room(generic *g)
{
    const void *content = g->run.target->content;
    size_t params_size = g->sampler->kind.params_size;
    g->sampler_params = calloc(1, params_size > 0 ? params_size : 1);
    if (!g->sampler_params)
        return false;
    if (g->run.sampler_params)
        memcpy(g->sampler_params, g->run.sampler_params, params_size);
    g->run.sampler_params = g->sampler_params;
    g->constants = rows_alloc(g->type->constants(content, g->dimension) / MS_LANES + 1);
    g->scratch = rows_alloc(g->sampler->scratch(g->sampler_params, g->dimension, g->statistics));
    g->target_scratch = rows_alloc(g->type->scratch(content, g->dimension));
    g->room = rows_alloc(2 * g->dimension);
    g->measure = rows_alloc(ms_measures_rows(&g->measures));
    g->context = rows_alloc(g->type->context_rows(content));
    return g->constants && g->scratch && g->target_scratch && g->room && g->measure && g->context;
}

static ms_status set(generic *g, const ms_run_params *run, ms_coordinate coordinate, uint64_t key,
                     ms_error *error)
{
    g->run = *run;
    g->run.key = key;
    g->run.clauses = NULL;
    g->run.clause_count = 0;
    g->kernel = ms_kernel_find(run->simd);
    g->type = ms_target_type_for(run->target->type, g->kernel->number);
    g->sampler = ms_sampler_for(run->sampler, g->kernel->number);
    g->dimension = run->target->dimension;
    g->statistics = g->type->statistics(run->target->content);
    g->law.rows = statistics_row(g) + g->statistics;
    if (g->law.rows > MS_LAW_ROWS_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "the law generic: a chain would be of %zu numbers, %d at most; simulate directly",
                            g->law.rows, MS_LAW_ROWS_MAX);
    set_place(g, &run->schedule);
    ms_status status = set_rule(g, run, coordinate, error);
    if (status != MS_OK)
        return status;
    if (!make_room(g))
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a chain of %zu numbers", g->law.rows);
    g->type->prepare(run->target->content, &g->place, g->constants);
    g->law.slowest_rate = slowest_rate(g);
    if (g->type->gives(run->target->content) & MS_GIVES_DRAWS)
        g->law.components = run->target->components;
    return MS_OK;
}

ms_status ms_law_generic_alloc(ms_law **law, const ms_run_params *run, ms_coordinate coordinate, uint64_t key,
                               ms_error *error)
{
    *law = NULL;
    generic *g = calloc(1, sizeof *g);
    if (!g)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a law of chains");
    g->law = (ms_law){.type = &type, .pieces = 1};
    ms_status status = set(g, run, coordinate, key, error);
    if (status == MS_OK)
        *law = &g->law;
    else
        free_law(&g->law);
    return status;
}
