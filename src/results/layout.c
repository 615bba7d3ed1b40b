/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/layout.h"

#include <string.h>

/* clang-format off */
#define DIMS(...) { __VA_ARGS__ }
static const ms_dataset_spec fixed[MS_DATASET_FIXED] = {
    /* coordinates */
    [MS_DATASET_POINT] = {"/point", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_POINT), true, MS_FILL_ZERO,
        "1", "number of the point in the grid", false},
    [MS_DATASET_CHAIN] = {"/chain", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_CHAIN), true, MS_FILL_ZERO,
        "1", "number of the chain within its point", false},
    [MS_DATASET_NAME_CHARACTER] = {"/name_character", MS_VALUE_CHARACTER, 0, 1, DIMS(MS_DIM_NAME_CHARACTER), true,
        MS_FILL_ZERO, "1", "characters of names", false},
    [MS_DATASET_TEXT_CHARACTER] = {"/text_character", MS_VALUE_CHARACTER, 0, 1, DIMS(MS_DIM_TEXT_CHARACTER), true,
        MS_FILL_ZERO, "1", "characters of texts", false},
    [MS_DATASET_RULE] = {"/rule", MS_VALUE_NAME, 0, 2,
        DIMS(MS_DIM_RULE, MS_DIM_NAME_CHARACTER), true, MS_FILL_ZERO, "1", "discovery rule", false},
    [MS_DATASET_MODE] = {"/mode", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_MODE), true, MS_FILL_ZERO,
        "1", "mode to be discovered: component 1 and above", false},
    [MS_DATASET_COMPONENT] = {"/component", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_COMPONENT), true, MS_FILL_ZERO,
        "1", "component of the target; 0 is the spread mode", false},
    [MS_DATASET_SNAPSHOT] = {"/snapshot", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_SNAPSHOT), true, MS_FILL_ZERO,
        "iterations", "iteration at which the snapshot was taken", false},
    [MS_DATASET_COORDINATE] = {"/coordinate", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_COORDINATE), true, MS_FILL_ZERO,
        "1", "coordinate of the chain", false},
    [MS_DATASET_VARIANT] = {"/variant", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_VARIANT), true, MS_FILL_ZERO,
        "1", "what points share of target, sampler and budget", false},
    [MS_DATASET_ESTIMATOR] = {"/estimator", MS_VALUE_NAME, 0, 2, DIMS(MS_DIM_ESTIMATOR, MS_DIM_NAME_CHARACTER), true,
        MS_FILL_ZERO, "1", "how the times are found", false},
    [MS_DATASET_AXIS] = {"/axis", MS_VALUE_NAME, 0, 2, DIMS(MS_DIM_AXIS, MS_DIM_NAME_CHARACTER), true,
        MS_FILL_ZERO, "1", "axis of the grid: the dataset of that name", false},
    [MS_DATASET_COLUMN] = {"/column", MS_VALUE_NAME, 0, 2, DIMS(MS_DIM_COLUMN, MS_DIM_NAME_CHARACTER), true,
        MS_FILL_ZERO, "1", "what is recorded of chains: the dataset of that name", false},
    [MS_DATASET_COLUMN_DIMENSIONS] = {"/column_dimensions", MS_VALUE_CHARACTER, 0, 2,
        DIMS(MS_DIM_COLUMN, MS_DIM_NAME_CHARACTER), false, MS_FILL_ZERO, "1",
        "dimensions of the column behind the point", false},
    /* points and target */
    [MS_DATASET_KEY] = {"/key", MS_VALUE_UINT64, 0, 1, DIMS(MS_DIM_POINT), false, MS_FILL_ZERO,
        "1", "key of the random numbers, a hash of the point's parameters", false},
    [MS_DATASET_ITERATIONS] = {"/iterations", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_POINT), false, MS_FILL_ZERO,
        "iterations", "budget of each chain", false},
    [MS_DATASET_RADIUS_SQUARED] = {"/radius_squared", MS_VALUE_DOUBLE, 0, 1, DIMS(MS_DIM_POINT), false, MS_FILL_ZERO,
        "1", "squared radius of the rule ball, a coordinate; NaN: no such rule", false},
    [MS_DATASET_SCORE_EVALUATIONS] = {"/score_evaluations", MS_VALUE_DOUBLE, 0, 1, DIMS(MS_DIM_POINT), false,
        MS_FILL_ZERO, "1/iteration", "evaluations of the score, of a patch, in an iteration of a chain", false},
    [MS_DATASET_DENSITY_EVALUATIONS] = {"/density_evaluations", MS_VALUE_DOUBLE, 0, 1, DIMS(MS_DIM_POINT), false,
        MS_FILL_ZERO, "1/iteration", "evaluations of the log-density, of a patch, in an iteration of a chain", false},
    [MS_DATASET_COORDINATE_UPDATES] = {"/coordinate_updates", MS_VALUE_DOUBLE, 0, 1, DIMS(MS_DIM_POINT), false,
        MS_FILL_ZERO, "1/iteration", "updates of coordinates in an iteration of a chain, mean over a pass", false},
    [MS_DATASET_PASS_ITERATIONS] = {"/pass_iterations", MS_VALUE_DOUBLE, 0, 1, DIMS(MS_DIM_POINT), false, MS_FILL_ZERO,
        "iterations", "a pass over the patches, or noise levels; NaN: there is one of each", false},
    [MS_DATASET_POINT_VARIANT] = {"/point_variant", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_POINT), false, MS_FILL_ZERO,
        "1", "variant of the point", false},
    [MS_DATASET_VALIDITY] = {"/validity", MS_VALUE_CHARACTER, 0, 3,
        DIMS(MS_DIM_POINT, MS_DIM_ESTIMATOR, MS_DIM_TEXT_CHARACTER), false, MS_FILL_ZERO,
        "1", "why the estimator is not right for the point; empty where it is", false},
    [MS_DATASET_WEIGHT] = {"/weight", MS_VALUE_DOUBLE, 0, 2, DIMS(MS_DIM_VARIANT, MS_DIM_COMPONENT), false,
        MS_FILL_ZERO, "1", "weight of the component; NaN: there is none", false},
    [MS_DATASET_VARIANCE] = {"/variance", MS_VALUE_DOUBLE, 0, 2, DIMS(MS_DIM_VARIANT, MS_DIM_COMPONENT), false,
        MS_FILL_ZERO, "1", "variance of the component in each coordinate; NaN where they differ", false},
    /* blocks */
    [MS_DATASET_BLOCK] = {"/block/block", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_BLOCK), true, MS_FILL_ZERO,
        "1", "number of the block", false},
    [MS_DATASET_BLOCK_POINT] = {"/block/point", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_BLOCK), false, MS_FILL_ZERO,
        "1", "point that the block belongs to", false},
    [MS_DATASET_BLOCK_FIRST_CHAIN] = {"/block/first_chain", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_BLOCK), false,
        MS_FILL_ZERO, "1", "first chain of the block", false},
    [MS_DATASET_BLOCK_CHAINS] = {"/block/chains", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_BLOCK), false, MS_FILL_ZERO,
        "1", "chains of the block", false},
    [MS_DATASET_COMMIT_FIELD] = {"/block/commit_field", MS_VALUE_NAME, 0, 2,
        DIMS(MS_DIM_COMMIT_FIELD, MS_DIM_NAME_CHARACTER), true, MS_FILL_ZERO,
        "1", "field of a commit record", false},
    [MS_DATASET_COMMIT] = {"/block/commit", MS_VALUE_UINT32, 0, 2, DIMS(MS_DIM_BLOCK, MS_DIM_COMMIT_FIELD), false,
        MS_FILL_ZERO, "1", "commit record of the block, written last; generation 0: not done", true},
    [MS_DATASET_FAILURE_CHARACTER] = {"/block/failure_character", MS_VALUE_CHARACTER, 0, 1,
        DIMS(MS_DIM_FAILURE_CHARACTER), true, MS_FILL_ZERO, "1", "characters of failure", false},
    [MS_DATASET_FAILURE] = {"/block/failure", MS_VALUE_CHARACTER, 0, 2,
        DIMS(MS_DIM_BLOCK, MS_DIM_FAILURE_CHARACTER), false, MS_FILL_ZERO, "1",
        "why the block failed; empty where it did not", true},
    /* provenance */
    [MS_DATASET_PROVENANCE_BLOCK] = {"/provenance/block", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_PROVENANCE_BLOCK), true,
        MS_FILL_ZERO, "1", "number of the block", false},
    [MS_DATASET_BLOCK_SECONDS] = {"/provenance/block_seconds", MS_VALUE_DOUBLE, 0, 1, DIMS(MS_DIM_PROVENANCE_BLOCK),
        false, MS_FILL_NOT_COMPUTED, "s", "processor time spent on the block", true},
    [MS_DATASET_BLOCK_RANK] = {"/provenance/block_rank", MS_VALUE_INT32, 0, 1, DIMS(MS_DIM_PROVENANCE_BLOCK), false,
        MS_FILL_NOT_COMPUTED, "1", "MPI rank that computed the block", true},
    [MS_DATASET_BLOCK_LOST] = {"/provenance/block_lost", MS_VALUE_DOUBLE, 0, 1, DIMS(MS_DIM_PROVENANCE_BLOCK), false,
        MS_FILL_ZERO, "s", "wall-clock time spent on the block whose work was lost, by a kill or a crash", true},
    [MS_DATASET_START_NUMBER] = {"/provenance/start_number", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_START), true,
        MS_FILL_ZERO, "1", "line of start", false},
    [MS_DATASET_START_CHARACTER] = {"/provenance/start_character", MS_VALUE_CHARACTER, 0, 1,
        DIMS(MS_DIM_START_CHARACTER), true, MS_FILL_ZERO, "1", "characters of start", false},
    [MS_DATASET_START] = {"/provenance/start", MS_VALUE_CHARACTER, 0, 2,
        DIMS(MS_DIM_START, MS_DIM_START_CHARACTER), false, MS_FILL_ZERO, "1",
        "starts of the program on this file, one JSON object each", true},
    [MS_DATASET_VERSIONS] = {"/provenance/versions", MS_VALUE_STRING, MS_VERSIONS_MAX, 0, DIMS(0), false,
        MS_FILL_ZERO,
        "1", "versions of the program and its libraries that created the file, a JSON object", false},
    [MS_DATASET_CREATED_AT] = {"/provenance/created_at", MS_VALUE_STRING, MS_TIME_MAX, 0, DIMS(0), false, MS_FILL_ZERO,
        "1", "when the file was made, UTC", true},
    [MS_DATASET_IDENTITY] = {"/provenance/identity", MS_VALUE_STRING, 0, 0, DIMS(0), false, MS_FILL_ZERO,
        "1", "everything that the results depend on, one \"key = value\" a line", false},
    [MS_DATASET_NAME] = {"/provenance/name", MS_VALUE_STRING, MS_NAME_MAX, 0, DIMS(0), false, MS_FILL_ZERO,
        "1", "name of the sweep", false},
    [MS_DATASET_SWEEP_YAML] = {"/provenance/sweep_yaml", MS_VALUE_STRING, 0, 0, DIMS(0), false, MS_FILL_ZERO,
        "1", "the sweep file", false},
    [MS_DATASET_SOURCE_NUMBER] = {"/provenance/source_number", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_SOURCE), true,
        MS_FILL_ZERO, "1", "line of source", false},
    [MS_DATASET_SOURCE_CHARACTER] = {"/provenance/source_character", MS_VALUE_CHARACTER, 0, 1,
        DIMS(MS_DIM_SOURCE_CHARACTER), true, MS_FILL_ZERO, "1", "characters of source", false},
    [MS_DATASET_SOURCE] = {"/provenance/source", MS_VALUE_CHARACTER, 0, 2,
        DIMS(MS_DIM_SOURCE, MS_DIM_SOURCE_CHARACTER), false, MS_FILL_ZERO, "1",
        "files that this one was merged from, one JSON object each", false},
    /* what a run needs to go on */
    [MS_DATASET_CHECKPOINT_BLOCK] = {"/checkpoint/block", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_CHECKPOINT_BLOCK), true,
        MS_FILL_ZERO, "1", "number of the block", false},
    [MS_DATASET_SLOT] = {"/checkpoint/slot", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_SLOT), true, MS_FILL_ZERO,
        "1", "slot of a saved state; the two are written in turn", false},
    [MS_DATASET_RECORD_FIELD] = {"/checkpoint/record_field", MS_VALUE_NAME, 0, 2,
        DIMS(MS_DIM_RECORD_FIELD, MS_DIM_NAME_CHARACTER), true, MS_FILL_ZERO,
        "1", "field of a state's record", false},
    [MS_DATASET_RECORD] = {"/checkpoint/record", MS_VALUE_UINT64, 0, 3,
        DIMS(MS_DIM_CHECKPOINT_BLOCK, MS_DIM_SLOT, MS_DIM_RECORD_FIELD), false, MS_FILL_ZERO,
        "1", "record of a saved state, written after it; generation 0: none", true},
    [MS_DATASET_ATTEMPT_FIELD] = {"/checkpoint/attempt_field", MS_VALUE_NAME, 0, 2,
        DIMS(MS_DIM_ATTEMPT_FIELD, MS_DIM_NAME_CHARACTER), true, MS_FILL_ZERO,
        "1", "field of a block's attempts", false},
    [MS_DATASET_ATTEMPT] = {"/checkpoint/attempt", MS_VALUE_INT64, 0, 2,
        DIMS(MS_DIM_CHECKPOINT_BLOCK, MS_DIM_ATTEMPT_FIELD), false, MS_FILL_ZERO,
        "1",
        "starts of work on the block: since its last progress, in all, and when the last was (ms since 1970)",
        true},
    [MS_DATASET_STATE_OFFSET] = {"/checkpoint/offset", MS_VALUE_UINT64, 0, 1, DIMS(MS_DIM_CHECKPOINT_BLOCK), false,
        MS_FILL_ZERO, "bytes", "where the block's two slots begin in state", false},
    [MS_DATASET_STATE_SIZE] = {"/checkpoint/size", MS_VALUE_UINT64, 0, 1, DIMS(MS_DIM_CHECKPOINT_BLOCK), false,
        MS_FILL_ZERO, "bytes", "size of one of them", false},
    [MS_DATASET_STATE] = {"/checkpoint/state", MS_VALUE_UINT8, 0, 1, DIMS(MS_DIM_STATE), false, MS_FILL_NEVER,
        "1", "saved states of unfinished blocks, and of finished ones with censored chains", true},
    /* files that the sweep names; not in every file, and behind all others, whose places stay what they are */
    [MS_DATASET_INPUT_NUMBER] = {"/provenance/input_number", MS_VALUE_INT64, 0, 1, DIMS(MS_DIM_INPUT), true,
        MS_FILL_ZERO, "1", "line of input", false},
    [MS_DATASET_INPUT_CHARACTER] = {"/provenance/input_character", MS_VALUE_CHARACTER, 0, 1,
        DIMS(MS_DIM_INPUT_CHARACTER), true, MS_FILL_ZERO, "1", "characters of input", false},
    [MS_DATASET_INPUT] = {"/provenance/input", MS_VALUE_CHARACTER, 0, 2,
        DIMS(MS_DIM_INPUT, MS_DIM_INPUT_CHARACTER), false, MS_FILL_ZERO, "1",
        "files that the sweep names, one JSON object each", false},
    [MS_DATASET_INPUT_BYTES] = {"/provenance/input_bytes", MS_VALUE_UINT8, 0, 1, DIMS(MS_DIM_INPUT_BYTE), false,
        MS_FILL_ZERO, "1", "bytes of these files, one after the other", false},
};
/* clang-format on */

