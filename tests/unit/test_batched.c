/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine batched: the same chains as the engine generic, up to single precision, and the same bits
 * however a run is cut, saved, widened or compiled. */
#include "data.h"
#include "sampler/run_state.h"
#include "sampler/sampler_type.h"

#include <gsl/gsl_cdf.h>

enum { d = data_dimension, chains = 21, together = 32, iterations = 260 };

static const uint64_t snapshots[3] = {0, 60, iterations};

typedef struct outcome {
    int64_t time[chains];
    double distance[3][chains][2 * data_count];
    double position[chains][d];
} outcome;

static void collect(const ms_run *run, outcome *result)
{
    memset(result, 0, sizeof *result);
    for (size_t c = 0; c < chains; c++) {
        result->time[c] = ms_run_event_time(run, c, 0);
        for (size_t s = 0; s < 3; s++)
            memcpy(result->distance[s][c], ms_run_snapshot(run, s, c), sizeof result->distance[s][c]);
        assert_int_equal(ms_run_position(run, c, result->position[c], NULL), MS_OK);
    }
}

/* Chained annealed dynamics from the vectors themselves; the event is coming near a flip. */
static ms_run_params params_of(const ms_target *target, const ms_data_set *set, ms_clause clause[data_count],
                               ms_engine engine)
{
    ms_run_params p;
    ms_run_params_init(&p);
    for (size_t k = 0; k < data_count; k++)
        clause[k] = (ms_clause){.component = data_count + k,
                                .coefficient = 1,
                                .bound = 0.02 * d,
                                .joint = k + 1 < data_count ? MS_OR_NEXT : MS_ALONE};
    p.target = target;
    p.clauses = clause;
    p.clause_count = data_count;
    p.snapshots = snapshots;
    p.snapshot_count = 3;
    p.start = (ms_start){.type = MS_START_DATA, .data = set, .by_column = true};
    p.patch_size = 4;
    p.iterations_per_patch = 0;
    p.iterations_per_pass = 120;
    p.schedule = (ms_schedule){MS_SCHEDULE_GEOMETRIC, 0.8, 0.05, 4, MS_STEP_NCSN, 1e-3};
    p.iterations = iterations;
    p.chains = chains;
    p.chains_together = together;
    p.first_chain = 5;
    p.key = 7;
    p.engine = engine;
    p.stop_when_discovered = false;
    return p;
}

static void run_in_pieces(const ms_run_params *p, uint64_t piece, bool saves, outcome *result)
{
    ms_run *run = make_run(p);
    size_t size = ms_run_state_size(run), used;
    void *state = malloc(size);
    assert_non_null(state);
    while (!ms_run_done(run)) {
        advance(run, piece);
        if (!saves)
            continue;
        assert_int_equal(ms_run_save(run, state, size, &used, NULL), MS_OK);
        ms_run_free(run);
        run = make_run(p);
        assert_int_equal(ms_run_restore(run, state, used, NULL), MS_OK);
    }
    collect(run, result);
    free(state);
    ms_run_free(run);
}

static double largest_difference(const double *a, const double *b, size_t count)
{
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(a[i] - b[i]));
    return largest;
}

