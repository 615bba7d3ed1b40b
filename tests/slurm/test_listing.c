/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With a squeue and a sacct of our own, which print what those of Slurm 22.05 printed. */
#define _XOPEN_SOURCE 700 /* mkdtemp, setenv */
#include "slurm/accounts.h"
#include "slurm/listing.h"
#include "stand_in.h"

static void jobs(void **state)
{
    (void)state;
    ms_error error = {0};
    ms_slurm_entry *entry;
    size_t count;
    write_program(
        "squeue",
        "[ \"$SLURM_TIME_FORMAT\" = %s ] || exit 9\n"
        "case \"$*\" in *'--user 0,7'*) ;; *) exit 8;; esac\n"
        "printf '%s\\037' 7 2_1 2 FAILED NonZeroExitCode low n1 1 8 1795581766 1795581767 1795581768"
        " 'tok|x' '/x/s.sbatch a b.h5' /w '/w/%x-%j-%A_%a%%%u.out' ci 3 1792 'my job'; echo\n"
        "printf '%s\\037' 9 9 9 PENDING Priority low '' 1 1 1795581766 N/A NONE"
        " '(null)' '(null)' /w /w/9.out ci 0 0 nine; echo\n"
        "printf '%s\\037' 8 8 8 FAILED None low n1 1 1 1795581766 1795581767 1795581768"
        " '(null)' x /w /w/8%a%j%x ci 0 9 eight; echo\n"
        "echo 'slurm: a warning'");
    assert_int_equal(ms_slurm_list(NULL, "0,7", 60, &entry, &count, &error), MS_OK);
    assert_int_equal(count, 3);
    assert_string_equal(entry[0].job.job, "7");
    assert_string_equal(entry[0].job.name, "2_1");
    assert_string_equal(entry[0].job.array, "2");
    assert_string_equal(entry[0].job.state, "FAILED");
    assert_string_equal(entry[0].job.comment, "tok|x");
    assert_string_equal(entry[0].command, "/x/s.sbatch a b.h5");
    assert_string_equal(entry[0].folder, "/w");
    assert_string_equal(entry[0].log, "/w/my job-7-2_1%%u.out");
    assert_string_equal(entry[0].cluster, "ci");
    assert_int_equal(entry[0].job.end, 1795581768);
    assert_int_equal(entry[0].restarts, 3);
    assert_int_equal(entry[0].exit_code, 7);
    assert_int_equal(entry[0].signal, 0);
    assert_string_equal(entry[1].job.comment, "");
    assert_string_equal(entry[1].command, "");
    assert_int_equal(entry[1].job.start, 0);
    assert_int_equal(entry[2].exit_code, 0);
    assert_int_equal(entry[2].signal, 9);
    assert_string_equal(entry[2].log, "/w/8%a8eight");
    free(entry);
    write_program("squeue", "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1");
    assert_int_equal(ms_slurm_list("5", NULL, 60, &entry, &count, &error), MS_OK);
    assert_int_equal(count, 0);
    free(entry);
    write_program("squeue", "exec sleep 100");
    assert_int_equal(ms_slurm_list("5", NULL, 0.2, &entry, &count, &error), MS_ERROR_IO);
    assert_null(entry);
}

static void accounts(void **state)
{
    (void)state;
    ms_error error = {0};
    ms_slurm_account *account;
    size_t count;
    write_program("sacct", "[ \"$SLURM_TIME_FORMAT\" = %s ] || exit 9\n"
                           "case \"$*\" in *--duplicates*'--jobs 17,18_3'*) ;; *) exit 8;; esac\n"
                           "cat <<'END'\n"
                           "19|18_3|PENDING|ci|Unknown|Unknown|0|0|0:0\n"
                           "17|17|CANCELLED by 1000|ci|1000000300|1000000350|50|2|0:15\n"
                           "17|17|NODE_FAIL|ci|1000000000|1000000100|100|2|12:0\n"
                           "nonsense\n"
                           "END");
    assert_int_equal(ms_slurm_get_accounts("17,18_3", NULL, 60, &account, &count, &error), MS_OK);
    assert_int_equal(count, 3);
    assert_string_equal(account[0].state, "NODE_FAIL"); /* in order of time */
    assert_int_equal(account[0].exit_code, 12);
    assert_true(account[0].elapsed == 100);
    assert_int_equal(account[0].processors, 2);
    assert_string_equal(account[1].state, "CANCELLED");
    assert_int_equal(account[1].signal, 15);
    assert_int_equal(account[1].end, 1000000350);
    assert_string_equal(account[2].job, "19");
    assert_string_equal(account[2].name, "18_3");
    assert_int_equal(account[2].start, 0);
    free(account);
    write_program("sacct", "echo 'Slurm accounting storage is disabled' >&2; exit 1");
    assert_int_equal(ms_slurm_get_accounts("17", NULL, 60, &account, &count, &error), MS_ERROR_IO);
    assert_non_null(strstr(error.message, "storage is disabled"));
    assert_null(account);
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(jobs), cmocka_unit_test(accounts)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
