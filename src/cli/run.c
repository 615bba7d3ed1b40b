/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "base/text.h"
#include "cli/allocation.h"
#include "cli/blas.h"
#include "cli/command.h"
#include "cli/inputs.h"
#include "cli/job_share.h"
#include "cli/signals.h"
#include "cli/sweep_file.h"
#include "cli/takeover.h"
#include "cli/warnings.h"
#include "cli/wide.h"
#include "farm/collective.h"
#include "farm/farm.h"
#include "farm/message.h"
#include "farm/monitor.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    OPTION_OUTPUT,
    OPTION_SET,
    OPTION_DRY_RUN,
    OPTION_SHARE,
    OPTION_WALLTIME,
    OPTION_CHECKPOINT,
    OPTION_DISCARD_STATES,
    OPTION_RETRY_QUARANTINED,
    OPTION_BREAK_LOCK,
    OPTION_RANK_TIMEOUT,
    OPTION_ORDER,
    OPTION_SIMD,
    OPTION_PROGRESS,
    OPTION_QUIET
};

#define CHECKPOINT_SECONDS 60.0
#define TIMEOUT_SECONDS    600.0

static const char *const order_name[] = {"longest", "shortest", "index", NULL};
static const char *const progress_name[] = {"bar", "lines", "none", NULL};
static const char *const simd_name[] = {"auto", "portable", "avx2", "avx512", NULL};

/* Every rank parses the bytes that rank 0 has read; rank 0 prints what is wrong with them. */
static ms_status read_sweep(ms_sweep **sweep, const ms_arguments *arguments, ms_error *error)
{
    const char *path = arguments->operand;
    *sweep = NULL;
    char *text;
    size_t length;
    ms_status status = ms_collective_read(path, MS_SWEEP_FILE_MAX, &text, &length, error);
    if (status != MS_OK)
        return status;
    ms_diagnostics *diagnostics = calloc(1, sizeof *diagnostics);
    if (!diagnostics) {
        status = ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %s", path);
    } else {
        const ms_assignments set = ms_command_assignments(arguments);
        status = ms_sweep_parse_beside(sweep, path, text, length, &set, arguments->value[OPTION_OUTPUT],
                                       diagnostics);
        if (status != MS_OK) /* of other ranks this is all that will be seen */
            ms_error_set(error, status, "%s", diagnostics->message[0]);
        if (status != MS_OK && arguments->rank == 0 && !ms_sweep_file_is_results(path, error))
            ms_sweep_file_refuse(status, path, &set, diagnostics, error);
    }
    free(diagnostics);
    free(text);
    status = ms_collective_agree(status, error);
    if (status != MS_OK || !*sweep)
        return status;
    ms_hash hash = ms_hash_init();
    ms_hash_bytes(&hash, (*sweep)->identity, strlen((*sweep)->identity));
    if (!ms_collective_same(ms_hash_value(&hash)))
        return ms_error_set(error, MS_ERROR_SWEEP,
                            "%s: the ranks read different files (positions, components, plugins, data); are "
                            "they identical on all hosts?",
                            path);
    return MS_OK;
}

/* What is to be done with the results file, and what of it has been. */
typedef struct preparation {
    const ms_job_share *share;
    ms_lock *lock;
    ms_growth growth;
    bool complete; /* nothing that is wanted is left to do */
    bool is_new;
    int64_t last_sign; /* of life, of a job that did not end by itself */
} preparation;

/* Whether there is a file, and what the sweep wants of it; changes nothing. */
static ms_status look(const char *path, const ms_sweep *sweep, preparation *p, const ms_monitor *monitor,
                      ms_error *error)
{
    const bool *wanted = p->share->wanted;
    p->is_new = access(path, F_OK) != 0;
    if (p->is_new && errno != ENOENT)
        return ms_error_set(error, MS_ERROR_IO, "cannot look at %s: %s", path, strerror(errno));
    if (!p->is_new)
        return ms_results_compare(path, sweep, wanted, &p->growth, monitor, error);
    p->growth = (ms_growth){.points_new = sweep->point_count};
    for (size_t b = 0; b < ms_sweep_block_count(sweep); b++)
        p->growth.blocks += !wanted || wanted[b];
    p->growth.blocks_new = p->growth.blocks;
    return MS_OK;
}

