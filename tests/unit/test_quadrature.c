/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quadratures that take no time; tests/statistical/test_quadrature.c has the others. */
#include "line.h"

#include <string.h>

#define MEMORY 1e9

/* against tests/data/mfpt.csv and survival.csv, to all their digits */
static void one_dimension(void **state)
{
    (void)state;
    static const struct {
        line_case c;
        double mean, error;
    } known[] = {
        {{1, "ball", 3, REFERENCE, {3, 1, 1}, .step_size = 0.1}, 1.8660815800936, 1e-12},
        {{1, "ball", 1, REFERENCE, {3, 1, 1}, .step_size = 0.1}, 14.401055561297, 1e-11},
        {{1, "ball", 2, REFERENCE, {3, 1, 1}, .step_size = 0.1}, 14.401055561297, 1e-11},
        {{1, "ball", 3, REFERENCE, {3, 1, 1}, .step_size = 1}, 0.32582755738, 5e-12},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        ms_quadrature *q = quadrature_of(&known[i].c, NULL, 0, 1e-12, MEMORY);
        finish(q);
        ms_quadrature_result r = ms_quadrature_result_of(q);
        print_message("%.14g +- %.1g, expected %.14g\n", r.mean.value, r.mean.error, known[i].mean);
        assert_true(fabs(r.mean.value - known[i].mean) <= known[i].error + r.mean.error);
        assert_true(r.mean.error < 4e-11 * r.mean.value && r.leak < 1e-13);
        ms_quadrature_free(q);
    }
}

static void survival_in_one_dimension(void **state)
{
    (void)state;
    const uint64_t times[] = {0, 1, 10, 100, 1000000};
    const double expected[] = {0.1633638570960, 0.1390202198829, 0.0583568879496, 2.0401604566e-4, 0};
    const line_case c = {1, "ball", 3, REFERENCE, {3, 1, 1}, .step_size = 0.1};
    ms_quadrature *q = quadrature_of(&c, times, 5, 1e-12, MEMORY);
    finish(q);
    for (size_t i = 0; i < 5; i++) {
        ms_estimate p = ms_quadrature_survival(q, i);
        assert_true(fabs(p.value - expected[i]) < 1e-13 && p.error < 1e-12);
    }
    ms_quadrature_free(q);
}

/* The sum over t of P(tau > t), once these fall geometrically, is the mean. */
static void survival_adds_up_to_the_mean(void **state)
{
    (void)state;
    enum { last = 300 };
    uint64_t times[last + 1];
    for (uint64_t t = 0; t <= last; t++)
        times[t] = t;
    const line_case c = {1, "switch", 1, {0.3, 0.2, 0.5}, {0, 1, -0.8}, {3, 0.8, 1.2}, .step_size = 1};
    ms_quadrature *q = quadrature_of(&c, times, last + 1, 1e-8, MEMORY);
    finish(q);
    double total = 0;
    for (size_t t = 0; t < last; t++)
        total += ms_quadrature_survival(q, t).value;
    double before = ms_quadrature_survival(q, last - 1).value, end = ms_quadrature_survival(q, last).value;
    total += end / (1 - end / before);
    ms_quadrature_result r = ms_quadrature_result_of(q);
    print_message("%.12g, added up %.12g\n", r.mean.value, total);
    assert_true(fabs(total - r.mean.value) < 1e-8 * total);
    ms_quadrature_free(q);
}

