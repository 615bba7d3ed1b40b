/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "farm/block.h"
#include "farm/message.h"
#include "farm/roles.h"

/* One block in work and one waiting; the coordinator sends no more. */
#define MS_WAITING_MAX 2

typedef struct worker {
    const ms_farm_params *params;
    MPI_Comm comm;
    int rank;
    ms_block_job job;
    size_t waiting[MS_WAITING_MAX];
    size_t waiting_count;
    size_t pilot; /* a block to be tried for pilot_seconds; 0 seconds: none */
    double pilot_seconds;
    bool in_trouble, leaving, is_told;
    bool is_ruined; /* the results file: nothing is saved */
    double idle_since, notice;
    ms_liveness coordinator;
    ms_awake awake;
} worker;

static double awake(worker *w)
{
    return ms_awake_clock(&w->awake, w->params->rank_timeout);
}

static void tell(worker *w, ms_message_tag tag, const ms_message *message)
{
    ms_message telling = *message;
    telling.notice = w->notice = ms_block_job_notice(&w->job);
    ms_message_send(w->comm, 0, tag, &telling);
    w->coordinator.told = awake(w);
}

static void tell_trouble(worker *w, ms_status status, const ms_error *error)
{
    ms_message message = {.status = (int32_t)status};
    snprintf(message.text, sizeof message.text, "rank %d: %.480s", w->rank, error->message);
    tell(w, MS_MESSAGE_TROUBLE, &message);
    w->in_trouble = true; /* nothing is computed from here on; LEAVE will come */
}

static void answer_messages(worker *w)
{
    int rank;
    ms_message_tag tag;
    ms_message message;
    while (!w->leaving && ms_message_receive(w->comm, &rank, &tag, &message)) {
        w->coordinator.heard = awake(w);
        w->is_told = true;
        if (tag == MS_MESSAGE_LEAVE) {
            w->leaving = true;
            w->is_ruined = message.status != MS_OK;
        } else if (tag == MS_MESSAGE_PILOT) {
            w->pilot = (size_t)message.block;
            w->pilot_seconds = message.seconds;
        } else if (tag == MS_MESSAGE_BLOCK && w->waiting_count < MS_WAITING_MAX)
            w->waiting[w->waiting_count++] = (size_t)message.block;
    }
}

/* Rank 0 waits for a sign of life, and gives them: without one for long it hangs, and nobody else would end
 * the job. */
static void watch_coordinator(worker *w)
{
    const ms_message alive = {0};
    double timeout = w->params->rank_timeout, now = awake(w);
    if (!(timeout > 0))
        return;
    /* it should know in time that stopping takes long here */
    if (now - w->coordinator.told > timeout / 4 || ms_block_job_notice(&w->job) > w->notice + 1)
        tell(w, MS_MESSAGE_ALIVE, &alive);
    /* it speaks first when it has read the file; and it has a deadline of its own for the others */
    if (!w->is_told || now - w->coordinator.heard < 1.5 * timeout)
        return;
    ms_block_job_suspend(&w->job, NULL);
    fprintf(
        stderr,
        "modeseek: rank %d has not heard from rank 0 for %.0f s; it ends the job, the same command resumes\n",
        w->rank, now - w->coordinator.heard);
    MPI_Abort(MPI_COMM_WORLD, ms_status_exit_code(MS_ERROR_RANK));
}

static ms_status try_block(worker *w, ms_error *error)
{
    ms_message message = {.block = w->pilot};
    ms_status status = ms_block_job_pilot(&w->job, w->pilot, w->pilot_seconds, &message.seconds, error);
    w->pilot_seconds = 0;
    if (status == MS_OK)
        tell(w, MS_MESSAGE_EXPECTED, &message);
    w->idle_since = ms_clock();
    return status;
}

static ms_status compute(worker *w, ms_error *error)
{
    if (w->pilot_seconds > 0)
        return try_block(w, error);
    if (!w->job.active) {
        size_t block = w->waiting[0];
        w->waiting[0] = w->waiting[1];
        w->waiting_count--;
        return ms_block_job_begin(&w->job, block, error);
    }
    bool finished;
    ms_status status = ms_block_job_step(&w->job, &finished, error);
    if (status == MS_OK && finished) {
        const ms_message message = ms_block_job_report(&w->job);
        tell(w, MS_MESSAGE_FINISHED, &message);
        w->idle_since = ms_clock();
    }
    return status;
}

void ms_worker(const ms_sweep *sweep, ms_results *results, const ms_farm_params *params, MPI_Comm comm)
{
    double now = ms_clock();
    worker w = {.params = params, .comm = comm, .idle_since = now};
    w.coordinator.heard = w.coordinator.told = awake(&w);
    MPI_Comm_rank(comm, &w.rank);
    ms_error error = {0};
    ms_status status = ms_block_job_init(&w.job, sweep, results, params, w.rank, &error);
    if (status != MS_OK)
        tell_trouble(&w, status, &error);
    for (answer_messages(&w); !w.leaving; answer_messages(&w)) {
        ms_message_feed_watchdog(params->rank_timeout);
        watch_coordinator(&w);
        if (!w.in_trouble && *params->stop)
            tell_trouble(&w, ms_farm_why_stopped(params, &error), &error);
        if (w.in_trouble || (!w.job.active && w.waiting_count == 0 && !(w.pilot_seconds > 0))) {
            ms_message_idle(w.idle_since);
            continue;
        }
        status = compute(&w, &error);
        if (status != MS_OK)
            tell_trouble(&w, status, &error);
    }
    status = w.is_ruined ? MS_OK : ms_block_job_suspend(&w.job, &error);
    if (status != MS_OK)
        tell_trouble(&w, status, &error);
    const ms_message goodbye = {0};
    tell(&w, MS_MESSAGE_GOODBYE, &goodbye);
    ms_block_job_free(&w.job);
}
