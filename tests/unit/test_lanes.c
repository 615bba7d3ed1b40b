/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The elementary functions against long double references, and the transform that makes normals. */
#include "fixtures.h"
#include "random/lanes.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* distance from the exact value in units of the last place of the rounded one */
static double ulps(double value, long double exact)
{
    double rounded = (double)exact;
    double unit = nextafter(fabs(rounded), INFINITY) - fabs(rounded);
    return (double)(fabsl((long double)value - exact) / (long double)unit);
}

static void log_is_accurate(void **state)
{
    (void)state;
    double worst = 0;
    for (int i = 1; i <= 200000; i++) {
        double near_one = 1 - i * 0x1p-53, wide = ldexp(1 + i / 200001.0, i % 130 - 65);
        worst = fmax(worst, ulps(ms_log(near_one), logl((long double)near_one)));
        worst = fmax(worst, ulps(ms_log(wide), logl((long double)wide)));
    }
    assert_true(worst <= 2);
    assert_true(ms_log(1) == 0);
}

static void exp_is_accurate(void **state)
{
    (void)state;
    double worst = 0;
    for (int i = 0; i <= 200000; i++) {
        double x = -700 + i * 0.00699;
        worst = fmax(worst, ulps(ms_exp(x), expl((long double)x)));
    }
    assert_true(worst <= 2);
    assert_true(ms_exp(0) == 1);
    assert_true(ms_exp(-INFINITY) == 0);
    assert_true(isnan(ms_exp(NAN)));
}

static void sincos_is_accurate(void **state)
{
    (void)state;
    const long double half_pi = 1.57079632679489661923132169163975144L;
    double worst = 0;
    for (int i = -100000; i <= 100000; i++) {
        double f = i * 0.000005;
        ms_lanes sine, cosine;
        ms_lanes_sincos_quarter(ms_lanes_of(f), &sine, &cosine);
        if (i != 0)
            worst = fmax(worst, ulps(sine[3], sinl(half_pi * (long double)f)));
        worst = fmax(worst, ulps(cosine[3], cosl(half_pi * (long double)f)));
    }
    assert_true(worst <= 2);
}

static void sin_half_is_accurate(void **state)
{
    (void)state;
    const long double half_pi = 1.57079632679489661923132169163975144L;
    double worst = 0;
    for (int i = 1; i <= 200000; i++) {
        double f = i * 0.000005, tiny = ldexp(1 + i * 4e-6, -48 + i % 48);
        worst = fmax(worst, ulps(ms_lanes_sin_half(ms_lanes_of(f))[2], sinl(half_pi * (long double)f)));
        worst = fmax(worst, ulps(ms_lanes_sin_half(ms_lanes_of(tiny))[1], sinl(half_pi * (long double)tiny)));
    }
    print_message("sin: %.2f ulp\n", worst);
    assert_true(worst <= 3);
}

static void words_become_fractions(void **state)
{
    (void)state;
    assert_true(ms_lanes_fixed(ms_lanes_u_of(5), 32, 0)[0] == 5 * 0x1p-32);
    assert_true(ms_lanes_fixed(ms_lanes_u_of(0x3fffffff), 30, 0.5)[0] == 0x3fffffff * 0x1p-30 - 0.5);
    assert_true(ms_lanes_middle(ms_lanes_u_of(0), 64)[0] == 0x1p-65);
    assert_true(ms_lanes_middle(ms_lanes_u_of(0xffffffff), 64)[0] == (0xffffffff + 0.5) * 0x1p-64);
    assert_true(ms_lanes_uniform(ms_lanes_u_of(0), ms_lanes_u_of(0))[0] == 0x1p-65);
    assert_true(ms_lanes_uniform(ms_lanes_u_of(7), ms_lanes_u_of(9))[0] == 7 * 0x1p-32 + 9.5 * 0x1p-64);
}

static double radius_of(uint64_t bits)
{
    ms_lanes_u word[4] = {ms_lanes_u_of(bits >> 32), ms_lanes_u_of(bits & 0xffffffffu), ms_lanes_u_of(0),
                          ms_lanes_u_of(0)};
    ms_lanes first, second;
    ms_lanes_normal_pair(word, &first, &second);
    return sqrt(first[0] * first[0] + second[0] * second[0]);
}

/* P(radius > r) = exp(-r^2/2) must come out of the transform itself: how many of the 2^64 values of the
 * radius' uniform lie beyond r is found by bisection, exactly, and compared with the law. */
