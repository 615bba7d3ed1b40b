/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The content of a new file: datasets, scales, attributes and all values that are known beforehand. */
#include "results/create.h"
#include "results/fault.h"
#include "results/file.h"
#include "results/hdf5_error.h"
#include "results/kept_numbers.h"

#include <errno.h>
#include <hdf5_hl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE      8192              /* values converted at a time */
#define FILL_PIECE ((size_t)1 << 20) /* bytes of fill values written at a time: they fit into a cache */

typedef struct creation {
    hid_t file;
    const char *path; /* for messages: the name the file is to get */
    const ms_sweep *sweep;
    const ms_new_file *what;
    ms_layout layout;
    hid_t dataset[MS_DATASET_COUNT];
    char coordinates[MS_SWEEP_AXES_MAX * MS_SWEEP_NAME_MAX]; /* names of the axes, for netCDF */
    double filled, bytes;                                    /* so far, and of the whole file */
    ms_error *error;
} creation;

static const ms_dataset_spec *spec_of(const creation *new, ms_dataset which)
{
    return ms_layout_spec(&new->layout, which);
}

static ms_status failed(const creation *new, const char *dataset)
{
    return ms_hdf5_error(new->error, MS_ERROR_IO, new->path, dataset, "cannot create");
}

/* An attribute of `count` values; 0: of one, without an extent. */
static bool put_numbers(hid_t object, const char *name, hid_t type, hsize_t count, const void *value)
{
    hid_t space = count > 0 ? H5Screate_simple(1, &count, NULL) : H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool good = attribute >= 0 && H5Awrite(attribute, type, value) >= 0;
    if (good) { /* after a failure, closing would clear the error stack */
        H5Aclose(attribute);
        H5Sclose(space);
    }
    return good;
}

static bool put_attribute(hid_t object, const char *name, hid_t type, const void *value)
{
    return put_numbers(object, name, type, 0, value);
}

static bool put_text(hid_t object, const char *name, const char *value)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    bool good = type >= 0 && H5Tset_size(type, H5T_VARIABLE) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0 &&
                put_attribute(object, name, type, &value);
    if (good)
        H5Tclose(type);
    return good;
}

/* The fill value of slots, native; `type` is the memory type. */
static bool put_fill(hid_t list, hid_t dataset, const ms_dataset_spec *spec, hid_t type)
{
    int32_t none = -1;
    int64_t not_computed = MS_COLUMN_NOT_COMPUTED;
    double nan_value = (double)NAN;
    const void *value = spec->type == MS_VALUE_DOUBLE  ? (const void *)&nan_value
                        : spec->type == MS_VALUE_INT32 ? (const void *)&none
                                                       : (const void *)&not_computed;
    return dataset < 0 ? H5Pset_fill_value(list, type, value) >= 0
                       : put_attribute(dataset, "_FillValue", type, value);
}

/* The number of the dimension in netCDF. */
static int32_t dimension_number(const creation *new, ms_dim dim)
{
    int32_t number = 0;
    for (ms_dataset which = 0; which < ms_layout_scale(dim); which++)
        number += spec_of(new, which)->scale && ms_layout_has(&new->layout, which);
    return number;
}

/* netCDF knows by the scale's name that a dimension has no values of its own, and only by these numbers which
 * dimensions a scale of two dimensions has. */
static bool set_scale(const creation *new, hid_t dataset, const ms_dataset_spec *spec)
{
    int32_t number[2] = {0};
    for (unsigned i = 0; i < spec->rank; i++)
        number[i] = dimension_number(new, spec->dim[i]);
    return H5DSset_scale(dataset, spec->type == MS_VALUE_CHARACTER
                                      ? "This is a netCDF dimension but not a netCDF variable."
                                      : strrchr(spec->path, '/') + 1) >= 0 &&
           put_numbers(dataset, "_Netcdf4Dimid", H5T_STD_I32LE, 0, number) &&
           (spec->rank == 1 ||
            put_numbers(dataset, "_Netcdf4Coordinates", H5T_STD_I32LE, spec->rank, number));
}