const char *ms_extent_name(ms_extent extent)
{
    ms_dataset scale = extent < MS_EXTENT_COUNT ? ms_layout_scale(ms_dim_of(extent)) : MS_DATASET_COUNT;
    return scale < MS_DATASET_COUNT ? fixed[scale].path + 1 : NULL;
}

static void set_path(ms_dataset_spec *spec, const char *name)
{
    spec->path[0] = '/';
    strncpy(spec->path + 1, name, sizeof spec->path - 2);
}

void ms_layout_add_axis(ms_layout *layout, const ms_point_axis *axis)
{
    static const ms_value_type type[] = {[MS_POINT_NUMBER] = MS_VALUE_DOUBLE,
                                         [MS_POINT_COUNT] = MS_VALUE_INT64,
                                         [MS_POINT_WORD] = MS_VALUE_UINT64,
                                         [MS_POINT_TEXT] = MS_VALUE_CHARACTER};
    ms_dataset_spec *spec = &layout->further[layout->axes];
    *spec = (ms_dataset_spec){.type = type[axis->type],
                              .rank = axis->type == MS_POINT_TEXT ? 2 : 1,
                              .dim = {MS_DIM_POINT, MS_DIM_NAME_CHARACTER},
                              .units = axis->units,
                              .long_name = axis->long_name};
    set_path(spec, axis->name);
    layout->axis[layout->axes++] = *axis;
}

