/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_SIGNALS_H
#define MS_SIGNALS_H

#include <signal.h>

/* From now on SIGINT, SIGTERM and SIGUSR1 set the flag that is returned and the program is to stop cleanly. A
 * second SIGINT kills it: someone at the keyboard does not want to wait. A second SIGTERM or SIGUSR1 does
 * not: mpirun and Slurm may send them twice. */
const volatile sig_atomic_t *ms_signals_catch(void);

#endif
