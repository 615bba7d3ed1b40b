/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/outlook.h"

#include "flux.h"

#include <string.h>

typedef struct outlook_case {
    line_case line;
    bool is_plane;
} outlook_case;

/* A run of it; what it points to is the caller's to free. */
static ms_run_params run_of(const outlook_case *c, ms_target **target, ms_clause **clauses)
{
    const size_t component[2] = {1, 2};
    const ms_mode mode[2] = {{component, 1}, {component + 1, 1}}; /* an event each */
    const ms_rule_choice rule = {ms_rule_find(c->line.rule), NULL};
    const flux_case other = {c->line, .is_plane = c->is_plane};
    *target = flux_target(&other);
    ms_run_params run;
    ms_run_params_init(&run);
    assert_int_equal(ms_discovery_clauses(*target, &rule, 1, mode + (c->line.modes == 2),
                                          c->line.modes == 3 ? 2 : 1, clauses, &run.clause_count, NULL),
                     MS_OK);
    run.target = *target;
    run.clauses = *clauses;
    run.start.component = c->line.start;
    run.schedule.noise_level = c->line.noise_level;
    run.schedule.step_size = c->line.step_size;
    return run;
}

static double exponent_of(const outlook_case *c)
{
    ms_target *target;
    ms_clause *clauses;
    ms_error error = {0};
    const ms_run_params run = run_of(c, &target, &clauses);
    double exponent;
    if (ms_exit_exponent_of_run(&run, &exponent, &error) != MS_OK)
        fail_msg("%s", error.message);
    free(clauses);
    ms_target_free(target);
    return exponent;
}

static ms_outlook outlook_of(const outlook_case *c, double relative_error)
{
    ms_target *target;
    ms_clause *clauses;
    const ms_run_params run = run_of(c, &target, &clauses);
    ms_outlook outlook;
    assert_int_equal(ms_outlook_of(&run, relative_error, &outlook, NULL), MS_OK);
    free(clauses);
    ms_target_free(target);
    return outlook;
}

static void assert_near(double found, double expected, double error)
{
    if (!(fabs(found - expected) <= error))
        fail_msg("%.8g, expected %.8g +- %.2g", found, expected, error);
}

