/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_quadrature [DIMENSION [RULE [STEP_SIZE [TOLERANCE]]]]: mean first-passage time of the reference
 * target (d = 100, ball, 0.1, 1e-6), and what it took. */
#include "estimate/quadrature.h"

#include <math.h>
#include <modeseek/modeseek.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MEMORY 4e9

static ms_status solve(size_t dimension, const char *rule, double step_size, double tolerance,
                       ms_error *error)
{
    const double weight[3] = {0.2, 0.4, 0.4}, variance[3] = {3, 1, 1};
    double side = sqrt((double)dimension), position[3] = {0, side, -side};
    ms_line_bound bound[2];
    for (size_t mode = 1; mode <= 2; mode++) {
        ms_clause clause = {.component = mode, .coefficient = 1, .bound = 2 * (double)dimension};
        if (rule[0] == 's')
            clause = (ms_clause){.component = mode,
                                 .coefficient = -1,
                                 .reference_coefficient = 1,
                                 .quantity = MS_LOG_WEIGHT,
                                 .reference_quantity = MS_LOG_WEIGHT};
        ms_line_region_of_clauses(&clause, 1, dimension, weight, variance, position, &bound[mode - 1], NULL);
    }
    ms_quadrature_params params = {
        .chain = {3, weight, variance, position, dimension, step_size, 0, variance[0]},
        .region = {bound, 2},
        .tolerance = tolerance,
        .memory = MEMORY};
    ms_quadrature *q;
    ms_status status = ms_quadrature_alloc(&q, &params, error);
    clock_t begin = clock();
    while (status == MS_OK && !ms_quadrature_done(q))
        status = ms_quadrature_advance(q, 100, error);
    if (status == MS_OK) {
        ms_quadrature_result r = ms_quadrature_result_of(q);
        printf("d=%zu %s step_size=%g: %.10g +- %.1e (log %.5f)\n", dimension, rule, step_size, r.mean.value,
               r.mean.error, log(r.mean.value));
        printf("%zu grids, the last of %zu nodes and %.1f million transitions, %.0f MB; %llu iterations, "
               "%.1f s\n",
               r.grids, r.nodes, 1e-6 * (double)r.entries, 8e-6 * (double)r.entries,
               (unsigned long long)ms_quadrature_iteration(q), (double)(clock() - begin) / CLOCKS_PER_SEC);
    }
    ms_quadrature_free(q);
    return status;
}

int main(int count, char **argument)
{
    size_t dimension = count > 1 ? strtoul(argument[1], NULL, 10) : 100;
    const char *rule = count > 2 ? argument[2] : "ball";
    ms_error error = {0};
    if (solve(dimension, rule, count > 3 ? strtod(argument[3], NULL) : 0.1,
              count > 4 ? strtod(argument[4], NULL) : 1e-6, &error) == MS_OK)
        return EXIT_SUCCESS;
    fprintf(stderr, "bench_quadrature: %s\n", error.message);
    return EXIT_FAILURE;
}
