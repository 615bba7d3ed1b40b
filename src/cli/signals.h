/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_SIGNALS_H
#define MS_SIGNALS_H

#include <signal.h>

/* From now on SIGINT, SIGTERM and SIGUSR1 set the flag that is returned and the program is to stop cleanly. A
 * second SIGINT or SIGTERM kills it, for whoever sends one does not want to wait; SIGUSR1 may come again
 * without harm, also before one of the others, as from some schedulers. Inside a Slurm job only a second
 * SIGINT kills it, and only with a terminal as standard input; and in a step that srun has started the flag
 * is set to MS_STOP_ORPHAN when the rank's parent is gone. */
const volatile sig_atomic_t *ms_signals_catch(void);

#endif
