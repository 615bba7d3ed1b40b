/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How ranks wait for each other, and come to one status. All but ms_nap() and ms_wait() are collective over
 * `comm`. */
#ifndef MS_AGREE_H
#define MS_AGREE_H

#include <modeseek/status.h>
#include <mpi.h>

/* The sleep of a rank that has nothing to do: about 1 ms. MPI_Wait() and MPI_Recv() would spin and take a
 * core from a rank that computes. */
void ms_nap(void);

/* Waits, asleep, until a nonblocking operation is over. */
void ms_wait(MPI_Request request);

/* All ranks get the status of the lowest rank that failed, with its message, MS_OK if none did. */
ms_status ms_agree(MPI_Comm comm, ms_status status, ms_error *error);

/* The same where that rank is known to all: `failed`, INT_MAX if none did. */
ms_status ms_agree_with(MPI_Comm comm, int failed, ms_status status, ms_error *error);

#endif
