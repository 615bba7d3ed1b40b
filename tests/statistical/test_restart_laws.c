/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RESTART by the laws of estimate/law.h. Seeds, numbers of chains and replicates were chosen beforehand, and
 * tests pass always or never; they are not to be mended by other seeds. Where the bound is 4.5 standard
 * errors, a correct program fails one of the comparisons with probability 2e-3 (of 20, by Student's t of 31
 * degrees of freedom where the error of RESTART prevails). */
#include "estimate/quadrature.h"
#include "product.h"
#include "restart.h"

static const size_t replicates = 32;
#define DEVIATIONS 4.5

static double quadrature_mean(const ms_run_params *run)
{
    ms_quadrature *q;
    assert_int_equal(ms_quadrature_alloc_run(&q, run, 1e-5, 1e9, NULL), MS_OK);
    while (!ms_quadrature_done(q))
        assert_int_equal(ms_quadrature_advance(q, 1000, NULL), MS_OK);
    double mean = ms_quadrature_result_of(q).mean.value;
    ms_quadrature_free(q);
    return mean;
}

/* On Gaussian mixtures both laws have the mean of the quadrature: 3 standard errors, by Student's t of 31
 * degrees of freedom missed with probability 5e-3 by each of two laws in 4 cases, 4 % for all. */
