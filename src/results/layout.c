/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/layout.h"

#include <string.h>

#define POINT_COORDINATES "dimension patch_size noise_level seed"

/* clang-format off */
#define AXES(...) { __VA_ARGS__ }
const ms_dataset_spec ms_dataset_specs[MS_DATASET_COUNT] = {
    /* coordinates */
    [MS_DATASET_POINT] = {"/point", MS_VALUE_INT64, 0, 1, AXES(MS_AXIS_POINT), true, MS_FILL_ZERO,
        "1", "number of the point in the grid", NULL, false},
    [MS_DATASET_CHAIN] = {"/chain", MS_VALUE_INT64, 0, 1, AXES(MS_AXIS_CHAIN), true, MS_FILL_ZERO,
        "1", "number of the chain within its point", NULL, false},
    [MS_DATASET_NAME_CHARACTER] = {"/name_character", MS_VALUE_CHARACTER, 0, 1, AXES(MS_AXIS_NAME_CHARACTER), true,
        MS_FILL_ZERO, "1", "characters of names", NULL, false},
    [MS_DATASET_RULE] = {"/rule", MS_VALUE_NAME, 0, 2,
        AXES(MS_AXIS_RULE, MS_AXIS_NAME_CHARACTER), true, MS_FILL_ZERO, "1", "discovery rule", NULL, false},
    [MS_DATASET_MODE] = {"/mode", MS_VALUE_INT64, 0, 1, AXES(MS_AXIS_MODE), true, MS_FILL_ZERO,
        "1", "mode to be discovered: component 1 and above", NULL, false},
    [MS_DATASET_COMPONENT] = {"/component", MS_VALUE_INT64, 0, 1, AXES(MS_AXIS_COMPONENT), true, MS_FILL_ZERO,
        "1", "component of the target; 0 is the spread mode", NULL, false},
    [MS_DATASET_SNAPSHOT] = {"/snapshot", MS_VALUE_INT64, 0, 1, AXES(MS_AXIS_SNAPSHOT), true, MS_FILL_ZERO,
        "iterations", "iteration at which the snapshot was taken", NULL, false},
    /* points and target */
    [MS_DATASET_DIMENSION] = {"/dimension", MS_VALUE_INT64, 0, 1, AXES(MS_AXIS_POINT), false, MS_FILL_ZERO,
        "1", "dimension of the target", NULL, false},
    [MS_DATASET_PATCH_SIZE] = {"/patch_size", MS_VALUE_INT64, 0, 1, AXES(MS_AXIS_POINT), false, MS_FILL_ZERO,
        "1", "coordinates in a patch; equal to the dimension: not chained", NULL, false},
    [MS_DATASET_NOISE_LEVEL] = {"/noise_level", MS_VALUE_DOUBLE, 0, 1, AXES(MS_AXIS_POINT), false, MS_FILL_ZERO,
        "1", "largest noise level of the schedule, a standard deviation; 0 is vanilla", NULL, false},
    [MS_DATASET_SEED] = {"/seed", MS_VALUE_UINT64, 0, 1, AXES(MS_AXIS_POINT), false, MS_FILL_ZERO,
        "1", "seed of the random numbers", NULL, false},
    [MS_DATASET_KEY] = {"/key", MS_VALUE_UINT64, 0, 1, AXES(MS_AXIS_POINT), false, MS_FILL_ZERO,
        "1", "key of the random numbers, a hash of the point's parameters", NULL, false},
    [MS_DATASET_WEIGHT] = {"/weight", MS_VALUE_DOUBLE, 0, 1, AXES(MS_AXIS_COMPONENT), false, MS_FILL_ZERO,
        "1", "weight of the component", NULL, false},
    [MS_DATASET_VARIANCE] = {"/variance", MS_VALUE_DOUBLE, 0, 1, AXES(MS_AXIS_COMPONENT), false, MS_FILL_ZERO,
        "1", "variance of the component in each coordinate", NULL, false},
    /* blocks */
    [MS_DATASET_BLOCK] = {"/block/block", MS_VALUE_INT64, 0, 1, AXES(MS_AXIS_BLOCK), true, MS_FILL_ZERO,
        "1", "number of the block", NULL, false},
    [MS_DATASET_BLOCK_POINT] = {"/block/point", MS_VALUE_INT64, 0, 1, AXES(MS_AXIS_BLOCK), false, MS_FILL_ZERO,
        "1", "point that the block belongs to", NULL, false},
    [MS_DATASET_BLOCK_FIRST_CHAIN] = {"/block/first_chain", MS_VALUE_INT64, 0, 1, AXES(MS_AXIS_BLOCK), false,
        MS_FILL_ZERO, "1", "first chain of the block", NULL, false},
    [MS_DATASET_BLOCK_CHAINS] = {"/block/chains", MS_VALUE_INT64, 0, 1, AXES(MS_AXIS_BLOCK), false, MS_FILL_ZERO,
        "1", "chains of the block", NULL, false},
    [MS_DATASET_COMMIT_FIELD] = {"/block/commit_field", MS_VALUE_NAME, 0, 2,
        AXES(MS_AXIS_COMMIT_FIELD, MS_AXIS_NAME_CHARACTER), true, MS_FILL_ZERO,
        "1", "field of a commit record", NULL, false},
    [MS_DATASET_COMMIT] = {"/block/commit", MS_VALUE_UINT32, 0, 2, AXES(MS_AXIS_BLOCK, MS_AXIS_COMMIT_FIELD), false,
        MS_FILL_ZERO, "1", "commit record of the block, written last; generation 0: not done", NULL, true},
    [MS_DATASET_FAILURE_CHARACTER] = {"/block/failure_character", MS_VALUE_CHARACTER, 0, 1,
        AXES(MS_AXIS_FAILURE_CHARACTER), true, MS_FILL_ZERO, "1", "characters of failure", NULL, false},
    [MS_DATASET_FAILURE] = {"/block/failure", MS_VALUE_CHARACTER, 0, 2,
        AXES(MS_AXIS_BLOCK, MS_AXIS_FAILURE_CHARACTER), false, MS_FILL_ZERO, "1",
        "why the block failed; empty where it did not", NULL, true},
    /* results */
    [MS_DATASET_DISCOVERY_TIME] = {"/discovery_time", MS_VALUE_INT64, 0, 4,
        AXES(MS_AXIS_POINT, MS_AXIS_CHAIN, MS_AXIS_RULE, MS_AXIS_MODE), false, MS_FILL_NOT_COMPUTED,
        "iterations", "iteration at which the chain discovered the mode; -1: censored, -2: not computed",
        POINT_COORDINATES, true},
    [MS_DATASET_OBSERVED] = {"/observed", MS_VALUE_INT64, 0, 2, AXES(MS_AXIS_POINT, MS_AXIS_CHAIN), false,
        MS_FILL_NOT_COMPUTED, "iterations", "iterations through which the chain was observed; -2: not computed",
        POINT_COORDINATES, true},
    [MS_DATASET_SQUARED_DISTANCE] = {"/squared_distance", MS_VALUE_DOUBLE, 0, 4,
        AXES(MS_AXIS_POINT, MS_AXIS_SNAPSHOT, MS_AXIS_CHAIN, MS_AXIS_COMPONENT), false, MS_FILL_NOT_COMPUTED,
        "1", "squared distance of the chain to the component's mean; NaN: not computed", POINT_COORDINATES, true},
    [MS_DATASET_RESPONSIBILITY] = {"/responsibility", MS_VALUE_DOUBLE, 0, 4,
        AXES(MS_AXIS_POINT, MS_AXIS_SNAPSHOT, MS_AXIS_CHAIN, MS_AXIS_COMPONENT), false, MS_FILL_NOT_COMPUTED,
        "1", "responsibility of the component for the chain, un-smoothed target; NaN: not computed",
        POINT_COORDINATES, true},
    /* provenance */
    [MS_DATASET_PROVENANCE_BLOCK] = {"/provenance/block", MS_VALUE_INT64, 0, 1, AXES(MS_AXIS_PROVENANCE_BLOCK), true,
        MS_FILL_ZERO, "1", "number of the block", NULL, false},
    [MS_DATASET_BLOCK_SECONDS] = {"/provenance/block_seconds", MS_VALUE_DOUBLE, 0, 1, AXES(MS_AXIS_PROVENANCE_BLOCK),
        false, MS_FILL_NOT_COMPUTED, "s", "processor time spent on the block", NULL, true},
    [MS_DATASET_BLOCK_RANK] = {"/provenance/block_rank", MS_VALUE_INT32, 0, 1, AXES(MS_AXIS_PROVENANCE_BLOCK), false,
        MS_FILL_NOT_COMPUTED, "1", "MPI rank that computed the block", NULL, true},
    [MS_DATASET_BLOCK_LOST] = {"/provenance/block_lost", MS_VALUE_DOUBLE, 0, 1, AXES(MS_AXIS_PROVENANCE_BLOCK), false,
        MS_FILL_ZERO, "s", "wall-clock time spent on the block whose work was lost, by a kill or a crash", NULL, true},
    [MS_DATASET_START_NUMBER] = {"/provenance/start_number", MS_VALUE_INT64, 0, 1, AXES(MS_AXIS_START), true,
        MS_FILL_ZERO, "1", "line of start", NULL, false},
    [MS_DATASET_START_CHARACTER] = {"/provenance/start_character", MS_VALUE_CHARACTER, 0, 1,
        AXES(MS_AXIS_START_CHARACTER), true, MS_FILL_ZERO, "1", "characters of start", NULL, false},
    [MS_DATASET_START] = {"/provenance/start", MS_VALUE_CHARACTER, 0, 2,
        AXES(MS_AXIS_START, MS_AXIS_START_CHARACTER), false, MS_FILL_ZERO, "1",
        "starts of the program on this file, one JSON object each", NULL, true},
    [MS_DATASET_VERSIONS] = {"/provenance/versions", MS_VALUE_STRING, MS_VERSIONS_MAX, 0, AXES(0), false,
        MS_FILL_ZERO,
        "1", "versions of the program and its libraries that created the file, a JSON object", NULL, false},
    [MS_DATASET_IDENTITY] = {"/provenance/identity", MS_VALUE_STRING, 0, 0, AXES(0), false, MS_FILL_ZERO,
        "1", "everything that the results depend on, one \"key = value\" a line", NULL, false},
    [MS_DATASET_NAME] = {"/provenance/name", MS_VALUE_STRING, MS_NAME_MAX, 0, AXES(0), false, MS_FILL_ZERO,
        "1", "name of the sweep", NULL, false},
    [MS_DATASET_SWEEP_YAML] = {"/provenance/sweep_yaml", MS_VALUE_STRING, 0, 0, AXES(0), false, MS_FILL_ZERO,
        "1", "the sweep file", NULL, false},
    [MS_DATASET_SOURCE_NUMBER] = {"/provenance/source_number", MS_VALUE_INT64, 0, 1, AXES(MS_AXIS_SOURCE), true,
        MS_FILL_ZERO, "1", "line of source", NULL, false},
    [MS_DATASET_SOURCE_CHARACTER] = {"/provenance/source_character", MS_VALUE_CHARACTER, 0, 1,
        AXES(MS_AXIS_SOURCE_CHARACTER), true, MS_FILL_ZERO, "1", "characters of source", NULL, false},
    [MS_DATASET_SOURCE] = {"/provenance/source", MS_VALUE_CHARACTER, 0, 2,
        AXES(MS_AXIS_SOURCE, MS_AXIS_SOURCE_CHARACTER), false, MS_FILL_ZERO, "1",
        "files that this one was merged from, one JSON object each", NULL, false},
    /* what a run needs to go on */
    [MS_DATASET_CHECKPOINT_BLOCK] = {"/checkpoint/block", MS_VALUE_INT64, 0, 1, AXES(MS_AXIS_CHECKPOINT_BLOCK), true,
        MS_FILL_ZERO, "1", "number of the block", NULL, false},
    [MS_DATASET_SLOT] = {"/checkpoint/slot", MS_VALUE_INT64, 0, 1, AXES(MS_AXIS_SLOT), true, MS_FILL_ZERO,
        "1", "slot of a saved state; the two are written in turn", NULL, false},
    [MS_DATASET_RECORD_FIELD] = {"/checkpoint/record_field", MS_VALUE_NAME, 0, 2,
        AXES(MS_AXIS_RECORD_FIELD, MS_AXIS_NAME_CHARACTER), true, MS_FILL_ZERO,
        "1", "field of a state's record", NULL, false},
    [MS_DATASET_RECORD] = {"/checkpoint/record", MS_VALUE_UINT64, 0, 3,
        AXES(MS_AXIS_CHECKPOINT_BLOCK, MS_AXIS_SLOT, MS_AXIS_RECORD_FIELD), false, MS_FILL_ZERO,
        "1", "record of a saved state, written after it; generation 0: none", NULL, true},
    [MS_DATASET_ATTEMPT_FIELD] = {"/checkpoint/attempt_field", MS_VALUE_NAME, 0, 2,
        AXES(MS_AXIS_ATTEMPT_FIELD, MS_AXIS_NAME_CHARACTER), true, MS_FILL_ZERO,
        "1", "field of a block's attempts", NULL, false},
    [MS_DATASET_ATTEMPT] = {"/checkpoint/attempt", MS_VALUE_INT64, 0, 2,
        AXES(MS_AXIS_CHECKPOINT_BLOCK, MS_AXIS_ATTEMPT_FIELD), false, MS_FILL_ZERO,
        "1",
        "starts of work on the block: since its last progress, in all, and when the last was (ms since 1970)", NULL,
        true},
    [MS_DATASET_STATE_OFFSET] = {"/checkpoint/offset", MS_VALUE_UINT64, 0, 1, AXES(MS_AXIS_CHECKPOINT_BLOCK), false,
        MS_FILL_ZERO, "bytes", "where the block's two slots begin in state", NULL, false},
    [MS_DATASET_STATE_SIZE] = {"/checkpoint/size", MS_VALUE_UINT64, 0, 1, AXES(MS_AXIS_CHECKPOINT_BLOCK), false,
        MS_FILL_ZERO, "bytes", "size of one of them", NULL, false},
    [MS_DATASET_STATE] = {"/checkpoint/state", MS_VALUE_UINT8, 0, 1, AXES(MS_AXIS_STATE), false, MS_FILL_NEVER,
        "1", "saved states of unfinished blocks, and of finished ones with censored chains", NULL, true},
};
/* clang-format on */

