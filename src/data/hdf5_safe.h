/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datasets of a file that nobody vouches for. The file is in memory, so that nothing can lead out of it but
 * what is refused here before it is used: links, virtual and external values, filters that could be plugins.
 */
#ifndef MS_DATA_HDF5_SAFE_H
#define MS_DATA_HDF5_SAFE_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>

#define MS_HDF5_RANK_MAX 3

/* The bytes of a file as one that can be read; they must outlive it. Negative: it cannot be read. */
hid_t ms_hdf5_open_image(void *bytes, size_t length);

/* Whether it holds numbers of the types that programs write. */
bool ms_hdf5_is_number(hid_t dataset);

/* What is wrong with where the values lie, or NULL. HDF5 looks for those of a virtual dataset as soon as it
 * is asked for the extent. */
const char *ms_hdf5_find_outside(hid_t dataset);

#endif
