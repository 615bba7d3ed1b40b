/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sweep and the files that it names, put together in one folder. */
#ifndef MS_UNPACK_H
#define MS_UNPACK_H

#include "cli/folder.h"
#include "results/results.h"

#define MS_UNPACKED_SWEEP "sweep.yaml"

typedef struct ms_local_name {
    char text[MS_INPUT_NAME_MAX + 16];
} ms_local_name;

/* Writes the sweep, as results keep it, and those of `inputs` that have their bytes into the folder. Their
 * names there, [inputs->count], "" for those without bytes, are the last part of those in the sweep, which
 * are changed in its text; with a number before it where that is taken, be it by one of `others`
 * (NULL-terminated), which the folder has, too. The caller frees `*names`, also after a failure. */
ms_status ms_unpack(const ms_folder *folder, const ms_sweep *sweep, const ms_inputs *inputs,
                    const char *const *others, ms_local_name **names, ms_error *error);

/* Prints the sweep of open results, or, unless `path` is NULL, makes that folder of it and its files. */
ms_status ms_export_sweep(ms_results *results, const char *path, ms_error *error);

#endif
