/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One measurement of the library on the reference target: `bench_engines WHAT SIMD DIMENSION PATCH_SIZE
 * SECONDS` prints nanoseconds for each chain and iteration (full, reduced; generic: the reference target on
 * the generic engine; diagonal: one whose coordinates differ; uniform: the product mixture with smoothed
 * uniform marginals in its place; banana: a target given by functions; banana_alone: its function and
 * nothing else), each normal (normals) or each double (triad). */
#include "sampler/kernel.h"
#include "target/family/product_mixture.h"
#include "target/marginal.h"
#include "target/target_type.h"

#include <math.h>
#include <modeseek/modeseek.h> /* and examples/plugins/banana.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { chains = 32 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static _Noreturn void fail(const char *message)
{
    fprintf(stderr, "bench_engines: %s\n", message);
    exit(1);
}

/* The reference target, or one with another variance in every second coordinate. */
static ms_target *make_gaussian(bool diagonal, size_t dimension)
{
    const double weight[3] = {0.2, 0.4, 0.4}, variance[3] = {3, 1, 1};
    double *mean = calloc(3 * dimension, sizeof *mean);
    double *variances = calloc(3 * dimension, sizeof *variances);
    if (!mean || !variances)
        fail("out of memory");
    for (size_t j = 0; j < dimension; j++) {
        mean[dimension + j] = 1;
        mean[2 * dimension + j] = -1;
    }
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < dimension; j++)
            variances[i * dimension + j] = variance[i] * (j % 2 ? 0.9 : 1.1);
    ms_mixture_params mixture = {.dimension = dimension,
                                 .components = 3,
                                 .weight = weight,
                                 .mean = mean,
                                 .variance = variance,
                                 .variances = diagonal ? variances : NULL};
    ms_target *target;
    ms_error error;
    if (ms_target_alloc(&target, ms_target_gaussian_mixture, &mixture, &error) != MS_OK)
        fail(error.message);
    free(mean);
    free(variances);
    return target;
}

static const ms_kind *find_marginal(const char *name)
{
    for (size_t i = 0; ms_marginal_kind(i); i++)
        if (strcmp(ms_marginal_kind(i)->name, name) == 0)
            return ms_marginal_kind(i);
    fail("there is no such marginal");
}

/* The same with the concentrated modes uniform on an interval, smoothed, of variance 1. */
static ms_target *make_uniform(size_t dimension)
{
    double variance = 3, interval[] = {1.58745, 0.4}; /* half width, smoothing */
    const ms_chosen wide = {find_marginal("gaussian"), &variance},
                    narrow = {find_marginal("uniform"), interval};
    ms_product_component component[] = {
        {0.2, {.value = 0}, wide}, {0.4, {.value = 1}, narrow}, {0.4, {.value = -1}, narrow}};
    const ms_product_mixture_params mixture = {.components = {.item = component, .count = 3}};
    ms_target *target;
    ms_error error;
    if (ms_target_make(&target, ms_target_type_find("product_mixture"), &mixture, dimension, &error) != MS_OK)
        fail(error.message);
    return target;
}

static ms_target *make_banana(size_t dimension)
{
    const ms_functions_params described = {.dimension = dimension, .functions = modeseek_plugin()};
    ms_target *target;
    ms_error error;
    if (ms_target_functions_alloc(&target, &described, &error) != MS_OK)
        fail(error.message);
    return target;
}

/* The banana's function at the points of eight chains, again and again. */
static double run_banana_alone(size_t dimension, double limit)
{
    const ms_plugin *table = modeseek_plugin();
    const double parameters[] = {table->parameters[0].fallback, table->parameters[1].fallback};
    double *x = calloc((size_t)2 * MS_LANES * dimension, sizeof *x), density[MS_LANES];
    void *self;
    if (!x || table->create(dimension, parameters, 2, NULL, 0, 0, &self, NULL, 0) != 0)
        fail("out of memory");
    double start = now(), elapsed, warm = 0;
    uint64_t calls = 0, begin = 0;
    do {
        for (int i = 0; i < 100; i++, calls++) {
            x[(size_t)i % MS_LANES * dimension] += 0.001;
            table->evaluate(self, MS_LANES, x, density, x + MS_LANES * dimension);
            __asm__ volatile("" : : "r"(x), "r"(density) : "memory");
        }
        elapsed = now() - start;
        if (begin == 0 && elapsed > limit / 2) {
            begin = calls;
            warm = elapsed;
        }
    } while (elapsed < limit);
    table->destroy(self);
    free(x);
    return 1e9 * (elapsed - warm) / (double)(calls - begin) / MS_LANES;
}

