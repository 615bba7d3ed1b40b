/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "farm/block.h"
#include "farm/expectation.h"
#include "farm/message.h"
#include "farm/monitor.h"
#include "farm/pilots.h"
#include "farm/precision.h"
#include "farm/progress.h"
#include "farm/queue.h"
#include "farm/roles.h"
#include "results/agree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GOODBYE_SECONDS 5.0 /* for the others to save their states when a rank hangs */
#define LONGER          4.0 /* times as long as expected a block may take, when one waits for it */

#define RANKING_SHARE 0.01 /* of rank 0's time, to put the queue in order */

/* What a worker holds, oldest first: it computes the first and has the second ready. */
typedef struct holding {
    size_t block[2];
    int count;
    bool is_piloting;
} holding;

typedef struct coordinator {
    const ms_sweep *sweep;
    const ms_farm_params *params;
    MPI_Comm comm;
    int ranks;
    ms_results *results;
    ms_block_job job; /* rank 0's own block */
    ms_expectation *expectation;
    ms_pilots pilots;
    ms_precision *precision; /* or NULL */
    bool *is_skipped;        /* [blocks] with it: not needed, as the file has it, */
    bool *was_begun;         /* [blocks] and begun in an earlier start: the slot may hold anything */
    ms_queue queue;
    bool is_stale; /* the queue's order: something has been learned since */
    double rank_at;
    holding *held;       /* [ranks] */
    ms_liveness *worker; /* [ranks] */
    double *notice;      /* [ranks] that stopping takes, as last told */
    ms_awake awake;
    bool *is_gone; /* [ranks] has said goodbye */
    double beat, idle_since;
    double pace_clock, pace_processor; /* when the pace was seen, by either clock */
    ms_progress *progress;
    ms_farm_report *report;
    ms_status status; /* MS_OK while the farm runs */
    bool is_ruined;   /* the results file: nothing is saved */
    ms_error *error;
    int goodbyes;
} coordinator;

static double awake(coordinator *c)
{
    return ms_awake_clock(&c->awake, c->params->rank_timeout);
}

static void tell(coordinator *c, int rank, ms_message_tag tag, const ms_message *message)
{
    ms_message_send(c->comm, rank, tag, message);
    c->worker[rank].told = awake(c);
}

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
        ms_progress_begin(c->progress, rank, held->block[0], ms_clock());
    tell(c, rank, MS_MESSAGE_BLOCK, &message);
}

/* A block handed out ahead waits for the one in work. It must not wait while others are idle: ahead only if
 * what remains keeps all ranks busy for longer than these two take, even if that is longer than expected. */
static bool may_hand_out_ahead(const coordinator *c, int rank)
{
    if (ms_queue_left(&c->queue) - c->queue.suspects <= (size_t)c->ranks ||
        ms_queue_left(&c->queue) < c->queue.suspects)
        return false;
    double next = ms_queue_next_seconds(&c->queue);
    double in_work = ms_expectation_left(c->expectation, c->held[rank].block[0]);
    return ms_queue_seconds(&c->queue) - next > LONGER * c->ranks * (in_work + next);
}

/* Blocks that crashed their ranks, or were beside others that did, are computed alone: then a crash tells
 * which. */
static bool may_hand_out(const coordinator *c)
{
    if (ms_queue_left(&c->queue) == 0)
        return false;
    if (!ms_queue_next_is_suspect(&c->queue))
        return true;
    bool alone = !c->job.active;
    for (int rank = 1; rank < c->ranks; rank++)
        alone = alone && c->held[rank].count == 0 && !c->held[rank].is_piloting;
    return alone;
}

static void pilot(coordinator *c, int rank)
{
    const ms_message message = {.block = ms_pilots_take(&c->pilots), .seconds = c->pilots.limit};
    c->held[rank].is_piloting = true;
    tell(c, rank, MS_MESSAGE_PILOT, &message);
}

/* Gives every worker something to do, and then something to do next. */
static void hand_out_all(coordinator *c)
{
    for (int rank = 1; rank < c->ranks && (ms_pilots_left(&c->pilots) || may_hand_out(c)); rank++) {
        if (c->held[rank].count > 0 || c->held[rank].is_piloting)
            continue;
        if (ms_pilots_left(&c->pilots))
            pilot(c, rank);
        else
            hand_out(c, rank);
    }
    for (int rank = 1; rank < c->ranks; rank++)
        if (c->held[rank].count == 1 && may_hand_out_ahead(c, rank))
            hand_out(c, rank);
}

