/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_RESULTS_CREATE_H
#define MS_RESULTS_CREATE_H

#include "results/file.h"

/* Fills an empty HDF5 file with everything a results file has before the first result, and says which bytes
 * may change later. `path` is for messages. On failure objects may be left open in the file: open it with
 * H5F_CLOSE_STRONG. */
ms_status ms_create_content(hid_t file, const char *path, const ms_new_file *new_file, ms_seal *seal,
                            ms_error *error);

#endif
