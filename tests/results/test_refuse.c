/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places and files that must be refused, with a message that says why and names the path. */
#include "fixture.h"
#include "results/crc32c.h"
#include "results/seal.h"

#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static void put_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void test_bad_places(void **state)
{
    fixture *f = *state;
    char path[200];
    snprintf(path, sizeof path, "%s/missing/results.h5", f->folder);
    assert_refused(f, ms_results_create(path, f->sweep, NULL, &f->error), MS_ERROR_IO, "does not exist");
    assert_refused(f, ms_results_create(f->folder, f->sweep, NULL, &f->error), MS_ERROR_IO, "is a folder");
    put_file(f->path, "precious", 8);
    assert_refused(f, ms_results_create(f->path, f->sweep, NULL, &f->error), MS_ERROR_IO,
                   "never overwritten");
    snprintf(path, sizeof path, "%s/below", f->path);
    assert_refused(f, ms_results_create(path, f->sweep, NULL, &f->error), MS_ERROR_IO, path);
    snprintf(path, sizeof path, "%s/link", f->folder);
    assert_int_equal(symlink("/nowhere/at/all", path), 0);
    assert_refused(f, ms_results_create(path, f->sweep, NULL, &f->error), MS_ERROR_IO, "symbolic link");
    assert_int_equal(folder_entries(f->folder, 0), 2); /* nothing else was left behind */
}