static void calls_can_be_divided(void **state)
{
    (void)state;
    const uint64_t time = 3;
    const line_case c = {1, "switch", 1, {0.3, 0.2, 0.5}, {0, 1, -0.8}, {3, 0.8, 1.2}, .step_size = 0.3};
    ms_quadrature *at_once = quadrature_of(&c, &time, 1, 1e-9, MEMORY);
    ms_quadrature *slowly = quadrature_of(&c, &time, 1, 1e-9, MEMORY);
    finish(at_once);
    while (!ms_quadrature_done(slowly))
        assert_int_equal(ms_quadrature_advance(slowly, 1 + ms_quadrature_iteration(slowly) % 3, NULL), MS_OK);
    ms_quadrature_result a = ms_quadrature_result_of(at_once), b = ms_quadrature_result_of(slowly);
    assert_memory_equal(&a.mean, &b.mean, sizeof a.mean);
    assert_int_equal(ms_quadrature_iteration(at_once), ms_quadrature_iteration(slowly));
    ms_estimate p = ms_quadrature_survival(at_once, 0), s = ms_quadrature_survival(slowly, 0);
    assert_memory_equal(&p, &s, sizeof p);
    ms_quadrature_free(at_once);
    ms_quadrature_free(slowly);
}

/* Saved after every few iterations, and gone on with by another one. */
static void states_can_be_kept(void **state)
{
    (void)state;
    const uint64_t time = 5;
    const line_case c = {1, "switch", 1, {0.3, 0.2, 0.5}, {0, 1, -0.8}, {3, 0.8, 1.2}, .step_size = 0.3};
    ms_quadrature *at_once = quadrature_of(&c, &time, 1, 1e-9, MEMORY);
    finish(at_once);
    ms_quadrature *q = quadrature_of(&c, &time, 1, 1e-9, MEMORY);
    while (!ms_quadrature_done(q)) {
        assert_int_equal(ms_quadrature_advance(q, 4, NULL), MS_OK);
        size_t size = ms_quadrature_state_size(q);
        void *saved = malloc(size);
        assert_non_null(saved);
        ms_quadrature_save(q, saved);
        ms_quadrature_free(q);
        q = quadrature_of(&c, &time, 1, 1e-9, MEMORY);
        assert_int_equal(ms_quadrature_restore(q, saved, size, NULL), MS_OK);
        free(saved);
    }
    ms_quadrature_result a = ms_quadrature_result_of(at_once), b = ms_quadrature_result_of(q);
    assert_memory_equal(&a.mean, &b.mean, sizeof a.mean);
    ms_estimate p = ms_quadrature_survival(at_once, 0), s = ms_quadrature_survival(q, 0);
    assert_memory_equal(&p, &s, sizeof p);
    assert_int_equal(ms_quadrature_iteration(at_once), ms_quadrature_iteration(q));
    ms_quadrature_free(at_once);
    ms_quadrature_free(q);
}

static void damaged_states_are_refused(void **state)
{
    (void)state;
    const line_case c = {1, "ball", 1, REFERENCE, {3, 1, 1}, .step_size = 0.3};
    line_case other = c;
    other.step_size = 0.31;
    ms_quadrature *q = quadrature_of(&c, NULL, 0, 1e-9, MEMORY);
    assert_int_equal(ms_quadrature_advance(q, 10, NULL), MS_OK);
    size_t size = ms_quadrature_state_size(q);
    unsigned char *saved = malloc(size);
    assert_non_null(saved);
    ms_quadrature_save(q, saved);
    ms_quadrature *unlike = quadrature_of(&other, NULL, 0, 1e-9, MEMORY);
    assert_int_equal(ms_quadrature_restore(unlike, saved, size, NULL), MS_ERROR_MISMATCH);
    for (size_t cut = 0; cut < size; cut += 7)
        assert_int_equal(ms_quadrature_restore(q, saved, cut, NULL), MS_ERROR_FORMAT);
    for (size_t byte = 0; byte < size; byte += 5) {
        saved[byte] ^= 4;
        ms_status status = ms_quadrature_restore(q, saved, size, NULL);
        assert_true(status == MS_ERROR_FORMAT || status == MS_ERROR_MISMATCH);
        saved[byte] ^= 4;
    }
    assert_int_equal(ms_quadrature_restore(q, saved, size, NULL), MS_OK);
    free(saved);
    ms_quadrature_free(unlike);
    ms_quadrature_free(q);
}

