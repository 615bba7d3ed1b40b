/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the results file is made of: a table of datasets, those that every file has and those that depend on
 * its sweep, from which the file is created, checked on opening and measured. docs/results-file.md says the
 * same in prose. */
#ifndef MS_RESULTS_LAYOUT_H
#define MS_RESULTS_LAYOUT_H

#include "results/results.h"
#include "sweep/columns.h"

#include <hdf5.h>

#define MS_RESULTS_FORMAT       "modeseek results"
#define MS_COMMIT_FIELDS        4u       /* generation, status, crc32c, format */
#define MS_GENERATION           1u       /* of a slot that was written; 0 is the fill value */
#define MS_STARTS               64u      /* lines of /provenance/start for the starts on this file itself */
#define MS_STARTS_MAX           1000000u /* with those of the files that it was merged from */
#define MS_SOURCES_MAX          100000u  /* files that it was merged from */
#define MS_SLOTS                2u       /* of saved states of a block, written in turn */
#define MS_RECORD_FIELDS        5u       /* generation, iteration, size, time, crc32c */
#define MS_ATTEMPT_FIELDS       3u       /* unfinished, total, begun */
#define MS_NAME_CHARACTERS      MS_SWEEP_NAME_MAX /* of a name, padded with NUL */
#define MS_RANK_MAX             (1 + MS_COLUMN_RANK_MAX)
#define MS_VERSIONS_MAX         1024u       /* bytes of /provenance/versions, NUL included */
#define MS_TIME_MAX             32u         /* bytes of a time as text, NUL included */
#define MS_NAME_MAX             128u        /* bytes of a sweep's name, NUL included */
#define MS_IDENTITY_MAX         (16u << 20) /* bytes of an identity */
#define MS_RESULTS_METADATA_MAX 131072.0    /* bytes of the file that are not in datasets, at most */

typedef enum ms_dim {
    MS_DIM_POINT,
    MS_DIM_CHAIN, /* from here on in the order of ms_extent */
    MS_DIM_RULE,
    MS_DIM_MODE,
    MS_DIM_COMPONENT,
    MS_DIM_SNAPSHOT,
    MS_DIM_COORDINATE,
    MS_DIM_NAME_CHARACTER,
    MS_DIM_TEXT_CHARACTER,
    MS_DIM_VARIANT,
    MS_DIM_ESTIMATOR,
    MS_DIM_AXIS,
    MS_DIM_COLUMN,
    MS_DIM_BLOCK,
    MS_DIM_COMMIT_FIELD,
    MS_DIM_PROVENANCE_BLOCK, /* netCDF-4 finds the scales of a group in that group or above it only */
    MS_DIM_START,
    MS_DIM_FAILURE_CHARACTER,
    MS_DIM_START_CHARACTER,
    MS_DIM_SOURCE,
    MS_DIM_SOURCE_CHARACTER,
    MS_DIM_CHECKPOINT_BLOCK,
    MS_DIM_SLOT,
    MS_DIM_RECORD_FIELD,
    MS_DIM_ATTEMPT_FIELD,
    MS_DIM_STATE, /* has no scale */
    MS_DIM_INPUT,
    MS_DIM_INPUT_CHARACTER,
    MS_DIM_INPUT_BYTE, /* nor has this */
    MS_DIM_COUNT
} ms_dim;

/* The dimension in the file that stands for an extent of a column. */
static inline ms_dim ms_dim_of(ms_extent extent)
{
    return (ms_dim)(MS_DIM_CHAIN + (int)extent);
}

typedef enum ms_dataset {
    MS_DATASET_POINT,
    MS_DATASET_CHAIN,
    MS_DATASET_NAME_CHARACTER,
    MS_DATASET_TEXT_CHARACTER,
    MS_DATASET_RULE,
    MS_DATASET_MODE,
    MS_DATASET_COMPONENT,
    MS_DATASET_SNAPSHOT,
    MS_DATASET_COORDINATE,
    MS_DATASET_VARIANT,
    MS_DATASET_ESTIMATOR,
    MS_DATASET_AXIS,
    MS_DATASET_COLUMN,
    MS_DATASET_COLUMN_DIMENSIONS,
    MS_DATASET_KEY,
    MS_DATASET_ITERATIONS,
    MS_DATASET_RADIUS_SQUARED,
    MS_DATASET_SCORE_EVALUATIONS,
    MS_DATASET_DENSITY_EVALUATIONS,
    MS_DATASET_COORDINATE_UPDATES,
    MS_DATASET_PASS_ITERATIONS,
    MS_DATASET_POINT_VARIANT,
    MS_DATASET_VALIDITY,
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
    MS_DATASET_PROVENANCE_BLOCK,
    MS_DATASET_BLOCK_SECONDS,
    MS_DATASET_BLOCK_RANK,
    MS_DATASET_BLOCK_LOST,
    MS_DATASET_START_NUMBER,
    MS_DATASET_START_CHARACTER,
    MS_DATASET_START,
    MS_DATASET_VERSIONS,
    MS_DATASET_CREATED_AT,
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
    MS_DATASET_INPUT_NUMBER,
    MS_DATASET_INPUT_CHARACTER,
    MS_DATASET_INPUT,
    MS_DATASET_INPUT_BYTES,
    MS_DATASET_FIXED, /* so many are in every file; behind them come the axes of its grid and its columns */
    MS_DATASET_FIRST_AXIS = MS_DATASET_FIXED,
    MS_DATASET_FIRST_COLUMN = MS_DATASET_FIRST_AXIS + MS_SWEEP_AXES_MAX,
    MS_DATASET_COUNT = MS_DATASET_FIRST_COLUMN + MS_COLUMNS_MAX
} ms_dataset;

