/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/signals.h"
#include "farm/collective.h"
#include "farm/farm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_OUTPUT, OPTION_ORDER, OPTION_SIMD, OPTION_QUIET };

static const char *const order_name[] = {"longest", "shortest", "index", NULL};
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
        status = ms_sweep_parse(sweep, path, text, length, diagnostics);
        if (status != MS_OK && arguments->rank == 0)
            ms_diagnostics_print(diagnostics, stderr);
        if (status != MS_OK) /* of other ranks this is all that will be seen */
            ms_error_set(error, status, "%s", diagnostics->message[0]);
        if (status != MS_OK && arguments->rank == 0)
            ms_error_set(error, status, "%s: %s", path, ms_status_message(status));
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
                            "%s: the ranks read different files of start positions; is the file the same on "
                            "all hosts?",
                            path);
    return MS_OK;
}

/* What an existing file still lacks. */
static ms_status count_blocks(const char *path, size_t *missing, size_t *failed, ms_error *error)
{
    ms_results *results;
    *missing = *failed = 0;
    ms_status status = ms_results_open(&results, path, error);
    if (status != MS_OK)
        return status;
    size_t blocks = ms_results_get_info(results)->blocks;
    ms_block_status *state = calloc(blocks > 0 ? blocks : 1, sizeof *state);
    status = state
                 ? ms_results_block_status(results, state, error)
                 : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the states of %zu blocks", blocks);
    for (size_t b = 0; status == MS_OK && b < blocks; b++) {
        *missing += state[b] == MS_BLOCK_NOT_DONE;
        *failed += state[b] == MS_BLOCK_FAILED;
    }
    free(state);
    ms_results_close(results, NULL);
    return status;
}

/* On rank 0 alone: locks and makes, or checks, the results file. `*complete` if nothing is left to do. */
static ms_status prepare_file(ms_lock **lock, const char *path, const ms_sweep *sweep, int ranks,
                              bool *complete, size_t *failed, ms_error *error)
{
    ms_status status = ms_lock_acquire(lock, path, error);
    if (status != MS_OK)
        return status;
    size_t missing = ms_sweep_block_count(sweep);
    if (access(path, F_OK) == 0) {
        status = ms_results_match(path, sweep, error);
        if (status == MS_OK)
            status = count_blocks(path, &missing, failed, error);
    } else if (errno == ENOENT) {
        status = ms_results_create(path, sweep, error);
    } else {
        status = ms_error_set(error, MS_ERROR_IO, "cannot look at %s: %s", path, strerror(errno));
    }
    *complete = missing == 0;
    if (status != MS_OK || *complete)
        return status;
    return ms_results_record_start(path, ranks, error);
}

static ms_status failed_blocks(size_t failed, size_t blocks, const char *path, ms_error *error)
{
    return ms_error_set(error, MS_ERROR_POINTS,
                        "%zu of %zu blocks failed, the others are in the file; modeseek status %s tells why",
                        failed, blocks, path);
}

static void print_report(const ms_farm_report *report, const char *path, int ranks)
{
    printf("%s: %zu of %zu blocks in the file", path, report->already_done + report->done, report->blocks);
    if (report->already_done > 0)
        printf(" (%zu from before)", report->already_done);
    if (report->failed > 0)
        printf(", %zu failed", report->failed);
    printf("; %zu blocks in %.2f s (%.2f blocks/s) on %d rank%s\n", report->done, report->seconds,
           report->seconds > 0 ? (double)report->done / report->seconds : 0, ranks, ranks > 1 ? "s" : "");
}

