/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Observables at a snapshot, against the chain's position. */
#include "fixtures.h"

#include <math.h>

enum { d = 4, components = 3, chains = 30 };

static const ms_observable_type *find(const char *name)
{
    const ms_observable_type *type = ms_observable_find(name);
    if (!type)
        fail_msg("no observable %s", name);
    return type;
}

static double real(const ms_run *run, size_t observable, size_t chain)
{
    return *(const double *)ms_run_observation(run, observable, 0, chain);
}

static int64_t whole(const ms_run *run, size_t observable, size_t chain)
{
    return *(const int64_t *)ms_run_observation(run, observable, 0, chain);
}

static bool is_near(double a, double b)
{
    return fabs(a - b) <= 1e-10 * (1 + fabs(b));
}

/* On the engines that keep positions they are those at the end, where the snapshot is. */
static void they_are_those_of_the_position(void **state)
{
    (void)state;
    static const char *const names[] = {"positions", "squared_distance", "responsibility", "mode",
                                        "nearest",   "log_density",      "energy",         "acceptance"};
    enum { POSITIONS, DISTANCE, RESPONSIBILITY, MODE, NEAREST, DENSITY, ENERGY, ACCEPTANCE, COUNT };
    const ms_observable_type *observables[COUNT];
    ms_target *target = skew_target(d);
    size_t differ = 0;
    for (size_t o = 0; o < COUNT; o++)
        observables[o] = find(names[o]);
    for (ms_engine engine = MS_ENGINE_FULL; engine <= MS_ENGINE_GENERIC; engine += 2) {
        ms_run_params params;
        ms_run_params_init(&params);
        params.target = target;
        params.iterations = 60;
        params.chains = chains;
        params.engine = engine;
        params.snapshots = &params.iterations;
        params.snapshot_count = 1;
        params.observables = observables;
        params.observable_count = COUNT;
        ms_run *run = make_run(&params);
        assert_null(ms_run_observation(run, 0, 0, 0));
        advance(run, 60);
        assert_int_equal(ms_run_observation_width(run, POSITIONS), d);
        for (size_t c = 0; c < chains; c++) {
            double x[d], responsibility[components], distance[components] = {0};
            assert_int_equal(ms_run_position(run, c, x, NULL), MS_OK);
            assert_memory_equal(ms_run_observation(run, POSITIONS, 0, c), x, sizeof x);
            double density = ms_target_log_density(target, 0, x);
            ms_target_responsibilities(target, 0, x, responsibility);
            size_t largest = 0, nearest = 0;
            for (size_t i = 0; i < components; i++) {
                for (size_t j = 0; j < d; j++)
                    distance[i] += pow(x[j] - ms_target_mean(target, i)[j], 2);
                assert_true(
                    is_near(((const double *)ms_run_observation(run, DISTANCE, 0, c))[i], distance[i]));
                assert_true(is_near(((const double *)ms_run_observation(run, RESPONSIBILITY, 0, c))[i],
                                    responsibility[i]));
                largest = responsibility[i] > responsibility[largest] ? i : largest;
                nearest = distance[i] < distance[nearest] ? i : nearest;
            }
            assert_int_equal(whole(run, MODE, c), largest);
            assert_int_equal(whole(run, NEAREST, c), nearest);
            assert_true(is_near(real(run, DENSITY, c), density));
            assert_true(is_near(real(run, ENERGY, c), -density));
            assert_true(isnan(real(run, ACCEPTANCE, c)));
            differ += largest != nearest;
        }
        ms_run_free(run);
    }
    assert_true(differ > 0); /* or one could be the other */
    ms_target_free(target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(they_are_those_of_the_position)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
