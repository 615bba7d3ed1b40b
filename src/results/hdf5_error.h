/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5's error stack, turned into one readable line. */
#ifndef MS_RESULTS_HDF5_ERROR_H
#define MS_RESULTS_HDF5_ERROR_H

#include <hdf5.h>
#include <modeseek/status.h>

/* HDF5 prints its error stack to stderr by default, and loads plugins, code from outside, for filters that it
 * does not know: a file could name one anywhere in its metadata. Every public function of this room stops
 * both while it runs and then puts back what its caller had set. */
typedef struct ms_hdf5_quiet {
    H5E_auto2_t function;
    void *data;
    unsigned plugins; /* kinds that may be loaded */
} ms_hdf5_quiet;

ms_hdf5_quiet ms_hdf5_quiet_begin(void);
void ms_hdf5_quiet_end(ms_hdf5_quiet quiet);

/* Formats the failure that HDF5 has just reported: call it before the next HDF5 function, which would clear
 * the stack. `what` says what failed, e.g. "cannot write"; `dataset` may be NULL. */
ms_status ms_hdf5_error(ms_error *error, ms_status status, const char *path, const char *dataset,
                        const char *what);

#endif
