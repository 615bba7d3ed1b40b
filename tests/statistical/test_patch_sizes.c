/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The patch sizes that still find the modes: reference target, d = 100, started in the spread mode, one pass
 * of T iterations. The share of 2000 chains whose largest log-weight is not component 0's must lie within .05
 * of the values found with 20000 chains (+-.004): at least 4.3 standard deviations, so a false alarm in any
 * of the 12 has probability below 2e-4; the keys are fixed. */
#include "fixtures.h"

#include <math.h>

static double share_outside_spread_mode(ms_engine engine, size_t patch_size, uint64_t iterations)
{
    enum { d = 100, chains = 2000 };
    ms_target *target = reference_target(d, 3, 1);
    const ms_observable_type *mode = ms_observable_find("mode");
    ms_run_params params;
    ms_run_params_init(&params);
    params.target = target;
    params.patch_size = patch_size;
    params.iterations_per_patch = 0;
    params.iterations_per_pass = params.iterations = iterations;
    params.chains = chains;
    params.snapshots = &iterations;
    params.snapshot_count = 1;
    params.observables = &mode;
    params.engine = engine;
    params.key = patch_size;
    ms_run *run = make_run(&params);
    advance(run, iterations);
    size_t outside = 0;
    for (size_t c = 0; c < chains; c++) {
        outside += *(const int64_t *)ms_run_observation(run, 0, 0, c) != 0;
    }
    ms_run_free(run);
    ms_target_free(target);
    return (double)outside / chains;
}

static void shares(void **state)
{
    ms_engine engine = *(ms_engine *)*state;
    static const struct {
        size_t patch_size;
        double at_1000, at_10000;
    } rows[] = {{1, 0.006, 0.733},  {4, 0.333, 0.782},  {10, 0.448, 0.777},
                {20, 0.332, 0.765}, {50, 0.022, 0.260}, {100, 0.0001, 0.00}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double at_1000 = share_outside_spread_mode(engine, rows[i].patch_size, 1000);
        double at_10000 = share_outside_spread_mode(engine, rows[i].patch_size, 10000);
        print_message("Q=%zu: %.4f after 1000, %.4f after 10000\n", rows[i].patch_size, at_1000, at_10000);
        assert_true(fabs(at_1000 - rows[i].at_1000) < 0.05);
        assert_true(fabs(at_10000 - rows[i].at_10000) < 0.05);
    }
}

int main(void)
{
    ms_engine full = MS_ENGINE_FULL, reduced = MS_ENGINE_REDUCED;
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(shares, &full),
                                       cmocka_unit_test_prestate(shares, &reduced)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
