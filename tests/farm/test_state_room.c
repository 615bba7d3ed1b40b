/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A block whose states have no room in the file, which a version with smaller ones has made: nothing is
 * saved, the block begins anew after a stop, and comes to the same results. */
#include "../results/fixture.h"
#include "farm/block.h"

static bool is_small;

/* NOLINTBEGIN(bugprone-reserved-identifier): names that the linker makes, --wrap */
size_t __real_ms_sweep_block_state_size(const ms_sweep *sweep, ms_block block);
size_t __wrap_ms_sweep_block_state_size(const ms_sweep *sweep, ms_block block);
size_t __wrap_ms_sweep_block_state_size(const ms_sweep *sweep, ms_block block)
{
    return is_small ? 64 : __real_ms_sweep_block_state_size(sweep, block);
}

/* NOLINTEND(bugprone-reserved-identifier) */

/* Makes a file and computes block 0, with a stop after the first slice.
 * @param stopped_at out: where the saved state was, 0: there was none */
static ms_block_results *compute(fixture *f, uint64_t *stopped_at)
{
    static volatile sig_atomic_t stop;
    const ms_farm_params params = {.stop = &stop}; /* saves whenever it can */
    ms_results *results;
    ms_block_job job;
    ms_saved_state saved;
    bool finished = false;
    unlink(f->path);
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    is_small = false;
    assert_ok(f, ms_results_open_parallel(&results, f->path, f->sweep, MPI_COMM_SELF, &f->error));
    assert_ok(f, ms_block_job_init(&job, f->sweep, results, &params, 0, &f->error));
    assert_ok(f, ms_block_job_begin(&job, 0, &f->error));
    assert_ok(f, ms_block_job_step(&job, &finished, &f->error));
    assert_false(finished);
    assert_ok(f, ms_block_job_suspend(&job, &f->error));
    assert_ok(f, ms_results_state_look(results, 0, &saved, NULL, &f->error));
    *stopped_at = saved.iteration;
    assert_ok(f, ms_block_job_begin(&job, 0, &f->error));
    assert_int_equal(job.resumed, saved.iteration > 0);
    while (!finished)
        assert_ok(f, ms_block_job_step(&job, &finished, &f->error));
    ms_block_results *found = job.results;
    job.results = NULL;
    ms_block_job_free(&job);
    assert_ok(f, ms_results_close(results, &f->error));
    return found;
}

static void test_no_room_for_states(void **state)
{
    fixture *f = *state;
    uint64_t stopped_at;
    ms_block_results *with = compute(f, &stopped_at);
    assert_true(stopped_at > 0);
    is_small = true;
    ms_block_results *without = compute(f, &stopped_at);
    assert_int_equal(stopped_at, 0);
    assert_int_equal(with->status, MS_BLOCK_DONE);
    assert_true(ms_block_results_same(with, without));
    ms_block_results_free(with);
    ms_block_results_free(without);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_no_room_for_states, set_up, tear_down),
};

RUN_WITH_MPI(tests)
