/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a killed job leaves behind: which attempts at a block count towards giving it up. */
#include "fixture.h"

#include <time.h>

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static ms_results *open_file(fixture *f)
{
    ms_results *results;
    assert_ok(f, ms_results_open_parallel(&results, f->path, f->sweep, MPI_COMM_SELF, &f->error));
    return results;
}

static void save(fixture *f, ms_results *results, uint64_t generation)
{
    const unsigned char state[40] = {1, 2, 3};
    const ms_saved_state saved = {.generation = generation, .iteration = 7, .size = sizeof state};
    assert_ok(f, ms_results_state_save(results, 0, &saved, state, &f->error));
}

static void finish(fixture *f, ms_results *results)
{
    ms_block_results *block;
    assert_ok(f, ms_block_results_alloc(f->sweep, &block, &f->error));
    fill_block(f->sweep, 0, block);
    assert_ok(f, ms_results_write(results, block, &f->error));
    ms_block_results_free(block);
}

/* A job begins block 0, does what `phase` says and is killed; its last sign of life comes `lasted` ms after
 * the start. What the next start then knows of unfinished attempts. */
enum phase { NOTHING, SAVES, SAVES_AND_NOTES, FINISHES, FAILS_TO_SAVE };
static uint64_t after_kill(fixture *f, enum phase phase, int64_t lasted)
{
    static uint64_t generation;
    ms_results *results = open_file(f);
    ms_attempt attempt[64];
    assert_true(ms_results_get_info(results)->blocks <= 64);
    assert_ok(f, ms_results_attempt_begin(results, 0, &f->error));
    int64_t last_sign = now() + lasted;
    if (phase == SAVES || phase == SAVES_AND_NOTES)
        save(f, results, ++generation);
    if (phase == SAVES_AND_NOTES)
        assert_ok(f, ms_results_attempt_progress(results, 0, false, &f->error));
    if (phase == FINISHES)
        finish(f, results);
    if (phase == FAILS_TO_SAVE)
        assert_ok(f, ms_results_attempt_progress(results, 0, true, &f->error));
    assert_ok(f, ms_results_close(results, &f->error));
    assert_ok(f, ms_results_record_start(f->path, 1, last_sign, &f->error));
    assert_ok(f, ms_results_open(&results, f->path, &f->error));
    assert_ok(f, ms_results_attempts(results, attempt, &f->error));
    assert_ok(f, ms_results_close(results, &f->error));
    assert_int_equal(attempt[0].begun, 0);
    return attempt[0].unfinished;
}

static void test_killed_at_once_counts(void **state)
{
    fixture *f = *state;
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    assert_int_equal(after_kill(f, NOTHING, -500), 1); /* killed before it gave a sign */
    assert_int_equal(after_kill(f, NOTHING, 900), 2);
    assert_int_equal(after_kill(f, NOTHING, MS_AT_ONCE_SECONDS * 1000 - 500), 3);
}

static void test_killed_later_does_not_count(void **state)
{
    fixture *f = *state;
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    for (int i = 0; i < 5; i++)
        assert_int_equal(after_kill(f, NOTHING, MS_AT_ONCE_SECONDS * 1000 + 500), 0);
    assert_int_equal(after_kill(f, NOTHING, 100), 1);
    assert_int_equal(after_kill(f, NOTHING, 3600000), 1); /* neither counts nor is progress */
    assert_int_equal(after_kill(f, NOTHING, 100), 2);
}

static void test_progress_counts_at_whatever_instant(void **state)
{
    fixture *f = *state;
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    for (int i = 0; i < 4; i++) {
        assert_int_equal(after_kill(f, NOTHING, 100), 1);
        assert_int_equal(after_kill(f, SAVES, 100), 0); /* killed before the save was noted */
        assert_int_equal(after_kill(f, NOTHING, 100), 1);
        assert_int_equal(after_kill(f, SAVES_AND_NOTES, 100), 0);
        assert_int_equal(after_kill(f, NOTHING, 100), 1);
        assert_int_equal(after_kill(f, FAILS_TO_SAVE, 100), 0);
    }
    assert_int_equal(after_kill(f, NOTHING, 100), 1);
    assert_int_equal(after_kill(f, FINISHES, 100), 0);
}

static void test_size_of_saved_states(void **state)
{
    fixture *f = *state;
    unsigned char room[40];
    size_t size = 1;
    ms_saved_state saved;
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    ms_results *results = open_file(f);
    assert_ok(f, ms_results_saved_size(results, 0, &size, &f->error));
    assert_int_equal(size, 0);
    save(f, results, 1);
    assert_ok(f, ms_results_saved_size(results, 0, &size, &f->error));
    assert_int_equal(size, sizeof room);
    assert_true(ms_results_state_size(results, 0) > size);
    assert_ok(f, ms_results_state_load(results, 0, room, size - 1, &saved, NULL, &f->error));
    assert_int_equal(saved.generation, 0); /* does not fit: as if there were none */
    assert_ok(f, ms_results_state_load(results, 0, room, size, &saved, NULL, &f->error));
    assert_int_equal(saved.generation, 1);
    assert_ok(f, ms_results_state_look(results, 0, &saved, NULL, &f->error));
    assert_int_equal(saved.iteration, 7);
    assert_ok(f, ms_results_close(results, &f->error));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_killed_at_once_counts, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_killed_later_does_not_count, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_progress_counts_at_whatever_instant, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_size_of_saved_states, set_up, tear_down),
};

RUN_WITH_MPI(tests)
