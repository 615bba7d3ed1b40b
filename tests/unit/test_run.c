/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The run: what it computes, and that its results depend on nothing else than its parameters. */
#include "fixtures.h"

#include <math.h>
#include <string.h>

enum { chains = 21, iterations = 700 };

/* Everything a run reports, in one buffer to compare bit for bit. */
typedef struct outcome {
    int64_t time[chains][4];
    uint64_t observed[chains];
    double snapshot[3][chains][3];
} outcome;

static const uint64_t snapshots[3] = {0, 33, 650};

static void collect(const ms_run *run, outcome *result)
{
    memset(result, 0, sizeof *result);
    for (size_t c = 0; c < chains; c++) {
        for (size_t e = 0; e < 4; e++)
            result->time[c][e] = ms_run_event_time(run, c, e);
        result->observed[c] = ms_run_observed(run, c);
        for (size_t s = 0; s < 3; s++) {
            const double *distance = ms_run_snapshot(run, s, c);
            assert_non_null(distance);
            memcpy(result->snapshot[s][c], distance, sizeof result->snapshot[s][c]);
        }
    }
}

/* Chained annealed dynamics on a target without symmetries: every branch of the samplers at once. */
static ms_run_params chained(const ms_target *target, ms_clause *events)
{
    ms_run_params params;
    ms_run_params_init(&params);
    ms_discovery_events(target, ms_discovery_radius_squared(target), events);
    params.target = target;
    params.clauses = events;
    params.clause_count = 4;
    params.snapshots = snapshots;
    params.snapshot_count = 3;
    params.patch_size = 3;
    params.shorter_last_patch = true;
    params.iterations_per_patch = 0;
    params.iterations_per_pass = 101;
    params.schedule = (ms_schedule){MS_SCHEDULE_GEOMETRIC, 1.5, 0.2, 4, MS_STEP_NCSN, 0.02};
    params.iterations = iterations;
    params.chains = chains;
    params.key = 99;
    params.engine = MS_ENGINE_FULL;
    return params;
}

static ms_run_params vanilla(const ms_target *target, ms_clause *events)
{
    ms_run_params params = chained(target, events);
    params.patch_size = 0;
    params.schedule = (ms_schedule){.type = MS_SCHEDULE_CONSTANT, .step_size = 0.1};
    return params;
}

static void finish(const ms_run_params *params, outcome *result)
{
    ms_run *run = make_run(params);
    advance(run, params->iterations);
    assert_true(ms_run_done(run));
    collect(run, result);
    ms_run_free(run);
}

/* The iterations written down once more, one chain, from the public scores and streams. */
static void matches_the_definition(void **state)
{
    (void)state;
    enum { d = 8, length = 250 };
    ms_target *target = skew_target(d);
    ms_clause events[4];
    for (int variant = 0; variant < 4; variant++) {
        ms_run_params params = variant < 3 ? chained(target, events) : vanilla(target, events);
        params.conditioning = variant == 1 ? MS_CONDITIONING_SAME : MS_CONDITIONING_FINAL;
        if (variant == 2) {
            params.iterations_per_patch = 13;
            params.iterations_per_pass = 0;
        }
        params.stop_when_discovered = false;
        params.snapshot_count = 0;
        params.iterations = length;
        ms_run *run = make_run(&params);

        size_t q = params.patch_size ? params.patch_size : d, patches = (d + q - 1) / q;
        size_t levels = ms_schedule_levels(&params.schedule);
        const uint32_t chain = 17;
        double x[d], z[d], final_level;
        ms_schedule_level(&params.schedule, levels - 1, &final_level, NULL);
        ms_stream start = {params.key, chain, 0, MS_PURPOSE_START};
        ms_stream_normals(&start, z, d);
        for (size_t j = 0; j < d; j++)
            x[j] = ms_target_mean(target, 0)[j] + sqrt(3) * z[j];
        uint64_t t = 0;
        while (t < length)
            for (size_t patch = 0; patch < patches && t < length; patch++) {
                size_t first = patch * q, end = first + q < d ? first + q : d;
                uint64_t visit = params.iterations_per_patch;
                if (visit == 0)
                    visit = 101 * end / d - 101 * first / d;
                for (uint64_t n = 0; n < visit && t < length; n++) {
                    size_t level = 0;
                    while (ms_schedule_begin(&params.schedule, level + 1, visit) <= n)
                        level++;
                    double noise_level, step_size, score[d];
                    ms_schedule_level(&params.schedule, level, &noise_level, &step_size);
                    bool same = params.conditioning == MS_CONDITIONING_SAME;
                    ms_target_conditional_score(target, noise_level, same ? noise_level : final_level, first,
                                                end - first, x, score);
                    ms_stream noise = {params.key, chain, ++t, MS_PURPOSE_NOISE};
                    ms_stream_normals(&noise, z, end - first);
                    for (size_t j = first; j < end; j++)
                        x[j] += step_size / 2 * score[j - first] + sqrt(step_size) * z[j - first];
                }
            }
        advance(run, length);
        double position[d];
        assert_int_equal(ms_run_position(run, chain, position, NULL), MS_OK);
        for (size_t j = 0; j < d; j++)
            if (!(fabs(position[j] - x[j]) < 1e-9))
                fail_msg("variant %d, coordinate %zu: %g instead of %g", variant, j, position[j], x[j]);
        ms_run_free(run);
    }
    ms_target_free(target);
}

