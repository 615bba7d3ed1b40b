/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/hdf5_error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct reason {
    int error_number; /* errno, 0 if the stack names none */
    char text[160];
} reason;

/* Keeps the innermost description and any errno: the outer ones only say which call led there. */
static herr_t look_at(unsigned n, const H5E_error2_t *entry, void *data)
{
    reason *found = data;
    if (!entry->desc)
        return 0;
    const char *number = strstr(entry->desc, "errno = ");
    if (number && found->error_number == 0)
        found->error_number = (int)strtol(number + strlen("errno = "), NULL, 10);
    if (n == 0)
        strncpy(found->text, entry->desc, sizeof found->text - 1);
    return 0;
}

ms_status ms_hdf5_error(ms_error *error, ms_status status, const char *path, const char *dataset,
                        const char *what)
{
    reason found = {0, ""};
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, look_at, &found);

    const char *advice = "";
    if (found.error_number == ENOSPC || found.error_number == EDQUOT)
        advice = "; free some space and start again";
    else if (status == MS_ERROR_FORMAT)
        advice = "; the file is damaged or not a modeseek results file";
    else if (status == MS_ERROR_IO && found.error_number == 0) /* MPI-IO does not tell */
        advice = "; is the disk full, or a quota exceeded?";
    const char *text = found.error_number ? strerror(found.error_number) : found.text;
    return ms_error_set(error, status, "%s: %s%s%s%s%s%s", path, what, dataset ? " " : "",
                        dataset ? dataset : "", *text ? ": " : "", text, advice);
}
