/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slurm/words.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define QOS_FULL     "its QOS limit is reached; other jobs must end first"
#define ACCOUNT_FULL "its account's limit is reached; other jobs must end first"

/* The first row fits whose reason begins with `beginning` and has `part` in it. */
static const struct {
    const char *beginning, *part, *words;
    ms_slurm_wait wait;
} reason_list[] = {
    {"Priority", "", "jobs with a higher priority are ahead of it", MS_SLURM_WAITS},
    {"Resources", "", "it waits for processors or memory to become free", MS_SLURM_WAITS},
    {"None", "", "Slurm has not looked at it yet", MS_SLURM_WAITS},
    {"BeginTime", "", "its start time has not come; a requeued job is held back for about two minutes",
     MS_SLURM_WAITS},
    {"DependencyNeverSatisfied", "", "a job that it depends on has failed", MS_SLURM_IMPOSSIBLE},
    {"Dependency", "", "another job must end first", MS_SLURM_WAITS},
    {"Singleton", "", "another job with the same name must end first", MS_SLURM_WAITS},
    {"JobArrayTaskLimit", "", "its array allows no more tasks at once", MS_SLURM_WAITS},
    {"JobHeldUser", "", "it is held by its user", MS_SLURM_HELD},
    {"JobHeldAdmin", "", "it is held by Slurm or an administrator", MS_SLURM_HELD},
    {"JobHoldMaxRequeue", "", "it was requeued too often and is held", MS_SLURM_HELD},
    {"MaxRequeue", "", "it was requeued too often and is held", MS_SLURM_HELD},
    {"launch", "held", "its launch on the nodes failed and it is held", MS_SLURM_HELD},
    {"", "held", "it is held", MS_SLURM_HELD},
    {"QOS", "PerJob", "it asks for more than its QOS allows per job", MS_SLURM_IMPOSSIBLE},
    {"QOS", "PerNode", "it asks for more than its QOS allows per job", MS_SLURM_IMPOSSIBLE},
    {"QOS", "RunMinutes", QOS_FULL, MS_SLURM_WAITS}, /* that running jobs may still take */
    {"QOS", "GrpWall", "the time of its QOS is used up, or nearly", MS_SLURM_IMPOSSIBLE},
    {"QOS", "Minutes", "the CPU time of its QOS is used up, or nearly", MS_SLURM_IMPOSSIBLE},
    {"QOSTimeLimit", "", "it asks for more time than its QOS allows", MS_SLURM_IMPOSSIBLE},
    {"QOSNotAllowed", "", "its partition does not accept its QOS", MS_SLURM_IMPOSSIBLE},
    {"QOSJobLimit", "", "its QOS allows no more running jobs", MS_SLURM_WAITS},
    {"QOSMin", "", "it asks for less than its QOS requires", MS_SLURM_IMPOSSIBLE},
    {"QOSUsageThreshold", "", "its quality of service is used up", MS_SLURM_IMPOSSIBLE},
    {"QOS", "", QOS_FULL, MS_SLURM_WAITS},
    {"Assoc", "PerJob", "it asks for more than its account allows per job", MS_SLURM_IMPOSSIBLE},
    {"Assoc", "PerNode", "it asks for more than its account allows per job", MS_SLURM_IMPOSSIBLE},
    {"Assoc", "RunMinutes", ACCOUNT_FULL, MS_SLURM_WAITS},
    {"Assoc", "GrpWall", "the time of its account is used up, or nearly", MS_SLURM_IMPOSSIBLE},
    {"Assoc", "Minutes", "the CPU time of its account is used up, or nearly", MS_SLURM_IMPOSSIBLE},
    {"Assoc", "", ACCOUNT_FULL, MS_SLURM_WAITS},
    {"InvalidAccount", "", "its account is not valid", MS_SLURM_IMPOSSIBLE},
    {"InvalidQOS", "", "its QOS is not valid", MS_SLURM_IMPOSSIBLE},
    {"AccountNotAllowed", "", "its partition does not accept its account", MS_SLURM_IMPOSSIBLE},
    {"PartitionTimeLimit", "", "it asks for more time than its partition allows", MS_SLURM_IMPOSSIBLE},
    {"PartitionNodeLimit", "", "it asks for more nodes than its partition allows", MS_SLURM_IMPOSSIBLE},
    {"PartitionConfig", "", "it asks for resources that its partition does not have", MS_SLURM_IMPOSSIBLE},
    {"PartitionDown", "", "its partition starts no jobs now", MS_SLURM_WAITS},
    {"PartitionInactive", "", "its partition starts no jobs now", MS_SLURM_WAITS},
    {"BadConstraints", "", "no node is as it demands", MS_SLURM_IMPOSSIBLE},
    {"ReqNodeNotAvail", "aint",
     "nodes that it needs are reserved for maintenance; a shorter time limit may fit in", MS_SLURM_WAITS},
    {"ReqNodeNotAvail", "", "nodes that it needs are down, drained or reserved (sinfo -R says why)",
     MS_SLURM_WAITS},
    {"Nodes required", "", "nodes that it needs are down, drained or reserved (sinfo -R says why)",
     MS_SLURM_WAITS},
    {"NodeDown", "", "a node that it needs is down (sinfo -R says why)", MS_SLURM_WAITS},
    {"FrontEndDown", "", "Slurm has no front end for it", MS_SLURM_WAITS},
    {"ReservationDeleted", "", "its reservation no longer exists", MS_SLURM_IMPOSSIBLE},
    {"Reservation", "", "its reservation has not started", MS_SLURM_WAITS},
    {"Licenses", "", "licences must become free", MS_SLURM_WAITS},
    {"DeadLine", "", "it cannot end before its deadline", MS_SLURM_IMPOSSIBLE},
    {"Prolog", "", "its nodes are being prepared", MS_SLURM_WAITS},
    {"Cleaning", "", "Slurm is still cleaning up after its last start", MS_SLURM_WAITS},
};

