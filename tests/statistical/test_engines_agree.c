/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reduced engine has the same law as the full one and the generic one, and a product mixture with
 * Gaussian marginals, which only the generic one takes, that of the mixture of Gaussians on the full one.
 *
 * For each case and pair of engines both run N chains with unrelated keys, and are compared in the discovery
 * of each mode by each rule - a two-proportion z for the share that discovered it, and Kolmogorov-Smirnov on
 * the times of those that did (with the undiscovered in, the statistic has no power) - and in the squared
 * distance to each mean at two snapshots (Kolmogorov-Smirnov). N and the rule were fixed before the first
 * run: every one of the 14 p-values of a case must exceed 1e-6. With 17 cases and three pairs the false-alarm
 * rate of the file is at most 3 * 17 * 14e-6 = 7.2e-4 (ties make Kolmogorov-Smirnov conservative); the keys
 * are fixed, so a pass stays a pass. */
#include "ks.h"
#include "product.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

static const double least_p_value = 1e-6;

typedef struct test_case {
    const char *name;
    bool skew; /* means that span two dimensions, unequal variances, instead of the reference target */
    size_t dimension, patch_size;
    uint64_t iterations_per_patch, iterations;
    size_t chains;
    bool annealed;
    ms_start_type start;
} test_case;

static const test_case cases[] = {
    {"vanilla d=2 (n=1)", false, 2, 2, 100, 400, 20000, false, MS_START_COMPONENT},
    {"vanilla d=3 (n=2)", false, 3, 3, 100, 400, 20000, false, MS_START_COMPONENT},
    {"vanilla d=4 (n=3)", false, 4, 4, 100, 400, 20000, false, MS_START_COMPONENT},
    {"vanilla d=10", false, 10, 10, 100, 500, 20000, false, MS_START_COMPONENT},
    {"vanilla d=20", false, 20, 20, 100, 1000, 10000, false, MS_START_COMPONENT},
    {"chained d=100 Q=1 (n=0)", false, 100, 1, 30, 6000, 4000, false, MS_START_COMPONENT},
    {"chained d=100 Q=4", false, 100, 4, 100, 5000, 4000, false, MS_START_COMPONENT},
    {"chained d=100 Q=10", false, 100, 10, 100, 3000, 4000, false, MS_START_COMPONENT},
    {"chained d=100 Q=20", false, 100, 20, 200, 3000, 4000, false, MS_START_COMPONENT},
    {"chained d=100 Q=50", false, 100, 50, 1000, 6000, 4000, false, MS_START_COMPONENT},
    {"skew vanilla d=2 (n=0)", true, 2, 2, 100, 200, 20000, false, MS_START_COMPONENT},
    {"skew vanilla d=3 (n=1)", true, 3, 3, 100, 200, 20000, false, MS_START_COMPONENT},
    {"skew vanilla d=10", true, 10, 10, 100, 500, 20000, false, MS_START_COMPONENT},
    {"skew chained d=41 Q=10, last 1", true, 41, 10, 100, 3000, 8000, false, MS_START_COMPONENT},
    {"annealed d=20", false, 20, 20, 300, 900, 8000, true, MS_START_COMPONENT},
    {"skew chained annealed d=40 Q=5", true, 40, 5, 60, 2000, 8000, true, MS_START_COMPONENT},
    {"skew chained d=12 Q=4, normal start", true, 12, 4, 100, 1000, 8000, false, MS_START_NORMAL},
};

enum { events_count = 4, snapshot_count = 2, components = 3 };

typedef struct sample {
    double *value;
    size_t count;
} sample;

typedef struct outcome {
    sample time[events_count]; /* of the chains that discovered */
    sample distance[snapshot_count][components];
} outcome;

static sample make_sample(size_t capacity)
{
    sample s = {malloc(capacity * sizeof(double)), 0};
    assert_non_null(s.value);
    return s;
}

/* A mixture of isotropic Gaussians as a product mixture. */
static ms_target *as_product(const ms_target *gaussian)
{
    product_part part[components];
    size_t d = ms_target_dimension(gaussian);
    for (size_t i = 0; i < components; i++)
        part[i] = (product_part){ms_target_weight(gaussian, i),
                                 "gaussian",
                                 {ms_target_variance(gaussian, i)},
                                 {.pattern = MS_PATTERN_LIST,
                                  .values = (double *)ms_target_mean(gaussian, i), /* which are only read */
                                  .value_count = d}};
    return product_target(part, components, d);
}