static void tails_are_exact_to_eight_deviations(void **state)
{
    (void)state;
    for (double r = 0.5; r <= 8; r += 0.5) {
        uint64_t inside = UINT64_MAX, beyond = 0; /* small uniforms give large radii */
        while (inside - beyond > 1) {
            uint64_t middle = beyond + (inside - beyond) / 2;
            if (radius_of(middle) > r)
                beyond = middle;
            else
                inside = middle;
        }
        double share = ldexp((double)beyond + 1, -64);
        double law = exp(-r * r / 2);
        /* the granularity of the 2^64 grid, and rounding of r^2/2 */
        assert_true(fabs(share / law - 1) < 1e-13 + 2 * ldexp(1, -64) / law);
    }
    assert_true(radius_of(0) > 9.4);
    assert_true(radius_of(UINT64_MAX) >= 0);
}

/* A normal made of 64 bits for the radius and an angle, one of `angles` that divide the circle (or, for the
 * single normal, two quarters of it). */
enum { angles = 512 };

static double normal_of(int kind, uint64_t bits, int angle)
{
    ms_lanes_u word[4] = {ms_lanes_u_of(bits >> 32), ms_lanes_u_of(bits & 0xffffffffu),
                          ms_lanes_u_of((uint64_t)angle << 23 | 1u << 22), ms_lanes_u_of(0)};
    ms_lanes pair[2];
    if (kind == 2)
        return ms_lanes_normal_single(ms_lanes_radius(word[0], word[1], 1), word[2], word[3])[0];
    ms_lanes_normal_pair(word, &pair[0], &pair[1]);
    return pair[kind][0];
}

/* The same of the normals themselves, P(z > t) and P(z < -t) for t up to 8: for each angle the number of the
 * 2^64 radii that take the normal beyond t, by bisection, averaged over the angles. (For a smooth function of
 * the angle the average over 512 equal steps is as good as exact.) */
static void normals_have_the_right_tails(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++)
        for (int t = -8; t <= 8; t += t == -1 ? 2 : 1) {
            double share = 0, sign = t < 0 ? -1 : 1, size = fabs((double)t);
            for (int angle = 0; angle < angles; angle++) {
                if (sign * normal_of(kind, 0, angle) <= size)
                    continue; /* no radius is large enough */
                uint64_t inside = UINT64_MAX, beyond = 0;
                while (inside - beyond > 1) {
                    uint64_t middle = beyond + (inside - beyond) / 2;
                    if (sign * normal_of(kind, middle, angle) > size)
                        beyond = middle;
                    else
                        inside = middle;
                }
                share += ldexp((double)beyond + 1, -64) / angles;
            }
            double law = gsl_cdf_ugaussian_Q(size);
            if (fabs(share / law - 1) > 1e-11 + 2 * ldexp(1, -64) / law)
                fail_msg("normal of kind %d: beyond %d lies %.17g, expected %.17g", kind, t, share, law);
        }
}

/* the four quarters of the circle, from the top two bits of word 2 */
static void angles_cover_the_circle(void **state)
{
    (void)state;
    const uint64_t quarters[4] = {0, 0x40000000u, 0x80000000u, 0xc0000000u};
    const double expected[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    for (int q = 0; q < 4; q++) {
        ms_lanes_u word[4] = {ms_lanes_u_of(0x80000000u), ms_lanes_u_of(0),
                              ms_lanes_u_of(quarters[q] | 0x20000000u), ms_lanes_u_of(0)};
        ms_lanes first, second;
        ms_lanes_normal_pair(word, &first, &second);
        double r = sqrt(2 * log(2));
        assert_true(fabs(first[0] - r * expected[q][0]) < 1e-8);
        assert_true(fabs(second[0] - r * expected[q][1]) < 1e-8);
    }
}

/* The same for a single coordinate, with the words' unused upper halves set: sign, size and angle. */
static void single_normals_have_their_place(void **state)
{
    (void)state;
    ms_lanes one = ms_lanes_of(1);
    for (uint64_t sign = 0; sign < 2; sign++)
        for (int i = 0; i <= 1000; i++) {
            uint64_t place = (uint64_t)(i * 0x1p47 / 1001);
            ms_lanes_u word2 = ms_lanes_u_of(sign << 31 | place >> 16 | UINT64_C(0x7700000000));
            ms_lanes_u word3 = ms_lanes_u_of((place & 0xffff) << 16 | 0x1234 | UINT64_C(0x9900000000));
            double value = ms_lanes_normal_single(one, word2, word3)[0];
            double expected = sin(1.5707963267948966 * ((double)place + 0.5) * 0x1p-47);
            assert_true(fabs(value - (sign ? -expected : expected)) < 1e-15);
            assert_true(sign ? value < 0 : value > 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_is_accurate),
        cmocka_unit_test(exp_is_accurate),
        cmocka_unit_test(normals_have_the_right_tails),
        cmocka_unit_test(sin_half_is_accurate),
        cmocka_unit_test(words_become_fractions),
        cmocka_unit_test(single_normals_have_their_place),
        cmocka_unit_test(sincos_is_accurate),
        cmocka_unit_test(tails_are_exact_to_eight_deviations),
        cmocka_unit_test(angles_cover_the_circle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
