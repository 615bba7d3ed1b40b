/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/monitor.h"

#include "base/clock.h"
#include "farm/collective.h"
#include "farm/progress.h"

static bool stops(void *argument, const char *doing, const char *path, double done)
{
    return ms_farm_monitor_look(argument, doing, path, done);
}

void ms_farm_monitor_begin(ms_farm_monitor *monitor, const ms_farm_params *params)
{
    *monitor = (ms_farm_monitor){.params = params, .beat = ms_clock(), .monitor = {stops, monitor}};
}

bool ms_farm_monitor_look(ms_farm_monitor *monitor, const char *doing, const char *path, double done)
{
    const ms_farm_params *params = monitor->params;
    double now = ms_clock();
    if (now - monitor->beat > MS_LOCK_BEAT_SECONDS) {
        monitor->beat = now;
        ms_lock_beat(params->lock);
    }
    ms_share_progress_show(params->progress, doing, path, done);
    return *params->stop || (params->is_time && params->is_time(params->time, 0)) ||
           ms_collective_is_asked_to_stop();
}

void ms_farm_monitor_end(ms_farm_monitor *monitor)
{
    ms_display_next(monitor->params->progress);
}
