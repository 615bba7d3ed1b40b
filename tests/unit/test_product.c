/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Product mixtures: what their numbers are, given the laws of the coordinates (test_marginals.c). */
#include "product.h"
#include "random/lanes.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <modeseek/discovery.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { components = 5 };

/* Nothing is symmetric; two components share a law. */
static const product_part parts[components] = {
    {0.3, "gaussian", {3}, {.pattern = MS_PATTERN_RAMP, .value = 0.3}},
    {0.25, "uniform", {1.5, 0.4}, {.value = 1}},
    {0.25, "uniform", {0.2, 0.5}, {.pattern = MS_PATTERN_HALVES, .value = -0.8}},
    {0.1, "uniform", {1.5, 0.4}, {.pattern = MS_PATTERN_ALTERNATING, .value = 0.7}},
    {0.1, "two_point", {0.9, 0.4}, {.value = 0.3}},
};

static ms_target *skew_product(size_t dimension)
{
    return product_target(parts, components, dimension);
}

static void make_x(double *x, size_t d)
{
    for (size_t j = 0; j < d; j++)
        x[j] = 0.9 * sin(3.0 * (double)j + 1) + 0.2;
}

/* log of the product of component i over coordinates first..end-1, by the formulas; adds its derivatives,
 * share by share. */
static double log_product(const ms_target *target, size_t i, double noise_level, size_t first, size_t end,
                          const double *x, double share, double *score)
{
    double sum = 0, slope;
    for (size_t j = first; j < end; j++) {
        sum += marginal_type(parts[i].marginal)
                   ->log_density(parts[i].params, noise_level, x[j] - ms_target_mean(target, i)[j], &slope);
        if (score)
            score[j - first] += share * slope;
    }
    return sum;
}

/* The logarithm of the sum of their exponentials; turns them into shares. */
static double log_sum(double *log_weight)
{
    double largest = -INFINITY, sum = 0;
    for (size_t i = 0; i < components; i++)
        largest = fmax(largest, log_weight[i]);
    for (size_t i = 0; i < components; i++)
        sum += log_weight[i] = exp(log_weight[i] - largest);
    for (size_t i = 0; i < components; i++)
        log_weight[i] /= sum;
    return largest + log(sum);
}

static void numbers_are_those_of_the_formulas(void **state)
{
    (void)state;
    enum { d = 11 };
    ms_target *target = skew_product(d);
    for (double noise_level = 0; noise_level < 2; noise_level += 0.7) {
        double x[d], log_weight[components], expected[components], score[d], expected_score[d] = {0};
        make_x(x, d);
        ms_target_log_weights(target, noise_level, x, log_weight);
        for (size_t i = 0; i < components; i++) {
            expected[i] = log(parts[i].weight) + log_product(target, i, noise_level, 0, d, x, 0, NULL);
            assert_true(fabs(log_weight[i] - expected[i] - d * MS_HALF_LOG_2PI) < 1e-13);
        }
        double log_density = log_sum(expected);
        assert_true(fabs(ms_target_log_density(target, noise_level, x) - log_density) < 1e-13);
        for (size_t i = 0; i < components; i++)
            log_product(target, i, noise_level, 0, d, x, expected[i], expected_score);
        ms_target_score(target, noise_level, x, score);
        for (size_t j = 0; j < d; j++)
            assert_true(fabs(score[j] - expected_score[j]) < 1e-12);
    }
    ms_target_free(target);
}

/* Coordinates before the patch count at their own noise level. */
static void conditionals_are_those_of_the_formulas(void **state)
{
    (void)state;
    enum { d = 11, first = 3, length = 5 };
    const double levels[][2] = {{0, 0}, {0.8, 0.8}, {1.2, 0.3}, {0.5, 0}, {0, 0.4}}; /* own, before */
    ms_target *target = skew_product(d);
    for (size_t l = 0; l < COUNT(levels); l++) {
        double x[d], share[components], score[length], expected[length] = {0};
        make_x(x, d);
        for (size_t i = 0; i < components; i++)
            share[i] = log(parts[i].weight) + log_product(target, i, levels[l][1], 0, first, x, 0, NULL) +
                       log_product(target, i, levels[l][0], first, first + length, x, 0, NULL);
        log_sum(share);
        for (size_t i = 0; i < components; i++)
            log_product(target, i, levels[l][0], first, first + length, x, share[i], expected);
        ms_target_conditional_score(target, levels[l][0], levels[l][1], first, length, x, score);
        for (size_t j = 0; j < length; j++)
            assert_true(fabs(score[j] - expected[j]) < 1e-12);
    }
    ms_target_free(target);
}

