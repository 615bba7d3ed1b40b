/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a lock that a Slurm job has left may be taken over: Slurm knows whether that job is over. */
#ifndef MS_TAKEOVER_H
#define MS_TAKEOVER_H

#include "results/results.h"
#include "slurm/self.h"

typedef struct ms_takeover {
    const ms_slurm_self *self;
    const ms_monitor *monitor; /* while it waits; may be NULL */
} ms_takeover;

/* Judges for ms_lock_acquire(); `argument` is an ms_takeover. The rule is in docs/command-line.md. A lock
 * that is taken over is reported on standard error. */
ms_status ms_takeover_judge(void *argument, const char *path, const ms_writer *writer, ms_error *error);

#endif
