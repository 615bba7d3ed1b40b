/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a cluster's Slurm is set to, as far as it matters to those who submit. */
#ifndef MS_SLURM_CONFIG_H
#define MS_SLURM_CONFIG_H

#include <modeseek/status.h>
#include <stdbool.h>

typedef struct ms_slurm_config {
    char cluster[64];
    char mpi[32];     /* MpiDefault: what srun does without --mpi; "none" */
    long array_max;   /* tasks of an array, numbered from 1; 0: unknown */
    double kill_wait; /* seconds between SIGTERM and SIGKILL; NAN: unknown */
    bool requeues;    /* jobs that do not say; unknown: true */
    bool hides_jobs;  /* of other users */
} ms_slurm_config;

/* Reads what `scontrol show config` prints; what is missing or not understood stays unknown. */
ms_slurm_config ms_slurm_parse_config(const char *text);

/* Asks scontrol. MS_ERROR_IO: there is no Slurm here, or it does not answer. */
ms_status ms_slurm_get_config(ms_slurm_config *config, ms_error *error);

/* Whether `srun --mpi=list` names the plugin: "pmix" also stands for "pmix_v4". Where srun does not tell, as
 * old ones do not, it is taken to be there. */
bool ms_slurm_has_mpi(const char *plugin);

#endif
