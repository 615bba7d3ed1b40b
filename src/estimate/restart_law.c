/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/restart_law.h"

#include "random/elementary.h"
#include "sampler/sampler_type.h"

#include <math.h>
#include <stdlib.h>

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
static void turn(const ms_restart_law *law, ms_quantity quantity, size_t component, double *coefficient,
                 double *bound)
{
    double variance = law->mixture.variance[component];
    if (quantity == MS_SQUARED_DISTANCE)
        return;
    *bound -= *coefficient * (ms_log(law->mixture.weight[component]) -
                              0.5 * (double)law->passes.dimension * ms_log(variance));
    *coefficient *= -0.5 / variance;
}

static void set_conditions(ms_restart_law *law, const ms_clause *clause)
{
    for (size_t i = 0; i < law->conditions; i++) {
        ms_condition *c = &law->condition[i];
        *c = (ms_condition){clause[i].component,   clause[i].reference,
                            clause[i].coefficient, clause[i].reference_coefficient,
                            clause[i].bound,       clause[i].joint};
        turn(law, clause[i].quantity, c->row, &c->coefficient, &c->bound);
        turn(law, clause[i].reference_quantity, c->reference_row, &c->reference_coefficient, &c->bound);
    }
    law->condition[law->conditions - 1].joint = MS_ALONE;
}

static void set_segment(ms_restart_law *law, const ms_run_params *run, uint64_t key)
{
    const ms_reduction *r = law->reduction;
    double noise_level, step_size, d = (double)law->passes.dimension;
    ms_schedule_level(&run->schedule, 0, &noise_level, &step_size);
    law->none.simple = true;
    law->segment = (ms_segment){.step_size = step_size,
                                .key = key,
                                .first_draw = ms_reduction_first_draw(r, &law->passes, 0),
                                .components = law->mixture.components,
                                .span = r->span[0],
                                .length = law->passes.dimension,
                                .mean = r->mean,
                                .mean_stride = r->span_max,
                                .conditions = &law->none};
    for (size_t i = 0; i < law->mixture.components; i++) {
        double variance = law->mixture.variance[i] + noise_level * noise_level;
        law->segment.inverse_variance[i] = 1 / variance;
        for (int lane = 0; lane < MS_LANES; lane++)
            law->segment.base[i][lane] = ms_log(law->mixture.weight[i]) - 0.5 * d * ms_log(variance);
    }
    law->rows = r->span[0] + (law->passes.dimension > r->span[0]);
}

ms_status ms_restart_law_set(ms_restart_law *law, const ms_run_params *run, uint64_t key, ms_error *error)
{
    const char *refused = refusal(run, &law->mixture);
    if (refused)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "restart cannot do with %s", refused);
    for (size_t i = 0; i < run->clause_count; i++)
        if (run->clauses[i].component >= law->mixture.components ||
            run->clauses[i].reference >= law->mixture.components)
            return ms_error_set(error, MS_ERROR_ARGUMENT, "a clause is about a component that is none");
    size_t d = run->target->dimension;
    bool about_origin = run->start.type == MS_START_NORMAL;
    if (!about_origin && run->start.component >= law->mixture.components)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "chains start in a component that is none");
    law->kernel = ms_kernel_find(run->simd);
    law->passes = (ms_passes){.dimension = d, .patch_size = d, .patches = 1, .per_patch = 1, .length = 1};
    law->conditions = run->clause_count;
    law->condition = calloc(run->clause_count, sizeof *law->condition);
    if (!law->condition)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu clauses", run->clause_count);
    ms_status status = ms_reduction_alloc(&law->reduction, run->target, &law->passes, about_origin, error);
    if (status != MS_OK)
        return status;
    set_conditions(law, run->clauses);
    set_segment(law, run, key);
    law->start = about_origin ? law->reduction->start
                              : law->reduction->mean + run->start.component * law->reduction->span_max;
    law->start_variance = about_origin ? run->start.variance : law->mixture.variance[run->start.component];
    return MS_OK;
}

void ms_restart_law_free(ms_restart_law *law)
{
    ms_reduction_free(law->reduction);
    free(law->condition);
}

void ms_restart_law_start(const ms_restart_law *law, uint64_t block, double *x)
{
    static const uint64_t chain[MS_LANES] __attribute__((aligned(MS_ALIGNMENT))) = {0, 1, 2, 3, 4, 5, 6, 7};
    const ms_segment *s = &law->segment;
    double deviation = sqrt(law->start_variance);
    law->kernel->normals(s->key, chain, block, MS_PURPOSE_START, x, s->span);
    if (law->rows > s->span)
        law->kernel->chi_square(s->key, chain, block, MS_PURPOSE_START_RADIUS, s->first_draw,
                                (double)(s->length - s->span), x + s->span * MS_LANES);
    for (int lane = 0; lane < MS_LANES; lane++) {
        for (size_t m = 0; m < s->span; m++)
            x[m * MS_LANES + (size_t)lane] = law->start[m] + deviation * x[m * MS_LANES + (size_t)lane];
        if (law->rows > s->span)
            x[s->span * MS_LANES + (size_t)lane] *= law->start_variance;
    }
}

void ms_restart_law_look(const ms_restart_law *law, double *x, double *distance)
{
    law->kernel->distances_reduced(&law->segment, x, distance);
}

void ms_restart_law_move(ms_restart_law *law, uint64_t iteration, const uint64_t *chain, double *x,
                         double *distance)
{
    law->segment.iteration = iteration;
    law->kernel->advance_reduced(&law->segment, 1, chain, NULL, x, distance);
}

double ms_restart_law_coordinate(const ms_restart_law *law, const double *distance, int lane)
{
    const double *of_lane = distance + lane;
    double nearest = -INFINITY, event = INFINITY;
    bool holds = true;
    for (size_t i = 0; i < law->conditions; i++) {
        const ms_condition *c = &law->condition[i];
        double value = c->coefficient * of_lane[c->row * MS_LANES] +
                       c->reference_coefficient * of_lane[c->reference_row * MS_LANES];
        if (isnan(value))
            return NAN;
        holds = holds && value <= c->bound;
        event = fmin(event, c->bound - value);
        if (c->joint == MS_AND_NEXT)
            continue;
        if (holds)
            return INFINITY;
        nearest = fmax(nearest, event);
        event = INFINITY;
        holds = true;
    }
    return nearest / (double)law->passes.dimension;
}
