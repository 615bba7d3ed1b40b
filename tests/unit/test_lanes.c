/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The elementary functions against long double references, and the transform that makes normals. */
#include "fixtures.h"
#include "random/elementary.h"
#include "random/lanes.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <modeseek/random.h>

/* distance from the exact value in units of the last place of the rounded one */
static double ulps(double value, long double exact)
{
    double rounded = (double)exact;
    double unit = nextafter(fabs(rounded), INFINITY) - fabs(rounded);
    return (double)(fabsl((long double)value - exact) / (long double)unit);
}

/* What the references themselves may be wrong by: valgrind's long doubles are doubles. */
static double reference_ulps(void)
{
    volatile long double one = 1;
    return one + 0x1p-60L > one ? 0 : 1;
}

static void log_is_accurate(void **state)
{
    (void)state;
    double worst = 0;
    for (int i = 1; i <= 200000; i++) {
        double near_one = 1 - i * 0x1p-53, wide = ldexp(1 + i / 200001.0, i % 130 - 65);
        double around_one = 0.7 + 0.8 * (i / 200001.0), above_one = 1 + i * 0x1p-52;
        worst = fmax(worst, ulps(ms_log(around_one), logl((long double)around_one)));
        worst = fmax(worst, ulps(ms_log(above_one), logl((long double)above_one)));
        worst = fmax(worst, ulps(ms_log(near_one), logl((long double)near_one)));
        worst = fmax(worst, ulps(ms_log(wide), logl((long double)wide)));
    }
    assert_true(worst <= 2.5 + reference_ulps());
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
    assert_true(worst <= 2.5 + reference_ulps());
}

static void words_become_fractions(void **state)
{
    (void)state;
    assert_true(ms_lanes_fixed(ms_lanes_u_of(5), 32, 0)[0] == 5 * 0x1p-32);
    assert_true(ms_lanes_fixed(ms_lanes_u_of(0x3fffffff), 30, 0.5)[0] == 0x3fffffff * 0x1p-30 - 0.5);
    assert_true(ms_lanes_middle(ms_lanes_u_of(0), 64)[0] == 0x1p-65);
    assert_true(ms_lanes_middle(ms_lanes_u_of(0xffffffff), 64)[0] == (0xffffffff + 0.5) * 0x1p-64);
    assert_true(ms_lanes_uniform64(ms_lanes_u_of(0), ms_lanes_u_of(0))[0] == 0x1p-65);
    assert_true(ms_lanes_uniform64(ms_lanes_u_of(7), ms_lanes_u_of(9))[0] == 7 * 0x1p-32 + 9.5 * 0x1p-64);
}

/* A word below 2^16 is refined by the word in its place of another block, each lane for itself; what stands
 * above a word's 32 bits does not count. */
static void small_uniforms_are_refined(void **state)
{
    (void)state;
    const ms_lanes_u chain = {3, 1, 4, 1, 5, 9, 2, 6};
    const ms_lanes_place place = ms_lanes_place_of(77, chain, 12, MS_PURPOSE_USER);
    ms_lanes_u word =
        ms_lanes_u_of(UINT64_C(0xabcd00000000)) + (ms_lanes_u){0, 1, 65535, 65536, 65537, 1u << 31, 5, 9};
    for (int w = 0; w < 4; w++) {
        ms_lanes uniform = ms_lanes_uniform(&place, 6, w, word);
        for (int lane = 0; lane < MS_WIDTH; lane++) {
            ms_stream stream = {77, (uint32_t)chain[lane], 12, MS_PURPOSE_USER};
            uint32_t more[4], own = (uint32_t)word[lane];
            ms_stream_words(&stream, 6 + MS_REFINING, more);
            double expected = own < 65536 ? own * 0x1p-32 + (more[w] + 0.5) * 0x1p-64 : (own + 0.5) * 0x1p-32;
            assert_true(uniform[lane] == expected);
        }
    }
}