/* The larger file may be of another owner: only root can give files away. */
static ms_status grow(const char *path, const ms_sweep *sweep, bool quiet, const ms_monitor *monitor,
                      ms_error *error)
{
    struct stat before, after;
    bool is_known = stat(path, &before) == 0;
    ms_status status = ms_results_grow(path, sweep, monitor, error);
    if (status == MS_OK && !quiet && is_known && stat(path, &after) == 0 &&
        (before.st_uid != after.st_uid || before.st_gid != after.st_gid))
        fprintf(stderr,
                "warning: %s has grown, and is now owned by you; it was owned by user %ld, group %ld\n",
                ms_printable_copy(path).text, (long)before.st_uid, (long)before.st_gid);
    return status;
}

/* On rank 0 alone, under the lock: makes, grows or checks the results file. */
static ms_status prepare_file(const ms_arguments *arguments, const ms_sweep *sweep, preparation *p,
                              const ms_monitor *monitor, ms_error *error)
{
    const char *path = arguments->value[OPTION_OUTPUT];
    ms_status status = look(path, sweep, p, monitor, error);
    if (status != MS_OK)
        return status;
    bool retry = arguments->value[OPTION_RETRY_QUARANTINED] != NULL;
    size_t finished = p->growth.blocks_kept + (retry ? 0 : p->growth.blocks_quarantined);
    p->complete = finished == p->growth.blocks;
    /* before anything is changed */
    if (!p->is_new && !p->complete && access(path, W_OK) != 0)
        return ms_error_set(error, MS_ERROR_IO, "%s: cannot be written, and is not complete: %s", path,
                            strerror(errno));
    if (p->is_new)
        status = ms_results_create(path, sweep, monitor, error);
    else if (!p->growth.is_same || (p->growth.is_archive && !p->complete))
        status = grow(path, sweep, arguments->value[OPTION_QUIET] != NULL, monitor, error);
    if (status == MS_OK && retry && p->growth.blocks_quarantined + p->growth.blocks_exhausted > 0)
        status = ms_results_retry_quarantined(path, monitor, error);
    if (status != MS_OK || p->complete)
        return status;
    return ms_results_record_start(path, arguments->ranks, p->last_sign, error);
}

/* Locks the file before. All this may take long, and the other ranks wait. */
static ms_status prepare(const ms_arguments *arguments, const ms_sweep *sweep, ms_farm_params *params,
                         preparation *p, ms_error *error)
{
    ms_farm_monitor monitor;
    const ms_allocation *allocation = params->time;
    ms_takeover takeover = {.self = &allocation->self, .monitor = &monitor.monitor};
    const ms_lock_judge judge = {ms_takeover_judge, &takeover};
    ms_farm_monitor_begin(&monitor, params);
    ms_status status =
        ms_lock_acquire(&p->lock, arguments->value[OPTION_OUTPUT],
                        arguments->value[OPTION_BREAK_LOCK] != NULL, &judge, &p->last_sign, error);
    params->lock = p->lock;
    if (status == MS_OK)
        status = prepare_file(arguments, sweep, p, &monitor.monitor, error);
    ms_farm_monitor_end(&monitor);
    return status;
}

static void print_count(const char *what, size_t count)
{
    if (count > 0)
        printf("  %-52s %zu\n", what, count);
}

static ms_status dry_run(const ms_arguments *arguments, const ms_sweep *sweep, const ms_job_share *share,
                         const ms_farm_params *params, ms_error *error)
{
    const char *path = arguments->value[OPTION_OUTPUT];
    preparation p = {.share = share};
    ms_writer writer;
    ms_farm_monitor monitor;
    ms_farm_monitor_begin(&monitor, params);
    ms_status status = look(path, sweep, &p, &monitor.monitor, error);
    ms_farm_monitor_end(&monitor);
    if (status != MS_OK)
        return status;
    const ms_growth *growth = &p.growth;
    bool retry = arguments->value[OPTION_RETRY_QUARANTINED] != NULL;
    size_t given_up = growth->blocks_quarantined + growth->blocks_exhausted;
    printf("%s: %s\n", ms_printable_copy(path).text,
           p.is_new ? "would be created"
           : growth->is_same && growth->blocks_kept + (retry ? 0 : given_up) == growth->blocks
               ? share->count > 0 ? "has the whole share, nothing would be done"
                                  : "is complete, nothing would be done"
           : growth->is_same && growth->is_archive
               ? "is an archive; would become a file that can be completed"
           : growth->is_same ? "would be completed"
                             : "would become a file of the larger sweep, keeping what it has");
    if (share->count > 0)
        printf("%s%zu of %zu blocks, of which only these are counted here:\n", share->label, growth->blocks,
               ms_sweep_block_count(sweep));
    print_count("new points", growth->points_new);
    print_count("blocks finished, kept", growth->blocks_kept);
    print_count("blocks prolonged from their checkpoints", growth->blocks_prolonged);
    print_count("  censored chains in them", growth->chains_prolonged);
    print_count("blocks computed again, without a checkpoint", growth->blocks_again);
    print_count("blocks computed again, divided differently", growth->blocks_recut);
    print_count("blocks resumed from their checkpoints", growth->blocks_resumed);
    print_count("blocks computed from the beginning", growth->blocks_new);
    print_count(retry ? "quarantined blocks, tried again"
                      : "blocks quarantined, unless --retry-quarantined is given",
                given_up);
    ms_lock_look(path, &writer);
    if (writer.is_alive)
        printf("it is being written by another job (%s)\n", writer.text);
    return MS_OK;
}