#define CHUNK_VALUES                                                                                         \
    65536 /* of an archive; the last dimensions are kept together, chains of a point before points */

static bool set_chunks(hid_t list, const ms_dataset_spec *spec, const hsize_t *extent)
{
    hsize_t chunk[MS_RANK_MAX], room = CHUNK_VALUES;
    for (unsigned i = spec->rank; i-- > 0;) {
        chunk[i] = extent[i] < room ? extent[i] : room;
        if (chunk[i] == 0)
            return false;
        room = room / chunk[i] > 0 ? room / chunk[i] : 1;
    }
    return H5Pset_chunk(list, (int)spec->rank, chunk) >= 0 && H5Pset_shuffle(list) >= 0 &&
           H5Pset_deflate(list, 6) >= 0 &&
           H5Pset_alloc_time(list,
                             spec->fill == MS_FILL_NEVER ? H5D_ALLOC_TIME_INCR : H5D_ALLOC_TIME_EARLY) >= 0;
}

/* HDF5 fills a dataset in one go, which cannot be stopped and may take minutes: fill_dataset() does that. */
static bool is_large(const creation *new, ms_dataset which)
{
    if (new->what->archive || spec_of(new, which)->fill == MS_FILL_NEVER)
        return false;
    return ms_layout_bytes(&new->layout, which) > (double)MS_TASK_PIECE;
}

/* Early allocation and fill: a full disk shows now, and every slot has its place before the first result.
 * Room for states is a hole in the file until something is written there. */
static bool set_storage(hid_t list, const ms_dataset_spec *spec, const hsize_t *extent, bool archive,
                        bool large)
{
    if (archive && spec->rank > 0 && !spec->scale)
        return set_chunks(list, spec, extent);
    return H5Pset_layout(list, H5D_CONTIGUOUS) >= 0 && H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY) >= 0 &&
           H5Pset_fill_time(list, spec->fill == MS_FILL_NEVER || large ? H5D_FILL_TIME_NEVER
                                                                       : H5D_FILL_TIME_ALLOC) >= 0;
}

static bool has_characters(const ms_dataset_spec *spec)
{
    return spec->type == MS_VALUE_NAME || (spec->type == MS_VALUE_CHARACTER && !spec->scale);
}

static bool make_dataset(creation *new, ms_dataset which, hid_t file_type, hid_t list)
{
    const ms_dataset_spec *spec = spec_of(new, which);
    bool filled = spec->fill == MS_FILL_NOT_COMPUTED;
    hsize_t extent[MS_RANK_MAX] = {0};
    for (unsigned i = 0; i < spec->rank; i++)
        extent[i] = new->layout.size[spec->dim[i]];
    if (!set_storage(list, spec, extent, new->what->archive, is_large(new, which)) ||
        H5Pset_obj_track_times(list, false) < 0 ||
        (filled && !put_fill(list, H5I_INVALID_HID, spec, file_type)))
        return false;
    hid_t space = spec->rank > 0 ? H5Screate_simple((int)spec->rank, extent, NULL) : H5Screate(H5S_SCALAR);
    hid_t dataset = MS_TRY(
        MS_FAULT_MAKE, H5Dcreate2(new->file, spec->path, file_type, space, H5P_DEFAULT, list, H5P_DEFAULT));
    if (dataset < 0)
        return false;
    H5Sclose(space);
    new->dataset[which] = dataset;
    return (!filled || put_fill(list, dataset, spec, file_type)) &&
           put_text(dataset, "long_name", spec->long_name) && put_text(dataset, "units", spec->units) &&
           (which < MS_DATASET_FIRST_COLUMN || put_text(dataset, "coordinates", new->coordinates)) &&
           (!has_characters(spec) || put_text(dataset, "_Encoding", "utf-8")) &&
           (!spec->scale || set_scale(new, dataset, spec));
}

