/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An open results file, shared by the sources of this room. */
#ifndef MS_RESULTS_FILE_H
#define MS_RESULTS_FILE_H

#include "results/layout.h"

struct ms_results {
    char *path;
    hid_t file;
    hid_t dataset[MS_DATASET_COUNT]; /* open for the file's life; H5I_INVALID_HID where left out */
    ms_layout layout;
    ms_results_info info;

    bool parallel;
    MPI_Comm comm; /* a duplicate, if parallel */

    /* what `info` points to */
    char *name, *identity, *sweep_yaml;
    uint64_t *dimension, *patch_size, *seed, *snapshot_iteration;
    double *noise_level, *weight;

    ms_block *block;                 /* [blocks] */
    size_t *first_block;             /* [points + 1]: point p has blocks first_block[p]..first_block[p+1]-1 */
    ms_block_results *block_results; /* room for one slot, made when first needed */
};

/* An access list that takes no file locks (the lock file is ours, and not every file system has them) and
 * does not cache raw data (which another process may be writing). */
hid_t ms_file_access_list(void);

/* Opens the file; checks and reads everything but the slots. On failure `*results` is NULL. `access` stays
 * the caller's. */
ms_status ms_file_open(ms_results **results, const char *path, unsigned flags, hid_t access, ms_error *error);
/* The same by name, with readable messages for what is no HDF5 file. */
ms_status ms_file_open_serial(ms_results **results, const char *path, unsigned flags, ms_error *error);
ms_status ms_file_close(ms_results *results, ms_error *error);

/* MS_ERROR_MISMATCH unless the file is of this sweep. */
ms_status ms_file_match(const ms_results *results, const ms_sweep *sweep, ms_error *error);

ms_status ms_block_results_alloc_shape(const ms_layout *layout, size_t chains, ms_block_results **results,
                                       ms_error *error);
/* results->block_results, allocated if need be. */
ms_status ms_file_block_results(ms_results *results, ms_block_results **block_results, ms_error *error);

/* Reads or writes the part of a slot that lies in `dataset`, for `block`. */
ms_status ms_slot_read(ms_results *results, ms_dataset dataset, size_t block, void *values, ms_error *error);
ms_status ms_slot_write(ms_results *results, ms_dataset dataset, size_t block, const void *values,
                        ms_error *error);

/* The checksum in the commit record: over the slot as it is in the file, then block number, generation,
 * status and format version, so that no part of a record can be changed unnoticed. */
uint32_t ms_slot_checksum(const ms_layout *layout, const ms_block_results *block, uint32_t generation);

/* Whether times and numbers of iterations can be those of a run of `iterations` iterations. */
bool ms_slot_plausible(const ms_layout *layout, const ms_block_results *block, uint64_t iterations);

/* Reads a slot and checks it against its commit record; status MS_BLOCK_NOT_DONE where that fails. */
ms_status ms_slot_load(ms_results *results, size_t block, ms_block_results *block_results, ms_error *error);

/* The text of the provenance: a JSON object on one line. */
void ms_provenance_versions(char *text, size_t size);
void ms_provenance_start(int ranks, char *text, size_t size);

/* Makes bytes from a file harmless for a terminal. */
void ms_make_printable(char *text);

#endif