static ms_status failed_blocks(const ms_job_share *share, size_t failed, size_t blocks, const char *path,
                               ms_error *error)
{
    return ms_error_set(error, MS_ERROR_POINTS, "%s%zu of %zu blocks failed%s; modeseek status %s says why",
                        share->label, failed, blocks, failed < blocks ? ", the others are in the file" : "",
                        path);
}

static void print_report(const ms_farm_report *report, const ms_job_share *share, const ms_sweep *sweep,
                         const char *path, int ranks)
{
    size_t there = report->already_done + report->done;
    printf("%s: %s%s%zu of %zu blocks in the file", ms_printable_copy(path).text, share->label,
           share->count > 0 && there == report->blocks ? "finished; " : "", there, report->blocks);
    if (report->already_done > 0)
        printf(" (%zu from before)", report->already_done);
    if (report->not_needed > 0)
        printf(", %zu of them not needed", report->not_needed);
    if (report->resumed > 0)
        printf(", %zu resumed from checkpoints", report->resumed);
    if (report->failed > 0)
        printf(", %zu failed", report->failed);
    if (report->quarantined > 0)
        printf(" (%zu of them quarantined, because they crashed their rank %d times)", report->quarantined,
               MS_ATTEMPTS_MAX);
    printf("; %zu blocks in %.2f s (%.2f blocks/s) on %d rank%s\n", report->done, report->seconds,
           report->seconds > 0 ? (double)report->done / report->seconds : 0, ranks, ranks > 1 ? "s" : "");
    ms_wide_print("", report->wide, sweep->relative_width);
}

static ms_status run_farm(const ms_arguments *arguments, const ms_sweep *sweep, const ms_job_share *share,
                          const char *path, ms_farm_params *params, ms_error *error)
{
    ms_results *results = NULL;
    ms_status status = ms_results_open_parallel(&results, path, sweep, params->comm, error);
    if (status != MS_OK)
        return status;
    ms_farm_report report = {0};
    status = ms_farm_run(sweep, results, params, &report, error);
    ms_error reason = {0};
    ms_status closed = ms_collective_agree(ms_results_settle(results, &reason), &reason);
    if (closed == MS_OK)
        closed = ms_collective_agree(ms_results_close(results, &reason), &reason);
    if (closed != MS_OK && (status == MS_OK || status == MS_STOPPED || status == MS_ERROR_POINTS)) {
        *error = reason;
        return closed;
    }
    if (arguments->rank == 0 && report.blocks > 0 &&
        (status == MS_OK || status == MS_STOPPED || status == MS_ERROR_POINTS))
        print_report(&report, share, sweep, path, arguments->ranks);
    if (status == MS_ERROR_POINTS && arguments->rank == 0)
        return failed_blocks(share, report.failed, report.blocks, path, error);
    if (status == MS_STOPPED)
        return ms_error_set(
            error, status,
            "stopped; finished blocks and the checkpoints of the others are in %s, the same command "
            "resumes",
            path);
    return status;
}

/* What `plan` would have warned of; where there is no memory for it, it stays unsaid. */
static void print_warnings(const ms_sweep *sweep, const char *path)
{
    ms_diagnostics *warnings = calloc(1, sizeof *warnings);
    if (warnings) {
        ms_warnings(sweep, path, 0, 0, warnings);
        for (size_t i = 0; i < warnings->count && i < MS_DIAGNOSTICS_MAX; i++)
            fprintf(stderr, "warning: %s\n", warnings->message[i]);
    }
    free(warnings);
}