void ms_layout_add_column(ms_layout *layout, const ms_column *column)
{
    static const ms_value_type type[] = {[MS_COLUMN_INT64] = MS_VALUE_INT64,
                                         [MS_COLUMN_UINT64] = MS_VALUE_UINT64,
                                         [MS_COLUMN_DOUBLE] = MS_VALUE_DOUBLE};
    ms_dataset_spec *spec = &layout->further[MS_SWEEP_AXES_MAX + layout->columns];
    *spec = (ms_dataset_spec){.type = type[column->type],
                              .rank = 1 + column->rank,
                              .dim = {MS_DIM_POINT},
                              .fill = MS_FILL_NOT_COMPUTED,
                              .units = column->units,
                              .long_name = column->long_name,
                              .changes = true};
    for (unsigned i = 0; i < column->rank; i++)
        spec->dim[1 + i] = ms_dim_of(column->extent[i]);
    set_path(spec, column->name);
    layout->column[layout->columns++] = column;
}

static void add_axes(const ms_sweep *sweep, ms_layout *layout)
{
    ms_point_axis axis[MS_SWEEP_AXES_MAX];
    size_t count = ms_sweep_axes(sweep, axis);
    for (size_t i = 0; i < count; i++)
        ms_layout_add_axis(layout, &axis[i]);
    layout->size[MS_DIM_AXIS] = count;
}

