/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "cmocka_all.h"
#include "results/results.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* In place of the C library's: a file system that gives files another number each time they are looked up. */
static ino_t lookups;

int stat(const char *restrict path, struct stat *restrict entry)
{
    int result = fstatat(AT_FDCWD, path, entry, 0);
    if (result == 0 && strstr(path, ".lock"))
        entry->st_ino += ++lookups;
    return result;
}

static void files_need_not_keep_their_numbers(void **state)
{
    (void)state;
    char folder[] = "/tmp/modeseek_lock_XXXXXX", path[64], lock_path[80];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.h5", folder);
    snprintf(lock_path, sizeof lock_path, "%s.lock", path);
    ms_lock *lock, *second;
    ms_error error;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ms_lock_acquire(&lock, path, false, NULL, NULL, &error), MS_OK);
        assert_int_equal(ms_lock_check(lock, &error), MS_OK);
        assert_int_equal(ms_lock_acquire(&second, path, true, NULL, NULL, &error), MS_ERROR_LOCKED);
        ms_lock_release(lock);
    }
    assert_int_equal(ms_lock_acquire(&lock, path, false, NULL, NULL, &error), MS_OK);
    assert_int_equal(unlink(lock_path), 0);
    assert_int_equal(ms_lock_check(lock, &error), MS_ERROR_IO);
    ms_lock_release(lock);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(files_need_not_keep_their_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
