/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reduced law in pieces of steps, and its coordinate that looks ahead. */
#include "estimate/law.h"
#include "restart.h"

#include <gsl/gsl_cdf.h>

static ms_law *law_of(const restart_case *c, const ms_target *target, const ms_clause *clause,
                      unsigned pieces)
{
    ms_clause *clauses;
    ms_run_params run = restart_run(c, target, &clauses);
    if (clause) {
        run.clauses = clause;
        run.clause_count = 1;
    }
    ms_law *law;
    ms_error error = {0};
    if (ms_law_alloc_in_pieces(&law, MS_LAW_REDUCED, MS_COORDINATE_FORECAST, pieces, &run, 17, &error) !=
        MS_OK)
        fail_msg("%s", error.message);
    free(clauses);
    assert_true(pieces == 0 || law->pieces == pieces);
    return law;
}

/* Means and variances of a chain's numbers after a step from x. */
static void moments_after_step(ms_law *law, const double *from, size_t batches, double *mean,
                               double *variance)
{
    _Alignas(MS_ALIGNMENT) double x[4 * MS_LANES];
    double square[4] = {0}, n = (double)(batches * MS_LANES);
    memset(mean, 0, 4 * sizeof *mean);
    for (uint64_t batch = 0; batch < batches; batch++) {
        _Alignas(MS_ALIGNMENT) uint64_t chain[MS_LANES];
        for (size_t i = 0; i < law->rows * MS_LANES; i++)
            x[i] = from[i / MS_LANES];
        for (uint64_t lane = 0; lane < MS_LANES; lane++)
            chain[lane] = batch * MS_LANES + lane;
        for (unsigned piece = 0; piece < law->pieces; piece++)
            law->type->move(law, piece, piece, chain, x);
        for (size_t i = 0; i < law->rows * MS_LANES; i++) {
            mean[i / MS_LANES] += x[i] / n;
            square[i / MS_LANES] += (x[i] - from[i / MS_LANES]) * (x[i] - from[i / MS_LANES]) / n;
        }
    }
    for (size_t i = 0; i < law->rows; i++)
        variance[i] = square[i] - (mean[i] - from[i]) * (mean[i] - from[i]);
}

/* 40000 steps each, 28 comparisons of means and of variances; 5 standard errors: 2e-5 for all, some more for
 * variances of what is not normal. */
static void pieces_make_whole_steps(void **state)
{
    (void)state;
    static const restart_case cases[] = {{2, "ball", 3, true, .steps = 0},  /* nothing outside of the span */
                                         {3, "ball", 3, true, .steps = 0},  /* one direction */
                                         {11, "ball", 3, true, .steps = 0}, /* a gamma variate */
                                         {10, "switch", 3, true, .steps = 0}};
    const double from[3] = {0.7, 0.4, 3.3};
    const size_t batches = 5000;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ms_target *target = restart_target(&cases[i]);
        ms_law *whole = law_of(&cases[i], target, NULL, 1), *law = law_of(&cases[i], target, NULL, 5);
        double mean[2][4], variance[2][4], n = (double)(batches * MS_LANES);
        moments_after_step(whole, from, batches, mean[0], variance[0]);
        moments_after_step(law, from, batches, mean[1], variance[1]);
        assert_true(whole->rows == 2 + (cases[i].dimension > 2) && law->rows == whole->rows);
        for (size_t row = 0; row < law->rows; row++) {
            double error = sqrt((variance[0][row] + variance[1][row]) / n);
            double ratio = variance[1][row] / variance[0][row];
            assert_true(fabs(mean[1][row] - mean[0][row]) < 5 * error);
            assert_true(fabs(ratio - 1) < 5 * sqrt(6 / n)); /* a fourth moment of up to 4 variances^2 */
        }
        ms_law_free(whole);
        ms_law_free(law);
        ms_target_free(target);
    }
}

