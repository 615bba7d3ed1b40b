/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of chains, and RESTART on the generic one; tests/statistical/test_restart_laws.c has means. */
#include "estimate/law_rule.h"
#include "estimate/restart_state.h"
#include "restart.h"
#include "sampler/engine.h"

#include <float.h>
#include <string.h>

static const restart_case cases[] = {
    {6, "switch", 3, true, .steps = 800, .law = MS_LAW_GENERIC},
    {6, "switch", 3, true, .steps = 800, .sampler = "hmc"},
    {6, "ball", 2, true, .steps = 800, .sampler = "underdamped", .coordinate = MS_COORDINATE_RESPONSIBILITY},
    {6, "dominant", 3, true, .steps = 800, .coordinate = MS_COORDINATE_DISTANCE},
};
enum { case_count = sizeof cases / sizeof *cases };

static void assert_same_results(const ms_restart *a, const ms_restart *b)
{
    ms_restart_result x = ms_restart_result_of(a), y = ms_restart_result_of(b);
    assert_true(ms_restart_done(a) && ms_restart_done(b));
    assert_true(x.reward > 0 && x.levels > 0);
    assert_memory_equal(&x.reward, &y.reward, sizeof x.reward);
    assert_memory_equal(&x.late_reward, &y.late_reward, sizeof x.reward);
    assert_int_equal(x.transitions, y.transitions);
    assert_int_equal(x.levels, y.levels);
    assert_memory_equal(x.level, y.level, x.levels * sizeof *x.level);
}

/* Saved at moments that do not matter, and gone on with by another one. */
static void states_can_be_kept(void **state)
{
    (void)state;
    for (size_t c = 0; c < case_count; c++) {
        ms_target *target = restart_target(&cases[c]);
        ms_restart *at_once = replicate_of(&cases[c], target, 5), *r = replicate_of(&cases[c], target, 5);
        finish_replicate(at_once);
        uint64_t saves = 0, moment = 12345;
        for (; !ms_restart_done(r); saves++) {
            moment = moment * UINT64_C(6364136223846793005) + 1;
            assert_int_equal(ms_restart_advance(r, 1 + (moment >> 33) % 40, NULL), MS_OK);
            size_t size = ms_restart_state_size(r);
            void *saved = malloc(size);
            assert_non_null(saved);
            ms_restart_save(r, saved);
            ms_restart_free(r);
            r = replicate_of(&cases[c], target, 5);
            assert_int_equal(ms_restart_restore(r, saved, size, NULL), MS_OK);
            free(saved);
        }
        assert_true(saves > 50);
        assert_same_results(at_once, r);
        ms_restart_free(at_once);
        ms_restart_free(r);
        ms_target_free(target);
    }
}

static void instructions_do_not_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < case_count; i++) {
        restart_case c = cases[i];
        ms_target *target = restart_target(&c);
        c.simd = MS_SIMD_PORTABLE;
        ms_restart *portable = replicate_of(&c, target, 5);
        finish_replicate(portable);
        for (c.simd = MS_SIMD_AVX2; c.simd <= MS_SIMD_AVX512; c.simd++) {
            if (!ms_simd_available(c.simd))
                continue;
            ms_restart *other = replicate_of(&c, target, 5);
            finish_replicate(other);
            assert_same_results(portable, other);
            ms_restart_free(other);
        }
        ms_restart_free(portable);
        ms_target_free(target);
    }
}

/* States of other samplers, coordinates or starts are not gone on with. */
static void states_are_of_a_law(void **state)
{
    (void)state;
    const double positions[2][6] = {{3, -3, 3, -3, 3, -3}, {-3, 3, -3, 3, -3, 3}};
    restart_case c = cases[0];
    ms_target *target = restart_target(&c);
    ms_restart *r = replicate_of(&c, target, 5);
    size_t size = ms_restart_state_size(r);
    void *saved = malloc(size);
    assert_non_null(saved);
    ms_restart_save(r, saved);
    ms_restart_free(r);
    ms_clause *clauses;
    for (int way = 0; way < 5; way++) {
        ms_run_params run = restart_run(&c, target, &clauses);
        ms_restart_params params = restart_params(&c, &run);
        run.start.type = way >= 3 ? MS_START_POSITIONS : way == 2 ? MS_START_NORMAL : run.start.type;
        run.start.variance = 2;
        run.start.positions = positions[way == 4];
        run.start.rows = 1;
        params.coordinate = way == 1 ? MS_COORDINATE_DISTANCE : MS_COORDINATE_RULE;
        assert_int_equal(ms_restart_alloc(&r, &params, 5, NULL), MS_OK);
        assert_int_equal(ms_restart_restore(r, saved, size, NULL), way == 0 ? MS_OK : MS_ERROR_MISMATCH);
        ms_restart_free(r);
        free(clauses);
    }
    free(saved);
    ms_target_free(target);
}

