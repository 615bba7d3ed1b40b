/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/block.h"
#include "farm/message.h"
#include "farm/progress.h"
#include "farm/queue.h"
#include "farm/roles.h"

#include <stdlib.h>

/* What a worker holds, oldest first: it computes the first and has the second ready. */
typedef struct holding {
    size_t block[2];
    int count;
} holding;

typedef struct coordinator {
    const ms_sweep *sweep;
    const ms_farm_params *params;
    MPI_Comm comm;
    int ranks;
    ms_results *results;
    ms_block_job job; /* rank 0's own block */
    ms_queue queue;
    holding *held; /* [ranks] */
    ms_progress *progress;
    ms_farm_report *report;
    ms_status status; /* MS_OK while the farm runs */
    ms_error *error;
    int goodbyes;
} coordinator;

/* The first trouble is reported, but a stop gives way to a failure: the user must hear of that. */
static void stop_for(coordinator *c, ms_status status, const char *message)
{
    if (c->status != MS_OK && (c->status != MS_STOPPED || status == MS_STOPPED))
        return;
    c->status = status;
    ms_error_set(c->error, status, "%s", message);
}

static void hand_out(coordinator *c, int rank)
{
    holding *held = &c->held[rank];
    const ms_message message = {.block = ms_queue_take(&c->queue)};
    held->block[held->count++] = (size_t)message.block;
    if (held->count == 1)
        ms_progress_begin(c->progress, rank, held->block[0]);
    ms_message_send(c->comm, rank, MS_MESSAGE_BLOCK, &message);
}

/* A block handed out ahead waits for the one in work. It must not wait while others are idle: ahead only if
 * what remains keeps all ranks busy for longer than these two take. */
static bool may_hand_out_ahead(const coordinator *c, int rank)
{
    if (ms_queue_left(&c->queue) <= (size_t)c->ranks)
        return false;
    double next = ms_queue_next_cost(&c->queue);
    double in_work = ms_sweep_block_cost(c->sweep, ms_sweep_block(c->sweep, c->held[rank].block[0]));
    return ms_queue_cost(&c->queue) - next > c->ranks * (in_work + next);
}

/* Gives every worker something to do, and then something to do next. */
static void hand_out_all(coordinator *c)
{
    for (int rank = 1; rank < c->ranks && ms_queue_left(&c->queue) > 0; rank++)
        if (c->held[rank].count == 0)
            hand_out(c, rank);
    for (int rank = 1; rank < c->ranks; rank++)
        if (c->held[rank].count == 1 && may_hand_out_ahead(c, rank))
            hand_out(c, rank);
}

static void note_finished(coordinator *c, int rank, const ms_message *message)
{
    c->report->done++;
    c->report->failed += message->failed != 0;
    ms_progress_finish(c->progress, rank, (size_t)message->block, message->seconds, message->chains,
                       message->discovered);
    if (rank == 0 || !c->held)
        return;
    holding *held = &c->held[rank];
    held->block[0] = held->block[1];
    if (--held->count > 0)
        ms_progress_begin(c->progress, rank, held->block[0]);
}

static void answer_messages(coordinator *c)
{
    int rank;
    ms_message_tag tag;
    ms_message message;
    while (ms_message_receive(c->comm, &rank, &tag, &message)) {
        if (tag == MS_MESSAGE_FINISHED)
            note_finished(c, rank, &message);
        else if (tag == MS_MESSAGE_TROUBLE)
            stop_for(c, (ms_status)message.status, message.text);
        else if (tag == MS_MESSAGE_GOODBYE)
            c->goodbyes++;
    }
}

/* One slice of rank 0's own work. */
static ms_status compute(coordinator *c, ms_error *error)
{
    if (!c->job.active) {
        size_t block = ms_queue_take(&c->queue);
        hand_out_all(c); /* before the time that beginning a large block takes */
        ms_progress_begin(c->progress, 0, block);
        return ms_block_job_begin(&c->job, block, error);
    }
    bool finished;
    ms_status status = ms_block_job_step(&c->job, &finished, error);
    if (status != MS_OK || !finished)
        return status;
    const ms_block_results *block = c->job.results;
    status = ms_results_write(c->results, block, error);
    if (status != MS_OK)
        return status;
    const ms_message message = {.block = block->block,
                                .chains = block->chains,
                                .discovered = ms_block_job_discovered(&c->job),
                                .seconds = block->seconds,
                                .failed = block->status == MS_BLOCK_FAILED};
    note_finished(c, 0, &message);
    return MS_OK;
}

