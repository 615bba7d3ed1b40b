/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When the job in which this process runs will be ended by Slurm. The environment may have said so when the
 * job began; limits may change, so squeue is asked again in the background: every ten minutes, and once more
 * shortly before the end, but at most once a minute. */
#ifndef MS_SLURM_END_H
#define MS_SLURM_END_H

#include "slurm/self.h"

#include <modeseek/status.h>

typedef struct ms_slurm_end ms_slurm_end;

/* Nothing is asked yet. MS_ERROR_MEMORY. */
ms_status ms_slurm_end_alloc(ms_slurm_end **end, const ms_slurm_self *self, ms_error *error);
/* NULL is allowed. */
void ms_slurm_end_free(ms_slurm_end *end);

/* The end by ms_clock(), as far as it is known now; INFINITY: none, or not known. Never waits, and is cheap
 * enough to be asked many times a second: by this squeue is started, and listened to. `notice`: how many
 * seconds before the end the caller will stop. */
double ms_slurm_end_look(ms_slurm_end *end, double notice);

/* The same, but waits for the first answer, `seconds` at most. */
double ms_slurm_end_await(ms_slurm_end *end, double notice, double seconds);

/* Why the end is not known, or may have moved without our notice; "" if squeue's last answer was of use. */
const char *ms_slurm_end_problem(const ms_slurm_end *end);

#endif