const ms_dataset ms_slot_part[MS_SLOT_PARTS] = {MS_DATASET_DISCOVERY_TIME, MS_DATASET_OBSERVED,
                                                MS_DATASET_SQUARED_DISTANCE, MS_DATASET_RESPONSIBILITY};

ms_status ms_layout_of_sweep(const ms_sweep *sweep, ms_layout *layout, ms_error *error)
{
    size_t blocks = ms_sweep_block_count(sweep);
    size_t modes = ms_sweep_modes(sweep);
    size_t identity_length = sweep->identity ? strlen(sweep->identity) : 0;

    *layout = (ms_layout){.size = {[MS_AXIS_POINT] = sweep->point_count,
                                   [MS_AXIS_CHAIN] = sweep->chains,
                                   [MS_AXIS_RULE] = MS_RULE_COUNT,
                                   [MS_AXIS_NAME_CHARACTER] = MS_NAME_CHARACTERS,
                                   [MS_AXIS_MODE] = modes,
                                   [MS_AXIS_COMPONENT] = ms_sweep_components(sweep),
                                   [MS_AXIS_SNAPSHOT] = sweep->snapshot_count,
                                   [MS_AXIS_BLOCK] = blocks,
                                   [MS_AXIS_COMMIT_FIELD] = MS_COMMIT_FIELDS,
                                   [MS_AXIS_PROVENANCE_BLOCK] = blocks,
                                   [MS_AXIS_START] = MS_STARTS,
                                   [MS_AXIS_FAILURE_CHARACTER] = MS_FAILURE_MAX,
                                   [MS_AXIS_START_CHARACTER] = MS_START_MAX,
                                   [MS_AXIS_SOURCE_CHARACTER] = MS_START_MAX,
                                   [MS_AXIS_CHECKPOINT_BLOCK] = blocks,
                                   [MS_AXIS_SLOT] = MS_SLOTS,
                                   [MS_AXIS_RECORD_FIELD] = MS_RECORD_FIELDS,
                                   [MS_AXIS_ATTEMPT_FIELD] = MS_ATTEMPT_FIELDS}};
    /* all blocks of a point need the same room, but for a smaller last one */
    for (size_t block = 0; block < blocks; block++)
        layout->size[MS_AXIS_STATE] +=
            MS_SLOTS * ms_sweep_block_state_size(sweep, ms_sweep_block(sweep, block));
    if (sweep->point_count == 0 || sweep->point_count > MS_SWEEP_POINTS_MAX || sweep->chains == 0 ||
        sweep->chains > MS_SWEEP_CHAINS_MAX || blocks == 0) {
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "a results file needs points and chains within the limits");
    }
    if (sweep->text_length > MS_SWEEP_FILE_MAX || identity_length > MS_IDENTITY_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "the sweep's text is too long for a results file");
    layout->string_size[MS_DATASET_SWEEP_YAML] = sweep->text_length + 1;
    layout->string_size[MS_DATASET_IDENTITY] = identity_length + 1;
    return MS_OK;
}

