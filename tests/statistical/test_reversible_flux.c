/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/flux_law.h"
#include "flux.h"
#include "restart.h"

/* Intervals of 24 replicates miss one of these with probability 2e-5 each as far as replicates are normal,
 * together with 4e-4. Seeds are fixed, so that it passes always or never; it is not to be mended by others.
 */
#define CONFIDENCE (1 - 2e-5)
#define REPLICATES 24
#define BIAS       5e-4 /* as may be */

#define BOTH                                                                                                 \
    3, REFERENCE,                                                                                            \
    {                                                                                                        \
        3, 1, 1                                                                                              \
    }

typedef struct known_case {
    flux_case c;
    double mean, error; /* of the estimate, relative, at most */
} known_case;

static void assert_known(const known_case *known)
{
    ms_replicate_mean m = flux_mean(&known->c, REPLICATES, CONFIDENCE);
    print_message("d = %zu: %.7g +- %.2g, %.7g expected: z = %.2f\n", known->c.line.dimension, m.mean,
                  m.error, known->mean, (m.mean - known->mean) / m.error);
    assert_true(m.low * (1 - BIAS) < known->mean && known->mean < m.high * (1 + BIAS));
    assert_true(m.error < known->error * m.mean);
}

/* tests/data/mfpt.csv; d = 80 and 200 by bench_quadrature. */
static void reference_target_means(void **state)
{
    (void)state;
    static const known_case known[] = {
        {{{80, "ball", BOTH, 0.1, 0, 0}, .radius_square = 2, .key = 1, .paths = 4000}, 54638.748, 0.006},
        {{{100, "ball", BOTH, 0.1, 0, 0}, .radius_square = 2, .key = 2, .paths = 4000}, 403536.984, 0.006},
        {{{200, "ball", BOTH, 0.1, 0, 0}, .radius_square = 2, .key = 3, .paths = 4000}, 1.0723822e10, 0.004},
        {{{500, "ball", BOTH, 0.1, 0, 0}, .radius_square = 2, .key = 4, .paths = 2000}, 2.88239e23, 0.003},
        {{{1000, "ball", BOTH, 0.1, 0, 0}, .radius_square = 2, .key = 5, .paths = 2000}, 7.6914e45, 0.002},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_known(&known[i]);
}

/* By ms_quadrature_alloc(), tolerance 1e-5: weights, variances and distances that differ, balls that overlap,
 * noise, large steps, one mode. */
static void asymmetric_targets(void **state)
{
    (void)state;
    static const known_case known[] = {
        {{{100, "ball", 3, {0.1, 0.3, 0.6}, {0, 1.1, -1}, {3, 0.8, 1.2}, 0.1, 0, 0},
          .radius_square = 2.1,
          .key = 6,
          .paths = 4000},
         193153.71,
         0.008},
        {{{100, "ball", 3, {0.2, 0.5, 0.3}, {0, 1, 0.85}, {3, 1, 0.9}, 0.1, 0, 0},
          .radius_square = 2,
          .key = 7,
          .paths = 4000},
         118008.74,
         0.008},
        {{{300, "ball", 3, {0.2, 0.5, 0.3}, {0, 1, -1.1}, {3, 1, 0.9}, 0.2, 0.2, 0},
          .radius_square = 2,
          .key = 8,
          .paths = 4000},
         1.6561481e15,
         0.003},
        {{{150, "ball", 2, {0.3, 1e-10, 0.7}, {0, 1, -1.1}, {3, 0.5, 0.9}, 0.1, 0, 0},
          .radius_square = 1.95,
          .key = 9,
          .paths = 2000},
         3.7427395e9,
         0.008},
        {{{200, "ball", 3, {0.2, 0.4, 0.4}, {0, 1.4, -1.2}, {5, 1, 1}, 0.8, 0, 0},
          .radius_square = 3,
          .key = 10,
          .paths = 4000},
         1.8162088e12,
         0.002},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_known(&known[i]);
}

/* Means that span a plane, where there is no quadrature: 4.5 standard errors, 7e-6. */
static void agrees_with_restart(void **state)
{
    (void)state;
    const restart_case c = {120, "ball", 3, true, .steps = 40000};
    double drift, time[REPLICATES], discoveries[REPLICATES];
    ms_target *target = restart_target(&c);
    ms_clause *clauses;
    ms_run_params run = restart_run(&c, target, &clauses);
    const ms_reversible_flux_params params = {&run, 4000};
    for (size_t i = 0; i < REPLICATES; i++) {
        ms_reversible_flux *flux;
        ms_error error = {0};
        if (ms_reversible_flux_alloc(&flux, &params, i, &error) != MS_OK)
            fail_msg("%s", error.message);
        finish_flux(flux);
        time[i] = ms_reversible_flux_result_of(flux).time;
        discoveries[i] = ms_reversible_flux_result_of(flux).discoveries;
        ms_reversible_flux_free(flux);
    }
    free(clauses);
    ms_target_free(target);
    ms_replicate_mean m = ms_replicate_mean_of(time, discoveries, REPLICATES, CONFIDENCE);
    ms_replicate_mean other = restart_mean(&c, 24, CONFIDENCE, &drift);
    double z = (m.mean - other.mean) / sqrt(m.error * m.error + other.error * other.error);
    print_message("    %.7g +- %.2g: z = %.2f\n", m.mean, m.error, z);
    assert_true(fabs(z) < 4.5 && other.error < 0.03 * other.mean && m.error < 0.01 * m.mean);
}

/* What starts have on average: in no ball 0, else its share, and so weighted coordinates and squares. */
enum { mass_moment, first_moments, square_moments = first_moments + 3, moments = square_moments + 3 };

static void add_moments(double share, const double *x, size_t dimension, double *sum, double *squares)
{
    double value[moments] = {share};
    for (size_t j = 0; j < dimension; j++) {
        value[first_moments + j] = share * x[j];
        value[square_moments + j] = share * x[j] * x[j];
    }
    for (size_t i = 0; i < moments; i++) {
        sum[i] += value[i];
        squares[i] += value[i] * value[i];
    }
}

/* Starts of 1 to 3 dimensions, with their weights, against draws of N(0, S I) that are kept where they are in
 * the balls: 7 moments each, 4.5 standard errors, 3e-4 for all. */
static void assert_starts(size_t dimension, const double *mean, double radius_square)
{
    enum { draws = 200000 };
    const double weight[3] = {0.2, 0.4, 0.4}, variance[3] = {3, 1, 1};
    ms_mixture_params mixture = {
        .dimension = dimension, .components = 3, .weight = weight, .mean = mean, .variance = variance};
    ms_target *target;
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &mixture, NULL), MS_OK);
    const ms_clause balls[2] = {{.component = 1, .coefficient = 1, .bound = radius_square},
                                {.component = 2, .coefficient = 1, .bound = 2 * radius_square}};
    ms_run_params run;
    ms_run_params_init(&run);
    run.target = target;
    run.clauses = balls;
    run.clause_count = 2;
    ms_flux_law law = {.key = 0};
    assert_int_equal(ms_flux_law_set(&law, &run, 7, NULL), MS_OK);
    double sum[2][moments] = {{0}}, squares[2][moments] = {{0}}, mass = exp(law.log_mass);
    for (uint64_t i = 0; i < draws; i++) {
        _Alignas(MS_ALIGNMENT) double rows[MS_FLUX_ROWS_MAX * MS_LANES] = {0};
        double x[3], away[2] = {0};
        double share = ms_flux_law_start(&law, i, 3, rows);
        double rho = law.rows > law.span ? rows[law.span * MS_LANES + 3] : 0, u[3] = {0};
        for (size_t m = 0; m < law.span; m++)
            u[m] = rows[m * MS_LANES + 3];
        const ms_stream stream = {.key = 8, .chain = (uint32_t)i, .purpose = MS_PURPOSE_USER};
        ms_stream_normals(&stream, x, dimension); /* the direction outside the span */
        ms_reduction_expand(law.reduction, target, &law.passes, 0, u, rho, x);
        add_moments(mass * share, x, dimension, sum[0], squares[0]);
        const ms_stream other = {.key = 9, .chain = (uint32_t)i, .purpose = MS_PURPOSE_USER};
        ms_stream_normals(&other, x, dimension);
        for (size_t j = 0; j < dimension; j++) {
            x[j] = mean[j] + sqrt(law.stationary) * x[j];
            away[0] += (x[j] - mean[dimension + j]) * (x[j] - mean[dimension + j]);
            away[1] += (x[j] - mean[2 * dimension + j]) * (x[j] - mean[2 * dimension + j]);
        }
        bool is_inside = away[0] <= radius_square || away[1] <= 2 * radius_square;
        add_moments(is_inside, x, dimension, sum[1], squares[1]);
    }
    for (size_t i = 0; i < moments; i++) {
        double a = sum[0][i] / draws, b = sum[1][i] / draws;
        double error = squares[0][i] / draws - a * a + squares[1][i] / draws - b * b;
        if (!(fabs(a - b) <= 4.5 * sqrt(error / draws)))
            fail_msg("dimension %zu, moment %zu: %g, expected %g +- %g", dimension, i, a, b,
                     sqrt(error / draws));
    }
    ms_flux_law_free(&law);
    ms_target_free(target);
}

static void starts_are_exact(void **state)
{
    (void)state;
    assert_starts(1, (double[]){0.5, 1.5, -2}, 1);
    assert_starts(2, (double[]){0, 0, 1.5, 0.5, -0.5, 1}, 0.8); /* overlap; nothing outside of the span */
    assert_starts(3, (double[]){0.1, 0, 0, 2, 1, 0, 2.2, 1, -1}, 1);
    assert_starts(3, (double[]){0, 0, 0, 3, 3, 3, -3, -3, -3}, 0.5); /* rare, on a line */
    assert_starts(3, (double[]){0, 0, 0, 0, 0, 0, 1, 0, 0}, 4);      /* about mean_0; much */
    assert_starts(2, (double[]){0, 0, 0, 0, 0, 0}, 1);               /* no span */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_target_means),
        cmocka_unit_test(asymmetric_targets),
        cmocka_unit_test(agrees_with_restart),
        cmocka_unit_test(starts_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
