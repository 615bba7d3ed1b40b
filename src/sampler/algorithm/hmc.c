/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hamiltonian Monte Carlo (Duane, Kennedy, Pendleton, Roweth 1987; Neal 2011): a fresh momentum of unit mass,
 * leapfrog steps, and the end accepted with probability min(1, exp(-dH)). With one step of length sqrt(delta)
 * it is the Metropolis-adjusted Langevin algorithm, whose proposal is the Langevin step of step size delta.
 */
#include "random/width.h"

#include "sampler/algorithm/hmc.h"
#include "sampler/algorithm/langevin.h"
#include "sampler/sampler_type.h"

#include <string.h>

#define STEPS_MAX 100000

static const ms_field hmc_fields[] = {
    {.key = "step_size",
     .type = MS_FIELD_NUMBER,
     .doc = "length of a leapfrog step",
     .required = true,
     .sweepable = true,
     .offset = offsetof(ms_hmc_params, step_size),
     .low = 0,
     .above_low = true,
     .high = 1e100},
    {.key = "leapfrog_steps",
     .type = MS_FIELD_COUNT,
     .doc = "leapfrog steps of an iteration",
     .required = true,
     .sweepable = true,
     .offset = offsetof(ms_hmc_params, leapfrog_steps),
     .least = 1,
     .most = STEPS_MAX},
};
static const ms_schema hmc_schema = {"sampler: hmc", hmc_fields, sizeof hmc_fields / sizeof *hmc_fields};

static const ms_field mala_fields[] = {
    {.key = "step_size",
     .type = MS_FIELD_NUMBER,
     .doc = "delta of the proposal's Langevin step",
     .required = true,
     .sweepable = true,
     .offset = offsetof(ms_langevin_params, step_size),
     .low = 0,
     .above_low = true,
     .high = 1e100},
};
static const ms_schema mala_schema = {"sampler: mala", mala_fields, sizeof mala_fields / sizeof *mala_fields};

/* Where a trajectory is. */
typedef struct end {
    double *x, *score, *momentum; /* [length] */
    double *statistics, *log_density;
} end;

static end end_of(const ms_batch *b)
{
    size_t row = b->length * MS_LANES;
    double *at = b->scratch;
    return (end){.x = at,
                 .score = at + row,
                 .momentum = at + 2 * row,
                 .statistics = at + 3 * row,
                 .log_density = at + 3 * row + b->statistic_rows * MS_LANES};
}

static size_t scratch(const void *params, size_t length, size_t statistics)
{
    (void)params;
    return 3 * length + statistics + 1;
}

static ms_lanes kinetic_energy(const double *momentum, size_t length, size_t part)
{
    ms_lanes sum = ms_lanes_of(0);
    for (size_t j = 0; j < length; j++) {
        ms_lanes p = ms_row_load(momentum, j, part);
        sum = ms_lanes_fma(p, p, sum);
    }
    return 0.5 * sum;
}

/* to += factor * from */
static void add(double *to, double factor, const double *from, size_t length)
{
    for (size_t row = 0; row < length * MS_LANES; row += MS_WIDTH)
        ms_row_store(to, 0, row,
                     ms_lanes_fma(ms_lanes_of(factor), ms_row_load(from, 0, row), ms_row_load(to, 0, row)));
}

static void take_where(ms_lanes_i mask, double *to, const double *from, size_t rows, size_t part)
{
    for (size_t row = 0; row < rows; row++)
        ms_row_store(to, row, part,
                     ms_lanes_select(mask, ms_row_load(from, row, part), ms_row_load(to, row, part)));
}

