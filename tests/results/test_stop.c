/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making a file can be stopped at any of the moments at which it asks: what was there is as it was, and
 * nothing else is left. And what is made of a file in its place has the same owner and mode. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* setgroups */
#endif
#include "fixture.h"

#include <grp.h>
#include <hdf5.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define SMALL                                                                                                \
    "name: stop\n"                                                                                           \
    "target:\n"                                                                                              \
    "  family: gaussian_mixture\n"                                                                           \
    "  components: [{weight: 0.5, mean: 0, variance: 3}, {weight: 0.5, mean: 1, variance: 1}]\n"             \
    "sampler: {step_size: 0.1}\n"                                                                            \
    "snapshots: [0, 10]\n"                                                                                   \
    "budget: {iterations: 1000, chains: 40, block: 16}\n"
#define ONE_POINT  "grid: {dimension: 4}\n"
#define TWO_POINTS "grid: {dimension: [4, 5]}\n"

/* discovery_time has 20 MB */
#define LARGE                                                                                                \
    "name: large\n"                                                                                          \
    "target:\n"                                                                                              \
    "  family: gaussian_mixture\n"                                                                           \
    "  components: [{weight: 0.5, mean: 0, variance: 3}, {weight: 0.5, mean: 1, variance: 1}]\n"             \
    "sampler: {step_size: 0.1}\n"                                                                            \
    "budget: {iterations: 1000, chains: 1250000, block: 5000}\n"                                             \
    "grid: {dimension: 4}\n"

/* Stops at the question number `left`; keeps an eye on the share and on who may read temporary files. */
typedef struct questions {
    fixture *f;
    int left;
    double done;
    bool is_secret; /* nobody else may */
} questions;

static bool stops(void *argument, const char *doing, const char *path, double done)
{
    questions *q = argument;
    assert_true(strlen(doing) > 0 && strncmp(path, q->f->folder, strlen(q->f->folder)) == 0);
    assert_false(strstr(path, ".tmp."));
    assert_true(done >= q->done && done <= 1);
    q->done = done;
    if (q->is_secret) {
        char name[300];
        struct stat entry;
        snprintf(name, sizeof name, "%s.tmp.%ld.0", q->f->path, (long)getpid());
        assert_true(stat(name, &entry) != 0 || (entry.st_mode & 077) == 0);
    }
    return --q->left < 0;
}

