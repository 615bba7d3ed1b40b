/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/outlook.h"

#include "estimate/exit_exponent.h"
#include "estimate/quadrature.h"
#include "estimate/restart.h"
#include "estimate/reversible_flux.h"
#include "random/elementary.h"
#include "sampler/sampler_type.h"
#include "target/target_type.h"

#include <math.h>
#include <stdlib.h>

#define OFF_LINE 1e-20 /* of a squared length: rounding */
/* The mean of one way out is about e^(V d) (SLOW m / z + FAST z), V as I but with the weights, m the
 * iterations in which a start is forgotten, z = sqrt(2 V d), at least Z_LEAST: as of a half-plane, the first
 * for small steps, the second, the probability of being there, for large ones. Fitted to the reference
 * target's balls at d = 100 and 1000; tests/unit/test_outlook.c has how it does elsewhere. */
#define SLOW    1.48
#define FAST    1.73
#define Z_LEAST 3
/* Nanoseconds of a move, and moves for a relative error of 1, as measured: bench_reversible_flux, the test
 * statistical/restart */
#define DIRECT_MOVE        15e-9
#define RESTART_MOVE       60e-9
#define RESTART_MOVES      60.0
#define RESTART_GROWTH     0.38
#define FLUX_MOVE          40e-9
#define FLUX_TIME          4.6 /* that a path is followed, in which a start is forgotten */
#define QUADRATURE_SECONDS 5
#define QUADRATURE_BYTES   2e9
#define RESTART_LOG_MOST   25 /* of the mean: beyond, its interval cannot be trusted */
#define LOG_MEAN_MOST      690

/* A run's dynamics per dimension: squares are divided by d. */
typedef struct scene {
    const ms_run_params *run;
    ms_isotropic mixture;
    double dimension, step_size;
    double smoothed[MS_LINE_COMPONENTS_MAX], weight[MS_LINE_COMPONENTS_MAX];
    size_t origin;                         /* the component that chains are in, 0 but for stepping stones */
    double square[MS_LINE_COMPONENTS_MAX]; /* of the distance from its mean */
} scene;

/* Squared distance of two means, per dimension. */
static double square_between(const scene *s, size_t i, size_t j)
{
    const double *a = s->mixture.mean + i * s->run->target->dimension,
                 *b = s->mixture.mean + j * s->run->target->dimension;
    double sum = 0;
    for (size_t k = 0; k < s->run->target->dimension; k++)
        sum += (a[k] - b[k]) * (a[k] - b[k]);
    return sum / s->dimension;
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
    if (run->start.type != MS_START_COMPONENT || run->start.component != 0)
        return "starts other than component 0";
    return run->clause_count == 0 ? "runs without discovery rules" : NULL;
}

/* The variance that a chain of component i has in the long run. */
static double stationary(const scene *s, size_t i)
{
    return s->smoothed[i] / (1 - s->step_size / (4 * s->smoothed[i]));
}

/* l_j per dimension, smoothed or not, at a point with that squared distance. */
static double log_weight(const scene *s, size_t j, double square, const double *variance)
{
    return ms_log(s->weight[j]) - 0.5 * ms_log(variance[j]) - square / (2 * variance[j]);
}

static double quantity_of(const scene *s, ms_quantity quantity, size_t j, double square)
{
    return quantity == MS_SQUARED_DISTANCE ? square : log_weight(s, j, square, s->mixture.variance);
}

/* Whether clauses that are all to hold do so at typical points of N(mean_i, variance I). */
static bool holds_at(const scene *s, const ms_clause *clause, size_t count, size_t i, double variance)
{
    for (size_t k = 0; k < count; k++) {
        const ms_clause *c = &clause[k];
        double own = square_between(s, i, c->component) + variance, value = 0;
        value += c->coefficient * quantity_of(s, c->quantity, c->component, own);
        if (c->reference_coefficient != 0) {
            double other = square_between(s, i, c->reference) + variance;
            value += c->reference_coefficient * quantity_of(s, c->reference_quantity, c->reference, other);
        }
        if (value > c->bound / s->dimension)
            return false;
    }
    return true;
}

/* Where means are along the line from that of the origin to the farthest of them; false where others are not
 * on it. */