static ms_status skip_begun(coordinator *c, size_t block, ms_error *error)
{
    const ms_block_results nothing = {
        .block = block, .status = MS_BLOCK_NOT_NEEDED, .chains = ms_sweep_block(c->sweep, block).chains};
    return ms_results_write(c->results, &nothing, error);
}

/* Says in the file that blocks are not needed, those together that have never been begun. */
static ms_status skip(coordinator *c, size_t first, size_t end, ms_error *error)
{
    ms_status status = MS_OK;
    for (size_t b = first, next; status == MS_OK && b < end; b = next) {
        next = b + 1;
        while (next < end && !c->was_begun[b] && !c->is_skipped[b] && !c->was_begun[next] &&
               !c->is_skipped[next])
            next++;
        if (!ms_precision_has(c->precision, b))
            c->report->not_needed += next - b;
        if (c->is_skipped[b])
            continue;
        status = c->was_begun[b] ? skip_begun(c, b, error) : ms_results_skip(c->results, b, next - b, error);
        memset(c->is_skipped + b, true, next - b);
    }
    return status;
}

static size_t end_of_point(const coordinator *c, size_t point)
{
    return c->sweep->points[point].first_block + ms_sweep_point_blocks(c->sweep, point);
}

/* What a finished block means for its point. */
static void look_at_point(coordinator *c, size_t block, const ms_message *message)
{
    size_t point = ms_sweep_block(c->sweep, block).point, from, end;
    if (!c->precision || !ms_sweep_may_stop(c->sweep, point))
        return;
    ms_error error = {0};
    ms_status status = MS_OK;
    ms_precision_note(c->precision, block, message->failed ? NULL : message->tally);
    ms_stage stage = ms_precision_look(c->precision, point, &from, &end);
    for (; from < end; from++) /* one may be finished, though one before it is damaged */
        if (!ms_precision_has(c->precision, from))
            ms_queue_add(&c->queue, from);
    for (size_t b = end; stage == MS_STAGE_OVER && b < end_of_point(c, point); b++)
        if (!ms_precision_has(c->precision, b)) {
            c->report->done++;
            ms_progress_drop(c->progress, b);
        }
    if (stage == MS_STAGE_OVER)
        status = skip(c, end, end_of_point(c, point), &error);
    if (status != MS_OK)
        stop_for(c, status, error.message);
}

static void note_finished(coordinator *c, int rank, const ms_message *message)
{
    c->report->done++;
    c->report->failed += message->failed != 0;
    c->report->resumed += message->resumed != 0;
    c->is_stale = true;
    ms_progress_finish(c->progress, rank, (size_t)message->block, message->seconds, message->chains,
                       message->discovered, ms_clock());
    look_at_point(c, (size_t)message->block, message);
    if (rank == 0)
        return;
    holding *held = &c->held[rank];
    held->block[0] = held->block[1];
    if (--held->count > 0)
        ms_progress_begin(c->progress, rank, held->block[0], ms_clock());
}

/* How busy the machine is, by rank 0's own work since the last look, if it was on blocks. */
static void see_pace(coordinator *c, bool on_blocks)
{
    double clock = ms_clock(), processor = ms_processor_clock();
    if (on_blocks)
        ms_expectation_see_pace(c->expectation, processor - c->pace_processor, clock - c->pace_clock);
    c->pace_clock = clock;
    c->pace_processor = processor;
}

static void foresee(coordinator *c, size_t block, double seconds)
{
    ms_pilots_note(&c->pilots, seconds);
    ms_expectation_learn(c->expectation, block, seconds);
    c->is_stale = true;
}

static void answer_messages(coordinator *c)
{
    int rank;
    ms_message_tag tag;
    ms_message message;
    while (ms_message_receive(c->comm, &rank, &tag, &message)) {
        c->worker[rank].heard = awake(c);
        c->notice[rank] = message.notice;
        if (tag == MS_MESSAGE_FINISHED)
            note_finished(c, rank, &message);
        else if (tag == MS_MESSAGE_EXPECTED) {
            c->held[rank].is_piloting = false;
            foresee(c, (size_t)message.block, message.seconds);
        } else if (tag == MS_MESSAGE_TROUBLE)
            stop_for(c, (ms_status)message.status, message.text);
        else if (tag == MS_MESSAGE_GOODBYE) {
            c->is_gone[rank] = true;
            c->goodbyes++;
        }
    }
}

