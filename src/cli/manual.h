/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Manual pages, from the tables that parsing and --help go by. */
#ifndef MS_MANUAL_H
#define MS_MANUAL_H

#include "cli/command.h"

/* Writes modeseek.1 and modeseek-COMMAND.1 into the folder, which must exist. They are of `date`, YYYY-MM-DD.
 * MS_ERROR_IO. */
ms_status ms_write_manual(const ms_command *const *list, size_t count, const char *folder, const char *date,
                          ms_error *error);

#endif
