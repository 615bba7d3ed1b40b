/* SPDX-License-Identifier: GPL-3.0-or-later */
/* images [N [CHAINS]]: annealed Langevin dynamics on N random images and their flips, one level at a time:
 * time of an iteration, and which share of the speed of the BLAS it comes to, measured in the same run by
 * products of the same shapes. An iteration has two products of CHAINS x 784 x N, 4 CHAINS 784 N operations;
 * where few images have any weight the second is smaller than that, and a share may exceed 1. */
#include "base/blas.h"
#include "target/family/empirical.h"
#include "target/target_type.h"

#include <modeseek/modeseek.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SIDE = 28, DIMENSION = SIDE * SIDE, ROUNDS = 5 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static ms_target *make_target(size_t count)
{
    ms_data_set set = {.count = count,
                       .dimension = DIMENSION,
                       .rows = SIDE,
                       .columns = SIDE,
                       .value = malloc(count * DIMENSION * sizeof *set.value)};
    const ms_empirical_params params = {.data = {.train = &set}, .flips = true};
    ms_target *target = NULL;
    uint64_t word = 1;
    for (size_t i = 0; set.value && i < count * DIMENSION; i++) {
        word = word * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        set.value[i] = (float)(word >> 40) / (float)(1 << 24);
    }
    ms_error error = {0};
    if (!set.value || ms_target_make(&target, ms_target_empirical, &params, DIMENSION, &error) != MS_OK)
        exit(1);
    free(set.value);
    return target;
}

/* Seconds of an iteration at a noise level, the best of some rounds. */
static double iteration_seconds(const ms_target *target, size_t chains, double noise_level)
{
    enum { ITERATIONS = 40 };
    ms_run_params p;
    ms_run *run;
    ms_error error = {0};
    ms_run_params_init(&p);
    p.target = target;
    p.start = (ms_start){.type = MS_START_COMPONENT, .component = 1};
    p.schedule = (ms_schedule){.type = MS_SCHEDULE_CONSTANT,
                               .noise_level = noise_level,
                               .step_size = 0.4 * noise_level * noise_level};
    p.iterations = (ROUNDS + 1) * (uint64_t)ITERATIONS;
    p.chains = chains;
    p.engine = MS_ENGINE_BATCHED;
    if (ms_run_alloc(&run, &p, &error) != MS_OK || ms_run_advance(run, ITERATIONS, &error) != MS_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        double begin = now();
        if (ms_run_advance(run, ITERATIONS, &error) != MS_OK)
            exit(1);
        double took = (now() - begin) / ITERATIONS;
        best = took < best ? took : best;
    }
    ms_run_free(run);
    return best;
}

/* Seconds of the two products alone. */
static double product_seconds(size_t count, size_t width)
{
    float *centre = calloc(count * DIMENSION, sizeof *centre), *x = calloc(DIMENSION * width, sizeof *x),
          *product = calloc(count * width, sizeof *product), *mean = calloc(DIMENSION * width, sizeof *mean);
    double best = 1e9;
    if (!centre || !x || !product || !mean)
        exit(1);
    ms_blas_prepare();
    for (int round = 0; round < 8 * ROUNDS; round++) {
        double begin = now();
        ms_blas_product(count, width, DIMENSION, centre, x, product);
        ms_blas_product_transposed(DIMENSION, width, count, centre, product, mean);
        double took = now() - begin;
        best = took < best ? took : best;
    }
    free(centre);
    free(x);
    free(product);
    free(mean);
    return best;
}

int main(int argc, char **argv)
{
    static const double levels[] = {50, 5, 1, 0.1, 0.01};
    char *end;
    size_t count = argc > 1 ? strtoul(argv[1], &end, 10) : 2000,
           chains = argc > 2 ? strtoul(argv[2], &end, 10) : 100;
    if (count < 1 || count > 100000 || chains < 1 || chains > 4096)
        return 2;
    char name[MS_BLAS_NAME_MAX];
    ms_target *target = make_target(count);
    size_t width = (chains + 15) / 16 * 16;
    double operations = 4.0 * (double)chains * DIMENSION * (double)count;
    double rate = 4.0 * (double)width * DIMENSION * (double)count / product_seconds(count, width);
    ms_blas_name(name, sizeof name);
    printf("%s: %.1f Gflop/s in products of these shapes; N = %zu and flips, %zu chains\n", name, rate / 1e9,
           count, chains);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        double seconds = iteration_seconds(target, chains, levels[i]);
        printf("sigma %5g: %7.3f ms an iteration, %5.1f Gflop/s, %.2f of the BLAS\n", levels[i],
               1e3 * seconds, operations / seconds / 1e9, operations / seconds / rate);
    }
    ms_target_free(target);
    return 0;
}
