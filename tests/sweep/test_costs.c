/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an iteration costs at each point, and how long a pass is. */
#include "sweep/columns.h"
#include "sweep_support.h"

#include <math.h>

static void samplers_cost_what_they_do(void **state)
{
    (void)state;
    static const struct {
        const char *sampler;
        double scores, densities, updates[2];
    } one[] = {{"{name: langevin, step_size: 0.1}", 1, 0, {4, 6}},
               {"{name: mala, step_size: 0.1}", 1, 1, {4, 6}},
               {"{name: hmc, step_size: 0.1, leapfrog_steps: 5}", 5, 1, {20, 30}}};
    for (size_t i = 0; i < sizeof one / sizeof *one; i++) {
        ms_sweep *sweep = make_sweep((sweep_parts){.sampler = one[i].sampler, .grid = "{dimension: [4, 6]}"});
        for (size_t p = 0; p < 2; p++) {
            assert_true(ms_sweep_score_evaluations(sweep, p) == one[i].scores);
            assert_true(ms_sweep_density_evaluations(sweep, p) == one[i].densities);
            assert_true(ms_sweep_coordinate_updates(sweep, p) == one[i].updates[p]);
            assert_true(isnan(ms_sweep_pass_iterations(sweep, p)));
        }
        ms_sweep_free(sweep);
    }
}

static void expect(const char *sampler, const char *grid, double updates, double pass)
{
    char whole[256];
    snprintf(whole, sizeof whole, "{indivisible: shorter_last_patch, %s}", grid);
    ms_sweep *sweep = make_sweep((sweep_parts){.sampler = sampler, .grid = whole});
    assert_true(fabs(ms_sweep_coordinate_updates(sweep, 0) - updates) < 1e-12);
    assert_true(ms_sweep_pass_iterations(sweep, 0) == pass);
    ms_sweep_free(sweep);
}

static void patches_are_weighted_by_their_visits(void **state)
{
    (void)state;
    /* two coordinates, two, and one, visited equally long */
    expect("{step_size: 0.1, iterations_per_patch: 10}", "dimension: 5, patch_size: 2", 5.0 / 3, 30);
    /* 4, 4 and 2 iterations */
    expect("{step_size: 0.1, iterations_per_pass: 10}", "dimension: 5, patch_size: 2", 1.8, 10);
    /* only the last patch is visited */
    expect("{step_size: 0.1, iterations_per_pass: 1}", "dimension: 5, patch_size: 2", 1, 1);
    expect("{step_size: 0.1, iterations_per_patch: 10}", "dimension: 5, noise_level: 1", 5, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(samplers_cost_what_they_do),
                                       cmocka_unit_test(patches_are_weighted_by_their_visits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
