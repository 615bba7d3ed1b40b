/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replicates of splitting, of the cases of restart.h. Failures end the test. */
#ifndef MS_TEST_SPLITTING_H
#define MS_TEST_SPLITTING_H

#include "estimate/splitting.h"
#include "restart.h"

static inline ms_splitting_params splitting_params(const restart_case *c, const ms_run_params *run,
                                                   size_t particles, unsigned pieces)
{
    ms_splitting_params params;
    ms_splitting_params_init(&params);
    params.run = run;
    params.law = c->law;
    if (c->coordinate != MS_COORDINATE_RULE)
        params.coordinate = c->coordinate;
    params.particles = particles;
    params.killed = particles / 20 + 1;
    params.pieces = pieces;
    return params;
}

static inline ms_splitting *splitting_of(const ms_splitting_params *params, uint64_t replicate)
{
    ms_splitting *s;
    ms_error error = {0};
    if (ms_splitting_alloc(&s, params, replicate, &error) != MS_OK)
        fail_msg("%s", error.message);
    return s;
}

static inline void finish_splitting(ms_splitting *s)
{
    ms_error error = {0};
    while (!ms_splitting_done(s))
        if (ms_splitting_advance(s, 100000, &error) != MS_OK)
            fail_msg("%s", error.message);
}

typedef struct splitting_found {
    ms_replicate_mean mean;
    double start_share, longest; /* means over replicates */
    double deviation, best;      /* of the logarithm of a replicate's mean, and the least that can be */
    size_t lost, traps;          /* of all */
} splitting_found;

/* Of so many replicates, with an interval of that confidence. */
static inline splitting_found splitting_mean(const ms_splitting_params *params, size_t replicates,
                                             double confidence)
{
    double time[64], discoveries[64], moves = 0, sum = 0, squares = 0, log_p = 0;
    splitting_found found = {.lost = 0};
    assert_true(replicates <= 64);
    for (size_t i = 0; i < replicates; i++) {
        ms_splitting *s = splitting_of(params, i);
        finish_splitting(s);
        ms_splitting_result result = ms_splitting_result_of(s);
        time[i] = result.time;
        discoveries[i] = result.discoveries;
        found.start_share += result.start_share / (double)replicates;
        found.longest += result.longest / (double)replicates;
        found.lost += result.lost;
        found.traps += result.traps;
        moves += (double)result.moves;
        log_p += log(result.probability);
        sum += log(discoveries[i] / time[i]);
        squares += log(discoveries[i] / time[i]) * log(discoveries[i] / time[i]);
        ms_splitting_free(s);
    }
    double n = (double)replicates;
    found.deviation = sqrt((squares - sum * sum / n) / (n - 1));
    found.best = sqrt(-log_p / n / (double)params->particles);
    found.mean = ms_replicate_mean_of(time, discoveries, replicates, confidence);
    print_message(
        "    %.7g +- %.2g, in %.7g to %.7g; %.3g moves, q %.2g, a replicate's deviation %.3g (best %.3g)\n",
        found.mean.mean, found.mean.error, found.mean.low, found.mean.high, moves, found.start_share,
        found.deviation, found.best);
    return found;
}

#endif