/* With one noise level the conditional law is the joint over the marginal of the coordinates before the
 * patch, so its score is the gradient of the log-density of all coordinates up to the patch's end. */
static void score_is_the_gradient(void **state)
{
    (void)state;
    enum { d = 7, first = 2, end = 5 };
    static const product_part beginning[2] = {{0.3, "gaussian", {3}, {.value = 0.3}},
                                              {0.7, "uniform", {1.5, 0.4}, {.value = -0.6}}};
    ms_target *target = product_target(beginning, 2, d), *marginal = product_target(beginning, 2, end);
    for (double noise_level = 0; noise_level < 2; noise_level += 0.7) {
        double x[d], conditional[end - first];
        make_x(x, d);
        ms_target_conditional_score(target, noise_level, noise_level, first, end - first, x, conditional);
        for (int j = first; j < end; j++) {
            const double h = 1e-5, at = x[j];
            x[j] = at + h;
            double up = ms_target_log_density(marginal, noise_level, x);
            x[j] = at - h;
            double down = ms_target_log_density(marginal, noise_level, x);
            x[j] = at;
            assert_true(fabs((up - down) / (2 * h) - conditional[j - first]) < 1e-8);
        }
    }
    ms_target_free(marginal);
    ms_target_free(target);
}

/* By the trapezoidal rule, which is as good as exact here. */
static void density_is_normalised(void **state)
{
    (void)state;
    ms_target *target = skew_product(1);
    for (double noise_level = 0; noise_level < 2; noise_level += 0.7) {
        const double h = 0.01;
        double sum = 0;
        for (double x = -30; x < 30; x += h)
            sum += h * exp(ms_target_log_density(target, noise_level, &x));
        assert_true(fabs(sum - 1) < 1e-12);
    }
    ms_target_free(target);
}

/* With Gaussian marginals it is the mixture of Gaussians. */
static void gaussian_marginals_make_gaussians(void **state)
{
    (void)state;
    enum { d = 6, k = 3 };
    const product_part part[k] = {{0.3, "gaussian", {3}, {.value = 0}},
                                  {0.3, "gaussian", {0.8}, {.value = 1}},
                                  {0.4, "gaussian", {1.2}, {.pattern = MS_PATTERN_HALVES, .value = -1}}};
    double weight[k], variance[k], mean[k * d];
    for (size_t i = 0; i < k; i++) {
        weight[i] = part[i].weight;
        variance[i] = part[i].params[0];
        for (size_t j = 0; j < d; j++)
            mean[i * d + j] = ms_vector_at(&part[i].mean, j, d);
    }
    const ms_mixture_params params = {
        .dimension = d, .components = k, .weight = weight, .mean = mean, .variance = variance};
    ms_target *product = product_target(part, k, d), *gaussian;
    assert_int_equal(ms_target_alloc(&gaussian, ms_target_gaussian_mixture, &params, NULL), MS_OK);
    assert_true(product->digest != gaussian->digest);
    for (double noise_level = 0; noise_level < 2; noise_level += 0.7) {
        double x[d], l[2][k], score[2][d];
        make_x(x, d);
        ms_target_log_weights(product, noise_level, x, l[0]);
        ms_target_log_weights(gaussian, noise_level, x, l[1]);
        ms_target_conditional_score(product, noise_level, 0.3, 2, d - 2, x, score[0]);
        ms_target_conditional_score(gaussian, noise_level, 0.3, 2, d - 2, x, score[1]);
        for (size_t i = 0; i < k; i++)
            assert_true(fabs(l[0][i] - l[1][i]) < 1e-13);
        for (size_t j = 0; j < d - 2; j++)
            assert_true(fabs(score[0][j] - score[1][j]) < 1e-13);
        assert_true(fabs(ms_target_log_density(product, noise_level, x) -
                         ms_target_log_density(gaussian, noise_level, x)) < 1e-13);
    }
    ms_target_free(gaussian);
    ms_target_free(product);
}