typedef enum ms_value_type {
    MS_VALUE_UINT8,
    MS_VALUE_INT32,
    MS_VALUE_INT64,
    MS_VALUE_UINT32,
    MS_VALUE_UINT64,
    MS_VALUE_DOUBLE,
    MS_VALUE_NAME,     /* characters of a scale's names */
    MS_VALUE_STRING,   /* one string of fixed length */
    MS_VALUE_CHARACTER /* one byte of a string whose bytes are the last dimension, as netCDF has them: its
                          library crashes on arrays of strings of fixed length. A scale of this type has no
                          values. */
} ms_value_type;

typedef enum ms_fill {
    MS_FILL_ZERO,
    MS_FILL_NOT_COMPUTED, /* MS_COLUMN_NOT_COMPUTED or NaN, also as the attribute _FillValue */
    MS_FILL_NEVER         /* takes up disk only where something is written */
} ms_fill;

typedef struct ms_dataset_spec {
    char path[1 + MS_SWEEP_NAME_MAX];
    ms_value_type type;
    size_t string_size; /* of MS_VALUE_STRING; 0: the layout's string_size */
    unsigned rank;
    ms_dim dim[MS_RANK_MAX];
    bool scale; /* the dimension scale of dim[0] */
    ms_fill fill;
    const char *units, *long_name;
    bool changes; /* written after the file's creation */
} ms_dataset_spec;

/* What one file is made of. */
typedef struct ms_layout {
    size_t size[MS_DIM_COUNT];
    size_t string_size[MS_DATASET_FIXED]; /* of the strings whose length depends on the sweep */
    size_t axes, columns;
    ms_point_axis axis[MS_SWEEP_AXES_MAX]; /* names and texts belong to whoever made the layout */
    const ms_column *column[MS_COLUMNS_MAX];
    ms_dataset_spec further[MS_DATASET_COUNT - MS_DATASET_FIXED]; /* of axes and columns */
} ms_layout;

/* The layout of a sweep's file. MS_ERROR_ARGUMENT where a limit is exceeded. */
ms_status ms_layout_of_sweep(const ms_sweep *sweep, ms_layout *layout, ms_error *error);

/* Adds what comes behind the last axis, or column, of the layout. */
void ms_layout_add_axis(ms_layout *layout, const ms_point_axis *axis);
void ms_layout_add_column(ms_layout *layout, const ms_column *column);

/* Of a dataset that the layout has. */
const ms_dataset_spec *ms_layout_spec(const ms_layout *layout, ms_dataset dataset);

/* False where a dimension is empty: the dataset is then left out. */
bool ms_layout_has(const ms_layout *layout, ms_dataset dataset);

/* Whether both have one name, type and extents. */
bool ms_column_is_same(const ms_column *a, const ms_column *b);

/* Whether what slots of the one hold has its place in those of the other: the same columns and extents, but
 * maybe fewer coordinates. */
bool ms_layout_has_slots_of(const ms_layout *layout, const ms_layout *other);

/* The name of an extent, as in the file, or NULL. */
const char *ms_extent_name(ms_extent extent);

/* Bytes of a string of `dataset`, NUL included. */
size_t ms_layout_string_size(const ms_layout *layout, ms_dataset dataset);

/* Bytes of the dataset's values; a double, so that no product overflows. */
double ms_layout_bytes(const ms_layout *layout, ms_dataset dataset);

/* The dataset that is the scale of `dim`, or MS_DATASET_COUNT. */
ms_dataset ms_layout_scale(ms_dim dim);

/* The type in the file, and the type in memory for H5Dread and H5Dwrite. The caller closes them. */
hid_t ms_layout_file_type(const ms_layout *layout, ms_dataset dataset);
hid_t ms_layout_memory_type(const ms_layout *layout, ms_dataset dataset);

#endif
