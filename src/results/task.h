/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work of this room that takes long: between its pieces it asks whether it is to go on. */
#ifndef MS_RESULTS_TASK_H
#define MS_RESULTS_TASK_H

#include "results/results.h"

#define MS_TASK_PIECE ((size_t)16 << 20) /* bytes to be read or written between two questions, at most */

typedef struct ms_task {
    const ms_monitor *monitor; /* or NULL */
    const char *doing, *path;  /* "creating", and what: for people */
    double done;               /* of it, 0 to 1 */
    int descriptor;            /* of the new file that is being written; -1: none */
    size_t written;            /* bytes that are not being sent to disk yet */
} ms_task;

/* MS_STOPPED, with a message, if the work is to be given up. What has been written to the new file meanwhile
 * is sent to disk, so that the last sync, which cannot be stopped, is short: MS_ERROR_IO if that fails.
 * `task` may be NULL. */
ms_status ms_task_go_on(ms_task *task, ms_error *error);

#endif