/* A ball in which all chains start, but for e^-200. */
static void found_at_once(void **state)
{
    (void)state;
    const double weight = 1, variance = 1, position = 0;
    const ms_line_bound ball = {1, 0, -400, true};
    const ms_quadrature_params params = {.chain = {1, &weight, &variance, &position, 1, 0.1, 0, 1},
                                         .region = {&ball, 1},
                                         .tolerance = 1e-6,
                                         .memory = MEMORY};
    ms_quadrature *q;
    assert_int_equal(ms_quadrature_alloc(&q, &params, NULL), MS_OK);
    finish(q);
    assert_true(ms_quadrature_result_of(q).mean.value < 1e-80);
    ms_quadrature_free(q);
}

/* The same bits everywhere. */
static void known_bits(void **state)
{
    (void)state;
    const line_case c = {2, "switch", 3, {0.3, 0.2, 0.5}, {0, 1, -0.8}, {3, 0.8, 1.2}, .step_size = 1};
    ms_quadrature *q = quadrature_of(&c, NULL, 0, 1, MEMORY);
    finish(q);
    ms_quadrature_result r = ms_quadrature_result_of(q);
    print_message("%a +- %a\n", r.mean.value, r.mean.error);
    assert_true(r.mean.value == 0x1.7831cf2fd2744p-1 && r.mean.error == 0x1.e1bd06c0992ddp-8);
    ms_quadrature_free(q);
}

static void memory_is_bounded(void **state)
{
    (void)state;
    const line_case c = {1, "ball", 3, REFERENCE, {3, 1, 1}, .step_size = 0.1};
    ms_quadrature *q = quadrature_of(&c, NULL, 0, 1e-13, 1e3);
    ms_error error = {0};
    assert_int_equal(ms_quadrature_advance(q, 1, &error), MS_ERROR_MEMORY);
    assert_non_null(strstr(error.message, "memory"));
    ms_quadrature_free(q);
    q = quadrature_of(&c, NULL, 0, 1e-13, 2e4); /* enough for some grids */
    finish(q);
    ms_quadrature_result r = ms_quadrature_result_of(q);
    assert_true(r.grids >= 2 && !r.is_tolerable && r.mean.error > 1e-12 * r.mean.value &&
                r.entries <= 312500);
    ms_quadrature_free(q);
}

static void refuse(const ms_quadrature_params *params, ms_status expected, const char *says)
{
    ms_quadrature *q = NULL;
    ms_error error = {0};
    ms_status status = ms_quadrature_alloc(&q, params, &error);
    if (status == MS_OK)
        status = ms_quadrature_advance(q, 10000, &error);
    ms_quadrature_free(q);
    assert_int_equal(status, expected);
    if (!strstr(error.message, says))
        fail_msg("\"%s\" does not say \"%s\"", error.message, says);
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    const double weight[2] = {0.5, 0.5}, variance[2] = {3, 1}, position[2] = {0, 2}, bad[2] = {1, NAN};
    const ms_line_bound ball = {1, -4, 2, true}, nowhere = {1, -4, 6, true}, far = {0, -1, 65, true};
    const ms_quadrature_params good = {.chain = {2, weight, variance, position, 1, 0.1, 0, 3},
                                       .region = {&ball, 1},
                                       .tolerance = 1e-3,
                                       .memory = MEMORY};
    ms_quadrature_params p = good;
    p.chain.weight = bad;
    refuse(&p, MS_ERROR_ARGUMENT, "finite weights");
    p = good;
    p.chain.dimension = 0;
    refuse(&p, MS_ERROR_ARGUMENT, "finite weights");
    p = good;
    p.region.count = 0;
    refuse(&p, MS_ERROR_ARGUMENT, "region of 1 to");
    p = good;
    p.tolerance = NAN;
    refuse(&p, MS_ERROR_ARGUMENT, "tolerance");
    p = good;
    p.region.bound = &nowhere;
    refuse(&p, MS_ERROR_ARGUMENT, "no chain can come");
    p = good;
    p.region.bound = &far; /* u >= 65: e^-704 */
    refuse(&p, MS_ERROR_ARGUMENT, "too rare");
    p = good;
    p.chain.dimension = 10;
    p.chain.step_size = 1e-10; /* nodes without end */
    refuse(&p, MS_ERROR_MEMORY, "more than the");
    p.chain.step_size = 1e-60;
    refuse(&p, MS_ERROR_MEMORY, "more than the");
}

