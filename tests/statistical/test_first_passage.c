/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Discovery times of vanilla Langevin dynamics against tests/data/mfpt.csv and survival.csv: exact values
 * from a quadrature of the chain's law. Keys are fixed, numbers of chains were chosen beforehand, and each
 * figure must lie within 4 standard errors: a correct sampler fails one of the 31 comparisons with
 * probability 2e-3, once and for all, not per run. */
#include "fixtures.h"

#include <math.h>
#include <string.h>

/* Times to the first of modes 1..modes by a rule for `chains` chains. */
static int64_t *discovery_times(ms_engine engine, size_t dimension, double variance_0, double step_size,
                                ms_rule rule, size_t modes, size_t chains)
{
    ms_target *target = reference_target(dimension, variance_0, 1);
    ms_clause events[4];
    ms_discovery_events(target, ms_discovery_radius_squared(target), events);
    ms_run_params params;
    ms_run_params_init(&params);
    params.target = target;
    params.schedule.step_size = step_size;
    params.iterations = UINT64_C(1) << 40;
    params.chains = chains;
    params.clauses = events + (rule == MS_RULE_BALL ? 0 : 2);
    params.clause_count = modes;
    params.engine = engine;
    params.key = 1000 * dimension + modes;
    ms_run *run = make_run(&params);
    advance(run, params.iterations);
    int64_t *time = malloc(chains * sizeof *time);
    assert_non_null(time);
    for (size_t c = 0; c < chains; c++) {
        int64_t each[2] = {ms_run_event_time(run, c, 0), modes > 1 ? ms_run_event_time(run, c, 1) : 0};
        time[c] = ms_discovery_any(each, modes);
        assert_true(time[c] != MS_CENSORED);
    }
    ms_run_free(run);
    ms_target_free(target);
    return time;
}

/* The line of a data file that begins with `prefix`: its next number. */
static double expected_value(const char *file_name, const char *prefix)
{
    char path[500], line[200];
    snprintf(path, sizeof path, "%s/tests/data/%s", MS_SOURCE_DIR, file_name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    double value = NAN;
    while (fgets(line, sizeof line, file))
        if (strncmp(line, prefix, strlen(prefix)) == 0)
            value = strtod(line + strlen(prefix), NULL);
    fclose(file);
    assert_true(value > 0);
    return value;
}

static void check_mean(const char *prefix, const int64_t *time, size_t n)
{
    double sum = 0, square = 0, expected = expected_value("mfpt.csv", prefix);
    for (size_t c = 0; c < n; c++) {
        sum += (double)time[c];
        square += (double)time[c] * (double)time[c];
    }
    double mean = sum / (double)n, error = sqrt((square / (double)n - mean * mean) / (double)n);
    double deviations = (mean - expected) / error;
    print_message("%s expected %.6g, found %.6g +- %.2g (%+.2f standard errors)\n", prefix, expected, mean,
                  error, deviations);
    assert_true(fabs(deviations) < 4);
}

static void check_survival(const char *prefix, int64_t iteration, const int64_t *time, size_t n)
{
    double expected = expected_value("survival.csv", prefix), alive = 0;
    for (size_t c = 0; c < n; c++)
        alive += time[c] > iteration;
    double deviations = (alive / (double)n - expected) / sqrt(expected * (1 - expected) / (double)n);
    print_message("P(time > %lld) at d=%s expected %.6g, found %.6g (%+.2f)\n", (long long)iteration, prefix,
                  expected, alive / (double)n, deviations);
    assert_true(fabs(deviations) < 4);
}

static void first_passage_means(void **state)
{
    ms_engine engine = *(ms_engine *)*state;
    static const struct {
        const char *prefix;
        size_t dimension;
        double variance_0, step_size;
        ms_rule rule;
        size_t modes, chains;
    } rows[] = {
        {"1,mode1,0.1,3,1,", 1, 3, 0.1, MS_RULE_BALL, 1, 100000},
        {"1,any,1.0,3,1,", 1, 3, 1, MS_RULE_BALL, 2, 100000},
        {"2,any,0.1,3,1,", 2, 3, 0.1, MS_RULE_BALL, 2, 200000},
        {"5,any,0.1,3,1,", 5, 3, 0.1, MS_RULE_BALL, 2, 50000},
        {"50,any,0.1,3,1,", 50, 3, 0.1, MS_RULE_BALL, 2, 1000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t *time = discovery_times(engine, rows[i].dimension, rows[i].variance_0, rows[i].step_size,
                                        rows[i].rule, rows[i].modes, rows[i].chains);
        check_mean(rows[i].prefix, time, rows[i].chains);
        free(time);
    }
}

/* The switch rule, with d = 50 out of the full engine's reach in seconds. */
static void first_passage_by_switch(void **state)
{
    (void)state;
    int64_t *time = discovery_times(MS_ENGINE_REDUCED, 50, 3, 0.1, MS_RULE_SWITCH, 2, 4000);
    check_mean("50,switch,0.1,3,1,", time, 4000);
    free(time);
}

static void first_passage_laws(void **state)
{
    ms_engine engine = *(ms_engine *)*state;
    int64_t *time = discovery_times(engine, 1, 3, 0.1, MS_RULE_BALL, 2, 200000);
    check_mean("1,any,0.1,3,1,", time, 200000);
    check_survival("1,0,", 0, time, 200000);
    check_survival("1,1,", 1, time, 200000);
    check_survival("1,10,", 10, time, 200000);
    check_survival("1,100,", 100, time, 200000);
    free(time);
    time = discovery_times(engine, 10, 3, 0.1, MS_RULE_BALL, 2, 20000);
    check_mean("10,any,0.1,3,1,", time, 20000);
    check_survival("10,0,", 0, time, 20000);
    check_survival("10,1,", 1, time, 20000);
    check_survival("10,10,", 10, time, 20000);
    check_survival("10,100,", 100, time, 20000);
    free(time);
}

int main(void)
{
    ms_engine full = MS_ENGINE_FULL, reduced = MS_ENGINE_REDUCED;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(first_passage_means, &full),
        cmocka_unit_test_prestate(first_passage_laws, &full),
        cmocka_unit_test_prestate(first_passage_means, &reduced),
        cmocka_unit_test_prestate(first_passage_laws, &reduced),
        cmocka_unit_test(first_passage_by_switch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