/* From here on they wait for signs of life. */
static void tell_all_alive(coordinator *c)
{
    const ms_message alive = {0};
    for (int rank = 1; rank < c->ranks; rank++)
        tell(c, rank, MS_MESSAGE_ALIVE, &alive);
}

/* Ends the job without the ranks that hang: there is no way back through a collective call. */
static void abandon(coordinator *c, int silent)
{
    ms_display_clear(c->params->progress);
    fprintf(stderr,
            "modeseek: rank %d has sent no heartbeat for %.0f s; the job ends, the other ranks have saved "
            "checkpoints, the same command resumes\n",
            silent, awake(c) - c->worker[silent].heard);
    ms_lock_release(c->params->lock);
    MPI_Abort(MPI_COMM_WORLD, ms_status_exit_code(MS_ERROR_RANK));
}

/* A sign of life, and a look at whether there is still something to live for. */
static void beat(coordinator *c)
{
    ms_error error = {0};
    if (c->progress)
        ms_lock_set_left(c->params->lock, ms_progress_eta(c->progress, c->beat));
    ms_lock_beat(c->params->lock);
    ms_status status = ms_results_check(c->results, false, &error);
    c->is_ruined = c->is_ruined || status == MS_ERROR_FORMAT;
    if (status == MS_OK)
        status = ms_lock_check(c->params->lock, &error);
    if (status != MS_OK)
        stop_for(c, MS_ERROR_IO, error.message);
}

/* Signs of life: to the lock file, from the workers, and, as long as they listen, to them. Returns a rank
 * that has been silent for too long, or 0. */
static int watch(coordinator *c, bool they_listen)
{
    const ms_message alive = {0};
    double now = ms_clock(), timeout = c->params->rank_timeout;
    ms_message_feed_watchdog(timeout);
    if (now - c->beat > MS_LOCK_BEAT_SECONDS) {
        c->beat = now;
        beat(c);
    }
    now = awake(c);
    for (int rank = 1; timeout > 0 && rank < c->ranks; rank++) {
        if (c->is_gone[rank])
            continue;
        if (they_listen && now - c->worker[rank].told > timeout / 4)
            tell(c, rank, MS_MESSAGE_ALIVE, &alive);
        if (now - c->worker[rank].heard > timeout)
            return rank;
    }
    return 0;
}

/* As often as takes little time. */
static ms_status rank_queue(coordinator *c, ms_error *error)
{
    double now = ms_clock();
    if (!c->is_stale || now < c->rank_at)
        return MS_OK;
    ms_status status = ms_queue_rank(&c->queue, error);
    c->rank_at = now + (ms_clock() - now) / RANKING_SHARE;
    c->is_stale = false;
    return status;
}

static ms_status pilot_here(coordinator *c, ms_error *error)
{
    double seconds = NAN;
    size_t block = ms_pilots_take(&c->pilots);
    hand_out_all(c);
    ms_status status = ms_block_job_pilot(&c->job, block, c->pilots.limit, &seconds, error);
    foresee(c, block, seconds);
    see_pace(c, false);
    return status;
}

/* One slice of rank 0's own work. */
static ms_status compute(coordinator *c, ms_error *error)
{
    if (!c->job.active && ms_pilots_left(&c->pilots))
        return pilot_here(c, error);
    if (!c->job.active) {
        size_t block = ms_queue_take(&c->queue);
        hand_out_all(c); /* before the time that beginning a large block takes */
        ms_progress_begin(c->progress, 0, block, ms_clock());
        return ms_block_job_begin(&c->job, block, error);
    }
    bool finished;
    ms_status status = ms_block_job_step(&c->job, &finished, error);
    see_pace(c, true);
    if (status != MS_OK || !finished)
        return status;
    const ms_message message = ms_block_job_report(&c->job);
    note_finished(c, 0, &message);
    c->idle_since = ms_clock();
    return MS_OK;
}

