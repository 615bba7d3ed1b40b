/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The monitor of work that rank 0 does alone, such as creating or reading a large file: it may be stopped as
 * the farm may, the lock file gets its signs of life, and people see how far it is. */
#ifndef MS_FARM_MONITOR_H
#define MS_FARM_MONITOR_H

#include "farm/farm.h"

typedef struct ms_farm_monitor {
    const ms_farm_params *params;
    double beat;
    ms_monitor monitor; /* give the address of this to the results room */
} ms_farm_monitor;

/* Of `params` it uses stop, is_time, progress and lock. `monitor` must stay where it is. */
void ms_farm_monitor_begin(ms_farm_monitor *monitor, const ms_farm_params *params);
/* Whether to stop: what monitor->monitor asks. */
bool ms_farm_monitor_look(ms_farm_monitor *monitor, const char *doing, const char *path, double done);
void ms_farm_monitor_end(ms_farm_monitor *monitor);

#endif