/* After that many bytes of fill values. */
static ms_status go_on(creation *new, size_t bytes)
{
    ms_task *task = new->what->task;
    new->filled += (double)bytes;
    task->written += bytes;
    task->done = fmin(1, new->filled / new->bytes) * (new->what->fill ? 0.5 : 1);
    return ms_task_go_on(task, new->error);
}

/* Writes the fill value to the whole place of a large dataset, past HDF5, whose place in the file it is. */
static ms_status fill_dataset(creation *new, ms_dataset which, hid_t type, hid_t list)
{
    unsigned char *piece = ms_calloc(FILL_PIECE, 1);
    size_t size = H5Tget_size(type);
    uint64_t at = H5Dget_offset(new->dataset[which]), left = H5Dget_storage_size(new->dataset[which]);
    if (!piece)
        return ms_error_set(new->error, MS_ERROR_MEMORY, "no memory to create %s", new->path);
    ms_status status = size > 0 && FILL_PIECE % size == 0 && H5Pget_fill_value(list, type, piece) >= 0
                           ? MS_OK
                           : failed(new, spec_of(new, which)->path);
    for (size_t i = size; status == MS_OK && i < FILL_PIECE; i++)
        piece[i] = piece[i - size];
    while (status == MS_OK && left > 0) {
        size_t wanted = left < FILL_PIECE ? (size_t)left : FILL_PIECE;
        ssize_t got = MS_TRY(MS_FAULT_WRITE, pwrite(new->what->task->descriptor, piece, wanted, (off_t)at));
        if (got <= 0) {
            status =
                ms_error_set(new->error, MS_ERROR_IO, "%s: cannot create %s: %s%s", new->path,
                             spec_of(new, which)->path, strerror(errno),
                             errno == ENOSPC || errno == EDQUOT ? "; free some space and start again" : "");
            break;
        }
        at += (uint64_t)got;
        left -= (uint64_t)got;
        status = go_on(new, (size_t)got);
    }
    free(piece);
    return status;
}

static ms_status make_datasets(creation *new)
{
    for (ms_dataset which = 0; which < MS_DATASET_COUNT; which++) {
        if (!ms_layout_has(&new->layout, which))
            continue;
        hid_t type = ms_layout_file_type(&new->layout, which);
        hid_t list = H5Pcreate(H5P_DATASET_CREATE);
        ms_status status = type >= 0 && list >= 0 && make_dataset(new, which, type, list)
                               ? MS_OK
                               : failed(new, spec_of(new, which)->path);
        if (status == MS_OK && is_large(new, which))
            status = fill_dataset(new, which, type, list);
        else if (status == MS_OK && spec_of(new, which)->fill != MS_FILL_NEVER)
            status = go_on(new, (size_t)ms_layout_bytes(&new->layout, which));
        H5Pclose(list);
        H5Tclose(type);
        if (status != MS_OK)
            return status;
    }
    return MS_OK;
}

static ms_status attach_scales(creation *new)
{
    for (ms_dataset which = 0; which < MS_DATASET_COUNT; which++) {
        const ms_dataset_spec *spec = spec_of(new, which);
        if (new->dataset[which] < 0 || spec->scale)
            continue;
        for (unsigned i = 0; i < spec->rank; i++) {
            if (ms_layout_scale(spec->dim[i]) == MS_DATASET_COUNT)
                continue;
            if (H5DSattach_scale(new->dataset[which], new->dataset[ms_layout_scale(spec->dim[i])], i) < 0)
                return failed(new, spec->path);
        }
    }
    return MS_OK;
}

