/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The seal: the first MS_SEAL_SIZE bytes of a results file, before those of HDF5. It holds a checksum of
 * everything that never changes after the file's creation, HDF5's metadata among it. It is checked before
 * HDF5 sees the file, because HDF5 1.10 crashes on some damaged metadata. Layout in docs/results-file.md. */
#ifndef MS_RESULTS_SEAL_H
#define MS_RESULTS_SEAL_H

#include "results/task.h"

#include <modeseek/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MS_SEAL_SIZE 4096u
#define MS_HOLES_MAX 240u

/* Bytes that may change: a dataset that is written while the farm runs. */
typedef struct ms_hole {
    uint64_t offset, size;
} ms_hole;

typedef struct ms_seal {
    uint32_t format_version;
    bool archive; /* compressed, and without holes */
    uint64_t file_size;
    size_t holes;
    ms_hole hole[MS_HOLES_MAX]; /* in the order of their offsets */
} ms_seal;

/* Seals a finished file: fills in file_size, sorts the holes and writes the first MS_SEAL_SIZE bytes.
 * MS_ERROR_IO. `name` stands for the file in messages; `task` may be NULL. */
ms_status ms_seal_write(const char *path, const char *name, ms_task *task, ms_seal *seal, ms_error *error);

/* Reads and checks the seal of a file. `force` accepts bytes whose checksum is wrong. MS_ERROR_IO,
 * MS_ERROR_FORMAT for no or a damaged results file, or one of a newer format. `task` may be NULL. */
ms_status ms_seal_check(const char *path, bool force, ms_task *task, ms_seal *seal, ms_error *error);
/* The same of an open file; `path` stands for it in messages. */
ms_status ms_seal_check_open(int file, const char *path, bool force, ms_task *task, ms_seal *seal,
                             ms_error *error);

#endif