/* The dimensions of columns, but those that no column has. */
static void add_columns(const ms_sweep *sweep, ms_layout *layout)
{
    const ms_column *column[MS_COLUMNS_MAX];
    size_t count = ms_sweep_columns(sweep, column);
    bool is_used[MS_EXTENT_COUNT] = {false};
    for (size_t i = 0; i < count; i++) {
        ms_layout_add_column(layout, column[i]);
        for (unsigned k = 0; k < column[i]->rank; k++)
            is_used[column[i]->extent[k]] = true;
    }
    for (ms_extent extent = 0; extent < MS_EXTENT_COUNT; extent++)
        if (extent != MS_EXTENT_COORDINATE || is_used[extent])
            layout->size[ms_dim_of(extent)] = ms_sweep_extent(sweep, extent);
    layout->size[MS_DIM_COLUMN] = count;
}

ms_status ms_layout_of_sweep(const ms_sweep *sweep, ms_layout *layout, ms_error *error)
{
    size_t blocks = ms_sweep_block_count(sweep);
    size_t identity_length = sweep->identity ? strlen(sweep->identity) : 0;

    *layout = (ms_layout){.size = {[MS_DIM_POINT] = sweep->point_count,
                                   [MS_DIM_NAME_CHARACTER] = MS_NAME_CHARACTERS,
                                   [MS_DIM_TEXT_CHARACTER] = MS_VALIDITY_MAX,
                                   [MS_DIM_VARIANT] = ms_sweep_variants(sweep),
                                   [MS_DIM_ESTIMATOR] = ms_sweep_estimators(sweep),
                                   [MS_DIM_BLOCK] = blocks,
                                   [MS_DIM_COMMIT_FIELD] = MS_COMMIT_FIELDS,
                                   [MS_DIM_PROVENANCE_BLOCK] = blocks,
                                   [MS_DIM_START] = MS_STARTS,
                                   [MS_DIM_FAILURE_CHARACTER] = MS_FAILURE_MAX,
                                   [MS_DIM_START_CHARACTER] = MS_START_MAX,
                                   [MS_DIM_SOURCE_CHARACTER] = MS_START_MAX,
                                   [MS_DIM_CHECKPOINT_BLOCK] = blocks,
                                   [MS_DIM_SLOT] = MS_SLOTS,
                                   [MS_DIM_RECORD_FIELD] = MS_RECORD_FIELDS,
                                   [MS_DIM_ATTEMPT_FIELD] = MS_ATTEMPT_FIELDS}};
    add_axes(sweep, layout);
    add_columns(sweep, layout);
    /* all blocks of a point need the same room, but for a smaller last one */
    for (size_t block = 0; block < blocks; block++)
        layout->size[MS_DIM_STATE] +=
            MS_SLOTS * ms_sweep_block_state_size(sweep, ms_sweep_block(sweep, block));
    size_t chains = layout->size[MS_DIM_CHAIN];
    if (sweep->point_count == 0 || sweep->point_count > MS_SWEEP_POINTS_MAX || chains == 0 ||
        chains > MS_SWEEP_CHAINS_MAX || blocks == 0) {
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "a results file needs points and chains within the limits");
    }
    if (sweep->text_length > MS_SWEEP_FILE_MAX || identity_length > MS_IDENTITY_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "the sweep's text is too long for a results file");
    layout->string_size[MS_DATASET_SWEEP_YAML] = sweep->text_length + 1;
    layout->string_size[MS_DATASET_IDENTITY] = identity_length + 1;
    return MS_OK;
}

