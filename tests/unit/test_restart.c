/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replicates as state machines; tests/statistical/test_restart.c has whether their means are right. */
#include "estimate/restart_state.h"
#include "restart.h"

#include <string.h>

static const restart_case plane = {10, "switch", 3, true, .steps = 800};

static void assert_same_results(const ms_restart *a, const ms_restart *b)
{
    ms_restart_result x = ms_restart_result_of(a), y = ms_restart_result_of(b);
    assert_true(ms_restart_done(a) && ms_restart_done(b));
    assert_true(x.reward > 0 && x.levels > 0);
    assert_memory_equal(&x.reward, &y.reward, sizeof x.reward);
    assert_memory_equal(&x.steps, &y.steps, sizeof x.steps);
    assert_int_equal(x.transitions, y.transitions);
    assert_int_equal(x.levels, y.levels);
    assert_memory_equal(x.level, y.level, x.levels * sizeof *x.level);
    assert_int_equal(ms_restart_iteration(a), ms_restart_iteration(b));
}

static void calls_can_be_divided(void **state)
{
    (void)state;
    ms_target *target = restart_target(&plane);
    ms_restart *at_once = replicate_of(&plane, target, 3), *slowly = replicate_of(&plane, target, 3);
    finish_replicate(at_once);
    while (!ms_restart_done(slowly))
        assert_int_equal(ms_restart_advance(slowly, 1 + ms_restart_iteration(slowly) % 7, NULL), MS_OK);
    assert_same_results(at_once, slowly);
    ms_restart_free(at_once);
    ms_restart_free(slowly);
    ms_target_free(target);
}

/* Saved after every few iterations, and gone on with by another one. */
static void states_can_be_kept(void **state)
{
    (void)state;
    ms_target *target = restart_target(&plane);
    ms_restart *at_once = replicate_of(&plane, target, 3), *r = replicate_of(&plane, target, 3);
    finish_replicate(at_once);
    uint64_t saves = 0;
    for (; !ms_restart_done(r); saves++) {
        assert_int_equal(ms_restart_advance(r, 5 + saves % 3, NULL), MS_OK);
        size_t size = ms_restart_state_size(r);
        void *saved = malloc(size);
        assert_non_null(saved);
        ms_restart_save(r, saved);
        ms_restart_free(r);
        r = replicate_of(&plane, target, 3);
        assert_int_equal(ms_restart_restore(r, saved, size, NULL), MS_OK);
        free(saved);
    }
    assert_true(saves > 500);
    assert_same_results(at_once, r);
    ms_restart_free(at_once);
    ms_restart_free(r);
    ms_target_free(target);
}

static void instructions_do_not_matter(void **state)
{
    (void)state;
    ms_target *target = restart_target(&plane);
    restart_case c = plane;
    c.simd = MS_SIMD_PORTABLE;
    ms_restart *portable = replicate_of(&c, target, 3);
    finish_replicate(portable);
    for (ms_simd simd = MS_SIMD_AVX2; simd <= MS_SIMD_AVX512; simd++) {
        c.simd = simd;
        if (!ms_simd_available(simd))
            continue;
        ms_restart *other = replicate_of(&c, target, 3);
        finish_replicate(other);
        assert_same_results(portable, other);
        ms_restart_free(other);
    }
    ms_restart_free(portable);
    ms_target_free(target);
}

/* docs/random-numbers.md: never to be changed by accident. */
static void bits_stay(void **state)
{
    (void)state;
    ms_target *target = restart_target(&plane);
    ms_restart *r = replicate_of(&plane, target, 3);
    finish_replicate(r);
    ms_restart_result result = ms_restart_result_of(r);
    assert_true(result.reward == 0x1.e58p+3 && result.level[0] == -0x1.d1e8194b03db2p-2);
    assert_int_equal(result.levels, 3);
    assert_int_equal(result.transitions, 104372);
    ms_restart_free(r);
    ms_target_free(target);
}

/* No two branches that move in an iteration have the same number, nor two moves the same iteration and
 * number; and the stack stays small. */
