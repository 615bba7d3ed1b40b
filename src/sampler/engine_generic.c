/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine for any sampler on any target: positions as they are, and what the target makes of them. */
#include "sampler/engine.h"
#include "sampler/measures.h"
#include "sampler/sampler_type.h"
#include "sampler/start_generic.h"

#include <math.h>
#include <stdlib.h>

typedef struct generic {
    const ms_target_type *type; /* for this processor's instructions */
    const ms_sampler_type *sampler;
    const void *content;
    size_t statistics, context_rows;
    ms_measures measures;
    bool conditions_vary; /* the patches before are looked at through the noise of the current level */
    ms_place place;       /* which `constants` are of; length 0: none */
    double *constants, *absorbing; /* of the place, and of patches that are left */
    ms_lanes *scratch, *target_scratch, *sum, *measure;
} generic;

typedef struct generic_group {
    ms_lanes *x;          /* [dimension] */
    ms_lanes *vector[2];  /* [dimension], as the sampler has them */
    ms_lanes *number;     /* [numbers] */
    ms_lanes *statistics; /* of the current patch, those that events need, */
    ms_lanes *before;     /* of the patches before it in this pass, */
    ms_lanes *after;   /* [patches + 1][statistics] from row p on: sums over patches p, p+1, ... as this pass
                          found them. A row that has been passed holds its patch's own instead. */
    ms_lanes *context; /* [context_rows] what the patches before are to the target */
    double conditioning; /* the noise level that is for */
    ms_lanes *score;     /* [patch_size] */
    ms_lanes *log_density;
    size_t level; /* of the schedule that score and log-density are for; SIZE_MAX: they are not up to date */
} generic_group;

static generic *shared_of(const ms_context *context)
{
    return context->shared;
}

static generic_group *state_of(const ms_group *group)
{
    return group->state;
}

static size_t first_of(const ms_context *context, size_t patch)
{
    return ms_passes_coordinate(&context->passes, patch);
}

static size_t length_of(const ms_context *context, size_t patch)
{
    return first_of(context, patch + 1) - first_of(context, patch);
}

static double *numbers_of(ms_lanes *rows)
{
    return (double *)rows;
}

static const char *refuses(const ms_run_params *params)
{
    const ms_target *target = params->target;
    unsigned gives = target->type->gives(target->content);
    bool chained = params->patch_size < target->dimension;
    if (params->sampler->needs_log_density && !(gives & MS_GIVES_LOG_DENSITY))
        return "needs a target with a log-density for this sampler";
    if (chained && !(gives & MS_GIVES_CONDITIONAL))
        return "needs a target with conditional distributions of patches; this one has none, so patch_size "
               "must be "
               "full";
    if (params->schedule.noise_level > 0 && !(gives & MS_GIVES_SMOOTHED))
        return "needs a target that can be smoothed; this one cannot, so noise_level must be 0";
    if (params->schedule.noise_level == 0 && (gives & MS_NEEDS_NOISE))
        return "needs a noise_level above 0 for this target, which has no density without noise";
    if (params->start.type == MS_START_COMPONENT && !(gives & MS_GIVES_DRAWS))
        return "cannot start from a component of this target, which cannot be sampled; use a different start";
    return NULL;
}

static ms_status prepare(ms_context *context, ms_error *error)
{
    const ms_run_params *p = context->params;
    const void *content = p->target->content;
    generic *g = calloc(1, sizeof *g);
    context->shared = g;
    if (!g)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a run");
    g->type = ms_target_type_for(p->target->type, context->kernel->number);
    g->sampler = ms_sampler_for(p->sampler, context->kernel->number);
    g->content = content;
    g->measures = ms_measures_of(p->target, g->type, p->clauses, p->clause_count);
    g->statistics = g->type->statistics(content);
    g->context_rows = g->type->context_rows(content);
    g->conditions_vary = p->conditioning == MS_CONDITIONING_SAME && ms_schedule_levels(&p->schedule) > 1;
    size_t scratch = g->sampler->scratch(p->sampler_params, p->patch_size, g->statistics);
    size_t target_scratch = g->type->scratch(content, p->patch_size);
    size_t constants = g->type->constants(content, p->patch_size) / MS_LANES + 1;
    g->constants = numbers_of(ms_rows_alloc(constants));
    g->absorbing = numbers_of(ms_rows_alloc(constants));
    g->scratch = ms_rows_alloc(scratch);
    g->target_scratch = ms_rows_alloc(target_scratch);
    g->sum = ms_rows_alloc(g->statistics);
    g->measure = ms_rows_alloc(ms_measures_rows(&g->measures));
    return g->constants && g->absorbing && g->scratch && g->target_scratch && g->sum && g->measure
               ? MS_OK
               : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a run of dimension %zu",
                              p->target->dimension);
}

