/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of the job, from the environment and from a squeue of our own. */
#define _XOPEN_SOURCE 700 /* mkdtemp, setenv */
#include "base/clock.h"
#include "slurm/end.h"
#include "stand_in.h"

#include <math.h>
#include <time.h>

/* squeue, which counts how often it is asked, and does this. */
static void write_squeue(const char *script)
{
    char counting[1024];
    snprintf(counting, sizeof counting, "echo x >>%s\n%s", in_folder("asked"), script);
    write_program("squeue", counting);
    unlink(in_folder("asked"));
}

static int count_asked(void)
{
    struct stat entry;
    return stat(in_folder("asked"), &entry) == 0 ? (int)entry.st_size / 2 : 0;
}

static ms_slurm_end *begin(int64_t known)
{
    const ms_slurm_self self = {.is_inside = true, .job = "14", .name = "12_3", .end = known};
    ms_slurm_end *end;
    ms_error error;
    assert_int_equal(ms_slurm_end_alloc(&end, &self, &error), MS_OK);
    return end;
}

static void assert_about(double value, double expected)
{
    if (!(fabs(value - expected) < 10))
        fail_msg("%g s, expected about %g s", value, expected);
}

static void knows_from_the_environment(void **state)
{
    (void)state;
    write_squeue("exit 1");
    ms_slurm_end *end = begin(time(NULL) + 1000);
    assert_about(ms_slurm_end_await(end, 10, 60) - ms_clock(), 1000);
    assert_string_equal(ms_slurm_end_problem(end), "");
    ms_slurm_end_free(end);
    assert_int_equal(count_asked(), 0);
}

static void asks_once(void **state)
{
    char script[256];
    (void)state;
    /* as Slurm writes a task of an array that runs, and one that waits */
    snprintf(script, sizeof script,
             "echo '12|12_4|12|PENDING|None|p||1|1|1|1|7|'\necho '14|12_3|12|RUNNING|None|p|n|1|1|1|1|%lld|'",
             (long long)time(NULL) + 1000);
    write_squeue(script);
    ms_slurm_end *end = begin(0);
    assert_about(ms_slurm_end_await(end, 10, 60) - ms_clock(), 1000);
    assert_string_equal(ms_slurm_end_problem(end), "");
    for (int i = 0; i < 1000; i++)
        ms_slurm_end_look(end, 10);
    /* near the end it would, but not within the same minute */
    for (int i = 0; i < 1000; i++)
        ms_slurm_end_look(end, 995);
    assert_int_equal(count_asked(), 1);
    ms_slurm_end_free(end);
}

/* The environment is that of the job's beginning: mpirun and interactive shells hand it on when the limit has
 * been moved since. */
static void asks_where_the_environment_is_old(void **state)
{
    char script[128];
    (void)state;
    static const int old[] = {-100, 25};
    for (size_t i = 0; i < sizeof old / sizeof *old; i++) {
        const struct timespec nap = {.tv_nsec = 1000000};
        snprintf(script, sizeof script, "echo '14|12_3|12|RUNNING|None|p|n|1|1|1|1|%lld|'",
                 (long long)time(NULL) + 1000);
        write_squeue(script);
        ms_slurm_end *end = begin(time(NULL) + old[i]);
        double until = ms_clock() + 20;
        while (!(ms_slurm_end_await(end, 10, 60) > until + 60) && ms_clock() < until)
            nanosleep(&nap, NULL);
        assert_about(ms_slurm_end_look(end, 10) - ms_clock(), 1000);
        ms_slurm_end_free(end);
        assert_int_equal(count_asked(), 1);
    }
}

static void jobs_without_end(void **state)
{
    (void)state;
    write_squeue("echo '14|12_3|12|RUNNING|None|p|n|1|1|1|1|N/A|'");
    ms_slurm_end *end = begin(0);
    assert_true(isinf(ms_slurm_end_await(end, 10, 60)));
    assert_string_equal(ms_slurm_end_problem(end), "");
    ms_slurm_end_free(end);
}

static void tells_why_not(void **state)
{
    static const char *const script[][2] = {
        {"echo 'Unable to contact slurm controller' >&2; exit 1", "Unable to contact"},
        {"echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1", "does not know job 12_3"},
        {"echo nonsense", "does not know job 12_3"}};
    (void)state;
    for (size_t i = 0; i < sizeof script / sizeof *script; i++) {
        write_squeue(script[i][0]);
        ms_slurm_end *end = begin(0);
        assert_true(isinf(ms_slurm_end_await(end, 10, 60)));
        assert_non_null(strstr(ms_slurm_end_problem(end), script[i][1]));
        ms_slurm_end_free(end);
        assert_int_equal(count_asked(), 1);
    }
}

/* A Slurm that does not answer keeps nobody waiting, nor does it live on. */
static void does_not_wait(void **state)
{
    (void)state;
    write_squeue("exec sleep 1000");
    double began = ms_clock();
    ms_slurm_end *end = begin(0);
    for (int i = 0; i < 100; i++)
        assert_true(isinf(ms_slurm_end_look(end, 10)));
    assert_true(isinf(ms_slurm_end_await(end, 10, 0.1)));
    assert_non_null(strstr(ms_slurm_end_problem(end), "not answered"));
    ms_slurm_end_free(end);
    assert_true(ms_clock() - began < 25); /* squeue would be killed after 30 s */
    ms_slurm_end_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(knows_from_the_environment),
                                       cmocka_unit_test(asks_once),
                                       cmocka_unit_test(asks_where_the_environment_is_old),
                                       cmocka_unit_test(jobs_without_end),
                                       cmocka_unit_test(tells_why_not),
                                       cmocka_unit_test(does_not_wait)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
