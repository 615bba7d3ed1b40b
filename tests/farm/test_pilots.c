/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/pilots.h"

#include "cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Twelve kinds of sixteen blocks, a quarter of an hour if nothing is discovered. */
static const char sweep_text[] =
    "name: pilots\n"
    "target:\n"
    "  family: gaussian_mixture\n"
    "  components: [{weight: 0.5, mean: 0, variance: 3}, {weight: 0.5, mean: 1, variance: 1}]\n"
    "sampler: {step_size: 0.1}\n"
    "budget: {iterations: 1e8, chains: 64, block: 8}\n"
    "grid: {dimension: [10, 20, 30, 40], patch_size: [2, 5, 10], seed: [1, 2]}\n";
#define KINDS 12
#define RANKS 2

typedef struct plan {
    ms_sweep *sweep;
    ms_expectation *expectation;
    size_t blocks;
    ms_queue_state *state; /* [blocks] */
    ms_attempt *attempt;   /* [blocks] */
    ms_pilots pilots;
} plan;

static int set_up(void **state)
{
    plan *p = calloc(1, sizeof *p);
    ms_diagnostics *diagnostics = calloc(1, sizeof *diagnostics);
    ms_error error;
    assert_true(p && diagnostics);
    assert_int_equal(ms_sweep_parse(&p->sweep, "pilots", sweep_text, strlen(sweep_text), diagnostics), MS_OK);
    free(diagnostics);
    p->blocks = ms_sweep_block_count(p->sweep);
    p->state = calloc(p->blocks, sizeof *p->state);
    p->attempt = calloc(p->blocks, sizeof *p->attempt);
    assert_true(p->state && p->attempt);
    for (size_t b = 0; b < p->blocks; b++)
        p->state[b] = MS_QUEUE_WAITING;
    assert_int_equal(ms_expectation_alloc(&p->expectation, p->sweep, &error), MS_OK);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    plan *p = *state;
    ms_pilots_free(&p->pilots);
    ms_expectation_free(p->expectation);
    ms_sweep_free(p->sweep);
    free(p->state);
    free(p->attempt);
    free(p);
    return 0;
}

static void begin(plan *p)
{
    ms_error error;
    assert_int_equal(
        ms_pilots_init(&p->pilots, p->sweep, p->expectation, p->state, p->attempt, RANKS, 0, &error), MS_OK);
}

static void each_kind_of_which_nothing_is_known_is_tried_once(void **state)
{
    plan *p = *state;
    size_t count = 0;
    bool is_tried[KINDS] = {false};
    ms_expectation_learn(p->expectation, 0, 1);
    p->state[16] = MS_QUEUE_SUSPECT;
    p->attempt[17].unfinished = 1;
    for (begin(p); ms_pilots_left(&p->pilots); count++) {
        size_t block = ms_pilots_take(&p->pilots), kind = ms_expectation_kind(p->expectation, block);
        assert_false(is_tried[kind]);
        assert_true(kind != 1 || block == 18); /* the first of which nothing speaks for a crash */
        is_tried[kind] = true;
    }
    assert_int_equal(count, KINDS - 1);
    assert_false(is_tried[0]);
}

/* All discover early: a block is over within its pilot run, and all takes much less than was planned for. */
static void they_take_a_small_part_of_what_all_takes(void **state)
{
    plan *p = *state;
    const double seconds = 0.1;
    double spent = 0, all = seconds * (double)p->blocks;
    begin(p);
    for (; ms_pilots_left(&p->pilots); ms_pilots_give_up(&p->pilots, spent / RANKS, all)) {
        ms_pilots_take(&p->pilots);
        ms_pilots_note(&p->pilots, seconds);
        spent += fmin(seconds, p->pilots.limit);
    }
    print_message("%zu pilot runs, %.2f s of %.1f s\n", p->pilots.told, spent, all);
    assert_in_range(p->pilots.told, 4, 5);
    ms_pilots_free(&p->pilots);
    for (begin(p), all = 1e3; ms_pilots_left(&p->pilots); ms_pilots_give_up(&p->pilots, 0.1, all)) {
        ms_pilots_take(&p->pilots);
        ms_pilots_note(&p->pilots, (double)NAN);
    }
    assert_int_equal(p->pilots.told, KINDS);
}

/* A glance at many kinds would show no discovery in any of them. */
static void rather_few_than_short_ones(void **state)
{
    plan *p = *state;
    p->sweep->variant[0].iterations /= 10; /* less than a second for each block */
    for (size_t b = 0; b < p->blocks; b++)
        p->state[b] = b % 16 == 0 ? MS_QUEUE_WAITING : MS_QUEUE_DONE;
    begin(p);
    print_message("%zu pilot runs of %g s\n", p->pilots.count, p->pilots.limit);
    assert_in_range(p->pilots.count, 1, KINDS / 2);
    assert_true(p->pilots.limit >= 0.002);
}

static void they_end_where_beginning_a_block_takes_long(void **state)
{
    plan *p = *state;
    begin(p);
    ms_pilots_give_up(&p->pilots, 0.1, INFINITY);
    assert_true(ms_pilots_left(&p->pilots));
    ms_pilots_give_up(&p->pilots, 10, INFINITY);
    assert_false(ms_pilots_left(&p->pilots));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_kind_of_which_nothing_is_known_is_tried_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(they_take_a_small_part_of_what_all_takes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rather_few_than_short_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(they_end_where_beginning_a_block_takes_long, set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