static bool put_on_line(const scene *s, const bool *is_involved, double *position)
{
    size_t farthest = 0;
    for (size_t i = 0; i < s->mixture.components; i++)
        if (is_involved[i] && s->square[i] > s->square[farthest])
            farthest = i;
    double length = sqrt(s->square[farthest]);
    for (size_t i = 0; i < s->mixture.components; i++) {
        position[i] = 0;
        if (!is_involved[i] || !(length > 0))
            continue;
        position[i] = (s->square[i] + s->square[farthest] - square_between(s, i, farthest)) / (2 * length);
        if (i == farthest)
            position[i] = length;
        double off = s->square[i] - position[i] * position[i];
        if (fabs(off) > sqrt(OFF_LINE) * s->square[farthest])
            return false;
    }
    return true;
}

/* The exponent of clauses that are all to hold. */
static ms_status exponent_of(const scene *s, const ms_clause *clause, size_t count, const double *variance,
                             double *exponent, ms_error *error)
{
    bool is_involved[MS_LINE_COMPONENTS_MAX] = {false};
    double position[MS_LINE_COMPONENTS_MAX];
    ms_line_bound bound[MS_LINE_BOUNDS_MAX];
    ms_clause scaled[MS_LINE_BOUNDS_MAX];
    if (count > MS_LINE_BOUNDS_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "an event of %zu joined clauses", count);
    for (size_t i = 0; i < count; i++) {
        scaled[i] = clause[i];
        scaled[i].bound /= s->dimension;
        scaled[i].joint = i + 1 < count ? MS_AND_NEXT : MS_ALONE;
        is_involved[clause[i].component] = true;
        is_involved[clause[i].reference] |= clause[i].reference_coefficient != 0;
    }
    if (!put_on_line(s, is_involved, position))
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "the components that joined clauses are about are not on a line with component 0");
    ms_status status =
        ms_line_region_of_clauses(scaled, count, 1, s->weight, variance, position, bound, error);
    if (status == MS_OK)
        *exponent = ms_exit_exponent(&(ms_line_region){bound, count}, s->smoothed[s->origin], s->step_size);
    return status;
}

/* That of the way to where component i outweighs component 0 in the dynamics. */
static ms_status exponent_of_switch(const scene *s, size_t i, double *exponent, ms_error *error)
{
    const ms_clause outweighs = {.component = i,
                                 .coefficient = -1,
                                 .reference_coefficient = 1,
                                 .quantity = MS_LOG_WEIGHT,
                                 .reference_quantity = MS_LOG_WEIGHT};
    return exponent_of(s, &outweighs, 1, s->smoothed, exponent, error);
}

/* That of one alternative of an event: straight, or through a component that it is about. */
static ms_status exponent_of_alternative(const scene *s, const ms_clause *clause, size_t count,
                                         double *exponent, ms_error *error)
{
    ms_status status = exponent_of(s, clause, count, s->mixture.variance, exponent, error);
    size_t i = clause->component;
    if (status != MS_OK || i == 0 || *exponent == 0 || !isfinite(*exponent))
        return status;
    double through;
    status = exponent_of_switch(s, i, &through, error);
    if (status != MS_OK || through >= *exponent)
        return status;
    *exponent = through;
    if (s->step_size >= 4 * s->smoothed[i] || !holds_at(s, clause, count, i, stationary(s, i)))
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "component %zu outweighs component 0 before chains come to where it counts as "
                            "discovered, and they would stay there",
                            i);
    return MS_OK;
}

/* With the mixture's weights, which matter less and less in many dimensions, or without. */
static ms_status set_scene(scene *s, const ms_run_params *run, bool with_weights, ms_error *error)
{
    const char *refused = refusal(run, &s->mixture);
    if (refused)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "there is no exponent for %s", refused);
    double noise_level;
    s->run = run;
    s->origin = 0;
    s->dimension = (double)run->target->dimension;
    ms_schedule_level(&run->schedule, 0, &noise_level, &s->step_size);
    for (size_t i = 0; i < s->mixture.components; i++) {
        s->smoothed[i] = s->mixture.variance[i] + noise_level * noise_level;
        s->weight[i] = with_weights ? ms_exp(ms_log(s->mixture.weight[i]) / s->dimension) : 1;
        s->square[i] = square_between(s, 0, i);
    }
    for (size_t i = 0; i < run->clause_count; i++)
        if (run->clauses[i].component >= s->mixture.components ||
            run->clauses[i].reference >= s->mixture.components)
            return ms_error_set(error, MS_ERROR_ARGUMENT, "a clause is about a component that is none");
    if (!(s->step_size < 4 * s->smoothed[0]))
        return ms_error_set(error, MS_ERROR_ARGUMENT, "chains diverge: the step size is %g", s->step_size);
    const double variance[2] = {s->mixture.variance[0], stationary(s, 0)}; /* at the start, and later */
    for (int k = 0; k < 2; k++)
        for (size_t i = 1; i < s->mixture.components; i++)
            if (log_weight(s, i, s->square[i] + variance[k], s->smoothed) >=
                log_weight(s, 0, variance[k], s->smoothed))
                return ms_error_set(error, MS_ERROR_ARGUMENT,
                                    "component %zu outweighs component 0 where chains start", i);
    return MS_OK;
}

