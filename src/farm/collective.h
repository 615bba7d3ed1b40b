/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all ranks do together around the farm. Every function here is collective over MPI_COMM_WORLD unless
 * it says otherwise; waiting ranks sleep. */
#ifndef MS_COLLECTIVE_H
#define MS_COLLECTIVE_H

#include <modeseek/status.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Starts MPI (a program started without mpirun is rank 0 of 1) and tells this rank and their number. */
void ms_collective_begin(int *argc, char ***argv, int *rank, int *ranks);
/* Nothing if MPI was never started. */
void ms_collective_end(void);

/* Ends all ranks at once, with the exit code of `status`, where MPI_Finalize() would hang or crash. Not
 * collective: one rank is enough. Returns if this rank is the only one. */
void ms_collective_abandon(ms_status status);

/* All ranks get the status of the lowest rank that failed, with its message, MS_OK if none did. */
ms_status ms_collective_agree(ms_status status, ms_error *error);

/* The same, while rank 0 works alone and the others wait here for it: if `stop` is set on one of them, it
 * asks rank 0 to stop. */
ms_status ms_collective_agree_or_stop(ms_status status, const volatile sig_atomic_t *stop, ms_error *error);
/* On rank 0, which works while the others wait there: whether one of them asks it to stop. Not collective;
 * works without MPI. */
bool ms_collective_is_asked_to_stop(void);

/* Rank 0 reads the file at `path`, all get its bytes, with a NUL behind them; at most `max` + 1 bytes are
 * read, so that the caller can tell a file that is too long. `*text` is the caller's. MS_ERROR_IO,
 * MS_ERROR_MEMORY, the same on all ranks. */
ms_status ms_collective_read(const char *path, size_t max, char **text, size_t *length, ms_error *error);

/* True on all ranks if all gave the same value. */
bool ms_collective_same(uint64_t value);

/* Rank 0's answer on all ranks. */
bool ms_collective_of_first(bool value);

/* The version of the MPI library, "Open MPI v4.1.4" or the like. Not collective; works before begin. */
void ms_collective_library(char *text, size_t size);

#endif
