/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slurm/end.h"

#include "base/clock.h"
#include "slurm/queue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ASK_SECONDS   600.0 /* between questions, */
#define AGAIN_SECONDS 60.0  /* after one in vain, and between any two at least */
#define LAST_SECONDS  20.0  /* before the caller stops, for the last question: slurmctld may be slow */

struct ms_slurm_end {
    char job[sizeof((ms_slurm_self *)0)->name];
    double end;   /* by ms_clock() */
    double asked; /* -INFINITY: never */
    bool is_answered;
    ms_program *squeue; /* NULL: none is running */
    ms_error problem;
};

/* Slurm's clock is ours, or nearly: its messages are valid for minutes only. */
static double by_clock(int64_t seconds)
{
    return seconds > 0 ? ms_clock() + (double)seconds - 1e-3 * (double)ms_milliseconds() : INFINITY;
}

ms_status ms_slurm_end_alloc(ms_slurm_end **end, const ms_slurm_self *self, ms_error *error)
{
    *end = calloc(1, sizeof **end);
    if (!*end)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the end of the job");
    memcpy((*end)->job, self->name, sizeof(*end)->job);
    /* one that is over is not the end any more, for the job runs: the limit has been moved since it began */
    bool is_known = self->end > ms_milliseconds() / 1000;
    (*end)->end = is_known ? by_clock(self->end) : INFINITY;
    /* who knows the end asks only when it is near */
    (*end)->asked = is_known ? ms_clock() - AGAIN_SECONDS : -INFINITY;
    (*end)->is_answered = is_known;
    return MS_OK;
}

void ms_slurm_end_free(ms_slurm_end *end)
{
    if (end)
        ms_program_give_up(end->squeue);
    free(end);
}

static bool is_due(const ms_slurm_end *end, double notice)
{
    double now = ms_clock(), since = now - end->asked;
    return since >= ASK_SECONDS || (since >= AGAIN_SECONDS &&
                                    (end->problem.status != MS_OK || end->end - notice - now < LAST_SECONDS));
}

static void listen(ms_slurm_end *end)
{
    ms_slurm_job *jobs;
    size_t count;
    ms_status status;
    ms_error error = {0};
    if (!ms_slurm_answer(end->squeue, &jobs, &count, &status, &error))
        return;
    end->squeue = NULL;
    end->is_answered = true;
    const ms_slurm_job *job = ms_slurm_pick(jobs, count, end->job);
    if (status == MS_OK && !job)
        ms_error_set(&error, MS_ERROR_IO, "squeue does not know job %s", end->job);
    else if (status == MS_OK)
        end->end = by_clock(job->end);
    end->problem = error;
    free(jobs);
}

double ms_slurm_end_look(ms_slurm_end *end, double notice)
{
    if (!end->squeue && is_due(end, notice)) {
        end->asked = ms_clock();
        if (ms_slurm_ask(end->job, &end->squeue, &end->problem) != MS_OK)
            end->is_answered = true;
    }
    if (end->squeue)
        listen(end);
    return end->end;
}

double ms_slurm_end_await(ms_slurm_end *end, double notice, double seconds)
{
    const struct timespec nap = {.tv_nsec = 1000000};
    double deadline = ms_clock() + seconds;
    while (isinf(ms_slurm_end_look(end, notice)) && !end->is_answered && ms_clock() < deadline)
        nanosleep(&nap, NULL);
    return end->end;
}

const char *ms_slurm_end_problem(const ms_slurm_end *end)
{
    if (!end->is_answered)
        return "squeue has not answered yet";
    return end->problem.status == MS_OK ? "" : end->problem.message;
}
