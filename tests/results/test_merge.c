/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of blocks in different states when files are merged. */
#include "fixture.h"

#include <sys/stat.h>

/* A file beside f->path with these blocks: 'd' done or failed, 'g' quarantined, '.' not begun. */
static void write_blocks(fixture *f, const char *path, const char *blocks)
{
    ms_results *results;
    ms_block_results *block;
    assert_ok(f, ms_results_create(path, f->sweep, NULL, &f->error));
    assert_ok(f, ms_results_open_parallel(&results, path, f->sweep, MPI_COMM_SELF, &f->error));
    assert_ok(f, ms_block_results_alloc(f->sweep, &block, &f->error));
    for (size_t b = 0; blocks[b]; b++) {
        fill_block(f->sweep, b, block);
        if (blocks[b] == 'g') {
            block->status = MS_BLOCK_QUARANTINED;
            snprintf(block->failure, sizeof block->failure, "quarantined");
        }
        if (blocks[b] != '.')
            assert_ok(f, ms_results_write(results, block, &f->error));
    }
    ms_block_results_free(block);
    assert_ok(f, ms_results_close(results, &f->error));
}

static void merge(fixture *f, const char *first, const char *second, ms_merge_report *report,
                  ms_block_status *status)
{
    char path[3][200];
    const char *const from[] = {path[0], path[1]};
    ms_results *results;
    for (int i = 0; i < 3; i++)
        snprintf(path[i], sizeof path[i], "%s.%d", f->path, i);
    write_blocks(f, path[0], first);
    write_blocks(f, path[1], second);
    assert_ok(f, ms_results_merge(path[2], f->sweep, from, 2, report, NULL, &f->error));
    assert_ok(f, ms_results_open(&results, path[2], &f->error));
    assert_ok(f, ms_results_block_status(results, status, NULL, &f->error));
    if (status[1] == MS_BLOCK_QUARANTINED) {
        char reason[MS_FAILURE_MAX];
        assert_ok(f, ms_results_failure(results, 1, reason, &f->error));
        assert_string_equal(reason, "quarantined");
    }
    assert_ok(f, ms_results_close(results, &f->error));
    for (int i = 0; i < 3; i++)
        unlink(path[i]);
}

/* A merged file without it would seem to lack a block, and crash whoever completes it three times more. */
static void what_was_given_up_stays_so(void **state)
{
    fixture *f = *state;
    ms_merge_report report;
    ms_block_status status[12];
    assert_int_equal(ms_sweep_block_count(f->sweep), 12);
    for (int order = 0; order < 2; order++) {
        merge(f, order ? "...d........" : "dg..........", order ? "dg.........." : "...d........", &report,
              status);
        assert_int_equal(status[0], MS_BLOCK_DONE);
        assert_int_equal(status[1], MS_BLOCK_QUARANTINED);
        assert_int_equal(status[2], MS_BLOCK_NOT_DONE);
        assert_int_equal(status[3], MS_BLOCK_DONE);
        assert_int_equal(report.blocks, 12);
        assert_int_equal(report.done, 3);
        assert_int_equal(report.failed, 1);
        assert_int_equal(report.same, 0);
    }
    merge(f, "dg..........", "dg..........", &report, status);
    assert_int_equal(status[1], MS_BLOCK_QUARANTINED);
    assert_int_equal(report.done, 2);
    assert_int_equal(report.failed, 1);
    assert_int_equal(report.same, 1);
}

static void what_another_file_has_was_not_given_up(void **state)
{
    fixture *f = *state;
    ms_merge_report report;
    ms_block_status status[12];
    for (int order = 0; order < 2; order++) {
        merge(f, order ? "ddd........." : ".g..........", order ? ".g.........." : "ddd.........", &report,
              status);
        assert_int_equal(status[1], MS_BLOCK_DONE);
        assert_int_equal(report.done, 3);
        assert_int_equal(report.failed, 1); /* number 2 */
        assert_int_equal(report.same, 0);
    }
}

/* A file of the sweep with that budget, whose first block has chains that all are censored but for the first,
 * which discovers a mode at `time` if that is positive. */