static void far_away_the_widest_component_is_left(void **state)
{
    (void)state;
    ms_target *target = product_reference("uniform", 1.58745, 0.2, 100);
    double x[100], responsibility[3], score[100];
    for (int j = 0; j < 100; j++)
        x[j] = 1e3;
    ms_target_responsibilities(target, 0, x, responsibility);
    assert_true(responsibility[0] == 1 && responsibility[1] == 0 && responsibility[2] == 0);
    ms_target_score(target, 0, x, score);
    for (int j = 0; j < 100; j++)
        assert_true(fabs(score[j] + 1e3 / 3) < 1e-10);
    ms_target_free(target);
}

/* Room for evaluations of up to `length` coordinates. */
typedef struct bench {
    double *memory, *constants, *x, *score, *log_density, *statistics, *context, *scratch;
} bench;

static bench make_bench(const ms_target *target, size_t length)
{
    const ms_target_type *type = target->type;
    size_t constants = type->constants(target->content, length) / MS_LANES + 1;
    size_t scratch = type->scratch(target->content, length);
    size_t rows = constants + scratch + 2 * length + 1 + 3 * components;
    bench b = {.memory = aligned_alloc(64, rows * MS_LANES * sizeof(double))};
    assert_non_null(b.memory);
    memset(b.memory, 0, rows * MS_LANES * sizeof(double));
    b.constants = b.memory;
    b.x = b.constants + constants * MS_LANES;
    b.score = b.x + length * MS_LANES;
    b.log_density = b.score + length * MS_LANES;
    b.statistics = b.log_density + MS_LANES;
    b.context = b.statistics + 2 * components * MS_LANES;
    b.scratch = b.context + components * MS_LANES;
    return b;
}

/* From near to far. */
static void fill_x(double *x, size_t length, int round)
{
    for (size_t at = 0; at < length * MS_LANES; at++)
        x[at] = 2 * sin((double)at + round) * exp(3 * sin(0.37 * (double)at * (round + 1)) - (round % 5));
}

static void evaluate(const ms_target *target, const ms_target_type *type, const ms_place *place, bench *b,
                     bool density, bool statistics)
{
    const ms_evaluation e = {.x = b->x,
                             .context = b->context,
                             .score = density ? b->score : NULL,
                             .log_density = density ? b->log_density : NULL,
                             .statistics = statistics ? b->statistics : NULL,
                             .scratch = b->scratch};
    type->evaluate(target->content, place, density ? b->constants : NULL, &e);
}

/* Those of patches make up those of the whole: distances to the means, and log f without noise, whatever the
 * noise level of the score; and they are the same with a score or without. So does the context, with noise.
 */
static void statistics_add_up(void **state)
{
    (void)state;
    enum { d = 13, rows = 2 * components };
    static const size_t cut[] = {0, 1, 5, 12, 13};
    ms_target *target = skew_product(d);
    for (int round = 0; round < 20; round++) {
        bench whole = make_bench(target, d), part = make_bench(target, d);
        double sum[rows * MS_LANES] = {0}, alone[rows * MS_LANES], noise_level = 0.4 * (round % 3);
        _Alignas(64) double context[components * MS_LANES] = {0};
        fill_x(whole.x, d, round);
        for (size_t p = 0; p + 1 < COUNT(cut); p++) {
            const ms_place place = {cut[p], cut[p + 1] - cut[p], noise_level, 0};
            memcpy(part.x, whole.x + place.first * MS_LANES, place.length * MS_LANES * sizeof(double));
            evaluate(target, target->type, &place, &part, false, true);
            memcpy(alone, part.statistics, sizeof alone);
            target->type->prepare(target->content, &place, part.constants);
            evaluate(target, target->type, &place, &part, true, true);
            assert_memory_equal(part.statistics, alone, sizeof alone);
            for (size_t i = 0; i < rows * MS_LANES; i++)
                sum[i] += part.statistics[i];
            target->type->absorb(target->content, &place, part.constants, part.x, part.scratch, context);
        }
        const ms_place place = {0, d, 0, 0};
        evaluate(target, target->type, &place, &whole, false, true);
        for (size_t lane = 0; lane < MS_LANES; lane++) {
            double x[d], l[components], noisy[components];
            for (size_t j = 0; j < d; j++)
                x[j] = whole.x[j * MS_LANES + lane];
            ms_target_log_weights(target, 0, x, l);
            ms_target_log_weights(target, noise_level, x, noisy);
            for (size_t i = 0; i < components; i++) {
                double distance = 0, log_density = l[i] - log(parts[i].weight);
                for (size_t j = 0; j < d; j++)
                    distance += pow(x[j] - ms_target_mean(target, i)[j], 2);
                double tolerance = 1e-13 * (1 + distance + fabs(log_density));
                size_t at = i * MS_LANES + lane, log_at = (components + i) * MS_LANES + lane;
                assert_true(fabs(whole.statistics[at] - distance) < tolerance);
                assert_true(fabs(whole.statistics[log_at] - log_density) < tolerance);
                assert_true(fabs(sum[at] - distance) < tolerance);
                assert_true(fabs(sum[log_at] - log_density) < tolerance);
                assert_true(fabs(context[at] + log(parts[i].weight) - noisy[i]) < tolerance);
            }
        }
        free(whole.memory);
        free(part.memory);
    }
    ms_target_free(target);
}

