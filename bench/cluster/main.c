/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cluster SECONDS BLOCKS SPREAD: the farm on a simulated cluster. Every rank gets BLOCKS blocks on average,
 * which take SECONDS on average: those of 16 points, whose means are to each other as the numbers from 1 to
 * 16, with a lognormal spread about them (SPREAD: the standard deviation of the logarithm). Prints, with
 * commas between them: ranks, SECONDS, BLOCKS, SPREAD, seconds that it took, the efficiency, which is the
 * time of all blocks divided by that of all ranks, what it would be if handing out took no time, and the
 * share of its time that rank 0 computed. Built and run by bench/cluster/run. */
#include "base/clock.h"
#include "farm/farm.h"
#include "farm/message.h"
#include "no_results.h"
#include "simulated.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUSY_SECONDS 2e-4    /* as in src/farm/message.c */
#define NAP_SECONDS  1.06e-3 /* that a nap of 1 ms really takes */
#define POINTS       16
#define RANKS_MAX    65536

/* One process simulates all ranks, which share these. */
static double mean_seconds, spread, own_seconds;

/* A message that an idle rank has waited for. */
typedef struct mailbox {
    MPI_Comm comm;
    bool is_full;
    MPI_Status status;
    ms_message message;
} mailbox;
static mailbox mailboxes[RANKS_MAX];

/* A number from 0 to 1 for each index (splitmix64's last steps). */
static double uniform(uint64_t index)
{
    uint64_t x = (index + 1) * 0x9e3779b97f4a7c15U;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
    x = (x ^ x >> 27) * 0x94d049bb133111ebU;
    return ((double)((x ^ x >> 31) >> 11) + 0.5) * 0x1p-53;
}

double ms_simulated_mean(const ms_sweep *sweep, size_t block)
{
    double points = (double)sweep->point_count, point = (double)ms_sweep_block(sweep, block).point;
    return mean_seconds * (point + 1) / ((points + 1) / 2);
}

double ms_simulated_seconds(const ms_sweep *sweep, size_t block)
{
    const double two_pi = 6.283185307179586;
    double normal = sqrt(-2 * log(uniform(2 * block))) * cos(two_pi * uniform(2 * block + 1));
    return ms_simulated_mean(sweep, block) * exp(spread * normal - spread * spread / 2);
}

ms_status ms_results_write(ms_results *results, const ms_block_results *block, ms_error *error)
{
    (void)results;
    (void)error;
    if (block->rank == 0)
        own_seconds += block->seconds;
    return MS_OK;
}

bool __real_ms_message_receive(MPI_Comm comm, int *rank, ms_message_tag *tag, ms_message *message);
bool __wrap_ms_message_receive(MPI_Comm comm, int *rank, ms_message_tag *tag, ms_message *message);
void __wrap_ms_message_idle(double idle_since);
int __wrap_MPI_Iallreduce(const void *mine, void *all, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
                          MPI_Request *request);

bool __wrap_ms_message_receive(MPI_Comm comm, int *rank, ms_message_tag *tag, ms_message *message)
{
    int self;
    MPI_Comm_rank(comm, &self);
    mailbox *mine = &mailboxes[self];
    mine->comm = comm;
    if (!mine->is_full)
        return __real_ms_message_receive(comm, rank, tag, message);
    *rank = mine->status.MPI_SOURCE;
    *tag = (ms_message_tag)mine->status.MPI_TAG;
    *message = mine->message;
    mine->is_full = false;
    return true;
}

/* Thousands of ranks that look for a message every millisecond would take the simulation hours: one waits for
 * the message, and then for the end of the nap in which it would have come. */
void __wrap_ms_message_idle(double idle_since)
{
    int self;
    MPI_Comm_rank(MPI_COMM_WORLD, &self);
    mailbox *mine = &mailboxes[self];
    MPI_Recv(&mine->message, (int)sizeof mine->message, MPI_BYTE, MPI_ANY_SOURCE, MPI_ANY_TAG, mine->comm,
             &mine->status);
    mine->is_full = true;
    double idle = ms_clock() - idle_since;
    if (idle < BUSY_SECONDS)
        return;
    double left = NAP_SECONDS - fmod(idle - BUSY_SECONDS, NAP_SECONDS);
    const struct timespec pause = {.tv_nsec = (long)(1e9 * left)};
    nanosleep(&pause, NULL);
}

