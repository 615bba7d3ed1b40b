/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The decisions by which gamma variates are accepted: what the first bits of the uniform decide, logarithms
 * would decide in the same way. */
#define MS_KERNEL_SIMD of_this_test
#include "sampler/kernel.c" /* NOLINT(bugprone-suspicious-include): its static functions are tested */

#include "fixtures.h"

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

static void first_bits_decide_as_logarithms_do(void **state)
{
    (void)state;
    const double rounding = 1e-9; /* of h, for the largest shape */
    for (size_t n = 0; n < sizeof degrees / sizeof *degrees; n++) {
        gamma_shape shape = shape_of(degrees[n], 1);
        long open = 0, all = 0;
        for (int i = -9500; i <= 9500; i++) {
            double x = i * 0.001;
            long double p = acceptance(&shape, x);
            int threshold = (int)(p * 65536);
            for (int k = threshold - 40; k <= threshold + 40; k++) {
                if (k < 0 || k > 0xffff)
                    continue;
                ms_lanes v;
                ms_lanes_u word3 = ms_lanes_u_of((uint64_t)k | UINT64_C(0x123450000));
                bool accepts = lane(gamma_accepts(&shape, ms_lanes_of(x), word3, &v));
                bool rejects = lane(gamma_rejects(&shape, ms_lanes_of(x), word3));
                if (accepts)
                    assert_true((k + 1) * 0x1p-16L <= p + rounding);
                if (rejects)
                    assert_true(k * 0x1p-16L >= p - rounding);
                const ms_lanes_u least[4] = {{0}}, most[4] = {~(ms_lanes_u){0}, ~(ms_lanes_u){0}};
                if ((k + 1) * 0x1p-16L < p - rounding)
                    assert_true(lane(gamma_decides(&shape, ms_lanes_of(x), v, word3, most)));
                if (k * 0x1p-16L > p + rounding)
                    assert_false(lane(gamma_decides(&shape, ms_lanes_of(x), v, word3, least)));
                open += !accepts && !rejects && fabs(x) < 3;
                all += fabs(x) < 3;
            }
        }
        print_message("%6g degrees of freedom: near the threshold %.3f left to logarithms\n", degrees[n],
                      (double)open / (double)all);
        if (degrees[n] >= 99) /* the bounds are close, too */
            assert_true((double)open / (double)all < 0.2);
    }
}

static void batches_are_of_about_the_same_size(void **state)
{
    (void)state;
    for (size_t n = 1; n < 1000; n++) {
        size_t sum = 0, last = batch_size, largest = batch_count(n), batches = 0;
        for (size_t left = n; left > 0; left -= last, batches++) {
            assert_true(batch_count(left) <= last && largest - batch_count(left) <= 1);
            last = batch_count(left);
            sum += last;
        }
        assert_int_equal(sum, n);
        assert_int_equal(batches, (n + batch_size - 1) / batch_size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_bits_decide_as_logarithms_do),
        cmocka_unit_test(batches_are_of_about_the_same_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