/* With any instructions, and whatever the constants were before: more noise levels than are kept, again and
 * again. */
static void bits_are_the_same(void **state)
{
    (void)state;
    enum { d = 10, levels = 50 };
    ms_target *target = skew_product(d);
    bench used = make_bench(target, d);
    for (int round = 0; round < 4 * levels; round++) {
        /* all levels in turn, then some of them */
        int level = round < 2 * levels ? round % levels : round * round % 7;
        const ms_place place = {2, d - 2 - (size_t)round % 3, 0.1 * level, 0};
        bench fresh = make_bench(target, d);
        fill_x(fresh.x, place.length, round);
        fill_x(fresh.context, components, round + 1);
        double context[components * MS_LANES];
        memcpy(context, fresh.context, sizeof context);
        memcpy(used.x, fresh.x, place.length * MS_LANES * sizeof(double));
        target->type->prepare(target->content, &place, fresh.constants);
        target->type->prepare(target->content, &place, used.constants);
        evaluate(target, target->type, &place, &fresh, true, true);
        target->type->absorb(target->content, &place, fresh.constants, fresh.x, fresh.scratch, fresh.context);
        for (ms_simd simd = MS_SIMD_PORTABLE; simd <= MS_SIMD_AVX512; simd++) {
            if (!ms_simd_available(simd))
                continue;
            const ms_target_type *type =
                ms_target_type_for(target->type, (unsigned)(simd - MS_SIMD_PORTABLE));
            memcpy(used.context, context, sizeof context);
            evaluate(target, type, &place, &used, true, true);
            type->absorb(target->content, &place, used.constants, used.x, used.scratch, used.context);
            assert_memory_equal(used.score, fresh.score, place.length * MS_LANES * sizeof(double));
            assert_memory_equal(used.log_density, fresh.log_density, MS_LANES * sizeof(double));
            assert_memory_equal(used.statistics, fresh.statistics, 2 * sizeof context);
            assert_memory_equal(used.context, fresh.context, sizeof context);
        }
        free(fresh.memory);
    }
    free(used.memory);
    ms_target_free(target);
}

/* Kolmogorov and Smirnov's distance of draws from the density of coordinate j of the target, or of one of its
 * components, by the midpoint rule; sorts. */
static double distance_from_law(const ms_target *target, size_t j, int component, double *draw, size_t n)
{
    product_part part[components];
    size_t used = component < 0 ? components : 1;
    for (size_t i = 0; i < used; i++) {
        part[i] = parts[component < 0 ? i : (size_t)component];
        part[i].weight = component < 0 ? part[i].weight : 1;
        part[i].mean = (ms_vector){.value = ms_target_mean(target, component < 0 ? i : (size_t)component)[j]};
    }
    ms_target *law = product_target(part, used, 1);
    double h = 4e-3, t = -15, density = 0, share = 0, worst = 0;
    gsl_sort(draw, 1, n);
    for (size_t k = 0; k < n; k++) {
        for (double middle; t < draw[k]; t += h) {
            middle = t + h / 2;
            density = exp(ms_target_log_density(law, 0, &middle));
            share += h * density;
        }
        double below = share - (t - draw[k]) * density;
        worst =
            fmax(worst, fmax(fabs(below - (double)k / (double)n), fabs(below - (double)(k + 1) / (double)n)));
    }
    ms_target_free(law);
    return worst;
}

/* Of 20000 draws, each coordinate's distance from its law, which is larger with probability 1e-4 each: of the
 * target, and of the starts of chains in one component. */
