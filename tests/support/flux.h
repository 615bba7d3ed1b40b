/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replicates of the reversible flux on targets with three components. Failures end the test. */
#ifndef MS_TEST_FLUX_H
#define MS_TEST_FLUX_H

#include "estimate/replicate_mean.h"
#include "estimate/reversible_flux.h"
#include "fixtures.h"
#include "line.h"

#define FLUX_CLAUSES_MAX 2

typedef struct flux_case {
    line_case line; /* its rule is ball */
    bool is_plane;  /* the last third of mean 2's coordinates is 0.3, so that the means are on no line */
    double radius_square;
    uint64_t key; /* of its own: equal ones make errors alike */
    uint64_t paths;
    ms_simd simd;
} flux_case;

static inline ms_target *flux_target(const flux_case *c)
{
    size_t d = c->line.dimension;
    double *mean = calloc(3 * d, sizeof *mean);
    assert_non_null(mean);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < d; j++)
            mean[i * d + j] = c->is_plane && i == 2 && j >= 2 * d / 3 ? 0.3 : c->line.mean[i];
    ms_mixture_params mixture = {.dimension = d,
                                 .components = 3,
                                 .weight = c->line.weight,
                                 .mean = mean,
                                 .variance = c->line.variance};
    ms_target *target;
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &mixture, NULL), MS_OK);
    free(mean);
    return target;
}

/* @param clause out [FLUX_CLAUSES_MAX] */
static inline ms_run_params flux_run(const flux_case *c, const ms_target *target, ms_clause *clause)
{
    ms_run_params run;
    ms_run_params_init(&run);
    for (size_t mode = 1; mode <= 2; mode++)
        if (c->line.modes >> (mode - 1) & 1)
            clause[run.clause_count++] = (ms_clause){
                .component = mode, .coefficient = 1, .bound = c->radius_square * (double)c->line.dimension};
    run.target = target;
    run.start.component = c->line.start;
    run.schedule.noise_level = c->line.noise_level;
    run.schedule.step_size = c->line.step_size;
    run.clauses = clause;
    run.key = c->key;
    run.simd = c->simd;
    return run;
}

static inline ms_reversible_flux *flux_of(const flux_case *c, const ms_target *target, uint64_t replicate)
{
    ms_clause clause[FLUX_CLAUSES_MAX];
    ms_run_params run = flux_run(c, target, clause);
    const ms_reversible_flux_params params = {&run, c->paths};
    ms_reversible_flux *flux;
    ms_error error = {0};
    if (ms_reversible_flux_alloc(&flux, &params, replicate, &error) != MS_OK)
        fail_msg("%s", error.message);
    return flux;
}

static inline void finish_flux(ms_reversible_flux *flux)
{
    ms_error error = {0};
    while (!ms_reversible_flux_done(flux))
        if (ms_reversible_flux_advance(flux, 100000, &error) != MS_OK)
            fail_msg("%s", error.message);
}

/* Of so many replicates, with an interval of that confidence. */
static inline ms_replicate_mean flux_mean(const flux_case *c, size_t replicates, double confidence)
{
    double time[64], discoveries[64];
    assert_true(replicates <= 64);
    ms_target *target = flux_target(c);
    for (size_t i = 0; i < replicates; i++) {
        ms_reversible_flux *flux = flux_of(c, target, i);
        finish_flux(flux);
        ms_reversible_flux_result result = ms_reversible_flux_result_of(flux);
        time[i] = result.time;
        discoveries[i] = result.discoveries;
        ms_reversible_flux_free(flux);
    }
    ms_target_free(target);
    return ms_replicate_mean_of(time, discoveries, replicates, confidence);
}

#endif
