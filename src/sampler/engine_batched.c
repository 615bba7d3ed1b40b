/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine for Langevin dynamics on targets that denoise many chains at once. All chains of a run move
 * together, and with them ghosts: in the places of chains that do not exist, or have ended, so that what a
 * chain does never depends on how many others there are. */
#include "sampler/engine.h"
#include "sampler/sampler_type.h"
#include "sampler/start_generic.h"

#include <math.h>
#include <stdlib.h>

typedef struct batched {
    const ms_target_type *type; /* for this processor's instructions */
    const ms_denoiser_type *denoiser;
    const void *content;
    void *state; /* the denoiser's */
    size_t width, groups, components;
    size_t made; /* groups that have been allocated */
    ms_lanes *x; /* [groups][dimension] */
    ms_lanes *mean, *score, *scratch, *statistics, *total;
    size_t absorbed;     /* patches that the denoiser knows of this pass, */
    double conditioning; /* at this noise level */
    size_t level;        /* that `mean` is for; SIZE_MAX: it is not up to date */
    /* events */
    bool *watched; /* [components] in a clause */
    double bound;  /* the largest of a clause */
    bool is_looked,
        may_approach; /* whether it is known that an event is possible at this patch, and whether one is */
    double *least;    /* [width] no more than the squared distance to a component watched */
} batched;

static batched *shared_of(const ms_context *context)
{
    return context->shared;
}

/* A group's state is its number. */
static size_t number_of(const ms_group *group)
{
    return *(const size_t *)group->state;
}

static double *numbers_of(ms_lanes *rows)
{
    return (double *)rows;
}

/* Ghosts before the first chain. */
static size_t lead_of(const ms_run_params *p)
{
    return p->chains_together > 0 ? (size_t)(p->first_chain % p->chains_together) : 0;
}

static size_t width_of(const ms_run_params *p)
{
    size_t own = lead_of(p) + p->chains, together = p->chains_together > own ? p->chains_together : own;
    const size_t pair = (size_t)2 * MS_LANES; /* as products of matrices like it */
    return (together + pair - 1) / pair * pair;
}

static const char *refuses(const ms_run_params *params)
{
    const ms_target *target = params->target;
    if (!target->type->denoiser)
        return "is for targets made of data";
    if (params->sampler != ms_sampler_langevin)
        return "is for the sampler langevin; use engine: generic for others";
    if (!(params->schedule.noise_level > 0))
        return "needs a noise_level above 0, because data have no density without noise";
    const ms_denoiser_type *denoiser = target->type->denoiser;
    if (denoiser->patch_size && denoiser->patch_size(target->content) != params->patch_size)
        return "needs the patch_size that the weights were trained for";
    for (size_t c = 0; c < params->clause_count; c++)
        if (params->clauses[c].quantity != MS_SQUARED_DISTANCE ||
            params->clauses[c].reference_coefficient != 0 || params->clauses[c].coefficient != 1)
            return "is for rules about the distance to a mean, such as ball";
    return NULL;
}

static ms_status prepare(ms_context *context, ms_error *error)
{
    const ms_run_params *p = context->params;
    size_t dimension = context->passes.dimension;
    batched *b = calloc(1, sizeof *b);
    context->shared = b;
    if (!b)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a run");
    b->type = ms_target_type_for(p->target->type, context->kernel->number);
    b->denoiser = b->type->denoiser;
    b->content = p->target->content;
    b->width = width_of(p);
    b->groups = b->width / MS_LANES;
    b->components = p->target->components;
    b->level = SIZE_MAX;
    b->state = b->denoiser->alloc(b->content, b->width, p->patch_size);
    b->x = ms_rows_alloc(b->groups * dimension);
    b->mean = ms_rows_alloc(b->groups * p->patch_size);
    b->score = ms_rows_alloc(p->patch_size);
    b->scratch = ms_rows_alloc(b->type->scratch(b->content, dimension));
    b->statistics = ms_rows_alloc(b->type->statistics(b->content));
    b->total = ms_rows_alloc(b->components);
    b->watched = calloc(b->components, sizeof *b->watched);
    b->least = numbers_of(ms_rows_alloc(b->groups));
    if (!b->state || !b->x || !b->mean || !b->score || !b->scratch || !b->statistics || !b->total ||
        !b->watched || !b->least)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu chains of dimension %zu", b->width,
                            dimension);
    for (size_t c = 0; c < p->clause_count; c++) {
        b->watched[p->clauses[c].component] = true;
        b->bound = fmax(b->bound, p->clauses[c].bound);
    }
    return MS_OK;
}

