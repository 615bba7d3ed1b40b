/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening: the file is not trusted. Whatever sizes memory or is used as an index is checked first. */
#include "estimate/job_type.h"
#include "results/fault.h"
#include "results/file.h"
#include "results/hdf5_error.h"
#include "results/tables.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

hid_t ms_file_access_list(void)
{
    hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    if (list >= 0 && (H5Pset_fclose_degree(list, H5F_CLOSE_STRONG) < 0 ||
                      H5Pset_file_locking(list, false, true) < 0 || H5Pset_sieve_buf_size(list, 0) < 0)) {
        H5Pclose(list);
        return H5I_INVALID_HID;
    }
    return list;
}

static ms_status bad(const ms_results *results, const char *dataset, const char *what, ms_error *error)
{
    return ms_error_set(error, MS_ERROR_FORMAT,
                        "%s: %s %s; the file is damaged or not a modeseek results file", results->path,
                        dataset, what);
}

/* True when all links of an absolute path are hard: others could lead out of the file. */
static bool is_inside(hid_t file, const char *path)
{
    char part[MS_NAME_CHARACTERS + 2];
    H5L_info_t link;
    for (const char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        size_t length = slash ? (size_t)(slash - path) : strlen(path);
        if (length >= sizeof part)
            return false;
        memcpy(part, path, length);
        part[length] = '\0';
        if (H5Lget_info(file, part, &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD)
            return false;
        if (!slash)
            return true;
    }
}

static bool has_type(const ms_results *results, ms_dataset which, hid_t type)
{
    hid_t expected = ms_layout_file_type(&results->layout, which);
    bool same = expected >= 0 && H5Tequal(type, expected) > 0;
    H5Tclose(expected);
    return same;
}

#define COMPRESSION_MAX 1100.0               /* deflate shrinks to 1/1032 at best */
#define CHUNK_MAX       (UINT64_C(64) << 20) /* bytes */

/* Other filters could be plugins, code that a file must not choose. */
static bool has_known_filters(hid_t list)
{
    for (int i = 0, count = H5Pget_nfilters(list); i < count; i++) {
        unsigned flags, configuration, values[8];
        size_t value_count = 8;
        char name[32];
        H5Z_filter_t filter = H5Pget_filter2(list, (unsigned)i, &flags, &value_count, values, sizeof name,
                                             name, &configuration);
        if (filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_DEFLATE)
            return false;
    }
    return true;
}

static bool has_bounded_chunks(hid_t list, const ms_dataset_spec *spec)
{
    hsize_t chunk[MS_RANK_MAX] = {0};
    if (H5Pget_chunk(list, MS_RANK_MAX, chunk) != (int)spec->rank)
        return false;
    double bytes = spec->type == MS_VALUE_UINT8 || spec->type == MS_VALUE_CHARACTER ? 1 : 16;
    for (unsigned i = 0; i < spec->rank; i++)
        bytes *= (double)chunk[i];
    return bytes <= (double)CHUNK_MAX;
}

/* The values of a virtual dataset lie in other files, which HDF5 opens as soon as it is asked for the extent.
 */
static bool is_virtual(hid_t dataset)
{
    hid_t list = H5Dget_create_plist(dataset);
    bool found = list < 0 || H5Pget_layout(list) == H5D_VIRTUAL;
    H5Pclose(list);
    return found;
}

/* Memory made for the values is then no larger than the file: they lie in one piece within it, or, in an
 * archive, in chunks that cannot have been compressed more than deflate can. */
static bool is_stored(hid_t dataset, const ms_dataset_spec *spec, bool archive, double bytes,
                      double file_bytes)
{
    hid_t list = H5Dget_create_plist(dataset);
    H5D_layout_t layout = list >= 0 ? H5Pget_layout(list) : H5D_LAYOUT_ERROR;
    bool good = layout == H5D_CONTIGUOUS ? H5Pget_external_count(list) == 0
                                         : archive && layout == H5D_CHUNKED && has_known_filters(list) &&
                                               has_bounded_chunks(list, spec);
    H5Pclose(list);
    if (!good)
        return false;
    if (layout == H5D_CHUNKED) {
        double stored = (double)H5Dget_storage_size(dataset);
        return stored <= file_bytes && bytes <= stored * COMPRESSION_MAX;
    }
    haddr_t offset = H5Dget_offset(dataset);
    return offset != HADDR_UNDEF && (double)offset + bytes <= file_bytes;
}

/* The limits of what the sweep that made the file can have been. */
static size_t dim_limit(ms_dim dim, const size_t *size)
{
    switch (dim) {
    case MS_DIM_POINT:
        return MS_SWEEP_POINTS_MAX;
    case MS_DIM_CHAIN:
        return MS_SWEEP_CHAINS_MAX;
    case MS_DIM_AXIS:
        return MS_SWEEP_AXES_MAX;
    case MS_DIM_RULE:
        return MS_SWEEP_RULES_MAX;
    case MS_DIM_MODE:
    case MS_DIM_COMPONENT:
        return 2 * MS_DATA_COUNT_MAX; /* vectors and their flips */
    case MS_DIM_COORDINATE:
        return MS_SWEEP_DIMENSION_MAX;
    case MS_DIM_VARIANT:
        return MS_SWEEP_POINTS_MAX;
    case MS_DIM_ESTIMATOR:
        return MS_SWEEP_ESTIMATORS_MAX;
    case MS_DIM_COLUMN:
        return MS_COLUMNS_MAX;
    case MS_DIM_SNAPSHOT:
        return MS_SWEEP_SNAPSHOTS_MAX;
    case MS_DIM_BLOCK:
    case MS_DIM_PROVENANCE_BLOCK:
    case MS_DIM_CHECKPOINT_BLOCK:
        return size[MS_DIM_POINT] * size[MS_DIM_CHAIN];
    case MS_DIM_START:
        return MS_STARTS_MAX;
    case MS_DIM_SOURCE:
        return MS_SOURCES_MAX;
    case MS_DIM_STATE:
        return 2 * MS_SWEEP_STATES_MAX;
    case MS_DIM_INPUT:
        return MS_INPUTS_MAX;
    case MS_DIM_INPUT_CHARACTER:
        return MS_START_MAX;
    case MS_DIM_INPUT_BYTE:
        return MS_INPUTS_BYTES_MAX;
    default:
        return SIZE_MAX;
    }
}

/* Opens one dataset and checks its rank, extents, type and place. A scale sets the size of its dimension. */
static ms_status open_dataset(ms_results *results, ms_dataset which, double file_bytes, ms_error *error)
{
    const ms_dataset_spec *spec = ms_layout_spec(&results->layout, which);
    ms_layout *layout = &results->layout;
    hsize_t extent[MS_RANK_MAX] = {0};
    unsigned rank = spec->rank;

    if (!is_inside(results->file, spec->path))
        return bad(results, spec->path, "is missing", error);
    hid_t dataset = H5Dopen2(results->file, spec->path, H5P_DEFAULT);
    if (dataset < 0)
        return ms_hdf5_error(error, MS_ERROR_FORMAT, results->path, spec->path, "cannot open");
    results->dataset[which] = dataset;

    if (is_virtual(dataset))
        return bad(results, spec->path, "does not lie within the file", error);
    hid_t space = H5Dget_space(dataset);
    bool simple = space >= 0 && H5Sget_simple_extent_type(space) == (rank > 0 ? H5S_SIMPLE : H5S_SCALAR) &&
                  H5Sget_simple_extent_ndims(space) == (int)rank &&
                  H5Sget_simple_extent_dims(space, extent, NULL) == (int)rank;
    H5Sclose(space);
    if (!simple)
        return bad(results, spec->path, "has the wrong rank", error);
    for (unsigned i = 0; i < rank; i++) {
        ms_dim dim = spec->dim[i];
        bool sets_size = spec->scale || dim == MS_DIM_STATE || dim == MS_DIM_INPUT_BYTE;
        if (sets_size && layout->size[dim] == 0 && extent[i] > 0 && extent[i] <= dim_limit(dim, layout->size))
            layout->size[dim] = (size_t)extent[i];
        if (extent[i] != layout->size[dim] || extent[i] == 0)
            return bad(results, spec->path, "has the wrong extent", error);
    }

    hid_t type = H5Dget_type(dataset);
    if (spec->type == MS_VALUE_STRING && spec->string_size == 0) {
        size_t size = type >= 0 ? H5Tget_size(type) : 0;
        size_t limit = which == MS_DATASET_IDENTITY ? MS_IDENTITY_MAX : MS_SWEEP_FILE_MAX;
        layout->string_size[which] = size > 0 && size <= limit + 1 ? size : 1;
    }
    bool right = type >= 0 && has_type(results, which, type);
    H5Tclose(type);
    if (!right)
        return bad(results, spec->path, "has the wrong type", error);
    /* states are never read as a whole, and most of them may be missing */
    double bytes = which == MS_DATASET_STATE && results->archive ? 0 : ms_layout_bytes(layout, which);
    if (!is_stored(dataset, spec, results->archive, bytes, file_bytes))
        return bad(results, spec->path, "does not lie within the file", error);
    return MS_OK;
}

/* Whether a dataset is to be there, as far as the scales before it tell. Some scales are left out where they
 * are empty. */
static bool is_expected(const ms_results *results, ms_dataset which)
{
    static const ms_dataset optional[] = {
        MS_DATASET_RULE,       MS_DATASET_MODE,          MS_DATASET_COMPONENT,    MS_DATASET_COORDINATE,
        MS_DATASET_SNAPSHOT,   MS_DATASET_SOURCE_NUMBER, MS_DATASET_INPUT_NUMBER, MS_DATASET_INPUT_CHARACTER,
        MS_DATASET_INPUT_BYTES};
    for (size_t i = 0; i < sizeof optional / sizeof *optional; i++)
        if (which == optional[i])
            return H5Lexists(results->file, ms_layout_spec(&results->layout, which)->path, H5P_DEFAULT) > 0;
    return which == MS_DATASET_STATE || ms_layout_spec(&results->layout, which)->scale ||
           ms_layout_has(&results->layout, which);
}

/* The type of a dataset that the file itself names: as in `list`, or MS_VALUE_CHARACTER. */
static ms_status find_type(const ms_results *results, const char *name, ms_value_type *type, ms_error *error)
{
    char path[MS_NAME_CHARACTERS + 1];
    snprintf(path, sizeof path, "/%s", name);
    if (!is_inside(results->file, path))
        return bad(results, path, "is missing", error);
    hid_t dataset = H5Dopen2(results->file, path, H5P_DEFAULT);
    hid_t found = dataset >= 0 ? H5Dget_type(dataset) : H5I_INVALID_HID;
    *type = found < 0                             ? MS_VALUE_STRING
            : H5Tequal(found, H5T_IEEE_F64LE) > 0 ? MS_VALUE_DOUBLE
            : H5Tequal(found, H5T_STD_I64LE) > 0  ? MS_VALUE_INT64
            : H5Tequal(found, H5T_STD_U64LE) > 0  ? MS_VALUE_UINT64
            : H5Tget_class(found) == H5T_STRING   ? MS_VALUE_CHARACTER
                                                  : MS_VALUE_STRING;
    H5Tclose(found);
    H5Dclose(dataset);
    return *type == MS_VALUE_STRING ? bad(results, path, "has the wrong type", error) : MS_OK;
}

static ms_status add_axes(ms_results *results, ms_error *error)
{
    for (size_t i = 0; i < results->layout.size[MS_DIM_AXIS]; i++) {
        ms_value_type type;
        ms_status status = find_type(results, results->axis_name[i], &type, error);
        if (status != MS_OK)
            return status;
        const ms_point_axis axis = {.name = results->axis_name[i],
                                    .type = type == MS_VALUE_DOUBLE   ? MS_POINT_NUMBER
                                            : type == MS_VALUE_INT64  ? MS_POINT_COUNT
                                            : type == MS_VALUE_UINT64 ? MS_POINT_WORD
                                                                      : MS_POINT_TEXT};
        ms_layout_add_axis(&results->layout, &axis);
    }
    return MS_OK;
}

/* The extents of a column from their names: one of them the chain, none behind the coordinate. */
static bool find_extents(const char *names, ms_column *column)
{
    bool has_chain = false, has_coordinates = false;
    for (column->rank = 0; *names; names += *names == ' ') {
        size_t length = strcspn(names, " ");
        ms_extent extent = 0;
        while (extent < MS_EXTENT_COUNT && (strlen(ms_extent_name(extent)) != length ||
                                            strncmp(names, ms_extent_name(extent), length) != 0))
            extent++;
        if (extent == MS_EXTENT_COUNT || column->rank == MS_COLUMN_RANK_MAX ||
            (extent == MS_EXTENT_CHAIN && has_chain) || has_coordinates)
            return false;
        has_chain = has_chain || extent == MS_EXTENT_CHAIN;
        has_coordinates = extent == MS_EXTENT_COORDINATE;
        column->extent[column->rank++] = extent;
        names += length;
    }
    return has_chain;
}

/* A column that this version knows is what it takes it for, or the file is refused. */
static ms_status add_column(ms_results *results, size_t number, ms_error *error)
{
    ms_column *column = &results->own_column[number];
    ms_value_type type;
    ms_status status = find_type(results, results->column_name[number], &type, error);
    if (status != MS_OK)
        return status;
    *column = (ms_column){.name = results->column_name[number],
                          .type = type == MS_VALUE_DOUBLE  ? MS_COLUMN_DOUBLE
                                  : type == MS_VALUE_INT64 ? MS_COLUMN_INT64
                                                           : MS_COLUMN_UINT64};
    const ms_column *known = ms_column_find(column->name);
    if (type == MS_VALUE_CHARACTER || !find_extents(results->column_dimensions[number], column) ||
        (known && !ms_column_is_same(known, column)))
        return ms_error_set(error, MS_ERROR_FORMAT,
                            "%s: /%s has a type or dimensions (%s) that this version does not support; "
                            "update modeseek, or the file is damaged",
                            results->path, column->name, results->column_dimensions[number]);
    ms_layout_add_column(&results->layout, known ? known : column);
    return MS_OK;
}

/* What depends on the sweep that the file is of, as the file says. */
static ms_status open_further(ms_results *results, double file_bytes, ms_error *error)
{
    ms_status status = ms_tables_read_names(results, error);
    if (status == MS_OK)
        status = add_axes(results, error);
    for (size_t i = 0; status == MS_OK && i < results->layout.size[MS_DIM_COLUMN]; i++)
        status = add_column(results, i, error);
    for (ms_dataset which = MS_DATASET_FIXED; status == MS_OK && which < MS_DATASET_COUNT; which++)
        if (which >= MS_DATASET_FIRST_COLUMN ? which < MS_DATASET_FIRST_COLUMN + results->layout.columns
                                             : which < MS_DATASET_FIRST_AXIS + results->layout.axes)
            status = open_dataset(results, which, file_bytes, error);
    return status;
}

static ms_status open_datasets(ms_results *results, ms_error *error)
{
    struct stat entry;
    if (stat(results->path, &entry) != 0)
        return ms_error_set(error, MS_ERROR_IO, "%s: %s", results->path, strerror(errno));
    size_t *size = results->layout.size;
    size[MS_DIM_NAME_CHARACTER] = MS_NAME_CHARACTERS;
    size[MS_DIM_TEXT_CHARACTER] = MS_VALIDITY_MAX;
    size[MS_DIM_COMMIT_FIELD] = MS_COMMIT_FIELDS;
    size[MS_DIM_FAILURE_CHARACTER] = MS_FAILURE_MAX;
    size[MS_DIM_START_CHARACTER] = size[MS_DIM_SOURCE_CHARACTER] = MS_START_MAX;
    size[MS_DIM_SLOT] = MS_SLOTS;
    size[MS_DIM_RECORD_FIELD] = MS_RECORD_FIELDS;
    size[MS_DIM_ATTEMPT_FIELD] = MS_ATTEMPT_FIELDS;
    for (ms_dataset which = 0; which < MS_DATASET_FIXED; which++) {
        if (is_expected(results, which)) {
            ms_status status = open_dataset(results, which, (double)entry.st_size, error);
            if (status != MS_OK)
                return status;
        }
    }
    if (size[MS_DIM_PROVENANCE_BLOCK] != size[MS_DIM_BLOCK])
        return bad(results, "/provenance/block", "does not fit /block/block", error);
    if (size[MS_DIM_CHECKPOINT_BLOCK] != size[MS_DIM_BLOCK])
        return bad(results, "/checkpoint/block", "does not fit /block/block", error);
    if (size[MS_DIM_INPUT] > 0 && size[MS_DIM_INPUT_CHARACTER] != MS_START_MAX)
        return bad(results, "/provenance/input", "has the wrong extent", error);
    if (size[MS_DIM_START] < MS_STARTS)
        return bad(results, "/provenance/start", "has the wrong extent", error);
    return open_further(results, (double)entry.st_size, error);
}

/* A number among the root's attributes; `type` is the file's. Texts are never read from attributes: they are
 * strings of any length, in whose heap HDF5 1.10 goes astray when it is damaged. */
static bool read_attribute(hid_t file, const char *name, hid_t type, void *value)
{
    hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
    hid_t space = attribute >= 0 ? H5Aget_space(attribute) : H5I_INVALID_HID;
    hid_t found = attribute >= 0 ? H5Aget_type(attribute) : H5I_INVALID_HID;
    bool good = space >= 0 && found >= 0 && H5Sget_simple_extent_type(space) == H5S_SCALAR &&
                H5Tequal(found, type) > 0 && H5Aread(attribute, type, value) >= 0;
    H5Tclose(found);
    H5Sclose(space);
    H5Aclose(attribute);
    return good;
}

static ms_status check_format(ms_results *results, ms_error *error)
{
    int32_t version = 0;
    if (!read_attribute(results->file, "format_version", H5T_STD_I32LE, &version) || version < 1) {
        return ms_error_set(
            error, MS_ERROR_FORMAT,
            "%s: is an HDF5 file, but not a modeseek results file (no attribute \"format_version\")",
            results->path);
    }
    if (version != MS_RESULTS_FORMAT_VERSION) /* not told by the seal, which says so first */
        return bad(results, "attribute format_version", "is wrong", error);
    results->info.format_version = (uint32_t)version;
    return MS_OK;
}

static ms_status load(ms_results *results, ms_error *error)
{
    ms_status status = check_format(results, error);
    if (status == MS_OK)
        status = open_datasets(results, error);
    return status == MS_OK ? ms_tables_read(results, error) : status;
}

ms_status ms_file_open(ms_results **results, const char *path, unsigned flags, hid_t access, ms_error *error)
{
    *results = NULL;
    ms_results *made = ms_calloc(1, sizeof *made);
    if (!made || !(made->path = strdup(path))) {
        free(made);
        return ms_error_set(error, MS_ERROR_MEMORY, "no memory to open %s", path);
    }
    for (ms_dataset which = 0; which < MS_DATASET_COUNT; which++)
        made->dataset[which] = H5I_INVALID_HID;
    made->info.path = made->path;
    made->descriptor = -1;
    made->writable = flags == H5F_ACC_RDWR;
    made->archive = true; /* until the seal says otherwise */
    made->file = H5Fopen(path, flags, access);
    *results = made;
    if (made->file >= 0)
        return load(made, error);
    /* when all ranks open it, one of them has already found that it is a results file */
    bool parallel = H5Pget_driver(access) == H5FD_MPIO;
    return ms_hdf5_error(error, parallel ? MS_ERROR_IO : MS_ERROR_FORMAT, path, NULL,
                         parallel ? "cannot be opened by all ranks" : "cannot open as HDF5");
}

/* What the operating system says about the file, in plain words, before HDF5 says it in its own. */
static ms_status check_readable(const char *path, ms_error *error)
{
    struct stat entry;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0 || fstat(descriptor, &entry) != 0) {
        int number = errno;
        if (descriptor >= 0)
            close(descriptor);
        return ms_error_set(error, MS_ERROR_IO, "%s: cannot be opened: %s", path, strerror(number));
    }
    close(descriptor);
    if (!S_ISREG(entry.st_mode)) {
        return ms_error_set(error, MS_ERROR_IO, "%s: is %s", path,
                            S_ISDIR(entry.st_mode) ? "a folder, not a results file" : "not a regular file");
    }
    return MS_OK;
}

