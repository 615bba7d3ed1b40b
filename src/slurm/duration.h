/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_SLURM_DURATION_H
#define MS_SLURM_DURATION_H

#include <stdbool.h>

/* Reads a duration as Slurm prints and takes it (sbatch(1), --time): "M", "M:S", "H:M:S", "D-H", "D-H:M",
 * "D-H:M:S", and INFINITY for "UNLIMITED" and "INFINITE". Minutes and seconds after a larger unit are less
 * than 60, hours after days less than 24. False for everything else, also for what Slurm prints where it
 * knows none ("INVALID", "NOT_SET", "N/A", ""). */
bool ms_slurm_read_duration(const char *word, double *seconds);

#define MS_SLURM_DURATION_FORMATS "MM, MM:SS, HH:MM:SS, D-HH, D-HH:MM or D-HH:MM:SS"

#endif
