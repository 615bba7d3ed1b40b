/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One dataset of an HDF5 file as an array. */
#include "data/data_set_read.h"

#include "data/file.h"
#include "data/hdf5_quiet.h"
#include "data/hdf5_safe.h"

#include <stdlib.h>
#include <string.h>

static const char signature[] = "\x89HDF\r\n\x1a\n";

static ms_status refuse(ms_diagnostics *diagnostics, const char *path, const char *name, const char *what)
{
    ms_diagnostics_add(diagnostics, path, 0, 0, "%s %s", name, what);
    return MS_ERROR_SWEEP;
}

/* 1 to 3 extents, of no more numbers than are allowed. */
static ms_status find_extents(ms_array *array, hid_t dataset, const char *path, const char *name,
                              ms_diagnostics *diagnostics)
{
    hid_t space = H5Dget_space(dataset);
    hsize_t extent[MS_HDF5_RANK_MAX];
    int rank =
        space >= 0 && H5Sget_simple_extent_type(space) == H5S_SIMPLE ? H5Sget_simple_extent_ndims(space) : 0;
    bool good =
        rank >= 1 && rank <= MS_HDF5_RANK_MAX && H5Sget_simple_extent_dims(space, extent, NULL) == rank;
    if (space >= 0)
        H5Sclose(space);
    if (!good)
        return refuse(diagnostics, path, name, "has a rank other than 1 to 3; give each vector a row");
    array->rank = (size_t)rank;
    array->count = 1;
    for (size_t i = 0; i < array->rank; i++) {
        if (extent[i] == 0 || extent[i] > MS_DATA_NUMBERS_LIMIT / array->count)
            return refuse(diagnostics, path, name, "holds no numbers, or more than 2^28, the limit");
        array->extent[i] = (size_t)extent[i];
        array->count *= array->extent[i];
    }
    return MS_OK;
}

static ms_status read_dataset(ms_array *array, hid_t dataset, const char *path, const char *name,
                              ms_diagnostics *diagnostics)
{
    const char *outside = ms_hdf5_find_outside(dataset);
    if (outside)
        return refuse(diagnostics, path, name, outside);
    if (!ms_hdf5_is_number(dataset))
        return refuse(diagnostics, path, name,
                      "has an unsupported type; store it as float32, or as integers");
    ms_status status = find_extents(array, dataset, path, name, diagnostics);
    if (status != MS_OK)
        return status;
    array->value = malloc(array->count * sizeof *array->value);
    if (!array->value)
        return MS_ERROR_MEMORY;
    if (H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, array->value) >= 0)
        return MS_OK;
    free(array->value);
    array->value = NULL;
    return refuse(diagnostics, path, name, "cannot be read; is the file damaged or truncated?");
}

static ms_status read_named(ms_array *array, hid_t file, const char *path, const char *name,
                            ms_diagnostics *diagnostics)
{
    H5L_info_t link;
    /* a '/' would be taken for a path, on which links are followed */
    if (file < 0)
        return refuse(diagnostics, path, "it", "cannot be read as HDF5; is the file damaged or truncated?");
    if (strchr(name, '/') || H5Lexists(file, name, H5P_DEFAULT) <= 0)
        return refuse(diagnostics, path, name, "is not a dataset at the root of the file; check the name");
    if (H5Lget_info(file, name, &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD)
        return refuse(diagnostics, path, name, "is a link, which is not followed; store the dataset itself");
    hid_t object = H5Oopen(file, name, H5P_DEFAULT);
    ms_status status = object >= 0 && H5Iget_type(object) == H5I_DATASET
                           ? read_dataset(array, object, path, name, diagnostics)
                           : refuse(diagnostics, path, name, "is not a dataset; check the name");
    if (object >= 0)
        H5Oclose(object);
    return status;
}

ms_status ms_array_read_hdf5(ms_array *array, const char *path, const char *name, ms_diagnostics *diagnostics)
{
    char *bytes;
    size_t length;
    *array = (ms_array){.value = NULL};
    ms_status status = ms_file_read(path, MS_DATA_BYTES_LIMIT, &bytes, &length, diagnostics);
    if (status == MS_OK &&
        (length < sizeof signature - 1 || memcmp(bytes, signature, sizeof signature - 1) != 0))
        status = refuse(diagnostics, path, "it", "is no HDF5 file; is it the right one?");
    if (status == MS_OK) {
        ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
        hid_t file = ms_hdf5_open_image(bytes, length);
        status = read_named(array, file, path, name, diagnostics);
        if (file >= 0)
            H5Fclose(file);
        ms_hdf5_quiet_end(quiet);
    }
    free(bytes);
    return status;
}