static void write_budget(fixture *f, const char *path, uint64_t iterations, int64_t time)
{
    char text[2000];
    ms_results *results;
    ms_block_results *block;
    snprintf(text, sizeof text,
             SWEEP_HEAD "budget: {iterations: %llu, chains: 70, stop_when_discovered: false}\n",
             (unsigned long long)iterations);
    ms_sweep *sweep = parse(text);
    assert_ok(f, ms_results_create(path, sweep, NULL, &f->error));
    assert_ok(f, ms_results_open_parallel(&results, path, sweep, MPI_COMM_SELF, &f->error));
    assert_ok(f, ms_block_results_alloc(sweep, &block, &f->error));
    block->block = 0;
    block->chains = ms_sweep_block(sweep, 0).chains;
    block->status = MS_BLOCK_DONE;
    for (size_t chain = 0; chain < block->chains; chain++)
        ms_block_int64(block, "observed")[chain] = (int64_t)iterations;
    for (size_t i = 0; i < block->chains * MS_RULE_COUNT * ms_sweep_modes(sweep); i++)
        ms_block_int64(block, "discovery_time")[i] = i == 0 && time > 0 ? time : MS_CENSORED;
    assert_ok(f, ms_results_write(results, block, &f->error));
    ms_block_results_free(block);
    assert_ok(f, ms_results_close(results, &f->error));
    ms_sweep_free(sweep);
}

/* Also where a third file, of a budget before they differ, comes first. */
static void files_of_smaller_budgets_are_compared_with_each_other(void **state)
{
    static const size_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    fixture *f = *state;
    char path[4][200];
    ms_sweep *sweep =
        parse(SWEEP_HEAD "budget: {iterations: 9000, chains: 70, stop_when_discovered: false}\n");
    for (int i = 0; i < 4; i++)
        snprintf(path[i], sizeof path[i], "%s.%d", f->path, i);
    for (int differ = 0; differ < 2; differ++) {
        write_budget(f, path[0], 1000, 0);
        write_budget(f, path[1], 2000, 1500);
        write_budget(f, path[2], 3000, differ ? 0 : 1500);
        for (size_t order = 0; order < 6; order++) {
            ms_merge_report report;
            const char *from[3];
            for (size_t i = 0; i < 3; i++)
                from[i] = path[orders[order][i]];
            ms_status status = ms_results_merge(path[3], sweep, from, 3, &report, NULL, &f->error);
            assert_int_equal(status, differ ? MS_ERROR_MISMATCH : MS_OK);
            if (!differ) {
                assert_int_equal(report.done, 0);
                assert_int_equal(report.cut_off, 1);
            }
            unlink(path[3]);
        }
        for (int i = 0; i < 3; i++)
            unlink(path[i]);
    }
    ms_sweep_free(sweep);
}

static long size_of(const char *path)
{
    struct stat entry;
    assert_int_equal(stat(path, &entry), 0);
    return (long)entry.st_size;
}

/* A file has room for 64 starts, but the merged one takes over only those that were. */
static void starts_take_as_much_room_as_there_are(void **state)
{
    enum { FILES = 20 };
    fixture *f = *state;
    char path[FILES][200], merged[2][200], last[1024];
    const char *from[FILES];
    double seconds, lost;
    ms_merge_report report;
    ms_results *results;
    for (int i = 0; i < FILES; i++) {
        from[i] = path[i];
        snprintf(path[i], sizeof path[i], "%s.%d", f->path, i);
        write_blocks(f, path[i], "");
        assert_ok(f, ms_results_record_start(path[i], 100 + i, 0, &f->error));
    }
    for (size_t i = 0; i < 2; i++) {
        snprintf(merged[i], sizeof merged[i], "%s.merged-%zu", f->path, i);
        assert_ok(f,
                  ms_results_merge(merged[i], f->sweep, from, i == 0 ? 1 : FILES, &report, NULL, &f->error));
    }
    /* a line for the source, and one for its start */
    assert_true(size_of(merged[1]) - size_of(merged[0]) < (FILES - 1) * 2 * 1100);
    /* and what is started later goes behind them */
    for (int i = 0; i < 3; i++)
        assert_ok(f, ms_results_record_start(merged[1], 200 + i, 0, &f->error));
    assert_ok(f, ms_results_open(&results, merged[1], &f->error));
    assert_ok(f, ms_results_history(results, &seconds, &lost, last, sizeof last, &f->error));
    assert_non_null(strstr(last, "\"ranks\": 202,"));
    assert_ok(f, ms_results_close(results, &f->error));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(starts_take_as_much_room_as_there_are, set_up, tear_down),
    cmocka_unit_test_setup_teardown(files_of_smaller_budgets_are_compared_with_each_other, set_up, tear_down),
    cmocka_unit_test_setup_teardown(what_was_given_up_stays_so, set_up, tear_down),
    cmocka_unit_test_setup_teardown(what_another_file_has_was_not_given_up, set_up, tear_down)};

RUN_WITH_MPI(tests)