/* Root may write anywhere, so a child gives its rights up. */
static void test_read_only_folder(void **state)
{
    fixture *f = *state;
    int code = 0;
    assert_int_equal(chmod(f->folder, 0555), 0);
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(77);
        ms_error error = {0};
        ms_status status = ms_results_create(f->path, f->sweep, NULL, &error);
        _exit(status == MS_ERROR_IO && strstr(error.message, "is not writable") ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(chmod(f->folder, 0755), 0);
    assert_int_equal(folder_entries(f->folder, 0), 0);
    assert_int_equal(code, 0);
}

/* Mounts a tmpfs of `size` on the folder, or skips the test where that is not allowed. */
static void mount_small(const fixture *f, const char *size)
{
    char options[64];
    snprintf(options, sizeof options, "size=%s", size);
    if (mount("tmpfs", f->folder, "tmpfs", 0, options) != 0)
        skip();
}

static void test_disk_too_small(void **state)
{
    fixture *f = *state;
    mount_small(f, "64k");
    f->error = (ms_error){0};
    ms_status status = ms_results_create(f->path, f->sweep, NULL, &f->error);
    int left = folder_entries(f->folder, 0);
    umount(f->folder);
    assert_int_equal(status, MS_ERROR_IO);
    assert_non_null(strstr(f->error.message, "only 65.5 kB are free"));
    assert_int_equal(left, 0);
}

/* The space is there when it is asked for, and taken while the file is made: by a limit on the size of files,
 * at every 4096 bytes up to the size of the finished file, so that each write of HDF5 is the one that fails.
 */
static void test_disk_fills_up(void **state)
{
    fixture *f = *state;
    struct stat entry;
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    assert_int_equal(stat(f->path, &entry), 0);
    unlink(f->path);
    for (long room = 0; room < entry.st_size; room += 4096) {
        int code = 0;
        pid_t child = fork();
        if (child == 0) {
            struct rlimit limit = {(rlim_t)room, (rlim_t)room};
            ms_error error = {0};
            signal(SIGXFSZ, SIG_IGN);
            setrlimit(RLIMIT_FSIZE, &limit);
            ms_status status = ms_results_create(f->path, f->sweep, NULL, &error);
            _exit(status == MS_ERROR_IO && strstr(error.message, "File too large") ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &code, 0), child);
        assert_int_equal(code, 0);
        assert_int_equal(folder_entries(f->folder, 0), 0);
    }
}

static void test_not_hdf5(void **state)
{
    fixture *f = *state;
    ms_results *results;
    assert_refused(f, ms_results_open(&results, f->path, &f->error), MS_ERROR_IO, "No such file");
    assert_refused(f, ms_results_open(&results, f->folder, &f->error), MS_ERROR_IO, "folder");
    put_file(f->path, "", 0);
    assert_refused(f, ms_results_open(&results, f->path, &f->error), MS_ERROR_FORMAT, "empty");
    put_file(f->path, "name: quickstart\n", 17);
    assert_refused(f, ms_results_open(&results, f->path, &f->error), MS_ERROR_FORMAT,
                   "not a modeseek results file");
    assert_refused(f, compare_file(f, f->sweep), MS_ERROR_FORMAT, f->path);
    assert_refused(f, ms_results_record_start(f->path, 1, 0, &f->error), MS_ERROR_FORMAT, f->path);
    put_file(f->path, "\211HDF\r\n\032\n", 8);
    assert_refused(f, ms_results_open(&results, f->path, &f->error), MS_ERROR_FORMAT, f->path);
    assert_null(results);
    unlink(f->path);
    assert_int_equal(mkfifo(f->path, 0600), 0);
    assert_refused(f, ms_results_open(&results, f->path, &f->error), MS_ERROR_IO, "not a regular file");
}

static void test_hdf5_of_someone_else(void **state)
{
    fixture *f = *state;
    ms_results *results;
    H5Fclose(H5Fcreate(f->path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    assert_refused(f, ms_results_open(&results, f->path, &f->error), MS_ERROR_FORMAT,
                   "not a modeseek results file");
}

static void test_newer_version(void **state)
{
    fixture *f = *state;
    ms_results *results;
    unsigned char seal[MS_SEAL_SIZE];
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    FILE *file = fopen(f->path, "r+b");
    assert_non_null(file);
    assert_int_equal(fread(seal, 1, sizeof seal, file), sizeof seal);
    assert_int_equal(seal[128], MS_RESULTS_FORMAT_VERSION);
    seal[128]++;
    uint32_t crc = ms_crc32c(0, seal, sizeof seal - 4);
    for (unsigned i = 0; i < 4; i++)
        seal[sizeof seal - 4 + i] = (unsigned char)(crc >> (8 * i));
    rewind(file);
    assert_int_equal(fwrite(seal, 1, sizeof seal, file), sizeof seal);
    fclose(file);
    assert_refused(f, ms_results_open(&results, f->path, &f->error), MS_ERROR_FORMAT, "newer modeseek");
    assert_refused(f, ms_results_open_damaged(&results, f->path, &f->error), MS_ERROR_FORMAT,
                   "newer modeseek");
}

/* A flipped bit anywhere outside the slots is found before HDF5 reads it. */
static void test_damaged_metadata(void **state)
{
    fixture *f = *state;
    ms_results *results;
    ms_seal seal;
    write_file(f, ms_sweep_block_count(f->sweep));
    assert_ok(f, ms_seal_check(f->path, false, NULL, &seal, &f->error));
    assert_true(seal.holes >= 9 && !seal.archive);
    assert_int_equal(seal.hole[0].offset, 4116); /* the superblock's flags, which a kill may leave set */
    size_t tried = 0, hole = 0;
    for (uint64_t at = 0; at < seal.file_size; at += at < 8192 ? 7 : 401) {
        while (hole < seal.holes && at >= seal.hole[hole].offset + seal.hole[hole].size)
            hole++;
        if (hole < seal.holes && at >= seal.hole[hole].offset) {
            at = seal.hole[hole].offset + seal.hole[hole].size; /* slots have checksums of their own */
            continue;
        }
        FILE *file = fopen(f->path, "r+b");
        assert_non_null(file);
        for (int twice = 0; twice < 2; twice++) {
            fseek(file, (long)at, SEEK_SET);
            int byte = fgetc(file);
            fseek(file, (long)at, SEEK_SET);
            fputc(byte ^ 1 << at % 8, file);
            fflush(file);
            if (twice == 0)
                assert_refused(f, ms_results_open(&results, f->path, &f->error), MS_ERROR_FORMAT, f->path);
        }
        fclose(file);
        tried++;
    }
    assert_true(tried > 500);
    assert_ok(f, ms_results_open(&results, f->path, &f->error));
    ms_results_close(results, NULL);
}

/* Puts a dataset of `type` and extents [n] in the place of `name`. */
static void replace(hid_t file, const char *name, hid_t type, int rank, hsize_t n, H5D_layout_t layout)
{
    hsize_t extent[4] = {n, 1, 1, 1};
    hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(rank, extent, NULL);
    H5Pset_layout(list, layout);
    if (layout == H5D_CHUNKED)
        H5Pset_chunk(list, rank, extent);
    assert_true(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
    hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    assert_true(dataset >= 0);
    H5Dclose(dataset);
    H5Sclose(space);
    H5Pclose(list);
}

/* Puts a dataset in the place of `name` whose values, and whose extent, lie in another file. */
static void replace_by_virtual(hid_t file, const char *name, const char *other)
{
    const hsize_t extent = 4, unlimited = H5S_UNLIMITED, first = 0, one = 1;
    hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(1, &extent, &unlimited);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, &first, NULL, &unlimited, &one);
    assert_true(H5Pset_virtual(list, space, other, "/seed", space) >= 0);
    assert_true(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
    hid_t dataset = H5Dcreate2(file, name, H5T_STD_U64LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
    assert_true(dataset >= 0);
    H5Dclose(dataset);
    H5Sclose(space);
    H5Pclose(list);
}

static void test_wrong_datasets(void **state)
{
    fixture *f = *state;
    char pipe_name[200];
    snprintf(pipe_name, sizeof pipe_name, "%s/pipe", f->folder);
    assert_int_equal(mkfifo(pipe_name, 0600), 0);
    alarm(60); /* who opens the pipe waits for ever */
    for (int i = 0; i < 11; i++) {
        ms_results *results;
        const char *expected = "";
        hid_t file;
        assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
        file = H5Fopen(f->path, H5F_ACC_RDWR, H5P_DEFAULT);
        switch (i) {
        case 0:
            H5Ldelete(file, "/observed", H5P_DEFAULT);
            expected = "/observed is missing";
            break;
        case 1:
            replace(file, "/seed", H5T_IEEE_F64LE, 1, 4, H5D_CONTIGUOUS);
            expected = "/seed has the wrong type";
            break;
        case 2:
            replace(file, "/seed", H5T_STD_U64LE, 1, 5, H5D_CONTIGUOUS);
            expected = "/seed has the wrong extent";
            break;
        case 3:
            replace(file, "/seed", H5T_STD_U64LE, 2, 4, H5D_CONTIGUOUS);
            expected = "/seed has the wrong rank";
            break;
        case 4: /* chunks could unfold to any size */
            replace(file, "/seed", H5T_STD_U64LE, 1, 4, H5D_CHUNKED);
            expected = "/seed does not lie within the file";
            break;
        case 5: /* a scale of a size that no memory holds, of which nothing is stored */
            replace(file, "/chain", H5T_STD_I64LE, 1, MS_SWEEP_CHAINS_MAX, H5D_CONTIGUOUS);
            expected = "/chain does not lie within the file";
            break;
        case 6:
            replace(file, "/point", H5T_STD_I64LE, 1, MS_SWEEP_POINTS_MAX + 1, H5D_CONTIGUOUS);
            expected = "/point has the wrong extent";
            break;
        case 7: /* a link out of the file */
            H5Ldelete(file, "/seed", H5P_DEFAULT);
            H5Lcreate_external("/etc/passwd", "/seed", file, "/seed", H5P_DEFAULT, H5P_DEFAULT);
            expected = "/seed is missing";
            break;
        case 8:
            H5Ldelete(file, "/block", H5P_DEFAULT);
            expected = "/block/block is missing";
            break;
        case 9:
            replace_by_virtual(file, "/seed", pipe_name);
            expected = "/seed does not lie within the file";
            break;
        default:
            H5Ldelete(file, "/snapshot", H5P_DEFAULT);
            break;
        }
        H5Fclose(file);
        if (i < 10) {
            assert_refused(f, ms_results_open_damaged(&results, f->path, &f->error), MS_ERROR_FORMAT,
                           expected);
        }
        assert_refused(f, ms_results_open(&results, f->path, &f->error), MS_ERROR_FORMAT, f->path);
        unlink(f->path);
    }
    alarm(0);
}

static void overwrite(const char *path, const char *name, hid_t type, const void *values)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    assert_true(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(dataset);
    H5Fclose(file);
}

/* Names in the file decide what is read: they are checked before. */
static void test_impossible_names(void **state)
{
    static const struct {
        const char *table;
        int row; /* of the table, which is overwritten */
        const char *name, *expected;
    } bad[] = {{"/column", 0, "", "/column holds impossible values"},
               {"/column", 0, "a b", "/column holds impossible values"},
               {"/column", 0, "block/failure", "/column holds impossible values"},
               {"/column", 0, ".", "/column holds impossible values"},
               {"/column", 0, "observed", "/column holds impossible values"}, /* twice */
               {"/column", 0, "seed", "/column holds impossible values"},     /* an axis */
               {"/column", 0, "key", "/column holds impossible values"},      /* another dataset */
               {"/column", 0, "block", "/column holds impossible values"},
               {"/column", 0, "energy", "/energy is missing"},
               {"/column", 0, "0123456789012345678901234567890123456789012345678901234567890123",
                "/column holds impossible values"}, /* no NUL */
               {"/column_dimensions", 0, "", "/discovery_time has a type or dimensions ()"},
               {"/column_dimensions", 0, "rule mode", "dimensions (rule mode)"},
               {"/column_dimensions", 0, "chain chain mode", "dimensions (chain chain mode)"},
               {"/column_dimensions", 0, "chain  mode", "dimensions (chain  mode)"},
               {"/column_dimensions", 0, "chain rule mode chain", "dimensions (chain rule mode chain)"},
               {"/column_dimensions", 0, "chain rule weather", "dimensions (chain rule weather)"},
               {"/column_dimensions", 0, "chain mode rule", "dimensions (chain mode rule)"},
               {"/column_dimensions", 1, "chain rule", "dimensions (chain rule)"},
               {"/axis", 3, "speed", "/speed is missing"},
               {"/axis", 3, "observed", "/column holds impossible values"},
               {"/axis", 3, "dimension", "/axis holds impossible values"},
               {"/axis", 3, "key", "/column holds impossible values"},
               {"/rule", 1, "ball", "/rule holds impossible values"},
               {"/rule", 1, "a\nb", "/rule holds impossible values"},
               {"/estimator", 0, "", "/estimator holds impossible values"}};
    fixture *f = *state;
    ms_results *results;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char names[8][64] = {{0}}, *row = names[bad[i].row];
        assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
        hid_t file = H5Fopen(f->path, H5F_ACC_RDWR, H5P_DEFAULT);
        hid_t dataset = H5Dopen2(file, bad[i].table, H5P_DEFAULT), type = H5Dget_type(dataset);
        assert_true(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, names) >= 0);
        memset(row, 0, sizeof *names);
        memcpy(row, bad[i].name, strlen(bad[i].name));
        assert_true(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, names) >= 0);
        H5Tclose(type);
        H5Dclose(dataset);
        H5Fclose(file);
        assert_refused(f, ms_results_open_damaged(&results, f->path, &f->error), MS_ERROR_FORMAT,
                       bad[i].expected);
        unlink(f->path);
    }
}

static void test_impossible_values(void **state)
{
    static const struct {
        const char *name;
        int64_t value;
    } bad[] = {{"/dimension", 0},     {"/dimension", INT64_C(1) << 40},
               {"/patch_size", 9},    {"/snapshot", -1},
               {"/iterations", -1},   {"/iterations", 999}, /* there is a snapshot at 1000 */
               {"/point_variant", 1}, {"/mode", -1},
               {"/block/point", 1},   {"/block/first_chain", 3},
               {"/block/chains", 0},  {"/block/chains", INT64_MAX}};
    fixture *f = *state;
    ms_results *results;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t values[64];
        for (size_t j = 0; j < 64; j++)
            values[j] = bad[i].value;
        assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
        overwrite(f->path, bad[i].name, H5T_NATIVE_INT64, values);
        assert_refused(f, ms_results_open_damaged(&results, f->path, &f->error), MS_ERROR_FORMAT,
                       "impossible values");
        unlink(f->path);
    }
}

static void test_truncated(void **state)
{
    fixture *f = *state;
    struct stat entry;
    write_file(f, ms_sweep_block_count(f->sweep));
    assert_int_equal(stat(f->path, &entry), 0);
    for (long size = entry.st_size - 1; size > 0; size -= entry.st_size / 50) {
        ms_results *results;
        assert_int_equal(truncate(f->path, size), 0);
        assert_refused(f, ms_results_open(&results, f->path, &f->error), MS_ERROR_FORMAT, f->path);
    }
}

static void test_lock(void **state)
{
    fixture *f = *state;
    ms_lock *lock, *second;
    int code = 0;
    char pid[32];
    assert_ok(f, ms_lock_acquire(&lock, f->path, false, NULL, NULL, &f->error));
    snprintf(pid, sizeof pid, "pid %ld", (long)getpid());
    pid_t child = fork();
    if (child == 0) {
        ms_error error = {0};
        ms_status status = ms_lock_acquire(&second, f->path, false, NULL, NULL, &error);
        _exit(status == MS_ERROR_LOCKED && strstr(error.message, pid) && strstr(error.message, "since 20") &&
                      strstr(error.message, f->path)
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(code, 0);
    ms_lock_release(lock);
    assert_ok(f, ms_lock_acquire(&lock, f->path, false, NULL, NULL, &f->error));
    ms_lock_release(lock);
}

static void test_lock_goes_with_the_process(void **state)
{
    fixture *f = *state;
    ms_lock *lock;
    int code = 0, ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        if (ms_lock_acquire(&lock, f->path, false, NULL, NULL, NULL) == MS_OK && write(ready[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    assert_refused(f, ms_lock_acquire(&lock, f->path, false, NULL, NULL, &f->error), MS_ERROR_LOCKED,
                   "another job");
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_ok(f, ms_lock_acquire(&lock, f->path, false, NULL, NULL, &f->error));
    ms_lock_release(lock);
}

static void test_lock_of_a_link_is_that_of_the_file(void **state)
{
    fixture *f = *state;
    ms_lock *lock, *second;
    char name[200];
    put_file(f->path, "", 0);
    snprintf(name, sizeof name, "%s/link", f->folder);
    assert_int_equal(symlink(f->path, name), 0);
    assert_ok(f, ms_lock_acquire(&lock, f->path, false, NULL, NULL, &f->error));
    assert_refused(f, ms_lock_acquire(&second, name, false, NULL, NULL, &f->error), MS_ERROR_LOCKED, name);
    ms_lock_release(lock);
}

static void test_lock_refuses_links_and_folders(void **state)
{
    fixture *f = *state;
    ms_lock *lock;
    char name[200];
    snprintf(name, sizeof name, "%s.lock", f->path);
    assert_int_equal(symlink("/etc/hostname", name), 0);
    assert_refused(f, ms_lock_acquire(&lock, f->path, false, NULL, NULL, &f->error), MS_ERROR_IO,
                   "symbolic link");
    unlink(name);
    assert_int_equal(mkdir(name, 0700), 0);
    assert_refused(f, ms_lock_acquire(&lock, f->path, false, NULL, NULL, &f->error), MS_ERROR_IO, name);
    assert_refused(f, ms_lock_acquire(&lock, "/nowhere/at/all/x.h5", false, NULL, NULL, &f->error),
                   MS_ERROR_IO, "does not exist");
}

/* Other programs have files of such names. */
static void test_lock_refuses_what_is_no_lock(void **state)
{
    static const char *const foreign[] = {"# This file is automatically @generated\n", "x",
                                          "last sign of li"};
    static const char ours[] = "last sign of life 0000000000000001 ms since 1970\n", *const good[] = {"",
                                                                                                      ours};
    fixture *f = *state;
    ms_lock *lock;
    char name[200], text[64] = "";
    snprintf(name, sizeof name, "%s.lock", f->path);
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        put_file(name, foreign[i], strlen(foreign[i]));
        assert_refused(f, ms_lock_acquire(&lock, f->path, true, NULL, NULL, &f->error), MS_ERROR_IO,
                       "not a lock file");
        FILE *file = fopen(name, "rb");
        assert_non_null(file);
        assert_int_equal(fread(text, 1, sizeof text, file), strlen(foreign[i]));
        assert_memory_equal(text, foreign[i], strlen(foreign[i]));
        fclose(file);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        put_file(name, good[i], strlen(good[i]));
        assert_ok(f, ms_lock_acquire(&lock, f->path, false, NULL, NULL, &f->error));
        ms_lock_release(lock);
    }
    assert_int_equal(folder_entries(f->folder, 0), 0);
}

/* One job waits for the lock file that another is about to remove: it must not hold a lock that nobody sees.
 */
static void test_lock_that_is_removed_is_none(void **state)
{
    fixture *f = *state;
    ms_lock *lock, *second;
    char name[200];
    int code = 0, locked[2], ready[2];
    char byte;
    snprintf(name, sizeof name, "%s.lock", f->path);
    for (int i = 0; i < 10; i++) {
        assert_true(pipe(locked) == 0 && pipe(ready) == 0);
        pid_t child = fork(); /* before the lock, which it would have, too */
        if (child == 0) {
            bool good = read(locked[0], &byte, 1) == 1 && write(ready[1], "x", 1) == 1;
            ms_status status = ms_lock_acquire(&second, f->path, false, NULL, NULL, NULL);
            /* refused, or with a lock that others see */
            _exit(good && (status == MS_ERROR_LOCKED || (status == MS_OK && access(name, F_OK) == 0)) ? 0
                                                                                                      : 1);
        }
        assert_ok(f, ms_lock_acquire(&lock, f->path, false, NULL, NULL, &f->error));
        assert_true(write(locked[1], "x", 1) == 1 && read(ready[0], &byte, 1) == 1);
        const struct timespec moment = {.tv_nsec = 5000000L * i};
        nanosleep(&moment, NULL);
        ms_lock_release(lock);
        assert_int_equal(waitpid(child, &code, 0), child);
        assert_int_equal(code, 0);
        for (int end = 0; end < 2; end++) {
            close(locked[end]);
            close(ready[end]);
        }
        unlink(name);
    }
}

static void test_too_long_names(void **state)
{
    fixture *f = *state;
    ms_lock *lock;
    char name[400];
    int folder = snprintf(name, sizeof name, "%s/", f->folder);
    memset(name + folder, 'x', 224);
    name[folder + 224] = '\0';
    assert_refused(f, ms_lock_acquire(&lock, name, false, NULL, NULL, &f->error), MS_ERROR_IO,
                   "224 bytes; at most 223 are allowed");
    assert_int_equal(folder_entries(f->folder, 0), 0);
    name[folder + 223] = '\0';
    assert_ok(f, ms_lock_acquire(&lock, name, false, NULL, NULL, &f->error));
    assert_ok(f, ms_results_create(name, f->sweep, NULL, &f->error));
    ms_lock_release(lock);
    assert_int_equal(folder_entries(f->folder, 0), 1);
}

/* A lock file that cannot be read says so; root can read all. */
static void test_hidden_lock(void **state)
{
    fixture *f = *state;
    char name[200];
    int code = 0;
    snprintf(name, sizeof name, "%s.lock", f->path);
    put_file(name, "", 0);
    assert_int_equal(chmod(name, 0), 0);
    assert_int_equal(chmod(f->folder, 0755), 0);
    pid_t child = fork();
    if (child == 0) {
        ms_writer writer;
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(77);
        ms_lock_look(f->path, &writer);
        _exit(writer.is_hidden && !writer.is_alive && strstr(writer.text, "Permission denied") ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(code, 0);
}

/* The writer's batch job has its number, the name that users give it, and a cluster. */
static void test_writer_of_a_job(void **state)
{
    static const char *const variable[] = {"SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID",
                                           "SLURM_CLUSTER_NAME"};
    static const char *const value[] = {"14", "12", "3", "big"};
    fixture *f = *state;
    ms_lock *lock;
    ms_writer writer;
    for (int is_inside = 0; is_inside < 2; is_inside++) {
        for (size_t i = 0; i < 4; i++)
            assert_int_equal(is_inside ? setenv(variable[i], value[i], 1) : unsetenv(variable[i]), 0);
        assert_ok(f, ms_lock_acquire(&lock, f->path, false, NULL, NULL, &f->error));
        ms_lock_look(f->path, &writer);
        ms_lock_release(lock);
        assert_true(writer.is_alive && writer.host[0]);
        assert_string_equal(writer.job, is_inside ? "14" : "");
        assert_string_equal(writer.job_name, is_inside ? "12_3" : "");
        assert_string_equal(writer.cluster, is_inside ? "big" : "");
    }
    for (size_t i = 0; i < 4; i++)
        unsetenv(variable[i]);
    /* what earlier versions have left has neither name nor cluster */
    char name[200];
    static const char old[] = "last sign of life 0000000000000001 ms since 1970\n"
                              "host elsewhere pid 1 job 7 restart none since 1\n";
    snprintf(name, sizeof name, "%s.lock", f->path);
    put_file(name, old, strlen(old));
    ms_lock_look(f->path, &writer);
    assert_string_equal(writer.host, "elsewhere");
    assert_string_equal(writer.job_name, "7");
    assert_string_equal(writer.cluster, "");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_writer_of_a_job, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_bad_places, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_read_only_folder, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_disk_too_small, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_disk_fills_up, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_not_hdf5, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_hdf5_of_someone_else, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_newer_version, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_damaged_metadata, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_wrong_datasets, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_impossible_names, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_impossible_values, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_truncated, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_lock, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_lock_goes_with_the_process, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_lock_of_a_link_is_that_of_the_file, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_lock_refuses_links_and_folders, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_lock_refuses_what_is_no_lock, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_lock_that_is_removed_is_none, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_too_long_names, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_hidden_lock, set_up, tear_down),
};

RUN_WITH_MPI(tests)