/* The key is the test's, so both engines have the same random numbers. */
static void chains_are_those_of_the_engine_generic(void **state)
{
    (void)state;
    ms_data_set *set = make_data();
    for (int flips = 0; flips < 2; flips++)
        for (int same = 0; same < 2; same++)
            for (size_t patch_size = 4; patch_size <= d; patch_size += 8) {
                ms_target *target = data_target(set, 0, flips, MS_PIXELS_BY_COLUMN);
                ms_clause clause[data_count];
                outcome *of_batched = malloc(sizeof *of_batched), *of_generic = malloc(sizeof *of_generic);
                for (int generic = 0; generic < 2; generic++) {
                    ms_run_params p =
                        params_of(target, set, clause, generic ? MS_ENGINE_GENERIC : MS_ENGINE_BATCHED);
                    p.clause_count = flips ? data_count : 0;
                    p.conditioning = same ? MS_CONDITIONING_SAME : MS_CONDITIONING_FINAL;
                    p.patch_size = patch_size;
                    ms_run *run = make_run(&p);
                    assert_int_equal(ms_run_engine(run), p.engine);
                    advance(run, iterations);
                    outcome *result = generic ? of_generic : of_batched;
                    memset(result, 0, sizeof *result);
                    for (size_t c = 0; c < chains; c++) {
                        result->time[c] = flips ? ms_run_event_time(run, c, 0) : 0;
                        assert_int_equal(ms_run_position(run, c, result->position[c], NULL), MS_OK);
                    }
                    ms_run_free(run);
                }
                double apart =
                    largest_difference(&of_batched->position[0][0], &of_generic->position[0][0], chains * d);
                if (!(apart < 1e-4))
                    fail_msg("flips %d, same %d, patches of %zu: positions differ by %g", flips, same,
                             patch_size, apart);
                assert_memory_equal(of_batched->time, of_generic->time, sizeof of_batched->time);
                free(of_batched);
                free(of_generic);
                ms_target_free(target);
            }
    free_data(set);
}

/* Many vectors, small noise, and starts that are near none of them: a patch may be near a vector that those
 * before it have all but excluded, and stay there, because others are farther away still. So that vector must
 * not be left out, neither where the patches before are looked at through little noise from the beginning,
 * nor where they come to be. */
static void no_vector_is_left_out_that_matters(void **state)
{
    (void)state;
    enum { count = 60 };
    static const ms_schedule schedules[2] = {
        {.type = MS_SCHEDULE_CONSTANT, .noise_level = 0.05, .step_size = 1e-3},
        {MS_SCHEDULE_GEOMETRIC, 0.4, 0.04, 5, MS_STEP_NCSN, 6e-4}};
    ms_data_set *set = make_data();
    float value[count * d];
    for (size_t i = 0; i < count * d; i++)
        value[i] = (i * i * 7 + i * 13 + i / 5) % 11 < 5 ? 0.2F : 0.7F;
    ms_data_set many = {.count = count, .dimension = d, .value = value};
    ms_target *target = data_target(&many, 0, true, MS_PIXELS_BY_ROW);
    double x[2][chains][d];
    for (int same = 0; same < 2; same++)
        for (size_t s = 0; s < 2; s++) {
            for (int generic = 0; generic < 2; generic++) {
                ms_clause clause[data_count];
                ms_run_params p =
                    params_of(target, set, clause, generic ? MS_ENGINE_GENERIC : MS_ENGINE_BATCHED);
                p.clause_count = 0;
                p.snapshot_count = 0;
                p.start = (ms_start){.type = MS_START_UNIFORM, .low = 0, .high = 1};
                p.schedule = schedules[s];
                p.conditioning = same ? MS_CONDITIONING_SAME : MS_CONDITIONING_FINAL;
                ms_run *run = make_run(&p);
                advance(run, iterations);
                for (size_t c = 0; c < chains; c++)
                    assert_int_equal(ms_run_position(run, c, x[generic][c], NULL), MS_OK);
                ms_run_free(run);
            }
            double apart = largest_difference(&x[0][0][0], &x[1][0][0], chains * d);
            if (!(apart < 1e-3))
                fail_msg("same %d, schedule %zu: positions differ by %g", same, s, apart);
        }
    ms_target_free(target);
    free_data(set);
}