/* Frees the target. */
static double run_engine(ms_target *target, ms_engine engine, ms_simd simd, size_t patch_size, double limit)
{
    ms_run *run;
    ms_clause events[4];
    ms_error error;
    size_t rules = isnan(ms_target_weight(target, 0)) ? 1 : MS_RULE_COUNT; /* the banana has balls alone */
    ms_discovery_events(target, rules > 1 ? ms_discovery_radius_squared(target) : 1, events);
    ms_run_params params;
    ms_run_params_init(&params);
    params.target = target;
    params.patch_size = patch_size;
    params.iterations = UINT64_C(1) << 50;
    params.chains = chains;
    params.clauses = events;
    params.clause_count = rules * (ms_target_components(target) - 1);
    params.stop_when_discovered = false;
    params.engine = engine;
    params.simd = simd;
    if (ms_run_alloc(&run, &params, &error) != MS_OK)
        fail(error.message);
    uint64_t slice = 1;
    double start = now(), elapsed;
    do { /* the first half of the time warms up and finds the slice */
        if (ms_run_advance(run, slice, &error) != MS_OK)
            fail(error.message);
        slice += slice / 4 + 1;
    } while (now() - start < limit / 2);
    uint64_t begin = ms_run_iteration(run);
    start = now();
    do
        if (ms_run_advance(run, slice / 8 + 1, &error) != MS_OK)
            fail(error.message);
    while ((elapsed = now() - start) < limit / 2);
    double each = 1e9 * elapsed / (double)(ms_run_iteration(run) - begin) / chains;
    ms_run_free(run);
    ms_target_free(target);
    return each;
}

/* Normals made and stored, a row of the dimension at a time, as an iteration of the full engine consumes
 * them. */
static double run_normals(ms_simd simd, size_t dimension, double limit)
{
    const ms_kernel *kernel = ms_kernel_find(simd);
    double *normal = aligned_alloc(MS_ALIGNMENT, dimension * MS_LANES * sizeof *normal);
    if (!kernel || !normal)
        fail("not available");
    _Alignas(MS_ALIGNMENT) const uint64_t chain[MS_LANES] = {0, 1, 2, 3, 4, 5, 6, 7};
    uint64_t iteration = 0, begin = 0;
    double start = now(), elapsed, warm = 0;
    do {
        for (int i = 0; i < 100; i++)
            kernel->normals(42, chain, iteration++, MS_PURPOSE_USER, normal, dimension);
        elapsed = now() - start;
        if (begin == 0 && elapsed > limit / 2) {
            begin = iteration;
            warm = elapsed;
        }
    } while (elapsed < limit);
    free(normal);
    return 1e9 * (elapsed - warm) / (double)(iteration - begin) / (double)(dimension * MS_LANES);
}

/* a = b + s c over arrays of the size of the state: no update of the state can be faster. */
static double run_triad(size_t dimension, double limit)
{
    size_t n = dimension * chains;
    double *a = calloc(n, sizeof *a), *b = calloc(n, sizeof *b), *c = calloc(n, sizeof *c);
    if (!a || !b || !c)
        fail("out of memory");
    double start = now(), elapsed;
    uint64_t passes = 0;
    do {
        for (int i = 0; i < 100; i++, passes++) {
            double s = 1 + (double)i;
            for (size_t j = 0; j < n; j++)
                a[j] = b[j] + s * c[j];
            __asm__ volatile("" : : "r"(a) : "memory"); /* the stores must happen */
        }
        elapsed = now() - start;
    } while (elapsed < limit);
    free(a);
    free(b);
    free(c);
    return 1e9 * elapsed / (double)passes / (double)n;
}

int main(int argc, char **argv)
{
    if (argc != 6)
        fail("usage: bench_engines full|reduced|generic|diagonal|uniform|banana|banana_alone|normals|triad "
             "SIMD DIMENSION "
             "PATCH_SIZE SECONDS");
    ms_simd simd = MS_SIMD_AUTO;
    for (ms_simd s = MS_SIMD_AUTO; s <= MS_SIMD_AVX512; s++)
        if (strcmp(argv[2], ms_simd_name(s)) == 0)
            simd = s;
    size_t dimension = strtoul(argv[3], NULL, 10), patch_size = strtoul(argv[4], NULL, 10);
    double limit = strtod(argv[5], NULL), result;
    if (dimension < 1 || !(limit > 0))
        fail("dimension and seconds must be positive");
    if (!ms_simd_available(simd)) {
        puts("nan");
        return 0;
    }
    if (strcmp(argv[1], "normals") == 0)
        result = run_normals(simd, dimension, limit);
    else if (strcmp(argv[1], "triad") == 0)
        result = run_triad(dimension, limit);
    else if (strcmp(argv[1], "banana_alone") == 0)
        result = run_banana_alone(dimension, limit);
    else
        result = run_engine(strcmp(argv[1], "uniform") == 0 ? make_uniform(dimension)
                            : strcmp(argv[1], "banana") == 0
                                ? make_banana(dimension)
                                : make_gaussian(strcmp(argv[1], "diagonal") == 0, dimension),
                            strcmp(argv[1], "full") == 0      ? MS_ENGINE_FULL
                            : strcmp(argv[1], "reduced") == 0 ? MS_ENGINE_REDUCED
                                                              : MS_ENGINE_GENERIC,
                            simd, patch_size, limit);
    printf("%.6g\n", result);
    return 0;
}
