/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A matrix of numbers from a text file: a row a line, numbers apart by commas or blanks. Lines that are empty
 * or begin with '#' are left out, and a first line that does not begin with a number is taken for names. */
#ifndef MS_DATA_FILE_H
#define MS_DATA_FILE_H

#include <modeseek/status.h>
#include <stddef.h>

#define MS_DATA_BYTES_MAX ((size_t)1 << 28) /* of a file */

/* `*data` [*rows][*columns], finite, is the caller's, to be freed with free(). Errors, with file and line:
 * MS_ERROR_IO for what cannot be read, MS_ERROR_ARGUMENT for what is no matrix, MS_ERROR_MEMORY. */
ms_status ms_data_file_read(const char *path, double **data, size_t *rows, size_t *columns, ms_error *error);

#endif