static void reference_target_exponents(void **state)
{
    (void)state;
    for (size_t modes = 1; modes <= 3; modes++) {
        const outlook_case ball = {{70, "ball", modes, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, false},
                           outweighs = {{7, "switch", modes, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, false};
        assert_near(exponent_of(&ball), 0.102913, 5e-7);
        assert_near(exponent_of(&outweighs), 0.142138, 5e-7);
    }
}

/* The logarithm of the mean at two dimensions, by ms_quadrature_alloc(), tolerance 1e-3. */
typedef struct grown_case {
    outlook_case c;
    size_t dimension[2];
    double log_mean[2];
} grown_case;

/* Means grow like the exponent and a power of d, as (log d)/2 over 200 dimensions at most; the guess of the
 * mean is about right everywhere. */
static void means_grow_so(void **state)
{
    (void)state;
    static const grown_case cases[] = {
        {{{0, "ball", 3, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, false}, {500, 1000}, {54.01807, 105.65643}},
        {{{0, "switch", 3, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, false}, {500, 1000}, {73.11920, 144.44298}},
        {{{0, "ball", 3, {0.1, 0.3, 0.6}, {0, 1.1, -1}, {3, 0.8, 1.2}, 0.1, 0, 0}, false},
         {200, 400},
         {21.27674, 39.40901}},
        {{{0, "switch", 3, {0.1, 0.3, 0.6}, {0, 1.1, -1}, {3, 0.8, 1.2}, 0.1, 0, 0}, false},
         {200, 400},
         {25.35033, 48.38895}},
        {{{0, "ball", 3, {0.2, 0.5, 0.3}, {0, 1, -1.1}, {3, 1, 0.9}, 0.2, 0.2, 0}, false},
         {200, 400},
         {24.23946, 45.82700}},
        {{{0, "ball", 3, {0.2, 0.4, 0.4}, {0, 1.4, -1.2}, {5, 1, 1}, 0.8, 0, 0}, false},
         {200, 400},
         {28.22777, 54.08933}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const grown_case *g = &cases[i];
        double more = (double)(g->dimension[1] - g->dimension[0]);
        double slope = (g->log_mean[1] - g->log_mean[0]) / more;
        for (int k = 0; k < 2; k++) {
            outlook_case c = g->c;
            c.line.dimension = g->dimension[k];
            ms_outlook o = outlook_of(&c, 0.01);
            print_message("%zu, %zu dimensions: I = %.6f, slope %.6f, log mean %.3f, guessed %.3f\n", i,
                          c.line.dimension, o.exponent, slope, g->log_mean[k], o.log_mean);
            assert_near(o.exponent, exponent_of(&c), 0);
            assert_near(slope, o.exponent, 0.5 / more);
            assert_near(o.log_mean, g->log_mean[k], 0.5);
        }
    }
}

/* tests/data/mfpt.csv, and others by ms_quadrature_alloc() */
static void means_are_guessed(void **state)
{
    (void)state;
    static const grown_case cases[] = {
        {{{0, "ball", 3, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, false}, {20, 100}, {5.0077, 12.9080}},
        {{{0, "switch", 3, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, false}, {50, 100}, {9.4034, 16.2607}},
        {{{0, "ball", 3, REFERENCE, {3, 1, 1}, 0.01, 0, 0}, false}, {100, 100}, {14.6490, 14.6490}},
        {{{0, "ball", 3, REFERENCE, {3, 1, 1}, 1, 0, 0}, false}, {300, 300}, {37.6227, 37.6227}},
        {{{0, "ball", 3, {1e-5, 0.59999, 0.4}, {0, 1, -1}, {3, 1, 1}, 0.1, 0, 0}, false},
         {100, 300},
         {12.5757, 33.3818}},
        {{{0, "ball", 1, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, false}, {100, 100}, {14.1938, 14.1938}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int k = 0; k < 2; k++) {
            outlook_case c = cases[i].c;
            c.line.dimension = cases[i].dimension[k];
            assert_near(outlook_of(&c, 0.01).log_mean, cases[i].log_mean[k], 0.8);
        }
}

/* Distances alone matter: the same where the means span a plane as where they are on a line. */
static void any_span(void **state)
{
    (void)state;
    double near = sqrt((2 + 0.09) / 3); /* |mean_2| / sqrt(d) in the plane */
    for (size_t modes = 1; modes <= 4; modes++) {
        line_case line = {.dimension = 30,
                          .rule = modes < 4 ? "ball" : "switch",
                          .modes = modes < 4 ? modes : 3,
                          .weight = {0.2, 0.4, 0.4},
                          .mean = {0, 1, -1},
                          .variance = {3, 0.8, 1.2},
                          .step_size = 0.1};
        double in_plane = exponent_of(&(outlook_case){line, true});
        line.mean[2] = -near;
        assert_near(exponent_of(&(outlook_case){line, false}), in_plane, 1e-9);
    }
}

static void assert_unknown(const ms_run_params *run, const char *why)
{
    double exponent;
    ms_error error = {0};
    ms_outlook outlook;
    assert_int_equal(ms_exit_exponent_of_run(run, &exponent, &error), MS_ERROR_ARGUMENT);
    assert_true(isnan(exponent));
    if (!strstr(error.message, why))
        fail_msg("\"%s\" does not say \"%s\"", error.message, why);
    assert_int_equal(ms_outlook_of(run, 0.01, &outlook, NULL), MS_OK);
    assert_true(isnan(outlook.exponent) && isnan(outlook.log_mean));
    assert_true(isnan(outlook.way[MS_WAY_DIRECT].seconds));
    assert_string_equal(outlook.unknown.message, error.message);
}

static void where_there_is_no_exponent(void **state)
{
    (void)state;
    const outlook_case c = {{100, "ball", 3, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, false};
    ms_target *target;
    ms_clause *clauses;
    const ms_run_params run = run_of(&c, &target, &clauses);
    ms_run_params other = run;
    other.patch_size = 10;
    assert_unknown(&other, "patches");
    other = run;
    other.sampler = ms_sampler_mala;
    assert_unknown(&other, "samplers");
    other = run;
    other.schedule = (ms_schedule){
        .type = MS_SCHEDULE_GEOMETRIC, .noise_level = 2, .noise_level_min = 1, .levels = 3, .step_size = 0.1};
    assert_unknown(&other, "several noise levels");
    other = run;
    other.start.component = 1;
    assert_unknown(&other, "starts");
    other = run;
    other.clause_count = 0;
    assert_unknown(&other, "discovery rules");
    other = run;
    other.schedule.noise_level = 3; /* smoothed, they have much the same variance */
    other.schedule.step_size = 40;
    assert_unknown(&other, "outweighs");
    clauses[0].bound = clauses[1].bound = 90; /* smaller than the modes */
    assert_unknown(&run, "outweighs component 0 before");
    clauses[0].bound = clauses[1].bound = -1;
    assert_unknown(&run, "nowhere");
    free(clauses);
    ms_target_free(target);

    /* component 2 is a stepping stone to mode 1: by quadrature the mean is e^7.9 in 50 dimensions, not e^20
     */
    const outlook_case stone = {{50, "ball", 1, {0.3, 0.4, 0.3}, {0, 2, 1}, {3, 1, 2}, 0.1, 0, 0}, false};
    const ms_run_params over = run_of(&stone, &target, &clauses);
    assert_unknown(&over, "through component 2");
    ms_outlook outlook;
    assert_int_equal(ms_outlook_of(&over, 0.01, &outlook, NULL), MS_OK);
    assert_true(outlook.has_stepping_stone);
    free(clauses);
    ms_target_free(target);

    /* mode 1 is to outweigh components 0 and 2 */
    const outlook_case plane = {{30, "switch", 1, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, true};
    const ms_run_params joined = run_of(&plane, &target, &clauses);
    assert_unknown(&joined, "not on a line");
    free(clauses);
    ms_target_free(target);
}

/* A ball that is reached only by switching to the mode: 30.50196 at d = 200 by ms_quadrature_alloc(). */
static void small_balls(void **state)
{
    (void)state;
    const outlook_case c = {{200, "ball", 3, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, false};
    ms_target *target;
    ms_clause *clauses;
    const ms_run_params run = run_of(&c, &target, &clauses);
    clauses[0].bound = clauses[1].bound = 300;
    ms_outlook o;
    assert_int_equal(ms_outlook_of(&run, 0.01, &o, NULL), MS_OK);
    assert_near(o.exponent, 0.142138, 5e-7);
    assert_near(o.log_mean, 30.50196, 0.5);
    free(clauses);
    ms_target_free(target);
}

static void ways(void **state)
{
    (void)state;
    outlook_case c = {{10, "ball", 3, REFERENCE, {3, 1, 1}, 0.1, 0, 0}, false};
    ms_outlook often = outlook_of(&c, 0.01);
    assert_int_equal(often.best, MS_WAY_DIRECT);
    assert_false(often.way[MS_WAY_FLUX].is_possible);
    assert_non_null(strstr(often.way[MS_WAY_FLUX].refused.message, "holds chains"));
    c.line.dimension = 300;
    ms_outlook rarely = outlook_of(&c, 0.01);
    assert_int_equal(rarely.best, MS_WAY_FLUX);
    assert_true(rarely.way[MS_WAY_QUADRATURE].is_possible && !rarely.way[MS_WAY_RESTART].is_possible);
    assert_true(rarely.way[MS_WAY_DIRECT].seconds > 1e8);
    c.line.rule = "switch";
    assert_int_equal(outlook_of(&c, 0.01).best, MS_WAY_QUADRATURE);
    c.is_plane = true;
    c.line.dimension = 60;
    ms_outlook plane = outlook_of(&c, 0.01);
    assert_int_equal(plane.best, MS_WAY_RESTART);
    assert_false(plane.way[MS_WAY_QUADRATURE].is_possible);
    assert_true(outlook_of(&c, 0.001).way[MS_WAY_RESTART].seconds > 50 * plane.way[MS_WAY_RESTART].seconds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_target_exponents),
        cmocka_unit_test(means_grow_so),
        cmocka_unit_test(means_are_guessed),
        cmocka_unit_test(any_span),
        cmocka_unit_test(where_there_is_no_exponent),
        cmocka_unit_test(small_balls),
        cmocka_unit_test(ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