/* What the two laws say of eight chains, from the same places, for as long as these can be told. */
static void coordinates(void **state)
{
    (void)state;
    enum { d = 6 };
    const restart_case c = {d, "switch", 3, true, .steps = 1};
    ms_target *target = restart_target(&c);
    ms_clause *clauses;
    ms_run_params run = restart_run(&c, target, &clauses);
    for (ms_coordinate kind = MS_COORDINATE_RULE; kind <= MS_COORDINATE_DISTANCE; kind++) {
        ms_law *law;
        assert_int_equal(ms_law_alloc(&law, MS_LAW_GENERIC, kind, &run, 7, NULL), MS_OK);
        assert_string_equal(law->type->name, "generic");
        double *x = (double *)ms_rows_alloc(law->rows);
        _Alignas(MS_ALIGNMENT) double coordinate[MS_LANES];
        size_t inside = 0;
        for (uint64_t block = 0; block < 64; block++) {
            law->type->start(law, block, x);
            law->type->coordinate(law, 0, x, coordinate);
            for (size_t lane = 0; lane < MS_LANES; lane++) {
                double at[d], l[3], nearest = INFINITY;
                for (size_t j = 0; j < d; j++)
                    at[j] = x[j * MS_LANES + lane];
                ms_target_log_weights(target, 0, at, l);
                for (size_t i = 1; i < 3; i++) {
                    double distance = 0;
                    for (size_t j = 0; j < d; j++)
                        distance += pow(at[j] - ms_target_mean(target, i)[j], 2);
                    nearest = fmin(nearest, distance);
                }
                double weight = fmax(l[1], l[2]) - l[0];
                double expected = weight >= 0                      ? INFINITY
                                  : kind == MS_COORDINATE_DISTANCE ? -nearest / d
                                                                   : weight / d;
                inside += weight >= 0;
                assert_true(coordinate[lane] == expected ||
                            fabs(coordinate[lane] - expected) < 1e-12 * fabs(expected) + 1e-12);
            }
        }
        assert_true(inside > 10 && inside < 400);
        free(x);
        ms_law_free(law);
    }
    free(clauses);
    ms_target_free(target);
}

/* Log-weights of minus infinity, by themselves and together, are as far as can be, or near, but no discovery.
 */
static void infinite_measures(void **state)
{
    (void)state;
    const double none = -(double)INFINITY;
    /* x_1 <= -1 and x_2 <= 3, or x_0 <= x_1 - 5; coordinate: x_0 - x_1 */
    ms_condition condition[] = {{1, 3, 1, 0, -1, MS_AND_NEXT},
                                {2, 3, 1, 0, 3, MS_OR_NEXT},
                                {0, 1, 1, -1, -5, MS_ALONE},
                                {1, 0, 1, -1, 0, MS_ALONE}};
    _Alignas(MS_ALIGNMENT) const double measure[4][MS_LANES] = {
        {0, 0, none, 0, none, 1, 2, 0}, {1, none, 0, -2, none, -1, 0, 6}, {9, 9, 9, 9, 9, none, 5, 9}};
    _Alignas(MS_ALIGNMENT) double rule_alone[MS_LANES], own[MS_LANES];
    ms_law_rule rule = {condition, 3, 3, 2};
    ms_law_rule_coordinate(&rule, &measure[0][0], rule_alone);
    rule.count = 4;
    ms_law_rule_coordinate(&rule, &measure[0][0], own);
    const double expected[2][MS_LANES] = {{-2, -3, INFINITY, -3, -3, INFINITY, -1, INFINITY},
                                          {-0.5, DBL_MAX / 2, INFINITY, 1, none, INFINITY, 1, INFINITY}};
    for (size_t lane = 0; lane < MS_LANES; lane++) {
        assert_true(rule_alone[lane] == expected[0][lane]);
        assert_true(own[lane] == expected[1][lane]);
    }
    _Alignas(MS_ALIGNMENT) double x[2][MS_LANES] = {{1, NAN, 1}, {0, 1, INFINITY}};
    ms_law_rule_mark_diverged(&x[0][0], 2, own);
    assert_true(own[0] == -0.5 && isnan(own[1]) && isnan(own[2]) && own[3] == 1);
}

