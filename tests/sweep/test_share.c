/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shares: every block in one of them, all of them alike. */
#include "sweep_support.h"

#include <math.h>

#define FULL "{step_size: 0.1, engine: full}"

static const sweep_parts lopsided[] = {
    /* costs from 9 to 1008, as many of each */
    {.sampler = FULL,
     .budget = "{iterations: 100, chains: 640, block: 32}",
     .grid = "{dimension: 1000, patch_size: [1, 10, 100, full], seed: {from: 1, count: 5}}"},
    /* last blocks that are much smaller */
    {.sampler = FULL,
     .budget = "{iterations: 7, chains: 1025, block: 64}",
     .grid = "{dimension: {from: 10, to: 200, step: 10}, patch_size: full}"},
    /* blocks of a point that fill all shares but one, or all and one more */
    {.budget = "{iterations: 10, chains: 7, block: 1}", .grid = "{dimension: {from: 2, to: 40, step: 1}}"},
    /* a point that costs more than all others together */
    {.sampler = FULL,
     .budget = "{iterations: 1e5, chains: 8, block: 8}",
     .grid = "{dimension: [10, 20, 30, 40, 100000], patch_size: full}"},
    /* patch sizes that fit some dimensions only */
    {.sampler = FULL,
     .budget = "{iterations: 50, chains: 100}",
     .grid = "{dimension: [12, 18, 500], patch_size: [1, 4, 6, 9, 250], seed: {from: 1, count: 31}, "
             "indivisible: skip}"},
    {.budget = "{iterations: 1, chains: 1}", .grid = "{dimension: 1}"}};
#define SWEEPS (sizeof lopsided / sizeof *lopsided)

/* Largest over mean cost; checks what ms_sweep_deal() promises of every point and of the costs. */
static double check_deal(const ms_sweep *sweep, size_t shares)
{
    size_t blocks = ms_sweep_block_count(sweep);
    size_t *of_point = calloc(shares, sizeof *of_point);
    double *cost = calloc(shares, sizeof *cost), costliest = 0, total = 0;
    uint32_t *share = malloc(blocks * sizeof *share), *again = malloc(blocks * sizeof *again);
    assert_true(of_point && cost && share && again);
    memset(share, 0xFF, blocks * sizeof *share);
    memset(again, 0, blocks * sizeof *again);
    assert_int_equal(ms_sweep_deal(sweep, shares, share, NULL), MS_OK);
    assert_int_equal(ms_sweep_deal(sweep, shares, again, NULL), MS_OK);
    assert_memory_equal(share, again, blocks * sizeof *share);
    size_t of_a_point = blocks / sweep->point_count, least = of_a_point / shares;
    for (size_t b = 0; b < blocks; b++) {
        double block_cost = ms_sweep_block_cost(sweep, ms_sweep_block(sweep, b));
        assert_true(share[b] < shares);
        cost[share[b]] += block_cost;
        total += block_cost;
        costliest = fmax(costliest, block_cost);
        of_point[share[b]]++;
        if ((b + 1) % of_a_point == 0)
            for (size_t s = 0; s < shares; s++) {
                assert_true(of_point[s] == least || of_point[s] == least + 1);
                of_point[s] = 0;
            }
    }
    double largest = 0, smallest = INFINITY;
    for (size_t s = 0; s < shares; s++) {
        largest = fmax(largest, cost[s]);
        smallest = fmin(smallest, cost[s]);
    }
    assert_true(largest - smallest <= costliest * (1 + 1e-9));
    free(of_point);
    free(cost);
    free(share);
    free(again);
    return largest * (double)shares / total;
}

static void every_block_is_in_one_share_and_all_are_alike(void **state)
{
    (void)state;
    static const size_t shares[] = {1, 2, 3, 4, 6, 7, 8, 64, 1000, MS_SWEEP_SHARES_MAX};
    for (size_t i = 0; i < SWEEPS; i++) {
        ms_sweep *sweep = make_sweep(lopsided[i]);
        for (size_t s = 0; s < sizeof shares / sizeof *shares; s++)
            /* the last count of shares is far above that of blocks: once is enough */
            if (shares[s] < MS_SWEEP_SHARES_MAX || i + 1 == SWEEPS)
                check_deal(sweep, shares[s]);
        ms_sweep_free(sweep);
    }
}

/* Where shares have many blocks, the costliest block is little of one. */
static void costs_are_even_where_shares_are_large(void **state)
{
    (void)state;
    ms_sweep *sweep = make_sweep(lopsided[0]);
    assert_true(check_deal(sweep, 4) == 1);
    assert_true(check_deal(sweep, 7) < 1.03);
    ms_sweep_free(sweep);
    sweep = make_sweep(lopsided[1]);
    assert_true(check_deal(sweep, 10) < 1.003);
    ms_sweep_free(sweep);
    sweep = make_sweep(lopsided[4]);
    assert_true(check_deal(sweep, 16) < 1.003);
    ms_sweep_free(sweep);
}

/* Jobs of one array may be of different builds: the shares must not change from one to the next. */
static void shares_stay_what_they_are(void **state)
{
    (void)state;
    static const uint32_t expected[] = {0, 1, 2, 2, 0, 1, 2, 0, 0, 1, 2, 1};
    uint32_t share[12];
    ms_sweep *sweep = make_sweep((sweep_parts){.sampler = FULL,
                                               .budget = "{iterations: 10, chains: 50, block: 16}",
                                               .grid = "{dimension: [10, 30, 20], patch_size: full}"});
    assert_int_equal(ms_sweep_block_count(sweep), 12);
    assert_int_equal(ms_sweep_deal(sweep, 3, share, NULL), MS_OK);
    for (size_t b = 0; b < 12; b++)
        assert_int_equal(share[b], expected[b]);
    ms_sweep_free(sweep);
}

static void a_larger_budget_keeps_the_shares(void **state)
{
    (void)state;
    uint32_t share[2][320];
    for (int i = 0; i < 2; i++) {
        char budget[64];
        snprintf(budget, sizeof budget, "{iterations: %s, chains: 128, block: 16}", i == 0 ? "999" : "1e9");
        ms_sweep *sweep = make_sweep((sweep_parts){
            .sampler = FULL, .budget = budget, .grid = "{dimension: {from: 1, to: 40, step: 1}}"});
        assert_int_equal(ms_sweep_block_count(sweep), 320);
        assert_int_equal(ms_sweep_deal(sweep, 7, share[i], NULL), MS_OK);
        ms_sweep_free(sweep);
    }
    assert_memory_equal(share[0], share[1], sizeof share[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_block_is_in_one_share_and_all_are_alike),
                                       cmocka_unit_test(costs_are_even_where_shares_are_large),
                                       cmocka_unit_test(shares_stay_what_they_are),
                                       cmocka_unit_test(a_larger_budget_keeps_the_shares)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
