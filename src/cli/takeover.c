/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/takeover.h"

#include "base/clock.h"
#include "base/text.h"
#include "slurm/config.h"
#include "slurm/queue.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* No two clocks of a cluster differ by more: Slurm's messages would be refused (munge, 5 minutes). */
#define CLOCKS_SECONDS 360.0
/* Without a sign of life, of which there is one every second: it may take so long until another host sees it.
 */
#define SILENT_SECONDS 60.0
/* The same of a job of which Slurm itself says that it is over. */
#define OVER_SECONDS       3.0
#define COMPLETING_SECONDS 300.0 /* Slurm kills what is left of a job, and may be long about it */
#define AGAIN_SECONDS      5.0   /* before Slurm is asked again */

static double age(const ms_writer *writer)
{
    return 1e-3 * (double)(ms_milliseconds() - writer->last_sign);
}

static ms_status refuse(const char *path, const ms_writer *writer, const char *why, const char *advice,
                        ms_error *error)
{
    return ms_error_set(error, MS_ERROR_LOCKED,
                        "%.200s: was being written by a job that did not end cleanly (%.200s; last heartbeat "
                        "%.0f s ago); %s%s%s",
                        path, writer->text, floor(age(writer) > 0 ? age(writer) : 0), why, *why ? "; " : "",
                        advice);
}

/* A nap; MS_STOPPED when it is time to stop. */
static ms_status nap(const ms_takeover *takeover, const char *path, double done, ms_error *error)
{
    const struct timespec pause = {.tv_nsec = 200000000};
    const ms_monitor *monitor = takeover->monitor;
    nanosleep(&pause, NULL);
    return monitor && monitor->stops(monitor->argument, "looking for heartbeats beside", path, done)
               ? ms_error_set(error, MS_STOPPED,
                              "%s: stopped before it was clear whether another job is writing it", path)
               : MS_OK;
}

static bool has_moved(const char *path, const ms_writer *writer)
{
    ms_writer now;
    ms_lock_look(path, &now);
    return now.last_sign != writer->last_sign || now.since != writer->since;
}

/* MS_OK if the job gives no sign of life for `seconds`. It need not be waited for where the last one is older
 * than any two clocks can differ. */
static ms_status await_silence(const ms_takeover *takeover, const char *path, const ms_writer *writer,
                               const char *fate, double seconds, ms_error *error)
{
    char why[256];
    double began = ms_clock(), passed = 0;
    ms_status status = MS_OK;
    if (age(writer) > CLOCKS_SECONDS + seconds)
        return MS_OK;
    if (seconds > OVER_SECONDS)
        fprintf(stderr, "modeseek: %s: left behind by job %s, which %s; waiting %.0f s for a heartbeat\n",
                ms_printable_copy(path).text, writer->job_name, fate, seconds);
    while (status == MS_OK && passed < seconds) {
        status = nap(takeover, path, passed / seconds, error);
        passed = ms_clock() - began;
        if (status != MS_OK || !has_moved(path, writer))
            continue;
        snprintf(why, sizeof why, "job %.64s %.100s, but has just sent a heartbeat", writer->job_name, fate);
        return refuse(path, writer, why, "wait until it ends or stop it", error);
    }
    return status;
}

static ms_status check_cluster(const ms_takeover *takeover, const char *path, const ms_writer *writer,
                               ms_error *error)
{
    char own[64], why[512];
    ms_error reason = {0};
    snprintf(own, sizeof own, "%s", takeover->self->cluster);
    if (!writer->cluster[0])
        return refuse(path, writer, "it does not say which cluster that job belongs to",
                      "if that job is dead, give --break-lock", error);
    if (!own[0]) {
        ms_slurm_config config;
        if (ms_slurm_get_config(&config, &reason) != MS_OK) {
            snprintf(why, sizeof why, "Slurm could not be asked about job %.64s: %.200s", writer->job_name,
                     reason.message);
            return refuse(path, writer, why,
                          "try again where Slurm responds; if the job is dead, give --break-lock", error);
        }
        snprintf(own, sizeof own, "%s", config.cluster);
    }
    if (strcmp(own, writer->cluster) == 0)
        return MS_OK;
    snprintf(why, sizeof why, "job %.64s belongs to cluster %.64s, and this is %.64s", writer->job_name,
             writer->cluster, own[0] ? own : "one without a name");
    return refuse(path, writer, why, "check there whether it has ended; if so, give --break-lock", error);
}