static void branches_have_numbers_of_their_own(void **state)
{
    (void)state;
    const restart_case c = {50, "ball", 3, .steps = 800};
    ms_target *target = restart_target(&c);
    ms_restart *r = replicate_of(&c, target, 0);
    size_t most = 0;
    while (!ms_restart_done(r)) {
        uint64_t before = ms_restart_iteration(r);
        assert_int_equal(ms_restart_advance(r, 1, NULL), MS_OK);
        assert_int_equal(ms_restart_iteration(r), before + 1);
        size_t branches = r->progress.branches;
        for (size_t i = 0; i < branches; i++) {
            assert_true(r->branch[i].chain < r->progress.chains);
            for (size_t j = branches > 40 ? branches - 40 : 0; j < i; j++)
                assert_true(r->branch[i].chain != r->branch[j].chain);
        }
        most = branches > most ? branches : most;
    }
    print_message("%zu levels, at most %zu branches\n", (size_t)r->progress.levels, most);
    assert_true(r->progress.levels >= 5 && most < 20 * r->progress.levels);
    ms_restart_free(r);
    ms_target_free(target);
}

static void replicates_differ(void **state)
{
    (void)state;
    ms_target *target = restart_target(&plane);
    ms_restart *a = replicate_of(&plane, target, 3), *b = replicate_of(&plane, target, 4);
    finish_replicate(a);
    finish_replicate(b);
    assert_true(ms_restart_result_of(a).reward != ms_restart_result_of(b).reward);
    assert_true(ms_restart_result_of(a).level[0] != ms_restart_result_of(b).level[0]);
    ms_restart_free(a);
    ms_restart_free(b);
    ms_target_free(target);
}

static void damaged_states_are_refused(void **state)
{
    (void)state;
    ms_target *target = restart_target(&plane);
    ms_restart *r = replicate_of(&plane, target, 3), *other = replicate_of(&plane, target, 4);
    assert_int_equal(ms_restart_advance(r, 3000, NULL), MS_OK);
    size_t size = ms_restart_state_size(r);
    unsigned char *saved = malloc(size + 1);
    assert_non_null(saved);
    ms_restart_save(r, saved);
    saved[size] = 0;
    assert_int_equal(ms_restart_restore(other, saved, size, NULL), MS_ERROR_MISMATCH);
    assert_int_equal(ms_restart_restore(r, saved, size + 1, NULL), MS_ERROR_FORMAT);
    for (size_t cut = 0; cut < size; cut += 97)
        assert_int_equal(ms_restart_restore(r, saved, cut, NULL), MS_ERROR_FORMAT);
    for (size_t byte = 0; byte < size; byte += byte < 200 ? 1 : 89) {
        saved[byte] ^= 4;
        ms_status status = ms_restart_restore(r, saved, size, NULL);
        assert_true(status == MS_ERROR_FORMAT || (status == MS_ERROR_MISMATCH && byte < 16));
        saved[byte] ^= 4;
    }
    assert_int_equal(ms_restart_restore(r, saved, size, NULL), MS_OK);
    free(saved);
    ms_restart_free(r);
    ms_restart_free(other);
    ms_target_free(target);
}

static void assert_refused(ms_restart_params params, ms_status expected, const char *why)
{
    ms_restart *r;
    ms_error error = {0};
    assert_int_equal(ms_restart_alloc(&r, &params, 0, &error), expected);
    assert_null(r);
    if (!strstr(error.message, why))
        fail_msg("\"%s\" does not say \"%s\"", error.message, why);
}