static void release(ms_context *context)
{
    generic *g = context->shared;
    if (!g)
        return;
    free(g->constants);
    free(g->absorbing);
    free(g->scratch);
    free(g->target_scratch);
    free(g->sum);
    free(g->measure);
    free(g);
}

static size_t measures(const ms_context *context)
{
    return ms_measures_rows(&shared_of(context)->measures);
}

static ms_condition condition(const ms_context *context, const ms_clause *clause)
{
    return ms_measures_condition(&shared_of(context)->measures, clause);
}

static bool alloc(ms_group *group, const ms_context *context)
{
    const generic *g = shared_of(context);
    size_t dimension = context->passes.dimension, patches = context->passes.patches;
    generic_group *s = calloc(1, sizeof *s);
    group->state = s;
    if (!s)
        return false;
    bool good = true;
    for (size_t v = 0; v < g->sampler->vectors; v++)
        good &= (s->vector[v] = ms_rows_alloc(dimension)) != NULL;
    s->x = ms_rows_alloc(dimension);
    s->number = ms_rows_alloc(g->sampler->numbers);
    s->statistics = ms_rows_alloc(g->statistics);
    s->before = ms_rows_alloc(g->statistics);
    s->after = ms_rows_alloc((patches + 1) * g->statistics);
    s->context = ms_rows_alloc(g->context_rows);
    s->score = ms_rows_alloc(context->params->patch_size);
    s->log_density = ms_rows_alloc(1);
    return good && s->x && s->number && s->statistics && s->before && s->after && s->context && s->score &&
           s->log_density;
}

static void free_group(ms_group *group)
{
    generic_group *s = group->state;
    if (!s)
        return;
    free(s->x);
    free(s->vector[0]);
    free(s->vector[1]);
    free(s->number);
    free(s->statistics);
    free(s->before);
    free(s->after);
    free(s->context);
    free(s->score);
    free(s->log_density);
    free(s);
}

static ms_batch batch_of(const ms_group *group, const ms_context *context, size_t first, size_t length)
{
    const generic *g = shared_of(context);
    generic_group *s = state_of(group);
    ms_batch b = {.kernel = context->kernel,
                  .key = context->params->key,
                  .chain = (const uint64_t *)&group->chain,
                  .length = length,
                  .x = numbers_of(s->x + first),
                  .score = numbers_of(s->score),
                  .log_density = g->sampler->needs_log_density ? numbers_of(s->log_density) : NULL,
                  .statistics = numbers_of(s->statistics),
                  .scratch = numbers_of(g->scratch),
                  .statistic_rows = g->statistics,
                  .type = g->type,
                  .content = g->content,
                  .place = &g->place,
                  .constants = g->constants,
                  .context = numbers_of(s->context),
                  .target_scratch = numbers_of(g->target_scratch),
                  .skips_distance_0 = !g->measures.needs_distance_0,
                  .active = (const int64_t *)&group->active};
    for (size_t i = 0; i < 2; i++) {
        b.vector[i] = s->vector[i] ? numbers_of(s->vector[i] + first) : NULL;
        b.number[i] = numbers_of(s->number + i);
    }
    return b;
}

static bool start(ms_group *group, const ms_context *context)
{
    const generic *g = shared_of(context);
    size_t dimension = context->passes.dimension;
    ms_lanes *room = ms_rows_alloc(2 * dimension);
    if (!room)
        return false;
    ms_start_draw(context->params, context->kernel, g->type, 0, (const uint64_t *)&group->chain,
                  numbers_of(room), numbers_of(state_of(group)->x));
    free(room);
    if (g->sampler->start) {
        ms_batch batch = batch_of(group, context, 0, dimension);
        g->sampler->start(context->params->sampler_params, &batch);
    }
    return true;
}

