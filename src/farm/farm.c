/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/farm.h"

#include "farm/roles.h"
#include "results/agree.h"

ms_status ms_farm_why_stopped(const ms_farm_params *params, ms_error *error)
{
    return *params->stop == MS_STOP_ORPHAN
               ? ms_error_set(
                     error, MS_ERROR_RANK,
                     "what started it (slurmstepd) is gone; the work is saved, the same command resumes")
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
    status = ms_agree(comm, status, &verdict); /* rank 0's: the others tell it of their troubles */
    MPI_Comm_free(&comm);
    if (error && status != MS_OK)
        *error = verdict;
    return status;
}