static void draws_follow_the_law(void **state)
{
    (void)state;
    enum { d = 3, n = 20000 };
    ms_target *target = skew_product(d);
    double *draw[d], x[d], limit = 2.23 / sqrt(n) + 1e-3;
    gsl_rng *rng = gsl_rng_alloc(ms_gsl_rng_philox);
    gsl_rng_set(rng, 5);
    for (size_t j = 0; j < d; j++)
        assert_non_null(draw[j] = malloc(n * sizeof(double)));
    for (size_t s = 0; s < n; s++) {
        ms_target_sample(target, rng, x);
        for (size_t j = 0; j < d; j++)
            draw[j][s] = x[j];
    }
    for (size_t j = 0; j < d; j++)
        assert_true(distance_from_law(target, j, -1, draw[j], n) < limit);
    for (size_t component = 0; component < components; component++) {
        ms_run_params params;
        ms_run_params_init(&params);
        params.target = target;
        params.start.component = component;
        params.iterations = 1;
        params.chains = n;
        params.key = 3;
        ms_run *run = make_run(&params);
        for (size_t s = 0; s < n; s++) {
            assert_int_equal(ms_run_position(run, s, x, NULL), MS_OK);
            for (size_t j = 0; j < d; j++)
                draw[j][s] = x[j];
        }
        for (size_t j = 0; j < d; j++)
            assert_true(distance_from_law(target, j, (int)component, draw[j], n) < limit);
        ms_run_free(run);
    }
    for (size_t j = 0; j < d; j++)
        free(draw[j]);
    gsl_rng_free(rng);
    ms_target_free(target);
}

static void modes_and_their_radius(void **state)
{
    (void)state;
    ms_target *target = product_reference("uniform", sqrt(3 * (1 - 0.16)), 0.2, 10);
    assert_true(fabs(ms_discovery_radius_squared(target) - 2) < 1e-15);
    assert_true(fabs(ms_target_variance(target, 0) - 3) < 1e-15);
    assert_true(fabs(ms_target_variance(target, 2) - 1) < 1e-15);
    ms_clause events[4];
    ms_discovery_events(target, 2, events);
    assert_true(events[1].quantity == MS_SQUARED_DISTANCE && events[1].component == 2 &&
                fabs(events[1].bound - 20) < 1e-14);
    assert_true(events[2].quantity == MS_LOG_WEIGHT && events[2].component == 1);
    ms_target_free(target);
}

/* Whatever differs, the digest does. */
static void digests_tell_targets_apart(void **state)
{
    (void)state;
    const product_part first = {0.5, "gaussian", {3}, {.value = 0}};
    const product_part others[] = {
        {0.5, "uniform", {1.5, 0.4}, {.value = 1}},   {0.5, "uniform", {1.5, 0.5}, {.value = 1}},
        {0.5, "uniform", {1.4, 0.4}, {.value = 1}},   {0.5, "uniform", {1.5, 0.4}, {.value = 1.1}},
        {0.5, "gaussian", {1.5, 0.4}, {.value = 1}},  {0.5, "gaussian", {3}, {.value = 1}},
        {0.5, "two_point", {1.5, 0.4}, {.value = 1}},
    };
    uint64_t digest[COUNT(others)];
    for (size_t i = 0; i < COUNT(others); i++) {
        const product_part both[2] = {first, others[i]};
        ms_target *target = product_target(both, 2, 3);
        digest[i] = target->digest;
        ms_target_free(target);
        for (size_t other = 0; other < i; other++)
            assert_true(digest[i] != digest[other]);
    }
}