static outcome run_engine(const test_case *c, ms_engine engine, bool product)
{
    ms_target *target = c->skew ? skew_target(c->dimension) : reference_target(c->dimension, 3, 1);
    if (product) {
        ms_target *gaussian = target;
        target = as_product(gaussian);
        ms_target_free(gaussian);
    }
    ms_clause events[events_count];
    ms_discovery_events(target, ms_discovery_radius_squared(target), events);
    const uint64_t snapshots[snapshot_count] = {c->iterations / 20, c->iterations};
    ms_run_params params;
    ms_run_params_init(&params);
    params.target = target;
    params.patch_size = c->patch_size;
    params.shorter_last_patch = true;
    params.iterations_per_patch = c->iterations_per_patch;
    params.iterations = c->iterations;
    params.chains = c->chains;
    params.clauses = events;
    params.clause_count = events_count;
    params.snapshots = snapshots;
    params.snapshot_count = snapshot_count;
    params.start = (ms_start){.type = c->start, .variance = 2};
    params.engine = engine;
    params.key = 31 + (uint64_t)engine + (product ? 100 : 0);
    if (c->annealed)
        params.schedule = (ms_schedule){MS_SCHEDULE_GEOMETRIC, 1.5, 0.3, 5, MS_STEP_NCSN, 0.02};
    ms_run *run = make_run(&params);
    assert_int_equal(ms_run_engine(run), engine);
    advance(run, c->iterations);
    outcome result;
    for (size_t e = 0; e < events_count; e++) {
        result.time[e] = make_sample(c->chains);
        for (size_t i = 0; i < c->chains; i++)
            if (ms_run_event_time(run, i, e) != MS_CENSORED)
                result.time[e].value[result.time[e].count++] = (double)ms_run_event_time(run, i, e);
    }
    for (size_t s = 0; s < snapshot_count; s++)
        for (size_t k = 0; k < components; k++) {
            result.distance[s][k] = make_sample(c->chains);
            for (size_t i = 0; i < c->chains; i++)
                result.distance[s][k].value[i] = ms_run_snapshot(run, s, i)[k];
            result.distance[s][k].count = c->chains;
        }
    ms_run_free(run);
    ms_target_free(target);
    return result;
}

static void free_outcome(outcome *o)
{
    for (size_t e = 0; e < events_count; e++)
        free(o->time[e].value);
    for (size_t s = 0; s < snapshot_count; s++)
        for (size_t k = 0; k < components; k++)
            free(o->distance[s][k].value);
}

static double proportions_p_value(size_t x, size_t y, size_t n)
{
    double pooled = (double)(x + y) / (2.0 * (double)n), variance = 2 * pooled * (1 - pooled) / (double)n;
    if (variance == 0)
        return 1;
    return 2 * gsl_cdf_ugaussian_Q(fabs((double)x - (double)y) / (double)n / sqrt(variance));
}

static double compare_outcomes(const test_case *c, outcome *a, outcome *b)
{
    double least = 1;
    for (size_t e = 0; e < events_count; e++) {
        least = fmin(least, proportions_p_value(a->time[e].count, b->time[e].count, c->chains));
        least =
            fmin(least, ks_p_value(a->time[e].value, a->time[e].count, b->time[e].value, b->time[e].count));
    }
    for (size_t s = 0; s < snapshot_count; s++)
        for (size_t k = 0; k < components; k++)
            least = fmin(least,
                         ks_p_value(a->distance[s][k].value, c->chains, b->distance[s][k].value, c->chains));
    return least;
}

static void engines_agree(void **state)
{
    (void)state;
    bool agree = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const test_case *c = &cases[i];
        outcome reduced = run_engine(c, MS_ENGINE_REDUCED, false),
                full = run_engine(c, MS_ENGINE_FULL, false),
                generic = run_engine(c, MS_ENGINE_GENERIC, false),
                product = run_engine(c, MS_ENGINE_GENERIC, true);
        double p_full = compare_outcomes(c, &full, &reduced);
        double p_generic = compare_outcomes(c, &generic, &reduced);
        double p_product = compare_outcomes(c, &product, &full);
        print_message("%-36s discovered (full/reduced/generic/product of %zu):", c->name, c->chains);
        for (size_t e = 0; e < events_count; e++)
            print_message(" %zu/%zu/%zu/%zu", full.time[e].count, reduced.time[e].count,
                          generic.time[e].count, product.time[e].count);
        print_message(", least p %.2g, %.2g, %.2g\n", p_full, p_generic, p_product);
        agree = agree && fmin(fmin(p_full, p_generic), p_product) > least_p_value;
        free_outcome(&full);
        free_outcome(&reduced);
        free_outcome(&generic);
        free_outcome(&product);
    }
    assert_true(agree);
}

/* The comparisons must be able to fail: exponential times 20 % longer, and shares of .25 against .325. */
static void a_wrong_law_is_noticed(void **state)
{
    (void)state;
    sample a = make_sample(4000), b = make_sample(4000);
    gsl_rng *rng = gsl_rng_alloc(ms_gsl_rng_philox);
    for (a.count = b.count = 0; a.count < 4000; a.count++, b.count++) {
        a.value[a.count] = -log(1 - gsl_rng_uniform(rng));
        b.value[b.count] = -1.2 * log(1 - gsl_rng_uniform(rng));
    }
    assert_true(ks_p_value(a.value, a.count, b.value, b.count) < least_p_value);
    assert_true(proportions_p_value(1000, 1300, 4000) < least_p_value);
    gsl_rng_free(rng);
    free(a.value);
    free(b.value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_law_is_noticed),
        cmocka_unit_test(engines_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
