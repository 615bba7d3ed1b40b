/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/progress.h"

#include "base/clock.h"
#include "base/text.h"
#include "sweep/columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OVERDUE_LEFT                                                                                         \
    0.25 /* of its time in work: what a block still takes that has taken longer than expected */

/* Blocks of one kind that nobody has taken up. */
typedef struct waiting_blocks {
    size_t count;
    double cost, spent; /* predicted, and the seconds that earlier starts have spent on them */
} waiting_blocks;

typedef struct rank_work {
    bool busy;
    size_t block;
    double began, spent; /* when, and what an earlier start has spent on it */
} rank_work;

struct ms_progress {
    const ms_sweep *sweep;
    ms_expectation *expectation;
    ms_display *display;
    int ranks;
    size_t blocks, blocks_done;
    uint64_t chains, discovered; /* of blocks finished since the beginning */
    bool is_resumed;
    double began, share;     /* shown so far: a bar does not shrink */
    waiting_blocks *waiting; /* [kinds] */
    double *finished;        /* [kinds] their cost */
    rank_work *work;         /* [ranks] */
};

ms_status ms_progress_alloc(ms_progress **result, const ms_sweep *sweep, ms_expectation *expectation,
                            const ms_queue_state *state, int ranks, ms_display *display, double now,
                            ms_error *error)
{
    size_t kinds = ms_expectation_kinds(expectation);
    *result = NULL;
    ms_progress *progress = calloc(1, sizeof *progress);
    if (!progress)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory");
    progress->sweep = sweep;
    progress->expectation = expectation;
    progress->display = display;
    progress->ranks = ranks;
    progress->began = now;
    progress->waiting = calloc(kinds > 0 ? kinds : 1, sizeof *progress->waiting);
    progress->finished = calloc(kinds > 0 ? kinds : 1, sizeof *progress->finished);
    progress->work = calloc((size_t)ranks, sizeof *progress->work);
    if (!progress->waiting || !progress->finished || !progress->work) {
        ms_progress_free(progress);
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the costs of %zu points",
                            sweep->point_count);
    }
    for (size_t b = 0; b < ms_sweep_block_count(sweep); b++) {
        double cost = ms_sweep_block_cost(sweep, ms_sweep_block(sweep, b));
        size_t kind = ms_expectation_kind(expectation, b);
        if (state[b] == MS_QUEUE_UNWANTED)
            continue;
        progress->blocks++;
        if (state[b] == MS_QUEUE_DONE) {
            progress->blocks_done++;
            progress->finished[kind] += cost;
        } else {
            progress->waiting[kind].count++;
            progress->waiting[kind].cost += cost;
            progress->waiting[kind].spent += ms_expectation_spent(expectation, b);
        }
    }
    progress->is_resumed = progress->blocks_done > 0;
    *result = progress;
    return MS_OK;
}

void ms_progress_free(ms_progress *progress)
{
    if (!progress)
        return;
    free(progress->waiting);
    free(progress->finished);
    free(progress->work);
    free(progress);
}

void ms_progress_begin(ms_progress *progress, int rank, size_t block, double now)
{
    waiting_blocks *waiting = &progress->waiting[ms_expectation_kind(progress->expectation, block)];
    double spent = ms_expectation_spent(progress->expectation, block);
    waiting->count--;
    waiting->cost -= ms_sweep_block_cost(progress->sweep, ms_sweep_block(progress->sweep, block));
    waiting->spent = fmax(0, waiting->spent - spent);
    progress->work[rank] = (rank_work){.busy = true, .block = block, .began = now, .spent = spent};
}

void ms_progress_drop(ms_progress *progress, size_t block)
{
    waiting_blocks *waiting = &progress->waiting[ms_expectation_kind(progress->expectation, block)];
    waiting->count--;
    waiting->cost -= ms_sweep_block_cost(progress->sweep, ms_sweep_block(progress->sweep, block));
    progress->blocks_done++;
}

void ms_progress_finish(ms_progress *progress, int rank, size_t block, double seconds, uint64_t chains,
                        uint64_t discovered, double now)
{
    rank_work *work = &progress->work[rank];
    size_t kind = ms_expectation_kind(progress->expectation, block);
    ms_expectation_learn(progress->expectation, block, seconds);
    progress->finished[kind] += ms_sweep_block_cost(progress->sweep, ms_sweep_block(progress->sweep, block));
    progress->blocks_done++;
    progress->chains += chains;
    progress->discovered += discovered;
    if (rank > 0) /* rank 0 sees its own pace all the time */
        ms_expectation_see_pace(progress->expectation, fmax(seconds - work->spent, 0), now - work->began);
    work->busy = false;
}

/* Seconds of CPU time, of all ranks together, and the longest of its blocks. */
typedef struct outlook {
    double left, longest, done;
} outlook;

/* On the block in work, as far as can be told from here. */
static double spent_on(const ms_progress *progress, const rank_work *work, double now)
{
    return work->spent + (now - work->began) / ms_expectation_slowness(progress->expectation);
}

static void add_in_work(const ms_progress *progress, double now, outlook *all)
{
    for (int rank = 0; rank < progress->ranks; rank++) {
        const rank_work *work = &progress->work[rank];
        if (!work->busy)
            continue;
        double spent = spent_on(progress, work, now),
               left = fmax(ms_expectation_seconds(progress->expectation, work->block) - spent,
                           OVERDUE_LEFT * spent);
        all->left += left;
        all->longest = fmax(all->longest, left);
        all->done += spent;
    }
}

