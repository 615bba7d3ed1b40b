/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The noise of neighbouring iterations is independent in the reduced engine, where they share blocks, also
 * when they move patches that use the numbers in different ways. A chain that stays at its mode is x' = x/2 +
 * z, and the squared distance of all coordinates has mean 4/3 and variance 32/9 a coordinate, but only if the
 * patches are independent. */
#include "fixtures.h"

#include <math.h>

enum { chains = 40000, dimension_max = 11, snapshot_count = 2 };

/* The other mode is far away in the first `apart` coordinates. One iteration a patch. Deviations of more than
 * 5 standard deviations are not allowed, with P = 6e-7 each, 4.6e-6 for the file. */
static void check(size_t dimension, size_t patch_size, size_t apart)
{
    const double weight[2] = {0.5, 0.5}, variance[2] = {1, 1};
    double mean[2 * dimension_max] = {0};
    for (size_t j = 0; j < apart; j++)
        mean[dimension + j] = 100;
    ms_mixture_params mixture = {
        .dimension = dimension, .components = 2, .weight = weight, .mean = mean, .variance = variance};
    ms_target *target = NULL;
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &mixture, NULL), MS_OK);
    ms_run_params params;
    ms_run_params_init(&params);
    const uint64_t snapshots[snapshot_count] = {36, 39}; /* after even passes and odd ones */
    params.target = target;
    params.patch_size = patch_size;
    params.shorter_last_patch = true;
    params.iterations_per_patch = 1;
    params.iterations = 39;
    params.chains = chains;
    params.snapshots = snapshots;
    params.snapshot_count = snapshot_count;
    params.engine = MS_ENGINE_REDUCED;
    params.schedule.step_size = 1;
    params.key = 2026;
    ms_run *run = make_run(&params);
    advance(run, params.iterations);
    for (size_t s = 0; s < snapshot_count; s++) {
        double n = (double)dimension, sum = 0, square = 0;
        for (size_t i = 0; i < chains; i++) {
            double deviation = ms_run_snapshot(run, s, i)[0] - n * 4 / 3;
            sum += deviation;
            square += deviation * deviation;
        }
        double law = n * 32 / 9, z_mean = sum / sqrt(law * chains);
        /* kurtosis of chi-square: 3 + 12 / n */
        double z_variance = (square / chains / law - 1) / sqrt((2 + 12 / n) / chains);
        print_message("dimension %zu, patches of %zu: mean %+.2f, variance %+.2f standard deviations\n",
                      dimension, patch_size, z_mean, z_variance);
        assert_true(fabs(z_mean) < 5 && fabs(z_variance) < 5);
    }
    ms_run_free(run);
    ms_target_free(target);
}

/* patches of four coordinates and a last one of three: chi-square variates made of uniforms, and of a normal
 */
static void a_shorter_last_patch(void **state)
{
    (void)state;
    check(11, 4, 11);
}

/* the modes differ in the first patch alone: a direction spanned there, none in the second */
static void spans_that_differ(void **state)
{
    (void)state;
    check(6, 3, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shorter_last_patch),
        cmocka_unit_test(spans_that_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