static void bad_parameters_are_refused(void **state)
{
    (void)state;
    double values[] = {1, 2, 3}, good[] = {1, 0.4}, negative[] = {1, -0.4}, huge[] = {1e51, 1},
           nothing[] = {0, 1}, nan[] = {1, (double)NAN};
    const ms_kind *uniform = &marginal_type("uniform")->kind;
    const struct {
        ms_product_component component;
        const char *message;
    } bad[] = {
        {{0.4, {.value = 1}, {uniform, good}}, "sum to 0.9"},
        {{0, {.value = 1}, {uniform, good}}, "weight 1"},
        {{0.5, {.value = (double)NAN}, {uniform, good}}, "coordinate 0 of mean 1"},
        {{0.5, {.pattern = MS_PATTERN_LIST, .values = values, .value_count = 3}, {uniform, good}},
         "mean 1 has 3 coordinates"},
        {{0.5, {.value = 1}, {uniform, negative}}, "smoothing of marginal 1 is -0.4"},
        {{0.5, {.value = 1}, {uniform, huge}}, "half_width of marginal 1 is 1e+51"},
        {{0.5, {.value = 1}, {uniform, nothing}}, "half_width of marginal 1 is 0; it lies in (0, 1e+50]"},
        {{0.5, {.value = 1}, {uniform, nan}}, "smoothing of marginal 1"},
    };
    const ms_target_type *type = ms_target_type_find("product_mixture");
    ms_target *target;
    for (size_t i = 0; i < COUNT(bad); i++) {
        ms_product_component component[2] = {{0.5, {.value = 0}, {uniform, good}}, bad[i].component};
        const ms_product_mixture_params params = {.components = {.item = component, .count = 2}};
        ms_error error = {0};
        assert_int_equal(ms_target_make(&target, type, &params, 2, &error), MS_ERROR_ARGUMENT);
        assert_null(target);
        if (!strstr(error.message, bad[i].message))
            fail_msg("case %zu says \"%s\"", i, error.message);
    }
    ms_product_component component = {1, {.value = 0}, {uniform, good}};
    ms_product_mixture_params params = {.components = {.item = &component, .count = 0}};
    assert_int_equal(ms_target_make(&target, type, &params, 2, NULL), MS_ERROR_ARGUMENT);
    params.components.count = MS_COMPONENTS_MAX + 1;
    assert_int_equal(ms_target_make(&target, type, &params, 2, NULL), MS_ERROR_ARGUMENT);
}

/* What a program makes is what a sweep makes, to the digest. */
static void programs_make_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; ms_marginal_kind(i); i++)
        assert_true(ms_marginal_kind(i)->params_size <= sizeof(((ms_marginal_params *)NULL)->value));
    enum { d = 3 };
    double weight[components], mean[components * d];
    ms_marginal_params marginal[components] = {{NULL, {0}}};
    for (size_t i = 0; i < components; i++) {
        weight[i] = parts[i].weight;
        for (size_t j = 0; j < d; j++)
            mean[i * d + j] = ms_vector_at(&parts[i].mean, j, d);
        marginal[i].type = parts[i].marginal;
        memcpy(marginal[i].value, parts[i].params, sizeof parts[i].params);
    }
    ms_product_params params = {d, components, weight, mean, marginal};
    ms_target *made, *described = skew_product(d);
    ms_error error = {0};
    if (ms_target_product_alloc(&made, &params, &error) != MS_OK)
        fail_msg("%s", error.message);
    assert_true(made->type == described->type && made->digest == described->digest);
    ms_target_free(made);
    ms_target_free(described);

    static const struct {
        ms_marginal_params marginal;
        const char *message;
    } bad[] = {{{"uniforn", {1, 1}}, "marginal 4 is 'uniforn'"},
               {{"gaussian", {1, 1}}, "marginal 4 has a value 1 of 1, but gaussian has only 1"},
               {{"two_point", {1}}, "smoothing of marginal 4 is 0"}};
    for (size_t i = 0; i < COUNT(bad); i++) {
        marginal[components - 1] = bad[i].marginal;
        assert_int_equal(ms_target_product_alloc(&made, &params, &error), MS_ERROR_ARGUMENT);
        assert_null(made);
        if (!strstr(error.message, bad[i].message))
            fail_msg("case %zu says \"%s\"", i, error.message);
    }
    static const size_t counts[] = {0, MS_COMPONENTS_MAX + 1};
    for (size_t i = 0; i < COUNT(counts); i++) {
        params.components = counts[i];
        assert_int_equal(ms_target_product_alloc(&made, &params, NULL), MS_ERROR_ARGUMENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_the_formulas),
        cmocka_unit_test(conditionals_are_those_of_the_formulas),
        cmocka_unit_test(score_is_the_gradient),
        cmocka_unit_test(density_is_normalised),
        cmocka_unit_test(gaussian_marginals_make_gaussians),
        cmocka_unit_test(far_away_the_widest_component_is_left),
        cmocka_unit_test(statistics_add_up),
        cmocka_unit_test(bits_are_the_same),
        cmocka_unit_test(draws_follow_the_law),
        cmocka_unit_test(modes_and_their_radius),
        cmocka_unit_test(digests_tell_targets_apart),
        cmocka_unit_test(bad_parameters_are_refused),
        cmocka_unit_test(programs_make_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
