/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one would write first: a loop over chains and coordinates with GSL's generator and ziggurat normals.
 * `bench_naive_gsl DIMENSION SECONDS` prints nanoseconds for each chain, iteration and coordinate. */
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void iterate(gsl_rng *rng, double *x, int d)
{
    const double weight[3] = {0.2, 0.4, 0.4}, variance[3] = {3, 1, 1}, mean[3] = {0, 1, -1}, step_size = 0.1;
    double l[3], largest = -INFINITY, sum = 0, drift = 0, rate = 0;
    for (int i = 0; i < 3; i++) {
        double distance = 0;
        for (int j = 0; j < d; j++)
            distance += (x[j] - mean[i]) * (x[j] - mean[i]);
        l[i] = log(weight[i]) - 0.5 * d * log(variance[i]) - distance / (2 * variance[i]);
        largest = fmax(largest, l[i]);
    }
    for (int i = 0; i < 3; i++)
        sum += l[i] = exp(l[i] - largest);
    for (int i = 0; i < 3; i++) {
        rate += l[i] / sum / variance[i];
        drift += l[i] / sum / variance[i] * mean[i];
    }
    double deviation = sqrt(step_size);
    for (int j = 0; j < d; j++)
        x[j] += step_size / 2 * (drift - rate * x[j]) + gsl_ran_gaussian_ziggurat(rng, deviation);
}

int main(int argc, char **argv)
{
    int d = argc == 3 ? (int)strtol(argv[1], NULL, 10) : 0;
    double limit = argc == 3 ? strtod(argv[2], NULL) : 0;
    if (d < 1 || !(limit > 0)) {
        fprintf(stderr, "usage: bench_naive_gsl DIMENSION SECONDS\n");
        return 1;
    }
    double *x = calloc((size_t)d, sizeof *x);
    if (!x)
        return 1;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (int j = 0; j < d; j++)
        x[j] = gsl_ran_gaussian_ziggurat(rng, sqrt(3));
    double start = now(), elapsed;
    long iterations = 0;
    do {
        for (int i = 0; i < 100; i++)
            iterate(rng, x, d);
        iterations += 100;
    } while ((elapsed = now() - start) < limit);
    printf("%.6g\n", 1e9 * elapsed / (double)iterations / d);
    gsl_rng_free(rng);
    free(x);
    return 0;
}