/* The uniform of a word and the word that refines it, as 64 bits. */
static ms_lanes uniform_of(uint64_t bits)
{
    if (bits >> 48 == 0)
        return ms_lanes_uniform64(ms_lanes_u_of(bits >> 32), ms_lanes_u_of(bits & 0xffffffffu));
    return ms_lanes_middle(ms_lanes_u_of(bits >> 32), 32);
}

static double radius_of(uint64_t bits)
{
    return ms_lanes_radius(uniform_of(bits), 1)[0];
}

/* How fine the grid of uniforms is where one is `uniform`. */
static double grid(double uniform)
{
    return uniform < 0x1p-16 ? 0x1p-64 : 0x1p-32;
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
        /* the granularity of the grid, and rounding of r^2/2 */
        assert_true(fabs(share / law - 1) < 1e-13 + 0.51 * grid(law) / law);
    }
    assert_true(radius_of(0) > 9.4);
    assert_true(radius_of(UINT64_MAX) >= 0);
}

/* A normal made of 64 bits for the radius and an angle, one of `angles` that divide the circle. */
enum { angles = 1 << 11 };

/* The middles of equal parts of each quarter, which the last bits choose: as no word is there, those on both
 * sides. */
static uint64_t angle_word(unsigned angle)
{
    uint64_t part = angle / 8, side = angle / 4 % 2, quarter = angle % 4;
    return (((2 * part + 1) << 29) / (angles / 8) - side) << 2 | quarter;
}

static double normal_of(int kind, uint64_t bits, int angle)
{
    ms_lanes pair[2];
    ms_lanes_turn(ms_lanes_radius(uniform_of(bits), 1), ms_lanes_u_of(angle_word((unsigned)angle)), &pair[0],
                  &pair[1]);
    return pair[kind][0];
}

/* The same of the normals themselves, P(z > t) and P(z < -t) for t up to 8: for each angle the number of the
 * 2^64 radii that take the normal beyond t, by bisection, averaged over the angles. (For a smooth function of
 * the angle the average over so many equal steps is as good as exact; the grid of the radii, which has its
 * step in another place for each angle but eight, which are as good as equal by symmetry, is noise of which
 * six standard deviations are allowed.) */
static void normals_have_the_right_tails(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++)
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
            double noise = grid(law) / sqrt(12.0 * angles / 8);
            if (fabs(share / law - 1) > 1e-11 + 6 * noise / law)
                fail_msg("normal of kind %d: beyond %d lies %.17g, expected %.17g", kind, t, share, law);
        }
}

/* the four quarters of the circle, from the last two bits, whatever stands above the word */
static void angles_cover_the_circle(void **state)
{
    (void)state;
    const long double half_pi = 1.57079632679489661923132169163975144L;
    ms_lanes one = ms_lanes_of(1);
    for (uint64_t quarter = 0; quarter < 4; quarter++)
        for (int i = 0; i <= 1000; i++) {
            uint64_t place = (uint64_t)(i * 0x1p30 / 1001);
            ms_lanes first, second;
            ms_lanes_turn(one, ms_lanes_u_of(UINT64_C(0x9900000000) | place << 2 | quarter), &first, &second);
            long double f = half_pi * (((long double)place + 0.5L) * 0x1p-30L - 0.5L);
            double sine = (double)sinl(f), cosine = (double)(quarter & 1 ? -cosl(f) : cosl(f));
            if (!(fabs(first[1] - (quarter & 2 ? sine : cosine)) < 5e-16 &&
                  fabs(second[1] - (quarter & 2 ? cosine : sine)) < 5e-16))
                fail_msg("quarter %d, place %llx: %.17g, %.17g instead of sine %.17g, cosine %.17g",
                         (int)quarter, (unsigned long long)place, first[1], second[1], sine, cosine);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_is_accurate),
        cmocka_unit_test(exp_is_accurate),
        cmocka_unit_test(normals_have_the_right_tails),
        cmocka_unit_test(words_become_fractions),
        cmocka_unit_test(small_uniforms_are_refined),
        cmocka_unit_test(sincos_is_accurate),
        cmocka_unit_test(tails_are_exact_to_eight_deviations),
        cmocka_unit_test(angles_cover_the_circle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