bool ms_layout_has(const ms_layout *layout, ms_dataset dataset)
{
    const ms_dataset_spec *spec = &ms_dataset_specs[dataset];
    for (unsigned i = 0; i < spec->rank; i++)
        if (layout->size[spec->axis[i]] == 0)
            return false;
    return true;
}

size_t ms_layout_string_size(const ms_layout *layout, ms_dataset dataset)
{
    size_t size = ms_dataset_specs[dataset].string_size;
    return size > 0 ? size : layout->string_size[dataset];
}

double ms_layout_bytes(const ms_layout *layout, ms_dataset dataset)
{
    const ms_dataset_spec *spec = &ms_dataset_specs[dataset];
    double bytes = 8;
    if (spec->type == MS_VALUE_UINT8 || spec->type == MS_VALUE_CHARACTER || spec->type == MS_VALUE_NAME)
        bytes = 1; /* a string of any length is a reference of 16 bytes, as many as a name has */
    else if (spec->type == MS_VALUE_INT32 || spec->type == MS_VALUE_UINT32)
        bytes = 4;
    else if (spec->type == MS_VALUE_STRING)
        bytes = (double)ms_layout_string_size(layout, dataset);
    for (unsigned i = 0; i < spec->rank; i++)
        bytes *= (double)layout->size[spec->axis[i]];
    return bytes;
}

ms_dataset ms_layout_scale(ms_file_axis axis)
{
    for (ms_dataset dataset = 0; dataset < MS_DATASET_COUNT; dataset++)
        if (ms_dataset_specs[dataset].scale && ms_dataset_specs[dataset].axis[0] == axis)
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
    switch (ms_dataset_specs[dataset].type) {
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
