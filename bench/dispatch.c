/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_dispatch BLOCKS: how fast the coordinator hands out blocks that cost nothing, with a results room
 * that stores nothing. Under mpirun. Rank 0 computes none of them but its share in turn, as always. Prints
 * blocks per second, and the CPU time of rank 0 for each block that another rank computed. */
#include "farm/collective.h"
#include "farm/farm.h"
#include "farm/message.h"
#include "no_results.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static size_t own_blocks;

ms_status ms_results_write(ms_results *results, const ms_block_results *block, ms_error *error)
{
    (void)results;
    (void)block;
    (void)error;
    own_blocks++;
    return MS_OK;
}

static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(int argc, char **argv)
{
    char text[1024];
    int rank, ranks;
    ms_collective_begin(&argc, &argv, &rank, &ranks);
    unsigned long blocks = argc > 1 ? strtoul(argv[1], NULL, 10) : 200000;
    int length =
        snprintf(text, sizeof text,
                 "name: dispatch\n"
                 "target:\n"
                 "  family: gaussian_mixture\n"
                 "  components: [{weight: 0.5, mean: 0, variance: 3}, {weight: 0.5, mean: 1, variance: 1}]\n"
                 "sampler: {step_size: 0.1}\n"
                 "budget: {iterations: 1, chains: %lu, block: 1}\n"
                 "grid: {dimension: 1}\n",
                 blocks);
    ms_sweep *sweep;
    ms_diagnostics diagnostics = {0};
    if (ms_sweep_parse(&sweep, "dispatch", text, (size_t)length, &diagnostics) != MS_OK) {
        ms_diagnostics_print(&diagnostics, stderr);
        return EXIT_FAILURE;
    }
    volatile sig_atomic_t stop = 0;
    ms_results results = {0};
    ms_farm_params params = {.comm = MPI_COMM_WORLD,
                             .stop = &stop,
                             .discard_states = true,
                             .checkpoint_seconds = 60,
                             .rank_timeout = 600};
    ms_farm_report report = {0};
    ms_error error = {0};
    double began = processor_seconds();
    ms_status status = ms_farm_run(sweep, &results, &params, &report, &error);
    double used = processor_seconds() - began;
    if (status != MS_OK)
        fprintf(stderr, "bench_dispatch: %s\n", error.message);
    else if (rank == 0)
        printf("%d ranks: %.0f blocks/s; %.0f of %zu blocks by other ranks; %.2f us of rank 0's processor a "
               "block\n",
               ranks, (double)report.done / report.seconds, (double)(report.done - own_blocks), report.done,
               1e6 * used / (double)report.done);
    ms_sweep_free(sweep);
    ms_collective_end();
    return status == MS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