/* Nothing is to be done. */
static void print_complete(const preparation *p, const char *path)
{
    const char *what = p->share->count == 0 ? "complete, nothing to do"
                       : p->growth.blocks == 0
                           ? "finished; it has no blocks, because there are more shares than blocks"
                           : "finished; nothing to do";
    printf("%s: %s%s\n", ms_printable_copy(path).text, p->share->label, what);
}

static ms_status run_sweep(const ms_arguments *arguments, const ms_sweep *sweep, const ms_job_share *share,
                           ms_farm_params *params, ms_error *error)
{
    const char *path = arguments->value[OPTION_OUTPUT];
    preparation p = {.share = share};
    ms_status status = MS_OK;
    if (arguments->rank == 0)
        status = prepare(arguments, sweep, params, &p, error);
    status = ms_collective_agree_or_stop(status, params->stop, error);
    p.complete = ms_collective_of_first(p.complete);
    if (status == MS_OK && !p.complete && arguments->rank == 0 && !arguments->value[OPTION_QUIET])
        print_warnings(sweep, arguments->operand);
    if (status == MS_OK && !p.complete && !arguments->value[OPTION_QUIET]) {
        if (arguments->rank == 0)
            ms_warn_of_blas(sweep, path);
        ms_warn_of_ranks_blas(sweep, arguments->rank);
    }
    if (status == MS_OK && !p.complete && arguments->rank == 0)
        ms_allocation_describe(params->time, arguments->ranks);
    ms_message_feed_watchdog(params->rank_timeout);
    if (status == MS_OK && !p.complete)
        status = run_farm(arguments, sweep, share, path, params, error);
    else if (status == MS_OK && arguments->rank == 0)
        print_complete(&p, path);
    ms_message_watchdog(0);
    size_t failed = p.growth.blocks_failed + p.growth.blocks_quarantined;
    if (status == MS_OK && arguments->rank == 0 && p.complete && failed > 0)
        status = failed_blocks(share, failed, p.growth.blocks, path, error);
    status = ms_collective_agree(status, error);
    ms_lock_release(p.lock);
    return status;
}

static ms_status read_times(const ms_arguments *arguments, ms_farm_params *params, ms_error *error)
{
    ms_status status = ms_seconds("checkpoint", arguments->value[OPTION_CHECKPOINT], CHECKPOINT_SECONDS,
                                  &params->checkpoint_seconds, error);
    if (status == MS_OK)
        status = ms_seconds("rank-timeout", arguments->value[OPTION_RANK_TIMEOUT], TIMEOUT_SECONDS,
                            &params->rank_timeout, error);
    return status;
}

static ms_status read_progress(const ms_arguments *arguments, ms_display_style *style, ms_error *error)
{
    static const ms_display_style named[] = {MS_DISPLAY_BAR, MS_DISPLAY_LINES, MS_DISPLAY_NONE};
    const char *word = arguments->value[OPTION_PROGRESS];
    size_t choice;
    ms_status status = ms_choose("progress", word, progress_name, 0, &choice, error);
    *style = arguments->value[OPTION_QUIET] ? MS_DISPLAY_NONE : word ? named[choice] : MS_DISPLAY_AUTO;
    return status;
}

static ms_status run_within(const ms_arguments *arguments, ms_allocation *allocation, ms_error *error)
{
    size_t order, simd;
    ms_job_share share = {0};
    ms_display_style style;
    ms_status status = ms_choose("order", arguments->value[OPTION_ORDER], order_name, 0, &order, error);
    if (status == MS_OK)
        status = ms_choose("simd", arguments->value[OPTION_SIMD], simd_name, 0, &simd, error);
    if (status == MS_OK)
        status = read_progress(arguments, &style, error);
    if (status != MS_OK)
        return status;
    ms_farm_params params = {.comm = MPI_COMM_WORLD,
                             .order = (ms_order)order,
                             .simd = (ms_simd)simd,
                             .stop = ms_signals_catch(),
                             .is_time = ms_allocation_is_over,
                             .time = allocation,
                             .discard_states = arguments->value[OPTION_DISCARD_STATES] != NULL};
    status = read_times(arguments, &params, error);
    if (status == MS_OK)
        status = ms_job_share_read(&share, arguments->value[OPTION_SHARE], error);
    if (status == MS_OK && !ms_simd_available(params.simd))
        status = ms_error_set(error, MS_ERROR_ARGUMENT, "--simd %s: not supported by this machine or build",
                              simd_name[simd]);
    status = ms_collective_agree(status, error);
    if (status != MS_OK)
        return status;
    ms_display display = {0};
    if (arguments->rank == 0 && style != MS_DISPLAY_NONE) {
        display = ms_display_open(stderr, style);
        params.progress = &display;
    }
    ms_sweep *sweep;
    status = read_sweep(&sweep, arguments, error);
    if (status == MS_OK && sweep && arguments->rank == 0) /* the others are told what to do */
        status = ms_job_share_find(&share, sweep, error);
    status = ms_collective_agree(status, error);
    if (status == MS_OK && !sweep)
        status = ms_error_set(error, MS_ERROR_INTERNAL, "no sweep");
    params.wanted = share.wanted;
    if (status == MS_OK && arguments->value[OPTION_DRY_RUN])
        status = ms_collective_agree_or_stop(
            arguments->rank == 0 ? dry_run(arguments, sweep, &share, &params, error) : MS_OK, params.stop,
            error);
    else if (status == MS_OK)
        status = run_sweep(arguments, sweep, &share, &params, error);
    ms_job_share_free(&share);
    ms_sweep_free(sweep);
    ms_display_close(params.progress);
    return status;
}