/* Everywhere is a discovery: there is nothing to be computed. */
static void found_everywhere(void **state)
{
    (void)state;
    const double weight = 1, variance = 1, position = 0;
    const ms_line_bound ball = {1, 0, -1e9, true};
    const uint64_t time = 5;
    const ms_quadrature_params params = {.chain = {1, &weight, &variance, &position, 3, 0.1, 0, 1},
                                         .region = {&ball, 1},
                                         .times = &time,
                                         .time_count = 1,
                                         .tolerance = 1e-6,
                                         .memory = MEMORY};
    ms_quadrature *q;
    assert_int_equal(ms_quadrature_alloc(&q, &params, NULL), MS_OK);
    finish(q);
    assert_true(ms_quadrature_result_of(q).mean.value == 0 && ms_quadrature_survival(q, 0).value == 0);
    ms_quadrature_free(q);
}

static void refuse_run(const ms_run_params *run, const char *says)
{
    ms_quadrature *q = NULL;
    ms_error error = {0};
    assert_int_equal(ms_quadrature_alloc_run(&q, run, 1e-3, MEMORY, &error), MS_ERROR_ARGUMENT);
    assert_null(q);
    if (!strstr(error.message, says))
        fail_msg("\"%s\" does not say \"%s\"", error.message, says);
}

static void runs_on_no_line_are_refused(void **state)
{
    (void)state;
    ms_target *on_line = reference_target(3, 3, 1), *off_line = skew_target(3);
    ms_clause clause[4];
    ms_discovery_events(on_line, 2, clause);
    ms_run_params good, run;
    ms_run_params_init(&good);
    good.target = on_line;
    good.patch_size = 3;
    good.clauses = clause;
    good.clause_count = 2;
    ms_quadrature *q;
    assert_int_equal(ms_quadrature_alloc_run(&q, &good, 1e-3, MEMORY, NULL), MS_OK);
    ms_quadrature_free(q);
    run = good;
    run.start = (ms_start){.type = MS_START_NORMAL, .variance = 2};
    assert_int_equal(ms_quadrature_alloc_run(&q, &run, 1e-3, MEMORY, NULL), MS_OK);
    ms_quadrature_free(q);
    run = good;
    run.target = off_line;
    refuse_run(&run, "on a line");
    run = good;
    run.patch_size = 1;
    refuse_run(&run, "patches");
    run = good;
    run.schedule = (ms_schedule){MS_SCHEDULE_GEOMETRIC, 2, 1, 5, MS_STEP_CONSTANT, 0.1};
    refuse_run(&run, "several noise levels");
    run = good;
    run.sampler = ms_sampler_mala;
    refuse_run(&run, "langevin");
    run = good;
    run.start = (ms_start){.type = MS_START_UNIFORM, .low = -1, .high = 1};
    refuse_run(&run, "starts");
    run = good;
    run.clause_count = 0;
    refuse_run(&run, "discovery rules");
    ms_target_free(on_line);
    ms_target_free(off_line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_dimension),
        cmocka_unit_test(survival_in_one_dimension),
        cmocka_unit_test(survival_adds_up_to_the_mean),
        cmocka_unit_test(calls_can_be_divided),
        cmocka_unit_test(states_can_be_kept),
        cmocka_unit_test(damaged_states_are_refused),
        cmocka_unit_test(found_at_once),
        cmocka_unit_test(found_everywhere),
        cmocka_unit_test(known_bits),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(runs_on_no_line_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
