/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_splitting [DIMENSION [RULE [MODES [REPLICATES [PARTICLES [PIECES [MEAN]]]]]]]: mean first-passage
 * time of the reference target by adaptive multilevel splitting (d = 100, ball, MODES 3: any, 1 or 2; 20
 * replicates; particles and pieces of a step as they are by default, or 0), and what it took. Given the MEAN,
 * how often intervals of 8, 16 and 32 replicates hold it. */
#include "estimate/splitting.h"
#include "estimate/replicate_mean.h"

#include <math.h>
#include <modeseek/modeseek.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct found {
    double *time, *discoveries;
    double sum, squares, start_share, longest, ancestors, log_p, moves;
    size_t lost, traps, state;
} found;

static ms_status replicate(const ms_splitting_params *params, size_t number, found *f, ms_error *error)
{
    ms_splitting *s;
    ms_status status = ms_splitting_alloc(&s, params, number, error);
    while (status == MS_OK && !ms_splitting_done(s)) {
        size_t state = ms_splitting_state_size(s);
        f->state = state > f->state ? state : f->state;
        status = ms_splitting_advance(s, 1000, error);
    }
    if (status == MS_OK) {
        ms_splitting_result r = ms_splitting_result_of(s);
        double log_rate = log(r.discoveries / r.time);
        f->time[number] = r.time;
        f->discoveries[number] = r.discoveries;
        f->sum += log_rate;
        f->squares += log_rate * log_rate;
        f->start_share += r.start_share;
        f->longest += r.longest;
        f->ancestors += (double)r.ancestors;
        f->log_p += log(r.probability);
        f->moves += (double)r.moves;
        f->lost += r.lost;
        f->traps += r.traps;
    }
    ms_splitting_free(s);
    return status;
}

static void print(const found *f, size_t replicates, size_t particles, double seconds)
{
    double n = (double)replicates;
    ms_replicate_mean m = ms_replicate_mean_of(f->time, f->discoveries, replicates, 0.95);
    printf("%.6g +- %.2g, 95 %% within %.6g to %.6g (log %.4f +- %.4f)\n", m.mean, m.error, m.low, m.high,
           log(m.mean), m.error / m.mean);
    printf(
        "    deviation of a replicate's logarithm %.3f, at best %.3f; starts to the set %.4f, longest %.3f, "
        "%zu lost, %.1f traps, %.0f ancestors\n",
        sqrt((f->squares - f->sum * f->sum / n) / (n - 1)), sqrt(-f->log_p / n / (double)particles),
        f->start_share / n, f->longest / n, f->lost, (double)f->traps / n, f->ancestors / n);
    printf("    %.3g moves, %.2f s a replicate, %.0f ns a move; states of up to %zu bytes\n", f->moves / n,
           seconds / n, 1e9 * seconds / f->moves, f->state);
}

static void print_coverage(const found *f, size_t replicates, double mean)
{
    for (size_t size = 8; size <= 32 && size <= replicates; size *= 2) {
        size_t holds = 0, intervals = replicates / size;
        for (size_t i = 0; i < intervals; i++) {
            ms_replicate_mean m =
                ms_replicate_mean_of(f->time + i * size, f->discoveries + i * size, size, 0.95);
            holds += m.low <= mean && mean <= m.high;
        }
        printf("    %zu of %zu intervals of %zu replicates hold %g\n", holds, intervals, size, mean);
    }
}

static ms_status make_target(ms_target **target, size_t dimension, ms_error *error)
{
    const double weight[3] = {0.2, 0.4, 0.4}, variance[3] = {3, 1, 1};
    double *mean = calloc(3 * dimension, sizeof *mean);
    for (size_t j = 0; mean && j < dimension; j++) {
        mean[dimension + j] = 1;
        mean[2 * dimension + j] = -1;
    }
    const ms_mixture_params mixture = {
        .dimension = dimension, .components = 3, .weight = weight, .mean = mean, .variance = variance};
    ms_status status =
        mean ? ms_target_alloc(target, ms_target_gaussian_mixture, &mixture, error) : MS_ERROR_MEMORY;
    free(mean);
    return status;
}

int main(int count, char **argument)
{
    const char *option[] = {"100", "ball", "3", "20", "0", "0", "0"};
    for (int i = 1; i < count && i <= 7; i++)
        option[i - 1] = argument[i];
    const size_t component[2] = {1, 2}, modes = strtoul(option[2], NULL, 10);
    const ms_mode mode = {component + (modes == 2), modes == 3 ? 2 : 1};
    const ms_rule_choice rule = {ms_rule_find(option[1]), NULL};
    size_t dimension = strtoul(option[0], NULL, 10), replicates = strtoul(option[3], NULL, 10);
    ms_target *target = NULL;
    ms_clause *clauses = NULL;
    ms_run_params run;
    ms_splitting_params params;
    ms_error error = {0};
    found f = {.time = calloc(replicates, sizeof *f.time),
               .discoveries = calloc(replicates, sizeof *f.discoveries)};
    ms_run_params_init(&run);
    ms_splitting_params_init(&params);
    params.run = &run;
    if (strtoul(option[4], NULL, 10) > 0) {
        params.particles = strtoul(option[4], NULL, 10);
        params.killed = params.particles / 20 + 1;
    }
    params.pieces = (unsigned)strtoul(option[5], NULL, 10);
    ms_status status =
        rule.type && f.time && f.discoveries ? make_target(&target, dimension, &error) : MS_ERROR_ARGUMENT;
    if (status == MS_OK)
        status = ms_discovery_clauses(target, &rule, 1, &mode, 1, &clauses, &run.clause_count, &error);
    run.target = target;
    run.clauses = clauses;
    clock_t begin = clock();
    for (size_t i = 0; i < replicates && status == MS_OK; i++)
        status = replicate(&params, i, &f, &error);
    if (status == MS_OK) {
        printf("d=%zu %s, modes %s, %zu particles: ", dimension, option[1], option[2], params.particles);
        print(&f, replicates, params.particles, (double)(clock() - begin) / CLOCKS_PER_SEC);
        if (strtod(option[6], NULL) > 0)
            print_coverage(&f, replicates, strtod(option[6], NULL));
    }
    free(f.time);
    free(f.discoveries);
    free(clauses);
    ms_target_free(target);
    if (status == MS_OK)
        return EXIT_SUCCESS;
    fprintf(stderr, "bench_splitting: %s\n", error.message);
    return EXIT_FAILURE;
}