/* Gives up a block that has crashed its rank too often. */
static ms_status quarantine(coordinator *c, size_t block, uint64_t attempts, ms_error *error)
{
    ms_block_results *results = c->job.results;
    results->block = block;
    results->chains = ms_sweep_block(c->sweep, block).chains;
    results->status = MS_BLOCK_QUARANTINED;
    results->seconds = 0;
    snprintf(results->failure, sizeof results->failure,
             "quarantined: started %llu times, and the job died at once each time; run --retry-quarantined "
             "tries it again",
             (unsigned long long)attempts);
    return ms_results_write(c->results, results, error);
}

/* What is to be done with each block. A failed block would fail again: it counts as done. */
static ms_status sort_out(coordinator *c, const ms_attempt *attempt, ms_block_status *block,
                          ms_queue_state *state, ms_error *error)
{
    ms_status status = MS_OK;
    const bool *wanted = c->params->wanted;
    for (size_t b = 0; status == MS_OK && b < ms_sweep_block_count(c->sweep); b++) {
        if (wanted && !wanted[b]) {
            state[b] = MS_QUEUE_UNWANTED;
            continue;
        }
        c->report->blocks++;
        if (block[b] == MS_BLOCK_NOT_DONE && attempt[b].unfinished >= MS_ATTEMPTS_MAX) {
            status = quarantine(c, b, attempt[b].unfinished, error);
            block[b] = MS_BLOCK_QUARANTINED;
        }
        if (block[b] == MS_BLOCK_NOT_NEEDED) { /* decided anew */
            state[b] = MS_QUEUE_WAITING;
            continue;
        }
        if (block[b] == MS_BLOCK_NOT_DONE) {
            state[b] = attempt[b].unfinished == MS_ATTEMPTS_MAX - 1 ? MS_QUEUE_SUSPECT : MS_QUEUE_WAITING;
            continue;
        }
        state[b] = MS_QUEUE_DONE;
        c->report->already_done++;
        c->report->failed += block[b] != MS_BLOCK_DONE;
        c->report->quarantined += block[b] == MS_BLOCK_QUARANTINED;
    }
    return status;
}

/* What the point's finished blocks say, and whether that is enough. */
static ms_status hold_point(coordinator *c, size_t point, const ms_block_status *block,
                            const ms_attempt *attempt, ms_queue_state *state, ms_error *error)
{
    ms_status status = MS_OK;
    ms_tally tally[MS_SWEEP_RULES_LOOKED_AT];
    size_t first = c->sweep->points[point].first_block, last = end_of_point(c, point), from, end;
    for (size_t b = first; status == MS_OK && b < last; b++) {
        const ms_block_results *results = NULL;
        c->is_skipped[b] = block[b] == MS_BLOCK_NOT_NEEDED || state[b] == MS_QUEUE_DONE;
        c->was_begun[b] = attempt[b].total > 0;
        if (state[b] != MS_QUEUE_DONE)
            continue;
        if (block[b] == MS_BLOCK_DONE)
            status = ms_results_read_block(c->results, b, &results, NULL, error);
        if (status == MS_OK && results)
            ms_precision_tally(c->sweep, results, tally);
        if (status == MS_OK)
            ms_precision_note(c->precision, b, results ? tally : NULL);
    }
    if (status != MS_OK)
        return status;
    ms_stage stage = ms_precision_look(c->precision, point, &from, &end);
    for (size_t b = end; b < last; b++) {
        if (state[b] == MS_QUEUE_DONE)
            continue;
        state[b] = stage == MS_STAGE_OVER ? MS_QUEUE_DONE : MS_QUEUE_HELD;
        c->report->already_done += stage == MS_STAGE_OVER;
    }
    return stage == MS_STAGE_OVER ? skip(c, end, last, error) : MS_OK;
}

static ms_status hold_points(coordinator *c, const ms_block_status *block, const ms_attempt *attempt,
                             ms_queue_state *state, ms_error *error)
{
    ms_status status = ms_precision_alloc(&c->precision, c->sweep, error);
    if (status != MS_OK || !c->precision)
        return status;
    c->is_skipped = calloc(ms_sweep_block_count(c->sweep) + 1, sizeof *c->is_skipped);
    c->was_begun = calloc(ms_sweep_block_count(c->sweep) + 1, sizeof *c->was_begun);
    if (!c->is_skipped || !c->was_begun)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu blocks",
                            ms_sweep_block_count(c->sweep));
    for (size_t p = 0; status == MS_OK && p < c->sweep->point_count; p++)
        if (ms_sweep_may_stop(c->sweep, p) && state[c->sweep->points[p].first_block] != MS_QUEUE_UNWANTED)
            status = hold_point(c, p, block, attempt, state, error);
    return status;
}