ms_status ms_file_open_serial(ms_results **results, const char *path, unsigned flags, bool force,
                              ms_task *task, ms_error *error)
{
    ms_seal seal;
    *results = NULL;
    ms_status status = check_readable(path, error);
    if (status == MS_OK)
        status = ms_seal_check(path, force, task, &seal, error);
    if (status != MS_OK)
        return status;
    hid_t access_list = ms_file_access_list();
    if (access_list < 0)
        return ms_error_set(error, MS_ERROR_MEMORY, "%s: HDF5 cannot make an access list", path);
    status = ms_file_open(results, path, flags, access_list, error);
    H5Pclose(access_list);
    if (status == MS_OK) {
        (*results)->archive = (*results)->info.is_archive = seal.archive;
        (*results)->task = task;
    } else if (*results) {
        ms_file_close(*results, NULL);
        *results = NULL;
    }
    return status;
}

ms_status ms_results_open(ms_results **results, const char *path, ms_error *error)
{
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = ms_file_open_serial(results, path, H5F_ACC_RDONLY, false, NULL, error);
    ms_hdf5_quiet_end(quiet);
    return status;
}

ms_status ms_results_open_damaged(ms_results **results, const char *path, ms_error *error)
{
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = ms_file_open_serial(results, path, H5F_ACC_RDONLY, true, NULL, error);
    ms_hdf5_quiet_end(quiet);
    return status;
}

ms_status ms_file_close(ms_results *results, ms_error *error)
{
    ms_status status = MS_OK;
    if (results->file >= 0) {
        /* a parallel one has been synced by ms_results_settle(): no collective call that can fail on one rank
         * alone; a fault comes where the ranks do not wait for each other */
        if (results->writable && ((!results->parallel && H5Fflush(results->file, H5F_SCOPE_GLOBAL) < 0) ||
                                  ms_fault(MS_FAULT_WRITE)))
            status = ms_hdf5_error(error, MS_ERROR_IO, results->path, NULL, "cannot flush");
        for (ms_dataset which = 0; which < MS_DATASET_COUNT; which++)
            if (results->dataset[which] >= 0)
                H5Dclose(results->dataset[which]);
        if (H5Fclose(results->file) < 0 && status == MS_OK)
            status = ms_hdf5_error(error, MS_ERROR_IO, results->path, NULL, "cannot close");
    }
    if (results->descriptor >= 0)
        close(results->descriptor);
    ms_tables_free(results);
    ms_block_results_free(results->block_results);
    ms_block_results_free(results->fitted);
    free(results->path);
    free(results);
    return status;
}