/* Rows [first, first + count) of a dataset. */
static bool put_values(const creation *new, ms_dataset which, hsize_t first, hsize_t count,
                       const void *values)
{
    const ms_dataset_spec *spec = spec_of(new, which);
    hsize_t start[MS_RANK_MAX] = {first}, extent[MS_RANK_MAX] = {count};
    for (unsigned i = 1; i < spec->rank; i++)
        extent[i] = new->layout.size[spec->dim[i]];
    hid_t type = ms_layout_memory_type(&new->layout, which);
    hid_t memory = H5Screate_simple((int)spec->rank, extent, NULL);
    hid_t space = H5Dget_space(new->dataset[which]);
    bool good =
        type >= 0 && memory >= 0 && space >= 0 &&
        H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, extent, NULL) >= 0 &&
        MS_TRY(MS_FAULT_WRITE, H5Dwrite(new->dataset[which], type, memory, space, H5P_DEFAULT, values)) >= 0;
    if (good) {
        H5Sclose(space);
        H5Sclose(memory);
        H5Tclose(type);
    }
    return good;
}

/* Whole-number tables, as functions of the index; numbers and names are written elsewhere. */
static int64_t table_value(const creation *new, ms_dataset which, size_t i)
{
    const ms_sweep *sweep = new->sweep;
    switch (which) {
    case MS_DATASET_MODE:
        return ms_sweep_mode(sweep, i);
    case MS_DATASET_SNAPSHOT:
        return (int64_t)sweep->snapshots[i];
    case MS_DATASET_ITERATIONS:
        return (int64_t)ms_sweep_point_iterations(sweep, i);
    case MS_DATASET_POINT_VARIANT:
        return (int64_t)ms_sweep_variant(sweep, i);
    case MS_DATASET_BLOCK_POINT:
        return (int64_t)ms_sweep_block(sweep, i).point;
    case MS_DATASET_BLOCK_FIRST_CHAIN:
        return (int64_t)ms_sweep_block(sweep, i).first_chain;
    case MS_DATASET_BLOCK_CHAINS:
        return (int64_t)ms_sweep_block(sweep, i).chains;
    case MS_DATASET_STATE_SIZE:
        return (int64_t)ms_sweep_block_state_size(sweep, ms_sweep_block(sweep, i));
    default:
        return (int64_t)i; /* the scales */
    }
}

static ms_status write_tables(creation *new)
{
    static const ms_dataset table[] = {MS_DATASET_POINT,
                                       MS_DATASET_CHAIN,
                                       MS_DATASET_MODE,
                                       MS_DATASET_COMPONENT,
                                       MS_DATASET_SNAPSHOT,
                                       MS_DATASET_COORDINATE,
                                       MS_DATASET_VARIANT,
                                       MS_DATASET_ITERATIONS,
                                       MS_DATASET_POINT_VARIANT,
                                       MS_DATASET_BLOCK,
                                       MS_DATASET_BLOCK_POINT,
                                       MS_DATASET_BLOCK_CHAINS,
                                       MS_DATASET_BLOCK_FIRST_CHAIN,
                                       MS_DATASET_PROVENANCE_BLOCK,
                                       MS_DATASET_START_NUMBER,
                                       MS_DATASET_SOURCE_NUMBER,
                                       MS_DATASET_INPUT_NUMBER,
                                       MS_DATASET_CHECKPOINT_BLOCK,
                                       MS_DATASET_SLOT,
                                       MS_DATASET_STATE_SIZE};
    int64_t value[PIECE];
    for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
        const ms_dataset_spec *spec = spec_of(new, table[t]);
        size_t size = new->dataset[table[t]] >= 0 ? new->layout.size[spec->dim[0]] : 0;
        for (size_t first = 0; first < size; first += PIECE) {
            size_t count = size - first < PIECE ? size - first : PIECE;
            for (size_t i = 0; i < count; i++)
                value[i] = table_value(new, table[t], first + i);
            if (!put_values(new, table[t], first, count, value))
                return failed(new, spec->path);
            ms_status status = ms_task_go_on(new->what->task, new->error);
            if (status != MS_OK)
                return status;
        }
    }
    return MS_OK;
}

