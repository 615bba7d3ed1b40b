/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With a squeue of our own, which prints what Slurm 22.05 printed. */
#define _XOPEN_SOURCE 700 /* mkdtemp, setenv */
#include "base/clock.h"
#include "slurm/program.h"
#include "slurm/queue.h"
#include "slurm/self.h"
#include "stand_in.h"

#include <signal.h>

static void write_squeue(const char *script)
{
    write_program("squeue", script);
}

static void reads_jobs(void **state)
{
    (void)state;
    ms_error error = {0};
    ms_slurm_job *job;
    size_t count;
    write_squeue("[ \"$SLURM_TIME_FORMAT\" = %s ] && [ -z \"$SQUEUE_STATES\" ] || exit 9\n"
                 "cat <<'END'\n"
                 "CLUSTER: other\n"
                 "17|17_3|17|RUNNING|None|low|n[1-2]|2|8|1795580757|1795580760|1795584300|a|b\n"
                 "99|99|99|PENDING|(Priority)|high||1|4|1795580757|N/A|N/A|(null)\n"
                 "20|20+0|20|RUNNING|None|low|n1|1|8|1795580757|1795580760|1795584300|c\n"
                 "21|20+1|21|RUNNING|None|low|n2|1|8|1795580757|1795580760|1795584300|c\n"
                 "\n"
                 "nonsense\n"
                 "END");
    assert_int_equal(setenv("SQUEUE_STATES", "PD", 1), 0);
    assert_int_equal(ms_slurm_find_jobs("17,99,20", &job, &count, &error), MS_OK);
    assert_int_equal(count, 4);
    assert_string_equal(job[0].job, "17");
    assert_string_equal(job[0].name, "17_3");
    assert_string_equal(job[0].state, "RUNNING");
    assert_string_equal(job[0].partition, "low");
    assert_string_equal(job[0].nodes, "n[1-2]");
    assert_string_equal(job[0].comment, "a|b");
    assert_int_equal(job[0].node_count, 2);
    assert_int_equal(job[0].processors, 8);
    assert_int_equal(job[0].submitted, 1795580757);
    assert_int_equal(job[0].start, 1795580760);
    assert_int_equal(job[0].end, 1795584300);
    assert_string_equal(job[1].reason, "(Priority)");
    assert_string_equal(job[1].comment, "");
    assert_int_equal(job[1].end, 0);
    assert_ptr_equal(ms_slurm_pick(job, count, "20"), &job[2]); /* as its environment has it */
    assert_string_equal(job[3].name, "20+1");
    free(job);
}

static void passes_ids_as_they_are(void **state)
{
    (void)state;
    ms_error error = {0};
    ms_slurm_job *job;
    size_t count;
    write_squeue("while [ $# -gt 0 ]; do [ \"$1\" = --jobs ] && [ \"$2\" = '17;x' ] && "
                 "echo 'a|a|a|R|r|p|n|1|1|1|1|1|'; shift; done");
    assert_int_equal(ms_slurm_find_jobs("17;x", &job, &count, &error), MS_OK);
    assert_int_equal(count, 1);
    free(job);
}

static void tells_the_unknown_from_the_unreachable(void **state)
{
    (void)state;
    ms_error error = {0};
    ms_slurm_job *job;
    size_t count;
    write_squeue("echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1");
    assert_int_equal(ms_slurm_find_jobs("5", &job, &count, &error), MS_OK);
    assert_int_equal(count, 0);
    free(job);
    write_squeue(
        "echo 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)' >&2; exit 1");
    assert_int_equal(ms_slurm_find_jobs("5", &job, &count, &error), MS_ERROR_IO);
    assert_non_null(strstr(error.message, "Unable to contact"));
    assert_null(job);
    unlink(in_folder("squeue"));
    assert_int_equal(setenv("PATH", folder, 1), 0);
    assert_int_equal(ms_slurm_find_jobs("5", &job, &count, &error), MS_ERROR_IO);
    assert_non_null(strstr(error.message, "cannot run squeue"));
}

static void programs(void **state)
{
    (void)state;
    ms_error error = {0};
    ms_program_output output;
    /* more than a pipe holds, both ways */
    const char *const cat[] = {"/bin/cat", NULL};
    enum { LENGTH = 300000 };
    char *input = malloc(LENGTH + 1);
    assert_non_null(input);
    memset(input, 'x', LENGTH);
    input[LENGTH] = '\0';
    assert_int_equal(ms_program_run(cat, input, 60, false, &output, &error), MS_OK);
    assert_int_equal(output.exit_code, 0);
    assert_string_equal(output.text, input);
    ms_program_output_free(&output);
    /* one that does not read, and fails */
    const char *const fails[] = {"/bin/sh", "-c", "echo 'a\033[1m' >&2; echo b >&2; exit 5", NULL};
    assert_int_equal(ms_program_run(fails, input, 60, false, &output, &error), MS_OK);
    assert_int_equal(output.exit_code, 5);
    assert_string_equal(output.complaint, "a?[1m; b");
    ms_program_output_free(&output);
    free(input);
    /* one that hangs, and one that leaves its streams to a child that hangs */
    static const char *const hangs[] = {"exec sleep 100", "sleep 2 & exit 0",
                                        "exec >&- 2>&-; exec sleep 100"};
    for (size_t i = 0; i < sizeof hangs / sizeof *hangs; i++) {
        const char *const words[] = {"/bin/sh", "-c", hangs[i], NULL};
        double began = ms_clock();
        assert_int_equal(ms_program_run(words, NULL, 0.3, false, &output, &error), MS_ERROR_IO);
        assert_true(ms_clock() - began < 60);
        assert_null(output.text);
    }
}