/* Iterations in which a start is forgotten. */
static double memory_of(double step_size, double variance)
{
    return 1 / (1 - fabs(1 - step_size / (2 * variance)));
}

/* log of the rate of one way out */
static double log_rate_of(const scene *s, double exponent)
{
    double z = fmax(sqrt(2 * exponent * s->dimension), Z_LEAST);
    double prefactor = SLOW * memory_of(s->step_size, s->smoothed[0]) / z + FAST * z;
    return -exponent * s->dimension - ms_log(prefactor);
}

/* The least exponent of the alternatives, and the logarithm of the sum of their rates. */
static ms_status scan(const scene *s, double *least, double *log_rate, ms_error *error)
{
    const ms_run_params *run = s->run;
    ms_status status = MS_OK;
    double *each = malloc(run->clause_count * sizeof *each);
    if (!each)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu clauses", run->clause_count);
    size_t ways = 0;
    *least = INFINITY;
    for (size_t first = 0, end = 0; first < run->clause_count && status == MS_OK; first = end) {
        while (end < run->clause_count && run->clauses[end++].joint == MS_AND_NEXT)
            ;
        double exponent;
        status = exponent_of_alternative(s, run->clauses + first, end - first, &exponent, error);
        if (status != MS_OK || !isfinite(exponent))
            continue;
        *least = fmin(*least, exponent);
        each[ways++] = log_rate_of(s, exponent);
    }
    if (ways > 0)
        *log_rate = ms_log_sum(ways, each);
    free(each);
    if (status == MS_OK && ways == 0)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "there is nowhere that counts as a discovery");
    return status;
}

static bool is_wanted(const ms_run_params *run, size_t component)
{
    for (size_t i = 0; i < run->clause_count; i++)
        if (run->clauses[i].component == component)
            return true;
    return false;
}

/* The least exponent of discoveries by chains of component `origin`, straight. */
static ms_status exponent_from(const scene *s, size_t origin, double *least, ms_error *error)
{
    const ms_run_params *run = s->run;
    ms_status status = MS_OK;
    scene from = *s;
    from.origin = origin;
    for (size_t i = 0; i < s->mixture.components; i++)
        from.square[i] = square_between(s, origin, i);
    *least = INFINITY;
    for (size_t first = 0, end = 0; first < run->clause_count && status == MS_OK; first = end) {
        double exponent;
        while (end < run->clause_count && run->clauses[end++].joint == MS_AND_NEXT)
            ;
        status = exponent_of(&from, run->clauses + first, end - first, s->mixture.variance, &exponent, error);
        *least = status == MS_OK ? fmin(*least, exponent) : *least;
    }
    return status;
}

/* A component that is come to sooner than a discovery, and from which discoveries are more frequent, is a
 * stepping stone. One that is none holds chains for no more than its share of the time. */
static ms_status check_ways(const scene *s, double least, ms_error *error)
{
    ms_status status = MS_OK;
    for (size_t i = 1; i < s->mixture.components && status == MS_OK; i++) {
        double there, onward = 0;
        if (is_wanted(s->run, i))
            continue;
        status = exponent_of_switch(s, i, &there, error);
        if (status == MS_OK && there < least && s->step_size < 4 * s->smoothed[i])
            status = exponent_from(s, i, &onward, error);
        if (status == MS_OK && fmax(there, onward) < least * (1 - 1e-6))
            status = ms_error_set(error, MS_ERROR_ARGUMENT,
                                  "chains come to discoveries through component %zu, which is not wanted", i);
    }
    return status;
}