/* Copies a text into `size` bytes, padded with NUL, of which one is sure to stand at the end. */
static void pad(char *to, size_t size, const char *text)
{
    memset(to, 0, size);
    memcpy(to, text, strnlen(text, size - 1));
}

/* All points' values of an axis: 8 bytes each, or a name. */
static ms_status write_axis(creation *new, size_t axis)
{
    size_t points = new->layout.size[MS_DIM_POINT];
    bool is_text = new->layout.axis[axis].type == MS_POINT_TEXT;
    size_t bytes = is_text ? MS_NAME_CHARACTERS : sizeof(uint64_t);
    char *value = ms_calloc(points, bytes);
    ms_dataset which = MS_DATASET_FIRST_AXIS + (ms_dataset)axis;
    if (!value)
        return ms_error_set(new->error, MS_ERROR_MEMORY, "no memory to create %s", new->path);
    for (size_t point = 0; point < points; point++) {
        ms_point_value here = ms_sweep_axis_value(new->sweep, axis, point);
        if (is_text)
            pad(value + point * bytes, bytes, here.text);
        else
            memcpy(value + point * bytes, &here, bytes);
    }
    bool good = put_values(new, which, 0, points, value);
    free(value);
    return good ? MS_OK : failed(new, spec_of(new, which)->path);
}

static ms_status write_axes(creation *new)
{
    ms_status status = MS_OK;
    for (size_t axis = 0; status == MS_OK && axis < new->layout.axes; axis++)
        status = write_axis(new, axis);
    return status;
}

/* Only what is not empty, for most points are valid. */
static ms_status write_validity(creation *new)
{
    size_t estimators = new->layout.size[MS_DIM_ESTIMATOR];
    char text[MS_SWEEP_ESTIMATORS_MAX][MS_VALIDITY_MAX];
    for (size_t point = 0; point < new->layout.size[MS_DIM_POINT]; point++) {
        bool is_valid = true;
        for (size_t i = 0; i < estimators; i++) {
            pad(text[i], MS_VALIDITY_MAX, ms_sweep_validity(new->sweep, point, i));
            is_valid = is_valid && !text[i][0];
        }
        if (!is_valid && !put_values(new, MS_DATASET_VALIDITY, point, 1, text))
            return failed(new, "/validity");
    }
    return MS_OK;
}

/* The slots of saved states follow one another. */
static ms_status write_state_offsets(creation *new)
{
    uint64_t value[PIECE], at = 0;
    size_t blocks = new->layout.size[MS_DIM_BLOCK];
    for (size_t first = 0; first < blocks; first += PIECE) {
        size_t count = blocks - first < PIECE ? blocks - first : PIECE;
        for (size_t i = 0; i < count; i++) {
            value[i] = at;
            at += MS_SLOTS * ms_sweep_block_state_size(new->sweep, ms_sweep_block(new->sweep, first + i));
        }
        if (!put_values(new, MS_DATASET_STATE_OFFSET, first, count, value))
            return failed(new, "/checkpoint/offset");
    }
    return MS_OK;
}

static ms_status find_keys(const creation *new, uint64_t *key)
{
    ms_key_memo memo = {0};
    ms_status status = MS_OK;
    const ms_kept_numbers *numbers = new->what->numbers;
    for (size_t point = 0; status == MS_OK && point < new->sweep->point_count; point++) {
        key[point] = numbers ? numbers->key[point] : ms_sweep_point_key(new->sweep, point, &memo);
        status = ms_task_go_on(new->what->task, new->error);
    }
    return status;
}

static ms_status write_keys(creation *new)
{
    size_t points = new->sweep->point_count;
    uint64_t *key = ms_calloc(points, sizeof *key);
    if (!key)
        return ms_error_set(new->error, MS_ERROR_MEMORY, "no memory to create %s", new->path);
    ms_status status = find_keys(new, key);
    if (status == MS_OK && !put_values(new, MS_DATASET_KEY, 0, points, key))
        status = failed(new, "/key");
    free(key);
    return status;
}