static ms_status run(const ms_arguments *arguments, ms_error *error)
{
    ms_allocation allocation;
    bool asks = arguments->rank == 0 && !arguments->value[OPTION_DRY_RUN];
    ms_status status = ms_allocation_begin(&allocation, arguments->value[OPTION_WALLTIME], asks,
                                           arguments->value[OPTION_QUIET] != NULL, error);
    status = ms_collective_agree(status, error);
    if (status == MS_OK)
        status = run_within(arguments, &allocation, error);
    ms_allocation_end(&allocation);
    return status;
}

const ms_command ms_command_run = {
    .name = "run",
    .operand = "SWEEP",
    .purpose =
        "Runs a sweep and writes its results to one file.\n\n"
        "Under mpirun or srun it uses all ranks; the results are bit-identical for any number of ranks.\n"
        "If the file exists, only what is missing is computed. The sweep may have grown since: with more\n"
        "iterations, chains or grid values; chains that the old budget cut off continue where they stopped.\n"
        "The file of a different sweep is refused. Ctrl-C, SIGTERM, SIGUSR1, the walltime and the end of "
        "the\n"
        "Slurm job stop cleanly (exit code 75): unfinished blocks save a checkpoint, and the same command\n"
        "resumes.",
    .option =
        {[OPTION_OUTPUT] = {"output", 'o', "FILE", "the results file (HDF5)", true},
         [OPTION_SET] = MS_OPTION_SET,
         [OPTION_DRY_RUN] = {"dry-run", 'n', NULL, "only show what would be done", false},
         [OPTION_SHARE] = {"share", 0, "I/N", "compute only share I of N; merge joins their files", false},
         [OPTION_WALLTIME] = {"walltime", 0, "TIME",
                              "stop cleanly before this time is up (default: the Slurm job's)", false},
         [OPTION_CHECKPOINT] = {"checkpoint", 0, "SECONDS", "save checkpoints this often (default: 60)",
                                false},
         [OPTION_DISCARD_STATES] = {"discard-states", 0, NULL,
                                    "keep no checkpoints of finished blocks: less disk use", false},
         [OPTION_RETRY_QUARANTINED] = {"retry-quarantined", 0, NULL, "try quarantined blocks again", false},
         [OPTION_BREAK_LOCK] = {"break-lock", 0, NULL, "take over from a dead job on another host", false},
         [OPTION_RANK_TIMEOUT] = {"rank-timeout", 0, "SECONDS",
                                  "end the job when a rank hangs this long (default: 600)", false},
         [OPTION_ORDER] = {"order", 0, "ORDER", "hand out blocks longest (default), shortest or by index",
                           false},
         [OPTION_SIMD] = {"simd", 0, "SET", "auto (default), portable, avx2 or avx512; same results", false},
         [OPTION_PROGRESS] = {"progress", 0, "STYLE",
                              "bar (default on a terminal), lines (elsewhere) or none", false},
         [OPTION_QUIET] = {"quiet", 'q', NULL, "no warnings and no progress lines", false}},
    .choices = {[OPTION_ORDER] = order_name, [OPTION_SIMD] = simd_name, [OPTION_PROGRESS] = progress_name},
    .example = "  mpirun -n 4 modeseek run experiments/quickstart.yaml -o quickstart.h5",
    .collective = true,
    .repeatable = "set",
    .run = run};