static void bits_do_not_depend_on_how_it_is_run(void **state)
{
    (void)state;
    ms_data_set *set = make_data();
    ms_target *target = data_target(set, 0, true, MS_PIXELS_BY_COLUMN);
    ms_clause clause[data_count];
    outcome *expected = malloc(sizeof *expected), *result = malloc(sizeof *result);
    ms_run_params p = params_of(target, set, clause, MS_ENGINE_BATCHED);
    run_in_pieces(&p, iterations, false, expected);
    size_t discovered = 0;
    for (size_t c = 0; c < chains; c++)
        discovered += expected->time[c] >= 0;
    assert_in_range(discovered, 1, chains - 1);
    static const uint64_t pieces[] = {1, 7, 60};
    for (size_t i = 0; i < 3; i++)
        for (int saves = 0; saves < 2; saves++) {
            run_in_pieces(&p, pieces[i], saves, result);
            assert_memory_equal(result, expected, sizeof *expected);
        }
    for (ms_simd simd = MS_SIMD_PORTABLE; simd <= MS_SIMD_AVX512; simd++) {
        p.simd = simd;
        if (!ms_simd_available(simd))
            continue;
        run_in_pieces(&p, iterations, false, result);
        assert_memory_equal(result, expected, sizeof *expected);
    }
    p.simd = MS_SIMD_AUTO;
    /* other chains beside them, or ghosts */
    p.chains = together - 5; /* first_chain is 5 */
    ms_run *run = make_run(&p);
    advance(run, iterations);
    double x[d];
    for (size_t c = 0; c < chains; c++) {
        assert_int_equal(ms_run_event_time(run, c, 0), expected->time[c]);
        assert_int_equal(ms_run_position(run, c, x, NULL), MS_OK);
        assert_memory_equal(x, expected->position[c], sizeof x);
    }
    ms_run_free(run);
    /* some of them alone */
    enum { some = 6, left_out = 9 };
    p.first_chain += left_out;
    p.chains = some;
    run = make_run(&p);
    advance(run, iterations);
    for (size_t c = 0; c < some; c++) {
        assert_int_equal(ms_run_event_time(run, c, 0), expected->time[left_out + c]);
        assert_int_equal(ms_run_position(run, c, x, NULL), MS_OK);
        assert_memory_equal(x, expected->position[left_out + c], sizeof x);
    }
    ms_run_free(run);
    free(expected);
    free(result);
    ms_target_free(target);
    free_data(set);
}

/* Chains that end early leave the others as they are. */
static void ended_chains_go_on_as_ghosts(void **state)
{
    (void)state;
    ms_data_set *set = make_data();
    ms_target *target = data_target(set, 0, true, MS_PIXELS_BY_COLUMN);
    ms_clause clause[data_count];
    outcome *expected = malloc(sizeof *expected);
    ms_run_params p = params_of(target, set, clause, MS_ENGINE_BATCHED);
    run_in_pieces(&p, iterations, false, expected);
    p.stop_when_discovered = true;
    p.snapshot_count = 0;
    ms_run *run = make_run(&p);
    advance(run, iterations);
    for (size_t c = 0; c < chains; c++) {
        assert_int_equal(ms_run_event_time(run, c, 0), expected->time[c]);
        assert_int_equal(ms_run_observed(run, c),
                         expected->time[c] >= 0 ? (uint64_t)expected->time[c] : iterations);
    }
    ms_run_free(run);
    free(expected);
    ms_target_free(target);
    free_data(set);
}

/* One vector: x - c is autoregressive, with the variance sigma^2 / (1 - delta / (4 sigma^2)) in the end. 64
 * chains of 12 coordinates: chi-square of 768 degrees of freedom, both tails 1e-4. */