static ms_status write_numbers(creation *new)
{
    static const struct {
        ms_dataset dataset;
        double (*of)(const ms_sweep *sweep, size_t point);
    } table[] = {{MS_DATASET_RADIUS_SQUARED, ms_sweep_radius_squared},
                 {MS_DATASET_SCORE_EVALUATIONS, ms_sweep_score_evaluations},
                 {MS_DATASET_DENSITY_EVALUATIONS, ms_sweep_density_evaluations},
                 {MS_DATASET_COORDINATE_UPDATES, ms_sweep_coordinate_updates},
                 {MS_DATASET_PASS_ITERATIONS, ms_sweep_pass_iterations}};
    const ms_kept_numbers *numbers = new->what->numbers;
    size_t points = new->sweep->point_count;
    double *value = ms_calloc(points, sizeof *value);
    if (!value)
        return ms_error_set(new->error, MS_ERROR_MEMORY, "no memory to create %s", new->path);
    ms_status status = MS_OK;
    for (size_t t = 0; status == MS_OK && t < sizeof table / sizeof *table; t++) {
        for (size_t point = 0; point < points; point++)
            value[point] = numbers && table[t].dataset == MS_DATASET_RADIUS_SQUARED
                               ? numbers->radius_squared[point]
                               : table[t].of(new->sweep, point);
        if (!put_values(new, table[t].dataset, 0, points, value))
            status = failed(new, spec_of(new, table[t].dataset)->path);
    }
    free(value);
    return status;
}

static ms_status write_components(creation *new)
{
    const ms_kept_numbers *numbers = new->what->numbers;
    size_t variants = new->layout.size[MS_DIM_VARIANT], components = new->layout.size[MS_DIM_COMPONENT];
    double *weight = ms_calloc(variants * components + 1, sizeof *weight);
    double *variance = ms_calloc(variants * components + 1, sizeof *variance);
    ms_status status = MS_OK;
    if (!weight || !variance) {
        status = ms_error_set(new->error, MS_ERROR_MEMORY, "no memory to create %s", new->path);
    } else if (components > 0) {
        for (size_t v = 0; v < variants; v++)
            for (size_t i = 0; i < components; i++)
                ms_sweep_component(new->sweep, v, i, &weight[v * components + i],
                                   &variance[v * components + i]);
        if (!put_values(new, MS_DATASET_WEIGHT, 0, variants, numbers ? numbers->weight : weight) ||
            !put_values(new, MS_DATASET_VARIANCE, 0, variants, numbers ? numbers->variance : variance))
            status = failed(new, "/weight or /variance");
    }
    free(weight);
    free(variance);
    return status;
}

static ms_status write_text(creation *new, ms_dataset which, const char *text)
{
    hid_t type = ms_layout_memory_type(&new->layout, which);
    char *padded = ms_calloc(ms_layout_string_size(&new->layout, which), 1);
    ms_status status = MS_OK;
    if (!padded) {
        status = ms_error_set(new->error, MS_ERROR_MEMORY, "no memory to create %s", new->path);
    } else {
        pad(padded, ms_layout_string_size(&new->layout, which), text);
        if (type < 0 || MS_TRY(MS_FAULT_WRITE, H5Dwrite(new->dataset[which], type, H5S_ALL, H5S_ALL,
                                                        H5P_DEFAULT, padded)) < 0)
            status = failed(new, spec_of(new, which)->path);
    }
    free(padded);
    H5Tclose(type);
    return status;
}

/* "snapshot chain component" */
static void name_dimensions(const ms_column *column, char text[MS_NAME_CHARACTERS])
{
    size_t length = 0;
    memset(text, 0, MS_NAME_CHARACTERS);
    for (unsigned i = 0; i < column->rank; i++)
        length += (size_t)snprintf(text + length, MS_NAME_CHARACTERS - length, "%s%s", i > 0 ? " " : "",
                                   ms_extent_name(column->extent[i]));
}

