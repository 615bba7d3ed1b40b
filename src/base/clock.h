/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_CLOCK_H
#define MS_CLOCK_H

#include <stdint.h>

/* Seconds of a clock that never jumps: wall-clock time, for what must not take too long. */
double ms_clock(void);

/* Seconds that this thread has used of a processor: what work costs, however busy the machine is. */
double ms_processor_clock(void);

/* The same of all threads of the process. */
double ms_process_clock(void);

/* Milliseconds since 1970, as this host has it: for what other jobs read. */
int64_t ms_milliseconds(void);

#endif
