/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/calibrate.h"

#include "cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Chains that have discovered every mode when they start take no iteration, which is a time, too. */
static void what_is_over_at_once_takes_no_time(void **state)
{
    (void)state;
    static const char text[] =
        "name: over\n"
        "target:\n"
        "  family: gaussian_mixture\n"
        "  components: [{weight: 0.5, mean: 0, variance: 3}, {weight: 0.5, mean: 9, variance: 0.5}]\n"
        "start: {component: 1}\n"
        "sampler: {step_size: 0.1}\n"
        "budget: {iterations: 1000, chains: 8}\n"
        "grid: {dimension: 20}\n";
    ms_sweep *sweep;
    ms_calibrations calibrations;
    ms_diagnostics *diagnostics = calloc(1, sizeof *diagnostics);
    ms_error error;
    assert_non_null(diagnostics);
    assert_int_equal(ms_sweep_parse(&sweep, "over", text, strlen(text), diagnostics), MS_OK);
    free(diagnostics);
    assert_int_equal(ms_calibrate(sweep, NULL, &calibrations, &error), MS_OK);
    assert_int_equal(calibrations.count, 1);
    assert_true(isfinite(calibrations.processor_seconds));
    assert_true(calibrations.processor_seconds >= 0);
    ms_calibrations_free(&calibrations);
    ms_sweep_free(sweep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_over_at_once_takes_no_time)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