const char *ms_slurm_explain_reason(const char *reason, ms_slurm_wait *wait)
{
    for (size_t i = 0; i < sizeof reason_list / sizeof *reason_list; i++)
        if (strncmp(reason, reason_list[i].beginning, strlen(reason_list[i].beginning)) == 0 &&
            strstr(reason, reason_list[i].part)) {
            *wait = reason_list[i].wait;
            return reason_list[i].words;
        }
    *wait = MS_SLURM_WAITS;
    return "";
}

const char *ms_slurm_explain_end(const char *state)
{
    static const struct {
        const char *state, *words;
    } list[] = {{"COMPLETED", "completed"},
                {"FAILED", "failed"},
                {"TIMEOUT", "was ended by its time limit"},
                {"CANCELLED", "was cancelled"},
                {"NODE_FAIL", "lost a node"},
                {"PREEMPTED", "was preempted by another job"},
                {"OUT_OF_MEMORY", "ran out of memory"},
                {"DEADLINE", "was ended by its deadline"},
                {"BOOT_FAIL", "could not start its nodes"},
                {"REVOKED", "was moved to another cluster"},
                {"REQUEUED", "was requeued"}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (strcmp(state, list[i].state) == 0)
            return list[i].words;
    return "has ended";
}

ms_slurm_time ms_slurm_format_time(int64_t seconds)
{
    ms_slurm_time result = {"an unknown time"};
    time_t time = (time_t)seconds;
    struct tm local;
    if (seconds > 0 && localtime_r(&time, &local))
        strftime(result.text, sizeof result.text, "%Y-%m-%d %H:%M:%S", &local);
    return result;
}

bool ms_slurm_start_is_known(const ms_slurm_job *job)
{
    return job->start > 0 && job->start < (int64_t)time(NULL) + INT64_C(300) * 86400;
}

void ms_slurm_describe(const ms_slurm_job *job, char *text, size_t size)
{
    if (strcmp(job->state, "PENDING") == 0)
        snprintf(text, size, "%s: %s (%s)%s%s", job->name, job->state, job->reason,
                 ms_slurm_start_is_known(job) ? ", expected to start at " : "",
                 ms_slurm_start_is_known(job) ? ms_slurm_format_time(job->start).text : "");
    else if (ms_slurm_is_over(job->state))
        snprintf(text, size, "%s: %s at %s", job->name, job->state, ms_slurm_format_time(job->end).text);
    else
        snprintf(text, size, "%s: %s on %s since %s%s%s%s", job->name, job->state, job->nodes,
                 ms_slurm_format_time(job->start).text, job->end > 0 ? ", ends at " : "",
                 job->end > 0 ? ms_slurm_format_time(job->end).text : "",
                 job->end > 0 ? " at the latest" : "");
}