static void release(ms_context *context)
{
    batched *b = context->shared;
    if (!b)
        return;
    if (b->denoiser)
        b->denoiser->free(b->state);
    free(b->x);
    free(b->mean);
    free(b->score);
    free(b->scratch);
    free(b->statistics);
    free(b->total);
    free(b->watched);
    free(b->least);
    free(b);
}

/* the squared distances to the means */
static size_t measures(const ms_context *context)
{
    return shared_of(context)->components;
}

static ms_condition condition(const ms_context *context, const ms_clause *clause)
{
    (void)context;
    return (ms_condition){.row = clause->component,
                          .coefficient = clause->coefficient,
                          .bound = clause->bound,
                          .joint = clause->joint};
}

static size_t group_count(const ms_run_params *params)
{
    return width_of(params) / MS_LANES;
}

static bool alloc(ms_group *group, const ms_context *context)
{
    size_t *number = malloc(sizeof *number);
    if (number)
        *number = shared_of(context)->made++;
    group->state = number;
    return number;
}

static void free_group(ms_group *group)
{
    free(group->state);
}

static ms_lanes *position_of(const ms_context *context, const ms_group *group)
{
    return shared_of(context)->x + number_of(group) * context->passes.dimension;
}

/* The numbers of a group's chains, ghosts too. */
static void number_chains(const ms_context *context, size_t group, uint64_t chain[MS_LANES])
{
    for (size_t lane = 0; lane < MS_LANES; lane++)
        chain[lane] = context->params->first_chain - lead_of(context->params) + group * MS_LANES + lane;
}

static bool start(ms_group *group, const ms_context *context)
{
    _Alignas(sizeof(ms_lanes)) uint64_t chain[MS_LANES];
    const batched *b = shared_of(context);
    ms_lanes *room = ms_rows_alloc(2 * context->passes.dimension);
    if (!room)
        return false;
    number_chains(context, number_of(group), chain);
    ms_start_draw(context->params, context->kernel, b->type, 0, chain, numbers_of(room),
                  numbers_of(position_of(context, group)));
    free(room);
    return true;
}

static void measure(ms_group *group, const ms_context *context)
{
    (void)group;
    (void)context;
}

static void begin_pass(ms_group *group, const ms_context *context)
{
    (void)group;
    batched *b = shared_of(context);
    b->denoiser->forget(b->state);
    b->absorbed = 0;
}

static void enter_patch(ms_group *group, const ms_context *context, size_t patch)
{
    (void)group;
    (void)patch;
    batched *b = shared_of(context);
    b->level = SIZE_MAX;
    b->is_looked = false;
}

/* What is behind is absorbed when the next patch moves. */
static void leave_patch(ms_group *group, const ms_context *context, size_t patch)
{
    (void)group;
    (void)context;
    (void)patch;
}

static void totals(const ms_group *group, const ms_context *context, size_t patch, bool all, ms_lanes *total)
{
    (void)patch;
    (void)all;
    const batched *b = shared_of(context);
    const ms_place whole = {0, context->passes.dimension, 0, 0};
    const ms_evaluation e = {.x = numbers_of(position_of(context, group)),
                             .statistics = numbers_of(b->statistics),
                             .scratch = numbers_of(b->scratch),
                             .active = (const int64_t *)&group->active};
    b->type->evaluate(b->content, &whole, NULL, &e);
    b->type->measure(b->content, numbers_of(b->statistics), numbers_of(total), NULL, NULL);
}

