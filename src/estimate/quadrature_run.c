/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The quadrature of a run: whether its law is that of a chain on a line, and which. */
#include "estimate/quadrature.h"
#include "sampler/sampler_type.h"
#include "target/target_type.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OFF_LINE 1e-20 /* of the squared length of a difference: rounding */

/* mean_0, the direction of the line, and the target's components. */
typedef struct line {
    size_t dimension;
    const double *origin;
    double *direction;
    ms_isotropic mixture;
} line;

/* Point minus origin: along the line, and the square of what is off it. */
static double along(const line *l, const double *point, double *off)
{
    double u = 0;
    for (size_t j = 0; j < l->dimension; j++)
        u += l->direction[j] * ((point ? point[j] : 0) - l->origin[j]);
    *off = 0;
    for (size_t j = 0; j < l->dimension; j++) {
        double rest = (point ? point[j] : 0) - l->origin[j] - u * l->direction[j];
        *off += rest * rest;
    }
    return u;
}

static double length_square(const line *l, const double *point)
{
    double sum = 0;
    for (size_t j = 0; j < l->dimension; j++) {
        double difference = (point ? point[j] : 0) - l->origin[j];
        sum += difference * difference;
    }
    return sum;
}

/* The line goes to whichever point is farthest from mean_0. NULL is the origin of the coordinates, a point
 * only if `with_zero`. */
static void set_direction(line *l, bool with_zero)
{
    const double *farthest = l->origin;
    double longest = with_zero ? length_square(l, NULL) : 0;
    if (longest > 0)
        farthest = NULL;
    for (size_t i = 1; i < l->mixture.components; i++) {
        const double *mean = l->mixture.mean + i * l->dimension;
        double square = length_square(l, mean);
        if (square > longest) {
            longest = square;
            farthest = mean;
        }
    }
    for (size_t j = 0; j < l->dimension; j++)
        l->direction[j] = longest > 0 ? ((farthest ? farthest[j] : 0) - l->origin[j]) / sqrt(longest) : 0;
}

/* Where a point is on the line; false where it is not on it. */
static bool locate(const line *l, const double *point, double *position)
{
    double off;
    *position = along(l, point, &off);
    return off <= OFF_LINE * length_square(l, point);
}

static const char *refusal(const ms_run_params *run, ms_isotropic *mixture)
{
    const ms_target *target = run->target;
    if (run->sampler != ms_sampler_langevin)
        return "samplers other than langevin";
    if (!target->type->isotropic || !target->type->isotropic(target->content, mixture))
        return "targets other than mixtures of isotropic Gaussians";
    if (mixture->components > MS_LINE_COMPONENTS_MAX)
        return "so many components";
    if (ms_schedule_levels(&run->schedule) > 1)
        return "schedules of several noise levels";
    if (run->patch_size > 0 && run->patch_size < target->dimension)
        return "patches";
    if (run->start.type != MS_START_COMPONENT && run->start.type != MS_START_NORMAL)
        return "starts other than a component and normal";
    if (run->clause_count == 0)
        return "runs without discovery rules";
    return NULL;
}

static ms_status alloc_on_line(ms_quadrature **quadrature, const ms_run_params *run, line *l,
                               double tolerance, double memory, ms_error *error)
{
    double position[MS_LINE_COMPONENTS_MAX], variance[MS_LINE_COMPONENTS_MAX], noise_level, step_size, start;
    ms_line_bound bound[MS_LINE_BOUNDS_MAX];
    const ms_isotropic *m = &l->mixture;
    bool of_component = run->start.type == MS_START_COMPONENT;
    set_direction(l, !of_component);
    ms_schedule_level(&run->schedule, 0, &noise_level, &step_size);
    bool on_line = locate(l, of_component ? m->mean + run->start.component * l->dimension : NULL, &start);
    for (size_t i = 0; i < m->components; i++) {
        on_line = locate(l, m->mean + i * l->dimension, &position[i]) && on_line;
        variance[i] = m->variance[i] + noise_level * noise_level;
    }
    if (!on_line)
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "quadrature needs all means, and the middle of the start, on a line");
    ms_status status = ms_line_region_of_clauses(run->clauses, run->clause_count, l->dimension, m->weight,
                                                 m->variance, position, bound, error);
    ms_quadrature_params params = {
        .chain = {m->components, m->weight, variance, position, l->dimension, step_size, start,
                  of_component ? m->variance[run->start.component] : run->start.variance},
        .region = {bound, run->clause_count},
        .times = run->snapshots,
        .time_count = run->snapshot_count,
        .tolerance = tolerance,
        .memory = memory};
    return status == MS_OK ? ms_quadrature_alloc(quadrature, &params, error) : status;
}

ms_status ms_quadrature_alloc_run(ms_quadrature **quadrature, const ms_run_params *run, double tolerance,
                                  double memory, ms_error *error)
{
    line l = {.dimension = run->target->dimension};
    *quadrature = NULL;
    const char *refused = refusal(run, &l.mixture);
    if (refused || !l.mixture.mean)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "quadrature cannot do with %s",
                            refused ? refused : "this target");
    l.origin = l.mixture.mean;
    l.direction = malloc(l.dimension * sizeof *l.direction);
    if (!l.direction)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a direction of %zu dimensions",
                            l.dimension);
    ms_status status = alloc_on_line(quadrature, run, &l, tolerance, memory, error);
    free(l.direction);
    return status;
}