/* SimGrid's own sends a message from every rank to every other one. */
int __wrap_MPI_Iallreduce(const void *mine, void *all, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
                          MPI_Request *request)
{
    *request = MPI_REQUEST_NULL;
    return MPI_Allreduce(mine, all, count, type, op, comm);
}

/* When a list scheduler is done that takes no time: whoever is idle first takes the next block, in the order
 * of the expected time. A heap of the times when ranks will be idle. */
static double ideal_seconds(const ms_sweep *sweep, int ranks)
{
    double *idle = calloc((size_t)ranks, sizeof *idle), last = 0;
    size_t n = (size_t)ranks;
    for (size_t b = ms_sweep_block_count(sweep);
         idle && b-- > 0;) { /* the last point's blocks are the longest */
        double until = idle[0] + ms_simulated_seconds(sweep, b);
        last = fmax(last, until);
        size_t at = 0;
        for (;;) {
            size_t child = 2 * at + 1;
            if (child + 1 < n && idle[child + 1] < idle[child])
                child++;
            if (child >= n || idle[child] >= until)
                break;
            idle[at] = idle[child];
            at = child;
        }
        idle[at] = until;
    }
    free(idle);
    return last;
}

/* The reduced engine's cost does not depend on the dimension: the farm must learn which points take long. */
static ms_sweep *make_sweep(double blocks)
{
    char text[1024];
    ms_sweep *sweep = NULL;
    ms_diagnostics diagnostics = {0};
    int length =
        snprintf(text, sizeof text,
                 "name: cluster\n"
                 "target:\n"
                 "  family: gaussian_mixture\n"
                 "  components: [{weight: 0.5, mean: 0, variance: 3}, {weight: 0.5, mean: 1, variance: 1}]\n"
                 "sampler: {step_size: 0.1}\n"
                 "budget: {iterations: %.0f, chains: %.0f, block: 1}\n"
                 "grid: {dimension: {from: 1, to: %d, step: 1}}\n",
                 fmax(1, 1e8 * mean_seconds), ceil(blocks / POINTS), POINTS);
    if (ms_sweep_parse(&sweep, "cluster", text, (size_t)length, &diagnostics) != MS_OK)
        ms_diagnostics_print(&diagnostics, stderr);
    return sweep;
}

int main(int argc, char **argv)
{
    static ms_sweep *sweep;
    int rank, ranks;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (argc != 4 || ranks > RANKS_MAX)
        MPI_Abort(MPI_COMM_WORLD, 2);
    mean_seconds = strtod(argv[1], NULL);
    spread = strtod(argv[3], NULL);
    if (rank == 0)
        sweep = make_sweep(strtod(argv[2], NULL) * ranks);
    MPI_Barrier(MPI_COMM_WORLD);
    if (!sweep)
        MPI_Abort(MPI_COMM_WORLD, 1);
    volatile sig_atomic_t stop = 0;
    ms_results results = {0};
    ms_farm_params params = {.comm = MPI_COMM_WORLD,
                             .stop = &stop,
                             .discard_states = true,
                             .checkpoint_seconds = 60,
                             .rank_timeout = 600};
    ms_farm_report report = {0};
    ms_error error = {0};
    ms_status status = ms_farm_run(sweep, &results, &params, &report, &error);
    if (status != MS_OK)
        fprintf(stderr, "cluster: %s\n", error.message);
    if (status == MS_OK && rank == 0) {
        double work = 0;
        for (size_t b = 0; b < report.done; b++)
            work += ms_simulated_seconds(sweep, b);
        printf("%d,%s,%s,%s,%.3f,%.4f,%.4f,%.4f\n", ranks, argv[1], argv[2], argv[3], report.seconds,
               work / (ranks * report.seconds), work / (ranks * ideal_seconds(sweep, ranks)),
               own_seconds / report.seconds);
    }
    MPI_Finalize();
    return status == MS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
