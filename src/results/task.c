/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sync_file_range */
#endif
#include "results/task.h"

#include "results/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define SENT_AT_ONCE (4 * MS_TASK_PIECE) /* enough that disks are not slower for it */

/* Waits for what was sent to disk the last time, and sends what has come since. An error is told only once,
 * so it must not be lost here; not every file system knows this call. */
static ms_status send_to_disk(ms_task *task, ms_error *error)
{
    if (task->descriptor < 0 || task->written < SENT_AT_ONCE)
        return MS_OK;
    task->written = 0;
    int result = MS_TRY(MS_FAULT_SYNC, sync_file_range(task->descriptor, 0, 0,
                                                       SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE));
    if (result == 0 || (errno != EIO && errno != ENOSPC && errno != EDQUOT))
        return MS_OK;
    return ms_error_set(error, MS_ERROR_IO, "%s: cannot be written to disk: %s", task->path, strerror(errno));
}

ms_status ms_task_go_on(ms_task *task, ms_error *error)
{
    if (!task)
        return MS_OK;
    if (task->monitor && task->monitor->stops(task->monitor->argument, task->doing, task->path, task->done))
        return ms_error_set(error, MS_STOPPED,
                            "%s: stopped at %.0f %% of %s it, which is discarded; nothing is lost, and the "
                            "same command starts over",
                            task->path, 100 * task->done, task->doing);
    return send_to_disk(task, error);
}