static void name_row(const creation *new, ms_dataset which, size_t i, char text[MS_NAME_CHARACTERS])
{
    static const char *const commit_field[MS_COMMIT_FIELDS] = {"generation", "status", "crc32c", "format"};
    static const char *const record_field[MS_RECORD_FIELDS] = {"generation", "iteration", "size", "time",
                                                               "crc32c"};
    static const char *const attempt_field[MS_ATTEMPT_FIELDS] = {"unfinished", "total", "begun"};
    if (which == MS_DATASET_COLUMN_DIMENSIONS)
        name_dimensions(new->layout.column[i], text);
    else
        pad(text, MS_NAME_CHARACTERS,
            which == MS_DATASET_RULE           ? ms_sweep_rule(new->sweep, i)
            : which == MS_DATASET_ESTIMATOR    ? ms_sweep_estimator(new->sweep, i)
            : which == MS_DATASET_AXIS         ? new->layout.axis[i].name
            : which == MS_DATASET_COLUMN       ? new->layout.column[i]->name
            : which == MS_DATASET_COMMIT_FIELD ? commit_field[i]
            : which == MS_DATASET_RECORD_FIELD ? record_field[i]
                                               : attempt_field[i]);
}

static ms_status write_names(creation *new)
{
    static const ms_dataset table[] = {
        MS_DATASET_RULE,         MS_DATASET_ESTIMATOR,         MS_DATASET_AXIS,
        MS_DATASET_COLUMN,       MS_DATASET_COLUMN_DIMENSIONS, MS_DATASET_COMMIT_FIELD,
        MS_DATASET_RECORD_FIELD, MS_DATASET_ATTEMPT_FIELD};
    char name[MS_SWEEP_RULES_MAX][MS_NAME_CHARACTERS]; /* room for the longest of them */
    _Static_assert(MS_SWEEP_RULES_MAX >= MS_SWEEP_AXES_MAX, "room for axes");
    _Static_assert(MS_SWEEP_RULES_MAX >= MS_COLUMNS_MAX, "room for columns");
    for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
        size_t count = new->layout.size[spec_of(new, table[t])->dim[0]];
        for (size_t i = 0; i < count; i++)
            name_row(new, table[t], i, name[i]);
        if (count > 0 && !put_values(new, table[t], 0, count, name))
            return failed(new, spec_of(new, table[t])->path);
    }
    return MS_OK;
}

static ms_status write_texts(creation *new)
{
    char versions[MS_VERSIONS_MAX], created_at[MS_TIME_MAX];
    ms_provenance_time(created_at);
    ms_provenance_versions(versions, sizeof versions);
    ms_status status =
        write_text(new, MS_DATASET_VERSIONS, new->what->versions ? new->what->versions : versions);
    if (status == MS_OK)
        status = write_text(new, MS_DATASET_CREATED_AT,
                            new->what->created_at ? new->what->created_at : created_at);
    if (status == MS_OK)
        status = write_text(new, MS_DATASET_NAME, new->sweep->name);
    if (status == MS_OK)
        status = write_text(new, MS_DATASET_IDENTITY, new->sweep->identity ? new->sweep->identity : "");
    if (status == MS_OK)
        status = write_text(new, MS_DATASET_SWEEP_YAML, new->sweep->text ? new->sweep->text : "");
    return status;
}

static ms_status write_root(creation *new)
{
    const int32_t version = MS_RESULTS_FORMAT_VERSION;
    if (!put_text(new->file, "format", MS_RESULTS_FORMAT) ||
        !put_attribute(new->file, "format_version", H5T_STD_I32LE, &version) ||
        !put_text(new->file, "name", new->sweep->name) ||
        !put_text(new->file, "title", "first-passage times to the modes of a distribution") ||
        !put_text(new->file, "conventions",
                  "dimension scales as in netCDF-4; see modeseek, docs/results-file.md") ||
        !put_text(new->file, "inference_library", "modeseek") ||
        !put_text(new->file, "inference_library_version", ms_version()))
        return failed(new, "attributes");
    return MS_OK;
}