static bool is_pending(const ms_group *group, const ms_context *context)
{
    for (size_t e = 0; e < context->conditions.events; e++)
        if (ms_lanes_any(group->pending[e]))
            return true;
    return false;
}

static bool is_any_pending(const ms_group *groups, const ms_context *context)
{
    for (size_t g = 0; g < shared_of(context)->groups; g++)
        if (is_pending(&groups[g], context))
            return true;
    return false;
}

static bool may_hold(const ms_group *group, const ms_context *context)
{
    const batched *b = shared_of(context);
    bool is_known = b->is_looked && b->level != SIZE_MAX;
    if (!is_known || !is_pending(group, context))
        return is_pending(group, context);
    for (size_t e = 0; b->may_approach && e < context->conditions.events; e++)
        for (size_t lane = 0; lane < MS_LANES; lane++)
            if (group->pending[e][lane] && b->least[number_of(group) * MS_LANES + lane] <= b->bound)
                return true;
    return false;
}

static ms_place place_of(const ms_context *context, size_t patch)
{
    size_t first = ms_passes_coordinate(&context->passes, patch);
    return (ms_place){.first = first, .length = ms_passes_coordinate(&context->passes, patch + 1) - first};
}

static ms_groups from(const batched *b, size_t dimension, size_t first)
{
    return (ms_groups){numbers_of(b->x + first), dimension * MS_LANES};
}

/* Tells the denoiser of the patches before this one, at the noise level at which they are looked at. */
static void catch_up(batched *b, const ms_context *context, size_t patch, double conditioning)
{
    if (b->absorbed > 0 && b->conditioning != conditioning) {
        b->denoiser->forget(b->state);
        b->absorbed = 0;
    }
    b->conditioning = conditioning;
    for (; b->absorbed < patch; b->absorbed++) {
        ms_place before = place_of(context, b->absorbed);
        before.noise_level = before.conditioning = conditioning;
        b->denoiser->absorb(b->state, &before, from(b, context->passes.dimension, before.first));
    }
}

/* A step of all groups, from the mean that is there. */
static void step(batched *b, const ms_context *context, const ms_place *place, double step_size,
                 uint64_t iteration)
{
    _Alignas(sizeof(ms_lanes)) uint64_t chain[MS_LANES];
    double precision = 1 / (place->noise_level * place->noise_level);
    for (size_t g = 0; g < b->groups; g++) {
        ms_lanes *x = b->x + g * context->passes.dimension + place->first;
        const ms_lanes *mean = b->mean + g * place->length;
        for (size_t j = 0; j < place->length; j++)
            b->score[j] = (mean[j] - x[j]) * precision;
        number_chains(context, g, chain);
        context->kernel->step(context->params->key, chain, iteration, step_size, place->length,
                              numbers_of(b->score), numbers_of(x));
    }
}

static bool find_hits(const ms_group *groups, const ms_context *context, ms_lanes *total)
{
    for (size_t g = 0; g < shared_of(context)->groups; g++) {
        if (!may_hold(&groups[g], context))
            continue;
        totals(&groups[g], context, 0, false, total);
        if (context->kernel->hits(&context->conditions, (const int64_t *)groups[g].pending,
                                  (const double *)total))
            return true;
    }
    return false;
}

