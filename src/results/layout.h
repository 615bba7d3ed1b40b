/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the results file is made of: one table of datasets, from which the file is created, checked on opening
 * and measured. docs/results-file.md says the same in prose. */
#ifndef MS_RESULTS_LAYOUT_H
#define MS_RESULTS_LAYOUT_H

#include "results/results.h"

#include <hdf5.h>

#define MS_RESULTS_FORMAT       "modeseek results"
#define MS_NOT_COMPUTED         INT64_C(-2) /* fill value of slots */
#define MS_COMMIT_FIELDS        4u          /* generation, status, crc32c, format */
#define MS_GENERATION           1u          /* of a slot that was written; 0 is the fill value */
#define MS_STARTS               64u      /* lines of /provenance/start for the starts on this file itself */
#define MS_STARTS_MAX           1000000u /* with those of the files that it was merged from */
#define MS_SOURCES_MAX          100000u  /* files that it was merged from */
#define MS_SLOTS                2u       /* of saved states of a block, written in turn */
#define MS_RECORD_FIELDS        5u       /* generation, iteration, size, time, crc32c */
#define MS_ATTEMPT_FIELDS       3u       /* unfinished, total, begun */
#define MS_NAME_CHARACTERS      16u      /* of a rule or a field, padded with NUL */
#define MS_VERSIONS_MAX         1024u    /* bytes of /provenance/versions, NUL included */
#define MS_NAME_MAX             128u     /* bytes of a sweep's name, NUL included */
#define MS_IDENTITY_MAX         (16u << 20) /* bytes of an identity */
#define MS_RESULTS_METADATA_MAX 131072.0    /* bytes of the file that are not in datasets, at most */

typedef enum ms_file_axis {
    MS_AXIS_POINT,
    MS_AXIS_CHAIN,
    MS_AXIS_RULE,
    MS_AXIS_NAME_CHARACTER,
    MS_AXIS_MODE,
    MS_AXIS_COMPONENT,
    MS_AXIS_SNAPSHOT,
    MS_AXIS_BLOCK,
    MS_AXIS_COMMIT_FIELD,
    MS_AXIS_PROVENANCE_BLOCK, /* netCDF-4 finds the scales of a group in that group or above it only */
    MS_AXIS_START,
    MS_AXIS_FAILURE_CHARACTER,
    MS_AXIS_START_CHARACTER,
    MS_AXIS_SOURCE,
    MS_AXIS_SOURCE_CHARACTER,
    MS_AXIS_CHECKPOINT_BLOCK,
    MS_AXIS_SLOT,
    MS_AXIS_RECORD_FIELD,
    MS_AXIS_ATTEMPT_FIELD,
    MS_AXIS_STATE, /* has no scale */
    MS_AXIS_COUNT
} ms_file_axis;

typedef enum ms_dataset {
    MS_DATASET_POINT,
    MS_DATASET_CHAIN,
    MS_DATASET_NAME_CHARACTER,
    MS_DATASET_RULE,
    MS_DATASET_MODE,
    MS_DATASET_COMPONENT,
    MS_DATASET_SNAPSHOT,
    MS_DATASET_DIMENSION,
    MS_DATASET_PATCH_SIZE,
    MS_DATASET_NOISE_LEVEL,
    MS_DATASET_SEED,
    MS_DATASET_KEY,
    MS_DATASET_WEIGHT,
    MS_DATASET_VARIANCE,
    MS_DATASET_BLOCK,
    MS_DATASET_BLOCK_POINT,
    MS_DATASET_BLOCK_FIRST_CHAIN,
    MS_DATASET_BLOCK_CHAINS,
    MS_DATASET_COMMIT_FIELD,
    MS_DATASET_COMMIT,
    MS_DATASET_FAILURE_CHARACTER,
    MS_DATASET_FAILURE,
    MS_DATASET_DISCOVERY_TIME,
    MS_DATASET_OBSERVED,
    MS_DATASET_SQUARED_DISTANCE,
    MS_DATASET_RESPONSIBILITY,
    MS_DATASET_PROVENANCE_BLOCK,
    MS_DATASET_BLOCK_SECONDS,
    MS_DATASET_BLOCK_RANK,
    MS_DATASET_BLOCK_LOST,
    MS_DATASET_START_NUMBER,
    MS_DATASET_START_CHARACTER,
    MS_DATASET_START,
    MS_DATASET_VERSIONS,
    MS_DATASET_IDENTITY,
    MS_DATASET_NAME,
    MS_DATASET_SWEEP_YAML,
    MS_DATASET_SOURCE_NUMBER,
    MS_DATASET_SOURCE_CHARACTER,
    MS_DATASET_SOURCE,
    MS_DATASET_CHECKPOINT_BLOCK,
    MS_DATASET_SLOT,
    MS_DATASET_RECORD_FIELD,
    MS_DATASET_RECORD,
    MS_DATASET_ATTEMPT_FIELD,
    MS_DATASET_ATTEMPT,
    MS_DATASET_STATE_OFFSET,
    MS_DATASET_STATE_SIZE,
    MS_DATASET_STATE,
    MS_DATASET_COUNT
} ms_dataset;

