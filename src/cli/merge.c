/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "cli/blas.h"
#include "cli/command.h"
#include "cli/inputs.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "farm/monitor.h"

#include <stdio.h>
#include <stdlib.h>

enum { OPTION_SWEEP, OPTION_COMPLETE };

/* The sweeps that the files hold, and the files that these name, as far as they hold them. */
static ms_status read_sweeps(const ms_arguments *arguments, ms_sweep **sweep, ms_inputs *inputs,
                             ms_error *error)
{
    ms_status status = MS_OK;
    for (size_t i = 0; status == MS_OK && i < arguments->more_count; i++) {
        ms_results *results;
        status = ms_results_open(&results, arguments->more[i], error);
        if (status != MS_OK)
            break;
        status = ms_sweep_of_results(&sweep[i], ms_results_get_info(results), NULL, error);
        if (status == MS_OK)
            status = ms_results_add_inputs(results, inputs, error);
        ms_results_close(results, NULL);
    }
    return status;
}

/* The sweep of the new file: the one that is given, or that of all the files' grids. */
static ms_status find_sweep(const ms_arguments *arguments, ms_sweep **all, ms_error *error)
{
    const char *path = arguments->value[OPTION_SWEEP];
    if (path) {
        ms_diagnostics *diagnostics = calloc(1, sizeof *diagnostics);
        if (!diagnostics)
            return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %s", path);
        ms_status status = ms_sweep_load(all, path, diagnostics);
        if (status != MS_OK)
            ms_error_set(error, status, "%s", diagnostics->message[0]);
        free(diagnostics);
        return status;
    }
    ms_sweep **sweep = calloc(arguments->more_count, sizeof *sweep);
    if (!sweep)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu sweeps", arguments->more_count);
    ms_inputs inputs = {0};
    ms_error why;
    ms_status status = read_sweeps(arguments, sweep, &inputs, error);
    if (status == MS_OK)
        status = ms_sweep_unite(all, (const ms_sweep *const *)sweep, (const char *const *)arguments->more,
                                arguments->more_count, error);
    if (status == MS_OK && (*all)->lacks_numbers)
        status = ms_sweep_read_tables(all, arguments->more[0], &inputs, &why, error);
    ms_inputs_free(&inputs);
    for (size_t i = 0; i < arguments->more_count; i++)
        ms_sweep_free(sweep[i]);
    free(sweep);
    return status;
}

static void print_merged(const char *path, const ms_merge_report *report, size_t files)
{
    size_t missing = report->blocks - report->done;
    printf("%s: %zu of %zu blocks from %zu file%s, %zu of them identical in several",
           ms_printable_copy(path).text, report->done, report->blocks, files, files == 1 ? "" : "s",
           report->same);
    if (report->failed > 0)
        printf("; %zu failed", report->failed);
    if (missing > 0)
        printf("; incomplete: %zu %s missing, run computes %s", missing, missing == 1 ? "is" : "are",
               missing == 1 ? "it" : "them");
    if (report->cut_off > 0)
        printf("; in %zu of these, chains that a smaller budget cut off continue", report->cut_off);
    printf("\n");
}

static ms_status run(const ms_arguments *arguments, ms_error *error)
{
    ms_sweep *all = NULL;
    ms_lock *lock = NULL;
    ms_merge_report report;
    const char *path = arguments->operand;
    ms_status status = find_sweep(arguments, &all, error);
    if (status == MS_OK)
        status = ms_lock_acquire(&lock, path, false, NULL, NULL, error);
    ms_display display = ms_display_open(stderr, MS_DISPLAY_AUTO);
    const ms_farm_params params = {.stop = ms_signals_catch(), .progress = &display, .lock = lock};
    ms_farm_monitor monitor;
    ms_farm_monitor_begin(&monitor, &params);
    if (status == MS_OK)
        status = ms_results_merge(path, all, (const char *const *)arguments->more, arguments->more_count,
                                  &report, &monitor.monitor, error);
    ms_farm_monitor_end(&monitor);
    ms_display_close(&display);
    if (status == MS_OK)
        print_merged(path, &report, arguments->more_count);
    if (status == MS_OK)
        ms_warn_of_blas(all, path);
    if (status == MS_OK && arguments->value[OPTION_COMPLETE])
        status = ms_check_complete(report.blocks - report.done, report.failed, error);
    ms_lock_release(lock);
    ms_sweep_free(all);
    return status;
}

const ms_command ms_command_merge = {
    .name = "merge",
    .operand = "OUT FILE...",
    .purpose =
        "Merges several results files of the same sweep, or of parts of its grid, into one.\n\n"
        "A block that is in several files must have the same bits in all of them. Blocks that no file\n"
        "has are missing in OUT; run computes them. The history of every file is kept.",
    .option = {[OPTION_SWEEP] = {"sweep", 0, "SWEEP",
                                 "the sweep of OUT (default: the grids of all files together)", false},
               [OPTION_COMPLETE] = {"complete", 0, NULL,
                                    "exit code 75 if blocks are missing in OUT, 8 if some failed", false}},
    .example = "  modeseek merge all.h5 task-1.h5 task-2.h5 task-3.h5",
    .more_least = 1,
    .run = run};
