/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading whole small files that nobody vouches for. */
#ifndef MS_FILE_H
#define MS_FILE_H

#include "base/diagnostics.h"

#include <modeseek/status.h>

/* The bytes of a regular file of at most `limit` bytes, NUL-terminated; never reads more than limit + 1.
 * MS_ERROR_IO, MS_ERROR_SWEEP (too large) with a message, MS_ERROR_MEMORY. The caller frees `*text`. */
ms_status ms_file_read(const char *path, size_t limit, char **text, size_t *length,
                       ms_diagnostics *diagnostics);

/* Adds a message unless the bytes are non-empty UTF-8 text without control characters. */
ms_status ms_file_check_text(const char *where, const char *text, size_t length, ms_diagnostics *diagnostics);

/* `name`, if relative, in the folder of the file `beside`. The caller frees it; NULL without memory. */
char *ms_file_beside(const char *beside, const char *name);

#endif