typedef struct reading {
    coordinator *c;
    ms_farm_monitor monitor;
} reading;

/* Another rank may have been told to stop, and has told so. */
static bool stops_reading(void *argument, const char *doing, const char *path, double done)
{
    reading *r = argument;
    answer_messages(r->c);
    return ms_farm_monitor_look(&r->monitor, doing, path, done) || r->c->status != MS_OK;
}

static ms_status read_status(coordinator *c, ms_block_status *block, ms_error *error)
{
    reading r = {.c = c};
    const ms_monitor monitor = {stops_reading, &r};
    ms_farm_monitor_begin(&r.monitor, c->params);
    ms_status status = ms_results_block_status(c->results, block, &monitor, error);
    ms_farm_monitor_end(&r.monitor);
    return status;
}

/* What earlier starts have measured. */
static ms_status recall(coordinator *c, const ms_queue_state *state, ms_error *error)
{
    size_t blocks = ms_sweep_block_count(c->sweep);
    double *seconds = calloc(blocks > 0 ? blocks : 1, sizeof *seconds);
    ms_status status =
        seconds ? ms_results_block_seconds(c->results, seconds, error)
                : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the times of %zu blocks", blocks);
    for (size_t b = 0; status == MS_OK && b < blocks; b++) {
        if (state[b] == MS_QUEUE_DONE)
            ms_expectation_learn(c->expectation, b, seconds[b]);
        else if (state[b] != MS_QUEUE_UNWANTED)
            status = ms_expectation_spend(c->expectation, b, seconds[b], error);
    }
    free(seconds);
    return status;
}

/* Makes the queue of what is left to do, and all else that rank 0 needs. */
static ms_status prepare(coordinator *c, ms_error *error)
{
    size_t blocks = ms_sweep_block_count(c->sweep);
    ms_block_status *block = calloc(blocks > 0 ? blocks : 1, sizeof *block);
    ms_queue_state *state = calloc(blocks > 0 ? blocks : 1, sizeof *state);
    ms_attempt *attempt = calloc(blocks > 0 ? blocks : 1, sizeof *attempt);
    ms_status status = ms_block_job_init(&c->job, c->sweep, c->results, c->params, 0, error);
    if (status == MS_OK && (!block || !state || !attempt))
        status =
            ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the checkpoints of %zu blocks", blocks);
    if (status == MS_OK)
        status = read_status(c, block, error);
    if (status == MS_OK)
        status = ms_results_attempts(c->results, attempt, error);
    if (status == MS_OK)
        status = sort_out(c, attempt, block, state, error);
    if (status == MS_OK)
        status = hold_points(c, block, attempt, state, error);
    if (status == MS_OK)
        status = ms_expectation_alloc(&c->expectation, c->sweep, error);
    if (status == MS_OK)
        status = recall(c, state, error);
    if (status == MS_OK)
        status = ms_queue_init(&c->queue, c->sweep, c->expectation, c->params->order, state, error);
    if (status == MS_OK)
        status = ms_progress_alloc(&c->progress, c->sweep, c->expectation, state, c->ranks,
                                   c->params->progress, ms_clock(), error);
    if (status == MS_OK) /* the last: from now on time counts for it */
        status =
            ms_pilots_init(&c->pilots, c->sweep, c->expectation, state, attempt, c->ranks, ms_clock(), error);
    free(block);
    free(state);
    free(attempt);
    return status;
}

static bool is_time(coordinator *c)
{
    if (!c->params->is_time)
        return false;
    double longest = ms_block_job_notice(&c->job);
    for (int rank = 1; rank < c->ranks; rank++)
        longest = c->notice[rank] > longest ? c->notice[rank] : longest;
    return c->params->is_time(c->params->time, longest);
}