static ms_status find_exponent(const ms_run_params *run, double *exponent, bool *has_stepping_stone,
                               ms_error *error)
{
    scene s;
    double log_rate;
    *exponent = NAN;
    *has_stepping_stone = false;
    ms_status status = set_scene(&s, run, false, error);
    if (status == MS_OK)
        status = scan(&s, exponent, &log_rate, error);
    if (status == MS_OK) {
        status = check_ways(&s, *exponent, error);
        *has_stepping_stone = status == MS_ERROR_ARGUMENT;
    }
    if (status != MS_OK)
        *exponent = NAN;
    return status;
}

ms_status ms_exit_exponent_of_run(const ms_run_params *run, double *exponent, ms_error *error)
{
    bool has_stepping_stone;
    return find_exponent(run, exponent, &has_stepping_stone, error);
}

static ms_status find_mean(const ms_run_params *run, ms_outlook *o, ms_error *error)
{
    scene s;
    double least, log_rate;
    o->log_mean = NAN;
    ms_status status = find_exponent(run, &o->exponent, &o->has_stepping_stone, error);
    if (status == MS_OK)
        status = set_scene(&s, run, true, error);
    if (status == MS_OK)
        status = scan(&s, &least, &log_rate, error);
    if (status != MS_OK)
        return status;
    o->log_mean = fmax(-log_rate, 0);
    return MS_OK;
}

static ms_status ask(const ms_run_params *run, ms_way way, ms_error *refused)
{
    ms_status status = MS_OK;
    if (way == MS_WAY_RESTART) {
        ms_restart *restart;
        ms_restart_params params;
        ms_restart_params_init(&params);
        params.run = run;
        status = ms_restart_alloc(&restart, &params, 0, refused);
        ms_restart_free(restart);
    } else if (way == MS_WAY_FLUX) {
        status = ms_reversible_flux_check(run, refused);
    } else if (way == MS_WAY_QUADRATURE) {
        ms_quadrature *quadrature;
        status = ms_quadrature_alloc_run(&quadrature, run, 1e-6, QUADRATURE_BYTES, refused);
        ms_quadrature_free(quadrature);
    }
    return status;
}

/* @param memory iterations in which a start is forgotten */
static double seconds_of(ms_way way, double memory, double log_mean, double relative_error)
{
    double squares = 1 / (relative_error * relative_error);
    if (isnan(log_mean) && (way == MS_WAY_DIRECT || way == MS_WAY_RESTART))
        return NAN;
    switch (way) {
    case MS_WAY_DIRECT:
        return DIRECT_MOVE * squares * ms_exp(fmin(log_mean, 600));
    case MS_WAY_RESTART:
        return RESTART_MOVE * RESTART_MOVES * squares * ms_exp(fmin(RESTART_GROWTH * log_mean, 600));
    case MS_WAY_FLUX:
        return FLUX_MOVE * FLUX_TIME * squares * memory;
    default:
        return QUADRATURE_SECONDS;
    }
}

ms_status ms_outlook_of(const ms_run_params *run, double relative_error, ms_outlook *o, ms_error *error)
{
    *o = (ms_outlook){.exponent = NAN, .log_mean = NAN};
    double noise_level, step_size, variance = ms_target_variance(run->target, 0);
    ms_schedule_level(&run->schedule, 0, &noise_level, &step_size);
    double memory = memory_of(step_size, variance + noise_level * noise_level);
    if (find_mean(run, o, &o->unknown) == MS_ERROR_MEMORY)
        return ms_error_set(error, MS_ERROR_MEMORY, "%s", o->unknown.message);
    for (int way = 0; way < MS_WAYS; way++) {
        ms_error *refused = &o->way[way].refused;
        ms_status status = ask(run, (ms_way)way, refused);
        if (status == MS_ERROR_MEMORY)
            return ms_error_set(error, MS_ERROR_MEMORY, "%s", refused->message);
        o->way[way].seconds = seconds_of((ms_way)way, memory, o->log_mean, relative_error);
        double most = way == MS_WAY_RESTART ? RESTART_LOG_MOST : LOG_MEAN_MOST;
        if (status == MS_OK && way != MS_WAY_DIRECT && o->log_mean > most)
            status = ms_error_set(refused, MS_ERROR_ARGUMENT,
                                  "a mean of about e^%.0f iterations, above e^%.0f", o->log_mean, most);
        o->way[way].is_possible = status == MS_OK;
        bool is_better = !(o->way[way].seconds >= o->way[o->best].seconds); /* than what is not known, too */
        if (o->way[way].is_possible && !isnan(o->way[way].seconds) && is_better)
            o->best = (ms_way)way;
    }
    return MS_OK;
}
