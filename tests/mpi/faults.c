/* SPDX-License-Identifier: GPL-3.0-or-later */
/* faults KIND: the farm with a results room that fails on one rank. Every rank must come back, soon, with the
 * same status and the message of the rank that failed. Run under mpirun; exit code 0 if all is well. */
#include "farm/collective.h"
#include "farm/farm.h"
static size_t state_size = 1 << 20;
#define STATE_SIZE state_size
#include "no_states.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char sweep_text[] = "name: faults\n"
                                 "target:\n"
                                 "  family: gaussian_mixture\n"
                                 "  components:\n"
                                 "    - {weight: 0.5, mean: 0, variance: 3}\n"
                                 "    - {weight: 0.5, mean: 1, variance: 1}\n"
                                 "start: {component: 0}\n"
                                 "sampler: {step_size: 0.1}\n"
                                 "budget: {iterations: 20000, chains: 1024, block: 8,\n"
                                 "         stop_when_discovered: false}\n"
                                 "grid: {dimension: 20, patch_size: [5, full], noise_level: 0, seed: 1}\n";

/* Stand in for the results room: nothing is stored. */
struct ms_results {
    int rank, failing_rank; /* failing_rank -1: none */
    int writes;             /* until the failure */
    bool stop_instead;      /* the failing rank is asked to stop, as by a signal */
    bool no_status;         /* the states of the blocks cannot be read */
    volatile sig_atomic_t stop;
};

ms_status ms_results_block_status(ms_results *results, ms_block_status *status, const ms_monitor *monitor,
                                  ms_error *error)
{
    (void)monitor;
    (void)status; /* all zero: MS_BLOCK_NOT_DONE */
    return results->no_status ? ms_error_set(error, MS_ERROR_IO, "no states today") : MS_OK;
}

ms_status ms_results_write(ms_results *results, const ms_block_results *block, ms_error *error)
{
    if (results->rank != results->failing_rank || results->writes-- > 0)
        return MS_OK;
    if (!results->stop_instead)
        return ms_error_set(error, MS_ERROR_IO, "block %zu: the disk is on fire", block->block);
    results->stop = 1;
    return MS_OK;
}

/* True if a rank's outcome is what `kind` must lead to. */
static bool is_right(const char *kind, ms_status status, const ms_error *error, const ms_farm_report *report,
                     int rank)
{
    if (strcmp(kind, "none") == 0 || strcmp(kind, "large") == 0)
        return status == MS_OK && (rank > 0 || (report->done == 256 && report->failed == 0));
    if (strcmp(kind, "stop") == 0)
        return status == MS_STOPPED && (rank > 0 || (report->done > 0 && report->done < 256));
    if (strcmp(kind, "status") == 0)
        return status == MS_ERROR_IO && strstr(error->message, "no states today");
    return status == MS_ERROR_IO && strstr(error->message, "the disk is on fire") &&
           (rank > 0 || report->done < 256);
}

int main(int argc, char **argv)
{
    int rank, ranks;
    ms_collective_begin(&argc, &argv, &rank, &ranks);
    const char *kind = argc > 1 ? argv[1] : "none";
    ms_results results = {.rank = rank, .failing_rank = -1, .writes = 3};
    if (strcmp(kind, "first") == 0)
        results.failing_rank = 0;
    else if (strcmp(kind, "last") == 0 || strcmp(kind, "stop") == 0)
        results.failing_rank = ranks - 1;
    results.stop_instead = strcmp(kind, "stop") == 0;
    results.no_status = strcmp(kind, "status") == 0;
    bool large = strcmp(kind, "large") == 0; /* states, but none was saved, and none need be */
    if (large)
        state_size = SIZE_MAX / 4;

    ms_sweep *sweep;
    ms_diagnostics diagnostics = {0};
    if (ms_sweep_parse(&sweep, "faults", sweep_text, strlen(sweep_text), &diagnostics) != MS_OK) {
        ms_diagnostics_print(&diagnostics, stderr);
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
    ms_farm_params params = {.comm = MPI_COMM_WORLD,
                             .stop = &results.stop,
                             .checkpoint_seconds = large ? 1e9 : 0,
                             .discard_states = large};
    ms_farm_report report = {0};
    ms_error error = {0};
    ms_status status = ms_farm_run(sweep, &results, &params, &report, &error);
    bool right = is_right(kind, status, &error, &report, rank);
    if (!right)
        fprintf(stderr, "%s: rank %d of %d: status %d \"%s\", %zu blocks done\n", kind, rank, ranks,
                (int)status, error.message, report.done);
    ms_sweep_free(sweep);
    ms_collective_end();
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