/* Of the superblock (version 0): whether the file is open for writing. HDF5 sets it when one process opens
 * the file, and clears it when that closes it; if it is killed in between, the flag stays. No reader of this
 * version minds. */
#define FLAGS_OFFSET (MS_SEAL_SIZE + 20u)
#define FLAGS_SIZE   4u

/* Which bytes may change, for the seal. */
static void find_holes(const creation *new, ms_seal *seal)
{
    _Static_assert(MS_DATASET_COUNT + 1 <= MS_HOLES_MAX, "a hole for every dataset, and the flags");
    *seal = (ms_seal){.format_version = MS_RESULTS_FORMAT_VERSION, .archive = new->what->archive};
    if (!seal->archive)
        seal->hole[seal->holes++] = (ms_hole){FLAGS_OFFSET, FLAGS_SIZE};
    for (ms_dataset which = 0; which < MS_DATASET_COUNT && !seal->archive; which++) {
        if (spec_of(new, which)->changes && new->dataset[which] >= 0) {
            seal->hole[seal->holes++] = (ms_hole){.offset = H5Dget_offset(new->dataset[which]),
                                                  .size = H5Dget_storage_size(new->dataset[which])};
        }
    }
}

static bool check_layout(const creation *new)
{
    return new->layout.size[MS_DIM_RULE] <= MS_SWEEP_RULES_MAX &&new->layout.size[MS_DIM_ESTIMATOR] <=
           MS_SWEEP_ESTIMATORS_MAX;
}

ms_status ms_create_content(hid_t file, const char *path, const ms_new_file *new_file, ms_seal *seal,
                            ms_error *error)
{
    creation new = {.file = file, .path = path, .sweep = new_file->sweep, .what = new_file, .error = error};
    for (ms_dataset which = 0; which < MS_DATASET_COUNT; which++)
        new.dataset[which] = H5I_INVALID_HID;
    ms_status status = ms_layout_of_sweep(new.sweep, &new.layout, error);
    if (status != MS_OK)
        return status;
    if (new.sweep->lacks_numbers && !new_file->numbers)
        return ms_error_set(error, MS_ERROR_INTERNAL, "%s: the numbers of its components are unknown", path);
    if (!check_layout(&new))
        return ms_error_set(error, MS_ERROR_INTERNAL, "%s: more rules or estimators than a file can hold",
                            path);
    new.bytes = ms_results_size(new.sweep);
    for (size_t i = 0, length = 0; i < new.layout.axes; i++)
        length += (size_t)snprintf(new.coordinates + length, sizeof new.coordinates - length, "%s%s",
                                   i > 0 ? " " : "", new.layout.axis[i].name);
    new.layout.size[MS_DIM_START] = new_file->starts;
    new.layout.size[MS_DIM_SOURCE] = new_file->sources;
    if (new_file->inputs)
        ms_inputs_size(new_file->inputs, &new.layout);
    static const char *const group[] = {"/block", "/provenance", "/checkpoint"};
    for (size_t i = 0; i < sizeof group / sizeof *group; i++) {
        hid_t made = H5Gcreate2(file, group[i], H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        if (made < 0)
            return failed(&new, group[i]);
        H5Gclose(made);
    }
    ms_status (*const part[])(creation *) = {
        make_datasets, attach_scales,    write_root,          write_tables, write_axes,  write_keys,
        write_numbers, write_components, write_state_offsets, write_names,  write_texts, write_validity};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        status = part[i](&new);
        if (status != MS_OK)
            return status; /* the file's close degree closes what is open in it */
    }
    find_holes(&new, seal);
    for (ms_dataset which = 0; which < MS_DATASET_COUNT; which++)
        if (new.dataset[which] >= 0)
            H5Dclose(new.dataset[which]);
    return MS_OK;
}
