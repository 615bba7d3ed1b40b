/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/block.h"
#include "farm/message.h"
#include "farm/roles.h"

/* One block in work and one waiting; the coordinator sends no more. */
#define MS_WAITING_MAX 2

typedef struct worker {
    const ms_farm_params *params;
    MPI_Comm comm;
    ms_results *results;
    ms_block_job job;
    size_t waiting[MS_WAITING_MAX];
    size_t waiting_count;
    bool in_trouble, leaving;
} worker;

static void tell_trouble(worker *w, ms_status status, const ms_error *error)
{
    int rank;
    MPI_Comm_rank(w->comm, &rank);
    ms_message message = {.status = (int32_t)status};
    snprintf(message.text, sizeof message.text, "rank %d: %.480s", rank,
             status == MS_STOPPED ? ms_status_message(status) : error->message);
    ms_message_send(w->comm, 0, MS_MESSAGE_TROUBLE, &message);
    w->in_trouble = true; /* nothing is computed from here on; LEAVE will come */
}

static void answer_messages(worker *w)
{
    int rank;
    ms_message_tag tag;
    ms_message message;
    while (!w->leaving && ms_message_receive(w->comm, &rank, &tag, &message)) {
        if (tag == MS_MESSAGE_LEAVE)
            w->leaving = true;
        else if (tag == MS_MESSAGE_BLOCK && w->waiting_count < MS_WAITING_MAX)
            w->waiting[w->waiting_count++] = (size_t)message.block;
    }
}

static ms_status compute(worker *w, ms_error *error)
{
    if (!w->job.active) {
        size_t block = w->waiting[0];
        w->waiting[0] = w->waiting[1];
        w->waiting_count--;
        return ms_block_job_begin(&w->job, block, error);
    }
    bool finished;
    ms_status status = ms_block_job_step(&w->job, &finished, error);
    if (status != MS_OK || !finished)
        return status;
    const ms_block_results *block = w->job.results;
    status = ms_results_write(w->results, block, error);
    if (status != MS_OK)
        return status;
    ms_message message = {.block = block->block,
                          .chains = block->chains,
                          .discovered = ms_block_job_discovered(&w->job),
                          .seconds = block->seconds,
                          .failed = block->status == MS_BLOCK_FAILED};
    ms_message_send(w->comm, 0, MS_MESSAGE_FINISHED, &message);
    return MS_OK;
}

void ms_worker(const ms_sweep *sweep, ms_results *results, const ms_farm_params *params, MPI_Comm comm)
{
    int rank;
    MPI_Comm_rank(comm, &rank);
    worker w = {.params = params, .comm = comm, .results = results};
    ms_error error = {0};
    ms_status status = ms_block_job_init(&w.job, sweep, params->simd, rank, &error);
    if (status != MS_OK)
        tell_trouble(&w, status, &error);
    for (answer_messages(&w); !w.leaving; answer_messages(&w)) {
        if (!w.in_trouble && *params->stop)
            tell_trouble(&w, MS_STOPPED, NULL);
        if (w.in_trouble || (!w.job.active && w.waiting_count == 0)) {
            ms_message_nap();
            continue;
        }
        status = compute(&w, &error);
        if (status != MS_OK)
            tell_trouble(&w, status, &error);
    }
    const ms_message goodbye = {0};
    ms_message_send(comm, 0, MS_MESSAGE_GOODBYE, &goodbye);
    ms_block_job_free(&w.job);
}
