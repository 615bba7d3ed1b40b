/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* mkdtemp, setenv */
#include "slurm/config.h"
#include "stand_in.h"

#include <math.h>

static void reads_what_scontrol_prints(void **state)
{
    (void)state;
    ms_slurm_config config = ms_slurm_parse_config("Configuration data as of 2026-01-01T00:00:00\n"
                                                   "ClusterName             = ci\n"
                                                   "JobRequeue              = 0\n"
                                                   "KillWait                = 30 sec\n"
                                                   "MaxArraySize            = 1001\n"
                                                   "MpiDefault              = pmix_v4 \n"
                                                   "MpiParams               = (null)\n"
                                                   "PrivateData             = accounts,jobs\n"
                                                   "\nSlurmctld(primary) at login is UP\n");
    assert_string_equal(config.cluster, "ci");
    assert_string_equal(config.mpi, "pmix_v4");
    assert_int_equal(config.array_max, 1000);
    assert_true(config.kill_wait == 30);
    assert_false(config.requeues);
    assert_true(config.hides_jobs);
}

static void leaves_unknown_what_it_does_not_understand(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "garbage", "KillWait\nMaxArraySize =\nMpiDefault = (null)\nJobRequeue = maybe",
        "MaxArraySize = many\nKillWait = UNLIMITED\nPrivateData = none\nClusterName="};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ms_slurm_config config = ms_slurm_parse_config(texts[i]);
        assert_string_equal(config.cluster, "");
        assert_string_equal(config.mpi, "none");
        assert_int_equal(config.array_max, 0);
        assert_true(isnan(config.kill_wait));
        assert_true(config.requeues);
        assert_false(config.hides_jobs);
    }
}

static void asks_scontrol(void **state)
{
    (void)state;
    ms_error error = {0};
    ms_slurm_config config;
    write_program("scontrol",
                  "[ \"$*\" = 'show config' ] && printf 'Configuration data as of x\\nCliFilterPlugins"
                  "        = (null)\\nClusterName             = big\\nCompleteWait = 0 sec\\n'");
    assert_int_equal(ms_slurm_get_config(&config, &error), MS_OK);
    assert_string_equal(config.cluster, "big");
    write_program("scontrol", "echo 'cannot contact' >&2; exit 1");
    assert_int_equal(ms_slurm_get_config(&config, &error), MS_ERROR_IO);
    assert_non_null(strstr(error.message, "cannot contact"));
    unlink(in_folder("scontrol"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_what_scontrol_prints),
                                       cmocka_unit_test(leaves_unknown_what_it_does_not_understand),
                                       cmocka_unit_test(asks_scontrol)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