/* The constants of the place, unless they are there. */
static void go_to(generic *g, const ms_place *place)
{
    if (g->place.length == place->length && g->place.first == place->first &&
        g->place.noise_level == place->noise_level && g->place.conditioning == place->conditioning)
        return;
    g->place = *place;
    g->type->prepare(g->content, place, g->constants);
}

static void measure_patch(const ms_group *group, const ms_context *context, size_t patch,
                          ms_lanes *statistics)
{
    generic *g = shared_of(context);
    size_t first = first_of(context, patch);
    const ms_place place = {first, length_of(context, patch), 0, 0};
    const ms_evaluation e = {.x = numbers_of(state_of(group)->x + first),
                             .statistics = numbers_of(statistics),
                             .scratch = numbers_of(g->target_scratch),
                             .active = (const int64_t *)&group->active};
    g->type->evaluate(g->content, &place, NULL, &e);
}

static void measure(ms_group *group, const ms_context *context)
{
    const generic *g = shared_of(context);
    for (size_t patch = 0; patch < context->passes.patches; patch++)
        measure_patch(group, context, patch, state_of(group)->after + patch * g->statistics);
}

static double last_noise_level(const ms_context *context)
{
    double noise_level;
    const ms_schedule *schedule = &context->params->schedule;
    ms_schedule_level(schedule, ms_schedule_levels(schedule) - 1, &noise_level, NULL);
    return noise_level;
}

static void clear(ms_lanes *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rows[i] = ms_lanes_of(0);
}

static void begin_pass(ms_group *group, const ms_context *context)
{
    const generic *g = shared_of(context);
    generic_group *s = state_of(group);
    clear(s->before, g->statistics);
    clear(s->context, g->context_rows);
    s->conditioning = last_noise_level(context);
    for (size_t row = context->passes.patches * g->statistics; row-- > 0;)
        s->after[row] += s->after[row + g->statistics];
}

static void enter_patch(ms_group *group, const ms_context *context, size_t patch)
{
    generic_group *s = state_of(group);
    s->level = SIZE_MAX;
    measure_patch(group, context, patch, s->statistics);
}

/* Adds a patch to what the patches before it are to the target. */
static void absorb(ms_group *group, const ms_context *context, size_t patch)
{
    generic *g = shared_of(context);
    generic_group *s = state_of(group);
    size_t first = first_of(context, patch);
    const ms_place place = {first, length_of(context, patch), s->conditioning, s->conditioning};
    if (g->context_rows == 0)
        return;
    g->type->prepare(g->content, &place, g->absorbing);
    g->type->absorb(g->content, &place, g->absorbing, numbers_of(s->x + first), numbers_of(g->target_scratch),
                    numbers_of(s->context));
}

static void leave_patch(ms_group *group, const ms_context *context, size_t patch)
{
    const generic *g = shared_of(context);
    generic_group *s = state_of(group);
    ms_lanes *own = s->after + patch * g->statistics;
    measure_patch(group, context, patch, own);
    for (size_t i = 0; i < g->statistics; i++)
        s->before[i] += own[i];
    if (patch + 1 < context->passes.patches) /* else the pass is over */
        absorb(group, context, patch);
}

/* The context as it is for another noise level. */
static void look_again(ms_group *group, const ms_context *context, size_t patch, double conditioning)
{
    generic_group *s = state_of(group);
    clear(s->context, shared_of(context)->context_rows);
    s->conditioning = conditioning;
    for (size_t before = 0; before < patch; before++)
        absorb(group, context, before);
}

static void totals(const ms_group *group, const ms_context *context, size_t patch, bool all, ms_lanes *total)
{
    generic *g = shared_of(context);
    const generic_group *s = state_of(group);
    all |= !g->type->measure_whole;
    const bool needs[3] = {true, all || g->measures.needs[1], all || g->measures.needs[2]};
    measure_patch(group, context, patch, g->sum);
    for (size_t i = 0; i < g->statistics; i++)
        g->sum[i] = (s->before[i] + s->after[(patch + 1) * g->statistics + i]) + g->sum[i];
    ms_measures_find(&g->measures, needs, numbers_of(g->sum), numbers_of(s->x),
                     (const int64_t *)&group->active, numbers_of(total));
}