/* The same programs, without waiting for them. */
static void programs_in_the_background(void **state)
{
    (void)state;
    ms_error error = {0};
    ms_program *program;
    ms_program_output output;
    ms_status status = MS_OK;
    const char *const says[] = {"/bin/sh", "-c", "sleep 0.2; seq 100000; echo a >&2; exit 5", NULL};
    assert_int_equal(ms_program_start(&program, says, 60, false, &error), MS_OK);
    int looks = 0;
    while (!ms_program_look(program, &output, &status, &error))
        looks++;
    assert_true(looks > 0);
    assert_int_equal(status, MS_OK);
    assert_int_equal(output.exit_code, 5);
    assert_string_equal(output.complaint, "a");
    assert_int_equal(strlen(output.text), 588895);
    ms_program_output_free(&output);
    const char *const hangs[] = {"/bin/sh", "-c", "exec sleep 100", NULL};
    assert_int_equal(ms_program_start(&program, hangs, 0.2, false, &error), MS_OK);
    while (!ms_program_look(program, &output, &status, &error)) {
    }
    assert_int_equal(status, MS_ERROR_IO);
    assert_non_null(strstr(error.message, "does not respond"));
    assert_null(output.text);
    assert_int_equal(ms_program_start(&program, hangs, 60, false, &error), MS_OK);
    ms_program_give_up(program);
    const char *const none[] = {"/nowhere/at/all", NULL};
    assert_int_equal(ms_program_start(&program, none, 60, false, &error), MS_ERROR_IO);
    assert_null(program);
}

/* Whoever has started this process may have it ignored: then nobody would tell how squeue ended. */
static void hears_how_it_ended_with_SIGCHLD_ignored(void **state)
{
    (void)state;
    ms_error error = {0};
    ms_program_output output;
    static const char *const fails[] = {"/bin/false", NULL};
    signal(SIGCHLD, SIG_IGN);
    assert_int_equal(ms_program_run(fails, NULL, 60, false, &output, &error), MS_OK);
    assert_int_equal(output.exit_code, 1);
    ms_program_output_free(&output);
}

static void knows_itself(void **state)
{
    (void)state;
    assert_int_equal(setenv("SLURM_JOB_ID", "21", 1), 0);
    assert_int_equal(setenv("SLURM_ARRAY_JOB_ID", "17", 1), 0);
    assert_int_equal(setenv("SLURM_ARRAY_TASK_ID", "4", 1), 0);
    assert_int_equal(setenv("SLURM_NTASKS", "12", 1), 0);
    assert_int_equal(setenv("SLURM_JOB_END_TIME", "1795584300", 1), 0);
    assert_int_equal(setenv("SLURM_CLUSTER_NAME", "two words", 1), 0);
    assert_int_equal(unsetenv("SLURM_RESTART_COUNT"), 0);
    ms_slurm_self self = ms_slurm_get_self();
    assert_true(self.is_inside);
    assert_string_equal(self.job, "21");
    assert_string_equal(self.name, "17_4");
    assert_string_equal(self.cluster, "");
    assert_int_equal(self.tasks, 12);
    assert_int_equal(self.restarts, 0);
    assert_int_equal(self.end, 1795584300);
    assert_int_equal(setenv("SLURM_NTASKS", "12x", 1), 0);
    assert_int_equal(unsetenv("SLURM_ARRAY_JOB_ID"), 0);
    self = ms_slurm_get_self();
    assert_string_equal(self.name, "21");
    assert_int_equal(self.tasks, 0);
    assert_int_equal(unsetenv("SLURM_JOB_ID"), 0);
    assert_false(ms_slurm_get_self().is_inside);
}

static void ends(void **state)
{
    (void)state;
    assert_true(ms_slurm_is_over("TIMEOUT"));
    assert_true(ms_slurm_is_over("CANCELLED"));
    assert_false(ms_slurm_is_over("COMPLETING"));
    assert_false(ms_slurm_is_over("REQUEUED"));
    assert_false(ms_slurm_is_over("SUSPENDED"));
    assert_false(ms_slurm_is_over(""));
    assert_true(ms_slurm_is_waiting("PENDING"));
    assert_true(ms_slurm_is_waiting("REQUEUE_HOLD"));
    assert_false(ms_slurm_is_waiting("RUNNING"));
    assert_false(ms_slurm_is_waiting("COMPLETING"));
    assert_false(ms_slurm_is_waiting("CONFIGURING"));
    assert_false(ms_slurm_is_waiting(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(programs),
                                       cmocka_unit_test(programs_in_the_background),
                                       cmocka_unit_test(hears_how_it_ended_with_SIGCHLD_ignored),
                                       cmocka_unit_test(knows_itself),
                                       cmocka_unit_test(ends),
                                       cmocka_unit_test(reads_jobs),
                                       cmocka_unit_test(passes_ids_as_they_are),
                                       cmocka_unit_test(tells_the_unknown_from_the_unreachable)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