static void laws_agree(void **state)
{
    (void)state;
    static const restart_case cases[] = {{8, "ball", 3, .steps = 20000},
                                         {8, "switch", 1, .steps = 20000},
                                         {14, "switch", 3, .steps = 20000},
                                         {20, "ball", 3, .steps = 20000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ms_clause *clauses;
        ms_target *target = restart_target(&cases[i]);
        ms_run_params run = restart_run(&cases[i], target, &clauses);
        ms_restart_params params = restart_params(&cases[i], &run);
        double exact = quadrature_mean(&run), drift;
        print_message("d = %zu, %s: %.7g\n", cases[i].dimension, cases[i].rule, exact);
        params.law = MS_LAW_REDUCED;
        ms_replicate_mean reduced = restart_mean_of(&params, replicates, 0.95, &drift);
        params.law = MS_LAW_GENERIC;
        ms_replicate_mean generic = restart_mean_of(&params, replicates, 0.95, &drift);
        assert_true(reduced.mean != generic.mean);
        assert_true(reduced.error < 0.03 * exact && generic.error < 0.03 * exact);
        assert_true(fabs(reduced.mean - exact) < 3 * reduced.error);
        assert_true(fabs(generic.mean - exact) < 3 * generic.error);
        ms_target_free(target);
        free(clauses);
    }
}

/* Against chains that are followed until they have discovered. */
static void assert_direct(const ms_restart_params *params, size_t chains)
{
    double error, direct = direct_mean_of(params->run, chains, &error), drift;
    ms_replicate_mean m = restart_mean_of(params, replicates, 0.95, &drift);
    double z = (m.mean - direct) / sqrt(error * error + m.error * m.error);
    print_message("    directly %.7g +- %.2g: z = %.2f\n", direct, error, z);
    assert_true(m.error < 0.05 * m.mean);
    assert_true(fabs(z) < DEVIATIONS);
}

static void samplers(void **state)
{
    (void)state;
    static const restart_case cases[] = {
        {10, "switch", 3, true, .steps = 20000, .sampler = "hmc"},
        {16, "ball", 3, false, .steps = 20000, .sampler = "hmc", .coordinate = MS_COORDINATE_RESPONSIBILITY},
        {10, "switch", 3, true, .steps = 20000, .sampler = "underdamped"},
        {16, "ball", 3, false, .steps = 20000, .sampler = "underdamped",
         .coordinate = MS_COORDINATE_DISTANCE},
        {10, "dominant", 3, true, .steps = 20000, .sampler = "mala"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ms_clause *clauses;
        ms_target *target = restart_target(&cases[i]);
        ms_run_params run = restart_run(&cases[i], target, &clauses);
        ms_restart_params params = restart_params(&cases[i], &run);
        print_message("d = %zu, %s, %s\n", cases[i].dimension, cases[i].rule, cases[i].sampler);
        assert_direct(&params, 10000);
        ms_target_free(target);
        free(clauses);
    }
}

/* Smoothed, started from two positions in turn; uniformly. */
static void starts_and_noise(void **state)
{
    (void)state;
    double positions[2][8] = {{0}};
    for (size_t j = 0; j < 8; j++) {
        positions[0][j] = j % 2 > 0 ? 1.5 : -1;
        positions[1][j] = j % 4 > 1 ? 2 : -2.5;
    }
    static const restart_case c = {8, "ball", 2, true, .steps = 20000};
    ms_clause *clauses;
    ms_target *target = restart_target(&c);
    ms_run_params run = restart_run(&c, target, &clauses);
    ms_restart_params params = restart_params(&c, &run);
    run.schedule.noise_level = 1.2;
    run.start = (ms_start){.type = MS_START_POSITIONS, .positions = &positions[0][0], .rows = 2};
    assert_direct(&params, 10000);
    run.start = (ms_start){.type = MS_START_UNIFORM, .low = -3, .high = 2};
    assert_direct(&params, 10000);
    ms_target_free(target);
    free(clauses);
}

/* Four unequal components whose means span three dimensions, started about the origin, which is outside. */
static void many_dimensions_spanned(void **state)
{
    (void)state;
    enum { d = 10 };
    const double weight[4] = {0.4, 0.1, 0.2, 0.3}, variance[4] = {3, 0.7, 1, 1.3};
    double mean[4][d];
    for (size_t j = 0; j < d; j++) {
        mean[0][j] = 0.3 * (double)(j % 3);
        mean[1][j] = 1.2;
        mean[2][j] = j < 5 ? -1.1 : 0.5;
        mean[3][j] = j % 2 > 0 ? 1 : -0.8;
    }
    const ms_mixture_params mixture = {
        .dimension = d, .components = 4, .weight = weight, .mean = &mean[0][0], .variance = variance};
    const size_t component[2] = {1, 2};
    const ms_mode modes[2] = {{component, 1}, {component + 1, 1}};
    const ms_rule_choice rule = {ms_rule_find("switch"), NULL};
    ms_clause *clauses;
    ms_target *target;
    ms_run_params run;
    ms_restart_params params;
    ms_run_params_init(&run);
    ms_restart_params_init(&params);
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &mixture, NULL), MS_OK);
    assert_int_equal(ms_discovery_clauses(target, &rule, 1, modes, 2, &clauses, &run.clause_count, NULL),
                     MS_OK);
    run.target = target;
    run.clauses = clauses;
    run.key = 77;
    run.start = (ms_start){.type = MS_START_NORMAL, .variance = 2.5};
    params.run = &run;
    params.steps = 40000;
    params.burn_in = 4000; /* component 3 is a trap for some hundred iterations */
    for (params.law = MS_LAW_REDUCED; params.law <= MS_LAW_GENERIC; params.law++)
        assert_direct(&params, 10000);
    ms_target_free(target);
    free(clauses);
}

/* Far down the wings of a target given by functions. */
static void targets_by_functions(void **state)
{
    (void)state;
    const ms_function_parameter parameters[] = {{"scale", 1.5}, {"bend", 0.4}};
    const ms_functions_params functions = {
        .dimension = 3, .path = MS_OWN_TARGETS "/banana.so", .parameters = parameters, .parameter_count = 2};
    const ms_clause near = {.component = 1, .coefficient = 1, .bound = 1};
    ms_target *target;
    ms_error error = {0};
    if (ms_target_functions_alloc(&target, &functions, &error) != MS_OK)
        fail_msg("%s", error.message);
    ms_run_params run;
    ms_restart_params params;
    ms_run_params_init(&run);
    ms_restart_params_init(&params);
    run.target = target;
    run.start = (ms_start){.type = MS_START_NORMAL, .variance = 0.5};
    run.schedule.step_size = 0.05;
    run.clauses = &near;
    run.clause_count = 1;
    run.key = 8;
    params.run = &run;
    params.steps = 20000;
    params.burn_in = 2500;
    assert_direct(&params, 4000);
    ms_target_free(target);
}