/* Whether a pending event holds in a lane. */
static bool find_hits(const ms_group *group, const ms_context *context, const ms_lanes *rest)
{
    generic *g = shared_of(context);
    context->kernel->add(g->statistics, (const double *)rest, (const double *)state_of(group)->statistics,
                         numbers_of(g->sum));
    ms_measures_find(&g->measures, g->measures.needs, numbers_of(g->sum), numbers_of(state_of(group)->x),
                     (const int64_t *)&group->active, numbers_of(g->measure));
    return context->kernel->hits(&context->conditions, (const int64_t *)group->pending,
                                 (const double *)g->measure);
}

static uint64_t advance(ms_group *group, const ms_context *context, size_t patch, size_t level,
                        uint64_t iteration, uint64_t count)
{
    generic *g = shared_of(context);
    generic_group *s = state_of(group);
    const ms_run_params *p = context->params;
    ms_place place = {.first = first_of(context, patch), .length = length_of(context, patch)};
    ms_batch batch = batch_of(group, context, place.first, place.length);
    ms_schedule_level(&p->schedule, level, &place.noise_level, &batch.step_size);
    if (g->sampler->step_is_length) /* as it is written for variances */
        batch.step_size = p->schedule.step_size * __builtin_sqrt(batch.step_size / p->schedule.step_size);
    place.conditioning = g->conditions_vary ? place.noise_level : s->conditioning;
    if (s->conditioning != place.conditioning)
        look_again(group, context, patch, place.conditioning);
    go_to(g, &place);
    if (s->level != level)
        ms_batch_evaluate(&batch, batch.x, batch.score, batch.log_density, batch.statistics);
    s->level = level;
    ms_lanes *rest = s->after + context->passes.patches * g->statistics; /* zeros: lent for the while */
    for (size_t i = 0; i < g->statistics; i++)
        rest[i] = s->before[i] + s->after[(patch + 1) * g->statistics + i];
    uint64_t done = 0;
    for (bool stops = false; done < count && !stops; done++) {
        batch.iteration = iteration + done;
        g->sampler->step(p->sampler_params, &batch);
        stops = context->conditions.events > 0 && find_hits(group, context, rest);
        stops |= g->type->has_failed && g->type->has_failed(g->content);
    }
    clear(rest, g->statistics);
    return done;
}

static void move_lane(ms_lanes *to, int to_lane, const ms_lanes *from, int from_lane, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i][to_lane] = from[i][from_lane];
}

static void move(ms_group *to, int to_lane, const ms_group *from, int from_lane, const ms_context *context)
{
    const generic *g = shared_of(context);
    generic_group *t = to->state;
    const generic_group *f = from->state;
    size_t dimension = context->passes.dimension;
    move_lane(t->x, to_lane, f->x, from_lane, dimension);
    for (size_t v = 0; v < g->sampler->vectors; v++)
        move_lane(t->vector[v], to_lane, f->vector[v], from_lane, dimension);
    move_lane(t->number, to_lane, f->number, from_lane, g->sampler->numbers);
    move_lane(t->statistics, to_lane, f->statistics, from_lane, g->statistics);
    move_lane(t->before, to_lane, f->before, from_lane, g->statistics);
    move_lane(t->after, to_lane, f->after, from_lane, (context->passes.patches + 1) * g->statistics);
    move_lane(t->context, to_lane, f->context, from_lane, g->context_rows);
    t->level = SIZE_MAX;
}

static size_t saved_rows(const ms_context *context)
{
    const ms_sampler_type *sampler = shared_of(context)->sampler;
    return context->passes.dimension * (1 + sampler->vectors) + sampler->numbers;
}

typedef struct part {
    ms_lanes *rows;
    size_t count;
} part;

/* x, the vectors, the numbers */
static void list_parts(const ms_group *group, const ms_context *context, part list[4])
{
    const generic *g = shared_of(context);
    generic_group *s = state_of(group);
    size_t dimension = context->passes.dimension;
    list[0] = (part){s->x, dimension};
    for (size_t v = 0; v < 2; v++)
        list[1 + v] = (part){s->vector[v], v < g->sampler->vectors ? dimension : 0};
    list[3] = (part){s->number, g->sampler->numbers};
}

