/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/farm.h"

#include "farm/message.h"
#include "farm/roles.h"

#include <string.h>

/* Rank 0's verdict, for all. Waits asleep: a rank may be at the end of a long slice. */
static ms_status share_verdict(MPI_Comm comm, ms_status status, ms_error *error)
{
    ms_error verdict = {.status = status};
    if (error)
        memcpy(verdict.message, error->message, sizeof verdict.message);
    MPI_Request request;
    MPI_Ibcast(&verdict, (int)sizeof verdict, MPI_BYTE, 0, comm, &request);
    ms_message_sleep_until(request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    if (error)
        *error = verdict;
    return verdict.status;
}

ms_status ms_farm_why_stopped(const ms_farm_params *params, ms_error *error)
{
    return *params->stop == MS_STOP_ORPHAN
               ? ms_error_set(error, MS_ERROR_RANK,
                              "what has started it (slurmstepd) is gone; the work is saved, the same command "
                              "resumes")
               : ms_error_set(error, MS_STOPPED, "%s", ms_status_message(MS_STOPPED));
}

ms_status ms_farm_run(const ms_sweep *sweep, ms_results *results, const ms_farm_params *params,
                      ms_farm_report *report, ms_error *error)
{
    MPI_Comm comm;
    MPI_Comm_dup(params->comm, &comm);
    int rank;
    MPI_Comm_rank(comm, &rank);
    ms_error verdict = {0};
    ms_status status = MS_OK;
    if (rank == 0)
        status = ms_coordinator(sweep, results, params, comm, report, &verdict);
    else
        ms_worker(sweep, results, params, comm);
    status = share_verdict(comm, status, &verdict);
    MPI_Comm_free(&comm);
    if (error && status != MS_OK)
        *error = verdict;
    return status;
}
