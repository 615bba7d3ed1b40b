/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With ever smaller steps, Langevin dynamics and underdamped Langevin dynamics of high friction become the
 * same diffusion, dX = s/2 dt + dW: their mean first-passage times, in the diffusion's time, are extrapolated
 * to its times, which small_steps.py finds from its equation. Keys, numbers of chains and rules were fixed
 * before the first run: 4 figures within 4 standard errors, a false alarm of probability 2.5e-4. An argument
 * multiplies the numbers of chains: `statistical_test_small_steps 10` takes 15 s and has errors a third as
 * large. */
#include "fixtures.h"

#include "sampler/algorithm/underdamped.h"
#include <math.h>

enum { steps = 3, quantities = 2 }; /* the time to any mode; the time to one of them, of both the mean */
static const double limit[quantities] = {0.391076, 2.05449};
static const char *const name[quantities] = {"any mode", "a mode"};
static size_t times = 1;

typedef struct estimate {
    double mean[quantities], variance[quantities]; /* the variance is of the mean */
} estimate;

/* Times of the reference target in two dimensions; an iteration is `unit` of the diffusion's time. */
static estimate first_passage(ms_run_params params, double unit)
{
    ms_target *target = reference_target(2, 3, 1);
    ms_clause events[4];
    ms_discovery_events(target, ms_discovery_radius_squared(target), events);
    params.target = target;
    params.iterations = UINT64_C(1) << 40;
    params.clauses = events;
    params.clause_count = 2;
    ms_run *run = make_run(&params);
    advance(run, params.iterations);
    estimate e = {{0}, {0}};
    double n = (double)params.chains;
    for (size_t c = 0; c < params.chains; c++) {
        double first = unit * (double)ms_run_event_time(run, c, 0);
        double second = unit * (double)ms_run_event_time(run, c, 1);
        assert_true(first >= 0 && second >= 0);
        const double value[quantities] = {fmin(first, second), (first + second) / 2};
        for (size_t q = 0; q < quantities; q++) {
            e.mean[q] += value[q] / n;
            e.variance[q] += value[q] * value[q] / n;
        }
    }
    for (size_t q = 0; q < quantities; q++)
        e.variance[q] = (e.variance[q] - e.mean[q] * e.mean[q]) / n;
    ms_run_free(run);
    ms_target_free(target);
    return e;
}

/* The errors begin with the first and second power of something that halves from one estimate to the next. */
static void check_limit(const estimate *e)
{
    static const double factor[steps] = {1. / 3, -6. / 3, 8. / 3};
    for (size_t q = 0; q < quantities; q++) {
        double found = 0, variance = 0;
        for (size_t i = 0; i < steps; i++) {
            found += factor[i] * e[i].mean[q];
            variance += factor[i] * factor[i] * e[i].variance[q];
        }
        double deviations = (found - limit[q]) / sqrt(variance);
        print_message(
            "%s: %.4f, %.4f, %.4f, in the limit %.4f +- %.4f, expected %.4f (%+.2f standard errors)\n",
            name[q], e[0].mean[q], e[1].mean[q], e[2].mean[q], found, sqrt(variance), limit[q], deviations);
        assert_true(fabs(deviations) < 4);
    }
}

static size_t chains_of(size_t step)
{
    return times * (step == 0 ? 16000 : 50000);
}

/* Steps of 0.1, as in tests/data/mfpt.csv, and less: a chain that is looked at in steps of delta misses what
 * it does between, as if the balls' radius were smaller by 0.58 sqrt(delta). */
static void langevin(void **state)
{
    (void)state;
    estimate e[steps];
    for (size_t i = 0; i < steps; i++) {
        ms_run_params params;
        ms_run_params_init(&params);
        params.schedule.step_size = 0.1 / pow(4, (double)i);
        params.chains = chains_of(i);
        params.key = 500 + i;
        e[i] = first_passage(params, params.schedule.step_size);
    }
    check_limit(e);
}

/* gamma h = 1 all the time: between two looks, and before it turns, a chain goes a way in proportion to
 * 1/gamma. With a momentum that is kept to e^-(gamma h), a free particle spreads by h^2 coth(gamma h / 2) an
 * iteration. */
static void underdamped_of_high_friction(void **state)
{
    (void)state;
    estimate e[steps];
    for (size_t i = 0; i < steps; i++) {
        double friction = 4 * pow(2, (double)i);
        const ms_underdamped_params underdamped = {.step_size = 1 / friction, .friction = friction};
        ms_run_params params;
        ms_run_params_init(&params);
        params.sampler = ms_sampler_find("underdamped");
        params.sampler_params = &underdamped;
        params.schedule.step_size = underdamped.step_size;
        params.chains = chains_of(i);
        params.key = 600 + i;
        e[i] = first_passage(params, pow(underdamped.step_size, 2) / tanh(0.5));
    }
    check_limit(e);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        times = strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(langevin),
        cmocka_unit_test(underdamped_of_high_friction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
