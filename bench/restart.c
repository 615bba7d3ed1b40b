/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_restart [TARGET [DIMENSION [RULE [LAW [COORDINATE [STEPS [REPLICATES [SAMPLER]]]]]]]]: mean
 * first-passage time of the reference target, its concentrated modes of the marginal law TARGET (gaussian,
 * uniform or two_point), step size 0.1, and what it took. SAMPLER is langevin, mala, hmc (5 leapfrog steps of
 * 0.3) or underdamped (0.3, friction 1). */
#include "estimate/restart.h"
#include "estimate/replicate_mean.h"
#include "sampler/algorithm/hmc.h"
#include "sampler/algorithm/underdamped.h"

#include <math.h>
#include <modeseek/modeseek.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REPLICATES_MAX 1024

static ms_status make_target(ms_target **target, const char *marginal, size_t dimension, ms_error *error)
{
    const double weight[3] = {0.2, 0.4, 0.4}, variance[3] = {3, 1, 1};
    double *mean = calloc(3 * dimension, sizeof *mean);
    for (size_t j = 0; mean && j < dimension; j++) {
        mean[dimension + j] = 1;
        mean[2 * dimension + j] = -1;
    }
    const ms_mixture_params mixture = {
        .dimension = dimension, .components = 3, .weight = weight, .mean = mean, .variance = variance};
    const double size =
        sqrt((strcmp(marginal, "uniform") == 0 ? 3 : 1) * (1 - 0.16)); /* for a variance of 1 */
    const ms_marginal_params part[3] = {{"gaussian", {3}}, {marginal, {size, 0.4}}, {marginal, {size, 0.4}}};
    const ms_product_params product = {dimension, 3, weight, mean, part};
    ms_status status = !mean ? MS_ERROR_MEMORY
                       : strcmp(marginal, "gaussian") == 0
                           ? ms_target_alloc(target, ms_target_gaussian_mixture, &mixture, error)
                           : ms_target_product_alloc(target, &product, error);
    free(mean);
    return status;
}

static unsigned choose(const ms_choice *choices, const char *name)
{
    while (choices->name && strcmp(choices->name, name) != 0)
        choices++;
    return choices->value;
}

typedef struct sums {
    double steps[REPLICATES_MAX], reward[REPLICATES_MAX], late[REPLICATES_MAX], transitions;
    size_t count, levels;
} sums;

static ms_status estimate(const ms_restart_params *params, size_t replicates, sums *found, ms_error *error)
{
    ms_status status = MS_OK;
    for (size_t i = 0; i < replicates && status == MS_OK; i++) {
        ms_restart *r;
        status = ms_restart_alloc(&r, params, i, error);
        while (status == MS_OK && !ms_restart_done(r))
            status = ms_restart_advance(r, 10000, error);
        if (status == MS_OK) {
            ms_restart_result result = ms_restart_result_of(r);
            found->steps[i] = result.steps;
            found->reward[i] = result.reward;
            found->late[i] = result.late_reward;
            found->transitions += (double)result.transitions;
            found->levels = result.levels;
            found->count++;
        }
        ms_restart_free(r);
    }
    return status;
}

static void print(const sums *s, double seconds)
{
    ms_replicate_mean m = ms_replicate_mean_of(s->steps, s->reward, s->count, 0.95);
    printf("%.6g +- %.2g (%.2f %%; 95 %% within %.6g to %.6g), drift %.2f, %.1f of %zu replicates carry it\n",
           m.mean, m.error, 100 * m.error / m.mean, m.low, m.high,
           ms_replicate_drift_of(s->reward, s->late, s->count), ms_replicate_effective(s->reward, s->count),
           s->count);
    printf("    %zu levels, %.3g transitions in %.2f s, %.0f ns each\n", s->levels, s->transitions, seconds,
           1e9 * seconds / s->transitions);
}

int main(int count, char **argument)
{
    const char *option[] = {"uniform", "30", "switch", "auto", "rule", "100000", "16", "langevin"};
    for (int i = 1; i < count && i <= 8; i++)
        option[i - 1] = argument[i];
    const ms_hmc_params hmc = {.step_size = 0.3, .leapfrog_steps = 5};
    const ms_underdamped_params underdamped = {.step_size = 0.3, .friction = 1};
    const size_t component[2] = {1, 2};
    const ms_mode mode = {component, 2};
    const ms_rule_choice rule = {ms_rule_find(option[2]), NULL};
    size_t dimension = strtoul(option[1], NULL, 10), replicates = strtoul(option[6], NULL, 10);
    ms_target *target = NULL;
    ms_clause *clauses = NULL;
    ms_run_params run;
    ms_restart_params params;
    ms_error error = {0};
    static sums found;
    ms_run_params_init(&run);
    ms_restart_params_init(&params);
    run.sampler = ms_sampler_find(option[7]);
    if (!rule.type || !run.sampler || replicates > REPLICATES_MAX) {
        fputs("bench_restart: no such rule or sampler, or too many replicates\n", stderr);
        return EXIT_FAILURE;
    }
    run.sampler_params = run.sampler == ms_sampler_hmc           ? (const void *)&hmc
                         : strcmp(option[7], "underdamped") == 0 ? (const void *)&underdamped
                                                                 : NULL;
    run.schedule.step_size = run.sampler_params ? 0.3 : 0.1;
    params.run = &run;
    params.law = choose(ms_law_choices, option[3]);
    params.coordinate = choose(ms_coordinate_choices, option[4]);
    params.steps = strtoul(option[5], NULL, 10);
    ms_status status = make_target(&target, option[0], dimension, &error);
    if (status == MS_OK)
        status = ms_discovery_clauses(target, &rule, 1, &mode, 1, &clauses, &run.clause_count, &error);
    run.target = target;
    run.clauses = clauses;
    clock_t begin = clock();
    if (status == MS_OK)
        status = estimate(&params, replicates, &found, &error);
    if (status == MS_OK) {
        printf("%s d=%zu %s, %s, law %s, coordinate %s: ", option[0], dimension, option[2], option[7],
               option[3], option[4]);
        print(&found, (double)(clock() - begin) / CLOCKS_PER_SEC);
    }
    free(clauses);
    ms_target_free(target);
    if (status == MS_OK)
        return EXIT_SUCCESS;
    fprintf(stderr, "bench_restart: %s\n", error.message);
    return EXIT_FAILURE;
}
