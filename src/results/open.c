/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening: the file is not trusted. Whatever sizes memory or is used as an index is checked first. */
#include "results/fault.h"
#include "results/file.h"
#include "results/hdf5_error.h"
#include "results/tables.h"

#include <errno.h>
#include <fcntl.h>
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
    return ms_error_set(error, MS_ERROR_FORMAT, "%s: %s %s; the file is damaged or no modeseek results file",
                        results->path, dataset, what);
}

/* True when all links of an absolute path are hard: others could lead out of the file. */
static bool is_inside(hid_t file, const char *path)
{
    char part[64];
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
    hsize_t chunk[4] = {0};
    if (H5Pget_chunk(list, 4, chunk) != (int)spec->rank)
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
static size_t axis_limit(ms_file_axis axis, const size_t *size)
{
    switch (axis) {
    case MS_AXIS_POINT:
        return MS_SWEEP_POINTS_MAX;
    case MS_AXIS_CHAIN:
        return MS_SWEEP_CHAINS_MAX;
    case MS_AXIS_MODE:
    case MS_AXIS_COMPONENT:
        return MS_COMPONENTS_MAX;
    case MS_AXIS_SNAPSHOT:
        return MS_SWEEP_SNAPSHOTS_MAX;
    case MS_AXIS_BLOCK:
    case MS_AXIS_PROVENANCE_BLOCK:
    case MS_AXIS_CHECKPOINT_BLOCK:
        return size[MS_AXIS_POINT] * size[MS_AXIS_CHAIN];
    case MS_AXIS_START:
        return MS_STARTS_MAX;
    case MS_AXIS_SOURCE:
        return MS_SOURCES_MAX;
    case MS_AXIS_STATE:
        return 2 * MS_SWEEP_STATES_MAX;
    default:
        return SIZE_MAX;
    }
}

/* Opens one dataset and checks its rank, extents, type and place. A scale sets the size of its axis. */
static ms_status open_dataset(ms_results *results, ms_dataset which, double file_bytes, ms_error *error)
{
    const ms_dataset_spec *spec = &ms_dataset_specs[which];
    ms_layout *layout = &results->layout;
    hsize_t extent[4] = {0};
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
        ms_file_axis axis = spec->axis[i];
        if ((spec->scale || axis == MS_AXIS_STATE) && layout->size[axis] == 0 && extent[i] > 0 &&
            extent[i] <= axis_limit(axis, layout->size))
            layout->size[axis] = (size_t)extent[i];
        if (extent[i] != layout->size[axis] || extent[i] == 0)
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

/* Whether a dataset is to be there, as far as the scales before it tell. */
static bool is_expected(const ms_results *results, ms_dataset which)
{
    if (which == MS_DATASET_STATE)
        return true;
    if (which == MS_DATASET_MODE || which == MS_DATASET_SNAPSHOT || which == MS_DATASET_SOURCE_NUMBER)
        return H5Lexists(results->file, ms_dataset_specs[which].path, H5P_DEFAULT) > 0;
    return ms_dataset_specs[which].scale || ms_layout_has(&results->layout, which);
}

static ms_status open_datasets(ms_results *results, ms_error *error)
{
    struct stat entry;
    if (stat(results->path, &entry) != 0)
        return ms_error_set(error, MS_ERROR_IO, "%s: %s", results->path, strerror(errno));
    size_t *size = results->layout.size;
    size[MS_AXIS_RULE] = MS_RULE_COUNT;
    size[MS_AXIS_NAME_CHARACTER] = MS_NAME_CHARACTERS;
    size[MS_AXIS_COMMIT_FIELD] = MS_COMMIT_FIELDS;
    size[MS_AXIS_FAILURE_CHARACTER] = MS_FAILURE_MAX;
    size[MS_AXIS_START_CHARACTER] = size[MS_AXIS_SOURCE_CHARACTER] = MS_START_MAX;
    size[MS_AXIS_SLOT] = MS_SLOTS;
    size[MS_AXIS_RECORD_FIELD] = MS_RECORD_FIELDS;
    size[MS_AXIS_ATTEMPT_FIELD] = MS_ATTEMPT_FIELDS;
    for (ms_dataset which = 0; which < MS_DATASET_COUNT; which++) {
        if (is_expected(results, which)) {
            ms_status status = open_dataset(results, which, (double)entry.st_size, error);
            if (status != MS_OK)
                return status;
        }
    }
    if (size[MS_AXIS_MODE] + 1 != size[MS_AXIS_COMPONENT])
        return bad(results, "/mode", "does not fit /component", error);
    if (size[MS_AXIS_PROVENANCE_BLOCK] != size[MS_AXIS_BLOCK])
        return bad(results, "/provenance/block", "does not fit /block/block", error);
    if (size[MS_AXIS_CHECKPOINT_BLOCK] != size[MS_AXIS_BLOCK])
        return bad(results, "/checkpoint/block", "does not fit /block/block", error);
    if (size[MS_AXIS_START] < MS_STARTS)
        return bad(results, "/provenance/start", "has the wrong extent", error);
    return MS_OK;
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
            "%s: is an HDF5 file, but no modeseek results file (no attribute \"format_version\")",
            results->path);
    }
    if (version != MS_RESULTS_FORMAT_VERSION) /* not told by the seal, which says so first */
        return bad(results, "attribute format_version", "is wrong", error);
    results->info.format_version = (uint32_t)version;
    return MS_OK;
}

static ms_status load(ms_results *results, ms_error *error)
{
    int64_t iterations = 0;
    ms_status status = check_format(results, error);
    if (status != MS_OK)
        return status;
    if (!read_attribute(results->file, "iterations", H5T_STD_I64LE, &iterations) || iterations < 0 ||
        (uint64_t)iterations > MS_SWEEP_ITERATIONS_MAX)
        return bad(results, "attribute iterations", "is missing or wrong", error);
    results->info.iterations = (uint64_t)iterations;
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
        return ms_error_set(error, MS_ERROR_IO, "%s: is %s, not a results file", path,
                            S_ISDIR(entry.st_mode) ? "a folder" : "no regular file");
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
        (*results)->archive = seal.archive;
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
    free(results->path);
    free(results);
    return status;
}
