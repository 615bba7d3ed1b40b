/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/flux_law.h"

#include "random/elementary.h"
#include "sampler/sampler_type.h"

#include <math.h>
#include <stdlib.h>

#define NEGLIGIBLE (-30) /* log of a responsibility */
#define LANES      for (size_t lane = 0; lane < MS_LANES; lane++)

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
    if (run->start.type != MS_START_NORMAL &&
        (run->start.type != MS_START_COMPONENT || run->start.component != 0))
        return "starts other than component 0 and normal";
    if (run->clause_count == 0)
        return "runs without discovery rules";
    for (size_t i = 0; i < run->clause_count; i++) {
        const ms_clause *c = &run->clauses[i];
        if (c->quantity != MS_SQUARED_DISTANCE || !(c->coefficient > 0) || c->reference_coefficient != 0 ||
            c->joint == MS_AND_NEXT)
            return "rules other than ball: `discovery: {rules: [ball]}`";
        if (c->component >= mixture->components)
            return "a rule about a component that is none";
    }
    return ms_kernel_find(run->simd) ? NULL : "these instructions";
}

static double length(const double *vector, size_t n)
{
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += vector[i] * vector[i];
    return sqrt(square);
}

static const double *mean_of(const ms_flux_law *law, size_t component)
{
    return law->reduction->mean + component * law->reduction->span_max;
}

static ms_status set_balls(ms_flux_law *law, const ms_run_params *run, ms_error *error)
{
    law->ball = calloc(run->clause_count, sizeof *law->ball);
    double *log_mass = calloc(run->clause_count, sizeof *log_mass);
    ms_status status = law->ball && log_mass ? MS_OK
                                             : ms_error_set(error, MS_ERROR_MEMORY,
                                                            "out of memory for %zu balls", run->clause_count);
    for (size_t i = 0; i < run->clause_count && status == MS_OK; i++) {
        ms_flux_ball *b = &law->ball[law->balls++];
        b->component = run->clauses[i].component;
        b->radius_square = run->clauses[i].bound / run->clauses[i].coefficient;
        b->distance = length(mean_of(law, b->component), law->span);
        status = ms_normal_ball_set(&b->normal, law->dimension, law->stationary, b->distance,
                                    b->radius_square, error);
        log_mass[i] = b->normal.log_mass;
    }
    if (status == MS_OK) {
        law->log_mass = ms_log_sum(law->balls, log_mass);
        double sum = 0;
        for (size_t i = 0; i < law->balls; i++)
            law->ball[i].share = sum += ms_exp(fmin(log_mass[i] - law->log_mass, 0));
        law->ball[law->balls - 1].share = 1;
    }
    free(log_mass);
    return status;
}

static ms_status set_chain(ms_flux_law *law, const ms_run_params *run, ms_error *error)
{
    double noise_level, d = (double)law->dimension;
    ms_schedule_level(&run->schedule, 0, &noise_level, &law->step_size);
    for (size_t i = 0; i < law->mixture.components; i++) {
        double variance = law->mixture.variance[i] + noise_level * noise_level;
        law->inverse_variance[i] = 1 / variance;
        law->log_weight[i] = ms_log(law->mixture.weight[i]) - 0.5 * d * ms_log(variance);
    }
    for (size_t i = law->mixture.components; i-- > 0;)
        law->log_weight[i] -= law->log_weight[0];
    double part = 0.25 * law->step_size * law->inverse_variance[0];
    if (!(part < 1))
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "chains diverge: the step size is %g, and must be below four times the variance "
                            "of component 0, %g",
                            law->step_size, 1 / law->inverse_variance[0]);
    law->contraction = 1 - 2 * part;
    law->stationary = 1 / (law->inverse_variance[0] * (1 - part));
    return MS_OK;
}