typedef enum ms_value_type {
    MS_VALUE_UINT8,
    MS_VALUE_INT32,
    MS_VALUE_INT64,
    MS_VALUE_UINT32,
    MS_VALUE_UINT64,
    MS_VALUE_DOUBLE,
    MS_VALUE_NAME,     /* characters of a scale's names; in files of the first builds strings of any length */
    MS_VALUE_STRING,   /* one string of fixed length */
    MS_VALUE_CHARACTER /* one byte of a string whose bytes are the last axis, as netCDF has them: its library
                          crashes on arrays of strings of fixed length. A scale of this type has no values. */
} ms_value_type;

typedef enum ms_fill {
    MS_FILL_ZERO,
    MS_FILL_NOT_COMPUTED, /* MS_NOT_COMPUTED or NaN, also as the attribute _FillValue */
    MS_FILL_NEVER         /* takes up disk only where something is written */
} ms_fill;

typedef struct ms_dataset_spec {
    const char *path;
    ms_value_type type;
    size_t string_size; /* of MS_VALUE_STRING; 0: the layout's string_size */
    unsigned rank;
    ms_file_axis axis[4];
    bool scale; /* the dimension scale of axis[0] */
    ms_fill fill;
    const char *units, *long_name;
    const char *coordinates; /* netCDF attribute: names of further coordinates, or NULL */
    bool changes;            /* written after the file's creation */
} ms_dataset_spec;

extern const ms_dataset_spec ms_dataset_specs[MS_DATASET_COUNT];

/* The extents of one file. */
typedef struct ms_layout {
    size_t size[MS_AXIS_COUNT];
    size_t string_size[MS_DATASET_COUNT]; /* of the strings whose length depends on the sweep */
} ms_layout;

/* The layout of a sweep's file. MS_ERROR_ARGUMENT where a limit is exceeded. */
ms_status ms_layout_of_sweep(const ms_sweep *sweep, ms_layout *layout, ms_error *error);

/* The datasets that hold the numbers of a block's slot, in the order in which they are written; failure and
 * the commit record follow. */
#define MS_SLOT_PARTS 4
extern const ms_dataset ms_slot_part[MS_SLOT_PARTS];

/* False where an axis is empty: the dataset is then left out. */
bool ms_layout_has(const ms_layout *layout, ms_dataset dataset);

/* Bytes of a string of `dataset`, NUL included. */
size_t ms_layout_string_size(const ms_layout *layout, ms_dataset dataset);

/* Bytes of the dataset's values; a double, so that no product overflows. */
double ms_layout_bytes(const ms_layout *layout, ms_dataset dataset);

/* The dataset that is the scale of `axis`, or MS_DATASET_COUNT. */
ms_dataset ms_layout_scale(ms_file_axis axis);

/* The type in the file, and the type in memory for H5Dread and H5Dwrite. The caller closes them. */
hid_t ms_layout_file_type(const ms_layout *layout, ms_dataset dataset);
hid_t ms_layout_memory_type(const ms_layout *layout, ms_dataset dataset);

#endif