/* Marks the blocks that the file holds already. A failed block would fail again: it counts as done. */
static ms_status read_done(coordinator *c, ms_block_status *state, bool *done, ms_error *error)
{
    ms_status status = ms_results_block_status(c->results, state, error);
    for (size_t b = 0; status == MS_OK && b < c->report->blocks; b++) {
        done[b] = state[b] != MS_BLOCK_NOT_DONE;
        c->report->already_done += done[b];
        c->report->failed += state[b] == MS_BLOCK_FAILED;
    }
    return status;
}

/* Makes the queue of what is left to do, and all else that rank 0 needs. */
static ms_status prepare(coordinator *c, ms_error *error)
{
    size_t blocks = c->report->blocks;
    ms_block_status *state = calloc(blocks > 0 ? blocks : 1, sizeof *state);
    bool *done = calloc(blocks > 0 ? blocks : 1, sizeof *done);
    ms_status status = MS_ERROR_MEMORY;
    if (state && done)
        status = read_done(c, state, done, error);
    else
        ms_error_set(error, status, "out of memory for the states of %zu blocks", blocks);
    if (status == MS_OK)
        status = ms_queue_init(&c->queue, c->sweep, c->params->order, done, error);
    if (status == MS_OK)
        status = ms_progress_alloc(&c->progress, c->sweep, done, c->ranks, c->params->progress, error);
    free(state);
    free(done);
    if (status == MS_OK)
        status = ms_block_job_init(&c->job, c->sweep, c->params->simd, 0, error);
    return status;
}

static void coordinate(coordinator *c)
{
    ms_error error = {0};
    while (c->status == MS_OK && c->report->already_done + c->report->done < c->report->blocks) {
        if (c->job.active || ms_queue_left(&c->queue) > 0) {
            ms_status status = compute(c, &error);
            if (status != MS_OK)
                stop_for(c, status, error.message);
        } else {
            ms_message_nap();
        }
        answer_messages(c);
        if (*c->params->stop)
            stop_for(c, MS_STOPPED, ms_status_message(MS_STOPPED));
        if (c->status == MS_OK)
            hand_out_all(c);
        ms_progress_show(c->progress);
    }
}

/* After this no message is on its way. */
static void dismiss(coordinator *c)
{
    const ms_message message = {0};
    for (int rank = 1; rank < c->ranks; rank++)
        ms_message_send(c->comm, rank, MS_MESSAGE_LEAVE, &message);
    for (answer_messages(c); c->goodbyes < c->ranks - 1; answer_messages(c))
        ms_message_nap();
}

ms_status ms_coordinator(const ms_sweep *sweep, ms_results *results, const ms_farm_params *params,
                         MPI_Comm comm, ms_farm_report *report, ms_error *error)
{
    double began = ms_clock();
    *report = (ms_farm_report){.blocks = ms_sweep_block_count(sweep)};
    coordinator c = {
        .sweep = sweep, .params = params, .comm = comm, .results = results, .report = report, .error = error};
    MPI_Comm_size(comm, &c.ranks);
    ms_error reason = {0};
    c.held = calloc((size_t)c.ranks, sizeof *c.held);
    ms_status status = MS_ERROR_MEMORY;
    if (c.held)
        status = prepare(&c, &reason);
    else
        ms_error_set(&reason, status, "out of memory for %d ranks", c.ranks);
    if (status != MS_OK)
        stop_for(&c, status, reason.message);
    else
        coordinate(&c);
    dismiss(&c);
    if (c.progress)
        ms_progress_end(c.progress);
    if (c.status == MS_STOPPED && report->already_done + report->done == report->blocks)
        c.status = MS_OK; /* the stop came too late to stop anything */
    if (c.status == MS_OK && report->failed > 0)
        c.status =
            ms_error_set(error, MS_ERROR_POINTS, "%zu of %zu blocks failed; the others are in the file",
                         report->failed, report->blocks);
    report->seconds = ms_clock() - began;
    ms_block_job_free(&c.job);
    ms_progress_free(c.progress);
    ms_queue_free(&c.queue);
    free(c.held);
    return c.status;
}
