/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What rules say of positions, against their definitions: chains that start there discover at iteration 0
 * what holds, on every engine that can do it. */
#include "fixtures.h"

#include <math.h>
#include <string.h>

enum { d = 3, components = 5, rows = 400 };

static ms_target *five_components(bool diagonal)
{
    static const double weight[components] = {0.3, 0.1, 0.25, 0.15, 0.2},
                        variance[components] = {3, 2, 1, 0.8, 1.2};
    double mean[components * d], variances[components * d];
    for (size_t i = 0; i < components * d; i++) {
        mean[i] = 1.5 * sin(2.0 * (double)i + 1);
        variances[i] = variance[i / d] * (1 + 0.2 * (double)(i % d));
    }
    ms_mixture_params params = {.dimension = d,
                                .components = components,
                                .weight = weight,
                                .mean = mean,
                                .variance = variance,
                                .variances = diagonal ? variances : NULL};
    ms_target *target;
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &params, NULL), MS_OK);
    return target;
}

static void make_positions(double *x)
{
    for (size_t i = 0; i < rows * d; i++)
        x[i] = 2.5 * sin(1.7 * (double)i + 0.01 * (double)(i * i % 1000));
}

/* What is known of a position. */
typedef struct place {
    double distance[components], log_weight[components], responsibility[components];
} place;

static place look(const ms_target *target, const double *x)
{
    place p = {{0}, {0}, {0}};
    for (size_t i = 0; i < components; i++)
        for (size_t j = 0; j < d; j++)
            p.distance[i] += pow(x[j] - ms_target_mean(target, i)[j], 2);
    ms_target_log_weights(target, 0, x, p.log_weight);
    ms_target_responsibilities(target, 0, x, p.responsibility);
    return p;
}

/* Component 3 is a mode, 2 and 4 together another; 0 and 1 are spread modes. */
static const size_t alone[] = {3}, both[] = {4, 2};
static const ms_mode modes[] = {{alone, 1}, {both, 2}};

typedef bool holds_function(const ms_target *target, const place *p, size_t component);

/* `holds` of a component: a mode is discovered where it holds for one of its components. */
static void compare(const char *rule, const void *parameters, holds_function *holds, const ms_target *target,
                    ms_engine engine)
{
    static double x[rows * d];
    const ms_rule_choice choice = {ms_rule_find(rule), parameters};
    ms_clause *clauses;
    size_t count, discovered[2] = {0};
    ms_error error = {0};
    make_positions(x);
    assert_non_null(choice.type);
    if (ms_discovery_clauses(target, &choice, 1, modes, 2, &clauses, &count, &error) != MS_OK)
        fail_msg("%s", error.message);
    ms_run_params params;
    ms_run_params_init(&params);
    params.target = target;
    params.iterations = 1;
    params.chains = rows;
    params.start = (ms_start){.type = MS_START_POSITIONS, .positions = x, .rows = rows};
    params.clauses = clauses;
    params.clause_count = count;
    params.engine = engine;
    ms_run *run = make_run(&params);
    assert_int_equal(ms_run_event_count(run), 2);
    for (size_t c = 0; c < rows; c++) {
        const place p = look(target, x + c * d);
        for (size_t m = 0; m < 2; m++) {
            bool expected = false;
            for (size_t i = 0; i < modes[m].count; i++)
                expected = expected || holds(target, &p, modes[m].component[i]);
            assert_int_equal(ms_run_event_time(run, c, m) == 0, expected);
            discovered[m] += expected;
        }
    }
    print_message("%s on %s: %zu and %zu of %d\n", rule, ms_engine_name(engine), discovered[0], discovered[1],
                  (int)rows);
    for (size_t m = 0; m < 2; m++)
        assert_true(discovered[m] > 5 && discovered[m] < rows - 5);
    ms_run_free(run);
    free(clauses);
}

static void compare_everywhere(const char *rule, const void *parameters, holds_function *holds,
                               ms_engine first)
{
    for (int diagonal = 0; diagonal < 2; diagonal++) {
        ms_target *target = five_components(diagonal);
        for (ms_engine engine = diagonal ? MS_ENGINE_GENERIC : first; engine <= MS_ENGINE_GENERIC; engine++)
            compare(rule, parameters, holds, target, engine);
        ms_target_free(target);
    }
}

/* r^2 is half the sum of the largest variances: of components 0 and 1, and of the others. */
static bool ball_holds(const ms_target *target, const place *p, size_t component)
{
    bool diagonal = isnan(ms_target_variance(target, 0));
    return p->distance[component] <= (3 + 1.2) / 2 * (diagonal ? 1.4 : 1) * d;
}

static bool switch_holds(const ms_target *target, const place *p, size_t component)
{
    (void)target;
    return p->log_weight[component] >= p->log_weight[0] && p->log_weight[component] >= p->log_weight[1];
}

static void ball(void **state)
{
    (void)state;
    compare_everywhere("ball", NULL, ball_holds, MS_ENGINE_FULL);
}

static void switches(void **state)
{
    (void)state;
    compare_everywhere("switch", NULL, switch_holds, MS_ENGINE_FULL);
}

static bool dominant_holds(const ms_target *target, const place *p, size_t component)
{
    (void)target;
    return p->responsibility[component] >= 0.2;
}

static void dominant(void **state)
{
    (void)state;
    const double share = 0.2; /* its only parameter */
    compare_everywhere("dominant", &share, dominant_holds, MS_ENGINE_GENERIC);
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const size_t all[components] = {0, 1, 2, 3, 4}, beyond[] = {5};
    const ms_mode everything = {all, components}, none = {beyond, 1};
    const ms_rule_choice choice = {ms_rule_find("switch"), NULL};
    ms_target *target = five_components(false);
    ms_clause *clauses;
    size_t count;
    ms_error error = {0};
    assert_null(ms_rule_find("bal"));
    assert_int_equal(ms_discovery_clauses(target, &choice, 1, &everything, 1, &clauses, &count, &error),
                     MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "belongs to no mode"));
    assert_int_equal(ms_discovery_clauses(target, &choice, 1, &none, 1, &clauses, &count, &error),
                     MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "components 0 to 4"));
    const ms_mode one_empty[] = {{all, 1}, {all + 1, 0}}; /* as of a label that no vector has */
    assert_int_equal(ms_discovery_clauses(target, &choice, 1, one_empty, 2, &clauses, &count, &error),
                     MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "mode 2 has no component"));
    assert_int_equal(ms_discovery_clauses(target, &choice, 0, one_empty, 2, &clauses, &count, &error), MS_OK);
    assert_int_equal(count, 0); /* no rule asks for it */
    free(clauses);
    ms_target_free(target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ball),
        cmocka_unit_test(switches),
        cmocka_unit_test(dominant),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