static double coordinate_at(ms_law *law, unsigned piece, double u)
{
    _Alignas(MS_ALIGNMENT) double x[MS_LANES], coordinate[MS_LANES];
    for (size_t lane = 0; lane < MS_LANES; lane++)
        x[lane] = u;
    law->type->coordinate(law, piece, x, coordinate);
    assert_true(coordinate[0] == coordinate[MS_LANES - 1]);
    return coordinate[0];
}

/* The logarithm of the probability that component 0's chain is above `high` or below `low`, at the best of
 * the times when steps end. `begun`: variance that is to come of the step. */
static double exact(double u, double begun, double low, double high)
{
    const double decay = 1 - 0.1 / 6;
    double best = -INFINITY, mean = u, variance = begun;
    for (int steps = 0; steps < 200; steps++) {
        double deviation = sqrt(variance);
        if (variance > 0)
            best = fmax(best, log(gsl_cdf_ugaussian_Q((high - mean) / deviation) +
                                  gsl_cdf_ugaussian_P((low - mean) / deviation)));
        mean *= decay;
        variance = variance * decay * decay + 0.1;
    }
    return best;
}

/* In one dimension, where the mean of component 1 is 1, that of component 2 is -1. Chernoff's bound is above
 * the truth, by a bit more than log(sqrt(2 pi) z) at z standard deviations, but for times between those that
 * are looked at. */
static void coordinates_look_ahead(void **state)
{
    (void)state;
    const restart_case c = {.dimension = 1, .rule = "ball", .modes = 1};
    static const struct {
        ms_clause clause;
        double low, high;
    } sets[] = {
        {{.component = 1, .coefficient = -1, .bound = -81}, -8, 10},
        {{.component = 1, .coefficient = 1, .reference = 2, .reference_coefficient = -1, .bound = -40},
         -1e9,
         10},
    };
    ms_target *target = restart_target(&c);
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        ms_law *law = law_of(&c, target, &sets[i].clause, 4);
        for (double u = -5; u < 10; u += 0.5)
            for (unsigned piece = 0; piece < 4; piece++) {
                double begun = piece == 0 ? 0 : 0.1 * (4 - piece) / 4;
                double bound = coordinate_at(law, piece, u),
                       truth = exact(u, begun, sets[i].low, sets[i].high);
                assert_true(bound > truth - 1 && bound < truth + 4 && bound <= 0);
            }
        for (double u = 10.5; u < 15; u++)
            assert_true(coordinate_at(law, 0, u) == (double)INFINITY && coordinate_at(law, 3, u) <= 0);
        ms_law_free(law);
    }
    ms_target_free(target);
}

/* Rarer discoveries take more pieces, and a diverged chain is told. */
static void pieces_by_default(void **state)
{
    (void)state;
    const restart_case cases[] = {{.dimension = 20, .rule = "ball", .modes = 3},
                                  {.dimension = 200, .rule = "ball", .modes = 3},
                                  {.dimension = 500, .rule = "ball", .modes = 3},
                                  {.dimension = 5000, .rule = "ball", .modes = 3}};
    unsigned pieces[4];
    for (size_t i = 0; i < 4; i++) {
        ms_target *target = restart_target(&cases[i]);
        ms_law *law = law_of(&cases[i], target, NULL, 0);
        pieces[i] = law->pieces;
        _Alignas(MS_ALIGNMENT) double x[2 * MS_LANES], coordinate[MS_LANES];
        for (size_t lane = 0; lane < MS_LANES; lane++) {
            x[lane] = lane == 0 ? (double)NAN : 0;
            x[MS_LANES + lane] = 3 * (double)cases[i].dimension;
        }
        law->type->coordinate(law, 0, x, coordinate);
        assert_true(isnan(coordinate[0]) && isfinite(coordinate[1]));
        ms_law_free(law);
        ms_target_free(target);
    }
    assert_int_equal(pieces[0], 1);
    assert_true(pieces[1] > 1 && pieces[2] > pieces[1] && pieces[2] < 12);
    assert_int_equal(pieces[3], 52);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_make_whole_steps),
        cmocka_unit_test(coordinates_look_ahead),
        cmocka_unit_test(pieces_by_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
