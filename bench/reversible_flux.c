/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_reversible_flux [DIMENSION [PATHS [REPLICATES [STEP_SIZE]]]]: mean first-passage time of the
 * reference target under the rule ball (d = 100, 10000 paths, 20 replicates, 0.1), its standard error, and
 * what it took.
 */
#include "estimate/reversible_flux.h"
#include "estimate/replicate_mean.h"

#include <math.h>
#include <modeseek/modeseek.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static ms_target *target_of(size_t dimension, ms_error *error)
{
    const double weight[3] = {0.2, 0.4, 0.4}, variance[3] = {3, 1, 1};
    ms_target *target = NULL;
    double *mean = calloc(3 * dimension, sizeof *mean);
    for (size_t j = 0; mean && j < dimension; j++) {
        mean[dimension + j] = 1;
        mean[2 * dimension + j] = -1;
    }
    ms_mixture_params mixture = {
        .dimension = dimension, .components = 3, .weight = weight, .mean = mean, .variance = variance};
    if (mean)
        ms_target_alloc(&target, ms_target_gaussian_mixture, &mixture, error);
    free(mean);
    return target;
}

/* Adds what all replicates have done. */
static ms_status solve(const ms_reversible_flux_params *params, size_t replicates, double *time,
                       double *discoveries, ms_reversible_flux_result *all, ms_error *error)
{
    ms_status status = MS_OK;
    for (size_t i = 0; i < replicates && status == MS_OK; i++) {
        ms_reversible_flux *flux;
        status = ms_reversible_flux_alloc(&flux, params, i, error);
        while (status == MS_OK && !ms_reversible_flux_done(flux))
            status = ms_reversible_flux_advance(flux, 100000, error);
        if (status == MS_OK) {
            ms_reversible_flux_result r = ms_reversible_flux_result_of(flux);
            time[i] = r.time;
            discoveries[i] = r.discoveries;
            all->discoveries += r.discoveries;
            all->unweighted += r.unweighted;
            all->moves += r.moves;
        }
        ms_reversible_flux_free(flux);
    }
    return status;
}

int main(int count, char **argument)
{
    size_t dimension = count > 1 ? strtoul(argument[1], NULL, 10) : 100;
    size_t replicates = count > 3 ? strtoul(argument[3], NULL, 10) : 20;
    ms_error error = {0};
    ms_target *target = target_of(dimension, &error);
    double *time = calloc(2 * replicates + 1, sizeof *time);
    const ms_clause balls[2] = {{.component = 1, .coefficient = 1, .bound = 2 * (double)dimension},
                                {.component = 2, .coefficient = 1, .bound = 2 * (double)dimension}};
    ms_run_params run;
    ms_run_params_init(&run);
    run.target = target;
    run.clauses = balls;
    run.clause_count = 2;
    run.schedule.step_size = count > 4 ? strtod(argument[4], NULL) : 0.1;
    ms_reversible_flux_params params = {&run, count > 2 ? strtoul(argument[2], NULL, 10) : 10000};
    ms_reversible_flux_result all = {0};
    clock_t begin = clock();
    ms_status status =
        target && time ? solve(&params, replicates, time, time + replicates, &all, &error) : MS_ERROR_MEMORY;
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    if (status == MS_OK) {
        ms_replicate_mean m = ms_replicate_mean_of(time, time + replicates, replicates, 0.95);
        printf("d=%zu step_size=%g: %.7g +- %.1e, %.2f %% (log %.5f); without weights %.2f %% more\n",
               dimension, run.schedule.step_size, m.mean, m.error, 100 * m.error / m.mean, log(m.mean),
               100 * (all.discoveries / all.unweighted - 1));
        printf("%zu replicates of %llu paths, %.3g moves, %.2f s\n", replicates,
               (unsigned long long)params.paths, (double)all.moves, seconds);
    } else
        fprintf(stderr, "bench_reversible_flux: %s\n", error.message);
    free(time);
    ms_target_free(target);
    return status == MS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
