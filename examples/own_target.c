/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A target of one's own, given by a function: a banana-shaped density in two dimensions, sampled by MALA.
 * Prints the mean and the variance of x_1, which are known to be 0 and 1, and the share of proposals
 * accepted.
 *
 *     cc own_target.c $(pkg-config --cflags --libs modeseek) -lm && ./a.out
 */
#include <math.h>
#include <modeseek/modeseek.h>
#include <stdio.h>

enum { CHAINS = 20000, ITERATIONS = 300 };

/* x_1 ~ N(0, 1), x_2 + x_1^2 / 2 ~ N(0, 1/4): a narrow ridge along a parabola */
static int evaluate(void *self, size_t count, const double *x, double *log_density, double *score)
{
    (void)self;
    for (size_t i = 0; i < count; i++, x += 2, score += 2) {
        const double straight = x[1] + x[0] * x[0] / 2;
        log_density[i] = -x[0] * x[0] / 2 - 2 * straight * straight;
        score[0] = -x[0] - 4 * straight * x[0];
        score[1] = -4 * straight;
    }
    return 0;
}

int main(void)
{
    static const ms_plugin functions = {.abi = MS_PLUGIN_ABI,
                                        .size = sizeof functions,
                                        .name = "ridge",
                                        .dimension_min = 2,
                                        .dimension_max = 2,
                                        .evaluate = evaluate};
    const ms_functions_params described = {.dimension = 2, .functions = &functions};
    const ms_observable_type *const acceptance = ms_observable_find("acceptance");
    const uint64_t end = ITERATIONS;
    ms_error error = {0};
    ms_target *target = NULL;
    ms_run *run = NULL;
    /* tries the function out: a wrong score is found here */
    if (ms_target_functions_alloc(&target, &described, &error) != MS_OK)
        goto fail;

    ms_run_params params;
    ms_run_params_init(&params);
    params.target = target;
    params.sampler = ms_sampler_mala;
    params.schedule.step_size = 0.2;
    params.start = (ms_start){.type = MS_START_NORMAL, .variance = 1};
    params.iterations = ITERATIONS;
    params.chains = CHAINS;
    params.observables = &acceptance;
    params.observable_count = 1;
    params.snapshots = &end;
    params.snapshot_count = 1;
    params.key = 1; /* of the random numbers */
    if (ms_run_alloc(&run, &params, &error) != MS_OK || ms_run_advance(run, ITERATIONS, &error) != MS_OK)
        goto fail;

    double sum = 0, squares = 0, accepted = 0;
    for (size_t chain = 0; chain < CHAINS; chain++) {
        double x[2];
        if (ms_run_position(run, chain, x, &error) != MS_OK)
            goto fail;
        sum += x[0];
        squares += x[0] * x[0];
        accepted += *(const double *)ms_run_observation(run, 0, 0, chain);
    }
    const double mean = sum / CHAINS, variance = squares / CHAINS - mean * mean;
    printf("x_1: mean %.4f, variance %.4f; accepted %.3f\n", mean, variance, accepted / CHAINS);
    ms_run_free(run);
    ms_target_free(target);
    return fabs(mean) <= 4 / sqrt(CHAINS) && fabs(variance - 1) <= 4 * sqrt(2.0 / CHAINS) ? 0 : 1;

fail:
    fprintf(stderr, "%s\n", error.message);
    ms_run_free(run);
    ms_target_free(target);
    return 2;
}
