/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/allocation.h"

#include "base/clock.h"
#include "slurm/duration.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define AWAIT_SECONDS 2.0 /* for the first answer of Slurm: so long the start may take longer */
#define MOVED_SECONDS 30.0

/* Seconds before the end when the run stops: time for the slowest rank to hear of that and to save, twice as
 * long as was measured because then all save at once; for closing the file, and for what the job does
 * afterwards. */
static double margin(double length, double notice)
{
    double least = fmin(10, length / 15);
    return fmin(fmax(least, 2 + 2 * notice), fmax(least, length / 10));
}

/* By ms_clock(); INFINITY: never, as far as is known. */
static double stop_time(ms_allocation *a, double notice)
{
    if (a->walltime > 0)
        return a->began + a->walltime - margin(a->walltime, notice);
    double end = a->end ? ms_slurm_end_look(a->end, 10 + 2 * notice) : INFINITY;
    return isinf(end) ? INFINITY : end - margin(end - a->began, notice);
}

ms_status ms_allocation_begin(ms_allocation *allocation, const char *walltime, bool asks, bool quiet,
                              ms_error *error)
{
    *allocation =
        (ms_allocation){.self = ms_slurm_get_self(), .began = ms_clock(), .quiet = quiet, .told = NAN};
    if (walltime && (!ms_slurm_read_duration(walltime, &allocation->walltime) || !(allocation->walltime > 0)))
        return ms_error_set(error, MS_ERROR_USAGE, "--walltime %s: write it as " MS_SLURM_DURATION_FORMATS,
                            walltime);
    if (walltime || !asks || !allocation->self.is_inside)
        return MS_OK;
    ms_status status = ms_slurm_end_alloc(&allocation->end, &allocation->self, error);
    if (status == MS_OK)
        ms_slurm_end_look(allocation->end, 0);
    return status;
}

void ms_allocation_end(ms_allocation *allocation)
{
    ms_slurm_end_free(allocation->end);
    allocation->end = NULL;
}

/* "stops cleanly at 2026-11-25T05:00:00Z, in 0:59:30" */
static void describe_stop(double stop, char *text, size_t size)
{
    char clock[32] = "unknown";
    double left = fmax(stop - ms_clock(), 0);
    time_t at = time(NULL) + (time_t)left;
    struct tm utc;
    if (gmtime_r(&at, &utc))
        strftime(clock, sizeof clock, "%Y-%m-%dT%H:%M:%SZ", &utc);
    snprintf(text, size, "stops cleanly at %s, in %ld:%02ld:%02ld", clock, (long)left / 3600,
             (long)left / 60 % 60, (long)left % 60);
}

static void warn_of_ranks(const ms_slurm_self *self, int ranks)
{
    if (ranks < self->tasks)
        fprintf(
            stderr,
            "warning: the Slurm job has %ld tasks, but only %d rank%s run%s; start the program with srun or "
            "mpirun\n",
            self->tasks, ranks, ranks > 1 ? "s" : "", ranks > 1 ? "" : "s");
}

void ms_allocation_describe(ms_allocation *a, int ranks)
{
    const ms_slurm_self *self = &a->self;
    char when[256];
    if (!self->is_inside || a->quiet)
        return;
    warn_of_ranks(self, ranks);
    if (a->end)
        ms_slurm_end_await(a->end, 0, AWAIT_SECONDS);
    a->told = stop_time(a, 0);
    const char *problem = a->end ? ms_slurm_end_problem(a->end) : "";
    if (!isinf(a->told))
        describe_stop(a->told, when, sizeof when);
    else if (*problem)
        snprintf(when, sizeof when, "the end of the job is not yet known (%.200s)", problem);
    else
        snprintf(when, sizeof when, "the job has no end");
    fprintf(stderr, "modeseek: Slurm job %s, start %ld, %ld node%s, %d rank%s; %s\n", self->name,
            self->restarts + 1, self->node_count, self->node_count == 1 ? "" : "s", ranks,
            ranks == 1 ? "" : "s", when);
}

bool ms_allocation_is_over(void *argument, double notice)
{
    ms_allocation *a = argument;
    char when[128];
    double stop = stop_time(a, notice);
    bool has_moved = isinf(stop) != isinf(a->told) || fabs(stop - a->told) > MOVED_SECONDS;
    if (a->end && !a->quiet && !isnan(a->told) && has_moved) {
        if (isinf(stop))
            snprintf(when, sizeof when, "the job no longer has a time limit");
        else
            describe_stop(stop, when, sizeof when);
        fprintf(stderr, "modeseek: Slurm job %s: %s\n", a->self.name, when);
        a->told = stop;
    }
    return ms_clock() > stop;
}

/* How many tasks srun has started with this one, if it was srun. */
static long count_tasks_of_step(void)
{
    const char *tasks = getenv("SLURM_STEP_NUM_TASKS");
    return tasks && ms_slurm_get_self().is_step ? strtol(tasks, NULL, 10) : 0;
}

/* Whether another launcher stands between srun and this process, or Slurm has set up one of the PMIs. */
static bool has_pmi(void)
{
    static const char *const sign[] = {"PMIX_RANK", "PMIX_NAMESPACE",       "PMI_RANK",           "PMI_FD",
                                       "PMI_PORT",  "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE"};
    for (size_t i = 0; i < sizeof sign / sizeof *sign; i++)
        if (getenv(sign[i]))
            return true;
    return false;
}

static bool is_first_task(void)
{
    const char *task = getenv("SLURM_PROCID");
    return !task || strcmp(task, "0") == 0;
}

#define ADVICE                                                                                               \
    "start it with srun --mpi=pmix, or what srun --mpi=list names for this MPI, or with mpirun inside the "  \
    "job"

long ms_launch_begin(void)
{
    long tasks = has_pmi() ? 0 : count_tasks_of_step();
    /* Slurm's old PMI-1 leaves no sign in the environment: so no error, yet */
    if (tasks > 1 && is_first_task())
        fprintf(stderr,
                "warning: srun has given its %ld tasks no PMI to find each other; if MPI fails: " ADVICE "\n",
                tasks);
    return tasks;
}

ms_status ms_launch_check(long tasks, int ranks, ms_error *error)
{
    if (ranks > 1 || tasks <= 1)
        return MS_OK;
    if (!is_first_task()) {
        sleep(1); /* srun may end all tasks when one fails: the first has something to say */
        return ms_error_set(error, MS_ERROR_USAGE, "%s", "");
    }
    return ms_error_set(
        error, MS_ERROR_USAGE,
        "srun has started %ld tasks that cannot find each other, so each would run by itself; " ADVICE,
        tasks);
}
