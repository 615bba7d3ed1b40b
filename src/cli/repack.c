/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "cli/command.h"
#include "cli/inputs.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "farm/monitor.h"

#include <stdio.h>
#include <sys/stat.h>

enum { OPTION_OUTPUT, OPTION_SWEEP, OPTION_FORCE };

static double disk_use(const char *path)
{
    struct stat entry;
    return stat(path, &entry) == 0 ? 512.0 * (double)entry.st_blocks : 0;
}

static ms_status run(const ms_arguments *arguments, ms_error *error)
{
    const char *from = arguments->operand, *path = arguments->value[OPTION_OUTPUT];
    ms_results *results;
    ms_sweep *sweep = NULL;
    ms_lock *lock = NULL;
    ms_inputs inputs = {0};
    ms_error why;
    bool force = arguments->value[OPTION_FORCE] != NULL;
    ms_status status =
        force ? ms_results_open_damaged(&results, from, error) : ms_results_open(&results, from, error);
    if (status != MS_OK)
        return status;
    status = ms_sweep_with_files(&sweep, results, arguments->value[OPTION_SWEEP], &inputs, &why, error);
    if (status == MS_OK)
        status = ms_inputs_collect(&inputs, sweep, arguments->value[OPTION_SWEEP] != NULL, error);
    ms_results_close(results, NULL);
    if (status == MS_OK)
        status = ms_lock_acquire(&lock, path, false, NULL, NULL, error);
    ms_display display = ms_display_open(stderr, MS_DISPLAY_AUTO);
    const ms_farm_params params = {.stop = ms_signals_catch(), .progress = &display, .lock = lock};
    ms_farm_monitor monitor;
    ms_farm_monitor_begin(&monitor, &params);
    if (status == MS_OK)
        status = ms_results_repack(path, from, sweep, force, &inputs, &monitor.monitor, error);
    ms_farm_monitor_end(&monitor);
    ms_display_close(&display);
    ms_lock_release(lock);
    ms_sweep_free(sweep);
    ms_inputs_free(&inputs);
    if (status == MS_OK) {
        char before[32], after[32];
        ms_format_bytes(disk_use(from), before, sizeof before);
        ms_format_bytes(disk_use(path), after, sizeof after);
        printf("%s: %s on disk, was %s\n", ms_printable_copy(path).text, after, before);
    }
    return status;
}

const ms_command ms_command_repack = {
    .name = "repack",
    .operand = "FILE",
    .purpose = "Writes a compressed copy of a results file, to keep or to share.\n\n"
               "The copy has everything: results, history, saved states. It is only for reading; run, given "
               "the copy\n"
               "as its FILE, replaces it by a file that can be written.",
    .option = {[OPTION_OUTPUT] = {"output", 'o', "OUT", "the copy", true},
               [OPTION_SWEEP] = {"sweep", 0, "SWEEP", "the sweep file (default: the one stored in FILE)",
                                 false},
               [OPTION_FORCE] = {"force", 0, NULL,
                                 "also if another program has changed FILE: takes what can be read", false}},
    .example = "  modeseek repack quickstart.h5 -o quickstart-archive.h5",
    .run = run};
