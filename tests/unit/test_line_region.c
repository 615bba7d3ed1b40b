/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regions that rules describe, row by row, against the rules themselves. */
#include "estimate/line_region.h"

#include "fixtures.h"

#include <math.h>
#include <string.h>

/* v_1 < v_0: a disc; v_2 > v_0: what is outside of one; v_3 = v_0: a half-plane. */
static const double weight[4] = {0.3, 0.2, 0.4, 0.1}, variance[4] = {3, 1, 5, 3}, position[4] = {0, 3, -2, 4};
enum { dimension = 5 };

static double log_weight(size_t i, double u, double R)
{
    double away = u - position[i];
    return log(weight[i]) - dimension / 2.0 * log(variance[i]) - (away * away + R * R) / (2 * variance[i]);
}

static ms_clause outweighs(size_t mode, size_t other, ms_joint joint)
{
    return (ms_clause){.component = mode,
                       .coefficient = -1,
                       .reference = other,
                       .reference_coefficient = 1,
                       .quantity = MS_LOG_WEIGHT,
                       .reference_quantity = MS_LOG_WEIGHT,
                       .joint = joint};
}

/* Mode 1 outweighs component 0 and component 2, or mode 3 component 0, or mean 2 is near. */
static size_t make(ms_line_bound *bound)
{
    const ms_clause clause[] = {
        outweighs(1, 0, MS_AND_NEXT),
        outweighs(1, 2, MS_OR_NEXT),
        outweighs(3, 0, MS_OR_NEXT),
        {.component = 2, .coefficient = 1, .bound = 2.5},
    };
    assert_int_equal(ms_line_region_of_clauses(clause, 4, dimension, weight, variance, position, bound, NULL),
                     MS_OK);
    return 4;
}

static bool expected(double u, double R)
{
    double away = u - position[2];
    return (log_weight(1, u, R) >= log_weight(0, u, R) && log_weight(1, u, R) >= log_weight(2, u, R)) ||
           log_weight(3, u, R) >= log_weight(0, u, R) || away * away + R * R <= 2.5;
}

static void rows_are_cut_where_rules_change(void **state)
{
    (void)state;
    ms_line_bound bound[4];
    ms_line_piece piece[MS_LINE_PIECES_MAX];
    ms_line_region region = {bound, make(bound)};
    size_t most = 0;
    for (double R = 0; R < 9; R += 0.0371) {
        size_t pieces = ms_line_region_row(&region, R, -12, 12, piece);
        most = pieces > most ? pieces : most;
        assert_true(piece[0].low == -12 && piece[pieces - 1].high == 12);
        for (size_t p = 0; p < pieces; p++) {
            assert_true(p == 0 ||
                        (piece[p].low == piece[p - 1].high && piece[p].inside != piece[p - 1].inside));
            for (int i = 1; i < 50; i++) {
                double u = piece[p].low + (piece[p].high - piece[p].low) * i / 50;
                assert_int_equal(expected(u, R), piece[p].inside);
                assert_int_equal(ms_line_region_has(&region, u, R), piece[p].inside);
            }
        }
    }
    assert_int_equal(most, 4);
}

/* Between two turns, the number of pieces stays the same. */
static void rows_change_at_turns(void **state)
{
    (void)state;
    ms_line_bound bound[4];
    ms_line_piece piece[MS_LINE_PIECES_MAX];
    ms_line_region region = {bound, make(bound)};
    ms_line_turn turn[16];
    size_t turns = ms_line_region_turns(&region, turn), before = 0, changes = 0;
    for (double R = 0.001; R < 9; R += 0.001) {
        size_t pieces = ms_line_region_row(&region, R, -50, 50, piece);
        bool turned = false;
        for (size_t i = 0; i < turns; i++)
            turned |= turn[i].R >= R - 0.0011 && turn[i].R <= R;
        changes += before > 0 && pieces != before;
        assert_true(before == 0 || pieces == before || turned);
        before = pieces;
    }
    assert_true(changes >= 1);
    for (size_t i = 1; i < turns; i++)
        assert_true(turn[i - 1].R <= turn[i].R);
}

static void mirror_images(void **state)
{
    (void)state;
    const ms_line_bound both[] = {{1, -4, 1, true}, {1, 4, 1, true}}, one[] = {{1, -4, 1, true}};
    const ms_line_bound joint[] = {{1, -4, 1, false}, {0, 1, -2, true}, {1, 4, 1, false}, {0, -1, -2, true}};
    const ms_line_bound unlike[] = {{1, -4, 1, false}, {0, 1, -2, true}, {1, 4, 1, false}, {0, -1, -3, true}};
    assert_true(ms_line_region_is_symmetric(&(ms_line_region){both, 2}));
    assert_false(ms_line_region_is_symmetric(&(ms_line_region){one, 1}));
    assert_true(ms_line_region_is_symmetric(&(ms_line_region){joint, 4}));
    assert_false(ms_line_region_is_symmetric(&(ms_line_region){unlike, 4}));
}

static void other_quantities_are_refused(void **state)
{
    (void)state;
    ms_line_bound bound[1];
    ms_error error = {0};
    ms_clause clause = {.coefficient = 1, .quantity = MS_LOG_DENSITY};
    assert_int_equal(
        ms_line_region_of_clauses(&clause, 1, dimension, weight, variance, position, bound, &error),
        MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "distances and log-weights"));
    assert_int_equal(ms_line_region_of_clauses(&clause, MS_LINE_BOUNDS_MAX + 1, dimension, weight, variance,
                                               position, bound, &error),
                     MS_ERROR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_cut_where_rules_change),
        cmocka_unit_test(rows_change_at_turns),
        cmocka_unit_test(mirror_images),
        cmocka_unit_test(other_quantities_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