/* Event times and snapshots follow from positions looked at after every iteration. */
static void events_are_checked_after_every_iteration(void **state)
{
    (void)state;
    enum { d = 4 };
    ms_target *target = skew_target(d);
    ms_clause events[4];
    ms_run_params params = chained(target, events);
    params.stop_when_discovered = false;
    ms_run *run = make_run(&params);
    int64_t time[chains][4];
    memset(time, 0xff, sizeof time); /* all MS_CENSORED */
    for (uint64_t t = 0; t <= 200; t++) {
        for (size_t c = 0; c < chains; c++) {
            double x[d], l[3];
            assert_int_equal(ms_run_position(run, c, x, NULL), MS_OK);
            ms_target_log_weights(target, 0, x, l);
            for (size_t mode = 1; mode <= 2; mode++) {
                double distance = 0;
                for (size_t j = 0; j < d; j++)
                    distance += pow(x[j] - ms_target_mean(target, mode)[j], 2);
                if (time[c][mode - 1] < 0 && distance <= ms_discovery_radius_squared(target) * d)
                    time[c][mode - 1] = (int64_t)t;
                if (time[c][mode + 1] < 0 && l[mode] >= l[0])
                    time[c][mode + 1] = (int64_t)t;
            }
        }
        advance(run, 1);
    }
    size_t at_zero = 0, later = 0;
    for (size_t c = 0; c < chains; c++)
        for (size_t e = 0; e < 4; e++) {
            int64_t recorded = ms_run_event_time(run, c, e);
            assert_int_equal(recorded == 201 ? MS_CENSORED : recorded, time[c][e]);
            at_zero += recorded == 0;
            later += recorded > 0;
        }
    assert_true(at_zero > 0 && later > 0);
    ms_run_free(run);
    ms_target_free(target);
}

static void chained_with_full_patch_is_vanilla(void **state)
{
    (void)state;
    ms_target *target = reference_target(10, 3, 1);
    ms_clause events[4];
    outcome expected, result;
    ms_run_params params = vanilla(target, events);
    finish(&params, &expected);
    params.patch_size = 10;
    for (uint64_t visit = 1; visit < 300; visit = visit * 3 + 1) {
        params.iterations_per_patch = visit;
        params.iterations_per_pass = 0;
        finish(&params, &result);
        assert_memory_equal(&result, &expected, sizeof result);
    }
    ms_target_free(target);
}

static void same_bits_with_any_instructions(void **state)
{
    (void)state;
    for (size_t d = 1; d <= 11; d += 5) {
        ms_target *target = skew_target(d);
        ms_clause events[4];
        for (int variant = 0; variant < 2; variant++) {
            ms_run_params params = variant ? chained(target, events) : vanilla(target, events);
            params.patch_size = params.patch_size > d ? d : params.patch_size;
            outcome expected, result;
            params.simd = MS_SIMD_PORTABLE;
            finish(&params, &expected);
            for (ms_simd simd = MS_SIMD_AVX2; simd <= MS_SIMD_AVX512; simd++) {
                if (!ms_simd_available(simd)) {
                    print_message("no %s here: not compared\n", ms_simd_name(simd));
                    continue;
                }
                params.simd = simd;
                finish(&params, &result);
                assert_memory_equal(&result, &expected, sizeof result);
            }
        }
        ms_target_free(target);
    }
}