static ms_status run_farm(const ms_arguments *arguments, const ms_sweep *sweep, const char *path,
                          ms_farm_params *params, ms_error *error)
{
    ms_results *results = NULL;
    ms_status status = ms_results_open_parallel(&results, path, sweep, params->comm, error);
    if (status != MS_OK)
        return status;
    ms_farm_report report = {0};
    status = ms_farm_run(sweep, results, params, &report, error);
    ms_error reason = {0};
    ms_status closed = ms_collective_agree(ms_results_close(results, &reason), &reason);
    if (closed != MS_OK && (status == MS_OK || status == MS_STOPPED || status == MS_ERROR_POINTS)) {
        *error = reason;
        return closed;
    }
    if (arguments->rank == 0 && (status == MS_OK || status == MS_STOPPED || status == MS_ERROR_POINTS))
        print_report(&report, path, arguments->ranks);
    if (status == MS_ERROR_POINTS && arguments->rank == 0)
        return failed_blocks(report.failed, report.blocks, path, error);
    if (status == MS_STOPPED)
        return ms_error_set(error, status, "stopped; the finished blocks are in %s, the same command resumes",
                            path);
    return status;
}

static ms_status run_sweep(const ms_arguments *arguments, const ms_sweep *sweep, ms_farm_params *params,
                           ms_error *error)
{
    const char *path = arguments->value[OPTION_OUTPUT];
    ms_lock *lock = NULL;
    bool complete = false;
    size_t failed = 0;
    ms_status status = MS_OK;
    if (arguments->rank == 0)
        status = prepare_file(&lock, path, sweep, arguments->ranks, &complete, &failed, error);
    status = ms_collective_agree(status, error);
    complete = ms_collective_of_first(complete);
    if (status == MS_OK && !complete)
        status = run_farm(arguments, sweep, path, params, error);
    else if (status == MS_OK && arguments->rank == 0)
        printf("%s: complete, nothing to do\n", path);
    if (status == MS_OK && arguments->rank == 0 && failed > 0)
        status = failed_blocks(failed, ms_sweep_block_count(sweep), path, error);
    status = ms_collective_agree(status, error);
    ms_lock_release(lock);
    return status;
}

static ms_status run(const ms_arguments *arguments, ms_error *error)
{
    size_t order, simd;
    ms_status status = ms_choose("order", arguments->value[OPTION_ORDER], order_name, 0, &order, error);
    if (status == MS_OK)
        status = ms_choose("simd", arguments->value[OPTION_SIMD], simd_name, 0, &simd, error);
    if (status != MS_OK)
        return status;
    ms_farm_params params = {.comm = MPI_COMM_WORLD,
                             .order = (ms_order)order,
                             .simd = (ms_simd)simd,
                             .stop = ms_signals_catch(),
                             .progress = arguments->value[OPTION_QUIET] ? NULL : stderr};
    if (!ms_simd_available(params.simd))
        status = ms_error_set(error, MS_ERROR_ARGUMENT, "--simd %s: this machine or build does not have it",
                              simd_name[simd]);
    status = ms_collective_agree(status, error);
    if (status != MS_OK)
        return status;
    ms_sweep *sweep;
    status = read_sweep(&sweep, arguments, error);
    if (status == MS_OK)
        status = run_sweep(arguments, sweep, &params, error);
    ms_sweep_free(sweep);
    return status;
}

const ms_command ms_command_run = {
    .name = "run",
    .operand = "SWEEP",
    .purpose =
        "Runs a sweep and writes its results to one file.\n\n"
        "Started under mpirun or srun it uses all ranks; the results are the same bits for any number of\n"
        "ranks. If the file exists and holds this very sweep, only what is missing is computed; the file of\n"
        "another sweep is refused. Ctrl-C, SIGTERM and SIGUSR1 stop cleanly (exit code 75); the same "
        "command\n"
        "resumes.",
    .option = {{"output", 'o', "FILE", "the results file (HDF5)", true},
               {"order", 0, "ORDER", "hand out blocks longest (default), shortest or by index", false},
               {"simd", 0, "SET", "auto (default), portable, avx2 or avx512; same results", false},
               {"quiet", 'q', NULL, "no progress lines", false}},
    .example = "  mpirun -n 4 modeseek run experiments/quickstart.yaml -o quickstart.h5",
    .collective = true,
    .run = run};