const ms_dataset_spec *ms_layout_spec(const ms_layout *layout, ms_dataset dataset)
{
    return dataset < MS_DATASET_FIXED ? &fixed[dataset] : &layout->further[dataset - MS_DATASET_FIXED];
}

bool ms_layout_has(const ms_layout *layout, ms_dataset dataset)
{
    if (dataset >= MS_DATASET_FIRST_COLUMN ? dataset >= MS_DATASET_FIRST_COLUMN + layout->columns
                                           : dataset >= MS_DATASET_FIRST_AXIS + layout->axes)
        return false;
    const ms_dataset_spec *spec = ms_layout_spec(layout, dataset);
    for (unsigned i = 0; i < spec->rank; i++)
        if (layout->size[spec->dim[i]] == 0)
            return false;
    return true;
}

bool ms_column_is_same(const ms_column *a, const ms_column *b)
{
    return strcmp(a->name, b->name) == 0 && a->type == b->type && a->rank == b->rank &&
           memcmp(a->extent, b->extent, a->rank * sizeof *a->extent) == 0;
}

bool ms_layout_has_slots_of(const ms_layout *layout, const ms_layout *other)
{
    if (layout->columns != other->columns)
        return false;
    for (size_t i = 0; i < layout->columns; i++) {
        const ms_column *column = layout->column[i];
        if (!ms_column_is_same(column, other->column[i]))
            return false;
        for (unsigned k = 0; k < column->rank; k++) {
            size_t here = layout->size[ms_dim_of(column->extent[k])],
                   there = other->size[ms_dim_of(column->extent[k])];
            if (column->extent[k] == MS_EXTENT_COORDINATE
                    ? here < there
                    : column->extent[k] != MS_EXTENT_CHAIN && here != there)
                return false;
        }
    }
    return true;
}