static void same_bits_for_any_slicing_and_restoring(void **state)
{
    (void)state;
    ms_target *target = skew_target(8);
    ms_clause events[4];
    for (int variant = 0; variant < 4; variant++) {
        ms_run_params params = variant % 2 ? chained(target, events) : vanilla(target, events);
        params.engine = variant < 2 ? MS_ENGINE_FULL : MS_ENGINE_REDUCED;
        outcome expected, result;
        finish(&params, &expected);
        for (uint64_t slice = 1; slice < 200; slice = slice * 2 + 1) {
            ms_run *run = make_run(&params);
            size_t size = ms_run_state_size(run);
            void *buffer = malloc(size);
            while (!ms_run_done(run)) {
                advance(run, slice);
                assert_int_equal(ms_run_save(run, buffer, size, NULL, NULL), MS_OK);
                ms_run_free(run);
                run = make_run(&params);
                assert_int_equal(ms_run_restore(run, buffer, size, NULL), MS_OK);
            }
            collect(run, &result);
            assert_memory_equal(&result, &expected, sizeof result);
            free(buffer);
            ms_run_free(run);
        }
    }
    ms_target_free(target);
}

/* A chain's numbers do not depend on the block it is in. */
static void same_bits_in_any_block(void **state)
{
    (void)state;
    ms_target *target = skew_target(8);
    ms_clause events[4];
    ms_run_params params = chained(target, events);
    outcome expected;
    finish(&params, &expected);
    for (size_t c = 0; c < chains; c += 5) {
        params.first_chain = c;
        params.chains = chains - c;
        ms_run *run = make_run(&params);
        advance(run, iterations);
        for (size_t i = 0; i < params.chains; i++) {
            for (size_t e = 0; e < 4; e++)
                assert_int_equal(ms_run_event_time(run, i, e), expected.time[c + i][e]);
            assert_memory_equal(ms_run_snapshot(run, 2, i), expected.snapshot[2][c + i],
                                sizeof expected.snapshot[2][0]);
        }
        ms_run_free(run);
    }
    ms_target_free(target);
}

/* A run to a small budget, saved, prolonged: the same as a run to the large one. */
static void a_saved_run_can_be_prolonged(void **state)
{
    (void)state;
    ms_target *target = reference_target(12, 3, 1);
    ms_clause events[4];
    ms_run_params params = vanilla(target, events);
    params.snapshot_count = 0;
    ms_run *expected = make_run(&params);
    advance(expected, iterations);
    params.iterations = 150;
    ms_run *run = make_run(&params);
    advance(run, iterations);
    assert_true(ms_run_done(run) && ms_run_iteration(run) == 150);
    size_t size = ms_run_state_size(run);
    void *buffer = malloc(size);
    assert_int_equal(ms_run_save(run, buffer, size, NULL, NULL), MS_OK);
    ms_run_free(run);
    params.iterations = iterations;
    run = make_run(&params);
    assert_int_equal(ms_run_restore(run, buffer, size, NULL), MS_OK);
    advance(run, iterations);
    for (size_t c = 0; c < chains; c++) {
        for (size_t e = 0; e < 4; e++)
            assert_int_equal(ms_run_event_time(run, c, e), ms_run_event_time(expected, c, e));
        assert_int_equal(ms_run_observed(run, c), ms_run_observed(expected, c));
    }
    free(buffer);
    ms_run_free(run);
    ms_run_free(expected);
    ms_target_free(target);
}

static void damaged_states_are_refused(void **state)
{
    (void)state;
    ms_target *target = skew_target(8);
    ms_clause events[4];
    ms_run_params params = chained(target, events);
    ms_run *run = make_run(&params);
    advance(run, 40);
    size_t size = ms_run_state_size(run);
    unsigned char *buffer = malloc(size), *again = malloc(size);
    size_t used = 0;
    assert_int_equal(ms_run_save(run, buffer, size, &used, NULL), MS_OK);
    assert_true(used > 0 && used <= size);
    assert_int_equal(ms_run_save(run, again, used - 1, NULL, NULL), MS_ERROR_ARGUMENT);
    size = used;
    for (size_t at = 0; at < size; at += 1 + size / 997) {
        buffer[at] ^= 0x10;
        ms_status status = ms_run_restore(run, buffer, size, NULL);
        assert_true(status == MS_ERROR_FORMAT || status == MS_ERROR_MISMATCH);
        buffer[at] ^= 0x10;
    }
    assert_int_equal(ms_run_restore(run, buffer, 10, NULL), MS_ERROR_FORMAT);
    assert_int_equal(ms_run_restore(run, buffer, size - 1, NULL), MS_ERROR_FORMAT);
    params.key++;
    ms_run *other = make_run(&params);
    ms_error error = {0};
    assert_int_equal(ms_run_restore(other, buffer, size, &error), MS_ERROR_MISMATCH);
    /* the refused states left the run as it was */
    assert_int_equal(ms_run_save(run, again, size, NULL, NULL), MS_OK);
    assert_memory_equal(buffer, again, size);
    free(buffer);
    free(again);
    ms_run_free(run);
    ms_run_free(other);
    ms_target_free(target);
}

