/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A new folder of files, whole or not at all: made under a temporary name beside its own. */
#ifndef MS_FOLDER_H
#define MS_FOLDER_H

#include <modeseek/status.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct ms_folder {
    const char *path; /* that it is to have */
    char *temporary;  /* that it has; NULL: none yet */
    const volatile sig_atomic_t *stop;
} ms_folder;

/* Nothing may be at `path`, which must live as long. From now on signals are caught, so that what is there
 * can be removed. MS_ERROR_IO, MS_ERROR_MEMORY. */
ms_status ms_folder_begin(ms_folder *folder, const char *path, ms_error *error);
/* MS_STOPPED if one has come. */
ms_status ms_folder_go_on(const ms_folder *folder, ms_error *error);
/* The path of a file in it; the caller frees it. NULL without memory. */
char *ms_folder_file(const ms_folder *folder, const char *name);
/* Writes a new file into it, unless it is to stop. */
ms_status ms_folder_write(const ms_folder *folder, const char *name, const void *bytes, size_t size,
                          ms_error *error);
/* Gives it its name, or, after a failure before or now, removes it. Returns `status`, unless it was MS_OK and
 * that fails. */
ms_status ms_folder_end(ms_folder *folder, ms_status status, ms_error *error);

#endif