size_t ms_layout_string_size(const ms_layout *layout, ms_dataset dataset)
{
    size_t size = ms_layout_spec(layout, dataset)->string_size;
    return size > 0 ? size : layout->string_size[dataset];
}

double ms_layout_bytes(const ms_layout *layout, ms_dataset dataset)
{
    if (!ms_layout_has(layout, dataset))
        return 0;
    const ms_dataset_spec *spec = ms_layout_spec(layout, dataset);
    double bytes = 8;
    if (spec->type == MS_VALUE_UINT8 || spec->type == MS_VALUE_CHARACTER || spec->type == MS_VALUE_NAME)
        bytes = 1;
    else if (spec->type == MS_VALUE_INT32 || spec->type == MS_VALUE_UINT32)
        bytes = 4;
    else if (spec->type == MS_VALUE_STRING)
        bytes = (double)ms_layout_string_size(layout, dataset);
    for (unsigned i = 0; i < spec->rank; i++)
        bytes *= (double)layout->size[spec->dim[i]];
    return bytes;
}

ms_dataset ms_layout_scale(ms_dim dim)
{
    for (ms_dataset dataset = 0; dataset < MS_DATASET_FIXED; dataset++)
        if (fixed[dataset].scale && fixed[dataset].dim[0] == dim)
            return dataset;
    return MS_DATASET_COUNT;
}