/* Its state, "" if Slurm does not know the job any more. */
static ms_status ask(const char *path, const ms_writer *writer, char *state, size_t size, ms_error *error)
{
    char why[512];
    ms_error reason = {0};
    ms_slurm_job *jobs;
    size_t count;
    if (ms_slurm_find_jobs(writer->job_name, &jobs, &count, &reason) != MS_OK) {
        snprintf(why, sizeof why, "Slurm could not be asked about job %.64s: %.200s", writer->job_name,
                 reason.message);
        return refuse(path, writer, why,
                      "try again when Slurm responds; if the job is dead, give --break-lock", error);
    }
    const ms_slurm_job *job = ms_slurm_pick(jobs, count, writer->job_name);
    snprintf(state, size, "%s", job ? job->state : "");
    free(jobs);
    return MS_OK;
}

static ms_status refuse_living(const char *path, const ms_writer *writer, const char *state, bool is_own,
                               ms_error *error)
{
    char why[256], advice[128];
    snprintf(why, sizeof why, "job %.64s is %.32s%s", writer->job_name, state,
             is_own ? ": another step of this very job, on another host" : "");
    snprintf(advice, sizeof advice,
             strcmp(state, "SUSPENDED") == 0 ? "it continues when it is resumed; or end it: scancel %.64s"
                                             : "wait until it ends, or end it: scancel %.64s",
             writer->job_name);
    return refuse(path, writer, why, is_own ? "if that step has ended, give --break-lock" : advice, error);
}

/* Whether Slurm will soon say more: it kills what is left of a job that is COMPLETING, and only after some
 * minutes of silence it takes a node for dead, whose jobs it calls RUNNING until then. */
static bool is_undecided(const ms_writer *writer, const char *state, double waited)
{
    return strcmp(state, "COMPLETING") == 0 ? waited < COMPLETING_SECONDS
                                            : strcmp(state, "RUNNING") == 0 && age(writer) < CLOCKS_SECONDS;
}

/* Asks Slurm until it has decided about the job. */
static ms_status await_decision(const ms_takeover *takeover, const char *path, const ms_writer *writer,
                                char *state, size_t size, ms_error *error)
{
    double began = ms_clock(), asked = began;
    bool is_told = false;
    ms_status status = ask(path, writer, state, size, error);
    while (status == MS_OK && is_undecided(writer, state, ms_clock() - began)) {
        bool is_running = strcmp(state, "RUNNING") == 0;
        status = nap(takeover, path, 0, error);
        if (status == MS_OK && is_running && has_moved(path, writer))
            return MS_OK;
        if (!is_told && ms_clock() - began > OVER_SECONDS) {
            is_told = true;
            fprintf(stderr,
                    "modeseek: %s: left behind by job %s, which is %s, but sends no heartbeat; waiting for "
                    "what Slurm says next\n",
                    ms_printable_copy(path).text, writer->job_name, state);
        }
        if (status == MS_OK && ms_clock() - asked > AGAIN_SECONDS) {
            asked = ms_clock();
            status = ask(path, writer, state, size, error);
        }
    }
    return status;
}

ms_status ms_takeover_judge(void *argument, const char *path, const ms_writer *writer, ms_error *error)
{
    const ms_takeover *takeover = argument;
    char state[32] = "", fate[64];
    if (!writer->job[0])
        return refuse(path, writer, "", "if that job is dead, give --break-lock", error);
    ms_status status = check_cluster(takeover, path, writer, error);
    if (status == MS_OK)
        status = await_decision(takeover, path, writer, state, sizeof state, error);
    if (status != MS_OK)
        return status;
    bool is_known = state[0] != '\0';
    if (is_known && !ms_slurm_is_over(state) && !ms_slurm_is_waiting(state))
        return refuse_living(path, writer, state, strcmp(writer->job, takeover->self->job) == 0, error);
    /* Slurm does not know jobs for long when they are over, and may hide those of other users */
    snprintf(fate, sizeof fate, is_known ? "is %.32s" : "is no longer known to Slurm", state);
    status = await_silence(takeover, path, writer, fate, is_known ? OVER_SECONDS : SILENT_SECONDS, error);
    if (status == MS_OK)
        fprintf(stderr,
                "modeseek: %s: taken over from job %s, which %s and did not end cleanly (last heartbeat %.0f "
                "s ago)\n",
                ms_printable_copy(path).text, writer->job_name, fate,
                floor(age(writer) > 0 ? age(writer) : 0));
    return status;
}
