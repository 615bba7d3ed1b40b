/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The decisions by which gamma variates are accepted: what a word of the uniform decides, logarithms would
 * decide in the same way. */
#define MS_KERNEL_SIMD of_this_test
#include "sampler/kernel.c" /* NOLINT(bugprone-suspicious-include): its static functions are tested */

#include "fixtures.h"

#include <gsl/gsl_randist.h>
#include <math.h>

static const double degrees[] = {3, 5, 7, 9, 10, 18, 99, 1000, 999998};

static bool lane(ms_lanes_i mask)
{
    return mask[0] != 0;
}

/* exp(-h) for a normal x in long doubles; 0 where v is not positive */
static long double acceptance(const gamma_shape *shape, double x)
{
    long double y = (long double)shape->c * (long double)x, d = shape->d;
    if (y <= -1)
        return 0;
    return expl(-(d * (((3 + y) * y + 3) * y - 3 * log1pl(y)) - (long double)x * (long double)x / 2));
}

static void what_is_accepted_at_once_logarithms_accept(void **state)
{
    (void)state;
    const double rounding = 1e-9; /* of h, for the largest shape */
    for (size_t n = 0; n < sizeof degrees / sizeof *degrees; n++) {
        gamma_shape shape = shape_of(degrees[n], 1);
        for (int i = -9500; i <= 9500; i++) {
            double x = i * 0.001;
            double p = (double)acceptance(&shape, x);
            for (int k = -40; k <= 40; k++) {
                double u = p + k * 0x1p-16;
                if (u <= 0 || u >= 1)
                    continue;
                if (lane(gamma_accepts(&shape, ms_lanes_of(x), ms_lanes_of(u))))
                    assert_true(u + 0x1p-32 <= p + rounding);
                if (fabs(u - p) > rounding)
                    assert_int_equal(lane(gamma_decides(&shape, ms_lanes_of(x),
                                                        gamma_value(&shape, ms_lanes_of(x)), ms_lanes_of(u))),
                                     u < p);
            }
        }
    }
}

/* How often logarithms must decide: over the law of x, by bisection for u. */
static void most_are_accepted_at_once(void **state)
{
    (void)state;
    const double most[] = {0.09, 0.03, 0.02, 0.015, 0.015, 0.008, 0.001, 1e-4, 1e-6};
    for (size_t n = 0; n < sizeof degrees / sizeof *degrees; n++) {
        gamma_shape shape = shape_of(degrees[n], 1);
        double share = 0, step = 0.01;
        for (double x = -8; x < 8; x += step) {
            double accepted = 0, not_accepted = 1;
            while (not_accepted - accepted > 1e-9) {
                double u = (accepted + not_accepted) / 2;
                if (lane(gamma_accepts(&shape, ms_lanes_of(x), ms_lanes_of(u))))
                    accepted = u;
                else
                    not_accepted = u;
            }
            share += step * (1 - accepted) * gsl_ran_ugaussian_pdf(x);
        }
        print_message("%6g degrees of freedom: %.2g left to logarithms\n", degrees[n], share);
        assert_true(share < most[n]);
    }
}

static void batches_are_of_about_the_same_size(void **state)
{
    (void)state;
    for (size_t n = 1; n < 1000; n++) {
        size_t sum = 0, last = batch_blocks, largest = batch_count(n), batches = 0;
        for (size_t left = n; left > 0; left -= last, batches++) {
            assert_true(batch_count(left) <= last && largest - batch_count(left) <= 1);
            last = batch_count(left);
            sum += last;
        }
        assert_int_equal(sum, n);
        assert_int_equal(batches, (n + batch_blocks - 1) / batch_blocks);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_accepted_at_once_logarithms_accept),
        cmocka_unit_test(most_are_accepted_at_once),
        cmocka_unit_test(batches_are_of_about_the_same_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