static void copy_file(const char *from, const char *to)
{
    char piece[65536];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_true(in && out);
    for (size_t size; (size = fread(piece, 1, sizeof piece, in)) > 0;)
        assert_int_equal(fwrite(piece, 1, size, out), size);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

static bool same_bytes(const char *a, const char *b)
{
    bool same = true;
    FILE *x = fopen(a, "rb"), *y = fopen(b, "rb");
    assert_true(x && y);
    for (int c = 0; same && c != EOF;) {
        c = fgetc(x);
        same = c == fgetc(y);
    }
    fclose(x);
    fclose(y);
    return same;
}

enum { CREATE, COMPARE, RETRY, GROW, MERGE, REPACK, DEEDS };

static void test_stopped_anywhere(void **state)
{
    fixture *f = *state;
    ms_sweep *small = parse(SMALL ONE_POINT), *larger = parse(SMALL TWO_POINTS);
    char kept[200], other[200];
    snprintf(kept, sizeof kept, "%s/kept.h5", f->folder);
    snprintf(other, sizeof other, "%s/other.h5", f->folder);
    ms_sweep *own = f->sweep;
    f->sweep = small;
    write_file(f, 3);
    f->sweep = own;
    assert_int_equal(rename(f->path, kept), 0);
    for (int deed = CREATE; deed < DEEDS; deed++) {
        ms_status status = MS_STOPPED;
        int number = 0;
        for (; status == MS_STOPPED; number++) {
            questions q = {.f = f, .left = number, .is_secret = deed == GROW};
            const ms_monitor monitor = {stops, &q};
            const char *const from[] = {f->path, kept};
            ms_growth growth;
            ms_merge_report report;
            if (deed != CREATE)
                copy_file(kept, f->path);
            if (deed == CREATE)
                status = ms_results_create(f->path, small, &monitor, &f->error);
            else if (deed == COMPARE)
                status = ms_results_compare(f->path, larger, NULL, &growth, &monitor, &f->error);
            else if (deed == RETRY)
                status = ms_results_retry_quarantined(f->path, &monitor, &f->error);
            else if (deed == GROW)
                status = ms_results_grow(f->path, larger, &monitor, &f->error);
            else if (deed == MERGE)
                status = ms_results_merge(other, small, from, 2, &report, &monitor, &f->error);
            else
                status = ms_results_repack(other, f->path, small, false, NULL, &monitor, &f->error);
            if (status != MS_STOPPED)
                break;
            assert_int_equal(f->error.status, MS_STOPPED);
            assert_non_null(strstr(f->error.message, "which is discarded"));
            assert_int_equal(folder_entries(f->folder, 0), deed == CREATE ? 1 : 2);
            assert_true(deed == CREATE || same_bytes(f->path, kept));
        }
        assert_ok(f, status);
        assert_true(number > 2);
        unlink(f->path);
        unlink(other);
    }
    ms_sweep_free(small);
    ms_sweep_free(larger);
}

/* What HDF5 would fill in one go is filled in pieces: to the same values, and with the same care. */
static void test_large_datasets(void **state)
{
    fixture *f = *state;
    ms_sweep *large = parse(LARGE);
    size_t count = 2 * large->chains;
    questions q = {.f = f, .left = 1000000};
    const ms_monitor monitor = {stops, &q};
    assert_ok(f, ms_results_create(f->path, large, &monitor, &f->error));
    assert_true(q.left < 1000000 - 20 && q.done > 0.9); /* asked at each MB, and nearly all of it */
    int64_t *time = malloc(count * sizeof *time);
    assert_non_null(time);
    hid_t file = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t dataset = H5Dopen2(file, "/discovery_time", H5P_DEFAULT);
    assert_true(H5Dread(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, time) >= 0);
    for (size_t i = 0; i < count; i++)
        if (time[i] != -2)
            fail_msg("value %zu is %lld", i, (long long)time[i]);
    H5Dclose(dataset);
    H5Fclose(file);
    free(time);
    unlink(f->path);

    int code = 0;
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {10000000, 10000000};
        ms_error error = {0};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        ms_status status = ms_results_create(f->path, large, NULL, &error);
        _exit(status == MS_ERROR_IO && strstr(error.message, "File too large") ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(code, 0);
    assert_int_equal(folder_entries(f->folder, 0), 0);
    ms_sweep_free(large);
}

/* Root grows a file of somebody else. */
static void test_growing_keeps_the_owner(void **state)
{
    fixture *f = *state;
    ms_sweep *small = parse(SMALL ONE_POINT), *larger = parse(SMALL TWO_POINTS);
    struct stat before, after;
    if (geteuid() != 0)
        skip();
    assert_ok(f, ms_results_create(f->path, small, NULL, &f->error));
    assert_int_equal(chown(f->path, 65534, 65533), 0);
    assert_int_equal(chmod(f->path, 0640), 0);
    assert_int_equal(stat(f->path, &before), 0);
    assert_ok(f, ms_results_grow(f->path, larger, NULL, &f->error));
    assert_int_equal(stat(f->path, &after), 0);
    assert_int_not_equal(after.st_ino, before.st_ino);
    assert_int_equal(after.st_uid, 65534);
    assert_int_equal(after.st_gid, 65533);
    assert_int_equal(after.st_mode & 07777, 0640);
    ms_sweep_free(small);
    ms_sweep_free(larger);
}

/* Somebody grows a file of root: it cannot stay root's, and the group that it gets is another one. */
static void test_growing_gives_no_group_more(void **state)
{
    fixture *f = *state;
    ms_sweep *small = parse(SMALL ONE_POINT), *larger = parse(SMALL TWO_POINTS);
    struct stat after;
    int code = 0;
    if (geteuid() != 0)
        skip();
    assert_ok(f, ms_results_create(f->path, small, NULL, &f->error));
    assert_int_equal(chmod(f->path, 0676), 0);
    assert_int_equal(chmod(f->folder, 0777), 0);
    pid_t child = fork();
    if (child == 0) {
        ms_error error = {0};
        if (setgroups(0, NULL) != 0 || setgid(65533) != 0 || setuid(65534) != 0)
            _exit(77);
        _exit(ms_results_grow(f->path, larger, NULL, &error) == MS_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(code, 0);
    assert_int_equal(stat(f->path, &after), 0);
    assert_int_equal(after.st_uid, 65534);
    assert_int_equal(after.st_gid, 65533);
    assert_int_equal(after.st_mode & 07777, 0666);
    ms_sweep_free(small);
    ms_sweep_free(larger);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_stopped_anywhere, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_large_datasets, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_growing_keeps_the_owner, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_growing_gives_no_group_more, set_up, tear_down),
};

RUN_WITH_MPI(tests)
