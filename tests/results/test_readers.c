/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other people's tools on a results file: h5py and xarray by check_h5py.py, and h5diff. */
#include "fixture.h"

#include <sys/wait.h>

#define NOT_THERE 77

/* Exit code of a program run with these arguments; NOT_THERE if it could not be started. */
static int run(const char *program, const char *const *arguments)
{
    int code = 0;
    pid_t child = fork();
    if (child == 0) {
        execvp(program, (char *const *)arguments);
        _exit(NOT_THERE);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    return WIFEXITED(code) ? WEXITSTATUS(code) : 128 + WTERMSIG(code);
}

static void test_h5py_and_xarray(void **state)
{
    static const char *const interpreter[] = {"/usr/bin/python3", "python3"};
    fixture *f = *state;
    int code = NOT_THERE;
    write_file(f, ms_sweep_block_count(f->sweep));
    for (size_t i = 0; i < sizeof interpreter / sizeof *interpreter && code == NOT_THERE; i++) {
        const char *const arguments[] = {interpreter[i], MS_SOURCE_DIR "/tests/results/check_h5py.py",
                                         f->path, NULL};
        code = run(interpreter[i], arguments);
    }
    if (code == NOT_THERE)
        skip();
    assert_int_equal(code, 0);
}

static void test_h5diff(void **state)
{
    fixture *f = *state;
    char first[128];
    write_file(f, 3);
    snprintf(first, sizeof first, "%s", f->path);
    snprintf(f->path, sizeof f->path, "%s/again.h5", f->folder);
    write_file(f, 3);
    const char *const arguments[] = {"h5diff",      "-q",  "--exclude-path", "/provenance", "--exclude-path",
                                     "/checkpoint", first, f->path,          NULL};
    int code = run("h5diff", arguments);
    if (code == NOT_THERE)
        skip();
    assert_int_equal(code, 0);
    unlink(f->path);
    write_file(f, 4);
    assert_int_equal(run("h5diff", arguments), 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_h5py_and_xarray, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_h5diff, set_up, tear_down),
};

RUN_WITH_MPI(tests)