static void one_vector_has_its_stationary_variance(void **state)
{
    (void)state;
    ms_data_set *set = make_data();
    ms_target *target = data_target(set, 1, false, MS_PIXELS_BY_ROW);
    const double sigma = 0.3, delta = 0.05, variance = sigma * sigma / (1 - delta / (4 * sigma * sigma));
    ms_run_params p;
    ms_run_params_init(&p);
    p.target = target;
    p.schedule = (ms_schedule){.type = MS_SCHEDULE_CONSTANT, .noise_level = sigma, .step_size = delta};
    p.iterations = 200;
    p.chains = 64;
    p.key = 11;
    p.engine = MS_ENGINE_BATCHED;
    ms_run *run = make_run(&p);
    advance(run, p.iterations);
    double sum = 0, x[d];
    for (size_t c = 0; c < p.chains; c++) {
        assert_int_equal(ms_run_position(run, c, x, NULL), MS_OK);
        for (size_t j = 0; j < d; j++)
            sum += (x[j] - (double)set->value[j]) * (x[j] - (double)set->value[j]) / variance;
    }
    assert_true(gsl_cdf_chisq_P(sum, 64.0 * d) > 1e-4 && gsl_cdf_chisq_Q(sum, 64.0 * d) > 1e-4);
    ms_run_free(run);
    ms_target_free(target);
    free_data(set);
}

static void what_it_cannot_do_is_refused(void **state)
{
    (void)state;
    ms_data_set *set = make_data();
    ms_target *target = data_target(set, 0, true, MS_PIXELS_BY_COLUMN), *mixture = skew_target(d);
    ms_clause clause[data_count];
    ms_run *run;
    ms_error error = {0};
    ms_run_params p = params_of(target, set, clause, MS_ENGINE_BATCHED);
    p.schedule = (ms_schedule){.type = MS_SCHEDULE_CONSTANT, .step_size = 0.1};
    assert_int_equal(ms_run_alloc(&run, &p, &error), MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "needs a noise_level above 0"));
    p = params_of(target, set, clause, MS_ENGINE_BATCHED);
    clause[0].quantity = MS_LOG_WEIGHT;
    assert_int_equal(ms_run_alloc(&run, &p, &error), MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "is for rules about the distance"));
    p = params_of(mixture, set, clause, MS_ENGINE_BATCHED);
    p.clause_count = 0;
    assert_int_equal(ms_run_alloc(&run, &p, &error), MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "is for targets made of data"));
    ms_target_free(target);
    ms_target_free(mixture);
    free_data(set);
}

/* What a pass takes is seen in the middle of each patch, the passes after the first one too. */
static void a_pass_is_skimmed_patch_by_patch(void **state)
{
    (void)state;
    ms_data_set *set = make_data();
    ms_target *target = data_target(set, 0, true, MS_PIXELS_BY_COLUMN);
    ms_clause clause[data_count];
    ms_run_params p = params_of(target, set, clause, MS_ENGINE_BATCHED);
    ms_run *run = make_run(&p);
    ms_pass_shape pass = ms_run_uneven(run);
    assert_int_equal(pass.patches, d / 4);
    assert_int_equal(pass.iterations, 120);
    uint64_t visit = 120 / (d / 4);
    for (uint64_t patch = 0;; patch++) {
        uint64_t middle = patch * visit + visit / 2;
        assert_int_equal(ms_run_skim(run, NULL), MS_OK);
        assert_int_equal(ms_run_iteration(run), middle < iterations ? middle + 1 : iterations);
        if (ms_run_done(run))
            break;
        assert_int_equal(run->cursor.patch, patch % (d / 4));
        if (patch % 2 == 0)
            advance(run, 1);
    }
    assert_int_equal(ms_run_iteration(run), iterations);
    ms_run_free(run);

    p = params_of(target, set, clause, MS_ENGINE_GENERIC);
    run = make_run(&p);
    assert_int_equal(ms_run_uneven(run).patches, 0);
    ms_run_free(run);
    ms_target_free(target);
    free_data(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_are_those_of_the_engine_generic),
        cmocka_unit_test(no_vector_is_left_out_that_matters),
        cmocka_unit_test(bits_do_not_depend_on_how_it_is_run),
        cmocka_unit_test(ended_chains_go_on_as_ghosts),
        cmocka_unit_test(one_vector_has_its_stationary_variance),
        cmocka_unit_test(a_pass_is_skimmed_patch_by_patch),
        cmocka_unit_test(what_it_cannot_do_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
