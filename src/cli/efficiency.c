/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/facts.h"

#include <stdio.h>
#include <string.h>

/* A start of the job that an account is of. By number, too: the program did not always write down the name.
 */
static bool is_of(const ms_slurm_account *account, const ms_past_start *start)
{
    return start->job[0] &&
           (strcmp(account->name, start->name) == 0 || strcmp(account->job, start->job) == 0);
}

/* From Slurm's accounts: processors x elapsed time of all starts of all jobs that have ever written the file.
 * Also what the jobs did before and after is of that, and starts that never came to the file. */
static bool from_accounts(const ms_facts *f, ms_efficiency *e)
{
    for (size_t i = 0; i < f->starts; i++) {
        size_t k = 0;
        while (k < f->accounts && !is_of(&f->account[k], &f->start[i]))
            k++;
        if (k == f->accounts) {
            snprintf(e->problem, sizeof e->problem,
                     f->start[i].job[0] ? "the accounting has no record of job %s"
                                        : "the start of %s was not in a job of Slurm",
                     f->start[i].job[0] ? f->start[i].name : f->start[i].time);
            return false;
        }
    }
    if (f->is_cut) {
        snprintf(e->problem, sizeof e->problem, "the file no longer records all its starts");
        return false;
    }
    for (size_t k = 0; k < f->accounts; k++)
        for (size_t i = 0; i < f->starts; i++)
            if (is_of(&f->account[k], &f->start[i])) {
                e->allocated += (double)f->account[k].processors * f->account[k].elapsed;
                break;
            }
    e->source = "sacct";
    return true;
}

/* From what the file says itself: ranks x time from each start until the next, which is at least the time
 * that it took, for one job writes at a time; and from the last start until the last sign of life. */
static bool from_starts(const ms_facts *f, ms_efficiency *e)
{
    if (f->is_merged || f->is_cut) {
        snprintf(e->problem, sizeof e->problem, "%s, and Slurm's accounting is not available",
                 f->is_merged ? "the file was merged" : "the file no longer records all its starts");
        return false;
    }
    for (size_t i = 0; i < f->starts; i++) {
        int64_t end = i + 1 < f->starts         ? f->start[i + 1].since
                      : f->writer.is_alive      ? f->now
                      : f->writer.last_sign > 0 ? f->writer.last_sign / 1000
                                                : f->changed;
        if (f->start[i].since == 0 || end < f->start[i].since || f->start[i].ranks < 1) {
            snprintf(e->problem, sizeof e->problem, "it is unknown when the start of %s ended",
                     f->start[i].time[0] ? f->start[i].time : "an unknown time");
            return false;
        }
        e->allocated += (double)f->start[i].ranks * (double)(end - f->start[i].since);
    }
    e->is_bound = f->starts > 1;
    e->source = "starts";
    return true;
}

ms_efficiency ms_find_efficiency(const ms_facts *f)
{
    ms_efficiency e = {.core_seconds = f->core_seconds, .source = ""};
    if (f->starts == 0)
        snprintf(e.problem, sizeof e.problem, "nothing has been computed");
    else
        e.is_known = f->accounts > 0 ? from_accounts(f, &e) : from_starts(f, &e);
    if (e.is_known && e.allocated < 10) {
        snprintf(e.problem, sizeof e.problem, "less than 10 core-seconds are too few");
        e.is_known = false;
    }
    e.value = e.is_known ? e.core_seconds / e.allocated : 0;
    return e;
}
