/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replicates as state machines, what is refused, and balls under normal laws;
 * tests/statistical/test_reversible_flux.c has whether means are right. */
#include "estimate/normal_ball.h"
#include "flux.h"

#include <gsl/gsl_cdf.h>
#include <string.h>

static const flux_case small = {
    {100, "ball", 3, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, .radius_square = 2, .key = 1, .paths = 60};

static void assert_same_results(const ms_reversible_flux *a, const ms_reversible_flux *b)
{
    ms_reversible_flux_result x = ms_reversible_flux_result_of(a), y = ms_reversible_flux_result_of(b);
    assert_true(ms_reversible_flux_done(a) && ms_reversible_flux_done(b));
    assert_true(x.time == y.time && x.discoveries == y.discoveries && x.unweighted == y.unweighted);
    assert_int_equal(x.moves, y.moves);
    assert_int_equal(ms_reversible_flux_iteration(a), ms_reversible_flux_iteration(b));
}

static void bits_stay(void **state)
{
    (void)state;
    ms_target *target = flux_target(&small);
    ms_reversible_flux *f = flux_of(&small, target, 3);
    finish_flux(f);
    ms_reversible_flux_result r = ms_reversible_flux_result_of(f);
    assert_true(r.time == 0x1.dfa9585e253fbp+5 && r.discoveries == 0x1.3ae064be25278p-13);
    assert_int_equal(r.moves, 5838);
    ms_reversible_flux_free(f);
    ms_target_free(target);
}

static void calls_and_states(void **state)
{
    (void)state;
    ms_target *target = flux_target(&small);
    ms_reversible_flux *whole = flux_of(&small, target, 3), *f = flux_of(&small, target, 3);
    finish_flux(whole);
    size_t size = ms_reversible_flux_state_size(f);
    unsigned char *saved = malloc(size);
    assert_non_null(saved);
    for (uint64_t part = 1; !ms_reversible_flux_done(f); part = part * 7 % 101) {
        uint64_t before = ms_reversible_flux_iteration(f);
        assert_int_equal(ms_reversible_flux_advance(f, part, NULL), MS_OK);
        assert_true(ms_reversible_flux_iteration(f) == before + part || ms_reversible_flux_done(f));
        ms_reversible_flux_save(f, saved);
        ms_reversible_flux_free(f);
        f = flux_of(&small, target, 3);
        assert_int_equal(ms_reversible_flux_restore(f, saved, size, NULL), MS_OK);
    }
    assert_same_results(whole, f);
    free(saved);
    ms_reversible_flux_free(whole);
    ms_reversible_flux_free(f);
    ms_target_free(target);
}

static void instructions_do_not_matter(void **state)
{
    (void)state;
    flux_case c = small;
    ms_target *target = flux_target(&c);
    c.simd = MS_SIMD_PORTABLE;
    ms_reversible_flux *portable = flux_of(&c, target, 3);
    finish_flux(portable);
    for (c.simd = MS_SIMD_AVX2; c.simd <= MS_SIMD_AVX512; c.simd++) {
        if (!ms_simd_available(c.simd))
            continue;
        ms_reversible_flux *f = flux_of(&c, target, 3);
        finish_flux(f);
        assert_same_results(portable, f);
        ms_reversible_flux_free(f);
    }
    ms_reversible_flux_free(portable);
    ms_target_free(target);
}

static void damaged_states_are_refused(void **state)
{
    (void)state;
    ms_target *target = flux_target(&small);
    ms_reversible_flux *f = flux_of(&small, target, 3), *other = flux_of(&small, target, 4);
    assert_int_equal(ms_reversible_flux_advance(f, 500, NULL), MS_OK);
    size_t size = ms_reversible_flux_state_size(f);
    unsigned char *saved = malloc(size + 1);
    assert_non_null(saved);
    ms_reversible_flux_save(f, saved);
    saved[size] = 0;
    assert_int_equal(ms_reversible_flux_restore(other, saved, size, NULL), MS_ERROR_MISMATCH);
    assert_int_equal(ms_reversible_flux_restore(f, saved, size + 1, NULL), MS_ERROR_FORMAT);
    assert_int_equal(ms_reversible_flux_restore(f, saved, size - 1, NULL), MS_ERROR_FORMAT);
    assert_int_equal(ms_reversible_flux_restore(f, saved, 0, NULL), MS_ERROR_FORMAT);
    for (size_t byte = 0; byte < size; byte += byte < 200 ? 1 : 89) {
        saved[byte] ^= 4;
        ms_status status = ms_reversible_flux_restore(f, saved, size, NULL);
        assert_true(status == MS_ERROR_FORMAT || status == MS_ERROR_MISMATCH);
        saved[byte] ^= 4;
    }
    assert_int_equal(ms_reversible_flux_restore(f, saved, size, NULL), MS_OK);
    free(saved);
    ms_reversible_flux_free(f);
    ms_reversible_flux_free(other);
    ms_target_free(target);
}

static void replicates_differ(void **state)
{
    (void)state;
    ms_target *target = flux_target(&small);
    ms_reversible_flux *a = flux_of(&small, target, 3), *b = flux_of(&small, target, 4);
    finish_flux(a);
    finish_flux(b);
    assert_true(ms_reversible_flux_result_of(a).moves != ms_reversible_flux_result_of(b).moves);
    ms_reversible_flux_free(a);
    ms_reversible_flux_free(b);
    ms_target_free(target);
}

static void assert_refused(const ms_run_params *run, const char *why)
{
    const ms_reversible_flux_params params = {run, 10};
    ms_reversible_flux *f;
    ms_error error = {0}, again = {0};
    assert_int_equal(ms_reversible_flux_check(run, &error), MS_ERROR_ARGUMENT);
    if (!strstr(error.message, why))
        fail_msg("\"%s\" does not say \"%s\"", error.message, why);
    assert_int_equal(ms_reversible_flux_alloc(&f, &params, 0, &again), MS_ERROR_ARGUMENT);
    assert_null(f);
    assert_string_equal(error.message, again.message);
}

static void other_runs_are_refused(void **state)
{
    (void)state;
    ms_target *target = flux_target(&small);
    ms_clause clause[FLUX_CLAUSES_MAX + 1];
    const ms_run_params run = flux_run(&small, target, clause);
    assert_int_equal(ms_reversible_flux_check(&run, NULL), MS_OK);
    ms_run_params other = run;
    other.patch_size = 50;
    assert_refused(&other, "patches");
    other = run;
    other.start.type = MS_START_UNIFORM;
    assert_refused(&other, "starts other than");
    other = run;
    other.start.component = 1;
    assert_refused(&other, "starts other than");
    other = run;
    other.clause_count = 0;
    assert_refused(&other, "discovery rules");
    other = run;
    other.sampler = ms_sampler_mala;
    assert_refused(&other, "samplers");
    other = run;
    other.schedule.step_size = 12;
    assert_refused(&other, "diverge");
    clause[0].joint = MS_AND_NEXT;
    assert_refused(&run, "other than ball");
    clause[0].joint = MS_OR_NEXT;
    assert_int_equal(ms_reversible_flux_check(&run, NULL), MS_OK);
    clause[0].bound = -1;
    assert_refused(&run, "radius^2 -1");
    clause[0].bound = 200;
    clause[0].quantity = MS_LOG_WEIGHT;
    assert_refused(&run, "other than ball");
    ms_target_free(target);
}

typedef struct refused_case {
    flux_case c;
    const char *why;
} refused_case;

/* Where the answer would be wrong, and by how much it says. */
static void untrustworthy_runs_are_refused(void **state)
{
    (void)state;
    static const refused_case cases[] = {
        {{{20, "ball", 3, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, .radius_square = 2},
         "outside of the balls component 1 holds chains"},
        {{{50, "ball", 3, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, .radius_square = 2}, "too common"},
        {{{70, "ball", 3, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, .radius_square = 2}, "early, "},
        /* mode 2 is a trap: the mean is 1.8 times that without it (bench_quadrature) */
        {{{100, "ball", 1, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, .radius_square = 2},
         "outside of the balls component 2 holds chains 2 times"},
        /* a mode that is larger than its ball */
        {{{200, "ball", 3, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, .radius_square = 0.9}, "outside of the balls"},
        /* modes outweigh component 0 before their balls are reached */
        {{{200, "ball", 3, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, .radius_square = 1.5}, "may be missed"},
        {{{200, "ball", 3, {1e-5, 0.59999, 0.4}, {0, 1, -1}, {3, 1, 1}, 0.1, 0, 0}, .radius_square = 2},
         "may be missed"},
        {{{300, "ball", 3, {0.2, 0.5, 0.3}, {0, 1, -1.1}, {3, 1, 0.9}, 0.2, 0.4, 0}, .radius_square = 2},
         "may be missed"},
        /* a mode where chains start */
        {{{200, "ball", 3, REFERENCE, {3, 1, 2.9}, 0.1, 0, 0}, .radius_square = 3.4}, "balls"},
        {{{8000, "ball", 3, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, .radius_square = 2}, "too rare"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ms_clause clause[FLUX_CLAUSES_MAX];
        ms_target *target = flux_target(&cases[i].c);
        const ms_run_params run = flux_run(&cases[i].c, target, clause);
        assert_refused(&run, cases[i].why);
        ms_target_free(target);
    }
}

/* Narrow starts between the modes are in the balls, or where other components outweigh component 0. */
static void normal_starts(void **state)
{
    (void)state;
    static const flux_case modes_nearby = {
        {400, "ball", 3, {0.2, 0.4, 0.4}, {0, 0.9, -0.9}, {3, 0.5, 0.5}, 0.1, 0, 0}, .radius_square = 0.7};
    ms_clause clause[FLUX_CLAUSES_MAX];
    ms_target *target = flux_target(&small), *other = flux_target(&modes_nearby);
    ms_run_params run = flux_run(&small, target, clause);
    run.start = (ms_start){.type = MS_START_NORMAL, .variance = 3};
    assert_int_equal(ms_reversible_flux_check(&run, NULL), MS_OK);
    run.start.variance = 0.05;
    assert_refused(&run, "early, ");
    run = flux_run(&modes_nearby, other, clause);
    run.start = (ms_start){.type = MS_START_NORMAL, .variance = 0.05};
    assert_refused(&run, "where chains start and stay, 1 - gamma_0 is 1 on average");
    ms_target_free(target);
    ms_target_free(other);
}

static double log_mass_of(size_t dimension, double variance, double distance, double radius_square)
{
    ms_normal_ball ball;
    ms_error error = {0};
    if (ms_normal_ball_set(&ball, dimension, variance, distance, radius_square, &error) != MS_OK)
        fail_msg("%s", error.message);
    double log_mass = ball.log_mass;
    ms_normal_ball_free(&ball);
    return log_mass;
}

static void assert_near(double found, double expected, double error)
{
    if (!(fabs(found - expected) <= error))
        fail_msg("%.15g, expected %.15g +- %.2g", found, expected, error);
}

/* log of the integral over u, the place on the line through the centre, of the density of u times
 * P(chi-square of d - 1 degrees <= (radius^2 - (u - distance)^2) / variance), by Simpson's rule in the angle.
 */
static double integral(size_t dimension, double variance, double distance, double radius_square)
{
    enum { steps = 4000 };
    double sum = 0, radius = sqrt(radius_square), deviation = sqrt(variance), pi = acos(-1);
    for (int i = 1; i < steps; i++) {
        double angle = pi * i / steps, u = distance - radius * cos(angle);
        double rest = radius_square * sin(angle) * sin(angle) / variance;
        sum += (i % 2 ? 4 : 2) * exp(-u * u / (2 * variance)) * radius * sin(angle) *
               gsl_cdf_chisq_P(rest, (double)dimension - 1);
    }
    return log(sum * pi / steps / 3 / (deviation * sqrt(2 * pi)));
}

static void masses_of_balls(void **state)
{
    (void)state;
    assert_near(log_mass_of(7, 2, 0, 9), log(gsl_cdf_chisq_P(4.5, 7)), 1e-12);
    assert_near(log_mass_of(1, 4, 3, 1), log(gsl_cdf_ugaussian_Q(1) - gsl_cdf_ugaussian_Q(2)), 1e-12);
    assert_near(log_mass_of(2, 1, 0, 4), log(1 - exp(-2)), 1e-12);
    assert_near(log_mass_of(3, 3, 2, 1), integral(3, 3, 2, 1), 1e-9);
    assert_near(log_mass_of(20, 3, 5, 40), integral(20, 3, 5, 40), 1e-9);
    assert_near(log_mass_of(100, 3, 10, 200), integral(100, 3, 10, 200), 1e-9);
    assert_near(log_mass_of(600, 3, sqrt(600), 1200), integral(600, 3, sqrt(600), 1200), 1e-9);
    assert_near(log_mass_of(50, 1, 30, 900), integral(50, 1, 30, 900), 1e-9);
    assert_near(log_mass_of(4000, 1, 1, 9000), 0, 1e-11);
    /* ms_exit_exponent(), to which the prefactor adds less and less */
    double S = 3 / (1 - 0.1 / 12), d = 6000;
    double grows = log_mass_of(5000, S, sqrt(5000), 10000) - log_mass_of(6000, S, sqrt(d), 2 * d);
    assert_near(grows / 1000, 0.102913, 1e-4);
    ms_normal_ball ball;
    assert_int_equal(ms_normal_ball_set(&ball, 3, 1, 5000, 1, NULL), MS_ERROR_ARGUMENT);
    ms_normal_ball_free(&ball);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_stay),
        cmocka_unit_test(calls_and_states),
        cmocka_unit_test(instructions_do_not_matter),
        cmocka_unit_test(damaged_states_are_refused),
        cmocka_unit_test(replicates_differ),
        cmocka_unit_test(other_runs_are_refused),
        cmocka_unit_test(untrustworthy_runs_are_refused),
        cmocka_unit_test(normal_starts),
        cmocka_unit_test(masses_of_balls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
