/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* setenv */
#include "cmocka_all.h"
#include "slurm/words.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static void reasons(void **state)
{
    (void)state;
    static const struct {
        const char *reason, *part;
        ms_slurm_wait wait;
    } list[] = {
        {"Priority", "higher priority", MS_SLURM_WAITS},
        {"Dependency", "must end first", MS_SLURM_WAITS},
        {"DependencyNeverSatisfied", "failed", MS_SLURM_IMPOSSIBLE},
        {"JobHeldAdmin", "held", MS_SLURM_HELD},
        {"launch failed requeued held", "launch", MS_SLURM_HELD},
        {"job requeued in held state", "held", MS_SLURM_HELD},
        {"QOSMaxJobsPerUserLimit", "other jobs must end", MS_SLURM_WAITS},
        {"QOSMaxWallDurationPerJobLimit", "more than", MS_SLURM_IMPOSSIBLE},
        {"QOSGrpCPUMinutesLimit", "used up", MS_SLURM_IMPOSSIBLE},
        {"QOSGrpCPURunMinutesLimit", "other jobs must end", MS_SLURM_WAITS},
        {"AssocGrpMemRunMinutes", "other jobs must end", MS_SLURM_WAITS},
        {"AssocGrpBillingMinutes", "used up", MS_SLURM_IMPOSSIBLE},
        {"AssocGrpWallLimit", "used up", MS_SLURM_IMPOSSIBLE},
        {"AssocGrpNodeLimit", "other jobs must end", MS_SLURM_WAITS},
        {"ReqNodeNotAvail, Reserved for maintenance", "maintenance", MS_SLURM_WAITS},
        {"ReqNodeNotAvail, UnavailableNodes:n[1-3]", "down", MS_SLURM_WAITS},
        {"Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions",
         "down", MS_SLURM_WAITS},
        {"ReservationDeleted", "no longer", MS_SLURM_IMPOSSIBLE},
        {"SomethingNew", "", MS_SLURM_WAITS}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        ms_slurm_wait wait;
        const char *words = ms_slurm_explain_reason(list[i].reason, &wait);
        assert_int_equal(wait, list[i].wait);
        assert_int_equal(*words == '\0', *list[i].part == '\0');
        if (!strstr(words, list[i].part))
            fail_msg("%s: %s", list[i].reason, words);
    }
}

static void descriptions(void **state)
{
    (void)state;
    char text[512];
    ms_slurm_job job = {
        .name = "17_3", .state = "PENDING", .reason = "Priority", .start = 1000000000, .end = 1000003600};
    ms_slurm_describe(&job, text, sizeof text);
    assert_string_equal(text, "17_3: PENDING (Priority), expected to start at 2001-09-09 01:46:40");
    job.start =
        (int64_t)time(NULL) + 365 * 86400; /* what Slurm says of jobs without a time limit before it */
    assert_false(ms_slurm_start_is_known(&job));
    job.start = 0;
    ms_slurm_describe(&job, text, sizeof text);
    assert_string_equal(text, "17_3: PENDING (Priority)");
    job = (ms_slurm_job){
        .name = "17", .state = "RUNNING", .nodes = "n[1-2]", .start = 1000000000, .end = 1000003600};
    ms_slurm_describe(&job, text, sizeof text);
    assert_string_equal(
        text, "17: RUNNING on n[1-2] since 2001-09-09 01:46:40, ends at 2001-09-09 02:46:40 at the latest");
    job.end = 0; /* no time limit */
    ms_slurm_describe(&job, text, sizeof text);
    assert_string_equal(text, "17: RUNNING on n[1-2] since 2001-09-09 01:46:40");
    job = (ms_slurm_job){.name = "17", .state = "TIMEOUT", .start = 1000000000};
    ms_slurm_describe(&job, text, sizeof text);
    assert_string_equal(text, "17: TIMEOUT at an unknown time");
}

int main(void)
{
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {cmocka_unit_test(reasons), cmocka_unit_test(descriptions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