/* Starts, their numbers and what the laws say are functions of the block alone. */
static void starts_are_numbered(void **state)
{
    (void)state;
    for (size_t i = 0; i < case_count; i++) {
        ms_target *target = restart_target(&cases[i]);
        ms_clause *clauses;
        ms_run_params run = restart_run(&cases[i], target, &clauses);
        ms_law *law;
        assert_int_equal(ms_law_alloc(&law, MS_LAW_GENERIC, MS_COORDINATE_RULE, &run, 7, NULL), MS_OK);
        size_t size = law->rows * MS_LANES * sizeof(double);
        double *a = (double *)ms_rows_alloc(law->rows), *b = (double *)ms_rows_alloc(law->rows);
        _Alignas(MS_ALIGNMENT) const uint64_t chain[MS_LANES] = {1, 2, 3, 4, 5, 6, 7, 8};
        law->type->start(law, 3, a);
        law->type->start(law, 4, b);
        assert_true(a[0] != b[0]);
        law->type->move(law, 9, 0, chain, b);
        law->type->start(law, 3, b);
        assert_memory_equal(a, b, size);
        law->type->start(law, 3 + (UINT64_C(1) << 29), b); /* the same numbers mod 2^32 */
        assert_true(a[0] != b[0]);
        free(a);
        free(b);
        ms_law_free(law);
        free(clauses);
        ms_target_free(target);
    }
}

/* Two chains with the same noise come together as fast as the law says. */
static void assert_forgets(const ms_run_params *run)
{
    ms_law *law;
    assert_int_equal(ms_law_alloc(&law, MS_LAW_GENERIC, MS_COORDINATE_RULE, run, 7, NULL), MS_OK);
    double *x = (double *)ms_rows_alloc(law->rows), before = 0;
    _Alignas(MS_ALIGNMENT) const uint64_t chain[MS_LANES] = {5, 5, 5, 5, 5, 5, 5, 5};
    law->type->start(law, 0, x);
    for (size_t row = 4; row < 6 && run->sampler == ms_sampler_find("underdamped"); row++)
        x[row * MS_LANES + 1] = x[row * MS_LANES]; /* the same momentum */
    for (uint64_t iteration = 0; iteration < 20; iteration++) {
        before = x[1] - x[0];
        law->type->move(law, iteration, 0, chain, x);
    }
    double rate = 1 - (x[1] - x[0]) / before;
    print_message("%.4f, %.4f\n", law->slowest_rate, rate);
    assert_true(law->slowest_rate > 0.002 && fabs(rate - law->slowest_rate) < 1e-3 * law->slowest_rate);
    free(x);
    ms_law_free(law);
}

/* On one Gaussian. */
static void forgetting(void **state)
{
    (void)state;
    static const ms_hmc_params hmc = {0.05, 20};
    static const ms_underdamped_params underdamped = {0.3, 3};
    static const struct {
        const char *sampler;
        const void *params;
        double step_size;
    } known[] = {{"langevin", NULL, 0.1},
                 {"mala", NULL, 0.01},
                 {"hmc", &hmc, 0.05},
                 {"underdamped", &underdamped, 0.3}};
    const double weight[1] = {1}, mean[2] = {0}, variance[1] = {1.7}, positions[4] = {0.5, -1, 0.5001, -1};
    const ms_mixture_params mixture = {2, 1, weight, mean, variance, NULL};
    const ms_clause clause = {.coefficient = 1, .bound = -1};
    ms_target *target;
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &mixture, NULL), MS_OK);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        ms_run_params run;
        ms_run_params_init(&run);
        run.target = target;
        run.sampler = ms_sampler_find(known[i].sampler);
        run.sampler_params = known[i].params;
        run.schedule.step_size = known[i].step_size;
        run.clauses = &clause;
        run.clause_count = 1;
        run.start = (ms_start){.type = MS_START_POSITIONS, .positions = positions, .rows = 2};
        assert_forgets(&run);
    }
    ms_target_free(target);
}

static void assert_refused(const ms_restart_params *params, const char *why)
{
    ms_restart *r;
    ms_error error = {0};
    assert_int_equal(ms_restart_alloc(&r, params, 0, &error), MS_ERROR_ARGUMENT);
    assert_null(r);
    if (!strstr(error.message, why))
        fail_msg("\"%s\" does not say \"%s\"", error.message, why);
}