static hid_t string_type(size_t size)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type < 0)
        return H5I_INVALID_HID;
    if (H5Tset_size(type, size) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0 ||
        H5Tset_strpad(type, H5T_STR_NULLTERM) < 0) {
        H5Tclose(type);
        return H5I_INVALID_HID;
    }
    return type;
}

static hid_t value_type(const ms_layout *layout, ms_dataset dataset, bool memory)
{
    switch (ms_layout_spec(layout, dataset)->type) {
    case MS_VALUE_UINT8:
        return H5Tcopy(memory ? H5T_NATIVE_UINT8 : H5T_STD_U8LE);
    case MS_VALUE_INT32:
        return H5Tcopy(memory ? H5T_NATIVE_INT32 : H5T_STD_I32LE);
    case MS_VALUE_INT64:
        return H5Tcopy(memory ? H5T_NATIVE_INT64 : H5T_STD_I64LE);
    case MS_VALUE_UINT32:
        return H5Tcopy(memory ? H5T_NATIVE_UINT32 : H5T_STD_U32LE);
    case MS_VALUE_UINT64:
        return H5Tcopy(memory ? H5T_NATIVE_UINT64 : H5T_STD_U64LE);
    case MS_VALUE_DOUBLE:
        return H5Tcopy(memory ? H5T_NATIVE_DOUBLE : H5T_IEEE_F64LE);
    case MS_VALUE_STRING:
        return string_type(ms_layout_string_size(layout, dataset));
    case MS_VALUE_NAME:
    case MS_VALUE_CHARACTER:
        return string_type(1);
    }
    return H5I_INVALID_HID;
}

hid_t ms_layout_file_type(const ms_layout *layout, ms_dataset dataset)
{
    return value_type(layout, dataset, false);
}

hid_t ms_layout_memory_type(const ms_layout *layout, ms_dataset dataset)
{
    return value_type(layout, dataset, true);
}
