/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plugin of HDF5 that leaves a trace when it is loaded: the file that MODESEEK_TRACE names. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void leave_trace(void) __attribute__((constructor));
static void leave_trace(void)
{
    const char *path = getenv("MODESEEK_TRACE");
    int file = path ? open(path, O_WRONLY | O_CREAT, 0600) : -1;
    if (file >= 0)
        close(file);
}