static void move(ms_batch *b, double epsilon, uint64_t steps)
{
    end e = end_of(b);
    ms_lanes before[MS_LANES / MS_WIDTH];
    b->kernel->normals(b->key, b->chain, b->iteration, MS_PURPOSE_NOISE, e.momentum, b->length);
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH)
        before[part / MS_WIDTH] =
            ms_row_load(b->log_density, 0, part) - kinetic_energy(e.momentum, b->length, part);
    memcpy(e.x, b->x, b->length * MS_LANES * sizeof *e.x);
    memcpy(e.score, b->score, b->length * MS_LANES * sizeof *e.score);
    for (uint64_t step = 0; step < steps; step++) {
        bool last = step + 1 == steps;
        add(e.momentum, 0.5 * epsilon, e.score, b->length);
        add(e.x, epsilon, e.momentum, b->length);
        ms_batch_evaluate(b, e.x, e.score, last ? e.log_density : NULL, last ? e.statistics : NULL);
        add(e.momentum, 0.5 * epsilon, e.score, b->length);
    }
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        ms_lanes_u word[4], chain = *(const ms_lanes_u *)(b->chain + part);
        ms_lanes_place place = ms_lanes_place_of(b->key, chain, b->iteration, MS_PURPOSE_ACCEPT);
        ms_lanes_philox(&place, 0, word);
        ms_lanes after = ms_row_load(e.log_density, 0, part) - kinetic_energy(e.momentum, b->length, part);
        /* what is not a number is never accepted */
        ms_lanes_i accepted =
            ms_lanes_log(ms_lanes_uniform64(word[0], word[1])) < after - before[part / MS_WIDTH];
        take_where(accepted, b->x, e.x, b->length, part);
        take_where(accepted, b->score, e.score, b->length, part);
        take_where(accepted, b->statistics, e.statistics, b->statistic_rows, part);
        take_where(accepted, b->log_density, e.log_density, 1, part);
        ms_row_store(b->number[0], 0, part,
                     ms_row_load(b->number[0], 0, part) +
                         ms_lanes_select(accepted, ms_lanes_of(1), ms_lanes_of(0)));
    }
}

static void step_hmc(const void *params, ms_batch *b)
{
    move(b, b->step_size, ((const ms_hmc_params *)params)->leapfrog_steps);
}

static void step_mala(const void *params, ms_batch *b)
{
    (void)params;
    move(b, __builtin_sqrt(b->step_size), 1);
}

static ms_cost cost_hmc(const void *params)
{
    double steps = (double)((const ms_hmc_params *)params)->leapfrog_steps;
    return (ms_cost){.score_evaluations = steps, .density_evaluations = 1, .updates = steps};
}

static ms_cost cost_mala(const void *params)
{
    (void)params;
    return (ms_cost){.score_evaluations = 1, .density_evaluations = 1, .updates = 1};
}

/* n leapfrog steps take the mean times T_n(1 - epsilon^2 / (2 v)), Chebyshev's polynomial. */
static double forgets_hmc(const void *params, double step_size, double variance)
{
    double turn = 1 - 0.5 * step_size * step_size / variance, before = 1, now = turn;
    for (uint64_t step = 1; step < ((const ms_hmc_params *)params)->leapfrog_steps; step++) {
        double next = 2 * turn * now - before;
        before = now;
        now = next;
    }
    return 1 - __builtin_fabs(now);
}

static double forgets_mala(const void *params, double step_size, double variance)
{
    (void)params;
    return 1 - __builtin_fabs(1 - 0.5 * step_size / variance);
}

const ms_sampler_type MS_TYPE_NAME(ms_hmc) = {.kind = {.name = "hmc",
                                                       .doc = "Hamiltonian Monte Carlo",
                                                       .schema = &hmc_schema,
                                                       .params_size = sizeof(ms_hmc_params)},
                                              .needs_log_density = true,
                                              .step_is_length = true,
                                              .numbers = 1,
                                              .momentum = MS_NO_NUMBER,
                                              .accepted = 0,
                                              .scratch = scratch,
                                              .step = step_hmc,
                                              .cost = cost_hmc,
                                              .forgets = forgets_hmc};
const ms_sampler_type MS_TYPE_NAME(ms_mala) = {.kind = {.name = "mala",
                                                        .doc = "Metropolis-adjusted Langevin algorithm",
                                                        .schema = &mala_schema,
                                                        .params_size = sizeof(ms_langevin_params)},
                                               .needs_log_density = true,
                                               .numbers = 1,
                                               .momentum = MS_NO_NUMBER,
                                               .accepted = 0,
                                               .scratch = scratch,
                                               .step = step_mala,
                                               .cost = cost_mala,
                                               .forgets = forgets_mala};