/* One whose checksum is right, but whose snapshots are not those that its iteration has passed: it would
 * never take the next one, or wait for ever. */
static void states_without_their_snapshots_are_refused(void **state)
{
    (void)state;
    enum { checksum_at = 16, first = 24, taken_at = 56 };
    ms_target *target = skew_target(8);
    ms_clause events[4];
    ms_run_params params = chained(target, events);
    ms_run *run = make_run(&params);
    advance(run, 33); /* the second snapshot's */
    size_t size = ms_run_state_size(run), used;
    unsigned char *buffer = calloc(size, 1);
    assert_int_equal(ms_run_save(run, buffer, size, &used, NULL), MS_OK);
    for (uint64_t taken = 0; taken <= 3; taken++) {
        size_t there =
            used + ((size_t)taken * chains * 3 * sizeof(double)) - (2 * chains * 3 * sizeof(double));
        uint64_t checksum = UINT64_C(0xcbf29ce484222325), word;
        assert_true(there <= size);
        memcpy(buffer + taken_at, &taken, sizeof taken);
        for (size_t at = first; at < there; at += sizeof word) {
            memcpy(&word, buffer + at, sizeof word);
            checksum = (checksum ^ word) * UINT64_C(0xbf58476d1ce4e5b9);
            checksum ^= checksum >> 32;
        }
        memcpy(buffer + checksum_at, &checksum, sizeof checksum);
        assert_int_equal(ms_run_restore(run, buffer, size, NULL), taken == 2 ? MS_OK : MS_ERROR_FORMAT);
    }
    free(buffer);
    ms_run_free(run);
    ms_target_free(target);
}

static void starts_are_what_they_say(void **state)
{
    (void)state;
    enum { d = 3, many = 4000 };
    ms_target *target = skew_target(d);
    const double positions[2 * d] = {1, 2, 3, 4, 5, 6};
    const ms_start starts[4] = {{.type = MS_START_UNIFORM, .low = -1, .high = 3},
                                {.type = MS_START_NORMAL, .variance = 4},
                                {.type = MS_START_COMPONENT, .component = 1},
                                {.type = MS_START_POSITIONS, .positions = positions, .rows = 2}};
    const double mean[4] = {1, 0, 1, 0}, variance[4] = {16.0 / 12, 4, 0.8, 0};
    for (int trial = 0; trial < 8; trial++) {
        int s = trial % 4;
        bool full = trial < 4;
        ms_run_params params;
        ms_run_params_init(&params);
        params.target = target;
        params.start = starts[s];
        params.engine = full ? MS_ENGINE_FULL : MS_ENGINE_AUTO;
        params.iterations = 1;
        params.chains = many;
        ms_run *run = make_run(&params);
        double sum[d] = {0}, square[d] = {0};
        for (size_t c = 0; c < many; c++) {
            double x[d];
            assert_int_equal(ms_run_position(run, c, x, NULL), MS_OK);
            for (int j = 0; j < d; j++) {
                sum[j] += x[j];
                square[j] += x[j] * x[j];
                if (s == 0)
                    assert_true(x[j] >= -1 && x[j] <= 3);
                if (s == 3 && full)
                    assert_true(x[j] == positions[c % 2 * d + (size_t)j]);
            }
        }
        /* 36 figures within 4 standard errors: a false alarm has probability 2e-3; the key is fixed */
        for (int j = 0; s < 3 && j < d; j++) {
            double m = sum[j] / many, v = square[j] / many - m * m;
            assert_true(fabs(m - mean[s]) < 4 * sqrt(variance[s] / many));
            assert_true(fabs(v / variance[s] - 1) < 4 * sqrt(2.0 / many));
        }
        ms_run_free(run);
    }
    ms_target_free(target);
}