ms_status ms_flux_law_set(ms_flux_law *law, const ms_run_params *run, uint64_t key, ms_error *error)
{
    const char *refused = refusal(run, &law->mixture);
    if (refused)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "reversible_flux cannot do with %s", refused);
    size_t d = run->target->dimension;
    bool about_origin = run->start.type == MS_START_NORMAL;
    law->kernel = ms_kernel_find(run->simd);
    law->key = key;
    law->dimension = d;
    law->passes = (ms_passes){.dimension = d, .patch_size = d, .patches = 1, .per_patch = 1, .length = 1};
    ms_status status = ms_reduction_alloc(&law->reduction, run->target, &law->passes, about_origin, error);
    if (status != MS_OK)
        return status;
    law->span = law->reduction->span[0];
    law->rows = law->span + (d > law->span);
    law->start = about_origin ? law->reduction->start : NULL;
    law->start_variance = about_origin ? run->start.variance : law->mixture.variance[0];
    status = set_chain(law, run, error);
    return status == MS_OK ? set_balls(law, run, error) : status;
}

void ms_flux_law_free(ms_flux_law *law)
{
    for (size_t i = 0; i < law->balls; i++)
        ms_normal_ball_free(&law->ball[i].normal);
    free(law->ball);
    ms_reduction_free(law->reduction);
}

/* Number `number` of the uniforms of a path's start, in (0, 1]. */
static double uniform_of(const ms_flux_law *law, uint64_t path, uint32_t number)
{
    const ms_stream stream = {law->key, (uint32_t)path, 0, MS_PURPOSE_START_UNIFORM};
    uint32_t word[4];
    ms_stream_words(&stream, number / 2, word);
    const uint32_t *two = number % 2 ? word + 2 : word;
    return (double)two[0] * 0x1p-32 + ((double)two[1] + 0.5) * 0x1p-64;
}

/* Number `number` of its chi-square variates: even iterations, because two share blocks. */
static double chi_square_of(const ms_flux_law *law, uint64_t path, uint64_t number, size_t degrees)
{
    _Alignas(MS_ALIGNMENT) uint64_t chain[MS_LANES];
    _Alignas(MS_ALIGNMENT) double variate[MS_LANES];
    for (int lane = 0; lane < MS_LANES; lane++)
        chain[lane] = path;
    law->kernel->chi_square(law->key, chain, 2 * number, MS_PURPOSE_START_RADIUS, 0, (double)degrees,
                            variate);
    return variate[0];
}

enum { ball_uniform, order_uniform, side_uniform, first_uniform };
enum { along_variate, outside_variate, first_variate };

/* A Gamma(d/2 + order) variate that is at most y. Where this is rare it is y e^-w, w exponential with rate
 * d/2 + order - y and accepted with probability exp(-y (e^-w - 1 + w)); else such variates are drawn until
 * one is. */
static double half_square_within(const ms_flux_law *law, const ms_normal_ball *ball, uint64_t path,
                                 size_t order)
{
    double y = ball->bound, rate = ball->half_dimension + (double)order - y;
    if (rate > 0 && rate * rate >= y)
        for (uint32_t number = first_uniform;; number += 2) {
            double w = -ms_log(uniform_of(law, path, number)) / rate, shrinks = ms_exp(-w);
            if (ms_log(uniform_of(law, path, number + 1)) <= -y * (shrinks - 1 + w))
                return y * shrinks;
        }
    for (uint64_t number = first_variate;; number++) {
        double half = 0.5 * chi_square_of(law, path, number, law->dimension + 2 * order);
        if (half <= y)
            return half;
    }
}

/* Squared distances [components] to the means. */
static void find_distances(const ms_flux_law *law, const double *x, double *distance)
{
    size_t i = 0;
    do {
        double *row = distance + i * MS_LANES;
        LANES row[lane] = law->rows > law->span ? x[law->span * MS_LANES + lane] : 0;
        for (size_t m = 0; m < law->span; m++) {
            double mean = mean_of(law, i)[m];
            const double *u = x + m * MS_LANES;
            LANES row[lane] += (u[lane] - mean) * (u[lane] - mean);
        }
    } while (++i < law->mixture.components);
}

/* How many balls each lane is in. */
static void count_balls(const ms_flux_law *law, const double *distance, double *count)
{
    LANES count[lane] = 0;
    for (size_t i = 0; i < law->balls; i++) {
        const double *row = distance + law->ball[i].component * MS_LANES;
        double most = law->ball[i].radius_square;
        LANES count[lane] += row[lane] <= most ? 1 : 0;
    }
}

/* Puts a lane at a distance from a ball's centre. A vector's part along the line to mean_0 and what is
 * orthogonal to it give the direction; see normal_ball.h. */