static void save(const ms_group *group, const ms_context *context, unsigned char *to)
{
    part list[4];
    list_parts(group, context, list);
    for (size_t i = 0; i < 4; to += list[i++].count * sizeof(ms_lanes))
        if (list[i].count > 0)
            memcpy(to, list[i].rows, list[i].count * sizeof(ms_lanes));
}

/* The sums over patches as they are at `patch` of a pass: rows behind it are as the pass found them, rows
 * before it hold the patches' own. */
static void restore(ms_group *group, const ms_context *context, size_t patch, const unsigned char *from)
{
    const generic *g = shared_of(context);
    generic_group *s = state_of(group);
    size_t n = g->statistics;
    part list[4];
    list_parts(group, context, list);
    for (size_t i = 0; i < 4; from += list[i++].count * sizeof(ms_lanes))
        if (list[i].count > 0)
            memcpy(list[i].rows, from, list[i].count * sizeof(ms_lanes));
    clear(s->after + context->passes.patches * n, n);
    measure(group, context);
    for (size_t row = context->passes.patches * n; row-- > (patch + 1) * n;)
        s->after[row] += s->after[row + n];
    clear(s->before, n);
    for (size_t before = 0; before < patch; before++)
        for (size_t i = 0; i < n; i++)
            s->before[i] += s->after[before * n + i];
    look_again(group, context, patch, last_noise_level(context));
    enter_patch(group, context, patch);
}

static void position(const ms_group *group, const ms_context *context, int lane, uint64_t iteration,
                     double *x)
{
    (void)iteration;
    for (size_t j = 0; j < context->passes.dimension; j++)
        x[j] = state_of(group)->x[j][lane];
}

static void view(const ms_group *group, const ms_context *context, int lane, const ms_lanes *total,
                 double *squared_distance, double *log_weight, ms_view *v)
{
    const generic *g = shared_of(context);
    const generic_group *s = state_of(group);
    size_t components = g->measures.components;
    for (size_t i = 0; i < components; i++) {
        squared_distance[i] = total[i][lane];
        log_weight[i] = total[components + i][lane];
    }
    v->log_density = total[2 * components][lane];
    if (g->sampler->momentum != MS_NO_NUMBER)
        for (size_t j = 0; j < context->passes.dimension; j++) {
            double momentum = s->vector[g->sampler->momentum][j][lane];
            v->kinetic_energy += 0.5 * momentum * momentum;
        }
    if (g->sampler->accepted != MS_NO_NUMBER)
        v->acceptance = s->number[g->sampler->accepted][lane] / (double)v->iteration;
}

static void size(const ms_shape *shape, ms_engine_size *size)
{
    size_t count = (shape->dimension - 1) / shape->patch_size + 1;
    double patches = (double)count;
    double k = (double)shape->components, q = (double)shape->patch_size, d = (double)shape->dimension;
    size->saved = shape->dimension * (1 + shape->vectors) + shape->numbers;
    size->group_bytes = sizeof(ms_lanes) * ((double)size->saved + (patches + 3) * 2 * k + k + q + 1);
    /* generous: constants of each component and coordinate, room for proposals, two rows of a start */
    size->shared_bytes = sizeof(double) * (2 * k * (1 + q) + MS_LANES * ((k + 5) * q + 8 * k + 2 * d));
    size->updates = q * (1 + k / 4);
}

const ms_engine_type ms_engine_generic = {.name = "generic",
                                          .engine = MS_ENGINE_GENERIC,
                                          .refuses = refuses,
                                          .size = size,
                                          .prepare = prepare,
                                          .release = release,
                                          .measures = measures,
                                          .condition = condition,
                                          .alloc = alloc,
                                          .free = free_group,
                                          .start = start,
                                          .measure = measure,
                                          .begin_pass = begin_pass,
                                          .enter_patch = enter_patch,
                                          .leave_patch = leave_patch,
                                          .totals = totals,
                                          .advance = advance,
                                          .move = move,
                                          .saved_rows = saved_rows,
                                          .save = save,
                                          .restore = restore,
                                          .position = position,
                                          .view = view};