static ms_run_params product_run(const ms_target *target, const char *rule_name, ms_clause **clauses)
{
    const size_t component[2] = {1, 2};
    const ms_mode mode = {component, 2};
    const ms_rule_choice rule = {ms_rule_find(rule_name), NULL};
    ms_run_params run;
    ms_run_params_init(&run);
    assert_int_equal(ms_discovery_clauses(target, &rule, 1, &mode, 1, clauses, &run.clause_count, NULL),
                     MS_OK);
    run.target = target;
    run.clauses = *clauses;
    run.key = 99;
    return run;
}

static ms_target *product_of(const char *marginal, double weight_0, size_t dimension)
{
    double size = sqrt((strcmp(marginal, "uniform") == 0 ? 3 : 1) * (1 - 0.16)); /* for a variance of 1 */
    return product_reference(marginal, size, weight_0, dimension);
}

/* Against tests/data/product.csv, an independent simulation. */
static void product_mixtures(void **state)
{
    (void)state;
    static const struct {
        const char *marginal, *rule;
        double weight_0, mean, error;
        ms_coordinate coordinate;
    } known[] = {
        {"uniform", "ball", 0.2, 164.526, 1.65, MS_COORDINATE_RULE},
        {"uniform", "switch", 0.2, 470.978, 4.71, MS_COORDINATE_RULE},
        {"uniform", "switch", 0.001, 179.327, 2.84, MS_COORDINATE_DISTANCE},
        {"two_point", "ball", 0.2, 164.41, 1.64, MS_COORDINATE_RESPONSIBILITY},
        {"two_point", "switch", 0.2, 1741.36, 17.4, MS_COORDINATE_RULE},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        ms_clause *clauses;
        ms_target *target = product_of(known[i].marginal, known[i].weight_0, 20);
        ms_run_params run = product_run(target, known[i].rule, &clauses);
        ms_restart_params params;
        ms_restart_params_init(&params);
        params.run = &run;
        params.steps = 20000;
        params.coordinate = known[i].coordinate;
        double drift;
        ms_replicate_mean m = restart_mean_of(&params, replicates, 0.95, &drift);
        double z = (m.mean - known[i].mean) / sqrt(m.error * m.error + known[i].error * known[i].error);
        print_message("    %s, %s: %.7g +- %.2g: z = %.2f\n", known[i].marginal, known[i].rule, known[i].mean,
                      known[i].error, z);
        assert_true(m.error < 0.04 * m.mean);
        assert_true(fabs(z) < DEVIATIONS);
        ms_target_free(target);
        free(clauses);
    }
}

/* Ten times as rare. */
static void product_mixture_of_30_dimensions(void **state)
{
    (void)state;
    ms_clause *clauses;
    ms_target *target = product_of("uniform", 0.2, 30);
    ms_run_params run = product_run(target, "switch", &clauses);
    ms_restart_params params;
    ms_restart_params_init(&params);
    params.run = &run;
    params.steps = 20000;
    assert_direct(&params, 1600);
    ms_target_free(target);
    free(clauses);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(laws_agree),           cmocka_unit_test(samplers),
        cmocka_unit_test(starts_and_noise),     cmocka_unit_test(many_dimensions_spanned),
        cmocka_unit_test(product_mixtures),     cmocka_unit_test(product_mixture_of_30_dimensions),
        cmocka_unit_test(targets_by_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
