/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/agree.h"

#include <limits.h>
#include <time.h>

void ms_nap(void)
{
    const struct timespec nap = {.tv_sec = 0, .tv_nsec = 1000000};
    nanosleep(&nap, NULL); /* a signal may end it early: welcome */
}

void ms_wait(MPI_Request request)
{
    int over = 0;
    for (;;) {
        MPI_Request_get_status(request, &over, MPI_STATUS_IGNORE);
        if (over)
            break;
        ms_nap();
    }
    MPI_Wait(&request, MPI_STATUS_IGNORE);
}

ms_status ms_agree(MPI_Comm comm, ms_status status, ms_error *error)
{
    int rank = 0;
    MPI_Comm_rank(comm, &rank);
    int mine = status == MS_OK ? INT_MAX : rank, failed = mine;
    MPI_Request request;
    MPI_Iallreduce(&mine, &failed, 1, MPI_INT, MPI_MIN, comm, &request);
    ms_wait(request);
    return ms_agree_with(comm, failed, status, error);
}

ms_status ms_agree_with(MPI_Comm comm, int failed, ms_status status, ms_error *error)
{
    int rank = 0;
    MPI_Comm_rank(comm, &rank);
    if (failed == INT_MAX)
        return MS_OK;
    ms_error verdict = {.status = status};
    if (rank == failed && rank == 0)
        ms_error_set(&verdict, status, "%s", error ? error->message : "");
    else if (rank == failed)
        ms_error_set(&verdict, status, "rank %d: %s", rank, error ? error->message : "");
    MPI_Request request;
    MPI_Ibcast(&verdict, (int)sizeof verdict, MPI_BYTE, failed, comm, &request);
    ms_wait(request);
    return ms_error_set(error, verdict.status, "%s", verdict.message);
}