static void what_cannot_be_done_is_refused(void **state)
{
    (void)state;
    ms_clause *clauses;
    ms_target *target = restart_target(&plane);
    ms_run_params run = restart_run(&plane, target, &clauses), other = run;
    ms_restart_params params;
    ms_restart_params_init(&params);
    params.run = &other;
    params.law = MS_LAW_REDUCED;
    other.patch_size = 5;
    assert_refused(params, MS_ERROR_ARGUMENT, "patches");
    other = run;
    other.start.type = MS_START_UNIFORM;
    assert_refused(params, MS_ERROR_ARGUMENT, "starts other than");
    other = run;
    other.clause_count = 0;
    assert_refused(params, MS_ERROR_ARGUMENT, "discovery rules");
    other = run;
    other.sampler = ms_sampler_mala;
    assert_refused(params, MS_ERROR_ARGUMENT, "samplers");
    other = run;
    const ms_clause everywhere = {.component = 0, .coefficient = 1, .bound = 1e9};
    other.clauses = &everywhere;
    other.clause_count = 1;
    assert_refused(params, MS_ERROR_NUMERIC, "no start");
    other = run;
    params.copies = 1;
    assert_refused(params, MS_ERROR_ARGUMENT, "copies");
    params.copies = 4;
    params.steps = 0;
    assert_refused(params, MS_ERROR_ARGUMENT, "steps");
    free(clauses);
    ms_target_free(target);
}

static void drifts(void **state)
{
    (void)state;
    const double reward[] = {4, 5, 6}, late[] = {1, 1, 2}, even[] = {2, 2.5, 3};
    /* differences -2, -3, -2: mean -7/3, standard error 1/3 */
    assert_true(fabs(ms_replicate_drift_of(reward, late, 3) + 7) < 1e-12);
    assert_true(ms_replicate_drift_of(reward, even, 3) == 0 && ms_replicate_drift_of(reward, late, 1) == 0);
}

static void carriers(void **state)
{
    (void)state;
    const double even[] = {2, 2, 2}, one[] = {0, 5, 0}, some[] = {1, 3, 0}, none[] = {0, 0, 0};
    assert_true(ms_replicate_effective(even, 3) == 3 && ms_replicate_effective(one, 3) == 1);
    assert_true(fabs(ms_replicate_effective(some, 3) - 1.6) < 1e-15 && ms_replicate_effective(none, 3) == 0);
}

/* from a table of Student's law, to its digits */
static void quantiles_of_student(void **state)
{
    (void)state;
    static const struct {
        size_t degrees;
        double confidence, t;
    } known[] = {
        {1, 0.95, 12.706}, {2, 0.95, 4.303},  {3, 0.95, 3.182},  {4, 0.99, 4.604},
        {7, 0.9, 1.895},   {19, 0.95, 2.093}, {30, 0.99, 2.750}, {1000000, 0.95, 1.960},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_true(fabs(ms_student_quantile(known[i].degrees, known[i].confidence) - known[i].t) < 6e-4);
}

static void intervals(void **state)
{
    (void)state;
    const double steps[] = {10, 10, 10, 10}, reward[] = {1, 2, 3, 2}, none[] = {0, 0, 0, 0};
    ms_replicate_mean m = ms_replicate_mean_of(steps, reward, 4, 0.95);
    assert_true(m.mean == 5);
    double relative = sqrt(2.0 / 3) / 2 / 2; /* standard deviation / sqrt 4 / mean */
    assert_true(fabs(m.error - 5 * relative) < 1e-12);
    assert_true(fabs(m.low - 5 / (1 + 3.18245 * relative)) < 1e-4);
    assert_true(fabs(m.high - 5 / (1 - 3.18245 * relative)) < 1e-3);
    assert_true(isinf(ms_replicate_mean_of(steps, none, 4, 0.95).mean));
    m = ms_replicate_mean_of(steps, reward, 1, 0.95);
    assert_true(m.mean == 10 && isnan(m.error) && m.low == 0 && isinf(m.high));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_can_be_divided),
        cmocka_unit_test(states_can_be_kept),
        cmocka_unit_test(instructions_do_not_matter),
        cmocka_unit_test(bits_stay),
        cmocka_unit_test(branches_have_numbers_of_their_own),
        cmocka_unit_test(replicates_differ),
        cmocka_unit_test(damaged_states_are_refused),
        cmocka_unit_test(what_cannot_be_done_is_refused),
        cmocka_unit_test(quantiles_of_student),
        cmocka_unit_test(intervals),
        cmocka_unit_test(drifts),
        cmocka_unit_test(carriers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