/* What a user's target does wrong ends the replicate with its message. */
static void targets_that_fail(void **state)
{
    (void)state;
    const ms_function_parameter parameters[] = {{"edge", 2.5}, {"crashes", 0}};
    const ms_functions_params functions = {
        .dimension = 3, .path = MS_OWN_TARGETS "/cliff.so", .parameters = parameters, .parameter_count = 2};
    const ms_clause far = {.coefficient = -1, .bound = -1000};
    ms_target *target;
    ms_error error = {0};
    ms_restart *r;
    if (ms_target_functions_alloc(&target, &functions, &error) != MS_OK)
        fail_msg("%s", error.message);
    ms_run_params run;
    ms_restart_params params;
    ms_run_params_init(&run);
    ms_restart_params_init(&params);
    run.target = target;
    run.start = (ms_start){.type = MS_START_UNIFORM, .low = 0, .high = 1};
    run.clauses = &far;
    run.clause_count = 1;
    params.run = &run;
    assert_refused(&params, "set burn_in");
    params.burn_in = 1000;
    assert_int_equal(ms_restart_alloc(&r, &params, 0, &error), MS_OK);
    assert_int_equal(ms_restart_advance(r, 1000000, &error), MS_ERROR_NUMERIC);
    if (!strstr(error.message, "cliff"))
        fail_msg("%s", error.message);
    ms_restart_free(r);
    ms_target_free(target);
}

static void traps(void **state)
{
    (void)state;
    static const struct {
        restart_case c;
        bool may_trap;
    } known[] = {{{6, "ball", 3, false, .steps = 1}, false},
                 {{6, "switch", 1, false, .steps = 1}, true},
                 {{6, "dominant", 3, false, .steps = 1}, false},
                 {{6, "dominant", 2, false, .steps = 1}, true}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        ms_clause *clauses;
        ms_target *target = restart_target(&known[i].c);
        ms_run_params run = restart_run(&known[i].c, target, &clauses);
        assert_int_equal(ms_law_may_trap(&run), known[i].may_trap);
        free(clauses);
        ms_target_free(target);
    }
}

static void what_cannot_be_done_is_refused(void **state)
{
    (void)state;
    restart_case c = cases[0];
    ms_clause *clauses, far = {.component = 1, .coefficient = -1, .bound = -1e4};
    ms_target *target = restart_target(&c), *large;
    ms_run_params run = restart_run(&c, target, &clauses);
    ms_restart_params params = restart_params(&c, &run);
    run.clauses = &far;
    run.clause_count = 1;
    params.coordinate = MS_COORDINATE_DISTANCE;
    assert_refused(&params, "the coordinate distance");
    params.coordinate = MS_COORDINATE_RESPONSIBILITY;
    assert_refused(&params, "the coordinate responsibility");
    params.coordinate = MS_COORDINATE_RULE;
    run.patch_size = 3;
    assert_refused(&params, "patches");
    run.patch_size = 0;
    run.start.component = 3;
    assert_refused(&params, "component 3");
    run.start.component = 0;
    c.dimension = 2046;
    run.target = large = restart_target(&c);
    assert_refused(&params, "4098 numbers");
    ms_target_free(large);
    ms_target_free(target);
    free(clauses);
}

static void sizes_are_told_before(void **state)
{
    (void)state;
    for (size_t i = 0; i < case_count; i++) {
        ms_target *target = restart_target(&cases[i]);
        ms_clause *clauses;
        ms_run_params run = restart_run(&cases[i], target, &clauses);
        const ms_run_shape shape = {.engine = MS_ENGINE_GENERIC,
                                    .sampler = run.sampler,
                                    .dimension = cases[i].dimension,
                                    .components = 3};
        ms_restart *r = replicate_of(&cases[i], target, 5);
        assert_true(r->law->rows <= ms_law_rows_most(&shape));
        size_t most = 0;
        while (!ms_restart_done(r)) {
            assert_int_equal(ms_restart_advance(r, 1, NULL), MS_OK);
            size_t size = ms_restart_state_size(r);
            most = size > most ? size : most;
        }
        assert_true(most <= ms_restart_size_of(&shape, 4).state);
        assert_true((double)most <= ms_restart_size_of(&shape, 4).memory);
        ms_restart_free(r);
        free(clauses);
        ms_target_free(target);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_can_be_kept),    cmocka_unit_test(instructions_do_not_matter),
        cmocka_unit_test(states_are_of_a_law),   cmocka_unit_test(coordinates),
        cmocka_unit_test(starts_are_numbered),   cmocka_unit_test(what_cannot_be_done_is_refused),
        cmocka_unit_test(sizes_are_told_before), cmocka_unit_test(forgetting),
        cmocka_unit_test(targets_that_fail),     cmocka_unit_test(traps),
        cmocka_unit_test(infinite_measures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
