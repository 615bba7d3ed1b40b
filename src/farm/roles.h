/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two parts that ranks play: rank 0 coordinates and computes, the others compute. */
#ifndef MS_ROLES_H
#define MS_ROLES_H

#include "farm/farm.h"

/* MS_STOPPED, or MS_ERROR_RANK for MS_STOP_ORPHAN. */
ms_status ms_farm_why_stopped(const ms_farm_params *params, ms_error *error);

/* Plays rank 0. `comm` carries nothing but the farm's messages. Returns when every worker has said goodbye:
 * MS_OK, MS_ERROR_POINTS, MS_STOPPED or what went wrong first on any rank. */
ms_status ms_coordinator(const ms_sweep *sweep, ms_results *results, const ms_farm_params *params,
                         MPI_Comm comm, ms_farm_report *report, ms_error *error);

/* Plays any other rank. Its troubles are told to the coordinator, whose verdict counts. */
void ms_worker(const ms_sweep *sweep, ms_results *results, const ms_farm_params *params, MPI_Comm comm);

#endif
