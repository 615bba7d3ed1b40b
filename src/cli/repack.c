/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "cli/command.h"
#include "cli/crate.h"
#include "cli/inputs.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "farm/monitor.h"

#include <stdio.h>
#include <sys/stat.h>

enum { OPTION_OUTPUT, OPTION_SWEEP, OPTION_FORCE, OPTION_CRATE, OPTION_WITH, OPTION_LICENSE, OPTION_AUTHOR };

static double disk_use(const char *path)
{
    struct stat entry;
    return stat(path, &entry) == 0 ? 512.0 * (double)entry.st_blocks : 0;
}

/* What is to be packed. */
typedef struct contents {
    ms_sweep *sweep;
    ms_inputs inputs;
    time_t end; /* when the file was last written; 0: not known */
} contents;

/* With --force, results are copied also where the tables that are kept with them cannot be read. */
static ms_status read_sweep(const ms_arguments *arguments, ms_results *results, contents *all,
                            ms_error *error)
{
    const char *path = arguments->value[OPTION_SWEEP];
    ms_error why;
    ms_status status = ms_sweep_with_files(&all->sweep, results, path, &all->inputs, &why, error);
    if (!arguments->value[OPTION_FORCE] || (status != MS_ERROR_FORMAT && status != MS_ERROR_IO))
        return status;
    fprintf(stderr, "warning: %s; continuing without the tables in it\n", error->message);
    ms_inputs_free(&all->inputs);
    return ms_sweep_of_results(&all->sweep, ms_results_get_info(results), path, error);
}

static ms_status look(const ms_arguments *arguments, contents *all, ms_error *error)
{
    const char *from = arguments->operand, *path = arguments->value[OPTION_SWEEP];
    ms_results *results;
    struct stat entry;
    ms_status status = arguments->value[OPTION_FORCE] ? ms_results_open_damaged(&results, from, error)
                                                      : ms_results_open(&results, from, error);
    if (status != MS_OK)
        return status;
    status = read_sweep(arguments, results, all, error);
    if (status == MS_OK)
        status = ms_inputs_collect(&all->inputs, all->sweep, path != NULL, error);
    if (!ms_results_get_info(results)->is_archive && stat(from, &entry) == 0)
        all->end = entry.st_mtime;
    ms_results_close(results, NULL);
    return status;
}

static ms_status pack(const ms_arguments *arguments, const contents *all, const ms_monitor *monitor,
                      ms_error *error)
{
    const char *from = arguments->operand, *crate = arguments->value[OPTION_CRATE];
    bool force = arguments->value[OPTION_FORCE] != NULL;
    if (!crate)
        return ms_results_repack(arguments->value[OPTION_OUTPUT], from, all->sweep, force, &all->inputs,
                                 monitor, error);
    const ms_crate_params params = {.path = crate,
                                    .from = from,
                                    .sweep = all->sweep,
                                    .inputs = &all->inputs,
                                    .force = force,
                                    .end = all->end,
                                    .license = arguments->value[OPTION_LICENSE],
                                    .authors = arguments->value[OPTION_AUTHOR],
                                    .add = arguments->repeated,
                                    .add_count = arguments->repeated_count};
    return ms_crate_make(&params, monitor, error);
}

static ms_status check_options(const ms_arguments *arguments, ms_error *error)
{
    bool is_crate = arguments->value[OPTION_CRATE] != NULL;
    if (is_crate == (arguments->value[OPTION_OUTPUT] != NULL))
        return ms_error_set(error, MS_ERROR_USAGE,
                            "repack: give one of -o OUT and --crate DIR; see modeseek repack --help");
    if (!is_crate && (arguments->repeated_count > 0 || arguments->value[OPTION_LICENSE] ||
                      arguments->value[OPTION_AUTHOR]))
        return ms_error_set(error, MS_ERROR_USAGE,
                            "repack: --with, --license and --author belong to --crate DIR");
    return MS_OK;
}

static ms_status run(const ms_arguments *arguments, ms_error *error)
{
    const char *from = arguments->operand, *path = arguments->value[OPTION_OUTPUT];
    contents all = {0};
    ms_lock *lock = NULL;
    ms_status status = check_options(arguments, error);
    if (status == MS_OK)
        status = look(arguments, &all, error);
    if (status == MS_OK && path)
        status = ms_lock_acquire(&lock, path, false, NULL, NULL, error);
    ms_display display = ms_display_open(stderr, MS_DISPLAY_AUTO);
    const ms_farm_params params = {.stop = ms_signals_catch(), .progress = &display, .lock = lock};
    ms_farm_monitor monitor;
    ms_farm_monitor_begin(&monitor, &params);
    if (status == MS_OK)
        status = pack(arguments, &all, &monitor.monitor, error);
    ms_farm_monitor_end(&monitor);
    ms_display_close(&display);
    ms_lock_release(lock);
    ms_sweep_free(all.sweep);
    ms_inputs_free(&all.inputs);
    if (status == MS_OK && path) {
        char before[32], after[32];
        ms_format_bytes(disk_use(from), before, sizeof before);
        ms_format_bytes(disk_use(path), after, sizeof after);
        printf("%s: %s on disk, was %s\n", ms_printable_copy(path).text, after, before);
    } else if (status == MS_OK) {
        printf("%s: a research object crate; ro-crate-metadata.json says what is in it\n",
               ms_printable_copy(arguments->value[OPTION_CRATE]).text);
    }
    return status;
}

const ms_command ms_command_repack = {
    .name = "repack",
    .operand = "FILE",
    .purpose =
        "Writes a compressed copy of a results file, for archiving or sharing.\n\n"
        "The copy has everything: results, history, checkpoints, and tables that the sweep names, if they\n"
        "are next to FILE or --sweep. It is read-only; run, given the copy as its FILE, replaces it by a\n"
        "file that can be written.",
    .option =
        {[OPTION_OUTPUT] = {"output", 'o', "OUT", "the copy; required, unless --crate is given", false},
         [OPTION_SWEEP] = {"sweep", 0, "SWEEP", "the sweep file (default: the one stored in FILE)", false},
         [OPTION_FORCE] = {"force", 0, NULL,
                           "even if another program has changed FILE: copies what can be read", false},
         [OPTION_CRATE] = {"crate", 0, "DIR",
                           "instead, a research object crate (RO-Crate 1.1) in a new folder DIR", false},
         [OPTION_WITH] = {"with", 0, "FILE", "also this file, such as a figure, in the crate; repeatable",
                          false},
         [OPTION_LICENSE] = {"license", 0, "LICENSE", "of the crate: an SPDX identifier, or a URL", false},
         [OPTION_AUTHOR] = {"author", 0, "PEOPLE", "of the crate: \"NAME <ORCID>; NAME\"", false}},
    .example = "  modeseek repack quickstart.h5 -o quickstart-archive.h5",
    .repeatable = "with",
    .run = run};
