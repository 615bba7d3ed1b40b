/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/progress.h"

#include "base/clock.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define SILENT_SECONDS   1.0
#define TERMINAL_SECONDS 0.2
#define PLAIN_SECONDS    10.0

/* Of one point: predicted cost of the blocks still to do, cost and measured seconds of those done now. */
typedef struct point_cost {
    double waiting, done, seconds;
} point_cost;

typedef struct rank_work {
    bool busy;
    size_t block;
    double began;
} rank_work;

struct ms_progress {
    const ms_sweep *sweep;
    FILE *file;
    bool terminal, written;
    int ranks;
    size_t blocks, blocks_done;
    uint64_t chains, discovered;
    double began, shown;
    double done, seconds; /* sums over points */
    point_cost *point;    /* [points] */
    rank_work *work;      /* [ranks] */
};

ms_status ms_progress_alloc(ms_progress **result, const ms_sweep *sweep, const ms_queue_state *state,
                            int ranks, FILE *file, ms_error *error)
{
    *result = NULL;
    ms_progress *progress = calloc(1, sizeof *progress);
    if (!progress)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory");
    progress->sweep = sweep;
    progress->file = file;
    progress->terminal = file && isatty(fileno(file));
    progress->ranks = ranks;
    progress->began = progress->shown = ms_clock();
    progress->point = calloc(sweep->point_count > 0 ? sweep->point_count : 1, sizeof *progress->point);
    progress->work = calloc((size_t)ranks, sizeof *progress->work);
    if (!progress->point || !progress->work) {
        ms_progress_free(progress);
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the costs of %zu points",
                            sweep->point_count);
    }
    for (size_t b = 0; b < ms_sweep_block_count(sweep); b++) {
        ms_block block = ms_sweep_block(sweep, b);
        progress->blocks += state[b] != MS_QUEUE_UNWANTED;
        progress->blocks_done += state[b] == MS_QUEUE_DONE;
        if (state[b] == MS_QUEUE_WAITING || state[b] == MS_QUEUE_SUSPECT)
            progress->point[block.point].waiting += ms_sweep_block_cost(sweep, block);
    }
    *result = progress;
    return MS_OK;
}

void ms_progress_free(ms_progress *progress)
{
    if (!progress)
        return;
    free(progress->point);
    free(progress->work);
    free(progress);
}

void ms_progress_begin(ms_progress *progress, int rank, size_t block)
{
    progress->work[rank] = (rank_work){.busy = true, .block = block, .began = ms_clock()};
}

void ms_progress_finish(ms_progress *progress, int rank, size_t block, double seconds, uint64_t chains,
                        uint64_t discovered)
{
    ms_block range = ms_sweep_block(progress->sweep, block);
    double cost = ms_sweep_block_cost(progress->sweep, range);
    point_cost *point = &progress->point[range.point];
    point->waiting = fmax(0, point->waiting - cost);
    point->done += cost;
    point->seconds += seconds;
    progress->done += cost;
    progress->seconds += seconds;
    progress->blocks_done++;
    progress->chains += chains;
    progress->discovered += discovered;
    progress->work[rank].busy = false;
}

static double seconds_per_cost(const ms_progress *progress, const point_cost *point)
{
    return point->done > 0 ? point->seconds / point->done : progress->seconds / progress->done;
}

double ms_progress_eta(const ms_progress *progress)
{
    size_t waiting = progress->blocks - progress->blocks_done;
    if (waiting == 0)
        return 0;
    if (!(progress->done > 0))
        return NAN;
    double total = 0, longest = 0, now = ms_clock();
    for (size_t p = 0; p < progress->sweep->point_count; p++)
        total += progress->point[p].waiting * seconds_per_cost(progress, &progress->point[p]);
    for (int rank = 0; rank < progress->ranks; rank++) {
        if (!progress->work[rank].busy)
            continue;
        ms_block block = ms_sweep_block(progress->sweep, progress->work[rank].block);
        double needs = ms_sweep_block_cost(progress->sweep, block) *
                       seconds_per_cost(progress, &progress->point[block.point]);
        double spent = fmin(needs, now - progress->work[rank].began);
        total -= spent;
        longest = fmax(longest, needs - spent);
    }
    size_t ranks = (size_t)progress->ranks;
    return fmax(longest, total / (double)(waiting < ranks ? waiting : ranks));
}

/* "1:02:03", "2:03" or "?" */
static const char *format_seconds(double seconds, char *text, size_t size)
{
    if (!isfinite(seconds) || seconds > 1e9) {
        snprintf(text, size, "?");
        return text;
    }
    unsigned long long s = (unsigned long long)(seconds + 0.5);
    if (s >= 3600)
        snprintf(text, size, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(text, size, "%llu:%02llu", s / 60, s % 60);
    return text;
}

static void write_line(ms_progress *progress, double now)
{
    char elapsed[32], eta[32], discovered[64] = "";
    format_seconds(now - progress->began, elapsed, sizeof elapsed);
    format_seconds(ms_progress_eta(progress), eta, sizeof eta);
    if (progress->chains > 0)
        snprintf(discovered, sizeof discovered, ", %.1f %% of %llu chains discovered a mode",
                 100.0 * (double)progress->discovered / (double)progress->chains,
                 (unsigned long long)progress->chains);
    fprintf(progress->file, "%s%zu of %zu blocks%s, elapsed %s, left %s%s",
            progress->terminal ? "\r\033[K" : "modeseek: ", progress->blocks_done, progress->blocks,
            discovered, elapsed, eta, progress->terminal ? "" : "\n");
    fflush(progress->file);
    progress->shown = now;
    progress->written = true;
}

static bool is_due(double now, double began, double shown, bool terminal)
{
    return now - began > SILENT_SECONDS && now - shown > (terminal ? TERMINAL_SECONDS : PLAIN_SECONDS);
}

void ms_progress_show(ms_progress *progress)
{
    if (!progress->file)
        return;
    double now = ms_clock();
    if (is_due(now, progress->began, progress->shown, progress->terminal))
        write_line(progress, now);
}

void ms_progress_end(ms_progress *progress)
{
    if (!progress->file)
        return;
    double now = ms_clock();
    if (progress->written || now - progress->began > SILENT_SECONDS)
        write_line(progress, now);
    if (progress->written && progress->terminal)
        fputc('\n', progress->file);
}

ms_share_progress ms_share_progress_begin(FILE *file)
{
    double now = ms_clock();
    return (ms_share_progress){.file = file, .began = now, .shown = now};
}

void ms_share_progress_show(ms_share_progress *progress, const char *doing, const char *path, double done)
{
    double now = ms_clock();
    if (!progress->file || now - progress->shown < TERMINAL_SECONDS) /* most often: not even isatty() */
        return;
    bool terminal = isatty(fileno(progress->file));
    if (!is_due(now, progress->began, progress->shown, terminal))
        return;
    fprintf(progress->file, "%s%s %s: %.0f %%%s", terminal ? "\r\033[K" : "modeseek: ", doing,
            ms_printable_copy(path).text, 100 * done, terminal ? "" : "\n");
    fflush(progress->file);
    progress->shown = now;
    progress->written = terminal;
}

void ms_share_progress_end(ms_share_progress *progress)
{
    if (progress->written) /* a line that is still to be ended */
        fputc('\n', progress->file);
    progress->written = false;
}