static void place_about(const ms_flux_law *law, const ms_flux_ball *ball, uint64_t path, size_t order,
                        double square, int lane, double *x)
{
    _Alignas(MS_ALIGNMENT) uint64_t chain[MS_LANES];
    _Alignas(MS_ALIGNMENT) double normal[MS_FLUX_ROWS_MAX * MS_LANES];
    double axis[MS_FLUX_ROWS_MAX] = {1}, across[MS_FLUX_ROWS_MAX], inner = 0, total;
    const double *mean = mean_of(law, ball->component);
    for (int i = 0; i < MS_LANES; i++)
        chain[i] = path;
    law->kernel->normals(law->key, chain, 0, MS_PURPOSE_START, normal, law->span);
    for (size_t m = 0; m < law->span; m++) {
        axis[m] = ball->distance > 0 ? mean[m] / ball->distance : axis[m];
        inner += axis[m] * normal[m * MS_LANES];
    }
    double along = chi_square_of(law, path, along_variate, 2 * order + 1);
    size_t outside = law->dimension - law->span;
    double off = outside > 0 ? chi_square_of(law, path, outside_variate, outside) : 0;
    total = along + off;
    for (size_t m = 0; m < law->span; m++) {
        across[m] = normal[m * MS_LANES] - inner * axis[m];
        total += across[m] * across[m];
    }
    double scale = sqrt(square / total), part = sqrt(along) * scale;
    double farther = ms_exp(-2 * part * ball->distance / law->stationary); /* to 1 as is nearer mean_0 */
    if (uniform_of(law, path, side_uniform) * (1 + farther) <= 1)
        part = -part;
    for (size_t m = 0; m < law->span; m++)
        x[m * MS_LANES + (size_t)lane] = mean[m] + part * axis[m] + scale * across[m];
    if (outside > 0)
        x[law->span * MS_LANES + (size_t)lane] = law->span > 0 ? off * scale * scale : square;
}

double ms_flux_law_start(const ms_flux_law *law, uint64_t path, int lane, double *x)
{
    const ms_flux_ball *ball = law->ball;
    double which = uniform_of(law, path, ball_uniform);
    while (ball->share < which)
        ball++;
    size_t order = ms_normal_ball_order(&ball->normal, uniform_of(law, path, order_uniform));
    double square = 2 * law->stationary * half_square_within(law, &ball->normal, path, order);
    place_about(law, ball, path, order, square, lane, x);
    double distance[MS_ISOTROPIC_COMPONENTS_MAX * MS_LANES], count[MS_LANES];
    find_distances(law, x, distance);
    count_balls(law, distance, count);
    return 1 / fmax(count[lane], 1); /* 0: on the boundary, to rounding */
}

/* The largest of log(gamma_i / gamma_0), i > 0, of each lane. */
static void find_rival(const ms_flux_law *law, const double *distance, double *rival)
{
    LANES rival[lane] = -INFINITY;
    for (size_t i = 1; i < law->mixture.components; i++) {
        const double *row = distance + i * MS_LANES;
        double constant = law->log_weight[i];
        double half_0 = 0.5 * law->inverse_variance[0], half_i = 0.5 * law->inverse_variance[i];
        LANES
        {
            double ratio = constant + (distance[lane] * half_0 - row[lane] * half_i);
            rival[lane] = ratio > rival[lane] ? ratio : rival[lane];
        }
    }
}

static void responsibilities(const ms_flux_law *law, const double *distance, size_t lane, double *gamma)
{
    for (size_t i = 0; i < law->mixture.components; i++)
        gamma[i] = law->log_weight[i] + 0.5 * (distance[lane] * law->inverse_variance[0] -
                                               distance[i * MS_LANES + lane] * law->inverse_variance[i]);
    ms_softmax(law->mixture.components, gamma);
}

/* The mixture's chain goes from x to c x + shift x + sum_m pull_m e_m + noise. */
typedef struct flux_drift {
    double foreign; /* 1 - gamma_0 */
    double shift, pull[MS_FLUX_ROWS_MAX];
    double square; /* |shift x + sum_m pull_m e_m|^2 */
} flux_drift;