static void a_chain_that_overflows_is_an_error(void **state)
{
    (void)state;
    ms_target *target = reference_target(5, 3, 1);
    ms_clause events[4];
    ms_run_params params = vanilla(target, events);
    params.schedule.step_size = 1000;
    params.iterations = 100000;
    params.snapshot_count = 0;
    ms_run *run = make_run(&params);
    ms_error error = {0};
    assert_int_equal(ms_run_advance(run, 100000, &error), MS_ERROR_NUMERIC);
    /* 4 times the least variance, 1 */
    assert_string_equal(error.message,
                        "chain diverged (non-finite state) with step_size 1000; reduce step_size below 4");
    ms_run_free(run);
    ms_target_free(target);
}

static void impossible_parameters_are_refused(void **state)
{
    (void)state;
    ms_target *target = reference_target(10, 3, 1);
    ms_clause events[4];
    const ms_run_params good = vanilla(target, events);
    ms_run_params bad[16];
    size_t n = 0;
    for (size_t i = 0; i < 16; i++)
        bad[i] = good;
    const uint64_t backwards[2] = {5, 5}, beyond[1] = {iterations + 1};
    bad[n++].patch_size = 11;
    bad[n].shorter_last_patch = false;
    bad[n++].patch_size = 3;
    bad[n++].iterations = 0;
    bad[n++].iterations = UINT64_MAX;
    bad[n++].chains = 0;
    bad[n++].first_chain = UINT32_MAX;
    bad[n++].schedule.step_size = 0;
    bad[n++].schedule.step_size = NAN;
    bad[n++].schedule.noise_level = -1;
    bad[n++].start.component = 3;
    bad[n].start.type = MS_START_UNIFORM;
    bad[n].start.low = 1;
    bad[n++].start.high = 0;
    bad[n++].start.type = MS_START_POSITIONS;
    bad[n].snapshots = backwards;
    bad[n++].snapshot_count = 2;
    bad[n].snapshots = beyond;
    bad[n++].snapshot_count = 1;
    bad[n++].iterations_per_pass = 0;
    bad[n++].clause_count = MS_CLAUSES_MAX + 1;
    assert_int_equal(n, 16);
    for (size_t i = 0; i < n; i++) {
        ms_run *run;
        ms_error error = {0};
        assert_int_equal(ms_run_alloc(&run, &bad[i], &error), MS_ERROR_ARGUMENT);
        assert_null(run);
        assert_true(error.message[0] != '\0');
    }
    ms_target_free(target);
}

static void chains_end_when_they_have_discovered_everything(void **state)
{
    (void)state;
    ms_target *target = reference_target(2, 3, 1);
    ms_clause events[4];
    ms_run_params params = vanilla(target, events);
    params.snapshot_count = 0;
    params.iterations = 1000000;
    ms_run *run = make_run(&params);
    advance(run, params.iterations);
    assert_true(ms_run_done(run) && ms_run_iteration(run) < 100000);
    for (size_t c = 0; c < chains; c++) {
        int64_t last = 0;
        for (size_t e = 0; e < 4; e++)
            last = ms_run_event_time(run, c, e) > last ? ms_run_event_time(run, c, e) : last;
        assert_int_equal(ms_run_observed(run, c), last);
    }
    double x[2];
    assert_int_equal(ms_run_position(run, 0, x, NULL), MS_ERROR_ARGUMENT);
    ms_run_free(run);
    ms_target_free(target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_the_definition),
        cmocka_unit_test(events_are_checked_after_every_iteration),
        cmocka_unit_test(chained_with_full_patch_is_vanilla),
        cmocka_unit_test(same_bits_with_any_instructions),
        cmocka_unit_test(same_bits_for_any_slicing_and_restoring),
        cmocka_unit_test(same_bits_in_any_block),
        cmocka_unit_test(a_saved_run_can_be_prolonged),
        cmocka_unit_test(damaged_states_are_refused),
        cmocka_unit_test(states_without_their_snapshots_are_refused),
        cmocka_unit_test(starts_are_what_they_say),
        cmocka_unit_test(a_chain_that_overflows_is_an_error),
        cmocka_unit_test(impossible_parameters_are_refused),
        cmocka_unit_test(chains_end_when_they_have_discovered_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