static uint64_t advance(ms_group *groups, const ms_context *context, size_t patch, size_t level,
                        uint64_t iteration, uint64_t count)
{
    batched *b = shared_of(context);
    const ms_run_params *p = context->params;
    size_t dimension = context->passes.dimension;
    double step_size, highest, last;
    ms_place place = place_of(context, patch);
    ms_schedule_level(&p->schedule, 0, &highest, NULL);
    ms_schedule_level(&p->schedule, ms_schedule_levels(&p->schedule) - 1, &last, NULL);
    ms_schedule_level(&p->schedule, level, &place.noise_level, &step_size);
    bool is_same =
        p->conditioning == MS_CONDITIONING_SAME; /* then each level sees what is before in its own way */
    place.conditioning = is_same ? place.noise_level : last;
    highest = is_same ? place.noise_level : highest;
    catch_up(b, context, patch, place.conditioning);
    const ms_groups x = from(b, dimension, place.first),
                    mean = {numbers_of(b->mean), place.length * MS_LANES};
    bool is_watching = is_any_pending(groups, context);
    if (!b->is_looked && is_watching) {
        b->may_approach =
            b->denoiser->approaches(b->state, &place, from(b, dimension, 0), b->watched, b->bound);
        b->is_looked = true;
        b->level = SIZE_MAX; /* it does not say yet how near chains are */
    }
    double *least = is_watching && b->may_approach ? b->least : NULL;
    if (b->level != level)
        b->denoiser->denoise(b->state, &place, x, mean, highest, least);
    b->level = level;
    uint64_t done = 0;
    for (bool stops = false; done < count && !stops; done++) {
        step(b, context, &place, step_size, iteration + done);
        b->denoiser->denoise(b->state, &place, x, mean, highest, least);
        stops = least && find_hits(groups, context, b->total);
    }
    return done;
}

static size_t saved_rows(const ms_context *context)
{
    return context->passes.dimension;
}

static void save(const ms_group *group, const ms_context *context, unsigned char *to)
{
    memcpy(to, position_of(context, group), context->passes.dimension * sizeof(ms_lanes));
}

static void restore(ms_group *group, const ms_context *context, size_t patch, const unsigned char *from_state)
{
    memcpy(position_of(context, group), from_state, context->passes.dimension * sizeof(ms_lanes));
    begin_pass(group, context);
    enter_patch(group, context, patch);
}

static bool is_finite(const ms_group *group, const ms_context *context)
{
    const ms_lanes *x = position_of(context, group);
    for (size_t j = 0; j < context->passes.dimension; j++)
        for (int lane = 0; lane < MS_LANES; lane++)
            if (group->active[lane] && !isfinite(x[j][lane]))
                return false;
    return true;
}

static void position(const ms_group *group, const ms_context *context, int lane, uint64_t iteration,
                     double *x)
{
    (void)iteration;
    for (size_t j = 0; j < context->passes.dimension; j++)
        x[j] = position_of(context, group)[j][lane];
}

static void view(const ms_group *group, const ms_context *context, int lane, const ms_lanes *total,
                 double *squared_distance, double *log_weight, ms_view *v)
{
    (void)group;
    for (size_t i = 0; i < shared_of(context)->components; i++) {
        squared_distance[i] = total[i][lane];
        log_weight[i] = (double)NAN;
    }
    v->log_density = (double)NAN;
}

static void size(const ms_shape *shape, ms_engine_size *size)
{
    double k = (double)shape->components, q = (double)shape->patch_size, d = (double)shape->dimension;
    double width = (double)shape->width;
    size->saved = shape->dimension;
    size->group_bytes = sizeof(ms_lanes) * (d + q) + 64;
    /* generous: log-weights, rests and products of each component and chain, and its coordinates in four
     * places */
    size->shared_bytes = k * width * (2 * sizeof(double) + 2 * sizeof(float)) +
                         k * (sizeof(float) * (d + 3 * q) + 3 * sizeof(ms_lanes)) +
                         sizeof(double) * width * d;
    size->updates = q * (1 + k / 64);
}

const ms_engine_type ms_engine_batched = {.name = "batched",
                                          .engine = MS_ENGINE_BATCHED,
                                          .refuses = refuses,
                                          .size = size,
                                          .prepare = prepare,
                                          .release = release,
                                          .measures = measures,
                                          .condition = condition,
                                          .team = group_count,
                                          .lead = lead_of,
                                          .alloc = alloc,
                                          .free = free_group,
                                          .start = start,
                                          .measure = measure,
                                          .begin_pass = begin_pass,
                                          .enter_patch = enter_patch,
                                          .leave_patch = leave_patch,
                                          .totals = totals,
                                          .may_hold = may_hold,
                                          .advance = advance,
                                          .saved_rows = saved_rows,
                                          .save = save,
                                          .restore = restore,
                                          .is_finite = is_finite,
                                          .position = position,
                                          .view = view};