static void find_drift(const ms_flux_law *law, const double *x, const double *distance, size_t lane,
                       flux_drift *drift)
{
    double gamma[MS_ISOTROPIC_COMPONENTS_MAX], half = 0.5 * law->step_size;
    responsibilities(law, distance, lane, gamma);
    *drift = (flux_drift){.foreign = 0};
    for (size_t i = 1; i < law->mixture.components; i++) {
        drift->foreign += gamma[i];
        drift->shift += half * gamma[i] * (law->inverse_variance[0] - law->inverse_variance[i]);
    }
    drift->square = drift->shift * drift->shift * distance[lane];
    for (size_t m = 0; m < law->span; m++) {
        for (size_t i = 1; i < law->mixture.components; i++)
            drift->pull[m] += half * gamma[i] * law->inverse_variance[i] * mean_of(law, i)[m];
        drift->square += drift->pull[m] * (2 * drift->shift * x[m * MS_LANES + lane] + drift->pull[m]);
    }
}

void ms_flux_law_look(const ms_flux_law *law, const double *x, double *foreign, double *variance)
{
    double distance[MS_ISOTROPIC_COMPONENTS_MAX * MS_LANES];
    find_distances(law, x, distance);
    LANES
    {
        flux_drift drift;
        find_drift(law, x, distance, lane, &drift);
        foreign[lane] = drift.foreign;
        variance[lane] = drift.square / law->step_size;
    }
}

/* A step: where it began, on the span, and the products of whole vectors, before and after. */
typedef struct flux_step {
    double before[MS_FLUX_ROWS_MAX * MS_LANES], inner[MS_LANES];
} flux_step;

static void make_step(const ms_flux_law *law, const double *normal, const double *variate, double *x,
                      flux_step *step)
{
    double c = law->contraction, deviation = sqrt(law->step_size);
    LANES step->inner[lane] = 0;
    for (size_t m = 0; m < law->span; m++) {
        double *row = x + m * MS_LANES, *before = step->before + m * MS_LANES;
        LANES
        {
            before[lane] = row[lane];
            row[lane] = c * row[lane] + deviation * normal[m * MS_LANES + lane];
            step->inner[lane] += before[lane] * row[lane];
        }
    }
    if (law->rows == law->span)
        return;
    double *rho = x + law->span * MS_LANES;
    LANES
    {
        double root = sqrt(rho[lane]), after = c * root + deviation * normal[law->span * MS_LANES + lane];
        rho[lane] = after * after + law->step_size * variate[lane];
        step->inner[lane] += root * after;
    }
}

static double log_ratio_of(const ms_flux_law *law, const flux_step *step, const double *x,
                           const double *distance, size_t lane)
{
    flux_drift drift;
    find_drift(law, x, distance, lane, &drift);
    double along = drift.shift * (step->inner[lane] - law->contraction * distance[lane]);
    for (size_t m = 0; m < law->span; m++)
        along +=
            drift.pull[m] * (step->before[m * MS_LANES + lane] - law->contraction * x[m * MS_LANES + lane]);
    return (2 * along - drift.square) / (2 * law->step_size);
}

void ms_flux_law_move(const ms_flux_law *law, uint64_t iteration, const uint64_t *path, double *x,
                      bool *is_inside, double *log_ratio)
{
    _Alignas(MS_ALIGNMENT) double normal[MS_FLUX_ROWS_MAX * MS_LANES], variate[MS_LANES] = {0};
    double distance[MS_ISOTROPIC_COMPONENTS_MAX * MS_LANES], count[MS_LANES], rival[MS_LANES];
    flux_step step;
    law->kernel->normals(law->key, path, iteration, MS_PURPOSE_NOISE, normal, law->rows);
    if (law->dimension > law->span + 1)
        law->kernel->chi_square(law->key, path, iteration, MS_PURPOSE_POSITION, 0,
                                (double)(law->dimension - law->span - 1), variate);
    make_step(law, normal, variate, x, &step);
    find_distances(law, x, distance);
    count_balls(law, distance, count);
    find_rival(law, distance, rival);
    LANES
    {
        is_inside[lane] = count[lane] > 0;
        bool matters = !is_inside[lane] && rival[lane] > NEGLIGIBLE;
        log_ratio[lane] = matters ? log_ratio_of(law, &step, x, distance, lane) : 0;
    }
}
