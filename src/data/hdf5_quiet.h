/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5 as it may be used on files that nobody vouches for. */
#ifndef MS_DATA_HDF5_QUIET_H
#define MS_DATA_HDF5_QUIET_H

#include <hdf5.h>

/* HDF5 prints its error stack to stderr by default, and loads plugins, code from outside, for filters that it
 * does not know: a file could name one anywhere in its metadata. Whoever calls HDF5 stops both while it runs
 * and then puts back what its caller had set. */
typedef struct ms_hdf5_quiet {
    H5E_auto2_t function;
    void *data;
    unsigned plugins; /* kinds that may be loaded */
} ms_hdf5_quiet;

ms_hdf5_quiet ms_hdf5_quiet_begin(void);
void ms_hdf5_quiet_end(ms_hdf5_quiet quiet);

#endif