static void coordinate(coordinator *c)
{
    ms_error error = {0};
    while (c->status == MS_OK && c->report->already_done + c->report->done < c->report->blocks) {
        ms_pilots_give_up(&c->pilots, ms_processor_clock(), ms_queue_seconds(&c->queue));
        ms_status status = rank_queue(c, &error);
        if (status != MS_OK)
            stop_for(c, status, error.message);
        if (c->job.active || ms_pilots_left(&c->pilots) || may_hand_out(c)) {
            status = compute(c, &error);
            if (status != MS_OK)
                stop_for(c, status, error.message);
        } else {
            ms_message_idle(c->idle_since);
            see_pace(c, false);
        }
        answer_messages(c);
        if (*c->params->stop || is_time(c)) {
            status = ms_farm_why_stopped(c->params, &error);
            stop_for(c, status, error.message);
        }
        if (c->status == MS_OK)
            hand_out_all(c);
        ms_progress_show(c->progress, ms_clock());
        if (watch(c, true) > 0)
            stop_for(c, MS_ERROR_RANK, ms_status_message(MS_ERROR_RANK));
    }
}

/* After this no message is on its way. */
static void dismiss(coordinator *c)
{
    const ms_message message = {.status = c->is_ruined ? MS_ERROR_FORMAT : MS_OK};
    ms_error error = {0};
    for (int rank = 1; rank < c->ranks; rank++)
        tell(c, rank, MS_MESSAGE_LEAVE, &message);
    ms_status status = c->is_ruined ? MS_OK : ms_block_job_suspend(&c->job, &error);
    if (status != MS_OK)
        stop_for(c, status, error.message);
    double began = ms_clock();
    for (answer_messages(c); c->goodbyes < c->ranks - 1; answer_messages(c)) {
        int silent = watch(c, false);
        if (silent > 0 && ms_clock() - began > GOODBYE_SECONDS)
            abandon(c, silent);
        ms_nap();
    }
}

ms_status ms_coordinator(const ms_sweep *sweep, ms_results *results, const ms_farm_params *params,
                         MPI_Comm comm, ms_farm_report *report, ms_error *error)
{
    double began = ms_clock();
    *report = (ms_farm_report){0};
    coordinator c = {
        .sweep = sweep, .params = params, .comm = comm, .results = results, .report = report, .error = error};
    MPI_Comm_size(comm, &c.ranks);
    ms_error reason = {0};
    c.beat = c.idle_since = began;
    c.held = calloc((size_t)c.ranks, sizeof *c.held);
    c.worker = calloc((size_t)c.ranks, sizeof *c.worker);
    c.notice = calloc((size_t)c.ranks, sizeof *c.notice);
    c.is_gone = calloc((size_t)c.ranks, sizeof *c.is_gone);
    if (!c.held || !c.worker || !c.notice || !c.is_gone) { /* without them not even the others can be told */
        fprintf(stderr, "modeseek: out of memory for %d ranks\n", c.ranks);
        MPI_Abort(MPI_COMM_WORLD, ms_status_exit_code(MS_ERROR_MEMORY));
        free(c.held);
        free(c.worker);
        free(c.notice);
        free(c.is_gone);
        return MS_ERROR_MEMORY;
    }
    for (int rank = 0; rank < c.ranks; rank++)
        c.worker[rank] = (ms_liveness){awake(&c), awake(&c)};
    /* nobody waits for the other ranks yet, and reading a large file takes its time */
    ms_message_watchdog(0);
    ms_status status = prepare(&c, &reason);
    for (int rank = 0; rank < c.ranks; rank++)
        c.worker[rank].heard = awake(&c);
    tell_all_alive(&c);
    see_pace(&c, false);
    if (status != MS_OK) {
        stop_for(&c, status, reason.message);
        report->blocks = 0;
    } else {
        coordinate(&c);
    }
    dismiss(&c);
    if (c.progress)
        ms_progress_end(c.progress, ms_clock());
    if (c.status == MS_STOPPED && report->blocks > 0 && report->already_done + report->done == report->blocks)
        c.status = MS_OK; /* the stop came too late to stop anything */
    if (c.status == MS_OK && report->failed > 0)
        c.status =
            ms_error_set(error, MS_ERROR_POINTS, "%zu of %zu blocks failed; the others are in the file",
                         report->failed, report->blocks);
    report->seconds = ms_clock() - began;
    report->wide = c.precision ? ms_precision_wide_points(c.precision) : 0;
    ms_block_job_free(&c.job);
    ms_progress_free(c.progress);
    ms_queue_free(&c.queue);
    ms_expectation_free(c.expectation);
    ms_pilots_free(&c.pilots);
    ms_precision_free(c.precision);
    free(c.is_skipped);
    free(c.was_begun);
    free(c.held);
    free(c.worker);
    free(c.notice);
    free(c.is_gone);
    return c.status;
}