static outlook look_ahead(const ms_progress *progress, double now)
{
    outlook all = {0};
    for (size_t k = 0; k < ms_expectation_kinds(progress->expectation); k++) {
        const waiting_blocks *waiting = &progress->waiting[k];
        double rate = ms_expectation_rate(progress->expectation, k);
        all.done += progress->finished[k] * rate;
        if (waiting->count == 0)
            continue;
        double left = fmax(waiting->cost * rate - waiting->spent, 0);
        all.left += left;
        all.longest = fmax(all.longest, left / (double)waiting->count);
    }
    add_in_work(progress, now, &all);
    return all;
}

/* Names what is overdue. Returns whether anything is known. */
static bool note_overdue(ms_progress *progress, double now)
{
    bool known = ms_expectation_knows_any(progress->expectation);
    ms_expectation_forget_overdue(progress->expectation);
    for (int rank = 0; rank < progress->ranks; rank++) {
        rank_work *work = &progress->work[rank];
        double spent = spent_on(progress, work, now);
        if (work->busy && spent > ms_expectation_seconds(progress->expectation, work->block)) {
            ms_expectation_overdue(progress->expectation, work->block, spent);
            known = true;
        }
    }
    return known;
}

static double eta_of(const ms_progress *progress, const outlook *all)
{
    size_t undone = progress->blocks - progress->blocks_done, ranks = (size_t)progress->ranks;
    double seconds = fmax(all->longest, all->left / (double)(undone < ranks ? undone : ranks));
    return undone == 0 ? 0 : seconds * ms_expectation_slowness(progress->expectation);
}

double ms_progress_eta(ms_progress *progress, double now)
{
    bool known = note_overdue(progress, now);
    const outlook all = look_ahead(progress, now);
    return known || progress->blocks == progress->blocks_done ? eta_of(progress, &all) : (double)NAN;
}

const char *ms_progress_duration(double seconds, char text[MS_DURATION_MAX])
{
    if (!isfinite(seconds) || seconds > 1e9) {
        snprintf(text, MS_DURATION_MAX, "?");
        return text;
    }
    unsigned long long s = (unsigned long long)(seconds + 0.5);
    if (s >= 3600)
        snprintf(text, MS_DURATION_MAX, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(text, MS_DURATION_MAX, "%llu:%02llu", s / 60, s % 60);
    return text;
}

static void write_state(ms_progress *progress, double now)
{
    enum { BLOCKS, LEFT, ELAPSED, DISCOVERED, PARTS };
    char text[PARTS][96], duration[MS_DURATION_MAX], line[PARTS * 100];
    const char *part[PARTS] = {text[BLOCKS], text[LEFT], text[ELAPSED], text[DISCOVERED]};
    size_t parts = progress->chains > 0 && ms_sweep_rules(progress->sweep) > 0 ? PARTS : DISCOVERED;
    double eta = ms_progress_eta(progress, now);
    snprintf(text[BLOCKS], sizeof *text, "%zu of %zu blocks", progress->blocks_done, progress->blocks);
    snprintf(text[LEFT], sizeof *text, "left %s", ms_progress_duration(eta, duration));
    snprintf(text[ELAPSED], sizeof *text, "elapsed %s",
             ms_progress_duration(now - progress->began, duration));
    if (parts == PARTS)
        snprintf(text[DISCOVERED], sizeof *text, "%.1f %% of %llu chains%s discovered a mode (rule %s)",
                 100.0 * (double)progress->discovered / (double)progress->chains,
                 (unsigned long long)progress->chains, progress->is_resumed ? " of this start" : "",
                 ms_sweep_rule(progress->sweep, 0));
    if (progress->display->is_bar) {
        const outlook all = look_ahead(progress, now);
        double share = progress->blocks == progress->blocks_done ? 1 : all.done / (all.done + all.left);
        progress->share = fmax(progress->share, share);
        ms_display_bar(progress->display, now, progress->share, part, parts);
        return;
    }
    snprintf(line, sizeof line, "%s%s%s, %s, %s", text[BLOCKS], parts == PARTS ? ", " : "",
             parts == PARTS ? text[DISCOVERED] : "", text[ELAPSED], text[LEFT]);
    ms_display_line(progress->display, now, line);
}

void ms_progress_show(ms_progress *progress, double now)
{
    if (ms_display_is_due(progress->display, now))
        write_state(progress, now);
}

void ms_progress_end(ms_progress *progress, double now)
{
    if (!progress->display)
        return;
    if (progress->display->lines > 0 || now - progress->began > 1)
        write_state(progress, now);
    ms_display_next(progress->display);
}

void ms_share_progress_show(ms_display *display, const char *doing, const char *path, double done)
{
    double now = ms_clock();
    if (!ms_display_is_due(display, now))
        return;
    char text[sizeof(ms_printable) + 64];
    snprintf(text, sizeof text, "%s %s", doing, ms_printable_copy(path).text);
    if (display->is_bar) {
        const char *part = text;
        ms_display_bar(display, now, done, &part, 1);
        return;
    }
    size_t length = strlen(text);
    snprintf(text + length, sizeof text - length, ": %.0f %%", 100 * done);
    ms_display_line(display, now, text);
}
